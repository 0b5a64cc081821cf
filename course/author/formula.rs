//! Formulas: TeX to MathML, which browsers draw and screen readers read by themselves.

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

/// Commands that stand for one letter or put something onto one: what is made of them is read as it is written.
const LETTERS: [&str; 22] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "lambda", "mu", "rho", "sigma", "phi", "Phi", "ell", "hat",
    "bar", "mathbf", "mathrm", "infty", "nabla", "partial", "tilde",
];

/// A formula as MathML with its reading in words.
///
/// A formula on a line of its own always has a reading. One within a line may do without where it is only a name or a number.
pub fn mathml(tex: &str, is_display: bool, reading: Option<&str>) -> Result<String, String> {
    let reading = reading.map(str::trim).filter(|reading| !reading.is_empty());
    if reading.is_none() && (is_display || !is_name(tex)) {
        return Err(format!("the formula {tex} has no reading in words: {}", how(is_display)));
    }
    let converter = LatexToMathML::new(MathCoreConfig::default()).map_err(|_| "the converter of formulas does not start")?;
    let display = if is_display { MathDisplay::Block } else { MathDisplay::Inline };
    let result = converter.convert_with_local_state(tex, display).map_err(|err| format!("the formula {tex}: {err}"))?;
    let body = result.mathml.strip_prefix("<math").ok_or("the converter of formulas gave something else")?;
    Ok(match reading {
        // On a line of its own the reading is the caption, for everybody.
        Some(reading) if !is_display => format!("<math aria-label=\"{}\"{body}", escape(reading)),
        _ => format!("<math{body}"),
    })
}

/// Text as it may stand in markup and in attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn how(is_display: bool) -> &'static str {
    if is_display { "add a line `In words: …` below it" } else { "write it in braces right behind, $…${…}" }
}

/// Whether a formula is one name or number, with index and accent at most: `w_{ij}`, `\hat{y}`, `0.5`.
fn is_name(tex: &str) -> bool {
    let mut rest = tex.to_owned();
    for command in LETTERS {
        rest = rest.replace(&format!("\\{command}"), "");
    }
    rest.chars().all(|c| c.is_ascii_alphanumeric() || "_{}. ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_become_mathml() {
        let math = mathml(r"\frac{1}{2}", false, Some("one \"half\"")).unwrap();
        assert!(math.starts_with("<math aria-label=\"one &quot;half&quot;\">"), "{math}");
        let math = mathml(r"\frac{1}{2}", true, Some("one half")).unwrap();
        assert!(math.starts_with("<math display=\"block\">"), "{math}");
        assert!(math.contains("<mfrac><mn>1</mn><mn>2</mn></mfrac>"), "{math}");
        assert!(!math.contains("style=") && !math.contains("class="), "{math}");
    }

    #[test]
    fn names_are_read_as_they_stand_and_all_else_in_words() {
        for name in ["w", "w_{ij}", r"\hat{y}_1", r"\beta", "0.5"] {
            assert!(mathml(name, false, None).is_ok(), "{name}");
            assert!(mathml(name, true, None).is_err(), "{name}");
        }
        for formula in ["a = b", "x^2", r"\frac{1}{2}", "x + 1", r"\sum x", "f(x)"] {
            assert!(mathml(formula, false, None).is_err(), "{formula}");
        }
    }

    #[test]
    fn broken_tex_is_refused() {
        assert!(mathml(r"\frac{1}{", true, Some("one over")).is_err());
        assert!(mathml(r"\nosuchcommand", true, Some("nothing")).is_err());
    }
}
