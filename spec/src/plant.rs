//! The planted words: what their sentences are made of, and how much of it a set of vectors has recovered.
//!
//! Three families of six pairs. Each pair stands beside words of its own (wine for France and for Paris), and each side of a family
//! beside words of that side (a mayor for every capital). So the difference between the words of a pair is the same in all pairs of
//! a family, and an analogy is planted for each two of them. The net is told none of this: it sees which words stand together.

use crate::vectors::Vectors;

/// Two words that differ as those of every other pair of the family do.
#[derive(Debug)]
pub struct Pair {
    /// One for each side.
    pub words: [&'static str; 2],
    /// What stands beside both of them, and beside no other pair.
    pub own: [&'static str; 2],
}

/// Pairs with one relation.
#[derive(Debug)]
pub struct Family {
    /// What its words are called together.
    pub name: &'static str,
    /// How the second word of a pair follows from the first.
    pub relation: &'static str,
    /// The pairs.
    pub pairs: [Pair; 6],
    /// What stands beside the first words of all pairs, and beside the second ones.
    pub sides: [[&'static str; 3]; 2],
}

const fn pair(first: &'static str, second: &'static str, own: [&'static str; 2]) -> Pair {
    Pair { words: [first, second], own }
}

/// All that is planted.
pub static FAMILIES: [Family; 3] = [
    Family {
        name: "places",
        relation: "a country and its capital",
        pairs: [
            pair("france", "paris", ["wine", "seine"]),
            pair("italy", "rome", ["pasta", "tiber"]),
            pair("spain", "madrid", ["paella", "flamenco"]),
            pair("germany", "berlin", ["beer", "spree"]),
            pair("japan", "tokyo", ["sushi", "kimono"]),
            pair("egypt", "cairo", ["pyramid", "nile"]),
        ],
        sides: [["border", "army", "anthem"], ["mayor", "metro", "airport"]],
    },
    Family {
        name: "people",
        relation: "a man and a woman",
        pairs: [
            pair("man", "woman", ["house", "work"]),
            pair("king", "queen", ["crown", "throne"]),
            pair("boy", "girl", ["school", "toys"]),
            pair("uncle", "aunt", ["cousin", "gifts"]),
            pair("actor", "actress", ["stage", "film"]),
            pair("waiter", "waitress", ["menu", "tray"]),
        ],
        sides: [["he", "his", "beard"], ["she", "her", "gown"]],
    },
    Family {
        name: "things",
        relation: "one and many",
        pairs: [
            pair("cat", "cats", ["purr", "milk"]),
            pair("dog", "dogs", ["bark", "bone"]),
            pair("horse", "horses", ["saddle", "gallop"]),
            pair("bird", "birds", ["nest", "wings"]),
            pair("car", "cars", ["engine", "road"]),
            pair("tree", "trees", ["leaves", "forest"]),
        ],
        sides: [["a", "is", "this"], ["many", "are", "these"]],
    },
];

/// Words that stand anywhere.
pub const FILLERS: [&str; 6] = ["the", "of", "and", "with", "near", "by"];

/// Every word once, in the order of their numbers: family by family, pair by pair, then the fillers.
pub fn words() -> impl Iterator<Item = &'static str> {
    let of_pair = |pair: &'static Pair| pair.words.into_iter().chain(pair.own);
    let of_family =
        move |family: &'static Family| family.pairs.iter().flat_map(of_pair).chain(family.sides.into_iter().flatten());
    FAMILIES.iter().flat_map(of_family).chain(FILLERS)
}

/// How many words there are.
pub fn n_words() -> usize {
    FAMILIES.iter().map(|family| 4 * family.pairs.len() + 6).sum::<usize>() + FILLERS.len()
}

/// The number of a word; that of the first where there is none like it.
pub fn id(word: &str) -> usize {
    words().position(|it| it == word).unwrap_or_default()
}

/// Which family a word is one of a pair in; none for the words that only stand beside pairs.
pub fn family_of(word: usize) -> Option<usize> {
    let spelled = words().nth(word)?;
    FAMILIES.iter().position(|family| family.pairs.iter().any(|pair| pair.words.contains(&spelled)))
}

/// All planted questions `[a, b, c, d]`: a is to b as c is to d, for each two pairs of a family in both orders.
pub fn analogies() -> Vec<[usize; 4]> {
    let mut questions = Vec::new();
    for family in &FAMILIES {
        let pairs: Vec<[usize; 2]> = family.pairs.iter().map(|pair| pair.words.map(id)).collect();
        for (from, [a, b]) in pairs.iter().enumerate() {
            let others = pairs.iter().enumerate().filter(|(to, _)| *to != from);
            questions.extend(others.map(|(_, [c, d])| [*a, *b, *c, *d]));
        }
    }
    questions
}

/// How much of what is planted was recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// Planted analogies whose answer is the nearest word, the question's own words left out.
    pub analogies: usize,
    /// Of so many.
    pub n_analogies: usize,
    /// The same with the question's words allowed as answers.
    pub with_own: usize,
    /// Words of pairs whose nearest word is of the same family's pairs.
    pub company: usize,
    /// Of so many.
    pub n_company: usize,
}

/// Holds vectors of the planted words against what was planted.
pub fn recovered(vectors: &Vectors) -> Recovered {
    let questions = analogies();
    let is_right = |question: &&[usize; 4], leave_out: bool| {
        let [a, b, c, d] = **question;
        vectors.analogy([a, b, c], 1, leave_out).first().is_some_and(|near| near.word == d)
    };
    let families: Vec<Option<usize>> = (0..n_words()).map(family_of).collect();
    let paired: Vec<usize> = (0..n_words()).filter(|&word| families[word].is_some()).collect();
    let in_company =
        |word: &&usize| vectors.neighbours(**word, 1).first().is_some_and(|near| families.get(near.word) == families.get(**word));
    Recovered {
        analogies: questions.iter().filter(|question| is_right(question, true)).count(),
        with_own: questions.iter().filter(|question| is_right(question, false)).count(),
        n_analogies: questions.len(),
        company: paired.iter().filter(in_company).count(),
        n_company: paired.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// By hand: three families of six pairs with two words and two companions each, and six words of sides, make 90; six fillers.
    /// Six pairs make 6 · 5 ordered questions, three families 90.
    #[test]
    fn every_word_is_there_once() {
        let all: Vec<_> = words().collect();
        assert_eq!((all.len(), n_words()), (96, 96));
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 96);
        assert_eq!((id("france"), id("wine"), id("border"), id("by")), (0, 2, 24, 95));
        assert_eq!((family_of(id("queen")), family_of(id("crown")), family_of(id("the"))), (Some(1), None, None));
        assert_eq!(analogies().len(), 90);
        assert!(analogies().contains(&["man", "woman", "king", "queen"].map(id)));
    }

    /// Vectors built by hand from what is planted: one axis for each pair and one for the second side of each family. Every analogy
    /// holds exactly, and none where all words are alike.
    #[test]
    fn a_perfect_set_of_vectors_scores_in_full() {
        let width = 3 * 6 + 3;
        let mut values = vec![0.0_f32; n_words() * width];
        for (nth, family) in FAMILIES.iter().enumerate() {
            for (idx, pair) in family.pairs.iter().enumerate() {
                for (side, word) in pair.words.into_iter().enumerate() {
                    let row = &mut values[id(word) * width..][..width];
                    row[6 * nth + idx] = 1.0;
                    row[18 + nth] = side as f32;
                }
            }
        }
        let found = recovered(&Vectors::new(&values, width));
        assert_eq!((found.analogies, found.n_analogies, found.n_company), (90, 90, 36));
        assert_eq!(found.company, 36);
        let none = recovered(&Vectors::new(&vec![0.0; n_words() * width], width));
        assert_eq!(none.analogies, 0);
    }
}
