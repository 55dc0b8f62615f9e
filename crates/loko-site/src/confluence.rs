//! Pages in the storage format of Confluence: XHTML with macros and links of its own
//! (<https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html>). They are made of the Markdown pages:
//! links between pages name them by title, pictures and other files are attachments, which a manifest lists page by page.

use comrak::nodes::{AlertType, AstNode, NodeValue};
use comrak::{Anchorizer, Arena, format_html, parse_document};
use loko_rules::prose as checks;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::links::has_scheme;
use crate::markdown::resolve;
use crate::prose::escape_html;

/// The folder of these pages.
pub(crate) const FOLDER: &str = "confluence";
/// The file that tells whoever uploads the pages what belongs where.
const MANIFEST: &str = "manifest.json";
/// Confluence takes no longer titles.
const TITLE_LETTERS_MAX: usize = 255;

/// The head of a table of two columns without words.
const EMPTY_HEAD: &str = "<thead>\n<tr>\n<th></th>\n<th></th>\n</tr>\n</thead>\n";

/// A Markdown page that one is made of.
pub(crate) struct Source {
    pub path: String,
    pub text: String,
    /// How deep it lies below the page that it belongs to.
    pub depth: usize,
}

/// What the manifest says of a page.
#[derive(Serialize)]
struct Entry {
    file: String,
    title: String,
    /// The title of the page above it; none for the first.
    parent: Option<String>,
    attachments: Vec<Attachment>,
}

/// A file that belongs to a page, under the name that the page calls it by.
#[derive(Clone, Serialize)]
struct Attachment {
    name: String,
    /// Where it lies, from the folder of the pages.
    file: String,
}

/// The pages and their manifest, by path. The first line of each page says its title as a comment.
pub(crate) fn pages(markdown: &[Source]) -> Vec<(String, String)> {
    let titles = titles(markdown);
    let places: BTreeSet<String> = markdown.iter().flat_map(|source| places(&source.text)).collect();
    let mut files = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    // The page of each depth that came last; those of depth 0 lie below the first of all.
    let mut above: Vec<String> = Vec::new();
    for source in markdown {
        let stem = source.path.strip_suffix(".md").unwrap_or(&source.path);
        let title = &titles[&source.path];
        let mut maker = Maker { path: &source.path, titles: &titles, places: &places, attached: BTreeMap::new() };
        let page = maker.page(&source.text);
        let comment = escape_html(title).replace("--", "- -");
        files.push((format!("{FOLDER}/{stem}.xml"), format!("<!-- title: {comment} -->\n{page}")));
        above.truncate(source.depth);
        let parent = above.last().or(entries.first().map(|entry| &entry.title)).cloned();
        above.resize(source.depth, parent.clone().unwrap_or_default());
        above.push(title.clone());
        entries.push(Entry {
            file: format!("{stem}.xml"),
            title: title.clone(),
            parent,
            attachments: maker
                .attached
                .into_iter()
                .map(|(file, name)| Attachment { name, file: format!("../{file}") })
                .collect(),
        });
    }
    let manifest = serde_json::json!({ "pages": entries });
    files.push((format!("{FOLDER}/{MANIFEST}"), format!("{manifest:#}\n")));
    files
}

/// The title of each page; Confluence wants them different within a space, whatever their case.
fn titles(markdown: &[Source]) -> BTreeMap<String, String> {
    let mut taken = BTreeSet::new();
    let mut titles = BTreeMap::new();
    for Source { path, text, .. } in markdown {
        let stem = path.strip_suffix(".md").unwrap_or(path);
        let heading = text.lines().find(|line| line.starts_with("# ")).map(heading_words).unwrap_or_default();
        let cut = |title: &str, most: usize| title.chars().take(most).collect::<String>();
        let mut title = if heading.is_empty() { stem.to_owned() } else { cut(&heading, TITLE_LETTERS_MAX) };
        if !taken.insert(title.to_lowercase()) {
            let apart = format!(" ({stem})");
            title = cut(&title, TITLE_LETTERS_MAX.saturating_sub(apart.chars().count())) + &apart;
            taken.insert(title.to_lowercase());
        }
        titles.insert(path.clone(), title);
    }
    titles
}

/// The words of a heading, without its marks.
fn heading_words(line: &str) -> String {
    let arena = Arena::new();
    words(parse_document(&arena, line, &checks::markdown_options())).trim().to_owned()
}

