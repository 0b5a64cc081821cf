//! The link codec: an experiment as text, `mnist?model=cnn&lr=0.01&seed=7`, holding only what differs from the set's default.
//!
//! A link comes from outside: every field is read on its own, and one that cannot be read is refused in words while the rest
//! of the link still counts. Keys and spellings never change once released.

use crate::data::{DataSet, N_CLASSES, N_POINTS, NOISE};
use crate::device::DevicePreference;
use crate::experiment::Experiment;
use crate::layer::LayerSpec;
use crate::model::{Initializer, MAX_LAYERS, ModelSpec};
use crate::plane::{Feature, OwnPoint};
use crate::registry::Registry;
use crate::training::{MAX_BATCH, MAX_EPOCHS, MAX_LEARNING_RATE, OptimizerSpec};

/// Longest link that is read, in bytes.
pub const MAX_LINK_BYTES: usize = 8 * 1024;

/// One field of the link.
pub struct Field {
    /// Its key: `lr`.
    pub key: &'static str,
    /// What the page calls it.
    pub label: &'static str,
    /// Whether it makes sense for a set; where not, it is neither written nor read.
    pub suits: fn(DataSet) -> bool,
    /// Writes the value.
    pub get: fn(&Experiment) -> String,
    /// Reads the value; the error is a sentence, and the experiment is untouched then.
    pub set: fn(&mut Experiment, &str) -> Result<(), String>,
}

