//! An own series as a CSV file, or pasted: one value a line, perhaps behind a date.

use super::{MAX_CSV_BYTES, fields, lines_of, number_of, shortened};
use crate::own_dates::{OwnDates, is_date};
use crate::own_series::{MAX_OWN_VALUES, MIN_OWN_VALUES, OwnSeries};

/// Values beyond this are no measurements.
const LARGEST: f64 = 1e12;
/// Names of the column that is taken, where a file has several; without one of them it is the last.
const NAMES: [&str; 4] = ["value", "close", "y", "values"];
/// Names of the column of dates; without one of them it is the first.
const DATE_NAMES: [&str; 5] = ["date", "day", "month", "year", "time"];
const WHAT_TO_DO: &str = "Each line needs a number, alone or behind a date, like 2024-01-31,12.5.";

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct CsvSeries {
    /// The values in the order of time, with their dates where these could be read, as a link carries them.
    pub series: OwnSeries,
    /// How many values at the beginning there was no room for.
    pub n_left_out: usize,
    /// Whether the file began with the newest date, so that its lines were turned round.
    pub is_turned: bool,
    /// Whether a value had more digits than a link carries.
    pub is_rounded: bool,
    /// Why there are no dates though another column might have had them, in a sentence.
    pub undated: Option<String>,
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
    let is_named = |idx: &usize| *idx != column && DATE_NAMES.iter().any(|name| names[*idx].eq_ignore_ascii_case(name));
    let date_column = (0..names.len()).find(is_named).or((column > 0).then_some(0));
    let mut dated = rows
        .iter()
        .map(|&(number, line)| {
            let fields: Vec<&str> = fields(line, separator).collect();
            let date = date_column.and_then(|column| fields.get(column).copied()).unwrap_or_default();
            value_of(number, &fields, (separator, column), name.as_deref()).map(|value| (number, date, value))
        })
        .collect::<Result<Vec<_>, String>>()?;
    if dated.len() < MIN_OWN_VALUES {
        let last = lines.last().map_or(1, |line| line.0);
        return Err(format!(
            "Line {last}: the file ends with {} values, and {MIN_OWN_VALUES} are the fewest. {WHAT_TO_DO}",
            dated.len()
        ));
    }
    let is_turned = dated.windows(2).all(|pair| is_dated(pair[0].1) && pair[0].1 > pair[1].1);
    if is_turned {
        dated.reverse();
    }
    let n_left_out = dated.len().saturating_sub(MAX_OWN_VALUES);
    let kept = &dated[n_left_out..];
    let values: Vec<f64> = kept.iter().map(|it| it.2).collect();
    let mut series = OwnSeries::of(&values);
    let is_rounded = series.values() != values;
    let mut undated = None;
    if date_column.is_some() {
        match OwnDates::of(&kept.iter().map(|it| it.1).collect::<Vec<_>>()) {
            Ok(dates) => series.dates = Some(dates),
            Err(flaw) => {
                undated = kept.get(flaw.place).map(|&(number, text, _)| match text {
                    "" => format!("Line {number} has no date, so the values are numbered."),
                    _ => format!("Line {number}: “{}” {}, so the values are numbered.", shortened(text), flaw.why),
                });
            }
        }
    }
    Ok(CsvSeries { series, n_left_out, is_turned, is_rounded, undated, column: name })
}

/// Writes a series as [`read_series`] reads it.
pub fn write_series(series: &OwnSeries) -> String {
    let values = series.values();
    match series.dates {
        None => values.iter().fold("value\n".to_owned(), |text, value| text + &format!("{value}\n")),
        Some(_) => {
            let lines = series.labels().into_iter().zip(values);
            lines.fold("date,value\n".to_owned(), |text, (date, value)| text + &format!("{date},{value}\n"))
        }
    }
}

