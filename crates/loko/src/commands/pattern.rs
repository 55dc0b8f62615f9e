use crate::commands::adr::today;
use crate::{asking, checking};
use crate::context::{Context, Done, Failure, Outcome, Session};
use crate::output::{self, Format};
use clap::Subcommand;
use loko_model::Value;
use loko_patterns::{Apply, Catalogue, FactValue, Facts, Pattern, Plan, Refused, Upgrade};
use loko_source::{ChangeSet, FilePath, Snapshot};
use serde_json::json;
use std::fmt::Write as _;

/// Architecture patterns: list, show, suggest, apply, check, upgrade, remove, start one of your own
#[derive(clap::Args)]
#[command(visible_alias = "patterns")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// All patterns, by category
    List {
        /// One category only
        #[arg(long)]
        category: Option<String>,
        /// How to print them
        #[arg(short, long, value_enum, default_value = "text")]
        format: Format,
    },
    /// What a pattern is, when to use it, its roles, parameters, obligations
    Show {
        /// Its id or name
        pattern: String,
        /// Print one of its pictures as D2 instead: its title, or a part of it
        #[arg(long, value_name = "TITLE")]
        d2: Option<String>,
        /// Print its file instead, to start a pattern of your own from
        #[arg(long)]
        toml: bool,
        /// How to print it
        #[arg(short, long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Patterns that fit this workspace, or facts that you state, with reasons for and against
    Suggest(Suggest),
    /// Add a pattern to the workspace
    Apply(ApplyArgs),
    /// Which obligations of the patterns in use hold
    Check {
        /// One pattern, or one use of it
        pattern: Option<String>,
        /// Warnings fail too
        #[arg(long)]
        strict: bool,
        /// How to print it
        #[arg(short, long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Have applied patterns follow the catalogue to another version; what people changed stays
    Upgrade {
        /// The application's name, or the pattern's id when there is one application [default: all that are behind]
        name: Option<String>,
        /// A parameter, `name=value`
        #[arg(long = "param", value_name = "NAME=VALUE", requires = "name")]
        params: Vec<String>,
        /// The element that plays a role that is new, `role=element`
        #[arg(long = "bind", value_name = "ROLE=ELEMENT", requires = "name")]
        bind: Vec<String>,
        /// Show what would be written, as a diff
        #[arg(long)]
        dry_run: bool,
    },
    /// Take an applied pattern away again; what people wrote since stays
    Remove {
        /// The application's name, or the pattern's id when there is one application
        name: String,
        /// Take away also what people wrote in it since
        #[arg(long)]
        force: bool,
        /// Show what would be written, as a diff
        #[arg(long)]
        dry_run: bool,
    },
    /// Start a pattern of your own in `patterns/`
    New {
        /// Its id: words joined by hyphens
        id: String,
        /// The pattern that it extends
        #[arg(long)]
        extends: Option<String>,
        /// Show what would be written, as a diff
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(clap::Args)]
struct Suggest {
    /// How many people work on it
    #[arg(long)]
    team_size: Option<String>,
    /// How many people use it
    #[arg(long)]
    users: Option<String>,
    /// How many reads there are for a write: `10:1` or `10`
    #[arg(long, value_name = "RATIO")]
    read_write_ratio: Option<String>,
    /// How the load goes
    #[arg(long, value_name = "steady|variable|bursty")]
    load: Option<String>,
    /// How it has to scale
    #[arg(long, value_name = "vertical|horizontal|auto|independent")]
    scaling: Option<String>,
    /// What callers need
    #[arg(long, value_name = "answer|fire-and-forget|broadcast")]
    communication: Option<String>,
    /// Any other fact, `name=value`; see `--facts`
    #[arg(long = "fact", value_name = "NAME=VALUE")]
    facts: Vec<String>,
    /// List the facts that count
    #[arg(long = "facts")]
    list: bool,
    /// Look at stated facts only, not at the workspace
    #[arg(long)]
    stated: bool,
    /// How many to show
    #[arg(short = 'n', long, default_value_t = 10)]
    limit: usize,
    /// How to print them
    #[arg(short, long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(clap::Args)]
struct ApplyArgs {
    /// Its id or name
    pattern: String,
    /// A parameter, `name=value`
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// The element that plays a role, `role=element`; several by more than one `--bind`
    #[arg(long = "bind", value_name = "ROLE=ELEMENT")]
    bind: Vec<String>,
    /// The system in which new elements are made
    #[arg(long, value_name = "SYSTEM")]
    into: Option<String>,
    /// Make elements for all roles that nobody is bound to, also where some are there that fit
    #[arg(long)]
    new: bool,
    /// The application's name, when there are several of one pattern
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// The technology profile, for patterns that have such a parameter
    #[arg(long)]
    technology: Option<String>,
    /// Take defaults and ask nothing
    #[arg(short, long)]
    yes: bool,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    match args.command {
        Command::List { category, format } => list(context, category.as_deref(), format),
        Command::Show { pattern, d2, toml, format } => show(context, &pattern, d2.as_deref(), toml, format),
        Command::Suggest(wish) => suggest(context, &wish),
        Command::Apply(wish) => apply(context, wish),
        Command::Check { pattern, strict, format } => check(context, pattern.as_deref(), strict, format),
        Command::Upgrade { name, params, bind, dry_run } => {
            let session = context.load(None)?;
            let (catalogue, _) = Catalogue::of(&session.snapshot);
            let wish = Upgrade { name, params: pairs(&params, "parameter")?, bind: pairs(&bind, "binding")?, date: today()? };
            let plan = loko_patterns::upgrade(&session.snapshot, &session.loaded, &catalogue, &wish);
            finish(context, &session, plan, dry_run)
        }
        Command::Remove { name, force, dry_run } => {
            let session = context.load(None)?;
            let plan = loko_patterns::remove(&session.snapshot, &session.loaded, &name, force);
            finish(context, &session, plan, dry_run)
        }
        Command::New { id, extends, dry_run } => new(context, &id, extends.as_deref(), dry_run),
    }
}

/// The patterns of the workspace, or those that come with loko where there is none.
fn catalogue(context: &Context) -> (Catalogue, Option<Session>) {
    match context.load(None) {
        Ok(session) => (Catalogue::of(&session.snapshot).0, Some(session)),
        Err(_) => (Catalogue::builtin().clone(), None),
    }
}

fn refused(findings: Refused, snapshot: Snapshot) -> Failure {
    Failure::findings(findings, snapshot)
}

fn list(context: &Context, category: Option<&str>, format: Format) -> Outcome {
    let (catalogue, _) = catalogue(context);
    let mut patterns: Vec<&Pattern> =
        catalogue.patterns().filter(|pattern| category.is_none_or(|wanted| pattern.category == wanted)).collect();
    patterns.sort_by(|a, b| (&a.category, &a.id).cmp(&(&b.category, &b.id)));
    if let (Some(category), true) = (category, patterns.is_empty()) {
        let mut known: Vec<&str> = catalogue.patterns().map(|pattern| pattern.category.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        return Err(Failure::new(format!("there is no category `{category}`"))
            .help(format!("the categories are {}", known.join(", "))));
    }
    if format != Format::Text {
        let rows: Vec<_> = patterns
            .iter()
            .map(|pattern| json!({ "id": pattern.id, "category": pattern.category, "name": pattern.name, "version": pattern.version, "says": pattern.says, "anti": pattern.is_anti }))
            .collect();
        output::print_value(&json!({ "patterns": rows }), format);
        return Ok(Done::Fine);
    }
    let width = patterns.iter().map(|pattern| pattern.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    let mut last = "";
    for pattern in patterns {
        if pattern.category != last {
            let gap = if last.is_empty() { "" } else { "\n" };
            let _ = writeln!(out, "{gap}{}", pattern.category);
            last = &pattern.category;
        }
        let _ = writeln!(out, "  {:width$}  {}", pattern.id, pattern.says);
    }
    output::print(&out);
    Ok(Done::Fine)
}

fn show(context: &Context, wanted: &str, d2: Option<&str>, toml: bool, format: Format) -> Outcome {
    let (catalogue, session) = catalogue(context);
    let snapshot = session.map(|session| session.snapshot).unwrap_or_default();
    let pattern = catalogue.find(wanted).map_err(|finding| refused(vec![finding], snapshot.clone()))?;
    if toml {
        let text = snapshot.text(pattern.file.as_str()).or_else(|| Catalogue::builtin_text(&pattern.id));
        output::print(text.unwrap_or(""));
        return Ok(Done::Fine);
    }
    if let Some(title) = d2 {
        let fits = |picture: &&loko_patterns::Picture| picture.title.to_lowercase().contains(&title.to_lowercase());
        let Some(picture) = pattern.pictures.iter().find(fits) else {
            let known: Vec<&str> = pattern.pictures.iter().map(|picture| picture.title.as_str()).collect();
            return Err(Failure::new(format!("`{}` has no picture `{title}`", pattern.id))
                .help(format!("its pictures are {}", known.join(", "))));
        };
        output::print(&picture.d2);
        return Ok(Done::Fine);
    }
    match format {
        Format::Text => output::print(&text_of(pattern)),
        format => output::print_value(&json_of(pattern), format),
    }
    Ok(Done::Fine)
}

fn shown(value: &Value) -> String {
    match value.as_list() {
        Some(items) => items.iter().filter_map(Value::scalar_text).collect::<Vec<_>>().join(","),
        None => value.scalar_text().unwrap_or_default(),
    }
}

fn text_of(pattern: &Pattern) -> String {
    let mut out = format!("{} ({}/{}, version {})\n{}\n", pattern.name, pattern.category, pattern.id, pattern.version, pattern.says);
    if !pattern.about.is_empty() {
        let _ = write!(out, "\n{}\n", pattern.about.trim());
    }
    let mut block = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = write!(out, "\n{title}\n");
            lines.iter().for_each(|line| {
                let _ = writeln!(out, "  {line}");
            });
        }
    };
    let bullets = |items: &[String]| items.iter().map(|item| format!("- {item}")).collect::<Vec<_>>();
    block("Use it when", bullets(&pattern.use_when));
    block("Not when", bullets(&pattern.avoid_when));
    block("Roles", pattern.roles.iter().map(|(name, role)| {
        let made = if role.is_optional { "not made" } else { role.kind.name() };
        format!("{name}: {} [{made}]", if role.says.is_empty() { &role.description } else { &role.says })
    }).collect());
    block("Parameters", pattern.params.iter().map(|(name, param)| {
        format!("{name} = {}: {} ({})", shown(&param.default), param.says, param.kind.expected())
    }).collect());
    block("Obligations", pattern.musts.iter().map(|must| format!("{}: {}", pattern.code(must), must.says)).collect());
    block("To document", pattern.roles.values().flat_map(|role| bullets(&role.document)).collect());
    block("Pictures", pattern.pictures.iter().map(|picture| picture.title.clone()).collect());
    let (with, instead) = if pattern.is_anti { ("Mended by", "Instead of it") } else { ("Goes with", "Instead of it") };
    block(with, Some(pattern.related.join(", ")).filter(|text| !text.is_empty()).into_iter().collect());
    block(instead, Some(pattern.competing.join(", ")).filter(|text| !text.is_empty()).into_iter().collect());
    pattern.in_words(&out)
}

fn json_of(pattern: &Pattern) -> serde_json::Value {
    json!({
        "id": pattern.id, "category": pattern.category, "name": pattern.name, "version": pattern.version,
        "says": pattern.says, "about": pattern.about, "anti": pattern.is_anti,
        "useWhen": pattern.use_when, "avoidWhen": pattern.avoid_when,
        "roles": pattern.roles.iter().map(|(name, role)| json!({
            "name": name, "kind": role.kind.name(), "says": role.says, "optional": role.is_optional, "document": role.document,
        })).collect::<Vec<_>>(),
        "params": pattern.params.iter().map(|(name, param)| json!({
            "name": name, "default": param.default, "takes": param.kind.expected(), "says": param.says,
        })).collect::<Vec<_>>(),
        "obligations": pattern.musts.iter().map(|must| json!({ "code": pattern.code(must), "says": must.says, "severity": must.severity.name() })).collect::<Vec<_>>(),
        "pictures": pattern.pictures.iter().map(|picture| json!({ "title": picture.title, "d2": picture.d2 })).collect::<Vec<_>>(),
        "related": pattern.related, "competing": pattern.competing, "mends": pattern.mends,
    })
}

fn pairs(texts: &[String], what: &str) -> Result<Vec<(String, String)>, Failure> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            Failure::new(format!("`{text}` is no {what}")).help("write `name=value`, without blanks around the `=`")
        })?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    };
    texts.iter().map(pair).collect()
}

