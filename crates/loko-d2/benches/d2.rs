//! How fast texts are parsed, formatted and compiled. The texts are made here, so every machine measures the same.

use loko_d2::{NoImports, compile, format, parse};
use loko_source::FilePath;
use std::fmt::Write as _;
use std::hint::black_box;

/// The allocator of the `loko` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// A nested architecture of about `count` objects with as many edges and a half again.
fn architecture(count: usize) -> String {
    let mut text =
        String::from("direction: right\nclasses: {\n  db: {\n    shape: cylinder\n    style.fill: \"#eef\"\n  }\n}\n");
    let systems = count / 50;
    for system in 0..systems {
        let _ = writeln!(text, "system_{system}: System {system} {{");
        for container in 0..7 {
            let _ = writeln!(
                text,
                "  container_{container}: Container {container} (Rust) {{\n    tooltip: Does one thing well"
            );
            for component in 0..6 {
                let _ = writeln!(
                    text,
                    "    component_{component}: Component {component} {{\n      style.stroke-width: 2\n    }}"
                );
            }
            let _ = writeln!(
                text,
                "    component_0 -> component_1: calls\n    component_1 -> component_2: reads (gRPC)\n  }}"
            );
        }
        let _ =
            writeln!(text, "  container_0 -> container_1.component_3: queries {{\n    style.stroke-dash: 3\n  }}\n}}");
    }
    for system in 1..systems {
        let _ = writeln!(text, "system_{}.container_1 -> system_{system}.container_2: publishes", system - 1);
    }
    text
}

/// Objects side by side in one map.
fn flat(count: usize) -> String {
    (0..count).map(|at| format!("node_{at}: Node number {at}\nnode_{at} -> node_{}\n", at / 2)).collect()
}

/// A text that means what it seems to: a broken one would be measured just as well.
fn valid(text: String) -> String {
    let path = FilePath::new("a.d2").expect("a plain name is a path");
    let compiled = compile(&text, &path, &NoImports);
    assert!(compiled.is_valid(), "{:?}", compiled.error_lines());
    text
}

#[divan::bench(args = [5_000, 50_000])]
fn parse_architecture(bencher: divan::Bencher<'_, '_>, count: usize) {
    let text = valid(architecture(count));
    bencher.counter(divan::counter::BytesCount::of_str(&text)).bench(|| parse(black_box(&text)));
}

#[divan::bench]
fn format_architecture(bencher: divan::Bencher<'_, '_>) {
    let text = valid(architecture(5_000));
    bencher.counter(divan::counter::BytesCount::of_str(&text)).bench(|| format(black_box(&text)));
}

/// What is compiled: 5,000 objects, plain or with patterns above them.
const COMPILED: &[&str] = &["architecture", "flat", "flat, *", "architecture, **", "architecture, ** with a filter"];

#[divan::bench(args = COMPILED)]
fn compile_5000(bencher: divan::Bencher<'_, '_>, what: &str) {
    let (architecture, flat) = (|| architecture(5_000), || flat(5_000));
    let text = match what {
        "architecture" => architecture(),
        "flat" => flat(),
        "flat, *" => format!("*.style.fill: red\n(* -> *)[*].style.opacity: 0.5\n{}", flat()),
        "architecture, **" => format!("**.style.fill: red\n(** -> **)[*].style.opacity: 0.5\n{}", architecture()),
        _ => format!(
            "**: {{\n  &shape: cylinder\n  style.fill: red\n}}\n(** -> **)[*]: {{\n  &src: a\n  style.opacity: 0.5\n}}\n{}",
            architecture()
        ),
    };
    let (text, path) = (valid(text), FilePath::new("a.d2").expect("a plain name is a path"));
    bencher.bench(|| compile(black_box(&text), &path, &NoImports));
}
