//! Sessions on pairs: what is padding counts for nothing, no answer knows a later token, and answering token by token is what was
//! trained.

use crate::support::*;
use descent_engine::data::{LabData, shard};
use descent_engine::model::{Net, Signal, Tokens};
use descent_engine::session::{BleuCounts, PairAnswers, Slice, Supervised, TranslateError, differentiate};
use descent_spec::manifest::{Manifest, Shard};
use descent_spec::pairs::{BEGIN, END};
use descent_spec::{DataSet, Experiment, Pretrained, Shape, Split};
use std::path::Path;

/// Small nets of each kind.
const LINKS: [&str; 5] = [
    "dates?layers=embed:6,gru:8:all,attend:additive",
    "dates?layers=embed:6,rnn:8:all,attend:dot,drop:0.2",
    "dates?layers=gru:8:all,lnorm",
    "dates?layers=embed:8,pos,drop:0.1,block:2:12,block:4:8",
    "dates?layers=embed:8,act:tanh,dense:6:tanh",
];
const SOURCES: [&[u32]; 3] = [&[5, 9, 12, 30, 4, 7, END], &[8, END], &[33, 4, 40, END]];

fn session(link: &str) -> (Supervised, LabData) {
    let experiment = experiment(link);
    let data = LabData::drawn(&experiment.data, experiment.seed);
    (open(&experiment, &data), data)
}

/// Shape of one pair.
fn input_of(session: &Supervised) -> Shape {
    session.blueprint().layers[0].input
}

fn trained(link: &str, n_steps: usize) -> (Supervised, LabData) {
    let (mut session, data) = session(link);
    train(&mut session, &data, n_steps);
    (session, data)
}

/// Logits `[said + 1, vocabulary]` of one pair, read alone and as long as it is.
fn alone(net: &Net, source: &[u32], said: &[u32]) -> Vec<f32> {
    let target = [&[BEGIN][..], said].concat();
    let tokens = |ids: &[u32]| Tokens { ids: ids.to_vec(), batch: 1, lengths: None };
    values(net.forward(Signal::TokenPair(tokens(source), tokens(&target))))
}

/// The net as it answers, without dropout.
fn snapshot(session: &Supervised) -> Net {
    use burn::module::Module;
    session.net().valid()
}

#[test]
fn padding_changes_nothing() {
    let _turn = take_generator();
    for link in LINKS {
        let (session, _) = trained(link, 3);
        let net = snapshot(&session);
        let Shape::TokenPair { source: room, target, target_vocabulary, .. } = input_of(&session) else { panic!("{link}") };
        let said = [4, 9, 7];
        let mut rows = Vec::new();
        for source in SOURCES {
            let mut row = source.to_vec();
            row.resize(room, 0);
            row.extend([&[BEGIN][..], &said[..]].concat());
            row.resize(room + target, 0);
            rows.extend(row.into_iter().map(|token| token as f32));
        }
        let together = values(net.forward(Signal::of_rows(input_of(&session), rows, 3, &device().inner())));
        for (nth, source) in SOURCES.iter().enumerate() {
            for (t, expected) in alone(&net, source, &said).chunks_exact(target_vocabulary).enumerate() {
                let found = &together[(t * 3 + nth) * target_vocabulary..][..target_vocabulary];
                assert_close(&format!("{link}, pair {nth}, step {t}"), found, expected, 1e-5);
            }
        }
    }
}

#[test]
fn no_answer_knows_a_later_token() {
    let _turn = take_generator();
    for link in LINKS {
        let (session, _) = trained(link, 2);
        let net = snapshot(&session);
        let (first, other) = (alone(&net, SOURCES[0], &[4, 5, 6, 7]), alone(&net, SOURCES[0], &[4, 5, 11, 12]));
        let width = first.len() / 5;
        assert_eq!(first[..3 * width], other[..3 * width], "{link}");
        assert_ne!(first[3 * width..4 * width], other[3 * width..4 * width], "{link}");
    }
}

