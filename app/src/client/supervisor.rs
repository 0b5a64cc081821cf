//! Keeps one worker alive with the lab's session in it: opens, queues what comes too early, and brings a broken worker back to
//! the last checkpoint.

use super::connection::{Connection, Heard};
use super::device::{self, Choice};
use super::reports;
use super::wire::{Answer, Payload};
use crate::persist;
use crate::state::{Lab, RunPhase};
use descent_spec::device::Backend;
use descent_spec::link;
use descent_spec::message::{Fault, FaultKind, Progress, RequestId, RunId, Subject, ToWorker};
use descent_spec::{DevicePreference, Experiment};
use futures_channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::rc::Rc;

/// Where a session can go on from.
#[derive(Clone)]
pub(super) struct Checkpoint {
    /// Where it was taken.
    pub(super) progress: Progress,
    /// For the engine's eyes only.
    pub(super) bytes: js_sys::Uint8Array,
}

/// A condition someone waits for: it sends its result and returns true once it holds.
type Waiter = Box<dyn FnMut(Lab) -> bool>;

/// The worker and what must survive it.
#[derive(Default)]
pub(crate) struct Supervisor {
    pub(super) connection: Option<Rc<Connection>>,
    /// Counts attempts to bring a session up; an older attempt that finishes late is dropped.
    attempt: u32,
    pub(super) run: RunId,
    /// Whether `Open` was sent for the newest run.
    pub(super) opened: bool,
    pub(super) queue: Vec<(ToWorker, Option<Payload>)>,
    /// What the newest run is of, live edits included; `None` before the first.
    pub(crate) experiment: Option<Experiment>,
    pub(super) checkpoint: Option<Checkpoint>,
    pub(super) restarts: u8,
    /// Why WebGPU is out of question until the visitor chooses again.
    pub(super) no_gpu: Option<String>,
    pub(super) waiters: Vec<Waiter>,
    /// What the worker last refused to do, until someone takes it.
    pub(crate) refusal: Option<String>,
    pub(super) predicting: bool,
    pub(super) predicted_at: f64,
    pub(super) saved_at: f64,
}

impl Lab {
    /// First life sign: opens the experiment, from the saved checkpoint if there is one of it.
    pub fn start(self) {
        let wanted = self.experiment.get_untracked();
        let attempt = self.next_attempt();
        spawn_local(async move {
            let saved = match persist::load(&link::encode(&wanted)).await {
                Ok(saved) => saved,
                Err(why) => {
                    self.say(why);
                    None
                }
            };
            if !self.is_attempt(attempt) {
                return;
            }
            let checkpoint = saved.map(|saved| {
                self.history.set_value(saved.history);
                self.last_point.set(self.history.with_value(|history| history.points.last().copied()));
                Checkpoint { progress: saved.progress, bytes: saved.bytes }
            });
            self.supervisor.update_value(|it| it.checkpoint = checkpoint);
            self.bring_up(wanted, self.wants_play.get_untracked());
        });
    }

    /// Opens the experiment as edited at step 0.
    pub(crate) fn open_fresh(self) {
        let experiment = self.experiment.get_untracked();
        persist::forget(link::encode(&experiment));
        self.forget_run();
        self.supervisor.update_value(|it| {
            it.checkpoint = None;
            it.restarts = 0;
            it.queue.clear();
        });
        // Another choice of device is a new chance for a GPU that failed before.
        if self.running_experiment().device != experiment.device {
            self.supervisor.update_value(|it| it.no_gpu = None);
        }
        self.bring_up(experiment, false);
    }

    /// Opens another experiment (a link): from its checkpoint if one was saved.
    pub(crate) fn open_link(self, experiment: Experiment) {
        let is_other_set = experiment.data.set != self.experiment.with_untracked(|edited| edited.data.set);
        self.experiment.set(experiment);
        self.forget_run();
        self.wants_play.set(false);
        self.supervisor.update_value(|it| {
            it.checkpoint = None;
            it.restarts = 0;
            it.queue.clear();
        });
        self.start();
        if is_other_set {
            // They belong to the data set before, and would be told in the words of this one.
            self.clear_drawing();
            self.picture.set(None);
            self.facts.set(None);
        }
    }

