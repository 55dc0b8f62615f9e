//! Where names are looked up: variables and classes from the inside out, objects of boards in the boards they inherit.

use super::{Names, Role, Target};
use rustc_hash::{FxHashMap, FxHashSet};
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
#[derive(Default)]
pub(crate) struct Homes {
    /// All boards, the root first, in the order of their first mention.
    boards: Vec<Vec<SmolStr>>,
    numbers: FxHashMap<Vec<SmolStr>, usize>,
    /// The board that each one begins with, if it does not begin empty.
    bases: Vec<Option<usize>>,
    /// The last step so far of each board.
    steps: FxHashMap<usize, usize>,
    /// The boards that mention an object of some path, each with the one that the object is at home in.
    objects: FxHashMap<Vec<SmolStr>, FxHashMap<usize, usize>>,
}

impl Homes {
    pub(crate) fn of(names: &Names) -> Self {
        let mut homes = Self::default();
        homes.number(&[]);
        for mention in names.mentions.iter().filter(|mention| !mention.in_value) {
            match mention.role {
                Role::Object => {
                    let board = homes.number(&mention.target.board);
                    homes.objects.entry(mention.target.path.clone()).or_default().insert(board, board);
                }
                Role::Board => {
                    homes.number(&mention.target.board);
                }
                _ => {}
            }
        }
        let bases = &homes.bases;
        homes.objects.values_mut().for_each(|mentioning| settle(mentioning, bases));
        homes
    }

    /// The number of a board, which gets one and a base the first time.
    fn number(&mut self, board: &[SmolStr]) -> usize {
        if let Some(known) = self.numbers.get(board) {
            return *known;
        }
        let kind = board.len().checked_sub(2).map(|at| (self.number(&board[..at]), board[at].clone()));
        let number = self.boards.len();
        let base = kind.and_then(|(around, kind)| match kind.as_str() {
            "scenarios" => Some(around),
            "steps" => Some(self.steps.insert(around, number).unwrap_or(around)),
            _ => None,
        });
        self.boards.push(board.to_vec());
        self.numbers.insert(board.to_vec(), number);
        self.bases.push(base);
        number
    }

    /// An object as the board names it that all the others have it from; other things stay what they are.
    pub(crate) fn home(&self, role: Role, target: &Target) -> Target {
        let mentioning = self.objects.get(&target.path).filter(|_| role == Role::Object);
        let home = mentioning.zip(self.numbers.get(&target.board)).and_then(|(mentioning, own)| mentioning.get(own));
        home.map_or_else(
            || target.clone(),
            |home| Target { board: self.boards[*home].clone(), path: target.path.clone() },
        )
    }
}

/// Finds the homes of an object in the boards that mention it: that of the nearest mention below, if there is one. Boards
/// come after their bases, so that one is known already.
fn settle(mentioning: &mut FxHashMap<usize, usize>, bases: &[Option<usize>]) {
    let mut boards: Vec<usize> = mentioning.keys().copied().collect();
    boards.sort_unstable();
    for board in boards {
        let mut below = std::iter::successors(bases[board], |board| bases[*board]);
        if let Some(home) = below.find_map(|below| mentioning.get(&below).copied()) {
            mentioning.insert(board, home);
        }
    }
}
