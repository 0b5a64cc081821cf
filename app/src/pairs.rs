//! Sequences that a net answers with sequences, as the worker tells of them.

use crate::client::Answer as Told;
use descent_spec::DataSet;
use descent_spec::message::{Answer, Bleu, ToApp};
use descent_spec::pairs::{SPECIAL_TOKENS, Side, joined};
use serde::{Deserialize, Serialize};

/// Where each token of an answer looked.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionMap {
    /// `attend1`, `transformer1 head 1`.
    pub name: String,
    /// `[tokens of the answer, tokens of the source]`; each row sums to 1.
    pub weights: Vec<f32>,
}

/// The answer to [`Translate`](descent_spec::message::ToWorker::Translate).
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// Steps done when it was answered.
    pub step: u64,
    /// The source as it was read, its end included.
    pub source: Vec<String>,
    /// The best first; never empty.
    pub answers: Vec<Answer>,
    /// Where the best looked; none without attention.
    pub maps: Vec<AttentionMap>,
}

impl Translation {
    /// Reads an answer; none where it is another, or its arrays do not fit.
    pub(crate) fn read(told: &Told) -> Option<Translation> {
        let ToApp::Translated { step, source, answers, maps, .. } = &told.head else { return None };
        let n_cells = answers.first()?.tokens.len() * source.len();
        let map = |(idx, name): (u32, &String)| {
            let weights = told.floats(idx).filter(|weights| weights.len() == n_cells)?;
            Some(AttentionMap { name: name.clone(), weights })
        };
        let maps: Option<Vec<_>> = (0..).zip(maps).map(map).collect();
        Some(Translation { step: *step, source: source.clone(), answers: answers.clone(), maps: maps? })
    }
}

/// How many pairs of a part the net answers right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairScore {
    /// Steps done when it was found.
    pub step: u64,
    /// How many pairs.
    pub n: u32,
    /// Share of answers that are right to the last token.
    pub exact: f64,
    /// Of translations.
    pub bleu: Option<Bleu>,
}

/// An answer as a text to read: without its end, and with words in place of what has no spelling.
pub fn text_of(set: DataSet, answer: &Answer) -> String {
    let is_said = |token: &&String| !SPECIAL_TOKENS[..3].contains(&token.as_str());
    let said: Vec<&str> = answer.tokens.iter().filter(is_said).map(|token| label_of(token)).collect();
    joined(set, Side::Target, &said)
}

/// A token as a label shows it: `end` for the end, an open box for a space.
pub fn label_of(token: &str) -> &str {
    match token {
        "<end>" => "end",
        "<begin>" => "begin",
        "<unknown>" => "(unknown)",
        "<pad>" => "(filling)",
        " " => "␣",
        token => token,
    }
}

/// A token as a sentence names it.
pub fn name_of(token: &str) -> String {
    match token {
        "<end>" => "the end".into(),
        "<begin>" => "the beginning".into(),
        "<unknown>" => "the unknown".into(),
        " " => "the space".into(),
        token => format!("“{token}”"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_text() {
        let answer = |tokens: &[&str]| Answer {
            tokens: tokens.iter().map(|&token| token.into()).collect(),
            log_probability: -1.0,
            is_finished: true,
        };
        assert_eq!(text_of(DataSet::FraEng, &answer(&["j'", "ai", "<unknown>", ".", "<end>"])), "j'ai (unknown).");
        assert_eq!(text_of(DataSet::Dates, &answer(&["1", "9", "-", "0", "<end>"])), "19-0");
        assert_eq!((label_of(" "), name_of("<end>"), name_of("m")), ("␣", "the end".to_owned(), "“m”".to_owned()));
    }
}
