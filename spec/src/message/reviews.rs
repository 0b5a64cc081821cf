//! What is said about reviews.

use serde::{Deserialize, Serialize};

/// A logistic regression on the words that a review has, whatever their order and number: what the net must be better than. It
/// learned from the same reviews, cut at the same window, with the same vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BagOfWords {
    /// C of `½ ‖w‖² + C Σ ln(1 + exp(−t z))` with t = ±1: of those tried, the one that has most of validation right.
    pub strength: f64,
    /// Share of the validation reviews that were right.
    pub validation: f32,
    /// Share of the test reviews that were right.
    pub test: f32,
    /// Words that weigh something: those of the vocabulary that occur in a review that was learned from.
    pub n_words: u32,
}

/// How often a word stands in the reviews that the net learns from, as far as the window goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WordCount {
    /// In all reviews, repetitions counted.
    pub total: u32,
    /// The same in reviews of class 1.
    pub in_positive: u32,
}
