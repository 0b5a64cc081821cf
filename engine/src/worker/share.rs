//! One step by as many workers as are fastest: replicas are started, compared with none, and told to the page.

use super::clock::now_ms;
use super::lab::Lab;
use super::wire::Outbox;
use crate::data::LabData;
use crate::replicas::{Crew, Trial, most_workers};
use crate::session::{Stop, Supervised};
use burn::tensor::Device;
use descent_spec::Cores;
use descent_spec::message::{RunId, StepTime, ToApp, Workers};

/// The replicas of a session.
pub(super) struct Sharing {
    crew: Crew,
    /// What the trial is of, beside the net.
    batch_size: usize,
    trial: Trial,
    told: Workers,
}

/// How it is told where there is nobody to share with.
fn alone() -> Workers {
    Workers { count: 1, compared: Vec::new(), are_lost: false }
}

impl Sharing {
    fn new(session: &Supervised) -> Sharing {
        // Replicas are started when the trial wants them: starting one takes half a second of a core.
        let crew = Crew::open(1, session.blueprint(), &Device::flex().autodiff());
        let batch_size = session.experiment().training.batch_size;
        Sharing { crew, batch_size, trial: Trial::new(most_workers()), told: alone() }
    }

    /// For the session that comes after another: replicas and the trial's result go on where net and batch are the same, as after
    /// a reset.
    pub(super) fn take_over(self, session: &Supervised) -> Option<Sharing> {
        let suits = *self.crew.blueprint() == session.blueprint() && self.batch_size == session.experiment().training.batch_size;
        // The page has heard nothing about the new session yet.
        suits.then(|| Sharing { told: alone(), ..self })
    }

    async fn step(&mut self, session: &mut Supervised, data: &LabData) -> Result<usize, Stop> {
        let n_wanted = self.trial.n_workers();
        self.crew.resize(n_wanted);
        let n_workers = self.crew.n_ready();
        if let Some(whole) = self.crew.differentiate(session.net(), &session.slices(data)).await? {
            session.step_with(whole);
        }
        Ok(n_workers)
    }

    /// Takes in how long a step of so many workers took, and tells the page what follows from it.
    fn record(&mut self, n_workers: usize, ms: f64, run: RunId, outbox: &Outbox) {
        let n_wanted = self.trial.n_workers();
        if n_workers == n_wanted {
            self.trial.record(ms);
        } else if self.crew.has_given_up() {
            self.trial.stay_alone();
            let text = "The workers that shared the steps ended several times: the run goes on in one, with the same numbers.";
            outbox.send(ToApp::Note { text: text.into() });
        }
        let compared = self.trial.compared().iter().map(|&(workers, ms)| StepTime { workers: workers as u32, ms }).collect();
        let workers = Workers { count: n_workers as u32, compared, are_lost: self.crew.has_given_up() };
        if workers != self.told {
            self.told = workers.clone();
            outbox.send(ToApp::Workers { run, workers });
        }
    }
}

impl Lab {
    /// One optimizer step, shared where that is allowed and pays, with its loss read where that costs nothing.
    pub(super) async fn share_a_step(&mut self, data: &LabData) -> Result<(), Stop> {
        let may_share = self.session.is_sliced() && self.session.experiment().cores == Cores::Several && most_workers() > 1;
        if !may_share && self.sharing.take().is_some_and(|sharing| sharing.told != alone()) {
            self.outbox.send(ToApp::Workers { run: self.run, workers: alone() });
        }
        if may_share && self.sharing.is_none() {
            self.sharing = Some(Sharing::new(&self.session));
        }
        let Some(sharing) = &mut self.sharing else {
            self.session.step(data);
            return self.drain(data).await;
        };
        let started_at_ms = now_ms();
        let n_workers = sharing.step(&mut self.session, data).await?;
        self.drain(data).await?;
        if let Some(sharing) = &mut self.sharing {
            sharing.record(n_workers, now_ms() - started_at_ms, self.run, &self.outbox);
        }
        Ok(())
    }
}
