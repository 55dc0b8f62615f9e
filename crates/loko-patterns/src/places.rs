//! Where a pattern could stand: elements that are there and fit roles that nobody was named for.
//!
//! What fits is told from the role's kind and shape, and from the relations that the pattern wishes: where it says that
//! a caller calls a callee, only who calls the other can be the two. Places where the pattern is in use already are none,
//! and those where all that it asks for is said count only when there are no others. A role that comes with its pattern
//! (`new`) is made; only queues, topics, caches and buckets that the others use already are taken for it.

use crate::Refused;
use crate::apply::{Apply, bindings};
use crate::cast::between;
use crate::check;
use crate::pattern::{Must, Pattern, Role, RoleKind, Subject};
use indexmap::IndexMap;
use loko_model::{Element, ElementIx, ElementShape, Kind, Loaded, Model, Value};
use loko_source::{Diagnostic, Snapshot};

/// How many places are looked at in a model.
const PLACES_MAX: usize = 200;
/// How many places or elements are named in a refusal.
const NAMED_MAX: usize = 8;
/// How many elements are named that could play a role which is made.
const OTHERS_MAX: usize = 3;
/// How many roles that come with a pattern are looked for among what is there.
const SOUGHT_MAX: usize = 4;

/// Elements that could play roles of a pattern together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The roles with the ids of the elements that could play them.
    pub bind: Vec<(String, String)>,
    /// What is not said there that the pattern asks for: the first of it.
    pub lacks: Option<String>,
    /// How many of the pattern's obligations do not hold there.
    pub open: usize,
    /// The application's name, when the pattern's id is taken.
    pub name: Option<String>,
}

impl Place {
    /// The command line that applies a pattern here.
    pub fn command(&self, pattern: &Pattern) -> String {
        let wish = Apply { name: self.name.clone(), bind: self.bind.clone(), ..Apply::default() };
        command(pattern, &wish)
    }

    /// Who plays what, in words.
    pub fn words(&self) -> String {
        let all: Vec<String> = self.bind.iter().map(|(role, id)| format!("{role} `{id}`")).collect();
        all.join(", ")
    }
}

/// What is settled about roles that nobody was named for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The roles with the only elements that fit.
    pub bind: Vec<(String, String)>,
    /// What there is to say about it, a short sentence each, without a full stop.
    pub told: Vec<String>,
}

/// The places where a pattern could stand that is not in use there, those that lack most first.
pub fn places(model: &Model, snapshot: &Snapshot, pattern: &Pattern) -> Vec<Place> {
    if pattern.is_anti {
        return Vec::new();
    }
    let mut seeker = Seeker { model, snapshot, pattern, players: IndexMap::new(), is_lax: false };
    let mut found = seeker.places();
    if found.is_empty() {
        seeker.is_lax = true;
        found = seeker.places();
    }
    found.iter().map(|players| seeker.place(players)).collect()
}

/// Settles who plays the roles that nobody was named for: the only ones that fit. Several are a refusal that names them;
/// where nobody fits, elements are made.
pub fn settle(loaded: &Loaded, snapshot: &Snapshot, pattern: &Pattern, wish: &Apply) -> Result<Settled, Refused> {
    let players = bindings(&loaded.model, pattern, wish)?;
    let mut settled = Settled::default();
    // Who names nothing but the system wants new elements in it.
    let is_system_alone = !players.is_empty() && players.keys().all(|role| pattern.system_role() == Some(role));
    if wish.is_new || is_system_alone {
        return Ok(settled);
    }
    let mut seeker = Seeker { model: &loaded.model, snapshot, pattern, players, is_lax: false };
    let mut found = seeker.places();
    if found.is_empty() {
        seeker.is_lax = true;
        found = seeker.places();
    }
    match found.as_slice() {
        [] => {}
        [only] => seeker.take(only, &mut settled),
        several => return Err(vec![seeker.several(several, wish)]),
    }
    seeker.one_by_one(wish, &mut settled)?;
    seeker.system(wish, &mut settled)?;
    seeker.tell_others(&mut settled);
    Ok(settled)
}

/// The command line that fulfils a wish.
fn command(pattern: &Pattern, wish: &Apply) -> String {
    let mut line = format!("loko pattern apply {}", pattern.id);
    let named = wish.name.iter().map(|name| ("--as", name.clone()));
    let into = wish.into.iter().map(|system| ("--into", system.clone()));
    let bind = wish.bind.iter().map(|(role, id)| ("--bind", format!("{role}={id}")));
    let params = wish.params.iter().map(|(name, value)| ("--param", format!("{name}={value}")));
    for (flag, value) in named.chain(into).chain(bind).chain(params) {
        line.push_str(&format!(" {flag} {}", quoted(&value)));
    }
    line
}

