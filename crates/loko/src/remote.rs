//! Pictures from the network, fetched only when the user said so: few, small, soon, and each once.

use crate::output;
use loko_draw::Icon;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long one picture may take, from the name look-up to its last byte.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest picture that is taken.
const FETCH_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How many pictures one drawing may fetch.
const FETCHES_MAX: usize = 256;

/// How often an answer may send elsewhere.
const REDIRECTS_MAX: u32 = 5;

/// Fetches pictures and remembers them.
pub(crate) struct Fetcher {
    agent: ureq::Agent,
    /// What came for each URL; none for what failed, which is told once.
    known: Mutex<BTreeMap<String, Option<Icon>>>,
}

impl Fetcher {
    pub(crate) fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(FETCH_TIMEOUT))
            .max_redirects(REDIRECTS_MAX)
            .user_agent(concat!("loko/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), known: Mutex::default() }
    }

    /// The picture of a URL.
    pub(crate) fn icon(&self, url: &str) -> Option<Icon> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(url) {
            return known.clone();
        }
        let fetched = if known.len() < FETCHES_MAX {
            self.fetch(url)
        } else {
            Err(format!("a drawing fetches no more than {FETCHES_MAX} pictures"))
        };
        if let Err(why) = &fetched {
            output::warn_lines(&[format!("warning: no picture from `{url}`: {why}")]);
        }
        let icon = fetched.ok();
        known.insert(url.to_owned(), icon.clone());
        icon
    }

    fn fetch(&self, url: &str) -> Result<Icon, String> {
        let mut response = self.agent.get(url).call().map_err(|error| error.to_string())?;
        let declared = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let declared =
            declared.and_then(|value| value.split(';').next()).map(|value| value.trim().to_ascii_lowercase());
        let path = url.split(['?', '#']).next().unwrap_or(url);
        let media_type = declared
            .filter(|declared| MEDIA_TYPES.iter().any(|(_, known)| known == declared))
            .or_else(|| media_type(path).map(str::to_owned))
            .ok_or("it is no SVG, PNG, JPEG, GIF or WebP")?;
        let bytes =
            response.body_mut().with_config().limit(FETCH_BYTES_MAX).read_to_vec().map_err(|error| match error {
                ureq::Error::BodyExceedsLimit(_) => format!("it has more than {FETCH_BYTES_MAX} bytes"),
                error => error.to_string(),
            })?;
        Ok(Icon { media_type, bytes })
    }
}

/// The kinds of pictures by the ends of their names.
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
];

/// The kind of a picture by the end of its name.
pub(crate) fn media_type(name: &str) -> Option<&'static str> {
    let end = name.rsplit_once('.')?.1.to_ascii_lowercase();
    MEDIA_TYPES.iter().find(|(known, _)| *known == end).map(|(_, media_type)| *media_type)
}

/// Whether a picture's place is on the network.
pub(crate) fn is_remote(place: &str) -> bool {
    let place = place.to_ascii_lowercase();
    place.starts_with("https://") || place.starts_with("http://")
}
