//! What a visitor can do: each method of [`Lab`] is one button, one key and one call of `window.descent`.

use crate::client::{Answer, Payload};
use crate::followed::Followed;
use crate::inside::Inside;
use crate::pairs::{PairScore, Translation};
use crate::reading::TextReading;
use crate::review::{Reading, WordFacts};
use crate::state::{Examples, Ink, Lab, RunPhase};
use crate::word_vectors::{Trained, read_glove};
use descent_spec::data::Split;
use descent_spec::glove::Glove;
use descent_spec::lesson::Control;
use descent_spec::message::{
    BagOfWords, CameTrue, Phase, RateTest, SampleSpec, Subject, ToApp, ToWorker, TranslatedPair, WeightUpdate,
};
use descent_spec::{Experiment, Pretrained, link};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;

impl Lab {
    /// Trains until the last epoch, starting as soon as the worker and its first data are there.
    pub fn play(self) {
        if self.run_phase.get_untracked() == RunPhase::Failed {
            self.reopen_with(true);
            return;
        }
        if self.at_start() && self.stale.get_untracked() && !self.reset() {
            return;
        }
        self.wants_play.set(true);
        self.command(ToWorker::Play);
    }

    /// Stops before the next batch.
    pub fn pause(self) {
        self.wants_play.set(false);
        self.command(ToWorker::Pause);
    }

    /// Play or Pause, whichever the large button says.
    pub fn toggle(self) {
        if self.running.get_untracked() { self.pause() } else { self.play() }
    }

    /// Exactly this many optimizer steps.
    pub fn step(self, count: u32) {
        self.wants_play.set(false);
        if !(self.at_start() && self.stale.get_untracked()) || self.reset() {
            self.command(ToWorker::Step { count });
        }
    }

    /// To the end of the current epoch.
    pub fn epoch(self) {
        self.wants_play.set(false);
        if !(self.at_start() && self.stale.get_untracked()) || self.reset() {
            self.command(ToWorker::Epoch);
        }
    }

    /// Back to step 0 with the experiment as it is set up now: same seed, same curve. Says no, in words, to a model that cannot
    /// be built, and leaves the run alone then.
    pub fn reset(self) -> bool {
        if let Err(err) = self.trace.get_untracked() {
            self.alert(format!("The run was not restarted, because the model cannot be built. {err}"));
            return false;
        }
        self.wants_play.set(false);
        self.open_fresh();
        true
    }

    /// [`reset`](Self::reset) for buttons and keys, which need no answer: the page has told it.
    pub fn restart(self) {
        let _ = self.reset();
    }

    /// A new seed, and back to step 0 with it.
    pub fn new_seed(self) {
        if !self.allows(Control::Seed) {
            return;
        }
        // Seeds are read aloud and typed in classrooms: up to a million stays short.
        let seed = (js_sys::Math::random() * 1e6) as u32;
        self.experiment.update(|experiment| experiment.seed = seed);
        if self.reset() {
            self.say(format!("New seed {seed}."));
        }
    }

    /// Hands live edits (learning rate, L1, L2, epochs) to the running session, whatever else waits for a restart.
    pub(crate) fn tune(self) {
        // While another session is being built the facts are those of the one before. It takes live edits over when it stands.
        if !matches!(self.run_phase.get_untracked(), RunPhase::Session(_)) {
            return;
        }
        let Experiment { training: edited, cores, .. } = self.experiment.get_untracked();
        let Some(running) = self.facts.with_untracked(|facts| facts.as_ref().map(|facts| facts.experiment.clone())) else {
            return;
        };
        let mut tuned = running.clone();
        tuned.training.l1 = edited.l1;
        tuned.training.l2 = edited.l2;
        tuned.training.epochs = edited.epochs;
        tuned.cores = cores;
        // A rate that was chosen for another optimizer would wreck this run: it waits with that optimizer.
        if edited.optimizer == running.training.optimizer {
            tuned.training.learning_rate = edited.learning_rate;
        }
        if tuned == running {
            return;
        }
        self.facts.update(|facts| {
            if let Some(facts) = facts {
                facts.experiment = tuned.clone();
            }
        });
        self.supervisor.update_value(|it| it.experiment = Some(tuned.clone()));
        self.command(ToWorker::Tune { experiment: tuned });
        // The saved run lies under the link it had before the edit: save it under the new one.
        if self.progress.read_untracked().step > 0 {
            self.command(ToWorker::Checkpoint);
        }
    }

