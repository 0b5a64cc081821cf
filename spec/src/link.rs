//! The link codec: an experiment as text, `mnist?model=cnn&lr=0.01&seed=7`, holding only what differs from the default.
//!
//! A link comes from outside: every field is read on its own, and one that cannot be read is refused in words while the rest
//! of the link still counts. Keys and spellings never change once released.

use crate::data::DataSet;
use crate::device::DevicePreference;
use crate::experiment::Experiment;
use crate::layer::LayerSpec;
use crate::model::{Initializer, MAX_LAYERS, ModelSpec};
use crate::registry::Registry;
use crate::training::{MAX_BATCH, MAX_LEARNING_RATE, OptimizerSpec};

/// Longest link that is read, in bytes.
pub const MAX_LINK_BYTES: usize = 8 * 1024;

/// One field of the link.
pub struct Field {
    /// Its key: `lr`.
    pub key: &'static str,
    /// What the page calls it.
    pub label: &'static str,
    /// Writes the value.
    pub get: fn(&Experiment) -> String,
    /// Reads the value; the error is a sentence, and the experiment is untouched then.
    pub set: fn(&mut Experiment, &str) -> Result<(), String>,
}

/// Every field, in the order links are written. `model` stands before `layers`, which refines it.
pub const FIELDS: &[Field] = &[
    Field {
        key: "model",
        label: "Model",
        get: |it| preset_of(&it.model).unwrap_or("").into(),
        set: |it, text| {
            let preset = PRESETS
                .iter()
                .find(|(id, _)| *id == text)
                .ok_or_else(|| "there is no model of this name; there are mlp, cnn".to_owned())?;
            it.model.layers = preset.1().layers;
            Ok(())
        },
    },
    Field {
        key: "layers",
        label: "Layers",
        get: |it| {
            if preset_of(&it.model).is_some() {
                String::new()
            } else {
                it.model.layers.iter().map(LayerSpec::to_link).collect::<Vec<_>>().join(",")
            }
        },
        set: |it, text| {
            if text.split(',').count() > MAX_LAYERS {
                return Err(format!("there can be at most {MAX_LAYERS} layers"));
            }
            let layers = match text {
                "none" => Vec::new(),
                _ => text.split(',').map(LayerSpec::from_link).collect::<Result<_, _>>()?,
            };
            let model = ModelSpec { layers, ..it.model.clone() };
            let facts = it.data.set.facts();
            model.trace(facts.shape, facts.classes.len()).map_err(|err| err.to_string())?;
            it.model = model;
            Ok(())
        },
    },
    Field {
        key: "init",
        label: "Initializer",
        get: |it| it.model.initializer.id().into(),
        set: |it, text| Initializer::parse(text).map(|value| it.model.initializer = value),
    },
    Field {
        key: "opt",
        label: "Optimizer",
        get: |it| it.training.optimizer.to_link(),
        set: |it, text| OptimizerSpec::from_link(text).map(|value| it.training.optimizer = value),
    },
    Field {
        key: "lr",
        label: "Learning rate",
        get: |it| it.training.learning_rate.to_string(),
        set: |it, text| number(text, f64::MIN_POSITIVE, MAX_LEARNING_RATE).map(|value| it.training.learning_rate = value),
    },
    Field {
        key: "batch",
        label: "Batch size",
        get: |it| it.training.batch_size.to_string(),
        set: |it, text| whole(text, 1, MAX_BATCH).map(|value| it.training.batch_size = value),
    },
    Field {
        key: "l2",
        label: "L2",
        get: |it| it.training.l2.to_string(),
        set: |it, text| number(text, 0.0, 1.0).map(|value| it.training.l2 = value),
    },
    Field {
        key: "epochs",
        label: "Epochs",
        get: |it| it.training.epochs.to_string(),
        set: |it, text| whole(text, 1, 100).map(|value| it.training.epochs = value),
    },
    Field {
        key: "val",
        label: "Validation share",
        get: |it| it.data.validation.to_string(),
        set: |it, text| number(text, 0.05, 0.5).map(|value| it.data.validation = value),
    },
    Field {
        key: "seed",
        label: "Seed",
        get: |it| it.seed.to_string(),
        set: |it, text| {
            text.parse().map(|value| it.seed = value).map_err(|_| format!("expected a whole number up to {}", u32::MAX))
        },
    },
    Field {
        key: "device",
        label: "Device",
        get: |it| it.device.id().into(),
        set: |it, text| DevicePreference::parse(text).map(|value| it.device = value),
    },
];

