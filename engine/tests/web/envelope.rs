//! What comes by `postMessage` is read with suspicion, and answered in words.

use descent_engine::worker::{Bulk, Command};
use descent_spec::Experiment;
use descent_spec::message::{ToWorker, to_bytes};
use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

/// `{ head, bulk }`, as the page makes it.
fn envelope(head: &JsValue, bulk: &JsValue) -> JsValue {
    let envelope = Object::new();
    Reflect::set(&envelope, &"head".into(), head).unwrap();
    Reflect::set(&envelope, &"bulk".into(), bulk).unwrap();
    envelope.into()
}

fn head_of(message: &ToWorker) -> JsValue {
    Uint8Array::new_from_slice(&to_bytes(message).unwrap()).into()
}

#[wasm_bindgen_test]
fn commands_and_their_arrays_arrive() {
    let open = ToWorker::Open { run: 300, experiment: Experiment::default() };
    let command = Command::read(&envelope(&head_of(&open), &Array::new())).unwrap();
    assert_eq!(command, Command { head: open, bulk: None });

    let floats = [f32::from_bits(0x7fc0_1234), -0.0, 0.1];
    let bulk = Array::of1(&Float32Array::new_from_slice(&floats));
    let predict = ToWorker::Predict { request: 1 };
    let command = Command::read(&envelope(&head_of(&predict), &bulk)).unwrap();
    let Some(Bulk::Floats(arrived)) = command.bulk else { panic!("{command:?}") };
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&arrived), bits(&floats));
}

#[wasm_bindgen_test]
fn odd_envelopes_are_refused() {
    let none = Array::new();
    let (ping, rubbish) = (head_of(&ToWorker::Ping { request: 1 }), Uint8Array::new_from_slice(&[255, 255, 3]));
    for (odd, why) in [
        (JsValue::NULL, "it is no envelope"),
        ("play".into(), "it is no envelope"),
        (Object::new().into(), "its head is no Uint8Array"),
        (envelope(&rubbish, &none), "its 3 bytes are no message of this version"),
        (envelope(&ping, &JsValue::UNDEFINED), "its bulk is no list"),
        (envelope(&ping, &Array::of1(&"[]".into())), "its bulk is no Uint8Array or Float32Array"),
    ] {
        let said = Command::read(&odd).unwrap_err();
        assert!(said.starts_with(why), "{said}");
    }
}
