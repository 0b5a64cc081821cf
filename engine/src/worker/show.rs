//! What the page looks at: the watched example inside the net, the plane, examples by class, predictions.

use super::clock::now_ms;
use super::lab::Lab;
use super::store::{examples, part_of};
use super::wire::{Bulk, Outbox};
use crate::data::LabData;
use crate::digit::Ink;
use crate::session::{SetWeightError, Stop, Supervised};
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
        let side = match subject {
            Subject::Example { .. } | Subject::Series => return Ok(Some(Watched { subject, drawing: None })),
            Subject::Plane { side } => {
                let (least, most) = Subject::PLANE_SIDES;
                return match (least..=most).contains(&side) {
                    true => Ok(Some(Watched { subject, drawing: None })),
                    false => Err(format!("A plane has {least} to {most} points along each side: {side} cannot be shown.")),
                };
            }
            Subject::Ink { side } => side,
        };
        let n_values = u64::from(side) * u64::from(side);
        match bulk {
            Some(Bulk::Floats(values)) if (28..=560).contains(&side) && values.len() as u64 == n_values => {
                let digit = Ink { side: side as usize, values: &values }.to_digit();
                Ok(digit.map(|digit| Watched { subject, drawing: Some(digit.to_vec()) }))
            }
            _ => Err(format!("A drawing needs {side} × {side} values with a side between 28 and 560: it cannot be shown.")),
        }
    }

    /// Whether it is a series with its forecasts, which are made batch by batch.
    pub(super) fn is_series(&self) -> bool {
        self.subject == Subject::Series
    }

    /// The example as the net takes it, and its class; none when it is not loaded, or not there at all.
    fn example(&self, session: &Supervised, data: &LabData) -> Option<(Vec<f32>, Option<u32>)> {
        match (self.subject, &self.drawing) {
            (Subject::Example { split, index }, _) => {
                let pool = examples(data, part_of(split));
                let idx = session.pool_index(split, index as usize).filter(|&idx| pool.is_loaded(idx))?;
                let (mut input, mut target) = (Vec::new(), Vec::new());
                pool.fill_batch(&[idx as u32], &mut input, &mut target);
                Some((input, pool.class(idx)))
            }
            (Subject::Plane { .. } | Subject::Series, _) => None,
            (Subject::Ink { .. }, drawing) => drawing.clone().map(|digit| (digit, None)),
        }
    }
}

impl Lab {
    /// Sends the watched example's way through the net, or what the net says over the plane: at once when it or the session is
    /// new, at most ten or sixty times a second while training changes the net.
    pub(super) async fn show(&mut self, watched: Option<&Watched>, data: &LabData) -> Result<(), Stop> {
        // A fine grid through a large net must not eat the time to train: three quarters of it stay free.
        let pause_ms = self.show_every_ms().max(3.0 * self.showing_ms);
        let is_due = !self.is_training() || now_ms() - self.shown_at_ms >= pause_ms;
        let Some(watched) = watched.filter(|_| self.picture_is_stale && is_due) else { return Ok(()) };
        let started_at_ms = now_ms();
        match watched.subject {
            Subject::Plane { side } if self.session.is_planar() => self.show_plane(side, data).await?,
            _ => self.show_picture(watched, data).await?,
        }
        self.showing_ms = now_ms() - started_at_ms;
        Ok(())
    }

    async fn show_plane(&mut self, side: u32, data: &LabData) -> Result<(), Stop> {
        let plane = self.session.plane(side as usize).await?;
        let line = self.session.line(&plane.weights, data);
        self.picture_is_stale = false;
        self.shown_at_ms = now_ms();
        let head = ToApp::Plane {
            run: self.run,
            step: self.session.progress().step,
            side,
            layers: plane.outputs.len() as u32,
            dense: plane.dense,
            line,
        };
        let bulk = plane.outputs.into_iter().chain(plane.weights).map(Bulk::Floats).collect();
        self.outbox.send_with(head, bulk);
        Ok(())
    }

    async fn show_picture(&mut self, watched: &Watched, data: &LabData) -> Result<(), Stop> {
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

    /// Sends where all points lie and what they should be answered with, split by split, where there are points.
    pub(super) fn send_points(&self, data: &LabData) {
        let mut columns = [Vec::new(), Vec::new(), Vec::new()];
        let mut counts = [0; 3];
        for (split, count) in [Split::Train, Split::Validation, Split::Test].into_iter().zip(&mut counts) {
            let Some(points) = examples(data, part_of(split)).points() else { return };
            for index in 0..self.session.n_examples(split, data) {
                let place =
                    self.session.pool_index(split, index).and_then(|idx| Some((points.position(idx)?, points.target(idx))));
                let Some(((x, y), target)) = place else { continue };
                for (column, value) in columns.iter_mut().zip([x, y, target]) {
                    column.push(value);
                }
                *count += 1;
            }
        }
        let [n_train, n_validation, n_test] = counts;
        let head = ToApp::Points { run: self.run, n_train, n_validation, n_test };
        self.outbox.send_with(head, columns.into_iter().map(Bulk::Floats).collect());
    }

    /// The watched example is another: it is shown with the next unit of work, however short ago the last one was shown.
    pub(super) fn look_again(&mut self) {
        self.picture_is_stale = true;
        self.shown_at_ms = f64::NEG_INFINITY;
        self.forecasts.look_again();
    }

    /// Sets a weight by hand. What is watched is shown again with it, and a run at rest keeps it in its checkpoint.
    pub(super) async fn set_weight(
        &mut self,
        (layer, input, unit): (u32, Option<u32>, u32),
        value: f32,
        data: &LabData,
    ) -> Result<(), Stop> {
        let input = input.map(|input| input as usize);
        match self.session.set_weight(layer as usize, input, unit as usize, value).await {
            Ok(()) => {}
            Err(SetWeightError::Device(err)) => return Err(err.into()),
            Err(refused) => {
                refuse(&self.outbox, None, refused.to_string());
                return Ok(());
            }
        }
        self.foretold = None;
        self.look_again();
        if self.is_training() { Ok(()) } else { self.checkpoint(data).await }
    }

    /// The answer to one input.
    pub(super) async fn predict(&self, request: RequestId, bulk: Option<Bulk>, data: &LabData) -> Result<(), Stop> {
        let len = data.train_pool.shape().len();
        let Some(Bulk::Floats(example)) = bulk.filter(|bulk| matches!(bulk, Bulk::Floats(values) if values.len() == len)) else {
            let text = format!("A prediction needs {len} values, as the net takes them.");
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
            .filter(|&(_, idx)| pool.is_loaded(idx) && class.is_none_or(|class| pool.class(idx) == Some(class)))
            .map(|(index, _)| index)
            .collect();
        let (offset, count) = page;
        let wanted: Vec<u32> = matching.iter().copied().skip(offset as usize).take(count as usize).collect();
        self.send_examples(request, split, &wanted, matching.len() as u32, data);
    }

    /// Examples by their indices; those that do not exist or are not loaded are left out.
    pub(super) fn send_examples(&self, request: RequestId, split: Split, indices: &[u32], n_matching: u32, data: &LabData) {
        let Some(pool) = examples(data, part_of(split)).pictures() else { return };
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
