//! An own series as a CSV file, or pasted: one value a line, perhaps behind a date.

use super::{MAX_CSV_BYTES, fields, lines_of, number_of, shortened};
use crate::own_series::{MAX_OWN_VALUES, MIN_OWN_VALUES, OwnSeries};

/// Values beyond this are no measurements.
const LARGEST: f64 = 1e12;
/// Names of the column that is taken, where a file has several; without one of them it is the last.
const NAMES: [&str; 4] = ["value", "close", "y", "values"];
const WHAT_TO_DO: &str = "Each line needs a number, alone or behind a date, like 2024-01-31,12.5.";

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct CsvSeries {
    /// The values in the order of time, as a link carries them.
    pub series: OwnSeries,
    /// How many values at the beginning there was no room for.
    pub n_left_out: usize,
    /// Whether the file began with the newest date, so that its lines were turned round.
    pub is_turned: bool,
    /// Whether a value had more digits than a link carries.
    pub is_rounded: bool,
    /// The name of the column that was taken.
    pub column: Option<String>,
}

/// Reads a file, or what was pasted. Of more than [`MAX_OWN_VALUES`] the newest are kept.
///
/// ```
/// use descent_spec::csv::read_series;
/// let text: String = (1..=40).map(|day| format!("{day};{day},5\n")).collect();
/// assert_eq!(read_series(text.as_bytes()).unwrap().series.values()[..2], [1.5, 2.5]);
/// assert_eq!(read_series(b"date,close\n1,many\n").unwrap_err(), "Line 2, column 2 (close): \u{201c}many\u{201d} is not a number. Write it like 0.25.");
/// ```
///
/// # Errors
/// A sentence or two that name the line and the column, and say what to do.
pub fn read_series(bytes: &[u8]) -> Result<CsvSeries, String> {
    let too_large = format!("and {MAX_CSV_BYTES} are the most: keep the newest {MAX_OWN_VALUES} lines and no other columns.");
    let lines = lines_of(bytes, &too_large)?;
    let Some(&(number, first)) = lines.first() else {
        return Err(format!("Line 1: the file is empty. {WHAT_TO_DO}"));
    };
    // A line that holds nothing but a number has no separator.
    let separator = ['\t', ';', ','].into_iter().find(|&it| first.contains(it)).unwrap_or('\n');
    let names: Vec<&str> = fields(first, separator).collect();
    let named = NAMES.iter().find_map(|name| names.iter().position(|it| it.eq_ignore_ascii_case(name)));
    let column = named.unwrap_or(names.len() - 1);
    let has_header = names.get(column).is_some_and(|name| number_of(name, separator).is_none());
    if has_header && names.iter().any(|name| number_of(name, separator).is_some()) {
        return Err(format!(
            "Line {number}, column {}: “{}” is not a number. {WHAT_TO_DO}",
            column + 1,
            shortened(names[column])
        ));
    }
    let name = has_header.then(|| shortened(names[column]));
    let rows = &lines[usize::from(has_header)..];
    let mut values = Vec::with_capacity(rows.len());
    let mut dates = Vec::with_capacity(rows.len());
    for &(number, line) in rows {
        let (date, value) = row(number, line, (separator, column), name.as_deref())?;
        dates.push(date);
        values.push(value);
    }
    if values.len() < MIN_OWN_VALUES {
        let last = lines.last().map_or(1, |line| line.0);
        return Err(format!(
            "Line {last}: the file ends with {} values, and {MIN_OWN_VALUES} are the fewest. {WHAT_TO_DO}",
            values.len()
        ));
    }
    let is_turned = column > 0 && dates.windows(2).all(|pair| is_dated(pair[0]) && pair[0] > pair[1]);
    if is_turned {
        values.reverse();
    }
    let n_left_out = values.len().saturating_sub(MAX_OWN_VALUES);
    let kept = &values[n_left_out..];
    let series = OwnSeries::of(kept);
    let is_rounded = series.values() != kept;
    Ok(CsvSeries { series, n_left_out, is_turned, is_rounded, column: name })
}

