//! Edits as data: each case in `edit-cases/*.md` has files, commands, and the diff or refusal that they must give.
//!
//! A file is a path in backticks before a fence; `(crlf)` behind the path gives it Windows line ends, `(no newline)`
//! takes its last one. After a fence `sh` with commands stands the fence with what they must print; `UPDATE=1 cargo
//! test` rewrites it. Each command that changes something is given twice: the second time must change nothing.

#![expect(clippy::disallowed_methods, reason = "cases are files beside the test")]

use loko_model::edit::{self, Home, NewKind, Plan, Refusal, RenameId};
use loko_model::{Loaded, load};
use loko_source::{FilePath, LineIndex, Place, Severity, Snapshot, Source};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edit-cases");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    let mut failures = String::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a case can be read");
        let rewritten = check(&text, &file, &mut failures);
        if std::env::var_os("UPDATE").is_some() && rewritten != text {
            fs::write(&file, rewritten).expect("a case can be written");
        }
    }
    assert!(failures.is_empty() || std::env::var_os("UPDATE").is_some(), "{failures}");
}

/// Runs the cases of a file; the same text with what the commands really print.
fn check(text: &str, file: &Path, failures: &mut String) -> String {
    let mut out = String::new();
    let mut snapshot = Snapshot::default();
    let mut title = "";
    let mut path: Option<(FilePath, &str)> = None;
    let mut printed: Option<String> = None;
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        out.push_str(line);
        if let Some(heading) = line.strip_prefix("## ") {
            title = heading.trim();
            snapshot = Snapshot::default();
        } else if let Some(rest) = line.strip_prefix('`').filter(|rest| !rest.starts_with('`')) {
            let (name, flags) = rest.split_once('`').expect("a path ends with a backtick");
            path = Some((FilePath::new(name).expect("a path of a case is fine"), flags.trim()));
        } else if let Some(language) = line.strip_prefix("````").or_else(|| line.strip_prefix("```")) {
            let fence = &line[..line.len() - language.len()];
            let mut body = String::new();
            for inner in lines.by_ref().take_while(|inner| inner.trim_end() != fence) {
                body.push_str(inner);
            }
            if language.trim() == "sh" {
                printed = Some(run_all(&mut snapshot, &body));
                let _ = writeln!(out, "{body}{fence}");
            } else if let Some((name, flags)) = path.take() {
                let _ = writeln!(out, "{body}{fence}");
                snapshot.insert(name, Source::new(with_flags(body, flags)));
            } else {
                let printed = printed.take().expect("what is expected follows its commands");
                if printed != body {
                    let _ = writeln!(failures, "{}: {title}\n--- expected\n{body}--- got\n{printed}", file.display());
                }
                let _ = writeln!(out, "{printed}{fence}");
            }
        }
    }
    out
}

fn with_flags(mut text: String, flags: &str) -> String {
    if flags.contains("no newline") {
        text.truncate(text.trim_end_matches('\n').len());
    }
    if flags.contains("crlf") { text.replace('\n', "\r\n") } else { text }
}

fn run_all(snapshot: &mut Snapshot, commands: &str) -> String {
    commands.lines().map(|command| run(snapshot, command)).collect()
}

fn run(snapshot: &mut Snapshot, command: &str) -> String {
    let loaded = load(snapshot);
    let plan = match perform(snapshot, &loaded, command) {
        Ok(plan) => plan,
        Err(refusal) => return refusal_text(snapshot, &refusal),
    };
    let mut out: String = plan.summary.iter().map(|line| format!("# {line}\n")).collect();
    out.push_str(&plan.changes.diff(snapshot).expect("the changes fit").replace('\r', "␍"));
    let after = snapshot.overlay(&plan.changes).expect("the changes fit");
    let reloaded = load(&after);
    let errors = |loaded: &Loaded| loaded.findings.iter().filter(|found| found.severity == Severity::Error).count();
    if errors(&reloaded) > errors(&loaded) {
        let _ = writeln!(out, "# new errors: {:#?}", reloaded.findings);
    }
    if !plan.is_nothing() {
        match perform(&after, &reloaded, command) {
            Ok(again) if again.is_nothing() => {}
            other => {
                let _ = writeln!(out, "# the second time: {other:#?}");
            }
        }
    }
    *snapshot = after;
    out
}

