//! When the values of an own series were measured: days, months or years, as a link carries them.

use crate::own_series::{DIGITS, digit_of};
use serde::{Deserialize, Serialize};

/// Most days, months or years between two neighbours: what two digits of base 64 hold.
const MAX_GAP: u16 = 64 * 64 - 1;
/// First and last year that a date is written with.
const YEARS: (i64, i64) = (1, 9999);
const MONTHS_OF_YEAR: i64 = 12;

/// What dates are counted in; each has a spelling of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DateUnit {
    /// `2024-01-31`, counted from 1970-01-01.
    Day,
    /// `2024-01`, counted from the year 0.
    Month,
    /// `2024`.
    Year,
}

/// Dates in the order of time, each some units after the one before.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OwnDates {
    unit: DateUnit,
    first: i32,
    gaps: Vec<u16>,
}

/// Which text is no date that could be kept, and why: the end of a sentence that begins with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateFlaw {
    /// Its place, from 0.
    pub place: usize,
    /// Why.
    pub why: &'static str,
}

impl OwnDates {
    /// Texts as dates: all of one form, none before the one above it.
    ///
    /// ```
    /// use descent_spec::own_dates::OwnDates;
    /// let dates = OwnDates::of(&["2023-12-31", "2024-01-01", "2024-03-01"]).unwrap();
    /// assert_eq!(dates.labels(), ["2023-12-31", "2024-01-01", "2024-03-01"]);
    /// assert_eq!(OwnDates::of(&["2024", "31.1.2024"]).unwrap_err().place, 1);
    /// ```
    ///
    /// # Errors
    /// The first text that is not such a date.
    pub fn of(texts: &[&str]) -> Result<OwnDates, DateFlaw> {
        let flaw = |place: usize, why: &'static str| DateFlaw { place, why };
        let mut dates: Option<OwnDates> = None;
        let mut before = 0;
        for (place, text) in texts.iter().enumerate() {
            let (unit, at) = parsed(text).ok_or(flaw(place, "is no date like 2024-01-31, 2024-01 or 2024"))?;
            match &mut dates {
                None => dates = Some(OwnDates { unit, first: at, gaps: Vec::with_capacity(texts.len()) }),
                Some(dates) if dates.unit != unit => return Err(flaw(place, "is of another form than the date before it")),
                Some(_) if at < before => return Err(flaw(place, "is earlier than the date before it")),
                Some(dates) => match u16::try_from(at - before).ok().filter(|&gap| gap <= MAX_GAP) {
                    Some(gap) => dates.gaps.push(gap),
                    None => return Err(flaw(place, "is too long after the date before it")),
                },
            }
            before = at;
        }
        dates.ok_or(flaw(0, "is no date"))
    }

    /// The dates as they are written.
    pub fn labels(&self) -> Vec<String> {
        let mut at = i64::from(self.first);
        let mut labels = vec![label(self.unit, at)];
        labels.extend(self.gaps.iter().map(|&gap| {
            at += i64::from(gap);
            label(self.unit, at)
        }));
        labels
    }

    /// Whether these are dates of so many values.
    pub(crate) fn check(&self, n_values: usize) -> Result<(), String> {
        let last = self.gaps.iter().fold(i64::from(self.first), |at, &gap| at + i64::from(gap));
        let year = |at: i64| match self.unit {
            DateUnit::Day => civil(at).0,
            DateUnit::Month => at.div_euclid(MONTHS_OF_YEAR),
            DateUnit::Year => at,
        };
        let is_sound = self.gaps.len() + 1 == n_values
            && self.gaps.iter().all(|&gap| gap <= MAX_GAP)
            && year(self.first.into()) >= YEARS.0
            && year(last) <= YEARS.1;
        if is_sound { Ok(()) } else { Err("A date of the series is out of its bounds, or is not there.".into()) }
    }

    /// `2024-01-31.01`: the first date; then a 0 and the gap that is between all, or how many digits of base 64 a gap has, and the gaps.
    pub(crate) fn to_link(&self) -> String {
        let mut text = format!("{}.", label(self.unit, self.first.into()));
        let most = self.gaps.iter().copied().max().unwrap_or(0);
        if self.gaps.iter().all(|&gap| gap == most) {
            text.push_str(&format!("0{most}"));
            return text;
        }
        let is_narrow = usize::from(most) < DIGITS.len();
        text.push(if is_narrow { '1' } else { '2' });
        for gap in self.gaps.iter().map(|&gap| usize::from(gap.min(MAX_GAP))) {
            if !is_narrow {
                text.push(char::from(DIGITS[gap / 64]));
            }
            text.push(char::from(DIGITS[gap % 64]));
        }
        text
    }

    /// Reads what [`to_link`](Self::to_link) writes, for a number of values that is bounded already.
    pub(crate) fn from_link(text: &str, n_values: usize) -> Result<OwnDates, String> {
        let broken = || "the steps between its dates cannot be read".to_owned();
        let (first, gaps) = text.split_once('.').ok_or_else(broken)?;
        let (unit, first) = parsed(first).ok_or_else(|| "its first date is none like 2024-01-31, 2024-01 or 2024".to_owned())?;
        let n_gaps = n_values.saturating_sub(1);
        let (width, gaps) = gaps.split_at_checked(1).ok_or_else(broken)?;
        let gaps = match width {
            "0" => gaps.parse().ok().map(|gap| vec![gap; n_gaps]),
            "1" | "2" => {
                let width = if width == "1" { 1 } else { 2 };
                let gap = |digits: &[u8]| digits.iter().try_fold(0u16, |gap, byte| Some(64 * gap + digit_of(*byte)? as u16));
                let is_whole = gaps.len() == width * n_gaps;
                is_whole.then(|| gaps.as_bytes().chunks_exact(width).map(gap).collect::<Option<Vec<u16>>>()).flatten()
            }
            _ => None,
        };
        let dates = OwnDates { unit, first, gaps: gaps.ok_or_else(broken)? };
        dates.check(n_values).map(|()| dates)
    }
}

