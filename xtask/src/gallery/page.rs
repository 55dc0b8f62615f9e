//! The page of the gallery and its tables.

use super::metrics::Metrics;
use super::{ENGINES, Shown};
use std::fmt::Write as _;

const STYLE: &str = "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#1b2433}h1{font-size:1.5rem}h2{font-size:1rem;margin:2rem 0 .5rem}\
table{border-collapse:collapse}td,th{padding:.15rem .7rem;text-align:right;border-bottom:1px solid #d9e0ea}td:first-child,th:first-child{text-align:left}\
.row{display:grid;grid-template-columns:repeat(3,1fr);gap:1rem;align-items:start}figure{margin:0;border:1px solid #d9e0ea;border-radius:6px;padding:.5rem}\
figure img{max-width:100%;max-height:32rem;display:block;margin:auto}figcaption{font-size:12px;color:#52607a}.won{font-weight:600}\
pre{max-height:12rem;overflow:auto;background:#f4f6fa;padding:.5rem;font-size:12px}";

/// The whole page.
pub(super) fn html(shown: &[Shown]) -> String {
    let mut out = String::from("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Gallery</title>");
    let _ = write!(out, "<style>{STYLE}</style><h1>The layout cases, drawn by loko, dagre and ELK</h1>");
    for (title, tag) in [("Plain cases", Some("plain")), ("All cases", None)] {
        let _ = write!(out, "<h2>{title}</h2>{}", table(&sums(shown, tag)));
        let _ = write!(out, "<p>{}</p>", escape(&verdict(&sums(shown, tag))));
    }
    for (at, case) in shown.iter().enumerate() {
        let _ = write!(out, "<section id=\"c{at}\"><h2>{}</h2><div class=\"row\">", escape(&case.name));
        for (engine, column) in ENGINES.iter().zip(&case.columns) {
            match column {
                Some((file, metrics)) => {
                    let mut faults = String::new();
                    let known = [("overlaps", metrics.overlaps), ("cuts", metrics.cuts)];
                    let labels = (*engine == "loko").then_some(("label overlaps", metrics.labels));
                    for (name, count) in known.into_iter().chain(labels).filter(|(_, count)| *count > 0) {
                        let _ = write!(faults, ", {count} {name}");
                    }
                    let _ = write!(
                        out,
                        "<figure><img loading=\"lazy\" alt=\"{}, placed by {engine}\" src=\"{file}\"><figcaption>{engine}: {} \
                         crossings, {} bends, length {:.0}, {:.0} k px²{faults}</figcaption></figure>",
                        escape(&case.name),
                        metrics.crossings,
                        metrics.bends,
                        metrics.length,
                        metrics.area / 1000.0
                    );
                }
                None => {
                    let _ =
                        write!(out, "<figure><figcaption>{engine} has no layout of this case</figcaption></figure>");
                }
            }
        }
        let _ =
            write!(out, "</div><details><summary>D2</summary><pre>{}</pre></details></section>", escape(&case.input));
    }
    out
}

/// The totals as Markdown with the verdict.
pub(super) fn summary(shown: &[Shown]) -> String {
    let mut out = String::new();
    for (title, tag) in [("plain", Some("plain")), ("all", None)] {
        let sums = sums(shown, tag);
        let _ = writeln!(
            out,
            "| {title}: {} pictures | overlaps | cuts | crossings | bends | bends/edge | length/edge | area/object | label overlaps |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|",
            sums[0].pictures
        );
        for (engine, sum) in ENGINES.iter().zip(&sums) {
            let _ = writeln!(out, "| {engine} | {} |", cells(engine, sum).join(" | "));
        }
        let _ = writeln!(out, "\n{}\n", verdict(&sums));
    }
    out
}

fn cells(engine: &str, sum: &Metrics) -> [String; 8] {
    let per = |sum: f64, count: usize| sum / count.max(1) as f64;
    [
        sum.overlaps.to_string(),
        sum.cuts.to_string(),
        sum.crossings.to_string(),
        sum.bends.to_string(),
        format!("{:.2}", per(sum.bends as f64, sum.edges)),
        format!("{:.1}", per(sum.length, sum.edges)),
        format!("{:.0}", per(sum.area, sum.objects)),
        if engine == "loko" { sum.labels.to_string() } else { "not known".to_owned() },
    ]
}

/// The sums over the cases that every engine has.
fn sums(shown: &[Shown], tag: Option<&str>) -> [Metrics; 3] {
    let mut sums = [Metrics::default(); 3];
    for case in shown.iter().filter(|case| tag.is_none_or(|tag| case.tags.iter().any(|known| known == tag))) {
        if let [Some(ours), Some(dagre), Some(elk)] = &case.columns {
            for (sum, (_, metrics)) in sums.iter_mut().zip([ours, dagre, elk]) {
                *sum += *metrics;
            }
        }
    }
    sums
}

/// The name of a total, and how to get it.
type Measure = (&'static str, fn(&Metrics) -> f64);

/// Where we are no worse than the better of the two.
fn verdict([ours, dagre, elk]: &[Metrics; 3]) -> String {
    let measures: [Measure; 5] = [
        ("overlaps", |sum| sum.overlaps as f64),
        ("cuts", |sum| sum.cuts as f64),
        ("crossings", |sum| sum.crossings as f64),
        ("bends", |sum| sum.bends as f64),
        ("length", |sum| sum.length),
    ];
    let worse: Vec<String> = measures
        .into_iter()
        .filter(|(_, of)| of(ours) > of(dagre).min(of(elk)))
        .map(|(name, of)| format!("{name} ({:.0} against {:.0})", of(ours), of(dagre).min(of(elk))))
        .collect();
    match worse.is_empty() {
        true => "loko is no worse than the better of the two in every total.".to_owned(),
        false => format!("loko is worse than the better of the two in {}.", worse.join(", ")),
    }
}

fn table(sums: &[Metrics; 3]) -> String {
    let mut out = String::from(
        "<table><tr><th><th>overlaps<th>cuts<th>crossings<th>bends<th>bends/edge<th>length/edge<th>area/object<th>label overlaps",
    );
    for (engine, sum) in ENGINES.iter().zip(sums) {
        let _ = write!(out, "<tr><td>{engine}<td>{}", cells(engine, sum).join("<td>"));
    }
    out.push_str("</table>");
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
