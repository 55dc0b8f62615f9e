//! Whether a text can be a URL or the path of a file, by the syntax of RFC 3986 as far as it finds slips of the pen.

/// What is wrong with a URL or a path; none when it can be one.
pub(super) fn problem(text: &str) -> Option<String> {
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    if before.chars().any(|c| c.is_ascii_control()) {
        return Some("it holds a control character".to_owned());
    }
    let (has_scheme, rest) = match scheme_length(before) {
        Some(0) => return Some("the scheme before the colon is missing".to_owned()),
        Some(length) => (true, &before[length + 1..]),
        None => (false, before),
    };
    let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
    if !rest.starts_with('/') && has_scheme {
        // Such as `data:image/png;base64,…`.
        return bad_escape(fragment);
    }
    let first = rest.split('/').next().unwrap_or_default();
    if first.contains(':') {
        return Some("its first part holds a colon, but is no scheme".to_owned());
    }
    let authority = rest.strip_prefix("//").filter(|behind| has_scheme || !behind.starts_with('/'));
    let Some(authority) = authority else { return bad_escape(rest).or_else(|| bad_escape(fragment)) };
    let (authority, path) = authority.find('/').map_or((authority, ""), |at| authority.split_at(at));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    bad_host(host).or_else(|| bad_escape(path)).or_else(|| bad_escape(fragment))
}

/// The length of a scheme at the beginning; 0 when there is only its colon.
fn scheme_length(text: &str) -> Option<usize> {
    for (at, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' => return Some(at),
            _ => return None,
        }
    }
    None
}

/// The first escape that is not `%` and two hexadecimal digits.
fn bad_escape(text: &str) -> Option<String> {
    let parts = text.split('%').skip(1);
    for part in parts {
        let is_escape = part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
        if !is_escape {
            let shown: String = part.chars().take(2).collect();
            return Some(format!("`%{shown}` is no escape; write `%25` for a percent sign"));
        }
    }
    None
}

fn bad_host(host: &str) -> Option<String> {
    let (name, port) = match host.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some((name, port)) => (name, port),
            None => return Some("the `[` of its host is not closed".to_owned()),
        },
        None => host.find(':').map_or((host, ""), |at| host.split_at(at)),
    };
    if !port.is_empty()
        && !port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Some(format!("`{port}` is no port"));
    }
    let is_refused = |c: &char| c.is_ascii() && (*c <= ' ' || "^`{}|\\%".contains(*c));
    name.chars().find(is_refused).map(|c| format!("its host holds `{c}`"))
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn slips_are_found_and_nothing_else() {
        let right = "https://a.b/c%20d?e=%zz#f a/b.png ./a/b c/d:e data:image/png;base64,AA== x:y //a/b http://[::1]:80/ \
                     http://u:p@a:8080/b http://ä/ö C:\\pictures\\a.png mailto:a@b";
        for text in right.split(' ').chain(["", "a b.png"]) {
            assert_eq!(problem(text), None, "{text}");
        }
        let wrong = ":: %zz 1a:b ä:c http://a:xx/b http://[::1 http://a/%4 http://a%41b/ a#%zz a%";
        for text in wrong.split(' ').chain(["http://a b/c", "h ttp://a", "a\nb"]) {
            assert!(problem(text).is_some(), "{text}");
        }
    }
}
