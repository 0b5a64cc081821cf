//! The words of the activation gallery: `figures/activations.md`, in the same blocks as a week.

use super::Problem;
use super::blocks::{self, Block, Fields};
use super::formula::mathml;
use super::prose;
use crate::model::{Figure, FunctionText};

/// Reads the file.
pub fn read_functions(text: &str) -> Result<Vec<FunctionText>, Problem> {
    let (front, blocks) = blocks::split(text)?;
    let mut fields = Fields::read(1, &front)?;
    let (line, id) = fields.one("figure")?;
    if Figure::parse(id) != Ok(Figure::Activations) {
        return Err(Problem::new(line, "the figure of this file is activations"));
    }
    fields.done()?;
    blocks.iter().map(function).collect()
}

fn function(block: &Block<'_>) -> Result<FunctionText, Problem> {
    if block.kind != "Function" || block.id.is_empty() {
        return Err(Problem::new(block.line, "a block here is written `# Function id`"));
    }
    // The fields end at the first empty line; the explanation follows.
    let end = block.body.iter().position(|(_, text)| text.is_empty()).unwrap_or(block.body.len());
    let (head, about) = block.body.split_at(end);
    let mut fields = Fields::read(block.line, head)?;
    let mut formula = |key: &str| {
        let (line, tex) = fields.one(key)?;
        let (_, reading) = fields.one(&format!("{key} in words"))?;
        mathml(tex, false, Some(reading)).map_err(|why| Problem::new(line, why))
    };
    let (value_html, slope_html) = (formula("value")?, formula("slope")?);
    fields.done()?;
    let about: Vec<&str> = about.iter().map(|(_, text)| *text).filter(|text| !text.is_empty()).collect();
    let about_html = prose::line(&about.join("\n"), block.line, &mut Vec::new())?;
    Ok(FunctionText { id: block.id.into(), value_html, slope_html, about_html })
}
