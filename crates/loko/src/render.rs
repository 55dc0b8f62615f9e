//! Boards of a D2 file to picture files: which boards, in which form, to which places.

use crate::animate::{Frame, animate};
use crate::commands::d2::{Picture, RenderArgs};
use crate::context::{Context, Failure};
use crate::output;
use crate::pipeline::{self, Pictures, Placing};
use clap::ValueEnum as _;
use loko_d2::ast::Text;
use loko_d2::syntax::parse_key_path;
use loko_diagram::{Board, Overview, Placed};
use loko_draw::{Look, SvgOptions};
use loko_layout::Hints;
use loko_source::disk::{write_atomically, write_derived};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pixels of a PNG for each pixel of the drawing, unless told otherwise.
const PNG_SCALE: f64 = 2.0;

/// From so many objects on, with as many relations, it is said that a map can be drawn of them.
const CROWDED: usize = 500;

/// A board with the names that lead to it: `layers`, `x`.
struct Chosen<'b> {
    path: Vec<String>,
    board: &'b Board,
}

/// Draws the boards that the arguments name.
pub(crate) fn render(
    context: &Context,
    args: &RenderArgs,
    root: &Board,
    look: &Look,
    pictures: &Pictures<'_>,
) -> Result<(), Failure> {
    let all = if args.animate_interval.is_some() { "*" } else { "" };
    let chosen = choose(root, args.target.as_deref().unwrap_or(all))?;
    let form = form(args)?;
    // Cells of a terminal are no pixels: the look's fonts do not count there.
    let plain = Look::default();
    let look = if form == Picture::Txt { &plain } else { look };
    let boards = chosen.into_iter().map(|chosen| place(context, args, chosen, look)).collect::<Result<Vec<_>, _>>()?;
    if let Some(interval) = args.animate_interval {
        if form != Picture::Svg {
            return Err(Failure::new("only an SVG can show boards one after the other")
                .help("leave `--animate-interval` out, or say `--format svg`"));
        }
        let drawing = animated(&boards, look, pictures, Duration::from_millis(interval));
        return write(context, output_of(args), &scaled(drawing, args.scale).into_bytes());
    }
    if form == Picture::Pdf {
        return write(context, output_of(args), &pdf(context, &boards, args, look, pictures)?);
    }
    if let [only] = boards.as_slice() {
        let links = |link: &str| Some(link.to_owned());
        return write(context, output_of(args), &draw(context, only, form, args, look, pictures, &links)?);
    }
    let Some(output) = output_of(args) else {
        return Err(Failure::new(format!("there are {} boards to draw", boards.len()))
            .help("name a place for their files with `--output`, or draw one file with `--animate-interval` or `--format pdf`"));
    };
    let (folder, end) = (
        output.with_extension(""),
        form.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned()),
    );
    let files: Vec<String> = boards.iter().map(|chosen| file_of(chosen, &end)).collect();
    for (chosen, file) in boards.iter().zip(&files) {
        let links = |link: &str| link_between(link, file, &boards, &files);
        let bytes = draw(context, chosen, form, args, look, pictures, &links)?;
        let place = folder.join(file);
        let parent = place.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent)
            .map_err(|error| Failure::new(format!("cannot make `{}`: {error}", parent.display())))?;
        write(context, Some(&place), &bytes)?;
    }
    Ok(())
}

/// The file to write; `-` is standard output, as no output at all is.
fn output_of(args: &RenderArgs) -> Option<&Path> {
    args.output.as_deref().filter(|path| *path != Path::new("-"))
}

/// The form that is asked for, or that the output's name tells.
fn form(args: &RenderArgs) -> Result<Picture, Failure> {
    let named = args.output.as_ref().and_then(|path| path.extension()).and_then(|end| end.to_str());
    let form = match (args.format, named) {
        (Some(form), _) => form,
        (None, None) => Picture::Svg,
        (None, Some(end)) => Picture::from_str(end, true).map_err(|_| {
            Failure::new("the output's name tells no form of pictures")
                .help("end it in .svg, .png, .pdf or .txt, or say `--format`")
        })?,
    };
    let binary = match form {
        Picture::Png => "a PNG",
        Picture::Pdf => "a PDF",
        Picture::Svg | Picture::Txt => return Ok(form),
    };
    if output_of(args).is_none() && std::io::stdout().is_terminal() {
        return Err(Failure::new(format!("{binary} is nothing for a terminal")).help("name a file with `--output`"));
    }
    Ok(form)
}

fn write(context: &Context, place: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    let Some(place) = place else {
        output::print_bytes(bytes);
        return Ok(());
    };
    write_derived(place, bytes).map_err(|error| Failure::unwritable(place, &error))?;
    output::say(context, &format!("wrote {}", place.display()));
    Ok(())
}

// Boards.

