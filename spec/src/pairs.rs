//! Pairs of token sequences: what their tokens are, and how text becomes tokens and tokens text.

use crate::data::DataSet;
use crate::shape::Shape;
use std::collections::HashMap;

/// Begins what the decoder reads.
pub const BEGIN: u32 = 1;
/// Ends both sides of a pair.
pub const END: u32 = 2;
/// Stands for what is not in a vocabulary.
pub const UNKNOWN_TOKEN: u32 = 3;
/// What the first tokens of both vocabularies are called: the padding, the begin, the end, the unknown. Nothing can be spelled like
/// these.
pub const SPECIAL_TOKENS: [&str; 4] = ["<pad>", "<begin>", "<end>", "<unknown>"];

/// Characters that dates are written with, as people do.
const DATE_SOURCE: &str = " ,./-0123456789abcdefghijklmnopqrstuvwxyz";
/// Characters of the dates that are asked for.
const DATE_TARGET: &str = "-0123456789";
/// Steps of the two sides of a date: "wednesday, september 30, 2026" and the end; the begin and "2026-09-30".
const DATE_STEPS: (usize, usize) = (30, 11);
/// Tokens of the two languages: the special ones, then the words that are most frequent in training; the rarest occur some three times.
pub const FRA_ENG_VOCABULARIES: (usize, usize) = (2_000, 2_800);
/// Steps of the two sides of a translation: words and marks, and the end or the begin.
pub const FRA_ENG_STEPS: (usize, usize) = (9, 12);
/// A part of loaded pairs lies in stretches of so many: whoever has the same source is in the same stretch, so that what is held out by
/// whole stretches was never learned from.
pub const STRETCH: usize = 64;
/// Longest text that is translated, in characters.
pub const MAX_SOURCE_CHARS: usize = 200;
/// Most answers that a beam search keeps.
pub const MAX_BEAM: u32 = 8;

/// Shape of a pair of this set.
pub fn shape_of(set: DataSet) -> Shape {
    let ((source, target), (source_vocabulary, target_vocabulary)) = match set {
        DataSet::FraEng => (FRA_ENG_STEPS, FRA_ENG_VOCABULARIES),
        _ => (DATE_STEPS, (SPECIAL_TOKENS.len() + DATE_SOURCE.len(), SPECIAL_TOKENS.len() + DATE_TARGET.len())),
    };
    Shape::TokenPair { source, target, source_vocabulary, target_vocabulary }
}

/// The vocabularies of dates, source and target.
pub fn date_vocabularies() -> [Vec<String>; 2] {
    [DATE_SOURCE, DATE_TARGET].map(|characters| {
        let special = SPECIAL_TOKENS.iter().map(|&token| token.to_owned());
        special.chain(characters.chars().map(String::from)).collect()
    })
}

/// Which side of a pair a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What is read.
    Source,
    /// What is answered.
    Target,
}

/// A text as its tokens are spelled: characters in lower case for dates; for translations words in lower case, marks by themselves,
/// and French elisions cut behind the apostrophe.
///
/// ```
/// use descent_spec::{DataSet, pairs::{Side, spelled}};
/// assert_eq!(spelled(DataSet::FraEng, Side::Source, "I don't know."), ["i", "don't", "know", "."]);
/// assert_eq!(spelled(DataSet::FraEng, Side::Target, "J’ai froid !"), ["j'", "ai", "froid", "!"]);
/// assert_eq!(spelled(DataSet::Dates, Side::Source, "1 May"), ["1", " ", "m", "a", "y"]);
/// ```
pub fn spelled(set: DataSet, side: Side, text: &str) -> Vec<String> {
    let text = text.replace(['’', '‘'], "'").to_lowercase();
    if set != DataSet::FraEng {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        return text.chars().map(String::from).collect();
    }
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    let end = |word: &mut String, tokens: &mut Vec<String>| {
        let whole = std::mem::take(word);
        if !whole.is_empty() {
            tokens.push(whole);
        }
    };
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let is_inner = !word.is_empty() && characters.peek().is_some_and(|next| next.is_alphanumeric());
        if c.is_alphanumeric() || (c == '-' && is_inner) {
            word.push(c);
        } else if c == '\'' && is_inner {
            word.push(c);
            if side == Side::Target {
                end(&mut word, &mut tokens);
            }
        } else {
            end(&mut word, &mut tokens);
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
        }
    }
    end(&mut word, &mut tokens);
    tokens
}

/// Tokens as a text to read; the inverse of [`spelled`] but for capitals and rare spaces.
///
/// ```
/// use descent_spec::{DataSet, pairs::{Side, joined}};
/// assert_eq!(joined(DataSet::FraEng, Side::Target, &["j'", "ai", "froid", "!"]), "j'ai froid !");
/// assert_eq!(joined(DataSet::FraEng, Side::Source, &["i", "am", "cold", "!"]), "i am cold!");
/// ```
pub fn joined(set: DataSet, side: Side, tokens: &[impl AsRef<str>]) -> String {
    let mut text = String::new();
    for token in tokens.iter().map(AsRef::as_ref) {
        let is_high = matches!(token, "!" | "?" | ":" | ";");
        let clings = matches!(token, "." | "," | ")" | "%") || (is_high && side == Side::Source);
        let is_elided = text.ends_with('\'') && side == Side::Target;
        if set == DataSet::FraEng && !text.is_empty() && !clings && !is_elided {
            text.push(' ');
        }
        text.push_str(token);
    }
    text
}

/// The number of each spelling in a vocabulary.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    ids: HashMap<String, u32>,
}

impl Numbers {
    /// Of a vocabulary, in the order of its numbers.
    pub fn new(vocabulary: &[String]) -> Numbers {
        let known = vocabulary.iter().zip(0..).skip(SPECIAL_TOKENS.len());
        Numbers { ids: known.map(|(spelling, id)| (spelling.clone(), id)).collect() }
    }

    /// A token's number, or [`UNKNOWN_TOKEN`].
    pub fn of(&self, spelling: &str) -> u32 {
        self.ids.get(spelling).copied().unwrap_or(UNKNOWN_TOKEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphens_stay_and_quotes_stand_alone() {
        let french = |text| spelled(DataSet::FraEng, Side::Target, text);
        assert_eq!(french("Allez-vous-en !"), ["allez-vous-en", "!"]);
        assert_eq!(french("Qu'est-ce que c'est ?"), ["qu'", "est-ce", "que", "c'", "est", "?"]);
        assert_eq!(french("« Non », dit-il."), ["«", "non", "»", ",", "dit-il", "."]);
        assert_eq!(spelled(DataSet::FraEng, Side::Source, "Tom's dogs' food"), ["tom's", "dogs", "'", "food"]);
    }

    #[test]
    fn what_is_unknown_has_the_number_of_the_unknown() {
        let [source, target] = date_vocabularies();
        assert_eq!(
            shape_of(DataSet::Dates),
            Shape::TokenPair {
                source: "wednesday, september 30, 2026".len() + 1,
                target: "2026-09-30".len() + 1,
                source_vocabulary: source.len(),
                target_vocabulary: target.len(),
            }
        );
        let numbers = Numbers::new(&target);
        assert_eq!(["-", "0", "9", "a", "<end>"].map(|it| numbers.of(it)), [4, 5, 14, UNKNOWN_TOKEN, UNKNOWN_TOKEN]);
    }
}
