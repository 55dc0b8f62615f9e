//! The views of the example workspaces: real files, read as a user's would be.

use crate::properties::assert_sound;
use loko_diagram::Board;
use loko_model::view::{ViewSource, diagram, views};
use loko_source::disk::Workspace;
use std::path::Path;

#[test]
fn every_view_of_the_examples_shows_something() {
    for name in ["hello", "shop", "loko"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
        let workspace = Workspace::open(&root).expect("the example is there");
        let settings = workspace.read_text("loko.toml");
        let scope = loko_model::load::scope(settings.as_ref().map(loko_source::Source::text));
        let (snapshot, _) = workspace.snapshot(&scope).expect("the example can be read");
        let model = loko_model::load(&snapshot).model;
        let all = views(&model);
        assert!(!all.is_empty(), "{name} has views");
        for view in &all {
            let (diagram, findings) = diagram(&model, &snapshot, view);
            assert_eq!(findings, [], "{} of {name}", view.key);
            assert!(diagram.root.objects.len() > 1, "{} of {name} shows next to nothing", view.key);
            assert_sound(&diagram.root, view, name);
            if matches!(view.source, ViewSource::D2(_)) {
                assert!(leads_somewhere(&diagram.root), "{} of {name} draws no element of the model", view.key);
            }
        }
    }
}

fn leads_somewhere(board: &Board) -> bool {
    board.objects.iter().any(|object| object.link.as_deref().is_some_and(|link| link.starts_with("element:")))
}
