use crate::checking::{self, BaselineFile};
use crate::context::{Context, Done, Failure, Outcome, Session, beyond_loading};
use crate::output::{self, Format};
use clap::builder::PossibleValuesParser;
use loko_rules::baseline::{BASELINE_FILE, Baseline};
use loko_rules::fix::{self, Wanted};
use loko_rules::report::{self, Report};
use loko_rules::{Checked, Date, Options, Preset, Today, codes, page};
use loko_source::suggest::did_you_mean;
use loko_source::{ChangeSet, Diagnostic, Severity, Snapshot, Span, TextEdit};
use serde_json::json;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

/// How many remarks are told when nobody asked for them.
const REMARKS_MAX: usize = 10;

/// Check the workspace: every problem in one run, with its place and how to mend it
#[derive(clap::Args)]
#[command(visible_alias = "val", after_help = "\
Which rules run, and how strict they are, says `[rules]` in loko.toml. `--explain all` lists them.

Examples:
  loko validate --strict
  loko validate --fix --dry-run
  loko validate --explain timeout-inversion
  loko validate --format sarif > findings.sarif
  loko validate --write-baseline && loko validate --baseline loko-baseline.json
  loko validate --changed-since main")]
pub(crate) struct Args {
    /// Warnings fail too
    #[arg(long)]
    strict: bool,
    /// Exit with 1 when the check fails (always so; kept for scripts)
    #[arg(long, hide = true)]
    exit_code: bool,
    /// How to print findings
    #[arg(short, long, default_value = "text", value_parser = PossibleValuesParser::new(format_names()))]
    format: String,
    /// A git revision to check instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
    /// Print one line a finding, `file:line:column: severity[code]: message`
    #[arg(long)]
    short: bool,
    /// Show remarks with their source as well, and all of them
    #[arg(long)]
    remarks: bool,
    /// Look only for places where drawings and model say different things
    #[arg(long)]
    check_drift: bool,
    /// Mend what can be mended without changing what it means
    #[arg(long, conflicts_with = "at")]
    fix: bool,
    /// With `--fix`: mend also what may change the meaning; look at the diff
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,
    /// With `--fix`: show the changes as a diff and write nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Tell what a rule is about, or list all of them with `all`
    #[arg(long, value_name = "CODE")]
    explain: Option<String>,
    /// Which rules run: none but those named in `[rules]`, the recommended ones, or all
    #[arg(long, value_name = "PRESET", value_parser = PossibleValuesParser::new(Preset::ALL.map(|(name, _)| name)))]
    preset: Option<String>,
    /// A file of old findings, which do not fail; new ones do, and entries that are gone [default: `rules.baseline`]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings of now into the baseline
    #[arg(long, conflicts_with_all = ["fix", "check_drift", "changed_since"])]
    write_baseline: bool,
    /// Only findings that this git revision did not have, or that are about files changed since
    #[arg(long, value_name = "REV")]
    changed_since: Option<String>,
    /// The day for which waivers are judged [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<String>,
}

fn format_names() -> Vec<&'static str> {
    ["text", "json", "toon"].into_iter().chain(report::formats().map(|(name, _)| name)).collect()
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    if let Some(code) = &args.explain {
        return explain(code);
    }
    let mut session = context.load(args.at.as_deref())?;
    let options = options(&args)?;
    let mut checked = checking::of(&session, &options);
    if args.fix {
        checked = mend(context, &mut session, checked, &args, &options)?;
    }
    if let Some(rev) = &args.changed_since {
        checked.findings = checking::since(context, &session, rev, checked.findings, &options)?;
    }
    let baseline = BaselineFile::find(&session, args.baseline.as_deref(), checked.settings.baseline.as_deref())?;
    if args.write_baseline {
        return write_baseline(context, &session, baseline, &checked.findings);
    }
    // The program ends with this command: nothing of it is given back piece by piece.
    let mut shown = ManuallyDrop::new(Shown { session, old: Vec::new(), checked, today: options.today });
    if let Some(baseline) = baseline {
        let findings = std::mem::take(&mut shown.checked.findings);
        let compared = baseline.compare(findings, &mut shown.session.snapshot)?;
        shown.checked.findings = compared.new;
        // Who looks at a part cannot tell what is gone.
        if options.only.is_none() && args.changed_since.is_none() {
            shown.checked.findings.extend(compared.stale);
        }
        shown.old = compared.old;
    }
    Ok(shown.tell(context, &args))
}

