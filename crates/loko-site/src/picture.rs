//! One view as a picture, in the looks that the project asks for: what the site draws, for those who want no site.

use crate::colors::Colors;
use crate::fonts::{self, FindFonts};
use crate::pipeline;
use loko_diagram::Board;
use loko_draw::{Look, SvgOptions};
use loko_layout::{Hints, Options};
use loko_model::Model;
use loko_model::view::{self, View};
use loko_source::Snapshot;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many pictures are remembered.
const PICTURES_MAX: usize = 64;
/// Larger pictures than this are drawn each time.
const BYTES_MAX: usize = 1024 * 1024;

/// A view as an SVG file that stands alone.
pub fn svg(model: &Model, snapshot: &Snapshot, view: &View) -> String {
    Wish::svg(model, snapshot, view).draw()
}

/// A view in letters, for terminals and other readers of plain text.
pub fn text(model: &Model, snapshot: &Snapshot, view: &View) -> String {
    Wish::text(model, snapshot, view).draw()
}

/// All that a picture follows from.
#[derive(Debug, PartialEq)]
struct Wish {
    board: Board,
    look: Look,
    kept: Option<Hints>,
    /// The title of an SVG file; letters have none.
    title: Option<String>,
}

impl Wish {
    fn svg(model: &Model, snapshot: &Snapshot, view: &View) -> Self {
        let board = board(model, snapshot, view);
        let look = look(model, snapshot, &board);
        let kept = pipeline::kept_positions(snapshot, &view.key).map(|(_, hints)| hints);
        Self { board, look, kept, title: Some(view.title.clone()) }
    }

    fn text(model: &Model, snapshot: &Snapshot, view: &View) -> Self {
        Self { board: board(model, snapshot, view), look: Look::default(), kept: None, title: None }
    }

    fn draw(&self) -> String {
        let placing = Options { previous: self.kept.as_ref(), ..Options::default() };
        let placed = loko_layout::layout(&self.board, &loko_draw::measure(&self.board, &self.look), &placing);
        match &self.title {
            None => loko_draw::text(&self.board, &placed),
            Some(title) => {
                let options = SvgOptions { title: Some(title), ..SvgOptions::default() };
                loko_draw::svg(&self.board, &placed, &self.look, &options)
            }
        }
    }
}

/// Pictures that were drawn for a program that keeps running: who asks again for one that would be the same need not wait.
#[derive(Debug, Default)]
pub struct Pictures {
    all: Mutex<VecDeque<(Wish, Arc<str>)>>,
    fonts: Mutex<Option<Fonts>>,
}

/// Letters, and fonts that have them.
type Fonts = (BTreeSet<char>, Arc<Vec<Vec<u8>>>);

impl Pictures {
    /// As [`svg`].
    pub fn svg(&self, model: &Model, snapshot: &Snapshot, view: &View) -> Arc<str> {
        self.drawn(Wish::svg(model, snapshot, view))
    }

    /// A view as a PNG file, `scale` pixels a unit; `find` finds fonts for letters that loko's own and the workspace's lack.
    pub fn png(
        &self,
        model: &Model,
        snapshot: &Snapshot,
        view: &View,
        scale: f64,
        find: Option<FindFonts>,
    ) -> Result<Vec<u8>, loko_draw::Error> {
        let svg = self.svg(model, snapshot, view);
        let missing = loko_draw::letters_beyond(&svg);
        let more = if missing.is_empty() { Arc::default() } else { self.fonts(snapshot, missing, find) };
        loko_draw::png_with_fonts(&svg, scale, &more)
    }

    /// Fonts that have some letters: those that were found for the last picture that needed any, where it needed the same.
    fn fonts(&self, snapshot: &Snapshot, letters: BTreeSet<char>, find: Option<FindFonts>) -> Arc<Vec<Vec<u8>>> {
        let mut found = self.fonts.lock().unwrap_or_else(PoisonError::into_inner);
        match &*found {
            Some((known, fonts)) if *known == letters => fonts.clone(),
            _ => {
                let fonts = Arc::new(fonts::with(snapshot, &letters, find));
                *found = Some((letters, fonts.clone()));
                fonts
            }
        }
    }

    /// As [`text`].
    pub fn text(&self, model: &Model, snapshot: &Snapshot, view: &View) -> Arc<str> {
        self.drawn(Wish::text(model, snapshot, view))
    }

    fn drawn(&self, wish: Wish) -> Arc<str> {
        let known = self.all().iter().find(|(known, _)| *known == wish).map(|(_, picture)| picture.clone());
        if let Some(picture) = known {
            return picture;
        }
        let picture: Arc<str> = wish.draw().into();
        if picture.len() <= BYTES_MAX {
            let mut all = self.all();
            if all.len() == PICTURES_MAX {
                all.pop_front();
            }
            all.push_back((wish, picture.clone()));
        }
        picture
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<(Wish, Arc<str>)>> {
        // Each picture is put in as a whole.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn board(model: &Model, snapshot: &Snapshot, view: &View) -> Board {
    view::diagram(model, snapshot, view).0.root
}

fn look(model: &Model, snapshot: &Snapshot, board: &Board) -> Look {
    pipeline::look(model, &Colors::of(snapshot)).configured(&board.config)
}

#[cfg(test)]
mod tests {
    use super::{Pictures, svg};
    use loko_model::view;
    use loko_source::{FilePath, Snapshot, Source};
    use std::sync::Arc;

    #[test]
    fn a_picture_is_drawn_anew_when_it_would_be_another() {
        let mut snapshot = Snapshot::from_texts([
            ("src/shop/system.md", "---\nname: Shop\n---\n"),
            ("src/shop/api/container.md", "---\nname: API\n---\n"),
        ]);
        let pictures = Pictures::default();
        let drawn = |snapshot: &Snapshot| {
            let model = loko_model::load(snapshot).model;
            let view = view::by_key(&model, "containers/shop").expect("the view is there");
            let picture = pictures.svg(&model, snapshot, &view);
            assert_eq!(*picture, *svg(&model, snapshot, &view));
            picture
        };
        let first = drawn(&snapshot);
        assert!(Arc::ptr_eq(&first, &drawn(&snapshot)));
        let file = FilePath::new("src/shop/api/container.md").expect("a path");
        snapshot.insert(file, Source::new("---\nname: Gateway\n---\n"));
        assert!(drawn(&snapshot).contains("Gateway"));
    }
}
