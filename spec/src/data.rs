//! Data sets: what there is, what each one looks like, and how it is split.

use crate::model::Head;
use crate::own_series::OwnSeries;
use crate::own_text::OwnText;
use crate::pairs;
use crate::periods::Periods;
use crate::plane::{Feature, MAX_OWN_POINTS, MIN_OWN_POINTS, OwnPoint, own_default};
use crate::plant;
use crate::registry::{Entry, Registry};
use crate::shape::Shape;
use serde::{Deserialize, Serialize};

/// Bounds of [`DataSpec::noise`].
pub const NOISE: (f64, f64) = (0.0, 0.5);
/// Bounds of [`DataSpec::n_points`].
pub const N_POINTS: (usize, usize) = (50, 1000);
/// Bounds of [`DataSpec::horizon`].
pub const HORIZON: (usize, usize) = (1, 30);
/// Values of a random walk.
pub const WALK_LEN: usize = 2_000;
/// Characters of Tiny Shakespeare.
pub const SHAKESPEARE_VOCABULARY: usize = 65;
/// Tokens of the reviews: the padding, the unknown word, and the most frequent words of the training reviews.
pub const IMDB_VOCABULARY: usize = 5_000;
/// Words drawn at random beside each true neighbour: 5 to 20 for small corpora, says Mikolov 2013.
pub const NEGATIVES: usize = 5;
/// The token that fills a review up to its window; no layer sees it.
pub const PADDING: u32 = 0;
/// Bounds of [`DataSpec::n_classes`] where the set leaves a choice.
pub const N_CLASSES: (usize, usize) = (2, 5);

/// A data set the engine can load or draw. To add one: a variant, its row, its arms below, and for pictures its files in
/// `xtask/src/data/catalog.rs`, for points its formula in `engine/src/data/points`. CONTRIBUTING.md walks through it.
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

/// What is to be told about an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Its class.
    Classification,
    /// A number.
    Regression,
    /// The token that follows, after each of its tokens.
    NextToken,
    /// Which of several words stands near it.
    Neighbour,
}

/// What the page must know about data before the first example is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DataFacts {
    /// Shape of one example as the net takes it.
    pub shape: Shape,
    /// Names of the classes, in label order; none where no class is told.
    pub classes: &'static [&'static str],
    /// What is to be told.
    pub task: Task,
    /// How the net says it.
    pub head: Head,
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
            DataSet::PlantedWords => Kind::Words,
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
            DataSet::Imdb => Some("imdb-v1"),
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

    /// Whether the examples are handwritten digits, of which a visitor can draw one more.
    pub fn is_digits(self) -> bool {
        self == DataSet::Mnist
    }

    /// Whether its tokens are words of English, whose first vectors may be GloVe's.
    pub fn takes_glove(self) -> bool {
        self == DataSet::Imdb
    }

    /// Names of its classes in label order: of all that there can be, where their number can be chosen.
    fn class_names(self) -> &'static [&'static str] {
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
        ];
        TABLE
    }
}

/// A part of the data. The model learns from `Train` only; `Test` is looked at on demand and never chooses anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// What the optimizer sees.
    Train,
    /// Held out of the training set by the seed: for choosing.
    Validation,
    /// The set's own test part: for reporting.
    Test,
}

impl Registry for Split {
    const WHAT: &'static str = "split";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Split>] = &[
            Entry { value: Split::Train, id: "train", label: "Train", about: "what the optimizer sees" },
            Entry {
                value: Split::Validation,
                id: "validation",
                label: "Validation",
                about: "held out of the training set by the seed: for choosing",
            },
            Entry { value: Split::Test, id: "test", label: "Test", about: "the set's own test part: for reporting" },
        ];
        TABLE
    }
}

