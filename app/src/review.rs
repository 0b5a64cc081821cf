//! Reviews as the worker tells of them, and what a net makes of their words.

use crate::client::Answer;
use descent_spec::message::{ToApp, WordCount};
use descent_spec::words::UNKNOWN;

/// Words of a review that a list shows.
const N_FIRST: usize = 24;

/// The answer to [`Explain`](descent_spec::message::ToWorker::Explain).
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Steps done when it was read.
    pub step: u64,
    /// The logit of all words.
    pub logit: f32,
    /// One for each class.
    pub probabilities: Vec<f32>,
    /// For each word that was read, the logit less the logit without it.
    pub contributions: Vec<f32>,
}

impl Reading {
    /// Reads an answer; none where it is another.
    pub(crate) fn read(answer: &Answer) -> Option<Reading> {
        let ToApp::Explained { step, logit, probabilities, .. } = &answer.head else { return None };
        let contributions = answer.floats(0)?;
        Some(Reading { step: *step, logit: *logit, probabilities: probabilities.clone(), contributions })
    }

    /// The largest size of a contribution: what the full color stands for. Never 0.
    pub fn extent(&self) -> f32 {
        self.contributions.iter().fold(f32::MIN_POSITIVE, |most, it| it.abs().max(most))
    }

    /// Places of the words, the most telling first.
    pub fn ranked(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.contributions.len()).collect();
        places.sort_by(|&a, &b| self.contributions[b].abs().total_cmp(&self.contributions[a].abs()).then(a.cmp(&b)));
        places
    }
}

/// The answer to [`Word`](descent_spec::message::ToWorker::Word).
#[derive(Debug, Clone, PartialEq)]
pub struct WordFacts {
    /// How often it stands in the training reviews.
    pub count: WordCount,
    /// Its embedding; empty where the net has none.
    pub embedding: Vec<f32>,
}

impl WordFacts {
    /// Reads an answer; none where it is another.
    pub(crate) fn read(answer: &Answer) -> Option<WordFacts> {
        let ToApp::Word { count, .. } = &answer.head else { return None };
        Some(WordFacts { count: *count, embedding: answer.floats(0)? })
    }
}

/// A word on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// How it is written.
    pub text: String,
    /// Its number.
    pub token: u32,
}

impl Word {
    /// Whether the net knows no more of it than that there is a word.
    pub fn is_unknown(&self) -> bool {
        self.token == UNKNOWN
    }
}

/// The reviews of an answer, each as the bytes of its tokens. What is cut short ends the list.
pub fn cut_reviews(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut reviews = Vec::new();
    while let Some((head, rest)) = bytes.split_at_checked(2) {
        let n_bytes = 2 * usize::from(u16::from_le_bytes([head[0], head[1]]));
        let Some((review, rest)) = rest.split_at_checked(n_bytes) else { break };
        reviews.push(review);
        bytes = rest;
    }
    reviews
}

/// The words of a review, from the bytes of its tokens.
pub fn words_of(bytes: &[u8], vocabulary: &[String]) -> Vec<Word> {
    let tokens = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_le_bytes([pair[0], pair[1]])));
    let spelled = |token: u32| vocabulary.get(token as usize).cloned().unwrap_or_else(|| "?".into());
    tokens.map(|token| Word { text: spelled(token), token }).collect()
}

/// How a review begins.
pub fn first_words(bytes: &[u8], vocabulary: &[String]) -> String {
    let first = &bytes[..bytes.len().min(2 * N_FIRST)];
    let words: Vec<String> =
        words_of(first, vocabulary).into_iter().map(|word| if word.is_unknown() { "▢".into() } else { word.text }).collect();
    words.join(" ") + if first.len() < bytes.len() { " …" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reviews_are_cut_apart() {
        let bytes = [2, 0, 2, 0, 1, 0, 1, 0, 3, 0, 5, 0];
        assert_eq!(cut_reviews(&bytes), [&[2, 0, 1, 0][..], &[3, 0]], "one that is cut short is none");
        let vocabulary = ["<pad>", "<unknown>", "good", "bad"].map(String::from);
        assert_eq!(first_words(cut_reviews(&bytes)[0], &vocabulary), "good ▢");
        assert!(words_of(&[1, 0], &vocabulary)[0].is_unknown());
    }

    #[test]
    fn the_most_telling_come_first() {
        let reading = Reading { step: 1, logit: 0.5, probabilities: vec![0.4, 0.6], contributions: vec![0.1, -0.3, 0.2] };
        assert_eq!(reading.ranked(), [1, 2, 0]);
        assert_eq!(reading.extent(), 0.3);
    }
}
