//! The store of the race: what the form says, what the worker told, and the worker itself.

use super::run::{Run, row_of};
use crate::client::{Answer, Connection, Heard};
use crate::state::Lab;
use descent_spec::contest::{Arena, Contest, Racer, link};
use descent_spec::device::Backend;
use descent_spec::message::{ContestId, ToApp, ToWorker};
use descent_spec::training::OPTIMIZERS;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use std::sync::Arc;

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was raced yet.
    Ready,
    /// The worker is being fetched.
    Starting,
    /// They run.
    Racing,
    /// A net's slice is being measured.
    Measuring,
    /// All is told.
    Over,
}

/// One row of the form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entrant {
    /// Rule and rate.
    pub racer: Racer,
    /// Whether it takes part.
    pub is_on: bool,
}

/// The race. Copy it into closures freely; it lives as long as the page of all pages.
#[derive(Clone, Copy)]
pub struct RaceLab {
    /// Where.
    pub arena: RwSignal<Arena>,
    /// A row for each optimizer.
    pub entrants: RwSignal<Vec<Entrant>>,
    /// Steps of each.
    pub steps: RwSignal<u32>,
    /// What came of the last race.
    pub run: RwSignal<Run>,
    /// The loss over the slice of a net, `[side, side]`.
    pub heights: RwSignal<Arc<Vec<f32>>>,
    /// What is going on.
    pub stage: RwSignal<Stage>,
    worker: StoredValue<Option<Rc<Connection>>, LocalStorage>,
    /// The newest contest; reports about older ones are dropped.
    number: StoredValue<ContestId>,
    /// Alerts are the lab's: the page has one place for them.
    lab: Lab,
}

impl RaceLab {
    /// The default race, nothing started.
    pub fn new(lab: Lab) -> RaceLab {
        let race = RaceLab {
            arena: RwSignal::new(Contest::default().arena),
            entrants: RwSignal::new(Vec::new()),
            steps: RwSignal::new(0),
            run: RwSignal::new(Run::default()),
            heights: RwSignal::new(Arc::default()),
            stage: RwSignal::new(Stage::Ready),
            worker: StoredValue::new_local(None),
            number: StoredValue::new(0),
            lab,
        };
        race.fill(Contest::default());
        race
    }

    /// What the form says, tracked.
    pub fn setup(self) -> Contest {
        let racers = self.entrants.with(|all| all.iter().filter(|it| it.is_on).map(|it| it.racer).collect());
        Contest { arena: self.arena.get(), racers, steps: self.steps.get() }
    }

    /// Whether there is something that could be stopped.
    pub fn is_busy(self) -> bool {
        matches!(self.stage.get(), Stage::Starting | Stage::Racing | Stage::Measuring)
    }

    /// Takes an address over; what it cannot say is told.
    pub fn open_link(self, fragment: &str) {
        let link::Decoded { contest, refusals } = link::decode(fragment);
        if !refusals.is_empty() {
            self.lab.alert(crate::link::refusal_text(&refusals));
        }
        if contest != untrack(|| self.setup()) {
            self.abandon();
            self.fill(contest);
        }
    }

    /// Another arena: rates and steps are those that suit it.
    pub fn choose(self, arena: Arena) {
        self.abandon();
        let on: Vec<bool> = self.entrants.with_untracked(|all| all.iter().map(|it| it.is_on).collect());
        self.fill(Contest::on(arena));
        self.entrants.update(|all| all.iter_mut().zip(on).for_each(|(it, is_on)| it.is_on = is_on));
    }

    /// Another start or another net: racers, rates and steps stay, and what was raced elsewhere goes.
    pub fn move_to(self, arena: Arena) {
        self.abandon();
        self.arena.set(arena);
        self.run.set(Run::default());
        self.stage.set(Stage::Ready);
    }

    fn fill(self, contest: Contest) {
        let default = Contest::on(contest.arena.clone());
        let entrant = |row: usize, racer: &Racer| match contest.racers.iter().find(|it| row_of(it) == row) {
            Some(own) => Entrant { racer: *own, is_on: true },
            None => Entrant { racer: *racer, is_on: false },
        };
        let entrants = default.racers.iter().enumerate().map(|(row, racer)| entrant(row, racer)).collect();
        self.entrants.set(entrants);
        self.steps.set(contest.steps);
        self.arena.set(contest.arena);
        self.run.set(Run::default());
        self.stage.set(Stage::Ready);
    }

    /// Sets the rate of one row.
    pub fn set_rate(self, row: usize, rate: f64) {
        self.entrants.update(|all| {
            if let Some(entrant) = all.get_mut(row) {
                entrant.racer.learning_rate = rate;
            }
        });
    }