/// Which data, how they are drawn, and how much of the training part is held out.
///
/// A field that the set does not have ([`DataSet::is_drawn`], [`DataSet::has_class_choice`]) keeps the value of
/// [`DataSpec::for_set`]; links do not carry it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataSpec {
    /// The set.
    pub set: DataSet,
    /// Share of the training part that becomes the validation split, in `[0.05, 0.5]`.
    pub validation: f64,
    /// Drawn points: standard deviation of the normal noise, in `[0, 0.5]`: on both coordinates where classes are told (the
    /// plane is 2 wide), on the value for regression.
    pub noise: f64,
    /// Number of classes, in `2..=5` where the set leaves a choice.
    pub n_classes: usize,
    /// Drawn points: how many in train and validation together, in `50..=1000`. Half as many are drawn apart for the test.
    pub n_points: usize,
    /// Points of a plane: what the net is given of each, in the order of its inputs; at least one, each once. Empty for pictures.
    pub features: Vec<Feature>,
    /// [`DataSet::Own`]: the points. There is no test part.
    pub own: Vec<OwnPoint>,
    /// [`DataSet::OwnText`]: the text. Empty for other sets.
    pub text: OwnText,
    /// Steps of a window, within [`DataSet::window_bounds`]: of a series, values that the net is given; of a text, characters;
    /// of a review, its first tokens; of words, how far from a word its neighbours stand. 0 for other sets.
    pub window: usize,
    /// Series: which value is foretold, counted from the last one of the window, within [`HORIZON`]. 0 for other sets.
    pub horizon: usize,
    /// [`DataSet::OwnSeries`]: the values.
    pub own_series: OwnSeries,
}

impl Default for DataSpec {
    fn default() -> Self {
        DataSpec::for_set(DataSet::Mnist)
    }
}

impl DataSpec {
    /// The data of this set as its lab opens.
    pub fn for_set(set: DataSet) -> DataSpec {
        DataSpec {
            set,
            validation: match set.kind() {
                Kind::Plane => 0.3,
                Kind::Pictures | Kind::Series | Kind::Reviews => 0.2,
                Kind::Words => 0.1,
                Kind::Text if set == DataSet::OwnText => 0.1,
                Kind::Pairs => 0.1,
                Kind::Text => 0.05,
            },
            noise: if set.is_drawn() { 0.05 } else { 0.0 },
            n_classes: match (set, set.task()) {
                (DataSet::Mnist | DataSet::FashionMnist, _) => 10,
                (_, Task::Regression | Task::NextToken | Task::Neighbour) => 0,
                (DataSet::Gaussians, _) => 3,
                _ => 2,
            },
            n_points: if set.is_drawn() { 500 } else { 0 },
            features: if set.is_planar() { vec![Feature::X, Feature::Y] } else { Vec::new() },
            own: if set == DataSet::Own { own_default() } else { Vec::new() },
            text: if set == DataSet::OwnText { OwnText::example() } else { OwnText::default() },
            window: match set.kind() {
                Kind::Pictures | Kind::Plane | Kind::Pairs => 0,
                Kind::Series if matches!(set, DataSet::Passengers | DataSet::OwnSeries) => 12,
                Kind::Series => 30,
                Kind::Text => 40,
                Kind::Reviews => 400,
                Kind::Words => 3,
            },
            horizon: usize::from(set.kind() == Kind::Series),
            own_series: if set == DataSet::OwnSeries { OwnSeries::opening() } else { OwnSeries::default() },
        }
    }

