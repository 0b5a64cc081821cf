//! What the developer reads: one line for each step, to stderr, so that stdout stays free for results.

use std::io::IsTerminal;
use std::time::Duration;

fn paint(code: &str, text: &str) -> String {
    if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// Something that may take a while begins.
pub(crate) fn step(text: &str) {
    eprintln!("{} {text}", paint("1;36", "==>"));
}

/// A detail of the step under way.
pub(crate) fn note(text: &str) {
    eprintln!("    {text}");
}

/// Something the developer should know, though the work goes on.
pub(crate) fn warn(text: &str) {
    eprintln!("{} {text}", paint("1;33", "  !"));
}

/// The command failed: what happened and, behind it, why.
pub(crate) fn failed(err: &anyhow::Error) {
    eprintln!("{} {err}", paint("1;31", "Failed:"));
    for cause in err.chain().skip(1) {
        eprintln!("  because {cause}");
    }
}

/// `9.9 MB`, `28.9 kB`, `123 bytes`; decimal units, as sizes on the wire are given.
pub(crate) fn bytes(n_bytes: u64) -> String {
    match n_bytes {
        0..1_000 => format!("{n_bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", n_bytes as f64 / 1e3),
        _ => format!("{:.2} MB", n_bytes as f64 / 1e6),
    }
}

/// `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else if seconds < 60.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_read_naturally() {
        assert_eq!([bytes(999), bytes(28_881), bytes(9_912_422)], ["999 bytes", "28.9 kB", "9.91 MB"]);
        let times = [0.42, 12.3, 185.0].map(|seconds| elapsed(Duration::from_secs_f64(seconds)));
        assert_eq!(times, ["0.4 s", "12 s", "3 min 05 s"]);
    }
}
