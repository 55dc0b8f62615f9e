//! What other programs read of a site: the feed of changes (RSS 2.0, <https://www.rssboard.org/rss-specification>) and
//! the map of its pages (<https://www.sitemaps.org/protocol.html>).
//!
//! The feed tells of versions, of the last commits that changed the architecture, and of decisions. Both name pages by their full addresses, which only `[site] url` of
//! `loko.toml` can say; without it there is no map, and the feed's links are relative to the site.

use crate::address::encode;
use crate::changelog::Release;
use crate::history::{Commit, Step};
use crate::pages::{self, versions};
use crate::prose::escape_html;
use crate::render::ticks;
use crate::site::Site;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The path of the feed.
pub const FEED: &str = "feed.xml";
/// Entries of the feed at most: the newest.
const ENTRIES_MAX: usize = 50;
/// Lines of one kind in an entry at most.
const LINES_MAX: usize = 30;

struct Entry {
    /// When it happened: the second since 1970, if that is known.
    seconds: Option<i64>,
    title: String,
    /// Where it can be read.
    link: String,
    /// What never changes of it, whatever is said of it and wherever the site moves.
    id: String,
    /// What happened, as HTML.
    html: String,
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
    let mut entries: Vec<Entry> = releases(site).chain(steps(site)).chain(decisions(site)).collect();
    entries.sort_by_key(|entry| Reverse(entry.seconds));
    entries.truncate(ENTRIES_MAX);
    let name = escape_html(&site.name);
    let described = match site.model.project.description.as_str() {
        "" => site.words.fill("versions.described", &[("name", &name)]),
        text => escape_html(&plain(text)),
    };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n\
         <title>{name}</title>\n<link>{base}index.html</link>\n<description>{described}</description>\n\
         <language>{}</language>\n",
        escape_html(&site.language)
    );
    if !base.is_empty() {
        let _ = writeln!(out, "<atom:link href=\"{base}{FEED}\" rel=\"self\" type=\"application/rss+xml\"/>");
    }
    // A build at another time tells the same; what it tells of is as new as the newest of it.
    if let Some(newest) = entries.iter().filter_map(|entry| entry.seconds).max().and_then(mail_date) {
        let _ = writeln!(out, "<lastBuildDate>{newest}</lastBuildDate>");
    }
    out.push_str("<generator>loko</generator>\n");
    for entry in entries {
        let _ = write!(
            out,
            "<item>\n<title>{}</title>\n<link>{}</link>\n<guid isPermaLink=\"false\">{}</guid>\n",
            escape_html(&plain(&entry.title)),
            escape_html(&entry.link),
            escape_html(&entry.id),
        );
        if let Some(date) = entry.seconds.and_then(mail_date) {
            let _ = writeln!(out, "<pubDate>{date}</pubDate>");
        }
        let _ = write!(out, "<description>{}</description>\n</item>\n", escape_html(&entry.html));
    }
    out.push_str("</channel>\n</rss>\n");
    out
}

fn releases<'a>(site: &'a Site<'_>) -> impl Iterator<Item = Entry> + use<'a> {
    let versions = site.history.map_or(&[][..], |history| &history.versions[..]);
    versions.iter().filter(|version| !version.release.version.is_empty()).map(move |version| {
        let release = &version.release;
        Entry {
            seconds: version.seconds.or_else(|| release.date.as_deref().and_then(start_of)),
            title: site.words.fill("versions.version", &[("name", &release.version)]),
            link: within(site, &format!("{}#{}", versions::PATH, versions::anchor(release))),
            id: format!("version/{}", release.version),
            html: told(site, release),
        }
    })
}

/// An address of the site, full where that is known.
fn within(site: &Site<'_>, address: &str) -> String {
    site.url.clone().unwrap_or_default() + address
}

/// The commits that changed the architecture. What a version tells already is not told again: its tag sits on a commit.
fn steps<'a>(site: &'a Site<'_>) -> impl Iterator<Item = Entry> + use<'a> {
    let (steps, versions) = site.history.map_or((&[][..], &[][..]), |it| (&it.steps[..], &it.versions[..]));
    let is_told = |step: &&Step| {
        let tagged = versions.iter().filter(|version| !version.release.version.is_empty());
        tagged.map(|version| version.release.sections()).any(|told| told == step.release.sections())
    };
    steps.iter().filter(move |step| !is_told(step)).map(move |step| Entry {
        seconds: Some(step.commit.seconds),
        title: step.commit.summary.clone(),
        link: link_of(site, &step.commit),
        id: format!("commit/{}", step.commit.id),
        html: told(site, &step.release),
    })
}

