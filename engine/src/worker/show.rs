//! What the page looks at: the watched example inside the net, examples by class, predictions.

use super::clock::now_ms;
use super::lab::{Lab, REPORT_EVERY_MS};
use super::store::{examples, part_of};
use super::wire::{Bulk, Outbox};
use crate::data::LabData;
use crate::digit::Ink;
use crate::session::{Classifier, Stop};
use descent_spec::Split;
use descent_spec::message::{ExampleFacts, RequestId, Subject, ToApp};

/// Most examples sent at once.
const MAX_EXAMPLES: usize = Subject::MAX_BROWSE as usize;

/// The example whose way through the net is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Watched {
    subject: Subject,
    /// The drawing as the net sees it; none for an example of the data, which is looked up when it is shown.
    drawing: Option<Vec<f32>>,
}

impl Watched {
    /// Takes a subject with the ink that came with it; the error says why it cannot be shown. An empty canvas is nothing to show.
    pub(super) fn new(subject: Subject, bulk: Option<Bulk>) -> Result<Option<Watched>, String> {
        let Subject::Ink { side } = subject else { return Ok(Some(Watched { subject, drawing: None })) };
        let n_values = u64::from(side) * u64::from(side);
        match bulk {
            Some(Bulk::Floats(values)) if (28..=560).contains(&side) && values.len() as u64 == n_values => {
                let digit = Ink { side: side as usize, values: &values }.to_digit();
                Ok(digit.map(|digit| Watched { subject, drawing: Some(digit.to_vec()) }))
            }
            _ => Err(format!("A drawing needs {side} × {side} values with a side between 28 and 560: it cannot be shown.")),
        }
    }

    /// The example as the net takes it, and its class; none when it is not loaded, or not there at all.
    fn example(&self, session: &Classifier, data: &LabData) -> Option<(Vec<f32>, Option<u32>)> {
        match (self.subject, &self.drawing) {
            (Subject::Example { split, index }, _) => {
                let pool = examples(data, part_of(split));
                let idx = session.pool_index(split, index as usize).filter(|&idx| pool.is_loaded(idx))?;
                let (mut pixels, mut labels) = (Vec::new(), Vec::new());
                pool.fill_batch(&[idx as u32], &mut pixels, &mut labels);
                Some((pixels, Some(u32::from(pool.label(idx)))))
            }
            (Subject::Plane { .. }, _) => None,
            (Subject::Ink { .. }, drawing) => drawing.clone().map(|digit| (digit, None)),
        }
    }
}

impl Lab {
    /// Sends the watched example's way through the net: at once when it or the session is new, at most ten times a second while
    /// training changes the net.
    pub(super) async fn show(&mut self, watched: Option<&Watched>, data: &LabData) -> Result<(), Stop> {
        let is_due = !self.is_training() || now_ms() - self.shown_at_ms >= REPORT_EVERY_MS;
        let Some(watched) = watched.filter(|_| self.picture_is_stale && is_due) else { return Ok(()) };
        let Some((input, truth)) = watched.example(&self.session, data) else { return Ok(()) };
        let picture = self.session.picture(&input).await?;
        self.picture_is_stale = false;
        self.shown_at_ms = now_ms();
        let (facts, kernels) = picture.kernels.unzip();
        let head = ToApp::Picture {
            run: self.run,
            step: self.session.progress().step,
            subject: watched.subject,
            truth,
            probabilities: picture.probabilities,
            kernels: facts,
        };
        let bulk = [input].into_iter().chain(picture.outputs).chain(kernels).map(Bulk::Floats).collect();
        self.outbox.send_with(head, bulk);
        Ok(())
    }

    /// Class probabilities of one input.
    pub(super) async fn predict(&self, request: RequestId, bulk: Option<Bulk>, data: &LabData) -> Result<(), Stop> {
        let len = data.train_pool.shape().len();
        let Some(Bulk::Floats(example)) = bulk.filter(|bulk| matches!(bulk, Bulk::Floats(values) if values.len() == len)) else {
            let text = format!("A prediction needs {len} values between 0 and 1.");
            self.outbox.send(ToApp::Refused { request: Some(request), text });
            return Ok(());
        };
        let probabilities = self.session.predict(&example).await?;
        self.outbox.send(ToApp::Predicted { request, probabilities });
        Ok(())
    }

    /// Examples of a class (or of all), as far as they are loaded.
    pub(super) fn browse(&self, request: RequestId, split: Split, class: Option<u32>, page: (u32, u32), data: &LabData) {
        let pool = examples(data, part_of(split));
        let matching: Vec<u32> = (0u32..)
            .map_while(|index| {
                self.session.pool_index(split, index as usize).filter(|&idx| idx < pool.len()).map(|idx| (index, idx))
            })
            .filter(|&(_, idx)| pool.is_loaded(idx) && class.is_none_or(|class| u32::from(pool.label(idx)) == class))
            .map(|(index, _)| index)
            .collect();
        let (offset, count) = page;
        let wanted: Vec<u32> = matching.iter().copied().skip(offset as usize).take(count as usize).collect();
        self.send_examples(request, split, &wanted, matching.len() as u32, data);
    }

    /// Examples by their indices; those that do not exist or are not loaded are left out.
    pub(super) fn send_examples(&self, request: RequestId, split: Split, indices: &[u32], n_matching: u32, data: &LabData) {
        let pool = examples(data, part_of(split));
        let mut facts = Vec::new();
        let mut pixels = Vec::new();
        for &index in indices.iter().take(MAX_EXAMPLES) {
            let Some(idx) = self.session.pool_index(split, index as usize).filter(|&idx| pool.is_loaded(idx)) else { continue };
            facts.push(ExampleFacts { index, class: u32::from(pool.label(idx)) });
            pixels.extend_from_slice(pool.pixels(idx));
        }
        self.outbox.send_with(ToApp::Examples { request, split, examples: facts, n_matching }, vec![Bulk::Bytes(pixels)]);
    }
}

/// Says that a request could not be served.
pub(super) fn refuse(outbox: &Outbox, request: Option<RequestId>, text: impl Into<String>) {
    outbox.send(ToApp::Refused { request, text: text.into() });
}
