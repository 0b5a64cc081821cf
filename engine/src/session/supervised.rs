//! The supervised session: pictures or points in, classes or values out.

use super::Stop;
use super::divergence::Suspect;
use super::slices::Part;
use crate::data::{LabData, Partition, epoch_order};
use crate::model::{Net, Signal};
use crate::optim::{Optimizer, Penalty};
use crate::read::read_all;
use crate::rng::Streams;
use burn::module::{Module, ParamId};
use burn::tensor::{Device, Tensor};
use descent_spec::message::{Progress, RunFacts, StepPoint};
use descent_spec::model::{ModelError, TracedLayer};
use descent_spec::training::MAX_BATCH;
use descent_spec::{Experiment, Head, Split};

/// The smallest share of a batch that can be wrong: means are rounded, so that "all right" may fall short of 1 by less.
const LEAST_MISTAKE: f32 = 1.0 / MAX_BATCH as f32;

/// A net being trained to answer as its examples do.
pub struct Supervised {
    pub(super) experiment: Experiment,
    pub(super) traced: Vec<TracedLayer>,
    /// How its outputs become an answer, and the loss.
    pub(super) head: Head,
    pub(super) device: Device,
    /// Whether its batches are cut: the experiment says so, and it runs on the CPU.
    pub(super) is_sliced: bool,
    pub(super) net: Net,
    /// Tables that no step changes.
    frozen: Vec<ParamId>,
    pub(super) optimizer: Optimizer,
    pub(super) progress: Progress,
    pub(super) partition: Partition,
    pub(super) streams: Streams,
    /// The current epoch's examples in training order, as indices into the pool.
    order: Vec<u32>,
    shard_bounds: Vec<usize>,
    /// Loss and metric of steps that were not read back yet, each `[1]`.
    pending: Vec<(u64, Tensor<1>, Tensor<1>)>,
    pub(super) points: Vec<StepPoint>,
    /// The last step's gradients, per layer, and what is needed to explain it if it was the last.
    last: Option<Suspect>,
}

/// What happened since the last report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StepReport {
    /// Every step, in order.
    pub points: Vec<StepPoint>,
    /// L2 norm of the last step's gradient for each layer (0 where there are no parameters).
    pub gradient_norms: Vec<f32>,
}

impl Supervised {
    /// Builds the session at step 0. The data need not be loaded yet; only their counts are used.
    ///
    /// # Errors
    /// Data out of bounds, or the first layer that does not fit.
    pub fn open(experiment: &Experiment, device: &Device, data: &LabData) -> Result<Supervised, ModelError> {
        let traced = experiment.trace()?;
        let streams = Streams::new(experiment.seed);
        // On WebGPU a batch is one piece of work: there is nobody to share it with.
        let is_sliced = experiment.is_sliced() && device.clone().inner() == Device::flex();
        let device = device.clone().autodiff();
        if experiment.wants_glove() && data.glove.is_none() {
            return Err(ModelError { layer_idx: None, message: "GloVe's vectors have not been loaded.".into() });
        }
        let net = Net::init_from(&traced, &data.known_vectors(), experiment.model.initializer, &streams, &device);
        let tables = net.named_tensors(&traced).into_iter();
        let frozen = tables.filter(|it| traced[it.layer_idx].layer.is_frozen()).map(|it| it.id).collect();
        let training = &experiment.training;
        let partition = data.train_pool.partition(experiment.data.validation, experiment.seed);
        let shard_bounds = data.train_pool.shard_bounds().to_vec();
        Ok(Supervised {
            experiment: experiment.clone(),
            traced,
            head: experiment.head(),
            device,
            is_sliced,
            net,
            frozen,
            optimizer: Optimizer::new(training.optimizer, training.learning_rate, Penalty::of(training)),
            progress: Progress::default(),
            order: epoch_order(experiment.seed, 0, &partition.train, &shard_bounds),
            partition,
            streams,
            shard_bounds,
            pending: Vec::new(),
            points: Vec::new(),
            last: None,
        })
    }

