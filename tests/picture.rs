//! The picture of the README is real output. `UPDATE=1` draws it anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use support::{package, run, stdout, steady};
use test_support::copy_of;

/// A dark terminal whose colours can be read on its ground.
fn terminal() -> anstyle_svg::Term {
    let rgb = |code: u32| {
        let [_, red, green, blue] = code.to_be_bytes();
        anstyle::RgbColor(red, green, blue)
    };
    let plain = [
        0x0d_1117, 0xff_7b72, 0x7e_e787, 0xe3_b341, 0x79_c0ff, 0xd2_a8ff, 0xa5_d6ff, 0xe6_edf3,
    ]
    .map(rgb);
    let mut colours = [plain[0]; 16];
    for (colour, plain) in colours.iter_mut().zip(plain.iter().chain(&plain)) {
        *colour = *plain;
    }
    anstyle_svg::Term::new()
        .palette(anstyle_svg::Palette(colours))
        .fg_color(plain[7].into())
        .bg_color(plain[0].into())
}

#[test]
fn the_picture_shows_what_the_program_prints() {
    let project = copy_of(&package().join("examples/agenix-wrong"));
    let lints = "root-owned-secret,mcp-secret-name-mismatch";
    let arguments = ["--color", "always", "--select", lints, "configuration.nix"];
    let output = steady(&stdout(&run(project.path(), &arguments)));
    // The time differs from run to run.
    let output = output.replace(" in [TIME] ms", "");
    // Two lints make a short picture: that they are selected is not shown.
    let parts = output
        .split(" · ")
        .filter(|part| !part.contains("lints ran"));
    let output = parts.collect::<Vec<_>>().join(" · ");
    assert!(output.contains("\u{1b}[1m"), "{output}");
    let prompt = "\u{1b}[1;32m$\u{1b}[0m mcp-lint configuration.nix\n\n";
    let picture = terminal().render_svg(&format!("{prompt}{output}"));
    let path = package().join("docs/src/picture.svg");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let drawn = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        drawn == picture,
        "docs/src/picture.svg is out of date: run UPDATE=1 cargo test --test picture"
    );
}
