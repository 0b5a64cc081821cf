//! Prints an experiment as a program: what the page shows under "The same in code".
//!
//! ```text
//! cargo run -p descent-export --example code -- 'mnist?model=cnn' pytorch > mnist.py
//! cargo run -p descent-export --example code -- --agreement
//! ```
//!
//! Ends with 2 and a sentence when the dialect has no program for the experiment. `--agreement` prints what the page says about
//! the measured differences, `--vocabulary` what an experiment can be made of, both as JSON.

use descent_export::{Dialect, agreement::agreement, code};
use descent_spec::layer::LAYER_KINDS;
use descent_spec::registry::Registry;
use descent_spec::schedule::SCHEDULES;
use descent_spec::training::OPTIMIZERS;
use descent_spec::{Activation, DataSet, Feature, Initializer, link};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--agreement"] => {
            let rows: Vec<String> = Dialect::table().iter().map(row).collect();
            println!("{{{}}}", rows.join(", "));
            ExitCode::SUCCESS
        }
        ["--vocabulary"] => {
            println!("{}", vocabulary());
            ExitCode::SUCCESS
        }
        [link, dialect] => match program(link, dialect) {
            Ok(text) => {
                print!("{text}");
                ExitCode::SUCCESS
            }
            Err(why) => {
                eprintln!("{why}");
                ExitCode::from(2)
            }
        },
        _ => {
            eprintln!("usage: code LINK numpy|keras|pytorch|burn, code --agreement or code --vocabulary");
            ExitCode::FAILURE
        }
    }
}

fn row(entry: &descent_spec::registry::Entry<Dialect>) -> String {
    let it = agreement(entry.value);
    format!(
        "\"{}\": {{\"largest\": {:?}, \"presets\": {:?}, \"n_steps\": {}, \"n_experiments\": {}}}",
        entry.id, it.largest, it.presets, it.n_steps, it.n_experiments
    )
}

/// Every spelling of the spec's tables, so that whatever is added to them is compared, too.
fn vocabulary() -> String {
    let quoted = |ids: Vec<&str>| ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ");
    let optimizers: Vec<String> =
        OPTIMIZERS.iter().map(|it| format!("{{\"id\": \"{}\", \"learning_rate\": {:?}}}", it.id, it.learning_rate)).collect();
    format!(
        "{{\"sets\": [{}], \"planar\": [{}], \"features\": [{}], \"layers\": [{}], \"activations\": [{}], \"initializers\": [{}], \"optimizers\": [{}], \
         \"schedules\": [{}]}}",
        quoted(DataSet::table().iter().map(|it| it.id).collect()),
        quoted(DataSet::table().iter().filter(|it| it.value.is_planar()).map(|it| it.id).collect()),
        quoted(Feature::table().iter().map(|it| it.id).collect()),
        quoted(LAYER_KINDS.iter().map(|it| it.id).collect()),
        quoted(Activation::table().iter().map(|it| it.id).collect()),
        quoted(Initializer::table().iter().map(|it| it.id).collect()),
        optimizers.join(", "),
        quoted(SCHEDULES.iter().map(|it| it.id).collect())
    )
}

fn program(link: &str, dialect: &str) -> Result<String, String> {
    let decoded = link::decode(link);
    if let Some(refusal) = decoded.refusals.first() {
        return Err(format!("{}={}: {}", refusal.key, refusal.value, refusal.why));
    }
    code(&decoded.experiment, Dialect::parse(dialect)?).map_err(|err| err.to_string())
}
