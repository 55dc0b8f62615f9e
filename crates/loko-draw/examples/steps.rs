//! Times the steps from D2 files to SVGs, for profilers: `steps ROUNDS FILE...`; `SVG=FILE` keeps the last picture.

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, reason = "a tool for developers")]

use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments.next().unwrap().parse().unwrap();
    for file in arguments {
        let text = std::fs::read_to_string(&file).unwrap();
        let path = loko_source::FilePath::new("index.d2").unwrap();
        let look = loko_draw::Look::default();
        let mut best = [f64::MAX; 4];
        let mut shape = String::new();
        for _ in 0..rounds {
            let mut at = 0;
            let mut note = |started: Instant| {
                best[at] = best[at].min(started.elapsed().as_secs_f64() * 1e3);
                at += 1;
            };
            let started = Instant::now();
            let board = loko_d2::compile(&text, &path, &loko_d2::NoImports).diagram.root;
            note(started);
            let started = Instant::now();
            let measures = loko_draw::measure(&board, &look);
            note(started);
            let started = Instant::now();
            let placed = loko_layout::layout(&board, &measures, &loko_layout::Options::default());
            note(started);
            let started = Instant::now();
            let svg = loko_draw::svg(&board, &placed, &look, &loko_draw::SvgOptions::default());
            note(started);
            if let Ok(out) = std::env::var("SVG") {
                std::fs::write(out, &svg).unwrap();
            }
            shape = format!("{:.0} x {:.0}, {} KiB", placed.bounds.w, placed.bounds.h, svg.len() / 1024);
        }
        println!(
            "{file}: compile {:.2}, measure {:.2}, place {:.2}, write {:.2} ms; {shape}",
            best[0], best[1], best[2], best[3]
        );
    }
}
