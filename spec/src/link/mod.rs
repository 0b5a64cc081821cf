//! The link codec: an experiment as text, `mnist?model=cnn&lr=0.01&seed=7`, holding only what differs from the set's default.
//!
//! A link comes from outside: every field is read on its own, and one that cannot be read is refused in words while the rest
//! of the link still counts. Keys and spellings never change once released.

mod text;

use crate::cell::Cell;
use crate::data::{DataSet, DataSpec, HORIZON, Kind, N_CLASSES, N_POINTS, NOISE, Task};
use crate::device::{Cores, DevicePreference};
use crate::experiment::Experiment;
use crate::layer::{LayerSpec, Returns, Score};
use crate::lesson::{self, Lesson};
use crate::loss::Loss;
use crate::model::{Initializer, MAX_LAYERS, ModelSpec};
use crate::own_series::OwnSeries;
use crate::own_text::OwnText;
use crate::plane::{Feature, OwnPoint};
use crate::registry::Registry;
use crate::schedule::Schedule;
use crate::training::{MAX_BATCH, MAX_EPOCHS, MAX_LEARNING_RATE, OptimizerSpec};
use text::shortened;
pub(crate) use text::{number, percent_decode, percent_encode, whole};

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
/// before `layers`, which refines it, `text` before both, for its alphabet is the net's input, and `classes` before `loss` and `own`,
/// which belong to them.
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
        key: "values",
        label: "Own series",
        suits: |set| set == DataSet::OwnSeries,
        get: |it| it.data.own_series.to_link(),
        set: |it, text| OwnSeries::from_link(text).map(|series| it.data.own_series = series),
    },
    Field {
        key: "window",
        label: "Window",
        suits: |set| set.window_bounds().is_some(),
        get: |it| it.data.window.to_string(),
        set: |it, text| {
            let (low, high) = it.data.set.window_bounds().unwrap_or_default();
            whole(text, low, high).map(|value| it.data.window = value)
        },
    },
    Field {
        key: "horizon",
        label: "Horizon",
        suits: |set| set.kind() == Kind::Series,
        get: |it| it.data.horizon.to_string(),
        set: |it, text| whole(text, HORIZON.0, HORIZON.1).map(|value| it.data.horizon = value),
    },
    Field {
        key: "text",
        label: "Own text",
        suits: |set| set == DataSet::OwnText,
        get: |it| it.data.text.to_link(),
        set: |it, text| OwnText::from_link(text).map(|value| it.data.text = value),
    },
    Field {
        key: "model",
        label: "Model",
        suits: |set| !presets(set).is_empty(),
        get: |it| preset_of(it).unwrap_or("").into(),
        set: |it, text| {
            let presets = presets(it.data.set);
            let preset = presets.iter().find(|(id, _)| *id == text).ok_or_else(|| {
                let known: Vec<_> = presets.iter().map(|(id, _)| *id).collect();
                format!("there is no model of this name; there are {}", known.join(", "))
            })?;
            it.model.layers = preset.1().layers;
            Ok(())
        },
    },
    Field {
        key: "layers",
        label: "Layers",
        suits: |_| true,
        get: |it| {
            if preset_of(it).is_some() {
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
            model.trace_to(facts.shape, facts.head).map_err(|err| err.to_string())?;
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
        key: "loss",
        label: "Loss",
        suits: |set| set.is_planar() && set.task() == Task::Classification,
        get: |it| it.training.loss.id().into(),
        set: |it, text| {
            let loss = Loss::parse(text)?;
            loss.head(it.data.facts().head).map(|_| it.training.loss = loss)
        },
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
        key: "schedule",
        label: "Schedule",
        suits: |_| true,
        get: |it| it.training.schedule.to_link(),
        set: |it, text| Schedule::from_link(text).map(|value| it.training.schedule = value),
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
        key: "cores",
        label: "Cores",
        suits: |_| true,
        get: |it| it.cores.id().into(),
        set: |it, text| Cores::parse(text).map(|value| it.cores = value),
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

/// Models with a name of their own, for the kind of a set's examples; the first is what its lab opens with.
pub fn presets(set: DataSet) -> &'static [Preset] {
    match set.kind() {
        Kind::Pictures => &[("mlp", ModelSpec::mlp), ("cnn", ModelSpec::cnn)],
        Kind::Plane => &[],
        Kind::Series => &[
            ("lstm", || ModelSpec::recurrent(Cell::Lstm, 16, Returns::Last)),
            ("gru", || ModelSpec::recurrent(Cell::Gru, 16, Returns::Last)),
            ("rnn", || ModelSpec::recurrent(Cell::Rnn, 16, Returns::Last)),
            ("mlp", ModelSpec::window_mlp),
        ],
        Kind::Text => &[
            ("lstm", || ModelSpec::recurrent(Cell::Lstm, 128, Returns::All)),
            ("gru", || ModelSpec::recurrent(Cell::Gru, 128, Returns::All)),
            ("rnn", || ModelSpec::recurrent(Cell::Rnn, 128, Returns::All)),
        ],
        Kind::Pairs if set == DataSet::FraEng => &[
            ("attention", || ModelSpec::encoder_decoder(64, 128, 0.2, Some(Score::Additive))),
            ("plain", || ModelSpec::encoder_decoder(64, 128, 0.2, None)),
            ("transformer", || ModelSpec::transformer(64, 0.1, 2, (4, 128))),
        ],
        Kind::Pairs => &[
            ("attention", || ModelSpec::encoder_decoder(32, 64, 0.0, Some(Score::Additive))),
            ("plain", || ModelSpec::encoder_decoder(32, 64, 0.0, None)),
            ("transformer", || ModelSpec::transformer(32, 0.0, 1, (2, 64))),
        ],
        Kind::Words if set == DataSet::ReviewWords => &[("skip-gram", || ModelSpec::word_vectors(32))],
        Kind::Words => &[("skip-gram", || ModelSpec::word_vectors(16))],
        Kind::Reviews => &[("bag", ModelSpec::bag), ("cnn", ModelSpec::text_cnn), ("lstm", ModelSpec::text_lstm)],
    }
}

/// The name of the preset with these layers (the initializer is a field of its own).
pub fn preset_of(experiment: &Experiment) -> Option<&'static str> {
    let layers = &experiment.model.layers;
    presets(experiment.data.set).iter().find(|(_, preset)| preset().layers == *layers).map(|(id, _)| *id)
}

/// Why the second of two fields of one name is refused.
const TWICE: &str = "the field was given twice, and the first counts";

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
    /// What a teacher's link hides and locks.
    pub lesson: Lesson,
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
    encode_lesson(experiment, &Lesson::default())
}