    /// Lets one row take part, or not.
    pub fn set_on(self, row: usize, is_on: bool) {
        self.entrants.update(|all| {
            if let Some(entrant) = all.get_mut(row) {
                entrant.is_on = is_on;
            }
        });
    }

    /// Races what the form says, from the start.
    pub fn start(self) {
        let setup = untrack(|| self.setup());
        if setup.check().is_err() {
            return;
        }
        let number = self.number.get_value().wrapping_add(1);
        self.number.set_value(number);
        self.run.set(Run::new(setup.clone()));
        self.heights.set(Arc::default());
        self.stage.set(Stage::Starting);
        spawn_local(async move {
            match self.connect(number).await {
                // Stopped, or started anew, while the worker was fetched.
                _ if self.number.get_value() != number => {}
                Ok(worker) => {
                    self.stage.set(Stage::Racing);
                    worker.send(&ToWorker::Contest { contest: number, setup }, None);
                }
                Err(why) => self.fail(why),
            }
        });
    }

    /// Ends the race where it is; what was done until then stays.
    pub fn stop(self) {
        match self.stage.get_untracked() {
            Stage::Racing => self.send(&ToWorker::StopContest),
            Stage::Measuring => {
                self.send(&ToWorker::StopContest);
                self.stage.set(Stage::Over);
            }
            Stage::Starting => self.abandon(),
            Stage::Ready | Stage::Over => {}
        }
    }

    /// The page is left: the worker ends, and what was told stays.
    pub fn leave(self) {
        self.abandon();
        self.worker.update_value(|worker| *worker = None);
    }

    /// Forgets a race under way.
    fn abandon(self) {
        self.number.update_value(|number| *number = number.wrapping_add(1));
        if untrack(|| self.is_busy()) {
            self.send(&ToWorker::StopContest);
            self.run.set(Run::default());
            self.stage.set(Stage::Ready);
        }
    }

    fn send(self, head: &ToWorker) {
        self.worker.with_value(|worker| {
            if let Some(worker) = worker {
                worker.send(head, None);
            }
        });
    }

    /// A worker that comes when nobody waits for it any more is let go.
    async fn connect(self, number: ContestId) -> Result<Rc<Connection>, String> {
        if let Some(worker) = self.worker.with_value(Clone::clone) {
            return Ok(worker);
        }
        let started = Connection::start(Backend::Cpu, move |heard| match heard {
            Heard::Message(answer) => self.hear(&answer),
            Heard::Died(why) => self.fail(format!("The worker of the race ended: {why}. Race starts another.")),
        });
        let (worker, _) = started.await.map_err(|fault| format!("{} {}", fault.message, fault.advice))?;
        if self.number.get_value() == number {
            self.worker.set_value(Some(Rc::clone(&worker)));
        }
        Ok(worker)
    }

    fn fail(self, why: String) {
        // Not ended from here: this may be its own call.
        let ended = self.worker.try_update_value(Option::take);
        spawn_local(async move { drop(ended) });
        self.stage.set(Stage::Ready);
        self.lab.alert(why);
    }

    fn hear(self, answer: &Answer) {
        let is_own = |contest: ContestId| contest == self.number.get_value();
        match &answer.head {
            ToApp::ContestSteps { contest, step, racers } if is_own(*contest) => {
                self.run.update(|run| run.take_steps(*step, racers.clone()));
            }
            ToApp::ContestDone { contest, stopped, racers } if is_own(*contest) => {
                self.run.update(|run| run.take_results(*stopped, racers.clone()));
                let has_slice = self.run.with_untracked(|run| {
                    matches!(run.setup.arena, Arena::Net { .. }) && run.runners.iter().any(|it| it.path_is_due())
                });
                self.stage.set(if has_slice { Stage::Measuring } else { Stage::Over });
            }
            ToApp::ContestSlice { contest, slice } if is_own(*contest) => {
                let n_racers = OPTIMIZERS.len() as u32;
                let paths: Vec<Vec<f32>> = (1..=n_racers).map_while(|idx| answer.floats(idx)).collect();
                self.heights.set(Arc::new(answer.floats(0).unwrap_or_default()));
                self.run.update(|run| run.take_slice(slice.clone(), &paths));
                self.stage.set(Stage::Over);
            }
            ToApp::Refused { text, .. } => {
                self.stage.set(Stage::Ready);
                self.lab.alert(text.clone());
            }
            ToApp::Fault(fault) => self.fail(format!("{} {}", fault.message, fault.advice)),
            _ => {}
        }
    }
}
