//! The elements that a scenario reaches as a diagram that plays the run: boxes coloured by how busy they are, calls by
//! how many fail, and a slider for the time.
//!
//! It stands alone: one `div` with an SVG, the numbers of every window as JSON and a few lines of script. Where everything
//! stands is asked of layout in [`super::flow`]; the numbers are means of all replications. Without script the first window of the
//! fault is shown.

use super::chart::escape;
use super::flow::{self, Route};
use crate::compile::show;
use crate::run::{Outcome, VariantResult};
use loko_diagram::{Point, Rect};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The most windows that are shown; neighbours are put together.
const FRAMES_MAX: usize = 240;

/// What a box shows in the place of its element's id, and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The name.
    pub name: String,
    /// The address of its page.
    pub href: String,
}

/// What elements are called, by their ids; none keeps the id.
pub type Naming<'a> = &'a dyn Fn(&str) -> Option<Called>;

/// Letters of a name that have room in a box.
const LETTERS_MAX: usize = 26;

/// Where the call of a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Start {
    Load(usize),
    Station(usize),
}

struct Placed {
    /// By station: its box.
    boxes: BTreeMap<usize, Rect>,
    sources: Vec<Rect>,
    /// By edge: the ways of its calls.
    lines: BTreeMap<usize, Vec<Route>>,
    /// By edge: the stations that its calls lead from and to; none from a load.
    ends: BTreeMap<usize, (usize, usize)>,
    size: (f64, f64),
}

/// The diagram, and the numbers of each variant that play it; nothing when nothing limited is reached.
pub(super) fn pieces(outcome: &Outcome, naming: Naming<'_>) -> Option<(String, Vec<Value>)> {
    let first = outcome.variants.first()?;
    let placed = place(first);
    let frames = || outcome.variants.iter().map(|variant| frames(outcome, variant, &placed)).collect();
    (!placed.boxes.is_empty()).then(|| (diagram(outcome, first, &placed, naming), frames()))
}

/// The diagram with its slider; nothing when nothing limited is reached.
pub fn player(outcome: &Outcome) -> String {
    let Some((svg, data)) = pieces(outcome, &|_| None) else { return String::new() };
    let mut out = format!(
        "<div class=\"loko-player\"><p><label>Variant <select>{}</select></label> <button type=\"button\">Play</button> \
         <input type=\"range\" min=\"0\" value=\"0\" step=\"1\" aria-label=\"time\"> <output></output></p>\n",
        outcome
            .variants
            .iter()
            .enumerate()
            .map(|(at, variant)| format!("<option value=\"{at}\">{}</option>", escape(&variant.name)))
            .collect::<String>()
    );
    out.push_str(&svg);
    let legend = [("idle", 0.0), ("half busy", 0.5), ("busy", 0.9), ("full", 1.0)];
    let _ = write!(
        out,
        "<p>{}; red calls fail; numbers are means of {} replications</p>",
        legend
            .iter()
            .map(|(word, busy)| format!(
                "<span style=\"display:inline-block;width:1em;height:1em;background:{}\"></span> {word} ",
                colour(*busy)
            ))
            .collect::<String>(),
        outcome.variants.first().map_or(0, |variant| variant.replications)
    );
    // A JSON text can't end the element that holds it once `<` is written as an escape.
    let json = Value::Array(data).to_string().replace('<', "\\u003c");
    let _ = writeln!(out, "<script type=\"application/json\">{json}</script><script>{SCRIPT}</script></div>");
    out
}

const SCRIPT: &str = "(function(){var d=document.currentScript.parentNode,q=function(s){return d.querySelector(s)},\
data=JSON.parse(q('script[type]').textContent),sel=q('select'),range=q('input'),out=q('output'),play=q('button'),timer=null;\
function colour(b){var s=[[0,[237,244,238]],[.5,[158,208,168]],[.8,[246,211,101]],[.95,[232,120,70]],[1,[196,48,43]]];\
for(var i=1;i<s.length;i++){if(b<=s[i][0]){var t=(b-s[i-1][0])/(s[i][0]-s[i-1][0]);return 'rgb('+s[i][1].map(function(c,k){\
return Math.round(s[i-1][1][k]+(c-s[i-1][1][k])*t)}).join(',')+')'}}return 'rgb(196,48,43)'}\
function draw(){var v=data[sel.value],i=+range.value;range.max=v.t.length-1;out.textContent=v.t[i]+(v.f[i]?' \u{2014} '+v.f[i]:'');\
v.s.forEach(function(s){var g=d.querySelector('[data-s=\"'+s.k+'\"]');if(!g)return;g.querySelector('rect').setAttribute('fill',colour(Math.min(1,s.b[i]||0)));\
g.querySelector('.n').textContent=s.l?Math.round((s.b[i]||0)*100)+' % busy, '+(s.w[i]||0).toFixed(1)+' wait':''});\
v.e.forEach(function(e){var l=d.querySelector('[data-e=\"'+e.k+'\"]');if(!l)return;var x=e.x[i]||0;\
l.setAttribute('stroke',x>.001?'rgb('+Math.round(120+90*Math.min(1,x*4))+',40,40)':'#8a8f98');l.setAttribute('stroke-width',1+Math.min(5,Math.log10(1+(e.r[i]||0))));\
l.querySelector('title').textContent=e.n+': '+(e.r[i]||0).toFixed(1)+'/s, '+(x*100).toFixed(1)+' % fail'})}\
sel.onchange=draw;range.oninput=draw;play.onclick=function(){if(timer){clearInterval(timer);timer=null;play.textContent='Play';return}\
play.textContent='Pause';timer=setInterval(function(){range.value=(+range.value+1)%(+range.max+1);draw()},120)};draw()})()";

