//! Pairs on the loop: answers to what the visitor writes, held-out pairs with their answers, and how many are right. A token at a time,
//! so that the worker goes on listening.

use super::clock::now_ms;
use super::lab::Lab;
use super::show::refuse;
use super::wire::Bulk;
use crate::data::LabData;
use crate::session::{Beam, PairAnswers, PairsError, Stop};
use descent_spec::Split;
use descent_spec::message::{Answer, MAX_HELD_OUT, RequestId, SCORED_PAIRS, ToApp};
use descent_spec::pairs::{MAX_SOURCE_CHARS, Numbers, Side, spelled};
use std::collections::VecDeque;

/// Share of the time that may be spent on scores that nobody asked for.
const SCORING_SHARE: f64 = 0.15;
/// Steps between two of them.
const SCORE_EVERY: u64 = 100;

/// What is being answered.
#[derive(Default)]
pub(super) struct PairJobs {
    asked: VecDeque<Asked>,
    /// Scores that the worker makes by itself.
    quiet: Option<PairAnswers>,
    /// A score is due.
    is_due: bool,
    /// Milliseconds that may be spent on it now.
    saved_ms: f64,
}

enum Asked {
    Translate(RequestId, Beam),
    HeldOut(RequestId, PairAnswers),
    Score(RequestId, PairAnswers),
}

impl Asked {
    fn request(&self) -> RequestId {
        match self {
            Asked::Translate(request, _) | Asked::HeldOut(request, _) | Asked::Score(request, _) => *request,
        }
    }
}

impl Lab {
    /// Begins what [`Translate`](descent_spec::message::ToWorker::Translate) asks for.
    pub(super) fn begin_translating(&mut self, request: RequestId, (source, width): (&str, u32), data: &LabData) {
        if source.chars().count() > MAX_SOURCE_CHARS {
            let text = format!("A source has at most {MAX_SOURCE_CHARS} characters: shorten it.");
            return refuse(&self.outbox, Some(request), text);
        }
        let numbers = Numbers::new(&data.vocabulary);
        let set = self.session.experiment().data.set;
        let tokens = spelled(set, Side::Source, source).iter().map(|token| numbers.of(token)).collect();
        match self.session.answer_by_beam(tokens, width) {
            Ok(beam) => self.pair_jobs.asked.push_back(Asked::Translate(request, beam)),
            Err(err) => refuse(&self.outbox, Some(request), err.to_string()),
        }
    }

    /// Begins what [`HeldOut`](descent_spec::message::ToWorker::HeldOut) asks for.
    pub(super) fn begin_held_out(&mut self, request: RequestId, split: Split, (from, count): (u32, u32), data: &LabData) {
        let begun = self.session.answer_pairs(split, from as usize, count.min(MAX_HELD_OUT) as usize, data);
        self.begin_asked(request, begun.map(|answers| Asked::HeldOut(request, answers)));
    }

    /// Begins what [`ScorePairs`](descent_spec::message::ToWorker::ScorePairs) asks for.
    pub(super) fn begin_scoring(&mut self, request: RequestId, split: Split, data: &LabData) {
        let begun = self.session.answer_pairs(split, 0, usize::MAX, data);
        self.begin_asked(request, begun.map(|answers| Asked::Score(request, answers)));
    }

    fn begin_asked(&mut self, request: RequestId, begun: Result<Asked, PairsError>) {
        match begun {
            Ok(asked) => self.pair_jobs.asked.push_back(asked),
            Err(err) => refuse(&self.outbox, Some(request), err.to_string()),
        }
    }

