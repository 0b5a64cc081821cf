//! Sentences and their translations as they are published, as the page takes them.

use super::shards::{Chunk, Content};
use crate::files::sha256;
use anyhow::{Context, Result, ensure};
use descent_spec::pairs::{Numbers, SPECIAL_TOKENS, STRETCH, Side, spelled};
use descent_spec::{DataSet, Shape};
use flate2::read::GzDecoder;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::Read;

/// Pairs of the test part, a few more where the last sentence has several translations.
const N_TEST: usize = 1_500;

/// A sentence with its translations, as they are spelled.
type Group = (Vec<String>, Vec<Vec<String>>);

/// Lines `source<tab>target`, compressed. Pairs that are too long are left out. Translations of one sentence stay together: all in the
/// test part or none, and in training within one stretch, so that what is held out was never learned from. Which sentences are for the
/// test is decided by their hash. The vocabularies are those of the training part.
pub(super) fn pairs(gz: &[u8], shape: Shape, shard_size: (usize, usize)) -> Result<Content> {
    let Shape::TokenPair { source, target, source_vocabulary, target_vocabulary } = shape else {
        anyhow::bail!("pairs have two sides, and the data set has shape {shape}")
    };
    ensure!(shard_size.0.is_multiple_of(STRETCH), "a shard of {} pairs cuts a stretch of {STRETCH}", shard_size.0);
    let mut text = String::new();
    GzDecoder::new(gz).read_to_string(&mut text).context("it cannot be decompressed")?;
    let mut groups = groups(&text, [source - 1, target - 1])?;
    let n_test = groups.iter().scan(0, |n_pairs, group| {
        let before = *n_pairs;
        *n_pairs += group.1.len();
        Some(before)
    });
    let n_test = n_test.take_while(|&before| before < N_TEST).count();
    let train = stretched(groups.split_off(n_test));
    let test: Vec<_> = groups.iter().flat_map(flat).collect();
    let vocabulary = most_frequent(train.iter().map(|pair| &pair[0]), source_vocabulary)?;
    let target_vocabulary = most_frequent(train.iter().map(|pair| &pair[1]), target_vocabulary)?;
    let numbers = [Numbers::new(&vocabulary), Numbers::new(&target_vocabulary)];
    let chunks = |pairs: &[[Vec<String>; 2]], size: usize| pairs.chunks(size).map(|part| pack(part, &numbers)).collect();
    Ok(Content { train: chunks(&train, shard_size.0), test: chunks(&test, shard_size.1), vocabulary, target_vocabulary })
}

/// Sentences with their different translations, in the order of their hashes.
fn groups(text: &str, room: [usize; 2]) -> Result<Vec<Group>> {
    let mut of_source: BTreeMap<Vec<String>, Vec<Vec<String>>> = BTreeMap::new();
    for (idx, line) in text.lines().enumerate() {
        let (source, target) = line.split_once('\t').with_context(|| format!("line {} has no tab", idx + 1))?;
        let [source, target] =
            [(Side::Source, source), (Side::Target, target)].map(|(side, text)| spelled(DataSet::FraEng, side, text));
        let fits = |tokens: &[String], room: usize| (1..=room).contains(&tokens.len());
        if !fits(&source, room[0]) || !fits(&target, room[1]) {
            continue;
        }
        let translations = of_source.entry(source).or_default();
        if !translations.contains(&target) && translations.len() < STRETCH {
            translations.push(target);
        }
    }
    let mut groups: Vec<(String, Group)> =
        of_source.into_iter().map(|group| (sha256(group.0.join(" ").as_bytes()), group)).collect();
    groups.sort_unstable();
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

/// Pairs in an order in which no sentence lies in two stretches: what does not fit into the rest of a stretch waits for the next.
fn stretched(groups: Vec<Group>) -> Vec<[Vec<String>; 2]> {
    let mut waiting: VecDeque<Group> = groups.into();
    let mut pairs = Vec::new();
    while !waiting.is_empty() {
        let room = STRETCH - pairs.len() % STRETCH;
        // At the very end there may be none that fits: those that are left are dropped.
        let Some(place) = waiting.iter().position(|group| group.1.len() <= room) else { break };
        if let Some(group) = waiting.remove(place) {
            pairs.extend(flat(&group));
        }
    }
    pairs
}

fn flat((source, targets): &Group) -> Vec<[Vec<String>; 2]> {
    targets.iter().map(|target| [source.clone(), target.clone()]).collect()
}

/// The special tokens, then the most frequent, the first in the alphabet first where two are equally frequent.
fn most_frequent<'a>(sides: impl Iterator<Item = &'a Vec<String>>, size: usize) -> Result<Vec<String>> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for token in sides.flatten() {
        *counts.entry(token).or_default() += 1;
    }
    let mut counted: Vec<(&str, u32)> = counts.into_iter().collect();
    counted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let special = SPECIAL_TOKENS.iter().map(|&token| token.to_owned());
    let vocabulary: Vec<String> = special.chain(counted.into_iter().map(|(token, _)| token.to_owned())).take(size).collect();
    ensure!(vocabulary.len() == size, "the sentences have only {} different tokens", vocabulary.len());
    Ok(vocabulary)
}

