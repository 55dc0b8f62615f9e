//! What may follow on a command line: what the shells propose when somebody presses the tabulator. Commands and flags come
//! from the definition of the program, elements, tags, patterns and the like from the workspace that the line names.

use crate::aliases;
use crate::context::{ColorChoice, Context, Global, Session};
use clap::{Arg, Command};
use loko_model::edit::Template;
use loko_model::{ElementShape, Kind};
use loko_site::Format;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

/// Something that may stand at the end of the line, and what it is.
pub(crate) type Proposal = (String, String);

/// What may stand at the end of the line.
pub(crate) enum Answer {
    /// A file or folder: shells know those best.
    Files,
    /// One of these.
    Values(Vec<Proposal>),
}

/// What may stand at the end of a line of `words` behind the program's name; the last of them is the one that is being
/// written, and may be empty.
pub(crate) fn answer(words: &[String]) -> Answer {
    let (written, before) = words.split_last().map_or(("", words), |(last, before)| (last.as_str(), before));
    let mut program = crate::program();
    program.build();
    let line = std::iter::once("loko").chain(before.iter().map(String::as_str)).map(OsString::from).collect();
    let mut walk = Walk::new(&program);
    for word in aliases::expand(line).iter().skip(1) {
        walk.step(&word.to_string_lossy());
    }
    walk.propose(written)
}

/// What the words up to here mean.
struct Walk<'a> {
    command: &'a Command,
    /// The names of the commands down to here.
    path: Vec<&'a str>,
    /// How many values without a flag were given to it.
    positionals: usize,
    /// The first of them.
    first: String,
    /// The flag that waits for its value.
    pending: Option<&'a Arg>,
    /// Whether `--` was given: no flags follow.
    only_values: bool,
    project: Option<PathBuf>,
}

impl<'a> Walk<'a> {
    fn new(command: &'a Command) -> Self {
        Self {
            command,
            path: Vec::new(),
            positionals: 0,
            first: String::new(),
            pending: None,
            only_values: false,
            project: None,
        }
    }

    fn step(&mut self, word: &str) {
        if let Some(arg) = self.pending {
            // bash makes words of their own of the signs between a flag and its value.
            if word != "=" {
                self.take(arg, word);
                self.pending = None;
            }
        } else if self.only_values {
            self.add_positional(word);
        } else if word == "--" {
            self.only_values = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            match (self.long(name), value) {
                (Some(arg), Some(value)) => self.take(arg, value),
                (arg, None) => self.pending = arg.filter(|arg| needs_value(arg)),
                (None, Some(_)) => {}
            }
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            self.short_flags(letters);
        } else if let Some(command) = self.command.find_subcommand(word).filter(|_| self.positionals == 0) {
            self.command = command;
            self.path.push(command.get_name());
        } else {
            self.add_positional(word);
        }
    }

    fn add_positional(&mut self, word: &str) {
        if self.positionals == 0 {
            word.clone_into(&mut self.first);
        }
        self.positionals += 1;
    }

    fn short_flags(&mut self, letters: &str) {
        for (at, letter) in letters.char_indices() {
            let Some(arg) = self.short(letter).filter(|arg| needs_value(arg)) else { continue };
            match letters[at + letter.len_utf8()..].trim_start_matches('=') {
                "" => self.pending = Some(arg),
                value => self.take(arg, value),
            }
            return;
        }
    }

    fn take(&mut self, arg: &Arg, value: &str) {
        if arg.get_id() == "project" {
            self.project = Some(PathBuf::from(value));
        }
    }

