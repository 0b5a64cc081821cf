use super::*;
use crate::shape::Shape;

const PICTURE: Shape = Shape::Image { channels: 1, height: 28, width: 28 };

#[test]
fn shapes_follow_the_textbook() {
    let conv = |kernel, padding| LayerSpec::Conv2d { filters: 8, kernel, padding, activation: Activation::Relu };
    assert_eq!(conv(5, Padding::Valid).output(PICTURE), Ok(Shape::Image { channels: 8, height: 24, width: 24 }));
    assert_eq!(conv(5, Padding::Same).output(PICTURE), Ok(Shape::Image { channels: 8, height: 28, width: 28 }));
    let small = Shape::Image { channels: 4, height: 7, width: 6 };
    for pool in [LayerSpec::MaxPool2d { size: 2 }, LayerSpec::AvgPool2d { size: 2 }] {
        assert_eq!(pool.output(small), Ok(Shape::Image { channels: 4, height: 3, width: 3 }));
        assert_eq!(pool.n_params(small), 0);
    }
}

#[test]
fn impossible_shapes_are_explained() {
    let tiny = Shape::Image { channels: 1, height: 3, width: 3 };
    let conv = LayerSpec::Conv2d { filters: 8, kernel: 5, padding: Padding::Valid, activation: Activation::Relu };
    assert!(conv.output(tiny).unwrap_err().contains("does not fit into 3×3"));
    assert!(conv.output(Shape::Flat { units: 9 }).unwrap_err().contains("needs a picture"));
    for pool in [LayerSpec::MaxPool2d { size: 4 }, LayerSpec::AvgPool2d { size: 4 }, LayerSpec::AvgPool2d { size: 0 }] {
        assert!(pool.output(tiny).is_err());
    }
    assert!(LayerSpec::Dense { units: 0, activation: Activation::Relu }.output(tiny).is_err());
    assert!(LayerSpec::Dense { units: 1_000_000, activation: Activation::Relu }.output(tiny).is_err());
}

#[test]
fn what_needs_a_picture_or_a_sequence_refuses_a_row_of_units() {
    for entry in LAYER_KINDS {
        let needs_more = entry.value.needs_picture() || entry.value.needs_sequence() || entry.value.needs_pair();
        assert_eq!(needs_more, entry.value.output(Shape::Flat { units: 9 }).is_err(), "{}", entry.id);
    }
}

/// Counted by hand: an LSTM has four gates of `inputs + units + 1` numbers a unit; a GRU three, and a bias more a unit.
#[test]
fn sequences_keep_their_steps_until_they_end() {
    let tokens = Shape::Tokens { steps: 40, vocabulary: 65, is_padded: false };
    let lstm = |returns| LayerSpec::Recurrent { cell: Cell::Lstm, units: 128, returns };
    assert_eq!(lstm(Returns::All).output(tokens), Ok(Shape::Sequence { steps: 40, features: 128 }));
    assert_eq!(lstm(Returns::Last).output(tokens), Ok(Shape::Flat { units: 128 }));
    assert_eq!(lstm(Returns::All).n_params(tokens), 4 * 128 * (65 + 128 + 1));
    assert_eq!(lstm(Returns::All).n_multiplications(tokens), 40 * 4 * 128 * 128);
    let gru = LayerSpec::Recurrent { cell: Cell::Gru, units: 10, returns: Returns::All };
    assert_eq!(gru.n_params(tokens), 3 * 10 * (65 + 10 + 1) + 10);
    let embedding = LayerSpec::embedding(16);
    let sequence = Shape::Sequence { steps: 40, features: 16 };
    assert_eq!((embedding.output(tokens), embedding.n_params(tokens)), (Ok(sequence), 65 * 16));
    let conv = LayerSpec::Conv1d { filters: 32, kernel: 5, activation: Activation::Relu };
    assert_eq!(conv.output(sequence), Ok(Shape::Sequence { steps: 36, features: 32 }));
    assert_eq!(conv.n_params(sequence), 5 * 16 * 32 + 32);
    let dense = LayerSpec::Dense { units: 7, activation: Activation::Relu };
    assert_eq!((dense.output(sequence), dense.n_params(sequence)), (Ok(Shape::Sequence { steps: 40, features: 7 }), 16 * 7 + 7));
    let pool = LayerSpec::GlobalPool { pooling: Pooling::Max };
    assert_eq!(pool.output(sequence), Ok(Shape::Flat { units: 16 }));
    assert_eq!(LayerSpec::Flatten.output(sequence), Ok(Shape::Flat { units: 640 }));
    assert_eq!(LayerSpec::LayerNorm.n_params(sequence), 32);
    for (layer, shape) in [(dense, tokens), (pool, tokens), (embedding, sequence), (LayerSpec::BatchNorm, sequence)] {
        assert!(layer.output(shape).unwrap_err().ends_with('.'), "{layer:?}");
    }
}

