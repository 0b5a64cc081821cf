//! Nets that write: the state carried from character to character, how the next one is chosen, weights that are put in.

use crate::support::*;
use burn::tensor::Device;
use descent_engine::data::LabData;
use descent_engine::model::{Memory, Signal, Tokens};
use descent_engine::rng::{Stream, Streams};
use descent_engine::session::{Choosing, Supervised, WriteError};
use descent_spec::manifest::{FORMAT, Manifest, Shard, Source};
use descent_spec::{Cell, Experiment, LayerSpec, Returns, Shape, Split};
use std::path::PathBuf;

/// The cells that are compared.
const CELLS: &[Cell] = &[Cell::Rnn, Cell::Gru, Cell::Lstm];
const SURE: Choosing = Choosing { temperature: 0.0, top_k: 0 };

fn tokens(ids: &[u32], batch: usize) -> Signal {
    Signal::Tokens(Tokens { ids: ids.to_vec(), batch, lengths: None })
}

/// A session on the rhyme that stands in the lab of own texts, and its data.
fn on_the_rhyme(link: &str, n_steps: usize) -> (Supervised, LabData) {
    let experiment = experiment(link);
    let data = LabData::drawn(&experiment.data, experiment.seed);
    let mut session = open(&experiment, &data);
    if n_steps > 0 {
        train(&mut session, &data, n_steps);
    }
    (session, data)
}

fn rng(index: u64) -> rand_chacha::ChaCha8Rng {
    Streams::new(7).rng(Stream::Sample, index)
}

#[test]
fn carrying_the_state_is_reading_it_all_at_once() {
    let layers = |cell| {
        [
            LayerSpec::embedding(5),
            LayerSpec::Recurrent { cell, units: 7, returns: Returns::All },
            LayerSpec::LayerNorm,
            LayerSpec::Recurrent { cell: Cell::Lstm, units: 6, returns: Returns::All },
            LayerSpec::Dense { units: 9, activation: descent_spec::Activation::Tanh },
        ]
    };
    // Two texts side by side, time first.
    let ids = [3, 1, 4, 1, 5, 8, 2, 6, 5, 3, 5, 0];
    for &cell in CELLS {
        let (net, _) = net(&layers(cell), Shape::Tokens { steps: 6, vocabulary: 9, is_padded: false });
        let whole = values(net.forward(tokens(&ids, 2)));
        let mut memory = Memory::default();
        let one_by_one: Vec<f32> =
            ids.chunks(2).flat_map(|step| values(net.forward_from(tokens(step, 2), &mut memory))).collect();
        assert_close(&format!("{cell:?}, one by one"), &one_by_one, &whole, 1e-5);
        let mut memory = Memory::default();
        let in_stretches: Vec<f32> =
            [&ids[..6], &ids[6..]].into_iter().flat_map(|part| values(net.forward_from(tokens(part, 2), &mut memory))).collect();
        assert_close(&format!("{cell:?}, in stretches"), &in_stretches, &whole, 1e-5);
    }
}

#[test]
fn a_sure_net_writes_what_it_finds_most_probable() {
    let _turn = take_generator();
    let (session, _) = on_the_rhyme("own-text?layers=lstm:24:all&batch=8&lr=0.01", 30);
    let write = |choosing, index| -> Vec<u32> {
        let mut writer = session.writer(&[5, 9, 2], choosing, rng(index)).unwrap();
        (0..20).map(|_| pollster::block_on(writer.next()).unwrap()).collect()
    };
    let sure = write(SURE, 0);
    assert_eq!(write(Choosing { temperature: 1.3, top_k: 1 }, 1), sure, "among one there is no choice");
    // The text it has written, read at once: each character is the first of those told.
    let text = [&[5, 9, 2], &sure[..]].concat();
    let reading = pollster::block_on(session.read_text(&text, 0)).unwrap().unwrap();
    let first: Vec<u32> = reading.likely.chunks_exact(5).map(|likely| likely[0]).collect();
    assert_eq!(first[2..22], sure);
    assert_eq!((reading.units, reading.activations.len(), reading.foreseen.len()), (24, 23 * 24, 23));
    assert_eq!(reading.foreseen[3], reading.shares[2 * 5]);
    // The same seed writes the same text, another one another.
    let free = Choosing { temperature: 1.0, top_k: 0 };
    assert_eq!(write(free, 4), write(free, 4));
    assert_ne!(write(free, 4), write(free, 5));
}

