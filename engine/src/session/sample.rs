//! Texts and the net: written by it one token after the other, and read by it with a look at its units.

use super::Supervised;
use crate::loss::score;
use crate::model::{Memory, Net, Signal, Tokens};
use crate::read::{ReadError, read_all, read_one};
use crate::rng::uniform_f64;
use descent_spec::message::N_LIKELY;
use descent_spec::{Head, LayerSpec, Returns};
use rand_chacha::ChaCha8Rng;

/// Why a net cannot write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// It answers something else.
    #[error("Only a net that is trained to tell the next character can write.")]
    NoTokens,
    /// One of its layers sees several steps at once.
    #[error("{0} sees a stretch of text at once, so that this net cannot go on character by character.")]
    SeesStretches(String),
    /// The prompt is empty, or holds a token that the net has no place for.
    #[error("The net has never seen this prompt's characters.")]
    Prompt,
    /// There is no such layer, or it does not answer at every step.
    #[error("This layer has no units that could be watched over a text.")]
    NoSuchLayer,
}

/// How the next token is chosen from logits `z`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choosing {
    /// T of `p = softmax(z / T)`; at 0 the most probable token is taken.
    pub temperature: f32,
    /// Draws among this many of the most probable; 0 for all.
    pub top_k: usize,
}

impl Choosing {
    /// Probabilities of all tokens: those of `softmax(z / T)` among the k most probable, scaled to the sum 1, and 0 elsewhere. Of
    /// equals the one with the smaller number comes first.
    ///
    /// ```
    /// use descent_engine::session::Choosing;
    /// // e² / (e² + e¹) = 0.7311 among the two most probable; at T = 0 nothing but the first.
    /// let logits = [1.0, 2.0, 0.0];
    /// let among_two = Choosing { temperature: 1.0, top_k: 2 }.probabilities(&logits);
    /// assert!((among_two[1] - 0.731_059).abs() < 1e-6 && (among_two[0] - 0.268_941).abs() < 1e-6 && among_two[2] == 0.0);
    /// assert_eq!(Choosing { temperature: 0.0, top_k: 0 }.probabilities(&logits), [0.0, 1.0, 0.0]);
    /// ```
    pub fn probabilities(self, logits: &[f32]) -> Vec<f64> {
        let mut by_rank: Vec<usize> = (0..logits.len()).collect();
        by_rank.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]).then(a.cmp(&b)));
        let n_taken = match (self.temperature > 0.0, self.top_k) {
            (false, _) => 1,
            (true, 0) => logits.len(),
            (true, top_k) => top_k,
        };
        by_rank.truncate(n_taken);
        let mut probabilities = vec![0.0; logits.len()];
        let Some(&best) = by_rank.first() else { return probabilities };
        let temperature = if self.temperature > 0.0 { f64::from(self.temperature) } else { 1.0 };
        for &token in &by_rank {
            probabilities[token] = (f64::from(logits[token] - logits[best]) / temperature).exp();
        }
        let sum: f64 = probabilities.iter().sum();
        probabilities.iter_mut().for_each(|it| *it /= sum);
        probabilities
    }

    /// Draws a token: where a uniform number falls on the line of probabilities laid end to end. One draw of `rng`.
    pub fn draw(self, logits: &[f32], rng: &mut ChaCha8Rng) -> u32 {
        let probabilities = self.probabilities(logits);
        let mut left = uniform_f64(rng);
        let mut last = 0;
        for (token, probability) in probabilities.into_iter().enumerate().filter(|(_, probability)| *probability > 0.0) {
            last = token as u32;
            left -= probability;
            if left < 0.0 {
                break;
            }
        }
        // Rounding may leave a sliver behind the last one.
        last
    }
}

/// A text under way. It is drawn from a snapshot of the net: training may go on between two tokens.
pub struct Writer {
    net: Net,
    memory: Memory,
    choosing: Choosing,
    rng: ChaCha8Rng,
    /// What the net has not read yet: the prompt, then each token drawn.
    unread: Vec<u32>,
    /// Steps done when it was begun.
    step: u64,
}

impl Writer {
    /// Steps done when the snapshot was taken.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Logits of what follows, from the state that what was read left behind.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn logits(&mut self) -> Result<Vec<f32>, ReadError> {
        let ids = std::mem::take(&mut self.unread);
        let n_read = ids.len();
        let outputs = self.net.forward_from(Signal::Tokens(Tokens { ids, batch: 1, lengths: None }), &mut self.memory);
        read_one(outputs.narrow(0, n_read - 1, 1)).await
    }

    /// Draws the next token.
    ///
    /// # Errors
    /// As [`logits`](Self::logits).
    pub async fn next(&mut self) -> Result<u32, ReadError> {
        let logits = self.logits().await?;
        let token = self.choosing.draw(&logits, &mut self.rng);
        self.unread.push(token);
        Ok(token)
    }
}

