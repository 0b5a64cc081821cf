//! What is said about texts that a net writes and reads.

use serde::{Deserialize, Serialize};

/// How a text is to be drawn, one token after the other, each from what the net expects behind all before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleSpec {
    /// What it goes on from, at most [`SampleSpec::MAX_PROMPT`] characters; where it is empty, from the end of a line.
    pub prompt: String,
    /// T of `p = softmax(z / T)`, in `0..=5`; at 0 the most probable token is taken.
    pub temperature: f32,
    /// Draws among this many of the most probable tokens; 0 for all.
    pub top_k: u32,
    /// How many tokens are drawn, in `1..=2000`.
    pub length: u32,
    /// Source of the draws.
    pub seed: u32,
}

impl Default for SampleSpec {
    /// As the lab opens: a little surer than the net is.
    fn default() -> Self {
        SampleSpec { prompt: String::new(), temperature: 0.8, top_k: 0, length: 300, seed: 1 }
    }
}

impl SampleSpec {
    /// Most characters of a prompt.
    pub const MAX_PROMPT: usize = 500;
    /// Highest temperature: there all tokens are nearly as probable as each other.
    pub const MAX_TEMPERATURE: f32 = 5.0;
    /// Most tokens of one sample.
    pub const MAX_LENGTH: u32 = 2_000;

    /// Whether it can be drawn, or a sentence that says why not.
    ///
    /// # Errors
    /// The first field that is out of its bounds.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=Self::MAX_TEMPERATURE).contains(&self.temperature) {
            return Err(format!("The temperature must lie between 0 and {}.", Self::MAX_TEMPERATURE));
        }
        if !(1..=Self::MAX_LENGTH).contains(&self.length) {
            return Err(format!("A sample has 1 to {} characters.", Self::MAX_LENGTH));
        }
        if self.prompt.chars().count() > Self::MAX_PROMPT {
            return Err(format!("A prompt has at most {} characters: shorten it.", Self::MAX_PROMPT));
        }
        Ok(())
    }
}

/// Why a text is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleOf {
    /// The visitor asked.
    Asked,
    /// The net writes by itself while it is trained.
    Live,
    /// It is kept, one for each epoch, all with the same first draws: what changes is the net. Epoch 0 is before the first step.
    Epoch {
        /// Epochs done.
        epoch: u32,
    },
}

/// A stretch of a text as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Why.
    pub of: SampleOf,
    /// Steps done when the sample was begun: all of it is drawn from the net as it was then.
    pub step: u64,
    /// Whether it begins a sample; then it begins with the prompt.
    pub is_first: bool,
    /// The text.
    pub text: String,
    /// Whether nothing follows: the sample has its length, or was stopped.
    pub is_last: bool,
}

/// Most characters that [`ToWorker::ReadText`](super::ToWorker::ReadText) reads.
pub const MAX_READ: usize = 600;
/// How many of the most probable next tokens [`ToApp::TextRead`](super::ToApp::TextRead) tells of each.
pub const N_LIKELY: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_out_of_bounds_are_refused() {
        assert_eq!(SampleSpec::default().check(), Ok(()));
        for bad in [
            SampleSpec { temperature: -0.1, ..SampleSpec::default() },
            SampleSpec { temperature: f32::NAN, ..SampleSpec::default() },
            SampleSpec { length: 0, ..SampleSpec::default() },
            SampleSpec { prompt: "x".repeat(501), ..SampleSpec::default() },
        ] {
            assert!(bad.check().unwrap_err().ends_with('.'), "{bad:?}");
        }
    }
}
