use crate::context::{Context, Done, Failure, Outcome};
use crate::pipeline::Pictures;
use crate::{output, pipeline};
use clap::ValueEnum;
use loko_d2::{Compiled, ImportResolver, SyntaxError};
use loko_diagram::Board;
use loko_draw::{Look, Theme};
use loko_source::disk::{Workspace, write_atomically};
use loko_source::{Diagnostic, FilePath, Snapshot, Source};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Work on D2 files: format, check, draw
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Write files in the canonical form; `-` formats standard input
    Fmt {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Write nothing; fail when a file is not in the canonical form
        #[arg(long)]
        check: bool,
    },
    /// Print the syntax tree as JSON
    Ast {
        /// The file, or `-`
        file: PathBuf,
    },
    /// Print the compiled diagram as JSON
    Graph(Input),
    /// Say what is wrong, with the lines it is about
    Check {
        /// The files, or `-`
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Imports are looked up below this folder and never leave it [default: here, else the file's folder]
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
    },
    /// Draw a file
    Render(RenderArgs),
    /// Print where everything is placed, as JSON
    Layout {
        #[command(flatten)]
        input: Input,
        #[command(flatten)]
        look: LookArgs,
    },
}

/// A file to compile.
#[derive(clap::Args)]
pub(crate) struct Input {
    /// The file, or `-`
    pub(crate) file: PathBuf,
    /// Imports are looked up below this folder and never leave it [default: here, else the file's folder]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// How it looks.
#[derive(clap::Args)]
struct LookArgs {
    /// The theme, by D2's number or by name
    #[arg(long, short, value_name = "THEME")]
    theme: Option<String>,
    /// The theme on dark pages
    #[arg(long, value_name = "THEME")]
    dark_theme: Option<String>,
    /// As if drawn by hand
    #[arg(long, short)]
    sketch: bool,
    /// The margin in pixels
    #[arg(long, value_name = "PIXELS")]
    pad: Option<f64>,
}

/// What to draw, and how.
#[derive(clap::Args)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Where to write; standard output without it (PNG and PDF only when that is no terminal)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The form [default: by the output's name, else svg]
    #[arg(short, long, value_enum)]
    pub(crate) format: Option<Picture>,
    #[command(flatten)]
    look: LookArgs,
    /// Draw very many objects as a map: large names for large areas, relations merged between areas
    #[arg(long)]
    pub(crate) overview: bool,
    /// Write where everything stands into `FILE.positions.toml`; later drawings change as little of that as they can
    #[arg(long)]
    pub(crate) keep_positions: bool,
    /// Place everything anew, whatever `FILE.positions.toml` says
    #[arg(long)]
    pub(crate) forget_positions: bool,
    /// Accepted for D2's users (dagre, elk, tala): loko lays out by its own engine, whatever it says
    #[arg(long, value_enum, value_name = "ENGINE")]
    layout: Option<Engine>,
    /// How many times its own size: pixels of a PNG for each of the drawing, or the width and height that an SVG states
    /// [default: 2 for PNG, 1 for SVG]
    #[arg(long, value_name = "FACTOR", value_parser = scale)]
    pub(crate) scale: Option<f64>,
    /// A font for characters of a PNG or PDF that loko's own fonts lack (Chinese, Arabic …); may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Vec<PathBuf>,
    /// The board to draw, `layers.x`; `*` is every board, `layers.x.*` that one with all below it [default: the first]
    #[arg(long, value_name = "BOARD")]
    pub(crate) target: Option<String>,
    /// One SVG that shows all boards, each for so many milliseconds
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    pub(crate) animate_interval: Option<u64>,
    /// Fetch the pictures of icons that are `https://` and `http://` URLs and put them into the drawing
    #[arg(long)]
    pub(crate) allow_remote: bool,
}

/// Engines that D2's users name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    Loko,
    Dagre,
    Elk,
    Tala,
}