#[test]
fn answers_are_what_the_net_says_of_the_whole() {
    let _turn = take_generator();
    for link in LINKS {
        let (session, _) = trained(link, 8);
        let net = snapshot(&session);
        let without_end = |source: &&[u32]| source[..source.len() - 1].to_vec();
        let mut greedy = session.answer_greedily(SOURCES.iter().map(without_end).collect()).unwrap();
        while pollster::block_on(greedy.advance()).unwrap() {}
        for (source, spoken) in SOURCES.iter().zip(greedy.finish()) {
            let said = &spoken.tokens[..spoken.tokens.len() - 1];
            let logits = alone(&net, source, said);
            let width = logits.len() / spoken.tokens.len();
            let mut log_probability = 0.0;
            for (row, &token) in logits.chunks_exact(width).zip(&spoken.tokens) {
                let best = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                // The padding and the begin, 0 and 1, are never said.
                let best_said = row[2..].iter().copied().fold(f32::NEG_INFINITY, f32::max);
                assert!(row[token as usize] > best_said - 1e-4, "{link}: the most probable token");
                let sum: f64 = row.iter().map(|&it| f64::from(it - best).exp()).sum();
                log_probability += f64::from(row[token as usize] - best) - sum.ln();
            }
            assert!((log_probability - spoken.log_probability).abs() < 1e-3, "{link}");
            assert_eq!(spoken.is_finished, spoken.tokens.last() == Some(&END));

            let mut narrow = session.answer_by_beam(without_end(source), 1).unwrap();
            while pollster::block_on(narrow.advance()).unwrap() {}
            assert_eq!(narrow.answers()[0].tokens, spoken.tokens, "{link}: a beam of one");
            let mut wide = session.answer_by_beam(without_end(source), 4).unwrap();
            while pollster::block_on(wide.advance()).unwrap() {}
            let answers = wide.answers();
            assert!((1..=4).contains(&answers.len()));
            for map in pollster::block_on(session.attention(&wide, &answers[0])).unwrap() {
                assert_eq!(map.weights.len(), answers[0].tokens.len() * source.len(), "{link}: {}", map.name);
                let sums: Vec<f32> = map.weights.chunks_exact(source.len()).map(|row| row.iter().sum()).collect();
                assert_close(&format!("{link}: {}", map.name), &sums, &vec![1.0; sums.len()], 1e-5);
            }
        }
    }
}

#[test]
fn maps_have_names() {
    let _turn = take_generator();
    let named = |link: &str| -> Vec<String> {
        let (session, _) = session(link);
        let beam = session.answer_by_beam(vec![5, 6], 1).unwrap();
        let answer = descent_engine::session::Spoken { tokens: vec![4, END], log_probability: 0.0, is_finished: true };
        pollster::block_on(session.attention(&beam, &answer)).unwrap().into_iter().map(|map| map.name).collect()
    };
    assert_eq!(named(LINKS[0]), ["attend1"]);
    let heads: Vec<String> = (1..=4).map(|head| format!("transformer2 head {head}")).collect();
    assert_eq!(named(LINKS[3])[2..], heads);
    assert!(named(LINKS[2]).is_empty());
}

#[test]
fn what_cannot_be_answered_is_refused() {
    let (session, _) = session("dates?layers=embed:4,gru:4:all");
    assert_eq!(session.answer_by_beam(vec![], 1).err(), Some(TranslateError::Empty));
    assert_eq!(session.answer_by_beam(vec![5; 30], 1).err(), Some(TranslateError::TooLong(29)));
    assert_eq!(session.answer_by_beam(vec![5], 9).err(), Some(TranslateError::Beam));
    let experiment = experiment("xor");
    let data = LabData::drawn(&experiment.data, 1);
    assert_eq!(open(&experiment, &data).answer_by_beam(vec![5], 1).err(), Some(TranslateError::NoPairs));
}

