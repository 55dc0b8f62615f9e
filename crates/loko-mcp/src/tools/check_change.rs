//! `check_change`: may this part use that one? What the architecture says for and against it, with places.

use crate::codediff;
use crate::problem::{Problem, clip};
use crate::shapes::{element, place, given};
use crate::tool::{Call, Effect, Tool};
use crate::project::State;
use loko_model::query::{self, CodeMap};
use loko_model::{ElementIx, Model, RelationIx};
use loko_source::{Diagnostic, Place, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The element that would use another, by id or name, or a file of its code.
    #[serde(default, alias = "from")]
    source: Option<String>,
    /// The element that would be used, by id or name, or a file of its code.
    #[serde(default, alias = "to")]
    target: Option<String>,
    /// Instead: a unified diff of code. Its files are mapped to elements by their `code` globs, and what its added lines import or name is asked about.
    #[serde(default)]
    diff: Option<String>,
    /// Instead: files of code that are to change.
    #[serde(default)]
    paths: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// `allowed`: the architecture says so; `undeclared`: it says nothing of it; `against`: something speaks against it.
    verdict: Verdict,
    /// One sentence for people.
    answer: String,
    /// Each dependency that was asked about.
    dependencies: Vec<Asked>,
    /// The files of the change and the elements they belong to.
    files: Vec<FileRow>,
    /// What speaks for it.
    #[serde(rename = "for")]
    reasons_for: Vec<Reason>,
    /// What speaks against it.
    against: Vec<Reason>,
    revision: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Allowed,
    Undeclared,
    Against,
}

#[derive(Serialize, JsonSchema)]
struct Asked {
    source: String,
    target: String,
    verdict: Verdict,
}

#[derive(Serialize, JsonSchema)]
struct FileRow {
    path: String,
    /// The elements whose `code` globs hold it.
    elements: String,
}

#[derive(Serialize, JsonSchema)]
struct Reason {
    /// `relation`, `decision`, `finding`, `cycle` or `boundary`.
    kind: String,
    text: String,
    /// `file:line:column`, or the file.
    place: String,
}

impl Tool for This {
    const NAME: &'static str = "check_change";
    const TITLE: &'static str = "May I?";
    const ABOUT: &'static str = "Ask before you write code that makes one part use another: give source and target, or a code diff. The answer says whether the architecture has that relation, which decisions and findings speak for or against it, whether a cycle would come to be, and where all that is written.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let code = CodeMap::new(model);
        let (source, target, diff) = (given(input.source), given(input.target), given(input.diff));
        let mut pairs: BTreeSet<(ElementIx, ElementIx)> = BTreeSet::new();
        let mut paths: Vec<String> = input.paths;
        if let (Some(source), Some(target)) = (&source, &target) {
            pairs.insert((named(&state, &code, source)?, named(&state, &code, target)?));
        } else if source.is_some() || target.is_some() {
            return Err(Problem::new("one end of the dependency is not given").help("give `source` and `target`, or a `diff`"));
        }
        if let Some(diff) = &diff {
            let changed = codediff::read(diff);
            if changed.is_empty() {
                return Err(Problem::new("`diff` holds no file of a unified diff").help("give what `git diff` writes"));
            }
            for file in &changed {
                let owners = code.owners(model, &file.path);
                for (owner, used) in codediff::uses(model, &code, &owners, file) {
                    pairs.insert((owner, used));
                }
                paths.push(file.path.clone());
            }
        }
        if pairs.is_empty() && paths.is_empty() {
            return Err(Problem::new("nothing is asked").help("give `source` and `target`, a `diff`, or `paths`"));
        }
        let files: Vec<FileRow> = paths.iter().map(|path| file_row(model, &code, path)).collect();
        let mut elements: BTreeSet<ElementIx> = pairs.iter().flat_map(|(from, to)| [*from, *to]).collect();
        elements.extend(paths.iter().flat_map(|path| code.owners(model, path)));
        let mut case = Case { state: &state, reasons_for: Vec::new(), against: Vec::new() };
        let asked: Vec<Asked> = pairs.iter().map(|(from, to)| case.dependency(*from, *to)).collect();
        case.decisions(&elements);
        case.findings(&elements);
        if code.is_empty() && diff.is_some() {
            case.against.push(Reason {
                kind: "boundary".to_owned(),
                text: "no element says which code it is made of (`code:` globs in front matter), so files cannot be mapped".to_owned(),
                place: String::new(),
            });
        }
        let verdict = asked.iter().map(|asked| asked.verdict).max().unwrap_or(Verdict::Allowed);
        Ok(Output {
            answer: sentence(verdict, &asked, &files),
            verdict,
            dependencies: asked,
            files,
            reasons_for: case.reasons_for,
            against: case.against,
            revision: state.revision.clone(),
        })
    }
}

/// The element of a name, or the one that a file of code belongs to.
fn named(state: &State, code: &CodeMap, written: &str) -> Result<ElementIx, Problem> {
    match element(state, written) {
        Ok(ix) => Ok(ix),
        Err(problem) => match code.owners(state.model(), written).as_slice() {
            [only] => Ok(*only),
            _ => Err(problem),
        },
    }
}

fn file_row(model: &Model, code: &CodeMap, path: &str) -> FileRow {
    let owners = code.owners(model, path);
    let ids: Vec<&str> = owners.iter().map(|ix| model.element(*ix).id.as_str()).collect();
    FileRow { path: clip(path, 300), elements: ids.join(" ") }
}

