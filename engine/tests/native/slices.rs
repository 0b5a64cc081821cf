//! Sliced batches: their sum is the whole batch, and nobody can tell who computed which slice.

use crate::support::*;
use burn::tensor::Device;
use descent_engine::data::LabData;
use descent_engine::model::Net;
use descent_engine::replicas::{Answer, Condition, Crew, Replica, Start};
use descent_engine::rng::Streams;
use descent_engine::session::{Blueprint, Part, Slice, Supervised, differentiate};
use descent_spec::model::TracedLayer;
use descent_spec::{Activation, Head, Initializer, LayerSpec, Shape};
use std::task::{Context, Poll};

/// 3 · 128 · (576·8·25 + 1152·32 + 320) = 58 million multiplications: just enough to be cut. With masks, which are easy to lose.
const LINK: &str = "mnist?layers=conv:8:5:valid:relu,pool:2,drop:0.25,dense:32:relu&batch=128&device=cpu";

fn rows(net: &Net, part: Part) -> Vec<Vec<f32>> {
    net.gradient_rows(part.grads).into_iter().map(values).collect()
}

fn of_all(net: &Net, input: Shape, head: Head, slices: Vec<Slice>) -> Part {
    let parts = slices.into_iter().map(|slice| differentiate(net, input, head, slice, &device()));
    parts.reduce(|sum, part| sum.plus(part, net)).unwrap()
}

/// One weight 2, one bias 1, six examples cut into 1, 2, 1 and 2. By hand: ŷ − y = 2x + 1 − y is 1, 2, 3, 3, 3, 4; the loss is the
/// mean of the squares, 48/6; the slopes are 2/6 Σ x (ŷ − y) = 2/6 (0 + 2 + 6 + 9 + 12 + 20) and 2/6 Σ (ŷ − y) = 2/6 · 16.
#[test]
fn the_sum_over_uneven_slices_is_the_mean_by_hand() {
    let input = Shape::Flat { units: 1 };
    let layer = LayerSpec::Dense { units: 1, activation: Activation::Linear };
    let (net, _) = net(&[layer], input);
    let net = net.with_parameter_rows(vec![vec![2.0], vec![1.0]], &device()).unwrap();
    let slices = Slice::cut(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], &[0.0, 1.0, 2.0, 4.0, 6.0, 7.0]);
    assert_eq!(slices.iter().map(|slice| slice.targets.len()).collect::<Vec<_>>(), [1, 2, 1, 2]);
    assert_eq!(slices[3].inputs, [4.0, 5.0]);
    let whole = of_all(&net, input, Head::Linear, slices);
    assert_close("loss", &values(whole.loss.clone()), &[48.0 / 6.0], 1e-6);
    assert_close("mean absolute error", &values(whole.metric.clone()), &[16.0 / 6.0], 1e-6);
    let found: Vec<f32> = rows(&net, whole).concat();
    assert_close("slopes", &found, &[2.0 / 6.0 * 49.0, 2.0 / 6.0 * 16.0], 1e-6);
}

#[test]
fn the_sum_over_slices_is_the_whole_batch_but_for_rounding() {
    let _turn = take_generator();
    let data = lab(400, 10);
    let session = open(&experiment("mnist?model=cnn&device=cpu"), &data);
    let Blueprint { layers, head } = session.blueprint();
    let slices = session.slices(&data);
    assert_eq!(slices.iter().map(|slice| (slice.targets.len(), slice.share)).collect::<Vec<_>>(), [(16, 0.25); 4]);
    let join = |of: fn(&Slice) -> &Vec<f32>| slices.iter().flat_map(|slice| of(slice).clone()).collect();
    let uncut = Slice { inputs: join(|it| &it.inputs), targets: join(|it| &it.targets), share: 1.0, seed: None };
    let whole = differentiate(session.net(), layers[0].input, head, uncut, &device());
    let sum = of_all(session.net(), layers[0].input, head, slices);
    assert_close("loss", &values(sum.loss.clone()), &values(whole.loss.clone()), 1e-6);
    assert_close("accuracy", &values(sum.metric.clone()), &values(whole.metric.clone()), 1e-6);
    for (nth, (sum, whole)) in rows(session.net(), sum).iter().zip(rows(session.net(), whole)).enumerate() {
        let norm = |row: &mut dyn Iterator<Item = f32>| row.map(|it| f64::from(it).powi(2)).sum::<f64>().sqrt();
        let off = norm(&mut sum.iter().zip(&whole).map(|(sum, whole)| sum - whole));
        let off = off / norm(&mut whole.iter().copied());
        // A weight of the first convolution gathers 37,000 products of both signs, and in 32 bits their order shows in the sixth digit.
        assert!(off <= 4e-6, "parameter {nth}: {off:e} off");
    }
}

#[test]
fn batch_norm_short_steps_and_single_examples_are_not_cut() {
    let data = lab(400, 10);
    let n_slices = |link: &str| open(&experiment(link), &data).slices(&data).len();
    assert_eq!(n_slices("mnist?model=cnn&device=webgpu"), 4, "where it runs does not count, what it runs on does");
    assert_eq!(n_slices("mnist?layers=conv:16:5:valid:linear,bn,act:relu,pool:2,conv:32:5:valid:relu"), 1);
    assert_eq!(n_slices("mnist"), 1);
    assert_eq!(n_slices("mnist?model=cnn&batch=1"), 1);
}

/// How a replica of the tests behaves once it has answered so often.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Lives,
    NeverStarts,
    Dies,
    AnswersTooShort,
}

