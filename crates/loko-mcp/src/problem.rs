//! Why a call is not answered: what is wrong, where, and how to mend the call.

use loko_model::edit::Refusal;
use loko_source::{Diagnostic, Snapshot, render};

/// A message longer than this is cut; callers' own texts may stand in it.
const TEXT_BYTES_MAX: usize = 4000;

/// A call that cannot be answered as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    message: String,
    help: Option<String>,
}

impl Problem {
    /// What is wrong.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// What one can do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A refused wish, with the places it is about.
    pub(crate) fn refused(refusal: Refusal, snapshot: &Snapshot) -> Self {
        Self::found(&Vec::from(refusal), snapshot)
    }

    /// What was found that stands in the way.
    pub(crate) fn found(diagnostics: &[Diagnostic], snapshot: &Snapshot) -> Self {
        let mut message = String::new();
        for diagnostic in diagnostics {
            if !message.is_empty() {
                message.push('\n');
            }
            message.push_str(&in_words_of_tools(&render::line(diagnostic, snapshot)));
            for note in &diagnostic.notes {
                message.push_str("\n  ");
                message.push_str(note);
            }
        }
        let help: Vec<String> = diagnostics.iter().filter_map(|it| it.help.as_deref()).map(in_words_of_tools).collect();
        Self { message, help: (!help.is_empty()).then(|| help.join("; ")) }
    }

    /// The whole of it as text.
    pub(crate) fn text(&self) -> String {
        let mut text = self.message.clone();
        if let Some(help) = &self.help {
            text.push_str("\nhelp: ");
            text.push_str(help);
        }
        clip(&text, TEXT_BYTES_MAX)
    }
}

/// The commands and flags that findings speak of, as tools and parameters.
fn in_words_of_tools(text: &str) -> String {
    let pairs = [
        ("`loko query list` shows all elements", "`find` with query `*` lists all elements"),
        ("`loko query list` shows all", "`find` with query `*` lists all"),
        ("`--parent`", "`parent`"),
        ("`--cascade`", "`cascade: true`"),
        ("with `--id`", "with `id`"),
        ("write `--id ", "write `id: "),
        ("to change it: loko update", "to change it, propose an `update` of"),
        ("loko new system NAME", "`create_system`"),
        ("loko new container NAME", "`create_container`"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A text of at most so many bytes, cut at a character.
pub(crate) fn clip(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{} … ({} bytes more)", &text[..end], text.len() - end)
}

impl From<loko_source::disk::DiskError> for Problem {
    fn from(error: loko_source::disk::DiskError) -> Self {
        use loko_source::disk::DiskError;
        let help = match &error {
            DiskError::Stale(_) => Some("ask again: the model has been read anew"),
            DiskError::Locked(_) => Some("call again in a moment"),
            _ => None,
        };
        let problem = Self::new(error.to_string());
        match help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}
