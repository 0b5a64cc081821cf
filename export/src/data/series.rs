//! A series in time: windows of it, cut as the engine does (`engine/src/data/series.rs`).

use super::{PythonData, RustData};
use crate::plan::Plan;
use descent_spec::DataSet;

/// A published table with a column of values in time.
struct Table {
    file: &'static str,
    column: &'static str,
    folder: &'static str,
    about: &'static str,
}

const PLOTLY: &str = "https://raw.githubusercontent.com/plotly/datasets/master/";
const JLEE: &str = "https://raw.githubusercontent.com/jbrownlee/Datasets/master/";

/// The set's table; none for what is drawn.
fn table(set: DataSet) -> Option<Table> {
    let row = |file, column, folder, about| Some(Table { file, column, folder, about });
    match set {
        DataSet::Stocks => row("stockdata.csv", "MSFT", PLOTLY, "Daily closing prices of Microsoft's share, 2007 to 2016."),
        DataSet::Sunspots => row("monthly-sunspots.csv", "Sunspots", JLEE, "Monthly numbers of sunspots, Zürich, 1749 to 1983."),
        DataSet::Temperatures => row(
            "daily-min-temperatures.csv",
            "Temp",
            JLEE,
            "Daily lowest temperatures in Melbourne, 1981 to 1990 (Australian Bureau of Meteorology).",
        ),
        DataSet::Passengers => row(
            "airline-passengers.csv",
            "Passengers",
            JLEE,
            "Monthly airline passengers in thousands, 1949 to 1960 (Box and Jenkins 1976, series G).",
        ),
        _ => None,
    }
}

/// Python that reads or draws the series, and cuts it.
pub(super) fn python(plan: &Plan) -> PythonData {
    let data = &plan.experiment.data;
    let (imports, read): (&'static [&'static str], String) = match table(data.set) {
        Some(Table { file, column, folder, about }) => (
            &["import csv", "from pathlib import Path", "from urllib.request import urlopen"],
            format!(
                r#"# {about}
# The table is fetched once, unless it is there.
DATA = Path("{file}")
ADDRESS = "{folder}"


def read_series():
    """The column {column} in the order of time."""
    if not DATA.exists():
        DATA.write_bytes(urlopen(ADDRESS + DATA.name).read())
    with open(DATA, newline="") as file:
        return np.array([row["{column}"] for row in csv.DictReader(file)], np.float32)
"#
            ),
        ),
        None if data.set == DataSet::OwnSeries => (
            &[],
            format!(
                "\n\ndef read_series():\n    \"\"\"Your series.\"\"\"\n    return np.array([\n{}    ], np.float32)\n",
                literals(plan)
            ),
        ),
        None => (
            &[],
            r#"

def read_series():
    """A walk of 2,000 independent steps: nothing foretells it better than its last value."""
    return (100 + rng.standard_normal(2000).cumsum()).astype(np.float32)
"#
            .into(),
        ),
    };
    let text = format!(
        r#"# Data

WINDOW = {}  # values in a row that the net is given
HORIZON = {}  # which value behind them it foretells
{read}

def load():
    """Train, validation and test in the order of time: windows [examples, WINDOW, 1], values [examples].

    The last fifth is the test. Between the parts HORIZON - 1 values are left out: they were not yet
    known when the first forecast behind them was made. The scale knows the training part alone.
    """
    series = read_series()
    first = WINDOW + HORIZON - 1  # the first value that can be foretold
    n_pool = len(series) - round(0.2 * len(series)) - first
    cut = n_pool - round(n_pool * VALIDATION)
    gap = HORIZON - 1
    known = series[: first + cut - gap].astype(np.float64)
    scaled = ((series - known.mean()) / known.std()).astype(np.float32)
    y = scaled[first:]
    x = np.lib.stride_tricks.sliding_window_view(scaled, WINDOW)[: len(y), :, None].copy()
    parts = [slice(0, cut - gap), slice(cut, n_pool - gap), slice(n_pool, None)]
    return [(x[part], y[part]) for part in parts]
"#,
        data.window, data.horizon
    );
    PythonData { imports, text }
}

