//! Random expressions, some of them with a token too many or too few.

/// A small generator of numbers (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }
}

/// An expression, one time in three with a mistake.
pub(crate) fn expression(random: &mut Random) -> String {
    let mut tokens = Vec::new();
    tokens.extend(["a", ":"].map(str::to_owned));
    expr(random, 4, &mut tokens);
    if random.below(3) == 0 {
        let at = random.below(tokens.len());
        match random.below(3) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at].clone()),
            _ => {
                let other = random.below(tokens.len());
                tokens.swap(at, other);
            }
        }
    }
    let mut text = String::new();
    for token in tokens {
        text.push_str(&token);
        text.push_str(random.pick(&[" ", " ", " ", " ", " ", "\n", "/*c*/", "", ""]));
    }
    text
}

fn add(tokens: &mut Vec<String>, text: &str) {
    tokens.extend(text.split_inclusive(' ').map(str::to_owned));
}

const NAMES: &[&str] = &["a", "a", "b", "c-d", "e'", "map", "_f"];

/// What follows a number begins with no letter or dot here: `7.else` is one mistake to rnix, and
/// so is `0.a`.
const NUMBERS: &[&str] = &["1", "2.5 ", ".5 ", "0 ", "7. ", "00"];

fn name(random: &mut Random) -> &'static str {
    random.pick(NAMES)
}

/// A name that is in scope.
fn variable(random: &mut Random) -> &'static str {
    random.pick(&["a", "a", "map", "toString", "true"])
}

fn expr(random: &mut Random, depth: usize, tokens: &mut Vec<String>) {
    if depth == 0 {
        return simple(random, 0, tokens);
    }
    match random.below(12) {
        0 => {
            add(tokens, "if");
            expr(random, depth - 1, tokens);
            add(tokens, "then");
            expr(random, depth - 1, tokens);
            add(tokens, "else");
            expr(random, depth - 1, tokens);
        }
        1 => {
            add(tokens, "let");
            bindings(random, depth - 1, tokens);
            add(tokens, "in");
            expr(random, depth - 1, tokens);
        }
        2 => {
            // Nix prints `assert` without the parentheses that it needs.
            add(tokens, "with");
            expr(random, depth - 1, tokens);
            add(tokens, ";");
            expr(random, depth - 1, tokens);
        }
        3 => {
            add(
                tokens,
                random.pick(&[
                    "b :",
                    "{ b , c } :",
                    "{ } :",
                    "{ b ? a , ... } @ c :",
                    "c @ { b } :",
                ]),
            );
            expr(random, depth - 1, tokens);
        }
        _ => operation(random, depth, tokens),
    }
}

fn operation(random: &mut Random, depth: usize, tokens: &mut Vec<String>) {
    match random.below(8) {
        0 => {
            // `1 + !a + b` is `1 + !(a + b)`, which this crate does not tell from the other: both
            // are type errors.
            let is_operand = tokens
                .last()
                .is_some_and(|last| "+-*/++".contains(last.trim_end()));
            add(
                tokens,
                if is_operand {
                    "-"
                } else {
                    random.pick(&["-", "!"])
                },
            );
            operation(random, depth.saturating_sub(1), tokens);
        }
        1 => {
            call(random, depth, tokens);
            add(tokens, "?");
            path(random, depth, tokens);
        }
        2..5 if depth > 0 => {
            call(random, depth, tokens);
            add(
                tokens,
                random.pick(&[
                    "+", "-", "*", "/", "++", "//", "==", "!=", "<", "<=", ">", ">=", "&&", "||",
                    "->",
                ]),
            );
            operation(random, depth - 1, tokens);
        }
        _ => call(random, depth, tokens),
    }
}

fn call(random: &mut Random, depth: usize, tokens: &mut Vec<String>) {
    for _ in 0..=random.below(3) {
        select(random, depth, tokens);
    }
}

fn select(random: &mut Random, depth: usize, tokens: &mut Vec<String>) {
    simple(random, depth, tokens);
    if random.below(4) == 0 {
        add(tokens, ".");
        path(random, depth, tokens);
        if random.below(3) == 0 {
            add(tokens, "or");
            simple(random, depth, tokens);
        }
    }
}

fn path(random: &mut Random, depth: usize, tokens: &mut Vec<String>) {
    for number in 0..=random.below(3) {
        if number > 0 {
            add(tokens, ".");
        }
        match random.below(8) {
            0 => add(tokens, random.pick(&["\"x\"", "\"y${a}\"", "or", "\"b\""])),
            1 if depth > 0 => {
                add(tokens, "${");
                expr(random, depth - 1, tokens);
                add(tokens, "}");
            }
            _ => add(tokens, name(random)),
        }
    }
}

fn simple(random: &mut Random, depth: usize, tokens: &mut Vec<String>) {
    let kind = if depth == 0 {
        random.below(4)
    } else {
        random.below(9)
    };
    match kind {
        0 | 1 => add(tokens, variable(random)),
        2 => add(tokens, random.pick(NUMBERS)),
        3 => add(
            tokens,
            random.pick(&[
                "./x", "/y/z", "u/v", "<n>", "<n/m>", "s:t", "\"s\"", "\"$\"", "''t''", "./p${a}q",
            ]),
        ),
        4 => {
            add(tokens, "(");
            expr(random, depth - 1, tokens);
            add(tokens, ")");
        }
        5 => {
            add(tokens, "[");
            for _ in 0..random.below(3) {
                select(random, depth - 1, tokens);
            }
            add(tokens, "]");
        }
        6 => {
            add(tokens, random.pick(&["{", "{", "rec {"]));
            bindings(random, depth - 1, tokens);
            add(tokens, "}");
        }
        7 => {
            let mut inner = Vec::new();
            expr(random, depth - 1, &mut inner);
            tokens.push(format!("\"p$${{{}}}\\n'\"", inner.join(" ")).replace("$$", "$"));
        }
        _ => {
            let mut inner = Vec::new();
            expr(random, depth - 1, &mut inner);
            let between = random.pick(&[
                "\n  x\n    ",
                " ",
                "\n    y'''\n  ",
                "''$ z\n\n ",
                "\n\n   \n  w",
            ]);
            let after = random.pick(&["", "\n", "\n  ", " v", "\n   v\n "]);
            tokens.push(format!("''{between}${{{}}}{after}''", inner.join(" ")));
        }
    }
}

fn bindings(random: &mut Random, depth: usize, tokens: &mut Vec<String>) {
    for _ in 0..random.below(4) {
        match random.below(5) {
            0 => {
                add(tokens, "inherit");
                add(tokens, random.pick(&["map", "a", "true map"]));
                add(tokens, ";");
            }
            1 => {
                add(tokens, "inherit (");
                expr(random, depth.saturating_sub(1), tokens);
                add(tokens, ")");
                add(tokens, name(random));
                add(tokens, ";");
            }
            _ => {
                path(random, depth, tokens);
                add(tokens, "=");
                expr(random, depth, tokens);
                add(tokens, ";");
            }
        }
    }
}
