//! Answers compressed for whoever takes them so.
//!
//! Only what is whole is: a stream of events goes on as it comes, so that nobody waits for what fills a buffer.

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// What is shorter fits into one packet as it is.
pub const COMPRESSED_BYTES_MIN: u64 = 1_024;
/// What is longer goes out as it is: compressing it would take longer than most wait for a page.
pub const COMPRESSED_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// A third of the time of the best, for some percent more.
const LEVEL: u32 = 4;

/// Compresses what can be.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    let is_taken = takes_gzip(request.headers());
    let mut response = next.run(request).await;
    if !is_compressible(&response) {
        return response;
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if is_taken { compressed(response).await } else { response }
}

async fn compressed(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(whole) = to_bytes(body, usize::MAX).await else {
        return failed("the answer broke off");
    };
    // Pages of megabytes take so long that others would wait.
    let small = tokio::task::spawn_blocking(move || gzip(&whole)).await;
    let Ok(small) = small else { return failed("the answer could not be compressed") };
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(head, Body::from(small))
}

fn failed(reason: &str) -> Response {
    crate::api::problem(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", reason)
}

fn gzip(whole: &Bytes) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(whole.len() / 4), Compression::new(LEVEL));
    let written = encoder.write_all(whole).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}

/// Whether an answer is whole, long enough, not compressed yet, and of a kind that gets smaller.
fn is_compressible(response: &Response) -> bool {
    let size = response.body().size_hint().exact();
    let is_sized = size.is_some_and(|size| (COMPRESSED_BYTES_MIN..=COMPRESSED_BYTES_MAX).contains(&size));
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    is_sized && !response.headers().contains_key(header::CONTENT_ENCODING) && gets_smaller(kind)
}

fn gets_smaller(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    (kind.starts_with("text/") && kind != "text/event-stream")
        || ["application/json", "application/xml", "application/yaml", "image/svg+xml", "font/ttf"].contains(&kind)
}

/// Whether a caller takes `gzip` (RFC 9110, 12.5.3): what is named counts more than `*`, and a weight of nothing refuses.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let all = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let (mut named, mut any) = (None, None);
    for one in all.flat_map(|value| value.split(',')) {
        let mut parts = one.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let is_wanted = weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0));
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            named = Some(is_wanted);
        } else if name == "*" {
            any = Some(is_wanted);
        }
    }
    named.or(any).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        let takes = |value: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        for value in ["gzip", "deflate, GZIP;q=0.5", "br, *", "identity;q=0, *;q=0.1", "*;q=0, gzip"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "gzip;q=x", "gzipped"] {
            assert!(!takes(value), "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn streams_and_what_is_compressed_already_go_as_they_are() {
        for kind in ["text/html; charset=utf-8", "text/css", "application/json", "image/svg+xml", "font/ttf"] {
            assert!(gets_smaller(kind), "{kind}");
        }
        for kind in ["text/event-stream", "text/event-stream; charset=utf-8", "image/png", "font/woff2", ""] {
            assert!(!gets_smaller(kind), "{kind}");
        }
    }
}