/// Pearson's χ² of 20,000 draws against the softmax; with four degrees of freedom 18.47 is exceeded once in a thousand times.
#[test]
fn draws_follow_the_softmax() {
    let logits = [1.0, 0.0, -1.0, 2.0, 0.5];
    for (choosing, temperature) in [
        (Choosing { temperature: 1.0, top_k: 0 }, 1.0),
        (Choosing { temperature: 2.0, top_k: 0 }, 2.0),
        (Choosing { temperature: 0.5, top_k: 5 }, 0.5),
    ] {
        let weights = logits.map(|logit| (f64::from(logit) / temperature).exp());
        let sum: f64 = weights.iter().sum();
        let mut counts = [0.0; 5];
        let mut rng = rng(11);
        const N: usize = 20_000;
        for _ in 0..N {
            counts[choosing.draw(&logits, &mut rng) as usize] += 1.0;
        }
        let chi_square: f64 = counts
            .iter()
            .zip(weights)
            .map(|(count, weight)| {
                let expected = N as f64 * weight / sum;
                (count - expected).powi(2) / expected
            })
            .sum();
        assert!(chi_square < 18.47, "{choosing:?}: {chi_square}, {counts:?}");
    }
    // Among the two most probable nothing else is drawn: e² / (e² + e¹) = 0.731 of the time the first.
    let mut rng = rng(12);
    let drawn: Vec<u32> = (0..2_000).map(|_| Choosing { temperature: 1.0, top_k: 2 }.draw(&logits, &mut rng)).collect();
    let share = drawn.iter().filter(|&&token| token == 3).count() as f64 / 2_000.0;
    assert!(drawn.iter().all(|token| [0, 3].contains(token)) && (share - 0.731).abs() < 0.04, "{share}");
}

#[test]
fn what_cannot_be_written_is_refused() {
    let (session, _) = on_the_rhyme("own-text?layers=lstm:4:all", 0);
    assert_eq!(session.writer(&[], SURE, rng(0)).err(), Some(WriteError::Prompt));
    assert_eq!(session.writer(&[200], SURE, rng(0)).err(), Some(WriteError::Prompt));
    let read = |layer| pollster::block_on(session.read_text(&[1, 2], layer)).unwrap();
    assert_eq!(read(1).err(), Some(WriteError::NoSuchLayer), "the last layer's outputs are no units");
    assert_eq!(read(9).err(), Some(WriteError::NoSuchLayer));
    let data = lab(20, 5);
    let other = open(&experiment("mnist?layers=dense:4:relu"), &data);
    assert_eq!(other.writer(&[1], SURE, rng(0)).err(), Some(WriteError::NoTokens));
}

#[test]
fn weights_go_from_one_session_into_another() {
    let _turn = take_generator();
    let link = "own-text?layers=embed:4,lstm:12:all&batch=8";
    let (trained, data) = on_the_rhyme(link, 25);
    let loss = |session: &Supervised| evaluate(session, Split::Validation, &data).point.loss;
    let mut session = open(&experiment(link), &data);
    train(&mut session, &data, 3);
    session.put_weights(&weights(&trained)).unwrap();
    assert_eq!(loss(&session), loss(&trained));
    assert_eq!((session.progress().step, session.n_pending()), (0, 0));
    // Half a number has 11 bits: the loss hardly moves, the file is half as long.
    let half = pollster::block_on(trained.weights_in_half()).unwrap();
    assert!(half.len() < weights(&trained).len() * 6 / 10);
    session.put_weights(&half).unwrap();
    assert!((loss(&session) - loss(&trained)).abs() < 2e-3, "{} and {}", loss(&session), loss(&trained));
    // A checkpoint of it can be gone on from.
    let saved = checkpoint(&session);
    let mut resumed = open(&experiment(link), &data);
    resumed.restore(&saved).unwrap();
    assert_eq!(train(&mut resumed, &data, 5), train(&mut session, &data, 5));

    let before = loss(&session);
    let (other, _) = on_the_rhyme("own-text?layers=embed:4,lstm:13:all", 0);
    for bad in [weights(&other), half[..half.len() / 2].to_vec(), checkpoint(&trained), vec![]] {
        assert!(session.put_weights(&bad).unwrap_err().to_string().ends_with('.'));
    }
    assert_eq!(loss(&session), before);
}

