//! Damaged texts: nothing panics, nothing is lost, everything ends. The damage is seeded; `SEED=7 ROUNDS=100000` tries
//! others, and `VERBOSE=1` keeps the text at work in the temporary folder.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests read their data, the clock and the environment"
)]

use loko_d2::{NoImports, compile, edit, format, leaves, parse, services};
use loko_source::FilePath;
use std::time::{Duration, Instant};

/// How long one text may take, in a test build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A small generator (xorshift64*); the same seed gives the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Pieces that mean something somewhere.
const TOKENS: &[&str] = &[
    "->",
    "<-",
    "--",
    "<->",
    "*",
    "**",
    "***",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "[0]",
    "[*]",
    ":",
    ";",
    ".",
    "_",
    "&",
    "!&",
    "${",
    "${x}",
    "...${x}",
    "@x",
    "...@x",
    "|md",
    "|",
    "|`go",
    "`|",
    "\"",
    "'",
    "\"\"\"",
    "#",
    "\\",
    "\\\n",
    "\r\n",
    "\n",
    "null",
    "suspend",
    "unsuspend",
    "layers",
    "scenarios",
    "steps",
    "vars",
    "classes",
    "class",
    "style",
    "style.opacity",
    "near",
    "link",
    "shape: sql_table",
    "shape: sequence_diagram",
    "grid-rows: 2",
    "é",
    "𐀀",
    "\u{feff}",
    "\0",
    "0x1F",
    "1e9",
];

/// Texts to begin with: those of our cases, and the conformance data where it is at hand.
fn corpus() -> Vec<String> {
    let mut texts: Vec<String> = vec![
        include_str!("cases/edit.md").to_owned(),
        include_str!("cases/errors.md").to_owned(),
        "a: { b -> c: {style.opacity: 0.4}; d.class: [x; y] }\nclasses: { x.label: l }\n*.style.fill: red\n(** -> **)[*].style.stroke: blue".to_owned(),
        "vars: { x: { y: 1 } }\nz: { ...${x} }\nq: |md\n  # hi ${x.y}\n|\nlayers: { l: { m; n.link: _ } }\nscenarios: { s: { a: null } }".to_owned(),
    ];
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/d2/parse/parse.jsonl");
    if let Ok(lines) = std::fs::read_to_string(data) {
        let inputs = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        texts.extend(
            inputs.filter_map(|case| case["input"].as_str().map(str::to_owned)).filter(|text| text.len() < 4000),
        );
    }
    texts
}

fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn damage(text: &str, corpus: &[String], random: &mut Random) -> String {
    let mut text = text.to_owned();
    for _ in 0..=random.below(4) {
        let start = boundary(&text, random.below(text.len() + 1));
        let end = boundary(&text, start + random.below(40)).max(start);
        match random.below(5) {
            0 => text.replace_range(start..end, ""),
            1 => text.insert_str(start, TOKENS[random.below(TOKENS.len())]),
            2 => text.insert_str(start, &text[start..end].repeat(1 + random.below(3))),
            3 => text.truncate(start),
            _ => {
                let other = &corpus[random.below(corpus.len())];
                let from = boundary(other, random.below(other.len() + 1));
                let to = boundary(other, from + random.below(200)).max(from);
                text.insert_str(start, &other[from..to]);
            }
        }
    }
    text
}

/// Everything that can be asked of a text.
fn exercise(text: &str, random: &mut Random) {
    let parsed = parse(text);
    let whole: String = leaves(text, &parsed.tree).iter().map(|leaf| &text[leaf.span.range()]).collect();
    assert_eq!(whole, text, "the leaves are the text");
    for error in &parsed.errors {
        assert!(text.get(error.span.range()).is_some(), "an error lies in the text: {error:?}");
    }
    if let Ok(formatted) = format(text) {
        assert!(parse(&formatted).errors.is_empty(), "a formatted text is valid:\n{text}\n--- formatted\n{formatted}");
    }
    let path = FilePath::new("index.d2").expect("a plain name is a path");
    let compiled = compile(text, &path, &NoImports);
    let _ = (loko_d2::graph_json(&compiled.diagram), compiled.error_lines());
    check_diagram(&compiled.diagram.root);
    let offset = boundary(text, random.below(text.len() + 1));
    let _ = (services::hover(text, offset), services::definition(text, offset), services::references(text, offset));
    let _ = (
        services::completion(text, offset),
        services::folding(text),
        services::semantic_tokens(text),
        services::symbols(text),
    );
    let _ = services::rename(text, offset, "renamed");
    if parsed.errors.is_empty() {
        exercise_edits(text, &compiled.diagram.root);
    }
}

