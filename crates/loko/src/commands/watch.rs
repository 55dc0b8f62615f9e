use crate::context::{Context, Done, Failure, Outcome};
use crate::output;
use crate::publish::{self, Wish};
use loko_serve::Watch;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Build now and again whenever a file changes
#[derive(clap::Args)]
#[command(visible_alias = "w")]
pub(crate) struct Args {
    /// The folder to write to, relative to here [default: the workspace's `paths.output`, `dist`]
    #[arg(short, long, value_name = "DIR", env = "LOKO_OUTPUT_DIR", hide_env = true)]
    output: Option<PathBuf>,
    /// html, markdown (md), confluence, single, pdf, json, toon [default: the workspace's `[outputs]`, html]
    #[arg(short, long, value_name = "FORMATS")]
    format: Vec<String>,
    /// How long files must rest before they are read, in milliseconds
    #[arg(long, default_value_t = 50, value_name = "MS")]
    debounce: u64,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(None)?;
    let folder = publish::folder(&session, args.output.as_deref());
    let watch = Watch {
        root: session.workspace.root().to_owned(),
        output: std::path::absolute(&folder)?,
        debounce: Duration::from_millis(args.debounce),
    };
    drop(session);
    let (context, formats) = (Arc::new(context.clone()), args.format);
    build(&context, &formats, &folder);
    let again = {
        let context = Arc::clone(&context);
        move |_: Option<&[std::path::PathBuf]>| build(&context, &formats, &folder)
    };
    let _watcher = loko_serve::watch(&watch, again).map_err(|error| Failure::new(error.to_string()))?;
    output::say(&context, "watching; Ctrl-C ends it");
    loop {
        std::thread::park();
    }
    #[expect(unreachable_code, reason = "only a signal ends the loop")]
    Ok(Done::Fine)
}

/// One build; what goes wrong is told, and the next change tries again.
fn build(context: &Context, formats: &[String], folder: &Path) {
    let started = Instant::now();
    let built = context.load(None).and_then(|session| {
        let named = if formats.is_empty() { session.model().project.outputs.clone() } else { formats.to_vec() };
        let formats = publish::formats(&named)?;
        let wish = Wish::of(&formats, folder);
        let published = publish::publish(&session, &wish)?;
        output::remark_findings(context, &published.findings, &session.snapshot);
        Ok(published)
    });
    match built {
        Ok(published) => {
            let report = published.report;
            let text = format!(
                "built in {} ms: {} written, {} unchanged, {} removed; {}",
                started.elapsed().as_millis(),
                report.written,
                report.unchanged,
                report.removed,
                output::counts(&published.findings)
            );
            output::say(context, &text);
        }
        Err(failure) => output::error(context, &failure),
    }
}
