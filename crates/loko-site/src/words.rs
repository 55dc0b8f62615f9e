//! The pages' own words, in the language that a workspace wants: messages by stable keys, read from one file a language.
//!
//! English is complete, and what every other language is measured by. A workspace that wants a language that is not
//! built in, or other words, has `theme/languages/<tag>.toml`; what a language does not say, English says, and a warning
//! names it. Texts of the workspace and findings are not touched: they are in the language that they were written in.

use crate::fingerprint::{Fingerprint, Ingredients};
use crate::numerals;
use crate::theming::Theming;
use indexmap::IndexMap;
use loko_model::load::read_toml;
use loko_model::load::scope::THEME_FOLDER;
use loko_model::value::{Data, Entry};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot, Span};
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::{Arc, OnceLock};

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// The language that is always complete.
const FALLBACK: &str = "en";
/// The folder of a workspace's own message files.
const FOLDER: &str = "languages";
/// Missing messages that a warning names; the rest is counted.
const MISSING_NAMED_MAX: usize = 8;
/// The forms of a message that a count asks for (<https://cldr.unicode.org/index/cldr-spec/plural-rules>).
const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
/// The group of messages that the scripts of pages say.
const SCRIPT: &str = "script.";

/// What is said for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Message {
    Text(String),
    /// By the form of the count, `other` at least.
    Counted(BTreeMap<String, String>),
}

impl Message {
    fn texts(&self) -> impl Iterator<Item = &str> {
        let (one, several) = match self {
            Self::Text(text) => (Some(text), None),
            Self::Counted(forms) => (None, Some(forms.values())),
        };
        one.into_iter().chain(several.into_iter().flatten()).map(String::as_str)
    }

    /// The names between braces.
    fn places(&self) -> BTreeSet<&str> {
        self.texts().flat_map(|text| text.split('{').skip(1)).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
    }
}

/// Messages by their keys, in the order of their file: pages ask for thousands.
type Messages = IndexMap<String, Message, FxBuildHasher>;

/// The words of one language.
#[derive(Clone, Debug)]
pub struct Words {
    /// The language of the messages; decides what form a count asks for.
    tag: String,
    messages: Arc<Messages>,
    /// What the messages are.
    pub(crate) fingerprint: Fingerprint,
}

impl Default for Words {
    fn default() -> Self {
        Self::new(FALLBACK.to_owned(), Arc::clone(english()))
    }
}

impl Words {
    fn new(tag: String, messages: Arc<Messages>) -> Self {
        let mut made_of = Ingredients::of("words");
        made_of.text(&tag);
        for (key, message) in messages.iter() {
            made_of.text(key);
            message.texts().for_each(|text| {
                made_of.text(text);
            });
        }
        Self { fingerprint: made_of.finish(), tag, messages }
    }

    /// The words that the pages of a workspace are in.
    pub fn of_workspace(snapshot: &Snapshot) -> Self {
        Theming::of(snapshot).words
    }

    /// Tells these words from others.
    pub fn key(&self) -> String {
        self.fingerprint.to_string()
    }

    /// The language that most of them are in.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The messages of a group by their names in it; of a message that is counted the form for many.
    pub fn group(&self, group: &str) -> BTreeMap<String, String> {
        let said = |(key, message): (&String, &Message)| {
            let name = key.strip_prefix(group)?.strip_prefix('.')?;
            Some((name.to_owned(), message.texts().last()?.to_owned()))
        };
        self.messages.iter().filter_map(said).collect()
    }

    /// The words that a workspace wants, and what is wrong with its own; `at` is where it says so.
    pub(crate) fn of(
        snapshot: &Snapshot,
        language: Option<&str>,
        at: Option<(FilePath, Span)>,
    ) -> (Self, Vec<Diagnostic>) {
        let wanted = language.unwrap_or(FALLBACK);
        let mut findings = Vec::new();
        let built_in = tags(wanted).find(|tag| BUILT_IN.iter().any(|(known, _)| known == tag));
        let own = tags(wanted).find_map(|tag| {
            let path = FilePath::new(&format!("{THEME_FOLDER}/{FOLDER}/{tag}.toml")).ok()?;
            let text = snapshot.text(path.as_str())?;
            Some((tag, path, text))
        });
        if built_in.is_none() && own.is_none() {
            if let Some((path, span)) = at {
                findings.push(
                    Diagnostic::warning(
                        "no-language",
                        format!("the pages' own words stay English: there are none in `{wanted}`"),
                    )
                    .at(&path, span, "")
                    .help(format!(
                        "say them in `{THEME_FOLDER}/{FOLDER}/{wanted}.toml`, or take one of {}",
                        known_tags()
                    )),
                );
            }
            return (Self::default(), findings);
        }
        let messages = built_in.map(built_in_messages).unwrap_or_default();
        // Those that are built in say everything.
        let Some((tag, path, text)) = own else {
            return (Self::new(built_in.unwrap_or(FALLBACK).to_owned(), messages), findings);
        };
        let mut messages = Messages::clone(&messages);
        let (said, wrong) = read(&path, text);
        findings.extend(wrong);
        messages.extend(said);
        findings.extend(missing(&messages, tag, &path));
        for (key, message) in english().iter() {
            messages.entry(key.clone()).or_insert_with(|| message.clone());
        }
        (Self::new(tag.to_owned(), Arc::new(messages)), findings)
    }

