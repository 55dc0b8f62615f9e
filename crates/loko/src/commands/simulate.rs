use crate::context::{Context, Done, Failure, Outcome, Session};
use crate::output;
use clap::ValueEnum;
use loko_model::behaviour::Duration;
use loko_sim::scenario::{self, REPLICATIONS_MAX, Scenario, folder};
use loko_sim::{Overrides, report};
use loko_source::{ChangeSet, Diagnostic, Snapshot};
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// Break the architecture before it is built: load, faults and variants in virtual time, with a verdict
#[derive(clap::Args)]
#[command(
    visible_alias = "sim",
    after_help = "\
Scenarios are TOML files below scenarios/: who asks for what and how often, what goes wrong
when, which variants are compared, what is expected. Behaviour comes from the model; what it
does not say is assumed, and told. Without a scenario, those of the workspace are listed. An
expectation that does not hold makes the exit code 1. Ctrl-C gives the results so far.
`--verbose` adds all tables, with intervals, and what was assumed.

Examples:
  loko simulate slow-payment-provider
  loko simulate slow-payment-provider --variant \"as is\" --set payments/payment-api.replicas=6
  loko simulate black-friday --set ordering/checkout.service_time=10x --replications 10
  loko simulate black-friday --environment staging --verbose
  loko simulate black-friday --quick
  loko simulate slow-payment-provider --format html > slow.html"
)]
pub(crate) struct Args {
    /// The scenario: its file or its name
    scenario: Option<String>,
    /// Only this variant; may be given several times
    #[arg(long, value_name = "NAME")]
    variant: Vec<String>,
    /// A change of the model: `ELEMENT.KEY=VALUE` or `A -> B.KEY=VALUE`; `false` takes away, `10x` multiplies a service time
    #[arg(long, value_name = "CHANGE")]
    set: Vec<String>,
    /// The deployment whose copies run, by id or name [default: the one that the scenario names, the only one, or production]
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// How long it lasts, in virtual time
    #[arg(long, value_parser = duration)]
    duration: Option<f64>,
    /// How often it is repeated
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(REPLICATIONS_MAX)))]
    replications: Option<u32>,
    /// Where randomness starts
    #[arg(long)]
    seed: Option<u64>,
    /// Only what closed forms say, in milliseconds and without a run
    #[arg(long)]
    quick: bool,
    /// How to print the results
    #[arg(short, long, value_enum, default_value = "text")]
    format: Form,
    /// A git revision to simulate instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
}

/// Forms of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The answer, what happened in words, how requests fared; with `--verbose` all tables and assumptions
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
    let overrides = overrides(&args);
    let texts = texts(&session, &overrides);
    loko_sim::adjust(&mut scenario, &overrides).map_err(|finding| match finding.primary {
        Some(_) => Failure::findings(vec![*finding], texts.clone()),
        None => plain(finding),
    })?;
    if args.quick {
        return quick(&session, &scenario, &args, &texts);
    }
    let stopped = stop_on_interrupt();
    let stop = || stopped.load(Ordering::Relaxed);
    let bar = !context.global.quiet && std::io::stderr().is_terminal();
    let progress = |done: usize, total: usize| {
        if bar {
            show_progress(done, total);
        }
    };
    let found = |findings| Failure::findings(findings, texts.clone());
    let outcome = loko_sim::run::run(session.model(), &scenario, &stop, &progress).map_err(found)?;
    let study = loko_sim::search::study(session.model(), &scenario, &stop, &progress).map_err(found)?;
    let report = loko_sim::Report { outcome, study };
    match args.format {
        Form::Text if context.global.verbose => output::print(&report.text()),
        Form::Text => output::print(&report.brief()),
        Form::Json => output::print_value(&report.json(), output::Format::Json),
        Form::Html => output::print(&report::html(&report.outcome, &report.study, &stop)),
        Form::Svg => output::print(&report::svg(&report.outcome, &report.study)),
    }
    Ok(if report.holds() { Done::Fine } else { Done::Findings })
}

/// The closed forms alone.
fn quick(session: &Session, scenario: &Scenario, args: &Args, texts: &Snapshot) -> Outcome {
    let found = loko_sim::quick::quick(session.model(), scenario)
        .map_err(|findings| Failure::findings(findings, texts.clone()))?;
    match args.format {
        Form::Text => output::print(&report::quick_text(&found)),
        Form::Json => output::print_value(&report::quick_json(&found), output::Format::Json),
        Form::Html | Form::Svg => {
            return Err(
                Failure::new("the quick look has no charts").help("leave `--quick` out, or ask for text or json")
            );
        }
    }
    Ok(Done::Fine)
}

fn list(context: &Context, session: &Session) -> Done {
    let all = folder::all(&session.snapshot);
    if all.is_empty() {
        output::say(context, "no scenarios: write one below scenarios/");
        return Done::Fine;
    }
    let mut findings = Vec::new();
    for (path, text) in all {
        match scenario::read(path, text) {
            Ok(scenario) => output::print(&format!("{:<28} {}", folder::stem(path), scenario.question)),
            Err(mut broken) => findings.append(&mut broken),
        }
    }
    output::remark_findings(context, &findings, &session.snapshot);
    if findings.is_empty() { Done::Fine } else { Done::Findings }
}

fn find(session: &Session, wanted: &str) -> Result<Scenario, Failure> {
    let (path, text) = folder::find(&session.snapshot, wanted).map_err(plain)?;
    scenario::read(path, text).map_err(|findings| Failure::findings(findings, session.snapshot.clone()))
}

/// A finding without a place.
fn plain(finding: Box<Diagnostic>) -> Failure {
    let failure = Failure::new(finding.message);
    match finding.help {
        Some(help) => failure.help(help),
        None => failure,
    }
}

/// What the command line says besides the scenario.
fn overrides(args: &Args) -> Overrides {
    Overrides {
        variants: args.variant.clone(),
        settings: args.set.clone(),
        duration: args.duration,
        replications: args.replications,
        seed: args.seed,
        environment: args.environment.clone(),
    }
}

/// The texts that findings may point into: the workspace, and the changes of the command line.
fn texts(session: &Session, overrides: &Overrides) -> Snapshot {
    let Some((path, text)) = overrides.text() else { return session.snapshot.clone() };
    let mut changes = ChangeSet::new();
    changes.create(path, text);
    session.snapshot.overlay(&changes).unwrap_or_else(|_| session.snapshot.clone())
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
