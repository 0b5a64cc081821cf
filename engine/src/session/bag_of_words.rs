//! What counting words alone is worth, on the reviews that the session learns from.

use super::{NotLoaded, Supervised};
use crate::data::{Bags, LabData, LogisticFit};
use descent_spec::message::{BagOfWords, WordCount};
use descent_spec::{Shape, Split};

/// What is tried as C, from strong to weak regularisation, so that each fit starts near its end.
const STRENGTHS: [f64; 5] = [0.003, 0.01, 0.03, 0.1, 0.3];

/// A comparison under way, a step of a fit at a time.
pub struct WordComparison {
    train: Bags,
    validation: Bags,
    test: Bags,
    fit: LogisticFit,
    nth: usize,
    best: Option<BagOfWords>,
}

impl Supervised {
    /// Begins to fit words to classes.
    ///
    /// # Errors
    /// [`NotLoaded`] when a review is missing, or the data are no reviews.
    pub fn compare_words(&self, data: &LabData) -> Result<WordComparison, NotLoaded> {
        let Shape::Tokens { vocabulary, .. } = self.traced[0].input else { return Err(NotLoaded) };
        let [train, validation, test] =
            [Split::Train, Split::Validation, Split::Test].map(|split| self.bags(split, data).ok_or(NotLoaded));
        let train = train?;
        let fit = LogisticFit::new(&train, vocabulary, STRENGTHS[0]);
        Ok(WordComparison { train, validation: validation?, test: test?, fit, nth: 0, best: None })
    }

    /// How often a token stands in the training reviews that have come, as far as the window goes.
    pub fn word_count(&self, token: u32, data: &LabData) -> WordCount {
        let mut count = WordCount::default();
        let Some(reviews) = data.train_pool.reviews() else { return count };
        for &idx in &self.partition.train {
            let tokens = reviews.tokens(idx as usize).iter().take(self.experiment.data.window);
            let n = tokens.filter(|&&it| u32::from(it) == token).count() as u32;
            count.total += n;
            count.in_positive += if reviews.target(idx as usize) > 0.5 { n } else { 0 };
        }
        count
    }

    fn bags(&self, split: Split, data: &LabData) -> Option<Bags> {
        let pool = if split == Split::Test { &data.test } else { &data.train_pool };
        let reviews = pool.reviews()?;
        let mut bags = Bags::default();
        for index in 0..self.n_examples(split, data) {
            let idx = self.pool_index(split, index).filter(|&idx| reviews.is_loaded(idx))?;
            let tokens = reviews.tokens(idx);
            bags.push(&tokens[..tokens.len().min(self.experiment.data.window)], reviews.target(idx) > 0.5);
        }
        (!bags.is_empty()).then_some(bags)
    }
}

impl WordComparison {
    /// One step of a fit; says what was found once there is nothing more to do.
    pub fn advance(&mut self) -> Option<BagOfWords> {
        if self.fit.advance(&self.train) {
            return None;
        }
        let validation = self.fit.accuracy(&self.validation);
        if self.best.is_none_or(|best| validation > best.validation) {
            self.best = Some(BagOfWords {
                strength: STRENGTHS[self.nth],
                validation,
                test: self.fit.accuracy(&self.test),
                n_words: self.train.n_words() as u32,
            });
        }
        self.nth += 1;
        match STRENGTHS.get(self.nth) {
            Some(&strength) => {
                self.fit = self.fit.clone().with_strength(&self.train, strength);
                None
            }
            None => self.best,
        }
    }
}