    /// Whether these are the words of the fallback.
    pub(crate) fn is_english(&self) -> bool {
        self.tag == FALLBACK
    }

    /// What is said for a key. A key that nobody knows is said itself, which a test holds never to happen.
    pub(crate) fn say(&self, key: &str) -> String {
        self.fill(key, &[])
    }

    /// The same with its places filled in.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        match self.messages.get(key) {
            None => key.to_owned(),
            Some(Message::Text(text)) => filled(text, values),
            Some(Message::Counted(forms)) => {
                let count = values.iter().find(|(name, _)| *name == "count");
                let count = count.and_then(|(_, count)| count.to_string().parse().ok()).unwrap_or(0);
                let text = forms.get(form(&self.tag, count)).or_else(|| forms.get("other"));
                filled(text.map_or("", String::as_str), values)
            }
        }
    }

    /// What is said of so many.
    pub(crate) fn count(&self, key: &str, count: usize) -> String {
        self.fill(key, &[("count", &count)])
    }

    /// A day such as `2026-11-21` as the language writes it; what is no day stays as it is.
    pub(crate) fn day(&self, day: &str) -> String {
        let parts: Vec<&str> = day.split('-').collect();
        let is_number =
            |(part, digits): (&&str, usize)| part.len() == digits && part.bytes().all(|it| it.is_ascii_digit());
        match parts.as_slice() {
            [year, month, date] if parts.iter().zip([4, 2, 2]).all(is_number) => {
                self.fill("frame.date", &[("year", year), ("month", month), ("day", date)])
            }
            _ => day.to_owned(),
        }
    }

    /// A number with two digits after the point, as the language writes it.
    pub(crate) fn decimal(&self, value: f64) -> String {
        format!("{value:.2}").replace('.', &self.say("frame.decimal"))
    }

    /// A whole number as the language writes it.
    pub(crate) fn whole(&self, value: usize) -> String {
        numerals::tidy(&value.to_string(), &self.say("frame.thousands"), "")
    }

    /// A setting as people write it, with its numbers as the language writes them; see [`numerals::settings`].
    pub(crate) fn setting(&self, text: &str) -> String {
        numerals::settings(text, &self.say("frame.thousands"), &self.say("frame.decimal"))
    }

    /// A text with its numbers as the language writes them; see [`numerals::tidy`].
    pub(crate) fn numbers(&self, text: &str) -> String {
        numerals::tidy(text, &self.say("frame.thousands"), &self.say("frame.decimal"))
    }

    /// What a type of elements is called, by its English name.
    pub(crate) fn type_name(&self, english: &str) -> String {
        let key = format!("type.{}", loko_model::name::slug(english));
        if self.messages.contains_key(&key) { self.say(&key) } else { english.to_owned() }
    }

    /// What legends of pictures say; nothing in English, which they speak by themselves.
    pub(crate) fn legend(&self) -> loko_draw::Phrases {
        let phrase = |english: &&str| {
            let said = self.messages.get(&format!("legend.{}", loko_model::name::slug(english)))?;
            Some(((*english).to_owned(), said.texts().next()?.to_owned()))
        };
        let phrases = loko_draw::LEGEND_PHRASES.iter().filter_map(phrase).filter(|_| !self.is_english());
        loko_draw::Phrases::new(phrases)
    }

    /// What pictures of changes say.
    pub fn of_changes(&self) -> loko_model::diff::picture::Words {
        loko_model::diff::picture::Words {
            title: self.say("changes.title"),
            same: self.say("changes.same"),
            changed: self.say("changes.changed"),
            moved: self.say("changes.moved"),
            removed: self.say("changes.removed"),
            added: self.say("changes.added"),
            fields: self.say("changes.fields"),
            inside: self.say("changes.inside"),
            was: self.say("changes.was"),
            from: self.say("changes.from"),
            relations: self.say("changes.relations"),
        }
    }

    /// The messages of the scripts that are wanted by their names, as JSON without what could end a script.
    pub(crate) fn script(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        let said: BTreeMap<&str, &str> = self
            .messages
            .iter()
            .filter_map(|(key, message)| Some((key.strip_prefix(SCRIPT)?, message.texts().next()?)))
            .filter(|(name, _)| is_wanted(name))
            .collect();
        serde_json::json!(said).to_string().replace('<', "\\u003c")
    }
}

