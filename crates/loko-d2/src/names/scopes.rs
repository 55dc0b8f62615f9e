//! Where names are looked up: variables and classes from the inside out, objects of boards in the boards they inherit.

use super::{Names, Role, Target};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

/// Mentions in a value that belong together, with the scope they are looked up from.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    /// The first of the mentions.
    pub(super) first: usize,
    pub(super) count: usize,
    /// The scope of the value, its key included.
    pub(super) scope: Target,
}

impl Names {
    /// Finds out which of several variables or classes of one name the mentions in values mean: the innermost. Those that
    /// nothing tells about keep a place at the root.
    pub(crate) fn look_up(&mut self) {
        let defining = |role| {
            let of_role = self.mentions.iter().filter(move |mention| mention.role == role && !mention.in_value);
            of_role.map(|mention| mention.target.clone()).collect::<FxHashSet<Target>>()
        };
        let (variables, classes) = (defining(Role::Variable), defining(Role::Class));
        for lookup in std::mem::take(&mut self.lookups) {
            let Some(mention) = self.mentions.get(lookup.first) else { continue };
            let holder = match mention.role {
                Role::Class => class_holder(&lookup.scope, &mention.target, &classes),
                _ => variable_holder(&lookup.scope, &mention.target, &variables),
            };
            let Some(holder) = holder else { continue };
            for mention in &mut self.mentions[lookup.first..lookup.first + lookup.count] {
                let path = holder.path.iter().chain(&mention.target.path).cloned().collect();
                mention.target = Target { board: holder.board.clone(), path };
            }
        }
    }
}

/// The boards from one up to the root.
fn boards_up(board: &[SmolStr]) -> impl Iterator<Item = &[SmolStr]> {
    (0..=board.len() / 2).rev().map(move |count| &board[..count * 2])
}

/// The board whose classes have a class.
fn class_holder(scope: &Target, class: &Target, classes: &FxHashSet<Target>) -> Option<Target> {
    let at = |board: &[SmolStr]| Target { board: board.to_vec(), path: class.path.clone() };
    let found = boards_up(&scope.board).find(|board| classes.contains(&at(board)));
    found.map(|board| Target { board: board.to_vec(), path: Vec::new() })
}

/// The innermost thing around a scope whose variables have the first name of a substitution.
fn variable_holder(scope: &Target, variable: &Target, variables: &FxHashSet<Target>) -> Option<Target> {
    let wanted = &variable.path[..variable.path.len().min(2)];
    for board in boards_up(&scope.board) {
        let deepest = if board.len() == scope.board.len() { scope.path.len() } else { 0 };
        for depth in (0..=deepest).rev() {
            let path: Vec<SmolStr> = scope.path[..depth].iter().chain(wanted).cloned().collect();
            let candidate = Target { board: board.to_vec(), path };
            // `x: ${x}` among variables means the `x` of a scope further out.
            if variables.contains(&candidate) && candidate != *scope {
                return Some(Target { board: board.to_vec(), path: scope.path[..depth].to_vec() });
            }
        }
    }
    None
}

/// Where the objects of boards come from: what a scenario or a step says about an object that it inherits is about the
/// object of the board below.
pub(crate) struct Homes {
    objects: FxHashSet<Target>,
    /// All boards in the order of their first mention.
    boards: Vec<Vec<SmolStr>>,
}

impl Homes {
    pub(crate) fn of(names: &Names) -> Self {
        let mut homes = Self { objects: FxHashSet::default(), boards: Vec::new() };
        for mention in names.mentions.iter().filter(|mention| !mention.in_value) {
            match mention.role {
                Role::Object => {
                    homes.objects.insert(mention.target.clone());
                }
                Role::Board if !homes.boards.contains(&mention.target.board) => {
                    homes.boards.push(mention.target.board.clone());
                }
                _ => {}
            }
        }
        homes
    }

    /// The board that a scenario or a step begins with.
    fn base(&self, board: &[SmolStr]) -> Option<Vec<SmolStr>> {
        let (around, [kind, _]) = board.split_at_checked(board.len().checked_sub(2)?)? else { return None };
        match kind.as_str() {
            "scenarios" => Some(around.to_vec()),
            "steps" => {
                let is_sibling = |other: &&Vec<SmolStr>| {
                    other.len() == board.len() && other.starts_with(around) && other[around.len()] == *kind
                };
                let siblings = self.boards.iter().filter(is_sibling);
                let before = siblings.take_while(|other| *other != board).last();
                Some(before.cloned().unwrap_or_else(|| around.to_vec()))
            }
            _ => None,
        }
    }

    /// An object as the board names it that all the others have it from; other things stay what they are.
    pub(crate) fn home(&self, role: Role, target: &Target) -> Target {
        let mut home = target.clone();
        let mut board = target.board.clone();
        while let Some(base) = self.base(&board).filter(|_| role == Role::Object) {
            let there = Target { board: base.clone(), path: target.path.clone() };
            if self.objects.contains(&there) {
                home = there;
            }
            board = base;
        }
        home
    }
}
