//! Reading selectors: words, then a tree by recursive descent, each error with its place and a next step.

use super::fields::{self, Field, Meaning};
use super::{Comparison, Expression, SelectError, Subject, Term, Test};
use crate::glob::Pattern;
use crate::quantity::Quantity;
use crate::{ElementShape, Kind, RelationKind};
use loko_source::Span;
use loko_source::suggest::did_you_mean;

/// The longest selector, in bytes.
pub const LENGTH_MAX: usize = 4096;
/// How deep parentheses and `not` may nest.
pub const DEPTH_MAX: usize = 64;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    And,
    Or,
    Not,
    Operator(Operator),
    Word(String),
    Quoted(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Matches,
    Is,
    IsNot,
    Compares(Comparison),
}

/// Reads a selector's tree.
pub(super) fn parse(text: &str, subject: Subject) -> Result<Expression, SelectError> {
    if text.len() > LENGTH_MAX {
        let message = format!("the selector is longer than {LENGTH_MAX} bytes");
        return Err(error(Span::new(0, text.len()), message, "split it into several rules or views"));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { text, tokens: &tokens, next: 0, depth: 0 };
    if tokens.is_empty() {
        return Err(error(Span::new(0, text.len()), "the selector is empty", "write `*` for everything"));
    }
    let expression = parser.or(subject)?;
    match parser.peek() {
        None => Ok(expression),
        Some((token, span)) => {
            let help =
                if *token == Token::Close { "take it out, or open it before" } else { "join terms by `and` or `or`" };
            Err(error(*span, format!("`{}` is not expected here", &text[span.range()]), help))
        }
    }
}

fn error(span: Span, message: impl Into<String>, help: impl Into<String>) -> SelectError {
    SelectError { message: message.into(), span, help: Some(help.into()) }
}

fn tokens(text: &str) -> Result<Vec<(Token, Span)>, SelectError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = token(text, at, first)?;
        tokens.push((token, Span::new(at, at + length)));
        at += length;
    }
    Ok(tokens)
}

