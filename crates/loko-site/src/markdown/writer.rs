//! Writing a page of Markdown: paragraphs, headings, tables and lists, and the rows that several pages have in common.

use super::to_markdown;
use crate::frame::FindingView;
use crate::pages::decision::DecisionRow;
use crate::pages::events::EventRow;
use crate::pages::facets::Named;
use crate::pages::values::Entry;
use crate::pages::{Page, PageLink, Ref};
use crate::prose::escape_markdown;
use crate::site::Site;
use std::fmt::Write as _;

/// A page that is being written. Blocks are always one empty line apart.
pub(super) struct Writer<'a> {
    pub(super) site: &'a Site<'a>,
    text: String,
}

impl<'a> Writer<'a> {
    pub(super) fn new(site: &'a Site<'a>) -> Self {
        Self { site, text: String::new() }
    }

    /// The page, ending with a line feed.
    pub(super) fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
        self.text
    }

    /// A block of Markdown that is ready; nothing for an empty one.
    pub(super) fn paragraph(&mut self, markdown: &str) {
        // Spaces at the beginning may mean something: code is indented.
        let block = markdown.trim_start_matches(['\n', '\r']).trim_end();
        if !block.is_empty() {
            self.text.push_str(block);
            self.text.push_str("\n\n");
        }
    }

    /// The heading of the page.
    pub(super) fn title(&mut self, title: &str) {
        self.paragraph(&format!("# {}", escape_markdown(title)));
    }

    /// The heading of a section, by the key of its words.
    pub(super) fn section(&mut self, key: &str) {
        let title = self.site.say(key);
        self.heading(&title);
    }

    /// The heading of a section.
    pub(super) fn heading(&mut self, title: &str) {
        self.paragraph(&format!("## {}", escape_markdown(title)));
    }

    /// The heading of a section that links lead to.
    pub(super) fn place(&mut self, id: &str, title: &str) {
        self.paragraph(&format!("## {}{}", anchor(id), escape_markdown(title)));
    }

    /// The way to the page.
    pub(super) fn crumbs(&mut self, page: &Page) {
        let steps: Vec<String> = page
            .frame
            .crumbs
            .iter()
            .map(|crumb| match &crumb.href {
                Some(href) => link(&crumb.name, href),
                None => escape_markdown(&crumb.name),
            })
            .collect();
        self.paragraph(&steps.join(" / "));
    }

    /// A table without empty columns, or nothing for no rows; heads are keys of words, or what has no words.
    pub(super) fn table(&mut self, heads: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        let kept: Vec<usize> = (0..heads.len()).filter(|at| rows.iter().any(|row| !row[*at].is_empty())).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
        let said = |key: &str| if key.contains('.') { self.site.say(key) } else { key.to_owned() };
        let heads: Vec<String> = heads.iter().map(|key| said(key)).collect();
        let mut table = line(&mut kept.iter().map(|at| heads[*at].as_str()));
        table.push_str(&line(&mut kept.iter().map(|_| "---")));
        for row in rows {
            table.push_str(&line(&mut kept.iter().map(|at| row[*at].as_str())));
        }
        self.paragraph(&table);
    }

    /// Facts as a table of two columns; those that say nothing are left out.
    pub(super) fn facts(&mut self, facts: &[(&str, String)]) {
        let said = facts.iter().filter(|(_, fact)| !fact.is_empty());
        let rows: Vec<Vec<String>> = said.map(|(key, fact)| vec![self.site.say(key), fact.clone()]).collect();
        self.table(&["", " "], &rows);
    }

    /// A list, or nothing for no items.
    pub(super) fn list(&mut self, items: impl IntoIterator<Item = String>) {
        let list: String = items.into_iter().map(|item| format!("- {item}\n")).collect();
        self.paragraph(&list);
    }

    /// A section with a list, or nothing for no items.
    pub(super) fn listed(&mut self, key: &str, items: Vec<String>) {
        if !items.is_empty() {
            self.section(key);
            self.list(items);
        }
    }

    /// Named values, those inside others indented.
    pub(super) fn properties(&mut self, entries: &[Entry]) {
        let mut list = String::new();
        push_entries(&mut list, entries, 0);
        self.paragraph(&list);
    }

    /// What is wrong with what the page tells of.
    pub(super) fn findings(&mut self, findings: &[FindingView]) {
        if !findings.is_empty() {
            self.section("nav.findings");
            self.list(findings.iter().map(|finding| self.finding(finding)).collect::<Vec<_>>());
        }
    }

    /// A finding in one item of a list: how bad, what, where, and what one can do.
    pub(super) fn finding(&self, finding: &FindingView) -> String {
        let severity = match finding.severity {
            "error" => self.site.say("findings.error"),
            "warning" => self.site.say("findings.warning"),
            _ => self.site.say("findings.info"),
        };
        let mut text = format!("**{severity}** {} ({}", ticked(&finding.message), code(&finding.code));
        if let Some(frame) = finding.frames.first() {
            let _ = write!(text, ", {}", code(&format!("{}:{}:{}", frame.path, frame.line, frame.column)));
        }
        text.push(')');
        for note in &finding.notes {
            let _ = write!(text, "<br>{}", ticked(note));
        }
        if let Some(help) = &finding.help {
            let _ = write!(text, "<br>{}: {}", self.site.say("findings.help"), ticked(help));
        }
        text
    }

    /// A table of events.
    pub(super) fn events(&mut self, rows: &[EventRow]) {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let mut name = code_link(&row.name, &row.href);
                if !row.version.is_empty() {
                    let _ = write!(name, " {}", escape_markdown(&row.version));
                }
                vec![name, row.part.clone(), ticked(&row.description), refs(&row.publishers), refs(&row.subscribers)]
            })
            .collect();
        let heads =
            ["column.event", "column.role", "column.what-happened", "column.published-by", "column.heard-of-by"];
        self.table(&heads, &rows);
    }

    /// A decision in a list.
    pub(super) fn decision(&self, row: &DecisionRow) -> String {
        let told = [escape_markdown(&row.status), escape_markdown(&self.site.words.day(&row.date))];
        let told: Vec<String> = told.into_iter().filter(|text| !text.is_empty()).collect();
        let link = link(&row.title, &row.href);
        if told.is_empty() { link } else { format!("{link} ({})", told.join(", ")) }
    }
}

