//! How fast callers may ask: one bucket of tokens for what is read, a smaller one for what draws, builds or writes.

use crate::api::problem;
use crate::state::Shared;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use loko_policy::bucket::{Limited, TokenBucket};
use loko_policy::{Nanos, SECOND};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Reads that may come at once, and those a second after that.
pub const READS_BURST: u32 = 4_000;
/// See [`READS_BURST`].
pub const READS_SECOND: u32 = 2_000;
/// Requests that draw, build or write that may come at once, and those a second after that.
pub const WORKS_BURST: u32 = 200;
/// See [`WORKS_BURST`].
pub const WORKS_SECOND: u32 = 50;

/// The buckets of a server.
pub(crate) struct Limits {
    started: Instant,
    reads: Mutex<TokenBucket>,
    works: Mutex<TokenBucket>,
}

impl Limits {
    pub(crate) fn new() -> Self {
        let bucket = |burst, rate| {
            Mutex::new(TokenBucket::new(burst, rate, SECOND).expect("the constants are rates that there are"))
        };
        Self {
            started: Instant::now(),
            reads: bucket(READS_BURST, READS_SECOND),
            works: bucket(WORKS_BURST, WORKS_SECOND),
        }
    }

    /// Takes a token; else says how many seconds to wait.
    fn take(&self, method: &Method) -> Result<(), u64> {
        let is_read = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        let bucket = if is_read { &self.reads } else { &self.works };
        let now = Nanos::try_from(self.started.elapsed().as_nanos()).unwrap_or(Nanos::MAX);
        let taken = bucket.lock().unwrap_or_else(PoisonError::into_inner).take(now, 1);
        taken.map_err(|limited| match limited {
            Limited::Wait(wait) => wait.div_ceil(SECOND).max(1),
            Limited::Never => 1,
        })
    }
}

/// Lets through what comes slowly enough.
pub(crate) async fn check(State(state): State<Shared>, request: Request, next: Next) -> Response {
    match state.limits.take(request.method()) {
        Ok(()) => next.run(request).await,
        Err(seconds) => {
            let mut response =
                problem(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", "too many requests; wait and ask again");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_to_wait() {
        let limits = Limits::new();
        let refused = (0..WORKS_BURST * 2).filter_map(|_| limits.take(&Method::POST).err()).collect::<Vec<_>>();
        assert!(!refused.is_empty() && refused.iter().all(|seconds| *seconds >= 1), "{refused:?}");
        assert_eq!(limits.take(&Method::GET), Ok(()), "reads have a bucket of their own");
    }
}
