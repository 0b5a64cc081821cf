//! Links: read with suspicion, written briefly, loaded for ever.

use super::*;
use crate::lesson::{Control, Rule};
use crate::own_dates::OwnDates;
use crate::schedule::{MAX_SCHEDULE_STEPS, SCHEDULES, Unit};
use crate::training::OPTIMIZERS;
use crate::{Activation, FirstVectors, Padding, Pooling};
use proptest::prelude::*;

#[test]
fn hostile_links_are_refused_field_by_field() {
    let decoded = decode(
        "https://x.example/#/mnist?lr=-1&batch=64000000000&seed=5&layers=conv:99999:5:valid:relu&colour=red&epochs=0&l2=NaN&opt=adam:2:2:2&lr=0.5&schedule=warmup:0",
    );
    let keys: Vec<_> = decoded.refusals.iter().map(|refusal| refusal.key.as_str()).collect();
    assert_eq!(keys, ["lr", "batch", "layers", "colour", "epochs", "l2", "opt", "lr", "schedule"]);
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
        "gaussians?classes=2&layers=none&init=zeros&loss=perceptron&opt=sgd&lr=1&batch=1&val=0.05",
        "fashion-mnist",
        "fashion-mnist?layers=conv:8:3:same:relu,avgpool:2,dense:64:relu&seed=3",
        "mnist?layers=dense:32:tanh&init=normal",
        "mnist?hide=model,layers,code&lock=init,opt,lr,batch,l1,l2,epochs,seed,device",
        "own?seed=3&own=0fQAA1u4fQ&hide=weights,follow&lock=data,classes,features,own,val",
        "spiral?lock=points,noise",
        "mnist?opt=sgd&lr=0.5&schedule=warmup_cosine:50",
        "moons?schedule=step:100:epochs:0.5",
        "mnist?schedule=step:300:steps:0.1",
        "circle?schedule=exp:0.99",
        "hill?schedule=cosine",
        "xor?schedule=warmup:20",
        "stocks",
        "stocks?window=20&horizon=5&model=gru&epochs=10",
        "sunspots?layers=conv1d:16:5:relu,global:max",
        "random-walk?model=mlp&seed=3",
        "temperatures?layers=rnn:8:all,flat,dense:8:tanh",
        "passengers?window=6",
        "own-series",
        "own-series?values=1.-5.AAAAAKAAUAAeAAoAAyAA8ABGABQABaABkABuAB4ACCACMACWACgACqAC0AC-ADIADSADcADmADwAD6AEEAEOAEYAEiAEsAE2AFAAFKAFUAFeAFoAFyAF8AGG&window=5&horizon=2",
        "shakespeare?window=64&layers=embed:16,gru:64:all,lnorm,dense:32:relu",
        "shakespeare?model=rnn",
        "own-text",
        "own-text?window=20&model=gru&lr=0.01",
        "imdb?model=lstm&val=0.1",
        "planted-words?window=2&layers=embed:8&seed=3",
        "review-words?window=3&layers=embed:24&seed=3",
        "imdb?window=100&layers=embed:8,lstm:16:all,drop:0.5,global:mean",
    ] {
        let decoded = decode(link);
        assert_eq!(decoded.refusals, [], "{link}");
        assert_eq!(encode_lesson(&decoded.experiment, &decoded.lesson), link);
    }
}

