//! What a net made of a text: its units behind each character, and what it expected next.

use crate::client::Answer;
use descent_spec::message::{N_LIKELY, ToApp};

/// The answer to [`ReadText`](descent_spec::message::ToWorker::ReadText).
#[derive(Debug, Clone, PartialEq)]
pub struct TextReading {
    /// Steps done when it was read.
    pub step: u64,
    /// What was read, character by character.
    pub characters: Vec<char>,
    /// Units of the layer.
    pub units: usize,
    /// What each says behind each character, `[characters, units]`.
    pub activations: Vec<f32>,
    /// The most probable next tokens behind each, with their probabilities, `[characters, N_LIKELY]`.
    pub likely: Vec<(usize, f32)>,
    /// The probability that each was given before it was seen; negative for the first.
    pub foreseen: Vec<f32>,
}

/// A unit that goes with something one can see in the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Telling {
    /// What it goes with.
    pub what: &'static str,
    /// Which unit.
    pub unit: usize,
    /// Pearson's correlation of the two over the text.
    pub correlation: f64,
}

/// Below this a unit tells nothing worth pointing at.
const LEAST_CORRELATION: f64 = 0.4;

impl TextReading {
    /// Reads an answer; none where it is another, or its arrays do not fit together.
    pub(crate) fn read(answer: &Answer) -> Option<TextReading> {
        let ToApp::TextRead { step, text, units, .. } = &answer.head else { return None };
        let (characters, units): (Vec<char>, _) = (text.chars().collect(), *units as usize);
        let [activations, tokens, shares, foreseen] = [0, 1, 2, 3].map(|idx| answer.floats(idx));
        let likely = tokens?.iter().map(|&token| token as usize).zip(shares?).collect();
        let it = TextReading { step: *step, characters, units, activations: activations?, likely, foreseen: foreseen? };
        let n = it.characters.len();
        let fits = it.activations.len() == n * units && it.likely.len() == n * N_LIKELY && it.foreseen.len() == n && units > 0;
        fits.then_some(it)
    }

    /// What a unit says behind each character; nothing where there is no such unit.
    pub fn of_unit(&self, unit: usize) -> impl Iterator<Item = f32> + '_ {
        self.activations.chunks_exact(self.units).map(move |units| units.get(unit).copied().unwrap_or_default())
    }

    /// The largest size of an activation of the layer, or 1 where all are smaller: what the full color stands for.
    pub fn extent(&self) -> f32 {
        self.activations.iter().fold(1.0, |most, it| it.abs().max(most))
    }

    /// For each thing that one can see in a text the unit that goes with it most.
    pub fn telling(&self) -> Vec<Telling> {
        let best = |(what, values): (&'static str, Vec<f64>)| {
            let of = |unit| Telling { what, unit, correlation: correlation(&values, self.of_unit(unit).map(f64::from)) };
            let all = (0..self.units).map(of);
            all.max_by(|a, b| a.correlation.abs().total_cmp(&b.correlation.abs()))
        };
        let telling = features(&self.characters).into_iter().filter_map(best);
        telling.filter(|it| it.correlation.abs() >= LEAST_CORRELATION).collect()
    }
}

/// What one can see in a text, as a number for each character.
fn features(characters: &[char]) -> Vec<(&'static str, Vec<f64>)> {
    let each = |of: fn(char) -> bool| characters.iter().map(|&c| f64::from(u8::from(of(c)))).collect();
    let mut place_in_line = Vec::with_capacity(characters.len());
    let mut place_in_word = Vec::with_capacity(characters.len());
    let (mut in_line, mut in_word) = (0.0, 0.0);
    for &c in characters {
        in_line = if c == '\n' { 0.0 } else { in_line + 1.0 };
        in_word = if c.is_alphanumeric() { in_word + 1.0 } else { 0.0 };
        place_in_line.push(in_line);
        place_in_word.push(in_word);
    }
    vec![
        ("spaces and line ends", each(char::is_whitespace)),
        ("capital letters", each(char::is_uppercase)),
        ("vowels", each(|c| "aeiouAEIOU".contains(c))),
        ("punctuation", each(|c| c.is_ascii_punctuation())),
        ("place in the word", place_in_word),
        ("place in the line", place_in_line),
    ]
}

/// Pearson's correlation; 0 where one of the two does not vary.
fn correlation(a: &[f64], b: impl Iterator<Item = f64>) -> f64 {
    let n = a.len().max(1) as f64;
    let (mut sum_a, mut sum_b, mut sum_aa, mut sum_bb, mut sum_ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (&a, b) in a.iter().zip(b) {
        sum_a += a;
        sum_b += b;
        sum_aa += a * a;
        sum_bb += b * b;
        sum_ab += a * b;
    }
    let (variance_a, variance_b) = (sum_aa - sum_a * sum_a / n, sum_bb - sum_b * sum_b / n);
    let product = variance_a * variance_b;
    if product > 1e-12 { (sum_ab - sum_a * sum_b / n) / product.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: means 2.5 and 5; deviations −1.5, −0.5, 0.5, 1.5 and −3, 0, −1, 4, whose products sum to 5, 26 and 10.
    #[test]
    fn correlation_by_hand() {
        let found = correlation(&[1.0, 2.0, 3.0, 4.0], [2.0, 5.0, 4.0, 9.0].into_iter());
        assert!((found - 10.0 / (5.0f64 * 26.0).sqrt()).abs() < 1e-12, "{found}");
        assert_eq!(correlation(&[1.0, 1.0], [2.0, 5.0].into_iter()), 0.0);
    }

    #[test]
    fn a_unit_that_marks_spaces_is_found() {
        let characters: Vec<char> = "To be or not to be".chars().collect();
        let activations = characters.iter().flat_map(|&c| [0.1, if c == ' ' { -1.5 } else { 0.9 }]).collect();
        let n = characters.len();
        let reading = TextReading {
            step: 1,
            characters,
            units: 2,
            activations,
            likely: vec![(0, 0.0); n * N_LIKELY],
            foreseen: vec![0.5; n],
        };
        assert_eq!(reading.extent(), 1.5);
        assert_eq!(reading.of_unit(1).nth(2), Some(-1.5));
        let spaces = reading.telling().into_iter().find(|it| it.what == "spaces and line ends").unwrap();
        assert_eq!(spaces.unit, 1);
        assert!((spaces.correlation + 1.0).abs() < 1e-6, "{spaces:?}");
    }
}
