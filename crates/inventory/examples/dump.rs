//! Prints the inventory's facts, for a look: `cargo run -p inventory --example dump -- PATH`.

use inventory::{BuildOptions, build};

fn main() {
    let paths = std::env::args().skip(1).map(Into::into).collect();
    let started = std::time::Instant::now();
    let built = build(&BuildOptions {
        paths,
        ..BuildOptions::default()
    })
    .expect("a project");
    for host in &built.inventory.hosts {
        println!("host {} {:?} {}", host.name, host.class, host.attribute);
        for secret in &host.secrets {
            println!(
                "  {} {} path={:?} owner={:?} group={:?} mode={:?} file={:?} key={:?}",
                secret.option,
                secret.manager.name,
                secret.path.value,
                secret
                    .effective_owner
                    .value
                    .as_ref()
                    .map(ToString::to_string),
                secret
                    .effective_group
                    .value
                    .as_ref()
                    .map(ToString::to_string),
                secret.mode.value,
                secret
                    .file
                    .value
                    .as_ref()
                    .map(|file| file.as_ref().map(|f| f.display.clone())),
                secret.key.value,
            );
        }
        for reader in &host.readers {
            println!(
                "  reader {} {:?} {:?} {:?} {}",
                reader.via,
                reader.path.value,
                reader.user.value.as_ref().map(ToString::to_string),
                reader.verdict.readable,
                reader.verdict.reason
            );
        }
        for mcp in &host.mcp {
            println!(
                "  mcp {} {} {:?}",
                mcp.user,
                mcp.module,
                mcp.secrets_path.as_ref().map(|p| &p.value)
            );
            for server in &mcp.servers {
                println!(
                    "    {} {:?} {:?} {:?}",
                    server.name, server.enabled.value, server.path.value, server.status
                );
            }
        }
        for user in &host.users {
            println!(
                "  user {} {:?} {:?} {:?}",
                user.name, user.group.value, user.groups.value, user.home.value
            );
        }
        for problem in &host.problems {
            println!("  problem {} {}", problem.code, problem.message);
        }
        println!(
            "  open users={:?} secrets={:?}",
            host.users_open, host.secrets_open
        );
    }
    for problem in &built.inventory.problems {
        println!("problem {} {}", problem.code, problem.message);
    }
    for file in &built.inventory.files {
        println!(
            "file {} {} {:?}",
            file.path.display, file.format, file.state
        );
    }
    println!(
        "{} files read in {:?}",
        built.inventory.files_read,
        started.elapsed()
    );
}
