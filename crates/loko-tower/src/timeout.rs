//! The time of one try.

use crate::{Answer, Error};
use loko_policy::Nanos;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

/// Gives services so long for an answer.
#[derive(Clone, Copy, Debug)]
pub struct TimeoutLayer(pub Nanos);

impl<S> Layer<S> for TimeoutLayer {
    type Service = Timed<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Timed { inner, limit: self.0 }
    }
}

/// A service that must answer in time.
#[derive(Clone, Copy, Debug)]
pub struct Timed<S> {
    inner: S,
    limit: Nanos,
}

impl<S, R> Service<R> for Timed<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = Error<S::Error>;
    type Future = Answer<S::Response, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(Error::Inner)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let answer = tokio::time::timeout(Duration::from_nanos(self.limit), self.inner.call(request));
        Box::pin(async move {
            match answer.await {
                Ok(answer) => answer.map_err(Error::Inner),
                Err(_) => Err(Error::Timeout),
            }
        })
    }
}
