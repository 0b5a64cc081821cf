//! The parts of a week, block by block.

use super::blocks::{self, Block, Fields, Line};
use super::prose::{self, Piece};
use super::{Authored, Example, Problem};
use crate::condition::Condition;
use crate::model::{
    Advice, Choice, Exercise, Figure, Lab, Part, Question, Race, Section, StatedResult, Status, Term, Variant, Week, WeekText,
    When,
};

/// Reads one file.
pub fn read_week(file: &str) -> Result<Authored, Problem> {
    let (front, blocks) = blocks::split(file)?;
    let mut fields = Fields::read(1, &front)?;
    let (line, number) = fields.one("number")?;
    let number = number.parse().map_err(|_| Problem::new(line, "number must be a whole number"))?;
    let (line, status) = fields.one("status")?;
    let status = match status {
        "open" => Status::Open,
        "coming" => Status::Coming,
        _ => return Err(Problem::new(line, "status is open or coming")),
    };
    let mut week = Week {
        number,
        title: fields.one("title")?.1.into(),
        theme: fields.one("theme")?.1.into(),
        status,
        file: String::new(),
        labs: Vec::new(),
        races: Vec::new(),
        exercises: Vec::new(),
    };
    let mut text = WeekText::default();
    fields.done()?;
    let mut pieces = Vec::new();
    let mut examples = Vec::new();
    for block in &blocks {
        match block.kind {
            "Goals" => text.goals = items(&block.body)?,
            "Text" => text.sections = sections(&block.body, &mut pieces)?,
            "Lab" => week.labs.push(lab(block)?),
            "Variant" => {
                let (line, of, variant) = variant(block)?;
                let lab = week.labs.iter_mut().find(|lab| lab.id == of);
                let lab = lab.ok_or_else(|| Problem::new(line, format!("no lab {of} stands above in this week")))?;
                lab.variants.push(variant);
            }
            "Race" => week.races.push(race(block)?),
            "Exercise" => week.exercises.push(exercise(block, &mut examples)?),
            "Question" => text.questions.push(question(block)?),
            "Reading" => text.reading = items(&block.body)?,
            other => {
                return Err(Problem::new(
                    block.line,
                    format!(
                        "there is no block {other}; there are Goals, Text, Lab, Variant, Race, Exercise, Question and Reading"
                    ),
                ));
            }
        }
    }
    for (exercise, block) in week.exercises.iter().zip(blocks.iter().filter(|block| block.kind == "Exercise")) {
        if !week.labs.iter().any(|lab| lab.id == exercise.lab) {
            return Err(Problem::new(block.line, format!("this week has no lab {}", exercise.lab)));
        }
    }
    text.terms = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Term(name, explanation, _) => Some(Term { name: name.clone(), explanation: explanation.clone() }),
            Piece::Words(_) => None,
        })
        .collect();
    Ok(Authored { week, text, examples, pieces })
}

/// Lines that each begin with `- `.
fn items(lines: &[Line<'_>]) -> Result<Vec<String>, Problem> {
    let item = |&(line, text): &Line<'_>| {
        let text = text.strip_prefix("- ").ok_or_else(|| Problem::new(line, "expected an item, written `- …`, on one line"))?;
        prose::line(text, line, &mut Vec::new())
    };
    lines.iter().filter(|(_, text)| !text.is_empty()).map(item).collect()
}

