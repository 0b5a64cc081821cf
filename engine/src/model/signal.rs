//! A batch on its way through the net.

use burn::tensor::{Bool, Device, Tensor, TensorData};
use descent_spec::Shape;
use descent_spec::data::PADDING;
use std::sync::Arc;

/// A batch between two layers.
#[derive(Debug, Clone)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time; on wasm32 both are small enough, so that nothing is to be expected"
)]
pub enum Signal {
    /// `[batch, channels, height, width]`.
    Image(Tensor<4>),
    /// `[batch, units]`.
    Flat(Tensor<2>),
    /// Vectors in time.
    Sequence(Sequence),
    /// Tokens in time.
    Tokens(Tokens),
    /// Vectors in time on both sides of a pair.
    Pair(Pair),
    /// Tokens of a source and of its target.
    TokenPair(Tokens, Tokens),
}

/// A batch of pairs of sequences.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What is read; its lengths are known.
    pub source: Sequence,
    /// What is answered. Padding at its end needs no mask: no step of an answer knows a later one.
    pub target: Sequence,
}

/// A batch of sequences.
#[derive(Debug, Clone)]
pub struct Sequence {
    /// `[steps, batch, features]`: time first, as recurrent layers go through it.
    pub values: Tensor<3>,
    /// How many steps of each sequence are there, at least one; none where all are.
    pub lengths: Option<Arc<[usize]>>,
}

/// A batch of token sequences, on the host: tokens are looked up, never computed with.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// `[steps, batch]`, row by row.
    pub ids: Vec<u32>,
    /// Number of sequences.
    pub batch: usize,
    /// As in [`Sequence`].
    pub lengths: Option<Arc<[usize]>>,
}

impl Signal {
    /// Examples as the net takes them, from rows of values: `[batch, channels, height, width]` for pictures, time first for
    /// sequences.
    pub fn of_rows(input: Shape, values: Vec<f32>, batch: usize, device: &Device) -> Signal {
        match input {
            Shape::Image { channels, height, width } => {
                Signal::Image(Tensor::from_data(TensorData::new(values, [batch, channels, height, width]), device))
            }
            Shape::Flat { units } => Signal::Flat(Tensor::from_data(TensorData::new(values, [batch, units]), device)),
            Shape::Sequence { steps, features } => {
                let values = time_first(&values, batch, steps, features);
                let values = Tensor::from_data(TensorData::new(values, [steps, batch, features]), device);
                Signal::Sequence(Sequence { values, lengths: None })
            }
            Shape::Tokens { steps, is_padded, .. } => {
                let ids: Vec<u32> = values.iter().map(|&token| token as u32).collect();
                let length = |row: &[u32]| row.iter().rposition(|&id| id != PADDING).map_or(1, |last| last + 1);
                let lengths = is_padded.then(|| ids.chunks_exact(steps.max(1)).map(length).collect());
                Signal::Tokens(Tokens { ids: time_first(&ids, batch, steps, 1), batch, lengths })
            }
            Shape::TokenPair { source, target, .. } => {
                let rows = || values.chunks_exact(source + target);
                let side = |from: usize, to: usize| rows().flat_map(move |row| row[from..to].iter().copied()).collect();
                let tokens = |values, steps, is_padded| match Signal::of_rows(
                    Shape::Tokens { steps, vocabulary: 0, is_padded },
                    values,
                    batch,
                    device,
                ) {
                    Signal::Tokens(tokens) => tokens,
                    _ => Tokens { ids: Vec::new(), batch, lengths: None },
                };
                Signal::TokenPair(tokens(side(0, source), source, true), tokens(side(source, source + target), target, false))
            }
            // No example comes as vectors of a pair: the two sides one after the other.
            Shape::Pair { source, target, features } => {
                let shape = Shape::Sequence { steps: source + target, features };
                Signal::of_rows(shape, values, batch, device)
            }
        }
    }

    /// `[batch, units]`; pictures are flattened channels first, sequences step by step.
    pub fn into_flat(self) -> Tensor<2> {
        match self {
            Signal::Image(image) => image.flatten(1, 3),
            Signal::Flat(flat) => flat,
            Signal::Sequence(sequence) => sequence.values.swap_dims(0, 1).flatten(1, 2),
            Signal::Tokens(tokens) => tokens.into_flat(),
            Signal::Pair(Pair { source, target }) => {
                Tensor::cat(vec![source.values, target.values], 0).swap_dims(0, 1).flatten(1, 2)
            }
            Signal::TokenPair(source, target) => Tensor::cat(vec![source.into_flat(), target.into_flat()], 1),
        }
    }

