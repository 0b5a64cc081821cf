//! Puts the texts of the weeks, as the build of this crate left them, into the folder of a site: `course-files SITE`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let site = std::env::args_os().nth(1).map(PathBuf::from).ok_or("name the folder of the site")?;
    let folder = site.join(descent_course::FOLDER);
    fs::create_dir_all(&folder)?;
    for week in descent_course::weeks() {
        fs::copy(Path::new(concat!(env!("OUT_DIR"), "/texts")).join(&week.file), folder.join(&week.file))?;
    }
    Ok(())
}
