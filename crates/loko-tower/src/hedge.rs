//! Hedges: a second call beside a slow first one; the first answer wins and the other call is dropped.

use crate::{Answer, Error, Shared};
use loko_policy::hedge::Hedging;
use std::future::Future as _;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Hedges services; all of them share what is known of their times, and the budget.
#[derive(Clone, Debug)]
pub struct HedgeLayer(Arc<Shared<Hedging>>);

impl HedgeLayer {
    /// A layer; of several hedges only one at a time is sent.
    pub fn new(hedging: Hedging) -> Self {
        Self(Arc::new(Shared::new(hedging, 0)))
    }
}

impl<S> Layer<S> for HedgeLayer {
    type Service = Hedged<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Hedged { inner, shared: Arc::clone(&self.0) }
    }
}

/// A service that is hedged.
#[derive(Clone, Debug)]
pub struct Hedged<S> {
    inner: S,
    shared: Arc<Shared<Hedging>>,
}

impl<S, R> Service<R> for Hedged<S>
where
    S: Service<R> + Clone + Send + 'static,
    S::Future: Send,
    S::Response: Send,
    S::Error: Send,
    R: Clone + Send + 'static,
{
    type Response = S::Response;
    type Error = Error<S::Error>;
    type Future = Answer<S::Response, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(Error::Inner)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh.clone());
        let (mut second, shared) = (fresh, Arc::clone(&self.shared));
        let began = shared.clock.now();
        let delay = shared.lock().0.started();
        Box::pin(async move {
            let mut first = Box::pin(inner.call(request.clone()));
            let Some(delay) = delay else {
                let answer = first.await;
                shared.lock().0.observed(shared.clock.now().saturating_sub(began));
                return answer.map_err(Error::Inner);
            };
            let slow = tokio::time::timeout(std::time::Duration::from_nanos(delay), &mut first).await;
            if let Ok(answer) = slow {
                shared.lock().0.observed(shared.clock.now().saturating_sub(began));
                return answer.map_err(Error::Inner);
            }
            if !shared.lock().0.hedges(0) {
                return first.await.map_err(Error::Inner);
            }
            let other = async move {
                std::future::poll_fn(|context| second.poll_ready(context)).await?;
                second.call(request).await
            };
            let mut other = Box::pin(other);
            // Whoever answers first wins; a failure waits for the other.
            let mut failed = None;
            let (mut first_done, mut other_done) = (false, false);
            std::future::poll_fn(move |context| {
                if !first_done && let Poll::Ready(answer) = first.as_mut().poll(context) {
                    first_done = true;
                    match answer {
                        Ok(answer) => return Poll::Ready(Ok(answer)),
                        Err(error) => failed = Some(error),
                    }
                }
                if !other_done && let Poll::Ready(answer) = other.as_mut().poll(context) {
                    other_done = true;
                    match answer {
                        Ok(answer) => return Poll::Ready(Ok(answer)),
                        Err(error) => failed = Some(error),
                    }
                }
                match failed.take() {
                    Some(error) if first_done && other_done => Poll::Ready(Err(Error::Inner(error))),
                    kept => {
                        failed = kept;
                        Poll::Pending
                    }
                }
            })
            .await
        })
    }
}
