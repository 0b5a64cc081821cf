//! Dates as people write them, drawn from the seed, each with the way ISO 8601 writes it.

use crate::rng::{Stream, Streams, below, shuffle};
use descent_spec::DataSet;
use descent_spec::pairs::{Numbers, Side, date_vocabularies, spelled};

/// Dates that are learned from and chosen by.
pub(super) const N_POOL: usize = 10_000;
/// Dates of the test part.
pub(super) const N_TEST: usize = 1_000;
/// Days from 1950-01-01 to 2049-12-31: two digits of a year are enough to tell which.
const N_DAYS: u32 = 36_525;
const FIRST_DAY: i64 = -7_305;

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Ways to write a date.
const N_WAYS: u32 = 12;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    year: i64,
    month: usize,
    day: i64,
    /// 0 on Mondays.
    weekday: usize,
}

impl Day {
    /// Of a number of days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
    fn of(days: i64) -> Day {
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        // 1970-01-01 was a Thursday.
        Day { year, month: month as usize, day, weekday: (days + 3).rem_euclid(7) as usize }
    }

    fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// In one of [`N_WAYS`] ways. Days come first with points, months with strokes, as in Europe and in America.
    fn written(self, way: u32) -> String {
        let Day { year, month, day, weekday } = self;
        let (name, weekday) = (MONTHS[month - 1], WEEKDAYS[weekday]);
        let (short, short_weekday) = (&name[..3], &weekday[..3]);
        let ordinal = match day {
            1 | 21 | 31 => "st",
            2 | 22 => "nd",
            3 | 23 => "rd",
            _ => "th",
        };
        match way {
            0 => format!("{day} {name} {year}"),
            1 => format!("{name} {day}, {year}"),
            2 => format!("{day} {short} {year}"),
            3 => format!("{short} {day}, {year}"),
            4 => format!("{day}.{month}.{year}"),
            5 => format!("{month}/{day}/{year}"),
            6 => format!("{day:02}.{month:02}.{:02}", year % 100),
            7 => format!("{month:02}/{day:02}/{:02}", year % 100),
            8 => format!("{weekday}, {name} {day}, {year}"),
            9 => format!("{short_weekday} {day} {short} {year}"),
            10 => format!("{day}{ordinal} of {name} {year}"),
            _ => format!("{name} {day}{ordinal}, {year}"),
        }
    }
}

/// All pairs, those of the pool first: source and target as tokens. No day comes twice, so that what is held out was never seen, in
/// whatever way it is written.
pub(super) fn draw(seed: u32) -> Vec<[Vec<u16>; 2]> {
    let mut rng = Streams::new(seed).rng(Stream::Dates, 0);
    let mut days: Vec<u32> = (0..N_DAYS).collect();
    shuffle(&mut rng, &mut days);
    let numbers = date_vocabularies().map(|vocabulary| Numbers::new(&vocabulary));
    let tokens = |side: usize, of: Side, text: &str| -> Vec<u16> {
        spelled(DataSet::Dates, of, text).iter().map(|token| numbers[side].of(token) as u16).collect()
    };
    let of_day = |day: u32| {
        let day = Day::of(FIRST_DAY + i64::from(day));
        let written = day.written(below(&mut rng, N_WAYS));
        [tokens(0, Side::Source, &written), tokens(1, Side::Target, &day.iso())]
    };
    days.into_iter().take(N_POOL + N_TEST).map(of_day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::pairs::UNKNOWN_TOKEN;

    /// Python: `datetime.date(1950, 1, 1) - datetime.date(1970, 1, 1)` are −7305 days; 2024-02-29 is day 19782, a Thursday;
    /// 2026-11-29 is day 20786, a Sunday.
    #[test]
    fn days_are_pythons() {
        assert_eq!(Day::of(FIRST_DAY), Day { year: 1950, month: 1, day: 1, weekday: 6 });
        assert_eq!(Day::of(FIRST_DAY + i64::from(N_DAYS) - 1).iso(), "2049-12-31");
        assert_eq!(Day::of(19_782), Day { year: 2024, month: 2, day: 29, weekday: 3 });
        let day = Day::of(20_786);
        let written: Vec<String> = (0..N_WAYS).map(|way| day.written(way)).collect();
        let expected = [
            "29 november 2026",
            "november 29, 2026",
            "29 nov 2026",
            "nov 29, 2026",
            "29.11.2026",
            "11/29/2026",
            "29.11.26",
            "11/29/26",
            "sunday, november 29, 2026",
            "sun 29 nov 2026",
            "29th of november 2026",
            "november 29th, 2026",
        ];
        assert_eq!((day.iso().as_str(), written), ("2026-11-29", expected.map(String::from).to_vec()));
    }

    #[test]
    fn every_character_is_known_and_no_day_comes_twice() {
        let pairs = draw(1);
        assert_eq!(pairs.len(), N_POOL + N_TEST);
        let all = pairs.iter().flatten().flatten();
        assert!(all.clone().count() > 0 && all.clone().all(|&token| u32::from(token) > UNKNOWN_TOKEN));
        let targets: std::collections::HashSet<_> = pairs.iter().map(|[_, target]| target).collect();
        assert_eq!(targets.len(), pairs.len());
        assert!(pairs.iter().all(|[source, target]| source.len() <= 29 && target.len() == 10));
        assert_ne!(draw(2)[0], pairs[0]);
    }
}