fn sections(lines: &[Line<'_>], pieces: &mut Vec<Piece>) -> Result<Vec<Section>, Problem> {
    let mut sections = Vec::new();
    for chunk in lines.chunk_by(|_, (_, next)| !next.starts_with("## ")) {
        let title = chunk.first().and_then(|(_, text)| text.strip_prefix("## ")).unwrap_or("").trim();
        pieces.push(Piece::Words(format!("\n{title}\n")));
        let body = if title.is_empty() { chunk } else { &chunk[1..] };
        let parts = parts(body, pieces)?;
        if !(title.is_empty() && parts.is_empty()) {
            sections.push(Section { title: title.into(), parts });
        }
    }
    Ok(sections)
}

/// Text, with figures named by lines of their own: `[figure activations]`.
fn parts(lines: &[Line<'_>], pieces: &mut Vec<Piece>) -> Result<Vec<Part>, Problem> {
    let mut parts = Vec::new();
    for chunk in lines.chunk_by(|(_, one), (_, next)| !prose::is_figure(one) && !prose::is_figure(next)) {
        match chunk {
            [(line, text)] if prose::is_figure(text) => {
                let id = text.strip_prefix("[figure ").and_then(|text| text.strip_suffix(']'));
                let id = id.ok_or_else(|| Problem::new(*line, "a figure is written `[figure id]` on a line of its own"))?;
                parts.push(Part::Figure(Figure::parse(id).map_err(|why| Problem::new(*line, why))?));
            }
            _ => {
                let html = prose::paragraphs(chunk, pieces)?;
                if !html.trim().is_empty() {
                    parts.push(Part::Html(html));
                }
            }
        }
    }
    Ok(parts)
}

/// An id: lower case, digits and hyphens, for it stands in files of progress.
fn id(block: &Block<'_>) -> Result<String, Problem> {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if block.id.is_empty() || block.id.len() > 64 || !block.id.bytes().all(is_fine) {
        return Err(Problem::new(block.line, format!("write `# {} some-id` in lower case, with hyphens", block.kind)));
    }
    Ok(block.id.into())
}

fn lab(block: &Block<'_>) -> Result<Lab, Problem> {
    let mut fields = Fields::read(block.line, &block.body)?;
    let (line, result) = fields.one("result")?;
    let lab = Lab {
        id: id(block)?,
        title: fields.one("title")?.1.into(),
        why: fields.one("why")?.1.into(),
        link: fields.one("link")?.1.into(),
        result: stated(result).map_err(|why| Problem::new(line, why))?,
        variants: Vec::new(),
    };
    fields.done()?;
    Ok(lab)
}

/// A set-up of a lab, with the line that names the lab and its id.
fn variant<'a>(block: &Block<'a>) -> Result<(usize, &'a str, Variant), Problem> {
    let mut fields = Fields::read(block.line, &block.body)?;
    let (line, result) = fields.one("result")?;
    let (lab_line, lab) = fields.one("lab")?;
    let variant = Variant {
        id: id(block)?,
        group: fields.one("group")?.1.into(),
        title: fields.one("title")?.1.into(),
        says: fields.one("says")?.1.into(),
        link: fields.one("link")?.1.into(),
        result: stated(result).map_err(|why| Problem::new(line, why))?,
    };
    fields.done()?;
    Ok((lab_line, lab, variant))
}

fn race(block: &Block<'_>) -> Result<Race, Problem> {
    let mut fields = Fields::read(block.line, &block.body)?;
    let race = Race {
        id: id(block)?,
        title: fields.one("title")?.1.into(),
        why: fields.one("why")?.1.into(),
        link: fields.one("link")?.1.into(),
    };
    fields.done()?;
    Ok(race)
}

/// `validation_accuracy >= 0.95 within 300 steps, 2 s`, or `… after …`.
fn stated(text: &str) -> Result<StatedResult, String> {
    let (when, condition, limits) = [(When::Within, " within "), (When::After, " after ")]
        .into_iter()
        .find_map(|(when, word)| text.split_once(word).map(|(condition, limits)| (when, condition, limits)))
        .ok_or("a result is written `validation_accuracy >= 0.95 within 300 steps, 2 s`")?;
    let limits = limits.strip_suffix(" s").and_then(|limits| limits.split_once(" steps, "));
    let limits = limits.and_then(|(steps, seconds)| Some((steps.parse().ok()?, seconds.parse().ok()?)));
    let (steps, seconds) = limits.ok_or("a result ends with its limits, written `300 steps, 2 s`")?;
    Ok(StatedResult { condition: Condition::parse(condition)?, when, steps, seconds })
}