/// What later stages rely on: parents stand before their children, ends of edges exist.
fn check_diagram(board: &loko_diagram::Board) {
    for (at, object) in board.objects.iter().enumerate() {
        assert!(object.parent.is_none_or(|parent| parent.index() < at), "the parent of {} comes later", object.id);
    }
    for edge in &board.edges {
        assert!(edge.src.index() < board.objects.len() && edge.dst.index() < board.objects.len());
    }
    for (_, inner) in board.boards() {
        check_diagram(inner);
    }
}

fn exercise_edits(text: &str, board: &loko_diagram::Board) {
    let Some(object) = board.objects.first() else { return };
    let results = [
        edit::set(text, &object.id, Some("a label: {")),
        edit::set(text, &format!("{}.style.fill", object.id), Some("#fff")),
        edit::create(text, &object.id).map(|(edits, _)| edits),
        edit::delete(text, &object.id),
        edit::rename(text, &object.id, "other name"),
        edit::move_object(text, &object.id, "new place.inner"),
    ];
    for (at, edits) in results.into_iter().enumerate() {
        if let Ok(edits) = edits {
            let after = edit::apply(text, &edits);
            let errors = parse(&after).errors;
            assert!(
                errors.is_empty(),
                "edit {at} of `{}` breaks the text:\n{text}\n--- after\n{after}\n{errors:?}",
                object.id
            );
        }
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn damaged_texts() {
    let corpus = corpus();
    let (seed, rounds) = (number("SEED", 1), number("ROUNDS", 1500));
    let mut random = Random(seed.max(1));
    for round in 0..rounds {
        let text = damage(&corpus[random.below(corpus.len())], &corpus, &mut random);
        if std::env::var("VERBOSE").is_ok() {
            std::fs::write(std::env::temp_dir().join("loko-d2-damaged.d2"), &text).expect("the text can be kept");
        }
        let start = Instant::now();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| exercise(&text, &mut random)));
        assert!(outcome.is_ok(), "seed {seed}, round {round}:\n{text:?}");
        assert!(start.elapsed() < PATIENCE, "seed {seed}, round {round} takes {:?}:\n{text:?}", start.elapsed());
    }
}

#[test]
fn a_name_that_begins_with_a_byte_order_mark_keeps_it() {
    for text in ["\u{b}\u{feff}|", " \u{feff}a -> b\n", "\u{feff}\u{feff}a\n"] {
        let names = |text: &str| -> Vec<String> {
            let compiled = compile(text, &FilePath::new("index.d2").expect("a plain name"), &NoImports);
            compiled.diagram.root.objects.iter().map(|object| object.id.clone()).collect()
        };
        let formatted = format(text).expect("nothing is wrong with it");
        assert_eq!(names(&formatted), names(text), "{text:?} became {formatted:?}");
        assert_eq!(format(&formatted).as_ref(), Ok(&formatted));
    }
}