#[test]
fn a_field_that_makes_no_sense_for_the_set_is_refused() {
    for (link, keys) in [
        ("mnist?noise=0.1&classes=3&points=100&features=x&own=0fQAA1u4fQ", vec!["noise", "classes", "points", "features", "own"]),
        ("circle?model=cnn&classes=3&own=0fQAA1u4fQ", vec!["model", "classes", "own"]),
        ("own?noise=0.1&points=100", vec!["noise", "points"]),
        ("hill?classes=2&loss=perceptron", vec!["classes", "loss"]),
        ("mnist?loss=perceptron", vec!["loss"]),
        ("spiral?loss=hinge", vec!["loss"]),
        ("xor?layers=conv:8:3:same:relu", vec!["layers"]),
        ("mnist?window=10&horizon=2", vec!["window", "horizon"]),
        ("imdb?horizon=2&window=10000", vec!["horizon", "window"]),
        ("stocks?layers=lstm:8:all&noise=0.1", vec!["layers", "noise"]),
        ("shakespeare?layers=lstm:8:last&model=cnn", vec!["layers", "model"]),
        ("imdb?layers=dense:8:relu", vec!["layers"]),
        ("planted-words?layers=embed:8,global:mean&window=11", vec!["layers", "window"]),
        ("passengers?horizon=30&window=60", vec!["horizon", "window"]),
        ("passengers?window=60&layers=conv1d:8:11:relu,conv1d:8:11:relu,flat&horizon=30", vec!["window", "horizon"]),
        ("stocks?values=0.0.AAA&own=0fQAA1u4fQ", vec!["values", "own"]),
        ("own-series?values=0.0.AAA", vec!["values"]),
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
    assert_eq!(decode("own?loss=perceptron&classes=3").refusals[0].key, "loss", "three classes");
    assert_eq!(decode("gaussians?loss=perceptron&classes=2").refusals, []);
}

#[test]
fn the_most_own_points_fit_into_a_link() {
    let mut experiment = Experiment::for_set(DataSet::Own);
    experiment.data.own = (0..500).map(|idx| OwnPoint::at(f64::from(idx) / 500.0, -1.0, (idx % 2) as u8)).collect();
    let link = encode(&experiment);
    assert!(link.len() < MAX_LINK_BYTES / 2, "{}", link.len());
    assert_eq!(decode(&link), Decoded { experiment, lesson: Lesson::default(), refusals: vec![] });
}

#[test]
fn the_most_own_values_fit_into_a_link() {
    let mut experiment = Experiment::for_set(DataSet::OwnSeries);
    let values: Vec<f64> = (0..1000).map(|idx| 1e5 + f64::from(idx * 7919 % 26_000) / 100.0).collect();
    experiment.data.own_series = OwnSeries::of(&values);
    let link = encode(&experiment);
    assert!(link.len() < MAX_LINK_BYTES / 2, "{}", link.len());
    let decoded = decode(&link);
    assert_eq!(decoded.experiment.data.own_series.values(), values);
    assert_eq!(decoded, Decoded { experiment: experiment.clone(), lesson: Lesson::default(), refusals: vec![] });

    // The longest dates: every other one a hundred units after the one before.
    let days: Vec<String> = (0..1000).map(|idx| format!("{}-{:02}", 1000 + idx / 2 * 9, idx % 2 + 1)).collect();
    let dates = OwnDates::of(&days.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    experiment.data.own_series.dates = Some(dates);
    let link = encode(&experiment);
    assert!(link.len() < MAX_LINK_BYTES * 2 / 3 && link.len() > MAX_LINK_BYTES / 2, "{}", link.len());
    assert_eq!(decode(&link), Decoded { experiment, lesson: Lesson::default(), refusals: vec![] });
}

#[test]
fn a_short_own_text_travels_in_its_link_and_a_long_one_is_missed_in_words() {
    let mut experiment = Experiment::for_set(DataSet::OwnText);
    experiment.data.text = OwnText::new(&"Do re mi, fa so?\n".repeat(60));
    let link = encode(&experiment);
    assert!(link.len() < MAX_LINK_BYTES, "{}", link.len());
    assert_eq!(decode(&link), Decoded { experiment: experiment.clone(), lesson: Lesson::default(), refusals: vec![] });
    experiment.data.text = OwnText::new(&"Do re mi, fa so?\n".repeat(600));
    let decoded = decode(&encode(&experiment));
    assert_eq!(decoded.experiment, Experiment::for_set(DataSet::OwnText));
    assert!(decoded.refusals[0].why.contains("bring it again"), "{:?}", decoded.refusals);
    assert_eq!(decode("own-text?text=short").refusals[0].key, "text");
    assert_eq!(decode("shakespeare?text=short").refusals[0].key, "text");
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
            if let Some((low, high)) = it.set.window_bounds() {
                it.window = low + n_points % (high - low + 1);
            }
            if it.set.kind() == Kind::Series {
                it.horizon = n_classes;
            }
            if it.set == DataSet::OwnSeries {
                let values: Vec<f64> = (0..3 * n_points / 2).map(|idx| f64::from(own[idx % own.len()].0) / 100.0).collect();
                it.own_series = OwnSeries::of(&values[..values.len().min(200)]);
                let years: Vec<String> = (0..it.own_series.len()).map(|idx| (1800 + idx * n_classes).to_string()).collect();
                let dates = OwnDates::of(&years.iter().map(String::as_str).collect::<Vec<_>>());
                it.own_series.dates = dates.ok().filter(|_| n_points % 2 == 0);
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
        (1usize..100, 0usize..9).prop_map(|(units, act)| LayerSpec::Dense { units, activation: Activation::table()[act].value }),
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
    let model = (proptest::collection::vec(layer, 0..6), 0..Initializer::table().len())
        .prop_map(|(layers, init)| ModelSpec { layers, initializer: Initializer::table()[init].value });
    let optimizer = prop_oneof![
        (0..OPTIMIZERS.len()).prop_map(|idx| OPTIMIZERS[idx].value),
        (0.0..1.0f64, 0.0..1.0f64, 1e-12..1.0f64).prop_map(|(beta1, beta2, epsilon)| OptimizerSpec::Adam {
            beta1,
            beta2,
            epsilon
        }),
        (0.0..1.0f64, 0.0..1.0f64, 1e-12..1.0f64, 0.0..=1.0f64)
            .prop_map(|(beta1, beta2, epsilon, weight_decay)| { OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } }),
    ];
    let penalties = (0.0..1.0f64, 0.0..1.0f64);
    let every = 1..=MAX_SCHEDULE_STEPS;
    let schedule = prop_oneof![
        (0..SCHEDULES.len()).prop_map(|idx| SCHEDULES[idx].value),
        (every, any::<bool>(), f64::MIN_POSITIVE..=1.0).prop_map(|(every, in_steps, gamma)| {
            Schedule::StepDecay { every, unit: if in_steps { Unit::Steps } else { Unit::Epochs }, gamma }
        }),
        (f64::MIN_POSITIVE..=1.0).prop_map(|gamma| Schedule::Exponential { gamma }),
    ];
    let rate = (1e-9..10.0f64, schedule);
    (data_specs(), model, optimizer, rate, 1usize..=1024, penalties, 1usize..=MAX_EPOCHS, any::<u32>(), (0usize..3, 0usize..2))
        .prop_map(|(data, model, optimizer, (learning_rate, schedule), batch_size, (l1, l2), epochs, seed, (device, cores))| {
            let is_binary = data.facts().head == crate::Head::Sigmoid && data.set.is_planar();
            let model = for_kind(model, data.set.kind(), batch_size);
            // Every second of those that have the choice.
            let loss = if is_binary && seed % 2 == 0 { Loss::Perceptron } else { Loss::Usual };
            let training = crate::TrainingSpec { loss, optimizer, learning_rate, schedule, batch_size, l1, l2, epochs };
            let (device, cores) = (DevicePreference::table()[device].value, Cores::table()[cores].value);
            Experiment { data, model, training, seed, device, cores }
        })
}

/// A model for pictures and points as one that takes sequences, if need be: with layers below that make numbers of them, and one
/// that ends the sequence.
fn for_kind(mut model: ModelSpec, kind: Kind, draw: usize) -> ModelSpec {
    let cell = [Cell::Rnn, Cell::Gru, Cell::Lstm][draw % 3];
    let recurrent = |returns| LayerSpec::Recurrent { cell, units: 1 + draw / 20, returns };
    let (below, end) = match kind {
        Kind::Pictures | Kind::Plane => return model,
        Kind::Words => return ModelSpec { layers: vec![LayerSpec::embedding(1 + draw / 20)], ..model },
        Kind::Series => (recurrent(Returns::All), Some(LayerSpec::Flatten)),
        Kind::Text | Kind::Pairs => (recurrent(Returns::All), None),
        Kind::Reviews => {
            let first = FirstVectors::table()[draw % 3].value;
            (LayerSpec::Embedding { features: 1 + draw / 20, first }, Some(LayerSpec::GlobalPool { pooling: Pooling::Max }))
        }
    };
    model.layers.retain(|layer| !layer.needs_picture() && *layer != LayerSpec::BatchNorm);
    model.layers.insert(0, below);
    model.layers.insert(1, LayerSpec::LayerNorm);
    model.layers.extend(end);
    model
}

fn lessons() -> impl Strategy<Value = Lesson> {
    let controls: Vec<_> = Control::table().iter().map(|entry| entry.value).collect();
    proptest::collection::vec(0..3u8, controls.len()).prop_map(move |rules| {
        let mut lesson = Lesson::default();
        for (control, rule) in controls.iter().zip(rules) {
            lesson.set(*control, [None, Some(Rule::Locked), Some(Rule::Hidden)][usize::from(rule)]);
        }
        lesson
    })
}

proptest! {
    #[test]
    fn experiments_round_trip(experiment in experiments()) {
        prop_assume!(experiment.trace().is_ok());
        let link = encode(&experiment);
        let without_own = link.split("&own=").next().unwrap_or_default();
        prop_assert!(without_own.len() < 2000);
        prop_assert_eq!(decode(&link), Decoded { experiment, lesson: Lesson::default(), refusals: vec![] });
    }

    #[test]
    fn experiments_travel_as_bytes(experiment in experiments()) {
        let bytes = crate::message::to_bytes(&experiment).unwrap();
        prop_assert_eq!(crate::message::from_bytes(&bytes), Ok(experiment));
    }

    #[test]
    fn teacher_links_round_trip(experiment in experiments(), lesson in lessons()) {
        prop_assume!(experiment.trace().is_ok());
        let link = encode_lesson(&experiment, &lesson);
        let own = (FIELDS.last().unwrap().get)(&experiment);
        prop_assert!(link.len() - if link.contains(&own) { own.len() } else { 0 } < 2000, "{} bytes", link.len());
        prop_assert_eq!(decode(&link), Decoded { experiment, lesson, refusals: vec![] });
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
        prop_assert!(decode(&text).experiment.trace().is_ok());
        for link in [format!("own-series?values={text}"), format!("own-series?values=0.0.{text}"), format!("mnist?layers={text}"), format!("spiral?features={text}&noise={text}"), format!("own?own={text}&classes={text}")] {
            prop_assert!(decode(&link).experiment.trace().is_ok());
        }
    }
}