    /// Tries again after a failure, from the last checkpoint.
    pub(crate) fn reopen_with(self, play: bool) {
        let experiment = self.running_experiment();
        self.supervisor.update_value(|it| {
            it.restarts = 0;
            it.connection = None;
        });
        self.bring_up(experiment, play);
    }

    /// Sends a command to the session, or keeps it until there is one.
    pub(crate) fn command(self, head: ToWorker) {
        self.supervisor.update_value(|it| match (&it.connection, it.opened) {
            (Some(connection), true) => connection.send(&head, None),
            _ => it.queue.push((head, None)),
        });
    }

    /// Asks the worker something.
    pub(crate) fn ask(
        self,
        head: Box<dyn FnOnce(RequestId) -> ToWorker>,
        payload: Option<Payload>,
    ) -> impl Future<Output = Result<Answer, String>> + use<> {
        let answer = self
            .supervisor
            .with_value(|it| it.connection.as_ref().filter(|_| it.opened).map(|connection| connection.request(head, payload)));
        async {
            match answer {
                Some(answer) => answer.await,
                None => Err("The lab is still starting: try again in a moment.".into()),
            }
        }
    }

    /// Tells the worker what to show.
    pub(crate) fn send_watch(self) {
        let subject = self.subject.get_untracked();
        let payload = match subject {
            Subject::Ink { .. } => self.ink.with_untracked(|ink| ink.as_ref().map(|ink| Payload::floats(&ink.values))),
            Subject::Example { .. } | Subject::Plane { .. } | Subject::Series => None,
        };
        self.supervisor.with_value(|it| {
            if let (Some(connection), true) = (&it.connection, it.opened) {
                connection.send(&ToWorker::Watch { subject }, payload);
            }
        });
    }