    /// Facts for the page.
    pub fn facts(&self, data: &LabData) -> RunFacts {
        RunFacts {
            experiment: self.experiment.clone(),
            layers: self.traced.clone(),
            n_train: self.partition.train.len(),
            n_validation: self.partition.validation.len(),
            n_test: data.test.len(),
            source: data.source,
            licence: data.licence.clone(),
            citation: data.citation.clone(),
            steps_per_epoch: self.steps_per_epoch(),
            vocabulary: data.vocabulary.clone(),
            target_vocabulary: data.target_vocabulary.clone(),
        }
    }

    /// Where the session stands.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// The experiment as it runs now.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Adds time spent training.
    pub fn add_elapsed(&mut self, ms: f64) {
        self.progress.elapsed_ms += ms;
    }

    /// Whether the experiment's epochs are done.
    pub fn is_done(&self) -> bool {
        self.progress.epoch as usize >= self.experiment.training.epochs
    }

    /// Optimizer steps in an epoch; the last batch may be smaller, and none is dropped.
    pub fn steps_per_epoch(&self) -> u64 {
        self.partition.train.len().div_ceil(self.experiment.training.batch_size) as u64
    }

    /// How many examples a split has.
    pub fn n_examples(&self, split: Split, data: &LabData) -> usize {
        match split {
            Split::Train => self.partition.train.len(),
            Split::Validation => self.partition.validation.len(),
            Split::Test => data.test.len(),
        }
    }

    /// Index of an example within `train_pool` (or `test`), from its index within a split.
    pub fn pool_index(&self, split: Split, index: usize) -> Option<usize> {
        match split {
            Split::Train => self.partition.train.get(index).map(|&idx| idx as usize),
            Split::Validation => self.partition.validation.get(index).map(|&idx| idx as usize),
            Split::Test => Some(index),
        }
    }

    /// Takes over the live fields (learning rate, L1, L2, epochs, cores).
    pub fn tune(&mut self, experiment: &Experiment) {
        let (own, new) = (&mut self.experiment.training, &experiment.training);
        own.learning_rate = new.learning_rate;
        own.l1 = new.l1;
        own.l2 = new.l2;
        own.epochs = new.epochs;
        self.experiment.cores = experiment.cores;
        self.optimizer.tune(new.learning_rate, Penalty::of(new));
    }

    /// Learning rate of the next step: the base rate under the schedule. A function of the step's number and of the experiment as it
    /// runs, so that a session resumed from a checkpoint takes the steps it would have taken.
    pub fn next_rate(&self) -> f64 {
        self.experiment.training.rate_at(self.progress.step, self.steps_per_epoch())
    }

    /// Learning rate of the last step, or of the next one before the first.
    pub fn last_rate(&self) -> f64 {
        self.experiment.training.rate_at(self.progress.step.saturating_sub(1), self.steps_per_epoch())
    }

    /// Whether every example of the next batch is loaded.
    pub fn batch_ready(&self, data: &LabData) -> bool {
        self.next_batch().iter().all(|&idx| data.train_pool.is_loaded(idx as usize))
    }

    /// Steps whose loss was not read yet.
    pub fn n_pending(&self) -> usize {
        self.pending.len()
    }

    /// Exactly one optimizer step; on WebGPU it is only queued. The caller has checked [`batch_ready`](Self::batch_ready).
    pub fn step(&mut self, data: &LabData) {
        self.step_at(self.next_rate(), data);
    }

    /// The same at a rate of its own.
    pub(super) fn step_at(&mut self, learning_rate: f64, data: &LabData) {
        if let Some(whole) = self.differentiate(data) {
            self.take_step(whole, learning_rate);
        }
    }

    /// The step that the gradients of the next batch make, wherever they were computed.
    pub fn step_with(&mut self, whole: Part) {
        self.take_step(whole, self.next_rate());
    }