/// The boards that a target names: one, or with `*` at its end one and all below it. Boards that hold nothing but
/// boards are passed over then.
fn choose<'b>(root: &'b Board, target: &str) -> Result<Vec<Chosen<'b>>, Failure> {
    let (base, with_inner) = match target.strip_suffix('*') {
        Some(base) => (base.trim_end_matches('.'), true),
        None => (target, false),
    };
    let mut all = Vec::new();
    gather(root, &mut Vec::new(), &mut all);
    let mut names: Vec<String> = match parse_key_path(base) {
        Some(path) => path.elements.iter().map(Text::as_str).map(str::to_owned).collect(),
        None => Vec::new(),
    };
    if names.first().is_some_and(|first| first == "root") {
        names.remove(0);
    }
    if !all.iter().any(|chosen| chosen.path == names) {
        return Err(no_board(base, &all));
    }
    if !with_inner {
        all.retain(|chosen| chosen.path == names);
        return Ok(all);
    }
    all.retain(|chosen| chosen.path.starts_with(&names));
    if all.iter().any(|chosen| !chosen.board.folder_only) {
        all.retain(|chosen| !chosen.board.folder_only);
    } else {
        all.truncate(1);
    }
    Ok(all)
}

fn gather<'b>(board: &'b Board, path: &mut Vec<String>, all: &mut Vec<Chosen<'b>>) {
    all.push(Chosen { path: path.clone(), board });
    for (group, boards) in [("layers", &board.layers), ("scenarios", &board.scenarios), ("steps", &board.steps)] {
        for inner in boards {
            path.extend([group.to_owned(), inner.name.clone()]);
            gather(inner, path, all);
            path.truncate(path.len() - 2);
        }
    }
}

fn no_board(target: &str, all: &[Chosen<'_>]) -> Failure {
    let names: Vec<String> = all.iter().skip(1).map(|chosen| chosen.path.join(".")).collect();
    let failure = Failure::new(format!("there is no board `{target}`"));
    match loko_source::suggest::did_you_mean(target, names.iter().map(String::as_str)) {
        Some(hint) => failure.help(hint),
        None if names.is_empty() => failure.help("the file has no boards; leave `--target` out"),
        None => failure.help(format!("the boards are {}", names.join(", "))),
    }
}

// Places.

/// A board with everything in its place.
struct Drawing<'b> {
    path: Vec<String>,
    board: Cow<'b, Board>,
    placed: Placed,
}

/// Decides where everything stands, from where it stood before if that is known.
fn place<'b>(context: &Context, args: &RenderArgs, chosen: Chosen<'b>, look: &Look) -> Result<Drawing<'b>, Failure> {
    let board = if args.overview { Cow::Owned(overview(context, chosen.board)) } else { Cow::Borrowed(chosen.board) };
    let (objects, relations) = (board.objects.len(), board.edges.len());
    if !args.overview && objects >= CROWDED && relations >= objects {
        let text =
            format!("{objects} objects and {relations} relations are hard to read: `--overview` draws a map of them");
        output::say(context, &text);
    }
    let positions = positions_file(args, &chosen.path)?;
    let previous = positions.as_deref().filter(|_| !args.forget_positions).and_then(read_positions);
    let placed = pipeline::place(&board, look, &Placing { map: args.overview, previous });
    if let Some(path) = positions.filter(|_| args.keep_positions) {
        write_atomically(&path, Hints::new(&board, &placed).to_text().as_bytes())
            .map_err(|error| Failure::unwritable(&path, &error))?;
    }
    Ok(Drawing { path: chosen.path, board, placed })
}

/// The file that keeps positions, beside the drawn file; other boards than the first have files of their own.
fn positions_file(args: &RenderArgs, board: &[String]) -> Result<Option<PathBuf>, Failure> {
    if args.input.file == Path::new("-") {
        return match args.keep_positions {
            true => Err(Failure::new("standard input has no place for a file of positions").help("name a file")),
            false => Ok(None),
        };
    }
    let mut name = args.input.file.as_os_str().to_owned();
    if !board.is_empty() {
        name.push(format!(".{}", board.join(".").replace(['/', '\\'], "_")));
    }
    if args.overview {
        name.push(".overview");
    }
    name.push(".positions.toml");
    Ok(Some(PathBuf::from(name)))
}

#[expect(clippy::disallowed_methods, reason = "a file beside the drawn one, not of a workspace")]
fn read_positions(path: &Path) -> Option<Hints> {
    let hints = Hints::parse(&std::fs::read_to_string(path).ok()?);
    (!hints.is_empty()).then_some(hints)
}

/// The map of a board; says which relations it has no room for.
fn overview(context: &Context, board: &Board) -> Board {
    let overview = Overview::of(board);
    if overview.left_out > 0 {
        let (out, all) = (overview.left_out, overview.relations);
        output::say(context, &format!("{out} of {all} relations are not drawn: their areas have stronger ones"));
    }
    overview.board
}

