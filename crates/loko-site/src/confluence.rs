//! Pages in the storage format of Confluence: XHTML with macros and links of its own
//! (<https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html>). They are made of the Markdown pages:
//! links between pages name them by title, pictures are attachments of the name of their file.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, format_html, parse_document};
use loko_rules::prose as checks;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::markdown::resolve;
use crate::prose::escape_html;

/// The folder of these pages.
pub(crate) const FOLDER: &str = "confluence";

/// The head of a table of two columns without words.
const EMPTY_HEAD: &str = "<thead>\n<tr>\n<th></th>\n<th></th>\n</tr>\n</thead>\n";

/// The pages, by path, of Markdown pages by path. The first line of each says its title as a comment.
pub(crate) fn pages(markdown: &[(String, String)]) -> Vec<(String, String)> {
    let titles = titles(markdown);
    markdown
        .iter()
        .map(|(path, text)| {
            let stem = path.strip_suffix(".md").unwrap_or(path);
            let title = escape_html(&titles[path]).replace("--", "- -");
            (format!("{FOLDER}/{stem}.xml"), format!("<!-- title: {title} -->\n{}", page(path, text, &titles)))
        })
        .collect()
}

/// The title of each page; Confluence wants them different within a space.
fn titles(markdown: &[(String, String)]) -> BTreeMap<String, String> {
    let mut taken = BTreeSet::new();
    let mut titles = BTreeMap::new();
    for (path, text) in markdown {
        let heading = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(path);
        let mut title = heading.replace('\\', "").trim().to_owned();
        if !taken.insert(title.to_lowercase()) {
            title = format!("{title} ({})", path.strip_suffix(".md").unwrap_or(path));
            taken.insert(title.to_lowercase());
        }
        titles.insert(path.clone(), title);
    }
    titles
}

fn page(path: &str, text: &str, titles: &BTreeMap<String, String>) -> String {
    let arena = Arena::new();
    let options = checks::markdown_options();
    let root = parse_document(&arena, text, &options);
    let nodes: Vec<&AstNode<'_>> = root.descendants().collect();
    let mut is_first = true;
    for node in nodes {
        let value = node.data.borrow().value.clone();
        let raw = match value {
            // The page has its title already.
            NodeValue::Heading(heading) if heading.level == 1 && std::mem::take(&mut is_first) => Some(String::new()),
            NodeValue::CodeBlock(code) => Some(code_macro(&code.info, &code.literal)),
            NodeValue::Link(link) => page_link(path, &link.url, &words(node), titles),
            NodeValue::Image(image) => attachment(&image.url, &words(node)),
            NodeValue::HtmlInline(html) => Some(inline(&html)),
            NodeValue::HtmlBlock(_) => Some(String::new()),
            _ => None,
        };
        if let Some(raw) = raw {
            let children: Vec<&AstNode<'_>> = node.children().collect();
            children.iter().for_each(|child| child.detach());
            node.data.borrow_mut().value = NodeValue::Raw(raw);
        }
    }
    let mut out = String::new();
    format_html(root, &options, &mut out).expect("writing to a String does not fail");
    let mut storage = String::with_capacity(out.len());
    let mut rest = out.as_str();
    // Code stays to the letter.
    while let Some((before, code)) = rest.split_once(CODE_START) {
        let (code, after) = code.split_once(CODE_END).unwrap_or((code, ""));
        storage.push_str(&in_storage(before));
        storage.extend([CODE_START, code, CODE_END]);
        rest = after;
    }
    storage + &in_storage(rest)
}

/// Markup of HTML as storage format has it.
fn in_storage(html: &str) -> String {
    FOREIGN.iter().fold(html.to_owned(), |html, (foreign, storage)| html.replace(foreign, storage))
}

/// What HTML says in a way that is no XML, or no storage format, with what is said instead. None of it can be text, in
/// which `<`, `>` and `"` are escaped.
const FOREIGN: [(&str, &str); 6] = [
    // A head without words is the head of nothing.
    (EMPTY_HEAD, ""),
    (" data-footnote-ref>", ">"),
    (" data-footnotes>", ">"),
    (" data-footnote-backref data-footnote-backref-idx=\"", " data-footnote-backref-idx=\""),
    ("<input type=\"checkbox\" checked=\"\" disabled=\"\" />", "☑"),
    ("<input type=\"checkbox\" disabled=\"\" />", "☐"),
];

/// Between these, text stands as it is.
const CODE_START: &str = "<![CDATA[";
const CODE_END: &str = "]]>";

/// The tags that stand in a line: a line break, a place that links name, or nothing.
fn inline(html: &str) -> String {
    if html.starts_with("<br") {
        return "<br />".to_owned();
    }
    let id = html.strip_prefix("<a id=\"").and_then(|rest| rest.strip_suffix("\">"));
    id.map_or_else(String::new, |id| {
        format!(
            "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">{id}</ac:parameter></ac:structured-macro>"
        )
    })
}