fn value_of(number: usize, fields: &[&str], (separator, column): (char, usize), name: Option<&str>) -> Result<f64, String> {
    let at = || format!("Line {number}, column {} ({})", column + 1, name.unwrap_or("value"));
    let text = fields.get(column).copied().filter(|field| !field.is_empty());
    let text = text.ok_or_else(|| format!("{}: there is nothing. {WHAT_TO_DO}", at()))?;
    let value = number_of(text, separator)
        .ok_or_else(|| format!("{}: “{}” is not a number. Write it like 0.25.", at(), shortened(text)))?;
    if value.abs() > LARGEST {
        return Err(format!("{}: {value:e} is too large. Use numbers up to {LARGEST:e}.", at()));
    }
    Ok(value)
}

/// Whether a text is a date or begins with a year and a month, so that the order of texts is the order of time.
fn is_dated(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = bytes.len() >= 7
        && bytes[..7].iter().enumerate().all(|(idx, byte)| if idx == 4 { *byte == b'-' } else { byte.is_ascii_digit() });
    begins || is_date(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn dates_are_read_from_their_column() {
        let month = |idx: usize| format!("{}-{:02}", 1949 + idx / 12, idx % 12 + 1);
        for (text, ends) in [
            (lines(|idx| format!("{},{idx}", month(idx))), ("1949-01", "1953-02")),
            (lines(|idx| format!("{};{idx},5", 1901 + idx)), ("1901", "1950")),
            (
                format!("value,Date\n{}", lines(|idx| format!("{idx},2024-02-{:02}", (idx + 5) / 5 + 10))),
                ("2024-02-11", "2024-02-20"),
            ),
            // The newest first.
            (lines(|idx| format!("{},{idx}", 1950 - idx)), ("1901", "1950")),
        ] {
            let read = read(&text).unwrap();
            let labels = read.series.labels();
            assert_eq!((labels[0].as_str(), labels[49].as_str(), read.undated), (ends.0, ends.1, None), "{}", &text[..40]);
        }
        let cut = read(&(0..1_100).map(|day| format!("{},{day}\n", 1000 + day)).collect::<String>()).unwrap();
        assert_eq!((cut.n_left_out, cut.series.labels()[0].as_str()), (100, "1100"));
    }

    #[test]
    fn what_is_no_date_leaves_numbers_and_a_sentence() {
        for (text, why) in [
            (
                lines(|idx| format!("{idx}.1.2024,{idx}")),
                "Line 1: “0.1.2024” is no date like 2024-01-31, 2024-01 or 2024, so the values are numbered.",
            ),
            (
                lines(|idx| format!("{},{idx}", if idx == 7 { String::new() } else { (1900 + idx).to_string() })),
                "Line 8 has no date, so the values are numbered.",
            ),
            (
                lines(|idx| format!("{},{idx}", if idx == 7 { 1800 } else { 1900 + idx })),
                "Line 8: “1800” is earlier than the date before it, so the values are numbered.",
            ),
        ] {
            let read = read(&text).unwrap();
            assert_eq!((read.series.labels()[0].as_str(), read.undated.as_deref()), ("1", Some(why)));
        }
        // Without another column nobody misses them.
        assert_eq!(read(&lines(|idx| idx.to_string())).unwrap().undated, None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read_series(&bytes);
        }

        #[test]
        fn no_table_breaks_the_reader(lines in proptest::collection::vec("[0-9-]{0,12}[,;][0-9.e-]{1,3}\n", 40..60)) {
            if let Ok(it) = read(&lines.concat()) {
                prop_assert_eq!(it.series.check(), Ok(()));
                prop_assert_eq!(it.series.labels().len(), it.series.len());
            }
        }

        #[test]
        fn what_is_written_is_read_back(first in 1i32..5000, gaps in proptest::collection::vec(0i32..100, 40..50), dated in any::<bool>()) {
            let mut year = first;
            let line = |(idx, gap): (usize, &i32)| {
                year += gap;
                if dated { format!("{year:04},{idx}.5\n") } else { format!("{idx}.5\n") }
            };
            let series = read(&gaps.iter().enumerate().map(line).collect::<String>()).unwrap().series;
            prop_assert_eq!(series.dates.is_some(), dated);
            prop_assert_eq!(read(&write_series(&series)).unwrap().series, series);
        }
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
