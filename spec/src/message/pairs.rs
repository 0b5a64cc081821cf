//! What is said about sequences that a net answers with sequences.

use serde::{Deserialize, Serialize};

/// What a net answers to a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Its tokens as they are spelled; the end is one of them where it came.
    pub tokens: Vec<String>,
    /// Natural logarithm of its probability: the sum over its tokens.
    pub log_probability: f32,
    /// Whether the net ended it; else there was no room for more.
    pub is_finished: bool,
}

/// A held-out pair, and what the net answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslatedPair {
    /// What was read.
    pub source: String,
    /// What should have been answered.
    pub target: String,
    /// What was answered, step by step the most probable token.
    pub answer: String,
    /// Whether the two are the same, token for token.
    pub is_exact: bool,
}

/// Corpus BLEU-4 (Papineni et al. 2002): `brevity · exp(¼ Σ ln precision)`, one reference, word tokens, no smoothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bleu {
    /// In `0..=1`.
    pub score: f64,
    /// Share of the answers' runs of one to four tokens that are in their references.
    pub precisions: [f64; 4],
    /// Penalty for answers that are shorter than their references: `min(1, exp(1 − r/c))`.
    pub brevity: f64,
}

/// Most pairs that one [`ToWorker::HeldOut`](super::ToWorker::HeldOut) asks for.
pub const MAX_HELD_OUT: u32 = 100;
/// Pairs that the worker scores by itself while it trains.
pub const SCORED_PAIRS: usize = 200;
