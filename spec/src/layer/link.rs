//! How a layer is written in links.

use super::{FirstVectors, LAYER_KINDS, LayerSpec, Padding, Pooling, Returns, Score};
use crate::activation::Activation;
use crate::cell::Cell;
use crate::registry::Registry;

impl LayerSpec {
    /// The spelling in links: `conv:8:5:valid:relu`, `dense:64:relu`, `pool:2`, `avgpool:2`, `bn`, `drop:0.25`,
    /// `act:relu`, `embed:16`, `embed:50:glove`, `embed:50:glove:frozen`, `lstm:32:last`, `conv1d:32:5:relu`, `global:mean`, `lnorm`, `flat`,
    /// `attend:additive`, `pos`, `block:2:128`.
    pub fn to_link(&self) -> String {
        let kind = self.kind();
        match self {
            LayerSpec::Dense { units, activation } => format!("{kind}:{units}:{}", activation.id()),
            LayerSpec::Conv2d { filters, kernel, padding, activation } => {
                format!("{kind}:{filters}:{kernel}:{}:{}", padding.id(), activation.id())
            }
            LayerSpec::MaxPool2d { size } | LayerSpec::AvgPool2d { size } => format!("{kind}:{size}"),
            LayerSpec::BatchNorm => kind.into(),
            LayerSpec::Dropout { rate } => format!("{kind}:{rate}"),
            LayerSpec::Activate { activation } => format!("{kind}:{}", activation.id()),
            LayerSpec::Embedding { features, first: FirstVectors::Drawn } => format!("{kind}:{features}"),
            LayerSpec::Embedding { features, first } => format!("{kind}:{features}:{}", first.id()),
            LayerSpec::Recurrent { units, returns, .. } => format!("{kind}:{units}:{}", returns.id()),
            LayerSpec::Conv1d { filters, kernel, activation } => format!("{kind}:{filters}:{kernel}:{}", activation.id()),
            LayerSpec::GlobalPool { pooling } => format!("{kind}:{}", pooling.id()),
            LayerSpec::LayerNorm | LayerSpec::Flatten | LayerSpec::Positions | LayerSpec::Compare => kind.into(),
            LayerSpec::Attend { score } => format!("{kind}:{}", score.id()),
            LayerSpec::Transformer { heads, hidden } => format!("{kind}:{heads}:{hidden}"),
        }
    }

    /// Reads [`to_link`](Self::to_link)'s spelling; the error is a sentence.
    pub fn from_link(text: &str) -> Result<LayerSpec, String> {
        let words: Vec<&str> = text.split(':').collect();
        match words.as_slice() {
            ["dense", units, activation] => {
                Ok(LayerSpec::Dense { units: whole(units)?, activation: Activation::parse(activation)? })
            }
            ["conv", filters, kernel, padding, activation] => Ok(LayerSpec::Conv2d {
                filters: whole(filters)?,
                kernel: whole(kernel)?,
                padding: Padding::parse(padding)?,
                activation: Activation::parse(activation)?,
            }),
            ["pool", size] => Ok(LayerSpec::MaxPool2d { size: whole(size)? }),
            ["avgpool", size] => Ok(LayerSpec::AvgPool2d { size: whole(size)? }),
            ["bn"] => Ok(LayerSpec::BatchNorm),
            ["drop", rate] => match rate.parse::<f64>() {
                Ok(rate) if (0.0..=0.95).contains(&rate) => Ok(LayerSpec::Dropout { rate }),
                _ => Err("a dropout rate must be a number between 0 and 0.95".into()),
            },
            ["embed", features] => Ok(LayerSpec::embedding(whole(features)?)),
            ["embed", features, first @ ..] => {
                Ok(LayerSpec::Embedding { features: whole(features)?, first: FirstVectors::parse(&first.join(":"))? })
            }
            [cell @ ("rnn" | "gru" | "lstm"), units, returns] => {
                Ok(LayerSpec::Recurrent { cell: Cell::parse(cell)?, units: whole(units)?, returns: Returns::parse(returns)? })
            }
            ["conv1d", filters, kernel, activation] => Ok(LayerSpec::Conv1d {
                filters: whole(filters)?,
                kernel: whole(kernel)?,
                activation: Activation::parse(activation)?,
            }),
            ["global", pooling] => Ok(LayerSpec::GlobalPool { pooling: Pooling::parse(pooling)? }),
            ["lnorm"] => Ok(LayerSpec::LayerNorm),
            ["flat"] => Ok(LayerSpec::Flatten),
            ["attend", score] => Ok(LayerSpec::Attend { score: Score::parse(score)? }),
            ["pos"] => Ok(LayerSpec::Positions),
            ["block", heads, hidden] => Ok(LayerSpec::Transformer { heads: whole(heads)?, hidden: whole(hidden)? }),
            ["act", activation] => Ok(LayerSpec::Activate { activation: Activation::parse(activation)? }),
            _ => {
                let known: Vec<_> = LAYER_KINDS.iter().map(|entry| entry.value.to_link()).collect();
                Err(format!("a layer is written like one of {}", known.join(", ")))
            }
        }
    }
}

fn whole(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a whole number".to_owned())
}