    fn long(&self, name: &str) -> Option<&'a Arg> {
        let is_it = |arg: &&Arg| {
            arg.get_long() == Some(name) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
        };
        self.command.get_arguments().find(is_it)
    }

    fn short(&self, letter: char) -> Option<&'a Arg> {
        let is_it = |arg: &&Arg| {
            arg.get_short() == Some(letter)
                || arg.get_all_short_aliases().is_some_and(|aliases| aliases.contains(&letter))
        };
        self.command.get_arguments().find(is_it)
    }

    fn propose(&self, written: &str) -> Answer {
        if let Some(arg) = self.pending {
            return self.values(arg, if written == "=" { "" } else { written }, "");
        }
        if !self.only_values && written.starts_with('-') {
            let Some((name, value)) = written.split_once('=') else { return self.flags(written) };
            return match self.long(name.trim_start_matches('-')) {
                Some(arg) => self.values(arg, value, &format!("{name}=")),
                None => Answer::Values(Vec::new()),
            };
        }
        let commands = self.command.get_subcommands().filter(|it| !it.is_hide_set() && self.positionals == 0);
        let mut proposals: Vec<Proposal> = commands
            .map(|it| (it.get_name().to_owned(), it.get_about().map(ToString::to_string).unwrap_or_default()))
            .collect();
        let positionals: Vec<&Arg> = self.command.get_positionals().filter(|arg| !arg.is_hide_set()).collect();
        let takes_many = |arg: &&Arg| arg.get_num_args().is_some_and(|count| count.max_values() > 1);
        let next =
            positionals.get(self.positionals).copied().or_else(|| positionals.last().copied().filter(takes_many));
        match next.map(|arg| self.values(arg, written, "")) {
            Some(Answer::Files) if proposals.is_empty() => return Answer::Files,
            Some(Answer::Values(values)) => proposals.extend(values),
            Some(Answer::Files) => {}
            None if proposals.is_empty() && !self.only_values && written.is_empty() => return self.flags("--"),
            None => {}
        }
        proposals.retain(|(value, _)| value.starts_with(written));
        Answer::Values(proposals)
    }

    fn flags(&self, written: &str) -> Answer {
        let mut proposals = Vec::new();
        for arg in self.command.get_arguments().filter(|arg| !arg.is_positional() && !arg.is_hide_set()) {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let longs = arg.get_long().into_iter().chain(arg.get_visible_aliases().unwrap_or_default());
            proposals.extend(longs.map(|long| (format!("--{long}"), help.clone())));
        }
        proposals.retain(|(value, _)| value.starts_with(written));
        Answer::Values(proposals)
    }

    /// The values of a flag or a place that begin as it is written, each with `before` before it.
    fn values(&self, arg: &Arg, written: &str, before: &str) -> Answer {
        let known = arg.get_possible_values();
        let mut values: Vec<Proposal> = if known.is_empty() {
            match self.of_workspace(arg) {
                Answer::Values(values) => values,
                Answer::Files => return Answer::Files,
            }
        } else {
            let shown = known.iter().filter(|value| !value.is_hide_set());
            let help = |value: &clap::builder::PossibleValue| value.get_help().map(ToString::to_string);
            shown.map(|value| (value.get_name().to_owned(), help(value).unwrap_or_default())).collect()
        };
        // Formats are a list with commas, of which the last is being written.
        let (list, last) = match written.rsplit_once(',') {
            Some((list, last)) if named(arg) == "FORMATS" => (format!("{list},"), last),
            _ => (String::new(), written),
        };
        values.retain(|(value, _)| value.starts_with(last));
        for (value, _) in &mut values {
            value.insert_str(0, &format!("{before}{list}"));
        }
        Answer::Values(values)
    }

    fn of_workspace(&self, arg: &Arg) -> Answer {
        let plain = |names: Vec<&str>| names.into_iter().map(|name| (name.to_owned(), String::new())).collect();
        let in_model =
            |values: &dyn Fn(&Session) -> Vec<Proposal>| self.session().map(|it| values(&it)).unwrap_or_default();
        let command = self.path.last().copied().unwrap_or_default();
        let values: Vec<Proposal> = match (named(arg).as_str(), command) {
            ("FILE" | "DIR" | "PATH" | "BASE" | "OURS" | "THEIRS", _) => return Answer::Files,
            ("ELEMENT" | "ELEMENTS" | "SOURCE" | "TARGET" | "FROM" | "TO" | "PARENT" | "SYSTEM", _) => {
                in_model(&|session| elements(session, &self.kinds(arg)))
            }
            ("TECHNOLOGY", _) => in_model(&|session| words(session, |it| vec![it.technology.clone()])),
            ("OWNER", _) => in_model(&|session| words(session, |it| it.owner.iter().cloned().collect())),
            ("REV" | "REVISIONS", _) | ("TAG", "changelog") => self.revisions(),
            ("TAG", _) => in_model(&|session| words(session, |it| it.tags.clone())),
            ("SHAPE", _) => plain(ElementShape::ALL.iter().map(|(name, _)| *name).collect()),
            ("TEMPLATE", "init") => plain(Template::PROJECT.to_vec()),
            ("TEMPLATE", _) => {
                plain(Template::ELEMENT.iter().map(|(name, _)| *name).chain(Template::PROJECT).collect())
            }
            ("FORMATS", _) => plain(Format::ALL.iter().map(|(name, _)| *name).collect()),
            ("THEME", _) => loko_draw::Theme::all()
                .iter()
                .map(|theme| (theme.name.to_lowercase().replace(' ', "-"), theme.id.to_string()))
                .collect(),
            ("ENGINE", _) => plain(vec!["dagre", "elk", "tala"]),
            ("CODE", _) => loko_rules::codes::all()
                .iter()
                .map(|code| (code.name.to_owned(), code.doc.to_owned()))
                .chain([("all".to_owned(), "Lists them".to_owned())])
                .collect(),
            ("PATTERN" | "EXTENDS", _) => in_model(&|session| {
                let (catalogue, _) = loko_patterns::Catalogue::of(&session.snapshot);
                catalogue.patterns().map(|pattern| (pattern.id.to_string(), pattern.name.to_string())).collect()
            }),
            ("NAME", "remove" | "upgrade") => in_model(&|session| files_in(session, "patterns/applied/")),
            ("NAME", "show") => in_model(&|session| {
                let events = session.model().relations.iter().filter_map(|relation| relation.event.clone());
                sorted(events.map(|event| (event.to_string(), String::new())))
            }),
            ("SCENARIO", _) => in_model(&|session| files_in(session, "scenarios/")),
            ("DECISION" | "OLD" | "BY", _) => in_model(&|session| {
                session.model().decisions.iter().map(|it| (it.id.to_string(), it.title.to_string())).collect()
            }),
            ("COMMAND", "man") => plain(crate::program().get_subcommands().map(Command::get_name).collect::<Vec<_>>()),
            _ => Vec::new(),
        };
        Answer::Values(values)
    }

    /// Of which kinds an element can be there.
    fn kinds(&self, arg: &Arg) -> Vec<Kind> {
        match (arg.get_id().as_str(), self.first.as_str()) {
            ("system" | "into", _) | ("parent", "container") => vec![Kind::System],
            ("container", _) | ("parent", "component") => vec![Kind::Container],
            ("parent", _) => vec![Kind::System, Kind::Container],
            _ => Kind::ALL.to_vec(),
        }
    }

    fn context(&self) -> Context {
        let project = self.project.clone().or_else(|| std::env::var_os("LOKO_PROJECT_ROOT").map(PathBuf::from));
        let global = Global { project, config: None, verbose: false, quiet: true, color: ColorChoice::Never };
        Context { global }
    }

    /// The workspace of the line; nobody wants to hear here what is wrong with it.
    fn session(&self) -> Option<ManuallyDrop<Session>> {
        self.context().load_once(None).ok()
    }

    fn revisions(&self) -> Vec<Proposal> {
        let tags = self.context().root().ok().and_then(|root| loko_source::git::tags(&root).ok()).unwrap_or_default();
        let newest_first = tags.into_iter().rev().map(|tag| (tag.name, String::new()));
        std::iter::once(("HEAD".to_owned(), String::new())).chain(newest_first).collect()
    }
}

