//! Hostile checkpoints: refused in words or harmless, never a panic, and a session that refuses one is unchanged.

use crate::support::*;
use descent_engine::data::LabData;
use descent_engine::session::{CheckpointError, Supervised};
use proptest::prelude::*;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use std::sync::OnceLock;

const LINK: &str = "mnist?layers=dense:4:linear,bn,act:relu,drop:0.2&batch=32";

struct Fixture {
    data: LabData,
    saved: Vec<u8>,
}

fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let _turn = take_generator();
        let data = lab(200, 10);
        let mut session = open(&experiment(LINK), &data);
        train(&mut session, &data, 7);
        Fixture { saved: checkpoint(&session), data }
    })
}

fn fresh() -> Supervised {
    open(&experiment(LINK), &fixture().data)
}

/// Restores into a fresh session; a refusal must leave it as it was, an acceptance able to go on.
fn try_restore(bytes: &[u8]) -> Result<(), CheckpointError> {
    let mut session = fresh();
    let before = checkpoint(&session);
    let result = session.restore(bytes);
    match &result {
        Err(error) => {
            assert!(error.to_string().ends_with('.'), "{error}");
            assert_eq!(checkpoint(&session), before, "a refused checkpoint changes nothing");
        }
        Ok(()) => {
            let _turn = take_generator();
            session.step(&fixture().data);
            // A flipped exponent bit may make the next loss overflow; that is a divergence in words, not a panic.
            let _ = pollster::block_on(session.report(&fixture().data));
        }
    }
    result
}

