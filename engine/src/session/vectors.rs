//! The vectors of words, as they are now.

use super::Supervised;
use crate::read::{ReadError, read_one};
use descent_spec::{Head, LayerSpec};

/// Why there are no vectors.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VectorsError {
    /// It learns something else.
    #[error("Only an experiment on words has word vectors.")]
    NoWords,
    /// The device no longer answers.
    #[error(transparent)]
    Device(#[from] ReadError),
}

impl Supervised {
    /// Vectors of all words, `[words, width]` row by row, and their width. A word's vector as a neighbour is none of them.
    ///
    /// # Errors
    /// When the session is not on words, or the device no longer answers.
    pub async fn word_vectors(&self) -> Result<(Vec<f32>, usize), VectorsError> {
        let (Head::Sampled { .. }, Some(LayerSpec::Embedding { features, .. })) =
            (self.head, self.experiment.model.layers.first())
        else {
            return Err(VectorsError::NoWords);
        };
        let width = *features;
        let Some(table) = self.net.named_tensors(&self.traced).into_iter().next() else { return Err(VectorsError::NoWords) };
        let mut values = read_one(table.values).await?;
        // The second half of the table are the words as neighbours.
        values.truncate(values.len() / 2 / width * width);
        Ok((values, width))
    }
}