/// A tag and those that it is a kind of: `de-AT`, `de`.
fn tags(wanted: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(wanted), |tag| tag.rsplit_once('-').map(|(outer, _)| outer))
}

fn known_tags() -> String {
    BUILT_IN.iter().map(|(tag, _)| format!("`{tag}`")).collect::<Vec<_>>().join(", ")
}

fn filled(text: &str, values: &[(&str, &dyn Display)]) -> String {
    if values.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let place = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value.to_string(), after))
        });
        match place {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}

/// The form that a count asks for, by the rules of Unicode CLDR for whole numbers.
fn form(tag: &str, count: usize) -> &'static str {
    let (ones, tens) = (count % 10, count % 100);
    let is_few = (2..=4).contains(&ones) && !(12..=14).contains(&tens);
    match tag.split('-').next().unwrap_or(tag) {
        "ja" | "zh" | "ko" | "vi" | "th" | "id" | "ms" => "other",
        "fr" | "pt" if count == 0 => "one",
        "ru" | "uk" | "be" => match (ones, tens) {
            (1, tens) if tens != 11 => "one",
            _ if is_few => "few",
            _ => "many",
        },
        "sr" | "hr" | "bs" => match (ones, tens) {
            (1, tens) if tens != 11 => "one",
            _ if is_few => "few",
            _ => "other",
        },
        "pl" if count != 1 => {
            if is_few {
                "few"
            } else {
                "many"
            }
        }
        "cs" | "sk" if (2..=4).contains(&count) => "few",
        "ar" if count == 0 => "zero",
        "ar" if count == 2 => "two",
        "ar" if (3..=10).contains(&tens) => "few",
        "ar" if tens >= 11 => "many",
        _ if count == 1 => "one",
        _ => "other",
    }
}

/// The messages of a file, and what is wrong with it.
fn read(path: &FilePath, text: &str) -> (Messages, Vec<Diagnostic>) {
    let (groups, mut findings) = read_toml(path, text);
    let mut messages = Messages::default();
    for (group, entry) in groups {
        let Data::Map(entries) = &entry.value.data else {
            findings.push(unknown(path, &group, entry.key_span));
            continue;
        };
        for (name, entry) in entries {
            let key = format!("{group}.{name}");
            match message(entry) {
                _ if !english_keys().contains(key.as_str()) => findings.push(unknown(path, &key, entry.key_span)),
                Some(message) => match english().get(&key).and_then(|own| stray(&message, own)) {
                    Some(place) => findings.push(
                        Diagnostic::error("bad-message", format!("`{key}` has no place `{{{place}}}`"))
                            .at(path, entry.value.span, "")
                            .help("the places are those of the English message, which is said in its stead"),
                    ),
                    None => {
                        messages.insert(key, message);
                    }
                },
                None => findings.push(
                    Diagnostic::error("bad-message", format!("`{key}` is a text, or a table of {}", FORMS.join(", ")))
                        .at(path, entry.value.span, "")
                        .help("a table has `other` at least"),
                ),
            }
        }
    }
    (messages, findings)
}

fn unknown(path: &FilePath, key: &str, span: Span) -> Diagnostic {
    let mut finding = Diagnostic::error("unknown-message", format!("no page says `{key}`")).at(path, span, "");
    finding.help = did_you_mean(key, english_keys().iter().copied()).map(Into::into);
    finding
}

fn message(entry: &Entry) -> Option<Message> {
    match &entry.value.data {
        Data::Map(forms) => {
            let forms: Option<BTreeMap<String, String>> = forms
                .iter()
                .map(|(form, entry)| {
                    let known = FORMS.contains(&form.as_str());
                    known.then(|| Some((form.clone(), entry.value.as_text()?.to_owned())))?
                })
                .collect();
            forms.filter(|forms| forms.contains_key("other")).map(Message::Counted)
        }
        _ => entry.value.as_text().map(|text| Message::Text(text.to_owned())),
    }
}