fn sentence(verdict: Verdict, asked: &[Asked], files: &[FileRow]) -> String {
    let pairs: Vec<String> = asked.iter().filter(|it| it.verdict == verdict).map(|it| format!("`{}` → `{}`", it.source, it.target)).collect();
    match verdict {
        _ if asked.is_empty() => format!("{} files, no new dependency between elements seen", files.len()),
        Verdict::Allowed => format!("yes: the architecture has {}", pairs.join(", ")),
        Verdict::Undeclared => format!("not yet: the architecture does not have {}; propose a `link` first, or go another way", pairs.join(", ")),
        Verdict::Against => format!("no: something speaks against {}; see `against`", pairs.join(", ")),
    }
}

/// What is said for and against.
struct Case<'a> {
    state: &'a State,
    reasons_for: Vec<Reason>,
    against: Vec<Reason>,
}

impl Case<'_> {
    fn dependency(&mut self, from: ElementIx, to: ElementIx) -> Asked {
        let model = self.state.model();
        let (source, target) = (model.element(from).id.to_string(), model.element(to).id.to_string());
        if model.is_within(from, to) || model.is_within(to, from) {
            self.reasons_for.push(Reason {
                kind: "boundary".to_owned(),
                text: format!("`{source}` and `{target}` are a whole and its part"),
                place: model.element(from).file.to_string(),
            });
            return Asked { source, target, verdict: Verdict::Allowed };
        }
        let declared = self.relations(from, to);
        if declared > 0 {
            return Asked { source, target, verdict: Verdict::Allowed };
        }
        let mut verdict = Verdict::Undeclared;
        if let Some(way) = query::path(model, to, from, 1).paths.first() {
            verdict = Verdict::Against;
            let steps: Vec<&str> = way.relations.iter().map(|it| it.target).collect();
            self.against.push(Reason {
                kind: "cycle".to_owned(),
                text: format!("`{target}` reaches `{source}` already (through {}); this would close a cycle", steps.join(", ")),
                place: way.relations.first().and_then(|it| self.relation_place(it.id)).unwrap_or_default(),
            });
        }
        self.boundary(from, to);
        Asked { source, target, verdict }
    }

    /// Tells the relations that say so, of the parts and wholes of both.
    fn relations(&mut self, from: ElementIx, to: ElementIx) -> usize {
        let model = self.state.model();
        let covers = |said: ElementIx, asked: ElementIx| model.is_within(asked, said) || model.is_within(said, asked);
        let mut count = 0;
        for (at, ends) in model.all_ends().iter().enumerate() {
            let forth = covers(ends.source, from) && covers(ends.target, to);
            let back = ends.bidirectional && covers(ends.source, to) && covers(ends.target, from);
            if forth || back {
                let relation = model.relation(RelationIx(at as u32));
                count += 1;
                let id = |ix: ElementIx| &model.element(ix).id;
                self.reasons_for.push(Reason {
                    kind: "relation".to_owned(),
                    text: format!("`{}` → `{}`: {} ({})", id(relation.source), id(relation.target), relation.description, relation.kind.name()),
                    place: self.line(&relation.place),
                });
            }
        }
        count
    }

    /// A relation into the inside of another system goes past what that system offers.
    fn boundary(&mut self, from: ElementIx, to: ElementIx) {
        let model = self.state.model();
        let (home, other) = (model.system_of(from), model.system_of(to));
        if home == other || other == to {
            return;
        }
        let used_from_outside: Vec<&str> = model
            .all_ends()
            .iter()
            .filter(|it| model.system_of(it.target) == other && model.system_of(it.source) != other)
            .map(|it| model.element(it.target).id.as_str())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let doors = if used_from_outside.is_empty() { String::new() } else { format!("; others enter by `{}`", used_from_outside.join("`, `")) };
        self.against.push(Reason {
            kind: "boundary".to_owned(),
            text: format!("`{}` is inside of `{}`, another system{doors}", model.element(to).id, model.element(other).id),
            place: model.element(to).file.to_string(),
        });
    }

    /// Decisions about the elements: those that stand speak for what they say, those that do not against it.
    fn decisions(&mut self, elements: &BTreeSet<ElementIx>) {
        let model = self.state.model();
        for decision in &model.decisions {
            let about = decision.elements.iter().any(|it| elements.iter().any(|ix| model.is_within(*ix, *it)));
            if !about {
                continue;
            }
            let status = decision.status.to_lowercase();
            let is_gone = ["superseded", "rejected", "deprecated"].iter().any(|word| status.starts_with(word));
            let reason = Reason {
                kind: "decision".to_owned(),
                text: format!("{} ({}): read it before you go on", decision.title, if status.is_empty() { "no status" } else { &decision.status }),
                place: decision.file.to_string(),
            };
            if is_gone { self.against.push(reason) } else { self.reasons_for.push(reason) }
        }
    }

    /// Findings in the files of the elements.
    fn findings(&mut self, elements: &BTreeSet<ElementIx>) {
        let model = self.state.model();
        let files: BTreeSet<&str> = elements.iter().map(|ix| model.element(*ix).file.as_str()).collect();
        let is_of = |finding: &&Arc<Diagnostic>| {
            finding.severity >= Severity::Warning && finding.primary.as_ref().is_some_and(|label| files.contains(label.place.path.as_str()))
        };
        let reasons: Vec<Reason> = self
            .state
            .findings()
            .iter()
            .filter(is_of)
            .map(|finding| Reason {
                kind: "finding".to_owned(),
                text: format!("{}: {}", finding.code, finding.message),
                place: place(finding, &self.state.snapshot),
            })
            .collect();
        self.against.extend(reasons);
    }

    fn relation_place(&self, id: &str) -> Option<String> {
        let relation = self.state.model().relations.iter().find(|relation| relation.id == id)?;
        Some(self.line(&relation.place))
    }

    fn line(&self, at: &Place) -> String {
        let finding = Diagnostic::warning("place", "").at(&at.path, at.span, "");
        place(&finding, &self.state.snapshot)
    }
}
