//! The works of the bench page, each on the numbers that every library is fed with.

mod lab;
mod layers;
mod product;
mod seeded;
mod sequence;

use burn::tensor::Device;
use descent_spec::DataSet;
use descent_spec::registry::Registry;

/// What is timed: one step after the other.
pub(super) enum Work {
    /// A stack of layers.
    Layers(Box<layers::LayersWork>),
    /// The next character of a text.
    Sequence(Box<sequence::SequenceWork>),
    /// A product of two square matrices.
    Product(Box<product::ProductWork>),
    /// An experiment.
    Lab(Box<lab::LabWork>),
}

impl Work {
    /// The work of this name, with `n_workers` where its batches are cut, or the experiment behind this link, with one worker.
    ///
    /// # Errors
    /// A sentence when there is none.
    pub(super) async fn open(name: &str, n_workers: usize, device: &Device) -> Result<Work, String> {
        if let Some(side) = name.strip_prefix("matmul").and_then(|side| side.parse().ok()) {
            return product::ProductWork::new(side, device).map(Box::new).map(Work::Product);
        }
        if name == "lstm-char" {
            return Ok(Work::Sequence(Box::new(sequence::SequenceWork::new(device))));
        }
        if DataSet::parse(name.split('?').next().unwrap_or_default()).is_ok() {
            return lab::LabWork::open(name, device).map(Box::new).map(Work::Lab);
        }
        layers::LayersWork::open(name, n_workers, device).await.map(Box::new).map(Work::Layers)
    }

    /// Takes one step and reads its loss; a product has none.
    pub(super) async fn step(&mut self) -> Result<f32, String> {
        match self {
            Work::Layers(work) => work.step().await,
            Work::Sequence(work) => work.step().await,
            Work::Product(work) => work.step().await,
            Work::Lab(work) => work.step().await,
        }
    }

    /// Examples of a step.
    pub(super) fn batch(&self) -> usize {
        match self {
            Work::Layers(work) => work.batch(),
            Work::Sequence(_) => sequence::BATCH,
            Work::Product(_) => 1,
            Work::Lab(work) => work.batch(),
        }
    }

    /// Floating-point operations of a step, at least: two for each weight that an example meets, forward and for both gradients,
    /// without that of the input.
    pub(super) fn n_operations(&self) -> f64 {
        match self {
            Work::Layers(work) => work.n_operations(),
            Work::Sequence(_) => sequence::N_OPERATIONS,
            Work::Product(work) => work.n_operations(),
            Work::Lab(work) => work.n_operations(),
        }
    }
}
