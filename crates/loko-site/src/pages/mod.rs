//! What each page says, as data for its template. A page is planned first, which costs little; whether it has to be made
//! at all is decided by its plan's fingerprint.

pub(crate) mod contexts;
pub(crate) mod coupling;
pub(crate) mod decision;
pub(crate) mod deployment;
pub(crate) mod dynamic;
pub(crate) mod element;
pub(crate) mod events;
pub(crate) mod facets;
pub(crate) mod findings;
pub(crate) mod glossary;
pub(crate) mod home;
pub(crate) mod matrix;
pub(crate) mod nav;
pub(crate) mod overview;
pub(crate) mod patterns;
pub(crate) mod rows;
pub(crate) mod selection;
pub(crate) mod simulation;
pub(crate) mod systems;
pub(crate) mod values;
pub(crate) mod versions;

use crate::fingerprint::{Fingerprint, Ingredients};
use crate::frame::FindingView;
use crate::links::has_scheme;
use crate::prose::Heading;
use crate::site::Site;
use loko_model::{ElementIx, Kind, RelationKind};
use loko_source::{FilePath, Span};
use serde::Serialize;

/// What all pages have around their content.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Frame {
    pub root: String,
    pub title: String,
    pub description: String,
    pub project: String,
    pub version: String,
    pub scripts: Vec<String>,
    /// Made when the page is; see [`nav::fingerprint`].
    pub nav: nav::Nav,
    pub crumbs: Vec<Crumb>,
    pub toc: Vec<Heading>,
    /// The file that the page is made from.
    pub source: String,
    /// Its address in the repository on the web, where that is known.
    pub source_href: String,
    pub language: String,
    /// The logo's address; empty for our own.
    pub logo: String,
    pub links: Vec<PageLink>,
    pub footer: String,
    /// The page's own full address, where one is known.
    pub url: String,
    /// The address of the picture for those who link to the site, where one is known.
    pub image: String,
    /// What is wrong with the files that the page is made from.
    pub findings: Vec<FindingView>,
}

/// A step of the way to a page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Crumb {
    pub name: String,
    pub href: Option<String>,
}

/// A link to an element.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ref {
    pub name: String,
    pub href: String,
    /// The CSS class of its kind.
    pub kind: &'static str,
    /// What it is part of, in words; empty at the top.
    pub path: String,
}

/// A link to any other page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PageLink {
    pub name: String,
    pub description: String,
    pub href: String,
}

/// A drawing on a page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PageDrawing {
    /// Its place in [`Site::drawings`].
    #[serde(skip)]
    pub at: usize,
    pub title: String,
    /// The address of the SVG file; empty if there is none.
    pub href: String,
}

/// A picture that a page draws for itself, from D2.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sketch {
    pub title: String,
    pub d2: String,
}

/// Prose on a page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PageProse {
    pub file: FilePath,
    #[serde(skip)]
    pub body: Span,
    /// The Markdown, placeholders filled in.
    pub text: String,
    /// The heading that the page shows already.
    pub title: String,
}

/// The content of a page, for its template.
#[expect(clippy::large_enum_variant, reason = "there is one a page, and it is on its way to the template")]
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Body {
    Home(home::HomePage),
    Element(Box<element::ElementPage>),
    Overview(overview::OverviewPage),
    Facets(facets::FacetPage),
    Deployment(deployment::DeploymentPage),
    Dynamic(dynamic::DynamicPage),
    Selection(selection::SelectionPage),
    Decisions(decision::DecisionsPage),
    Decision(decision::DecisionPage),
    Findings(findings::FindingsPage),
    Events(events::EventsPage),
    Event(events::EventPage),
    Contexts(contexts::ContextsPage),
    Glossary(glossary::GlossaryPage),
    Patterns(patterns::PatternsPage),
    Coupling(coupling::CouplingPlan),
    Simulation(Box<simulation::SimulationPage>),
    Versions(versions::VersionsPage),
}

impl Body {
    /// The template of the page.
    pub(crate) fn template(&self) -> &'static str {
        match self {
            Self::Home(_) => "home.html",
            Self::Element(_) => "element.html",
            Self::Overview(_) => "overview.html",
            Self::Facets(_) => "facets.html",
            Self::Deployment(_) => "deployment.html",
            Self::Dynamic(_) => "dynamic.html",
            Self::Selection(_) => "selection.html",
            Self::Decisions(_) => "decisions.html",
            Self::Decision(_) => "decision.html",
            Self::Findings(_) => "findings.html",
            Self::Events(_) => "events.html",
            Self::Event(_) => "event.html",
            Self::Contexts(_) => "contexts.html",
            Self::Glossary(_) => "glossary.html",
            Self::Patterns(_) => "patterns.html",
            Self::Coupling(_) => "coupling.html",
            Self::Simulation(_) => "simulation.html",
            Self::Versions(_) => "versions.html",
        }
    }
}

/// A page that could be made.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub path: String,
    pub frame: Frame,
    pub body: Body,
    pub drawings: Vec<PageDrawing>,
    pub prose: Option<PageProse>,
    /// Further pictures; they stand after the drawings.
    pub sketches: Vec<Sketch>,
}

