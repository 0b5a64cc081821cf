//! Every term is explained where it is used first.

use super::prose::Piece;

/// What is wrong with the terms of the whole course, file by file: explained twice, or used before they are explained.
pub fn complaints(texts: &[(&str, &[Piece])]) -> Vec<String> {
    let mut before = String::new();
    let mut explained: Vec<String> = Vec::new();
    let mut complaints = Vec::new();
    for (name, pieces) in texts {
        for piece in *pieces {
            match piece {
                Piece::Words(words) => before.push_str(&words.to_lowercase()),
                Piece::Term(term, explanation, line) => {
                    let key = term.to_lowercase();
                    if explained.contains(&key) {
                        complaints.push(format!("{name}:{line}: the term {term} was explained before"));
                    } else if has_word(&before, &key) {
                        complaints.push(format!("{name}:{line}: the term {term} was used before it is explained here"));
                    }
                    before.push_str(&format!("{key} ({})", explanation.to_lowercase()));
                    explained.push(key);
                }
            }
        }
        before.push('\n');
    }
    complaints
}

/// Whether the word, or its plural, stands in the text by itself.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let rest = &text[at + word.len()..];
        let rest = rest.strip_prefix('s').unwrap_or(rest);
        let is_letter = |c: char| c.is_alphanumeric();
        !text[..at].ends_with(is_letter) && !rest.starts_with(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(name: &str) -> Piece {
        Piece::Term(name.into(), "what it means".into(), 7)
    }

    #[test]
    fn the_first_use_explains() {
        let words = |text: &str| Piece::Words(text.into());
        let of = |first: &[Piece], second: &[Piece]| complaints(&[("01.md", first), ("02.md", second)]).len();
        assert_eq!(of(&[words("see a "), term("Neuron"), words(". Neurons and neurons")], &[words("neuron")]), 0);
        assert_eq!(of(&[words("Two neurons.")], &[term("neuron")]), 1);
        assert_eq!(of(&[term("neuron")], &[term("neuron")]), 1);
        assert_eq!(of(&[words("neuronal, interneuron")], &[term("neuron")]), 0);
    }
}