// Files of several boards.

/// The file of a board below the folder of all: `index.svg`, `layers/x.svg`, `layers/x/index.svg` where more is below.
fn file_of(chosen: &Drawing<'_>, end: &str) -> String {
    let parts: Vec<String> = chosen.path.iter().map(|name| file_name(name)).collect();
    let folder = parts.join("/");
    match (folder.is_empty(), chosen.board.boards().next().is_some()) {
        (true, _) => format!("index.{end}"),
        (false, true) => format!("{folder}/index.{end}"),
        (false, false) => format!("{folder}.{end}"),
    }
}

/// A name as a part of a file's path, told apart from every other name.
fn file_name(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() || matches!(c, '-' | '_' | ' ') {
            out.push(c);
        } else {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        }
    }
    out
}

/// A link to a board as the way from one file to the other; other links stay, those to boards not drawn go.
fn link_between(link: &str, from: &str, boards: &[Drawing<'_>], files: &[String]) -> Option<String> {
    let Some(rest) = link.strip_prefix("root").filter(|rest| rest.is_empty() || rest.starts_with('.')) else {
        return Some(link.to_owned());
    };
    let names: Vec<String> = match parse_key_path(rest.trim_start_matches('.')) {
        Some(path) => path.elements.iter().map(Text::as_str).map(str::to_owned).collect(),
        None => Vec::new(),
    };
    let at = boards.iter().position(|chosen| chosen.path == names)?;
    let up = "../".repeat(from.matches('/').count());
    Some(format!("{up}{}", files[at].replace('%', "%25")))
}

// Forms.

fn draw(
    context: &Context,
    drawing: &Drawing<'_>,
    form: Picture,
    args: &RenderArgs,
    look: &Look,
    pictures: &Pictures<'_>,
    links: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Vec<u8>, Failure> {
    let svg = || {
        let options = SvgOptions { links, ..SvgOptions::default() };
        pipeline::svg(&drawing.board, &drawing.placed, look, Some(pictures), options)
    };
    match form {
        Picture::Svg => Ok(scaled(svg(), args.scale).into_bytes()),
        Picture::Txt => Ok(loko_draw::text(&drawing.board, &drawing.placed).into_bytes()),
        Picture::Png => {
            let scene = pipeline::scene(&drawing.board, &drawing.placed, look, Some(pictures));
            let more = fonts(context, args, std::slice::from_ref(&scene))?;
            loko_draw::png_with_fonts(&svg(), args.scale.unwrap_or(PNG_SCALE), &more)
                .map_err(|error| Failure::new(error.to_string()))
        }
        Picture::Pdf => pdf(context, std::slice::from_ref(drawing), args, look, pictures),
    }
}

/// The fonts that the caller names and, for letters that they lack, those of the system; says which letters none has.
#[expect(clippy::disallowed_methods, reason = "fonts lie anywhere")]
fn fonts(context: &Context, args: &RenderArgs, scenes: &[loko_draw::scene::Scene]) -> Result<Vec<Vec<u8>>, Failure> {
    let unreadable = |path: &Path, error| Failure::new(format!("cannot read `{}`: {error}", path.display()));
    let named = args.font.iter().map(|path| std::fs::read(path).map_err(|error| unreadable(path, error)));
    let mut fonts = named.collect::<Result<Vec<Vec<u8>>, Failure>>()?;
    let missing = missing_letters(scenes, &fonts);
    if !missing.is_empty() {
        fonts.extend(crate::fonts::find(&missing));
        say_what_is_missing(context, &missing_letters(scenes, &fonts));
    }
    Ok(fonts)
}

fn missing_letters(scenes: &[loko_draw::scene::Scene], fonts: &[Vec<u8>]) -> BTreeSet<char> {
    scenes.iter().flat_map(|scene| loko_draw::missing_letters(scene, fonts)).collect()
}

/// One page for each board.
fn pdf(
    context: &Context,
    boards: &[Drawing<'_>],
    args: &RenderArgs,
    look: &Look,
    pictures: &Pictures<'_>,
) -> Result<Vec<u8>, Failure> {
    let scenes: Vec<_> =
        boards.iter().map(|chosen| pipeline::scene(&chosen.board, &chosen.placed, look, Some(pictures))).collect();
    let more = fonts(context, args, &scenes)?;
    let pages: Vec<_> = scenes.iter().collect();
    loko_draw::pdf_with_fonts(&pages, &more).map_err(|error| Failure::new(error.to_string()))
}

/// Says which letters no font has: a picture that asks no system for fonts shows boxes for them.
fn say_what_is_missing(context: &Context, missing: &BTreeSet<char>) {
    /// How many letters are named.
    const NAMED: usize = 5;
    if missing.is_empty() {
        return;
    }
    let named: Vec<String> = missing.iter().take(NAMED).map(char::to_string).collect();
    let more = if missing.len() > NAMED { " …" } else { "" };
    let (count, letters) = (missing.len(), if missing.len() == 1 { "letter is" } else { "letters are" });
    let text = format!(
        "{count} {letters} in no font and drawn as boxes ({}{more}): name a font that has them with `--font`",
        named.join(" ")
    );
    output::say(context, &text);
}

fn animated(boards: &[Drawing<'_>], look: &Look, pictures: &Pictures<'_>, interval: Duration) -> String {
    let frames: Vec<Frame> = boards
        .iter()
        .enumerate()
        .map(|(at, chosen)| {
            let bounds = pipeline::scene(&chosen.board, &chosen.placed, look, Some(pictures)).bounds;
            let prefix = format!("frame-{at}-");
            let options = SvgOptions { id_prefix: &prefix, standalone: false, ..SvgOptions::default() };
            let svg = pipeline::svg(&chosen.board, &chosen.placed, look, Some(pictures), options);
            Frame { svg, width: bounds.w, height: bounds.h }
        })
        .collect();
    animate(&frames, interval)
}

/// A drawing whose outermost element states another size; what it shows stays.
fn scaled(svg: String, scale: Option<f64>) -> String {
    let Some(scale) = scale else { return svg };
    let Some(open) = svg.find("<svg") else { return svg };
    let Some(close) = svg[open..].find('>').map(|length| open + length) else { return svg };
    let mut head = svg[open..close].to_owned();
    for name in [" width=\"", " height=\""] {
        let Some(start) = head.find(name).map(|at| at + name.len()) else { continue };
        let Some(end) = head[start..].find('"').map(|length| start + length) else { continue };
        if let Ok(size) = head[start..end].parse::<f64>() {
            let size = (size * scale * 100.0).round() / 100.0;
            head.replace_range(start..end, &size.to_string());
        }
    }
    format!("{}{head}{}", &svg[..open], &svg[close..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boards() -> Board {
        let board = |name: &str| Board { name: name.to_owned(), ..Board::default() };
        let mut x = board("x");
        x.layers.push(board("a/b"));
        let mut root = board("");
        root.layers.push(x);
        root.steps.push(board("one"));
        root
    }

    #[test]
    fn targets_name_boards() {
        let root = boards();
        let names = |target: &str| -> Vec<String> {
            choose(&root, target).map_or_else(
                |failure| vec![failure.message.clone()],
                |found| found.iter().map(|chosen| chosen.path.join(".")).collect(),
            )
        };
        assert_eq!(names(""), [""]);
        assert_eq!(names("root"), [""]);
        assert_eq!(names("layers.x"), ["layers.x"]);
        assert_eq!(names("root.layers.x.layers.'a/b'"), ["layers.x.layers.a/b"]);
        assert_eq!(names("*"), ["", "layers.x", "layers.x.layers.a/b", "steps.one"]);
        assert_eq!(names("layers.x.*"), ["layers.x", "layers.x.layers.a/b"]);
        assert!(names("layers.y")[0].contains("no board"));
    }

    #[test]
    fn files_stay_in_their_folder_and_links_find_them() {
        let root = boards();
        let drawing = |chosen: Chosen<'_>| Drawing {
            path: chosen.path,
            board: Cow::Owned(chosen.board.clone()),
            placed: Placed::default(),
        };
        let found: Vec<_> = choose(&root, "*").unwrap_or_default().into_iter().map(drawing).collect();
        let files: Vec<String> = found.iter().map(|chosen| file_of(chosen, "svg")).collect();
        assert_eq!(files, ["index.svg", "layers/x/index.svg", "layers/x/layers/a%2Fb.svg", "steps/one.svg"]);
        let link = |link: &str, from: usize| link_between(link, &files[from], &found, &files);
        assert_eq!(link("root.steps.one", 1).as_deref(), Some("../../steps/one.svg"));
        assert_eq!(link("root", 3).as_deref(), Some("../index.svg"));
        assert_eq!(link("https://a.b", 3).as_deref(), Some("https://a.b"));
        assert_eq!(link("root.layers.gone", 0), None);
    }

    #[test]
    fn a_scale_changes_the_stated_size_only() {
        let svg = "<?xml?><svg width=\"10\" height=\"20.5\" viewBox=\"0 0 10 20.5\"><rect width=\"3\"/></svg>";
        let expected = "<?xml?><svg width=\"5\" height=\"10.25\" viewBox=\"0 0 10 20.5\"><rect width=\"3\"/></svg>";
        assert_eq!(scaled(svg.to_owned(), Some(0.5)), expected);
        assert_eq!(scaled(svg.to_owned(), None), svg);
    }
}
