//! Expressions on which parsers differ.

/// One a line. They name nothing but globals and their own variables.
pub(crate) const CASES: &str = r#"
1
007
1.
.5
1.5e3
1.5E-3
1.e3
0.5
0.
00.5
1e3
1.5.5
9223372036854775807
9223372036854775808
-9223372036854775808
1.0e400
1.0e-400
0.0e-400
a: a.b.c or 1
a: a.b.c or a.d.e
a: a.b or a.c or 1
a: a b or a
a: b: a b or b
a: a or a
or
or 1
{ or = 1; }.or
{ or }: or
let or = 1; in or
a: a.or or 1
a: a.${a}
a: a."b c"."d"
a: a."b${a}c".d
a: a.${"x"}.${''y''}
a: a ? b
a: a ? b.c."d".${a}
a: a ? b ? c
a: (a ? b) ? c
a: !a ? b
a: -a ? b
a: - - a
a: !!a
a: -!a
a: !-a
a: a - -a
a: a -a
a: a-a
a: a - 1 - 2
a: a * -a
a: a + !a
a: !a + a
a: !a == a
a: a == !a
a: a == a == a
a: a == a != a
a: (a == a) == a
a: a < a
a: a < a < a
a: a < a == a
a: a <= a >= a
a: a < a && a
a: a -> a -> a
a: a || a && a || a
a: a // a // a
a: a ++ a ++ a
a: a + a ++ a * a / a - a
a: a ++ a // a
a: !a // a
a: a // !a
a: a ++ -a
a: a + -a * a
a: a && a: a
a: a (a: a)
a: a a: a
a: [ a: a ]
a: [ a (a: a) ]
a: [ a.b a.b or a (a) {} [ ] "" ]
a: [ -a ]
a: [ a -a ]
a: [ a a.b or a a ]
a: [ if a then a else a ]
a: a if a then a else a
a: if a then a else a
a: if a then a else if a then a else a
a: if a then a
a: assert a; a
a: with a; b
a: with a; with b; a
a: with a; map
a: with map; x: with x; a
with map; y
x
{ inherit x; }
{ inherit map; }
{ inherit (map) x y; }
{ inherit (map) "x" ${"y"}; }
{ inherit (map) ${map}; }
{ inherit "map"; }
{ inherit ${"map"}; }
{ inherit; }
{ inherit (map); }
rec { inherit map; x = map; }
rec { inherit (map) a; b = a; }
rec { inherit (b) a; b = a; }
let inherit (b) a; b = 1; in a
let inherit map; in map
let map = 1; in { inherit map; }
let map = 1; in rec { inherit map; x = map; }
rec { a = 1; b = { a = a; c = rec { d = a; a = 2; }; }; }
rec { a = 1; ${toString a} = a; }
{ ${null} = 1; }
{ ${map} = 1; ${map} = 2; }
{ "a${map}b" = 1; }
{ "a" = 1; }
{ ${"a"} = 1; }
{ ${("a")} = 1; }
{ ${"a" + "b"} = 1; }
{ a = 1; a = 2; }
{ a = 1; "a" = 2; }
{ a = 1; ${"a"} = 2; }
{ a = 1; inherit a; }
a: { inherit a; inherit a; }
a: { inherit a; a = 1; }
a: { inherit a; a.b = 1; }
{ a.b = 1; a.c = 2; }
{ a.b = 1; a.b = 2; }
{ a.b = 1; a = 2; }
{ a = 1; a.b = 2; }
{ a = { b = 1; }; a.c = 2; }
{ a.c = 2; a = { b = 1; }; }
{ a = { b = 1; }; a = { c = 2; }; }
{ a = { b = 1; }; a = { b = 2; }; }
{ a = { b = 1; }; a.b = 2; }
{ a = ({ b = 1; }); a.c = 2; }
{ a = rec { b = 1; }; a.c = b; }
{ a = rec { b = 1; }; a = { c = b; }; }
{ a = { b = 1; }; a = rec { c = b; }; }
{ a = { b = map; }; a = rec { c = map; }; }
{ a = rec { b = c; }; a.c = b; }
rec { a.b = c; c = a.b; a.d = c; }
{ a.b.c.d = 1; a.b.c.e = 2; a.f = 3; }
{ a.${map}.b = 1; a.${map}.b = 2; }
{ a.${map} = 1; a.b = 2; }
{ ${map}.a = 1; }
let a.b = 1; a.c = 2; in a
let a = { x = 1; }; a.y = 2; in a
let ${map} = 1; in 2
let a.${map} = 1; in a
let "a b" = 1; in 2
let a = 1; a = 2; in a
let a = b; b = a; in a
let in 1
let a = 1; in a: a
let a = 1
let { body = x; x = 1; }
let { body = 1; x = body; }
let { x = 1; }
{ a, b }: a
{ a, b ? a, ... }: b
{ a, ... }@b: b
b@{ a, ... }: b
{ a, a }: a
{ a }@a: a
a@{ a }: a
a@{ b }@c: a
{ ... }: 1
{ ..., a }: 1
{ }: 1
{ }@a: a
a@{ }: a
{ , a }: 1
{ a b }: 1
{ a ? }: 1
{ a ? b ? 1 }: 1
{ a ? 1, b ? a: a }: a
{ "a" }: 1
a @ { b }: a
a: b: a
a:b
a:b:c
(a:b)
a: b
x:(x)
x:"y"
http://a.b/c?d=e&f
a_b:c
a_b: a_b
mailto:a@b.c
a+b:c
1a:b
"a"
"a${"b"}c"
"${map}"
"a${map}b${map}"
"\n\t\r\\\"\${\a"
"$"
"$$"
"$${map}"
"$$${map}"
"a$"
"\$${map}"
"${
"a
"${map"
''a''
''a${map}b''
''$''
''$$''
''$${map}''
'''''a'''
'''''''
''a'''b''
''a''$b''
''a''${b''
''a''\nb''
''a''\${b''
''a'b''
''a'${map}''
''''
''  ''
''  a  ''
''a
''${map
''a''\''
./a
./a/b
../a
a/b
a/b/c.d
/a
/
~/a
~a
~/
./a/
./a/.
./a//b
./a${map}b
./a/${map}
./${map}
/${map}
~/${map}
a/${map}/b
./a/${map}//b
./a/${map}/
./a${map}${map}
./a ${map}
<a>
<a/b>
<a/b.c>
<a//b>
<a/>
</a>
<>
< a>
a: a<a>a
a: a <b> a
a: b: a<b
a: a/(a)
a: a/ a
a: a /a
a: a / a
a: (a)/(a)
a: 1/(2)
a: a/"x"
a: a/[a]
a: a.b/(a)
a: a//a
a: a//{}
a: a/*c*/a
a: a /**/ a
/* a */ 1
/* a
/***/1
/*/ 1
# a
1 # a
1a
map-1
map -1
map - 1
map -a
a-b: a-b
a'b: a'b
a''b: a''b
_: _
__curPos
{ __curPos = 1; }
__curPos: 1
a: a.__curPos
(1
(1]
(1}
(1;
1)
)
}
]
{ a = 1 }
{ a }
{ a; }
{ = 1; }
{ a.b }
{ a. = 1; }
{ .a = 1; }
{ a = ; }
[ 1 2
[ 1; 2 ]
[ 1, 2 ]
1 + 
+ 1
1 2 +
1 ? a
1.a
{}.a
{}.a or
{}.a.b or 1
rec { }
rec
rec { a = a; }
rec a
(rec { a = 1; }).a
rec { a = 1; }.a
(a: a) 1 2
map (a: a) [ 1 ]
if true then 1 else 2 + 3
assert true; 1 + 2
map map map
map.a map.b
map.a.b or map map
"a" "b"
"a" + "b" + "c"
{ } { }
[ ] [ ]
import ./a { }
builtins.map
a: a @ b
a.b: 1
a: a...b
...
@
:
;
$
$a
${map}
&
a: a & a
a: a | a
^
%
\
`
?
!
=
~
'
a: a = a
a: a => a
a: a =< a
inherit
with
with map
then
in
let
assert
assert true
else
"#;

/// Those with line breaks or unusual characters.
pub(crate) const LONG_CASES: &[&str] = &[
    "''\n  a\n  b\n''",
    "''\n  a\n    b\n  ''",
    "''\n  a\n\n    b\n  c''",
    "''  \n  a\n b''",
    "''a\n  b\n''",
    "''\n\n  a\n''",
    "''\n  \n  a\n    \n''",
    "''\n    \n  ''",
    "''\n\ta\n\tb''",
    "''\n \ta\n \tb''",
    "''\n  a\r\n  b\r\n''",
    "''\r\n  a''",
    "''\n  ${map}\n    a''",
    "''\n    a\n  ${map}''",
    "''${map}\n  a\n''",
    "''  ${map}''",
    "''\n  a ${map}\n    b ${map}\n  ''",
    "''\n  ${map}  \n''",
    "''\n  ${map}\n ''",
    "''\n  ${map} ''",
    "''\n  ''\\n  a\n  b''",
    "''\n  a''\\n  b\n  c''",
    "''\n  ''$a\n    b''",
    "''\n  '''a\n    b''",
    "''\n  $a\n    $$b\n  'c''",
    "''\n  a\n  '${map}\n  ''",
    "''\n  a\n  $''",
    "''\n  a\n  ''$''",
    "''\n  a\n  '' + \"b\"",
    "''\n a''\\t\n  b''",
    "''\n  a\n b'''\n  ''",
    "''\n  é\n   ü''",
    "''\n  a''\\\n  b''",
    "\"a\nb\"",
    "\"a\r\nb\rc\"",
    "\"a\\\nb\"",
    "\"a\\\r\nb\"",
    "\"é${map}ü\"",
    "# a\n1",
    "# a\r1",
    "# a\r\n1",
    "1 # a\r+ 2",
    "# é\n1",
    "{ # a\n a = 1; /* b */ }",
    "a\u{a0}: a",
    "1\u{b}",
    "1\u{c}",
    "1\u{2028}",
    "\u{feff}1",
    "é",
    "a: a\n.b\n.c or\n1",
    "{\n  a = 1;\n\n  b.c = 2;\n}",
    "a: a\n/b",
    "./a\n${map}",
    "./a${map}\n/b",
    "map\n1",
    "a:\na",
    "let\n  a = 1;\nin\na",
];
