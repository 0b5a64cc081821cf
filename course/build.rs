//! Reads `weeks/*.md` and `figures/*.md`, checks them, and leaves the course as JSON for the library.

#[allow(dead_code, unreachable_pub, reason = "shared with the library, which uses and shows all of it")]
#[path = "src/condition.rs"]
mod condition;
#[allow(dead_code, unreachable_pub, reason = "shared with the library, which uses and shows all of it")]
#[path = "src/model.rs"]
mod model;

#[allow(dead_code, unreachable_pub, reason = "the tests read more of it than the build")]
mod author;

use std::error::Error;
use std::fs::File;
use std::path::Path;

/// The words of the activation gallery.
const FUNCTIONS: &str = "figures/activations.md";

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["weeks", "figures", "author", "src/condition.rs", "src/model.rs", "build.rs"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir("weeks")? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "md") {
            files.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    files.sort();
    let weeks = match author::read_weeks(&files) {
        Ok(weeks) => weeks,
        Err(complaints) => {
            for complaint in complaints {
                println!("cargo::error={complaint}");
            }
            return Ok(());
        }
    };
    let functions = match author::read_functions(FUNCTIONS, &std::fs::read_to_string(FUNCTIONS)?) {
        Ok(functions) => functions,
        Err(complaint) => {
            println!("cargo::error={complaint}");
            return Ok(());
        }
    };
    let weeks: Vec<_> = weeks.into_iter().map(|it| it.week).collect();
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    serde_json::to_writer(File::create(Path::new(&out).join("weeks.json"))?, &weeks)?;
    serde_json::to_writer(File::create(Path::new(&out).join("functions.json"))?, &functions)?;
    Ok(())
}
