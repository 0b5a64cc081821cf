//! The rows of the catalog.

use super::{CatalogEntry, Files, Holds, SourceFile};
use descent_spec::pairs::STRETCH;
use descent_spec::{DataSet, glove};

/// Every data set.
pub(crate) const CATALOG: &[CatalogEntry] = &[
    CatalogEntry {
        holds: Holds::Set(DataSet::Mnist),
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
        holds: Holds::Set(DataSet::FashionMnist),
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
    CatalogEntry {
        holds: Holds::Set(DataSet::Stocks),
        files: Files::Series {
            table: SourceFile {
                name: "stockdata.csv",
                sha256: "60bf505fec160ce05ba959382adee32ea6e53ce14fe22886db27c58fe1b0d26b",
            },
            date: "Date",
            value: "MSFT",
        },
        addresses: &["https://raw.githubusercontent.com/plotly/datasets/master"],
        mirror_folder: "timeseries",
        licence: "MIT (copyright Plotly), as the collection states; the origin of the prices is not stated",
        citation: "Daily closing prices of Microsoft, adjusted, from https://github.com/plotly/datasets",
        publishable: true,
        shard_size: WHOLE,
    },
    CatalogEntry {
        holds: Holds::Set(DataSet::Sunspots),
        files: Files::Series {
            table: SourceFile {
                name: "monthly-sunspots.csv",
                sha256: "c4ec8cc57d9f6fb6ecdb3e1f37f25b6f4badd5124c55931052b0cd2fc3bc71f3",
            },
            date: "Month",
            value: "Sunspots",
        },
        addresses: JLEE,
        mirror_folder: "timeseries",
        licence: "none stated",
        citation: "Time Series Data Library; D. F. Andrews, A. M. Herzberg: Data (1985). Zürich sunspot numbers.",
        publishable: false,
        shard_size: WHOLE,
    },
    CatalogEntry {
        holds: Holds::Set(DataSet::Temperatures),
        files: Files::Series {
            table: SourceFile {
                name: "daily-min-temperatures.csv",
                sha256: "8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da",
            },
            date: "Date",
            value: "Temp",
        },
        addresses: JLEE,
        mirror_folder: "timeseries",
        licence: "none stated",
        citation: "Time Series Data Library, after the Australian Bureau of Meteorology: Melbourne, 1981 to 1990",
        publishable: false,
        shard_size: WHOLE,
    },
    CatalogEntry {
        holds: Holds::Set(DataSet::Passengers),
        files: Files::Series {
            table: SourceFile {
                name: "airline-passengers.csv",
                sha256: "8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621",
            },
            date: "Month",
            value: "Passengers",
        },
        addresses: JLEE,
        mirror_folder: "timeseries",
        licence: "none stated",
        citation: "G. E. P. Box, G. M. Jenkins: Time Series Analysis (1976), series G, thousands of passengers",
        publishable: false,
        shard_size: WHOLE,
    },
    CatalogEntry {
        holds: Holds::Set(DataSet::Shakespeare),
        files: Files::Text(SourceFile {
            name: "tinyshakespeare.input.txt",
            sha256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        }),
        // The collection calls it `input.txt`, which is found by hash only in a mirror.
        addresses: &[],
        mirror_folder: "text",
        licence: "The plays are in the public domain",
        citation: "W. Shakespeare, compiled by A. Karpathy, https://github.com/karpathy/char-rnn",
        publishable: true,
        shard_size: WHOLE,
    },
    CatalogEntry {
        holds: Holds::Set(DataSet::Imdb),
        files: Files::Reviews([
            SourceFile {
                name: "imdb_train_5000.jsonl.gz",
                sha256: "baa85175564355ace5eed6db1f5edf3d91a7e2e1266cfd9affb90ab001e26d04",
            },
            SourceFile {
                name: "imdb_test_2000.jsonl.gz",
                sha256: "c99c89a28972d945a8f6bcb3ae89032e2c283f3d0b7eaede81b206ef4f9db336",
            },
        ]),
        // A cut of the published archive of 84 MB, every fourth and every eighth review; the cut itself is published nowhere.
        addresses: &[],
        mirror_folder: "imdb",
        licence: "none stated; the reviews are their authors'",
        citation: "A. L. Maas et al.: Learning Word Vectors for Sentiment Analysis, ACL 2011, https://ai.stanford.edu/~amaas/data/sentiment/",
        publishable: false,
        shard_size: (2_500, 2_000),
    },
    CatalogEntry {
        holds: Holds::Set(DataSet::FraEng),
        files: Files::Pairs(SourceFile {
            name: "fra.first30000.txt.gz",
            sha256: "2854cdf4ebbe9c3c2c7b384263aab9d98ad52bb57ef706ac77f382379f99f50f",
        }),
        // The first 30,000 lines of `fra.txt` in the archive fra-eng.zip; the cut itself is published nowhere.
        addresses: &[],
        mirror_folder: "fra-eng",
        licence: "CC BY 2.0 FR (https://creativecommons.org/licenses/by/2.0/fr/); cut, lower-cased and split into words by this project",
        citation: "Sentences and translations by the contributors of Tatoeba, https://tatoeba.org, selected by C. Kelly, https://www.manythings.org/anki/",
        publishable: true,
        shard_size: (100 * STRETCH, 2_000),
    },
    CatalogEntry {
        holds: Holds::Glove,
        files: Files::Glove(SourceFile {
            name: "glove.6B.50d.first10000.txt.gz",
            sha256: "3ef2003edeeeebd4e19262abd77ee9192a460908af25939495c13daea81fa263",
        }),
        // The first 10,000 lines of `glove.6B.50d.txt` in an archive of 822 MB; the cut itself is published nowhere.
        addresses: &[],
        mirror_folder: "glove",
        licence: glove::LICENCE,
        citation: glove::CITATION,
        publishable: true,
        shard_size: WHOLE,
    },
];

/// A set in one shard.
const WHOLE: (usize, usize) = (usize::MAX, usize::MAX);
/// The collection that several series come from.
const JLEE: &[&str] = &["https://raw.githubusercontent.com/jbrownlee/Datasets/master"];