fn suggest(context: &Context, wish: &Suggest) -> Outcome {
    if wish.list {
        let width = loko_patterns::FACTS.iter().map(|fact| fact.name.len()).max().unwrap_or(0);
        for fact in loko_patterns::FACTS {
            let how = if fact.is_counted() { "counted" } else { "stated" };
            output::print(&format!("{:width$}  {how:7}  {}", fact.name, fact.doc));
        }
        return Ok(Done::Fine);
    }
    let (catalogue, session) = catalogue(context);
    let mut facts = Facts::new();
    let flags = [
        ("team_size", &wish.team_size),
        ("users", &wish.users),
        ("read_write_ratio", &wish.read_write_ratio),
        ("load", &wish.load),
        ("scaling", &wish.scaling),
        ("communication", &wish.communication),
    ];
    let named = flags.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    for (name, value) in named.chain(pairs(&wish.facts, "fact")?) {
        let Some(fact) = loko_patterns::Fact::named(&name) else {
            let known = loko_patterns::FACTS.iter().map(|fact| fact.name);
            let help = loko_source::suggest::did_you_mean(&name, known);
            return Err(Failure::new(format!("there is no fact `{name}`"))
                .help(help.unwrap_or_else(|| "see them with `loko pattern suggest --facts`".to_owned())));
        };
        facts.insert(fact.name.to_owned(), FactValue::parse(&value));
    }
    let session = session.filter(|_| !wish.stated);
    let findings = session.as_ref().map(|session| checking::findings(session, None)).unwrap_or_default();
    let codes = findings.iter().map(|it| &*it.code);
    let model = session.as_ref().map(Session::model);
    let snapshot = session.as_ref().map(|session| session.snapshot.clone()).unwrap_or_default();
    let places = |pattern: &Pattern| model.map(|it| loko_patterns::places(it, &snapshot, pattern)).unwrap_or_default();
    let (all, known) = loko_patterns::suggest(&catalogue, model, &facts, codes);
    let (anti, good): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.pattern.is_anti);
    let good: Vec<_> = good.into_iter().filter(|it| it.score > 0.0).take(wish.limit).collect();
    let anti: Vec<_> = anti.into_iter().filter(|it| it.score > 0.0).collect();
    if wish.format != Format::Text {
        let row = |it: &loko_patterns::Suggestion<'_>| json!({
            "id": it.pattern.id, "name": it.pattern.name, "score": it.score, "for": it.reasons_for, "against": it.reasons_against,
            "unknown": it.unknown, "mends": it.mends.iter().map(|(code, count)| json!({ "code": code, "count": count })).collect::<Vec<_>>(),
            "inUse": it.in_use, "related": it.pattern.related,
            "places": places(it.pattern).iter().take(PLACES_SHOWN).map(|place| place_json(place, it.pattern)).collect::<Vec<_>>(),
        });
        let facts: serde_json::Map<_, _> = known.iter().map(|(name, value)| (name.clone(), json!(value.to_string()))).collect();
        output::print_value(
            &json!({ "facts": facts, "patterns": good.iter().map(row).collect::<Vec<_>>(), "antiPatterns": anti.iter().map(row).collect::<Vec<_>>() }),
            wish.format,
        );
        return Ok(Done::Fine);
    }
    let mut out = String::new();
    for it in &good {
        let used = if it.in_use { ", in use" } else { "" };
        let _ = writeln!(out, "{}  {:+}{used}\n  {}", it.pattern.id, it.score, it.pattern.says);
        lines(&mut out, '+', &it.reasons_for);
        lines(&mut out, '-', &it.reasons_against);
        if !it.unknown.is_empty() {
            let _ = writeln!(out, "  ? would count too: {}", it.unknown.join(", "));
        }
        let places = places(it.pattern);
        for place in places.iter().take(PLACES_SHOWN) {
            let lacks = place.lacks.as_ref().map(|lacks| format!(": {lacks}")).unwrap_or_default();
            let _ = writeln!(out, "  > {}{lacks}\n    {}", place.words(), place.command(it.pattern));
        }
        if places.len() > PLACES_SHOWN {
            let _ = writeln!(out, "  > and {} more places", places.len() - PLACES_SHOWN);
        }
    }
    for it in &anti {
        let _ = writeln!(out, "{}  looks like an anti-pattern\n  {}", it.pattern.id, it.pattern.says);
        lines(&mut out, '!', &it.reasons_for);
        let told = findings.iter().filter(|finding| it.mends.iter().any(|(code, _)| finding.code == code.as_str()));
        for finding in told {
            let _ = writeln!(out, "    {}", loko_source::render::line(finding, &snapshot));
        }
        if !it.pattern.related.is_empty() {
            let what = if it.mends.is_empty() { "mended by" } else { "these findings would be mended by" };
            let _ = writeln!(out, "  {what}: {}", it.pattern.related.join(", "));
        }
    }
    if out.is_empty() {
        out.push_str("nothing that is known speaks for a pattern; state more facts, see `loko pattern suggest --facts`\n");
    }
    output::print(&out);
    Ok(Done::Fine)
}

