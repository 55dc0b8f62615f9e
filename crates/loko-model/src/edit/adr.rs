//! Decisions written: new ones, another status, another one's place, what they are about.
//!
//! A file keeps its form: a status that stands in front matter is changed there, one in a `Status` section or a line
//! `Status: …` there. New files follow those that are there: Nygard's form and numbers for adr-tools, dates before names
//! for log4brains, MADR's otherwise.

use super::draft::Draft;
use super::front::Front;
use super::{Plan, Refusal, RefusalKind, find, lines, update, yaml};
use crate::decision::{self, SUPERSEDED_BY, SUPERSEDES};
use crate::load::decisions::{ADR_TOOLS_FILE, LOG4BRAINS_FILE, folders, labelled};
use crate::{Decision, DecisionState, Loaded, name};
use loko_source::suggest::{nearest_of, question};
use loko_source::{Diagnostic, FilePath, Snapshot, Span, TextEdit};

/// Forms of new decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Front matter, and sections for the context, the options and the outcome.
    Madr,
    /// Sections for status, context, decision and consequences.
    Nygard,
}

/// The wish for a new decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewDecision {
    /// The title.
    pub title: String,
    /// Its status; proposed when nothing is said.
    pub status: Option<DecisionState>,
    /// The date to write, `2026-11-21`.
    pub date: String,
    /// The elements it is about.
    pub elements: Vec<String>,
    /// Decisions that it takes the place of.
    pub supersedes: Vec<String>,
    /// Its form; that of those there are when nothing is said.
    pub form: Option<Form>,
}

/// The decision that a reference means.
pub fn decision<'m>(loaded: &'m Loaded, written: &str) -> Result<&'m Decision, Refusal> {
    let decisions = &loaded.model.decisions;
    match decision::find(decisions, written).as_slice() {
        [only] => Ok(&decisions[*only]),
        [] => Err(unknown(decisions, written)),
        several => {
            let message = format!("`{written}` means {} decisions", several.len());
            let found = several.iter().map(|at| &decisions[*at]);
            let finding = found.fold(Diagnostic::error("ambiguous-decision", message), |finding, it| {
                finding.and(&it.file, Span::at(0), format!("`{}`", it.id))
            });
            Err(Refusal::new(RefusalKind::Ambiguous, finding.help("name one by its file name")))
        }
    }
}

fn unknown(decisions: &[Decision], written: &str) -> Refusal {
    let known = decisions.iter().flat_map(|it| [(it.id.as_str(), &it.file), (it.title.as_str(), &it.file)]);
    let near: Vec<&str> = nearest_of(written, known).into_iter().map(|(name, _)| name).collect();
    let help = match question(&near) {
        Some(help) => help,
        None if decisions.is_empty() => "there are none yet; `loko adr new TITLE` writes the first".to_owned(),
        None => "`loko adr list` shows all; name one by its number or file name".to_owned(),
    };
    Refusal::not_found(Diagnostic::error("unknown-decision", format!("there is no decision `{written}`")).help(help))
}

/// Writes a new decision.
pub fn new_decision(snapshot: &Snapshot, loaded: &Loaded, wish: &NewDecision) -> Result<Plan, Refusal> {
    let title = wish.title.trim();
    find::check_name(title)?;
    let slug = find::key_for(title, "decision")?;
    let decisions = &loaded.model.decisions;
    if let Some(known) = decisions.iter().find(|it| name::slug(&it.title) == slug) {
        return already(known, title);
    }
    let elements: Vec<String> = wish
        .elements
        .iter()
        .map(|written| find::element(&loaded.model, written).map(|ix| loaded.model.element(ix).id.to_string()))
        .collect::<Result<_, _>>()?;
    let replaced: Vec<&Decision> =
        wish.supersedes.iter().map(|written| decision(loaded, written)).collect::<Result<_, _>>()?;
    let folder = home(snapshot, loaded);
    let beside: Vec<&Decision> = decisions.iter().filter(|it| it.file.folder() == folder).collect();
    let by_date = match beside.last() {
        Some(last) => last.number.is_none() && last.id.starts_with(|c: char| c.is_ascii_digit()),
        None => snapshot.text(LOG4BRAINS_FILE).is_some(),
    };
    let number = beside.iter().filter_map(|it| it.number).max().unwrap_or(0) + 1;
    let (id, number) = match by_date {
        true => (format!("{}-{slug}", wish.date.replace('-', "")), None),
        false => (format!("{number:04}-{slug}"), Some(number)),
    };
    let path = FilePath::below(&folder, &format!("{id}.md"))
        .map_err(|error| Refusal::invalid(Diagnostic::error("invalid-path", error.to_string())))?;
    let form = wish.form.unwrap_or_else(|| form_of(snapshot, &beside));
    let state = wish.status.unwrap_or(DecisionState::Proposed);
    let text = match form {
        Form::Madr => madr(wish, state, &elements, &replaced),
        Form::Nygard => nygard(wish, number, state, &elements, &replaced),
    };
    let mut draft = Draft::new(snapshot);
    let mut summary = vec![format!("writes the decision `{id}` in {path}")];
    for old in &replaced {
        let label = number.map_or_else(|| title.to_owned(), |number| format!("{number}. {title}"));
        set_status(&mut draft, old, &superseded_by(&label, &link(&old.file, &path)), None)?;
        summary.push(format!("marks `{}` as superseded", old.id));
    }
    draft.create(path, text);
    Ok(Plan { changes: draft.finish()?, summary, created: vec![id], ..Plan::default() })
}

