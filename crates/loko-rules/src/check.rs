//! The whole check: rules, the team's own rules, prose; then levels and waivers.

use crate::memo::{Last, Memo, Since};
use crate::rule::{Ask, Reads};
use crate::settings::{Level, Preset, Settings};
use crate::waiver::{self, Covers, Waiver};
use crate::workspace::Workspace;
use crate::{codes, prose, rules, views};
use loko_model::Date;
use loko_model::Loaded;
use loko_model::behaviour::Behaviour;
use loko_source::{Diagnostic, FilePath, Place, Snapshot, diagnostic};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The day on which something is checked.
#[derive(Clone, Copy, Debug, Default)]
pub enum Today {
    /// Nobody knows: nothing has expired.
    #[default]
    Unknown,
    /// This one.
    Is(Date),
    /// To be asked for where it counts: what the system knows of time zones is many files.
    Asked(fn() -> Option<Date>),
}

impl Today {
    /// The day.
    pub fn date(self) -> Option<Date> {
        match self {
            Self::Unknown => None,
            Self::Is(date) => Some(date),
            Self::Asked(ask) => ask(),
        }
    }
}

/// How to check.
#[derive(Clone, Debug, Default)]
pub struct Options<'o> {
    /// The day for which waivers are judged.
    pub today: Today,
    /// Only these codes.
    pub only: Option<Vec<&'static str>>,
    /// Which rules run, whatever the settings say of it.
    pub preset: Option<Preset>,
    /// What is remembered of earlier checks of the workspace.
    pub memo: Option<&'o Memo>,
}

/// A finding that somebody waived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// The finding.
    pub finding: Diagnostic,
    /// Why.
    pub reason: String,
    /// Where that is stated.
    pub place: Place,
    /// Whether it is stated beside what it waives, and not in the settings.
    pub is_inline: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The findings, sorted by place.
    pub findings: Vec<Diagnostic>,
    /// The findings that were waived, sorted by place.
    pub waived: Vec<Waived>,
    /// The settings.
    pub settings: Settings,
}

/// Checks a workspace; `found` is what reading it found already.
pub fn check(snapshot: &Snapshot, loaded: &Loaded, found: Vec<Diagnostic>, options: &Options<'_>) -> Checked {
    let Shared { findings, waived, settings } = check_shared(snapshot, loaded, found, options);
    Checked { findings: findings.into_iter().map(Arc::unwrap_or_clone).collect(), waived, settings }
}

/// What was found, where it is shared with a memo.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    /// The findings, sorted by place.
    pub findings: Vec<Arc<Diagnostic>>,
    /// The findings that were waived, sorted by place.
    pub waived: Vec<Waived>,
    /// The settings.
    pub settings: Settings,
}

/// The same for programs that keep running and have a memo: what is found again is not copied.
pub fn check_shared(snapshot: &Snapshot, loaded: &Loaded, found: Vec<Diagnostic>, options: &Options<'_>) -> Shared {
    let mut settings = Settings::read(snapshot);
    settings.add_decisions(&loaded.model, snapshot);
    settings.check_names();
    if let Some(preset) = options.preset {
        settings.preset = preset;
    }
    let workspace = Workspace::new(snapshot, loaded, &found);
    let is_wanted = |code: &str| options.only.as_ref().is_none_or(|only| only.contains(&code));
    let outline =
        options.memo.map(|memo| (memo, memo.outline(&loaded.model), format!("{:?} {settings:?}", options.only)));
    let since = outline.as_ref().and_then(|(memo, outline, asked)| memo.since(snapshot, &loaded.model, outline, asked));

    let mut findings: Vec<Arc<Diagnostic>> = found.into_iter().map(Arc::new).collect();
    let beside_rules = || {
        let policies = settings.policies.par_iter().flat_map_iter(|policy| policy.check(&workspace));
        let mut found: Vec<Diagnostic> = policies.collect();
        found.extend(views::check(&workspace));
        let of_prose = prose::CODES.iter().any(|code| is_wanted(code));
        let of_prose = of_prose.then(|| prose::check(&workspace, options.memo.map(|memo| &memo.prose), since.as_ref()));
        (found, of_prose.unwrap_or_default(), waiver::in_comments(snapshot, since.as_ref()))
    };
    let (of_rules, (mut others, of_prose, in_comments)) =
        rayon::join(|| of_rules(&workspace, &settings, &is_wanted, since.as_ref()), beside_rules);
    findings.extend(of_rules.values().flatten().cloned());
    others.extend_from_slice(&of_prose.of_texts);
    others.extend(of_prose.of_model);
    others.append(&mut settings.findings);
    let (mut waivers, wrong) = in_comments.clone();
    others.extend(wrong);
    findings.extend(others.into_iter().map(Arc::new));
    waivers.append(&mut settings.waivers);
    if let Some((memo, outline, asked)) = outline {
        let snapshot = snapshot.clone();
        memo.keep(Last { snapshot, outline, asked, rules: of_rules, prose: of_prose.of_texts, waivers: in_comments });
    }

    findings.retain(|finding| is_wanted(&finding.code));
    findings.retain_mut(|finding| applies(&settings, finding));
    let (mut findings, waived) = apply(&workspace, findings, &waivers, &settings, options, &is_wanted);
    diagnostic::sort(&mut findings);
    Shared { findings, waived, settings }
}