/// The places that the links of a page name.
fn places(text: &str) -> impl Iterator<Item = String> {
    text.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ']).next()?;
        target.split_once('#').map(|(_, place)| decoded(place))
    })
}

/// Makes one page.
struct Maker<'a> {
    path: &'a str,
    titles: &'a BTreeMap<String, String>,
    /// The places that links of any page name.
    places: &'a BTreeSet<String>,
    /// The files that belong to the page, by path from the root of the output, with their names.
    attached: BTreeMap<String, String>,
}

impl Maker<'_> {
    fn page(&mut self, text: &str) -> String {
        let arena = Arena::new();
        let options = checks::markdown_options();
        let root = parse_document(&arena, text, &options);
        let raw = |text: &str| -> &AstNode<'_> { arena.alloc(NodeValue::Raw(text.to_owned()).into()) };
        let nodes: Vec<&AstNode<'_>> = root.descendants().collect();
        let folding = folding(&nodes);
        let mut anchors = Anchorizer::new();
        let (mut is_first, mut notes, mut tasks) = (true, 0, 0);
        for node in nodes {
            let value = node.data.borrow().value.clone();
            let only = match value {
                // The page has its title already.
                NodeValue::Heading(heading) if heading.level == 1 && std::mem::take(&mut is_first) => {
                    Some(String::new())
                }
                NodeValue::Heading(_) => {
                    let name = anchors.anchorize(&words(node));
                    if self.places.contains(&name) {
                        node.prepend(raw(&anchor(&name)));
                    }
                    None
                }
                NodeValue::CodeBlock(code) => Some(code_macro(&code.info, &code.literal)),
                NodeValue::Link(link) => Some(self.link(&link.url, &words(node))),
                NodeValue::Image(image) => Some(self.image(&image.url, &words(node))),
                NodeValue::HtmlInline(html) => Some(inline(&html)),
                NodeValue::HtmlBlock(block) => Some(html_block(&block.literal, folding.contains(&address(node)))),
                NodeValue::FootnoteReference(reference) => Some(note_mark(reference.ix, reference.ref_num)),
                NodeValue::Alert(alert) => {
                    let title = alert.title.unwrap_or_default();
                    around(
                        node,
                        raw(&panel(&alert.alert_type, &title)),
                        raw("</ac:rich-text-body></ac:structured-macro>\n"),
                    );
                    None
                }
                NodeValue::List(_) if is_tasks(node) => {
                    task_list(node, &mut tasks, &raw);
                    None
                }
                NodeValue::FootnoteDefinition(_) => {
                    notes += 1;
                    if notes == 1 {
                        node.insert_before(raw("<hr />\n"));
                    }
                    let mark = format!("{}<sup>{notes}</sup> ", anchor(&format!("fn-{notes}")));
                    let back = format!(" {}", here(&note_place(notes, 1), "↩"));
                    let first =
                        node.first_child().filter(|child| matches!(child.data.borrow().value, NodeValue::Paragraph));
                    match first {
                        Some(paragraph) => {
                            paragraph.prepend(raw(&mark));
                            paragraph.append(raw(&back));
                            around(node, raw(""), raw(""));
                        }
                        None => around(node, raw(&format!("<p>{mark}{back}</p>\n")), raw("")),
                    }
                    None
                }
                _ => None,
            };
            if let Some(only) = only {
                let children: Vec<&AstNode<'_>> = node.children().collect();
                children.iter().for_each(|child| child.detach());
                node.data.borrow_mut().value = NodeValue::Raw(only);
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
        storage.push_str(&in_storage(rest));
        storage.retain(is_xml);
        storage
    }

    /// A link: to a page by its title, to a file that belongs to the page, or to an address.
    fn link(&mut self, url: &str, text: &str) -> String {
        let words = escape_html(if text.is_empty() { url } else { text });
        let (target, place) = url.split_once('#').map_or((url, ""), |(target, place)| (target, place));
        let place = &decoded(place);
        if target.is_empty() {
            return here(place, if text.is_empty() { url } else { text });
        }
        let local = if is_away(url) { None } else { resolve(self.path, target) };
        let Some(to) = local else {
            return format!("<a href=\"{}\">{words}</a>", escape_html(url));
        };
        let place = if place.is_empty() { String::new() } else { format!(" ac:anchor=\"{}\"", escape_html(place)) };
        match self.titles.get(&to) {
            Some(title) => format!(
                "<ac:link{place}><ri:page ri:content-title=\"{}\" /><ac:link-body>{words}</ac:link-body></ac:link>",
                escape_html(title)
            ),
            None => format!(
                "<ac:link><ri:attachment ri:filename=\"{}\" /><ac:link-body>{words}</ac:link-body></ac:link>",
                escape_html(&self.attach(to))
            ),
        }
    }

    fn image(&mut self, url: &str, text: &str) -> String {
        let local = if is_away(url) { None } else { resolve(self.path, url) };
        let what = match local {
            Some(file) => format!("<ri:attachment ri:filename=\"{}\" />", escape_html(&self.attach(file))),
            None => format!("<ri:url ri:value=\"{}\" />", escape_html(url)),
        };
        format!("<ac:image ac:alt=\"{}\">{what}</ac:image>", escape_html(text))
    }

    /// The name that a file has beside this page: its own, or its whole path where another one has that name.
    fn attach(&mut self, file: String) -> String {
        if let Some(name) = self.attached.get(&file) {
            return name.clone();
        }
        let own = file.rsplit('/').next().unwrap_or(&file).to_owned();
        let is_taken = self.attached.values().any(|name| name.eq_ignore_ascii_case(&own));
        let name = if is_taken { file.replace('/', "-") } else { own };
        self.attached.insert(file, name.clone());
        name
    }
}

/// A place as its page names it.
fn decoded(place: &str) -> String {
    percent_encoding::percent_decode_str(place).decode_utf8_lossy().into_owned()
}

/// Whether an address leads away from the documentation.
fn is_away(url: &str) -> bool {
    has_scheme(url) || url.starts_with("//")
}

/// Whether XML may have a letter.
fn is_xml(letter: char) -> bool {
    !letter.is_control() || matches!(letter, '\t' | '\n' | '\r')
}

/// Puts the children of a block between two others, in its place.
fn around<'a>(node: &'a AstNode<'a>, open: &'a AstNode<'a>, close: &'a AstNode<'a>) {
    node.insert_before(open);
    let children: Vec<&AstNode<'_>> = node.children().collect();
    for child in children {
        node.insert_before(child);
    }
    node.insert_before(close);
    node.detach();
}

