//! Data sets: what there is, what each one looks like, and how it is split.

mod set;

pub use set::{DataSet, Kind};

use crate::model::Head;
use crate::own_series::OwnSeries;
use crate::own_text::OwnText;
use crate::pairs;
use crate::periods::Periods;
use crate::plane::{Feature, MAX_OWN_POINTS, MIN_OWN_POINTS, OwnPoint, own_default};
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
/// Words of the reviews that get vectors, the commonest of the training reviews: the last of them stands there 27 times. They are 96 %
/// of the places that any of the reviews' known words has.
pub const REVIEW_WORDS: usize = 3_000;
/// Examples that each review stands for, whether it has more pairs of words or fewer: so their number is known before a review has
/// come. By measurement it has 580 on average, with the window and the thinning that the set opens with.
pub const PAIRS_PER_REVIEW: usize = 500;
/// Words drawn at random beside each true neighbour: 5 to 20 for small corpora, says Mikolov 2013.
pub const NEGATIVES: usize = 5;
/// The token that fills a review up to its window; no layer sees it.
pub const PADDING: u32 = 0;
/// Bounds of [`DataSpec::n_classes`] where the set leaves a choice.
pub const N_CLASSES: (usize, usize) = (2, 5);

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
                Kind::Words if set == DataSet::ReviewWords => 5,
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
            Kind::Words => Shape::Tokens { steps: 2 + NEGATIVES, vocabulary: 2 * self.set.n_words(), is_padded: false },
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
            ReviewWords,
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
