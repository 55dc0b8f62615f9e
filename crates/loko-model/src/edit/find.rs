//! Finding what the names in a wish mean, and checking names that are to be given.

use super::{Refusal, RefusalKind};
use crate::{ElementIx, Kind, Model, Resolution, name};
use loko_source::Diagnostic;
use loko_source::suggest::{nearest_of, question};

/// The longest id part that loko gives, in bytes; file systems stop at 255 for a folder's name.
pub(super) const KEY_BYTES_MAX: usize = 120;

/// The longest name that loko gives, in bytes.
pub(super) const NAME_BYTES_MAX: usize = 400;

/// Names that Windows keeps for devices, whatever follows a dot.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The element that a name in a wish or question means, or a refusal that says what may be meant.
pub fn element(model: &Model, written: &str) -> Result<ElementIx, Refusal> {
    element_of(model, written, &Kind::ALL)
}

/// The element that a name means, where only some kinds make sense: of several candidates, the others do not count.
pub(super) fn element_of(model: &Model, written: &str, kinds: &[Kind]) -> Result<ElementIx, Refusal> {
    match resolve(model, written) {
        Resolution::Found(ix) => Ok(ix),
        Resolution::Unknown => Err(unknown(model, written)),
        Resolution::Ambiguous(all) => {
            let fitting: Vec<ElementIx> =
                all.iter().copied().filter(|ix| kinds.contains(&model.element(*ix).kind)).collect();
            match fitting.as_slice() {
                [only] => Ok(*only),
                [] => Err(ambiguous(model, written, &all)),
                several => Err(ambiguous(model, written, several)),
            }
        }
    }
}

/// What a name means; a `/` may also be part of a name rather than stand between two.
fn resolve(model: &Model, written: &str) -> Resolution {
    match model.resolve(written) {
        Resolution::Unknown if written.contains('/') => model.resolve(&name::slug(written)),
        resolution => resolution,
    }
}

/// The ids of the elements with an id or a name near to what was written, each once.
fn near<'m>(model: &'m Model, written: &str) -> Vec<&'m str> {
    let names = model.elements.iter().flat_map(|element| {
        let id = element.id.as_str();
        [(id, id), (element.name.as_str(), id)]
    });
    nearest_of(written, names).into_iter().map(|(_, id)| id).collect()
}

fn unknown(model: &Model, written: &str) -> Refusal {
    let help = question(&near(model, written)).unwrap_or_else(|| "`loko query list` shows all elements".to_owned());
    Refusal::not_found(Diagnostic::error("unknown-element", format!("there is no element `{written}`")).help(help))
}

fn ambiguous(model: &Model, written: &str, candidates: &[ElementIx]) -> Refusal {
    let mut diagnostic =
        Diagnostic::error("ambiguous-element", format!("`{written}` means {} elements", candidates.len()));
    for ix in candidates {
        let element = model.element(*ix);
        diagnostic = diagnostic.and(&element.file, element.name_span, format!("`{}`", element.id));
    }
    let ids: Vec<String> = candidates.iter().map(|ix| format!("`{}`", model.element(*ix).id)).collect();
    Refusal::new(RefusalKind::Ambiguous, diagnostic.help(format!("write one of {}", ids.join(", "))))
}

/// The id part for a name, fit for every file system; `kind` ends a name that Windows keeps for itself.
pub(super) fn key_for(written: &str, kind: &str) -> Result<String, Refusal> {
    check_name(written)?;
    let slug = name::slug(written);
    if slug.is_empty() {
        let message = format!("`{written}` has no letter or digit to make an id of");
        return Err(Refusal::invalid(
            Diagnostic::error("invalid-name", message)
                .help("use a name with a letter or digit, or give an id with `--id`"),
        ));
    }
    if slug.len() > KEY_BYTES_MAX {
        let message =
            format!("the id of `{written}` is {} bytes long, {KEY_BYTES_MAX} at most fit everywhere", slug.len());
        return Err(Refusal::invalid(
            Diagnostic::error("invalid-name", message).help("use a shorter name, or give a short id with `--id`"),
        ));
    }
    Ok(if RESERVED.contains(&slug.as_str()) { format!("{slug}-{kind}") } else { slug })
}

/// The id part that somebody asks for: as it is written, or not at all.
pub(super) fn key_asked(written: &str, kind: &str) -> Result<String, Refusal> {
    let key = key_for(written, kind)?;
    if key == written {
        return Ok(key);
    }
    let message = format!("`{written}` is no id: ids are of small letters, digits and single hyphens");
    Err(Refusal::invalid(Diagnostic::error("invalid-name", message).help(format!("write `--id {key}`"))))
}

/// Refuses names that no heading, title or table could show.
pub(super) fn check_name(written: &str) -> Result<(), Refusal> {
    let problem = if written.trim().is_empty() {
        "the name is empty".to_owned()
    } else if written.chars().any(char::is_control) {
        format!("the name {written:?} holds a line break or another control character")
    } else if written.len() > NAME_BYTES_MAX {
        format!("the name is {} bytes long, at most {NAME_BYTES_MAX} are allowed", written.len())
    } else {
        return Ok(());
    };
    Err(Refusal::invalid(
        Diagnostic::error("invalid-name", problem).help("give a name of one line that people can read"),
    ))
}

/// The folder of the elements, without the `./` and `/` that people write around it; empty for the root itself.
pub(super) fn source_folder(model: &Model) -> String {
    let parts: Vec<&str> =
        model.project.source.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
    parts.join("/")
}

/// A folder and a name below it as one path.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