/// Whether all items of a list are tasks.
fn is_tasks<'a>(node: &'a AstNode<'a>) -> bool {
    node.children().all(|item| matches!(item.data.borrow().value, NodeValue::TaskItem(_)))
}

/// A list of tasks in the place of a list; paragraphs of a task become its lines.
fn task_list<'a>(list: &'a AstNode<'a>, count: &mut usize, raw: &dyn Fn(&str) -> &'a AstNode<'a>) {
    list.insert_before(raw("<ac:task-list>\n"));
    let items: Vec<&AstNode<'_>> = list.children().collect();
    for item in items {
        *count += 1;
        let is_done = matches!(&item.data.borrow().value, NodeValue::TaskItem(task) if task.symbol.is_some());
        let status = if is_done { "complete" } else { "incomplete" };
        list.insert_before(raw(&format!(
            "<ac:task><ac:task-id>{count}</ac:task-id><ac:task-status>{status}</ac:task-status><ac:task-body>"
        )));
        let blocks: Vec<&AstNode<'_>> = item.children().collect();
        let is_line = |block: &&AstNode<'_>| matches!(block.data.borrow().value, NodeValue::Paragraph);
        let lines = if blocks.iter().all(is_line) { blocks.as_slice() } else { &[] };
        if let Some((first, others)) = lines.split_first() {
            for line in others {
                first.append(raw("<br />"));
                let pieces: Vec<&AstNode<'_>> = line.children().collect();
                pieces.iter().for_each(|piece| first.append(piece));
            }
            list.insert_before(raw(LINE_START));
            list.insert_before(first);
            list.insert_before(raw(LINE_END));
        } else {
            blocks.iter().for_each(|block| list.insert_before(block));
        }
        list.insert_before(raw("</ac:task-body></ac:task>\n"));
    }
    list.insert_before(raw("</ac:task-list>\n"));
    list.detach();
}