/// By hand: the last layer's bias gives the begin and the padding e⁸ and e⁷ times the weight of any other token, and its weights are 0.
/// What remains are thirteen equals, of which the end is the first.
#[test]
fn neither_search_says_what_is_for_reading_only() {
    let _turn = take_generator();
    let (mut session, _) = session("dates?layers=gru:4:all");
    let Shape::TokenPair { target_vocabulary: width, .. } = input_of(&session) else { panic!() };
    let last = session.blueprint().layers.len() - 1;
    for unit in 0..width {
        for input in 0..4 {
            pollster::block_on(session.set_weight(last, Some(input), unit, 0.0)).unwrap();
        }
        let bias = [7.0, 8.0].get(unit).copied().unwrap_or(0.0);
        pollster::block_on(session.set_weight(last, None, unit, bias)).unwrap();
    }
    let each = -(7f64.exp() + 8f64.exp() + 13.0).ln();
    let mut greedy = session.answer_greedily(vec![vec![5, 6]]).unwrap();
    while pollster::block_on(greedy.advance()).unwrap() {}
    let spoken = &greedy.finish()[0];
    assert_eq!((spoken.tokens.as_slice(), spoken.is_finished), (&[END][..], true));
    assert!((spoken.log_probability - each).abs() < 1e-5, "{}", spoken.log_probability);
    let mut beam = session.answer_by_beam(vec![5, 6], 8).unwrap();
    while pollster::block_on(beam.advance()).unwrap() {}
    let answers = beam.answers();
    assert_eq!(answers.len(), 8);
    assert!(answers.iter().flat_map(|it| &it.tokens).all(|&token| token >= END), "{answers:?}");
}

/// The mean loss of a batch is over tokens, of which slices have different numbers.
#[test]
fn slices_of_a_batch_are_the_batch() {
    let _turn = take_generator();
    let (session, data) = session("dates?layers=embed:32,gru:64:all,attend:additive&batch=64");
    assert!(session.is_sliced());
    let slices = session.slices(&data);
    let share: f32 = slices.iter().map(|slice| slice.share).sum();
    assert!((share - 1.0).abs() < 1e-6 && slices.len() == 4);
    let inputs = slices.iter().flat_map(|slice| slice.inputs.clone()).collect();
    let targets = slices.iter().flat_map(|slice| slice.targets.clone()).collect();
    let blueprint = session.blueprint();
    let input = blueprint.layers[0].input;
    let of = |slice| values(differentiate(session.net(), input, blueprint.head, slice, &device()).loss)[0];
    let sum: f32 = slices.into_iter().map(of).sum();
    assert_close("loss", &[sum], &[of(Slice::whole(inputs, targets))], 1e-5);
}

/// ln 15 = 2.7 nats a token at the beginning; whoever knows only how often each character stands at each place is left with 1.0: of the
/// year ln 2 + ln 5 + ln 10, of the month and the day some 2.7 and 3.4, nothing of hyphens and end, over eleven tokens.
#[test]
fn dates_are_learned_and_a_run_goes_on_to_the_bit() {
    let _turn = take_generator();
    let link = "dates?layers=embed:16,gru:24:all,attend:dot&lr=0.02&batch=32";
    let (mut whole, data) = session(link);
    let losses = train(&mut whole, &data, 60);
    let mut first = open(&experiment(link), &data);
    train(&mut first, &data, 25);
    let mut second = open(&experiment(link), &data);
    second.restore(&checkpoint(&first)).unwrap();
    assert_eq!(train(&mut second, &data, 35), losses[25..]);
    let mean = |bits: &[u32]| bits.iter().map(|&it| f32::from_bits(it)).sum::<f32>() / bits.len() as f32;
    assert!(mean(&losses[..3]) > 2.0 && mean(&losses[50..]) < 1.4, "{} to {}", mean(&losses[..3]), mean(&losses[50..]));

    let score = |answers: PairAnswers| {
        let mut answers = answers;
        while pollster::block_on(answers.advance(&data)).unwrap() {}
        let pairs = answers.pairs(&data);
        assert!(pairs.iter().all(|pair| pair.is_exact == (pair.answer == pair.target)));
        assert!(pairs.iter().all(|pair| pair.target.len() == 10 && pair.target.as_bytes()[4] == b'-'));
        (answers.score(&data), pairs.len())
    };
    let (found, n) = score(whole.answer_pairs(Split::Test, 990, 100, &data).unwrap());
    assert_eq!((found.n, n, found.step, found.bleu), (10, 10, 60, None));
}

