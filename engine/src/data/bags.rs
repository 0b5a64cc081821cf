//! Logistic regression on bags of words: which words a text has, whatever their order and number.

use descent_spec::words::UNKNOWN;
use std::collections::VecDeque;

/// Steps whose curvature is remembered.
const MEMORY: usize = 10;
/// It has arrived where the slope is this small a part of the first one: beyond that no answer changes.
const TOLERANCE: f64 = 1e-6;
/// Most steps of one fit; the reviews need about a hundred.
const MAX_STEPS: usize = 1_000;
/// A step must lower the value by this share of what its slope promises (Armijo 1966).
const ENOUGH: f64 = 1e-4;

/// Texts with two classes, each as the set of its words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bags {
    /// Where each text's words end.
    ends: Vec<usize>,
    words: Vec<u16>,
    is_positive: Vec<bool>,
}

impl Bags {
    /// Adds a text. The padding and the unknown word are no words.
    pub fn push(&mut self, tokens: &[u16], is_positive: bool) {
        let mut words: Vec<u16> = tokens.iter().copied().filter(|&token| u32::from(token) > UNKNOWN).collect();
        words.sort_unstable();
        words.dedup();
        self.words.extend(words);
        self.ends.push(self.words.len());
        self.is_positive.push(is_positive);
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Different words in all texts.
    pub fn n_words(&self) -> usize {
        let mut words = self.words.clone();
        words.sort_unstable();
        words.dedup();
        words.len()
    }

    /// Each text's words, and whether its class is 1.
    fn texts(&self) -> impl Iterator<Item = (&[u16], bool)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let texts = starts.zip(&self.ends).map(|(start, &end)| &self.words[start..end]);
        texts.zip(self.is_positive.iter().copied())
    }
}

/// Minimises `½ ‖w‖² + C Σ ln(1 + exp(−t z))`, z = Σ w of the text's words + b and t = ±1, as scikit-learn's
/// `LogisticRegression(C)` does: the intercept b is not drawn to zero. L-BFGS (Liu and Nocedal 1989), from zero, in double precision.
#[derive(Debug, Clone)]
pub struct LogisticFit {
    strength: f64,
    /// The weights, and behind them the intercept.
    at: Vec<f64>,
    value: f64,
    slope: Vec<f64>,
    /// Steps, changes of the slope, and one over their product; the oldest first.
    memory: VecDeque<(Vec<f64>, Vec<f64>, f64)>,
    first_slope: f64,
    n_steps: usize,
}

impl LogisticFit {
    /// Starts at zero, with C = `strength` and weights for so many tokens.
    pub fn new(bags: &Bags, vocabulary: usize, strength: f64) -> LogisticFit {
        let at = vec![0.0; vocabulary + 1];
        let (value, slope) = evaluate(bags, &at, strength);
        LogisticFit { strength, first_slope: norm(&slope), at, value, slope, memory: VecDeque::new(), n_steps: 0 }
    }

    /// Goes on from here with another C.
    pub fn with_strength(self, bags: &Bags, strength: f64) -> LogisticFit {
        let (value, slope) = evaluate(bags, &self.at, strength);
        let first_slope = norm(&evaluate(bags, &vec![0.0; self.at.len()], strength).1);
        LogisticFit { strength, value, slope, memory: VecDeque::new(), first_slope, n_steps: 0, ..self }
    }

    /// One step; says whether there is more to do.
    pub fn advance(&mut self, bags: &Bags) -> bool {
        if self.n_steps >= MAX_STEPS || norm(&self.slope) <= TOLERANCE * self.first_slope {
            return false;
        }
        self.n_steps += 1;
        let direction = self.direction();
        let promised = dot(&direction, &self.slope);
        // Before any curvature is known the slope says nothing about lengths.
        let mut length = if self.memory.is_empty() { 1.0 / norm(&self.slope).max(1.0) } else { 1.0 };
        loop {
            let at: Vec<f64> = self.at.iter().zip(&direction).map(|(it, by)| it + length * by).collect();
            let (value, slope) = evaluate(bags, &at, self.strength);
            if value <= self.value + ENOUGH * length * promised {
                self.remember(&at, &slope);
                (self.at, self.value, self.slope) = (at, value, slope);
                return true;
            }
            length /= 2.0;
            if length < 1e-12 {
                return false;
            }
        }
    }

    /// The weights, and behind them the intercept.
    pub fn weights(&self) -> &[f64] {
        &self.at
    }

    /// Share of texts that are right: class 1 where z > 0.
    pub fn accuracy(&self, bags: &Bags) -> f32 {
        let n_right = bags.texts().filter(|(words, is_positive)| (score(&self.at, words) > 0.0) == *is_positive).count();
        n_right as f32 / bags.len().max(1) as f32
    }

    /// `−H g`, H being what the remembered steps say of the inverse curvature.
    fn direction(&self) -> Vec<f64> {
        let mut q: Vec<f64> = self.slope.iter().map(|it| -it).collect();
        let mut shares = Vec::with_capacity(self.memory.len());
        for (step, change, over) in self.memory.iter().rev() {
            let share = over * dot(step, &q);
            add(&mut q, -share, change);
            shares.push(share);
        }
        if let Some((_, change, over)) = self.memory.back() {
            let scale = 1.0 / (over * dot(change, change));
            q.iter_mut().for_each(|it| *it *= scale);
        }
        for ((step, change, over), share) in self.memory.iter().zip(shares.iter().rev()) {
            let other = over * dot(change, &q);
            add(&mut q, share - other, step);
        }
        q
    }

    fn remember(&mut self, at: &[f64], slope: &[f64]) {
        let difference = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
        let (step, change) = (difference(at, &self.at), difference(slope, &self.slope));
        let product = dot(&step, &change);
        if product > 0.0 {
            self.memory.push_back((step, change, 1.0 / product));
        }
        if self.memory.len() > MEMORY {
            self.memory.pop_front();
        }
    }
}

/// The value and its slope, `[vocabulary + 1]`.
fn evaluate(bags: &Bags, at: &[f64], strength: f64) -> (f64, Vec<f64>) {
    let last = at.len() - 1;
    let mut value = 0.5 * dot(&at[..last], &at[..last]);
    let mut slope = at.to_vec();
    slope[last] = 0.0;
    for (words, is_positive) in bags.texts() {
        let margin = if is_positive { score(at, words) } else { -score(at, words) };
        // ln(1 + exp(−m)), without an overflow.
        value += strength * ((-margin.abs()).exp().ln_1p() + (-margin).max(0.0));
        let pull = strength / (1.0 + margin.exp());
        let pull = if is_positive { -pull } else { pull };
        for &word in words {
            slope[usize::from(word)] += pull;
        }
        slope[last] += pull;
    }
    (value, slope)
}

fn score(at: &[f64], words: &[u16]) -> f64 {
    words.iter().map(|&word| at[usize::from(word)]).sum::<f64>() + at[at.len() - 1]
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn add(to: &mut [f64], times: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += times * what);
}
