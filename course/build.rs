//! Reads `weeks/*.md` and `figures/*.md`, checks them, and leaves the course as JSON: `weeks.json` for the library, and a folder
//! `texts` with what the page fetches, a file for each week.

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
use std::io::Write;
use std::path::PathBuf;

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
    let (weeks, texts) = author::publish(weeks, &functions)?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    serde_json::to_writer(File::create(out.join("weeks.json"))?, &weeks)?;
    // Texts of an earlier build have other names, and must not stay.
    let folder = out.join("texts");
    if folder.is_dir() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir(&folder)?;
    for (name, json) in texts {
        File::create(folder.join(name))?.write_all(json.as_bytes())?;
    }
    Ok(())
}
