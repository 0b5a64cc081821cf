//! What must be in the text. That the programs run and agree with the engine is tested where they can run: `tests/parity` and
//! `engine/tests/native/exported.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::{Dialect, code, file_name};
use descent_spec::layer::LAYER_KINDS;
use descent_spec::registry::Registry;
use descent_spec::schedule::{SCHEDULES, Unit};
use descent_spec::training::OPTIMIZERS;
use descent_spec::{Activation, DataSet, Experiment, Feature, Initializer, Kind, LayerSpec, ModelSpec, Schedule, link};

fn experiment(link: &str) -> Experiment {
    let decoded = link::decode(link);
    assert_eq!(decoded.refusals, [], "{link}");
    decoded.experiment
}

/// The experiments that differ from the default in one choice, every choice of every table once.
fn single_choices() -> Vec<Experiment> {
    let mut out = Vec::new();
    let mut vary = |change: &dyn Fn(&mut Experiment)| {
        let mut it = Experiment::default();
        change(&mut it);
        assert!(it.trace().is_ok());
        out.push(it);
    };
    for entry in Activation::table() {
        vary(&|it| it.model.layers = vec![LayerSpec::Dense { units: 7, activation: entry.value }]);
    }
    for entry in Initializer::table() {
        vary(&|it| it.model.initializer = entry.value);
    }
    for entry in
        LAYER_KINDS.iter().filter(|it| !it.value.needs_sequence() && !it.value.needs_pair() && it.value != LayerSpec::Flatten)
    {
        // Below a dense layer; layer norm takes no pictures. A picture is flattened anyhow.
        let place = usize::from(entry.value == LayerSpec::LayerNorm);
        vary(&|it| it.model.layers.insert(place, entry.value.clone()));
    }
    for entry in OPTIMIZERS {
        vary(&|it| it.training.optimizer = entry.value);
    }
    for entry in DataSet::table() {
        out.push(Experiment::for_set(entry.value));
    }
    let mut vary = |link: &str| out.push(experiment(link));
    for entry in Feature::table() {
        vary(&format!("moons?features={}", entry.id));
    }
    for link in [
        "moons?loss=perceptron",
        "moons?noise=0.2",
        "moons?points=300",
        "spiral?classes=3",
        "gaussians?classes=4",
        "own?own=0fQAA1u4fQ",
        "hill?noise=0.3",
        "stocks?window=12",
        "stocks?horizon=5",
        "stocks?layers=flat",
        "stocks?layers=gru:8:last",
        "stocks?layers=rnn:8:last",
        "stocks?layers=lstm:8:last",
        "stocks?layers=conv1d:4:3:relu,global:mean",
        "stocks?layers=conv1d:4:3:tanh,global:max",
        "stocks?layers=dense:3:tanh,flat",
        "stocks?layers=lstm:4:all,lnorm,gru:4:last",
        "stocks?layers=flat,lnorm",
        "stocks?init=fan_in_uniform",
        "stocks?l1=0.001",
        "shakespeare?window=20",
        "shakespeare?layers=embed:8,gru:16:all",
        "imdb?window=50",
        "imdb?model=cnn",
        "imdb?model=lstm",
        "imdb?layers=gru:4:last",
        "imdb?layers=embed:4,conv1d:4:3:relu,conv1d:4:3:relu,global:mean",
        "imdb?layers=embed:4,flat",
        "dates?layers=embed:8",
        "dates?layers=gru:8:all",
        "dates?layers=embed:8,rnn:8:all",
        "dates?layers=embed:8,gru:8:all,attend:additive",
        "dates?layers=embed:8,gru:8:all,attend:dot",
        "dates?layers=embed:8,gru:8:all,attend:dot,gru:8:all",
        "dates?layers=embed:8,gru:8:all,dense:6:relu,lstm:5:all",
        "dates?layers=embed:8,pos,block:2:12",
        "dates?layers=embed:8,pos,block:4:12,block:2:12,lnorm",
        "dates?layers=embed:8,pos,block:2:12&init=fan_in_uniform",
        "fra-eng?layers=embed:8,gru:8:all",
        "planted-words?window=5",
        "planted-words?layers=embed:8",
        "planted-words?init=normal",
        "planted-words?l1=0.001",
        "review-words?window=3",
        "review-words?layers=embed:8",
    ] {
        vary(link);
    }
    let mut vary = |change: &dyn Fn(&mut Experiment)| {
        let mut it = Experiment::default();
        change(&mut it);
        out.push(it);
    };
    vary(&|it| it.training.l1 = 0.01);
    for entry in SCHEDULES {
        vary(&|it| it.training.schedule = entry.value);
    }
    vary(&|it| it.training.schedule = Schedule::StepDecay { every: 2, unit: Unit::Steps, gamma: 0.5 });
    vary(&|it| it.training.schedule = Schedule::WarmUpCosine { steps: 7 });
    vary(&|it| it.training.learning_rate = 0.000_012_3);
    vary(&|it| it.training.l2 = 0.01);
    vary(&|it| it.training.batch_size = 33);
    vary(&|it| it.training.epochs = 3);
    vary(&|it| it.data.validation = 0.1);
    vary(&|it| it.seed = 9);
    out
}

