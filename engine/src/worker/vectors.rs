//! Word vectors for the page.

use super::lab::Lab;
use super::show::refuse;
use super::wire::Bulk;
use crate::session::{Stop, VectorsError};
use descent_spec::message::{RequestId, ToApp};

impl Lab {
    /// Answers [`Vectors`](descent_spec::message::ToWorker::Vectors).
    pub(super) async fn tell_vectors(&self, request: RequestId) -> Result<(), Stop> {
        match self.session.word_vectors().await {
            Ok((values, width)) => {
                let head = ToApp::Vectors { request, step: self.session.progress().step, width: width as u32 };
                self.outbox.send_with(head, vec![Bulk::Floats(values)]);
            }
            Err(VectorsError::Device(err)) => return Err(err.into()),
            Err(err @ VectorsError::NoWords) => refuse(&self.outbox, Some(request), err.to_string()),
        }
        Ok(())
    }
}
