//! A text and, before its first `\0`, a key, a value and an offset: every edit and every service an editor has.
//! An edit that succeeds leaves a text without errors of syntax.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loko_d2::{decode, edit, parse, services};

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(3, |byte| *byte == 0).map(decode);
    let (Some(key), Some(value), Some(text)) = (parts.next(), parts.next(), parts.next()) else { return };
    let results = [
        edit::set(&text, &key, Some(&value)),
        edit::set(&text, &key, None),
        edit::create(&text, &key).map(|(edits, _)| edits),
        edit::delete(&text, &key),
        edit::rename(&text, &key, &value),
        edit::move_object(&text, &key, &value),
        edit::reconnect(&text, &key, Some(&value), None),
        edit::reconnect(&text, &key, None, Some(&value)),
    ];
    for edits in results.into_iter().flatten() {
        let after = edit::apply(&text, &edits);
        assert!(parse(&after).errors.is_empty(), "{after:?}");
    }
    let offset = (value.len() * 7).min(text.len());
    let offset = (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let _ = (services::hover(&text, offset), services::definition(&text, offset));
    let _ = (services::references(&text, offset), services::completion(&text, offset));
    let _ = services::rename(&text, offset, &value);
});
