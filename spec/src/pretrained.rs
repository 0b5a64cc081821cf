//! Weights that come with the site: trained by this engine, for labs whose nets take longer than a visitor waits.
//!
//! `docs/pretrained.md` says how each file was made.

use crate::data::DataSet;

/// A file of weights, and the experiment they belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pretrained {
    /// The lab that offers them.
    pub set: DataSet,
    /// The experiment, as a link: its net takes these weights and no others.
    pub link: &'static str,
    /// Where the file lies, below the site's folder.
    pub file: &'static str,
    /// Its length in bytes.
    pub bytes: usize,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: &'static str,
    /// What they are, in a sentence.
    pub about: &'static str,
}

/// All of them.
pub const PRETRAINED: &[Pretrained] = &[
    Pretrained {
        set: DataSet::Shakespeare,
        link: "shakespeare?window=100&layers=lstm:192:all&lr=0.004&batch=32&epochs=12",
        file: "pretrained/shakespeare.safetensors",
        bytes: 421_890,
        sha256: "1e9754610ff12de543aa193e70dc75bcdffeaee8c3e0b00fede5a146115a7422",
        about: "An LSTM of 192 units after 12 epochs: 1.59 nats per character on validation",
    },
    Pretrained {
        set: DataSet::FraEng,
        link: "fra-eng?schedule=cosine&epochs=20",
        file: "pretrained/fra-eng.safetensors",
        bytes: 1_766_912,
        sha256: "7a3d480797e16215167a416ae1978c961a8dbccea3e8c40d2298153b199d0a98",
        about: "GRUs of 128 units with attention after 20 epochs: BLEU 0.31 and 13 % word for word on the test part",
    },
];

impl Pretrained {
    /// Those for the lab of a set.
    pub fn of(set: DataSet) -> Option<&'static Pretrained> {
        PRETRAINED.iter().find(|it| it.set == set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link;

    #[test]
    fn their_links_are_spelled_as_the_page_spells_them() {
        for it in PRETRAINED {
            let decoded = link::decode(it.link);
            assert_eq!(decoded.refusals, [], "{}", it.link);
            assert_eq!(link::encode(&decoded.experiment), it.link);
            assert_eq!(decoded.experiment.data.set, it.set);
            assert_eq!(it.sha256.len(), 64);
            assert!(it.bytes < 2 * 1024 * 1024);
        }
    }
}
