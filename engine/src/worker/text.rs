//! Texts that the net writes and reads: on demand, by itself while it is trained, and one kept at the end of each epoch.

use super::clock::now_ms;
use super::fetch::{Cache, Site};
use super::lab::Lab;
use super::run::SLICE_MS;
use super::show::refuse;
use super::wire::{Bulk, Outbox};
use crate::data::LabData;
use crate::rng::{Stream, Streams};
use crate::session::{Choosing, Stop, WriteError, Writer};
use descent_spec::Pretrained;
use descent_spec::message::{MAX_READ, Piece, RequestId, RunId, SampleOf, SampleSpec, ToApp};
use sha2::{Digest, Sha256};

/// Share of the time that may be spent on writing while the net is trained.
const WRITING_SHARE: f64 = 0.15;
/// Most milliseconds that are saved up for it, so that a long evaluation is not followed by a stretch of nothing but writing.
const MOST_SAVED_MS: f64 = 40.0;
/// Between the end of one live text and the beginning of the next.
const LIVE_PAUSE_MS: f64 = 2_000.0;
/// Between two pieces.
const PIECE_EVERY_MS: f64 = 100.0;
/// Most tokens in a piece of a live text: at reading pace rather than all at once.
const LIVE_PIECE: usize = 24;
/// The texts of live samples and of epochs draw from streams of their own, beside those asked for.
const LIVE_STREAMS: u64 = 1 << 32;

/// What is being written, and what is to be.
pub(super) struct Scribe {
    asked: Option<Writing>,
    epoch: Option<Writing>,
    live: Option<Writing>,
    /// How the net writes by itself.
    how: Option<SampleSpec>,
    n_live: u64,
    live_ended_at_ms: f64,
    saved_ms: f64,
    /// Whether the text before the first step is still to be written.
    owes_first: bool,
}

/// One text under way.
struct Writing {
    of: SampleOf,
    writer: Writer,
    n_left: u32,
    is_first: bool,
    /// Written and not told yet.
    untold: String,
    n_untold: usize,
    told_at_ms: f64,
}

impl Scribe {
    /// Nothing written yet; a session that begins owes the text of the untrained net.
    pub(super) fn new(is_at_start: bool) -> Scribe {
        Scribe {
            asked: None,
            epoch: None,
            live: None,
            how: Some(SampleSpec::default()),
            n_live: 0,
            live_ended_at_ms: f64::NEG_INFINITY,
            saved_ms: 0.0,
            owes_first: is_at_start,
        }
    }

    /// How the net writes by itself.
    pub(super) fn how(&self) -> Option<SampleSpec> {
        self.how.clone()
    }
}

impl Lab {
    /// Begins the text that was asked for.
    pub(super) fn write(&mut self, sample: &SampleSpec, data: &LabData) {
        let rng = Streams::new(sample.seed).rng(Stream::Sample, 0);
        match self.begin_writing(SampleOf::Asked, sample, rng, data) {
            Ok(writing) => self.scribe.asked = Some(writing),
            Err(why) => refuse(&self.outbox, None, why),
        }
    }

    /// Ends it.
    pub(super) fn stop_writing(&mut self) {
        if let Some(mut writing) = self.scribe.asked.take() {
            writing.tell(true, self.run, &self.outbox);
        }
    }

    /// How the net writes by itself from now on.
    pub(super) fn write_live(&mut self, sample: Option<SampleSpec>) {
        match sample.as_ref().map_or(Ok(()), SampleSpec::check) {
            Ok(()) => {
                self.scribe.how = sample;
                self.scribe.live = None;
                self.scribe.live_ended_at_ms = f64::NEG_INFINITY;
            }
            Err(why) => refuse(&self.outbox, None, why),
        }
    }

    /// An epoch has ended: a text is drawn from the net as it is now and kept. Where epochs are shorter than their texts, some have
    /// none.
    pub(super) fn keep_a_text(&mut self, data: &LabData) {
        if self.session.is_writing() && self.scribe.epoch.is_none() {
            let epoch = self.session.progress().epoch;
            let rng = Streams::new(self.session.experiment().seed).rng(Stream::Sample, LIVE_STREAMS);
            self.scribe.epoch = self.begin_writing(SampleOf::Epoch { epoch }, &SampleSpec::default(), rng, data).ok();
        }
    }