/// A decision of that title is there: fine when the wish says nothing else.
fn already(known: &Decision, title: &str) -> Result<Plan, Refusal> {
    if known.title == title {
        return Ok(Plan::nothing(format!("there is a decision `{}` of that title already", known.id)));
    }
    let message = format!("`{}` has nearly the same title: {}", known.id, known.title);
    let finding = Diagnostic::error("exists", message).at(&known.file, Span::at(0), "stands here");
    Err(Refusal::exists(finding.help("change that one, or choose a title that tells them apart")))
}

/// The folder for new decisions: the one that settings name, else where there are some, else the usual one.
fn home(snapshot: &Snapshot, loaded: &Loaded) -> String {
    let all = folders(&loaded.model.project, snapshot);
    let named = all.len() - crate::load::decisions::FOLDERS.len();
    let usual =
        || all[named..].iter().find(|folder| loaded.model.decisions.iter().any(|it| it.file.folder() == *folder));
    let set = loaded.model.project.decisions.clone().or_else(|| {
        let settings = [ADR_TOOLS_FILE, LOG4BRAINS_FILE].iter().any(|file| snapshot.text(file).is_some());
        settings.then(|| all.first().cloned()).flatten()
    });
    set.or_else(|| usual().cloned()).unwrap_or_else(|| crate::load::decisions::FOLDERS[0].to_owned())
}

fn form_of(snapshot: &Snapshot, beside: &[&Decision]) -> Form {
    let is_nygard = |it: &&Decision| {
        let text = snapshot.text(it.file.as_str()).unwrap_or("");
        status_section(text, it.body).is_some()
    };
    match beside.last() {
        Some(last) if is_nygard(last) => Form::Nygard,
        None if snapshot.text(ADR_TOOLS_FILE).is_some() => Form::Nygard,
        _ => Form::Madr,
    }
}

fn madr(wish: &NewDecision, state: DecisionState, elements: &[String], replaced: &[&Decision]) -> String {
    let mut front = format!("status: {}\ndate: {}\n", state.name(), wish.date);
    front += &list_line("elements", elements);
    front += &list_line("supersedes", &replaced.iter().map(|it| it.id.clone()).collect::<Vec<_>>());
    format!(
        "---\n{front}---\n# {}\n\n## Context and problem statement\n\n<!-- What makes a decision necessary? -->\n\n\
         ## Considered options\n\n- \n- \n\n## Decision outcome\n\n<!-- Which option, and why? -->\n\n### Consequences\n\n\
         - Good, because \n- Bad, because \n",
        wish.title.trim()
    )
}