    /// Sets one weight of the running session, or a unit's bias where there is no input.
    pub fn set_weight(self, layer: usize, input: Option<usize>, unit: usize, value: f32) {
        if !self.allows(Control::Weights) {
            return;
        }
        let input = input.map(|input| input as u32);
        self.command(ToWorker::SetWeight { layer: layer as u32, input, unit: unit as u32, value });
    }

    /// Evaluates a whole split; the result arrives in [`Lab::evaluations`].
    pub fn evaluate(self, split: Split) {
        self.command(ToWorker::Evaluate { split });
    }

    /// Shows this example in the net from now on. For a drawing, [`Lab::draw`].
    pub fn watch(self, subject: Subject, ink: Option<Ink>) {
        if let Some(ink) = ink {
            self.ink.set(Some(ink));
        }
        if matches!(subject, Subject::Ink { .. }) && self.ink.read_untracked().is_none() {
            return;
        }
        self.subject.set(subject);
        self.send_watch();
    }

    /// The visitor draws: watch the drawing.
    pub fn draw(self, ink: Ink) {
        self.watch(Subject::Ink { side: ink.side }, Some(ink));
    }

    /// The drawing was wiped: watch an example again.
    pub fn clear_drawing(self) {
        self.ink.set(None);
        self.drawn_input.set(None);
        self.drawing.set(None);
        if matches!(self.subject.get_untracked(), Subject::Ink { .. }) {
            self.watch(Subject::Example { split: Split::Validation, index: 0 }, None);
        }
    }

    /// Pictures of a split, optionally of one class.
    pub fn browse(
        self,
        split: Split,
        class: Option<u32>,
        offset: u32,
        count: u32,
    ) -> impl Future<Output = Result<Examples, String>> {
        let answer = self.ask(Box::new(move |request| ToWorker::Browse { request, split, class, offset, count }), None);
        async { examples(answer.await?) }
    }

    /// The pictures with these indices.
    pub fn fetch_examples(self, split: Split, indices: Vec<u32>) -> impl Future<Output = Result<Examples, String>> {
        let answer = self.ask(Box::new(move |request| ToWorker::Fetch { request, split, indices }), None);
        async { examples(answer.await?) }
    }

    /// Class probabilities of one input as the net takes it.
    pub fn predict(self, input: &[f32]) -> impl Future<Output = Result<Vec<f32>, String>> + use<> {
        let answer = self.ask(Box::new(|request| ToWorker::Predict { request }), Some(Payload::floats(input)));
        async {
            match answer.await?.head {
                ToApp::Predicted { probabilities, .. } => Ok(probabilities),
                _ => Err(odd_answer()),
            }
        }
    }

    /// Every number of one example's way through the net and back; of one unit, given by its layer and its index there, also the
    /// gradients found by nudging.
    pub fn follow(
        self,
        split: Split,
        index: u32,
        nudge: Option<(u32, u32)>,
    ) -> impl Future<Output = Result<Followed, String>> + use<> {
        let answer = self.ask(Box::new(move |request| ToWorker::Follow { request, split, index, nudge }), None);
        async move { Followed::read(&answer.await?, nudge).ok_or_else(odd_answer) }
    }

