//! A text as words: how reviews, and what a visitor writes, become tokens.

use crate::data::PADDING;
use std::collections::HashMap;

/// The token of a word that is not in the vocabulary.
pub const UNKNOWN: u32 = 1;
/// What the first two tokens are called: the padding, and the unknown word. No word can be spelled like these.
pub const SPECIAL: [&str; 2] = ["<pad>", "<unknown>"];

/// The words of a text in lower case: runs of letters and digits, with apostrophes inside; line breaks in HTML are none.
///
/// ```
/// let words: Vec<String> = descent_spec::words::words("It's GREAT...<br />isn't it? 10/10").collect();
/// assert_eq!(words, ["it's", "great", "isn't", "it", "10", "10"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let text = text.replace("<br />", " ").replace('’', "'").to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '\'';
    let words: Vec<String> = text
        .split(|c: char| !is_part(c))
        .map(|word| word.trim_matches('\'').to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    words.into_iter()
}

/// A vocabulary of this many tokens: [`SPECIAL`], then the most frequent words of the texts, the first in the alphabet first where
/// two are equally frequent.
pub fn vocabulary<'a>(texts: impl IntoIterator<Item = &'a str>, size: usize) -> Vec<String> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for text in texts {
        for word in words(text) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut counted: Vec<(String, u32)> = counts.into_iter().collect();
    counted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let special = SPECIAL.iter().map(|&token| token.to_owned());
    special.chain(counted.into_iter().map(|(word, _)| word)).take(size).collect()
}

/// The number of each word in a vocabulary.
#[derive(Debug, Clone)]
pub struct Lexicon {
    ids: HashMap<String, u32>,
}

impl Lexicon {
    /// Of a vocabulary, in the order of its numbers.
    pub fn new(vocabulary: &[String]) -> Lexicon {
        Lexicon { ids: vocabulary.iter().zip(0..).map(|(word, id)| (word.clone(), id)).collect() }
    }

    /// The tokens of a text, each with the word it stands for; words that are not in the vocabulary are [`UNKNOWN`].
    pub fn tokens(&self, text: &str) -> Vec<(String, u32)> {
        let id = |word: &String| self.ids.get(word).copied().filter(|&id| id != PADDING).unwrap_or(UNKNOWN);
        words(text).map(|word| (id(&word), word)).map(|(id, word)| (word, id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: "the" three times, "a" and "b" twice each, "c" once.
    #[test]
    fn the_most_frequent_words_come_first() {
        let texts = ["the b a", "The a. B?", "the c"];
        assert_eq!(vocabulary(texts, 5), ["<pad>", "<unknown>", "the", "a", "b"]);
        let lexicon = Lexicon::new(&vocabulary(texts, 5));
        let ids: Vec<u32> = lexicon.tokens("The c <pad> B").into_iter().map(|(_, id)| id).collect();
        assert_eq!(ids, [2, UNKNOWN, UNKNOWN, 4]);
    }

    #[test]
    fn quotes_are_no_part_of_a_word() {
        let words: Vec<String> = words("'Tis the 'best' o'clock ’ it’s — naïve").collect();
        assert_eq!(words, ["tis", "the", "best", "o'clock", "it's", "naïve"]);
    }
}
