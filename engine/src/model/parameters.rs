//! Names for everything a net holds, to read it out and to put it back.

use super::Net;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};
use descent_spec::model::TracedLayer;
use std::collections::HashMap;

/// Parts that a layer holds several of, of one kind.
const PARTS: [&str; 12] = [
    "encoder",
    "decoder",
    "source_attention",
    "source_norm",
    "source_dense",
    "source_end",
    "target_attention",
    "target_norm",
    "cross_attention",
    "cross_norm",
    "target_dense",
    "target_end",
];

/// A weight, a bias or a running statistic.
#[derive(Debug, Clone)]
pub struct NamedTensor {
    /// `conv1.weight`, `dense2.bias`, `bn1.running_mean`.
    pub name: String,
    /// Burn's identity of the parameter; stable over training steps.
    pub id: ParamId,
    /// Index of its layer in the trace.
    pub layer_idx: usize,
    /// Its shape.
    pub dims: Vec<usize>,
    /// Its values as one row, untracked.
    pub values: Tensor<1>,
}

impl Net {
    /// Everything the net holds, layer by layer, in a fixed order.
    pub fn named_tensors(&self, traced: &[TracedLayer]) -> Vec<NamedTensor> {
        // `valid` folds pending updates of batch norm's running statistics in, which a plain visit would miss by one step.
        let net = self.valid();
        let mut out = Vec::new();
        for (layer_idx, (layer, place)) in net.layers.iter().zip(traced).enumerate() {
            layer.visit(&mut Collect { layer_idx, layer_name: &place.name, path: Vec::new(), out: &mut out });
        }
        out
    }

    /// Puts values back by name. Every tensor of the net must be among them, row by row.
    ///
    /// # Errors
    /// The first name that is missing or has another length; the net is then half replaced and must be dropped.
    pub fn replace(
        self,
        traced: &[TracedLayer],
        values: HashMap<String, Vec<f32>>,
        device: &Device,
    ) -> Result<Net, ReplaceError> {
        let names = self.named_tensors(traced).into_iter().map(|it| (it.id, it.name)).collect();
        self.replace_named(names, values, device)
    }

    /// Puts the values of one tensor back, row by row, and leaves the others alone.
    ///
    /// # Errors
    /// When their number is another.
    pub fn replace_one(self, id: ParamId, name: String, values: Vec<f32>, device: &Device) -> Result<Net, ReplaceError> {
        self.replace_named(HashMap::from([(id, name.clone())]), HashMap::from([(name, values)]), device)
    }

    fn replace_named(
        self,
        names: HashMap<ParamId, String>,
        values: HashMap<String, Vec<f32>>,
        device: &Device,
    ) -> Result<Net, ReplaceError> {
        let mut replace = Replace { names, values, device: device.clone(), error: None };
        let net = self.map(&mut replace);
        match replace.error {
            Some(error) => Err(error),
            None => Ok(net),
        }
    }
}

struct Collect<'a> {
    layer_idx: usize,
    layer_name: &'a str,
    path: Vec<String>,
    out: &'a mut Vec<NamedTensor>,
}

impl ModuleVisitor for Collect<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = param.val().inner();
        let dims = values.dims();
        let field = self.path.last().map_or("value", String::as_str);
        // Where a layer holds the same parts more than once, their names tell them apart.
        let part = self.path.iter().find(|name| PARTS.contains(&name.as_str())).map_or(String::new(), |part| format!("{part}."));
        self.out.push(NamedTensor {
            name: format!("{}.{part}{field}", self.layer_name),
            id: param.id,
            layer_idx: self.layer_idx,
            dims: dims.to_vec(),
            values: values.reshape([dims.iter().product::<usize>()]),
        });
    }
}

/// Why values could not be put back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceError {
    /// A tensor of the net has no value.
    #[error("it holds no values for {0}")]
    Missing(String),
    /// There are too few or too many values.
    #[error("{name} has {found} values, and the model needs {expected}")]
    Length {
        /// Which tensor.
        name: String,
        /// Values given.
        found: usize,
        /// Values needed.
        expected: usize,
    },
}

/// The mapper behind [`Net::replace`].
pub struct Replace {
    names: HashMap<ParamId, String>,
    values: HashMap<String, Vec<f32>>,
    device: Device,
    error: Option<ReplaceError>,
}

impl ModuleMapper for Replace {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(name) = self.names.get(&param.id) else { return param };
        let Some(values) = self.values.remove(name) else {
            self.error.get_or_insert(ReplaceError::Missing(name.clone()));
            return param;
        };
        let dims = param.val().dims();
        let expected = dims.iter().product();
        if values.len() != expected {
            self.error.get_or_insert(ReplaceError::Length { name: name.clone(), found: values.len(), expected });
            return param;
        }
        let (id, old, mapper) = param.consume();
        let new = Tensor::<D>::from_data(TensorData::new(values, dims), &self.device).set_require_grad(old.is_require_grad());
        Param::from_mapped_value(id, new, mapper)
    }
}