/// Whether a text is a date: of itself, whatever stands around it.
pub(crate) fn is_date(text: &str) -> bool {
    parsed(text).is_some()
}

/// ISO 8601's calendar dates: a day, a month or a year, in its unit.
fn parsed(text: &str) -> Option<(DateUnit, i32)> {
    let number = |part: &str, len: usize| {
        let is_written = part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
        is_written.then(|| part.parse::<i64>().ok()).flatten()
    };
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4).filter(|&year| year >= YEARS.0)?;
    let Some(month) = parts.next() else { return Some((DateUnit::Year, year as i32)) };
    let month = number(month, 2).filter(|month| (1..=MONTHS_OF_YEAR).contains(month))?;
    let Some(day) = parts.next() else { return Some((DateUnit::Month, (MONTHS_OF_YEAR * year + month - 1) as i32)) };
    let day = number(day, 2).filter(|_| parts.next().is_none())?;
    let days = days_of(year, month, day);
    // A day that the month does not have would be one of the next.
    (civil(days) == (year, month, day)).then_some((DateUnit::Day, days as i32))
}

fn label(unit: DateUnit, at: i64) -> String {
    match unit {
        DateUnit::Day => {
            let (year, month, day) = civil(at);
            format!("{year:04}-{month:02}-{day:02}")
        }
        DateUnit::Month => format!("{:04}-{:02}", at.div_euclid(MONTHS_OF_YEAR), at.rem_euclid(MONTHS_OF_YEAR) + 1),
        DateUnit::Year => format!("{at:04}"),
    }
}

/// Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// Year, month and day (Hinnant, `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Python: `(datetime.date(2000, 2, 29) - datetime.date(1970, 1, 1)).days` is 11016; of 0001-01-01 −719162, of 9999-12-31 2932896.
    #[test]
    fn days_are_pythons() {
        for (text, days) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("0001-01-01", -719_162), ("9999-12-31", 2_932_896)] {
            assert_eq!(parsed(text), Some((DateUnit::Day, days)), "{text}");
            assert_eq!(label(DateUnit::Day, days.into()), text);
        }
        assert_eq!((parsed("1749-01"), parsed("1749")), (Some((DateUnit::Month, 20_988)), Some((DateUnit::Year, 1_749))));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2023-02-29",
            "1900-02-29",
            "2024-13",
            "2024-00",
            "2024-1",
            "24",
            "0000",
            "2024-01-01T12:00",
            "-2024",
            "２０２４",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
        for (texts, place) in [
            (["2024", "2024-01", "2025"], 1),
            (["2024", "2023", "2025"], 1),
            (["2024-01-01", "2024-01-02", "2035-12-31"], 2),
            (["1", "2024", "2025"], 0),
        ] {
            assert_eq!(OwnDates::of(&texts).unwrap_err().place, place, "{texts:?}");
        }
    }

    #[test]
    fn steps_are_spelled_as_short_as_they_can_be() {
        let link = |texts: &[&str]| OwnDates::of(texts).unwrap().to_link();
        assert_eq!(link(&["1949-11", "1949-12", "1950-01"]), "1949-11.01");
        // Over a weekend: 1 day and 3, B and D.
        assert_eq!(link(&["2024-02-29", "2024-03-01", "2024-03-04"]), "2024-02-29.1BD");
        // 64 years are BA.
        assert_eq!(link(&["1900", "1901", "1965"]), "1900.2ABBA");
    }

    #[test]
    fn broken_links_are_refused() {
        assert!(OwnDates::from_link("2024.1BB", 3).is_ok());
        for bad in [
            "",
            "2024",
            "2024.",
            "2024.1B",
            "2024.1BBB",
            "2024.1B!",
            "2024.3BBBBBB",
            "2024.04096",
            "2024.0-1",
            "x.01",
            "9998.01",
            "2024.0",
            "2024.ä1",
        ] {
            assert!(OwnDates::from_link(bad, 3).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_day_is_itself(days in -719_162i32..=2_932_896) {
            prop_assert_eq!(parsed(&label(DateUnit::Day, days.into())), Some((DateUnit::Day, days)));
        }

        #[test]
        fn dates_survive_the_link(unit in 0usize..3, gaps in proptest::collection::vec(prop_oneof![0u16..3, 0u16..=MAX_GAP], 0..60)) {
            let (unit, first) = [(DateUnit::Day, 11_016), (DateUnit::Month, 20_988), (DateUnit::Year, 1_749)][unit];
            // Of years there are not as many as of gaps.
            let gaps: Vec<u16> = gaps.into_iter().map(|gap| if unit == DateUnit::Year { gap % 100 } else { gap }).collect();
            let dates = OwnDates { unit, first, gaps };
            prop_assert_eq!(OwnDates::from_link(&dates.to_link(), dates.gaps.len() + 1), Ok(dates.clone()));
            let labels = dates.labels();
            let texts: Vec<&str> = labels.iter().map(String::as_str).collect();
            prop_assert_eq!(OwnDates::of(&texts), Ok(dates));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "[0-9.A-Ca-c_-]{0,40}", wild in any::<String>(), n_values in 0usize..50) {
            let _ = (OwnDates::from_link(&text, n_values), OwnDates::from_link(&wild, n_values));
            let _ = (OwnDates::of(&[&text]), OwnDates::of(&[&wild]));
        }
    }
}
