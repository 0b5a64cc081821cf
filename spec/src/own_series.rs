//! A series that the visitor brings: whole numbers of a power of ten, so that a link carries it exactly.

use crate::own_dates::OwnDates;
use serde::{Deserialize, Serialize};

/// Most own values: their link stays below half of [`MAX_LINK_BYTES`](crate::link::MAX_LINK_BYTES), with dates below two thirds.
pub const MAX_OWN_VALUES: usize = 1_000;
/// Fewest own values: with the windows that the lab opens with, each part of the time has some.
pub const MIN_OWN_VALUES: usize = 40;

/// Digits of base 64 for each value.
const CHARS: usize = 3;
/// The digits of base 64 that need no escape in a link (RFC 4648, section 5).
pub(crate) const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The largest level that so many digits hold.
const MAX_LEVEL: u32 = 64u32.pow(CHARS as u32) - 1;
/// Fewest and most decimals; fewer than none are powers of ten.
const DECIMALS: (i8, i8) = (-12, 9);
/// Whole numbers beyond this are not exact in double precision after an addition of the largest level.
const MAX_OFFSET: i64 = 1_000_000_000_000_000;

/// Values in the order of time: `(offset + level) / 10^decimals`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OwnSeries {
    /// Digits behind the decimal point, in `-12..=9`.
    pub decimals: i8,
    /// The smallest value, in units of the last digit.
    pub offset: i64,
    /// What each value has above it, below 64³.
    pub levels: Vec<u32>,
    /// When each was measured, where that is known.
    #[serde(default)]
    pub dates: Option<OwnDates>,
}

/// The value of a digit of base 64.
pub(crate) fn digit_of(byte: u8) -> Option<u32> {
    DIGITS.iter().position(|&digit| digit == byte).map(|value| value as u32)
}