/// What the value of a flag or a place is called.
fn named(arg: &Arg) -> String {
    let written = arg.get_value_names().and_then(|names| names.first());
    written.map_or_else(|| arg.get_id().as_str().to_uppercase(), ToString::to_string)
}

fn needs_value(arg: &Arg) -> bool {
    arg.get_action().takes_values() && arg.get_num_args().is_none_or(|count| count.min_values() > 0)
}

fn elements(session: &Session, kinds: &[Kind]) -> Vec<Proposal> {
    let fitting = session.model().elements.iter().filter(|element| kinds.contains(&element.kind));
    fitting.map(|element| (element.id.to_string(), element.name.clone())).collect()
}

/// What elements say, each once.
fn words(session: &Session, of: impl Fn(&loko_model::Element) -> Vec<String>) -> Vec<Proposal> {
    sorted(session.model().elements.iter().flat_map(|element| of(element)).map(|word| (word, String::new())))
}

fn sorted(proposals: impl Iterator<Item = Proposal>) -> Vec<Proposal> {
    let each_once: BTreeMap<String, String> = proposals.filter(|(value, _)| !value.is_empty()).collect();
    each_once.into_iter().collect()
}

/// The names of the TOML files of a folder.
fn files_in(session: &Session, folder: &str) -> Vec<Proposal> {
    let names =
        session.snapshot.iter().filter_map(|(path, _)| path.as_str().strip_prefix(folder)?.strip_suffix(".toml"));
    names.map(|name| (name.to_owned(), String::new())).collect()
}