/// A place that the English message does not have.
fn stray<'a>(message: &'a Message, english: &Message) -> Option<&'a str> {
    let known = english.places();
    message.places().into_iter().find(|place| !known.contains(place))
}

/// A warning that names what a language does not say.
fn missing(messages: &Messages, tag: &str, path: &FilePath) -> Option<Diagnostic> {
    let missing: Vec<&str> = english_keys().iter().copied().filter(|key| !messages.contains_key(*key)).collect();
    if missing.is_empty() {
        return None;
    }
    let named: Vec<String> = missing.iter().take(MISSING_NAMED_MAX).map(|key| format!("`{key}`")).collect();
    let more = missing.len() - named.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    Some(
        Diagnostic::warning("missing-messages", format!("`{tag}` does not say {}{more}", named.join(", ")))
            .at(path, Span::at(0), "")
            .help("what it does not say stays English"),
    )
}

/// The messages of a language of ours, read once.
fn built_in_messages(tag: &str) -> Arc<Messages> {
    static READ: OnceLock<Vec<OnceLock<Arc<Messages>>>> = OnceLock::new();
    let read = READ.get_or_init(|| BUILT_IN.iter().map(|_| OnceLock::new()).collect());
    let found = BUILT_IN.iter().zip(read).find(|((known, _), _)| *known == tag);
    found.map_or_else(Arc::default, |((_, text), read)| Arc::clone(read.get_or_init(|| Arc::new(parsed(text)))))
}

/// The messages of a file of ours.
fn parsed(text: &str) -> Messages {
    let path = FilePath::new("language.toml").expect("a plain name");
    let (groups, _) = read_toml(&path, text);
    let mut messages = Messages::default();
    for (group, entry) in groups {
        let Data::Map(entries) = entry.value.data else { continue };
        messages.extend(entries.iter().filter_map(|(name, entry)| Some((format!("{group}.{name}"), message(entry)?))));
    }
    messages
}

/// The English messages.
fn english() -> &'static Arc<Messages> {
    static ENGLISH: OnceLock<Arc<Messages>> = OnceLock::new();
    ENGLISH.get_or_init(|| built_in_messages(FALLBACK))
}

