//! Changes on their way: several wishes become one change set, which is looked at first and written later.

use crate::problem::{Problem, clip};
use crate::project::{Project, State, between, lock};
use loko_model::edit::{self, Plan, Refusal};
use loko_model::{ElementIx, Loaded};
use loko_source::{ChangeSet, Snapshot};
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Proposals that are remembered.
pub(crate) const PROPOSALS_MAX: usize = 64;

/// Wishes that build on each other, from one state to the next; nothing is written.
pub(crate) struct Draft<'a> {
    project: &'a Project,
    pub(crate) before: Arc<State>,
    after: Option<State>,
    moves: Vec<(String, String)>,
    /// What the wishes come to, a sentence each.
    pub(crate) summary: Vec<String>,
    /// The ids of elements that come to be.
    pub(crate) created: Vec<String>,
    /// The ids of elements that change or go, as they were before.
    pub(crate) affected: Vec<String>,
}

impl<'a> Draft<'a> {
    /// A draft of changes to the workspace as it is now. A folder without a workspace becomes one first.
    pub(crate) fn new(project: &'a Project) -> Result<Self, Problem> {
        let before = project.state()?;
        let is_new = before.snapshot.is_empty();
        let mut draft = Self {
            project,
            before,
            after: None,
            moves: Vec::new(),
            summary: Vec::new(),
            created: Vec::new(),
            affected: Vec::new(),
        };
        if is_new {
            let wish = edit::Init { name: project.workspace.folder_name(), ..edit::Init::default() };
            draft.step(|snapshot, _| edit::init(snapshot, &wish))?;
        }
        Ok(draft)
    }

    /// The workspace as it is after the wishes so far.
    pub(crate) fn state(&self) -> &State {
        self.after.as_ref().unwrap_or(&self.before)
    }

    /// Fulfils one more wish.
    pub(crate) fn step(
        &mut self,
        wish: impl FnOnce(&Snapshot, &Loaded) -> Result<Plan, Refusal>,
    ) -> Result<Plan, Problem> {
        let state = self.state();
        let plan =
            wish(&state.snapshot, &state.loaded).map_err(|refusal| Problem::refused(refusal, &state.snapshot))?;
        self.take(&plan)?;
        Ok(plan)
    }

    /// Takes over a plan that was made for the state as it is now.
    pub(crate) fn take(&mut self, plan: &Plan) -> Result<(), Problem> {
        // What was so already is worth a word only when nothing else is done.
        if !plan.is_nothing() || self.summary.is_empty() {
            self.summary.extend(plan.summary.iter().cloned());
        }
        self.summary.extend(plan.findings.iter().map(|finding| match &finding.help {
            Some(help) => format!("{}; {help}", finding.message),
            None => finding.message.clone(),
        }));
        self.created.extend(plan.created.iter().cloned());
        self.affected.extend(plan.affected.iter().cloned());
        if plan.is_nothing() {
            return Ok(());
        }
        self.moves.extend(plan.changes.moves().iter().cloned());
        self.after = Some(self.project.after(self.state(), &plan.changes)?);
        Ok(())
    }

    /// All changes as one set, and what the workspace is after them.
    pub(crate) fn finish(self) -> Result<Drafted, Problem> {
        let changes = match &self.after {
            None => ChangeSet::new(),
            Some(after) => between(&self.before.snapshot, &after.snapshot, &self.moves)?,
        };
        Ok(Drafted {
            before: self.before,
            after: self.after,
            changes,
            summary: self.summary,
            created: self.created,
            affected: self.affected,
        })
    }
}

/// What a draft comes to.
pub(crate) struct Drafted {
    pub(crate) before: Arc<State>,
    pub(crate) after: Option<State>,
    pub(crate) changes: ChangeSet,
    pub(crate) summary: Vec<String>,
    pub(crate) created: Vec<String>,
    pub(crate) affected: Vec<String>,
}

impl Drafted {
    /// Writes it.
    pub(crate) fn write(self, project: &Project) -> Result<Arc<State>, Problem> {
        if self.changes.is_empty() {
            return Ok(self.before);
        }
        Ok(project.write(&self.before, &self.changes, self.after, self.summary)?.0)
    }
}

