//! Forecasts of a series: what they may know, what they are worth, and that nothing foretells a random walk.

use crate::support::*;
use descent_engine::data::LabData;
use descent_engine::session::{Forecasts, Supervised};
use descent_spec::forecast::{Finding, ForecastErrors, Method};
use descent_spec::{DataSet, Experiment, OwnSeries, Split};
use safetensors::SafeTensors;

fn forecasts(session: &Supervised, split: Split, data: &LabData) -> Forecasts {
    let mut forecasting = session.forecast(split, data).unwrap();
    while pollster::block_on(forecasting.advance(session, data)).unwrap() {}
    forecasting.finish(&session.baselines(data).unwrap(), data).unwrap()
}

fn of(forecasts: &Forecasts, method: Method) -> &ForecastErrors {
    forecasts.errors.iter().find(|it| it.method == method).unwrap()
}

fn values_of(forecasts: &Forecasts, method: Method) -> &[f32] {
    let nth = forecasts.errors.iter().position(|it| it.method == method).unwrap();
    &forecasts.values[nth]
}

fn own(link: &str, values: &[f64]) -> (Experiment, LabData) {
    let mut experiment = experiment(link);
    assert_eq!(experiment.data.set, DataSet::OwnSeries);
    experiment.data.own_series = OwnSeries::of(values);
    let data = LabData::drawn(&experiment.data, experiment.seed);
    (experiment, data)
}

/// On a straight line 0, 1, 2, … three steps ahead the last value is off by 3 and the mean of 4 values by 4.5; the linear baseline
/// is right, and a net of zeros says the mean of the training period.
#[test]
fn forecasts_by_hand() {
    let values: Vec<f64> = (0..100).map(f64::from).collect();
    let (experiment, data) = own("own-series?window=4&horizon=3&layers=flat&init=zeros", &values);
    let session = open(&experiment, &data);
    for (split, times) in [(Split::Train, 6..63), (Split::Validation, 65..78), (Split::Test, 80..100)] {
        let made = forecasts(&session, split, &data);
        assert_eq!((made.split, made.step), (split, 0));
        assert!(made.values.iter().all(|values| values.len() == times.len()));
        let last: Vec<f32> = times.clone().map(|time| time as f32 - 3.0).collect();
        assert_eq!(values_of(&made, Method::LastValue), last);
        let (absolute, root) = (of(&made, Method::LastValue).absolute, of(&made, Method::LastValue).root_squared);
        assert_eq!((absolute, root, of(&made, Method::LastValue).against_last), (3.0, 3.0, None));
        let mean = of(&made, Method::MovingAverage);
        assert_eq!((mean.absolute, mean.against_last.unwrap().difference), (4.5, 1.5));
        assert_eq!(mean.against_last.unwrap().finding, Finding::Worse);
        assert!(of(&made, Method::Linear).absolute < 1e-3, "{:?}", of(&made, Method::Linear));
        // The training period knows 0 to 62.
        assert!(values_of(&made, Method::Model).iter().all(|value| (value - 31.0).abs() < 1e-4));
    }
}

/// Another future changes neither what was learned nor what is foretold before it.
#[test]
fn the_future_changes_no_forecast_before_it() {
    let _turn = take_generator();
    let values: Vec<f64> = (0..200).map(|t| ((f64::from(t) * 0.7).sin() * 100.0).round()).collect();
    let mut other = values.clone();
    // The test part begins at 160. One value within it, and everything from there on, is another.
    for (t, value) in other.iter_mut().enumerate().skip(170) {
        *value = (t % 13) as f64 * 7.0 - 50.0;
    }
    let run = |values: &[f64]| {
        let (experiment, data) = own("own-series?window=8&horizon=2&layers=lstm:4:last", values);
        let mut session = open(&experiment, &data);
        let losses = train(&mut session, &data, 20);
        (losses, [Split::Train, Split::Validation, Split::Test].map(|split| forecasts(&session, split, &data)))
    };
    let ((losses, made), (other_losses, others)) = (run(&values), run(&other));
    assert_eq!(losses, other_losses);
    assert_eq!(made[..2], others[..2]);
    // Two steps ahead the first window that holds value 170 foretells value 172: number 12 of the test part.
    for method in [Method::Model, Method::LastValue, Method::MovingAverage, Method::Linear] {
        let (ours, theirs) = (values_of(&made[2], method), values_of(&others[2], method));
        assert_eq!(ours[..12], theirs[..12], "{method:?}");
        assert_ne!(ours[12..], theirs[12..], "{method:?}");
    }
}