/// The colour of a box by how busy it is; the script has the same steps.
fn colour(busy: f64) -> String {
    const STEPS: [(f64, [f64; 3]); 5] = [
        (0.0, [237.0, 244.0, 238.0]),
        (0.5, [158.0, 208.0, 168.0]),
        (0.8, [246.0, 211.0, 101.0]),
        (0.95, [232.0, 120.0, 70.0]),
        (1.0, [196.0, 48.0, 43.0]),
    ];
    let busy = busy.clamp(0.0, 1.0);
    let at = STEPS.iter().position(|(step, _)| busy <= *step).unwrap_or(STEPS.len() - 1).max(1);
    let ((low, from), (high, to)) = (STEPS[at - 1], STEPS[at]);
    let part = (busy - low) / (high - low);
    let mix = |k: usize| (from[k] + (to[k] - from[k]) * part).round() as u8;
    format!("rgb({},{},{})", mix(0), mix(1), mix(2))
}

/// The stations that are reached and the calls between them; calls of what limits nothing begin where those begin that lead
/// there.
fn place(variant: &VariantResult) -> Placed {
    let network = &variant.compiled.network;
    let loads = network.sources.len();
    let mut stations: Vec<usize> = Vec::new();
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    let mut lines: Vec<(usize, Start, usize)> = Vec::new();
    let sources = network.sources.iter().enumerate().rev();
    let mut open: Vec<(usize, Start)> = sources.map(|(at, source)| (source.edge as usize, Start::Load(at))).collect();
    let mut seen: BTreeSet<(usize, Start)> = BTreeSet::new();
    while let Some((edge, from)) = open.pop() {
        if !seen.insert((edge, from)) {
            continue;
        }
        let node = &network.nodes[network.edges[edge].target as usize];
        let station = node.station.map(|station| station as usize);
        if let Some(station) = station {
            numbers.entry(station).or_insert_with(|| {
                stations.push(station);
                loads + stations.len() - 1
            });
            lines.push((edge, from, station));
        }
        let from = station.map_or(from, Start::Station);
        let calls = node.steps.iter().rev().flat_map(|step| step.edges.iter().rev());
        open.extend(calls.map(|edge| (*edge as usize, from)));
    }
    let number = |start: Start| match start {
        Start::Load(load) => load,
        Start::Station(station) => numbers[&station],
    };
    let ends: Vec<(usize, usize)> = lines.iter().map(|(_, from, to)| (number(*from), numbers[to])).collect();
    let placed = flow::place(loads, stations.len(), &ends);
    let mut ways: BTreeMap<usize, Vec<Route>> = BTreeMap::new();
    let mut joined = BTreeMap::new();
    for ((edge, from, to), route) in lines.iter().zip(placed.routes) {
        if let Start::Station(from) = from {
            joined.entry(*edge).or_insert((*from, *to));
        }
        ways.entry(*edge).or_default().push(route);
    }
    let boxes = stations.into_iter().zip(placed.boxes[loads..].iter().copied()).collect();
    Placed { boxes, sources: placed.boxes[..loads].to_vec(), lines: ways, ends: joined, size: placed.size }
}

