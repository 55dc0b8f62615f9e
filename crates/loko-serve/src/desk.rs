//! What the live server asks of a workspace besides its site: drawing, completing, looking at unsaved text, saving. The
//! door's caller gives it, since that is where a workspace is read and written.

use serde::Serialize;

/// The work that pages of the live server have done.
pub trait Desk: Send + Sync {
    /// Draws D2.
    fn draw(&self, d2: &str) -> Drawn;

    /// What can be written at an offset (in bytes) of a text that is or will be a file of the workspace.
    fn complete(&self, path: &str, text: &str, offset: usize) -> Vec<Proposal>;

    /// A file of the workspace as it is on disk.
    fn read(&self, path: &str) -> Result<Text, Refusal>;

    /// What the workspace would be with a file's text changed; nothing is written.
    fn preview(&self, path: &str, text: &str) -> Result<Draft, Refusal>;

    /// Writes a file, if it still is what `base` was taken of.
    fn save(&self, path: &str, text: &str, base: &str) -> Result<Draft, Refusal>;

    /// Opens a file in the user's own editor.
    fn open(&self, path: &str, line: u32) -> Result<(), Refusal>;

    /// The files that can be edited, sorted.
    fn files(&self) -> Vec<String>;
}

/// A picture of D2, or what is wrong with its text.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Drawn {
    /// The picture; empty when the text cannot be drawn.
    pub svg: String,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Something that is wrong with a text.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// The name of the finding; empty for what is wrong with D2.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What one can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where it begins, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

/// Something that can be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// What is written.
    pub label: String,
    /// `key`, `value`, `element`, `file` and the like.
    pub kind: &'static str,
    /// What it means, if there is something to say.
    pub detail: String,
}

/// A file.
#[derive(Clone, Debug, Serialize)]
pub struct Text {
    /// Its path in the workspace.
    pub path: String,
    /// What is in it.
    pub text: String,
    /// What `save` wants to see again.
    pub revision: String,
}

/// A workspace with a text changed.
#[derive(Clone, Debug, Serialize)]
pub struct Draft {
    /// What the text's revision is; empty while it is not saved.
    pub revision: String,
    /// The page that tells of the file, as a path of the site; empty if there is none.
    pub page: String,
    /// That page.
    pub html: String,
    /// What is wrong with the file.
    pub problems: Vec<Problem>,
}

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such file.
    Missing(String),
    /// The path leads elsewhere, or the file is none that can be edited.
    Forbidden(String),
    /// Somebody else has written the file since it was read.
    Stale(String),
    /// The system says no.
    Failed(String),
}