fn token(text: &str, at: usize, first: char) -> Result<(Token, usize), SelectError> {
    let rest = &text[at..];
    let compares = |comparison| Token::Operator(Operator::Compares(comparison));
    let signs: [(&str, Token); 16] = [
        ("&&", Token::And),
        ("||", Token::Or),
        ("!=", Token::Operator(Operator::IsNot)),
        ("<=", compares(Comparison::LessOrEqual)),
        (">=", compares(Comparison::GreaterOrEqual)),
        ("==", Token::Operator(Operator::Is)),
        ("&", Token::And),
        ("|", Token::Or),
        ("!", Token::Not),
        ("<", compares(Comparison::Less)),
        (">", compares(Comparison::Greater)),
        ("=", Token::Operator(Operator::Is)),
        (":", Token::Operator(Operator::Matches)),
        ("(", Token::Open),
        (")", Token::Close),
        (",", Token::Comma),
    ];
    if let Some((sign, token)) = signs.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((token.clone(), sign.len()));
    }
    if matches!(first, '"' | '\'') {
        return match rest[1..].find(first) {
            Some(length) => Ok((Token::Quoted(rest[1..=length].to_owned()), length + 2)),
            None => Err(error(Span::new(at, text.len()), "the quote is not closed", format!("close it with {first}"))),
        };
    }
    let ends = |character: char| character.is_whitespace() || "()&|!<>=:,\"'".contains(character);
    let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let token = match word.to_ascii_lowercase().as_str() {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        _ => Token::Word(word.to_owned()),
    };
    Ok((token, word.len()))
}

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [(Token, Span)],
    next: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t (Token, Span)> {
        self.tokens.get(self.next)
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let is_there = self.peek().is_some_and(|(token, _)| token == wanted);
        self.next += usize::from(is_there);
        is_there
    }

    /// The place just behind what was read.
    fn end(&self) -> Span {
        Span::at(self.next.checked_sub(1).map_or(0, |last| self.tokens[last].1.end as usize))
    }

    fn or(&mut self, subject: Subject) -> Result<Expression, SelectError> {
        let mut all = vec![self.and(subject)?];
        while self.take(&Token::Or) {
            all.push(self.and(subject)?);
        }
        Ok(single(all, Expression::Or))
    }

    fn and(&mut self, subject: Subject) -> Result<Expression, SelectError> {
        let mut all = vec![self.not(subject)?];
        loop {
            let joined = self.take(&Token::And);
            match self.peek() {
                Some((Token::Or | Token::Close, _)) | None if !joined => return Ok(single(all, Expression::And)),
                Some((Token::Comma | Token::Operator(_), _)) if !joined => return Ok(single(all, Expression::And)),
                _ => all.push(self.not(subject)?),
            }
        }
    }

    fn not(&mut self, subject: Subject) -> Result<Expression, SelectError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("the selector nests deeper than {DEPTH_MAX}");
            return Err(error(self.end(), message, "write it flatter, or split it"));
        }
        let expression = if self.take(&Token::Not) {
            Expression::Not(Box::new(self.not(subject)?))
        } else if self.take(&Token::Open) {
            self.group(subject)?
        } else {
            self.term(subject)?
        };
        self.depth -= 1;
        Ok(expression)
    }

    /// What stands in parentheses, of which the first was taken.
    fn group(&mut self, subject: Subject) -> Result<Expression, SelectError> {
        let open = self.tokens[self.next - 1].1;
        let inside = self.or(subject)?;
        if self.take(&Token::Close) {
            return Ok(inside);
        }
        match self.peek() {
            Some((_, span)) => {
                let message = format!("`{}` is not expected here", &self.text[span.range()]);
                Err(error(*span, message, "join terms by `and` or `or`"))
            }
            None => Err(error(open, "the parenthesis is not closed", "close it with `)`")),
        }
    }

    fn term(&mut self, subject: Subject) -> Result<Expression, SelectError> {
        let Some((token, span)) = self.peek() else {
            return Err(error(self.end(), "the selector ends too early", "a term such as `tag:pci` belongs here"));
        };
        let (word, is_quoted) = match token {
            Token::Word(word) => (word, false),
            Token::Quoted(word) => (word, true),
            _ => {
                let message = format!("`{}` is not expected here", &self.text[span.range()]);
                return Err(error(*span, message, "a term such as `tag:pci` belongs here"));
            }
        };
        self.next += 1;
        if let Some((Token::Operator(operator), _)) = self.peek() {
            self.next += 1;
            return self.condition(subject, word, *span, *operator);
        }
        if !is_quoted && word.chars().all(|character| character == '*') {
            return Ok(Expression::All);
        }
        bare(subject, word, *span)
    }

    fn condition(
        &mut self,
        subject: Subject,
        key: &str,
        span: Span,
        operator: Operator,
    ) -> Result<Expression, SelectError> {
        let field = fields::find(subject, key).map_err(|near| unknown_key(subject, key, span, &near))?;
        let nests = matches!(&field, Field::Known(known) if known.nests);
        if nests && self.take(&Token::Open) {
            let picked = self.group(Subject::Elements)?;
            return Ok(Expression::Term(Term { field, test: Test::Picks(Box::new(picked)) }));
        }
        let values = self.values(operator)?;
        if nests {
            let mut picked = Vec::new();
            for (value, span) in &values {
                picked.push(bare(Subject::Elements, value, *span)?);
            }
            let test = Test::Picks(Box::new(single(picked, Expression::Or)));
            return Ok(Expression::Term(Term { field, test }));
        }
        check_words(subject, &field, operator, &values)?;
        let test = test(&values, operator)?;
        Ok(Expression::Term(Term { field, test }))
    }

    /// One value, or several with commas.
    fn values(&mut self, operator: Operator) -> Result<Vec<(String, Span)>, SelectError> {
        let mut values = Vec::new();
        loop {
            match self.peek() {
                Some((Token::Word(word) | Token::Quoted(word), span)) => {
                    self.next += 1;
                    values.push((word.clone(), *span));
                }
                Some((_, span)) => {
                    let message = format!("`{}` is no value", &self.text[span.range()]);
                    return Err(error(*span, message, "write a word, or a text in quotes"));
                }
                None => return Err(error(self.end(), "a value is missing", "write a word, or a text in quotes")),
            }
            if matches!(operator, Operator::Compares(_)) || !self.take(&Token::Comma) {
                return Ok(values);
            }
        }
    }
}