/// A model's name in links, and how to build it.
pub type Preset = (&'static str, fn() -> ModelSpec);

/// Models with a name of their own.
pub const PRESETS: &[Preset] = &[("mlp", ModelSpec::mlp), ("cnn", ModelSpec::cnn)];

/// The name of the preset with these layers (the initializer is a field of its own).
pub fn preset_of(model: &ModelSpec) -> Option<&'static str> {
    PRESETS.iter().find(|(_, preset)| preset().layers == model.layers).map(|(id, _)| *id)
}

/// A field that was not taken over, for the page to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The key, shortened where it is long.
    pub key: String,
    /// Its value, shortened where it is long.
    pub value: String,
    /// Why, as a sentence without a full stop.
    pub why: String,
}

/// What a link says, and what of it could not be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The default with every readable field of the link in it; always a model that can be built.
    pub experiment: Experiment,
    /// In the order of the link.
    pub refusals: Vec<Refusal>,
}

/// Writes an experiment as a link (without the leading `#`).
///
/// ```
/// use descent_spec::{Experiment, link};
/// let mut experiment = Experiment::default();
/// assert_eq!(link::encode(&experiment), "mnist");
/// experiment.training.learning_rate = 0.01;
/// experiment.seed = 7;
/// assert_eq!(link::encode(&experiment), "mnist?lr=0.01&seed=7");
/// assert_eq!(link::decode("mnist?lr=0.01&seed=7").experiment, experiment);
/// ```
pub fn encode(experiment: &Experiment) -> String {
    let default = Experiment::default();
    let lab = experiment.data.set.id();
    let fields: Vec<String> = FIELDS
        .iter()
        .filter_map(|field| {
            let value = (field.get)(experiment);
            // An empty stack of layers is neither a preset nor an empty text.
            let value = if field.key == "layers" && experiment.model.layers.is_empty() { "none".into() } else { value };
            (!value.is_empty() && value != (field.get)(&default)).then(|| format!("{}={value}", field.key))
        })
        .collect();
    if fields.is_empty() { lab.into() } else { format!("{lab}?{}", fields.join("&")) }
}

/// Reads a link: a whole address, its fragment, or only what stands behind the `#`.
pub fn decode(link: &str) -> Decoded {
    let mut decoded = Decoded { experiment: Experiment::default(), refusals: Vec::new() };
    if link.len() > MAX_LINK_BYTES {
        decoded.refuse("link", link, format!("it has {} bytes, and {MAX_LINK_BYTES} is the most", link.len()));
        return decoded;
    }
    let fragment = link.split_once('#').map_or(link, |(_, fragment)| fragment).trim_start_matches('/');
    let (lab, query) = fragment.split_once('?').unwrap_or((fragment, ""));
    if !lab.is_empty() {
        match DataSet::parse(lab) {
            Ok(set) => decoded.experiment.data.set = set,
            Err(why) => decoded.refuse("lab", lab, why),
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, raw) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode(raw);
        match FIELDS.iter().find(|field| field.key == key) {
            None => decoded.refuse(key, &value, "there is no such field".into()),
            Some(field) if seen.contains(&field.key) => {
                decoded.refuse(key, &value, "the field was given twice, and the first counts".into());
            }
            Some(field) => {
                seen.push(field.key);
                if let Err(why) = (field.set)(&mut decoded.experiment, &value) {
                    decoded.refuse(key, &value, why);
                }
            }
        }
    }
    decoded
}