#[test]
fn limits_hold() {
    let path = FilePath::new("index.d2").expect("a plain name is a path");
    let nested = "a: {".repeat(50_000);
    let doubling = (0..60).fold("vars: {\n  x0: { a; b }\n".to_owned(), |text, at| {
        format!("{text}  x{}: {{ l: {{ ...${{x{at}}} }}; r: {{ ...${{x{at}}} }} }}\n", at + 1)
    }) + "}\nz: { ...${x60} }\n";
    let parts = (0..20).map(|at| format!("p{at}: {{ class: c }}\n")).collect::<String>();
    let class_of_itself = format!("classes: {{\n  c: {{\n{parts}  }}\n}}\nx.class: c\n");
    let names = vec!["c"; 40].join("; ");
    let classes_of_classes =
        format!("classes: {{\n  c: {{ class: [{names}] }}\n}}\nx.class: c\na -> b: {{ class: c }}\n");
    let nodes: String = (0..4_000).map(|at| format!("node{at}; ")).collect();
    let patterns: String = (0..1_300).map(|at| format!("x*{at}.style.fill: red\n")).collect();
    let many_patterns = format!("{nodes}\n{patterns}");
    let everything_joined = format!("{}\n** -> **\n", &nodes[..10_000]);
    let cases = [
        ("nested maps", nested.as_str(), "nested deeper"),
        ("nested arrays", &format!("a: {}", "[".repeat(50_000)), "nested deeper"),
        ("a deep key", &"a.".repeat(20_000), "nested deeper"),
        ("doubling variables", &doubling, "more than"),
        ("a long key", &"k".repeat(600), "exceeds maximum"),
        ("a class that holds itself", &class_of_itself, "invalid class field"),
        ("many patterns on many names", &many_patterns, "patterns look at more than"),
        ("a pattern that joins everything", &everything_joined, "more than"),
        ("classes that name each other", &classes_of_classes, "cannot appear within"),
    ];
    for (name, text, message) in cases {
        let start = Instant::now();
        let compiled = compile(text, &path, &NoImports);
        let found = compiled.error_lines();
        assert!(found.iter().any(|line| line.contains(message)), "{name}: {:?}", found.first());
        assert!(start.elapsed() < PATIENCE, "{name} takes {:?}", start.elapsed());
    }
}

#[test]
fn what_nests_too_deeply_is_told_once() {
    let path = FilePath::new("index.d2").expect("a plain name is a path");
    for (before, open, close) in [("", "a: {", "}"), ("a: ", "[", "]")] {
        let text = format!("{before}{}{}", open.repeat(200), close.repeat(200));
        let compiled = compile(&text, &path, &NoImports);
        let found = compiled.error_lines();
        assert!(found.len() == 1 && found[0].contains("nested deeper than 128 levels"), "{found:?}");
    }
}

#[test]
fn time_is_linear() {
    // Each text is parsed at two sizes; four times the text may take at most twelve times the time.
    let units = [
        "a -> b: c\n",
        "-> a ",
        "a: { b }; ",
        "( ",
        ") ",
        "x ) ",
        "\\\n",
        "${a",
        "\"a ",
        "|a",
        "[",
        "}",
        "-",
        "...@",
        "'",
        "*",
        "\r",
        " \n",
    ];
    for unit in units {
        let time = |count: usize| {
            let text = unit.repeat(count);
            (0..3)
                .map(|_| {
                    let start = Instant::now();
                    let _ = parse(&text);
                    start.elapsed()
                })
                .min()
                .unwrap_or_default()
        };
        let (small, large) = (time(5_000), time(20_000));
        let limit = small * 12 + Duration::from_millis(100);
        assert!(large < limit, "{unit:?}: {small:?} for one part, {large:?} for four");
    }
}