    /// What goes on within the net's recurrent layer on one window of the series.
    pub fn look_inside(self, split: Split, index: u32) -> impl Future<Output = Result<Inside, String>> + use<> {
        let answer = self.ask(Box::new(move |request| ToWorker::Inside { request, split, index }), None);
        async { Inside::read(&answer.await?).ok_or_else(odd_answer) }
    }

    /// The learning-rate range test of the running experiment, beside the run.
    pub fn find_rate(self) -> impl Future<Output = Result<RateTest, String>> + use<> {
        let answer = self.ask(Box::new(|request| ToWorker::TestRates { request }), None);
        async {
            match answer.await?.head {
                ToApp::RatesTested { result, .. } => Ok(result),
                _ => Err(odd_answer()),
            }
        }
    }

    /// The next update of one weight of a dense layer (of a bias where there is no input), and what came of the last one.
    pub fn foretell(
        self,
        layer: u32,
        input: Option<u32>,
        unit: u32,
    ) -> impl Future<Output = Result<(WeightUpdate, Option<CameTrue>), String>> + use<> {
        let answer = self.ask(Box::new(move |request| ToWorker::Foretell { request, layer, input, unit }), None);
        async {
            match answer.await?.head {
                ToApp::Foretold { update, came_true, .. } => Ok((*update, came_true)),
                _ => Err(odd_answer()),
            }
        }
    }

    /// What each of these tokens does to the net's answer as it is now.
    pub fn explain(self, tokens: &[u32]) -> impl Future<Output = Result<Reading, String>> + use<> {
        let values: Vec<f32> = tokens.iter().map(|&token| token as f32).collect();
        let answer = self.ask(Box::new(|request| ToWorker::Explain { request }), Some(Payload::floats(&values)));
        async move { Reading::read(&answer.await?).ok_or_else(odd_answer) }
    }

    /// A logistic regression on bags of words, on the same reviews.
    pub fn compare_words(self) -> impl Future<Output = Result<BagOfWords, String>> + use<> {
        let answer = self.ask(Box::new(|request| ToWorker::CompareWords { request }), None);
        async {
            match answer.await?.head {
                ToApp::WordsCompared { found, .. } => Ok(found),
                _ => Err(odd_answer()),
            }
        }
    }

    /// How often a token stands in the training reviews, and its embedding.
    pub fn word(self, token: u32) -> impl Future<Output = Result<WordFacts, String>> + use<> {
        let answer = self.ask(Box::new(move |request| ToWorker::Word { request, token }), None);
        async move { WordFacts::read(&answer.await?).ok_or_else(odd_answer) }
    }

    /// What the net answers to a source as it is now: with a beam of 1 the most probable token at each step.
    pub fn translate(self, source: String, beam: u32) -> impl Future<Output = Result<Translation, String>> + use<> {
        let answer = self.ask(Box::new(move |request| ToWorker::Translate { request, source, beam }), None);
        async { Translation::read(&answer.await?).ok_or_else(odd_answer) }
    }

    /// Pairs of a part with the net's answers, and the step they were given at.
    pub fn held_out(
        self,
        split: Split,
        from: u32,
        count: u32,
    ) -> impl Future<Output = Result<(u64, Vec<TranslatedPair>), String>> + use<> {
        let answer = self.ask(Box::new(move |request| ToWorker::HeldOut { request, split, from, count }), None);
        async {
            match answer.await?.head {
                ToApp::HeldOut { step, pairs, .. } => Ok((step, pairs)),
                _ => Err(odd_answer()),
            }
        }
    }

    /// How many pairs of a whole part the net answers right; also in [`Lab::pair_scores`] then.
    pub fn score_pairs(self, split: Split) -> impl Future<Output = Result<PairScore, String>> + use<> {
        let answer = self.ask(Box::new(move |request| ToWorker::ScorePairs { request, split }), None);
        async move {
            match answer.await?.head {
                ToApp::PairsScored { step, n, exact, bleu, .. } => {
                    let score = PairScore { step, n, exact, bleu };
                    self.pair_scores.write().insert(split, score);
                    Ok(score)
                }
                _ => Err(odd_answer()),
            }
        }
    }