/// How many places are shown where a pattern could stand.
const PLACES_SHOWN: usize = 3;

fn place_json(place: &loko_patterns::Place, pattern: &Pattern) -> serde_json::Value {
    let bind: serde_json::Map<_, _> = place.bind.iter().map(|(role, id)| (role.clone(), json!(id))).collect();
    json!({ "bind": bind, "lacks": place.lacks, "as": place.name, "command": place.command(pattern) })
}

fn lines(out: &mut String, sign: char, texts: &[String]) {
    for text in texts {
        let _ = writeln!(out, "  {sign} {text}");
    }
}

fn apply(context: &Context, args: ApplyArgs) -> Outcome {
    let session = context.load(None)?;
    let (catalogue, _) = Catalogue::of(&session.snapshot);
    let pattern = catalogue.find(&args.pattern).map_err(|finding| refused(vec![finding], session.snapshot.clone()))?;
    let mut params = pairs(&args.params, "parameter")?;
    params.extend(args.technology.map(|technology| ("technology".to_owned(), technology)));
    let bind = pairs(&args.bind, "binding")?;
    let mut wish = Apply { pattern: args.pattern, name: args.name, params, bind, into: args.into, is_new: args.new, date: today()? };
    let says_all = args.yes || args.dry_run || args.new || !wish.params.is_empty() || !wish.bind.is_empty();
    if context.is_interactive() && !says_all {
        ask(&session, pattern, &mut wish)?;
    }
    let plan = loko_patterns::apply(&session.snapshot, &session.loaded, &catalogue, &wish);
    finish(context, &session, plan, args.dry_run)
}

