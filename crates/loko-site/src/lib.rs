//! The documentation site, Markdown, JSON and TOON.
//!
//! [`build`] turns a model and the texts that it was read from into files: names and contents, nothing is written here.
//! The same input gives the same bytes at any number of threads. Pages are planned first and made in parallel; given the
//! fingerprints of an earlier build ([`Previous`]) or a [`Memo`], only what changed is made. A page that cannot be made
//! as it should shows the finding in its place and costs no other page anything.
//!
//! Pages need no network, no server and no JavaScript. They hold no inline scripts and, outside of SVG, no inline
//! styles, so that a strict content security policy can stay strict.
//!
//! Leaves to others: reading the workspace (`loko-model`), places and looks of pictures (`loko-layout`, `loko-draw`),
//! writing to disk (`loko_source::disk`).

mod address;
mod blocks;
mod build;
mod bytes;
mod card;
pub mod changelog;
pub mod changes;
mod colors;
mod confluence;
pub mod export;
mod feed;
mod fingerprint;
mod fonts;
mod frame;
pub mod history;
mod links;
mod markdown;
mod memo;
mod numerals;
mod pages;
mod pdf;
pub mod picture;
mod pipeline;
mod placements;
mod policy;
mod prose;
mod render;
mod repository;
mod scripts;
mod search;
mod sheet;
mod shop;
mod single;
mod site;
mod theming;
pub mod toon;
mod words;

pub use build::{Content, File, First, Format, Input, Options, Output, build, made_from};
pub use feed::FEED;
pub use fingerprint::{Fingerprint, Previous};
pub use fonts::FindFonts;
pub use history::History;
pub use memo::Memo;
pub use pages::simulation::FOLDER as RUNS_FOLDER;
pub use pages::versions::PATH as VERSIONS_PAGE;
pub use theming::check;
pub use words::Words;