fn nygard(
    wish: &NewDecision,
    number: Option<u32>,
    state: DecisionState,
    elements: &[String],
    replaced: &[&Decision],
) -> String {
    let front = list_line("elements", elements);
    let front = if front.is_empty() { front } else { format!("---\n{front}---\n") };
    let title =
        number.map_or_else(|| wish.title.trim().to_owned(), |number| format!("{number}. {}", wish.title.trim()));
    let mut status = capitalised(state.name());
    for old in replaced {
        let number = old.number.map(|number| format!("{number}. ")).unwrap_or_default();
        status += &format!("\n\nSupersedes [{number}{}]({})", old.title, format_args!("{}.md", old.id));
    }
    format!(
        "{front}# {title}\n\nDate: {}\n\n## Status\n\n{status}\n\n## Context\n\n<!-- What makes a decision necessary? -->\n\n\
         ## Decision\n\n<!-- What is done? -->\n\n## Consequences\n\n<!-- What becomes easier, what harder? -->\n",
        wish.date
    )
}

fn list_line(key: &str, texts: &[String]) -> String {
    let written: Vec<String> = texts.iter().map(|text| yaml::flow_scalar(text)).collect();
    if written.is_empty() { String::new() } else { format!("{key}: [{}]\n", written.join(", ")) }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn superseded_by(label: &str, link: &str) -> String {
    format!("superseded by [{label}]({link})")
}

/// A link from one decision to another: decisions mostly lie side by side.
fn link(from: &FilePath, to: &FilePath) -> String {
    if from.folder() == to.folder() { to.file_name().to_owned() } else { format!("/{to}") }
}

/// Gives a decision another status, and with it the day when that was decided.
pub fn set_decision_state(
    snapshot: &Snapshot,
    loaded: &Loaded,
    written: &str,
    state: DecisionState,
    date: Option<&str>,
) -> Result<Plan, Refusal> {
    let decision = decision(loaded, written)?;
    if decision.state == state {
        return Ok(Plan::nothing(format!("`{}` is {} already", decision.id, state.name())));
    }
    if decision.state == DecisionState::Superseded && state == DecisionState::Accepted {
        let message = format!("`{}` is {}", decision.id, decision.status);
        let finding = Diagnostic::error("superseded-decision", message).at(&decision.file, Span::at(0), "");
        let help = "write a new decision: `loko adr new TITLE --supersedes …`; or change the status by hand";
        return Err(Refusal::invalid(finding.help(help)));
    }
    let mut draft = Draft::new(snapshot);
    set_status(&mut draft, decision, state.name(), date)?;
    let summary = vec![format!("marks `{}` as {}", decision.id, state.name())];
    Ok(Plan { changes: draft.finish()?, summary, ..Plan::default() })
}

/// Puts one decision in the place of another; both say so.
pub fn supersede(snapshot: &Snapshot, loaded: &Loaded, old: &str, new: &str) -> Result<Plan, Refusal> {
    let (old, new) = (decision(loaded, old)?, decision(loaded, new)?);
    if old.id == new.id {
        let message = format!("`{}` cannot take its own place", old.id);
        return Err(Refusal::invalid(Diagnostic::error("self-reference", message).help("name the decision that does")));
    }
    if new.linked(SUPERSEDED_BY).any(|id| id == old.id) {
        let message =
            format!("`{}` is superseded by `{}` already; not both can take the other's place", new.id, old.id);
        return Err(Refusal::invalid(
            Diagnostic::error("decision-cycle", message).at(&new.file, Span::at(0), "").help("look at `loko adr show`"),
        ));
    }
    let told = (old.linked(SUPERSEDED_BY).any(|id| id == new.id), new.linked(SUPERSEDES).any(|id| id == old.id));
    if told == (true, true) {
        return Ok(Plan::nothing(format!("`{}` is superseded by `{}` already", old.id, new.id)));
    }
    let mut draft = Draft::new(snapshot);
    let label = |it: &Decision| it.number.map_or_else(|| it.title.clone(), |number| format!("{number}. {}", it.title));
    if !told.0 {
        set_status(&mut draft, old, &superseded_by(&label(new), &link(&old.file, &new.file)), None)?;
    }
    if !told.1 {
        let text = draft.text(&new.file)?;
        match status_section(text, new.body).filter(|_| !has_front_status(text)) {
            Some(span) => {
                let newline = lines::newline(text);
                let line = format!("{newline}{newline}Supersedes [{}]({})", label(old), link(&new.file, &old.file));
                draft.edit(&new.file, TextEdit::insert(span.range().end, line));
            }
            None => {
                let unfit = |error| update::unfit(&new.file, &error);
                let front = Front::read(text).map_err(unfit)?;
                draft.edit_all(&new.file, front.list_add("supersedes", std::slice::from_ref(&old.id)).map_err(unfit)?);
            }
        }
    }
    let summary = vec![format!("marks `{}` as superseded by `{}`", old.id, new.id)];
    Ok(Plan { changes: draft.finish()?, summary, ..Plan::default() })
}

/// Says that a decision is about elements, or with `is_off` that it is not.
pub fn link_decision(
    snapshot: &Snapshot,
    loaded: &Loaded,
    written: &str,
    elements: &[String],
    is_off: bool,
) -> Result<Plan, Refusal> {
    let decision = decision(loaded, written)?;
    let model = &loaded.model;
    let mut draft = Draft::new(snapshot);
    let text = draft.text(&decision.file)?;
    let unfit = |error| update::unfit(&decision.file, &error);
    let front = Front::read(text).map_err(unfit)?;
    let present = front.texts("elements");
    let mut changed = Vec::new();
    for element in elements {
        let ix = find::element(model, element)?;
        let id = model.element(ix).id.to_string();
        let names = present.iter().filter(|text| find::element(model, text).is_ok_and(|found| found == ix));
        match (is_off, decision.elements.contains(&ix)) {
            (false, false) => changed.push(id),
            (true, _) => changed.extend(names.cloned()),
            (false, true) => {}
        }
    }
    changed.dedup();
    if changed.is_empty() {
        let what = if is_off { "is about none of them in its own front matter" } else { "is about them already" };
        return Ok(Plan::nothing(format!("`{}` {what}", decision.id)));
    }
    let edits = if is_off { front.list_remove("elements", &changed) } else { front.list_add("elements", &changed) };
    draft.edit_all(&decision.file, edits.map_err(unfit)?);
    let verb = if is_off { "unlinks" } else { "links" };
    let summary = vec![format!("{verb} `{}` and {}", decision.id, changed.join(", "))];
    Ok(Plan { changes: draft.finish()?, summary, ..Plan::default() })
}

/// Writes a status where the file has it.
fn set_status(draft: &mut Draft<'_>, decision: &Decision, status: &str, date: Option<&str>) -> Result<(), Refusal> {
    let text = draft.text(&decision.file)?;
    let unfit = |error| update::unfit(&decision.file, &error);
    let front = Front::read(text).map_err(unfit)?;
    let in_front = front.value("status").is_some();
    let edits = match (status_section(text, decision.body), status_line(text, decision.body)) {
        (Some(span), _) if !in_front => vec![TextEdit::replace(span, capitalised(status))],
        (None, Some(span)) if !in_front => vec![TextEdit::replace(span, status)],
        _ => front.set_text("status", status).map_err(unfit)?,
    };
    draft.edit_all(&decision.file, edits);
    if let Some(date) = date.filter(|_| in_front && front.value("date").is_some()) {
        draft.edit_all(&decision.file, front.set_raw("date", date).map_err(unfit)?);
    }
    Ok(())
}

fn has_front_status(text: &str) -> bool {
    Front::read(text).is_ok_and(|front| front.value("status").is_some())
}

/// The first paragraph below the heading `Status`, if there is such a section.
fn status_section(text: &str, body: Span) -> Option<Span> {
    let mut at = body.range().start;
    let mut is_in = false;
    let mut found: Option<Span> = None;
    for line in text[body.range()].split_inclusive('\n') {
        let (start, end) = (at, at + line.trim_end().len());
        at += line.len();
        let is_heading = line.starts_with('#');
        match (is_in, found, line.trim().is_empty()) {
            (true, None, false) if !is_heading => found = Some(Span::new(start, end)),
            (true, Some(span), false) if !is_heading => found = Some(span.to(Span::new(start, end))),
            (true, _, _) if is_heading => return found.or(Some(Span::at(start))),
            (true, Some(span), true) => return Some(span),
            _ => {}
        }
        is_in |= line.strip_prefix("## ").is_some_and(|heading| heading.trim().eq_ignore_ascii_case("status"));
    }
    found
}

/// What follows `Status:` in a line of the prose.
fn status_line(text: &str, body: Span) -> Option<Span> {
    let mut at = body.range().start;
    for line in text[body.range()].split_inclusive('\n') {
        if let Some(said) = labelled(line.trim_end(), "status") {
            let start = at + line.rfind(said)?;
            return Some(Span::new(start, start + said.len()));
        }
        at += line.len();
    }
    None
}