fn row<'a>(
    number: usize,
    line: &'a str,
    (separator, column): (char, usize),
    name: Option<&str>,
) -> Result<(&'a str, f64), String> {
    let fields: Vec<&str> = fields(line, separator).collect();
    let at = || format!("Line {number}, column {} ({})", column + 1, name.unwrap_or("value"));
    let text = fields.get(column).copied().filter(|field| !field.is_empty());
    let text = text.ok_or_else(|| format!("{}: there is nothing. {WHAT_TO_DO}", at()))?;
    let value = number_of(text, separator)
        .ok_or_else(|| format!("{}: “{}” is not a number. Write it like 0.25.", at(), shortened(text)))?;
    if value.abs() > LARGEST {
        return Err(format!("{}: {value:e} is too large. Use numbers up to {LARGEST:e}.", at()));
    }
    Ok((fields[0], value))
}

/// Whether a text begins with a year and a month, so that the order of texts is the order of time.
fn is_dated(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && bytes[..7].iter().enumerate().all(|(idx, byte)| if idx == 4 { *byte == b'-' } else { byte.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(of: impl Fn(usize) -> String) -> String {
        (0..50).map(|idx| of(idx) + "\n").collect()
    }

    fn read(text: &str) -> Result<CsvSeries, String> {
        read_series(text.as_bytes())
    }

    #[test]
    fn a_value_stands_alone_or_behind_a_date() {
        let expected: Vec<f64> = (0..50).map(|idx| f64::from(idx) + 0.25).collect();
        for text in [
            lines(|idx| format!("{idx}.25")),
            lines(|idx| format!("2024-01-{idx:02},{idx}.25")),
            format!("\u{feff}Date,Close,Volume\n{}", lines(|idx| format!("2024-01-{idx:02},{idx}.25,1000"))),
            format!("day;temp\n\n{}", lines(|idx| format!("{idx};{idx},25"))),
            format!("\"day\"\t\"temp\"\n{}", lines(|idx| format!("{idx}\t\"{idx}.25\""))),
            format!("open,y\n{}", lines(|idx| format!("7,{idx}.25"))),
        ] {
            let read = read(&text).unwrap();
            assert_eq!(read.series.values(), expected, "{}", &text[..40]);
            assert!(!read.is_turned && !read.is_rounded && read.n_left_out == 0);
        }
        assert_eq!(read(&format!("a,b\n{}", lines(|idx| format!("{idx},1")))).unwrap().column.as_deref(), Some("b"));
    }

    #[test]
    fn the_newest_first_is_turned_round_and_the_oldest_left_out() {
        let newest_first: String =
            (0..1200).rev().map(|day| format!("{}-{:02}-01,{day}\n", 1900 + day / 12, day % 12 + 1)).collect();
        let read = read(&newest_first).unwrap();
        assert!(read.is_turned);
        assert_eq!((read.n_left_out, read.series.values()[0], read.series.values()[999]), (200, 200.0, 1199.0));
    }

    #[test]
    fn what_has_too_many_digits_is_rounded_and_told() {
        assert!(read(&lines(|idx| format!("{}", idx as f64 / 3.0))).unwrap().is_rounded);
    }

    #[test]
    fn bad_files_are_named_by_line_and_column() {
        for (text, says) in [
            (String::new(), "empty"),
            ("1\n2\n".into(), "Line 2: the file ends with 2 values, and 40 are the fewest"),
            (
                lines(|idx| if idx == 7 { "x,y".into() } else { format!("{idx},1") }),
                "Line 8, column 2 (value): “y” is not a number",
            ),
            (lines(|idx| if idx == 7 { "x,".into() } else { format!("{idx},1") }), "Line 8, column 2 (value): there is nothing"),
            (
                lines(|idx| if idx == 9 { "3,1e13".into() } else { format!("{idx},1") }),
                "Line 10, column 2 (value): 1e13 is too large",
            ),
            ("1,2,many\n".into(), "Line 1, column 3: “many”"),
            ("v\n1\nNaN\n".into(), "Line 3, column 1 (v)"),
            ("9".repeat(MAX_CSV_BYTES + 1), "are the most"),
        ] {
            let why = read(&text).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
        assert!(read_series(b"1\n\xff\n").unwrap_err().starts_with("Line 2: this is no text"));
    }
}
