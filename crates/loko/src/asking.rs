//! Questions on a terminal: an answer that does not fit is asked for again.

use crate::context::{Context, Failure, Session};
use loko_model::{Element, edit};
use loko_source::Diagnostic;
use std::io::Write as _;

/// How often one question is asked before its last answer is taken to the command as it is.
const ASKED_MAX: usize = 5;
/// Elements that are listed with the question for one; more are proposed when the answer is like them.
const LISTED_MAX: usize = 20;

/// An answer that fits.
pub(crate) fn answer_that(question: &str, fits: impl Fn(&str) -> Result<(), String>) -> Result<String, Failure> {
    let mut given = answer(question)?;
    for _ in 1..ASKED_MAX {
        let Err(why) = fits(&given) else { break };
        given = answer(&format!("  {why}\n{question}"))?;
    }
    Ok(given)
}

/// The element that a command is about: as given, else asked for on a terminal. `fits` says which ones are listed.
pub(crate) fn element(
    context: &Context,
    session: &Session,
    what: &str,
    given: Option<String>,
    fits: impl Fn(&Element) -> bool,
) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !context.is_interactive() {
        return Err(Failure::new(format!("{what} is missing"))
            .help("give it as an argument; `loko query list` lists the elements"));
    }
    let model = session.model();
    let listed: Vec<&str> = model.elements.iter().filter(|it| fits(it)).map(|it| it.id.as_str()).collect();
    if (1..=LISTED_MAX).contains(&listed.len()) {
        let _ = writeln!(anstream::stderr().lock(), "  {}", listed.join("\n  "));
    }
    answer_that(&format!("{what}:"), |answer| {
        let refused = edit::element(model, answer).err();
        let first = refused.and_then(|refusal| refusal.diagnostics.into_iter().next());
        first.map_or(Ok(()), |finding| Err(in_one_line(finding)))
    })
}

/// A finding as a line above the question that is asked again.
pub(crate) fn in_one_line(finding: Diagnostic) -> String {
    let parts = [Some(finding.message), finding.help.map(std::borrow::Cow::into_owned)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn answer(question: &str) -> Result<String, Failure> {
    let _ = write!(anstream::stderr().lock(), "{question} ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
