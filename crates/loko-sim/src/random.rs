//! Random draws that stay aligned between variants of one scenario.
//!
//! Every draw belongs to a request, a place and a purpose; its generator starts from a hash of the three. So a variant
//! with retries sees the same first tries as one without (common random numbers), and adding a container changes no
//! draw of another. Exponentials by the ziggurat of Marsaglia and Tsang, 2000; its tables and all other functions come
//! from `libm`, so that every platform draws the same.

use loko_policy::Random;
pub use loko_policy::random::{SplitMix64, mix};
use std::sync::LazyLock;

/// What a draw is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
#[allow(missing_docs, reason = "each is the purpose of its name")]
pub enum Purpose {
    Service = 0x9AE1_6A3B_2F90_404F,
    Failure = 0xC3A5_C85C_97CB_3127,
    Route = 0xB492_B66F_BE98_F273,
    Jitter = 0x9FB2_1C65_1E98_DF25,
    Balance = 0xD6E8_FEB8_6659_FD93,
    Patience = 0xA076_1D64_78BD_642F,
    Call = 0xE703_7ED1_A0B4_28DB,
    Cache = 0x8EBC_6AF0_9C88_C6E3,
    Caller = 0x5896_5F6C_3B1D_9E4B,
    Way = 0x1D8E_4E27_C47D_124F,
    Release = 0xEB44_ACCA_B455_D165,
    Write = 0x2545_F491_4F6C_DD1D,
}

/// The generator of a purpose for whatever has this key.
#[inline]
pub fn draw(key: u64, purpose: Purpose) -> SplitMix64 {
    SplitMix64(key ^ purpose as u64)
}

/// A key below another one.
#[inline]
pub fn below(key: u64, part: u64) -> u64 {
    mix(key.wrapping_add(part.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

const LAYERS: usize = 256;
/// Where the ziggurat's tail begins, for 256 layers.
const TAIL: f64 = 7.697_117_470_131_05;
/// The area of each layer.
const AREA: f64 = 3.949_659_822_581_572e-3;

struct Ziggurat {
    x: [f64; LAYERS + 1],
    y: [f64; LAYERS + 1],
}

static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(|| {
    let (mut x, mut y) = ([0.0; LAYERS + 1], [0.0; LAYERS + 1]);
    // Layer 0 is the base with the tail, as wide as its area asks for.
    x[0] = AREA / libm::exp(-TAIL);
    x[1] = TAIL;
    y[1] = libm::exp(-TAIL);
    for layer in 2..LAYERS {
        y[layer] = y[layer - 1] + AREA / x[layer - 1];
        x[layer] = -libm::log(y[layer]);
    }
    x[LAYERS] = 0.0;
    y[LAYERS] = 1.0;
    Ziggurat { x, y }
});

/// An exponential of mean 1.
#[inline]
pub fn exponential(random: &mut impl Random) -> f64 {
    let tables = &*ZIGGURAT;
    let mut shift = 0.0;
    loop {
        let bits = random.bits();
        let layer = (bits & (LAYERS as u64 - 1)) as usize;
        let x = (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64) * tables.x[layer];
        if x < tables.x[layer + 1] {
            return shift + x;
        }
        if layer == 0 {
            // The tail of an exponential is one again.
            shift += TAIL;
            continue;
        }
        let y = tables.y[layer] + random.unit() * (tables.y[layer + 1] - tables.y[layer]);
        if y < libm::exp(-x) {
            return shift + x;
        }
    }
}

/// A normal of mean 0 and deviation 1 (Box and Muller; one of the pair).
#[inline]
pub fn normal(random: &mut impl Random) -> f64 {
    let radius = libm::sqrt(2.0 * exponential(random));
    radius * libm::cos(2.0 * std::f64::consts::PI * random.unit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_tails_are_those_of_the_distributions() {
        let mut random = SplitMix64(5);
        let count = 2_000_000;
        let (mut sum, mut squares, mut beyond, mut normals) = (0.0, 0.0, 0, 0.0);
        for _ in 0..count {
            let x = exponential(&mut random);
            sum += x;
            squares += x * x;
            beyond += u32::from(x > 8.0);
            let z = normal(&mut random);
            normals += z * z;
        }
        let count = f64::from(count);
        assert!((sum / count - 1.0).abs() < 0.003, "{}", sum / count);
        assert!((squares / count - 2.0).abs() < 0.015);
        assert!((f64::from(beyond) / count / (-8f64).exp() - 1.0).abs() < 0.15);
        assert!((normals / count - 1.0).abs() < 0.005);
    }
}
