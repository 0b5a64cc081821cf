//! What each command and each arrival of data does.

use super::contest::Bout;
use super::evaluate::Job;
use super::fetch::Site;
use super::lab::{Goal, Lab};
use super::loader::{Arrival, Part};
use super::run::{Opening, Stand, Worker};
use super::show::{Watched, refuse};
use super::store::{Store, part_of};
use super::wire::{Bulk, Command};
use crate::bench;
use crate::device::open_device;
use crate::replicas::most_workers;
use crate::session::{Stop, Supervised};
use descent_spec::Split;
use descent_spec::device::Backend;
use descent_spec::manifest::Source;
use descent_spec::message::{Fault, FaultKind, HEARTBEAT, RequestId, ToApp, ToWorker};
use descent_spec::registry::Registry;
use descent_spec::slices::MAX_SLICES;

impl Worker {
    /// Does what a command asks for.
    pub(super) async fn obey(&mut self, command: Command) -> Result<(), Stop> {
        let Command { head, bulk } = command;
        match head {
            ToWorker::Start { base, backend } => self.start(&base, backend).await,
            ToWorker::Open { run, experiment } => {
                let checkpoint = match bulk {
                    Some(Bulk::Bytes(bytes)) => Some(bytes),
                    _ => None,
                };
                self.open(Opening { run, experiment, checkpoint }).await?;
            }
            ToWorker::Watch { subject } => match Watched::new(subject, bulk) {
                Ok(watched) => {
                    self.watched = watched;
                    if let Some(lab) = &mut self.lab {
                        lab.look_again();
                    }
                    self.fetch_for_watched(subject);
                }
                Err(why) => refuse(&self.outbox, None, why),
            },
            ToWorker::Ping { request } => self.outbox.send(ToApp::Pong { request }),
            ToWorker::Race { request, experiment, steps } => {
                let Some(device) = self.device(Some(request)) else { return Ok(()) };
                match bench::race(&experiment, &device, steps, super::clock::now_ms).await {
                    Ok(ms_per_step) => self.outbox.send(ToApp::Raced { request, ms_per_step }),
                    Err(why) => refuse(&self.outbox, Some(request), why),
                }
            }
            ToWorker::Bench { request, work, n_workers } => {
                let Some(device) = self.device(Some(request)) else { return Ok(()) };
                let most = most_workers().min(MAX_SLICES);
                let n_workers = n_workers.map_or(most, |wanted| (wanted as usize).min(MAX_SLICES));
                let alive = || self.outbox.send(ToApp::Pong { request: HEARTBEAT });
                let result = bench::run(&work, n_workers, &device, super::clock::now_ms, alive).await;
                self.outbox.send(ToApp::Benched { request, result });
            }
            ToWorker::Contest { contest, setup } => match Bout::open(contest, &setup, self.outbox.clone()).await {
                Ok(bout) => self.bout = Some(bout),
                Err(why) => refuse(&self.outbox, None, why),
            },
            ToWorker::StopContest => self.stop_contest().await?,
            ToWorker::Glove { request } => self.tell_glove(request),
            head => self.obey_in_lab(Command { head, bulk }).await?,
        }
        Ok(())
    }

