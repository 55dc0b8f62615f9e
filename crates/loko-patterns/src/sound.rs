//! Whether a pattern that was read is sound: the roles that it names are there, its behaviour is what the table of keys of
//! the model knows, and its obligations ask for keys that there are.
//!
//! A pattern that extends another is looked at when both are one, and told only of what its own file says.

use crate::pattern::{Pattern, RoleKind, Subject};
use crate::template;
use loko_model::schema::At;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, Span};

type Findings = Vec<Diagnostic>;

/// Holds the names and the behaviour of what a file says against the whole pattern: the file's own, or what came of it
/// and the pattern that it extends.
pub(crate) fn check(own: &Pattern, whole: &Pattern, out: &mut Findings) {
    check_names(own, whole, out);
    check_sets(own, whole, out);
}

/// Roles that nobody has.
fn check_names(own: &Pattern, whole: &Pattern, out: &mut Findings) {
    let known = |name: &str| name == "*" || whole.roles.contains_key(name);
    let mut missing = |name: &str, span: Span, what: &str| {
        if !known(name) {
            let message = format!("{what} names a role `{name}`, which nobody has");
            let mut finding = Diagnostic::error("unknown-role", message).at(&own.file, span, "");
            let roles: Vec<&str> = whole.roles.keys().map(String::as_str).collect();
            finding.help = did_you_mean(name, roles.iter().copied())
                .or_else(|| Some(format!("the roles are {}", roles.join(", "))))
                .map(Into::into);
            out.push(finding);
        }
    };
    for relation in &own.relations {
        missing(&relation.from, relation.ends.0, "a relation");
        missing(&relation.to, relation.ends.1, "a relation");
    }
    for (name, param) in &own.params {
        for role in &param.each {
            missing(role, param.default.span, &format!("`for` of the parameter `{name}`"));
        }
    }
    for (name, role) in &own.roles {
        if let Some((parent, span)) = &role.parent {
            missing(parent, *span, &format!("`in` of `{name}`"));
        }
    }
    for must in &own.musts {
        match &must.subject {
            Subject::Element(role) | Subject::Count(role) => missing(role, must.span, "an obligation"),
            Subject::Relation(from, to) | Subject::Exists(from, to) | Subject::Never(from, to) => {
                missing(from, must.span, "an obligation");
                missing(to, must.span, "an obligation");
            }
        }
    }
}

/// Behaviour that does not fit.
fn check_sets(own: &Pattern, whole: &Pattern, out: &mut Findings) {
    let params = template::sample(whole);
    for (name, role) in &own.roles {
        let at = match whole.roles.get(name).unwrap_or(role).kind {
            RoleKind::Person => At::Person,
            RoleKind::System | RoleKind::External => At::System,
            RoleKind::Container => At::Container,
            RoleKind::Component => At::Component,
        };
        let filled = template::table(&role.set, &params);
        out.extend(loko_model::load::check_behaviour(&own.file, at, &filled));
    }
    for relation in &own.relations {
        let filled = template::table(&relation.set, &params);
        out.extend(loko_model::load::check_behaviour(&own.file, At::Relation, &filled));
    }
    for (name, param) in &own.params {
        // Said in two files, they may not fit each other.
        let both = &whole.params[name];
        if let (true, Err(why)) = (own.extends.is_some(), both.kind.check(&both.default)) {
            let message = format!("the default of the parameter `{name}`: {why}");
            out.push(Diagnostic::error("bad-value", message).at(&own.file, param.default.span, ""));
        }
    }
    for must in &own.musts {
        let places: &[At] = match must.subject {
            Subject::Relation(..) | Subject::Exists(..) | Subject::Never(..) => &[At::Relation],
            Subject::Element(_) | Subject::Count(_) => At::ELEMENTS,
        };
        for (path, span) in must.asked.iter().filter(|(path, _)| !is_core(path)) {
            if places.iter().all(|at| loko_model::behaviour::key_at(*at, path).is_none()) {
                let message = format!("an obligation asks for `{path}`, which is no key of behaviour");
                let mut finding = Diagnostic::error("unknown-key", message).at(&own.file, *span, "not known");
                let names = places.iter().flat_map(|at| loko_model::schema::names(*at));
                finding.help = did_you_mean(path, CORE.iter().copied().chain(names)).map(Into::into);
                out.push(finding);
            }
        }
    }
}

/// What of an element or relation is no behaviour and can be asked for all the same.
const CORE: [&str; 6] = ["description", "technology", "owner", "event", "tags", "documented"];

/// Whether a key is one of those.
pub(crate) fn is_core(path: &str) -> bool {
    CORE.contains(&path)
}
