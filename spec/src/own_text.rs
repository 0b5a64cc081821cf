//! The visitor's own text, to be learned character by character: its bounds, its alphabet, and how much of it a link carries.

use crate::link::percent_encode;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// Fewest characters: below, hardly anything is left to validate and to test.
pub const MIN_CHARACTERS: usize = 1_000;
/// Most characters: an epoch of the lab's net takes about as long as one of Tiny Shakespeare's fifth part.
pub const MAX_CHARACTERS: usize = 200_000;
/// Most different characters: each is a byte in memory.
pub const MAX_DIFFERENT: usize = 256;
/// Most bytes of a text that a link carries.
pub const MAX_LINKED_BYTES: usize = 2_000;
/// What stands in a link in place of a longer text, before a number that tells one such text from another.
pub const LONG_MARK: &str = "long-";

/// A text and its alphabet. Cheap to copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct OwnText {
    text: Arc<str>,
    /// Its different characters, in the order of their code points: a character's place is its token.
    alphabet: Arc<[char]>,
}

impl Default for OwnText {
    /// No text, which is what other data sets have.
    fn default() -> Self {
        OwnText::new("")
    }
}

impl From<String> for OwnText {
    fn from(text: String) -> Self {
        OwnText::new(&text)
    }
}

impl From<OwnText> for String {
    fn from(own: OwnText) -> Self {
        own.text.as_ref().into()
    }
}

impl OwnText {
    /// A text with its line ends as `\n`, whatever they were, and without a byte order mark.
    ///
    /// ```
    /// let own = descent_spec::OwnText::new("so\r\nso");
    /// assert_eq!(own.as_str(), "so\nso");
    /// assert_eq!(own.alphabet(), ['\n', 'o', 's']);
    /// assert_eq!(own.tokens(), [2, 1, 0, 2, 1]);
    /// ```
    pub fn new(text: &str) -> OwnText {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
        let alphabet: std::collections::BTreeSet<char> = text.chars().collect();
        OwnText { text: text.into(), alphabet: alphabet.into_iter().collect() }
    }

