//! A chosen set of pictures, kept: what each is made of and where, as text, and how it looks, as a small PNG.
//!
//! `snapshots/NAME.d2` is drawn; `NAME.txt` has a line for every group and text, `NAME.png` the picture at half its size.
//! `UPDATE=1 cargo test -p loko-draw --test snapshots` writes both; look at them before you commit them.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads and writes its own folder")]

use loko_d2::{NoImports, compile};
use loko_draw::scene::{Item, Scene};
use loko_draw::{Look, SvgOptions, measure, png, scene, svg};
use loko_layout::{Options, layout};
use loko_source::FilePath;
use resvg::tiny_skia::Pixmap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// How far a channel of a pixel may be off, for rasterizers that round in another way.
const CHANNEL: u8 = 24;
/// How many pixels of a thousand may be off by more.
const PIXELS: usize = 2;

struct Snapshot {
    structure: String,
    image: Vec<u8>,
}

#[test]
fn chosen_pictures_stay_as_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "d2"));
    files.sort();
    assert!(files.len() >= 6, "only {} pictures", files.len());
    let is_update = std::env::var_os("UPDATE").is_some();
    let mut faults = Vec::new();
    for file in files {
        let drawn = draw(&fs::read_to_string(&file).unwrap());
        let (text, image) = (file.with_extension("txt"), file.with_extension("png"));
        if is_update {
            fs::write(&text, &drawn.structure).unwrap();
            fs::write(&image, &drawn.image).unwrap();
            continue;
        }
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let known = fs::read_to_string(&text).unwrap_or_default();
        faults.extend(first_difference(&known, &drawn.structure).map(|line| format!("{name}: {line}")));
        let known = fs::read(&image).unwrap_or_default();
        faults.extend(image_difference(&known, &drawn.image).map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "UPDATE=1 writes what is drawn now:\n{}", faults.join("\n"));
}

/// A comparison that finds nothing would be worth nothing.
#[test]
fn differences_are_found() {
    let (one, two) = (draw("a -> b"), draw("a -> b: {style.stroke: red}\nb.style.fill: yellow"));
    assert!(first_difference(&one.structure, &draw("a -> c").structure).is_some());
    assert!(image_difference(&one.image, &two.image).is_some());
    assert!(image_difference(&one.image, &one.image).is_none());
}

fn draw(text: &str) -> Snapshot {
    let compiled = compile(text, &FilePath::new("index.d2").unwrap(), &NoImports);
    assert!(compiled.is_valid(), "{:?}", compiled.error_lines());
    let board = compiled.diagram.root;
    let look = Look::default().configured(&board.config);
    let placed = layout(&board, &measure(&board, &look), &Options::default());
    let drawn = svg(&board, &placed, &look.clone().only_light(), &SvgOptions::default());
    let structure = structure(&scene(&board, &placed, &look, &SvgOptions::default()));
    Snapshot { structure, image: png(&drawn, 0.5).unwrap() }
}

/// A line for each group with its ids, and for each text with its place, in the order of drawing.
fn structure(scene: &Scene) -> String {
    let bounds = scene.bounds;
    let mut out = format!("picture {:.0} x {:.0}: {}\n", bounds.w, bounds.h, scene.description);
    items(&scene.backdrop, 0, &mut out);
    items(&scene.items, 0, &mut out);
    out
}

fn items(items: &[Item], depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for item in items {
        match item {
            Item::Group(group) => {
                let _ = writeln!(out, "{indent}{} {} \"{}\"", group.class, group.id, group.label);
                self::items(&group.items, depth + 1, out);
            }
            Item::Text(lines) => {
                for line in lines {
                    let text: String = line.runs.iter().map(|run| run.text.as_str()).collect();
                    let _ = writeln!(out, "{indent}text {:.0},{:.0} {text}", line.start(), line.at.y);
                }
            }
            Item::Figure(figure) if !figure.class.is_empty() => {
                let _ = writeln!(out, "{indent}{}", figure.class);
            }
            Item::Figure(_) => {}
            Item::Picture(picture) => {
                let _ = writeln!(out, "{indent}image {:.0},{:.0}", picture.rect.x, picture.rect.y);
            }
        }
    }
}

fn first_difference(known: &str, now: &str) -> Option<String> {
    let mut pairs = known.lines().zip(now.lines()).enumerate();
    let differs = pairs.find(|(_, (known, now))| known != now);
    match differs {
        Some((at, (known, now))) => Some(format!("line {} was `{known}`, is `{now}`", at + 1)),
        None if known.lines().count() != now.lines().count() => Some("lines were added or removed".into()),
        None => None,
    }
}

fn image_difference(known: &[u8], now: &[u8]) -> Option<String> {
    let (Ok(known), Ok(now)) = (Pixmap::decode_png(known), Pixmap::decode_png(now)) else {
        return Some("there is no image".into());
    };
    if (known.width(), known.height()) != (now.width(), now.height()) {
        return Some(format!(
            "was {} x {} pixels, is {} x {}",
            known.width(),
            known.height(),
            now.width(),
            now.height()
        ));
    }
    let is_off = |(one, two): (&[u8], &[u8])| one.iter().zip(two).any(|(one, two)| one.abs_diff(*two) > CHANNEL);
    let off = known.data().chunks(4).zip(now.data().chunks(4)).filter(|pair| is_off(*pair)).count();
    let all = known.data().len() / 4;
    (off * 1000 > all * PIXELS).then(|| format!("{off} of {all} pixels differ"))
}
