//! The live server's side of a workspace: it loads, builds in memory, and writes when the API asks to.

use crate::checking;
use crate::context::{Context, Failure, Known, Session};
use crate::desk::Desk;
use crate::history::Past;
use crate::output;
use crate::publish::{self, Wish};
use loko_serve::{Builder, Built, Config, DeskHandle, Event, First, Key, Patience, Watch};
use loko_site::{Content, Format, Input, Memo, Options};
use loko_source::git::Revision;
use loko_source::{Diagnostic, Severity, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Flags of both servers.
#[derive(clap::Args)]
pub(crate) struct ServerArgs {
    /// The address to listen on; anything but this machine needs a key
    #[arg(long, visible_alias = "host", default_value = "localhost", value_name = "ADDRESS")]
    pub(crate) address: String,
    /// The port; 0 takes any free one
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// What callers must show as `Authorization: Bearer KEY`
    #[arg(long, value_name = "KEY", env = "LOKO_API_KEY", hide_env_values = true)]
    pub(crate) api_key: Option<String>,
    /// An origin whose pages may call the API from a browser; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    /// A name that the server answers to besides this machine's own, such as that of a proxy before it; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) host_name: Vec<String>,
    /// Let nobody write or build through this server
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Do not follow changes of files
    #[arg(long)]
    pub(crate) no_watch: bool,
}

/// What differs between `serve` and `api`.
pub(crate) struct Door {
    /// Whether the site stands at `/`.
    pub(crate) site: bool,
    /// The folder that a build writes to.
    pub(crate) output: Option<PathBuf>,
    /// How long files must rest.
    pub(crate) debounce: Duration,
}

/// Serves until asked to stop.
pub(crate) fn run(context: Arc<Context>, args: ServerArgs, door: Door) -> Result<(), Failure> {
    // Loading once before the server starts tells a wrong folder at once.
    let session = context.load(None)?;
    let server = &session.model().project.server;
    let port = args.port.unwrap_or(if door.site { server.serve_port } else { server.api_port });
    let output = publish::folder(&session, door.output.as_deref());
    let watch = (!args.no_watch && server.hot_reload).then(|| Watch {
        root: session.workspace.root().to_owned(),
        output: std::path::absolute(&output).unwrap_or_else(|_| output.clone()),
        debounce: door.debounce,
    });
    let hub = crate::mcp::open(&context, session.workspace.root(), watch.is_some())?;
    if args.read_only {
        hub.refuse_writes();
    }
    let (routes, stop) = loko_mcp::routes(&hub);
    let config = Config {
        address: address(&args.address)?,
        port,
        key: args.api_key.and_then(Key::new),
        site: door.site,
        watch,
        allowed_origins: args.allow_origin,
        host_names: host_names(args.host_name, &server.hosts, &args.address),
        desk: Some(DeskHandle(Arc::new(Desk::new(context.clone(), address(&args.address)?.is_loopback())))),
        read_only: args.read_only,
        words: words(&loko_site::Words::default()),
        patience: Patience::default(),
        door: Some(loko_serve::Door { routes, stop }),
    };
    let (site, quiet) = (door.site, context.global.quiet);
    let checked = loko_rules::Memo::default();
    let builder = Site {
        context,
        output,
        memo: Memo::new(),
        history: None,
        checked,
        read: Known::default(),
        known: BTreeSet::new(),
        hub,
    };
    let report = move |event| match event {
        Event::Listening(address) => {
            let what = if site { "the documentation" } else { "the API" };
            output::print(&format!("serving {what} at http://{address}/ (Ctrl-C ends it)"));
        }
        Event::Built { elapsed_ms, errors, warnings } if !quiet => {
            let counts = format!("{} and {}", output::plural(errors, "error"), output::plural(warnings, "warning"));
            output::warn_lines(&[format!("built in {elapsed_ms} ms, {counts}")]);
        }
        Event::Built { .. } => {}
        Event::Failed { reason } => output::warn_lines(&[format!("the build failed: {reason}")]),
    };
    loko_serve::run(config, builder, report).map_err(|error| Failure::new(error.to_string()))
}

/// What the server's own pages say.
fn words(words: &loko_site::Words) -> loko_serve::Words {
    loko_serve::Words { language: words.tag().to_owned(), messages: words.group("live") }
}

/// The names that the server answers to: those that were given, those of the settings, and that of its address where that is a
/// name.
fn host_names(mut names: Vec<String>, settings: &[String], address: &str) -> Vec<String> {
    names.extend_from_slice(settings);
    names.push(address.to_owned());
    names
}

fn address(name: &str) -> Result<IpAddr, Failure> {
    if let Ok(address) = name.trim_matches(['[', ']']).parse() {
        return Ok(address);
    }
    let found: Vec<IpAddr> = (name, 0).to_socket_addrs().into_iter().flatten().map(|address| address.ip()).collect();
    let first = found.iter().find(|address| address.is_ipv4()).or(found.first());
    first.copied().ok_or_else(|| Failure::new(format!("`{name}` is no address of this machine")))
}

/// What tells of changes that are in no version yet: it is brought up to date when somebody asks for it.
const LATE: [&str; 2] = [loko_site::VERSIONS_PAGE, loko_site::FEED];

/// How many findings are told after a build; `loko validate` shows all.
const TOLD_MAX: usize = 10;

struct Site {
    context: Arc<Context>,
    output: PathBuf,
    memo: Memo,
    /// What the repository tells, and of which commit it does.
    history: Option<(String, Past)>,
    /// What is remembered of earlier checks.
    checked: loko_rules::Memo,
    /// The workspace as it was read last.
    read: Known,
    /// The findings of the last build, a line each.
    known: BTreeSet<String>,
    /// Agents hear of changes too.
    hub: Arc<loko_mcp::Hub>,
}

impl Site {
    /// Reads the history again when there is another commit; says whether it did.
    fn remember_history(&mut self, session: &Session) -> bool {
        let Ok(head) = Revision::open(session.workspace.root(), "HEAD") else { return false };
        let is_new = self.history.as_ref().is_none_or(|(known, _)| known != head.commit());
        if is_new {
            let read = Past::read(&self.context, session, None);
            self.history = read.map(|past| (head.commit().to_owned(), past));
        }
        is_new
    }

    /// Tells of findings that the last build did not have.
    fn tell(&mut self, findings: &[Diagnostic], snapshot: &Snapshot) {
        let serious = findings.iter().filter(|finding| finding.severity >= Severity::Warning);
        let lines: BTreeSet<String> = serious.map(|finding| loko_source::render::line(finding, snapshot)).collect();
        let new: Vec<&String> = lines.difference(&self.known).collect();
        if !self.context.global.quiet && !new.is_empty() {
            let mut told: Vec<String> = new.iter().take(TOLD_MAX).map(|line| (*line).clone()).collect();
            if new.len() > TOLD_MAX {
                told.push(format!("and {} more; `loko validate` shows them all", new.len() - TOLD_MAX));
            }
            output::warn_lines(&told);
        }
        self.known = lines;
    }

    /// Reads what changed and makes the pages.
    fn make(&mut self, changed: Option<&[PathBuf]>, first: &First<'_>) -> Result<Built, String> {
        let mut session = self.context.load_again(&mut self.read, changed).map_err(|failure| failure.message)?;
        session.findings = checking::findings(&session, Some(&self.checked));
        let is_new = self.remember_history(&session);
        // What differs from the last version takes longer to be found out than most edits take to be shown.
        let is_wanted = is_new || changed.is_none() || LATE.iter().any(|path| first.pages.contains(*path));
        let mut late = BTreeSet::new();
        let history = self.history.as_mut().map(|(_, past)| {
            if is_wanted {
                return past.tell(Some(&session));
            }
            late.extend(LATE.map(str::to_owned));
            past.told()
        });
        // What `loko build --simulate` found is shown here too.
        let runs = publish::runs(&self.output);
        let first = loko_site::First { pages: first.pages.clone(), made: first.made };
        let options = Options {
            formats: vec![Format::Html],
            memo: Some(&self.memo),
            history,
            runs,
            first: Some(&first),
            find_fonts: Some(crate::fonts::find),
            ..Options::default()
        };
        let input = Input {
            snapshot: &session.snapshot,
            model: session.model(),
            findings: &session.findings,
            options: &options,
        };
        let built = loko_site::build(&input);
        let files: BTreeMap<_, _> = built
            .files
            .into_iter()
            .filter_map(|(path, file)| match file.content {
                Content::Bytes(bytes) => Some((path, bytes)),
                // Nothing was said to be there already.
                Content::Unchanged => None,
            })
            .collect();
        let mut findings = session.findings;
        findings.extend(built.findings);
        self.tell(&findings, &session.snapshot);
        let words = Some(words(&loko_site::Words::of_workspace(&session.snapshot)));
        Ok(Built { files, snapshot: session.snapshot, model: session.loaded.model, findings, words, late })
    }
}

impl Builder for Site {
    fn build(&mut self, changed: Option<&[PathBuf]>, first: &First<'_>) -> Result<Built, String> {
        let hub = self.hub.clone();
        // Agents hear of it while pages are made for people: on a thread of its own, since it holds a lock while it loads,
        // and a worker that waits for others takes up whatever comes next, which may want that lock.
        std::thread::scope(|scope| {
            scope.spawn(|| hub.files_changed(changed));
            self.make(changed, first)
        })
    }

    fn forget(&mut self) {
        self.memo = Memo::new();
        self.history = None;
        self.checked = loko_rules::Memo::default();
        self.read = Known::default();
    }

    fn write(&mut self, formats: &[String], folder: Option<&str>) -> Result<(PathBuf, usize), String> {
        let session = self.context.load(None).map_err(|failure| failure.message)?;
        let formats = publish::formats(formats).map_err(|failure| failure.message)?;
        let folder =
            folder.map_or_else(|| self.output.clone(), |folder| session.workspace.root().join(Path::new(folder)));
        let wish = Wish::of(&formats, &folder);
        let published = publish::publish(&session, &wish).map_err(|failure| failure.message)?;
        Ok((folder, published.files))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads the pages of a neighbouring crate")]
mod tests {
    use super::BTreeSet;
    use std::path::Path;

    #[test]
    fn the_pages_of_the_server_say_what_languages_have_and_no_more() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../loko-serve/assets");
        // Severities are said by their names, and what is wrong with a key by whoever looks at it.
        let mut said: BTreeSet<String> =
            ["error", "warning", "info", "key-wrong", "key-later"].map(str::to_owned).into();
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let places = text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}"));
            let calls = text.split("say('").skip(1).filter_map(|rest| rest.split_once('\''));
            said.extend(places.chain(calls).map(|(name, _)| name.to_owned()));
        }
        said.remove("language");
        let known: BTreeSet<String> = super::words(&loko_site::Words::default()).messages.into_keys().collect();
        assert_eq!(said, known);
    }
}
