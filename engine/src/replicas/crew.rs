//! Whoever trains and the replicas: who gets which slices, and what happens when one dies.

use super::{Answer, Condition, Replica};
use crate::model::Net;
use crate::read::{ReadError, read_all};
use crate::session::{Blueprint, Part, Slice, differentiate};
use burn::tensor::{Device, Tensor};
use descent_spec::slices::shares;
use std::future::poll_fn;

/// Replicas that may die before no more are started: whatever ends them would end the next one too.
const MAX_DEATHS: u32 = 3;
/// Steps without a death after which the earlier ones are forgotten.
const FORGIVEN_AFTER: u32 = 500;

/// Starts a replica, or says that none can be.
pub type Start = Box<dyn Fn(&Blueprint) -> Option<Box<dyn Replica>>>;

/// Whoever trains, and the replicas beside.
pub struct Crew {
    blueprint: Blueprint,
    device: Device,
    start: Start,
    replicas: Vec<Box<dyn Replica>>,
    n_wanted: usize,
    n_deaths: u32,
    n_steps_since_death: u32,
    has_given_up: bool,
}

impl Crew {
    /// A crew of this many workers, the caller included. Replicas are started at once and stand a little later
    /// ([`ready`](Crew::ready)); until then the caller computes alone. Where workers cannot be started it stays alone.
    ///
    /// `device` is the one the net stands on; it tracks gradients.
    pub fn open(n_workers: usize, blueprint: Blueprint, device: &Device) -> Crew {
        #[cfg(target_arch = "wasm32")]
        let start: Start = Box::new(super::browser::start);
        #[cfg(not(target_arch = "wasm32"))]
        let start: Start = Box::new(|_| None);
        Crew::with(n_workers, blueprint, device, start)
    }

    /// The same with replicas of another kind.
    pub fn with(n_workers: usize, blueprint: Blueprint, device: &Device, start: Start) -> Crew {
        let mut crew = Crew {
            blueprint,
            device: device.clone(),
            start,
            replicas: Vec::new(),
            n_wanted: 0,
            n_deaths: 0,
            n_steps_since_death: 0,
            has_given_up: false,
        };
        crew.resize(n_workers);
        crew
    }

    /// The net it is for.
    pub fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }

    /// Starts or ends replicas, so that there are this many workers, the caller included.
    pub fn resize(&mut self, n_workers: usize) {
        self.n_wanted = n_workers.saturating_sub(1);
        self.replicas.truncate(self.n_wanted);
        self.mend();
    }

    /// Workers that would share a step now, the caller included.
    pub fn n_ready(&self) -> usize {
        1 + self.replicas.iter().filter(|replica| replica.condition() == Condition::Ready).count()
    }

    /// Whether replicas died so often that no more are started.
    pub fn has_given_up(&self) -> bool {
        self.has_given_up
    }

    /// Comes back when no replica is starting any more.
    pub async fn ready(&mut self) {
        for replica in &mut self.replicas {
            poll_fn(|context| replica.poll_start(context)).await;
        }
    }

    /// Loss, metric and gradients of a batch; none where there are no slices. The same to the bit whoever computed which slice.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn differentiate(&mut self, net: &Net, slices: &[Slice]) -> Result<Option<Part>, ReadError> {
        self.mend();
        let mut helpers: Vec<_> = self.replicas.iter_mut().filter(|it| it.condition() == Condition::Ready).collect();
        let mut ranges = shares(slices.len(), 1 + helpers.len());
        let own = ranges.next().unwrap_or_default();
        let parameters = if helpers.is_empty() { Vec::new() } else { read_all(net.parameter_rows()).await? };
        let mut asked = Vec::new();
        for (helper, range) in helpers.iter_mut().zip(ranges) {
            helper.ask(&parameters, &slices[range.clone()]);
            asked.push((helper, range));
        }

        let (input, head) = (self.blueprint.layers[0].input, self.blueprint.head);
        let compute = |slice: &Slice| differentiate(net, input, head, slice.clone(), &self.device);
        let mut parts: Vec<Option<Part>> = slices.iter().map(|_| None).collect();
        for idx in own {
            parts[idx] = Some(compute(&slices[idx]));
        }
        for (helper, range) in asked {
            let answers = poll_fn(|context| helper.poll_answer(context)).await.unwrap_or_default();
            for (idx, answer) in range.zip(answers) {
                // An answer that does not fit the net counts as none.
                parts[idx] = part_of(answer, net, &self.device);
            }
        }
        self.n_steps_since_death = self.n_steps_since_death.saturating_add(1);
        let whole = parts.into_iter().zip(slices).map(|(part, slice)| part.unwrap_or_else(|| compute(slice)));
        Ok(whole.reduce(|sum, part| sum.plus(part, net)))
    }

    /// Drops dead replicas and starts others, until it is clear that they would die too.
    fn mend(&mut self) {
        let before = self.replicas.len();
        self.replicas.retain(|replica| replica.condition() != Condition::Dead);
        let n_dead = before - self.replicas.len();
        if n_dead > 0 {
            if self.n_steps_since_death > FORGIVEN_AFTER {
                self.n_deaths = 0;
            }
            self.n_deaths += n_dead as u32;
            self.n_steps_since_death = 0;
            self.has_given_up |= self.n_deaths >= MAX_DEATHS;
        }
        while !self.has_given_up && self.replicas.len() < self.n_wanted {
            match (self.start)(&self.blueprint) {
                Some(replica) => self.replicas.push(replica),
                None => self.has_given_up = true,
            }
        }
    }
}

fn part_of(answer: Answer, net: &Net, device: &Device) -> Option<Part> {
    let grads = net.gradients_of_rows(answer.gradients, device).ok()?;
    let plain = device.clone().inner();
    let number = |value: f32| Tensor::<1>::from_floats([value], &plain);
    Some(Part { loss: number(answer.loss), metric: number(answer.metric), grads })
}