    /// The vectors of all words as they are now.
    pub fn vectors(self) -> impl Future<Output = Result<Trained, String>> + use<> {
        let answer = self.ask(Box::new(|request| ToWorker::Vectors { request }), None);
        async move { Trained::read(&answer.await?).ok_or_else(odd_answer) }
    }

    /// GloVe's vectors, which lie on the site.
    pub fn glove(self) -> impl Future<Output = Result<Glove, String>> + use<> {
        let answer = self.ask(Box::new(|request| ToWorker::Glove { request }), None);
        async move { read_glove(answer.await?).ok_or_else(odd_answer) }
    }

    /// Lets the net write; what it writes arrives in [`Lab::asked`].
    pub fn write(self, sample: SampleSpec) {
        self.asked.set(None);
        self.command(ToWorker::Write { sample });
    }

    /// Ends that text where it is.
    pub fn stop_writing(self) {
        self.command(ToWorker::StopWriting);
    }

    /// How the net writes by itself while it is trained.
    pub fn write_live(self, sample: Option<SampleSpec>) {
        self.command(ToWorker::WriteLive { sample });
    }

    /// What the units of a layer say over a text, and what the net expects behind each of its characters.
    pub fn read_text(self, text: String, layer: u32) -> impl Future<Output = Result<TextReading, String>> + use<> {
        let answer = self.ask(Box::new(move |request| ToWorker::ReadText { request, text, layer }), None);
        async move { TextReading::read(&answer.await?).ok_or_else(odd_answer) }
    }

    /// Opens the experiment that trained weights belong to, and puts them in. A sentence says what came of it.
    pub fn load_trained(self, pretrained: &'static Pretrained) {
        let wanted = link::decode(pretrained.link).experiment;
        let wanted = Experiment { cores: self.experiment.with_untracked(|edited| edited.cores), ..wanted };
        self.experiment.set(wanted.clone());
        if !self.reset() {
            return;
        }
        let stands = self.until(move |lab| match lab.run_phase.get_untracked() {
            RunPhase::Starting | RunPhase::Restarting => None,
            RunPhase::Failed => Some(false),
            RunPhase::Session(_) => {
                Some(lab.facts.with_untracked(|facts| facts.as_ref().is_some_and(|it| it.experiment == wanted)))
            }
        });
        spawn_local(async move {
            if stands.await != Ok(true) {
                return;
            }
            match self.ask(Box::new(|request| ToWorker::LoadWeights { request }), None).await {
                Ok(_) => {
                    self.say(format!("Trained weights are loaded. {}", pretrained.about));
                    self.evaluate(Split::Validation);
                }
                Err(why) => self.alert(why),
            }
        });
    }

    /// The weights as a safetensors file.
    pub fn weights(self) -> impl Future<Output = Result<js_sys::Uint8Array, String>> {
        let answer = self.ask(Box::new(|request| ToWorker::Weights { request }), None);
        async { answer.await?.bytes(0).ok_or_else(odd_answer) }
    }

    /// Whether nothing is lost by a restart: the session stands at step 0.
    pub fn at_start(self) -> bool {
        self.progress.read_untracked().step == 0
            && !matches!(self.run_phase.get_untracked(), RunPhase::Session(Phase::Training | Phase::Stepping | Phase::Compiling))
    }
}

fn examples(answer: Answer) -> Result<Examples, String> {
    let pixels = answer.bytes(0).map(|bytes| bytes.to_vec());
    match (answer.head, pixels) {
        (ToApp::Examples { split, examples, n_matching, .. }, Some(pixels)) => {
            Ok(Examples { split, examples, pixels, n_matching })
        }
        _ => Err(odd_answer()),
    }
}

fn odd_answer() -> String {
    "The worker gave an answer that this page does not understand: reload the page.".into()
}