/// The text without its comments' link, which always changes.
fn body(experiment: &Experiment, dialect: Dialect) -> Option<String> {
    let text = code(experiment, dialect).ok()?;
    Some(text.replace(&link::encode(experiment), ""))
}

#[test]
fn every_choice_changes_the_code() {
    for entry in Dialect::table() {
        let mut seen: Vec<(String, Experiment)> = Vec::new();
        for experiment in single_choices() {
            let Some(text) = body(&experiment, entry.value) else {
                let is_refused = match experiment.data.set.kind() {
                    Kind::Pairs | Kind::Words => matches!(entry.value, Dialect::NumPy | Dialect::Burn),
                    _ => false,
                };
                let may_refuse = entry.value == Dialect::NumPy || is_refused;
                assert!(may_refuse, "{} has all choices: {}", entry.label, link::encode(&experiment));
                continue;
            };
            if let Some((_, other)) = seen.iter().find(|(earlier, other)| *earlier == text && *other != experiment) {
                panic!("{}: {} and {} have the same code", entry.label, link::encode(other), link::encode(&experiment));
            }
            seen.push((text, experiment));
        }
    }
}

#[test]
fn numpy_says_which_layer_is_too_much() {
    let refusal = |link| code(&experiment(link), Dialect::NumPy).unwrap_err().0;
    assert!(refusal("mnist?model=cnn").contains("because conv1 is a convolution"));
    assert!(refusal("mnist?layers=pool:2").contains("because pool1 is a pooling"));
    assert!(refusal("mnist?layers=bn").contains("because bn1 is a batch norm over pictures"));
    assert!(code(&experiment("mnist?layers=dense:8:relu,bn"), Dialect::NumPy).is_ok());
}

#[test]
fn what_is_padding_is_left_out() {
    let of = |link, dialect| code(&experiment(link), dialect).unwrap();
    // A kernel of three steps fits two times less; the last layer that asks for lengths is the pooling.
    let link = "imdb?layers=embed:4,conv1d:4:3:relu,global:max,dense:5:relu";
    assert!(of(link, Dialect::PyTorch).contains("lengths = (lengths - 2).clamp(min=1)"));
    assert!(of(link, Dialect::Keras).contains("lengths = keras.ops.maximum(lengths - 2, 1)"));
    for link in ["shakespeare", "stocks", "stocks?layers=conv1d:4:3:relu,global:max"] {
        for dialect in [Dialect::PyTorch, Dialect::Keras] {
            assert!(!of(link, dialect).contains("lengths"), "{link}: nothing is padded");
        }
    }
}

#[test]
fn numpy_has_windows_of_a_series_as_one_row() {
    assert!(code(&experiment("stocks?model=mlp"), Dialect::NumPy).is_ok());
    let refusal = |link| code(&experiment(link), Dialect::NumPy).unwrap_err().0;
    assert!(refusal("stocks").contains("because lstm1 is a layer for sequences"));
    assert!(refusal("stocks?layers=dense:3:tanh,flat").contains("because dense1 is a dense layer that takes a sequence"));
    assert!(refusal("imdb").contains("because embed1 is a layer for sequences"));
}

