//! Retries: attempts, waits and deadline of `loko_policy::retry`, paid for by a budget that all clones share.

use crate::{Answer, Error, Shared, sleep};
use loko_policy::Nanos;
use loko_policy::budget::TokenBudget;
use loko_policy::retry::{Call, Decision, Failure, Retry};
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Tries services again; all of them share the budget.
#[derive(Clone, Debug)]
pub struct RetryLayer {
    retry: Retry,
    overall: Option<Nanos>,
    shared: Arc<Shared<Option<TokenBudget>>>,
}

impl RetryLayer {
    /// A layer; `overall` is the time for all tries together.
    pub fn new(retry: Retry, budget: Option<TokenBudget>, overall: Option<Nanos>, seed: u64) -> Self {
        Self { retry, overall, shared: Arc::new(Shared::new(budget, seed)) }
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retried<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Retried { inner, layer: self.clone() }
    }
}

/// A service that is tried again.
#[derive(Clone, Debug)]
pub struct Retried<S> {
    inner: S,
    layer: RetryLayer,
}

impl<S, R> Service<R> for Retried<S>
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
        // The one that is ready makes the first try; further ones wait until their clone is.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        let RetryLayer { retry, overall, shared } = self.layer.clone();
        let deadline = overall.map(|overall| shared.clock.now().saturating_add(overall));
        if let Some(budget) = &mut shared.lock().0 {
            budget.started();
        }
        Box::pin(async move {
            let mut call = Call::new(deadline);
            loop {
                let error = match inner.call(request.clone()).await {
                    Ok(answer) => {
                        if let Some(budget) = &mut shared.lock().0 {
                            budget.succeeded();
                        }
                        return Ok(answer);
                    }
                    Err(error) => error,
                };
                let decision = {
                    let (budget, random) = &mut *shared.lock();
                    let pay = || budget.as_mut().is_none_or(TokenBudget::withdraw);
                    call.failed(&retry, shared.clock.now(), Failure::Retryable, 0, pay, random)
                };
                match decision {
                    Decision::GiveUp(_) => return Err(Error::Inner(error)),
                    Decision::After(wait) => sleep(wait).await,
                }
                std::future::poll_fn(|context| inner.poll_ready(context)).await.map_err(Error::Inner)?;
            }
        })
    }
}