fn options(args: &Args) -> Result<Options<'static>, Failure> {
    let today = match &args.today {
        Some(day) => Today::Is(
            Date::parse(day).ok_or_else(|| Failure::new(format!("`{day}` is no day")).help("write it as 2027-01-31"))?,
        ),
        None => checking::TODAY,
    };
    Ok(Options {
        today,
        only: args.check_drift.then(codes::drift),
        preset: args.preset.as_deref().and_then(Preset::from_name),
        memo: None,
    })
}

fn explain(name: &str) -> Outcome {
    if name == "all" {
        let rows: Vec<String> =
            codes::all().iter().map(|code| format!("{:<26} {:<8} {}", code.name, code.severity.name(), code.doc)).collect();
        output::print(&rows.join("\n"));
        return Ok(Done::Fine);
    }
    match codes::find(name) {
        Some(code) => {
            output::print(&page::explain(&code));
            Ok(Done::Fine)
        }
        None => {
            let help = did_you_mean(name, codes::all().iter().map(|code| code.name));
            let help = help.unwrap_or_else(|| "`--explain all` lists the rules".to_owned());
            Err(Failure::new(format!("there is no rule `{name}`")).help(help))
        }
    }
}

/// Mends again and again, as one mend may lay open another; writes all of it at once, or shows it.
fn mend(
    context: &Context,
    session: &mut Session,
    mut checked: Checked,
    args: &Args,
    options: &Options<'_>,
) -> Result<Checked, Failure> {
    let wanted = if args.unsafe_fixes { Wanted::All } else { Wanted::Safe };
    let before = session.snapshot.clone();
    let mut done = Vec::new();
    for _ in 0..fix::PASSES_MAX {
        let (changes, summary) = fix::changes(&checked.findings, &session.snapshot, wanted);
        if changes.is_empty() {
            break;
        }
        session.snapshot = session.snapshot.overlay(&changes).map_err(|error| Failure::new(error.to_string()))?;
        session.loaded = loko_model::load(&session.snapshot);
        session.findings = std::mem::take(&mut session.loaded.findings);
        session.findings.extend(beyond_loading(&session.snapshot, &session.loaded.model));
        loko_source::diagnostic::sort(&mut session.findings);
        checked = checking::of(session, options);
        done.extend(summary);
    }
    let changes = difference(&before, &session.snapshot);
    if args.dry_run {
        let diff = changes.diff(&before).map_err(|error| Failure::new(error.to_string()))?;
        output::print(&diff);
    } else {
        session.workspace.write(&before, &changes)?;
    }
    for line in &done {
        output::say(context, line);
    }
    let verb = if args.dry_run { "would be mended" } else { "mended" };
    output::say(context, &format!("{} {verb}", output::plural(done.len(), "finding")));
    Ok(checked)
}

/// The files that differ, as whole texts.
fn difference(before: &Snapshot, after: &Snapshot) -> ChangeSet {
    let mut changes = ChangeSet::new();
    for (path, source) in after.iter() {
        let old = before.text(path.as_str()).unwrap_or("");
        if old != source.text() {
            changes.edit(path.clone(), TextEdit::replace(Span::new(0, old.len()), source.text()));
        }
    }
    changes
}

fn write_baseline(context: &Context, session: &Session, file: Option<BaselineFile>, findings: &[Diagnostic]) -> Outcome {
    let usual = || BaselineFile::find(session, None, Some(BASELINE_FILE));
    let file = file.map_or_else(usual, |file| Ok(Some(file)))?.expect("a name in the workspace is a file");
    let baseline = Baseline::of(findings);
    file.write(&baseline)?;
    output::say(context, &format!("wrote {} to {}", output::plural(baseline.len(), "finding"), file.name));
    Ok(Done::Fine)
}

