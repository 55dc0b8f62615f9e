//! Reading cases and printing models, for the tests of this folder.

#![allow(dead_code, reason = "each test uses a part")]

use loko_model::{DeploymentNode, Element, ElementIx, Model, Relation, Value};
use loko_source::{Diagnostic, FilePath, LineIndex, Place, Snapshot, Source};
use std::fmt::Write as _;

/// A case: its text with the workspace in it.
pub(crate) struct Case<'t> {
    text: &'t str,
    files: Vec<(String, Vec<u8>)>,
}

impl<'t> Case<'t> {
    /// Reads a case.
    pub(crate) fn parse(text: &'t str) -> Result<Self, String> {
        let mut files = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("## ") {
                break;
            }
            let Some(path) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) else { continue };
            let fence = lines.next().ok_or("a path stands at the end")?;
            let ticks = fence.len() - fence.trim_start_matches('`').len();
            if ticks < 3 {
                return Err(format!("no block follows `{path}`"));
            }
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != &fence[..ticks]).collect();
            files.push((path.to_owned(), bytes(&block, &fence[ticks..])));
        }
        Ok(Self { text, files })
    }

    /// The workspace.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (path, bytes) in &self.files {
            let path = FilePath::new(path).expect("cases name files inside the workspace");
            snapshot.insert(path, Source::from_bytes(bytes.clone()));
        }
        snapshot
    }

    /// The case with other expectations.
    pub(crate) fn with_expected(&self, findings: &str, model: &str) -> String {
        let input = self.text.find("\n## Findings").map_or(self.text.trim_end(), |at| self.text[..at].trim_end());
        format!("{input}\n\n## Findings\n\n```text\n{findings}```\n\n## Model\n\n```text\n{model}```\n")
    }
}

fn bytes(lines: &[&str], info: &str) -> Vec<u8> {
    let has = |word: &str| info.split_whitespace().any(|other| other == word);
    let mut text = lines.join(if has("crlf") { "\r\n" } else { "\n" });
    if !lines.is_empty() && !has("cut") {
        text.push_str(if has("crlf") { "\r\n" } else { "\n" });
    }
    if has("tabs") {
        text = text.replace("→", "\t");
    }
    if has("nul") {
        text = text.replace('␀', "\0");
    }
    if has("bom") {
        text.insert(0, '\u{feff}');
    }
    if has("latin1") {
        return text.chars().map(|character| u8::try_from(character as u32).expect("a Latin-1 character")).collect();
    }
    text.into_bytes()
}

fn at(snapshot: &Snapshot, place: &Place) -> String {
    let text = snapshot.text(place.path.as_str()).expect("places are in files of the workspace");
    let start = LineIndex::new(text).line_column(place.span.start as usize);
    format!("{}:{}:{}", place.path, start.line, start.column)
}

/// Findings as text: place, severity, code, message, the text underlined, then what else is said.
pub(crate) fn findings(snapshot: &Snapshot, findings: &[Diagnostic]) -> String {
    let mut out = String::new();
    for finding in findings {
        let place = finding.primary.as_ref().map_or_else(|| "-".to_owned(), |label| at(snapshot, &label.place));
        let _ = writeln!(out, "{place}: {}[{}]: {}", finding.severity.name(), finding.code, finding.message);
        for (label, mark) in
            finding.primary.iter().map(|label| (label, "^")).chain(finding.secondary.iter().map(|label| (label, "-")))
        {
            let text = snapshot.text(label.place.path.as_str()).expect("places are in files of the workspace");
            let underlined = text.get(label.place.span.range()).expect("spans cut no characters");
            let place = if mark == "-" { format!("{} ", at(snapshot, &label.place)) } else { String::new() };
            let _ = writeln!(out, "  {mark} {place}{underlined:?} {}", label.text);
        }
        for note in &finding.notes {
            let _ = writeln!(out, "  note: {note}");
        }
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "  help: {help}");
        }
        if let Some(fix) = &finding.fix {
            let edits: Vec<String> = fix
                .edits
                .iter()
                .map(|(path, edit)| format!("{} {:?}", at(snapshot, &Place::new(path.clone(), edit.span)), edit.text))
                .collect();
            let _ = writeln!(out, "  fix ({:?}): {} [{}]", fix.applicability, fix.title, edits.join(", "));
        }
    }
    out
}