fn scale(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if factor.is_finite() && factor > 0.0 { Ok(factor) } else { Err("it must be above 0".to_owned()) }
}

/// Forms of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    Svg,
    Png,
    /// Vectors and text, for print
    Pdf,
    /// Unicode text, for terminals
    Txt,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    match args.action {
        Action::Fmt { files, check } => format(context, &files, check),
        Action::Ast { file } => ast(context, &file),
        Action::Graph(input) => {
            let Some(compiled) = compile(context, &input)? else { return Ok(Done::Findings) };
            output::print(&loko_d2::graph_json(&compiled.diagram).to_string());
            Ok(Done::Fine)
        }
        Action::Check { files, root } => {
            let mut done = Done::Fine;
            for file in files {
                if compile(context, &Input { file, root: root.clone() })?.is_none() {
                    done = Done::Findings;
                }
            }
            Ok(done)
        }
        Action::Render(args) => render(context, &args),
        Action::Layout { input, look } => {
            let Some(compiled) = compile(context, &input)? else { return Ok(Done::Findings) };
            let look = look.look(&compiled.diagram.root)?;
            output::print(&pipeline::layout_json(&compiled.diagram.root, &look).to_string());
            Ok(Done::Fine)
        }
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        bytes
    } else {
        std::fs::read(file).map_err(|error| Failure::new(format!("cannot read `{}`: {error}", file.display())))?
    };
    Ok(loko_d2::decode(&bytes).into_owned())
}

/// The name by which errors and imports know a file; standard input lies in the root.
fn name_of(file: &Path) -> FilePath {
    let name = if file == Path::new("-") { "-" } else { file.to_str().unwrap_or("input.d2") };
    FilePath::new(name.trim_start_matches(['/', '.'])).or_else(|_| FilePath::new("input.d2")).expect("it is a name")
}

fn format(context: &Context, files: &[PathBuf], check: bool) -> Outcome {
    let mut done = Done::Fine;
    for file in files {
        let text = read(file)?;
        match loko_d2::format(&text) {
            Err(errors) => {
                tell(context, file, &text, &errors);
                done = Done::Findings;
            }
            Ok(formatted) if check => {
                if formatted != text {
                    output::print(&file.display().to_string());
                    done = Done::Findings;
                }
            }
            Ok(formatted) if file == Path::new("-") => output::print_bytes(formatted.as_bytes()),
            Ok(formatted) if formatted == text => {}
            Ok(formatted) => {
                write_atomically(file, formatted.as_bytes())
                    .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", file.display())))?;
                output::say(context, &format!("formatted {}", file.display()));
            }
        }
    }
    Ok(done)
}

fn ast(context: &Context, file: &Path) -> Outcome {
    let text = read(file)?;
    let parsed = loko_d2::parse(&text);
    if parsed.errors.is_empty() {
        output::print(&loko_d2::ast_json(&parsed.tree).to_string());
        return Ok(Done::Fine);
    }
    tell(context, file, &text, &parsed.errors);
    Ok(Done::Findings)
}

/// Imports from a folder, never out of it.
struct Folder(Workspace);

impl ImportResolver for Folder {
    fn read(&self, path: &FilePath) -> Result<String, String> {
        let source = self.0.read_text(path.as_str()).ok_or_else(|| "no such file".to_owned())?;
        Ok(source.text().to_owned())
    }
}

