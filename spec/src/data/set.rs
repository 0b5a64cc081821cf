//! The sets there are: their kinds, what their labs can do, and what they are called.

use super::{REVIEW_WORDS, Task};
use crate::plant;
use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};

/// A data set the engine can load or draw. To add one: a variant, its row, its arms below, and for pictures its files in
/// `xtask/src/data/catalog/rows.rs`, for points its formula in `engine/src/data/points`. CONTRIBUTING.md walks through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataSet {
    /// Handwritten digits, LeCun, Cortes and Burges.
    Mnist,
    /// Pictures of clothes, Xiao, Rasul and Vollgraf.
    FashionMnist,
    /// A disc inside a ring.
    Circle,
    /// Two interleaved half circles.
    Moons,
    /// Spiral arms, one for each class.
    Spiral,
    /// Opposite quadrants belong together.
    Xor,
    /// Normal blobs, one for each class.
    Gaussians,
    /// The visitor's points.
    Own,
    /// Regression: a linear function.
    Plane,
    /// Regression: a sum of Gaussian hills.
    Hill,
    /// Daily closing prices of a share.
    Stocks,
    /// Monthly numbers of sunspots.
    Sunspots,
    /// Daily lowest temperatures.
    Temperatures,
    /// Monthly numbers of airline passengers.
    Passengers,
    /// A walk of independent steps, drawn from the seed: nothing foretells it better than its last value.
    RandomWalk,
    /// The visitor's series.
    OwnSeries,
    /// Plays, character by character.
    Shakespeare,
    /// The visitor's text, character by character.
    OwnText,
    /// Reviews of films, and whether they praise.
    Imdb,
    /// Dates as people write them, and as ISO 8601 does; drawn from the seed.
    Dates,
    /// English sentences, and what they are in French.
    FraEng,
    /// Words in sentences drawn from the seed, with analogies planted among them.
    PlantedWords,
    /// The commonest words of the reviews, known by the words around them.
    ReviewWords,
}

/// What the examples of a set are, which decides how they are loaded, cut and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Pictures with a class each.
    Pictures,
    /// Points of a plane, drawn by the engine.
    Plane,
    /// Windows of a series of numbers in time, each with a later value.
    Series,
    /// Windows of a text, each with the token behind every one of its own.
    Text,
    /// Texts with a class each.
    Reviews,
    /// Pairs of token sequences: one is read, the other answered.
    Pairs,
    /// Words, each with one that stands near it.
    Words,
}

impl DataSet {
    /// What its examples are.
    pub fn kind(self) -> Kind {
        match self {
            DataSet::Mnist | DataSet::FashionMnist => Kind::Pictures,
            DataSet::Circle
            | DataSet::Moons
            | DataSet::Spiral
            | DataSet::Xor
            | DataSet::Gaussians
            | DataSet::Own
            | DataSet::Plane
            | DataSet::Hill => Kind::Plane,
            DataSet::Stocks
            | DataSet::Sunspots
            | DataSet::Temperatures
            | DataSet::Passengers
            | DataSet::RandomWalk
            | DataSet::OwnSeries => Kind::Series,
            DataSet::Shakespeare | DataSet::OwnText => Kind::Text,
            DataSet::Imdb => Kind::Reviews,
            DataSet::Dates | DataSet::FraEng => Kind::Pairs,
            DataSet::PlantedWords | DataSet::ReviewWords => Kind::Words,
        }
    }

    /// Whether the examples are points of a plane, drawn by the engine.
    pub fn is_planar(self) -> bool {
        self.kind() == Kind::Plane
    }

    /// Fewest and most steps of a window, for sets that are cut into windows.
    pub fn window_bounds(self) -> Option<(usize, usize)> {
        match self.kind() {
            // Each set of pairs has lengths of its own.
            Kind::Pictures | Kind::Plane | Kind::Pairs => None,
            Kind::Series => Some((2, 60)),
            Kind::Text => Some((8, 128)),
            Kind::Reviews => Some((20, 400)),
            Kind::Words => Some((1, 10)),
        }
    }