/// Asks for bindings and parameters; an empty answer takes what is in brackets, one that does not fit is asked for again.
fn ask(session: &Session, pattern: &Pattern, wish: &mut Apply) -> Result<(), Failure> {
    let only = loko_patterns::settle(&session.loaded, &session.snapshot, pattern, wish).unwrap_or_default().bind;
    for (name, role) in &pattern.roles {
        let fitting: Vec<&(String, String)> = only.iter().filter(|(role, _)| role == name).collect();
        let made = match (fitting.is_empty(), role.is_optional) {
            (false, _) => fitting.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>().join(", "),
            (_, true) => "nobody".to_owned(),
            (_, false) => format!("a new {}", role.kind.name()),
        };
        let says = if role.says.is_empty() { &role.description } else { &role.says };
        let question = pattern.in_words(&format!("{name}: {says} [{made}]"));
        let named = |answer: &str| -> Vec<String> {
            answer.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
        };
        let fits = |answer: &str| {
            let refused = |it: &String| loko_patterns::can_play(session.model(), pattern, name, it).err();
            match named(answer).iter().find_map(refused).and_then(|findings| findings.into_iter().next()) {
                Some(finding) => Err(asking::in_one_line(finding)),
                None => Ok(()),
            }
        };
        let answer = named(&asking::answer_that(&question, fits)?);
        if answer.is_empty() {
            wish.bind.extend(fitting.into_iter().cloned());
        } else {
            wish.bind.extend(answer.into_iter().map(|it| (name.clone(), it)));
        }
    }
    // Who is not named is new, as the brackets say.
    wish.is_new = true;
    for (name, param) in &pattern.params {
        let question = format!("{name}: {} [{}]", param.says, shown(&param.default));
        let fits = |answer: &str| if answer.is_empty() { Ok(()) } else { param.accepts(answer) };
        let answer = asking::answer_that(&question, fits)?;
        if !answer.is_empty() {
            wish.params.push((name.clone(), answer));
        }
    }
    Ok(())
}