fn single(mut all: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    match all.pop() {
        Some(only) if all.is_empty() => only,
        Some(last) => {
            all.push(last);
            many(all)
        }
        None => Expression::All,
    }
}

/// A word alone: an id or a name.
fn bare(subject: Subject, word: &str, span: Span) -> Result<Expression, SelectError> {
    if subject == Subject::Relations {
        let message = format!("`{word}` alone picks no relation");
        return Err(error(span, message, format!("ask for an end: `from:{word}`, `to:{word}` or `touches:{word}`")));
    }
    let field = fields::find(subject, "id").map_err(|near| unknown_key(subject, "id", span, &near))?;
    let word = word.trim_matches('/');
    Ok(Expression::Term(Term { field, test: Test::Matches(vec![(word.to_owned(), Pattern::new(word))]) }))
}

fn unknown_key(subject: Subject, key: &str, span: Span, near: &[&str]) -> SelectError {
    let help = did_you_mean(key, near.iter().copied()).unwrap_or_else(|| {
        "a team's own keys are reached by `metadata.<key>`; a text with `:` in it needs quotes".to_owned()
    });
    error(span, format!("`{key}` is no key of {}", subject.name()), help)
}

fn test(values: &[(String, Span)], operator: Operator) -> Result<Test, SelectError> {
    let texts = || values.iter().map(|(value, _)| value.clone()).collect();
    match operator {
        Operator::Matches => {
            Ok(Test::Matches(values.iter().map(|(value, _)| (value.clone(), Pattern::new(value))).collect()))
        }
        Operator::Is => Ok(Test::Is(texts())),
        Operator::IsNot => Ok(Test::IsNot(texts())),
        Operator::Compares(comparison) => {
            let (value, span) = &values[0];
            let quantity = Quantity::parse(value).ok_or_else(|| {
                error(*span, format!("`{value}` is no number"), "write one such as `3`, `500ms` or `99.9%`")
            })?;
            Ok(Test::Compares(comparison, quantity))
        }
    }
}

/// Keys whose values are words of a known list tell of a word that is none.
fn check_words(
    subject: Subject,
    field: &Field,
    operator: Operator,
    values: &[(String, Span)],
) -> Result<(), SelectError> {
    let Field::Known(known) = field else { return Ok(()) };
    let words: Vec<&str> = match (known.meaning, subject) {
        (Meaning::Kind, Subject::Elements) => Kind::ALL.map(Kind::name).to_vec(),
        (Meaning::Type, Subject::Elements) => {
            let mut words = Kind::ALL.map(Kind::name).to_vec();
            words.extend(ElementShape::ALL.map(|(name, _)| name));
            words.extend(["external", "external-system", "external-person", "software-system"]);
            words
        }
        (Meaning::Kind | Meaning::Type, Subject::Relations) => {
            [RelationKind::Sync, RelationKind::Async, RelationKind::Event].map(RelationKind::name).to_vec()
        }
        (Meaning::External | Meaning::Bidirectional, _) => vec!["true", "false"],
        _ => return Ok(()),
    };
    if matches!(operator, Operator::Compares(_)) {
        return Ok(());
    }
    for (value, span) in values.iter().filter(|(value, _)| !crate::glob::is_pattern(value)) {
        if !words.iter().any(|word| word.eq_ignore_ascii_case(value)) {
            let help = did_you_mean(value, words.iter().copied());
            let help = help.unwrap_or_else(|| format!("it is one of {}", words.join(", ")));
            return Err(error(*span, format!("`{value}` is no {} of {}", known.name, subject.name()), help));
        }
    }
    Ok(())
}