    /// Commands that need a session. They wait while one is being opened, and some wait for data.
    async fn obey_in_lab(&mut self, command: Command) -> Result<(), Stop> {
        let request = request_of(&command.head);
        if self.lab.is_none() {
            if self.opening.is_none() {
                refuse(&self.outbox, request, "No experiment is open yet: open one first.");
            } else {
                if let (ToWorker::Play | ToWorker::Step { .. } | ToWorker::Epoch, Some(store)) = (&command.head, &mut self.store)
                {
                    store.want(Part::Train);
                }
                self.deferred.push(command);
            }
            return Ok(());
        }
        if self.must_wait(&command) {
            self.deferred.push(command);
            return Ok(());
        }
        let (Some(lab), Some(store)) = (&mut self.lab, &mut self.store) else { return Ok(()) };
        if let ToWorker::Play | ToWorker::Step { .. } | ToWorker::Epoch = command.head {
            if lab.has_diverged() {
                refuse(&self.outbox, None, "The run has diverged and cannot go on: Reset starts it over.");
                return Ok(());
            }
            store.want(Part::Train);
        }
        match command.head {
            ToWorker::Evaluate { split } => store.want(part_of(split)),
            ToWorker::TestRates { .. } => store.want(Part::Train),
            _ => {}
        }
        let Some(data) = store.data() else { return Ok(()) };
        match command.head {
            ToWorker::Play => lab.play(),
            ToWorker::Pause => lab.rest(data).await?,
            ToWorker::Step { count } => lab.pursue_steps(count),
            ToWorker::Epoch => lab.pursue(Goal::Epoch(lab.session.progress().epoch + 1)),
            ToWorker::Tune { experiment } if experiment.is_live_edit_of(lab.session.experiment()) => {
                lab.session.tune(&experiment);
                lab.foretold = None;
            }
            ToWorker::Tune { .. } => refuse(&self.outbox, None, "This change needs a fresh start: press Reset."),
            ToWorker::Evaluate { split } if lab.session.n_examples(split, data) == 0 => {
                refuse(&self.outbox, None, format!("There are no {} examples to evaluate on.", split.id()));
            }
            ToWorker::Evaluate { split } => lab.jobs.push_back(Job { split, sample: None, was_asked: true }),
            ToWorker::Browse { request, .. } | ToWorker::Fetch { request, .. } if lab.session.is_planar() => {
                refuse(&self.outbox, Some(request), "Points are no pictures that could be looked at one by one.");
            }
            ToWorker::Browse { request, split, class, offset, count } => lab.browse(request, split, class, (offset, count), data),
            ToWorker::Fetch { request, split, indices } => {
                lab.send_examples(request, split, &indices, indices.len() as u32, data);
            }
            ToWorker::Predict { request } => lab.predict(request, command.bulk, data).await?,
            ToWorker::Follow { request, split, index, nudge } => lab.follow(request, (split, index), nudge, data).await?,
            ToWorker::Inside { request, split, index } => lab.look_inside(request, (split, index), data).await?,
            ToWorker::TestRates { request } => {
                if let Some(stand) = &self.stand {
                    lab.begin_rate_test(request, &stand.device, data);
                }
            }
            ToWorker::Foretell { request, layer, input, unit } => lab.foretell(request, (layer, input, unit), data).await?,
            ToWorker::Write { sample } => lab.write(&sample, data),
            ToWorker::StopWriting => lab.stop_writing(),
            ToWorker::WriteLive { sample } => lab.write_live(sample),
            ToWorker::ReadText { request, text, layer } => lab.read_text(request, (&text, layer), data).await?,
            ToWorker::LoadWeights { request } => {
                if let Some(stand) = &self.stand {
                    lab.load_weights(request, &stand.site, data).await?;
                }
            }
            ToWorker::Explain { request } => lab.begin_explaining(request, command.bulk),
            ToWorker::CompareWords { request } => lab.begin_comparing(request, data),
            ToWorker::Word { request, token } => lab.tell_word(request, token, data).await?,
            ToWorker::Translate { request, source, beam } => lab.begin_translating(request, (&source, beam), data),
            ToWorker::HeldOut { request, split, from, count } => lab.begin_held_out(request, split, (from, count), data),
            ToWorker::ScorePairs { request, split } => lab.begin_scoring(request, split, data),
            ToWorker::Vectors { request } => lab.tell_vectors(request).await?,
            ToWorker::Weights { request } => {
                let bytes = lab.session.weights().await?;
                self.outbox.send_with(ToApp::Weights { request }, vec![Bulk::Bytes(bytes)]);
            }
            ToWorker::Checkpoint => lab.checkpoint(data).await?,
            ToWorker::SetWeight { layer, input, unit, value } => lab.set_weight((layer, input, unit), value, data).await?,
            // The rest need no session: `obey` has taken them.
            ToWorker::Start { .. }
            | ToWorker::Open { .. }
            | ToWorker::Watch { .. }
            | ToWorker::Race { .. }
            | ToWorker::Contest { .. }
            | ToWorker::StopContest
            | ToWorker::Glove { .. }
            | ToWorker::Bench { .. }
            | ToWorker::Ping { .. } => {}
        }
        Ok(())
    }

    async fn start(&mut self, base: &str, backend: Backend) {
        if self.stand.is_none() {
            let site = match Site::new(base) {
                Ok(site) => site,
                Err(err) => {
                    let message = format!("The worker was given a folder that it will not use: {err}.");
                    let advice = "Open the page from its own address.".into();
                    return self.outbox.send(ToApp::Fault(Fault { kind: FaultKind::Data, message, advice }));
                }
            };
            match open_device(backend).await {
                Ok((device, info)) => self.stand = Some(Stand { site, device, info }),
                Err(fault) => return self.outbox.send(ToApp::Fault(fault)),
            }
        }
        if let Some(stand) = &self.stand {
            self.outbox.send(ToApp::Ready { device: stand.info.clone() });
        }
    }

