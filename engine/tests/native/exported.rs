//! The Burn programs that the page shows: they compile, because they are modules of this test, and they do what we do.

use crate::support::*;
use descent_engine::data::LabData;
use descent_export::{Dialect, agreement::agreement, code};
use std::path::{Path, PathBuf};

#[allow(dead_code, reason = "it has a main function of its own")]
#[path = "../../examples/dump.rs"]
mod dump;

// Programs as a visitor gets them: `main` and what only it uses are dead here.
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/circle_nesterov.rs"]
#[rustfmt::skip]
mod circle_nesterov;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/every_layer.rs"]
#[rustfmt::skip]
mod every_layer;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/fashion_momentum.rs"]
#[rustfmt::skip]
mod fashion_momentum;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/gaussians_warm_up.rs"]
#[rustfmt::skip]
mod gaussians_warm_up;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/hill_adagrad.rs"]
#[rustfmt::skip]
mod hill_adagrad;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/imdb_bag.rs"]
#[rustfmt::skip]
mod imdb_bag;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/imdb_kernels.rs"]
#[rustfmt::skip]
mod imdb_kernels;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/imdb_padded.rs"]
#[rustfmt::skip]
mod imdb_padded;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/mnist_cnn.rs"]
#[rustfmt::skip]
mod mnist_cnn;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/mnist_linear.rs"]
#[rustfmt::skip]
mod mnist_linear;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/mnist_mlp.rs"]
#[rustfmt::skip]
mod mnist_mlp;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/moons.rs"]
#[rustfmt::skip]
mod moons;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/own_points.rs"]
#[rustfmt::skip]
mod own_points;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/own_series.rs"]
#[rustfmt::skip]
mod own_series;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/passengers_stack.rs"]
#[rustfmt::skip]
mod passengers_stack;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/perceptron.rs"]
#[rustfmt::skip]
mod perceptron;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/random_walk_rnn.rs"]
#[rustfmt::skip]
mod random_walk_rnn;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/shakespeare_rnn.rs"]
#[rustfmt::skip]
mod shakespeare_rnn;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/shakespeare_text.rs"]
#[rustfmt::skip]
mod shakespeare_text;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/spiral_adamw.rs"]
#[rustfmt::skip]
mod spiral_adamw;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/stocks_lstm.rs"]
#[rustfmt::skip]
mod stocks_lstm;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/sunspots_layers.rs"]
#[rustfmt::skip]
mod sunspots_layers;
#[allow(dead_code, unreachable_pub)]
#[path = "../generated/temperatures_pool.rs"]
#[rustfmt::skip]
mod temperatures_pool;

const N_STEPS: usize = 20;
/// The first of the programs are those of labs as they open.
const N_READY: usize = 5;

type Check = fn(&str) -> Result<Vec<f32>, Box<dyn std::error::Error>>;

