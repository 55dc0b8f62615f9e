use crate::commands::link::finish;
use crate::context::{Context, Done, Failure, Outcome, Session};
use crate::output::{self, Format};
use clap::ValueEnum;
use loko_model::edit::{self, Refusal};
use loko_model::{Decision, DecisionState};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Write and follow architecture decision records: new, list, show, accept, supersede, link
#[derive(clap::Args)]
#[command(after_help = "\
Decisions are Markdown files in `decisions`, `docs/decisions`, `docs/adr` or `doc/adr`, in the
folder that `.adr-dir` (adr-tools) or `.log4brains.yml` names, or in `paths.decisions` of
loko.toml. MADR's and Nygard's forms are read, and each file keeps its own. A decision is named
by its number (`7`, `0007`, `ADR-7`) or its file name.

Rules in a decision's front matter, below `rules:`, hold while it is accepted.

Examples:
  loko adr new \"Use PostgreSQL\" --element shop/order-db
  loko adr accept 1
  loko adr new \"Use SQLite\" --supersedes 1
  loko adr supersede 2 --by 3
  loko adr link 3 shop/order-api
  loko adr list --status accepted")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

/// What to do.
#[derive(clap::Subcommand)]
enum Action {
    /// Write a new decision
    New {
        /// Its title: what is decided, as a short sentence
        #[arg(required = true)]
        title: Vec<String>,
        /// Its status
        #[arg(long, value_enum, default_value = "proposed")]
        status: StateArg,
        /// An element that it is about; may be given several times
        #[arg(short, long = "element", value_name = "ELEMENT")]
        elements: Vec<String>,
        /// A decision that it takes the place of; may be given several times
        #[arg(short, long, value_name = "DECISION")]
        supersedes: Vec<String>,
        /// Its form [default: that of the decisions there are; MADR for the first]
        #[arg(long, value_enum)]
        form: Option<FormArg>,
        #[command(flatten)]
        write: Write,
    },
    /// List decisions
    #[command(visible_alias = "ls")]
    List {
        /// Only of this status
        #[arg(long, value_enum)]
        status: Option<StateArg>,
        /// Only about this element or what is in it
        #[arg(short, long, value_name = "ELEMENT")]
        element: Option<String>,
        #[command(flatten)]
        read: Read,
    },
    /// Tell all of a decision
    Show {
        /// The decision
        decision: String,
        #[command(flatten)]
        read: Read,
    },
    /// Mark a decision as accepted: from then on its rules are checked
    Accept(Mark),
    /// Mark a decision as rejected
    Reject(Mark),
    /// Mark a decision as deprecated: no longer to be followed
    Deprecate(Mark),
    /// Put another decision in the place of one; both say so
    Supersede {
        /// The decision that goes
        old: String,
        /// The decision that takes its place
        #[arg(value_name = "BY", required_unless_present = "by_flag")]
        by: Option<String>,
        /// The decision that takes its place, as a flag
        #[arg(long = "by", value_name = "DECISION", conflicts_with = "by")]
        by_flag: Option<String>,
        /// Show what would be written, as a diff
        #[arg(long)]
        dry_run: bool,
    },
    /// Say which elements a decision is about
    Link {
        /// The decision
        decision: String,
        /// The elements, by id or name
        #[arg(required = true)]
        elements: Vec<String>,
        /// Say that it is not about them
        #[arg(long)]
        remove: bool,
        /// Show what would be written, as a diff
        #[arg(long)]
        dry_run: bool,
    },
}

/// Another status for a decision.
#[derive(clap::Args)]
struct Mark {
    /// The decision
    decision: String,
    #[command(flatten)]
    write: Write,
}

/// How to write.
#[derive(clap::Args)]
struct Write {
    /// The day to write [default: today, or the day of SOURCE_DATE_EPOCH]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    date: Option<String>,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

/// How to answer.
#[derive(clap::Args)]
struct Read {
    /// How to print the answer
    #[arg(short, long, value_enum, default_value = "text")]
    format: Format,
    /// A git revision to ask instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
}

/// The states of decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StateArg {
    Proposed,
    Accepted,
    Rejected,
    Deprecated,
    Superseded,
}

impl From<StateArg> for DecisionState {
    fn from(state: StateArg) -> Self {
        match state {
            StateArg::Proposed => Self::Proposed,
            StateArg::Accepted => Self::Accepted,
            StateArg::Rejected => Self::Rejected,
            StateArg::Deprecated => Self::Deprecated,
            StateArg::Superseded => Self::Superseded,
        }
    }
}

/// The forms of decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormArg {
    /// Markdown Any Decision Records: front matter, options, outcome
    Madr,
    /// Michael Nygard's: status, context, decision, consequences
    Nygard,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    match args.action {
        Action::New { title, status, elements, supersedes, form, write } => {
            let session = context.load(None)?;
            let wish = edit::NewDecision {
                title: title.join(" "),
                status: Some(status.into()),
                date: write.date.map_or_else(today, Ok)?,
                elements,
                supersedes,
                form: form.map(|form| match form {
                    FormArg::Madr => edit::Form::Madr,
                    FormArg::Nygard => edit::Form::Nygard,
                }),
            };
            let plan = edit::new_decision(&session.snapshot, &session.loaded, &wish);
            finish(context, &session, plan, write.dry_run)
        }
        Action::List { status, element, read } => list(context, status.map(DecisionState::from), element.as_deref(), &read),
        Action::Show { decision, read } => show(context, &decision, &read),
        Action::Accept(mark) => set_state(context, mark, DecisionState::Accepted),
        Action::Reject(mark) => set_state(context, mark, DecisionState::Rejected),
        Action::Deprecate(mark) => set_state(context, mark, DecisionState::Deprecated),
        Action::Supersede { old, by, by_flag, dry_run } => {
            let session = context.load(None)?;
            let new = by.or(by_flag).unwrap_or_default();
            let plan = edit::supersede(&session.snapshot, &session.loaded, &old, &new);
            finish(context, &session, plan, dry_run)
        }
        Action::Link { decision, elements, remove, dry_run } => {
            let session = context.load(None)?;
            let plan = edit::link_decision(&session.snapshot, &session.loaded, &decision, &elements, remove);
            finish(context, &session, plan, dry_run)
        }
    }
}