    /// What stands there before the visitor brings a text: a nursery rhyme in which each verse contains the one before (English,
    /// first printed 1755).
    pub fn example() -> OwnText {
        static EXAMPLE: OnceLock<OwnText> = OnceLock::new();
        EXAMPLE.get_or_init(|| OwnText::new(&rhyme())).clone()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its different characters, in the order of their tokens.
    pub fn alphabet(&self) -> &[char] {
        &self.alphabet
    }

    /// Number of characters.
    pub fn n_characters(&self) -> usize {
        self.text.chars().count()
    }

    /// Each character as its place in the alphabet; of a text that [`check`](Self::check) refuses, the first 256 only.
    pub fn tokens(&self) -> Vec<u8> {
        let token = |c: char| self.alphabet.binary_search(&c).ok().and_then(|place| u8::try_from(place).ok());
        self.text.chars().map(|c| token(c).unwrap_or_default()).collect()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether a net can learn it, or a sentence that says why not and what to do.
    ///
    /// # Errors
    /// Too few or too many characters, or too many different ones.
    pub fn check(&self) -> Result<(), String> {
        let n_characters = self.n_characters();
        if n_characters < MIN_CHARACTERS {
            return Err(format!("The text has {n_characters} characters, and learning needs {MIN_CHARACTERS}: add some."));
        }
        if n_characters > MAX_CHARACTERS {
            return Err(format!("The text has {n_characters} characters, and {MAX_CHARACTERS} is the most: take a part of it."));
        }
        if self.alphabet.len() > MAX_DIFFERENT {
            return Err(format!(
                "The text has {} different characters, and {MAX_DIFFERENT} is the most: take one in an alphabet.",
                self.alphabet.len()
            ));
        }
        Ok(())
    }

    /// Whether a link carries it.
    pub fn fits_a_link(&self) -> bool {
        self.text.len() <= MAX_LINKED_BYTES
    }

    /// As a link spells it: the text, or, where it is too long, a mark that no other text has.
    pub fn to_link(&self) -> String {
        if self.fits_a_link() { percent_encode(&self.text) } else { format!("{LONG_MARK}{:016x}", fingerprint(&self.text)) }
    }

    /// Reads [`to_link`](Self::to_link).
    ///
    /// # Errors
    /// A sentence: a mark instead of a text, or a text that cannot be learned.
    pub fn from_link(text: &str) -> Result<OwnText, String> {
        if text.starts_with(LONG_MARK) {
            return Err(format!("links carry texts of up to {MAX_LINKED_BYTES} bytes, and this one is longer: bring it again"));
        }
        let own = OwnText::new(text);
        own.check().map_err(|why| why.trim_end_matches('.').into()).map(|()| own)
    }
}

/// FNV-1a in 64 bits (Fowler, Noll and Vo): tells texts apart, and guards nothing.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn rhyme() -> String {
    const VERSES: [(&str, &str); 10] = [
        ("malt", "lay in"),
        ("rat", "ate"),
        ("cat", "killed"),
        ("dog", "worried"),
        ("cow with the crumpled horn", "tossed"),
        ("maiden all forlorn", "milked"),
        ("man all tattered and torn", "kissed"),
        ("priest all shaven and shorn", "married"),
        ("cock that crowed in the morn", "waked"),
        ("farmer sowing his corn", "kept"),
    ];
    const HOUSE: &str = "house that Jack built";
    let mut text = format!("This is the {HOUSE}.\n");
    for (last, (who, _)) in VERSES.iter().enumerate() {
        text.push_str(&format!("\nThis is the {who},\n"));
        for idx in (0..=last).rev() {
            let whom = if idx == 0 { HOUSE } else { VERSES[idx - 1].0 };
            let end = if idx == 0 { '.' } else { ',' };
            text.push_str(&format!("That {} the {whom}{end}\n", VERSES[idx].1));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_out_of_bounds_are_refused_in_words() {
        let of = |n: usize| OwnText::new(&"ab".repeat(n / 2));
        assert!(of(998).check().unwrap_err().contains("998 characters"));
        assert_eq!(of(1_000).check(), Ok(()));
        assert_eq!(of(200_000).check(), Ok(()));
        assert!(of(200_002).check().unwrap_err().ends_with("take a part of it."));
        let different: String = (0..257).filter_map(|idx| char::from_u32(0x4e00 + idx)).collect();
        assert!(OwnText::new(&different.repeat(4)).check().unwrap_err().contains("257 different"));
        let most: String = different.chars().skip(1).collect();
        let most = OwnText::new(&most.repeat(4));
        assert_eq!(most.check(), Ok(()));
        assert_eq!(most.tokens()[255], 255);
    }

    #[test]
    fn the_example_is_the_rhyme() {
        let own = OwnText::example();
        assert_eq!(own.check(), Ok(()));
        assert!(own.as_str().starts_with("This is the house that Jack built.\n\nThis is the malt,\nThat lay in the house"));
        assert!(own.as_str().ends_with("That ate the malt,\nThat lay in the house that Jack built.\n"));
        // Verses of 1, 2, …, 11 lines and an empty one between each two.
        assert_eq!(own.as_str().lines().count(), 66 + 10);
    }

    #[test]
    fn short_texts_travel_in_links_and_long_ones_leave_a_mark() {
        let short = OwnText::new(&"Größe & 100 %\n".repeat(100));
        assert!(short.fits_a_link());
        let spelled = short.to_link();
        assert!(spelled.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~%".contains(&byte)), "{spelled}");
        assert_eq!(OwnText::from_link(&crate::link::percent_decode(&spelled)), Ok(short));
        let long = OwnText::new(&"a, b. ".repeat(400));
        let longer = OwnText::new(&"a, b. ".repeat(401));
        assert!(long.to_link().starts_with(LONG_MARK) && long.to_link() != longer.to_link());
        assert!(OwnText::from_link(&long.to_link()).is_err());
        // The published value of the empty text, and of "a".
        assert_eq!([fingerprint(""), fingerprint("a")], [0xcbf2_9ce4_8422_2325, 0xaf63_dc4c_8601_ec8c]);
    }
}
