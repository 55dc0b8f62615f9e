//! The commands in the README and the book run as printed.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test runs real commands on real folders")]

mod console;

use std::fs;

#[test]
fn the_pages_tell_the_truth() {
    let root = console::repository();
    let mut pages = vec![root.join("README.md")];
    pages.extend(console::markdown_below(&root.join("docs")));
    let mut failures = Vec::new();
    let mut commands = 0;
    for page in pages.iter().filter(|page| page.is_file()) {
        let steps = console::steps(&fs::read_to_string(page).unwrap());
        if steps.is_empty() {
            continue;
        }
        commands += steps.len();
        let folder = tempfile::tempdir().unwrap();
        console::copy(&root.join("examples"), &folder.path().join("examples"));
        for (step, printed) in steps.iter().zip(console::run(folder.path(), &steps)) {
            let fails = match step.expected.is_empty() {
                true => printed.contains("[exit "),
                false => !console::matches(&step.expected, &printed),
            };
            if fails {
                let name = page.strip_prefix(&root).unwrap().display();
                failures.push(format!("{name}:{}: $ {}\n{printed}", step.line, step.command));
            }
        }
    }
    assert!(commands > 0, "the pages show no command at all");
    assert!(
        failures.is_empty(),
        "these commands print something else than their page shows:\n\n{}",
        failures.join("\n\n")
    );
    println!("{commands} commands ran as printed");
}