/// Writes an experiment with what a teacher's link hides and locks: `mnist?lr=0.01&hide=seed&lock=lr,opt`.
pub fn encode_lesson(experiment: &Experiment, lesson: &Lesson) -> String {
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
        .chain(lesson.fields())
        .collect();
    if fields.is_empty() { lab.into() } else { format!("{lab}?{}", fields.join("&")) }
}

/// Reads a link: a whole address, its fragment, or only what stands behind the `#`.
pub fn decode(link: &str) -> Decoded {
    let mut decoded = Decoded { experiment: Experiment::default(), lesson: Lesson::default(), refusals: Vec::new() };
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
        refused.extend(given.map(|(place, _)| (place, TWICE.into())));
    }
    for (rule_key, rule) in lesson::KEYS {
        let mut given = pairs.iter().enumerate().filter(|(_, (key, _))| *key == rule_key);
        if let Some((place, (_, value))) = given.next() {
            refused.extend(decoded.lesson.read(rule, value).err().map(|why| (place, why)));
        }
        refused.extend(given.map(|(place, _)| (place, TWICE.into())));
    }
    let is_unknown = |(key, _): &(&str, String)| {
        FIELDS.iter().all(|field| field.key != *key) && lesson::KEYS.iter().all(|(rule_key, _)| rule_key != key)
    };
    let unknown = pairs.iter().enumerate().filter(|(_, pair)| is_unknown(pair));
    refused.extend(unknown.map(|(place, _)| (place, "there is no such field".into())));
    if let Err(why) = decoded.experiment.data.check() {
        // Fields of a series that fit one by one may leave nothing to learn from together. A model of another window may not fit.
        let default = Experiment::for_set(set);
        let own_series = std::mem::take(&mut decoded.experiment.data.own_series);
        decoded.experiment.data = DataSpec { own_series, ..default.data };
        if decoded.experiment.trace().is_err() {
            decoded.experiment.model.layers = default.model.layers;
        }
        let place = |key: &str| pairs.iter().position(|(given, _)| *given == key);
        refused.extend(["window", "horizon", "val"].into_iter().filter_map(place).map(|place| (place, why.clone())));
    }
    refused.sort_by_key(|(place, _)| *place);
    for (place, why) in refused {
        let (key, value) = &pairs[place];
        decoded.refuse(key, value, why);
    }
    decoded
}

impl Decoded {
    fn refuse(&mut self, key: &str, value: &str, why: String) {
        self.refusals.push(Refusal::new(key, value, why));
    }
}

impl Refusal {
    /// A refusal with what may be long shortened.
    pub(crate) fn new(key: &str, value: &str, why: String) -> Refusal {
        Refusal { key: shortened(key), value: shortened(value), why }
    }
}

#[cfg(test)]
mod tests;