/// The beginning of a panel for an alert.
fn panel(kind: &AlertType, title: &str) -> String {
    let name = match kind {
        AlertType::Note => "info",
        AlertType::Tip => "tip",
        AlertType::Important => "note",
        AlertType::Warning | AlertType::Caution => "warning",
    };
    let title = match title {
        "" => String::new(),
        title => format!("<ac:parameter ac:name=\"title\">{}</ac:parameter>", escape_html(title)),
    };
    format!("<ac:structured-macro ac:name=\"{name}\">{title}<ac:rich-text-body>\n")
}

/// A place that links lead to.
fn anchor(id: &str) -> String {
    let id = escape_html(id);
    format!(
        "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">{id}</ac:parameter></ac:structured-macro>"
    )
}

/// A link to a place on the same page.
fn here(place: &str, words: &str) -> String {
    let (place, words) = (escape_html(place), escape_html(words));
    format!("<ac:link ac:anchor=\"{place}\"><ac:link-body>{words}</ac:link-body></ac:link>")
}

/// Where a note is named for the first time, the second, and so on.
fn note_place(note: u32, time: u32) -> String {
    if time < 2 { format!("fnref-{note}") } else { format!("fnref-{note}-{time}") }
}

/// The number of a note in the text, which leads to it.
fn note_mark(note: u32, time: u32) -> String {
    format!("{}<sup>{}</sup>", anchor(&note_place(note, time)), here(&format!("fn-{note}"), &note.to_string()))
}

/// Markup of HTML as storage format has it.
fn in_storage(html: &str) -> String {
    FOREIGN.iter().fold(html.to_owned(), |html, (foreign, storage)| html.replace(foreign, storage))
}

/// What HTML says in a way that is no XML, or no storage format, with what is said instead. None of it can be text, in
/// which `<`, `>` and `"` are escaped.
const FOREIGN: [(&str, &str); 6] = [
    // The tree has paragraphs where a line is meant.
    ("<!--line-->\n<p>", ""),
    ("<!--line--><p>", ""),
    ("</p>\n<!--end-->", ""),
    // A head without words is the head of nothing.
    (EMPTY_HEAD, ""),
    // Tasks among other items of a list.
    ("<input type=\"checkbox\" checked=\"\" disabled=\"\" />", "☑"),
    ("<input type=\"checkbox\" disabled=\"\" />", "☐"),
];

/// Between these stands one paragraph, whose tags are left out.
const LINE_START: &str = "<!--line-->";
const LINE_END: &str = "<!--end-->";

/// Between these, text stands as it is.
const CODE_START: &str = "<![CDATA[";
const CODE_END: &str = "]]>";

/// The tags that stand in a line: a line break, a place that links name, or nothing.
fn inline(html: &str) -> String {
    if html.starts_with("<br") {
        return "<br />".to_owned();
    }
    let id = html.strip_prefix("<a id=\"").and_then(|rest| rest.strip_suffix("\">"));
    // The name is escaped already.
    id.map_or_else(String::new, |id| {
        format!(
            "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">{id}</ac:parameter></ac:structured-macro>"
        )
    })
}

/// What stands for a node while its tree is rebuilt.
fn address(node: &AstNode<'_>) -> usize {
    std::ptr::from_ref(node).addr()
}

/// The blocks of HTML whose `<details>` can be told as they are meant: all that begin among the same blocks end there.
fn folding<'a>(nodes: &[&'a AstNode<'a>]) -> BTreeSet<usize> {
    let mut folding = BTreeSet::new();
    for parent in nodes {
        let (mut depth, mut is_even, mut blocks) = (0_usize, true, Vec::new());
        for child in parent.children() {
            let NodeValue::HtmlBlock(block) = &child.data.borrow().value else { continue };
            blocks.push(address(child));
            for (_, tag) in tags(&block.literal) {
                match tag {
                    "details" => depth += 1,
                    "/details" => {
                        is_even &= depth > 0;
                        depth = depth.saturating_sub(1);
                    }
                    _ => {}
                }
            }
        }
        if is_even && depth == 0 {
            folding.extend(blocks);
        }
    }
    folding
}

/// The tags of HTML by name, those that end something with their `/`, each with the text before it; the last has no name.
fn tags(html: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(html);
    std::iter::from_fn(move || {
        let Some((text, after)) = rest?.split_once('<') else { return rest.take().map(|text| (text, "")) };
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        rest = Some(after);
        Some((text, tag.split_whitespace().next().unwrap_or_default()))
    })
}

