//! The skeleton of a file: the fields between two lines `---`, then blocks that begin with `# Kind id`.

use super::Problem;

/// A line with its number in the file, from 1.
pub type Line<'a> = (usize, &'a str);

/// What stands below one heading `# Kind id`.
#[derive(Debug)]
pub struct Block<'a> {
    /// The first word of the heading.
    pub kind: &'a str,
    /// The second word, or nothing.
    pub id: &'a str,
    /// Line of the heading.
    pub line: usize,
    /// Everything up to the next one.
    pub body: Vec<Line<'a>>,
}

/// Splits a file into its front matter and its blocks.
pub fn split(text: &str) -> Result<(Vec<Line<'_>>, Vec<Block<'_>>), Problem> {
    let mut lines = text.lines().enumerate().map(|(idx, line)| (idx + 1, line.trim_end()));
    if lines.next().is_none_or(|(_, line)| line != "---") {
        return Err(Problem::new(1, "a week begins with a line --- and its fields"));
    }
    let mut front = Vec::new();
    loop {
        match lines.next() {
            Some((_, "---")) => break,
            Some(line) => front.push(line),
            None => return Err(Problem::new(1, "the fields at the top are not ended by a second line ---")),
        }
    }
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for (line, text) in lines {
        if let Some(heading) = text.strip_prefix("# ") {
            let (kind, id) = heading.trim().split_once(' ').unwrap_or((heading.trim(), ""));
            blocks.push(Block { kind, id: id.trim(), line, body: Vec::new() });
        } else if let Some(block) = blocks.last_mut() {
            block.body.push((line, text));
        } else if !text.is_empty() {
            return Err(Problem::new(line, "this stands in no block: begin one with `# Text`, for example"));
        }
    }
    Ok((front, blocks))
}

/// `key: value` lines, taken out one by one; what is left over is refused.
pub struct Fields<'a> {
    line: usize,
    left: Vec<(usize, &'a str, &'a str)>,
}

impl<'a> Fields<'a> {
    /// Reads lines that are fields, or empty.
    pub fn read(line: usize, lines: &[Line<'a>]) -> Result<Fields<'a>, Problem> {
        let mut left = Vec::new();
        for &(line, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
            let (key, value) =
                text.split_once(": ").ok_or_else(|| Problem::new(line, "expected a field, written `key: value`"))?;
            left.push((line, key, value.trim()));
        }
        Ok(Fields { line, left })
    }

    /// The one field of this name.
    pub fn one(&mut self, key: &str) -> Result<(usize, &'a str), Problem> {
        match self.all(key).as_slice() {
            [only] => Ok(*only),
            [] => Err(Problem::new(self.line, format!("the field {key} is missing"))),
            [.., (line, _)] => Err(Problem::new(*line, format!("the field {key} is given twice"))),
        }
    }

    /// All fields of this name, in their order.
    pub fn all(&mut self, key: &str) -> Vec<(usize, &'a str)> {
        let found = self.left.iter().filter(|(_, name, _)| *name == key).map(|(line, _, value)| (*line, *value)).collect();
        self.left.retain(|(_, name, _)| *name != key);
        found
    }

    /// Refuses what nobody asked for.
    pub fn done(self) -> Result<(), Problem> {
        match self.left.first() {
            Some((line, key, _)) => Err(Problem::new(*line, format!("there is no field {key} here"))),
            None => Ok(()),
        }
    }
}