/// A word of a command line, quoted where a shell would take it apart.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_=/.:,+@".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

type Players = IndexMap<String, ElementIx>;

struct Seeker<'s> {
    model: &'s Model,
    snapshot: &'s Snapshot,
    pattern: &'s Pattern,
    /// Who plays what so far.
    players: IndexMap<String, Vec<ElementIx>>,
    /// Whether a system of one's own can stand for one of somebody else.
    is_lax: bool,
}

impl Seeker<'_> {
    /// Whether a role is only what the others lie in.
    fn is_system(&self, name: &str) -> bool {
        self.pattern.system_role() == Some(name) && self.ties(name).next().is_none()
    }

    /// The roles that nobody plays so far and somebody has to.
    fn open(&self) -> impl Iterator<Item = (&str, &Role)> {
        let is_open = |(name, role): &(&String, &Role)| {
            !role.is_optional && !self.players.contains_key(*name) && !self.is_system(name)
        };
        self.pattern.roles.iter().filter(is_open).map(|(name, role)| (name.as_str(), role))
    }

    fn fits(&self, role: &Role, ix: ElementIx) -> bool {
        let element = self.model.element(ix);
        match role.kind {
            RoleKind::Person => element.kind == Kind::Person,
            RoleKind::System => element.kind == Kind::System && !element.external,
            RoleKind::External => {
                element.kind != Kind::Person && (element.external || (self.is_lax && is_service(element)))
            }
            RoleKind::Component => element.kind == Kind::Component && !element.external,
            RoleKind::Container => {
                let is_alike = match role.shape {
                    None => is_service(element),
                    Some(ElementShape::Browser) => {
                        matches!(element.shape, Some(ElementShape::Browser | ElementShape::Mobile))
                    }
                    shape => element.shape == shape,
                };
                element.kind == Kind::Container && !element.external && is_alike
            }
        }
    }

    /// Whether the pattern wishes a relation between two roles, and which way.
    fn ties(&self, role: &str) -> impl Iterator<Item = (&str, bool)> {
        self.pattern.relations.iter().filter(|plan| plan.from != plan.to).filter_map(move |plan| {
            match (plan.from == role, plan.to == role) {
                (true, _) => Some((plan.to.as_str(), true)),
                (_, true) => Some((plan.from.as_str(), false)),
                _ => None,
            }
        })
    }

    /// Whether an element is related as the pattern wishes to those of `others` whose roles it bears on, and to how many
    /// roles.
    fn links(&self, role: &str, ix: ElementIx, others: &dyn Fn(&str) -> Vec<ElementIx>) -> Option<usize> {
        let mut count = 0;
        for (other, is_source) in self.ties(role) {
            let players = others(other);
            if players.is_empty() {
                continue;
            }
            let is_related = |player: &ElementIx| {
                if self.model.is_within(ix, *player) || self.model.is_within(*player, ix) {
                    return false;
                }
                let (from, to) = if is_source { (ix, *player) } else { (*player, ix) };
                !between(self.model, from, to).is_empty()
            };
            if !players.iter().any(is_related) {
                return None;
            }
            count += 1;
        }
        Some(count)
    }

    /// The ways in which open roles can be played together: all that are not new with as many of the new ones as there
    /// are players for. Roles that bear on no other, and those that many play, are left to be settled one by one.
    fn places(&self) -> Vec<Players> {
        let open: Vec<(&str, &Role)> = self.open().filter(|(_, role)| !is_many(self.pattern, role)).collect();
        let needed: Vec<&str> = open.iter().filter(|(_, role)| !role.is_new).map(|(name, _)| *name).collect();
        let sought = open.iter().filter(|(_, role)| role.is_new && is_infrastructure(role.shape));
        let sought: Vec<&str> = sought.map(|(name, _)| *name).take(SOUGHT_MAX).collect();
        let mut sets: Vec<u32> = (0..1 << sought.len()).collect();
        sets.sort_by_key(|set| std::cmp::Reverse(set.count_ones()));
        for set in sets {
            let more = sought.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0).map(|(_, name)| *name);
            let wanted: Vec<&str> = needed.iter().copied().chain(more).collect();
            let Some(order) = self.order(&wanted) else { continue };
            let mut found = Vec::new();
            self.seek(&order, &Players::new(), &mut found);
            let found = self.still_open(found);
            let is_somebody =
                |players: &Players| players.values().any(|ix| self.model.element(*ix).kind != Kind::Person);
            let found: Vec<Players> = found.into_iter().filter(is_somebody).collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The roles in an order in which each bears on one before it, or on somebody who is named. Nothing when there is no
    /// such order, or nothing to be found.
    fn order<'n>(&self, wanted: &[&'n str]) -> Option<Vec<&'n str>> {
        let mut order: Vec<&'n str> = Vec::new();
        while order.len() < wanted.len() {
            let bears = |name: &&&str| {
                let is_known = |other: &str| order.contains(&other) || self.players.contains_key(other);
                !order.contains(*name) && self.ties(name).any(|(other, _)| is_known(other))
            };
            let start = order.is_empty() && self.players.keys().all(|role| self.is_system(role));
            let next = wanted.iter().find(bears).or_else(|| wanted.first().filter(|_| start))?;
            order.push(next);
        }
        (!order.is_empty()).then_some(order)
    }

    fn seek(&self, order: &[&str], players: &Players, found: &mut Vec<Players>) {
        let Some((name, rest)) = order.split_first() else {
            found.push(players.clone());
            return;
        };
        let role = &self.pattern.roles[*name];
        for ix in self.model.ids() {
            if found.len() >= PLACES_MAX {
                return;
            }
            let is_taken =
                players.values().any(|known| *known == ix) || self.players.values().flatten().any(|it| *it == ix);
            if is_taken || !self.fits(role, ix) || !self.is_inside(ix) {
                continue;
            }
            let others = |other: &str| match players.get(other) {
                Some(known) => vec![*known],
                None => self.players.get(other).cloned().unwrap_or_default(),
            };
            if self.links(name, ix, &others).is_some() {
                let mut more = players.clone();
                more.insert((*name).to_owned(), ix);
                self.seek(rest, &more, found);
            }
        }
    }

    /// Whether an element lies where the pattern is wished, when a system is named; those of others lie anywhere.
    fn is_inside(&self, ix: ElementIx) -> bool {
        let systems = self.pattern.system_role().and_then(|role| self.players.get(role));
        let element = self.model.element(ix);
        element.external
            || matches!(element.kind, Kind::Person | Kind::System)
            || systems.is_none_or(|systems| systems.iter().any(|system| self.model.is_within(ix, *system)))
    }

    /// Places where the pattern is not in use; of those the ones that lack something, if any do. What lacks most comes
    /// first.
    fn still_open(&self, found: Vec<Players>) -> Vec<Players> {
        let uses = check::uses_of(self.model, &self.pattern.id);
        let is_used = |players: &Players| {
            let plays = |of: &IndexMap<String, Vec<ElementIx>>, role: &String, ix: &ElementIx| {
                of.get(role).is_some_and(|all| all.contains(ix))
            };
            uses.values().any(|of| players.iter().all(|(role, ix)| plays(of, role, ix)))
        };
        let mut rated: Vec<(usize, Players)> =
            found.into_iter().filter(|players| !is_used(players)).map(|it| (self.lacks(&it).0, it)).collect();
        if rated.iter().any(|(open, _)| *open > 0) {
            rated.retain(|(open, _)| *open > 0);
        }
        rated.sort_by_key(|(open, _)| std::cmp::Reverse(*open));
        rated.into_iter().map(|(_, players)| players).collect()
    }

    /// How many obligations do not hold where these play, and the first thing that is not said.
    fn lacks(&self, players: &Players) -> (usize, Option<String>) {
        let mut roles = self.players.clone();
        roles.extend(players.iter().map(|(role, ix)| (role.clone(), vec![*ix])));
        let report = check::report(self.model, self.snapshot, self.pattern, String::new(), roles);
        let is_played = |role: &String| role == "*" || report.roles.get(role).is_some_and(|all| !all.is_empty());
        let speaks = |must: &Must| match &must.subject {
            Subject::Element(role) | Subject::Count(role) => is_played(role),
            Subject::Relation(from, to) | Subject::Exists(from, to) | Subject::Never(from, to) => {
                is_played(from) && is_played(to)
            }
        };
        let verdicts = self.pattern.musts.iter().zip(&report.verdicts).filter(|(must, _)| speaks(must));
        let broken: Vec<_> = verdicts.map(|(_, it)| it).filter(|it| !it.findings.is_empty()).collect();
        let first = broken.iter().flat_map(|verdict| &verdict.findings).next();
        (broken.len(), first.map(|finding| finding.message.to_string()))
    }

    fn id(&self, ix: ElementIx) -> String {
        self.model.element(ix).id.to_string()
    }

    fn place(&self, players: &Players) -> Place {
        let (open, lacks) = self.lacks(players);
        let order = self.pattern.roles.keys().filter_map(|role| Some((role, players.get(role)?)));
        let bind: Vec<(String, String)> = order.map(|(role, ix)| (role.clone(), self.id(*ix))).collect();
        let uses = check::uses_of(self.model, &self.pattern.id);
        let is_taken =
            |name: &str| uses.contains_key(name) || self.model.applied.iter().any(|applied| applied.name == name);
        let name = is_taken(&self.pattern.id).then(|| {
            let last = players.values().last().map(|ix| loko_model::name::slug(&self.model.element(*ix).name));
            let base = format!("{}-{}", self.pattern.id, last.unwrap_or_default());
            let more = (2..=uses.len() + self.model.applied.len() + 2).map(|number| format!("{base}-{number}"));
            std::iter::once(base.clone()).chain(more).find(|name| !is_taken(name)).unwrap_or(base)
        });
        Place { bind, lacks, open, name }
    }

    /// Takes a place that is the only one.
    fn take(&mut self, only: &Players, settled: &mut Settled) {
        let why = if self.lacks(only).0 > 0 { "who alone fits and lacks it" } else { "who alone fits" };
        for role in self.pattern.roles.keys() {
            if let Some(ix) = only.get(role) {
                self.bind(role, &[*ix], why, settled);
            }
        }
    }

    fn bind(&mut self, role: &str, all: &[ElementIx], why: &str, settled: &mut Settled) {
        let ids: Vec<String> = all.iter().map(|ix| self.id(*ix)).collect();
        let named = ids.join("`, `");
        settled.told.push(format!("takes `{named}` as the {role}, {why}; `--bind {role}=…` names another"));
        settled.bind.extend(ids.into_iter().map(|id| (role.to_owned(), id)));
        self.players.entry(role.to_owned()).or_default().extend(all);
    }

    /// A refusal that names the places there are, with a command line for the first.
    fn several(&self, found: &[Players], wish: &Apply) -> Diagnostic {
        let places: Vec<Place> = found.iter().map(|players| self.place(players)).collect();
        let many = if found.len() < PLACES_MAX { found.len().to_string() } else { format!("{PLACES_MAX} or more") };
        let message = format!("`{}` could stand in {many} places", self.pattern.id);
        let mut finding = Diagnostic::error("several-candidates", message);
        for place in places.iter().take(NAMED_MAX) {
            let lacks = place.lacks.as_ref().map(|lacks| format!(": {lacks}")).unwrap_or_default();
            finding = finding.note(format!("{}{lacks}", place.words()));
        }
        if places.len() > NAMED_MAX {
            finding = finding.note(format!("and {} more", places.len() - NAMED_MAX));
        }
        let mut first = wish.clone();
        first.bind.extend(places.first().map(|place| place.bind.clone()).unwrap_or_default());
        finding.help(format!(
            "say which: `{}`; or have all made that is not named, with `--new`",
            command(self.pattern, &first)
        ))
    }

    /// Settles roles one by one: who alone fits plays it. Beside somebody who plays already, others do only where they are
    /// related to them; where the whole place was found here, a store also by its shape alone.
    fn one_by_one(&mut self, wish: &Apply, settled: &mut Settled) -> Result<(), Refused> {
        let open: Vec<String> = self.open().map(|(name, _)| name.to_owned()).collect();
        for name in open {
            let role = &self.pattern.roles[&name];
            if role.is_new && !is_infrastructure(role.shape) {
                continue;
            }
            let is_beside = self.players.keys().any(|it| !self.is_system(it));
            let free = self.free(&name, role);
            let linked = related(&free);
            let is_by_likeness = !role.is_new && (!is_beside || (wish.bind.is_empty() && role.shape.is_some()));
            let all = match linked.is_empty() && is_by_likeness {
                true => free.into_iter().map(|(ix, _)| ix).collect(),
                false => linked.clone(),
            };
            match all.as_slice() {
                [] => {}
                [only] => self.bind(&name, &[*only], "who alone fits", settled),
                several if is_many(self.pattern, role) && !linked.is_empty() => {
                    self.bind(&name, several, "who are related so already", settled);
                }
                several => return Err(vec![self.which(&name, several, wish, settled)]),
            }
        }
        Ok(())
    }

    /// The elements that fit a role and are not taken, with to how many roles that are played they are related; nothing
    /// where a relation is missing that the pattern wishes.
    fn free(&self, name: &str, role: &Role) -> Vec<(ElementIx, Option<usize>)> {
        let others = |other: &str| self.players.get(other).cloned().unwrap_or_default();
        let is_free = |ix: &ElementIx| {
            self.fits(role, *ix)
                && self.is_inside(*ix)
                && !self.players.iter().any(|(role, all)| !self.is_system(role) && all.contains(ix))
        };
        let free = self.model.ids().filter(is_free);
        free.map(|ix| (ix, self.links(name, ix, &others))).collect()
    }

    /// A refusal that names who could play a role.
    fn which(&self, role: &str, all: &[ElementIx], wish: &Apply, settled: &Settled) -> Diagnostic {
        let message = format!("the {role} of `{}` could be any of {} elements", self.pattern.id, all.len());
        let named: Vec<String> = all.iter().take(NAMED_MAX).map(|ix| format!("`{}`", self.id(*ix))).collect();
        let more = all.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let mut first = wish.clone();
        first.bind.extend(settled.bind.iter().cloned());
        first.bind.extend(all.first().map(|ix| (role.to_owned(), self.id(*ix))));
        Diagnostic::error("several-candidates", message).note(format!("{}{more}", named.join(", "))).help(format!(
            "say which: `{}`; or have all made that is not named, with `--new`",
            command(self.pattern, &first)
        ))
    }

    /// Settles in which system elements are made: that of somebody who plays, or the only one there is.
    fn system(&mut self, wish: &Apply, settled: &mut Settled) -> Result<(), Refused> {
        let Some(name) = self.pattern.system_role().map(str::to_owned) else { return Ok(()) };
        let has_place = self.players.values().flatten().any(|ix| {
            let top = self.model.ancestry(*ix).last().map(|top| self.model.element(top));
            top.is_some_and(|top| top.kind == Kind::System && !top.external)
        });
        let is_inner = |role: &Role| matches!(role.kind, RoleKind::Container | RoleKind::Component);
        let is_wanted = !self.pattern.roles[&name].is_optional && self.open().any(|(_, role)| is_inner(role));
        if has_place || !is_wanted || self.pattern.roles[&name].is_new {
            return Ok(());
        }
        let is_own = |ix: &ElementIx| {
            let element = self.model.element(*ix);
            element.kind == Kind::System && !element.external
        };
        let systems: Vec<ElementIx> = self.model.ids().filter(is_own).collect();
        match systems.as_slice() {
            [] => Ok(()),
            [only] => {
                self.bind(&name, &[*only], "the only one there is", settled);
                Ok(())
            }
            several => Err(vec![self.which(&name, several, wish, settled)]),
        }
    }

    /// Says who could play a role that is made.
    fn tell_others(&self, settled: &mut Settled) {
        let told = self.open().filter_map(|(name, role)| {
            let all: Vec<String> = related(&self.free(name, role)).into_iter().map(|ix| self.id(ix)).collect();
            let named: Vec<String> = all.iter().map(|id| format!("`--bind {name}={id}`")).collect();
            let is_few = !all.is_empty() && all.len() <= OTHERS_MAX;
            is_few.then(|| format!("makes a new {name}; one that is there could be it too: {}", named.join(" or ")))
        });
        settled.told.extend(told.collect::<Vec<_>>());
    }
}

