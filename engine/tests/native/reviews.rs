//! Reviews: what words contribute, and what counting them is worth.

use burn::tensor::Device;
use descent_engine::data::{Bags, LabData, LogisticFit};
use descent_engine::session::{ExplainError, Supervised};
use descent_spec::data::IMDB_VOCABULARY;
use descent_spec::manifest::{FORMAT, Manifest, Shard, Source};
use descent_spec::{Experiment, Shape, Split, link};

/// Reviews as a shard: labels, lengths, tokens.
fn shard_of(reviews: &[(u8, Vec<u16>)]) -> Vec<u8> {
    let mut bytes: Vec<u8> = reviews.iter().map(|(label, _)| *label).collect();
    bytes.extend(reviews.iter().flat_map(|(_, tokens)| (tokens.len() as u16).to_le_bytes()));
    bytes.extend(reviews.iter().flat_map(|(_, tokens)| tokens).flat_map(|token| token.to_le_bytes()));
    bytes
}

/// 40 reviews to learn from and 20 to test on: those with token 10 praise, those with token 11 do not, and both have others.
pub(crate) fn made_up(experiment: &Experiment) -> LabData {
    let review = |nth: u16| (u8::from(nth.is_multiple_of(2)), vec![20 + nth % 7, 10 + nth % 2, 10 + nth % 2, 30 + nth % 5]);
    let shard = |count: usize| Shard { file: "a.shard".into(), count, unpacked: None, bytes: 1, sha256: String::new() };
    let manifest = Manifest {
        format: FORMAT,
        name: "imdb".into(),
        shape: Shape::Tokens { steps: 400, vocabulary: IMDB_VOCABULARY, is_padded: true },
        classes: vec!["negative".into(), "positive".into()],
        vocabulary: Vec::new(),
        target_vocabulary: Vec::new(),
        train: vec![shard(40)],
        test: vec![shard(20)],
        source: Source::Generated,
        licence: String::new(),
        citation: String::new(),
    };
    let mut data = LabData::announced(&manifest, &experiment.data, experiment.seed);
    data.insert_train(0, shard_of(&(0..40).map(review).collect::<Vec<_>>())).unwrap();
    data.insert_test(0, shard_of(&(40..60).map(review).collect::<Vec<_>>())).unwrap();
    data
}

fn open(link: &str) -> (Supervised, LabData) {
    let experiment = link::decode(link).experiment;
    let data = made_up(&experiment);
    let mut session = Supervised::open(&experiment, &Device::flex(), &data).unwrap();
    for _ in 0..5 {
        session.step(&data);
    }
    (session, data)
}

async fn explained(session: &Supervised, tokens: &[u32]) -> descent_engine::session::Explained {
    let mut explanation = session.explain_review(tokens).unwrap();
    while explanation.advance(session).await.unwrap() {}
    explanation.finish()
}

/// In a bag without a layer above the logit is the mean of its words' scores, so without the kth word it is
/// `(Σ s − sₖ) / (n − 1)`. The scores are the logits of reviews of one word.
#[test]
fn contributions_of_a_bag_by_hand() {
    pollster::block_on(async {
        let (session, _) = open("imdb?window=40&layers=embed:4,global:mean&lr=0.1&batch=8");
        let tokens: Vec<u32> = (0..37).map(|nth| 10 + nth % 9).collect();
        let mut scores = Vec::new();
        for &token in &tokens {
            scores.push(f64::from(explained(&session, &[token]).await.logit));
        }
        let found = explained(&session, &tokens).await;
        let (sum, n) = (scores.iter().sum::<f64>(), scores.len() as f64);
        assert!((f64::from(found.logit) - sum / n).abs() < 1e-5);
        assert_eq!(found.contributions.len(), tokens.len());
        for (contribution, score) in found.contributions.iter().zip(&scores) {
            let expected = sum / n - (sum - score) / (n - 1.0);
            assert!((f64::from(*contribution) - expected).abs() < 1e-5, "{contribution} and {expected}");
        }
        let p = 1.0 / (1.0 + (-f64::from(found.logit)).exp());
        assert!((f64::from(found.probabilities[1]) - p).abs() < 1e-6);
        assert_eq!(found.step, 5);
        assert_eq!(session.embedding_of(10).await.unwrap().len(), 4);
        assert!(session.embedding_of(IMDB_VOCABULARY).await.unwrap().is_empty());
    });
}

#[test]
fn a_review_longer_than_the_window_is_read_so_far_only() {
    pollster::block_on(async {
        let (session, _) = open("imdb?window=20&layers=embed:4,conv1d:3:3:relu,global:max&batch=8");
        let long: Vec<u32> = (0..60).map(|nth| 10 + nth % 9).collect();
        let [found, cut] = [explained(&session, &long).await, explained(&session, &long[..20]).await];
        assert_eq!((found.contributions.len(), &found), (20, &cut));
        assert!(matches!(session.explain_review(&[]), Err(ExplainError::Empty)));
        assert!(matches!(session.explain_review(&[5, 5_000]), Err(ExplainError::Unknown(5_000))));
    });
}

#[test]
fn words_that_tell_everything_are_found() {
    let (session, data) = open("imdb?window=40&layers=embed:4,global:mean&batch=8");
    let mut comparison = session.compare_words(&data).unwrap();
    let found = loop {
        if let Some(found) = comparison.advance() {
            break found;
        }
    };
    assert_eq!((found.validation, found.test), (1.0, 1.0), "token 10 or 11 tells the class");
    // Tokens 10, 11, 20 to 26 and 30 to 34.
    assert_eq!(found.n_words, 14);
    let [ten, eleven] = [10, 11].map(|token| session.word_count(token, &data));
    let n_train = session.n_examples(Split::Train, &data) as u32;
    assert_eq!(ten.total + eleven.total, 2 * n_train, "each review has one of them twice");
    assert_eq!((ten.in_positive, eleven.in_positive), (ten.total, 0));
}

/// Six texts of the words 2, 3 and 4; scikit-learn 1.9.1's `LogisticRegression(C, tol=1e-12)` on the same zeros and ones.
#[test]
fn the_fit_is_scikit_learns() {
    let mut bags = Bags::default();
    for (tokens, is_positive) in
        [(&[2, 3, 2, 1][..], true), (&[2, 4], true), (&[4, 3], false), (&[2], true), (&[3, 3, 0], false), (&[4], false)]
    {
        bags.push(tokens, is_positive);
    }
    assert_eq!((bags.len(), bags.n_words()), (6, 3));
    let mut fit = LogisticFit::new(&bags, 5, 0.1);
    for (strength, expected) in [
        (0.1, [0.143_449_8, -0.047_034_5, -0.047_034_5, -0.024_690_4]),
        (1.0, [1.047_917_5, -0.304_063_4, -0.304_063_4, -0.219_895_3]),
    ] {
        fit = fit.with_strength(&bags, strength);
        while fit.advance(&bags) {}
        assert_eq!(fit.weights()[..2], [0.0, 0.0], "the padding and the unknown word weigh nothing");
        for (found, expected) in fit.weights()[2..].iter().zip(expected) {
            assert!((found - expected).abs() < 2e-5, "{found} and {expected} with C = {strength}");
        }
    }
    // z of the six is positive for those with word 2 only.
    assert_eq!(fit.accuracy(&bags), 1.0);
}
