//! `lib.systems`: what the name of a system implies. The rest is data of nixpkgs.

use super::support::{option, throw};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, Eval, ExternalKind, Thunk, UnknownId, Value, well_known};

/// The systems for which nixpkgs' flake has packages.
const FLAKE_EXPOSED: [&str; 10] = [
    "x86_64-linux",
    "aarch64-linux",
    "x86_64-darwin",
    "armv6l-linux",
    "armv7l-linux",
    "i686-linux",
    "aarch64-darwin",
    "powerpc64le-linux",
    "riscv64-linux",
    "x86_64-freebsd",
];

/// `lib.systems.doubles.linux` of nixpkgs 25.11.
const LINUX: [&str; 22] = [
    "aarch64-linux",
    "armv5tel-linux",
    "armv6l-linux",
    "armv7a-linux",
    "armv7l-linux",
    "i686-linux",
    "loongarch64-linux",
    "m68k-linux",
    "microblaze-linux",
    "microblazeel-linux",
    "mips-linux",
    "mips64-linux",
    "mips64el-linux",
    "mipsel-linux",
    "powerpc-linux",
    "powerpc64-linux",
    "powerpc64le-linux",
    "riscv32-linux",
    "riscv64-linux",
    "s390-linux",
    "s390x-linux",
    "x86_64-linux",
];

/// `lib.systems.doubles.darwin`
const DARWIN: [&str; 2] = ["x86_64-darwin", "aarch64-darwin"];

static ELABORATE: Builtin = Builtin::new("elaborate", 1, elaborate);
static EQUALS: Builtin = Builtin::new("equals", 2, equals);

/// `lib.systems`
pub(super) fn namespace(evaluator: &mut Evaluator, why: UnknownId) -> Value {
    let mut builder = AttrsBuilder::new();
    builder.open(why);
    for function in [&ELABORATE, &EQUALS] {
        let value = evaluator.partial(function, &[]);
        let value = evaluator.arena.ready(value);
        let name = evaluator.symbol(function.name);
        builder.insert(name, value);
    }
    let exposed: Vec<Thunk> = FLAKE_EXPOSED
        .iter()
        .map(|system| evaluator.string_thunk(system))
        .collect();
    let exposed = evaluator.list(&exposed);
    let exposed = evaluator.arena.ready(exposed);
    let name = evaluator.symbol("flakeExposed");
    builder.insert(name, exposed);
    for name in ["architectures", "examples", "inspect", "parse", "platforms"] {
        let value = evaluator.external_root(&format!("lib.systems.{name}"), ExternalKind::Other);
        let value = evaluator.arena.ready(value);
        let name = evaluator.symbol(name);
        builder.insert(name, value);
    }
    let doubles = doubles(evaluator);
    let doubles = evaluator.arena.ready(doubles);
    let name = evaluator.symbol("doubles");
    builder.insert(name, doubles);
    Value::Attrs(evaluator.arena.attrs(builder))
}

/// `lib.systems.doubles`, which `lib.platforms` is, too: the systems of a kernel. Other groups are external.
pub(super) fn doubles(evaluator: &mut Evaluator) -> Value {
    const OTHERS: [&str; 12] = [
        "aarch", "aarch64", "all", "arm", "freebsd", "i686", "none", "riscv64", "unix", "windows",
        "x86", "x86_64",
    ];
    let why = evaluator.undetermined("a group of systems that is not built in");
    let mut builder = AttrsBuilder::new();
    builder.open(why);
    for (name, systems) in [("linux", &LINUX[..]), ("darwin", &DARWIN[..])] {
        let systems: Vec<Thunk> = { systems.iter() }
            .map(|system| evaluator.string_thunk(system))
            .collect();
        let systems = evaluator.list(&systems);
        let systems = evaluator.arena.ready(systems);
        let name = evaluator.symbol(name);
        builder.insert(name, systems);
    }
    for name in OTHERS {
        let value = evaluator.external_root(&format!("lib.platforms.{name}"), ExternalKind::Other);
        let value = evaluator.arena.ready(value);
        let name = evaluator.symbol(name);
        builder.insert(name, value);
    }
    Value::Attrs(evaluator.arena.attrs(builder))
}

/// `elaborate "x86_64-linux"` or `elaborate { system = …; }`: what the name implies.
fn elaborate(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [system] = arguments(args);
    let value = evaluator.force(system)?;
    let (name, given) = match value {
        Value::String(_) => (evaluator.expect_text(value)?, None),
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        Value::Attrs(set) => match option(evaluator, set, "system")? {
            Some(system) => (evaluator.force_text(system)?, Some(set)),
            None => return Err(evaluator.undetermined("the system of a platform")),
        },
        other => return Err(evaluator.type_error(other, "a string or a set")),
    };
    let Some((machine, kernel)) = name.split_once('-') else {
        return Err(throw(
            evaluator,
            format!("system string '{name}' is not valid"),
        ));
    };
    let why = evaluator.undetermined("what nixpkgs knows of a platform");
    let mut builder = AttrsBuilder::new();
    builder.open(why);
    for (attribute, holds) in predicates(machine, kernel) {
        let attribute = evaluator.symbol(attribute);
        let value = evaluator.arena.ready(Value::Bool(holds));
        builder.insert(attribute, value);
    }
    let name = evaluator.string_thunk(&name);
    builder.insert(well_known::SYSTEM, name);
    let linux_machine = if machine == "aarch64" {
        "arm64"
    } else {
        machine
    };
    let linux_machine = evaluator.string_thunk(linux_machine);
    let attribute = evaluator.symbol("linuxArch");
    builder.insert(attribute, linux_machine);
    let platform = evaluator.arena.attrs(builder);
    Ok(Value::Attrs(match given {
        Some(given) => evaluator.update_sets(platform, given),
        None => platform,
    }))
}

fn predicates(machine: &str, kernel: &str) -> [(&'static str, bool); 18] {
    let arm = machine.starts_with("arm");
    let is_64 = machine.ends_with("64")
        || matches!(
            machine,
            "powerpc64le" | "loongarch64" | "s390x" | "mips64el"
        );
    [
        ("isLinux", kernel == "linux"),
        ("isDarwin", kernel == "darwin"),
        ("isMacOS", kernel == "darwin"),
        ("isFreeBSD", kernel == "freebsd"),
        ("isOpenBSD", kernel == "openbsd"),
        ("isNetBSD", kernel == "netbsd"),
        ("isBSD", kernel.ends_with("bsd")),
        (
            "isUnix",
            !matches!(kernel, "windows" | "none" | "wasi" | "ghcjs"),
        ),
        ("isWindows", kernel == "windows"),
        ("isx86_64", machine == "x86_64"),
        ("isx86_32", machine == "i686"),
        ("isi686", machine == "i686"),
        ("isx86", matches!(machine, "x86_64" | "i686")),
        ("isAarch64", machine == "aarch64"),
        ("isAarch32", arm),
        ("isAarch", arm || machine.starts_with("aarch64")),
        ("is64bit", is_64),
        ("isRiscV64", machine == "riscv64"),
    ]
}

/// `equals a b`: two platforms, by their systems.
fn equals(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [a, b] = arguments(args);
    let (a, b) = (evaluator.force(a)?, evaluator.force(b)?);
    let (a, b) = (
        evaluator.select(a, well_known::SYSTEM)?,
        evaluator.select(b, well_known::SYSTEM)?,
    );
    if evaluator.equal(a, b)? {
        return Err(evaluator.undetermined("whether two platforms of one system are equal"));
    }
    Ok(Value::Bool(false))
}
