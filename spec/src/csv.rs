//! Own points and own series as CSV files: read with suspicion, written so that it is read back the same.
//!
//! Numbers hold no separators and no line breaks, so splitting lines is all there is to it; quotes around a field
//! are taken off. Separators are comma, semicolon or tab; beside the latter two a number may have a decimal comma.

mod series;

pub use series::{CsvSeries, read_series, write_series};

use crate::data::N_CLASSES;
use crate::plane::{MAX_COORDINATE, MAX_OWN_POINTS, MIN_OWN_POINTS, OwnPoint};

/// Largest file that is read, in bytes: the most points take a tenth of it.
pub const MAX_CSV_BYTES: usize = 256 * 1024;
/// Coordinates beyond this are no measurements.
const LARGEST: f64 = 1e12;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct CsvPoints {
    /// The points, in the order of the file, as a link carries them.
    pub points: Vec<OwnPoint>,
    /// The number of classes that they need: two at least.
    pub n_classes: usize,
    /// The smallest and the largest x and y of the file, where they did not fit the plane and were scaled to −1 and 1.
    pub scaled_from: Option<[(f64, f64); 2]>,
}

/// Which columns hold x, y and the class, from 0.
type Columns = [usize; 3];

const NAMES: [&str; 3] = ["x", "y", "class"];
const WHAT_TO_DO: &str = "Each line needs x, y and a class, like 0.5,-0.25,1.";

/// Reads a file. Coordinates from −1.5 to 1.5 are taken as they are, to the thousandth; where one lies outside, x and y are each
/// scaled so that the smallest becomes −1 and the largest 1.
///
/// ```
/// use descent_spec::csv;
/// let read = csv::read(b"x;y;class\n0,5;-0,25;1\n1;1;0\n").unwrap();
/// assert_eq!(read.points[0].position(), (0.5, -0.25));
/// assert_eq!(csv::read(b"x,y,class\n0.5,up,1\n").unwrap_err(), "Line 2, column 2 (y): \u{201c}up\u{201d} is not a number. Write it like 0.25.");
/// ```
///
/// # Errors
/// A sentence or two that name the line and the column, and say what to do.
pub fn read(bytes: &[u8]) -> Result<CsvPoints, String> {
    let too_large = format!("and {MAX_CSV_BYTES} are the most: keep at most {MAX_OWN_POINTS} points and no other columns.");
    let all = lines_of(bytes, &too_large)?;
    let n_lines = all.last().map_or(1, |line| line.0);
    let mut lines = all.into_iter().peekable();
    let Some(&(number, first)) = lines.peek() else {
        return Err(format!("Line 1: the file is empty. {WHAT_TO_DO}"));
    };
    let separator = ['\t', ';', ',']
        .into_iter()
        .find(|&it| first.contains(it))
        .ok_or_else(|| format!("Line {number}: there is no comma, semicolon or tab between the columns. {WHAT_TO_DO}"))?;
    let columns = match header(number, first, separator)? {
        Some(columns) => {
            lines.next();
            columns
        }
        None => [0, 1, 2],
    };
    let mut rows: Vec<(f64, f64, u8)> = Vec::new();
    for (number, line) in lines {
        if rows.len() == MAX_OWN_POINTS {
            return Err(format!(
                "Line {number}: {MAX_OWN_POINTS} points are the most, and here is one more. Remove lines from here on."
            ));
        }
        rows.push(row(number, line, separator, columns)?);
    }
    if rows.len() < MIN_OWN_POINTS {
        let n_points = rows.len();
        return Err(format!(
            "Line {}: the file ends with {n_points} points, and {MIN_OWN_POINTS} are the fewest. {WHAT_TO_DO}",
            n_lines
        ));
    }
    Ok(placed(&rows))
}