/// By hand, and the figures of sacreBLEU 2.6.0 (`BLEU(tokenize="none", smooth_method="none")`): 51.2319, precisions 87.5, 69.2308, 50.0 and
/// 37.5, brevity 0.8825.
#[test]
fn bleu_is_sacrebleus() {
    let words = |text: &str| -> Vec<String> { text.split(' ').map(String::from).collect() };
    let mut counts = BleuCounts::default();
    for (answer, reference) in [
        ("the cat sat on the mat", "the cat is on the mat"),
        ("there is a dog in the garden now", "there is a dog in the big garden"),
        ("he reads", "he reads a book"),
    ] {
        counts.add(&words(answer), &words(reference));
    }
    let bleu = counts.score();
    assert!((bleu.score - 0.512_318_820_432_443_4).abs() < 1e-12, "{bleu:?}");
    let expected = [14.0 / 16.0, 9.0 / 13.0, 5.0 / 10.0, 3.0 / 8.0];
    assert!(bleu.precisions.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{bleu:?}");
    assert!((bleu.brevity - (1.0f64 - 18.0 / 16.0).exp()).abs() < 1e-12);
    assert_eq!(BleuCounts::default().score().score, 0.0);
}

/// `docs/pretrained.md` tells the figures. Left out where `cargo xtask data` has not built the translations.
#[test]
fn the_trained_translations_are_as_good_as_they_are_said_to_be() {
    let pretrained = Pretrained::of(DataSet::FraEng).unwrap();
    let experiment = experiment(pretrained.link);
    let public = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public");
    let Some(data) = built(&public.join("data/fra-eng-v1"), &experiment) else { return };
    let mut session = open(&experiment, &data);
    session.put_weights(&std::fs::read(public.join(pretrained.file)).unwrap()).unwrap();
    let score = |split: Split, count: usize| {
        let mut answers = session.answer_pairs(split, 0, count, &data).unwrap();
        while pollster::block_on(answers.advance(&data)).unwrap() {}
        let score = answers.score(&data);
        (score.n, score.bleu.unwrap().score)
    };
    let ((n, bleu), (of_n, of_validation)) = (score(Split::Test, usize::MAX), score(Split::Validation, 500));
    assert_eq!((n, of_n), (1_501, 500));
    assert!(bleu > 0.30 && of_validation > 0.27, "{bleu} {of_validation}");
}

/// A data set as `cargo xtask data` builds it.
fn built(folder: &Path, experiment: &Experiment) -> Option<LabData> {
    let manifest = Manifest::parse(&std::fs::read_to_string(folder.join("manifest.json")).ok()?).unwrap();
    let unpacked = |part: &Shard| shard::unpack(&std::fs::read(folder.join(&part.file)).unwrap(), part, manifest.shape).unwrap();
    let mut data = LabData::announced(&manifest, &experiment.data, experiment.seed);
    for (idx, part) in manifest.train.iter().enumerate() {
        data.insert_train(idx, unpacked(part)).unwrap();
    }
    for (idx, part) in manifest.test.iter().enumerate() {
        data.insert_test(idx, unpacked(part)).unwrap();
    }
    Some(data)
}