#[test]
fn asking_is_not_quadratic() {
    // What an editor asks of texts at two sizes; four times the text may take at most twelve times the time.
    let texts = |count: usize| {
        let lines = |line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
        vec![
            ("objects", format!("n0\n{}", lines(&|at| format!("n{at} -> n{}\n", at / 2)))),
            ("one object", format!("n0\n{}", lines(&|at| format!("a{at} -> n0\n")))),
            ("steps", format!("n0\nsteps: {{ {} }}", lines(&|at| format!("s{at}: {{ n{at} -> n0 }}; ")))),
            ("scenarios", format!("n0\nscenarios: {{ {} }}", lines(&|at| format!("s{at}: {{ n0.label: x }}; ")))),
            ("classes", format!("n0\nclasses.c.label: x\n{}", lines(&|at| format!("n{at}.class: c\n")))),
            ("variables", format!("n0\nvars.v: x\n{}", lines(&|at| format!("n{at}: ${{v}}\n")))),
            ("patterns", format!("n0\n{}", lines(&|at| format!("n0*.n{at}\n")))),
        ]
    };
    let time = |text: &str| {
        let ask = || {
            let start = Instant::now();
            let _ = (services::hover(text, 1), services::definition(text, 1), services::references(text, 1));
            let _ = (services::completion(text, 1), services::rename(text, 1, "n0b"), services::semantic_tokens(text));
            let _ = (services::folding(text), services::symbols(text), format(text));
            start.elapsed()
        };
        (0..3).map(|_| ask()).min().unwrap_or_default()
    };
    for ((name, small), (_, large)) in texts(150).iter().zip(&texts(600)) {
        let (small, large) = (time(small), time(large));
        let limit = small * 12 + Duration::from_millis(100);
        assert!(large < limit, "{name}: {small:?} for one part, {large:?} for four");
    }
}

/// Texts that grow with a count, each of another kind of work for the compiler.
fn growing(count: usize) -> Vec<(&'static str, String)> {
    let lines = |line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let nested = lines(&|at| format!("s{}: {{ n{at}: x {{ shape: circle }} }}\n", at / 20));
    let flat = lines(&|at| format!("n{at} -> n{}\n", at / 2));
    let variables = lines(&|at| format!("v{at}: {at}; "));
    let uses = lines(&|at| format!("n{at}: ${{v{at}}} and ${{v0}}\n"));
    let spreads = lines(&|at| format!("n{at}: {{ ...${{m}} }}\n"));
    vec![
        ("nothing special", nested.clone()),
        ("*", format!("*.style.fill: red\n{flat}")),
        ("**", format!("**.style.fill: red\n{nested}")),
        ("*** in boards", format!("***.style.fill: red\nlayers: {{ l: {{ {nested} }} }}")),
        ("a filter", format!("**: {{ &shape: circle; style.fill: red }}\n{nested}")),
        ("a filter of edges", format!("(** -> **)[*]: {{ &src: n1; style.stroke: red }}\n{flat}")),
        (
            "a filter of ends",
            format!("(* -> *)[*]: {{ &src.shape: circle; style.stroke: red }}\n{flat}n1.shape: circle"),
        ),
        ("a pattern in a pattern", format!("*: {{ *.style.fill: red }}\n{nested}")),
        ("a pattern that makes edges", format!("* -> hub\n{}", lines(&|at| format!("n{at}\n")))),
        ("a chain", format!("a{}", lines(&|at| format!(" -> n{at}")))),
        ("variables", format!("vars: {{ {variables} }}\n{uses}")),
        ("spreads", format!("vars: {{ m: {{ a; b }} }}\n{spreads}")),
        ("imports", lines(&|at| format!("n{at}: @part\n"))),
        ("deletions", format!("{flat}{}", lines(&|at| format!("n{at}: null\n")))),
    ]
}

#[test]
fn compiling_is_not_quadratic() {
    let path = FilePath::new("index.d2").expect("a plain name is a path");
    let mut files = loko_d2::MapResolver::default();
    files.files.insert("part.d2".into(), "a -> b".into());
    let time = |text: &str| {
        let start = Instant::now();
        let compiled = compile(text, &path, &files);
        assert!(compiled.is_valid(), "{:?}", compiled.error_lines().first());
        start.elapsed()
    };
    for ((name, small), (_, large)) in growing(250).iter().zip(&growing(1000)) {
        // Quadratic work would take sixteen times as long; the machine may be busy.
        let best = |text: &str| (0..3).map(|_| time(text)).min().unwrap_or_default();
        let (small, large) = (best(small), best(large));
        let limit = small * 12 + Duration::from_millis(100);
        assert!(large < limit, "{name}: {small:?} for one part, {large:?} for four");
    }
}
