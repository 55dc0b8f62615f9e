//! The upstream language's own cases, as data: pass counts may only rise.
//!
//! The data lies outside of the repository; without it the tests say so and pass. The floors are in
//! `conformance_floors.txt`, one `set family count` a line. `REPORT=1` prints each failing case, `CASE=name` runs one,
//! `EXACT=1` asks for the expected errors by place and text, `EXACT=2` for no others besides.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests read their data, the clock and the environment"
)]

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::PathBuf;

type Outcome = Result<(), String>;

fn data_file(set: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../../shared/conformance/d2/{set}/{set}.jsonl"))
}

/// Runs all cases of a set and holds the floors.
fn run(set: &str, check: fn(&Json) -> Outcome) {
    let path = data_file(set);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no conformance data at {}", path.display());
        return;
    };
    let mut families: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).expect("the data is one JSON value a line");
        let name = case["name"].as_str().expect("every case has a name");
        if std::env::var("CASE").is_ok_and(|wanted| !name.contains(&wanted)) {
            continue;
        }
        let family = families.entry(name.split('/').next().unwrap_or(name).to_owned()).or_default();
        family.1 += 1;
        match check(&case) {
            Ok(()) => family.0 += 1,
            Err(why) if std::env::var("REPORT").is_ok() => eprintln!("FAIL {set} {name}\n{why}\n"),
            Err(_) => {}
        }
    }
    hold_floors(set, &families);
}

fn hold_floors(set: &str, families: &BTreeMap<String, (usize, usize)>) {
    let floors = include_str!("conformance_floors.txt");
    let (mut passed, mut all) = (0, 0);
    let mut below = Vec::new();
    for (family, (good, count)) in families {
        println!("{set:8} {family:14} {good:4} of {count:4}");
        passed += good;
        all += count;
        let floor = floors
            .lines()
            .filter_map(|line| line.strip_prefix(&format!("{set} {family} ")))
            .find_map(|count| count.trim().parse::<usize>().ok());
        if floor.is_some_and(|floor| *good < floor) && std::env::var("CASE").is_err() {
            below.push(format!("{set} {family}: {good} pass, the floor is {floor:?}"));
        }
    }
    println!("{set:8} {:14} {passed:4} of {all:4}", "all");
    assert!(below.is_empty(), "below the floor (see them with REPORT=1):\n{}", below.join("\n"));
}

