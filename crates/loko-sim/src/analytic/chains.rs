//! Finite Markov chains: where they are in the long run, and how long until something happens.

/// The long-run shares of a chain given by rows of chances or rates, by the elimination of Grassmann, Taksar and
/// Heyman: no subtractions, so no digits are lost.
pub fn stationary(rows: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let size = rows.len();
    let mut dense = vec![vec![0.0; size]; size];
    for (from, row) in rows.iter().enumerate() {
        for (to, weight) in row.iter().filter(|(to, _)| *to != from) {
            dense[from][*to] += weight;
        }
    }
    let mut scale = vec![0.0; size];
    for last in (1..size).rev() {
        let out: f64 = dense[last][..last].iter().sum();
        scale[last] = out;
        if out == 0.0 {
            continue;
        }
        let (above, below) = dense.split_at_mut(last);
        let row = &below[0];
        for from in above.iter_mut() {
            let factor = from[last] / out;
            if factor > 0.0 {
                for (to, weight) in row[..last].iter().enumerate() {
                    from[to] += factor * weight;
                }
            }
        }
    }
    let mut shares = vec![0.0; size];
    shares[0] = 1.0;
    for state in 1..size {
        let inflow: f64 = (0..state).map(|from| shares[from] * dense[from][state]).sum();
        shares[state] = if scale[state] == 0.0 { 0.0 } else { inflow / scale[state] };
        if shares[state] > 1e200 {
            shares.iter_mut().for_each(|share| *share *= 1e-200);
        }
    }
    let total: f64 = shares.iter().sum();
    shares.iter().map(|share| share / total).collect()
}

/// The long-run shares of a birth-death chain, as far as they can be seen; `death(n)` is the rate from n to n − 1.
pub fn birth_death(birth: impl Fn(usize) -> f64, death: impl Fn(usize) -> f64, most: usize) -> Vec<f64> {
    let mut weights = vec![1.0f64];
    let mut peak = 1.0f64;
    for n in 1..=most {
        let mut weight = weights[n - 1] * birth(n - 1) / death(n);
        if weight > 1e250 {
            weights.iter_mut().for_each(|weight| *weight *= 1e-250);
            weight *= 1e-250;
            peak *= 1e-250;
        }
        peak = peak.max(weight);
        weights.push(weight);
        if weight < peak * 1e-30 && birth(n) < death(n + 1) {
            break;
        }
    }
    super::special::normalise(&mut weights);
    weights
}

/// Solves a dense system by elimination with pivots; `None` when it has no single answer.
pub fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let size = matrix.len();
    for column in 0..size {
        let pivot = (column..size).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))?;
        if matrix[pivot][column] == 0.0 {
            return None;
        }
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in 0..size {
            if row == column {
                continue;
            }
            let factor = matrix[row][column] / matrix[column][column];
            if factor != 0.0 {
                #[expect(clippy::needless_range_loop, reason = "rows and columns of a matrix")]
                for at in column..size {
                    let value = matrix[column][at];
                    matrix[row][at] -= factor * value;
                }
                for at in 0..right[row].len() {
                    let value = right[column][at];
                    right[row][at] -= factor * value;
                }
            }
        }
    }
    for row in 0..size {
        let pivot = matrix[row][row];
        right[row].iter_mut().for_each(|value| *value /= pivot);
    }
    Some(right)
}

/// Customers who find all servers busy come back or give up: `(P(all busy), E[busy], E[in backoff])`.
/// The level is the number in backoff; solved from the highest level down.
pub fn retrial(lambda: f64, mu: f64, servers: usize, nu: f64, again: f64) -> Option<(f64, f64, f64)> {
    let mean_guess = 20.0 + 10.0 * lambda / mu + 4.0 * lambda * again / (nu * (1.0 - again).max(1e-3));
    let levels = (mean_guess + 12.0 * mean_guess.sqrt()).min(4_000.0) as usize;
    let size = servers + 1;
    let up = lambda * again;
    // Down from level n: a retry finds a server, or nobody and gives up.
    let down = |n: usize, from: usize| -> (usize, f64) {
        let rate = n as f64 * nu;
        if from < servers { (from + 1, rate) } else { (from, rate * (1.0 - again)) }
    };
    let local = |n: usize, last: bool| -> Vec<Vec<f64>> {
        let mut rows = vec![vec![0.0; size]; size];
        for from in 0..size {
            let mut out = 0.0;
            if from < servers {
                rows[from][from + 1] += lambda;
                out += lambda;
            } else if !last {
                out += up;
            }
            if from > 0 {
                rows[from][from - 1] += from as f64 * mu;
                out += from as f64 * mu;
            }
            out += down(n, from).1;
            rows[from][from] -= out;
        }
        rows
    };
    // rates[n] leads from level n − 1 to n: π(n) = π(n−1) · rates[n]; only its last row is not 0.
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); levels + 1];
    for n in (1..=levels).rev() {
        let mut block = local(n, n == levels);
        if n < levels {
            // What goes up from here comes back down.
            for (from, rate) in rates[n + 1].iter().enumerate() {
                let (to, back) = down(n + 1, from);
                block[servers][to] += rate * back;
            }
        }
        let transposed: Vec<Vec<f64>> =
            (0..size).map(|row| (0..size).map(|column| -block[column][row]).collect()).collect();
        let right = (0..size).map(|row| vec![if row == servers { up } else { 0.0 }]).collect();
        rates[n] = solve(transposed, right)?.into_iter().map(|row| row[0]).collect();
    }
    let mut block = local(0, false);
    for (from, rate) in rates[1].iter().enumerate() {
        let (to, back) = down(1, from);
        block[servers][to] += rate * back;
    }
    // π(0) · block = 0 with one equation replaced by the sum.
    let mut matrix: Vec<Vec<f64>> = (0..size).map(|row| (0..size).map(|column| block[column][row]).collect()).collect();
    matrix[0] = vec![1.0; size];
    let right = (0..size).map(|row| vec![f64::from(u8::from(row == 0))]).collect();
    let mut level: Vec<f64> = solve(matrix, right)?.into_iter().map(|row| row[0]).collect();
    let (mut total, mut all_busy, mut busy, mut orbit) = (0.0, 0.0, 0.0, 0.0);
    for n in 0..=levels {
        let sum: f64 = level.iter().sum();
        total += sum;
        all_busy += level[servers];
        busy += level.iter().enumerate().map(|(count, chance)| count as f64 * chance).sum::<f64>();
        orbit += n as f64 * sum;
        if n < levels {
            let last = level[servers];
            level = rates[n + 1].iter().map(|rate| rate * last).collect();
        }
    }
    Some((all_busy / total, busy / total, orbit / total))
}