    /// Folder below `data/` that holds the manifest, for sets that are loaded; its version changes whenever a byte of the set does.
    pub fn folder(self) -> Option<&'static str> {
        match self {
            DataSet::Mnist => Some("mnist-v1"),
            DataSet::FashionMnist => Some("fashion-mnist-v1"),
            DataSet::Stocks => Some("stocks-v1"),
            DataSet::Sunspots => Some("sunspots-v1"),
            DataSet::Temperatures => Some("temperatures-v1"),
            DataSet::Passengers => Some("passengers-v1"),
            DataSet::Shakespeare => Some("shakespeare-v1"),
            DataSet::Imdb | DataSet::ReviewWords => Some("imdb-v1"),
            DataSet::FraEng => Some("fra-eng-v1"),
            DataSet::Dates
            | DataSet::PlantedWords
            | DataSet::RandomWalk
            | DataSet::OwnSeries
            | DataSet::OwnText
            | DataSet::Circle
            | DataSet::Moons
            | DataSet::Spiral
            | DataSet::Xor
            | DataSet::Gaussians
            | DataSet::Own
            | DataSet::Plane
            | DataSet::Hill => None,
        }
    }

    /// The set whose manifest and shards it is made of: itself, but for the words of reviews, which are read from the reviews.
    pub fn loaded_as(self) -> DataSet {
        if self == DataSet::ReviewWords { DataSet::Imdb } else { self }
    }

    /// How many words get vectors, for sets of words; 0 for others.
    pub fn n_words(self) -> usize {
        match self {
            DataSet::PlantedWords => plant::n_words(),
            DataSet::ReviewWords => REVIEW_WORDS,
            _ => 0,
        }
    }

    /// Whether the examples are handwritten digits, of which a visitor can draw one more.
    pub fn is_digits(self) -> bool {
        self == DataSet::Mnist
    }

    /// Whether its tokens are words of English, whose first vectors may be GloVe's.
    pub fn takes_glove(self) -> bool {
        self == DataSet::Imdb
    }

    /// Names of its classes in label order: of all that there can be, where their number can be chosen.
    pub(super) fn class_names(self) -> &'static [&'static str] {
        match self {
            DataSet::FashionMnist => {
                &["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
            }
            DataSet::Imdb => &["negative", "positive"],
            _ => &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        }
    }

    /// What is to be told about its examples.
    pub fn task(self) -> Task {
        match (self, self.kind()) {
            (DataSet::Plane | DataSet::Hill, _) | (_, Kind::Series) => Task::Regression,
            (_, Kind::Text | Kind::Pairs) => Task::NextToken,
            (_, Kind::Words) => Task::Neighbour,
            _ => Task::Classification,
        }
    }

    /// Whether the number of classes can be chosen.
    pub fn has_class_choice(self) -> bool {
        matches!(self, DataSet::Spiral | DataSet::Gaussians | DataSet::Own)
    }

    /// Whether its points are drawn by a formula, so that their number and their noise can be chosen.
    pub fn is_drawn(self) -> bool {
        self.is_planar() && self != DataSet::Own
    }
}

impl Registry for DataSet {
    const WHAT: &'static str = "data set";

    fn table() -> &'static [Entry<Self>] {
        const fn row(value: DataSet, id: &'static str, label: &'static str, about: &'static str) -> Entry<DataSet> {
            Entry { value, id, label, about }
        }
        const TABLE: &[Entry<DataSet>] = &[
            row(DataSet::Mnist, "mnist", "MNIST handwritten digits", "70,000 grey pictures of 28×28 pixels, ten classes"),
            row(
                DataSet::FashionMnist,
                "fashion-mnist",
                "Fashion-MNIST clothes",
                "70,000 grey pictures of 28×28 pixels, ten kinds of clothes: MNIST's format, and harder to learn",
            ),
            row(DataSet::Circle, "circle", "Circle", "a disc inside a ring"),
            row(DataSet::Moons, "moons", "Two moons", "two interleaved half circles"),
            row(DataSet::Spiral, "spiral", "Spiral", "two to five spiral arms, one for each class"),
            row(DataSet::Xor, "xor", "XOR", "class 1 where x and y have different signs"),
            row(DataSet::Gaussians, "gaussians", "Gaussians", "two to five round blobs, one for each class"),
            row(DataSet::Own, "own", "Own points", "the points you set"),
            row(DataSet::Plane, "plane", "Plane", "regression: (x + y) / 2"),
            row(DataSet::Hill, "hill", "Hills", "regression: a sum of three Gaussian hills"),
            row(DataSet::Stocks, "stocks", "Stock price", "2,306 daily closing prices of Microsoft's share, 2007 to 2016"),
            row(DataSet::Sunspots, "sunspots", "Sunspots", "2,820 monthly numbers of sunspots, 1749 to 1983"),
            row(
                DataSet::Temperatures,
                "temperatures",
                "Temperatures",
                "3,650 daily lowest temperatures in Melbourne, 1981 to 1990",
            ),
            row(DataSet::Passengers, "passengers", "Airline passengers", "144 monthly numbers of passengers, 1949 to 1960"),
            row(DataSet::RandomWalk, "random-walk", "Random walk", "2,000 sums of independent steps: nothing foretells it"),
            row(DataSet::OwnSeries, "own-series", "Own series", "the values you bring as a CSV file or paste"),
            row(
                DataSet::Shakespeare,
                "shakespeare",
                "Tiny Shakespeare",
                "1,115,394 characters of Shakespeare's plays, 65 different ones",
            ),
            row(DataSet::OwnText, "own-text", "Own text", "a text of yours, character by character"),
            row(DataSet::Imdb, "imdb", "Film reviews", "7,000 reviews of films, as many that praise as that do not"),
            row(DataSet::Dates, "dates", "Dates", "10,000 dates as people write them, and as 2026-11-29"),
            row(DataSet::FraEng, "fra-eng", "English to French", "29,875 pairs of a short English sentence and a translation"),
            row(
                DataSet::PlantedWords,
                "planted-words",
                "Planted words",
                "96 words in short sentences drawn from the seed, with 90 analogies planted among them",
            ),
            row(
                DataSet::ReviewWords,
                "review-words",
                "Words of film reviews",
                "the 3,000 commonest words of 5,000 reviews of films, each known by the words around it",
            ),
        ];
        TABLE
    }
}
