//! A worker or its device broke: a fresh one goes on from the last checkpoint, and the page says so.

use crate::state::{Lab, RunPhase};
use descent_spec::message::{Fault, FaultKind};
use leptos::prelude::*;

/// Fresh workers in a row, without a checkpoint between, before the page gives up and asks the visitor.
const MAX_RESTARTS: u8 = 3;

impl Lab {
    /// Ends a broken worker and brings a fresh one to the last checkpoint; `what` is the sentence that tells what broke.
    pub(super) fn recover(self, kind: FaultKind, what: &str) {
        let play = self.wants_play.get_untracked();
        let experiment = self.running_experiment();
        let (restarts, step) = self
            .supervisor
            .try_update_value(|it| {
                it.connection = None;
                it.opened = false;
                it.queue.clear();
                it.waiters.clear();
                it.restarts += 1;
                (it.restarts, it.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.progress.step))
            })
            .unwrap_or((MAX_RESTARTS + 1, 0));
        let whence = if step == 0 { "from the start".into() } else { format!("from step {}", crate::format::count(step)) };
        if restarts > MAX_RESTARTS {
            self.run_phase.set(RunPhase::Failed);
            self.wants_play.set(false);
            self.alert(format!("{what} That was {restarts} times in a row: Play tries again {whence}, Reset starts over."));
            return;
        }
        self.run_phase.set(RunPhase::Restarting);
        if kind == FaultKind::GpuLost {
            let note = "WebGPU is not used: its device was lost in this session.".to_owned();
            self.supervisor.update_value(|it| it.no_gpu = Some(note));
            self.alert(format!("GPU lost. {what} The run goes on {whence} on the CPU."));
        } else {
            self.alert(format!("{what} A fresh worker goes on {whence}."));
        }
        self.bring_up(experiment, play);
    }

    /// Stops trying; the visitor is told.
    pub(super) fn fail(self, fault: &Fault) {
        self.run_phase.set(RunPhase::Failed);
        self.wants_play.set(false);
        self.alert(format!("{} {}", fault.message, fault.advice));
    }
}