/// Every field, in the order links are written, and in which they are read whatever their order in the link: `model` stands
/// before `layers`, which refines it, and `classes` before `own`, whose points belong to them.
pub const FIELDS: &[Field] = &[
    Field {
        key: "noise",
        label: "Noise",
        suits: DataSet::is_drawn,
        get: |it| it.data.noise.to_string(),
        set: |it, text| number(text, NOISE.0, NOISE.1).map(|value| it.data.noise = value),
    },
    Field {
        key: "classes",
        label: "Classes",
        suits: DataSet::has_class_choice,
        get: |it| it.data.n_classes.to_string(),
        set: |it, text| whole(text, N_CLASSES.0, N_CLASSES.1).map(|value| it.data.n_classes = value),
    },
    Field {
        key: "points",
        label: "Points",
        suits: DataSet::is_drawn,
        get: |it| it.data.n_points.to_string(),
        set: |it, text| whole(text, N_POINTS.0, N_POINTS.1).map(|value| it.data.n_points = value),
    },
    Field {
        key: "features",
        label: "Features",
        suits: DataSet::is_planar,
        get: |it| Feature::to_link(&it.data.features),
        set: |it, text| Feature::from_link(text).map(|value| it.data.features = value),
    },
    Field {
        key: "model",
        label: "Model",
        suits: |set| !set.is_planar(),
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
        suits: |_| true,
        get: |it| {
            if !it.data.set.is_planar() && preset_of(&it.model).is_some() {
                String::new()
            } else if it.model.layers.is_empty() {
                // An empty stack of layers is not an empty text.
                "none".into()
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
            let facts = it.data.facts();
            model.trace(facts.shape, facts.head.n_outputs()).map_err(|err| err.to_string())?;
            it.model = model;
            Ok(())
        },
    },
    Field {
        key: "init",
        label: "Initializer",
        suits: |_| true,
        get: |it| it.model.initializer.id().into(),
        set: |it, text| Initializer::parse(text).map(|value| it.model.initializer = value),
    },
    Field {
        key: "opt",
        label: "Optimizer",
        suits: |_| true,
        get: |it| it.training.optimizer.to_link(),
        set: |it, text| OptimizerSpec::from_link(text).map(|value| it.training.optimizer = value),
    },
    Field {
        key: "lr",
        label: "Learning rate",
        suits: |_| true,
        get: |it| it.training.learning_rate.to_string(),
        set: |it, text| number(text, f64::MIN_POSITIVE, MAX_LEARNING_RATE).map(|value| it.training.learning_rate = value),
    },
    Field {
        key: "batch",
        label: "Batch size",
        suits: |_| true,
        get: |it| it.training.batch_size.to_string(),
        set: |it, text| whole(text, 1, MAX_BATCH).map(|value| it.training.batch_size = value),
    },
    Field {
        key: "l1",
        label: "L1",
        suits: |_| true,
        get: |it| it.training.l1.to_string(),
        set: |it, text| number(text, 0.0, 1.0).map(|value| it.training.l1 = value),
    },
    Field {
        key: "l2",
        label: "L2",
        suits: |_| true,
        get: |it| it.training.l2.to_string(),
        set: |it, text| number(text, 0.0, 1.0).map(|value| it.training.l2 = value),
    },
    Field {
        key: "epochs",
        label: "Epochs",
        suits: |_| true,
        get: |it| it.training.epochs.to_string(),
        set: |it, text| whole(text, 1, MAX_EPOCHS).map(|value| it.training.epochs = value),
    },
    Field {
        key: "val",
        label: "Validation share",
        suits: |_| true,
        get: |it| it.data.validation.to_string(),
        set: |it, text| number(text, 0.05, 0.5).map(|value| it.data.validation = value),
    },
    Field {
        key: "seed",
        label: "Seed",
        suits: |_| true,
        get: |it| it.seed.to_string(),
        set: |it, text| {
            text.parse().map(|value| it.seed = value).map_err(|_| format!("expected a whole number up to {}", u32::MAX))
        },
    },
    Field {
        key: "device",
        label: "Device",
        suits: |_| true,
        get: |it| it.device.id().into(),
        set: |it, text| DevicePreference::parse(text).map(|value| it.device = value),
    },
    Field {
        key: "own",
        label: "Own points",
        suits: |set| set == DataSet::Own,
        get: |it| OwnPoint::to_link(&it.data.own),
        set: |it, text| OwnPoint::from_link(text, it.data.n_classes).map(|points| it.data.own = points),
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
    let set = experiment.data.set;
    let default = Experiment::for_set(set);
    let lab = set.id();
    let fields: Vec<String> = FIELDS
        .iter()
        .filter(|field| (field.suits)(set))
        .filter_map(|field| {
            let value = (field.get)(experiment);
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
            Ok(set) => decoded.experiment = Experiment::for_set(set),
            Err(why) => decoded.refuse("lab", lab, why),
        }
    }
    let set = decoded.experiment.data.set;
    let pairs: Vec<(&str, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, raw)| (key, percent_decode(raw)))
        .collect();
    // Fields refer to each other, so they are read in the order of the table; what is refused is told in the order of the link.
    let mut refused: Vec<(usize, String)> = Vec::new();
    for field in FIELDS {
        let mut given = pairs.iter().enumerate().filter(|(_, (key, _))| *key == field.key);
        if let Some((place, (_, value))) = given.next() {
            let outcome = match (field.suits)(set) {
                true => (field.set)(&mut decoded.experiment, value),
                false => Err(format!("{} does not have this field", set.label())),
            };
            refused.extend(outcome.err().map(|why| (place, why)));
        }
        refused.extend(given.map(|(place, _)| (place, "the field was given twice, and the first counts".into())));
    }
    let is_unknown = |(key, _): &(&str, String)| FIELDS.iter().all(|field| field.key != *key);
    let unknown = pairs.iter().enumerate().filter(|(_, pair)| is_unknown(pair));
    refused.extend(unknown.map(|(place, _)| (place, "there is no such field".into())));
    refused.sort_by_key(|(place, _)| *place);
    for (place, why) in refused {
        let (key, value) = &pairs[place];
        decoded.refuse(key, value, why);
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
            "circle",
            "spiral?noise=0.1&lr=0.3",
            "spiral?noise=0.2&classes=5&points=1000&features=x,y,sin_x,sin_y&layers=dense:8:relu,drop:0.1,dense:8:relu&opt=adamw:0.9:0.99:1e-7:0.05",
            "moons?features=x2,xy&layers=none&opt=nesterov&l1=0.001&l2=0.01&epochs=10000&val=0.5",
            "xor?layers=dense:128:relu&opt=adagrad&device=auto",
            "gaussians?classes=4&seed=7",
            "hill?noise=0&opt=nesterov:0.5",
            "plane?opt=adagrad:1e-7&batch=1",
            "own?classes=3&val=0.05&own=0fQAA1u4fQ2AAu4",
            "mnist?opt=adamw&lr=0.0003&l1=0.0001",
        ] {
            let decoded = decode(link);
            assert_eq!(decoded.refusals, [], "{link}");
            assert_eq!(encode(&decoded.experiment), link);
        }
    }

    #[test]
    fn a_field_that_makes_no_sense_for_the_set_is_refused() {
        for (link, keys) in [
            (
                "mnist?noise=0.1&classes=3&points=100&features=x&own=0fQAA1u4fQ",
                vec!["noise", "classes", "points", "features", "own"],
            ),
            ("circle?model=cnn&classes=3&own=0fQAA1u4fQ", vec!["model", "classes", "own"]),
            ("own?noise=0.1&points=100", vec!["noise", "points"]),
            ("hill?classes=2", vec!["classes"]),
            ("xor?layers=conv:8:3:same:relu", vec!["layers"]),
        ] {
            let decoded = decode(link);
            assert_eq!(decoded.refusals.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), keys, "{link}");
            assert_eq!(decoded.experiment, Experiment::for_set(decoded.experiment.data.set), "{link}");
        }
    }

    #[test]
    fn the_order_of_fields_does_not_matter() {
        let link = "own?own=0fQAA2u4fQ&colour=red&classes=3&classes=4";
        let decoded = decode(link);
        assert_eq!(decoded.experiment.data.own[1].class, 2);
        assert_eq!(decoded.refusals.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["colour", "classes"]);
        assert_eq!(decode("own?own=0fQAA2u4fQ").refusals[0].key, "own", "two classes: 0 and 1");
    }

    #[test]
    fn the_most_own_points_fit_into_a_link() {
        let mut experiment = Experiment::for_set(DataSet::Own);
        experiment.data.own = (0..500).map(|idx| OwnPoint::at(f64::from(idx) / 500.0, -1.0, (idx % 2) as u8)).collect();
        let link = encode(&experiment);
        assert!(link.len() < MAX_LINK_BYTES / 2, "{}", link.len());
        assert_eq!(decode(&link), Decoded { experiment, refusals: vec![] });
    }

    fn data_specs() -> impl Strategy<Value = crate::DataSpec> {
        let own = proptest::collection::vec((-1500i16..=1500, -1500i16..=1500, 0u8..5), 2..40);
        let features =
            proptest::sample::subsequence(Feature::table().iter().map(|it| it.value).collect::<Vec<_>>(), 1..=7).prop_shuffle();
        (0..DataSet::table().len(), 0.0..=0.5f64, 2usize..=5, 50usize..=1000, features, 0.05..=0.5f64, own).prop_map(
            |(set, noise, n_classes, n_points, features, validation, own)| {
                let mut it = crate::DataSpec { validation, ..crate::DataSpec::for_set(DataSet::table()[set].value) };
                if it.set.is_drawn() {
                    (it.noise, it.n_points) = (noise, n_points);
                }
                if it.set.has_class_choice() {
                    it.n_classes = n_classes;
                }
                if it.set.is_planar() {
                    it.features = features;
                }
                if it.set == DataSet::Own {
                    let point = |(x, y, class): (i16, i16, u8)| OwnPoint { x, y, class: class % n_classes as u8 };
                    it.own = own.into_iter().map(point).collect();
                }
                it
            },
        )
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
            (0..OPTIMIZERS.len()).prop_map(|idx| OPTIMIZERS[idx].value),
            (0.0..1.0f64, 0.0..1.0f64, 1e-12..1.0f64).prop_map(|(beta1, beta2, epsilon)| OptimizerSpec::Adam {
                beta1,
                beta2,
                epsilon
            }),
            (0.0..1.0f64, 0.0..1.0f64, 1e-12..1.0f64, 0.0..=1.0f64).prop_map(|(beta1, beta2, epsilon, weight_decay)| {
                OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay }
            }),
        ];
        let penalties = (0.0..1.0f64, 0.0..1.0f64);
        (data_specs(), model, optimizer, 1e-9..10.0f64, 1usize..=1024, penalties, 1usize..=MAX_EPOCHS, any::<u32>(), 0usize..3)
            .prop_map(|(data, model, optimizer, learning_rate, batch_size, (l1, l2), epochs, seed, device)| {
                let training = crate::TrainingSpec { optimizer, learning_rate, batch_size, l1, l2, epochs };
                Experiment { data, model, training, seed, device: DevicePreference::table()[device].value }
            })
    }

    proptest! {
        #[test]
        fn experiments_round_trip(experiment in experiments()) {
            prop_assume!(experiment.trace().is_ok());
            let link = encode(&experiment);
            let without_own = link.split("&own=").next().unwrap_or_default();
            prop_assert!(without_own.len() < 2000);
            prop_assert_eq!(decode(&link), Decoded { experiment, refusals: vec![] });
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
            prop_assert!(decode(&text).experiment.trace().is_ok());
            for link in [format!("mnist?layers={text}"), format!("spiral?features={text}&noise={text}"), format!("own?own={text}&classes={text}")] {
                prop_assert!(decode(&link).experiment.trace().is_ok());
            }
        }
    }
}