/// On a random walk nothing beats the last value, over several seeds and cells, on data that nothing was learned from; and the last
/// value is off by what a standard normal step is long on average, √(2/π).
#[test]
fn nothing_beats_the_last_value_on_a_random_walk() {
    let _turn = take_generator();
    for (seed, model) in [(1, "lstm"), (2, "gru"), (3, "rnn"), (4, "mlp"), (5, "lstm")] {
        let experiment = experiment(&format!("random-walk?model={model}&seed={seed}"));
        let data = LabData::drawn(&experiment.data, experiment.seed);
        let mut session = open(&experiment, &data);
        train(&mut session, &data, 100);
        for split in [Split::Validation, Split::Test] {
            let made = forecasts(&session, split, &data);
            let last = of(&made, Method::LastValue).absolute;
            // Of a length of mean 0.798 and deviation 0.603, four standard errors over 300 steps.
            assert!((last - 0.798).abs() < 4.0 * 0.603 / 300f64.sqrt(), "{last}");
            for method in [Method::Model, Method::MovingAverage, Method::Linear] {
                let errors = of(&made, method);
                assert_ne!(errors.against_last.unwrap().finding, Finding::Better, "{model} {seed} {split:?}: {errors:?}");
            }
        }
    }
}

/// Within the cell of a session: states end where the layer's output does, the run's own cell at first weights is the run's net at step
/// 0, and the gradient at the last step is that of a hand calculation: dL/dŷ = 2 (ŷ − y), times the weights above.
#[test]
fn a_cell_shows_its_states_and_how_far_the_gradient_reaches() {
    let values: Vec<f64> = (0..120).map(|t| ((f64::from(t) * 0.4).sin() * 50.0).round()).collect();
    for cell in ["rnn", "gru", "lstm"] {
        let (experiment, data) = own(&format!("own-series?window=10&layers={cell}:3:last"), &values);
        let session = open(&experiment, &data);
        let windows = data.train_pool.series().unwrap();
        let (facts, arrays) = pollster::block_on(session.inside(windows, 5)).unwrap();
        assert_eq!((facts.layer.as_str(), facts.units, facts.step), (format!("{cell}1").as_str(), 3, 0));
        assert_eq!(facts.time as usize, windows.time(5));
        assert_eq!(arrays[0], windows.given(5).unwrap());
        let (parts, roads) = arrays[1..].split_at(facts.parts.len());
        assert!(parts.iter().all(|part| part.len() == 30) && roads.iter().all(|road| road.len() == 10));
        assert_eq!(roads.len(), facts.roads.len());
        let hidden = &parts[facts.parts.iter().position(|name| name == "hidden").unwrap()];

        let mut input = Vec::new();
        windows.fill_inputs(&[5], &mut input);
        let picture = pollster::block_on(session.picture(&input)).unwrap();
        assert_close("the last state", &hidden[27..], &picture.outputs[0], 1e-6);
        // Of the gradients, the run's hidden one comes first.
        let file = weights(&session);
        let name = format!("{}.weight", session.facts(&data).layers[1].name);
        let above = SafeTensors::deserialize(&file).unwrap().tensor(&name).unwrap().data().to_vec();
        let above = above.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
        let slope = 2.0 * (picture.outputs[1][0] - windows.target(5)).abs();
        let length = above.map(|w| w * w).sum::<f32>().sqrt() * slope;
        assert_close("the gradient at the last step", &roads[0][9..], &[length], 1e-5);
        let own_cell = |road: &&(usize, descent_spec::message::GradientRoad)| {
            road.1.at_first_weights && !road.1.of_cell_state && road.1.cell == facts.cell
        };
        let numbered: Vec<_> = facts.roads.iter().copied().enumerate().collect();
        let first = numbered.iter().find(own_cell).unwrap().0;
        assert_eq!(roads[0], roads[first], "{cell}: at step 0 the run's weights are the first ones");
        assert_eq!(facts.roads.iter().filter(|road| road.at_first_weights && !road.of_cell_state).count(), 3);
    }
    let (experiment, data) = own("own-series?window=10&model=mlp", &values);
    assert!(pollster::block_on(open(&experiment, &data).inside(data.train_pool.series().unwrap(), 0)).is_err());
}