/// What the net made of a text of `n` tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Units of the layer.
    pub units: usize,
    /// What each says behind each token, `[n, units]`.
    pub activations: Vec<f32>,
    /// The most probable next tokens behind each, `[n, N_LIKELY]`, most probable first.
    pub likely: Vec<u32>,
    /// Their probabilities; 0 where there are fewer tokens.
    pub shares: Vec<f32>,
    /// The probability that each token was given before it was seen; −1 for the first.
    pub foreseen: Vec<f32>,
}

impl Supervised {
    /// Begins a text behind a prompt.
    ///
    /// # Errors
    /// A net that cannot write, or a prompt that it cannot read.
    pub fn writer(&self, prompt: &[u32], choosing: Choosing, rng: ChaCha8Rng) -> Result<Writer, WriteError> {
        self.check_tokens(prompt)?;
        let (net, step) = (self.evaluation_net(), self.progress.step);
        Ok(Writer { net, memory: Memory::default(), choosing, rng, unread: prompt.to_vec(), step })
    }

    /// Reads a text from its beginning with the net as it is now, and looks at the units of one layer.
    ///
    /// # Errors
    /// As [`writer`](Self::writer), and a layer that is not there or does not answer at every step.
    pub async fn read_text(&self, tokens: &[u32], layer: usize) -> Result<Result<Reading, WriteError>, ReadError> {
        if let Err(refused) = self.check_tokens(tokens) {
            return Ok(Err(refused));
        }
        let x = Signal::Tokens(Tokens { ids: tokens.to_vec(), batch: 1, lengths: None });
        let mut taps = self.evaluation_net().forward_with_taps(x);
        if layer + 1 >= taps.len() {
            return Ok(Err(WriteError::NoSuchLayer));
        }
        let (Some(top), watched) = (taps.pop(), taps.swap_remove(layer)) else { return Ok(Err(WriteError::NoSuchLayer)) };
        let wanted = [watched, top].map(|tap| tap.into_rows().reshape([-1]));
        let mut values = read_all(wanted.into()).await?;
        let (Some(logits), Some(activations)) = (values.pop(), values.pop()) else {
            return Ok(Err(WriteError::NoSuchLayer));
        };
        let n_outputs = self.head.n_outputs();
        let mut reading = Reading {
            units: activations.len() / tokens.len(),
            activations,
            likely: vec![],
            shares: vec![],
            foreseen: vec![-1.0],
        };
        for (place, logits) in logits.chunks_exact(n_outputs).enumerate() {
            let (probabilities, ..) = score(logits, 0);
            let mut by_rank: Vec<u32> = (0..n_outputs as u32).collect();
            by_rank.sort_by(|&a, &b| probabilities[b as usize].total_cmp(&probabilities[a as usize]).then(a.cmp(&b)));
            for rank in 0..N_LIKELY {
                let token = by_rank.get(rank).copied();
                reading.likely.push(token.unwrap_or(0));
                reading.shares.push(token.map_or(0.0, |token| probabilities[token as usize]));
            }
            reading.foreseen.extend(tokens.get(place + 1).map(|&next| probabilities[next as usize]));
        }
        Ok(Ok(reading))
    }

    /// Whether the net can read these tokens one after the other.
    fn check_tokens(&self, tokens: &[u32]) -> Result<(), WriteError> {
        let (Head::Tokens { vocabulary }, true) = (self.head, self.is_writing()) else { return Err(WriteError::NoTokens) };
        let goes_step_by_step = |layer: &LayerSpec| {
            matches!(
                layer,
                LayerSpec::Embedding { .. }
                    | LayerSpec::Recurrent { returns: Returns::All, .. }
                    | LayerSpec::Dense { .. }
                    | LayerSpec::LayerNorm
                    | LayerSpec::Activate { .. }
                    | LayerSpec::Dropout { .. }
            )
        };
        if let Some(place) = self.traced.iter().find(|place| !goes_step_by_step(&place.layer)) {
            return Err(WriteError::SeesStretches(place.name.clone()));
        }
        if tokens.is_empty() || tokens.iter().any(|&token| token as usize >= vocabulary) {
            return Err(WriteError::Prompt);
        }
        Ok(())
    }

    /// Whether it learns to tell the next token.
    pub fn is_writing(&self) -> bool {
        matches!(self.head, Head::Tokens { .. }) && !self.is_translating()
    }
}