    fn begin_writing(
        &self,
        of: SampleOf,
        sample: &SampleSpec,
        rng: rand_chacha::ChaCha8Rng,
        data: &LabData,
    ) -> Result<Writing, String> {
        sample.check()?;
        let prompt = tokens_of(&sample.prompt, &data.vocabulary)?;
        let choosing = Choosing { temperature: sample.temperature, top_k: sample.top_k as usize };
        // An empty prompt is the end of a line: what follows begins one. Where there are no lines, it is the first character there is.
        let start = || data.vocabulary.iter().position(|it| it == "\n").unwrap_or(0) as u32;
        let read = if prompt.is_empty() { vec![start()] } else { prompt };
        let writer = self.session.writer(&read, choosing, rng).map_err(|refused| refused.to_string())?;
        let untold = sample.prompt.clone();
        Ok(Writing { of, writer, n_left: sample.length, is_first: true, untold, n_untold: 0, told_at_ms: now_ms() })
    }

    /// Writes for a while, after training for `worked_ms`; says whether anything is left to write that nobody waits for in vain.
    pub(super) async fn write_on(&mut self, worked_ms: f64, data: &LabData) -> Result<bool, Stop> {
        if !self.session.is_writing() || data.vocabulary.is_empty() {
            return Ok(false);
        }
        if std::mem::take(&mut self.scribe.owes_first) {
            self.keep_a_text(data);
        }
        let is_training = self.is_training();
        self.begin_live(is_training, data);
        let scribe = &mut self.scribe;
        let budget_ms = if is_training {
            scribe.saved_ms = (scribe.saved_ms + WRITING_SHARE * worked_ms).min(MOST_SAVED_MS);
            scribe.saved_ms
        } else {
            SLICE_MS
        };
        let started_at_ms = now_ms();
        let mut has_written = false;
        for place in [&mut scribe.asked, &mut scribe.epoch, &mut scribe.live] {
            let Some(writing) = place else { continue };
            while now_ms() - started_at_ms < budget_ms && writing.may_go_on(is_training) {
                writing.write_a_token(&data.vocabulary).await?;
                has_written = true;
            }
            let is_over = writing.n_left == 0;
            if writing.is_told_now(is_over) {
                writing.tell(is_over, self.run, &self.outbox);
            }
            if is_over {
                if writing.of == SampleOf::Live {
                    scribe.live_ended_at_ms = now_ms();
                }
                *place = None;
            }
        }
        if has_written {
            self.scribe.saved_ms -= now_ms() - started_at_ms;
            // What was written is not training: it counts neither as time spent nor into examples per second.
            self.stop_clock();
        }
        let scribe = &self.scribe;
        Ok(scribe.asked.is_some() || scribe.epoch.is_some() || scribe.live.is_some())
    }

    /// The net begins to write by itself, if it is time for it.
    fn begin_live(&mut self, is_training: bool, data: &LabData) {
        let is_due = is_training && now_ms() - self.scribe.live_ended_at_ms >= LIVE_PAUSE_MS;
        if !is_due || self.scribe.live.is_some() {
            return;
        }
        let Some(how) = self.scribe.how.clone() else { return };
        self.scribe.n_live += 1;
        let rng = Streams::new(self.session.experiment().seed).rng(Stream::Sample, LIVE_STREAMS + self.scribe.n_live);
        // The page has said what is wrong with a prompt that cannot be read; it is not tried again and again.
        match self.begin_writing(SampleOf::Live, &how, rng, data) {
            Ok(writing) => self.scribe.live = Some(writing),
            Err(_) => self.scribe.how = None,
        }
    }

    /// Answers [`ReadText`](descent_spec::message::ToWorker::ReadText).
    pub(super) async fn read_text(&mut self, request: RequestId, (text, layer): (&str, u32), data: &LabData) -> Result<(), Stop> {
        let known: String = text.chars().filter(|&c| token_of(c, &data.vocabulary).is_some()).take(MAX_READ).collect();
        let tokens: Vec<u32> = known.chars().filter_map(|c| token_of(c, &data.vocabulary)).collect();
        if tokens.is_empty() {
            refuse(&self.outbox, Some(request), WriteError::Prompt.to_string());
            return Ok(());
        }
        self.stop_clock();
        match self.session.read_text(&tokens, layer as usize).await? {
            Err(refused) => refuse(&self.outbox, Some(request), refused.to_string()),
            Ok(reading) => {
                let step = self.session.progress().step;
                let head = ToApp::TextRead { request, step, text: known, units: reading.units as u32 };
                let likely = reading.likely.into_iter().map(|token| token as f32).collect();
                let arrays = [reading.activations, likely, reading.shares, reading.foreseen];
                self.outbox.send_with(head, arrays.into_iter().map(Bulk::Floats).collect());
            }
        }
        Ok(())
    }