/// The folder that imports may come from, and the file's name in it.
fn place(input: &Input) -> Result<(Workspace, FilePath), Failure> {
    let here = std::env::current_dir()?;
    if input.file == Path::new("-") {
        let root = Workspace::open(input.root.as_deref().unwrap_or(&here))?;
        return Ok((root, name_of(&input.file)));
    }
    let unreadable = |error| Failure::new(format!("cannot read `{}`: {error}", input.file.display()));
    let file = input.file.canonicalize().map_err(unreadable)?;
    let folder = file.parent().unwrap_or(&here).to_owned();
    let root = match &input.root {
        Some(root) => root.clone(),
        None if here.canonicalize().is_ok_and(|here| file.starts_with(here)) => here,
        None => folder,
    };
    let root = Workspace::open(&root)?;
    let below = file.strip_prefix(root.root()).map_err(|_| {
        Failure::new(format!("`{}` lies outside of `{}`", input.file.display(), root.root().display()))
            .help("name a folder around both with `--root`")
    })?;
    let name = FilePath::new(&below.to_string_lossy()).map_err(|error| Failure::new(error.to_string()))?;
    Ok((root, name))
}

/// Compiles a file and tells what is wrong with it; nothing when it is not valid.
fn compile(context: &Context, input: &Input) -> Result<Option<Compiled>, Failure> {
    let text = read(&input.file)?;
    let (root, name) = place(input)?;
    let compiled = loko_d2::compile(&text, &name, &Folder(root));
    if compiled.is_valid() {
        return Ok(Some(compiled));
    }
    let mut snapshot = Snapshot::default();
    for file in &compiled.files {
        snapshot.insert(file.path.clone(), Source::new(&*file.text));
    }
    let findings = compiled.diagnostics().into_iter().map(|finding| with_origin(finding, &input.file, &name));
    output::remark_findings(context, &findings.collect::<Vec<_>>(), &snapshot);
    Ok(None)
}

/// Tells what is wrong with one text.
fn tell(context: &Context, file: &Path, text: &str, errors: &[SyntaxError]) {
    let name = &name_of(file);
    let snapshot = Snapshot::from_texts([(name.as_str(), text)]);
    let findings = errors.iter().map(|error| with_origin(error.to_diagnostic(name), file, name));
    output::remark_findings(context, &findings.collect::<Vec<_>>(), &snapshot);
}

/// A finding in a file that goes by another name than the one it was given by says which it is.
fn with_origin(finding: Diagnostic, file: &Path, name: &FilePath) -> Diagnostic {
    let is_main = finding.primary.as_ref().is_some_and(|label| label.place.path == *name);
    let given = file.strip_prefix(".").unwrap_or(file);
    if is_main && given != Path::new(name.as_str()) {
        return finding.note(format!("the file is {}", file.display()));
    }
    finding
}

impl LookArgs {
    fn look(&self, board: &Board) -> Result<Look, Failure> {
        let mut look = Look::default().configured(&board.config);
        if let Some(name) = &self.theme {
            look.theme = theme(name)?;
            look.dark_theme = None;
        }
        if let Some(name) = &self.dark_theme {
            look.dark_theme = Some(theme(name)?);
        }
        look.sketch |= self.sketch;
        if let Some(pad) = self.pad {
            look.pad = pad.clamp(0.0, 10_000.0);
        }
        Ok(look)
    }
}

/// The theme of a D2 number or a name.
pub(crate) fn theme(name: &str) -> Result<&'static Theme, Failure> {
    Theme::named(name).ok_or_else(|| {
        let known = Theme::all().iter().map(|theme| theme.name);
        let hint = loko_source::suggest::did_you_mean(name, known);
        let names: Vec<String> = Theme::all().iter().map(|theme| format!("{} ({})", theme.name, theme.id)).collect();
        Failure::new(format!("there is no theme `{name}`"))
            .help(hint.unwrap_or_else(|| format!("the themes are {}", names.join(", "))))
    })
}

/// Draws a file.
pub(crate) fn render(context: &Context, args: &RenderArgs) -> Outcome {
    let Some(compiled) = compile(context, &args.input)? else { return Ok(Done::Findings) };
    let look = args.look.look(&compiled.diagram.root)?;
    let (root, name) = place(&args.input)?;
    let pictures = Pictures::new(&root, &name, args.allow_remote);
    crate::render::render(context, args, &compiled.diagram.root, &look, &pictures)?;
    Ok(Done::Fine)
}
