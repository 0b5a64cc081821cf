//! How many workers pay: found by trying, and tried again now and then, since other programs come and go.

/// Steps and milliseconds that are not counted after each change: browsers compile what runs often a second time.
const WARM_UP_STEPS: usize = 3;
const WARM_UP_MS: f64 = 400.0;
/// Steps that are counted for each number of workers.
const SAMPLES: usize = 9;
/// A replica more must save at least this share of a step: it costs memory, and the core might be wanted elsewhere.
const LEAST_GAIN: f64 = 0.1;
/// Steps until the numbers are compared again.
const AGAIN_AFTER: u64 = 4_000;

/// A comparison of numbers of workers, and its result.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Numbers of workers, rising from 1.
    candidates: Vec<usize>,
    /// Median of a step in milliseconds for the first of them.
    medians: Vec<f64>,
    samples: Vec<f64>,
    n_warm: usize,
    warm_ms: f64,
    /// The fastest, and steps since it was found.
    settled: Option<(usize, u64)>,
    compared: Vec<(usize, f64)>,
}

impl Trial {
    /// Compares one worker with two and with four, as far as there are cores. (Three of four slices would keep the third worker
    /// waiting for the one that has two.)
    pub fn new(most_workers: usize) -> Trial {
        let candidates: Vec<usize> = [1, 2, 4].into_iter().filter(|&it| it <= most_workers.max(1)).collect();
        let settled = (candidates.len() == 1).then_some((1, 0));
        let mut trial =
            Trial { candidates, medians: vec![], samples: vec![], n_warm: 0, warm_ms: 0.0, settled, compared: vec![] };
        trial.begin();
        trial
    }

    /// How many workers the next step should have.
    pub fn n_workers(&self) -> usize {
        self.settled.map_or_else(|| self.candidates[self.medians.len()], |(best, _)| best)
    }

    /// Numbers of workers with the median time of a step in milliseconds, once they were compared.
    pub fn compared(&self) -> &[(usize, f64)] {
        &self.compared
    }

    /// Takes in how long a step took. Steps of fewer workers than wanted, because some are still starting, are not for here.
    pub fn record(&mut self, ms: f64) {
        if let Some((_, n_steps)) = &mut self.settled {
            *n_steps += 1;
            if *n_steps >= AGAIN_AFTER && self.candidates.len() > 1 {
                self.settled = None;
                self.begin();
            }
            return;
        }
        if self.n_warm < WARM_UP_STEPS || self.warm_ms < WARM_UP_MS {
            self.n_warm += 1;
            self.warm_ms += ms;
            return;
        }
        self.samples.push(ms);
        if self.samples.len() < SAMPLES {
            return;
        }
        self.samples.sort_unstable_by(f64::total_cmp);
        self.medians.push(self.samples[SAMPLES / 2]);
        self.rest();
        if self.medians.len() == self.candidates.len() {
            self.settle();
        }
    }

    /// Ends the comparison: replicas cannot be had.
    pub fn stay_alone(&mut self) {
        self.candidates = vec![1];
        self.compared.clear();
        self.settled = Some((1, 0));
    }

    fn settle(&mut self) {
        self.compared = self.candidates.iter().copied().zip(self.medians.iter().copied()).collect();
        let mut best = self.compared[0];
        for &candidate in &self.compared[1..] {
            if candidate.1 < (1.0 - LEAST_GAIN) * best.1 {
                best = candidate;
            }
        }
        self.settled = Some((best.0, 0));
    }

    fn begin(&mut self) {
        self.medians.clear();
        self.rest();
    }

    /// The next number of workers starts cold.
    fn rest(&mut self) {
        self.samples.clear();
        (self.n_warm, self.warm_ms) = (0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs steps that take this long by the number of workers, and returns the numbers that were asked for.
    fn run(trial: &mut Trial, n_steps: usize, ms: impl Fn(usize) -> f64) -> Vec<usize> {
        let step = |_| {
            let n_workers = trial.n_workers();
            trial.record(ms(n_workers));
            n_workers
        };
        (0..n_steps).map(step).collect()
    }

    #[test]
    fn the_fastest_is_kept_and_looked_for_again() {
        let mut trial = Trial::new(4);
        // At 100 ms four steps of warm-up and nine that count.
        let numbers = run(&mut trial, 3 * 20, |n_workers| 100.0 / n_workers as f64 + if n_workers > 2 { 60.0 } else { 0.0 });
        assert_eq!(numbers[..13], [1; 13]);
        // At 50 ms and at 85 ms it takes 8 and 5 steps to be warm.
        assert_eq!(numbers[13..30], [2; 17]);
        assert_eq!(numbers[30..44], [4; 14]);
        assert_eq!(numbers[44..], [2; 16]);
        assert_eq!(trial.compared(), [(1, 100.0), (2, 50.0), (4, 85.0)]);
        // Another program has taken the second core meanwhile.
        run(&mut trial, AGAIN_AFTER as usize + 50, |n_workers| 100.0 * n_workers as f64);
        assert_eq!(trial.n_workers(), 1);
    }

    #[test]
    fn a_small_gain_is_no_gain() {
        let mut trial = Trial::new(2);
        run(&mut trial, 60, |n_workers| if n_workers == 1 { 100.0 } else { 91.0 });
        assert_eq!((trial.n_workers(), trial.compared()), (1, [(1, 100.0), (2, 91.0)].as_slice()));
    }

    #[test]
    fn one_core_is_not_compared_with_itself() {
        for mut trial in [Trial::new(0), Trial::new(1)] {
            assert!(run(&mut trial, 5_000, |_| 1.0).iter().all(|&n_workers| n_workers == 1));
            assert_eq!(trial.compared(), []);
        }
        let mut trial = Trial::new(3);
        assert!(run(&mut trial, 200, |n_workers| 100.0 / n_workers as f64).iter().all(|&n_workers| n_workers <= 2));
        trial.stay_alone();
        assert!(run(&mut trial, 5_000, |_| 1.0).iter().all(|&n_workers| n_workers == 1));
    }
}
