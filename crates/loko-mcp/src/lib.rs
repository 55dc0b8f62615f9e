//! The door for AI agents: the Model Context Protocol over standard input and output, and over HTTP.
//!
//! Tools are found in `src/tools`, one file each; what is asked of a workspace, and how it is changed, is answered by the
//! rooms below. This room speaks the protocol, keeps a model in memory that follows the files, and keeps answers within
//! the number of tokens that the caller allows.
//!
//! What always holds: nothing outside the served workspace is read or written; a bad call gets a result that says how to
//! mend it, and never ends the server; what one call wrote the next one sees.

mod answer;
mod changes;
pub mod clients;
mod codediff;
mod http;
mod operations;
mod outline;
mod problem;
mod project;
mod prompts;
mod resources;
mod server;
mod shapes;
mod stdio;
mod tokens;
mod tool;
mod tools;

pub use answer::{TOKENS_DEFAULT, TOKENS_MIN};
pub use http::routes;
pub use project::{Backend, Built, REVISIONS_MAX, UNDO_MAX};
pub use server::{Hub, Server, open};
pub use stdio::{LINE_BYTES_MAX, serve};
pub use tokens::count as tokens;
pub use tool::{ITEMS_MAX, STRING_BYTES_MAX};
