use crate::context::{Context, Done, Failure, Outcome};
use crate::output;
use crate::publish::{self, Wish};
use loko_site::Format;
use std::path::PathBuf;
use std::time::Instant;

/// Build the documentation: a site, Markdown, a PDF, JSON or TOON
#[derive(clap::Args)]
#[command(visible_alias = "b")]
pub(crate) struct Args {
    /// The folder to write to, relative to here [default: the workspace's `paths.output`, `dist`]
    #[arg(short, long, value_name = "DIR", env = "LOKO_OUTPUT_DIR", hide_env = true)]
    pub(crate) output: Option<PathBuf>,
    /// html, markdown (md), confluence, single, pdf, json, toon; several with commas or by repeating [default: the workspace's `[outputs]`, html]
    #[arg(short, long, value_name = "FORMATS")]
    pub(crate) format: Vec<String>,
    /// Leave the PDF out, whatever the formats say
    #[arg(long)]
    pub(crate) skip_pdf: bool,
    /// Make every file anew, whether or not it changed, and remove what earlier builds made of other formats
    #[arg(long)]
    pub(crate) clean: bool,
    /// The theme of diagrams: a name, or D2's number of one
    #[arg(long, value_name = "THEME")]
    pub(crate) d2_theme: Option<String>,
    /// Accepted for D2's users: loko lays out by its own engine, whatever it says
    #[arg(long, value_name = "ENGINE")]
    pub(crate) d2_layout: Option<String>,
    /// A git revision to build instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    pub(crate) at: Option<String>,
    /// Overwrite files in the output folder that loko did not make
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Write where everything stands into `positions/`; later builds change as little of that as they can
    #[arg(long, conflicts_with = "at")]
    pub(crate) keep_positions: bool,
    /// Run the scenarios below scenarios/ for their pages; what was run before and can come out no different is not run again
    #[arg(long)]
    pub(crate) simulate: bool,
    /// Fail on errors (1); without it only what cannot be read fails
    #[arg(long)]
    pub(crate) strict: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let started = Instant::now();
    let mut session = context.load_once(args.at.as_deref())?;
    if let Some(theme) = args.d2_theme {
        crate::commands::d2::theme(&theme)?;
        session.loaded.model.project.theme = theme;
    }
    let named = if args.format.is_empty() { session.model().project.outputs.clone() } else { args.format };
    let mut formats = publish::formats(&named)?;
    if args.skip_pdf {
        formats.retain(|format| *format != Format::Pdf);
        if formats.is_empty() {
            return Err(Failure::new("without the PDF there is nothing to build").help("name another format with `--format`"));
        }
    }
    let folder = publish::folder(&session, args.output.as_deref());
    if session.model().elements.is_empty() {
        output::say(context, "the workspace has no elements yet; `loko new system NAME` adds one");
    }
    let is_told = formats.iter().any(|format| format.tells_history());
    let history = is_told.then(|| crate::history::read(context, &session, args.at.as_deref())).flatten();
    let wish = Wish { formats: &formats, folder: &folder, version: args.at.as_deref(), history: history.as_ref(), clean: args.clean, overwrite: args.overwrite, keep_positions: args.keep_positions, simulate: args.simulate };
    let published = publish::publish(&session, &wish)?;
    output::remark_findings(context, &published.findings, &session.snapshot);
    let report = published.report;
    output::say(
        context,
        &format!(
            "built {}{} in {} ms: {} written, {} {}, {} removed; {}",
            output::plural(published.files, "file"),
            if args.clean { " anew" } else { "" },
            started.elapsed().as_millis(),
            report.written,
            report.unchanged,
            // What comes out with the bytes that are there need not be written.
            if args.clean { "came out the same" } else { "unchanged" },
            report.removed,
            output::counts(&published.findings),
        ),
    );
    if !published.left.is_empty() {
        let all = Format::ALL.iter().filter(|(name, format)| formats.contains(format) || published.left.contains(name));
        let all: Vec<&str> = all.map(|(name, _)| *name).collect();
        let (left, folder, all) = (published.left.join(", "), folder.display(), all.join(","));
        output::say(context, &format!("`{folder}` holds {left} of an earlier build too: `--format {all}` makes all again, `--clean` removes what is not named"));
    }
    output::say(context, &format!("see {}", folder.join(&published.index).display()));
    match output::verdict(&published.findings, false) {
        Done::Findings if args.strict => Ok(Done::Findings),
        _ => Ok(Done::Fine),
    }
}

impl Args {
    /// A plain build of one format.
    pub(crate) fn of(format: &str, output: Option<PathBuf>, at: Option<String>) -> Self {
        let format = vec![format.to_owned()];
        Self { output, format, skip_pdf: false, clean: false, d2_theme: None, d2_layout: None, at, overwrite: false, keep_positions: false, simulate: false, strict: false }
    }
}