fn diagram(outcome: &Outcome, variant: &VariantResult, placed: &Placed, naming: Naming<'_>) -> String {
    let (width, height) = placed.size;
    let network = &variant.compiled.network;
    // A picture with links in it is more than one image to those who hear it.
    let leads_on = placed.boxes.keys().any(|station| naming(&network.stations[*station].name).is_some());
    let role = if leads_on { "graphics-document document" } else { "img" };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"{role}\" aria-label=\"elements and calls\">\n"
    );
    for (edge, routes) in &placed.lines {
        let ways: Vec<String> = routes.iter().map(|route| route.path.clone()).collect();
        let dash = if routes.iter().all(|route| route.is_back) { " stroke-dasharray=\"6 4\"" } else { "" };
        let id = |station: usize| escape(&network.stations[station].name);
        let ends =
            placed.ends.get(edge).map(|(from, to)| format!(" data-src=\"{}\" data-dst=\"{}\"", id(*from), id(*to)));
        let _ = writeln!(
            out,
            "<g class=\"edge\" data-e=\"{edge}\"{} fill=\"none\" stroke=\"#8a8f98\"{dash}><title>{}</title><path class=\"line\" d=\"{}\"/></g>",
            ends.unwrap_or_default(),
            escape(&network.edges[*edge].name),
            ways.join(" ")
        );
    }
    let place = |rect: &Rect| {
        let Rect { x, y, w, h } = rect;
        format!("x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"")
    };
    for (load, rect) in outcome.scenario.loads.iter().zip(&placed.sources) {
        let (rect, Point { x, y }) = (place(rect), rect.center());
        let _ = writeln!(
            out,
            "<g><rect {rect} rx=\"26\" fill=\"#eef1f6\" stroke=\"#8a8f98\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#222\">{}</text></g>",
            y + 4.0,
            escape(&load.name)
        );
    }
    for (station, rect) in &placed.boxes {
        let name = &network.stations[*station].name;
        let called = naming(name);
        let (letters, is_long) = (name.chars().count(), |text: &str| text.chars().count() > LETTERS_MAX);
        let short = match &called {
            // A name says the most at its beginning, an id at its end.
            Some(called) if is_long(&called.name) => {
                format!("{}…", called.name.chars().take(LETTERS_MAX - 1).collect::<String>())
            }
            Some(called) => called.name.clone(),
            None if is_long(name) => format!("…{}", name.chars().skip(letters + 1 - LETTERS_MAX).collect::<String>()),
            None => name.clone(),
        };
        let (open, close) = match &called {
            Some(called) => (format!("<a href=\"{}\">", escape(&called.href)), "</a>"),
            None => (String::new(), ""),
        };
        let busy = variant.record.stations[*station].utilization();
        let (rect, Point { x, y }) = (place(rect), rect.center());
        let _ = writeln!(
            out,
            "{open}<g class=\"node\" data-s=\"{station}\" data-id=\"{0}\"><title>{0}</title><rect {rect} rx=\"6\" fill=\"{1}\" stroke=\"#555\"/>\
             <text x=\"{x:.1}\" y=\"{2:.1}\" text-anchor=\"middle\" fill=\"#111\">{3}</text>\
             <text class=\"n\" x=\"{x:.1}\" y=\"{4:.1}\" text-anchor=\"middle\" fill=\"#333\" font-size=\"11\"></text></g>{close}",
            escape(name),
            colour(busy),
            y - 5.0,
            escape(&short),
            y + 13.0
        );
    }
    out.push_str("</svg>\n");
    out
}

/// The numbers of every window.
fn frames(outcome: &Outcome, variant: &VariantResult, placed: &Placed) -> Value {
    let Some([first, ..]) = variant.record.station_courses.first() else { return json!({}) };
    let (points, step) = (first.sums().len(), first.step() as f64 * 1e-9);
    let together = points.div_ceil(FRAMES_MAX).max(1);
    let sum = |values: &[f64], at: usize| values.iter().skip(at * together).take(together).sum::<f64>();
    let frames = points / together;
    let runs = f64::from(variant.replications.max(1)) * together as f64;
    let round = |value: f64| (value * 1e3).round() / 1e3;
    let times: Vec<String> = (0..frames).map(|at| show((at * together) as f64 * step)).collect();
    let faults: Vec<String> = (0..frames)
        .map(|at| {
            let (from, to) = ((at * together) as f64 * step, ((at + 1) * together) as f64 * step);
            let now = outcome.scenario.faults.iter().filter(|fault| fault.at < to && fault.at + fault.length > from);
            now.map(|fault| fault.what.words(&fault.target.text)).collect::<Vec<_>>().join(", ")
        })
        .collect();
    let stations: Vec<Value> = placed
        .boxes
        .keys()
        .filter_map(|station| {
            let [busy, waiting, servers] = variant.record.station_courses.get(*station)?;
            let limited = variant.compiled.network.stations[*station].servers != crate::network::UNLIMITED;
            let share = |at: usize| round(sum(busy.sums(), at) / sum(servers.sums(), at).max(1e-9));
            let shares: Vec<f64> = (0..frames).map(|at| if limited { share(at) } else { 0.0 }).collect();
            let queue: Vec<f64> = (0..frames).map(|at| round(sum(waiting.sums(), at) / runs)).collect();
            Some(json!({ "k": station, "l": limited, "b": shares, "w": queue }))
        })
        .collect();
    let edges: Vec<Value> = placed
        .lines
        .keys()
        .filter_map(|edge| {
            let [sent, ended, failed, _] = variant.record.edge_courses.get(*edge)?;
            let rates: Vec<f64> = (0..frames).map(|at| round(sum(sent.sums(), at) / runs / step)).collect();
            let failing: Vec<f64> =
                (0..frames).map(|at| round(sum(failed.sums(), at) / sum(ended.sums(), at).max(1.0))).collect();
            Some(json!({ "k": edge, "n": variant.compiled.network.edges[*edge].name, "r": rates, "x": failing }))
        })
        .collect();
    json!({ "t": times, "f": faults, "s": stations, "e": edges })
}
