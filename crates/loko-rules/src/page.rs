//! Pages of the documentation that rules make: one for each, and a list of all codes.
//!
//! A page's examples are the cases that test the rule, in `rules/<code>/cases.md`.

use crate::codes;
use crate::policy;
use crate::rule::{Group, OptionValue, Rule};
use crate::rules;
use std::fmt::Write as _;

/// All pages by file name, the list first.
pub fn all(cases: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
    let mut pages = vec![("index.md".to_owned(), index())];
    pages.extend(rules::ALL.iter().map(|(code, rule)| (format!("{code}.md"), page(code, rule, &cases(code)))));
    pages
}

/// What `--explain` tells of a code.
pub fn explain(code: &codes::Code) -> String {
    let mut out = format!("{} ({})\n\n{}\n", code.name, code.severity.name(), code.doc);
    if let Some(rule) = code.rule {
        let _ = write!(out, "\nWhy: {}\n\nTo mend: {}\n", rule.why, rule.mend);
        if !rule.is_on {
            let _ = writeln!(out, "\nOff unless `[rules]` names it.");
        }
        if !rule.keys.is_empty() {
            let _ = writeln!(
                out,
                "\nIt goes by the front-matter keys `{}`, and is silent without them.",
                rule.keys.join("`, `")
            );
        }
        for option in rule.options {
            let _ = writeln!(out, "\n  {} = {}\n    {}", option.name, told(option.default), option.doc);
        }
    }
    out
}

fn told(value: OptionValue<'_>) -> String {
    match value {
        OptionValue::Number(number) => number.to_string(),
        OptionValue::Flag(flag) => flag.to_string(),
        OptionValue::Texts(texts) => {
            format!("[{}]", texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", "))
        }
    }
}

fn page(code: &str, rule: &Rule, cases: &str) -> String {
    let mut out = format!("# {code}\n\n{}\n\n{}\n\n**To mend it:** {}\n\n", rule.summary, rule.why, rule.mend);
    let usual = if rule.is_on {
        rule.severity.name().to_owned()
    } else {
        format!("off; {} when it is on", rule.severity.name())
    };
    let _ = writeln!(out, "| | |\n|---|---|\n| usually | {usual} |\n| group | {} |", rule.group.name());
    if rule.has_fix {
        out.push_str("| mends | some findings, with `--fix` or `--fix --unsafe-fixes` |\n");
    }
    if !rule.keys.is_empty() {
        let _ = writeln!(out, "| goes by the keys | `{}`; silent without them |", rule.keys.join("`, `"));
    }
    if !rule.aliases.is_empty() {
        let _ = writeln!(out, "| also called | `{}` |", rule.aliases.join("`, `"));
    }
    if !rule.options.is_empty() {
        out.push_str("\n## Options\n\n| option | default | what it decides |\n|---|---|---|\n");
        for option in rule.options {
            let _ = writeln!(out, "| `{}` | `{}` | {} |", option.name, told(option.default), option.doc);
        }
        let option = &rule.options[0];
        let _ = write!(
            out,
            "\n```toml\n[rules]\n{code} = {{ severity = \"{}\", {} = {} }}\n```\n",
            rule.severity.name(),
            option.name,
            told(option.default)
        );
    }
    let _ = write!(out, "\n## Examples\n\n{}\n", cases.trim());
    out
}

fn index() -> String {
    let mut out = "# All rules\n\nThis list is made from the rules themselves. Codes are names; `loko validate --explain CODE` tells the same in a terminal.\n".to_owned();
    for group in Group::ALL {
        let _ = write!(out, "\n## {}\n\n| rule | usually | what it finds |\n|---|---|---|\n", group.name());
        for (code, rule) in rules::ALL.iter().filter(|(_, rule)| rule.group == group) {
            let usual = if rule.is_on { rule.severity.name() } else { "off" };
            let _ = writeln!(out, "| [{code}]({code}.md) | {usual} | {} |", rule.summary);
        }
    }
    out.push_str("\n## Reading, prose, settings\n\nThese are found whatever `[rules]` says of presets; their level can be set all the same.\n\n| code | at worst | what it means |\n|---|---|---|\n");
    for code in codes::all().iter().filter(|code| code.rule.is_none()) {
        let _ = writeln!(out, "| {} | {} | {} |", code.name, code.severity.name(), code.doc);
    }
    out.push_str("\n## Kinds of rules of your own\n");
    for name in policy::kinds() {
        let Some(kind) = policy::kind(name) else { continue };
        let _ = write!(out, "\n### {name}\n\n{}\n\n| key | what it says |\n|---|---|\n", kind.doc);
        for (key, doc) in kind.keys.iter().chain(&policy::SHARED_KEYS) {
            let _ = writeln!(out, "| `{key}` | {doc} |");
        }
    }
    out
}
