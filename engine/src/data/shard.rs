//! Unpacking a shard: bytes from the network become examples, or are refused with a sentence that says what is wrong with them.

use descent_spec::Shape;
use descent_spec::manifest::{MAX_SHARD_BYTES, Shard};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::io::Read;

/// Largest unpacked shard, in bytes.
pub const MAX_UNPACKED_BYTES: usize = 64 * 1024 * 1024;

/// What is wrong with a shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// The file is shorter or longer than the manifest says.
    #[error("it has {found} bytes and should have {expected}: it was cut short or altered on the way")]
    Length {
        /// By the manifest.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// The file's length is right and its hash is not.
    #[error("its SHA-256 is not the one in the manifest: it was altered on the way")]
    Hash,
    /// It is not a gzip stream, or a broken one.
    #[error("it cannot be decompressed ({0}): the data must be built anew")]
    Gzip(String),
    /// It unpacks to another size than its examples take.
    #[error("it unpacks to {at_least} bytes or more and should unpack to {expected}: the data must be built anew")]
    Unpacked {
        /// By the manifest.
        expected: usize,
        /// What came out before unpacking stopped.
        at_least: usize,
    },
    /// What it announces is beyond what one shard may hold.
    #[error("it announces {count} examples, more than a shard of {bytes} bytes can hold: the data must be built anew")]
    TooLarge {
        /// Examples by the manifest.
        count: usize,
        /// File size by the manifest.
        bytes: u64,
    },
    /// A label is outside the classes.
    #[error("its example {idx} has label {label}, and there are only {n_classes} classes: the data must be built anew")]
    Label {
        /// Which example of the shard.
        idx: usize,
        /// Its label.
        label: u8,
        /// How many classes there are.
        n_classes: usize,
    },
    /// What it holds is not what it should.
    #[error("{0}: the data must be built anew")]
    Content(String),
    /// There is no place for it.
    #[error("it would be shard {shard_idx} of {n_shards}")]
    NoSuchShard {
        /// Its number, from 0.
        shard_idx: usize,
        /// How many there are.
        n_shards: usize,
    },
}

/// Checks a shard's bytes against the manifest and unpacks them; [`manifest`](descent_spec::manifest) says what they hold.
///
/// Length and hash come first, so decompression only ever sees bytes the manifest vouches for; and since a manifest could be
/// hostile too, no more is allocated than a gzip stream of this length can hold at all.
pub fn unpack(bytes: &[u8], shard: &Shard, shape: Shape) -> Result<Vec<u8>, ShardError> {
    let found = bytes.len() as u64;
    if found != shard.bytes {
        return Err(ShardError::Length { expected: shard.bytes, found });
    }
    if sha256_hex(bytes) != shard.sha256.to_ascii_lowercase() {
        return Err(ShardError::Hash);
    }
    let expected = unpacked_len(shard, shape).ok_or(ShardError::TooLarge { count: shard.count, bytes: shard.bytes })?;
    let mut unpacked = Vec::with_capacity(expected);
    // One byte more than expected is enough to see that there is more, however much more there is.
    let mut bounded = GzDecoder::new(bytes).take(expected as u64 + 1);
    bounded.read_to_end(&mut unpacked).map_err(|err| ShardError::Gzip(err.to_string()))?;
    if unpacked.len() != expected {
        return Err(ShardError::Unpacked { expected, at_least: unpacked.len() });
    }
    Ok(unpacked)
}

/// Refuses the first label that is not below `n_classes`.
pub(super) fn check_labels(labels: &[u8], n_classes: usize) -> Result<(), ShardError> {
    match labels.iter().position(|&label| usize::from(label) >= n_classes) {
        Some(idx) => Err(ShardError::Label { idx, label: labels[idx], n_classes }),
        None => Ok(()),
    }
}

/// Size after unpacking, where the announced numbers are possible.
fn unpacked_len(shard: &Shard, shape: Shape) -> Option<usize> {
    // Deflate packs at most 1032 to 1 (258 bytes for two bits).
    const MAX_RATIO: u64 = 1032;
    let len = match shard.unpacked {
        Some(len) => usize::try_from(len).ok()?,
        None => shape.len().checked_add(1)?.checked_mul(shard.count)?,
    };
    let possible = shard.bytes <= MAX_SHARD_BYTES && len as u64 <= shard.bytes * MAX_RATIO && len <= MAX_UNPACKED_BYTES;
    possible.then_some(len)
}

fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    const SHAPE: Shape = Shape::Image { channels: 1, height: 2, width: 2 };

    fn pack(unpacked: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(unpacked).unwrap();
        encoder.finish().unwrap()
    }

    fn vouch(bytes: &[u8], count: usize) -> Shard {
        Shard { file: "train-0.shard".into(), count, unpacked: None, bytes: bytes.len() as u64, sha256: sha256_hex(bytes) }
    }

    /// Two examples: labels 7 and 1, pixels 0 to 7.
    const UNPACKED: [u8; 10] = [7, 1, 0, 1, 2, 3, 4, 5, 6, 7];

    #[test]
    fn the_hash_is_sha256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_good_shard_comes_out_as_it_went_in() {
        let bytes = pack(&UNPACKED);
        assert_eq!(unpack(&bytes, &vouch(&bytes, 2), SHAPE).unwrap(), UNPACKED);
        let upper = Shard { sha256: vouch(&bytes, 2).sha256.to_ascii_uppercase(), ..vouch(&bytes, 2) };
        assert_eq!(unpack(&bytes, &upper, SHAPE).unwrap(), UNPACKED);
    }

    #[test]
    fn a_gzip_bomb_is_refused_before_anything_is_allocated() {
        // 20 MB of zeros in 20 kB, announced as two examples: unpacking stops one byte behind the two.
        let bomb = pack(&vec![0; 20_000_000]);
        assert_eq!(unpack(&bomb, &vouch(&bomb, 2), SHAPE), Err(ShardError::Unpacked { expected: 10, at_least: 11 }));
        // Announced as more than any gzip stream of its length can hold, or as more than memory should hold.
        let tiny = pack(&UNPACKED);
        for count in [usize::MAX / 5, usize::MAX, 100_000_000] {
            assert!(matches!(unpack(&tiny, &vouch(&tiny, count), SHAPE), Err(ShardError::TooLarge { .. })));
        }
        let wide = Shape::Flat { units: usize::MAX };
        assert!(matches!(unpack(&tiny, &vouch(&tiny, 2), wide), Err(ShardError::TooLarge { .. })));
        let announced = bomb.len() * 300;
        assert!(matches!(unpack(&bomb, &vouch(&bomb, announced), SHAPE), Err(ShardError::TooLarge { .. })));
    }

    #[test]
    fn too_few_examples_and_broken_gzip_are_told_apart() {
        let short = pack(&UNPACKED[..9]);
        assert_eq!(unpack(&short, &vouch(&short, 2), SHAPE), Err(ShardError::Unpacked { expected: 10, at_least: 9 }));
        let cut = &pack(&UNPACKED)[..20];
        assert!(matches!(unpack(cut, &vouch(cut, 2), SHAPE), Err(ShardError::Gzip(_))));
        assert!(matches!(unpack(b"<!doctype html>", &vouch(b"<!doctype html>", 2), SHAPE), Err(ShardError::Gzip(_))));
    }

    #[test]
    fn labels_must_be_classes() {
        assert_eq!(check_labels(&[0, 9, 3], 10), Ok(()));
        assert_eq!(check_labels(&[0, 10, 3], 10), Err(ShardError::Label { idx: 1, label: 10, n_classes: 10 }));
    }

    proptest! {
        #[test]
        fn whatever_was_packed_comes_out(labels in prop::collection::vec(any::<u8>(), 1..40), seed in any::<u8>()) {
            let pixels = (0..labels.len() * 4).map(|idx| (idx as u8).wrapping_mul(seed));
            let unpacked: Vec<u8> = labels.iter().copied().chain(pixels).collect();
            let bytes = pack(&unpacked);
            prop_assert_eq!(unpack(&bytes, &vouch(&bytes, labels.len()), SHAPE), Ok(unpacked));
        }

        #[test]
        fn a_shard_cut_short_is_refused(at in 0usize..30) {
            let bytes = pack(&UNPACKED);
            let at = at.min(bytes.len() - 1);
            let refused = matches!(unpack(&bytes[..at], &vouch(&bytes, 2), SHAPE), Err(ShardError::Length { .. }));
            prop_assert!(refused);
        }

        #[test]
        fn a_shard_with_one_changed_bit_is_refused(byte in 0usize..30, bit in 0u32..8) {
            let bytes = pack(&UNPACKED);
            let mut altered = bytes.clone();
            altered[byte % bytes.len()] ^= 1u8 << bit;
            prop_assert_eq!(unpack(&altered, &vouch(&bytes, 2), SHAPE), Err(ShardError::Hash));
        }

        #[test]
        fn hostile_bytes_with_a_right_hash_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), count in 1usize..500) {
            // Even a manifest that vouches for nonsense yields exactly the announced bytes or a refusal.
            if let Ok(unpacked) = unpack(&bytes, &vouch(&bytes, count), SHAPE) {
                prop_assert_eq!(unpacked.len(), count * 5);
            }
        }

        #[test]
        fn damaged_gzip_with_a_right_hash_never_panics(byte in 0usize..30, value in any::<u8>()) {
            let mut bytes = pack(&UNPACKED);
            let byte = byte % bytes.len();
            bytes[byte] = value;
            if let Ok(unpacked) = unpack(&bytes, &vouch(&bytes, 2), SHAPE) {
                prop_assert_eq!(unpacked.len(), 10);
            }
        }
    }
}
