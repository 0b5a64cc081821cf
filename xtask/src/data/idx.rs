//! The IDX format of the MNIST files: two zero bytes, the element type (8 for `u8`), the number of dimensions, each dimension
//! as a big-endian `u32`, then the elements, the last dimension fastest.

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use std::io::Read;

/// The most bytes a file may unpack to. MNIST's largest has 47,040,016.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// An array of `u8`.
#[derive(Debug, PartialEq)]
pub(crate) struct Idx {
    /// Sizes, the slowest dimension first.
    pub(crate) dims: Vec<usize>,
    /// As many as the product of the sizes.
    pub(crate) elements: Vec<u8>,
}

impl Idx {
    /// Unpacks and reads a gzipped file.
    pub(crate) fn from_gz(gz: &[u8]) -> Result<Idx> {
        let mut bytes = Vec::new();
        GzDecoder::new(gz).take(MAX_BYTES + 1).read_to_end(&mut bytes).context("it is not a whole gzip file")?;
        ensure!(bytes.len() as u64 <= MAX_BYTES, "it unpacks to more than {MAX_BYTES} bytes");
        Idx::parse(&bytes)
    }

    /// Reads a file; the error is a sentence.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Idx> {
        let [0, 0, element_type, n_dims, rest @ ..] = bytes else { bail!("it does not begin like an IDX file") };
        ensure!(*element_type == 8, "its elements have type {element_type}, and only type 8 (u8) is read");
        ensure!((1..=4).contains(n_dims), "it has {n_dims} dimensions, and 1 to 4 are read");
        let (sizes, elements) = rest.split_at_checked(4 * usize::from(*n_dims)).context("it ends within its header")?;
        let dims: Vec<usize> =
            sizes.chunks_exact(4).map(|size| size.iter().fold(0, |all, byte| all * 256 + usize::from(*byte))).collect();
        let n_elements = dims.iter().try_fold(1_usize, |all, size| all.checked_mul(*size)).context("its sizes are absurd")?;
        ensure!(
            elements.len() == n_elements,
            "its header {dims:?} asks for {n_elements} elements, and it has {}",
            elements.len()
        );
        Ok(Idx { dims, elements: elements.to_vec() })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Three pictures of 2×2 pixels, written out by hand.
    pub(crate) const TINY_IMAGES: &[u8] =
        &[0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33];
    /// And their labels.
    pub(crate) const TINY_LABELS: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9];

    #[test]
    fn a_tiny_file_is_read() {
        let images = Idx::parse(TINY_IMAGES).unwrap();
        assert_eq!(images.dims, [3, 2, 2]);
        assert_eq!(images.elements[4..8], [20, 21, 22, 23]);
        assert_eq!(Idx::parse(TINY_LABELS).unwrap(), Idx { dims: vec![3], elements: vec![7, 0, 9] });
    }

    #[test]
    fn every_truncation_is_refused() {
        for len in 0..TINY_IMAGES.len() {
            assert!(Idx::parse(&TINY_IMAGES[..len]).is_err(), "cut to {len} bytes");
        }
        assert!(Idx::parse(&[TINY_IMAGES, &[0]].concat()).is_err(), "one byte too many");
    }

    #[test]
    fn corrupted_headers_are_refused() {
        let refused = |at: usize, value: u8| {
            let mut bytes = TINY_IMAGES.to_vec();
            bytes[at] = value;
            Idx::parse(&bytes).unwrap_err().to_string()
        };
        assert!(refused(0, 1).contains("does not begin"));
        assert!(refused(2, 9).contains("type 9"));
        assert!(refused(3, 9).contains("9 dimensions"));
        assert!(refused(4, 255).contains("elements"));
        // 2³² − 1 in every dimension: the product does not fit any machine.
        let absurd = [&[0, 0, 8, 4][..], &[255; 16]].concat();
        assert!(Idx::parse(&absurd).unwrap_err().to_string().contains("absurd"));
    }

    #[test]
    fn a_broken_gzip_file_is_refused() {
        assert!(Idx::from_gz(&[0x1f, 0x8b, 8, 0]).unwrap_err().to_string().contains("gzip"));
        assert!(Idx::from_gz(TINY_IMAGES).is_err());
    }
}