    /// Shape, classes, task and head.
    pub fn facts(&self) -> DataFacts {
        let names = self.set.class_names();
        let classes = &names[..self.n_classes.min(names.len())];
        let task = self.set.task();
        let shape = match self.set.kind() {
            Kind::Pictures => Shape::Image { channels: 1, height: 28, width: 28 },
            Kind::Plane => self.plane_shape(),
            Kind::Series => Shape::Sequence { steps: self.window, features: 1 },
            Kind::Text => {
                let is_own = self.set == DataSet::OwnText;
                let vocabulary = if is_own { self.text.alphabet().len() } else { SHAKESPEARE_VOCABULARY };
                Shape::Tokens { steps: self.window, vocabulary, is_padded: false }
            }
            Kind::Reviews => Shape::Tokens { steps: self.window, vocabulary: IMDB_VOCABULARY, is_padded: true },
            Kind::Pairs => pairs::shape_of(self.set),
            // Twice the words: each has a vector of its own and one as a neighbour.
            Kind::Words => Shape::Tokens { steps: 2 + NEGATIVES, vocabulary: 2 * plant::n_words(), is_padded: false },
        };
        let head = match (task, shape) {
            (Task::Regression, _) => Head::Linear,
            (Task::Neighbour, _) => Head::Sampled { negatives: NEGATIVES },
            (Task::NextToken, Shape::Tokens { vocabulary, .. } | Shape::TokenPair { target_vocabulary: vocabulary, .. }) => {
                Head::Tokens { vocabulary }
            }
            (Task::Classification, shape) if classes.len() == 2 && !matches!(shape, Shape::Image { .. }) => Head::Sigmoid,
            _ => Head::Softmax { n_classes: classes.len() },
        };
        DataFacts { shape, classes, task, head }
    }

    /// Whether the engine can make these data, or a sentence that says why not and what to do.
    ///
    /// # Errors
    /// The first field that is out of its bounds.
    pub fn check(&self) -> Result<(), String> {
        let default = DataSpec::for_set(self.set);
        let within = |value: usize, (low, high): (usize, usize)| (low..=high).contains(&value);
        if let Some(bounds) = self.set.window_bounds().filter(|&bounds| !within(self.window, bounds)) {
            return Err(format!("A window has {} to {} steps, and {} are too many or too few.", bounds.0, bounds.1, self.window));
        }
        if self.set.kind() == Kind::Series && !within(self.horizon, HORIZON) {
            return Err(format!("What is foretold lies {} to {} steps ahead: choose a number between.", HORIZON.0, HORIZON.1));
        }
        if self.set == DataSet::OwnSeries {
            self.own_series.check()?;
        }
        if self.set == DataSet::OwnText {
            self.text.check()?;
        }
        if let Some(n_values) = self.n_values().filter(|_| self.periods().is_some_and(|periods| !periods.are_whole())) {
            return Err(format!(
                "Windows of {} values that foretell {} ahead leave nothing to learn from or to choose by in {n_values} values: make \
                 the window or the horizon smaller.",
                self.window, self.horizon
            ));
        }
        if !self.set.is_planar() {
            return Ok(());
        }
        if self.set.has_class_choice() && !within(self.n_classes, N_CLASSES) {
            return Err(format!(
                "There can be {} to {} classes, and {} are too many or too few.",
                N_CLASSES.0, N_CLASSES.1, self.n_classes
            ));
        }
        if !self.set.has_class_choice() && self.n_classes != default.n_classes {
            return Err(format!("{} has {} classes, not {}.", self.set.label(), default.n_classes, self.n_classes));
        }
        if self.set.is_drawn() && !within(self.n_points, N_POINTS) {
            return Err(format!("There can be {} to {} points: choose a number between.", N_POINTS.0, N_POINTS.1));
        }
        if self.set.is_drawn() && !(NOISE.0..=NOISE.1).contains(&self.noise) {
            return Err(format!("The noise must lie between {} and {}.", NOISE.0, NOISE.1));
        }
        Feature::check(&self.features)?;
        if self.set == DataSet::Own {
            if !within(self.own.len(), (MIN_OWN_POINTS, MAX_OWN_POINTS)) {
                return Err(format!(
                    "Training needs {MIN_OWN_POINTS} to {MAX_OWN_POINTS} points, and there are {}: add or remove some.",
                    self.own.len()
                ));
            }
            if let Some(point) = self.own.iter().find(|point| usize::from(point.class) >= self.n_classes) {
                return Err(format!("A point has class {}, but the classes are 0 to {}.", point.class, self.n_classes - 1));
            }
        }
        Ok(())
    }