/// A replica in the same thread: a net of its own that knows only what it is told.
struct Nearby {
    layers: Vec<TracedLayer>,
    head: Head,
    net: Net,
    answers: Vec<Answer>,
    fate: Fate,
    n_answers_left: usize,
    is_dead: bool,
}

impl Nearby {
    fn start(blueprint: &Blueprint, fate: Fate, n_answers_left: usize) -> Box<dyn Replica> {
        let Blueprint { layers, head } = blueprint.clone();
        let net = Net::init(&layers, Initializer::Zeros, &Streams::new(0), &device());
        Box::new(Nearby { layers, head, net, answers: vec![], fate, n_answers_left, is_dead: false })
    }
}

impl Replica for Nearby {
    fn condition(&self) -> Condition {
        match (self.is_dead, self.fate) {
            (true, _) => Condition::Dead,
            (false, Fate::NeverStarts) => Condition::Starting,
            (false, _) => Condition::Ready,
        }
    }

    fn ask(&mut self, parameters: &[Vec<f32>], slices: &[Slice]) {
        self.net = self.net.clone().with_parameter_rows(parameters.to_vec(), &device()).unwrap();
        for slice in slices {
            let part = differentiate(&self.net, self.layers[0].input, self.head, slice.clone(), &device());
            let (loss, metric) = (values(part.loss.clone())[0], values(part.metric.clone())[0]);
            self.answers.push(Answer { loss, metric, gradients: rows(&self.net, part) });
        }
    }

    fn poll_answer(&mut self, _context: &mut Context<'_>) -> Poll<Option<Vec<Answer>>> {
        let mut answers = std::mem::take(&mut self.answers);
        if self.n_answers_left == 0 {
            match self.fate {
                Fate::Dies => {
                    self.is_dead = true;
                    return Poll::Ready(None);
                }
                Fate::AnswersTooShort => drop(answers.last_mut().map(|answer| answer.gradients[1].pop())),
                Fate::Lives | Fate::NeverStarts => {}
            }
        }
        self.n_answers_left = self.n_answers_left.saturating_sub(1);
        Poll::Ready(Some(answers))
    }

    fn poll_start(&mut self, _context: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// Losses and weights after this many steps, each by a crew.
fn train_shared(session: &mut Supervised, data: &LabData, n_steps: usize, crew: &mut Crew) -> (Vec<u32>, Vec<u8>) {
    for _ in 0..n_steps {
        let slices = session.slices(data);
        let whole = pollster::block_on(crew.differentiate(session.net(), &slices)).unwrap().unwrap();
        session.step_with(whole);
    }
    let points = pollster::block_on(session.report(data)).unwrap().points;
    (points.iter().map(|point| point.loss.to_bits()).collect(), weights(session))
}

fn crew(n_workers: usize, session: &Supervised, fate: Fate, n_answers: usize) -> Crew {
    let start: Start = Box::new(move |blueprint| Some(Nearby::start(blueprint, fate, n_answers)));
    Crew::with(n_workers, session.blueprint(), &device(), start)
}

/// 320 examples in batches of 128 leave a batch of 64 at the end of an epoch, so 20 steps cross six epochs.
#[test]
fn who_computes_a_slice_changes_no_bit() {
    let _turn = take_generator();
    let data = lab(400, 10);
    let experiment = experiment(LINK);
    let mut alone = open(&experiment, &data);
    let expected = (train(&mut alone, &data, 20), weights(&alone));
    for n_workers in 1..=5 {
        let mut session = open(&experiment, &data);
        let mut crew = crew(n_workers, &session, Fate::Lives, 0);
        assert_eq!(crew.n_ready(), n_workers);
        assert!(train_shared(&mut session, &data, 20, &mut crew) == expected, "{n_workers} workers");
    }
}

#[test]
fn a_replica_that_dies_or_talks_nonsense_changes_no_bit() {
    let _turn = take_generator();
    let data = lab(400, 10);
    let experiment = experiment(LINK);
    let mut alone = open(&experiment, &data);
    let expected = (train(&mut alone, &data, 8), weights(&alone));
    for fate in [Fate::Dies, Fate::AnswersTooShort, Fate::NeverStarts] {
        let mut session = open(&experiment, &data);
        let mut crew = crew(3, &session, fate, 2);
        assert!(train_shared(&mut session, &data, 8, &mut crew) == expected);
        // Two replicas die after their third answer, and so do the two that took their places.
        assert_eq!(crew.has_given_up(), fate == Fate::Dies);
        assert_eq!(crew.n_ready(), if fate == Fate::AnswersTooShort { 3 } else { 1 });
    }
    // Natively there are no workers to start.
    let mut session = open(&experiment, &data);
    let mut crew = Crew::open(4, session.blueprint(), &Device::flex().autodiff());
    assert!(train_shared(&mut session, &data, 8, &mut crew) == expected);
    assert!(crew.has_given_up() && crew.n_ready() == 1);
}

#[test]
fn a_sliced_session_resumes_to_the_bit() {
    let _turn = take_generator();
    let data = lab(400, 10);
    let mut whole = open(&experiment(LINK), &data);
    let expected = train(&mut whole, &data, 6);
    let mut first = open(&experiment(LINK), &data);
    train(&mut first, &data, 4);
    let saved = checkpoint(&first);
    // Another choice of cores is no other run.
    let mut second = open(&experiment(&format!("{LINK}&cores=one")), &data);
    second.restore(&saved).unwrap();
    assert_eq!(second.experiment().cores, descent_spec::Cores::One);
    assert_eq!(train(&mut second, &data, 2), expected[4..]);
    // The file names the link, and so the choice.
    second.tune(&experiment(LINK));
    assert_eq!(weights(&second), weights(&whole));
}
