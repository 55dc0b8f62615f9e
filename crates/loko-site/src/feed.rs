//! What other programs read of a site: the feed of changes (RSS 2.0, <https://www.rssboard.org/rss-specification>) and
//! the map of its pages (<https://www.sitemaps.org/protocol.html>).
//!
//! The feed tells of versions and decisions. Both name pages by their full addresses, which only `[site] url` of
//! `loko.toml` can say; without it there is no map, and the feed's links are relative to the site.

use crate::address::encode;
use crate::pages::{self, versions};
use crate::prose::escape_html;
use crate::site::Site;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The path of the feed.
pub(crate) const FEED: &str = "feed.xml";
/// Entries of the feed at most: the newest.
const ENTRIES_MAX: usize = 50;

struct Entry {
    day: String,
    title: String,
    path: String,
    text: String,
}

/// The files, by their paths.
pub(crate) fn files(site: &Site<'_>) -> Vec<(&'static str, String)> {
    let mut files = vec![(FEED, feed(site))];
    if let Some(url) = &site.url {
        files.push(("sitemap.xml", map(site, url)));
        files.push(("robots.txt", format!("User-agent: *\nAllow: /\nSitemap: {url}sitemap.xml\n")));
    }
    files
}

fn feed(site: &Site<'_>) -> String {
    let base = site.url.clone().unwrap_or_default();
    let mut entries: Vec<Entry> = releases(site).chain(decisions(site)).collect();
    entries.sort_by(|a, b| b.day.cmp(&a.day));
    entries.truncate(ENTRIES_MAX);
    let name = escape_html(&site.name);
    let described = match site.model.project.description.as_str() {
        "" => site.words.fill("versions.described", &[("name", &name)]),
        text => escape_html(text),
    };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\">\n<channel>\n<title>{name}</title>\n\
         <link>{base}index.html</link>\n<description>{described}</description>\n<generator>loko</generator>\n"
    );
    for entry in entries {
        let link = format!("{base}{}", entry.path);
        let _ = write!(
            out,
            "<item>\n<title>{}</title>\n<link>{link}</link>\n<guid isPermaLink=\"{}\">{link}</guid>\n",
            escape_html(&entry.title),
            site.url.is_some(),
        );
        if let Some(date) = mail_date(&entry.day) {
            let _ = writeln!(out, "<pubDate>{date}</pubDate>");
        }
        let _ = write!(out, "<description>{}</description>\n</item>\n", escape_html(&entry.text));
    }
    out.push_str("</channel>\n</rss>\n");
    out
}

fn releases<'a>(site: &'a Site<'_>) -> impl Iterator<Item = Entry> + use<'a> {
    let versions = site.history.map_or(&[][..], |history| &history.versions[..]);
    versions.iter().filter(|version| !version.release.version.is_empty()).map(move |version| {
        let release = &version.release;
        let told: Vec<String> = release
            .sections()
            .into_iter()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(key, lines)| format!("{}: {}", site.say(key), lines.join("; ")))
            .collect();
        Entry {
            day: release.date.clone().unwrap_or_default(),
            title: site.words.fill("versions.version", &[("name", &release.version)]),
            path: format!("{}#{}", versions::PATH, versions::anchor(release)),
            text: if told.is_empty() { site.say("versions.nothing") } else { told.join(". ") },
        }
    })
}

fn decisions<'a>(site: &'a Site<'_>) -> impl Iterator<Item = Entry> + use<'a> {
    site.model.decisions.iter().enumerate().map(move |(at, decision)| Entry {
        day: decision.date.get(..10).unwrap_or(&decision.date).to_owned(),
        title: site.words.fill("versions.decision", &[("title", &decision.title)]),
        path: encode(site.addresses.decision(at)),
        text: decision.status.clone(),
    })
}

/// A day as mail headers write it (RFC 822): `Sat, 21 Nov 2026 00:00:00 GMT`.
fn mail_date(day: &str) -> Option<String> {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // Sakamoto's way to the day of the week.
    const SHIFTS: [u32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let mut parts = day.split('-');
    let mut number = |digits: usize| parts.next().filter(|part| part.len() == digits)?.parse::<u32>().ok();
    let (year, month, date) = (number(4)?, number(2)?, number(2)?);
    if year == 0 || !(1..=12).contains(&month) || !(1..=31).contains(&date) {
        return None;
    }
    let at = month as usize - 1;
    let of = if month < 3 { year - 1 } else { year };
    let weekday = (of + of / 4 - of / 100 + of / 400 + SHIFTS[at] + date) % 7;
    Some(format!("{}, {date:02} {} {year:04} 00:00:00 GMT", DAYS[weekday as usize], MONTHS[at]))
}

fn map(site: &Site<'_>, url: &str) -> String {
    let model = site.model;
    let mut paths: BTreeSet<&str> = model.ids().map(|ix| site.addresses.element(ix)).collect();
    paths.extend((0..model.environments.len()).map(|at| site.addresses.environment(at)));
    paths.extend((0..model.dynamics.len()).map(|at| site.addresses.dynamic(at)));
    paths.extend((0..model.decisions.len()).map(|at| site.addresses.decision(at)));
    paths.extend((0..site.events.len()).map(|at| site.addresses.event(at)));
    paths.extend((0..model.selections.len()).map(|at| site.addresses.selection(at)));
    paths.extend((0..site.scenarios.len()).map(|at| site.addresses.scenario(at)));
    paths.insert(pages::home::PATH);
    paths.extend(site.nav_paths());
    let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
                   <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
        .to_owned();
    for path in paths {
        let _ = writeln!(out, "<url><loc>{url}{}</loc></url>", encode(path));
    }
    out.push_str("</urlset>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_in_mails() {
        assert_eq!(mail_date("2026-11-21").as_deref(), Some("Sat, 21 Nov 2026 00:00:00 GMT"));
        assert_eq!(mail_date("2000-02-29").as_deref(), Some("Tue, 29 Feb 2000 00:00:00 GMT"));
        for odd in ["", "2026", "2026-13-01", "yesterday", "2026-1-1", "0000-01-01"] {
            assert_eq!(mail_date(odd), None, "{odd}");
        }
    }
}