impl Decoded {
    fn refuse(&mut self, key: &str, value: &str, why: String) {
        self.refusals.push(Refusal { key: shortened(key), value: shortened(value), why });
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST { text.into() } else { text.chars().take(MOST).chain(['…']).collect() }
}

/// Undoes the escapes that mail programs put into links (`%2C` for a comma). Broken escapes stay as they are.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut idx = 0;
    while idx < bytes.len() {
        let hex =
            (bytes[idx] == b'%').then(|| text.get(idx + 1..idx + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                idx += 3;
            }
            None => {
                out.push(bytes[idx]);
                idx += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn number(text: &str, low: f64, high: f64) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value >= low && value <= high => Ok(value),
        Ok(_) if low > 0.0 => Err(format!("it must be greater than 0 and at most {high}")),
        Ok(_) => Err(format!("it must lie between {low} and {high}")),
        Err(_) => Err("expected a number".into()),
    }
}

fn whole(text: &str, low: usize, high: usize) -> Result<usize, String> {
    // As u64: a usize has 32 bits in the browser, and a number too large for it is a number all the same.
    match text.parse::<u64>() {
        Ok(value) if (low as u64..=high as u64).contains(&value) => Ok(value as usize),
        Ok(_) => Err(format!("it must lie between {low} and {high}")),
        Err(_) => Err("expected a whole number".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::OPTIMIZERS;
    use crate::{Activation, Padding};
    use proptest::prelude::*;

    #[test]
    fn hostile_links_are_refused_field_by_field() {
        let decoded = decode(
            "https://x.example/#/mnist?lr=-1&batch=64000000000&seed=5&layers=conv:99999:5:valid:relu&colour=red&epochs=0&l2=NaN&opt=adam:2:2:2&lr=0.5",
        );
        let keys: Vec<_> = decoded.refusals.iter().map(|refusal| refusal.key.as_str()).collect();
        assert_eq!(keys, ["lr", "batch", "layers", "colour", "epochs", "l2", "opt", "lr"]);
        assert_eq!(decoded.experiment, Experiment { seed: 5, ..Experiment::default() });
        assert_eq!(decode(&"a".repeat(MAX_LINK_BYTES + 1)).refusals.len(), 1);
        assert_eq!(decode("cifar<script>").refusals[0].key, "lab");
    }

    #[test]
    fn escaped_links_are_read() {
        let decoded = decode("#mnist?layers=dense%3A32%3Atanh%2Cdrop:0.5");
        assert!(decoded.refusals.is_empty());
        assert_eq!(decoded.experiment.model.layers.len(), 2);
        assert_eq!(percent_decode("100%"), "100%");
        assert_eq!(percent_decode("%zz%4"), "%zz%4");
    }

    /// Links that were valid once must load for ever: never edit a line, only add.
    #[test]
    fn golden_links_load() {
        for link in [
            "mnist",
            "mnist?model=cnn",
            "mnist?model=cnn&opt=rmsprop:0.9:1e-7&lr=0.0003&batch=32&l2=0.0001&epochs=3&val=0.1&seed=99&device=cpu",
            "mnist?layers=conv:8:5:valid:relu,bn,pool:2,drop:0.25,dense:64:linear,act:gelu&init=he_normal",
            "mnist?layers=none&opt=sgd&lr=0.5",
            "fashion-mnist",
            "fashion-mnist?layers=conv:8:3:same:relu,avgpool:2,dense:64:relu&seed=3",
        ] {
            let decoded = decode(link);
            assert_eq!(decoded.refusals, [], "{link}");
            assert_eq!(encode(&decoded.experiment), link);
        }
    }

    fn experiments() -> impl Strategy<Value = Experiment> {
        let layer = prop_oneof![
            (1usize..100, 0usize..9)
                .prop_map(|(units, act)| LayerSpec::Dense { units, activation: Activation::table()[act].value }),
            (1usize..20, 0usize..3, any::<bool>(), 0usize..9).prop_map(|(filters, half, same, act)| LayerSpec::Conv2d {
                filters,
                kernel: 2 * half + 1,
                padding: if same { Padding::Same } else { Padding::Valid },
                activation: Activation::table()[act].value,
            }),
            Just(LayerSpec::MaxPool2d { size: 2 }),
            Just(LayerSpec::AvgPool2d { size: 2 }),
            Just(LayerSpec::BatchNorm),
            (0.0..0.95f64).prop_map(|rate| LayerSpec::Dropout { rate }),
        ];
        let model = (proptest::collection::vec(layer, 0..6), 0usize..6)
            .prop_map(|(layers, init)| ModelSpec { layers, initializer: Initializer::table()[init].value });
        let optimizer = prop_oneof![
            (0usize..4).prop_map(|idx| OPTIMIZERS[idx].value),
            (0.0..1.0f64, 0.0..1.0f64, 1e-12..1.0f64).prop_map(|(beta1, beta2, epsilon)| OptimizerSpec::Adam {
                beta1,
                beta2,
                epsilon
            }),
        ];
        (model, optimizer, 1e-9..10.0f64, 1usize..=1024, 0.0..1.0f64, 1usize..=100, any::<u32>(), 0usize..3).prop_map(
            |(model, optimizer, learning_rate, batch_size, l2, epochs, seed, device)| {
                let mut it = Experiment { model, seed, device: DevicePreference::table()[device].value, ..Experiment::default() };
                it.training = crate::TrainingSpec { optimizer, learning_rate, batch_size, l2, epochs };
                it
            },
        )
    }

    proptest! {
        #[test]
        fn experiments_round_trip(experiment in experiments()) {
            prop_assume!(experiment.trace().is_ok());
            let link = encode(&experiment);
            prop_assert!(link.len() < 2000);
            prop_assert_eq!(decode(&link), Decoded { experiment, refusals: vec![] });
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
            prop_assert!(decode(&text).experiment.trace().is_ok());
            let link = format!("mnist?layers={text}");
            prop_assert!(decode(&link).experiment.trace().is_ok());
        }
    }
}
