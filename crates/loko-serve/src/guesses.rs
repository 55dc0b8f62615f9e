//! How often an address may show wrong keys: somebody who guesses has to wait, whatever they guess next.
//!
//! The same wrong key again is no guess: an open page that still has the key of an earlier server asks every few seconds.

use loko_policy::bucket::{Limited, TokenBucket};
use loko_policy::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Wrong keys that an address may show at once, and those a minute after that.
pub const WRONG_KEYS_BURST: u32 = 10;
/// See [`WRONG_KEYS_BURST`].
pub const WRONG_KEYS_MINUTE: u32 = 10;
/// Addresses whose wrong keys are counted; beyond them those that have been quiet for longest are forgotten.
const ADDRESSES_MAX: usize = 4_096;
/// Wrong keys of an address that are known again.
const KNOWN_MAX: usize = 4;
/// Whoever has an address of IPv6 has all that begin like it.
const OWN_BITS: u32 = 64;

/// The address of whoever asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Who showed wrong keys.
pub(crate) struct Guesses {
    started: Instant,
    hasher: RandomState,
    by_address: Mutex<BTreeMap<IpAddr, Guesser>>,
}

struct Guesser {
    bucket: TokenBucket,
    known: Vec<u64>,
    last: Nanos,
}

impl Guesses {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), hasher: RandomState::new(), by_address: Mutex::default() }
    }

    fn now(&self) -> Nanos {
        Nanos::try_from(self.started.elapsed().as_nanos()).unwrap_or(Nanos::MAX)
    }

    /// Whether an address may show a key now; else how many seconds it has to wait.
    pub(crate) fn may_try(&self, peer: IpAddr) -> Result<(), u64> {
        let now = self.now();
        let by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        // Only asked: the bucket stays as it is.
        let bucket = by_address.get(&owner(peer)).map(|guesser| guesser.bucket);
        bucket.map_or(Ok(()), |mut bucket| bucket.take(now, 1)).map_err(|limited| match limited {
            Limited::Wait(wait) => wait.div_ceil(SECOND).max(1),
            Limited::Never => 1,
        })
    }

    /// Takes note of a wrong key.
    pub(crate) fn note(&self, peer: IpAddr, key: &str) {
        self.note_at(self.now(), peer, key);
    }

    fn note_at(&self, now: Nanos, peer: IpAddr, key: &str) {
        let key = self.hasher.hash_one(key);
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let peer = owner(peer);
        if !by_address.contains_key(&peer) && by_address.len() >= ADDRESSES_MAX {
            let quiet = by_address.iter().min_by_key(|(_, guesser)| guesser.last).map(|(peer, _)| *peer);
            quiet.map(|quiet| by_address.remove(&quiet));
        }
        let guesser = by_address.entry(peer).or_insert_with(|| Guesser {
            bucket: TokenBucket::new(WRONG_KEYS_BURST, WRONG_KEYS_MINUTE, 60 * SECOND)
                .expect("the constants are rates that there are"),
            known: Vec::new(),
            last: now,
        });
        guesser.last = now;
        if !guesser.known.contains(&key) {
            // Whoever may not try is not asked, so there is a token; two at the same time may take the last.
            let _ = guesser.bucket.take(now, 1);
            guesser.known.truncate(KNOWN_MAX - 1);
            guesser.known.insert(0, key);
        }
    }
}

/// What stands for whoever has an address.
fn owner(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> (128 - OWN_BITS) << (128 - OWN_BITS)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn who_guesses_waits_and_others_do_not() {
        let guesses = Guesses::new();
        for number in 0..WRONG_KEYS_BURST {
            assert_eq!(guesses.may_try(peer("10.0.0.1")), Ok(()), "{number}");
            guesses.note(peer("10.0.0.1"), &number.to_string());
        }
        let wait = guesses.may_try(peer("10.0.0.1")).unwrap_err();
        assert!((1..=60 / u64::from(WRONG_KEYS_MINUTE)).contains(&wait), "{wait}");
        assert!(guesses.may_try(peer("::ffff:10.0.0.1")).is_err(), "the same address in another form");
        assert_eq!(guesses.may_try(peer("10.0.0.2")), Ok(()));
    }

    #[test]
    fn the_same_wrong_key_is_no_further_guess() {
        let guesses = Guesses::new();
        for _ in 0..WRONG_KEYS_BURST * 3 {
            guesses.note(peer("::1"), "of yesterday");
            guesses.note(peer("::1"), "of the day before");
        }
        assert_eq!(guesses.may_try(peer("::1")), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_and_memory_is_bounded() {
        let guesses = Guesses::new();
        for number in 0..WRONG_KEYS_BURST {
            guesses.note(peer(&format!("2001:db8::{number:x}")), &number.to_string());
        }
        assert!(guesses.may_try(peer("2001:db8::ffff")).is_err());
        for number in 0..u32::try_from(ADDRESSES_MAX).unwrap() + 10 {
            guesses.note_at(1_000_000_000 + u64::from(number), IpAddr::V4((0x0a00_0000 + number).into()), "x");
        }
        let by_address = guesses.by_address.lock().unwrap();
        assert_eq!(by_address.len(), ADDRESSES_MAX);
        assert!(!by_address.contains_key(&peer("2001:db8::")), "who was quiet for longest is forgotten first");
    }
}
