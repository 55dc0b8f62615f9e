//! Stations in closed form: Erlang, Pollaczek and Khinchine, priorities, networks of queues.

use super::chains::birth_death;
use super::phase::Phase;
use super::special::{poisson, root};

/// Erlang B: the chance that all of `servers` are busy when nobody waits.
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    let mut inverse = 1.0;
    for k in 1..=servers {
        inverse = 1.0 + inverse * f64::from(k) / load;
        // So many servers are never all busy, and more do not change that.
        if inverse == f64::INFINITY {
            break;
        }
    }
    1.0 / inverse
}

/// Erlang C: the chance of having to wait.
pub fn erlang_c(servers: u32, load: f64) -> f64 {
    let blocked = erlang_b(servers, load);
    let free = 1.0 - load / f64::from(servers);
    blocked / (free + blocked * (1.0 - free))
}

/// M/M/c.
#[derive(Clone, Copy, Debug)]
pub struct Mmc {
    /// Arrivals a second.
    pub lambda: f64,
    /// Services of one server a second.
    pub mu: f64,
    /// Servers.
    pub servers: u32,
}

impl Mmc {
    /// Whether it keeps up.
    pub fn is_stable(&self) -> bool {
        self.lambda < self.mu * f64::from(self.servers)
    }

    /// The chance of having to wait.
    pub fn waits(&self) -> f64 {
        erlang_c(self.servers, self.lambda / self.mu)
    }

    /// The rate at which those who wait are served, less what comes.
    pub fn slack(&self) -> f64 {
        self.mu * f64::from(self.servers) - self.lambda
    }

    /// The mean time before service.
    pub fn mean_wait(&self) -> f64 {
        self.waits() / self.slack()
    }

    /// The share of the servers' time that is work.
    pub fn utilization(&self) -> f64 {
        self.lambda / (self.mu * f64::from(self.servers))
    }

    /// A quantile of the time before service.
    pub fn wait_quantile(&self, q: f64) -> f64 {
        (libm::log(self.waits() / (1.0 - q)) / self.slack()).max(0.0)
    }

    /// The time from arrival to answer.
    pub fn sojourn(&self) -> Phase {
        let waits = self.waits();
        let wait = Phase::new(vec![waits], Vec::new(), vec![self.slack()]);
        wait.then(&Phase::stages(&[self.mu]))
    }
}

/// The mean wait of M/G/1: arrivals a second, the mean and the mean square of service.
pub fn mg1_wait(lambda: f64, mean: f64, second: f64) -> f64 {
    lambda * second / (2.0 * (1.0 - lambda * mean))
}

/// The chances of 0, 1, 2 … left behind in M/D/1 of one service time, by crossings of levels (only additions);
/// up to `levels`, not normalised, the first is 1.
pub fn md1_levels(rho: f64, levels: usize) -> Vec<f64> {
    let arrivals = poisson(rho);
    let mut above: Vec<f64> = vec![0.0; arrivals.len() + 1];
    for k in (0..arrivals.len()).rev() {
        above[k] = above[k + 1] + arrivals[k];
    }
    // above[k] is the chance of k or more; more than k is above[k + 1].
    let more = |k: usize| above.get(k + 1).copied().unwrap_or(0.0);
    let mut weights = vec![1.0];
    for n in 0..levels {
        let mut sum = weights[0] * more(n);
        #[expect(clippy::needless_range_loop, reason = "the index is that of the formula")]
        for i in (n + 1).saturating_sub(arrivals.len()).max(1)..=n {
            sum += weights[i] * more(n + 1 - i);
        }
        weights.push(sum / arrivals[0]);
    }
    weights
}

/// The chance of a wait up to `t` in M/D/1, by Franx's sum of positive terms.
pub fn md1_wait_cdf(lambda: f64, service: f64, t: f64, levels: &[f64]) -> f64 {
    let rho = lambda * service;
    let k = (t / service) as usize + 1;
    let x = lambda * (k as f64 * service - t);
    let (mut term, mut sum) = (libm::exp(-x), 0.0);
    // The chance of at most `m` waiting is that of at most `m + 1` there.
    let mut below: Vec<f64> = Vec::with_capacity(k + 1);
    let mut total = 0.0;
    for m in 0..=k {
        total += levels.get(m).copied().unwrap_or(0.0) * (1.0 - rho);
        below.push(total);
    }
    for j in 0..k {
        sum += below[k - j] * term;
        term *= x / (j as f64 + 1.0);
    }
    sum
}

/// A quantile of the wait of M/D/1.
pub fn md1_wait_quantile(lambda: f64, service: f64, q: f64) -> f64 {
    let rho = lambda * service;
    let most = ((1.0 - q).ln() / -(2.0 * (1.0 - rho))).ceil() as usize + 200;
    let levels = md1_levels(rho, most * 2);
    root(|t| md1_wait_cdf(lambda, service, t, &levels) - q, service)
}

