//! Several boards in one SVG that shows them one after the other.
//!
//! Each board is a drawing of its own inside; which one is seen is decided by CSS alone. A viewer without animations,
//! and a reader who wants none, sees the first board.

use std::fmt::Write as _;
use std::time::Duration;

/// A drawing of the sequence: an `<svg>` element and its size.
pub(crate) struct Frame {
    pub(crate) svg: String,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Puts drawings into one that shows each for an interval, again and again.
pub(crate) fn animate(frames: &[Frame], interval: Duration) -> String {
    let size = |of: fn(&Frame) -> f64| frames.iter().map(of).fold(0.0, f64::max).ceil();
    let (width, height) = (size(|frame| frame.width), size(|frame| frame.height));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\"><style>{}</style>",
        style(frames.len(), interval)
    );
    for (at, frame) in frames.iter().enumerate() {
        let (x, y) = ((width - frame.width) / 2.0, (height - frame.height) / 2.0);
        let visibility = if at == 0 { "visible" } else { "hidden" };
        let _ = write!(
            out,
            "<g class=\"loko-frame loko-frame-{at}\" visibility=\"{visibility}\" transform=\"translate({x} {y})\">{}</g>",
            frame.svg
        );
    }
    out.push_str("</svg>\n");
    out
}

fn style(count: usize, interval: Duration) -> String {
    let total = interval.as_millis().saturating_mul(count as u128);
    let mut css = format!(
        ".loko-frame{{animation-duration:{total}ms;animation-timing-function:step-end;animation-iteration-count:infinite}}"
    );
    for at in 0..count {
        let percent = |at: usize| format!("{:.4}%", 100.0 * at as f64 / count as f64);
        let before = if at == 0 { String::new() } else { "0%{visibility:hidden}".to_owned() };
        let behind = if at + 1 == count { String::new() } else { format!("{}{{visibility:hidden}}", percent(at + 1)) };
        let last = if at + 1 == count { "visible" } else { "hidden" };
        let _ = write!(
            css,
            "@keyframes loko-frame-{at}{{{before}{}{{visibility:visible}}{behind}100%{{visibility:{last}}}}}\
             .loko-frame-{at}{{animation-name:loko-frame-{at}}}",
            percent(at)
        );
    }
    css.push_str("@media (prefers-reduced-motion:reduce){.loko-frame{animation:none}}");
    css
}
