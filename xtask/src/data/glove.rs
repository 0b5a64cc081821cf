//! GloVe's vectors as they are published, as the page takes them.

use super::shards::{Chunk, Content};
use anyhow::{Context, Result, anyhow, ensure};
use descent_spec::glove::{Glove, N_WORDS};
use flate2::read::GzDecoder;
use std::io::Read;

/// Lines of a word and its numbers, compressed: the words as a vocabulary, the numbers in 8 bits.
pub(super) fn vectors(gz: &[u8]) -> Result<Content> {
    let mut text = String::new();
    GzDecoder::new(gz).read_to_string(&mut text).context("it cannot be decompressed")?;
    let glove = Glove::parse(&text).map_err(|err| anyhow!(err))?;
    ensure!(glove.words.len() == N_WORDS, "it has {} words, and {N_WORDS} are known", glove.words.len());
    let train = vec![Chunk::measured(glove.words.len(), glove.pack())];
    Ok(Content { vocabulary: glove.words, target_vocabulary: Vec::new(), train, test: Vec::new() })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::files;
    use descent_spec::glove::WIDTH;
    use descent_spec::manifest::Manifest;
    use descent_spec::vectors::Vectors;
    use serde_json::Value;
    use std::path::Path;

    /// What lies in a folder, as the page reads it.
    pub(crate) fn read_back(place: &Path) -> Result<Glove> {
        let manifest = Manifest::parse(&std::fs::read_to_string(place.join("manifest.json"))?).map_err(|err| anyhow!(err))?;
        let shard = files::read(&place.join(&manifest.train[0].file))?;
        assert!(shard.len() < 550_000, "{} bytes", shard.len());
        let mut bytes = Vec::new();
        GzDecoder::new(shard.as_slice()).read_to_end(&mut bytes)?;
        Glove::unpack(manifest.vocabulary, &bytes).map_err(|err| anyhow!(err))
    }

    /// Holds the vectors to NumPy's numbers.
    pub(crate) fn check(glove: &Glove) {
        let numpy: Value = serde_json::from_str(include_str!("../../../tests/reference/glove.json")).unwrap();
        assert_eq!(glove.words.len() as u64, numpy["words"].as_u64().unwrap());
        assert_eq!(serde_json::json!(glove.words[..5]), numpy["first"]);
        assert_eq!(glove.words.last().unwrap(), numpy["last"].as_str().unwrap());
        let vectors = Vectors::new(&glove.values, WIDTH);
        let id = |word: &Value| glove.words.iter().position(|it| *it == word.as_str().unwrap()).unwrap();
        let answer = |[a, b, c]: [&Value; 3], leave_out| {
            let near = vectors.analogy([a, b, c].map(id), 1, leave_out)[0];
            (glove.words[near.word].as_str(), f64::from(near.cosine))
        };
        let is_near = |(found, cosine): (&str, f64), word: &Value, numpys: &Value| {
            assert_eq!(found, word.as_str().unwrap());
            assert!((cosine - numpys.as_f64().unwrap()).abs() < 0.005, "{found}: {cosine}, and NumPy says {numpys}");
        };

        let twenty = numpy["twenty"].as_array().unwrap();
        assert_eq!(twenty.len(), 20);
        for it in twenty {
            let question = &it["question"];
            is_near(answer([&question[0], &question[1], &question[2]], true), &it["answer"], &it["cosine"]);
        }
        let [man, woman, king] = ["man", "woman", "king"].map(Value::from);
        let left_in = &numpy["king_left_in"];
        is_near(answer([&man, &woman, &king], false), &left_in["answer"], &left_in["cosine"]);
        let near = vectors.neighbours(id(&king), 5);
        for (near, numpys) in near.iter().zip(numpy["neighbours_of_king"].as_array().unwrap()) {
            is_near((&glove.words[near.word], f64::from(near.cosine)), &numpys[0], &numpys[1]);
        }

        // A question that stands on the edge may fall to the other side by rounding.
        for section in ["family", "capitals"] {
            let pairs = numpy[section]["pairs"].as_array().unwrap();
            let is_right =
                |(one, other): (&Value, &Value)| answer([&one[0], &one[1], &other[0]], true).0 == other[1].as_str().unwrap();
            let questions =
                pairs.iter().flat_map(|one| pairs.iter().filter(move |other| *other != one).map(move |other| (one, other)));
            let (n_right, numpys) =
                (questions.filter(|&it| is_right(it)).count() as u64, numpy[section]["right"].as_u64().unwrap());
            println!("{section}: {n_right} right, and NumPy has {numpys} of {}", pairs.len() * (pairs.len() - 1));
            assert!(n_right.abs_diff(numpys) <= 4, "{section}: {n_right} and {numpys}");
        }

        // To half a step of 127 in the largest number.
        let numpys: Vec<f64> = serde_json::from_value(numpy["king"].clone()).unwrap();
        let largest = numpys.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        for (found, numpys) in glove.row(id(&king)).iter().zip(&numpys) {
            assert!((f64::from(*found) - numpys).abs() <= largest / 254.0 + 1e-6, "{found} and {numpys}");
        }
    }

    #[test]
    fn a_broken_file_is_refused() {
        assert!(vectors(b"no gzip").unwrap_err().to_string().contains("decompressed"));
    }
}