/// By hand: 65 · 50 numbers, of which none is trained where they are frozen.
#[test]
fn gloves_vectors_have_fifty_numbers() {
    let tokens = Shape::Tokens { steps: 40, vocabulary: 65, is_padded: true };
    let embedding = |features, first| LayerSpec::Embedding { features, first };
    for (first, link, n_params) in [
        (FirstVectors::Drawn, "embed:50", 3_250),
        (FirstVectors::Glove, "embed:50:glove", 3_250),
        (FirstVectors::GloveFrozen, "embed:50:glove:frozen", 0),
    ] {
        let layer = embedding(50, first);
        assert_eq!((layer.to_link().as_str(), layer.n_params(tokens)), (link, n_params));
        assert_eq!(LayerSpec::from_link(link), Ok(layer.clone()));
        assert_eq!(layer.output(tokens), Ok(Shape::Sequence { steps: 40, features: 50 }));
        assert_eq!(layer.kind(), "embed");
    }
    assert!(embedding(16, FirstVectors::Glove).output(tokens).unwrap_err().contains("50 numbers"));
    assert!(LayerSpec::from_link("embed:50:word2vec").is_err() && LayerSpec::from_link("embed:50:frozen").is_err());
    let refused = |link: &str| crate::link::decode(link).experiment.trace().unwrap_err();
    for link in [
        "fra-eng?layers=embed:50:glove,gru:8:all",
        "planted-words?layers=embed:50:glove:frozen",
        "shakespeare?layers=embed:50:glove",
    ] {
        let refused = refused(link);
        assert!(refused.layer_idx == Some(0) && refused.message.contains("English words"), "{link}: {refused}");
    }
    assert!(crate::link::decode("imdb?layers=embed:50:glove:frozen,global:mean").experiment.trace().is_ok());
}

#[test]
fn tables_are_whole() {
    crate::registry::check_table(&[FirstVectors::Drawn, FirstVectors::Glove, FirstVectors::GloveFrozen]);
    crate::registry::check_table(&[Returns::Last, Returns::All]);
    crate::registry::check_table(&[Pooling::Mean, Pooling::Max]);
    crate::registry::check_table(&[Score::Additive, Score::Dot]);
}

#[test]
fn every_kind_survives_its_link_spelling() {
    for entry in LAYER_KINDS {
        assert_eq!(LayerSpec::from_link(&entry.value.to_link()).as_ref(), Ok(&entry.value));
        assert_eq!(entry.value.kind(), entry.id);
    }
    for bad in [
        "",
        "dense",
        "dense:ten:relu",
        "dense:10:wild",
        "conv:8:5:relu",
        "drop:1",
        "drop:NaN",
        "pool:-2",
        "dense:64:relu:x",
        "lstm:32",
        "lstm:32:first",
        "embed",
        "global:sum",
        "conv1d:8:5",
        "flat:2",
        "attend:loud",
        "block:2",
    ] {
        assert!(LayerSpec::from_link(bad).is_err(), "{bad}");
    }
}