fn set_state(context: &Context, mark: Mark, state: DecisionState) -> Outcome {
    let session = context.load(None)?;
    let date = mark.write.date.map_or_else(today, Ok)?;
    let plan = edit::set_decision_state(&session.snapshot, &session.loaded, &mark.decision, state, Some(&date));
    finish(context, &session, plan, mark.write.dry_run)
}

fn list(context: &Context, state: Option<DecisionState>, element: Option<&str>, read: &Read) -> Outcome {
    let session = context.load(read.at.as_deref())?;
    let model = session.model();
    let about = element.map(|name| crate::commands::query::find(&session, name)).transpose()?;
    let wanted = |it: &&Decision| {
        state.is_none_or(|state| it.state == state)
            && about.is_none_or(|about| it.elements.iter().any(|ix| model.is_within(*ix, about)))
    };
    let found: Vec<&Decision> = model.decisions.iter().filter(wanted).collect();
    if read.format != Format::Text {
        let told: Vec<Value> = found.iter().map(|it| value(&session, it)).collect();
        output::print_value(&json!({ "decisions": told }), read.format);
        return Ok(Done::Fine);
    }
    if found.is_empty() {
        let help = if model.decisions.is_empty() { "; `loko adr new TITLE` writes the first" } else { "" };
        output::say(context, &format!("no such decisions{help}"));
    }
    let number = |it: &Decision| it.number.map_or_else(|| it.id.clone(), |number| format!("{number:04}"));
    let widths = [
        found.iter().map(|it| number(it).chars().count()).max().unwrap_or(0),
        found.iter().map(|it| it.status.chars().count()).max().unwrap_or(0),
        found.iter().map(|it| it.date.chars().count()).max().unwrap_or(0),
    ];
    for it in found {
        let [a, b, c] = widths;
        let line = format!("{:a$}  {:b$}  {:c$}  {}", number(it), it.status, it.date, it.title);
        output::print(line.trim_end());
    }
    Ok(Done::Fine)
}

fn show(context: &Context, written: &str, read: &Read) -> Outcome {
    let session = context.load(read.at.as_deref())?;
    let decision = edit::decision(&session.loaded, written).map_err(|refusal| refused(&session, refusal))?;
    let text = session.snapshot.text(decision.file.as_str()).unwrap_or("");
    let prose = text.get(decision.body.range()).unwrap_or("").trim();
    if read.format != Format::Text {
        let mut told = value(&session, decision);
        told["prose"] = json!(prose);
        output::print_value(&told, read.format);
        return Ok(Done::Fine);
    }
    let mut out = String::new();
    let mut line = |name: &str, said: &str| {
        if !said.is_empty() {
            let _ = writeln!(out, "{name:9} {said}");
        }
    };
    line("decision", &decision.id);
    line("title", &decision.title);
    line("status", &decision.status);
    line("date", &decision.date);
    line("file", decision.file.as_str());
    for link in &decision.links {
        line("link", &format!("{} {}", link.kind, link.to));
    }
    for ix in &decision.elements {
        line("about", &session.model().element(*ix).id);
    }
    if decision.rules.is_some() {
        line("rules", if decision.is_accepted() { "checked" } else { "not checked unless it is accepted" });
    }
    let _ = write!(out, "\n{prose}\n");
    output::print(&out);
    Ok(Done::Fine)
}

fn refused(session: &Session, refusal: Refusal) -> Failure {
    Failure::findings(refusal.into(), session.snapshot.clone())
}

fn value(session: &Session, it: &Decision) -> Value {
    let elements: Vec<&str> = it.elements.iter().map(|ix| session.model().element(*ix).id.as_str()).collect();
    json!({
        "id": it.id, "number": it.number, "title": it.title, "status": it.status, "state": it.state, "date": it.date,
        "elements": elements, "links": it.links, "rules": it.rules, "file": it.file,
    })
}

/// A day as people write it.
fn day(written: &str) -> Result<String, String> {
    let parts: Vec<&str> = written.split('-').collect();
    let number = |at: usize, digits: usize, max: u32| {
        let part = parts.get(at).filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()));
        part.and_then(|part| part.parse::<u32>().ok()).is_some_and(|number| (1..=max).contains(&number))
    };
    let is_day = parts.len() == 3 && number(0, 4, 9999) && number(1, 2, 12) && number(2, 2, 31);
    if is_day { Ok(written.to_owned()) } else { Err("a day is written as 2026-11-21".to_owned()) }
}

/// Today, in UTC.
pub(crate) fn today() -> Result<String, Failure> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(set) => set.parse().map_err(|_| {
            Failure::new(format!("SOURCE_DATE_EPOCH is `{set}`, which is no number of seconds"))
                .help("unset it, or give the day with `--date`")
        })?,
        Err(_) => now,
    };
    Ok(crate::output::day_of(seconds))
}