/// What is shown in the end.
struct Shown {
    session: Session,
    checked: Checked,
    old: Vec<Diagnostic>,
    today: Today,
}

impl Shown {
    fn tell(&self, context: &Context, args: &Args) -> Done {
        let findings = &self.checked.findings;
        let verdict = output::verdict(findings, args.strict);
        let snapshot = &self.session.snapshot;
        match args.format.as_str() {
            // A diff stands alone on standard output.
            "text" if args.dry_run => output::say(context, &self.summary()),
            "text" if args.short => {
                for finding in findings {
                    output::print(&loko_source::render::line(finding, snapshot));
                }
            }
            "text" => {
                self.tell_people(context, args.remarks);
                output::say(context, &self.summary());
            }
            "json" => output::print_value(&self.json(verdict), Format::Json),
            "toon" => output::print_value(&self.json(verdict), Format::Toon),
            other => {
                let format = report::format(other).expect("the argument takes only formats that there are");
                let report = Report {
                    findings,
                    old: &self.old,
                    waived: &self.checked.waived,
                    policies: &self.checked.settings.policies,
                    snapshot,
                    version: env!("CARGO_PKG_VERSION"),
                    today: self.today,
                };
                output::print(&(format.write)(&report));
            }
        }
        verdict
    }

    /// Errors and warnings with their source; remarks a line each, unless they are asked for.
    fn tell_people(&self, context: &Context, with_remarks: bool) {
        let is_remark = |finding: &&Diagnostic| finding.severity == Severity::Info && !with_remarks;
        let (remarks, told): (Vec<&Diagnostic>, Vec<&Diagnostic>) = self.checked.findings.iter().partition(is_remark);
        output::print_findings(context, &told, &self.session.snapshot);
        let mut lines: Vec<String> = remarks
            .iter()
            .take(REMARKS_MAX)
            .map(|finding| loko_source::render::line(finding, &self.session.snapshot))
            .collect();
        if remarks.len() > REMARKS_MAX {
            lines.push(format!("{} more; `--remarks` shows all", output::plural(remarks.len() - REMARKS_MAX, "remark")));
        }
        if !lines.is_empty() {
            let gap = if told.is_empty() { "" } else { "\n" };
            output::print(&format!("{gap}{}", lines.join("\n")));
        }
    }

    /// "12 elements, 7 relations: 1 warning; 2 waived, 3 in the baseline"
    fn summary(&self) -> String {
        let model = self.session.model();
        let mut summary = format!(
            "{}, {}: {}",
            output::plural(model.elements.len(), "element"),
            output::plural(model.relations.len(), "relation"),
            output::counts(&self.checked.findings)
        );
        let others = [(self.checked.waived.len(), "waived"), (self.old.len(), "in the baseline")];
        let told: Vec<String> =
            others.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if !told.is_empty() {
            summary.push_str(&format!("; {}", told.join(", ")));
        }
        summary
    }

    fn json(&self, verdict: Done) -> serde_json::Value {
        let waived: Vec<_> = self
            .checked
            .waived
            .iter()
            .map(|waived| {
                let mut value = loko_source::render::json(&waived.finding, &self.session.snapshot);
                value["waived"] = json!(waived.reason);
                value
            })
            .collect();
        let mut value = json!({
            "valid": verdict == Done::Fine,
            "commit": self.session.commit,
            "elements": self.session.model().elements.len(),
            "relations": self.session.model().relations.len(),
            "findings": output::findings_json(&self.session, &self.checked.findings),
        });
        if !waived.is_empty() {
            value["waived"] = json!(waived);
        }
        if !self.old.is_empty() {
            value["baseline"] = json!(output::findings_json(&self.session, &self.old));
        }
        value
    }
}
