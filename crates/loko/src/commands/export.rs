use crate::commands::build;
use crate::context::{Context, Done, Failure, Outcome};
use crate::output;
use clap::ValueEnum;
use loko_site::{Content, Format, Input, Options};
use loko_source::disk::write_atomically;
use std::path::{Path, PathBuf};

/// Hand the architecture to other programs and places
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true, after_help = "\
Examples:
  loko export json > architecture.json
  loko export toon --output architecture.toon
  loko export markdown --output docs/architecture
  loko export schema > loko-model.schema.json")]
pub(crate) struct Args {
    #[command(subcommand)]
    form: Option<Form>,
    /// The form, as a flag
    #[arg(short, long, value_enum)]
    format: Option<DataForm>,
    /// The file for a form that is a flag; standard output without it, or with `-`
    #[arg(short, long, value_name = "FILE", requires = "format")]
    output: Option<PathBuf>,
    /// A git revision instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
}

#[derive(clap::Subcommand)]
enum Form {
    /// The site
    Html(Folder),
    /// Markdown pages with pictures as files
    #[command(visible_alias = "md")]
    Markdown(Folder),
    /// One PDF document: a file, or `architecture.pdf` in a folder
    Pdf(Document),
    /// The model as JSON, by the published schema
    Json(File),
    /// The model as TOON, for language models
    Toon(File),
    /// The JSON Schema of `loko export json`
    Schema(File),
}

#[derive(clap::Args)]
struct Folder {
    /// The folder to write to [default: the workspace's `paths.output`, `dist`]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// A git revision instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
    /// Overwrite files in the folder that loko did not make
    #[arg(long)]
    overwrite: bool,
}

#[derive(clap::Args)]
struct Document {
    /// The file to write if it ends in `.pdf`, standard output if it is `-`, else the folder [default: the workspace's `paths.output`, `dist`]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A git revision instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
    /// Overwrite files in the folder that loko did not make
    #[arg(long)]
    overwrite: bool,
}

#[derive(clap::Args)]
struct File {
    /// The file to write; standard output without it, or with `-`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A git revision instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
}

/// Forms that are one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DataForm {
    Json,
    Toon,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    match args.form {
        Some(Form::Html(to)) => build::run(context, to.build("html")),
        Some(Form::Markdown(to)) => build::run(context, to.build("markdown")),
        Some(Form::Pdf(to)) => document(context, to),
        Some(Form::Json(to)) => data(context, DataForm::Json, to),
        Some(Form::Toon(to)) => data(context, DataForm::Toon, to),
        Some(Form::Schema(to)) => {
            let schema = serde_json::to_string_pretty(&loko_site::export::json_schema())
                .expect("a JSON value can always be written");
            write(context, &format!("{schema}\n"), to.output)
        }
        None => {
            let form = args.format.ok_or_else(|| {
                Failure::new("the form is missing").help("name one: `loko export json`, `toon`, `html`, `markdown`")
            })?;
            data(context, form, File { output: args.output, at: args.at })
        }
    }
}

impl Folder {
    fn build(self, format: &str) -> build::Args {
        build::Args { overwrite: self.overwrite, ..build::Args::of(format, self.output, self.at) }
    }
}

/// The PDF as a file of its own, or into a folder as a build does.
fn document(context: &Context, to: Document) -> Outcome {
    let ending = to.output.as_ref().and_then(|path| path.extension());
    if !to.output.as_deref().is_some_and(is_stream) && !ending.is_some_and(|ending| ending.eq_ignore_ascii_case("pdf")) {
        return build::run(context, Folder { output: to.output, at: to.at, overwrite: to.overwrite }.build("pdf"));
    }
    let session = context.load(to.at.as_deref())?;
    let findings = crate::checking::findings(&session, None);
    let find_fonts = Some(crate::fonts::find as loko_site::FindFonts);
    let options = Options { formats: vec![Format::Pdf], version: to.at, find_fonts, ..Options::default() };
    let input =
        Input { snapshot: &session.snapshot, model: session.model(), findings: &findings, options: &options };
    let made = loko_site::build(&input);
    for finding in made.findings.iter().filter(|finding| finding.code == "letters-without-font") {
        let help = finding.help.as_deref().unwrap_or_default();
        output::say(context, &format!("{}; {help}", finding.message));
    }
    let bytes = made.files.into_values().find_map(|file| match file.content {
        Content::Bytes(bytes) => Some(bytes),
        Content::Unchanged => None,
    });
    let Some(bytes) = bytes else {
        let reason = made.findings.into_iter().find(|finding| finding.code == "no-pdf");
        return Err(Failure::new(reason.map_or_else(|| "there is no PDF".to_owned(), |reason| reason.message)));
    };
    write_bytes(context, &bytes, to.output)
}

/// Whether a path stands for standard output.
fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

fn data(context: &Context, form: DataForm, to: File) -> Outcome {
    let session = context.load(to.at.as_deref())?;
    let text = match form {
        DataForm::Json => loko_site::export::json_text(session.model(), &session.snapshot),
        DataForm::Toon => loko_site::export::toon_text(session.model(), &session.snapshot),
    };
    let source = to.output.as_ref().and_then(|path| path.canonicalize().ok());
    let source = source.as_deref().and_then(|path| path.strip_prefix(session.workspace.root()).ok());
    if source.and_then(|path| session.snapshot.text(&path.to_string_lossy())).is_some() {
        return Err(Failure::new("the output is a file of the workspace").help("name another with `--output`"));
    }
    write(context, &text, to.output)
}

fn write(context: &Context, text: &str, output: Option<PathBuf>) -> Outcome {
    write_bytes(context, text.as_bytes(), output)
}

fn write_bytes(context: &Context, bytes: &[u8], output: Option<PathBuf>) -> Outcome {
    match output.filter(|path| !is_stream(path)) {
        None => output::print_bytes(bytes),
        Some(path) => {
            write_atomically(&path, bytes).map_err(|error| Failure::unwritable(&path, &error))?;
            output::say(context, &format!("wrote {}", path.display()));
        }
    }
    Ok(Done::Fine)
}