/// Those of the free elements that are related to somebody who plays.
fn related(free: &[(ElementIx, Option<usize>)]) -> Vec<ElementIx> {
    free.iter().filter(|(_, links)| links.is_some_and(|links| links > 0)).map(|(ix, _)| *ix).collect()
}

/// Whether a container does work: no store, no queue, no client.
fn is_service(element: &Element) -> bool {
    let is_other = matches!(
        element.shape,
        Some(
            ElementShape::Database
                | ElementShape::Bucket
                | ElementShape::Cache
                | ElementShape::Queue
                | ElementShape::Topic
                | ElementShape::Browser
                | ElementShape::Mobile
        )
    );
    element.kind == Kind::Container && !element.external && !is_other
}

/// Whether such a shape is infrastructure, which comes with a pattern unless the pattern says otherwise.
pub(crate) fn is_infrastructure(shape: Option<ElementShape>) -> bool {
    matches!(shape, Some(ElementShape::Queue | ElementShape::Topic | ElementShape::Cache | ElementShape::Bucket))
}

/// Whether several elements play a role: it has several names, or a list of them.
fn is_many(pattern: &Pattern, role: &Role) -> bool {
    let of_list = |name: &String| {
        let param =
            name.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).and_then(|it| pattern.params.get(it));
        param.and_then(|param| Value::as_list(&param.default)).is_some()
    };
    role.names.len() > 1 || role.names.iter().any(of_list)
}
