//! What each word of a review does to the answer: the answer without it, word by word.

use super::Supervised;
use crate::loss::judge;
use crate::model::Net;
use crate::read::{ReadError, read_one};
use descent_spec::data::PADDING;
use descent_spec::{Head, Shape};

/// Reviews per unit of work: small enough that the worker can listen between two of them.
const BATCH: usize = 32;

/// Why a review cannot be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// Nothing to read.
    #[error("There is no word to read: write some.")]
    Empty,
    /// A number past the vocabulary.
    #[error("Token {0} is not in the vocabulary.")]
    Unknown(u32),
    /// Other data.
    #[error("Only the answer to a review is explained word by word: open #/imdb.")]
    NoReviews,
}

/// The contribution of each word being worked out, on a snapshot of the net.
///
/// Of a word it is `z − z₋`, z being the logit of all words and z₋ that of all but it, which move up. That is exact for every net,
/// and asks what one would ask: what if the word were not there? The contributions sum to `z` for no net but one that adds words
/// up; in a mean over n words leaving one out also gives all others the weight 1 / (n − 1).
pub struct Explanation {
    net: Net,
    head: Head,
    step: u64,
    window: usize,
    tokens: Vec<u32>,
    /// First of all words, then without each.
    logits: Vec<f32>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Steps done.
    pub step: u64,
    /// The logit of all words.
    pub logit: f32,
    /// One for each class.
    pub probabilities: Vec<f32>,
    /// For each word that was read, how much higher the logit is for it.
    pub contributions: Vec<f32>,
}

impl Supervised {
    /// Begins to explain the answer to a review; of a long one the first tokens that the window takes are read.
    ///
    /// # Errors
    /// No tokens, tokens outside the vocabulary, or a session on other data.
    pub fn explain_review(&self, tokens: &[u32]) -> Result<Explanation, ExplainError> {
        let Shape::Tokens { steps, vocabulary, is_padded: true } = self.traced[0].input else {
            return Err(ExplainError::NoReviews);
        };
        let tokens = &tokens[..tokens.len().min(steps)];
        if tokens.is_empty() {
            return Err(ExplainError::Empty);
        }
        if let Some(&token) = tokens.iter().find(|&&token| token as usize >= vocabulary) {
            return Err(ExplainError::Unknown(token));
        }
        Ok(Explanation {
            net: self.evaluation_net(),
            head: self.head,
            step: self.progress.step,
            window: steps,
            tokens: tokens.to_vec(),
            logits: Vec::with_capacity(tokens.len() + 1),
        })
    }

    /// The embedding of a token as it is now; empty where the first layer is none, or there is no such token.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn embedding_of(&self, token: usize) -> Result<Vec<f32>, ReadError> {
        let place = &self.traced[0];
        let (descent_spec::LayerSpec::Embedding { features, .. }, Shape::Tokens { vocabulary, .. }) = (&place.layer, place.input)
        else {
            return Ok(Vec::new());
        };
        let name = format!("{}.weight", place.name);
        match self.net.named_tensors(&self.traced).into_iter().find(|it| it.name == name) {
            Some(table) if token < vocabulary => {
                let row = table.values.reshape([vocabulary, *features]).slice([token..token + 1, 0..*features]);
                read_one(row).await
            }
            _ => Ok(Vec::new()),
        }
    }
}

impl Explanation {
    /// Works through the next batch; says whether there is more to do.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn advance(&mut self, session: &Supervised) -> Result<bool, ReadError> {
        let first = self.logits.len();
        let last = (first + BATCH).min(self.tokens.len() + 1);
        let mut rows = Vec::with_capacity((last - first) * self.window);
        for (row, variant) in (first..last).enumerate() {
            // Variant 0 has all words, variant k all but the kth.
            let kept = self.tokens.iter().enumerate().filter(|(idx, _)| idx + 1 != variant);
            rows.extend(kept.map(|(_, &token)| token as f32));
            rows.resize((row + 1) * self.window, PADDING as f32);
        }
        let x = session.batch_tensor(rows, last - first, &session.device.clone().inner());
        self.logits.extend(read_one(self.net.forward(x)).await?);
        Ok(last < self.tokens.len() + 1)
    }

    /// What was found, after the last batch.
    pub fn finish(self) -> Explained {
        let logit = self.logits.first().copied().unwrap_or_default();
        Explained {
            step: self.step,
            logit,
            probabilities: judge(self.head, &[logit], 0.0).probabilities,
            contributions: self.logits.iter().skip(1).map(|without| logit - without).collect(),
        }
    }
}
