//! A running experiment: a net, its optimizer, its place in the data.

mod bag_of_words;
mod bleu;
mod checkpoint;
mod comparison;
mod divergence;
mod evaluation;
mod explain;
mod follow;
mod forecast;
mod foretell;
mod inside;
mod landscape;
mod pair_answers;
mod picture;
mod plane;
mod rate_test;
mod sample;
mod slices;
mod supervised;
mod translate;
mod vectors;

pub use bag_of_words::WordComparison;
pub use bleu::BleuCounts;
pub use checkpoint::CheckpointError;
pub use divergence::Divergence;
pub use evaluation::{EvalOutcome, Evaluation, NotLoaded};
pub use explain::{ExplainError, Explained, Explanation};
pub use follow::{FollowError, Followed, FollowedLayer};
pub use forecast::{Baselines, Forecasting, Forecasts};
pub use inside::InsideError;
pub use landscape::{Landscape, LandscapeError};
pub use pair_answers::{PairAnswers, PairScore, PairsError};
pub use picture::Picture;
pub use plane::{Plane, SetWeightError};
pub use rate_test::RateTesting;
pub use sample::{Choosing, Reading, WriteError, Writer};
pub use slices::{Blueprint, Part, Slice, differentiate};
pub use supervised::{StepReport, Supervised};
pub use translate::{AttentionMap, Beam, Greedy, Spoken, TranslateError};
pub use vectors::VectorsError;

use crate::read::ReadError;

/// Why a session stopped by itself.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Stop {
    /// The loss is no longer a number.
    #[error("{}", .0.message)]
    Diverged(Divergence),
    /// The device no longer answers.
    #[error(transparent)]
    Device(#[from] ReadError),
}
