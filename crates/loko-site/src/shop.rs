//! Where pages are made of their plans: with templates, a pen and the pictures that are placed already.

use crate::card;
use crate::fingerprint::Fingerprint;
use crate::memo::Memo;
use crate::pages::facets::Facet;
use crate::pages::{self, Body, Page, Sketch};
use crate::pipeline::{self, Drawing, Pen, Placement, Question};
use crate::prose::{self, Place};
use crate::render::{self, Parts, Templates};
use crate::site::Site;
use crate::theming::Theming;
use loko_diagram::Placed;
use loko_draw::scene::Scene;
use loko_model::{Kind, Model};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// All that is needed to make pages.
pub(crate) struct Shop<'a> {
    pub site: &'a Site<'a>,
    pub templates: &'a Templates,
    pub theming: &'a Theming,
    pub pen: Pen<'a>,
    pub placements: Placements<'a>,
    /// For each drawing its own file, if that has to be made.
    pub files: Vec<Option<OwnFile>>,
}

/// A file that shows a drawing which stands on a page too.
pub(crate) struct OwnFile {
    path: String,
    /// Made along with the page.
    made: Mutex<Option<String>>,
}

impl OwnFile {
    /// A file that is to be made.
    pub(crate) fn new(path: String) -> Self {
        Self { path, made: Mutex::default() }
    }
}

/// Placed pictures: those of pages that are certainly made are placed side by side first, the rest when asked for.
pub(crate) struct Placements<'a> {
    model: &'a Model,
    drawings: &'a [Drawing],
    look: &'a loko_draw::Look,
    memo: Option<&'a Memo>,
    placed: Vec<OnceLock<Arc<Placement>>>,
}

impl<'a> Placements<'a> {
    pub(crate) fn new(
        model: &'a Model,
        drawings: &'a [Drawing],
        look: &'a loko_draw::Look,
        memo: Option<&'a Memo>,
    ) -> Self {
        Self { model, drawings, look, memo, placed: drawings.iter().map(|_| OnceLock::new()).collect() }
    }

    pub(crate) fn get(&self, at: usize) -> &Arc<Placement> {
        self.placed[at].get_or_init(|| {
            let drawing = &self.drawings[at];
            let board = drawing.board(self.model);
            let question = Question::of(board, self.look, drawing.is_map, drawing.positions.as_ref());
            let fingerprint = question.fingerprint();
            let known = self.memo.and_then(|memo| memo.answer(fingerprint)).filter(|known| known.fits(board));
            known.unwrap_or_else(|| Arc::new(Placement::new(fingerprint, question.answer())))
        })
    }

    /// Places what is needed, the largest first and one by one, so that no thread is left with a large one at the end.
    pub(crate) fn prepare(&self, needed: &[bool]) {
        let needed: Vec<usize> = (0..needed.len()).filter(|at| needed[*at]).collect();
        let size = |at: usize| {
            let board = self.drawings[at].board(self.model);
            (Reverse(board.objects.len() + board.edges.len()), at)
        };
        let mut sorted: Vec<(Reverse<usize>, usize)> = needed.into_par_iter().map(size).collect();
        sorted.sort_unstable();
        sorted.into_par_iter().with_max_len(1).for_each(|(_, at)| {
            self.get(at);
        });
    }

    /// Leaves what was placed, or was known from before, for the next build.
    pub(crate) fn remember(&self) {
        let Some(memo) = self.memo else { return };
        let drawings = self.drawings.iter().zip(&self.placed);
        memo.replace_placements(drawings.map(|(drawing, placed)| (drawing.name(), placed.get().cloned())));
    }
}

