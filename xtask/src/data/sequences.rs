//! Series, texts and reviews as they are published, as the page takes them.

use super::shards::{Chunk, Content};
use anyhow::{Context, Result, bail, ensure};
use descent_spec::words::{Lexicon, vocabulary};
use flate2::read::GzDecoder;
use serde::Deserialize;
use std::io::Read;

/// Most tokens of a review that are kept: the longest window there is.
const MAX_REVIEW: usize = 400;

/// Lines `date,value` of two columns of a table with a header; quotes around names and dates are dropped.
pub(super) fn series(table: &[u8], date: &str, value: &str) -> Result<Content> {
    let text = std::str::from_utf8(table).context("the table is not text")?;
    let mut lines = text.lines().map(|line| line.split(',').map(|cell| cell.trim().trim_matches('"')).collect::<Vec<_>>());
    let header = lines.next().context("the table is empty")?;
    let column = |name: &str| header.iter().position(|it| *it == name).with_context(|| format!("there is no column {name}"));
    let (date, value) = (column(date)?, column(value)?);
    let mut out = String::new();
    let mut count = 0;
    for (idx, row) in lines.enumerate().filter(|(_, row)| row.iter().any(|cell| !cell.is_empty())) {
        let (Some(date), Some(value)) = (row.get(date), row.get(value)) else { bail!("row {} is too short", idx + 2) };
        let number: f32 = value.parse().with_context(|| format!("row {}: {value} is no number", idx + 2))?;
        ensure!(number.is_finite(), "row {}: {value} is not finite", idx + 2);
        out.push_str(&format!("{date},{value}\n"));
        count += 1;
    }
    Ok(Content {
        vocabulary: Vec::new(),
        target_vocabulary: Vec::new(),
        train: vec![Chunk::measured(count, out.into_bytes())],
        test: Vec::new(),
    })
}

/// A text as the numbers of its characters, in the order of their code points.
pub(super) fn text(bytes: &[u8], n_characters: usize) -> Result<Content> {
    let text = std::str::from_utf8(bytes).context("it is not text")?;
    let mut alphabet: Vec<char> = text.chars().collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    ensure!(alphabet.len() == n_characters, "it has {} different characters, and {n_characters} are known", alphabet.len());
    ensure!(alphabet.len() <= 256, "more than 256 different characters do not fit into a byte");
    let number = |c: char| alphabet.binary_search(&c).map(|id| id as u8).unwrap_or_default();
    let tokens: Vec<u8> = text.chars().map(number).collect();
    let vocabulary = alphabet.iter().map(char::to_string).collect();
    Ok(Content {
        vocabulary,
        target_vocabulary: Vec::new(),
        train: vec![Chunk::measured(tokens.len(), tokens)],
        test: Vec::new(),
    })
}

/// A review as it is published, one JSON object a line.
#[derive(Deserialize)]
struct Review {
    label: u8,
    text: String,
}

/// Reviews as tokens: the vocabulary is that of the training part.
pub(super) fn reviews(train: &[u8], test: &[u8], n_tokens: usize, shard_size: (usize, usize)) -> Result<Content> {
    let (train, test) = (read_reviews(train)?, read_reviews(test)?);
    let vocabulary = vocabulary(train.iter().map(|review| review.text.as_str()), n_tokens);
    ensure!(vocabulary.len() == n_tokens, "the reviews have only {} different words", vocabulary.len());
    let lexicon = Lexicon::new(&vocabulary);
    let chunks = |reviews: &[Review], size: usize| reviews.chunks(size).map(|part| pack(part, &lexicon)).collect();
    let (train, test) = (chunks(&train, shard_size.0), chunks(&test, shard_size.1));
    Ok(Content { train, test, vocabulary, target_vocabulary: Vec::new() })
}

fn read_reviews(gz: &[u8]) -> Result<Vec<Review>> {
    let mut text = String::new();
    GzDecoder::new(gz).read_to_string(&mut text).context("it cannot be decompressed")?;
    let review = |(idx, line): (usize, &str)| -> Result<Review> {
        let review: Review = serde_json::from_str(line).with_context(|| format!("line {} is no review", idx + 1))?;
        ensure!(review.label <= 1, "line {}: the label is {}", idx + 1, review.label);
        Ok(review)
    };
    text.lines().enumerate().map(review).collect()
}

/// Labels, lengths, tokens.
fn pack(reviews: &[Review], lexicon: &Lexicon) -> Chunk {
    let texts: Vec<Vec<u16>> = reviews
        .iter()
        .map(|review| lexicon.tokens(&review.text).into_iter().take(MAX_REVIEW).map(|(_, id)| id as u16).collect())
        .collect();
    let mut bytes: Vec<u8> = reviews.iter().map(|review| review.label).collect();
    bytes.extend(texts.iter().flat_map(|text| (text.len() as u16).to_le_bytes()));
    bytes.extend(texts.iter().flatten().flat_map(|token| token.to_le_bytes()));
    Chunk::measured(reviews.len(), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    #[test]
    fn two_columns_of_a_table_are_taken() {
        let table = b"\"MSFT\",\"IBM\",\"Date\"\n23.95,80.5,\"2007-01-03\"\n23.91,81.4,\"2007-01-04\"\n\n";
        let content = series(table, "Date", "MSFT").unwrap();
        assert_eq!(content.train[0].bytes, b"2007-01-03,23.95\n2007-01-04,23.91\n");
        assert_eq!((content.train[0].count, content.train[0].unpacked), (2, Some(34)));
        assert!(series(table, "Day", "MSFT").unwrap_err().to_string().contains("no column Day"));
        assert!(series(b"Date,x\n1,y\n", "Date", "x").is_err());
    }

    #[test]
    fn characters_are_numbered_by_their_code_points() {
        let content = text("banana\n".as_bytes(), 4).unwrap();
        assert_eq!(content.vocabulary, ["\n", "a", "b", "n"]);
        assert_eq!(content.train[0].bytes, [2, 1, 3, 1, 3, 1, 0]);
        assert!(text(b"banana", 4).is_err());
    }

    #[test]
    fn reviews_are_packed_by_hand() {
        let gz = |text: &str| {
            let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
            gz.write_all(text.as_bytes()).unwrap();
            gz.finish().unwrap()
        };
        let train = gz("{\"label\": 1, \"text\": \"Good good!\"}\n{\"label\": 0, \"text\": \"bad\"}\n");
        let test = gz("{\"label\": 0, \"text\": \"bad film\"}");
        let content = reviews(&train, &test, 4, (2, 2)).unwrap();
        assert_eq!(content.vocabulary, ["<pad>", "<unknown>", "good", "bad"]);
        assert_eq!(content.train[0].bytes, [1, 0, 2, 0, 1, 0, 2, 0, 2, 0, 3, 0]);
        assert_eq!(content.test[0].bytes, [0, 2, 0, 3, 0, 1, 0]);
        assert!(reviews(&gz("{\"label\": 2, \"text\": \"\"}"), &test, 4, (2, 2)).is_err());
    }
}