/// Its lines that hold anything, with their numbers.
fn lines_of<'a>(bytes: &'a [u8], too_large: &str) -> Result<Vec<(usize, &'a str)>, String> {
    if bytes.len() > MAX_CSV_BYTES {
        return Err(format!("The file has {} bytes, {too_large}", bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|err| {
        let line = 1 + bytes[..err.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        format!("Line {line}: this is no text in UTF-8. Save the table as CSV in UTF-8.")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    Ok((1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect())
}

/// Writes points as [`read`] reads them.
pub fn write(points: &[OwnPoint]) -> String {
    let mut text = "x,y,class\n".to_owned();
    for point in points {
        let (x, y) = point.position();
        text.push_str(&format!("{x},{y},{}\n", point.class));
    }
    text
}

/// The columns by their names; none where the first line is a point already.
fn header(number: usize, line: &str, separator: char) -> Result<Option<Columns>, String> {
    let names: Vec<String> = fields(line, separator).map(|name| name.to_ascii_lowercase()).collect();
    let wanted: [&[&str]; 3] = [&["x"], &["y"], &["class", "target"]];
    let found = wanted.map(|spellings| names.iter().position(|name| spellings.contains(&name.as_str())));
    if let [Some(x), Some(y), Some(class)] = found {
        return Ok(Some([x, y, class]));
    }
    // A line that names one of them, or nothing but words, was meant as a header.
    let has_number = names.iter().any(|name| number_of(name, separator).is_some());
    match (0..3).find(|&idx| found[idx].is_none()).filter(|_| !has_number) {
        Some(missing) => Err(format!(
            "Line {number}: no column is called {}. Name the columns x, y and class (or target), or leave this line out.",
            NAMES[missing]
        )),
        None => Ok(None),
    }
}

fn row(number: usize, line: &str, separator: char, columns: Columns) -> Result<(f64, f64, u8), String> {
    let fields: Vec<&str> = fields(line, separator).collect();
    let at = |idx: usize, name: &str| format!("Line {number}, column {} ({name})", columns[idx] + 1);
    let text = |idx: usize| {
        let field = fields.get(columns[idx]).copied().filter(|field| !field.is_empty());
        field.ok_or_else(|| format!("{}: there is nothing. {WHAT_TO_DO}", at(idx, NAMES[idx])))
    };
    let value = |idx: usize| {
        let text = text(idx)?;
        let value = number_of(text, separator)
            .ok_or_else(|| format!("{}: “{}” is not a number. Write it like 0.25.", at(idx, NAMES[idx]), shortened(text)))?;
        match value.abs() <= LARGEST {
            true => Ok(value),
            false => Err(format!("{}: {value:e} is too large. Use numbers up to {LARGEST:e}.", at(idx, NAMES[idx]))),
        }
    };
    let (x, y, class) = (value(0)?, value(1)?, value(2)?);
    let largest = N_CLASSES.1 as f64 - 1.0;
    if class.fract() != 0.0 || !(0.0..=largest).contains(&class) {
        let at = at(2, NAMES[2]);
        return Err(format!("{at}: {class} is no class. Use whole numbers from 0 to {largest}: 0 and 1 for two classes."));
    }
    Ok((x, y, class as u8))
}

fn fields(line: &str, separator: char) -> impl Iterator<Item = &str> {
    line.split(separator).map(|field| {
        let field = field.trim();
        field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map_or(field, str::trim)
    })
}

/// A finite number; with a decimal comma where the comma separates nothing else.
fn number_of(text: &str, separator: char) -> Option<f64> {
    let text = if separator == ',' { text.to_owned() } else { text.replacen(',', ".", 1) };
    // What a spreadsheet writes for a negative number on the page may be a true minus sign.
    text.replace('−', "-").parse::<f64>().ok().filter(|value| value.is_finite())
}

fn shortened(text: &str) -> String {
    const MOST: usize = 20;
    if text.chars().count() <= MOST { text.into() } else { text.chars().take(MOST).chain(['…']).collect() }
}

fn placed(rows: &[(f64, f64, u8)]) -> CsvPoints {
    let range = |of: fn(&(f64, f64, u8)) -> f64| {
        rows.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)))
    };
    let ranges = [range(|row| row.0), range(|row| row.1)];
    let fits = ranges.iter().all(|&(low, high)| low >= -MAX_COORDINATE && high <= MAX_COORDINATE);
    let scaled_from = (!fits).then_some(ranges);
    let place = |value: f64, (low, high): (f64, f64)| match (fits, high > low) {
        (true, _) => value,
        (false, true) => 2.0 * (value - low) / (high - low) - 1.0,
        (false, false) => 0.0,
    };
    let points = rows.iter().map(|&(x, y, class)| OwnPoint::at(place(x, ranges[0]), place(y, ranges[1]), class)).collect();
    let n_classes = rows.iter().map(|row| usize::from(row.2) + 1).fold(N_CLASSES.0, usize::max);
    CsvPoints { points, n_classes, scaled_from }
}

#[cfg(test)]
mod tests;
