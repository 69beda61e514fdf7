//! Random ids and secrets, derived from one seed.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Cryptographic generator: its secrets are as unpredictable as the seed, and the same seed repeats them.
#[derive(Debug)]
pub(crate) struct Random(StdRng);

impl Random {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(StdRng::from_seed(seed))
    }

    /// Generates a version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid().to_string()
    }

    /// Generates 256 bits as 64 hexadecimal digits.
    pub(crate) fn secret(&mut self) -> String {
        hex(&self.bytes::<32>())
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

/// Formats `bytes` as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