fn refusal_text(snapshot: &Snapshot, refusal: &Refusal) -> String {
    let kind = format!("{:?}", refusal.kind);
    let mut out = format!("refused: {}\n", kind.split('(').next().unwrap_or(""));
    for diagnostic in &refusal.diagnostics {
        let _ = writeln!(out, "{}[{}]: {}", diagnostic.severity.name(), diagnostic.code, diagnostic.message);
        for label in diagnostic.primary.iter().chain(&diagnostic.secondary) {
            let _ = writeln!(out, "  {} {}", place_text(snapshot, &label.place), label.text);
        }
        for note in &diagnostic.notes {
            let _ = writeln!(out, "  note: {note}");
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    out
}

fn place_text(snapshot: &Snapshot, place: &Place) -> String {
    let text = snapshot.text(place.path.as_str()).unwrap_or("");
    let at = LineIndex::new(text).line_column(place.span.range().start);
    format!("{}:{}:{} `{}`", place.path, at.line, at.column, &text[place.span.range()])
}

/// The words of a command line, quotes taken off.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

struct Arguments {
    plain: Vec<String>,
    flags: Vec<(String, String)>,
}

impl Arguments {
    fn parse(line: &str) -> Self {
        const SWITCHES: [&str; 7] =
            ["--async", "--bidirectional", "--cascade", "--toml", "--keep-id", "--front-matter", "--record"];
        let mut arguments = Self { plain: Vec::new(), flags: Vec::new() };
        let mut rest = words(line).into_iter().skip(1);
        while let Some(word) = rest.next() {
            if SWITCHES.contains(&word.as_str()) {
                arguments.flags.push((word, String::new()));
            } else if word.starts_with('-') && word.len() > 1 {
                let value = rest.next().unwrap_or_else(|| panic!("{word} has a value in {line}"));
                arguments.flags.push((word, value));
            } else {
                arguments.plain.push(word);
            }
        }
        arguments
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.flags.iter().filter(|(flag, _)| flag == name).map(|(_, value)| value.clone()).collect()
    }

    fn value(&self, name: &str) -> Option<String> {
        self.all(name).pop()
    }

    fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn plain(&self, at: usize) -> String {
        self.plain.get(at).cloned().unwrap_or_default()
    }
}

fn perform(snapshot: &Snapshot, loaded: &Loaded, line: &str) -> Result<Plan, Refusal> {
    let args = Arguments::parse(line);
    match args.plain(0).as_str() {
        "init" => edit::init(
            snapshot,
            &edit::Init {
                name: args.plain(1),
                description: args.value("-d"),
                template: args.value("-t"),
                ignores_output: snapshot.source(".gitignore").is_none(),
            },
        ),
        "new" => edit::new(snapshot, loaded, &new_wish(&args)),
        "link" => edit::link(snapshot, loaded, &link_wish(&args)),
        "unlink" => edit::unlink(
            snapshot,
            loaded,
            &edit::Unlink { source: args.plain(1), target: args.plain(2), description: args.value("--label") },
        ),
        "rename" => recorded(snapshot, loaded, &args, edit::rename(snapshot, loaded, &rename_wish(&args))),
        "move" => {
            let wish = edit::Move { element: args.plain(1), parent: args.plain(2) };
            recorded(snapshot, loaded, &args, edit::move_to(snapshot, loaded, &wish))
        }
        "remove" => {
            edit::remove(snapshot, loaded, &edit::Remove { element: args.plain(1), cascade: args.has("--cascade") })
        }
        "update" => edit::update(snapshot, loaded, &update_wish(&args)),
        other => panic!("no command `{other}`"),
    }
}

fn recorded(
    snapshot: &Snapshot,
    loaded: &Loaded,
    args: &Arguments,
    plan: Result<Plan, Refusal>,
) -> Result<Plan, Refusal> {
    if args.has("--record") { edit::record(snapshot, loaded, plan?) } else { plan }
}

fn new_wish(args: &Arguments) -> edit::New {
    let kind = NewKind::ALL.iter().find(|(name, _)| *name == args.plain(1)).expect("a kind is given").1;
    edit::New {
        kind,
        name: args.plain(2),
        id: args.value("--id"),
        parent: args.value("--parent"),
        description: args.value("-d"),
        technology: args.value("--technology"),
        tags: args.all("--tag"),
        owner: args.value("--owner"),
        shape: args.value("--shape"),
        template: args.value("-t"),
        body: None,
    }
}

fn link_wish(args: &Arguments) -> edit::Link {
    let home = args.has("--toml").then_some(Home::Toml).or(args.has("--front-matter").then_some(Home::FrontMatter));
    edit::Link {
        source: args.plain(1),
        target: args.plain(2),
        description: args.value("--label"),
        technology: args.value("--technology"),
        is_async: args.has("--async"),
        event: args.value("--event"),
        is_event: false,
        is_bidirectional: args.has("--bidirectional"),
        tags: args.all("--tag"),
        home,
    }
}

fn rename_wish(args: &Arguments) -> edit::Rename {
    let id = match args.value("--id") {
        Some(id) => RenameId::To(id),
        None if args.has("--keep-id") => RenameId::Keep,
        None => RenameId::Follow,
    };
    edit::Rename { element: args.plain(1), name: args.plain.get(2).cloned(), id }
}

fn update_wish(args: &Arguments) -> edit::Update {
    let mut set: Vec<(String, String)> = Vec::new();
    for (flag, key) in
        [("-d", "description"), ("--technology", "technology"), ("--owner", "owner"), ("--shape", "shape")]
    {
        set.extend(args.value(flag).map(|value| (key.to_owned(), value)));
    }
    for pair in args.all("--set") {
        let (key, value) = pair.split_once('=').expect("--set KEY=VALUE");
        set.push((key.to_owned(), value.to_owned()));
    }
    edit::Update {
        element: args.plain(1),
        set,
        lists: Vec::new(),
        clear: args.all("--clear"),
        tags: args.value("--tags").map(|tags| tags.split(',').map(str::to_owned).collect()),
        add_tags: args.all("--tag"),
        remove_tags: args.all("--remove-tag"),
    }
}