/// M/PH/1 as the time before service: with chance rho a chain of residual services.
pub fn mph1_wait(lambda: f64, start: &[f64], moves: &[(usize, usize, f64)], ends: &[f64], mean: f64) -> Phase {
    // The residual service has the shares of time that a service spends in each phase.
    let size = start.len();
    let mut matrix = vec![vec![0.0; size]; size];
    for state in 0..size {
        let out: f64 =
            ends[state] + moves.iter().filter(|(from, ..)| *from == state).map(|(.., rate)| rate).sum::<f64>();
        matrix[state][state] += out;
    }
    for (from, to, rate) in moves {
        matrix[*to][*from] -= rate;
    }
    let right = start.iter().map(|chance| vec![*chance]).collect();
    let visits = super::chains::solve(matrix, right).unwrap_or_else(|| vec![vec![0.0]; size]);
    let residual: Vec<f64> = visits.iter().map(|row| row[0] / mean).collect();
    let rho = lambda * mean;
    let initial: Vec<f64> = residual.iter().map(|chance| chance * rho).collect();
    let mut all = moves.to_vec();
    for (from, rate) in ends.iter().enumerate() {
        for (to, chance) in residual.iter().enumerate() {
            all.push((from, to, rate * rho * chance));
        }
    }
    let ends = ends.iter().map(|rate| rate * (1.0 - rho)).collect();
    Phase::new(initial, all, ends)
}

/// The chance that the busy period of M/M/1 lasts longer.
pub fn busy_period_above(lambda: f64, mu: f64, t: f64) -> f64 {
    let mean = (lambda + mu) * t;
    let levels = (mean + 12.0 * mean.sqrt() + 60.0) as usize;
    let mut initial = vec![0.0; levels];
    initial[0] = 1.0;
    let mut moves = Vec::with_capacity(2 * levels);
    for state in 0..levels {
        if state + 1 < levels {
            moves.push((state, state + 1, lambda));
        }
        if state > 0 {
            moves.push((state, state - 1, mu));
        }
    }
    let mut ends = vec![0.0; levels];
    ends[0] = mu;
    Phase::new(initial, moves, ends).above(t)
}

/// The time of a request in M/M/1 with processor sharing: a chain over the number of others.
pub fn sharing_sojourn(lambda: f64, mu: f64) -> Phase {
    let rho = lambda / mu;
    let most = ((1e-16f64).ln() / rho.ln()).ceil() as usize + 200;
    let initial: Vec<f64> = (0..most).map(|others| (1.0 - rho) * libm::pow(rho, others as f64)).collect();
    let mut moves = Vec::new();
    let mut ends = Vec::new();
    for others in 0..most {
        let all = others as f64 + 1.0;
        if others + 1 < most {
            moves.push((others, others + 1, lambda));
        }
        if others > 0 {
            moves.push((others, others - 1, mu * others as f64 / all));
        }
        ends.push(mu / all);
    }
    Phase::new(initial, moves, ends)
}

/// A closed network of single servers with thinking: throughput and times at the stations, by mean value analysis.
pub fn mean_value_analysis(clients: u32, think: f64, demands: &[f64]) -> (f64, Vec<f64>) {
    let mut inside = vec![0.0; demands.len()];
    let (mut throughput, mut times) = (0.0, demands.to_vec());
    for n in 1..=clients {
        times = demands.iter().zip(&inside).map(|(demand, inside)| demand * (1.0 + inside)).collect();
        throughput = f64::from(n) / (think + times.iter().sum::<f64>());
        inside = times.iter().map(|time| throughput * time).collect();
    }
    (throughput, times)
}

/// M/M/c with room for `room`: the shares of 0, 1, 2 … there.
pub fn mmck(lambda: f64, mu: f64, servers: u32, room: u32) -> Vec<f64> {
    let death = |n: usize| mu * n.min(servers as usize) as f64;
    let mut shares = birth_death(|_| lambda, death, room as usize);
    shares.resize(room as usize + 1, 0.0);
    shares
}

/// Round robin over servers with queues of their own: sigma, the chance of having to wait (GI/M/1 with Erlang gaps).
pub fn round_robin_sigma(lambda: f64, mu: f64, servers: u32) -> f64 {
    let mut sigma = 0.5;
    for _ in 0..100_000 {
        let next = libm::pow(lambda / (lambda + mu * (1.0 - sigma)), f64::from(servers));
        // Newton's step on sigma − next.
        let slope = f64::from(servers) * mu * next / (lambda + mu * (1.0 - sigma));
        let better = sigma - (sigma - next) / (1.0 - slope);
        let better = if (0.0..1.0).contains(&better) { better } else { next };
        if (better - sigma).abs() < 1e-16 {
            return better;
        }
        sigma = better;
    }
    sigma
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values() {
        assert!((erlang_c(5, 2.5) - 0.130_37).abs() < 1e-5);
        assert!((erlang_c(10, 5.0) - 0.036_11).abs() < 1e-5);
        let queue = Mmc { lambda: 0.8, mu: 1.0, servers: 1 };
        assert!((queue.sojourn().quantile(0.99) - 23.025_850_929_94).abs() < 1e-9);
        assert!((round_robin_sigma(9.0, 1.0, 10) - 0.823_33).abs() < 1e-5);
    }
}