    /// Answers [`LoadWeights`](descent_spec::message::ToWorker::LoadWeights).
    pub(super) async fn load_weights(&mut self, request: RequestId, site: &Site, data: &LabData) -> Result<(), Stop> {
        let running = self.session.experiment();
        let fits = |it: &&Pretrained| descent_spec::link::decode(it.link).experiment.is_live_edit_of(running);
        let Some(pretrained) = Pretrained::of(running.data.set).filter(fits) else {
            refuse(&self.outbox, Some(request), "There are no trained weights for this experiment: open the one they belong to.");
            return Ok(());
        };
        let bytes = match fetch_weights(pretrained, site).await {
            Ok(bytes) => bytes,
            Err(why) => {
                refuse(&self.outbox, Some(request), why);
                return Ok(());
            }
        };
        self.rest(data).await?;
        if let Err(refused) = self.session.put_weights(&bytes) {
            refuse(&self.outbox, Some(request), refused.to_string());
            return Ok(());
        }
        self.begin_anew();
        self.outbox.send(ToApp::WeightsLoaded { request });
        // A worker that breaks is brought back to these weights.
        self.checkpoint(data).await?;
        self.tell_phase(data);
        Ok(())
    }
}

impl Writing {
    /// Whether another token is wanted now: of a live text a piece at a time.
    fn may_go_on(&self, is_training: bool) -> bool {
        let is_paced = is_training && self.of == SampleOf::Live;
        self.n_left > 0 && !(is_paced && self.n_untold >= LIVE_PIECE)
    }

    async fn write_a_token(&mut self, vocabulary: &[String]) -> Result<(), Stop> {
        let token = self.writer.next().await?;
        self.untold.push_str(vocabulary.get(token as usize).map_or("", String::as_str));
        self.n_left -= 1;
        self.n_untold += 1;
        Ok(())
    }

    fn is_told_now(&self, is_over: bool) -> bool {
        let is_whole = matches!(self.of, SampleOf::Epoch { .. });
        is_over || !is_whole && self.n_untold > 0 && now_ms() - self.told_at_ms >= PIECE_EVERY_MS
    }

    fn tell(&mut self, is_last: bool, run: RunId, outbox: &Outbox) {
        let text = std::mem::take(&mut self.untold);
        let piece = Piece { of: self.of, step: self.writer.step(), is_first: self.is_first, text, is_last };
        outbox.send(ToApp::Wrote { run, piece });
        self.is_first = false;
        self.n_untold = 0;
        self.told_at_ms = now_ms();
    }
}

/// The file, checked. A broken one may sit in the browser's cache, so the server is asked a second time.
async fn fetch_weights(pretrained: &Pretrained, site: &Site) -> Result<Vec<u8>, String> {
    for cache in [Cache::Use, Cache::Bypass] {
        let fetched = site.fetch(pretrained.file, pretrained.bytes, cache).await;
        let bytes = fetched.map_err(|err| format!("The trained weights could not be loaded: {err}. Try again."))?;
        let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if hash == pretrained.sha256 {
            return Ok(bytes);
        }
    }
    Err("The trained weights are not those of this page: the file was altered on the way. Reload the page.".into())
}

fn token_of(c: char, vocabulary: &[String]) -> Option<u32> {
    vocabulary.iter().position(|it| it.chars().eq([c])).map(|token| token as u32)
}

/// The tokens of a prompt, or which of its characters the net has never seen.
fn tokens_of(prompt: &str, vocabulary: &[String]) -> Result<Vec<u32>, String> {
    let mut unknown: Vec<char> = prompt.chars().filter(|&c| token_of(c, vocabulary).is_none()).collect();
    unknown.dedup();
    if unknown.is_empty() {
        return Ok(prompt.chars().filter_map(|c| token_of(c, vocabulary)).collect());
    }
    let listed: Vec<String> = unknown.iter().take(5).map(|c| format!("“{c}”")).collect();
    Err(format!("The net has never seen {}: use the characters of its text.", listed.join(", ")))
}
