//! What other programs read of a site: the feed by the RSS 2.0 specification, and the map of pages.
#![allow(clippy::disallowed_methods, reason = "what the tests share reads the examples")]

mod common;

use common::{build_with, shop, tags};
use loko_site::changelog::Release;
use loko_site::history::{Commit, History, Step, Version};
use loko_site::{Content, Options};
use loko_source::{FilePath, Snapshot, Source};
use std::collections::{BTreeMap, BTreeSet};

fn path(path: &str) -> FilePath {
    FilePath::new(path).expect("a plain path")
}

fn commit(id: &str, seconds: i64, day: &str, summary: &str) -> Commit {
    Commit { id: id.to_owned(), day: day.to_owned(), seconds, author: "Ada".to_owned(), summary: summary.to_owned() }
}

fn history() -> History {
    let newest = commit("b2", 1_795_266_305, "2026-11-21", "Say `what` & why");
    let decided = commit("a1", 1_767_348_000, "2026-01-02", "Decide");
    let release = |version: &str, changed: &str| Release {
        version: version.to_owned(),
        date: (!version.is_empty()).then(|| "2026-11-21".to_owned()),
        changed: vec![changed.to_owned()],
        ..Release::default()
    };
    History {
        files: BTreeMap::from([
            (path("src/ordering/system.md"), vec![newest.clone(), decided.clone()]),
            (path("decisions/0001-queue.md"), vec![newest.clone(), decided]),
        ]),
        versions: vec![Version {
            release: release("v1.1", "`mail` is <new>"),
            seconds: Some(1_795_266_400),
            ..Version::default()
        }],
        landscapes: None,
        insides: Vec::new(),
        steps: vec![
            // What a version tells needs no entry of its commit.
            Step {
                commit: commit("c3", 1_795_266_400, "2026-11-21", "Release"),
                release: release("", "`mail` is <new>"),
            },
            Step { commit: newest, release: release("", "`ordering` description is a & b") },
        ],
    }
}

/// The files of a site that is published at an address, or nowhere.
fn site(url: &str) -> BTreeMap<String, String> {
    let mut snapshot: Snapshot = shop();
    if !url.is_empty() {
        let said = format!(
            "[project]\nname = \"Shop\"\ndescription = \"Sells `things`\"\n[site]\nurl = \"{url}\"\nrepository = \"https://github.com/acme/shop\"\n"
        );
        snapshot.insert(path("loko.toml"), Source::new(said));
    }
    let history = history();
    let (output, _) = build_with(&snapshot, &Options { history: Some(&history), ..Options::default() });
    let text = |content| match content {
        Content::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Content::Unchanged => String::new(),
    };
    output.files.into_iter().map(|(path, file)| (path.to_string(), text(file.content))).collect()
}