    async fn open(&mut self, opening: Opening) -> Result<(), Stop> {
        let Some(stand) = &self.stand else {
            refuse(&self.outbox, None, "The worker has not been started: send Start first.");
            return Ok(());
        };
        if let Some(lab) = &mut self.lab {
            lab.end_rate_test("The range test was given up, because the run was restarted.");
            lab.end_review_jobs();
            lab.end_pair_jobs();
        }
        self.spare_sharing = self.lab.take().and_then(|lab| lab.sharing);
        for request in std::mem::take(&mut self.deferred).iter().filter_map(|command| request_of(&command.head)) {
            refuse(&self.outbox, Some(request), "The run was restarted meanwhile.");
        }
        if stand.info.backend == Backend::WebGpu {
            // The old net's buffers are pooled, and the new one's have other sizes.
            stand.device.memory_cleanup();
        }
        if self.store.as_ref().is_none_or(|store| !store.suits(&opening.experiment)) {
            self.n_stores += 1;
            self.store = Some(Store::new(self.n_stores, stand.site.clone(), &opening.experiment, self.inbox.clone()));
        }
        self.opening = Some(opening);
        if let Some(store) = &mut self.store {
            store.want(Part::Train);
        }
        self.finish_opening().await
    }

    /// Builds the session as soon as it is known what the data hold, and obeys what had to wait for it.
    async fn finish_opening(&mut self) -> Result<(), Stop> {
        let (Some(stand), Some(data)) = (&self.stand, self.store.as_ref().and_then(Store::data)) else { return Ok(()) };
        let Some(Opening { run, experiment, checkpoint }) = self.opening.take() else { return Ok(()) };
        let mut session = match Supervised::open(&experiment, &stand.device, data) {
            Ok(session) => session,
            Err(err) => {
                self.deferred.clear();
                let advice = if err.layer_idx.is_some() { "Change the layer it names." } else { "Change the data." }.into();
                self.outbox.send(ToApp::Fault(Fault { kind: FaultKind::Experiment, message: err.to_string(), advice }));
                return Ok(());
            }
        };
        if let Some(Err(err)) = checkpoint.map(|bytes| session.restore(&bytes)) {
            let advice = "The run starts from the beginning.".into();
            self.outbox.send(ToApp::Fault(Fault { kind: FaultKind::Checkpoint, message: err.to_string(), advice }));
        }
        self.outbox.send(ToApp::Opened { run, facts: Box::new(session.facts(data)), progress: session.progress() });
        let sharing = self.spare_sharing.take().and_then(|sharing| sharing.take_over(&session));
        let mut lab = Lab::new(run, session, stand.info.backend, self.outbox.clone());
        lab.sharing = sharing;
        lab.send_points(data);
        lab.tell_phase(data);
        self.lab = Some(lab);
        self.tell_loading();
        self.obey_deferred().await
    }

    /// Takes in what the network brought for the store with this number; what was for an earlier one is dropped.
    pub(super) async fn receive(&mut self, number: u32, arrival: Arrival) -> Result<(), Stop> {
        let Some(store) = self.store.as_mut().filter(|store| store.number() == number) else { return Ok(()) };
        match arrival {
            Arrival::Announced(manifest, glove) => {
                store.announce(*manifest, glove);
                if store.data().is_some_and(|data| data.source == Source::Generated) {
                    self.tell_generated();
                }
                self.finish_opening().await?;
            }
            Arrival::NoData if !store.set().is_digits() => {
                let message = format!("{} is not on this site.", store.set().label());
                let advice = "Open #/mnist, or let the site's owner build the data with cargo xtask data.".into();
                self.give_up(None, Fault { kind: FaultKind::Data, message, advice });
            }
            Arrival::NoData => {
                store.generate();
                self.tell_generated();
                self.finish_opening().await?;
            }
            Arrival::Shard { part, idx, unpacked } => match store.insert(part, idx, unpacked) {
                Ok(()) => self.arrived().await?,
                // Its hash was right, so it was made wrong; fetching it again would not help.
                Err(err) => {
                    let message = format!("Shard {} of the data cannot be used: {err}.", idx + 1);
                    let advice = "The site's data must be built anew.".into();
                    self.give_up(Some(part), Fault { kind: FaultKind::Data, message, advice });
                }
            },
            Arrival::Complete(part) => store.ended(Some(part)),
            Arrival::Note(text) => self.outbox.send(ToApp::Note { text }),
            Arrival::Failed(part, fault) => self.give_up(part, fault),
        }
        Ok(())
    }

    /// More of the data is there: whatever waited for it may go on.
    pub(super) async fn arrived(&mut self) -> Result<(), Stop> {
        self.tell_loading();
        if let (Some(lab), Some(data)) = (&mut self.lab, self.store.as_ref().and_then(Store::data)) {
            lab.tell_phase(data);
        }
        self.obey_deferred().await
    }