/// A model as text, a line for each thing, what is empty left out.
pub(crate) fn dump(snapshot: &Snapshot, model: &Model) -> String {
    let mut out = String::new();
    if snapshot.text("loko.toml").is_some() {
        let project = serde_json::to_string(&model.project).expect("a project is JSON");
        let _ = writeln!(out, "project {project}");
    }
    for ix in model.ids() {
        element(&mut out, snapshot, model, ix);
    }
    for environment in &model.environments {
        let _ = writeln!(out, "environment {} {:?} {}", environment.id, environment.name, environment.description);
        nodes(&mut out, model, &environment.nodes, 1);
    }
    for view in &model.selections {
        let scope = view.scope.map_or("-", |ix| &model.element(ix).id);
        let _ = writeln!(out, "selected view {} {:?} scope={scope} {}", view.id, view.name, view.description);
        for (key, all) in [("include", &view.include), ("exclude", &view.exclude), ("relations", &view.relations)] {
            all.iter()
                .for_each(|picked| writeln!(out, "  {key} {}", picked.select.text()).expect("a String takes all"));
        }
    }
    for view in &model.dynamics {
        let scope = view.scope.map_or("-", |ix| &model.element(ix).id);
        let _ = writeln!(
            out,
            "view {} {:?} scope={scope} sequence={} {}",
            view.id, view.name, view.sequence, view.description
        );
        for step in &view.steps {
            let (from, to) = (&model.element(step.source).id, &model.element(step.target).id);
            let response = if step.response { " response" } else { "" };
            let _ = writeln!(
                out,
                "  {} {from} -> {to} {:?} [{}] {}{response}",
                step.number,
                step.description,
                step.technology,
                step.kind.name()
            );
        }
    }
    for decision in &model.decisions {
        let about: Vec<&str> = decision.elements.iter().map(|ix| model.element(*ix).id.as_str()).collect();
        let _ = writeln!(
            out,
            "decision {} {:?} {:?} status={:?} date={:?} {about:?}",
            decision.id, decision.number, decision.title, decision.status, decision.date
        );
    }
    out
}

fn element(out: &mut String, snapshot: &Snapshot, model: &Model, ix: ElementIx) {
    let element = model.element(ix);
    let _ = write!(out, "{} {} {:?}", element.kind.name(), element.id, element.name);
    if element.external {
        let _ = write!(out, " external");
    }
    if let Some(shape) = element.shape {
        let _ = write!(out, " shape={}", shape.name());
    }
    if !element.technology.is_empty() {
        let _ = write!(out, " [{}]", element.technology);
    }
    out.push('\n');
    details(out, element);
    let text = snapshot.text(element.file.as_str()).unwrap_or("");
    let prose = text.get(element.body.range()).expect("spans cut no characters").trim();
    if !prose.is_empty() {
        let _ = writeln!(out, "  prose: {prose:?}");
    }
    for relation in model.outgoing(ix) {
        relation_line(out, snapshot, model, model.relation(*relation));
    }
}

fn details(out: &mut String, element: &Element) {
    let mut line = |name: &str, value: String| {
        if !value.is_empty() && value != "[]" && value != "{}" {
            let _ = writeln!(out, "  {name}: {value}");
        }
    };
    line("description", element.description.clone());
    line("tags", format!("{:?}", element.tags));
    line("owner", element.owner.clone().unwrap_or_default());
    let links: Vec<String> = element.links.iter().map(|link| format!("{}={}", link.title, link.url)).collect();
    line("links", links.join(" "));
    line("code", format!("{:?}", element.code));
    line("code_annotations", format!("{:?}", element.code_annotations));
    line("dependencies", format!("{:?}", element.dependencies));
    line("behaviour", values(&element.behaviour));
    line("metadata", values(&element.metadata));
    line("d2", element.d2.as_ref().map(ToString::to_string).unwrap_or_default());
}

fn values(values: &indexmap::IndexMap<String, Value>) -> String {
    serde_json::to_string(values).expect("values are JSON")
}

fn relation_line(out: &mut String, snapshot: &Snapshot, model: &Model, relation: &Relation) {
    let arrow = if relation.bidirectional { "<->" } else { "->" };
    let _ = write!(
        out,
        "  {arrow} {} {:?} {}",
        model.element(relation.target).id,
        relation.description,
        relation.kind.name()
    );
    if !relation.technology.is_empty() {
        let _ = write!(out, " [{}]", relation.technology);
    }
    if let Some(event) = &relation.event {
        let _ = write!(out, " event={event}");
    }
    if !relation.tags.is_empty() {
        let _ = write!(out, " tags={:?}", relation.tags);
    }
    for (name, map) in [("behaviour", &relation.behaviour), ("metadata", &relation.metadata)] {
        if !map.is_empty() {
            let _ = write!(out, " {name}={}", values(map));
        }
    }
    let _ = writeln!(out, " ({:?} {} {})", relation.origin, relation.id, at(snapshot, &relation.place));
}

fn nodes(out: &mut String, model: &Model, all: &[DeploymentNode], depth: usize) {
    let indent = "  ".repeat(depth);
    for node in all {
        let _ = writeln!(
            out,
            "{indent}node {:?} x{} [{}] {:?} {}",
            node.name, node.count, node.technology, node.tags, node.description
        );
        for instance in &node.instances {
            let _ = writeln!(out, "{indent}  {} x{}", model.element(instance.of).id, instance.replicas);
        }
        nodes(out, model, &node.nodes, depth + 1);
    }
}
