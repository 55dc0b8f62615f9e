//! Functions: binomial and Poisson tails, the incomplete beta function, quantiles, roots, integrals.

/// The logarithm of the gamma function.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The logarithm of the number of ways to choose.
pub fn ln_choose(n: f64, k: f64) -> f64 {
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
}

/// Where an increasing function that starts below 0 becomes 0; 0 when it does not start below.
pub fn root(f: impl Fn(f64) -> f64, scale: f64) -> f64 {
    if f(0.0) >= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, scale);
    for _ in 0..1_100 {
        if f(high) >= 0.0 {
            break;
        }
        low = high;
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if f(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The share of a standard normal above `z`.
pub fn normal_above(z: f64) -> f64 {
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}

/// The value that a standard normal exceeds with chance `p`.
pub fn normal_upper(p: f64) -> f64 {
    if p > 0.5 {
        return -normal_upper(1.0 - p);
    }
    root(|z| p - normal_above(z), 1.0)
}

/// The two-sided t quantile: a share `confidence` lies within.
pub fn t_quantile(confidence: f64, degrees: f64) -> f64 {
    let outside = |t: f64| beta_incomplete(degrees / 2.0, 0.5, degrees / (degrees + t * t));
    root(|t| (1.0 - confidence) - outside(t), 1.0)
}

/// The chances of 0, 1, 2 … successes of `n`, from the mode outwards.
pub fn binomial(n: u64, p: f64) -> Vec<f64> {
    let mut chances = vec![0.0; n as usize + 1];
    if p <= 0.0 || p >= 1.0 {
        chances[if p <= 0.0 { 0 } else { n as usize }] = 1.0;
        return chances;
    }
    let mode = (((n + 1) as f64 * p) as u64).min(n);
    let (nf, q) = (n as f64, 1.0 - p);
    let odds = p / q;
    chances[mode as usize] = 1.0;
    for k in mode..n {
        chances[k as usize + 1] = chances[k as usize] * odds * (nf - k as f64) / (k as f64 + 1.0);
    }
    for k in (0..mode).rev() {
        chances[k as usize] = chances[k as usize + 1] / odds * (k as f64 + 1.0) / (nf - k as f64);
    }
    normalise(&mut chances);
    chances
}

/// The chances of 0, 1, 2 … of a Poisson, until what is left can't be seen.
pub fn poisson(mean: f64) -> Vec<f64> {
    let last = (mean + 40.0 * mean.max(1.0).sqrt() + 60.0) as usize;
    let mode = mean as usize;
    let mut chances = vec![0.0; last + 1];
    chances[mode] = 1.0;
    for k in mode..last {
        chances[k + 1] = chances[k] * mean / (k as f64 + 1.0);
    }
    for k in (0..mode).rev() {
        chances[k] = chances[k + 1] * (k as f64 + 1.0) / mean;
    }
    normalise(&mut chances);
    chances
}

/// Makes weights chances; small ones are added first.
pub fn normalise(weights: &mut [f64]) {
    let mut sorted: Vec<f64> = weights.to_vec();
    sorted.sort_by(f64::total_cmp);
    let total: f64 = sorted.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
}

/// The sum of a row from `from` on, small ones first.
pub fn tail(chances: &[f64], from: usize) -> f64 {
    chances.iter().skip(from).rev().sum()
}

/// The upper incomplete gamma function, regularised: the chance that a gamma of this shape is beyond `x`. Series below
/// the mean, Lentz's continued fraction above it.
pub fn gamma_upper(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    if x < shape + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return (1.0 - front * sum).clamp(0.0, 1.0);
    }
    let mut b = x + 1.0 - shape;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut h = d;
    for i in 1..10_000 {
        let i = f64::from(i);
        let a = -i * (i - shape);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front * h
}

/// The regularised incomplete beta function, by Lentz's continued fraction.
pub fn beta_incomplete(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_incomplete(b, a, 1.0 - x);
    }
    let front = libm::exp(a * libm::log(x) + b * libm::log1p(-x) + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)) / a;
    let tiny = 1e-300;
    let (mut c, mut d) = (1.0f64, 1.0 - (a + b) * x / (a + 1.0));
    d = 1.0 / if d.abs() < tiny { tiny } else { d };
    let mut fraction = d;
    for m in 1..2_000 {
        let m = f64::from(m);
        for term in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 + term * d;
            d = 1.0 / if d.abs() < tiny { tiny } else { d };
            c = 1.0 + term / c;
            c = if c.abs() < tiny { tiny } else { c };
            fraction *= d * c;
        }
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front * fraction
}

/// The integral of a smooth function over `[a, b]`, by adaptive Gauss-Legendre halves.
pub fn integrate(f: &dyn Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    fn gauss(f: &dyn Fn(f64) -> f64, a: f64, b: f64) -> f64 {
        const X: [f64; 5] = [
            0.148_874_338_981_631_22,
            0.433_395_394_129_247_2,
            0.679_409_568_299_024_4,
            0.865_063_366_688_984_5,
            0.973_906_528_517_171_7,
        ];
        const W: [f64; 5] = [
            0.295_524_224_714_752_87,
            0.269_266_719_309_996_35,
            0.219_086_362_515_982_04,
            0.149_451_349_150_580_6,
            0.066_671_344_308_688_14,
        ];
        let (middle, half) = (0.5 * (a + b), 0.5 * (b - a));
        X.iter().zip(W).map(|(x, w)| w * (f(middle + half * x) + f(middle - half * x))).sum::<f64>() * half
    }
    fn halve(f: &dyn Fn(f64) -> f64, a: f64, b: f64, whole: f64, tolerance: f64, depth: u32) -> f64 {
        let middle = 0.5 * (a + b);
        let (left, right) = (gauss(f, a, middle), gauss(f, middle, b));
        if depth == 0 || (left + right - whole).abs() <= tolerance {
            return left + right;
        }
        halve(f, a, middle, left, tolerance, depth - 1) + halve(f, middle, b, right, tolerance, depth - 1)
    }
    let whole = gauss(f, a, b);
    halve(f, a, b, whole, whole.abs().max(1e-300) * 1e-13, 10)
}

/// The integral of a function that falls to 0, from `from` on.
pub fn integrate_to_infinity(f: &dyn Fn(f64) -> f64, from: f64, scale: f64) -> f64 {
    let (mut low, mut width, mut sum) = (from, scale, 0.0);
    for _ in 0..400 {
        let part = integrate(f, low, low + width);
        sum += part;
        if part.abs() < sum.abs() * 1e-14 || (part == 0.0 && low > from + scale) {
            break;
        }
        low += width;
        width *= 1.5;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert!((normal_upper(0.025) - 1.959_963_984_540_054).abs() < 1e-12);
        assert!((t_quantile(0.99, 19.0) - 2.860_934_606_449_9).abs() < 1e-9);
        assert!((t_quantile(0.95, 1.0) - 12.706_204_736_174_7).abs() < 1e-8);
        assert!((beta_incomplete(2.0, 3.0, 0.4) - 0.5248).abs() < 1e-13);
        assert!((binomial(10, 0.3)[3] - 0.266_827_932).abs() < 1e-9);
        assert!((tail(&poisson(4.0), 5) - 0.371_163_064_820_126).abs() < 1e-12);
        assert!((integrate_to_infinity(&|t| libm::exp(-t * t), 0.0, 1.0) - 0.886_226_925_452_758).abs() < 1e-12);
    }
}