impl OwnSeries {
    /// Values up to 10¹² as they are, where they have at most nine decimals and their range at most 262,143 units of the last one; else
    /// rounded to the finest power of ten that has room for the range.
    ///
    /// ```
    /// use descent_spec::own_series::OwnSeries;
    /// let series = OwnSeries { decimals: 2, offset: 3050, levels: vec![74, 0], dates: None };
    /// assert_eq!(OwnSeries::of(&[31.24, 30.5]), series);
    /// assert_eq!(OwnSeries::of(&[31.24, 30.5]).values(), [31.24, 30.5]);
    /// ```
    pub fn of(values: &[f64]) -> OwnSeries {
        let scaled = |value: f64, decimals: i8| (value * 10f64.powi(decimals.into())).round();
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &it| (low.min(it), high.max(it)));
        let fits = |&decimals: &i8| {
            let (low, high) = (scaled(low, decimals), scaled(high, decimals));
            high - low <= f64::from(MAX_LEVEL) && low.abs().max(high.abs()) <= MAX_OFFSET as f64
        };
        let finest = (DECIMALS.0..=DECIMALS.1).rev().find(fits).unwrap_or(DECIMALS.0);
        let is_exact = |&decimals: &i8| {
            let kept = |value: f64| scaled(value, decimals) / 10f64.powi(decimals.into());
            values.iter().all(|&value| (kept(value) - value).abs() <= 1e-12 * value.abs())
        };
        let decimals = (0..=finest).find(is_exact).unwrap_or(finest);
        let offset = if values.is_empty() { 0 } else { scaled(low, decimals) as i64 };
        let level = |&value: &f64| (scaled(value, decimals) as i64 - offset).clamp(0, i64::from(MAX_LEVEL)) as u32;
        OwnSeries { decimals, offset, levels: values.iter().map(level).collect(), dates: None }
    }

    /// The values.
    pub fn values(&self) -> Vec<f64> {
        let unit = 10f64.powi(i32::from(self.decimals).abs());
        let value = |&level: &u32| {
            let whole = (self.offset + i64::from(level)) as f64;
            if self.decimals < 0 { whole * unit } else { whole / unit }
        };
        self.levels.iter().map(value).collect()
    }

    /// When each was measured; where that is not known, their numbers from 1.
    pub fn labels(&self) -> Vec<String> {
        let dates = self.dates.as_ref().filter(|dates| dates.check(self.len()).is_ok());
        dates.map_or_else(|| (1..=self.len()).map(|nth| nth.to_string()).collect(), OwnDates::labels)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// What lies there before the visitor brings anything: two waves, of 24 and of 7 steps, on a slope.
    pub(crate) fn opening() -> OwnSeries {
        let turn = |t: f64, period: f64| (std::f64::consts::TAU * t / period).sin();
        let value = |t: u32| {
            let t = f64::from(t);
            ((50.0 + 0.05 * t + 10.0 * turn(t, 24.0) + 4.0 * turn(t, 7.0)) * 10.0).round() / 10.0
        };
        OwnSeries::of(&(0..240).map(value).collect::<Vec<_>>())
    }

    /// Whether a session can be built from it.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(MIN_OWN_VALUES..=MAX_OWN_VALUES).contains(&self.len()) {
            return Err(format!("A series has {MIN_OWN_VALUES} to {MAX_OWN_VALUES} values, and there are {}.", self.len()));
        }
        let is_sound = (DECIMALS.0..=DECIMALS.1).contains(&self.decimals)
            && self.offset.abs() <= MAX_OFFSET
            && self.levels.iter().all(|&level| level <= MAX_LEVEL);
        if !is_sound {
            return Err("A value of the series is out of its bounds.".into());
        }
        self.dates.as_ref().map_or(Ok(()), |dates| dates.check(self.len()))
    }

    /// `2.3050.ABKAAA`: decimals, offset, and three digits of base 64 for each level. Dates stand behind another full stop.
    pub(crate) fn to_link(&self) -> String {
        let mut text = format!("{}.{}.", self.decimals, self.offset);
        for &level in &self.levels {
            let level = level.min(MAX_LEVEL) as usize;
            text.extend([level / 4096, level / 64 % 64, level % 64].map(|digit| char::from(DIGITS[digit])));
        }
        if let Some(dates) = &self.dates {
            text.push('.');
            text.push_str(&dates.to_link());
        }
        text
    }

    pub(crate) fn from_link(text: &str) -> Result<OwnSeries, String> {
        let mut parts = text.splitn(4, '.');
        let (Some(decimals), Some(offset), Some(digits)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(
                "it has three parts with full stops between: decimals, the smallest value, and the values above it".into()
            );
        };
        let decimals = decimals.parse().map_err(|_| "its decimals are no whole number".to_owned())?;
        let offset = offset.parse().map_err(|_| "its smallest value is no whole number".to_owned())?;
        if !digits.len().is_multiple_of(CHARS) {
            return Err(format!("each value has {CHARS} characters, and the last one is cut short"));
        }
        if digits.len() > CHARS * MAX_OWN_VALUES {
            return Err(format!("there can be {MAX_OWN_VALUES} values, and these are {}", digits.len() / CHARS));
        }
        let level = |chars: &[u8]| chars.iter().try_fold(0, |level, byte| Some(64 * level + digit_of(*byte)?));
        let levels = digits.as_bytes().chunks_exact(CHARS).map(level).collect::<Option<Vec<u32>>>();
        let levels = levels.ok_or_else(|| "a value cannot be read".to_owned())?;
        let dates = parts.next().map(|dates| OwnDates::from_link(dates, levels.len())).transpose()?;
        let series = OwnSeries { decimals, offset, levels, dates };
        series.check().map(|()| series)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_spelled_in_base_64() {
        // 74 = 1 · 64 + 10: digits B and K.
        assert_eq!(OwnSeries::of(&[31.24, 30.5]).to_link(), "2.3050.ABKAAA");
        let steps = OwnSeries::of(&(0..40).map(|n| f64::from(n) - 0.5).collect::<Vec<_>>());
        assert_eq!((steps.decimals, steps.offset), (1, -5));
        assert_eq!(OwnSeries::from_link(&steps.to_link()).as_ref(), Ok(&steps));
    }

    #[test]
    fn dates_stand_behind_the_values() {
        let labels: Vec<String> = (0..40).map(|n| format!("{}-{:02}", 2000 + n / 12, n % 12 + 1)).collect();
        let texts: Vec<&str> = labels.iter().map(String::as_str).collect();
        let plain = OwnSeries::of(&(0..40).map(f64::from).collect::<Vec<_>>());
        assert_eq!(plain.labels()[..2], ["1", "2"]);
        let dated = OwnSeries { dates: Some(OwnDates::of(&texts).unwrap()), ..plain.clone() };
        assert_eq!(dated.to_link(), format!("{}.2000-01.01", plain.to_link()));
        assert_eq!(OwnSeries::from_link(&dated.to_link()).as_ref(), Ok(&dated));
        assert_eq!(dated.labels(), labels);
        assert!(OwnSeries::from_link(&format!("{}.", plain.to_link())).is_err());
        assert!(OwnSeries { dates: Some(OwnDates::of(&texts[1..]).unwrap()), ..plain }.check().is_err());
    }

    /// As a saved run has it that was written before there were dates.
    #[test]
    fn a_series_saved_without_dates_is_read() {
        let read: OwnSeries = serde_json::from_str(r#"{"decimals":2,"offset":3050,"levels":[74,0]}"#).unwrap();
        assert_eq!(read, OwnSeries::of(&[31.24, 30.5]));
    }

    #[test]
    fn what_has_no_room_is_rounded() {
        // A range of 10⁶ has no room in units of 1, but in units of 10.
        let far = OwnSeries::of(&[0.0, 1_000_004.0, 123_456.0]);
        assert_eq!((far.decimals, far.values()), (-1, vec![0.0, 1_000_000.0, 123_460.0]));
        // Thirds end after as many decimals as the range leaves.
        let thirds = OwnSeries::of(&[1.0 / 3.0, 2.0 / 3.0]);
        assert_eq!((thirds.decimals, thirds.values()), (5, vec![0.33333, 0.66667]));
        assert_eq!(OwnSeries::of(&[1e12, 1e12]).values(), [1e12, 1e12]);
        assert_eq!(OwnSeries::of(&[-1e12, 1e12]).values(), [-1e12, 1e12]);
        assert!(OwnSeries::of(&[]).is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let good = "AAA".repeat(MIN_OWN_VALUES);
        assert!(OwnSeries::from_link(&format!("0.0.{good}")).is_ok());
        for bad in [
            String::new(),
            "0.0".into(),
            format!("x.0.{good}"),
            format!("0.1e5.{good}"),
            format!("99.0.{good}"),
            format!("0.9999999999999999.{good}"),
            format!("0.0.{good}A"),
            format!("0.0.{good}A!A"),
            "0.0.AAA".into(),
            format!("0.0.{}", "AAA".repeat(MAX_OWN_VALUES + 1)),
            "0.0.äöü".repeat(20),
        ] {
            assert!(OwnSeries::from_link(&bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn decimals_survive_the_link(
            cents in proptest::collection::vec(-60_000i64..60_000, MIN_OWN_VALUES..200), decimals in 0i32..5, shift in -1_000i64..1_000
        ) {
            let values: Vec<f64> = cents.iter().map(|&it| (it + shift) as f64 / 10f64.powi(decimals)).collect();
            let series = OwnSeries::of(&values);
            prop_assert_eq!(&series.values(), &values);
            prop_assert_eq!(OwnSeries::from_link(&series.to_link()), Ok(series));
        }
    }
}