/// The elements of a text with what they contain, in the order in which they end: parent, name, inside.
fn elements(text: &str) -> Vec<(String, String, &str)> {
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut found = Vec::new();
    for tag in tags("feed.xml", text) {
        let after = tag.at + text[tag.at..].find('>').expect("a tag ends") + 1;
        let parent = |open: &[(String, usize)]| open.last().map(|it| it.0.clone()).unwrap_or_default();
        if tag.is_closed {
            found.push((parent(&open), tag.name, ""));
        } else if tag.is_end {
            let (name, start) = open.pop().expect("only what is open ends");
            assert_eq!(name, tag.name);
            found.push((parent(&open), name, &text[start..tag.at]));
        } else {
            open.push((tag.name, after));
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
    found
}

/// Whether a time is one of RFC 822 with a year of four digits, as the specification has it.
fn is_date(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let [weekday, date, month, year, time, zone] = words[..] else { return false };
    let clock: Vec<u32> = time.split(':').filter_map(|part| part.parse().ok()).collect();
    ["Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,", "Sun,"].contains(&weekday)
        && date.len() == 2
        && ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"].contains(&month)
        && year.len() == 4
        && matches!(clock[..], [0..=23, 0..=59, 0..=59])
        && zone == "GMT"
}

#[test]
fn the_feed_keeps_to_rss() {
    let feed = &site("https://docs.example.com")["feed.xml"];
    let all = elements(feed);
    let of = |parent: &str, name: &str| -> Vec<&str> {
        all.iter().filter(|it| it.0 == parent && it.1 == name).map(|it| it.2).collect()
    };
    assert!(feed.contains("<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">"), "{feed}");
    assert_eq!(of("rss", "channel").len(), 1);
    for required in ["title", "link", "description"] {
        let said = of("channel", required);
        assert!(said.len() == 1 && !said[0].is_empty(), "one {required}: {said:?}");
    }
    let known = ["title", "link", "description", "language", "lastBuildDate", "generator", "atom:link", "item"];
    let known_of_items = ["title", "link", "description", "guid", "pubDate"];
    for (parent, name, inside) in &all {
        match parent.as_str() {
            "channel" => assert!(known.contains(&name.as_str()), "{name}"),
            "item" => assert!(known_of_items.contains(&name.as_str()) && !inside.is_empty(), "{name}"),
            _ => {}
        }
    }
    let count = of("channel", "item").len();
    for name in ["title", "link", "description", "guid", "pubDate"] {
        assert_eq!(of("item", name).len(), count, "every entry has a {name}");
    }
    let commits = |link: &str| link.starts_with("https://github.com/acme/shop/commit/");
    assert!(of("item", "link").iter().all(|link| link.starts_with("https://docs.example.com/") || commits(link)));
    let dates = [of("channel", "lastBuildDate"), of("item", "pubDate")].concat();
    assert!(dates.len() == count + 1 && dates.iter().all(|date| is_date(date)), "{dates:?}");
    let ids: BTreeSet<&str> = of("item", "guid").into_iter().collect();
    assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["commit/b2", "decision/0001-queue", "version/v1.1"]);
    assert!(
        feed.contains(
            "<atom:link href=\"https://docs.example.com/feed.xml\" rel=\"self\" type=\"application/rss+xml\"/>"
        )
    );
}

#[test]
fn the_feed_tells_what_commits_changed() {
    let feed = &site("https://docs.example.com")["feed.xml"];
    let items: Vec<&str> = feed.split("<item>").skip(1).collect();
    assert_eq!(items.len(), 3);
    for words in
        ["<title>Version v1.1</title>", "<pubDate>Sat, 21 Nov 2026 13:06:40 GMT</pubDate>", "&amp;lt;new&amp;gt;"]
    {
        assert!(items[0].contains(words), "{words}: {}", items[0]);
    }
    for words in [
        // Of marks nothing is left where only text can stand, and where HTML can they are what they mean.
        "<title>Say what &amp; why</title>",
        // It is about several pages, so the commit itself tells most of it.
        "<link>https://github.com/acme/shop/commit/b2</link>",
        "<pubDate>Sat, 21 Nov 2026 13:05:05 GMT</pubDate>",
        "&lt;li&gt;&lt;code&gt;ordering&lt;/code&gt; description is a &amp;amp; b&lt;/li&gt;",
    ] {
        assert!(items[1].contains(words), "{words}: {}", items[1]);
    }
    // Of the day that a decision says, its commit knows the time.
    assert!(items[2].contains("<pubDate>Fri, 02 Jan 2026 10:00:00 GMT</pubDate>"), "{}", items[2]);
    assert!(!feed.contains('`') && feed.contains("<lastBuildDate>Sat, 21 Nov 2026 13:06:40 GMT</lastBuildDate>"));
}

#[test]
fn names_of_entries_stay_when_the_site_moves() {
    let ids = |url: &str| -> Vec<String> {
        let files = site(url);
        let all = elements(&files["feed.xml"]);
        all.into_iter().filter(|it| it.1 == "guid").map(|it| it.2.to_owned()).collect()
    };
    assert_eq!(ids("https://docs.example.com"), ids("https://elsewhere.example.com/docs"));
    assert_eq!(ids("https://docs.example.com"), ids(""));
    assert!(!site("")["feed.xml"].contains("atom:link"), "without an address there is none to name");
}

#[test]
fn the_map_tells_when_pages_changed() {
    let map = &site("https://docs.example.com")["sitemap.xml"];
    let told = |page: &str| map.lines().find(|line| line.contains(&format!("/{page}</loc>"))).unwrap_or_default();
    assert!(told("systems/ordering.html").ends_with("</loc><lastmod>2026-11-21</lastmod></url>"), "{map}");
    // Nobody knows when this one changed.
    assert!(told("systems/catalog.html").ends_with("</loc></url>"), "{map}");
}