    /// `[batch, units]`, or of a sequence `[steps · batch, features]`, time first: the rows that a head judges. Of a pair those of
    /// the target.
    pub fn into_rows(self) -> Tensor<2> {
        match self {
            Signal::Sequence(sequence) | Signal::Pair(Pair { target: sequence, .. }) => sequence.rows(),
            other => other.into_flat(),
        }
    }

    /// Something done to values whatever their shape; tokens have none.
    pub(super) fn map(
        self,
        on_image: impl FnOnce(Tensor<4>) -> Tensor<4>,
        on_flat: impl FnOnce(Tensor<2>) -> Tensor<2>,
        on_sequence: impl Fn(Tensor<3>) -> Tensor<3>,
    ) -> Signal {
        match self {
            Signal::Image(image) => Signal::Image(on_image(image)),
            Signal::Flat(flat) => Signal::Flat(on_flat(flat)),
            Signal::Sequence(Sequence { values, lengths }) => Signal::Sequence(Sequence { values: on_sequence(values), lengths }),
            Signal::Pair(Pair { source, target }) => {
                let on = |it: Sequence| Sequence { values: on_sequence(it.values), lengths: it.lengths };
                Signal::Pair(Pair { source: on(source), target: on(target) })
            }
            tokens @ (Signal::Tokens(_) | Signal::TokenPair(..)) => tokens,
        }
    }
}

impl Sequence {
    /// All steps of all sequences, `[steps · batch, features]`, time first.
    pub fn rows(&self) -> Tensor<2> {
        let [steps, batch, features] = self.values.dims();
        self.values.clone().reshape([steps * batch, features])
    }

    /// The same sequence with other numbers at each step, `[steps · batch, features]`.
    pub fn with_rows(self, rows: Tensor<2>) -> Sequence {
        let [steps, batch, _] = self.values.dims();
        let features = rows.dims()[1];
        Sequence { values: rows.reshape([steps, batch, features]), lengths: self.lengths }
    }

    /// True at every step that is not there, `[steps, batch, features]`; none where all are.
    pub fn is_missing(&self) -> Option<Tensor<3, Bool>> {
        let [steps, batch, features] = self.values.dims();
        let lengths = self.lengths.as_ref().filter(|lengths| lengths.iter().any(|&length| length < steps))?;
        let missing: Vec<bool> = (0..steps).flat_map(|t| lengths.iter().map(move |&length| t >= length)).collect();
        let device = self.values.device().inner();
        let missing = Tensor::<3, Bool>::from_data(TensorData::new(missing, [steps, batch, 1]), &device);
        Some(missing.expand([steps, batch, features]))
    }
}

impl Tokens {
    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.ids.len() / self.batch.max(1)
    }

    /// `[batch, steps]` as numbers, for looking at only.
    fn into_flat(self) -> Tensor<2> {
        let steps = self.steps();
        let values: Vec<f32> = (0..self.batch)
            .flat_map(|b| (0..steps).map(move |t| (t, b)))
            .map(|(t, b)| self.ids[t * self.batch + b] as f32)
            .collect();
        Tensor::from_data(TensorData::new(values, [self.batch, steps]), &Device::flex())
    }
}

/// `[batch, steps, features]` to `[steps, batch, features]`.
pub fn time_first<T: Copy>(rows: &[T], batch: usize, steps: usize, features: usize) -> Vec<T> {
    let place = |t: usize, b: usize| (b * steps + t) * features;
    (0..steps).flat_map(|t| (0..batch).flat_map(move |b| place(t, b)..place(t, b) + features)).map(|at| rows[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_comes_first() {
        // Two sequences of three steps with two features.
        let rows = [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60];
        assert_eq!(time_first(&rows, 2, 3, 2), [1, 2, 10, 20, 3, 4, 30, 40, 5, 6, 50, 60]);
    }

    #[test]
    fn padding_is_what_comes_behind_the_last_token() {
        let input = Shape::Tokens { steps: 3, vocabulary: 9, is_padded: true };
        let rows = vec![5.0, 0.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0];
        let Signal::Tokens(tokens) = Signal::of_rows(input, rows, 3, &Device::flex()) else { panic!("tokens stay tokens") };
        assert_eq!(tokens.lengths.as_deref(), Some(&[1, 2, 1][..]), "a review of nothing has one step, of padding");
        assert_eq!(tokens.ids, [5, 0, 0, 0, 7, 0, 0, 0, 0]);
    }
}