/// Lengths, tokens.
fn pack(pairs: &[[Vec<String>; 2]], numbers: &[Numbers; 2]) -> Chunk {
    let mut bytes: Vec<u8> = pairs.iter().flatten().map(|side| side.len() as u8).collect();
    for pair in pairs {
        for (side, numbers) in pair.iter().zip(numbers) {
            bytes.extend(side.iter().flat_map(|token| (numbers.of(token) as u16).to_le_bytes()));
        }
    }
    Chunk::measured(pairs.len(), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gz(text: &str) -> Vec<u8> {
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(text.as_bytes()).unwrap();
        gz.finish().unwrap()
    }

    /// Everything lands in the test part, for it is filled first: the vocabulary of an empty training part is too small.
    #[test]
    fn too_few_sentences_are_refused() {
        let shape = Shape::TokenPair { source: 4, target: 5, source_vocabulary: 9, target_vocabulary: 9 };
        let refused = pairs(&gz("Go.\tVa !\nRun!\tCours !\n"), shape, (STRETCH, 9)).unwrap_err().to_string();
        assert!(refused.contains("only 4 different"), "{refused}");
        assert!(pairs(&gz("Go."), shape, (STRETCH, 9)).unwrap_err().to_string().contains("no tab"));
    }

    #[test]
    fn translations_stay_together() {
        let text: String = (0..400).flat_map(|n| (0..1 + n % 5).map(move |way| format!("Say {n}.\tDis {n} {way}.\n"))).collect();
        let groups = groups(&text, [3, 4]).unwrap();
        assert_eq!((groups.len(), groups.iter().map(|group| group.1.len()).sum::<usize>()), (400, 80 * 15));
        let pairs = stretched(groups);
        for (idx, pair) in pairs.iter().enumerate() {
            let first = pairs.iter().position(|other| other[0] == pair[0]).unwrap();
            assert_eq!(first / STRETCH, idx / STRETCH, "{pair:?}");
        }
        assert!(pairs.len() > 1_190, "{}", pairs.len());
    }

    /// By hand: "a" three times, "b" twice, "c" once; in the pair `[b c] → [c]` the c is unknown.
    #[test]
    fn tokens_are_packed_by_hand() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(String::from).collect() };
        let sides = ["a b", "a a b c"].map(words);
        let vocabulary = most_frequent(sides.iter(), 6).unwrap();
        assert_eq!(vocabulary[4..], ["a", "b"]);
        let numbers = [Numbers::new(&vocabulary), Numbers::new(&vocabulary)];
        let chunk = pack(&[[words("b c"), words("c")], [words("a"), words("a b")]], &numbers);
        assert_eq!(chunk.bytes, [2, 1, 1, 2, 5, 0, 3, 0, 3, 0, 4, 0, 4, 0, 5, 0]);
    }
}