/// A text too long for a link is checked apart.
#[test]
fn a_long_text_goes_on_from_its_checkpoint() {
    let _turn = take_generator();
    let mut experiment = experiment("own-text?layers=lstm:6:all");
    experiment.data.text = descent_spec::OwnText::new(&"It was the best of times, it was the worst of times.\n".repeat(100));
    assert!(!experiment.data.text.fits_a_link());
    let data = LabData::drawn(&experiment.data, 1);
    let mut session = open(&experiment, &data);
    train(&mut session, &data, 4);
    let saved = checkpoint(&session);
    let mut resumed = open(&experiment, &data);
    resumed.restore(&saved).unwrap();
    assert_eq!(train(&mut resumed, &data, 3), train(&mut session, &data, 3));
    let mut another = Experiment { ..experiment.clone() };
    another.data.text = descent_spec::OwnText::example();
    let mut other = open(&another, &LabData::drawn(&another.data, 1));
    assert!(other.restore(&saved).is_err(), "another text");
}

/// The file that comes with the site: of the shape of its experiment, and as good as docs/pretrained.md says, on the first part of
/// validation. Left out where Tiny Shakespeare is not at hand.
#[test]
fn the_trained_weights_are_as_good_as_they_are_said_to_be() {
    for it in descent_spec::pretrained::PRETRAINED {
        let file = std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../public").join(it.file)).unwrap();
        assert_eq!(file.len(), it.bytes, "{}", it.file);
        let hash: String = sha256(&file).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, it.sha256, "{}", it.file);
        let Some(text) = tiny_shakespeare().filter(|_| it.set == descent_spec::DataSet::Shakespeare) else { continue };
        let experiment = experiment(it.link);
        let data = shakespeare(&text, &experiment);
        let mut session = Supervised::open(&experiment, &Device::flex(), &data).unwrap();
        session.put_weights(&file).unwrap();
        let mut evaluation = session.evaluate(Split::Validation, Some(100), &data).unwrap();
        while pollster::block_on(evaluation.advance(&session, &data)).unwrap() {}
        let loss = evaluation.finish().point.loss;
        assert!(loss < 1.7, "{loss} nats per character");
    }
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).to_vec()
}

fn tiny_shakespeare() -> Option<String> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let mirror = std::env::var_os("DESCENT_MIRROR").map(PathBuf::from).unwrap_or(beside);
    std::fs::read_to_string(mirror.join("text/tinyshakespeare.input.txt")).ok()
}

/// Tiny Shakespeare as `cargo xtask data` makes it.
fn shakespeare(text: &str, experiment: &Experiment) -> LabData {
    let own = descent_spec::OwnText::new(text);
    let bytes = own.tokens();
    let manifest = Manifest {
        format: FORMAT,
        name: "shakespeare".into(),
        shape: experiment.data.facts().shape,
        classes: Vec::new(),
        vocabulary: own.alphabet().iter().map(char::to_string).collect(),
        target_vocabulary: Vec::new(),
        train: vec![Shard { file: String::new(), count: bytes.len(), unpacked: None, bytes: 0, sha256: String::new() }],
        test: Vec::new(),
        source: Source::Real,
        licence: String::new(),
        citation: String::new(),
    };
    let mut data = LabData::announced(&manifest, &experiment.data, experiment.seed);
    data.insert_train(0, bytes).unwrap();
    data
}
