use crate::context::{Context, Done, Failure, Outcome, Session};
use crate::output;
use clap::ValueEnum;
use loko_model::behaviour::Duration;
use loko_model::value::{Data, Value};
use loko_sim::report;
use loko_sim::scenario::{self, Named, REPLICATIONS_MAX, Scenario, Setting, Variant};
use loko_source::Span;
use loko_source::suggest::did_you_mean;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// Break the architecture before it is built: load, faults and variants in virtual time, with a verdict
#[derive(clap::Args)]
#[command(visible_alias = "sim", after_help = "\
Scenarios are TOML files below scenarios/: who asks for what and how often, what goes wrong when, which variants are
compared, what is expected. Behaviour comes from the model; what it does not say is assumed, and told. Without a
scenario, those of the workspace are listed. An expectation that does not hold makes the exit code 1. Ctrl-C gives the
results so far.

Examples:
  loko simulate slow-payment-provider
  loko simulate slow-payment-provider --variant \"as is\" --set payments/payment-api.replicas=6
  loko simulate black-friday --set ordering/checkout.service_time=10x --replications 10
  loko simulate slow-payment-provider --format html > slow.html")]
pub(crate) struct Args {
    /// The scenario: its file or its name
    scenario: Option<String>,
    /// Only this variant; may be given several times
    #[arg(long, value_name = "NAME")]
    variant: Vec<String>,
    /// A change of the model: `ELEMENT.KEY=VALUE` or `A -> B.KEY=VALUE`; `false` takes away, `10x` multiplies a service time
    #[arg(long, value_name = "CHANGE")]
    set: Vec<String>,
    /// How long it lasts, in virtual time
    #[arg(long, value_parser = duration)]
    duration: Option<f64>,
    /// How often it is repeated
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(REPLICATIONS_MAX)))]
    replications: Option<u32>,
    /// Where randomness starts
    #[arg(long)]
    seed: Option<u64>,
    /// How to print the results
    #[arg(short, long, value_enum, default_value = "text")]
    format: Form,
    /// A git revision to simulate instead of the files on disk
    #[arg(long, value_name = "REV")]
    at: Option<String>,
}

/// Forms of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The verdict in words, then tables
    Text,
    /// JSON, with stable names
    Json,
    /// A page that stands alone
    Html,
    /// The courses over time as a picture
    Svg,
}

fn duration(text: &str) -> Result<f64, String> {
    let parsed = Duration::parse(text).map_err(|problem| problem.why)?.secs();
    if parsed > 0.0 && parsed <= scenario::DURATION_MAX_S {
        Ok(parsed)
    } else {
        Err("must be more than nothing and at most 30 days".to_owned())
    }
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(args.at.as_deref())?;
    let Some(wanted) = &args.scenario else {
        return Ok(list(context, &session));
    };
    let mut scenario = find(&session, wanted)?;
    adjust(&mut scenario, &args)?;
    let stopped = stop_on_interrupt();
    let bar = !context.global.quiet && std::io::stderr().is_terminal();
    let progress = |done: usize, total: usize| {
        if bar {
            show_progress(done, total);
        }
    };
    let outcome = loko_sim::run::run(session.model(), &scenario, &|| stopped.load(Ordering::Relaxed), &progress)
        .map_err(|findings| Failure::findings(findings, session.snapshot.clone()))?;
    let study = loko_sim::search::study(session.model(), &scenario, &|| stopped.load(Ordering::Relaxed), &progress)
        .map_err(|findings| Failure::findings(findings, session.snapshot.clone()))?;
    match args.format {
        Form::Text => output::print(&format!("{}{}", report::text(&outcome), report::study_text(&study))),
        Form::Json => {
            let mut value = report::json(&outcome);
            value["study"] = serde_json::to_value(&study).expect("a study is names and numbers");
            output::print_value(&value, output::Format::Json);
        }
        Form::Html => output::print(&report::html(&outcome, &study)),
        Form::Svg => output::print(&format!("{}{}", report::svg(&outcome), report::study_svg(&study))),
    }
    // A search asks what would hold; that the scenario as it stands does not is then no failure.
    Ok(if outcome.holds() || !scenario.searches.is_empty() { Done::Fine } else { Done::Findings })
}

/// The scenarios of a workspace: file names without their end, and texts.
fn scenarios(session: &Session) -> Vec<(&loko_source::FilePath, &str)> {
    let paths = session.snapshot.paths_below(scenario::FOLDER).filter(|path| path.extension() == Some("toml"));
    paths.filter_map(|path| Some((path, session.snapshot.text(path.as_str())?))).collect()
}

fn stem(path: &loko_source::FilePath) -> &str {
    path.file_name().trim_end_matches(".toml")
}