/// Servers with queues of their own, each request to the shortest of `choices` different ones: the mean time and the
/// chance that a server is idle. States are sorted lengths, cut at `most`; solved by sweeps.
pub fn shortest_queue(servers: usize, choices: usize, load: f64, mu: f64, most: usize) -> (f64, f64) {
    use std::collections::HashMap;
    let mut states: Vec<Vec<u16>> = Vec::new();
    let mut current = vec![0u16; servers];
    fill(&mut states, &mut current, 0, most as u16);
    let index: HashMap<Vec<u16>, usize> = states.iter().cloned().enumerate().map(|(at, state)| (state, at)).collect();
    let lambda = load * mu * servers as f64;
    let sorted = |mut state: Vec<u16>| {
        state.sort_unstable_by(|a, b| b.cmp(a));
        state
    };
    // Into each state: from and rate; and the rate out.
    let mut inflow: Vec<Vec<(usize, f64)>> = vec![Vec::new(); states.len()];
    let mut out = vec![0.0; states.len()];
    for (from, state) in states.iter().enumerate() {
        let mut go = |to: Vec<u16>, rate: f64| {
            if let Some(to) = index.get(&sorted(to)) {
                inflow[*to].push((from, rate));
                out[from] += rate;
            }
        };
        // The shortest of a sample: server k (sorted from long to short) is the best when all others sampled are before.
        let all = super::special::ln_choose(servers as f64, choices as f64);
        for k in 0..servers {
            if k + 1 >= choices {
                let ways = super::special::ln_choose(k as f64, choices as f64 - 1.0);
                let mut to = state.clone();
                to[k] += 1;
                go(to, lambda * libm::exp(ways - all));
            }
            if state[k] > 0 {
                let mut to = state.clone();
                to[k] -= 1;
                go(to, mu);
            }
        }
    }
    let mut order: Vec<usize> = (0..states.len()).collect();
    order.sort_by_key(|at| states[*at].iter().map(|count| u32::from(*count)).sum::<u32>());
    let mut shares: Vec<f64> =
        states.iter().map(|state| libm::pow(load, state.iter().map(|n| f64::from(*n)).sum())).collect();
    let mut before = 0.0;
    for sweep in 0..20_000 {
        let walk: Box<dyn Iterator<Item = &usize>> =
            if sweep % 2 == 0 { Box::new(order.iter()) } else { Box::new(order.iter().rev()) };
        for at in walk {
            shares[*at] = inflow[*at].iter().map(|(from, rate)| shares[*from] * rate).sum::<f64>() / out[*at];
        }
        if sweep % 10 == 9 {
            let total: f64 = shares.iter().sum();
            shares.iter_mut().for_each(|share| *share /= total);
            let inside: f64 = states.iter().zip(&shares).map(|(state, share)| share * count(state)).sum();
            if (inside - before).abs() < inside * 1e-13 {
                break;
            }
            before = inside;
        }
    }
    let total: f64 = shares.iter().sum();
    let inside: f64 = states.iter().zip(&shares).map(|(state, share)| share * count(state)).sum::<f64>() / total;
    let idle: f64 =
        states.iter().zip(&shares).filter(|(state, _)| state.contains(&0)).map(|(_, share)| share).sum::<f64>() / total;
    (inside / lambda, idle)
}

fn count(state: &[u16]) -> f64 {
    state.iter().map(|count| f64::from(*count)).sum()
}

fn fill(states: &mut Vec<Vec<u16>>, current: &mut Vec<u16>, at: usize, most: u16) {
    if at == current.len() {
        states.push(current.clone());
        return;
    }
    for value in 0..=most {
        current[at] = value;
        fill(states, current, at + 1, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_two_and_a_queue() {
        let shares = stationary(&[vec![(1, 0.2)], vec![(0, 0.6)]]);
        assert!((shares[0] - 0.75).abs() < 1e-15);
        let queue = birth_death(|_| 0.5, |_| 1.0, 10_000);
        assert!((queue[3] - 0.0625).abs() < 1e-14);
    }

    #[test]
    fn one_choice_is_a_queue_by_itself() {
        let (time, _) = shortest_queue(2, 1, 0.5, 1.0, 60);
        assert!((time - 2.0).abs() < 1e-9, "{time}");
    }
}