/// What tells most of what a commit changed: the only page that it is about, else the commit where its address is known,
/// else the home page.
fn link_of(site: &Site<'_>, commit: &Commit) -> String {
    let files = site.history.into_iter().flat_map(|history| &history.files);
    let changed = files.filter(|(_, commits)| commits.iter().any(|it| it.id == commit.id));
    let mut pages: BTreeSet<String> = changed.filter_map(|(file, _)| site.page_about(file.as_str())).collect();
    let only = pages.pop_first().filter(|_| pages.is_empty());
    let own = || site.repository.as_ref().and_then(|repository| repository.commit(&commit.id));
    only.map(|page| within(site, &encode(&page))).or_else(own).unwrap_or_else(|| within(site, pages::home::PATH))
}

/// What happened, in lists.
fn told(site: &Site<'_>, release: &Release) -> String {
    let mut html = String::new();
    for (key, lines) in release.sections().into_iter().filter(|(_, lines)| !lines.is_empty()) {
        let _ = write!(html, "<p>{}</p><ul>", escape_html(&site.say(key)));
        for line in lines.iter().take(LINES_MAX) {
            let _ = write!(html, "<li>{}</li>", ticks(line));
        }
        if lines.len() > LINES_MAX {
            html.push_str("<li>…</li>");
        }
        html.push_str("</ul>");
    }
    if html.is_empty() { format!("<p>{}</p>", escape_html(&site.say("versions.nothing"))) } else { html }
}

fn decisions<'a>(site: &'a Site<'_>) -> impl Iterator<Item = Entry> + use<'a> {
    site.model.decisions.iter().enumerate().map(move |(at, decision)| {
        let day = decision.date.get(..10).unwrap_or(&decision.date);
        // The commit that wrote it on that day knows the time of day too.
        let commits = site.history.and_then(|history| history.files.get(&decision.file));
        let written = commits.and_then(|commits| commits.iter().rev().find(|commit| commit.day == day));
        Entry {
            seconds: written.map(|commit| commit.seconds).or_else(|| start_of(day)),
            title: site.words.fill("versions.decision", &[("title", &decision.title)]),
            link: within(site, &encode(site.addresses.decision(at))),
            id: format!("decision/{}", decision.id),
            html: format!("<p>{}</p>", ticks(&decision.status)),
        }
    })
}

/// Text without the marks of code.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// The second that a day begins with, of `2026-11-21`.
fn start_of(day: &str) -> Option<i64> {
    // Other forms of dates are none of ours.
    let date: Date = day.parse().ok().filter(|date: &Date| date.to_string() == day && date.year() > 0)?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// A time as mail headers write it (RFC 822): `Sat, 21 Nov 2026 13:05:00 GMT`; none for one of no year that they know.
fn mail_date(seconds: i64) -> Option<String> {
    let time = Timestamp::from_second(seconds).ok()?;
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()
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
    // Pages that tell of everything change with everything, so nothing is said of them.
    let mut changed: BTreeMap<String, &str> = BTreeMap::new();
    for (file, commits) in site.history.into_iter().flat_map(|history| &history.files) {
        if let (Some(page), Some(newest)) = (site.page_about(file.as_str()), commits.first()) {
            let day = changed.entry(page).or_default();
            *day = newest.day.as_str().max(*day);
        }
    }
    let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
                   <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
        .to_owned();
    for path in paths {
        let changed = changed.get(path).map(|day| format!("<lastmod>{day}</lastmod>")).unwrap_or_default();
        let _ = writeln!(out, "<url><loc>{url}{}</loc>{changed}</url>", encode(path));
    }
    out.push_str("</urlset>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_in_mails() {
        let cases = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_795_266_305, "Sat, 21 Nov 2026 13:05:05 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ];
        for (seconds, told) in cases {
            assert_eq!(mail_date(seconds).as_deref(), Some(told));
        }
    }

    #[test]
    fn days_begin_at_midnight() {
        for (day, told) in [
            ("2026-11-21", "Sat, 21 Nov 2026 00:00:00 GMT"),
            ("2000-02-29", "Tue, 29 Feb 2000 00:00:00 GMT"),
            ("1970-01-01", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            assert_eq!(start_of(day).and_then(mail_date).as_deref(), Some(told));
        }
        for odd in ["", "2026", "2026-13-01", "yesterday", "2026-1-1", "0000-01-01"] {
            assert_eq!(start_of(odd), None, "{odd}");
        }
    }
}