    async fn obey_deferred(&mut self) -> Result<(), Stop> {
        if self.lab.is_none() {
            return Ok(());
        }
        for command in std::mem::take(&mut self.deferred) {
            self.obey_in_lab(command).await?;
        }
        Ok(())
    }

    /// Whether a command must wait until its examples have come; sees to it that they do.
    fn must_wait(&mut self, command: &Command) -> bool {
        let Some(store) = &mut self.store else { return false };
        if let ToWorker::CompareWords { .. } = command.head {
            let is_there = store.has_all(Part::Train) && store.has_all(Part::Test);
            if !is_there {
                store.want(Part::Train);
                store.want(Part::Test);
            }
            return !is_there;
        }
        // The training part comes by itself and can be looked at as far as it has come.
        let (part, is_there) = match command.head {
            ToWorker::Browse { split, .. } | ToWorker::Fetch { split, .. } => {
                let part = part_of(split);
                (part, if part == Part::Train { store.has_some(part) } else { store.has_all(part) })
            }
            ToWorker::HeldOut { split, .. } | ToWorker::ScorePairs { split, .. } => {
                (part_of(split), store.has_all(part_of(split)))
            }
            _ => return false,
        };
        if !is_there {
            store.want(part);
        }
        !is_there
    }

    fn fetch_for_watched(&mut self, subject: descent_spec::message::Subject) {
        if let (descent_spec::message::Subject::Example { split: Split::Test, .. }, Some(store)) = (subject, &mut self.store) {
            store.want(Part::Test);
        }
    }

    /// Data could not be loaded: everything that waits for them ends here, and the visitor can try again.
    fn give_up(&mut self, part: Option<Part>, fault: Fault) {
        if let Some(store) = &mut self.store {
            store.ended(part);
        }
        for command in std::mem::take(&mut self.deferred) {
            let request = request_of(&command.head);
            match command.head {
                // A change of the learning rate still counts when the visitor tries again; a press of Play has had its answer.
                ToWorker::Tune { .. } => self.deferred.push(command),
                _ if request.is_some() => refuse(&self.outbox, request, fault.message.clone()),
                _ => {}
            }
        }
        if let (Some(lab), Some(data)) = (&mut self.lab, self.store.as_ref().and_then(Store::data)) {
            lab.jobs.retain(|job| !job.was_asked || part.is_some_and(|part| part_of(job.split) != part));
            if part != Some(Part::Test) {
                lab.end_rate_test(&fault.message);
            }
            if part != Some(Part::Test) && !lab.session.batch_ready(data) {
                lab.give_up(data);
            }
            lab.tell_phase(data);
        }
        self.outbox.send(ToApp::Fault(fault));
    }

    fn tell_loading(&self) {
        if let (Some(lab), Some(store)) = (&self.lab, &self.store) {
            let (bytes, total) = store.bytes();
            if total > 0 {
                self.outbox.send(ToApp::Loading { run: lab.run, bytes, total });
            }
        }
    }

    fn tell_generated(&self) {
        let text = "MNIST is not on this site: the page draws digits itself, from jittered strokes. A net trained on them reads \
                    handwriting less well.";
        self.outbox.send(ToApp::Note { text: text.into() });
    }

    fn device(&self, request: Option<RequestId>) -> Option<burn::tensor::Device> {
        if self.stand.is_none() {
            refuse(&self.outbox, request, "The worker has not been started: send Start first.");
        }
        self.stand.as_ref().map(|stand| stand.device.clone())
    }
}

fn request_of(head: &ToWorker) -> Option<RequestId> {
    match head {
        ToWorker::Browse { request, .. }
        | ToWorker::Fetch { request, .. }
        | ToWorker::Predict { request }
        | ToWorker::Follow { request, .. }
        | ToWorker::Inside { request, .. }
        | ToWorker::TestRates { request }
        | ToWorker::Foretell { request, .. }
        | ToWorker::ReadText { request, .. }
        | ToWorker::LoadWeights { request }
        | ToWorker::Explain { request }
        | ToWorker::CompareWords { request }
        | ToWorker::Word { request, .. }
        | ToWorker::Translate { request, .. }
        | ToWorker::HeldOut { request, .. }
        | ToWorker::ScorePairs { request, .. }
        | ToWorker::Vectors { request }
        | ToWorker::Glove { request }
        | ToWorker::Weights { request }
        | ToWorker::Race { request, .. }
        | ToWorker::Bench { request, .. }
        | ToWorker::Ping { request } => Some(*request),
        _ => None,
    }
}