/// The visitor's values as a program in either language lists them, ten a line.
fn literals(plan: &Plan) -> String {
    let values = plan.experiment.data.own_series.values();
    let line =
        |values: &[f64]| format!("        {},\n", values.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>().join(", "));
    values.chunks(10).map(line).collect()
}

/// The same in Rust.
pub(super) fn rust(plan: &Plan) -> RustData {
    let data = &plan.experiment.data;
    let table = table(data.set);
    let is_drawn = data.set == DataSet::RandomWalk;
    let (argument, call) = if is_drawn { (", device: &Device", "read_series(device)") } else { ("", "read_series()?") };
    let read = match table {
        Some(Table { file, column, folder, about }) => format!(
            r#"/// {about}
/// The table of <{folder}> lies beside the program.
fn read_series() -> Result<Vec<f32>> {{
    let table = std::fs::read_to_string("{file}")?;
    let cells = |line: &str| line.split(',').map(|cell| cell.trim().trim_matches('"').to_owned()).collect::<Vec<_>>();
    let mut rows = table.lines().filter(|line| !line.trim().is_empty()).map(cells);
    let header = rows.next().ok_or("the table is empty")?;
    let column = header.iter().position(|name| name == "{column}").ok_or("there is no column {column}")?;
    let value = |row: Vec<String>| -> Result<f32> {{ Ok(row.get(column).ok_or("a row is too short")?.parse()?) }};
    rows.map(value).collect()
}}
"#
        ),
        None if data.set == DataSet::OwnSeries => {
            format!("/// Your series.\nfn read_series() -> Result<Vec<f32>> {{\n    Ok(vec![\n{}    ])\n}}\n", literals(plan))
        }
        None => r#"/// A walk of 2,000 independent steps, the same each time: nothing foretells it better than its last value.
fn read_series(device: &Device) -> Vec<f32> {
    device.seed(SEED);
    let steps = Tensor::<1>::random([2000], Distribution::Normal(0.0, 1.0), &device.clone().inner());
    let walk = |at: &mut f64, step: f64| {
        *at += step;
        Some(*at as f32)
    };
    steps.into_data().iter::<f64>().scan(100.0, walk).collect()
}
"#
        .into(),
    };
    let (result, done) = match is_drawn {
        true => ("Examples", "Examples { inputs, targets }"),
        false => ("Result<Examples>", "Ok(Examples { inputs, targets })"),
    };
    let text = format!(
        r#"/// Values in a row that the net is given.
const WINDOW: usize = {};
/// Which value behind them it foretells.
const HORIZON: usize = {};

{read}
/// Windows in the order of time; the values that those of the test foretell lie in its last fifth. The scale knows the training
/// part alone, which ends HORIZON − 1 values before the validation part: those were not yet known when that began.
fn load(is_test: bool{argument}) -> {result} {{
    let series = {call};
    let first = WINDOW + HORIZON - 1; // the first value that can be foretold
    let test_from = series.len() - (series.len() as f64 * 0.2).round() as usize;
    let n_pool = test_from - first;
    let n_known = first + n_pool - (n_pool as f64 * VALIDATION).round() as usize - (HORIZON - 1);
    let known = series[..n_known].iter().map(|&value| f64::from(value));
    let mean = known.clone().sum::<f64>() / n_known as f64;
    let deviation = (known.map(|value| (value - mean).powi(2)).sum::<f64>() / n_known as f64).sqrt();
    let scaled: Vec<f32> = series.iter().map(|&value| ((f64::from(value) - mean) / deviation) as f32).collect();
    let times = if is_test {{ test_from..series.len() }} else {{ first..test_from }};
    let inputs = times.clone().flat_map(|time| &scaled[time + 1 - HORIZON - WINDOW..time + 1 - HORIZON]).copied().collect();
    let targets = times.map(|time| scaled[time]).collect();
    {done}
}}
"#,
        data.window, data.horizon
    );
    RustData { dependencies: &[], uses: &[], is_drawn, text }
}