fn english_keys() -> &'static BTreeSet<&'static str> {
    static KEYS: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    KEYS.get_or_init(|| english().keys().map(String::as_str).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of ours in which keys may be written.
    const SOURCES: &[(&str, &str)] = &[
        ("build.rs", include_str!("build.rs")),
        ("changelog.rs", include_str!("changelog.rs")),
        ("feed.rs", include_str!("feed.rs")),
        ("pdf.rs", include_str!("pdf.rs")),
        ("pipeline.rs", include_str!("pipeline.rs")),
        ("prose.rs", include_str!("prose.rs")),
        ("search.rs", include_str!("search.rs")),
        ("scripts.rs", include_str!("scripts.rs")),
        ("single.rs", include_str!("single.rs")),
        ("words.rs", include_str!("words.rs")),
    ];

    #[test]
    fn every_language_says_everything_and_nothing_else() {
        assert!(english().len() > 200);
        for (tag, text) in BUILT_IN {
            let path = FilePath::new(&format!("languages/{tag}.toml")).unwrap();
            let (said, findings) = read(&path, text);
            assert_eq!(findings, [], "{tag}");
            assert_eq!(missing(&said, tag, &path), None);
            for (key, message) in &said {
                assert_eq!(message.places(), english()[key].places(), "{tag}: `{key}`");
                assert_eq!(
                    matches!(message, Message::Counted(_)),
                    matches!(english()[key], Message::Counted(_)),
                    "{tag}: `{key}`"
                );
            }
        }
    }

    #[test]
    fn every_key_that_is_asked_for_is_there_and_every_one_is_asked_for() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut texts: Vec<String> = SOURCES.iter().map(|(_, text)| (*text).to_owned()).collect();
        for folder in ["src/pages", "src/markdown", "templates", "assets/js"] {
            #[allow(clippy::disallowed_methods, reason = "a test reads this crate's own files")]
            for entry in std::fs::read_dir(root.join(folder)).unwrap().flatten() {
                #[allow(clippy::disallowed_methods, reason = "a test reads this crate's own files")]
                texts.push(std::fs::read_to_string(entry.path()).unwrap());
            }
        }
        let all = texts.concat();
        let unused: Vec<&str> = english_keys()
            .iter()
            .copied()
            .filter(|key| match key.strip_prefix(SCRIPT) {
                Some(name) => !all.contains(&format!("say('{name}'")) && !all.contains(&format!("\"{key}\"")),
                None => {
                    !all.contains(&format!("\"{key}\"")) && !BUILT_BY_NAME.iter().any(|group| key.starts_with(group))
                }
            })
            .collect();
        assert_eq!(unused, Vec::<&str>::new(), "nobody says these");
        for call in all.split("say(\"").skip(1).chain(all.split("fill(\"").skip(1)).chain(all.split("count(\"").skip(1))
        {
            let key = call.split('"').next().unwrap_or_default();
            let is_whole = key.contains('.') && !key.ends_with(['.', '-']);
            assert!(!is_whole || english().contains_key(key), "`{key}` is asked for and not there");
        }
        for call in all.split("say('").skip(1) {
            let name = call.split('\'').next().unwrap_or_default();
            let key = format!("{SCRIPT}{name}");
            let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            assert!(!is_name || english().contains_key(&key), "`{key}` is asked for by a script and not there");
        }
    }

    /// Keys, or their groups, that are put together from names: of types of elements, of kinds of things, of severities;
    /// of phrases of legends, of heads of tables; and those of the live server, which says them itself.
    const BUILT_BY_NAME: [&str; 8] =
        ["type.", "kind.", "live.", "legend.", "report.", "findings.error", "findings.warning", "findings.info"];

    #[test]
    fn legends_and_pictures_of_changes_are_said_in_every_language() {
        for phrase in loko_draw::LEGEND_PHRASES {
            let key = format!("legend.{}", loko_model::name::slug(phrase));
            assert_eq!(english().get(&key), Some(&Message::Text(phrase.to_owned())), "{key}");
        }
        assert_eq!(Words::default().of_changes(), loko_model::diff::picture::Words::default());
        assert_eq!(Words::default().legend(), loko_draw::Phrases::default());
        let (german, _) = Words::of(&Snapshot::from_texts([("a.md", "")]), Some("de-AT"), None);
        assert_ne!(german.legend(), loko_draw::Phrases::default());
        assert_eq!(german.of_changes().same, "unverändert");
    }

    #[test]
    fn counts_take_the_forms_of_their_language() {
        let forms = |tag, counts: &[usize]| counts.iter().map(|count| form(tag, *count)).collect::<Vec<_>>();
        assert_eq!(forms("en", &[0, 1, 2, 21]), ["other", "one", "other", "other"]);
        assert_eq!(forms("fr", &[0, 1, 2]), ["one", "one", "other"]);
        assert_eq!(forms("pl", &[1, 2, 5, 12, 22, 21]), ["one", "few", "many", "many", "few", "many"]);
        assert_eq!(forms("ru", &[1, 2, 5, 11, 21, 24]), ["one", "few", "many", "many", "one", "few"]);
        assert_eq!(forms("ja", &[1, 2]), ["other", "other"]);
    }

    #[test]
    fn a_workspace_says_things_its_own_way() {
        let snapshot = Snapshot::from_texts([
            ("theme/languages/de.toml", "[element]\nuses = \"Ruft auf\"\nused = \"x\"\nevents-of = \"Von {wem}\"\n"),
            ("theme/languages/nl.toml", "[element]\nuses = \"Gebruikt\"\n"),
        ]);
        let (words, findings) = Words::of(&snapshot, Some("de-AT"), None);
        assert_eq!(words.say("element.uses"), "Ruft auf");
        assert_eq!(words.say("element.used-by"), "Benutzt von");
        let codes: Vec<_> = findings.iter().map(|it| it.code.to_string()).collect();
        assert_eq!(codes, ["unknown-message", "bad-message"]);
        let (words, findings) = Words::of(&snapshot, Some("nl"), None);
        assert_eq!(words.say("element.uses"), "Gebruikt");
        assert_eq!(words.say("element.used-by"), "Used by");
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("does not say") && findings[0].message.contains("more"), "{findings:?}");
    }

    #[test]
    fn days_and_places_are_filled_in() {
        let (german, _) = Words::of(&Snapshot::default(), Some("de"), None);
        assert_eq!(german.day("2026-11-02"), "02.11.2026");
        assert_eq!(german.day("soon"), "soon");
        assert_eq!(Words::default().day("2026-11-02"), "2026-11-02");
        assert_eq!(filled("{a} {b} {", &[("a", &1)]), "1 {b} {");
    }
}
