//! Reviews on the loop: what each word does to an answer, and what counting words alone is worth. A piece at a time, so that the worker
//! goes on listening.

use super::clock::now_ms;
use super::lab::Lab;
use super::show::refuse;
use super::wire::Bulk;
use crate::data::{LabData, Pool};
use crate::session::{Explanation, Stop, WordComparison};
use descent_spec::Split;
use descent_spec::message::{ExampleFacts, RequestId, ToApp};
use std::collections::VecDeque;

/// The comparison takes this much of a slice of the loop: training goes on beside it.
const COMPARE_MS: f64 = 6.0;

/// What was asked about reviews and is being worked on.
#[derive(Default)]
pub(super) struct ReviewJobs {
    /// In the order they were asked: the page shows two at a time.
    explaining: VecDeque<(RequestId, Explanation)>,
    comparing: Option<(RequestId, WordComparison)>,
}

impl Lab {
    /// Begins what [`Explain`](descent_spec::message::ToWorker::Explain) asks for.
    pub(super) fn begin_explaining(&mut self, request: RequestId, bulk: Option<Bulk>) {
        let tokens: Vec<u32> = match bulk {
            Some(Bulk::Floats(values)) => values.iter().map(|&token| token as u32).collect(),
            _ => Vec::new(),
        };
        match self.session.explain_review(&tokens) {
            Ok(explanation) => self.review_jobs.explaining.push_back((request, explanation)),
            Err(err) => refuse(&self.outbox, Some(request), err.to_string()),
        }
    }

    /// One batch of an explanation, if there is one; says whether anything was done.
    pub(super) async fn explain_a_batch(&mut self) -> Result<bool, Stop> {
        let Some((_, explanation)) = self.review_jobs.explaining.front_mut() else { return Ok(false) };
        let has_more = explanation.advance(&self.session).await?;
        self.stop_clock();
        if !has_more && let Some((request, explanation)) = self.review_jobs.explaining.pop_front() {
            let found = explanation.finish();
            let head = ToApp::Explained { request, step: found.step, logit: found.logit, probabilities: found.probabilities };
            self.outbox.send_with(head, vec![Bulk::Floats(found.contributions)]);
        }
        Ok(true)
    }

    /// Begins what [`CompareWords`](descent_spec::message::ToWorker::CompareWords) asks for.
    pub(super) fn begin_comparing(&mut self, request: RequestId, data: &LabData) {
        match self.session.compare_words(data) {
            Ok(comparison) => {
                if let Some((earlier, _)) = self.review_jobs.comparing.replace((request, comparison)) {
                    refuse(&self.outbox, Some(earlier), "The comparison was begun anew.");
                }
            }
            Err(err) => refuse(&self.outbox, Some(request), err.to_string()),
        }
    }

    /// Some steps of the comparison, if there is one; says whether anything was done.
    pub(super) fn compare_on(&mut self) -> bool {
        let started_at_ms = now_ms();
        let mut worked = false;
        while let Some((request, comparison)) = &mut self.review_jobs.comparing {
            if now_ms() - started_at_ms >= COMPARE_MS {
                break;
            }
            worked = true;
            if let Some(found) = comparison.advance() {
                self.outbox.send(ToApp::WordsCompared { request: *request, found });
                self.review_jobs.comparing = None;
            }
        }
        if worked {
            self.stop_clock();
        }
        worked
    }

    /// Answers [`Word`](descent_spec::message::ToWorker::Word).
    pub(super) async fn tell_word(&self, request: RequestId, token: u32, data: &LabData) -> Result<(), Stop> {
        let embedding = self.session.embedding_of(token as usize).await?;
        let head = ToApp::Word { request, step: self.session.progress().step, count: self.session.word_count(token, data) };
        self.outbox.send_with(head, vec![Bulk::Floats(embedding)]);
        Ok(())
    }

    /// Reviews by their indices, where the pool holds reviews; those that do not exist or are not loaded are left out.
    pub(super) fn send_reviews(&self, request: RequestId, (split, indices): (Split, &[u32]), n_matching: u32, pool: &Pool) {
        let Some(reviews) = pool.reviews() else { return };
        let (mut examples, mut bytes) = (Vec::new(), Vec::new());
        for &index in indices {
            let idx = self.session.pool_index(split, index as usize).filter(|&idx| reviews.is_loaded(idx));
            let Some(idx) = idx else { continue };
            let tokens = reviews.tokens(idx);
            examples.push(ExampleFacts { index, class: reviews.target(idx) as u32 });
            bytes.extend((tokens.len() as u16).to_le_bytes());
            bytes.extend(tokens.iter().flat_map(|token| token.to_le_bytes()));
        }
        self.outbox.send_with(ToApp::Examples { request, split, examples, n_matching }, vec![Bulk::Bytes(bytes)]);
    }

    /// The session ends: whoever waits is told.
    pub(super) fn end_review_jobs(&mut self) {
        let ReviewJobs { explaining, comparing } = std::mem::take(&mut self.review_jobs);
        let waiting = explaining.into_iter().map(|(request, _)| request).chain(comparing.map(|(request, _)| request));
        for request in waiting {
            refuse(&self.outbox, Some(request), "The run was restarted meanwhile.");
        }
    }
}