/// Drafts, writes, and hands back what the workspace is then.
pub(crate) fn change<T>(
    project: &Project,
    wishes: impl FnOnce(&mut Draft<'_>) -> Result<T, Problem>,
) -> Result<(Arc<State>, T), Problem> {
    let mut draft = Draft::new(project)?;
    let told = wishes(&mut draft)?;
    Ok((draft.finish()?.write(project)?, told))
}

/// A change that was looked at and may be written.
pub(crate) struct Proposal {
    pub(crate) token: String,
    pub(crate) root: PathBuf,
    pub(crate) revision: String,
    pub(crate) changes: ChangeSet,
    pub(crate) summary: Vec<String>,
    /// What the workspace is then; kept for the newest proposal only, others make it anew.
    after: Option<State>,
    /// The change that it became.
    pub(crate) applied: Option<String>,
}

/// Proposals that wait to be applied.
#[derive(Default)]
pub(crate) struct Proposals {
    all: Mutex<VecDeque<Proposal>>,
}

impl Proposals {
    /// Remembers a proposal and names it.
    pub(crate) fn add(&self, root: &Path, drafted: Drafted) -> String {
        let mut all = lock(&self.all);
        let token = token(root, &drafted);
        all.retain(|known| known.token != token);
        all.iter_mut().for_each(|known| known.after = None);
        if all.len() == PROPOSALS_MAX {
            all.pop_front();
        }
        all.push_back(Proposal {
            token: token.clone(),
            root: root.to_owned(),
            revision: drafted.before.revision.clone(),
            changes: drafted.changes,
            summary: drafted.summary,
            after: drafted.after,
            applied: None,
        });
        token
    }

    /// The proposal of a token, in parts: workspace, revision, changes, summary, state, and the change it became.
    pub(crate) fn find(&self, token: &str) -> Result<Proposal, Problem> {
        let mut all = lock(&self.all);
        let found = all.iter_mut().find(|known| known.token == token).map(|known| Proposal {
            token: known.token.clone(),
            root: known.root.clone(),
            revision: known.revision.clone(),
            changes: known.changes.clone(),
            summary: known.summary.clone(),
            after: known.after.take(),
            applied: known.applied.clone(),
        });
        found.ok_or_else(|| {
            Problem::new(format!("there is no proposal `{}`", clip(token, 80)))
                .help(format!("call `propose` first and give its `token`; the last {PROPOSALS_MAX} are remembered"))
        })
    }

    /// Remembers what became of a proposal.
    pub(crate) fn applied(&self, token: &str, change: &str) {
        if let Some(known) = lock(&self.all).iter_mut().find(|known| known.token == token) {
            known.applied = Some(change.to_owned());
        }
    }
}

impl Proposal {
    /// The state after it, when it is still known.
    pub(crate) fn after(&mut self) -> Option<State> {
        self.after.take()
    }
}

/// Names a proposal by what it is made for and what it does.
fn token(root: &Path, drafted: &Drafted) -> String {
    let mut hasher = Sha256::new();
    hasher.update(root.as_os_str().as_encoded_bytes());
    hasher.update(&drafted.before.revision);
    hasher.update(drafted.after.as_ref().map_or("", |after| after.revision.as_str()));
    hasher.update(format!("{:?}", drafted.changes.moves()));
    let digest = hasher.finalize();
    digest[..8].iter().fold("p-".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The elements that a change is about, in a state: those that came to be, changed, or went.
pub(crate) fn touched(state: &State, ids: &[String]) -> Vec<ElementIx> {
    let mut found: Vec<ElementIx> = ids.iter().filter_map(|id| state.model().find(id)).collect();
    found.sort();
    found.dedup();
    found
}

/// Says that a revision is not the workspace any more, and what changed since.
pub(crate) fn stale(project: &Project, now: &State, seen: &str) -> Problem {
    const FILES_TOLD: usize = 20;
    let message = format!("the workspace is `{}` now, not `{}`; nothing was written", now.revision, clip(seen, 40));
    let help = "look at what changed, then propose again";
    let Some(then) = project.revision(seen) else {
        return Problem::new(message).help(format!("{help} (that revision is not remembered)"));
    };
    let Ok(changes) = between(&then, &now.snapshot, &[]) else { return Problem::new(message).help(help) };
    let told: Vec<String> = changes
        .files()
        .map(|(path, change)| match change {
            loko_source::FileChange::Create(_) => format!("  added {path}"),
            loko_source::FileChange::Edit(_) => format!("  changed {path}"),
            loko_source::FileChange::Delete => format!("  removed {path}"),
        })
        .collect();
    let more = told.len().saturating_sub(FILES_TOLD);
    let mut lines: Vec<String> = told.into_iter().take(FILES_TOLD).collect();
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    let elements = |snapshot: &Snapshot| -> std::collections::BTreeSet<String> {
        loko_model::load(snapshot).model.elements.iter().map(|element| element.id.to_string()).collect()
    };
    let (old, new) = (elements(&then), elements(&now.snapshot));
    let listed =
        |ids: Vec<&String>| ids.iter().take(FILES_TOLD).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    let (added, gone): (Vec<&String>, Vec<&String>) = (new.difference(&old).collect(), old.difference(&new).collect());
    if !added.is_empty() {
        lines.push(format!("  new elements: {}", listed(added)));
    }
    if !gone.is_empty() {
        lines.push(format!("  gone elements: {}", listed(gone)));
    }
    Problem::new(format!("{message}\nsince then:\n{}", lines.join("\n"))).help(help)
}