fn list(context: &Context, session: &Session) -> Done {
    let all = scenarios(session);
    if all.is_empty() {
        output::say(context, "no scenarios: write one below scenarios/");
        return Done::Fine;
    }
    let mut findings = Vec::new();
    for (path, text) in all {
        match scenario::read(path, text) {
            Ok(scenario) => output::print(&format!("{:<28} {}", stem(path), scenario.question)),
            Err(mut broken) => findings.append(&mut broken),
        }
    }
    output::remark_findings(context, &findings, &session.snapshot);
    if findings.is_empty() { Done::Fine } else { Done::Findings }
}

fn find(session: &Session, wanted: &str) -> Result<Scenario, Failure> {
    let all = scenarios(session);
    let fits = |path: &loko_source::FilePath| stem(path) == wanted || path.as_str() == wanted || path.file_name() == wanted;
    let found = all.iter().find(|(path, _)| fits(path)).or_else(|| {
        let slug = loko_model::name::slug(wanted);
        let named = |path, text| scenario::read(path, text).is_ok_and(|scenario| loko_model::name::slug(&scenario.name) == slug);
        all.iter().find(|(path, text)| named(path, text))
    });
    let Some((path, text)) = found else {
        let help = did_you_mean(wanted, all.iter().map(|(path, _)| stem(path)))
            .unwrap_or_else(|| "see the scenarios of the workspace with `loko simulate`".to_owned());
        return Err(Failure::new(format!("there is no scenario `{wanted}`")).help(help));
    };
    scenario::read(path, text).map_err(|findings| Failure::findings(findings, session.snapshot.clone()))
}

/// Applies what the command line says.
fn adjust(scenario: &mut Scenario, args: &Args) -> Result<(), Failure> {
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    scenario.replications = args.replications.unwrap_or(scenario.replications);
    if let Some(duration) = args.duration {
        scenario.warmup *= duration / scenario.duration;
        scenario.duration = duration;
    }
    if let Some(fault) = scenario.faults.iter().find(|fault| fault.at >= scenario.duration) {
        let words = fault.what.words(&fault.target.text);
        return Err(Failure::new(format!("the scenario ends before its fault begins: {words}")).help("raise --duration"));
    }
    if !args.variant.is_empty() {
        let names: Vec<String> = scenario.variants.iter().map(|variant| variant.name.clone()).collect();
        if let Some(unknown) = args.variant.iter().find(|name| !names.contains(name)) {
            let help = did_you_mean(unknown, names.iter().map(String::as_str)).unwrap_or_else(|| format!("it has {}", names.join(", ")));
            return Err(Failure::new(format!("the scenario has no variant `{unknown}`")).help(help));
        }
        scenario.variants.retain(|variant| args.variant.contains(&variant.name));
        // What is expected of others is not asked.
        let kept = |named: &Named| args.variant.contains(&named.text);
        scenario.expectations.retain(|expectation| expectation.variant.as_ref().is_none_or(kept));
    }
    for text in &args.set {
        let setting = setting(text)?;
        scenario.variants.iter_mut().for_each(|variant: &mut Variant| variant.settings.push(setting.clone()));
    }
    Ok(())
}

/// Reads `shop/payments.service_time=10x`.
fn setting(text: &str) -> Result<Setting, Failure> {
    let parts = text.split_once('=').and_then(|(left, value)| Some((left.trim().rsplit_once('.')?, value.trim())));
    let Some(((target, key), value)) = parts else {
        return Err(Failure::new(format!("`{text}` is no change"))
            .help("write `ELEMENT.KEY=VALUE`, such as `shop/payments.service_time=10x`"));
    };
    let path = loko_source::FilePath::new("change.toml").expect("it is a path inside a workspace");
    let (table, problems) = loko_model::load::read_toml(&path, &format!("value = {value}"));
    let read = table.get("value").map(|entry| entry.value.clone()).filter(|_| problems.is_empty());
    let value = match (read, value) {
        (_, "off") => Value { data: Data::Bool(false), span: Span::at(0) },
        (Some(value), _) => value,
        (None, text) => Value { data: Data::Text(text.to_owned()), span: Span::at(0) },
    };
    Ok(Setting { target: Named { text: target.trim().to_owned(), span: Span::at(0) }, key: key.trim().to_owned(), value })
}

/// The first Ctrl-C asks for the results so far, the second ends at once.
fn stop_on_interrupt() -> &'static AtomicBool {
    static STOPPED: AtomicBool = AtomicBool::new(false);
    // Without a handler Ctrl-C ends the command as usual, which is no reason to fail.
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            #[expect(clippy::exit, reason = "a second Ctrl-C means now")]
            std::process::exit(130);
        }
    });
    &STOPPED
}

fn show_progress(done: usize, total: usize) {
    const WIDTH: usize = 30;
    let filled = done * WIDTH / total.max(1);
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "\r[{}{}] {done}/{total}", "#".repeat(filled), " ".repeat(WIDTH - filled));
    if done == total {
        let _ = write!(err, "\r{}\r", " ".repeat(WIDTH + 20));
    }
    let _ = err.flush();
}
