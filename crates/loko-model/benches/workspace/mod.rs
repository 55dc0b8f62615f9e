//! A generated workspace, the same for every benchmark.

use loko_source::Snapshot;
use std::fmt::Write as _;

/// A workspace of about `elements` elements: systems of 9 containers of 9 components, each with relations to its
/// neighbours by full and by short names.
pub(crate) fn workspace(elements: usize) -> Snapshot {
    let mut files: Vec<(String, String)> = Vec::new();
    let systems = elements.div_ceil(91);
    for system in 0..systems {
        let folder = format!("src/system-{system:03}");
        let next = format!("system-{:03}", (system + 1) % systems);
        files.push((
            format!("{folder}/system.md"),
            text("system", &format!("System {system}"), std::slice::from_ref(&next)),
        ));
        for container in 0..9 {
            let own = format!("{folder}/container-{container}");
            let other = format!("{next}/container-{container}");
            let beside = format!("container-{}", (container + 1) % 9);
            files.push((
                format!("{own}/container.md"),
                text("container", &format!("Container {container}"), &[other, beside]),
            ));
            for component in 0..9 {
                let to = format!("{next}/container-{container}/component-{component}");
                let near = format!("component-{}", (component + 1) % 9);
                files.push((
                    format!("{own}/component-{component}/component.md"),
                    text("component", &format!("Component {component}"), &[to, near]),
                ));
            }
        }
    }
    Snapshot::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

fn text(kind: &str, name: &str, targets: &[String]) -> String {
    let mut text = format!(
        "---\nname: {name}\nkind: {kind}\ndescription: Does what a {kind} does, and does it well.\ntechnology: Rust, Axum\ntags: [core, synthetic]\nowner: team-{kind}\nrelationships:\n"
    );
    for target in targets {
        let _ = write!(
            text,
            "  - to: {target}\n    description: Asks for what it needs\n    technology: HTTPS\n    type: sync\n    timeout: 500ms\n"
        );
    }
    text.push_str("---\n# About\n\nSome prose on what this is, why it is there and what one should know.\n");
    text
}