fn exercise(block: &Block<'_>, examples: &mut Vec<Example>) -> Result<Exercise, Problem> {
    // The fields end at the first empty line; the task follows.
    let end = block.body.iter().position(|(_, text)| text.is_empty()).unwrap_or(block.body.len());
    let (head, task) = block.body.split_at(end);
    let mut fields = Fields::read(block.line, head)?;
    let exercise = Exercise {
        id: id(block)?,
        title: fields.one("title")?.1.into(),
        lab: fields.one("lab")?.1.into(),
        check: fields.all("check").into_iter().map(|(line, text)| condition(line, text)).collect::<Result<_, _>>()?,
        advice: fields.all("advice").into_iter().map(|(line, text)| advice(line, text)).collect::<Result<_, _>>()?,
        html: prose::paragraphs(task, &mut Vec::new())?,
    };
    if exercise.check.is_empty() || exercise.html.trim().is_empty() {
        return Err(Problem::new(block.line, "an exercise has at least one check, and a task below an empty line"));
    }
    for (key, passes) in [("passes", true), ("fails", false)] {
        let given = fields.all(key);
        if given.is_empty() {
            return Err(Problem::new(block.line, format!("an exercise has an example that it {key}")));
        }
        for (line, text) in given {
            let (link, values) = example(text).map_err(|why| Problem::new(line, why))?;
            examples.push(Example { exercise: exercise.id.clone(), passes, link, values });
        }
    }
    fields.done()?;
    Ok(exercise)
}

fn condition(line: usize, text: &str) -> Result<Condition, Problem> {
    Condition::parse(text).map_err(|why| Problem::new(line, why))
}

/// `step > 300, validation_accuracy < 0.8 -> What to try.`
fn advice(line: usize, text: &str) -> Result<Advice, Problem> {
    let (when, text) =
        text.split_once(" -> ").ok_or_else(|| Problem::new(line, "advice is written `conditions -> what to try`"))?;
    let when = when.split(", ").map(|text| condition(line, text)).collect::<Result<_, _>>()?;
    Ok(Advice { when, text: text.trim().into() })
}

/// `xor?layers=dense:4:tanh | step 600, validation_accuracy 0.97`.
fn example(text: &str) -> Result<(String, Vec<(String, f64)>), String> {
    let (link, values) = text.split_once(" | ").ok_or("an example is written `link | step 600, validation_accuracy 0.97`")?;
    let value = |text: &str| {
        let (key, value) = text.trim().split_once(' ').ok_or_else(|| format!("“{text}” is not a name and a value"))?;
        Ok((key.to_owned(), value.parse().map_err(|_| format!("“{value}” is no number"))?))
    };
    Ok((link.trim().into(), values.split(',').map(value).collect::<Result<_, String>>()?))
}

/// The question, then choices `- [ ] …` or `- [x] …`, each with a line `: why` below.
fn question(block: &Block<'_>) -> Result<Question, Problem> {
    let lines: Vec<Line<'_>> = block.body.iter().copied().filter(|(_, text)| !text.is_empty()).collect();
    let first = lines.iter().position(|(_, text)| text.starts_with("- [")).unwrap_or(lines.len());
    let (asked, given) = lines.split_at(first);
    let mut choices = Vec::new();
    for pair in given.chunks(2) {
        let (line, text) = pair[0];
        let is_right = text.starts_with("- [x] ");
        let text = text.strip_prefix("- [x] ").or_else(|| text.strip_prefix("- [ ] "));
        let text = text.ok_or_else(|| Problem::new(line, "a choice is written `- [ ] …`, the right one `- [x] …`"))?;
        let why = pair.get(1).and_then(|(_, why)| why.trim_start().strip_prefix(": "));
        let why = why.ok_or_else(|| Problem::new(line, "this choice has no explanation: write `: …` on the line below"))?;
        let no_pieces = &mut Vec::new();
        let (html, why_html) = (prose::line(text, line, no_pieces)?, prose::line(why, line + 1, no_pieces)?);
        choices.push(Choice { html, is_right, why_html });
    }
    let n_right = choices.iter().filter(|choice| choice.is_right).count();
    if n_right != 1 || choices.len() < 2 {
        let text = format!("a question has at least two choices, one of them right; here are {} and {n_right}", choices.len());
        return Err(Problem::new(block.line, text));
    }
    let text: Vec<&str> = asked.iter().map(|(_, text)| *text).collect();
    Ok(Question { id: id(block)?, html: prose::line(&text.join("\n"), block.line, &mut Vec::new())?, choices })
}
