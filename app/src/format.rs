//! Numbers as the page shows them: three significant digits, thousands separators, never "0.000".

/// A whole number with thousands separators: `20,522`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Three significant digits: `14,800`, `2.30`, `0.0412`, `4.20e-5`; words where it is no number.
pub fn sig3(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "not a number"
        } else if value > 0.0 {
            "infinite"
        } else {
            "−infinite"
        }
        .into();
    }
    if value == 0.0 {
        return "0".into();
    }
    let sign = if value < 0.0 { "−" } else { "" };
    // Rounding first, so that 9.996 is laid out as the 10.0 it becomes.
    let rounded: f64 = format!("{:.2e}", value.abs()).parse().unwrap_or(value.abs());
    let exponent = rounded.log10().floor() as i32;
    let body = match exponent {
        i32::MIN..=-4 => format!("{rounded:.2e}").replace('-', "−"),
        2..=14 => count(rounded.round() as u64),
        15.. => format!("{rounded:.2e}"),
        _ => format!("{rounded:.*}", (2 - exponent).max(0) as usize),
    };
    format!("{sign}{body}")
}

/// A share as a percentage with one decimal: `97.3 %`. What is not quite all or nothing never reads as all or nothing.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "–".into();
    }
    let value = share * 100.0;
    match value {
        v if v > 0.0 && v < 0.05 => "<0.1 %".into(),
        v if v > 99.95 && v < 100.0 => format!("{:.2} %", v.min(99.99)),
        v => format!("{v:.1} %"),
    }
}

/// A stretch of time on a clock: `0:12`, `3:05`, `1:02:03`.
pub fn duration(ms: f64) -> String {
    let seconds = if ms.is_finite() { (ms.max(0.0) / 1000.0).round() as u64 } else { 0 };
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A size: `9.9 MB`, `46 kB` (decimal units).
pub fn bytes(n_bytes: u64) -> String {
    if n_bytes >= 1_000_000 { format!("{:.1} MB", n_bytes as f64 / 1e6) } else { format!("{} kB", n_bytes.div_ceil(1000)) }
}

/// A value at a hairline of a chart, as short as it can be said: `0.3`, `2`, `1e−5`.
pub fn tick(value: f64) -> String {
    let full = sig3(value);
    match full.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trimmed(mantissa)),
        None => trimmed(&full).to_owned(),
    }
}

/// A share at a hairline of a chart: `10 %`, `99 %`, `99.9 %`.
pub fn tick_percent(share: f64) -> String {
    format!("{} %", trimmed(&format!("{:.2}", share * 100.0)))
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_that_say_something() {
        for (value, text) in [
            (0.0, "0"),
            (2.304_9, "2.30"),
            (14_820.4, "14,800"),
            (0.041_23, "0.0412"),
            (0.000_042, "4.20e−5"),
            (9.996, "10.0"),
            (-0.5, "−0.500"),
            (99.96, "100"),
            (f64::NAN, "not a number"),
        ] {
            assert_eq!(sig3(value), text);
        }
    }

    #[test]
    fn counts_shares_and_times() {
        assert_eq!([count(7), count(1_000), count(1_234_567)], ["7", "1,000", "1,234,567"]);
        assert_eq!(
            [percent(0.973), percent(0.0), percent(1.0), percent(0.0001), percent(0.9999)],
            ["97.3 %", "0.0 %", "100.0 %", "<0.1 %", "99.99 %"]
        );
        assert_eq!([duration(12_000.0), duration(185_000.0), duration(3_723_000.0)], ["0:12", "3:05", "1:02:03"]);
        assert_eq!([bytes(9_912_422), bytes(45_100)], ["9.9 MB", "46 kB"]);
    }

    #[test]
    fn hairlines_have_short_labels() {
        assert_eq!([0.3, 2.0, 1e-5, 20.0].map(tick), ["0.3", "2", "1e−5", "20"]);
        assert_eq!([0.99, 0.999, 0.1, 0.0].map(tick_percent), ["99 %", "99.9 %", "10 %", "0 %"]);
    }
}