impl Frame {
    /// Says which file of the workspace the page is made from.
    pub(crate) fn set_source(&mut self, site: &Site<'_>, file: &str) {
        file.clone_into(&mut self.source);
        let address = site.repository.as_ref().filter(|_| !file.is_empty()).map(|it| it.source(file));
        self.source_href = address.unwrap_or_default();
    }
}

impl Page {
    /// What the page will be made from.
    pub(crate) fn fingerprint(&self, site: &Site<'_>) -> Fingerprint {
        let mut made_of = Ingredients::of("page");
        made_of.fingerprint(site.templates).data(&self.frame).data(&self.body).data(&self.drawings).data(&self.prose);
        made_of.data(&self.sketches).fingerprint(nav::fingerprint(site, &self.path));
        for drawing in &self.drawings {
            made_of.fingerprint(site.drawings[drawing.at].fingerprint);
        }
        made_of.finish()
    }

    /// The page of a scenario with what is told of it.
    pub(crate) fn with_results(&self, site: &Site<'_>, told: simulation::SimulationPage) -> Self {
        let mut page = self.clone();
        page.frame.toc = simulation::sections(site, &told);
        page.body = Body::Simulation(Box::new(told));
        page
    }
}

/// A heading of one of our own sections.
pub(crate) fn section(id: &str, text: &str) -> Heading {
    Heading { level: 2, id: id.to_owned(), text: text.to_owned() }
}

impl Site<'_> {
    /// The frame of a page; sections are those after the prose.
    pub(crate) fn frame(&self, path: &str, title: &str, description: &str, sections: Vec<Heading>) -> Frame {
        let root = crate::address::root_of(path);
        Frame {
            title: title.to_owned(),
            description: description.to_owned(),
            project: self.name.clone(),
            version: self.version.clone(),
            scripts: self.scripts.clone(),
            nav: nav::Nav::default(),
            crumbs: Vec::new(),
            toc: sections,
            source: String::new(),
            source_href: String::new(),
            findings: self.findings_on(path),
            language: self.language.clone(),
            logo: self.logo.as_ref().map_or_else(String::new, |file| {
                crate::address::link(path, &format!("{}/{file}", crate::links::FILES))
            }),
            links: self.navigation.iter().map(|link| self.own_link(path, link)).collect(),
            footer: self.footer.clone(),
            url: self.url.as_ref().map_or_else(String::new, |url| format!("{url}{}", crate::address::encode(path))),
            image: self
                .url
                .as_ref()
                .map_or_else(String::new, |url| format!("{url}{}", crate::address::encode(&self.card_of(path).0))),
            root,
        }
    }

    /// A link that the workspace wants in the navigation; pages of the site are named from its root.
    fn own_link(&self, page: &str, link: &PageLink) -> PageLink {
        let is_away = has_scheme(&link.href);
        let root = if is_away { String::new() } else { crate::address::root_of(page) };
        PageLink { href: format!("{root}{}", link.href), ..link.clone() }
    }

    /// A link from a page to an element.
    pub(crate) fn reference(&self, page: &str, ix: ElementIx) -> Ref {
        let element = self.model.element(ix);
        Ref {
            name: element.name.clone(),
            href: crate::address::link(page, self.addresses.element(ix)),
            kind: kind_class(element.kind, element.external),
            path: self.wholes[ix.index()].clone(),
        }
    }

    /// The way from the home page to an element's parent, and its own name.
    pub(crate) fn crumbs(&self, page: &str, ix: ElementIx) -> Vec<Crumb> {
        let mut crumbs = vec![self.home_crumb(page)];
        let mut above: Vec<ElementIx> = self.model.ancestry(ix).collect();
        above.reverse();
        for it in above {
            let href = (it != ix).then(|| crate::address::link(page, self.addresses.element(it)));
            crumbs.push(Crumb { name: self.model.element(it).name.clone(), href });
        }
        crumbs
    }

    pub(crate) fn home_crumb(&self, page: &str) -> Crumb {
        Crumb { name: self.say("frame.home"), href: Some(crate::address::link(page, "index.html")) }
    }

    /// A drawing for a page.
    pub(crate) fn page_drawing(&self, page: &str, at: usize) -> PageDrawing {
        let drawing = &self.drawings[at];
        let href = drawing.path.as_deref().map_or_else(String::new, |path| crate::address::link(page, path));
        PageDrawing { at, title: drawing.title.clone(), href }
    }
}

/// The CSS class of a kind, without its prefix.
pub(crate) fn kind_class(kind: Kind, external: bool) -> &'static str {
    if external && kind != Kind::Person { "external" } else { kind.name() }
}

/// The name of a relation's kind for pages.
pub(crate) fn way(kind: RelationKind) -> &'static str {
    kind.name()
}

/// A crumb that leads nowhere: the page itself.
pub(crate) fn here(name: impl Into<String>) -> Crumb {
    Crumb { name: name.into(), href: None }
}
