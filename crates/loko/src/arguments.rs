//! What stands on the command line before it is understood: flags of a subcommand that come before it, and what is
//! proposed for a command that does not exist.

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command};
use loko_source::suggest::nearest;
use std::ffi::OsString;

/// Puts flags that stand between a command and its subcommand behind the latter where they are its own:
/// `query --format json deps shop` is `query deps --format json shop`. `at` is where the command stands.
pub(crate) fn settle(mut arguments: Vec<OsString>, at: usize, program: &Command) -> Vec<OsString> {
    let is_flag = |word: &OsString| word.to_str().is_some_and(|word| word.len() > 1 && word.starts_with('-'));
    let found = arguments.get(at).and_then(|word| program.find_subcommand(word));
    let Some(command) = found.filter(|it| it.has_subcommands() && arguments.get(at + 1).is_some_and(is_flag)) else {
        return arguments;
    };
    let everywhere: Vec<&Arg> =
        program.get_arguments().chain(command.get_arguments().filter(|it| it.is_global_set())).collect();
    let of_any: Vec<&Arg> = command
        .get_arguments()
        .chain(command.get_subcommands().flat_map(Command::get_arguments))
        .chain(everywhere.iter().copied())
        .collect();
    // Each flag with its value.
    let mut flags: Vec<std::ops::Range<usize>> = Vec::new();
    let mut next = at + 1;
    while let Some(word) = arguments.get(next).filter(|word| is_flag(word)) {
        let Some(flag) = word.to_str().and_then(Flag::of) else { return arguments };
        let takes_next = !flag.has_value && of_any.iter().any(|arg| flag.is(arg) && takes_value(arg));
        let end = next + 1 + usize::from(takes_next);
        flags.push(next..end);
        next = end;
    }
    let Some(subcommand) = arguments.get(next).and_then(|word| command.find_subcommand(word)) else {
        return arguments;
    };
    let of_subcommand: Vec<&Arg> = subcommand.get_arguments().chain(everywhere).collect();
    let belongs = |word: &OsString| {
        word.to_str().and_then(Flag::of).is_some_and(|flag| of_subcommand.iter().any(|arg| flag.is(arg)))
    };
    flags.retain(|range| arguments.get(range.start).is_some_and(belongs));
    let moved: Vec<OsString> = flags.iter().flat_map(|range| arguments[range.clone()].to_vec()).collect();
    arguments.splice(next + 1..next + 1, moved);
    for range in flags.into_iter().rev() {
        arguments.drain(range);
    }
    arguments
}

/// A flag as it was written.
struct Flag<'a> {
    long: Option<&'a str>,
    short: Option<char>,
    /// Whether its value stands in the same word.
    has_value: bool,
}

impl<'a> Flag<'a> {
    fn of(word: &'a str) -> Option<Self> {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            return (!name.is_empty()).then(|| Self { long: Some(name), short: None, has_value: value.is_some() });
        }
        let mut letters = word.strip_prefix('-')?.chars();
        let short = letters.next()?;
        Some(Self { long: None, short: Some(short), has_value: letters.next().is_some() })
    }

    fn is(&self, arg: &Arg) -> bool {
        let is_long =
            |long: &str| arg.get_long() == Some(long) || arg.get_all_aliases().is_some_and(|all| all.contains(&long));
        let is_short = |short: char| {
            arg.get_short() == Some(short) || arg.get_all_short_aliases().is_some_and(|all| all.contains(&short))
        };
        self.long.is_some_and(is_long) || self.short.is_some_and(is_short)
    }
}

/// Whether what follows a flag is its value; one that may stand alone takes none that is not joined to it.
fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values() && arg.get_num_args().is_none_or(|count| count.min_values() > 0)
}

/// Leaves of what is proposed for an unknown command what was perhaps meant: `n` is nothing like `enrich`.
pub(crate) fn sensible(mut error: clap::Error) -> clap::Error {
    let (Some(ContextValue::String(wanted)), Some(ContextValue::Strings(names))) =
        (error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::SuggestedSubcommand))
    else {
        return error;
    };
    let near = nearest(wanted, names.iter().map(String::as_str));
    let near: Vec<String> = near.into_iter().map(str::to_owned).collect();
    error.remove(ContextKind::SuggestedSubcommand);
    if near.is_empty() {
        // An empty list of other tips would leave an empty line.
        let is_empty = |tips: &ContextValue| matches!(tips, ContextValue::StyledStrs(tips) if tips.is_empty());
        if error.get(ContextKind::Suggested).is_some_and(is_empty) {
            error.remove(ContextKind::Suggested);
        }
    } else {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(near));
    }
    error
}
