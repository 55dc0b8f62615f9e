//! Questions on a terminal: an answer that does not fit is asked for again.

use crate::context::Failure;
use std::io::Write as _;

/// How often one question is asked before its last answer is taken to the command as it is.
const ASKED_MAX: usize = 5;

/// An answer that fits.
pub(crate) fn answer_that(question: &str, fits: impl Fn(&str) -> Result<(), String>) -> Result<String, Failure> {
    let mut given = answer(question)?;
    for _ in 1..ASKED_MAX {
        let Err(why) = fits(&given) else { break };
        given = answer(&format!("  {why}\n{question}"))?;
    }
    Ok(given)
}

fn answer(question: &str) -> Result<String, Failure> {
    let _ = write!(anstream::stderr().lock(), "{question} ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