/// The text below a node.
fn words<'a>(node: &'a AstNode<'a>) -> String {
    let mut text = String::new();
    for inner in node.descendants() {
        match &inner.data.borrow().value {
            NodeValue::Text(piece) => text.push_str(piece),
            NodeValue::Code(code) => text.push_str(&code.literal),
            _ => {}
        }
    }
    text
}

fn code_macro(info: &str, code: &str) -> String {
    let language = info.split_whitespace().next().unwrap_or_default();
    let mut out = "<ac:structured-macro ac:name=\"code\">".to_owned();
    if !language.is_empty() {
        let _ = write!(out, "<ac:parameter ac:name=\"language\">{}</ac:parameter>", escape_html(language));
    }
    // The end of the section cannot stand in it.
    let code = code.trim_end().replace("]]>", "]]]]><![CDATA[>");
    let _ = writeln!(out, "<ac:plain-text-body><![CDATA[{code}]]></ac:plain-text-body></ac:structured-macro>");
    out
}

fn page_link(from: &str, url: &str, text: &str, titles: &BTreeMap<String, String>) -> Option<String> {
    let (target, anchor) = url.split_once('#').map_or((url, ""), |(target, anchor)| (target, anchor));
    let to = if target.is_empty() { from.to_owned() } else { resolve(from, target)? };
    let title = titles.get(&to)?;
    let anchor = if anchor.is_empty() { String::new() } else { format!(" ac:anchor=\"{}\"", escape_html(anchor)) };
    Some(format!(
        "<ac:link{anchor}><ri:page ri:content-title=\"{}\" /><ac:link-body>{}</ac:link-body></ac:link>",
        escape_html(title),
        escape_html(text),
    ))
}

fn attachment(url: &str, text: &str) -> Option<String> {
    let name = url.rsplit('/').next().filter(|_| !url.contains(':'))?;
    Some(format!(
        "<ac:image ac:alt=\"{}\"><ri:attachment ri:filename=\"{}\" /></ac:image>",
        escape_html(text),
        escape_html(name),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn footnotes_and_tasks_are_xml() {
        let text = "# Shop\n\nOne[^1] and another[^1]\n\n- [x] done\n- [ ] open\n\n[^1]: A note.\n\n\
                    ```html\n<input type=\"checkbox\" disabled=\"\" />\n```\n";
        let page = &pages(&[("README.md".to_owned(), text.to_owned())])[0].1;
        assert!(page.contains("☑") && page.contains("☐"), "{page}");
        // Code is nothing but text, and stays.
        assert_eq!(page.matches("<input type=\"checkbox\" disabled=\"\" />").count(), 1, "{page}");
        assert!(page.contains("A note."), "{page}");
        // Every attribute has a value.
        for tag in page.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
            let outside = tag.split('"').step_by(2).collect::<String>();
            let words = outside.trim_start_matches("!--").split_whitespace().skip(1);
            let is_comment = tag.starts_with("!--");
            assert!(is_comment || words.into_iter().all(|word| word.ends_with('=') || word == "/"), "{tag}");
        }
    }

    #[test]
    fn links_pictures_and_code_become_confluences() {
        let pages = pages(&[
            ("README.md".to_owned(), "# Shop\n\nSee [the *API*](containers/shop_api.md#uses).\n\n![A view](diagrams/shop.svg)\n\n```rust\nlet x = \"]]>\";\n```\n".to_owned()),
            ("containers/shop_api.md".to_owned(), "# API\n\n[Home](../README.md), [elsewhere](https://example.com)\n".to_owned()),
        ]);
        let home = &pages[0].1;
        assert_eq!(pages[0].0, "confluence/README.xml");
        assert!(home.starts_with("<!-- title: Shop -->\n"), "{home}");
        assert!(home.contains("<ac:link ac:anchor=\"uses\"><ri:page ri:content-title=\"API\" /><ac:link-body>the API</ac:link-body></ac:link>"), "{home}");
        assert!(
            home.contains("<ac:image ac:alt=\"A view\"><ri:attachment ri:filename=\"shop.svg\" /></ac:image>"),
            "{home}"
        );
        assert!(
            home.contains("<ac:parameter ac:name=\"language\">rust</ac:parameter>") && home.contains("]]]]><![CDATA[>"),
            "{home}"
        );
        assert!(
            pages[1].1.contains("ri:content-title=\"Shop\"") && pages[1].1.contains("href=\"https://example.com\""),
            "{}",
            pages[1].1
        );
        assert!(!home.contains("<h1"), "{home}");
    }

    #[test]
    fn titles_differ() {
        let all = [("a.md", "# Same"), ("b/a.md", "# Same")].map(|(path, text)| (path.to_owned(), text.to_owned()));
        let titles = titles(&all);
        assert_eq!(titles["a.md"], "Same");
        assert_eq!(titles["b/a.md"], "Same (b/a)");
    }
}