/// A link; plain text where there is nowhere to go.
pub(super) fn link(name: &str, href: &str) -> String {
    if href.is_empty() {
        return escape_markdown(name);
    }
    format!("[{}]({})", escape_markdown(name), to_markdown(href))
}

/// A link whose text is code.
pub(super) fn code_link(name: &str, href: &str) -> String {
    if href.is_empty() { code(name) } else { format!("[{}]({})", code(name), to_markdown(href)) }
}

/// A link to another page with what it says about itself.
pub(super) fn page_link(page: &PageLink) -> String {
    let link = link(&page.name, &page.href);
    if page.description.is_empty() { link } else { format!("{link}: {}", ticked(&page.description)) }
}

/// Links to elements, one after the other.
pub(super) fn refs(list: &[Ref]) -> String {
    list.iter().map(|it| link(&it.name, &it.href)).collect::<Vec<_>>().join(", ")
}

/// A link to an element with what it is part of.
pub(super) fn whole_ref(it: &Ref) -> String {
    let link = link(&it.name, &it.href);
    if it.path.is_empty() { link } else { format!("{link} ({})", escape_markdown(&it.path)) }
}

/// Links to values, one after the other.
pub(super) fn named(list: &[Named]) -> String {
    list.iter().map(|it| link(&it.name, &it.href)).collect::<Vec<_>>().join(", ")
}

/// A place that links lead to.
pub(super) fn anchor(id: &str) -> String {
    format!("<a id=\"{}\"></a>", crate::prose::escape_html(id))
}

/// Text as code; what cannot stand in code everywhere stays text.
pub(super) fn code(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.contains(['`', '|', '\n', '\r']) { escape_markdown(text) } else { format!("`{text}`") }
}

/// Text in which code stands between backticks.
pub(super) fn ticked(text: &str) -> String {
    let text = text.trim();
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return escape_markdown(text);
    }
    let mut told = String::with_capacity(text.len());
    for (at, piece) in pieces.iter().enumerate() {
        if at % 2 == 1 {
            told.push_str(&code(piece));
            continue;
        }
        // Escaping trims, and here the spaces part words.
        let words = escape_markdown(piece);
        let is_apart = |first: Option<char>| first.is_some_and(char::is_whitespace);
        let before = if is_apart(piece.chars().next()) { " " } else { "" };
        let after = if !words.is_empty() && is_apart(piece.chars().last()) { " " } else { "" };
        let _ = write!(told, "{before}{words}{after}");
    }
    told
}

/// Values of a relation, each on a line of its own within a cell.
pub(super) fn settings(entries: &[Entry]) -> String {
    let said = |entry: &Entry| format!("{}: {}", escape_markdown(&entry.key), escape_markdown(&entry.text));
    entries.iter().map(said).collect::<Vec<_>>().join("<br>")
}

fn push_entries(list: &mut String, entries: &[Entry], depth: usize) {
    let indent = "  ".repeat(depth);
    for entry in entries {
        let is_leaf = |entry: &Entry| entry.entries.is_empty() && entry.items.is_empty();
        // A few plain values need no lines of their own.
        let is_flat = entry.items.is_empty() && entry.entries.iter().all(is_leaf);
        let text = if is_flat { flat(entry) } else { escape_markdown(&entry.text) };
        let line = format!("{indent}- **{}:** {text}", escape_markdown(&entry.key));
        list.push_str(line.trim_end());
        list.push('\n');
        if !is_flat {
            push_entries(list, &entry.entries, depth + 1);
            for item in &entry.items {
                let _ = writeln!(list, "{indent}  - {}", flat(item));
            }
        }
    }
}

/// A value in one line.
fn flat(entry: &Entry) -> String {
    let inner = entry.entries.iter().map(|it| format!("{} {}", escape_markdown(&it.key), flat(it)));
    let items = entry.items.iter().map(flat);
    let own = [escape_markdown(&entry.text)];
    own.into_iter().chain(inner).chain(items).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_between_backticks_stays_code() {
        assert_eq!(ticked("`a_b` and *c*, `d`"), "`a_b` and \\*c\\*, `d`");
        assert_eq!(ticked("one ` only"), "one \\` only");
        assert_eq!(ticked("`a|b`"), "a\\|b");
    }

    #[test]
    fn values_inside_others_are_indented() {
        let leaf = |key: &str, text: &str| Entry { key: key.into(), text: text.into(), ..Entry::default() };
        let entries = [
            leaf("Replicas", "3"),
            Entry { key: "Latency".into(), entries: vec![leaf("p50", "5ms"), leaf("p99", "20ms")], ..Entry::default() },
            Entry {
                key: "Pools".into(),
                items: vec![Entry { entries: vec![leaf("Name", "reads"), leaf("Size", "20")], ..Entry::default() }],
                ..Entry::default()
            },
        ];
        let mut list = String::new();
        push_entries(&mut list, &entries, 0);
        assert_eq!(
            list,
            "- **Replicas:** 3\n- **Latency:** p50 5ms, p99 20ms\n- **Pools:**\n  - Name reads, Size 20\n"
        );
    }
}