    /// How many values a series has; none for other sets.
    pub fn n_values(&self) -> Option<usize> {
        match self.set {
            DataSet::Stocks => Some(2_306),
            DataSet::Sunspots => Some(2_820),
            DataSet::Temperatures => Some(3_650),
            DataSet::Passengers => Some(144),
            DataSet::RandomWalk => Some(WALK_LEN),
            DataSet::OwnSeries => Some(self.own_series.len()),
            _ => None,
        }
    }

    /// How the time of a series is cut; none for other sets.
    pub fn periods(&self) -> Option<Periods> {
        self.n_values().map(|n_values| Periods::new(n_values, self.window, self.horizon, self.validation))
    }

    fn plane_shape(&self) -> Shape {
        Shape::Flat { units: self.features.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        use DataSet::*;
        crate::registry::check_table(&[
            Mnist,
            FashionMnist,
            Circle,
            Moons,
            Spiral,
            Xor,
            Gaussians,
            Own,
            Plane,
            Hill,
            Stocks,
            Sunspots,
            Temperatures,
            Passengers,
            RandomWalk,
            OwnSeries,
            Shakespeare,
            OwnText,
            Imdb,
            Dates,
            FraEng,
            PlantedWords,
        ]);
        crate::registry::check_table(&[Split::Train, Split::Validation, Split::Test]);
    }

    #[test]
    fn every_set_opens() {
        for entry in DataSet::table() {
            let data = DataSpec::for_set(entry.value);
            assert_eq!(data.check(), Ok(()), "{}", entry.id);
            let facts = data.facts();
            assert!(!facts.shape.is_empty());
            assert_eq!(facts.classes.len(), data.n_classes);
            assert_eq!(facts.task == Task::Classification, !facts.classes.is_empty());
            assert_eq!(data.set.window_bounds().is_some(), data.window > 0);
        }
    }

    #[test]
    fn two_classes_need_one_logit_and_more_need_one_each() {
        let head = |n_classes| DataSpec { n_classes, ..DataSpec::for_set(DataSet::Spiral) }.facts().head;
        assert_eq!(head(2), Head::Sigmoid);
        assert_eq!(head(3), Head::Softmax { n_classes: 3 });
        assert_eq!(DataSpec::for_set(DataSet::Hill).facts().head, Head::Linear);
        assert_eq!(DataSpec::default().facts().head, Head::Softmax { n_classes: 10 });
    }

    #[test]
    fn impossible_data_are_explained() {
        let spiral = DataSpec::for_set(DataSet::Spiral);
        let own = DataSpec::for_set(DataSet::Own);
        for bad in [
            DataSpec { n_classes: 6, ..spiral.clone() },
            DataSpec { n_classes: 3, ..DataSpec::for_set(DataSet::Moons) },
            DataSpec { n_points: 49, ..spiral.clone() },
            DataSpec { noise: f64::NAN, ..spiral.clone() },
            DataSpec { features: vec![], ..spiral.clone() },
            DataSpec { features: vec![Feature::X, Feature::X], ..spiral },
            DataSpec { own: own.own[..1].to_vec(), ..own.clone() },
            DataSpec { own: vec![OwnPoint::at(0.0, 0.0, 2); 3], ..own },
            DataSpec { window: 1, ..DataSpec::for_set(DataSet::Stocks) },
            DataSpec { horizon: 31, ..DataSpec::for_set(DataSet::Stocks) },
            DataSpec { window: 1000, ..DataSpec::for_set(DataSet::Shakespeare) },
            DataSpec { window: 60, horizon: 30, ..DataSpec::for_set(DataSet::Passengers) },
            DataSpec { own_series: OwnSeries::of(&[1.0; 39]), ..DataSpec::for_set(DataSet::OwnSeries) },
            DataSpec { text: super::OwnText::new("short"), ..DataSpec::for_set(DataSet::OwnText) },
        ] {
            assert!(bad.check().unwrap_err().ends_with('.'), "{bad:?}");
        }
    }
}