    fn take_step(&mut self, whole: Part, learning_rate: f64) {
        let Part { loss, metric, mut grads } = whole;
        // Replicas answer with a gradient for every parameter, zero for these; a penalty would still pull at them.
        for &id in &self.frozen {
            grads.remove::<2>(id);
        }
        self.pending.push((self.progress.step + 1, loss, metric));
        self.last = Some(Suspect::remember(&self.net, &grads, &self.traced, self.next_batch().to_vec()));
        self.optimizer.set_rate(learning_rate);
        self.net = self.optimizer.step(self.net.clone(), grads);
        self.advance();
    }

    pub(super) fn next_batch(&self) -> &[u32] {
        let size = self.experiment.training.batch_size;
        let start = (self.progress.batch as usize * size).min(self.order.len());
        &self.order[start..(start + size).min(self.order.len())]
    }

    fn advance(&mut self) {
        self.progress.step += 1;
        self.progress.batch += 1;
        if self.progress.batch == self.steps_per_epoch() {
            self.progress.batch = 0;
            self.progress.epoch += 1;
            self.order_epoch();
        }
    }

    /// Lays out the order of the current epoch.
    pub(super) fn order_epoch(&mut self) {
        self.order = epoch_order(self.experiment.seed, self.progress.epoch, &self.partition.train, &self.shard_bounds);
    }

    /// Forgets reports that were not fetched, when the session is put to another place.
    pub(super) fn forget_pending(&mut self) {
        self.pending.clear();
        self.points.clear();
        self.last = None;
    }

    /// A batch as the net takes it.
    pub(super) fn batch_tensor(&self, values: Vec<f32>, batch: usize, device: &Device) -> Signal {
        Signal::of_rows(self.traced[0].input, values, batch, device)
    }

    /// Reads the losses of all pending steps: the sync point of training. Cheap on the CPU, a round trip on WebGPU.
    ///
    /// # Errors
    /// [`Stop::Diverged`] when one of them is not a finite number; the steps before it are kept for [`report`](Self::report).
    pub async fn poll(&mut self, data: &LabData) -> Result<(), Stop> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let pairs = pending.iter().map(|(_, loss, metric)| Tensor::cat(vec![loss.clone(), metric.clone()], 0)).collect();
        let values = read_all(vec![Tensor::cat(pairs, 0)]).await?.remove(0); // [2 × steps]
        for ((step, ..), pair) in pending.iter().zip(values.chunks_exact(2)) {
            let (loss, accuracy) = (pair[0], pair[1]);
            if !loss.is_finite() {
                let divergence = self.explain(*step, loss, data).await?;
                return Err(Stop::Diverged(divergence));
            }
            let held_a_mistake = self.head != Head::Linear && accuracy < 1.0 - LEAST_MISTAKE / 2.0;
            self.progress.corrections += u64::from(held_a_mistake);
            self.points.push(StepPoint { step: *step, loss, accuracy });
        }
        Ok(())
    }

    /// Every step read by [`poll`](Self::poll) since they were taken last.
    pub fn take_points(&mut self) -> Vec<StepPoint> {
        std::mem::take(&mut self.points)
    }

    /// Everything since the last report, with the gradient norms of the last step.
    ///
    /// # Errors
    /// As [`poll`](Self::poll).
    pub async fn report(&mut self, data: &LabData) -> Result<StepReport, Stop> {
        self.poll(data).await?;
        let gradient_norms = match &mut self.last {
            Some(suspect) => suspect.gradient_norms(self.traced.len()).await?,
            None => vec![0.0; self.traced.len()],
        };
        Ok(StepReport { points: self.take_points(), gradient_norms })
    }

    async fn explain(&mut self, step: u64, loss: f32, data: &LabData) -> Result<super::Divergence, Stop> {
        let Some(mut suspect) = self.last.take() else {
            return Ok(super::Divergence::unexplained(step, loss));
        };
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        data.train_pool.fill_batch(&suspect.batch, &mut inputs, &mut targets);
        let device = self.device.clone().inner();
        let x = self.batch_tensor(inputs, suspect.batch.len(), &device);
        Ok(suspect.explain(step, loss, x, &self.traced, &self.experiment.training).await?)
    }

    /// The net as it is now, untracked, with dropout off and batch norm on its running statistics.
    pub(super) fn evaluation_net(&self) -> Net {
        self.net.valid()
    }
}