/// The programs: file, link, the function that trains from our weights on our batches, and the largest relative difference.
///
/// The CNN's bar is wide because both sides compute in single precision, where rounding soon decides some of its units: over these
/// steps PyTorch differs by 1e-3 between its own two precisions.
const PROGRAMS: &[(&str, &str, Check, f64)] = &[
    ("mnist_mlp", "mnist", mnist_mlp::check, 1e-5),
    ("mnist_cnn", "mnist?model=cnn", mnist_cnn::check, 2e-3),
    ("stocks_lstm", "stocks", stocks_lstm::check, 1e-5),
    ("shakespeare_text", "shakespeare", shakespeare_text::check, 1e-5),
    ("imdb_bag", "imdb", imdb_bag::check, 1e-5),
    ("mnist_linear", "mnist?layers=none&init=zeros&opt=sgd&lr=0.1", mnist_linear::check, 1e-6),
    (
        "fashion_momentum",
        "fashion-mnist?layers=dense:24:linear,bn,act:relu&init=he_normal&opt=momentum&lr=0.01&l2=0.001",
        fashion_momentum::check,
        1e-6,
    ),
    ("moons", "moons", moons::check, 1e-5),
    ("circle_nesterov", "circle?opt=nesterov&lr=0.01&l1=0.001&features=x2,y2,xy,sin_x", circle_nesterov::check, 1e-5),
    ("spiral_adamw", "spiral?classes=3&opt=adamw&epochs=5", spiral_adamw::check, 1e-5),
    ("hill_adagrad", "hill?opt=adagrad&l1=0.0001&l2=0.001", hill_adagrad::check, 1e-5),
    ("perceptron", "moons?loss=perceptron&opt=sgd&lr=0.1", perceptron::check, 1e-5),
    ("gaussians_warm_up", "gaussians?classes=3&opt=sgd&lr=0.1&schedule=warmup_cosine:7&epochs=3", gaussians_warm_up::check, 1e-5),
    ("own_points", "own?features=x,sin_y&batch=7", own_points::check, 1e-5),
    (
        "every_layer",
        "mnist?layers=conv:4:3:same:elu,bn,pool:2,conv:3:3:valid:silu,avgpool:2,drop:0,dense:16:gelu,dense:12:leaky,act:softplus,\
         dense:8:tanh,dense:8:sigmoid&init=fan_in_uniform&opt=rmsprop&lr=0.0003&batch=16&l2=0.01",
        every_layer::check,
        1e-6,
    ),
    (
        "imdb_kernels",
        "imdb?window=60&layers=embed:8,conv1d:6:3:relu,conv1d:5:4:relu,global:max,dense:4:tanh",
        imdb_kernels::check,
        1e-5,
    ),
    (
        "imdb_padded",
        "imdb?window=30&layers=embed:8,conv1d:6:4:elu,gru:6:last&init=he_uniform&batch=16&l2=0.001",
        imdb_padded::check,
        1e-5,
    ),
    ("own_series", "own-series?window=6&layers=dense:5:gelu,flat,lnorm&opt=momentum&lr=0.002&batch=8", own_series::check, 1e-5),
    (
        "passengers_stack",
        "passengers?layers=gru:8:all,conv1d:4:2:leaky,global:max&init=fan_in_uniform&opt=rmsprop&lr=0.001",
        passengers_stack::check,
        1e-5,
    ),
    (
        "random_walk_rnn",
        "random-walk?window=8&horizon=2&layers=rnn:12:last&l1=0.0001&schedule=exp:0.9",
        random_walk_rnn::check,
        1e-5,
    ),
    (
        "shakespeare_rnn",
        "shakespeare?window=12&layers=rnn:24:all,dense:12:tanh&opt=nesterov&lr=0.05&batch=32",
        shakespeare_rnn::check,
        1e-5,
    ),
    (
        "sunspots_layers",
        "sunspots?window=15&layers=lstm:6:all,lnorm,gru:5:last&init=glorot_normal&opt=adamw",
        sunspots_layers::check,
        1e-5,
    ),
    (
        "temperatures_pool",
        "temperatures?window=12&layers=conv1d:6:3:softplus,global:mean&init=fan_in_uniform&opt=sgd&lr=0.05",
        temperatures_pool::check,
        1e-5,
    ),
];

fn file_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/generated/{name}.rs"))
}

/// After a change of the text, `DESCENT_WRITE=1 cargo test -p descent-engine --test native exported` writes the files anew.
#[test]
fn the_checked_in_programs_are_what_the_page_shows() {
    for (name, link, ..) in PROGRAMS {
        let text = code(&experiment(link), Dialect::Burn).unwrap();
        if std::env::var_os("DESCENT_WRITE").is_some() {
            std::fs::write(file_of(name), &text).unwrap();
        }
        let checked_in = std::fs::read_to_string(file_of(name)).unwrap();
        assert!(checked_in == text, "tests/generated/{name}.rs is not the text of #/{link}: write it anew");
    }
}

#[test]
fn burn_programs_have_our_losses() {
    let _turn = take_generator();
    let digits = LabData::generated(1);
    let mut worst = Vec::new();
    for (name, link, check, bar) in PROGRAMS {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("exported-{name}"));
        std::fs::create_dir_all(&folder).unwrap();
        let experiment = experiment(link);
        let drawn = dump::stand_in(&experiment).unwrap();
        pollster::block_on(dump::dump(&experiment, drawn.as_ref().unwrap_or(&digits), N_STEPS, &folder)).unwrap();
        let ours: Vec<f32> = serde_json::from_slice(&std::fs::read(folder.join("losses.json")).unwrap()).unwrap();
        let theirs = check(folder.to_str().unwrap()).unwrap();
        assert_eq!((ours.len(), theirs.len()), (N_STEPS, N_STEPS), "{link}");
        let difference = |(a, b): (&f32, &f32)| f64::from((a - b).abs() / b.abs());
        let largest = theirs.iter().zip(&ours).map(difference).fold(0.0, f64::max);
        println!("{largest:.1e} relative: {link}");
        assert!(theirs.iter().all(|loss| loss.is_finite()) && theirs[0] != theirs[N_STEPS - 1], "{link}: {theirs:?}");
        assert!(largest <= *bar, "{link}: {largest:.1e} relative");
        worst.push(largest);
    }
    let told = agreement(Dialect::Burn);
    assert!(worst.iter().all(|it| *it <= told.largest), "{worst:?}, and the page tells {told:?}");
    assert!(worst[..N_READY].iter().all(|it| *it <= told.presets), "{worst:?}, and the page tells {told:?}");
    assert_eq!((told.n_steps, told.n_experiments), (N_STEPS, PROGRAMS.len()));
}
