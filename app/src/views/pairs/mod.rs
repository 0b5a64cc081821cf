//! The stage of labs on pairs: an own source and its answer, where the answer looked, and held-out pairs with theirs.

pub mod asking;
pub mod candidates;
pub mod held_out;
pub mod looks;
pub mod own;
pub mod scores;

use super::code::CodeView;
use super::trained::Trained;
use crate::lesson::Guarded;
use crate::pairs::Translation;
use descent_spec::DataSet;
use descent_spec::lesson::Control;
use descent_spec::pairs::{SPECIAL_TOKENS, Side, spelled};
use held_out::HeldOut;
use leptos::prelude::*;
use own::Own;
pub use scores::Scores;

/// The middle pane.
#[component]
pub fn PairsStage() -> impl IntoView {
    view! {
        <div class="stage-view">
            <Own/>
            <Trained/>
            <HeldOut/>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
    }
}

/// A source, and what was answered to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The source as it was written.
    pub text: String,
    /// The answers.
    pub translation: Translation,
}

impl Told {
    /// The source's tokens as they were written: the net may have read the unknown in their place. The end is the last.
    pub fn written(&self, set: DataSet) -> Vec<String> {
        let read = &self.translation.source;
        let mut written = spelled(set, Side::Source, &self.text);
        written.extend(read.last().cloned());
        if written.len() == read.len() { written } else { read.clone() }
    }

    /// For each unknown in the best answer the source's token at which the last layer looked most there; nothing without attention.
    pub fn behind_unknown(&self, set: DataSet) -> Vec<String> {
        let written = self.written(set);
        let Some(map) = self.translation.maps.last() else { return Vec::new() };
        let rows = map.weights.chunks_exact(written.len().max(1)).zip(&self.translation.answers[0].tokens);
        let unknown = rows.filter(|(_, token)| **token == SPECIAL_TOKENS[3]);
        let most = |row: &[f32]| row.iter().zip(&written).max_by(|a, b| a.0.total_cmp(b.0)).map(|(_, token)| token.clone());
        unknown.filter_map(|(row, _)| most(row)).collect()
    }
}

/// Those of a text's tokens that a vocabulary does not have, each once.
fn unknown_in(set: DataSet, text: &str, vocabulary: &[String]) -> Vec<String> {
    let mut unknown = Vec::new();
    for token in spelled(set, Side::Source, text) {
        if !vocabulary.contains(&token) && !unknown.contains(&token) {
            unknown.push(token);
        }
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::AttentionMap;
    use descent_spec::message::Answer;

    #[test]
    fn what_is_unknown_is_named_once() {
        let vocabulary = ["<pad>", "<begin>", "<end>", "<unknown>", "i", "am"].map(String::from);
        assert_eq!(unknown_in(DataSet::FraEng, "I am xqzzy, xqzzy.", &vocabulary), ["xqzzy", ",", "."]);
    }

    #[test]
    fn columns_say_what_was_written() {
        let translation = Translation {
            step: 1,
            source: ["i", "<unknown>", "<end>"].map(String::from).to_vec(),
            answers: vec![Answer { tokens: vec!["<end>".into()], log_probability: -1.0, is_finished: true }],
            maps: Vec::new(),
        };
        let told = Told { text: "I xqzzy".into(), translation };
        assert_eq!(told.written(DataSet::FraEng), ["i", "xqzzy", "<end>"]);
    }

    #[test]
    fn the_unknown_is_traced_to_the_source() {
        let tokens = ["je", "<unknown>", "<end>"].map(String::from).to_vec();
        let weights = vec![0.9, 0.1, 0.0, 0.3, 0.5, 0.2, 0.0, 0.1, 0.9];
        let translation = Translation {
            step: 1,
            source: ["i", "<unknown>", "<end>"].map(String::from).to_vec(),
            answers: vec![Answer { tokens, log_probability: -1.0, is_finished: true }],
            maps: vec![AttentionMap { name: "attend1".into(), weights }],
        };
        let mut told = Told { text: "I xqzzy".into(), translation };
        assert_eq!(told.behind_unknown(DataSet::FraEng), ["xqzzy"]);
        told.translation.maps.clear();
        assert!(told.behind_unknown(DataSet::FraEng).is_empty());
    }
}