fn input(case: &Json) -> String {
    match case["input_b64"].as_str() {
        Some(encoded) => loko_d2::decode(&from_base64(encoded)).into_owned(),
        None => case["input"].as_str().expect("a case has an input").to_owned(),
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits: u32 = 0;
    let mut count = 0;
    let mut bytes = Vec::new();
    for digit in text.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte)) {
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// What the case expects of its errors, as `line:column-line:column: message`.
fn expected_errors(case: &Json) -> Vec<String> {
    let errors = case["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors
        .iter()
        .map(|error| {
            let file = error["file"].as_str().map(|file| format!("{file}:")).unwrap_or_default();
            format!("{file}{}:{}: {}", error["line"], error["col"], error["msg"].as_str().unwrap_or_default())
        })
        .collect()
}

fn compare_errors(case: &Json, actual: &[String]) -> Outcome {
    let expected = expected_errors(case);
    match (expected.is_empty(), actual.is_empty()) {
        (true, false) => Err(format!("rejected: {actual:#?}")),
        (false, true) => Err(format!("accepted, but expected {expected:#?}")),
        (false, false)
            if std::env::var("EXACT").is_ok_and(|level| level == "2")
                && actual.iter().any(|line| !expected.iter().any(|other| same_error(other, line))) =>
        {
            Err(format!("surplus errors: expected {expected:#?}, got {actual:#?}"))
        }
        (false, false)
            if std::env::var("EXACT").is_ok()
                && expected.iter().any(|line| !actual.iter().any(|other| same_error(line, other))) =>
        {
            Err(format!("other errors: expected {expected:#?}, got {actual:#?}"))
        }
        _ => Ok(()),
    }
}

/// Whether two error lines agree; the text behind the file name of a failed import is free.
fn same_error(expected: &str, actual: &str) -> bool {
    if expected.contains("failed to import") { actual.starts_with(expected) } else { actual == expected }
}

fn check_parse(case: &Json) -> Outcome {
    let text = input(case);
    let parsed = loko_d2::parse(&text);
    let whole: String = loko_d2::leaves(&text, &parsed.tree).iter().map(|leaf| &text[leaf.span.range()]).collect();
    if whole != text {
        return Err("the leaves are not the text".to_owned());
    }
    let index = loko_source::LineIndex::new(&text);
    let actual: Vec<String> = parsed.errors.iter().map(|error| error.to_line(&index)).collect();
    compare_errors(case, &actual)?;
    let tree = loko_d2::ast_json(&parsed.tree);
    if case["ast"].is_null() || tree == case["ast"] {
        Ok(())
    } else {
        Err(format!("tree differs\n{text}\n  expected {}\n  got      {tree}", case["ast"]))
    }
}

fn check_format(case: &Json) -> Outcome {
    let formatted = loko_d2::format(&input(case)).map_err(|errors| format!("rejected: {errors:?}"))?;
    let expected = case["output"].as_str().expect("a format case has an output");
    if formatted == expected { Ok(()) } else { Err(format!("--- expected\n{expected}--- got\n{formatted}---")) }
}

/// Compiles the input of a case with its files as imports.
fn compile_case(case: &Json) -> loko_d2::Compiled {
    let mut resolver = loko_d2::MapResolver::default();
    for (path, text) in case["files"].as_object().into_iter().flatten() {
        resolver.files.insert(path.clone(), text.as_str().unwrap_or_default().to_owned());
    }
    let path = loko_source::FilePath::new("index.d2").expect("a plain name is a path");
    loko_d2::compile(&input(case), &path, &resolver)
}

fn check_compile(case: &Json) -> Outcome {
    let text = input(case);
    let compiled = compile_case(case);
    compare_errors(case, &compiled.error_lines()).map_err(|why| format!("{text}\n{why}"))?;
    if case["graph"].is_null() {
        return Ok(());
    }
    let graph = loko_d2::graph_json(&compiled.diagram);
    let mut differences = Vec::new();
    compare_boards("", &case["graph"], &graph, &mut differences);
    if differences.is_empty() { Ok(()) } else { Err(format!("{text}\n{}", differences.join("\n"))) }
}

/// Takes quotes and escapes off an id, which may be quoted in more than one way.
fn plain_id(id: &str) -> String {
    id.chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect()
}

fn item_key(item: &Json) -> String {
    match item["id"].as_str() {
        Some(id) => plain_id(id),
        None => {
            let end = |key: &str| plain_id(item[key].as_str().unwrap_or_default());
            format!("{} {}{} {} {}", end("src"), item["src_arrow"], item["dst_arrow"], end("dst"), item["index"])
        }
    }
}

fn keyed(items: &Json) -> BTreeMap<String, &Json> {
    items.as_array().into_iter().flatten().map(|item| (item_key(item), item)).collect()
}

fn compare_boards(at: &str, expected: &Json, actual: &Json, differences: &mut Vec<String>) {
    for key in ["name", "folder_only", "root", "config"] {
        compare_values(&format!("{at}{key}"), &expected[key], &actual[key], differences);
    }
    compare_items(at, expected, actual, differences);
    let legend = (&expected["legend"], &actual["legend"]);
    compare_values(&format!("{at}legend.label"), &legend.0["label"], &legend.1["label"], differences);
    compare_items(&format!("{at}legend."), legend.0, legend.1, differences);
    for key in ["layers", "scenarios", "steps"] {
        let boards = |json: &Json| json[key].as_array().cloned().unwrap_or_default();
        let (expected, actual) = (boards(expected), boards(actual));
        if expected.len() != actual.len() {
            differences.push(format!("{at}{key}: {} boards, expected {}", actual.len(), expected.len()));
        }
        for (expected, actual) in expected.iter().zip(&actual) {
            let name = expected["name"].as_str().unwrap_or_default();
            compare_boards(&format!("{at}{key}.{name}: "), expected, actual, differences);
        }
    }
}

fn compare_items(at: &str, expected: &Json, actual: &Json, differences: &mut Vec<String>) {
    for key in ["objects", "edges"] {
        let (expected, actual) = (keyed(&expected[key]), keyed(&actual[key]));
        for (id, item) in &expected {
            match actual.get(id) {
                Some(other) => compare_values(&format!("{at}{id}"), item, other, differences),
                None => differences.push(format!("{at}{key}: missing {id}")),
            }
        }
        for id in actual.keys().filter(|id| !expected.contains_key(*id)) {
            differences.push(format!("{at}{key}: surplus {id}"));
        }
    }
}

/// Compares two values; numbers and numbers written as texts are the same, as are quoted and bare ids.
fn compare_values(at: &str, expected: &Json, actual: &Json, differences: &mut Vec<String>) {
    let same = match (expected, actual) {
        (Json::Object(expected), Json::Object(actual)) => {
            for key in expected.keys().chain(actual.keys().filter(|key| !expected.contains_key(*key))) {
                let side = |map: &serde_json::Map<String, Json>| map.get(key).cloned().unwrap_or(Json::Null);
                compare_values(&format!("{at} {key}"), &side(expected), &side(actual), differences);
            }
            true
        }
        (Json::String(expected), Json::String(actual)) => {
            let number = |text: &str| text.parse::<f64>().ok();
            expected == actual
                || number(expected).is_some_and(|value| number(actual) == Some(value))
                || at.ends_with([' ']) && plain_id(expected) == plain_id(actual)
                || ["id", "src", "dst", "near"].iter().any(|key| at.ends_with(&format!(" {key}")))
                    && plain_id(expected) == plain_id(actual)
        }
        (Json::Number(expected), Json::Number(actual)) => expected.as_f64() == actual.as_f64(),
        (expected, actual) => expected == actual,
    };
    if !same {
        differences.push(format!("{at}: expected {expected}, got {actual}"));
    }
}

/// The inputs that are known to render compile, to as many objects and boards as they should.
fn check_render(case: &Json) -> Outcome {
    let compiled = compile_case(case);
    let errors = compiled.error_lines();
    if !errors.is_empty() {
        return Err(format!("{}\nrejected: {errors:#?}", input(case)));
    }
    let (mut objects, mut boards) = (0, 0);
    count(&compiled.diagram.root, &mut objects, &mut boards);
    let expected = (case["objects"].as_u64().unwrap_or_default(), case["boards"].as_u64().unwrap_or_default());
    if (objects, boards) == expected {
        Ok(())
    } else {
        Err(format!("{}\n{objects} objects on {boards} boards, expected {expected:?}", input(case)))
    }
}

fn count(board: &loko_diagram::Board, objects: &mut u64, boards: &mut u64) {
    *objects += board.objects.len() as u64;
    *boards += 1;
    for (_, inner) in board.boards() {
        count(inner, objects, boards);
    }
}

#[test]
fn render_cases() {
    run("render", check_render);
}

#[test]
fn compile_cases() {
    run("compile", check_compile);
}

#[test]
fn parse_cases() {
    run("parse", check_parse);
}

#[test]
fn format_cases() {
    run("format", check_format);
}