fn of_rules(
    workspace: &Workspace<'_>,
    settings: &Settings,
    is_wanted: &(dyn Fn(&str) -> bool + Sync),
    since: Option<&Since<'_>>,
) -> BTreeMap<&'static str, Vec<Arc<Diagnostic>>> {
    let running = rules::ALL.par_iter().filter(|(code, rule)| is_wanted(code) && settings.runs(code, rule));
    running
        .map(|(code, rule)| {
            let known = since.filter(|_| rule.reads == Reads::Graph).and_then(|since| since.of_rule(code));
            let found = known.unwrap_or_else(|| {
                let given = settings.options.get(*code);
                let ask = Ask { workspace, code, severity: rule.severity, options: rule.options, given };
                (rule.check)(&ask).into_iter().map(Arc::new).collect()
            });
            (*code, found)
        })
        .collect()
}

/// Gives a finding the level that was set for it; whether it is told at all.
fn applies(settings: &Settings, finding: &mut Arc<Diagnostic>) -> bool {
    let file = finding.primary.as_ref().map(|label| label.place.path.as_str());
    match settings.level_of(&finding.code, file) {
        Some(Level::Off) => return false,
        Some(Level::On(severity)) if severity != finding.severity => Arc::make_mut(finding).severity = severity,
        Some(Level::On(_)) => {}
        Some(Level::Usual) => {}
        // A rule that runs for some paths only says nothing elsewhere.
        None => {
            if let Ok(at) = rules::ALL.binary_search_by_key(&&*finding.code, |(code, _)| *code) {
                return match settings.preset {
                    Preset::None => false,
                    Preset::Recommended => rules::ALL[at].1.is_on,
                    Preset::All => true,
                };
            }
        }
    }
    true
}

fn apply(
    workspace: &Workspace<'_>,
    found: Vec<Arc<Diagnostic>>,
    waivers: &[Waiver],
    settings: &Settings,
    options: &Options<'_>,
    is_wanted: &dyn Fn(&str) -> bool,
) -> (Vec<Arc<Diagnostic>>, Vec<Waived>) {
    if waivers.is_empty() {
        return (found, Vec::new());
    }
    let known = OnceCell::new();
    let today = || *known.get_or_init(|| options.today.date());
    let holds = |waiver: &Waiver| waiver.until.is_none_or(|until| today().is_none_or(|today| today <= until));
    let files: Vec<Vec<&FilePath>> = waivers.iter().map(|waiver| files_of(workspace, waiver)).collect();
    let mut used = vec![false; waivers.len()];
    let (mut told, mut waived) = (Vec::new(), Vec::new());
    for finding in found {
        let by = (0..waivers.len()).find(|at| holds(&waivers[*at]) && waivers[*at].covers(&finding, &files[*at]));
        match by {
            Some(at) => {
                used[at] = true;
                let waiver = &waivers[at];
                waived.push(Waived {
                    finding: Arc::unwrap_or_clone(finding),
                    reason: waiver.reason.clone(),
                    place: waiver.place.clone(),
                    is_inline: !matches!(waiver.covers, Covers::Settings(..)),
                });
            }
            None => told.push(finding),
        }
    }
    let names: FxHashSet<&str> = settings.policies.iter().map(|policy| policy.name.as_str()).collect();
    // Others than rules find something too; their codes are those of what they found, and those of patterns in use begin
    // with the pattern's.
    let found: FxHashSet<String> =
        told.iter().map(|it| it.code.to_string()).chain(waived.iter().map(|it| it.finding.code.to_string())).collect();
    let is_of_pattern = |code: &str| {
        let begins = |id: &str| code.strip_prefix(id).is_some_and(|rest| rest.starts_with('-'));
        workspace.model.elements.iter().any(|element| {
            let played = Behaviour::of_element(element).items("patterns");
            played.iter().any(|item| item.text("id").is_some_and(|id| begins(&id)))
        })
    };
    let is_found = |code: &str| codes::find(code).is_some() || names.contains(code) || found.contains(code);
    let is_known = |code: &str| is_found(code) || is_of_pattern(code);
    // Who looks at some codes only cannot tell that nothing needs a waiver of the others, nor can who was not told what
    // patterns ask for.
    let ran = |code: &str| {
        is_wanted(code)
            && is_found(code)
            && rules::ALL.iter().find(|(known, _)| *known == code).is_none_or(|(_, rule)| settings.runs(code, rule))
    };
    if options.only.is_none() {
        let about = waiver::findings(waivers, &used, &today, &is_known, &ran);
        let mut about: Vec<Arc<Diagnostic>> = about.into_iter().map(Arc::new).collect();
        about.retain_mut(|finding| applies(settings, finding));
        told.extend(about);
    }
    waived.sort_by(|a, b| a.finding.sort_key().cmp(&b.finding.sort_key()));
    (told, waived)
}

/// The files of the elements that a waiver's selector picks.
fn files_of<'a>(workspace: &Workspace<'a>, waiver: &Waiver) -> Vec<&'a FilePath> {
    let Covers::Settings(_, Some(select)) = &waiver.covers else { return Vec::new() };
    let model = workspace.model;
    let of = |ix| {
        let element = model.element(ix);
        std::iter::once(&element.file).chain(&element.d2)
    };
    select.picks(model).into_iter().flat_map(of).collect()
}