/// Writes a plan or shows it, and says what it came to.
fn finish(context: &Context, session: &Session, plan: Result<Plan, Refused>, dry_run: bool) -> Outcome {
    let plan = plan.map_err(|findings| refused(findings, session.snapshot.clone()))?;
    let findings = checking::told_of(context, session, &plan.changes)?;
    context.write(session, &plan.changes, dry_run)?;
    plan.summary.iter().chain(&findings).for_each(|line| output::say(context, line));
    Ok(Done::Fine)
}

fn check(context: &Context, wanted: Option<&str>, strict: bool, format: Format) -> Outcome {
    let session = context.load(None)?;
    let (catalogue, mut findings) = Catalogue::of(&session.snapshot);
    let (mut reports, others) = loko_patterns::check(session.model(), &session.snapshot, &catalogue);
    findings.extend(others);
    if let Some(wanted) = wanted {
        reports.retain(|report| report.name == wanted || report.pattern == wanted);
        if reports.is_empty() {
            return Err(Failure::new(format!("no element plays a role in `{wanted}`"))
                .help("apply it with `loko pattern apply`, or write `patterns: [{ id, role }]` into front matter"));
        }
    }
    let broken = reports.iter().flat_map(|report| &report.verdicts).flat_map(|verdict| &verdict.findings);
    findings.extend(broken.chain(reports.iter().flat_map(|report| &report.remarks)).cloned());
    let verdict = output::verdict(&findings, strict);
    if format != Format::Text {
        let rows: Vec<_> = reports
            .iter()
            .map(|report| json!({
                "pattern": report.pattern, "name": report.name,
                "roles": report.roles.iter().map(|(role, all)| (role.clone(), json!(all.iter().map(|ix| session.model().element(*ix).id.to_string()).collect::<Vec<_>>()))).collect::<serde_json::Map<_, _>>(),
                "obligations": report.verdicts.iter().map(|verdict| json!({ "code": verdict.code, "says": verdict.says, "holds": verdict.holds(), "notShown": verdict.not_shown })).collect::<Vec<_>>(),
                "unplayed": report.unplayed, "checklist": { "points": report.boxes, "open": report.open }, "against": report.against,
            }))
            .collect();
        output::print_value(&json!({ "patterns": rows, "findings": output::findings_json(&session, &findings) }), format);
        return Ok(verdict);
    }
    let mut out = String::new();
    for report in &reports {
        let held = report.verdicts.iter().filter(|verdict| verdict.holds()).count();
        let of = if report.name == report.pattern { String::new() } else { format!(" ({})", report.pattern) };
        let _ = write!(out, "{}{of}: {held} of {} obligations hold", report.name, report.verdicts.len());
        let _ = match report.boxes {
            0 => writeln!(out),
            boxes => writeln!(out, ", {} of {boxes} points documented", boxes - report.open),
        };
        for verdict in &report.verdicts {
            let mark = if verdict.holds() { "ok" } else if verdict.not_shown.is_some() { "--" } else { "no" };
            let why = verdict.not_shown.as_ref().map(|why| format!(" (not shown: {why})")).unwrap_or_default();
            let _ = writeln!(out, "  {mark}  {}: {}{why}", verdict.code, verdict.says);
        }
        for role in &report.unplayed {
            let _ = writeln!(out, "  --  nobody plays the {role}");
        }
        for against in &report.against {
            let _ = writeln!(out, "  !!  speaks against it: {against}");
        }
    }
    if out.is_empty() {
        out.push_str("no element plays a role in a pattern\n");
    }
    output::print(&out);
    output::print_findings(context, &findings.iter().collect::<Vec<_>>(), &session.snapshot);
    Ok(verdict)
}