const FOLD: &str = "<ac:structured-macro ac:name=\"expand\">";
const FOLD_BODY: &str = "<ac:rich-text-body>\n";
const FOLD_END: &str = "</ac:rich-text-body></ac:structured-macro>\n";

/// A block of HTML: what opens and shuts as a macro that does, all else as a paragraph of its words, since its other tags say
/// nothing here.
fn html_block(html: &str, folds: bool) -> String {
    let mut out = String::new();
    let mut text = String::new();
    // Whether the title of what opens may still come.
    let mut is_head = false;
    for (before, tag) in tags(html) {
        text.push_str(before);
        match tag {
            "summary" if is_head && text.trim().is_empty() => text.clear(),
            "/summary" if is_head => {
                let title = escape_html(unescaped(text.trim()).trim());
                let _ = write!(out, "<ac:parameter ac:name=\"title\">{title}</ac:parameter>{FOLD_BODY}");
                text.clear();
                is_head = false;
            }
            "details" | "/details" if folds => {
                if std::mem::take(&mut is_head) {
                    out.push_str(FOLD_BODY);
                }
                push_paragraph(&mut out, &mut text);
                is_head = tag == "details";
                out.push_str(if is_head { FOLD } else { FOLD_END });
            }
            _ => {}
        }
    }
    if is_head {
        out.push_str(FOLD_BODY);
    }
    push_paragraph(&mut out, &mut text);
    out
}