impl Shop<'_> {
    /// Where the things of a drawing are.
    pub(crate) fn placed(&self, at: usize) -> &Placed {
        self.placements.get(at).placed()
    }

    /// A page as text, and what came of its prose; `prefix` stands before the names of the parts of its pictures.
    pub(crate) fn page(&self, page: &Page, prefix: &str) -> (String, prose::Prose) {
        let drawings = page.drawings.iter().enumerate();
        let mut pictures: Vec<String> =
            drawings.map(|(at, drawing)| self.inline(page, drawing.at, &format!("{prefix}d{at}-"))).collect();
        let sketches = page.sketches.iter().enumerate();
        pictures.extend(sketches.map(|(at, sketch)| self.sketch(page, sketch, &format!("{prefix}k{at}-"))));
        let mut prose = page.prose.as_ref().map(|prose| self.prose(page, prose, prefix)).unwrap_or_default();
        let parts =
            Parts { pictures, prose: std::mem::take(&mut prose.text), headings: std::mem::take(&mut prose.headings) };
        let nav = pages::nav::nav(self.site, &page.path);
        let (text, failed) = match &page.body {
            Body::Coupling(_) => {
                render::page_with(self.templates, page, nav, &pages::coupling::measure(self.site), parts)
            }
            body => render::page_with(self.templates, page, nav, body, parts),
        };
        prose.findings.extend(failed);
        if let Body::Element(body) = &page.body {
            prose.files.extend(body.files.iter().cloned());
        }
        (text, prose)
    }

    /// A drawing for a page.
    fn inline(&self, page: &Page, at: usize, prefix: &str) -> String {
        let pen = self.pen.of(&self.site.drawings[at]);
        let scene = self.scene(at);
        // Its own file is written along with it, since both are of one scene.
        if let Some(file) = &self.files[at] {
            let mut made = file.made.lock().unwrap_or_else(PoisonError::into_inner);
            if made.is_none() {
                let (inline, own) = pen.inline_and_file(&scene, &page.path, prefix, &file.path);
                *made = Some(own);
                return inline;
            }
        }
        pen.inline(&scene, &page.path, prefix)
    }

    /// A drawing as a script puts it into a page.
    pub(crate) fn for_script(&self, at: usize, page: &str, prefix: &str) -> String {
        self.pen.of(&self.site.drawings[at]).inline(&self.scene(at), page, prefix)
    }

    /// A drawing as a file that stands at a path.
    pub(crate) fn file(&self, at: usize, path: &str) -> String {
        let own = self.files[at].as_ref().filter(|file| file.path == path);
        let made = own.and_then(|file| file.made.lock().unwrap_or_else(PoisonError::into_inner).take());
        made.unwrap_or_else(|| self.pen.of(&self.site.drawings[at]).file(&self.scene(at), path))
    }

    /// As much of a drawing as a card shows.
    pub(crate) fn on_card(&self, at: usize) -> card::Diagram {
        let drawing = &self.site.drawings[at];
        let focus = card::focus(drawing.board(self.site.model), self.placed(at));
        let scene = self.scene(at);
        let seen = card::seen(scene.bounds, focus);
        let scene = Scene { has_dark: false, ..scene.within(seen) };
        card::Diagram { svg: self.pen.still(&scene), seen }
    }

    fn scene(&self, at: usize) -> Scene {
        let drawing = &self.site.drawings[at];
        self.pen.scene(drawing.board(self.site.model), self.placed(at), &drawing.title)
    }

    /// A picture that a page draws for itself; what is wrong with its text is said in its place.
    fn sketch(&self, page: &Page, sketch: &Sketch, prefix: &str) -> String {
        let drawn = pipeline::draw_d2(&self.pen, &sketch.d2, &page.path, prefix);
        drawn.unwrap_or_else(|problems| format!("<pre>{}</pre>", prose::escape_html(&problems.join("\n"))))
    }

    fn prose(&self, page: &Page, prose: &pages::PageProse, prefix: &str) -> prose::Prose {
        let count = AtomicUsize::new(0);
        let draw = |d2: &str| {
            let number = count.fetch_add(1, Ordering::Relaxed);
            pipeline::draw_d2(&self.pen, d2, &page.path, &format!("{prefix}p{number}-"))
        };
        let place = Place {
            page: &page.path,
            title: &prose.title,
            file: &prose.file,
            body: prose.body,
            links: self.site.links,
            words: &self.site.words,
            draw: &draw,
        };
        prose::html(&prose.text, &place)
    }
}

/// Plans all pages but those that tell of all the others.
pub(crate) fn plan(site: &Site<'_>) -> Vec<(Page, Fingerprint)> {
    let model = site.model;
    let elements: Vec<_> = model.ids().collect();
    let mut planned: Vec<Page> = elements.par_iter().map(|ix| pages::element::page(site, *ix)).collect();
    planned.extend(pages::systems::page(site));
    planned.extend([Kind::Container, Kind::Component].map(|kind| pages::overview::page(site, kind)));
    planned.extend(Facet::ALL.iter().filter_map(|facet| pages::facets::page(site, *facet)));
    planned.extend((0..model.environments.len()).map(|at| pages::deployment::page(site, at)));
    planned.extend((0..model.dynamics.len()).map(|at| pages::dynamic::page(site, at)));
    planned.extend((0..model.selections.len()).map(|at| pages::selection::page(site, at)));
    planned.extend((0..site.scenarios.len()).map(|at| pages::simulation::page(site, at)));
    if !model.decisions.is_empty() {
        planned.push(pages::decision::index(site));
    }
    planned.extend((0..model.decisions.len()).map(|at| pages::decision::page(site, at)));
    if !site.events.is_empty() {
        planned.push(pages::events::index(site));
    }
    planned.extend((0..site.events.len()).map(|at| pages::events::page(site, at)));
    let single = [
        pages::contexts::page,
        pages::glossary::page,
        pages::patterns::page,
        pages::coupling::page,
        pages::versions::page,
    ];
    planned.extend(single.iter().filter_map(|plan| plan(site)));
    let with_fingerprint = |page: Page| {
        let fingerprint = page.fingerprint(site);
        (page, fingerprint)
    };
    planned.into_par_iter().map(with_fingerprint).collect()
}