    /// One token of what was asked for, if there is something; says whether anything was done.
    pub(super) async fn answer_a_token(&mut self, data: &LabData) -> Result<bool, Stop> {
        let Some(asked) = self.pair_jobs.asked.front_mut() else { return Ok(false) };
        let has_more = match asked {
            Asked::Translate(_, beam) => beam.advance().await?,
            Asked::HeldOut(_, answers) | Asked::Score(_, answers) => answers.advance(data).await?,
        };
        self.stop_clock();
        if has_more {
            return Ok(true);
        }
        match self.pair_jobs.asked.pop_front() {
            Some(Asked::Translate(request, beam)) => self.tell_translation(request, &beam, data).await?,
            Some(Asked::HeldOut(request, answers)) => {
                self.outbox.send(ToApp::HeldOut { request, step: answers.step(), pairs: answers.pairs(data) });
            }
            Some(Asked::Score(request, answers)) => self.tell_score(Some(request), &answers, data),
            None => {}
        }
        Ok(true)
    }

    async fn tell_translation(&mut self, request: RequestId, beam: &Beam, data: &LabData) -> Result<(), Stop> {
        let word = |token: &u32, vocabulary: &[String]| vocabulary.get(*token as usize).cloned().unwrap_or_default();
        let answers = beam.answers();
        let maps = match answers.first() {
            Some(best) => self.session.attention(beam, best).await?,
            None => Vec::new(),
        };
        let told = answers.iter().map(|answer| Answer {
            tokens: answer.tokens.iter().map(|token| word(token, &data.target_vocabulary)).collect(),
            log_probability: answer.log_probability as f32,
            is_finished: answer.is_finished,
        });
        let head = ToApp::Translated {
            request,
            step: beam.step(),
            source: beam.source().iter().map(|token| word(token, &data.vocabulary)).collect(),
            answers: told.collect(),
            maps: maps.iter().map(|map| map.name.clone()).collect(),
        };
        self.outbox.send_with(head, maps.into_iter().map(|map| Bulk::Floats(map.weights)).collect());
        Ok(())
    }

    fn tell_score(&self, request: Option<RequestId>, answers: &PairAnswers, data: &LabData) {
        let found = answers.score(data);
        self.outbox.send(ToApp::PairsScored {
            run: self.run,
            request,
            step: found.step,
            epoch: found.epoch,
            split: found.split,
            n: found.n,
            exact: found.exact,
            bleu: found.bleu,
        });
    }

    /// A step was done: sees to it that a score follows every hundred, and the end of each epoch.
    pub(super) fn plan_score(&mut self) {
        let progress = self.session.progress();
        if self.session.is_translating() && (progress.batch == 0 || progress.step.is_multiple_of(SCORE_EVERY)) {
            self.pair_jobs.is_due = true;
        }
    }

    /// Goes on with the score that is due for as long as its share of the time allows, `worked_ms` of which have just been spent on
    /// other things; at rest until it is done. Says whether there was one.
    pub(super) async fn score_on(&mut self, worked_ms: f64, data: &LabData) -> Result<bool, Stop> {
        if self.pair_jobs.quiet.is_none() {
            if !std::mem::take(&mut self.pair_jobs.is_due) {
                return Ok(false);
            }
            self.pair_jobs.quiet = self.session.answer_pairs(Split::Validation, 0, SCORED_PAIRS, data).ok();
            self.pair_jobs.saved_ms = 0.0;
        }
        let is_training = self.is_training();
        let PairJobs { quiet: Some(answers), saved_ms, .. } = &mut self.pair_jobs else { return Ok(false) };
        *saved_ms += worked_ms * SCORING_SHARE / (1.0 - SCORING_SHARE);
        if is_training && *saved_ms < 0.0 {
            return Ok(true);
        }
        let started_at_ms = now_ms();
        let has_more = answers.advance(data).await?;
        *saved_ms -= now_ms() - started_at_ms;
        self.stop_clock();
        if !has_more && let Some(answers) = self.pair_jobs.quiet.take() {
            self.tell_score(None, &answers, data);
        }
        Ok(true)
    }

    /// The session ends or begins anew: whoever waits is told.
    pub(super) fn end_pair_jobs(&mut self) {
        for asked in std::mem::take(&mut self.pair_jobs).asked {
            refuse(&self.outbox, Some(asked.request()), "The run was restarted meanwhile.");
        }
    }
}
