//! How findings look.

use loko_source::render::{self, Style};
use loko_source::{Diagnostic, FilePath, Snapshot, Span};

#[test]
fn the_source_is_underlined() {
    let path = FilePath::new("src/shop/system.md").unwrap();
    let snapshot = Snapshot::from_texts([(path.as_str(), "---\nname: Shöp\nrelationships:\n  - ordrs\n---\n")]);
    let at = snapshot.text(path.as_str()).unwrap().find("ordrs").unwrap();
    let finding = Diagnostic::error("unresolved-reference", "`shop` refers to `ordrs`, which does not exist")
        .at(&path, Span::new(at, at + 5), "no such element")
        .help("did you mean `orders`?");
    let shown = render::pretty(&finding, &snapshot, Style::default());
    let expected = "\
error[unresolved-reference]: `shop` refers to `ordrs`, which does not exist
 --> src/shop/system.md:4:5
  |
4 |   - ordrs
  |     ^^^^^ no such element
  |
  = help: did you mean `orders`?
";
    assert_eq!(shown, expected);
    assert!(render::line(&finding, &snapshot).starts_with("src/shop/system.md:4:5: error[unresolved-reference]: "));
    assert_eq!(render::json(&finding, &snapshot)["end_column"], 10);
}

#[test]
fn a_place_outside_the_text_is_shown_at_its_end() {
    let path = FilePath::new("a.md").unwrap();
    let snapshot = Snapshot::from_texts([("a.md", "é")]);
    let finding = Diagnostic::warning("odd", "odd").at(&path, Span::new(1, 99), "");
    assert!(render::pretty(&finding, &snapshot, Style::default()).contains("a.md:1:1"));
}