#[test]
fn what_has_no_program_says_why_in_one_sentence() {
    for link in ["dates", "fra-eng", "planted-words"] {
        for dialect in [Dialect::NumPy, Dialect::Burn] {
            let why = code(&experiment(link), dialect).unwrap_err().0;
            assert!(why.contains("because") && why.ends_with("Keras and PyTorch have it."), "{why}");
            assert_eq!(why.matches(". ").count(), 0, "{why}");
        }
    }
}

#[test]
fn the_source_is_followed_as_far_as_something_is_taken_from_it() {
    let of = |link, dialect| code(&experiment(link), dialect).unwrap();
    for dialect in [Dialect::PyTorch, Dialect::Keras] {
        // Behind the attention the state of the encoder is of no use any more.
        let with_end = of("dates?layers=embed:8,gru:8:all,attend:dot,act:tanh", dialect);
        assert!(with_end.contains("gru1_encoder") && with_end.contains("target = "));
        assert!(!with_end.contains("source = torch.tanh(source)") && !with_end.contains("Activation(\"tanh\")(source)"));
        assert!(!of("dates?layers=embed:8", dialect).contains("embed1_encoder"));
    }
}

#[test]
fn pytorch_says_that_one_example_has_no_variance() {
    let of = |link| code(&experiment(link), Dialect::PyTorch);
    assert!(of("mnist?layers=dense:8:relu,bn&batch=1").unwrap_err().0.contains("larger batch size"));
    assert!(of("mnist?layers=dense:8:relu,bn&batch=2").is_ok());
    assert!(of("mnist?layers=bn&batch=1").is_ok(), "a picture has many pixels");
}

#[test]
fn a_model_that_cannot_be_built_is_explained() {
    let mut it = Experiment { model: ModelSpec::cnn(), ..Experiment::default() };
    it.model.layers.insert(4, LayerSpec::MaxPool2d { size: 5 });
    for entry in Dialect::table() {
        assert!(code(&it, entry.value).unwrap_err().0.contains("Layer 5"), "{}", entry.label);
    }
}

/// None of the dialects has been run with them.
#[test]
fn gloves_vectors_are_refused_in_words() {
    for entry in Dialect::table() {
        for link in ["imdb?layers=embed:50:glove,global:mean", "imdb?layers=embed:50:glove:frozen,global:mean"] {
            assert!(code(&experiment(link), entry.value).unwrap_err().0.contains("GloVe's vectors"), "{}", entry.label);
        }
    }
}

#[test]
fn pictures_are_flattened_as_the_engine_does() {
    // With one channel both orders are the same; with eight, Keras's channels come last and have to be moved.
    let keras = |link| code(&experiment(link), Dialect::Keras).unwrap();
    assert!(!keras("mnist").contains("Permute"));
    assert!(keras("mnist?model=cnn").contains("Permute((3, 1, 2))"));
}

#[test]
fn files_have_names_that_python_imports() {
    let name = |link, dialect| file_name(&experiment(link), dialect);
    assert_eq!(name("mnist", Dialect::Burn), "mnist_burn.rs");
    assert_eq!(name("fashion-mnist", Dialect::PyTorch), "fashion_mnist_pytorch.py");
}

#[test]
fn no_line_is_too_long_to_read() {
    for entry in Dialect::table() {
        for experiment in single_choices() {
            let Some(text) = body(&experiment, entry.value) else { continue };
            let longest = text.lines().max_by_key(|line| line.chars().count()).unwrap();
            assert!(longest.chars().count() <= 130, "{}: {longest}", entry.label);
            assert!(text.ends_with('\n') && !text.contains("\n\n\n\n") && !text.contains(" \n"), "{}", entry.label);
        }
    }
}

/// As the page's two searches; the numbers of the special tokens stand in the same program.
#[test]
fn answers_to_pairs_never_say_what_is_for_reading_only() {
    for link in ["dates", "fra-eng"] {
        for (dialect, nothing) in [(Dialect::PyTorch, "-torch.inf"), (Dialect::Keras, "-np.inf")] {
            let text = code(&experiment(link), dialect).unwrap();
            assert!(text.contains("PADDING, BEGIN, END, UNKNOWN = range(4)"));
            let (before, after) = text.split_once(&format!("logits[:, :, [PADDING, BEGIN]] = {nothing}")).unwrap();
            assert!(before.contains("def wholly_right"));
            assert!(after.trim_start_matches("  # never said").trim_start().starts_with("said = logits.argmax"));
        }
    }
}