fn new(context: &Context, id: &str, extends: Option<&str>, dry_run: bool) -> Outcome {
    let session = context.load(None)?;
    let slug = loko_model::name::slug(id);
    if slug.is_empty() || slug != id {
        return Err(Failure::new(format!("`{id}` cannot be a pattern's id")).help(format!("such as `{}`", if slug.is_empty() { "my-pattern" } else { &slug })));
    }
    let (catalogue, _) = Catalogue::of(&session.snapshot);
    if let Some(base) = extends {
        catalogue.find(base).map_err(|finding| refused(vec![finding], session.snapshot.clone()))?;
    }
    let text = match extends {
        Some(base) => format!("# Says only what differs from `{base}`; see `loko pattern show {base} --toml`.\nextends = \"{base}\"\n\n# [param.failures]\n# takes = \"count\"\n# default = 3\n# says = \"Failures in a row that open it\"\n"),
        None => SKELETON.replace("NAME", &slug.replace('-', " ")),
    };
    let path = FilePath::new(&format!("patterns/{slug}/pattern.toml")).map_err(|error| Failure::new(error.to_string()))?;
    if session.snapshot.source(path.as_str()).is_some() {
        return Err(Failure::new(format!("`{path}` is there already")));
    }
    let mut changes = ChangeSet::new();
    changes.create(path.clone(), text);
    finish(context, &session, Ok(Plan { changes, summary: vec![format!("starts the pattern `{slug}` in {path}")] }), dry_run)
}

/// A pattern that can be applied as it is.
const SKELETON: &str = r#"name = "NAME"
version = "1"
says = "What it is, in one sentence."
use_when = ["A sign that it fits"]
avoid_when = ["A sign that it does not"]
related = []

[param.timeout]
takes = "duration"
default = "2s"
says = "After how long the caller gives up"

[role.system]
kind = "system"
name = "New system"
description = "What it does"

[role.caller]
says = "What this role is for."
name = "Caller"
description = "What it does"
technology = "HTTP service"
document = ["What has to be written down about it"]

[role.callee]
name = "Callee"
description = "What it does"
technology = "HTTP service"

[[relation]]
from = "caller"
to = "callee"
description = "Asks for something"
technology = "HTTPS/JSON"
set = { timeout = "${timeout}" }

[[must]]
id = "timeout"
each = "caller -> callee"
has = ["timeout"]
says = "calls from {caller} to {callee} have a timeout"
help = "write `timeout: ${timeout}`"

[[picture]]
title = "Structure"
d2 = """
caller: Caller
callee: Callee
caller -> callee: asks
"""
"#;
