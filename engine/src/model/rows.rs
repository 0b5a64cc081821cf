//! A net's parameters, and the gradients for them, as rows of numbers in a fixed order: how they travel between workers.
//!
//! Only what is trained: running statistics are not, so a net with batch norm cannot travel like this.

use super::{Net, ReplaceError};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use std::collections::VecDeque;

impl Net {
    /// Each parameter as one row, untracked, layer by layer.
    pub fn parameter_rows(&self) -> Vec<Tensor<1>> {
        let mut rows = ParameterRows(Vec::new());
        self.visit(&mut rows);
        rows.0
    }

    /// The gradient of each parameter as one row, in the order of [`parameter_rows`](Net::parameter_rows).
    pub fn gradient_rows(&self, grads: GradientsParams) -> Vec<Tensor<1>> {
        let mut rows = GradientRows { grads, rows: Vec::new() };
        self.visit(&mut rows);
        rows.rows
    }

    /// The same net with these parameters, in the order of [`parameter_rows`](Net::parameter_rows).
    ///
    /// # Errors
    /// When a row is missing or has another length; the net is then half replaced and is dropped.
    pub fn with_parameter_rows(self, rows: Vec<Vec<f32>>, device: &Device) -> Result<Net, ReplaceError> {
        let mut put = PutParameters { rows: rows.into(), device, error: None };
        let net = self.map(&mut put);
        put.error.map_or(Ok(net), Err)
    }

    /// Gradients from rows, in the order of [`parameter_rows`](Net::parameter_rows).
    ///
    /// # Errors
    /// When a row is missing or has another length.
    pub fn gradients_of_rows(&self, rows: Vec<Vec<f32>>, device: &Device) -> Result<GradientsParams, ReplaceError> {
        // Gradients are not tracked themselves.
        let device = device.clone().inner();
        let mut put = PutGradients { rows: rows.into(), device: &device, grads: GradientsParams::new(), error: None };
        self.visit(&mut put);
        put.error.map_or(Ok(put.grads), Err)
    }

    /// Adds gradients, parameter by parameter.
    pub fn add_gradients(&self, sum: GradientsParams, more: GradientsParams) -> GradientsParams {
        let mut add = AddGradients { sum, more };
        self.visit(&mut add);
        add.sum
    }
}

struct ParameterRows(Vec<Tensor<1>>);

impl ModuleVisitor for ParameterRows {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(param.val().inner().reshape([-1]));
    }
}

struct GradientRows {
    grads: GradientsParams,
    rows: Vec<Tensor<1>>,
}

impl ModuleVisitor for GradientRows {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        // What the loss does not depend on has no slope.
        let grad = self.grads.remove::<D>(param.id).unwrap_or_else(|| param.val().inner().zeros_like());
        self.rows.push(grad.reshape([-1]));
    }
}

struct AddGradients {
    sum: GradientsParams,
    more: GradientsParams,
}

impl ModuleVisitor for AddGradients {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let sum = match (self.sum.remove::<D>(param.id), self.more.remove::<D>(param.id)) {
            (Some(sum), Some(more)) => sum + more,
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => return,
        };
        self.sum.register(param.id, sum);
    }
}

struct PutParameters<'a> {
    rows: VecDeque<Vec<f32>>,
    device: &'a Device,
    error: Option<ReplaceError>,
}

impl ModuleMapper for PutParameters<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match next_row(&mut self.rows, param.val().dims(), self.device) {
            Ok(new) => {
                let (id, old, mapper) = param.consume();
                Param::from_mapped_value(id, new.set_require_grad(old.is_require_grad()), mapper)
            }
            Err(error) => {
                self.error.get_or_insert(error);
                param
            }
        }
    }
}

struct PutGradients<'a> {
    rows: VecDeque<Vec<f32>>,
    device: &'a Device,
    grads: GradientsParams,
    error: Option<ReplaceError>,
}

impl ModuleVisitor for PutGradients<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        match next_row::<D>(&mut self.rows, param.val().dims(), self.device) {
            Ok(grad) => self.grads.register(param.id, grad),
            Err(error) => drop(self.error.get_or_insert(error)),
        }
    }
}

fn next_row<const D: usize>(rows: &mut VecDeque<Vec<f32>>, dims: [usize; D], device: &Device) -> Result<Tensor<D>, ReplaceError> {
    let row = rows.pop_front().ok_or_else(|| ReplaceError::Missing("a parameter".into()))?;
    let expected = dims.iter().product();
    if row.len() != expected {
        return Err(ReplaceError::Length { name: "a parameter".into(), found: row.len(), expected });
    }
    Ok(Tensor::from_data(TensorData::new(row, dims), device))
}