    /// Resolves with what `check` finds, looked at now and after every message of the worker.
    pub(crate) fn until<T: 'static>(
        self,
        mut check: impl FnMut(Lab) -> Option<T> + 'static,
    ) -> impl Future<Output = Result<T, String>> {
        let (sender, receiver) = oneshot::channel();
        let mut sender = Some(sender);
        let mut waiter: Waiter = Box::new(move |lab| match check(lab) {
            Some(found) => {
                if let Some(sender) = sender.take() {
                    let _ = sender.send(found);
                }
                true
            }
            None => false,
        });
        if !waiter(self) {
            self.supervisor.update_value(|it| it.waiters.push(waiter));
        }
        async { receiver.await.map_err(|_| "The run was restarted meanwhile.".to_owned()) }
    }

    /// Looks through what is waited for.
    pub(crate) fn wake_waiters(self) {
        let Some(mut waiting) = self.supervisor.try_update_value(|it| std::mem::take(&mut it.waiters)) else { return };
        waiting.retain_mut(|waiter| !waiter(self));
        self.supervisor.update_value(|it| it.waiters.append(&mut waiting));
    }

    /// The experiment of the run, where one was started.
    pub(crate) fn held_experiment(self) -> Option<Experiment> {
        self.supervisor.with_value(|it| it.experiment.clone())
    }

    /// The experiment of the run, or the edited one where there is none.
    pub(crate) fn running_experiment(self) -> Experiment {
        self.supervisor.with_value(|it| it.experiment.clone()).unwrap_or_else(|| self.experiment.get_untracked())
    }

    /// Puts an experiment into a worker on the right device; `play` says whether it then trains.
    pub(super) fn bring_up(self, experiment: Experiment, play: bool) {
        let attempt = self.next_attempt();
        self.wants_play.set(play);
        self.supervisor.update_value(|it| it.experiment = Some(experiment.clone()));
        spawn_local(async move {
            let no_gpu = self.supervisor.with_value(|it| it.no_gpu.clone());
            let choice = match no_gpu {
                Some(why) => Choice { backend: Backend::Cpu, note: Some(why) },
                None => device::choose(&experiment).await,
            };
            if let Err(fault) = self.connect(attempt, choice, experiment.device).await {
                if self.is_attempt(attempt) {
                    self.fail(&fault);
                }
                return;
            }
            if self.is_attempt(attempt) {
                self.open(experiment);
            }
        });
    }

    /// Makes sure that a worker of the chosen kind stands; falls back to the CPU.
    async fn connect(self, attempt: u32, choice: Choice, wish: DevicePreference) -> Result<(), Fault> {
        if self.is_on(choice.backend) {
            if choice.note.is_some() {
                self.device_note.set(choice.note);
            }
            return Ok(());
        }
        self.supervisor.update_value(|it| it.connection = None);
        let (connection, device, note) = match self.spawn(choice.backend).await {
            Ok((connection, device)) => (connection, device, choice.note),
            Err(fault) if choice.backend == Backend::WebGpu => {
                let why = format!("WebGPU is not used. {} {}", fault.message, fault.advice);
                self.supervisor.update_value(|it| it.no_gpu = Some(why.clone()));
                let (connection, device) = self.spawn(Backend::Cpu).await?;
                (connection, device, Some(why))
            }
            Err(fault) => return Err(fault),
        };
        if self.is_attempt(attempt) {
            if let (DevicePreference::WebGpu, Backend::Cpu, Some(note)) = (wish, connection.backend(), &note) {
                self.alert(note.clone());
            }
            self.device.set(Some(device));
            self.device_note.set(note);
            self.supervisor.update_value(|it| it.connection = Some(connection));
        }
        Ok(())
    }

    async fn spawn(self, backend: Backend) -> Result<(Rc<Connection>, descent_spec::message::DeviceInfo), Fault> {
        Connection::start(backend, move |heard| match heard {
            Heard::Message(answer) => reports::apply(self, &answer),
            Heard::Died(why) => self.recover(FaultKind::Crash, &format!("The worker stopped unexpectedly: {why}.")),
        })
        .await
    }

    /// Takes a worker that already stands (the winner of a race) in place of the present one.
    pub(super) fn adopt(self, connection: Rc<Connection>, device: descent_spec::message::DeviceInfo, note: String) {
        self.next_attempt();
        self.device.set(Some(device));
        self.device_note.set(Some(note));
        self.supervisor.update_value(|it| it.connection = Some(connection));
        self.open(self.running_experiment());
    }

    /// Whether the present worker was started for this backend.
    pub(super) fn is_on(self, backend: Backend) -> bool {
        self.supervisor.with_value(|it| it.connection.as_ref().is_some_and(|connection| connection.backend() == backend))
    }

    /// Sends `Open` and everything that waited for it.
    fn open(self, experiment: Experiment) {
        self.supervisor.update_value(|it| {
            let Some(connection) = it.connection.clone() else { return };
            it.run += 1;
            it.opened = true;
            let payload = it.checkpoint.as_ref().map(|checkpoint| Payload::bytes(&checkpoint.bytes));
            connection.expect(&experiment);
            connection.send(&ToWorker::Open { run: it.run, experiment }, payload);
            for (head, payload) in it.queue.drain(..) {
                // Play is sent once, below.
                if head != ToWorker::Play {
                    connection.send(&head, payload);
                }
            }
            if self.wants_play.get_untracked() {
                connection.send(&ToWorker::Play, None);
            }
        });
    }

    /// Clears everything that belonged to the session before.
    fn forget_run(self) {
        self.run_phase.set(RunPhase::Starting);
        self.progress.set(Progress::default());
        self.examples_per_sec.set(0.0);
        self.learning_rate.set(None);
        self.history.set_value(Default::default());
        self.last_point.set(None);
        self.gradient_norms.set(Vec::new());
        self.evaluations.set(Default::default());
        self.pair_scores.set(Default::default());
        self.live.set(Default::default());
        self.asked.set(None);
        self.supervisor.update_value(|it| {
            it.waiters.clear();
            // What the run before still has to say is dropped from here on, not only when the next one opens.
            it.run += 1;
        });
        self.history_tick.update(|tick| *tick += 1);
    }

    fn next_attempt(self) -> u32 {
        self.supervisor
            .try_update_value(|it| {
                it.opened = false;
                it.attempt += 1;
                it.attempt
            })
            .unwrap_or(0)
    }

    fn is_attempt(self, attempt: u32) -> bool {
        self.supervisor.with_value(|it| it.attempt == attempt)
    }
}