fn push_paragraph(out: &mut String, text: &mut String) {
    let plain = unescaped(text.trim());
    if !plain.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", escape_html(&plain));
    }
    text.clear();
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// The text below a node.
fn words<'a>(node: &'a AstNode<'a>) -> String {
    let mut text = String::new();
    for inner in node.descendants() {
        match &inner.data.borrow().value {
            NodeValue::Text(piece) => text.push_str(piece),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// Languages by the names that authors give them, with those that the macro knows them by; it refuses to show code in
/// any other.
const LANGUAGES: [(&str, &str); 42] = [
    ("actionscript", "actionscript3"),
    ("bash", "bash"),
    ("c", "cpp"),
    ("c#", "c#"),
    ("c++", "cpp"),
    ("console", "bash"),
    ("cpp", "cpp"),
    ("cs", "c#"),
    ("csharp", "c#"),
    ("css", "css"),
    ("delphi", "delphi"),
    ("diff", "diff"),
    ("erlang", "erl"),
    ("groovy", "groovy"),
    ("html", "xml"),
    ("java", "java"),
    ("javascript", "js"),
    ("js", "js"),
    ("json", "js"),
    ("patch", "diff"),
    ("perl", "perl"),
    ("php", "php"),
    ("powershell", "powershell"),
    ("ps1", "powershell"),
    ("py", "py"),
    ("python", "py"),
    ("rb", "ruby"),
    ("ruby", "ruby"),
    ("sass", "sass"),
    ("scala", "scala"),
    ("scss", "sass"),
    ("sh", "bash"),
    ("shell", "bash"),
    ("sql", "sql"),
    ("svg", "xml"),
    ("text", "text"),
    ("ts", "js"),
    ("typescript", "js"),
    ("vb", "vb"),
    ("xml", "xml"),
    ("yaml", "yml"),
    ("yml", "yml"),
];

fn code_macro(info: &str, code: &str) -> String {
    let language = info.split_whitespace().next().unwrap_or_default();
    let known = LANGUAGES.iter().find(|(name, _)| name.eq_ignore_ascii_case(language)).map(|(_, known)| *known);
    let mut out = "<ac:structured-macro ac:name=\"code\">".to_owned();
    let mut parameter = |name: &str, value: &str| {
        let _ = write!(out, "<ac:parameter ac:name=\"{name}\">{}</ac:parameter>", escape_html(value));
    };
    match known {
        Some(known) => parameter("language", known),
        None if language.is_empty() => {}
        None => {
            parameter("language", "text");
            parameter("title", language);
        }
    }
    // The end of the section cannot stand in it.
    let code = code.trim_end().replace("]]>", "]]]]><![CDATA[>");
    let _ = writeln!(out, "<ac:plain-text-body><![CDATA[{code}]]></ac:plain-text-body></ac:structured-macro>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, depth: usize, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned(), depth }
    }

    fn page(text: &str) -> String {
        pages(&[source("README.md", 0, &format!("# Shop\n\n{text}"))]).swap_remove(0).1
    }

    #[test]
    fn tasks_are_tasks() {
        let made = page(
            "- [x] done *now*\n- [ ] open\n\n  more\n\n1. [ ] numbered\n2. plain\n\n```html\n<input type=\"checkbox\" disabled=\"\" />\n```\n",
        );
        let task = |id: u32, status: &str, body: &str| {
            format!(
                "<ac:task><ac:task-id>{id}</ac:task-id><ac:task-status>{status}</ac:task-status><ac:task-body>{body}</ac:task-body></ac:task>"
            )
        };
        for told in [task(1, "complete", "done <em>now</em>"), task(2, "incomplete", "open<br />more")] {
            assert!(made.contains(&told), "{made}");
        }
        // A list of tasks and others stays a list.
        assert!(made.contains("<ol>") && made.contains("☐"), "{made}");
        // Code is nothing but text, and stays.
        assert_eq!(made.matches("<input type=\"checkbox\" disabled=\"\" />").count(), 1, "{made}");
    }

    #[test]
    fn what_opens_and_shuts_does_so_there_too() {
        let made = page(
            "<details open>\n<summary>Why & <b>how</b></summary>\n\nSome *words*.\n\n<details><summary>More</summary>\n\n- a\n\n</details>\n</details>\n\n> <details>\n>\n> In a quotation.\n>\n> </details>\n",
        );
        let opened = |title: &str| {
            format!(
                "<ac:structured-macro ac:name=\"expand\"><ac:parameter ac:name=\"title\">{title}</ac:parameter><ac:rich-text-body>\n"
            )
        };
        for told in [opened("Why &amp; how") + "<p>Some <em>words</em>.</p>\n", opened("More") + "<ul>\n"] {
            assert!(made.contains(&told), "no `{told}` in {made}");
        }
        let untitled = "<ac:structured-macro ac:name=\"expand\"><ac:rich-text-body>\n<p>In a quotation.</p>";
        assert!(made.contains(untitled), "{made}");
        assert_eq!(made.matches("<ac:rich-text-body>").count(), 3, "{made}");
        assert_eq!(made.matches("</ac:rich-text-body></ac:structured-macro>").count(), 3, "{made}");
        // What is not shut would break the page: its words stay.
        let broken = page("<details>\n<summary>Why</summary>\n\nSome words.\n");
        assert!(broken.contains("<p>Why</p>") && !broken.contains("expand"), "{broken}");
        let astray = page("</details>\n\n<details>\n\nx\n");
        assert!(!astray.contains("ac:"), "{astray}");
    }

    #[test]
    fn notes_lead_there_and_back() {
        let made = page("One[^a] and again[^a].\n\n[^a]: A *note*.\n");
        for told in [
            "<ac:parameter ac:name=\"\">fnref-1</ac:parameter></ac:structured-macro><sup><ac:link ac:anchor=\"fn-1\"><ac:link-body>1</ac:link-body></ac:link></sup>",
            "<ac:parameter ac:name=\"\">fnref-1-2</ac:parameter>",
            "<ac:parameter ac:name=\"\">fn-1</ac:parameter></ac:structured-macro><sup>1</sup> A <em>note</em>. <ac:link ac:anchor=\"fnref-1\"><ac:link-body>↩</ac:link-body></ac:link></p>",
        ] {
            assert!(made.contains(told), "no `{told}` in {made}");
        }
        assert!(!made.contains("<section") && !made.contains("data-"), "{made}");
    }

    #[test]
    fn alerts_are_panels() {
        let kinds =
            [("NOTE", "info"), ("TIP", "tip"), ("IMPORTANT", "note"), ("WARNING", "warning"), ("CAUTION", "warning")];
        for (kind, name) in kinds {
            let made = page(&format!("> [!{kind}]\n> Mind the *gap*.\n>\n> - [ ] step\n"));
            let told = format!(
                "<ac:structured-macro ac:name=\"{name}\"><ac:rich-text-body>\n<p>Mind the <em>gap</em>.</p>\n<ac:task-list>"
            );
            assert!(
                made.contains(&told) && made.contains("</ac:task-list>\n</ac:rich-text-body></ac:structured-macro>"),
                "{made}"
            );
        }
    }

    #[test]
    fn code_has_a_language_that_the_macro_knows() {
        let told = |info: &str| page(&format!("```{info}\nx\n```\n"));
        assert!(told("yaml").contains("<ac:parameter ac:name=\"language\">yml</ac:parameter>"));
        let rust = told("rust");
        assert!(rust.contains("<ac:parameter ac:name=\"language\">text</ac:parameter><ac:parameter ac:name=\"title\">rust</ac:parameter>"), "{rust}");
        assert!(!told("").contains("ac:parameter"));
        assert!(LANGUAGES.is_sorted());
    }

    #[test]
    fn links_pictures_and_code_become_confluences() {
        let pages = pages(&[
            source(
                "README.md",
                0,
                "# Shop\n\nSee [the *API*](containers/shop_api.md#uses).\n\n![A view](diagrams/shop.svg)\n![](https://example.com/a.png)\n\n```rust\nlet x = \"]]>\";\n```\n",
            ),
            source(
                "containers/shop_api.md",
                1,
                "# API\n\n[Home](../README.md), [elsewhere](https://example.com?a&b), [below](#uses), [schema](../files/s.json)\n\n## Uses\n\n\u{1}\n",
            ),
        ]);
        let (home, api) = (&pages[0].1, &pages[1].1);
        assert_eq!(pages[0].0, "confluence/README.xml");
        assert!(home.starts_with("<!-- title: Shop -->\n"), "{home}");
        for told in [
            "<ac:link ac:anchor=\"uses\"><ri:page ri:content-title=\"API\" /><ac:link-body>the API</ac:link-body></ac:link>",
            "<ac:image ac:alt=\"A view\"><ri:attachment ri:filename=\"shop.svg\" /></ac:image>",
            "<ac:image ac:alt=\"\"><ri:url ri:value=\"https://example.com/a.png\" /></ac:image>",
            "]]]]><![CDATA[>",
        ] {
            assert!(home.contains(told), "no `{told}` in {home}");
        }
        for told in [
            "ri:content-title=\"Shop\"",
            "<a href=\"https://example.com?a&amp;b\">elsewhere</a>",
            "<ac:link ac:anchor=\"uses\"><ac:link-body>below</ac:link-body></ac:link>",
            "<ac:link><ri:attachment ri:filename=\"s.json\" /><ac:link-body>schema</ac:link-body></ac:link>",
            "<h2><ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">uses</ac:parameter></ac:structured-macro>Uses</h2>",
        ] {
            assert!(api.contains(told), "no `{told}` in {api}");
        }
        assert!(!home.contains("<h1") && !api.contains('\u{1}'), "{home}{api}");
    }

    #[test]
    fn the_manifest_says_what_belongs_where() {
        let pages = pages(&[
            source("README.md", 0, "# Shop\n\n![](diagrams/shop.svg)\n![](files/a/shop.svg)\n"),
            source("systems/shop.md", 0, "# Shop\n"),
            source("containers/shop_api.md", 1, "# `API`\n"),
            source("components/shop_api_x.md", 2, "# X\n"),
            source("events/README.md", 0, "# Events\n"),
        ]);
        let (path, text) = &pages[5];
        let manifest: serde_json::Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(path, "confluence/manifest.json");
        let told: Vec<(&str, Option<&str>)> = manifest["pages"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|page| (page["title"].as_str().unwrap_or_default(), page["parent"].as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("Shop", None),
                ("Shop (systems/shop)", Some("Shop")),
                ("API", Some("Shop (systems/shop)")),
                ("X", Some("API")),
                ("Events", Some("Shop")),
            ]
        );
        assert_eq!(
            manifest["pages"][0]["attachments"],
            serde_json::json!([
                { "name": "shop.svg", "file": "../diagrams/shop.svg" },
                { "name": "files-a-shop.svg", "file": "../files/a/shop.svg" },
            ])
        );
    }

    #[test]
    fn titles_differ() {
        let long = format!("# {}", "x".repeat(300));
        let all = [
            source("a.md", 0, "# Same"),
            source("b/a.md", 0, "# *same*"),
            source("c.md", 0, &long),
            source("d.md", 0, &long),
        ];
        let titles = titles(&all);
        assert_eq!((titles["a.md"].as_str(), titles["b/a.md"].as_str()), ("Same", "same (b/a)"));
        assert!(titles.values().all(|title| title.chars().count() <= TITLE_LETTERS_MAX));
        assert!(titles["d.md"].ends_with("x (d)"));
    }
}