/// The good checkpoint with its header JSON changed.
fn with_header(change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let saved = &fixture().saved;
    let (_, metadata) = SafeTensors::read_metadata(saved).unwrap();
    let mut map = metadata.metadata().clone().unwrap();
    let mut header: serde_json::Value = serde_json::from_str(&map["descent"]).unwrap();
    change(&mut header);
    map.insert("descent".into(), header.to_string());
    let file = SafeTensors::deserialize(saved).unwrap();
    let tensors: Vec<(String, TensorView<'_>)> = file.tensors();
    safetensors::serialize(tensors, Some(map)).unwrap()
}

#[test]
fn the_good_one_is_taken() {
    try_restore(&fixture().saved).unwrap();
    try_restore(&with_header(|_| ())).unwrap();
}

#[test]
fn cut_short() {
    let saved = &fixture().saved;
    for len in (0..saved.len()).step_by(97).chain(0..16).chain([saved.len() - 1]) {
        assert!(try_restore(&saved[..len]).is_err(), "{len} bytes");
    }
    assert!(try_restore(&[saved.as_slice(), b"more"].concat()).is_err());
}

#[test]
fn headers_that_announce_the_moon() {
    let saved = &fixture().saved;
    for announced in [0, 1, 8, 1 << 20, 1 << 40, u64::MAX, u64::MAX - 7, i64::MAX as u64] {
        let mut bytes = saved.clone();
        bytes[..8].copy_from_slice(&announced.to_le_bytes());
        assert!(try_restore(&bytes).is_err(), "{announced}");
    }
    for json in [
        r#"{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551615,4]}}"#,
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
        r#"{"__metadata__":{"descent":"{}"}}"#,
        r#"{"__metadata__":{"descent":"[[[[[["}}"#,
        r#"{"__metadata__":{}}"#,
        "null",
        "",
    ] {
        let bytes = [&(json.len() as u64).to_le_bytes(), json.as_bytes(), &[0; 8]].concat();
        assert!(try_restore(&bytes).is_err(), "{json}");
    }
    let deep = format!(r#"{{"__metadata__":{{"descent":"{}"}}}}"#, "[".repeat(100_000));
    let bytes = [&(deep.len() as u64).to_le_bytes(), deep.as_bytes()].concat();
    assert!(try_restore(&bytes).is_err());
}

#[test]
fn of_another_experiment() {
    let data = &fixture().data;
    for link in [
        "mnist?layers=dense:5:linear,bn,act:relu,drop:0.2&batch=32",
        "mnist?layers=dense:4:linear,bn,act:tanh,drop:0.2&batch=32",
        "mnist?layers=dense:4:linear,bn,act:relu,drop:0.2&batch=31",
        "mnist?layers=dense:4:linear,bn,act:relu,drop:0.2&batch=32&seed=2",
        "mnist?layers=dense:4:linear,bn,act:relu,drop:0.2&batch=32&opt=sgd",
        "mnist?model=cnn&batch=32",
    ] {
        let other = open(&experiment(link), data);
        assert_eq!(try_restore(&checkpoint(&other)), Err(CheckpointError::OtherExperiment), "{link}");
    }
}

#[test]
fn impossible_places() {
    for (field, value) in [("step", 8u64), ("step", u64::MAX), ("epoch", 4_000_000_000), ("batch", 5), ("batch", u64::MAX)] {
        let bytes = with_header(|header| header["progress"][field] = value.into());
        assert_eq!(try_restore(&bytes), Err(CheckpointError::ImpossiblePlace), "{field} {value}");
    }
    assert_eq!(try_restore(&with_header(|it| it["optimizer_steps"] = 8.into())), Err(CheckpointError::ImpossiblePlace));
    assert_eq!(try_restore(&with_header(|it| it["progress"]["elapsed_ms"] = (-1).into())), Err(CheckpointError::ImpossiblePlace));
    assert!(try_restore(&with_header(|it| it["format"] = 2.into())).is_err());
}

/// The live fields are the checkpoint's to say, within the bounds a link has.
#[test]
fn live_fields_out_of_bounds() {
    for (field, value) in [("learning_rate", -1.0), ("learning_rate", 0.0), ("learning_rate", 1e300), ("l2", -1.0), ("l2", 1e9)] {
        assert!(try_restore(&with_header(|it| it["experiment"]["training"][field] = value.into())).is_err(), "{field} {value}");
    }
    for epochs in [0u64, 1_000_000] {
        assert!(try_restore(&with_header(|it| it["experiment"]["training"]["epochs"] = epochs.into())).is_err(), "{epochs}");
    }
}

#[test]
fn values_that_are_no_numbers() {
    let saved = &fixture().saved;
    for bits in [f32::NAN.to_bits(), f32::INFINITY.to_bits(), f32::NEG_INFINITY.to_bits()] {
        let mut bytes = saved.clone();
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&bits.to_le_bytes());
        assert!(matches!(try_restore(&bytes), Err(CheckpointError::NotFinite(_))));
    }
}

#[test]
fn with_a_tensor_missing_or_of_another_shape() {
    let saved = &fixture().saved;
    let (_, metadata) = SafeTensors::read_metadata(saved).unwrap();
    let map = metadata.metadata().clone();
    let file = SafeTensors::deserialize(saved).unwrap();
    let names: Vec<String> = file.tensors().into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name.contains("running_var")) && names.iter().any(|name| name.contains('/')));
    for missing in &names {
        let rest = file.tensors().into_iter().filter(|(name, _)| name != missing);
        assert!(try_restore(&safetensors::serialize(rest, map.clone()).unwrap()).is_err(), "without {missing}");
    }
    let reshaped = file.tensors().into_iter().map(|(name, view)| {
        let shape = [vec![1], view.shape().to_vec()].concat();
        (
            name,
            TensorView::new(view.dtype(), shape, view.data()).unwrap().data().to_vec(),
            view.shape().iter().rev().copied().collect::<Vec<_>>(),
        )
    });
    let reshaped: Vec<_> = reshaped.collect();
    let views = reshaped
        .iter()
        .map(|(name, bytes, shape)| (name.clone(), TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes).unwrap()));
    assert!(try_restore(&safetensors::serialize(views, map).unwrap()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bits(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = fixture().saved.clone();
        let idx = at.index(bytes.len());
        bytes[idx] ^= 1 << bit;
        let _ = try_restore(&bytes);
    }

    #[test]
    fn flipped_bits_in_the_header(at in 0usize..2000, bit in 0u8..8) {
        let mut bytes = fixture().saved.clone();
        bytes[at] ^= 1 << bit;
        let _ = try_restore(&bytes);
    }

    #[test]
    fn noise(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(try_restore(&bytes).is_err());
    }
}
