//! Which data sets there are, where they officially live, and on what terms. To add one, add a row to [`CATALOG`].

use descent_spec::data::DataFacts;
use descent_spec::{DataSet, DataSpec};

/// One data set as its authors publish it.
pub(crate) struct CatalogEntry {
    /// What the engine calls it; its shape, its classes and its folder come from there.
    pub(crate) set: DataSet,
    /// The published files, and what each holds.
    pub(crate) files: Files,
    /// Folders on the web that hold the files, the best first.
    pub(crate) addresses: &'static [&'static str],
    /// Folder below a mirror.
    pub(crate) mirror_folder: &'static str,
    /// Terms of use, as the source states them.
    pub(crate) licence: &'static str,
    /// Who made it, and where it is described.
    pub(crate) citation: &'static str,
    /// Whether the terms allow us to publish the set with the site.
    pub(crate) publishable: bool,
    /// Examples in a shard of the training and of the test part: about 1 MB, so that training starts after the first.
    pub(crate) shard_size: (usize, usize),
}

impl CatalogEntry {
    /// Folder below `data/`. Every set in the catalog is loaded from one; sets of drawn points have none and are not in it.
    pub(crate) fn folder(&self) -> &'static str {
        self.set.folder().unwrap_or(self.mirror_folder)
    }

    /// Shape and classes.
    pub(crate) fn facts(&self) -> DataFacts {
        DataSpec::for_set(self.set).facts()
    }
}

/// How the published files are laid out.
pub(crate) enum Files {
    /// MNIST's own format: one IDX file of images and one of labels for each part.
    Idx {
        /// Images and labels to learn from.
        train: [SourceFile; 2],
        /// Images and labels for the final test.
        test: [SourceFile; 2],
    },
}

/// A published file.
pub(crate) struct SourceFile {
    pub(crate) name: &'static str,
    pub(crate) sha256: &'static str,
}

/// Every data set.
pub(crate) const CATALOG: &[CatalogEntry] = &[
    CatalogEntry {
        set: DataSet::Mnist,
        files: Files::Idx {
            train: [
                SourceFile {
                    name: "train-images-idx3-ubyte.gz",
                    sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                },
                SourceFile {
                    name: "train-labels-idx1-ubyte.gz",
                    sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                },
            ],
            test: [
                SourceFile {
                    name: "t10k-images-idx3-ubyte.gz",
                    sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                },
                SourceFile {
                    name: "t10k-labels-idx1-ubyte.gz",
                    sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                },
            ],
        },
        // The authors' own page (yann.lecun.com/exdb/mnist) has refused downloads since 2024; these are the mirrors that
        // PyTorch and TensorFlow use, byte for byte the same files.
        addresses: &["https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist"],
        mirror_folder: "mnist",
        licence: "CC BY-SA 3.0 (copyright Yann LeCun and Corinna Cortes)",
        citation: "Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, http://yann.lecun.com/exdb/mnist/",
        publishable: true,
        shard_size: (6_000, 5_000),
    },
    CatalogEntry {
        set: DataSet::FashionMnist,
        files: Files::Idx {
            train: [
                SourceFile {
                    name: "train-images-idx3-ubyte.gz",
                    sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                },
                SourceFile {
                    name: "train-labels-idx1-ubyte.gz",
                    sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                },
            ],
            test: [
                SourceFile {
                    name: "t10k-images-idx3-ubyte.gz",
                    sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                },
                SourceFile {
                    name: "t10k-labels-idx1-ubyte.gz",
                    sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                },
            ],
        },
        // Both are the authors': their repository, and the bucket that their README and PyTorch name.
        addresses: &[
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        ],
        mirror_folder: "fashion-mnist",
        licence: "MIT (copyright 2017 Zalando SE)",
        citation: "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms, arXiv:1708.07747, https://github.com/zalandoresearch/fashion-mnist",
        publishable: true,
        // Clothes fill the picture: packed, one takes 440 bytes where a digit takes 160.
        shard_size: (2_400, 2_500),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::registry::Registry;

    #[test]
    fn every_data_set_that_is_loaded_has_one_row() {
        for known in DataSet::table() {
            let n_rows = CATALOG.iter().filter(|entry| entry.set == known.value).count();
            assert_eq!(n_rows, usize::from(known.value.folder().is_some()), "{}", known.id);
        }
    }
}
