//! Whether the net beats "the same as the last value", in a sentence.

use crate::format::{count, sig3};
use crate::state::{Forecast, SeriesData};
use descent_spec::data::Split;
use descent_spec::forecast::{Finding, ForecastErrors, Method};
use descent_spec::link::preset_of;
use descent_spec::registry::Registry;
use descent_spec::{DataSet, Experiment};

/// What the net is called: the name of its preset, or "net".
pub fn net_name(experiment: &Experiment) -> String {
    preset_of(experiment).map_or("net".into(), str::to_uppercase)
}

/// The errors of one method, if there are any.
pub fn errors_of(forecast: &Forecast, method: Method) -> Option<&ForecastErrors> {
    forecast.errors.iter().find(|errors| errors.method == method)
}

/// The verdict over one part of the time.
pub fn verdict(net: &str, split: Split, forecast: &Forecast, series: &SeriesData) -> Option<String> {
    let (model, last) = (errors_of(forecast, Method::Model)?, errors_of(forecast, Method::LastValue)?);
    let against = model.against_last?;
    if !model.absolute.is_finite() {
        return Some(format!("The {net} foretells no numbers any more: its run has diverged."));
    }
    let period = series.period(split);
    let date = |time: usize| series.dates.get(time).map_or("?", String::as_str);
    let n = count(period.len() as u64);
    let when = format!("{} to {}, {n} forecasts", date(period.start), date(period.end.saturating_sub(1)));
    let (size, error) = (sig3(against.difference.abs()), sig3(against.standard_error));
    let way = if against.difference < 0.0 { "less" } else { "more" };
    let found = match against.finding {
        Finding::Better => format!("The {net} beats the last value: it is off by {size} less, with a standard error of {error}."),
        Finding::Worse => {
            format!("The {net} does not beat the last value: it is off by {size} more, with a standard error of {error}.")
        }
        Finding::NoDifference => format!(
            "The data show no difference between the {net} and the last value: it is off by {size} {way}, with a standard error of \
             {error}."
        ),
    };
    let (model, last) = (sig3(model.absolute), sig3(last.absolute));
    Some(format!(
        "{found} Over the {} period ({when}) the {net} is off by {model} on average, “the same as the last value” by {last}.",
        split.label().to_lowercase()
    ))
}

/// What is known of a series before anything is learned.
pub fn known(set: DataSet) -> Option<&'static str> {
    match set {
        DataSet::RandomWalk => Some(
            "Nothing can beat the last value here: each step is drawn by itself, so that the best forecast of the next value is this one.",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::forecast::Comparison;

    fn told(difference: f64, finding: Finding) -> String {
        let series = SeriesData {
            dates: (0..10).map(|day| format!("day {day}")).collect(),
            values: vec![0.0; 10],
            periods: [2..4, 4..7, 8..10],
        };
        let errors = |method, absolute, against_last| ForecastErrors { method, absolute, root_squared: absolute, against_last };
        let against = Comparison { difference, standard_error: 0.0125, finding };
        let forecast = Forecast {
            step: 7,
            errors: vec![errors(Method::Model, 0.5 + difference, Some(against)), errors(Method::LastValue, 0.5, None)],
            values: Vec::new(),
        };
        verdict("LSTM", Split::Validation, &forecast, &series).unwrap_or_default()
    }

    #[test]
    fn verdicts_say_what_the_data_can_show() {
        assert_eq!(
            told(0.25, Finding::Worse),
            "The LSTM does not beat the last value: it is off by 0.250 more, with a standard error of 0.0125. Over the validation \
             period (day 4 to day 6, 3 forecasts) the LSTM is off by 0.750 on average, “the same as the last value” by 0.500."
        );
        assert!(told(-0.25, Finding::Better).starts_with("The LSTM beats the last value: it is off by 0.250 less"));
        assert!(
            told(-0.01, Finding::NoDifference)
                .starts_with("The data show no difference between the LSTM and the last value: it is off by 0.0100 less")
        );
        assert!(told(f64::NAN, Finding::NoDifference).contains("diverged"));
    }

    #[test]
    fn presets_have_names() {
        assert_eq!(net_name(&Experiment::for_set(DataSet::Stocks)), "LSTM");
        assert!(known(DataSet::RandomWalk).is_some() && known(DataSet::Stocks).is_none());
    }
}
