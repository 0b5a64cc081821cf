//! A site that answers as a test wants it to: `fetch` is replaced for as long as it lives.

use crate::page::scope;
use descent_engine::data::strokes;
use descent_spec::manifest::{FORMAT, Manifest, Shard, Source};
use flate2::{Compression, write::GzEncoder};
use js_sys::{Promise, Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Write;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Response, ResponseInit};

/// How one request is answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The file as it is.
    Whole,
    /// 404.
    Missing,
    /// Only the first half.
    CutShort,
    /// One bit is another.
    Altered,
    /// The front page, as servers of one-page apps answer for what they do not have.
    FrontPage,
}

#[derive(Default)]
struct State {
    files: HashMap<String, Vec<u8>>,
    /// What the next requests for a file get; then it is whole again.
    planned: HashMap<String, Vec<Answer>>,
    /// What a file gets for good.
    always: HashMap<String, Answer>,
    /// Name of each requested file, and whether the cache was bypassed.
    requests: Vec<(String, bool)>,
}

/// The site. Dropping it gives the real `fetch` back.
pub(crate) struct FakeSite {
    state: Rc<RefCell<State>>,
    original: JsValue,
    _fetch: Closure<dyn FnMut(JsValue, JsValue) -> Promise>,
}

/// Digits in each of the three shards, two for training and one for testing.
pub(crate) const COUNT: usize = 400;

impl FakeSite {
    /// A site with two training shards and one test shard of generated digits.
    pub(crate) fn new() -> FakeSite {
        let mut state = State::default();
        let mut shard = |name: &str, seed: u32| {
            let (mut bytes, pixels) = strokes::generate(COUNT, seed);
            bytes.extend(pixels);
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&bytes).unwrap();
            let packed = encoder.finish().unwrap();
            let sha256 = Sha256::digest(&packed).iter().map(|byte| format!("{byte:02x}")).collect();
            let shard = Shard { file: name.into(), count: COUNT, unpacked: None, bytes: packed.len() as u64, sha256 };
            state.files.insert(name.into(), packed);
            shard
        };
        let manifest = Manifest {
            format: FORMAT,
            name: "mnist".into(),
            shape: strokes::SHAPE,
            classes: (0..10).map(|digit| digit.to_string()).collect(),
            vocabulary: Vec::new(),
            target_vocabulary: Vec::new(),
            train: vec![shard("train-0.shard", 10), shard("train-1.shard", 11)],
            test: vec![shard("test-0.shard", 12)],
            source: Source::Real,
            licence: "free".into(),
            citation: "nobody".into(),
        };
        state.files.insert("manifest.json".into(), serde_json::to_vec(&manifest).unwrap());
        Self::with(state)
    }

    /// A site without data.
    pub(crate) fn empty() -> FakeSite {
        Self::with(State::default())
    }

    fn with(state: State) -> FakeSite {
        let state = Rc::new(RefCell::new(state));
        let fetch = Closure::<dyn FnMut(JsValue, JsValue) -> Promise>::new({
            let state = state.clone();
            move |url: JsValue, options: JsValue| answer(&mut state.borrow_mut(), &url.as_string().unwrap(), &options)
        });
        let original = Reflect::get(&scope(), &"fetch".into()).unwrap();
        Reflect::set(&scope(), &"fetch".into(), fetch.as_ref()).unwrap();
        FakeSite { state, original, _fetch: fetch }
    }

    /// The next requests for this file get these answers.
    pub(crate) fn plan(&self, file: &str, answers: &[Answer]) {
        self.state.borrow_mut().planned.insert(file.into(), answers.to_vec());
    }

    /// From now on this file is always answered so.
    pub(crate) fn set(&self, file: &str, answer: Answer) {
        self.state.borrow_mut().always.insert(file.into(), answer);
    }

    /// Requests for this file: for each whether the cache was bypassed.
    pub(crate) fn requests(&self, file: &str) -> Vec<bool> {
        self.state.borrow().requests.iter().filter(|(name, _)| name == file).map(|(_, bypassed)| *bypassed).collect()
    }
}

impl Drop for FakeSite {
    fn drop(&mut self) {
        Reflect::set(&scope(), &"fetch".into(), &self.original).unwrap();
    }
}

fn answer(state: &mut State, url: &str, options: &JsValue) -> Promise {
    let folder = format!("{}data/mnist-v1/", crate::page::site_base());
    let name = url.strip_prefix(&folder).unwrap_or_else(|| panic!("{url} is not below the data folder"));
    let cache = Reflect::get(options, &"cache".into()).unwrap().as_string().unwrap();
    state.requests.push((name.into(), cache == "reload"));
    let planned = state.planned.get_mut(name).filter(|answers| !answers.is_empty()).map(|answers| answers.remove(0));
    let answer = planned.or_else(|| state.always.get(name).cloned()).unwrap_or(Answer::Whole);
    let file = state.files.get(name);
    let (status, content_type, body) = match (answer, file) {
        (Answer::FrontPage, _) => (200, "text/html", b"<!doctype html>".to_vec()),
        (Answer::Missing, _) | (_, None) => (404, "text/plain", b"not here".to_vec()),
        (Answer::Whole, Some(file)) => (200, "application/octet-stream", file.clone()),
        (Answer::CutShort, Some(file)) => (200, "application/octet-stream", file[..file.len() / 2].to_vec()),
        (Answer::Altered, Some(file)) => {
            let mut file = file.clone();
            let middle = file.len() / 2;
            file[middle] ^= 1;
            (200, "application/octet-stream", file)
        }
    };
    let init = ResponseInit::new();
    init.set_status(status);
    let headers = web_sys::Headers::new().unwrap();
    headers.set("content-type", content_type).unwrap();
    init.set_headers(&headers);
    let body = Uint8Array::new_from_slice(&body);
    let response = Response::new_with_opt_js_u8_array_and_init(Some(&body), &init).unwrap();
    Promise::resolve(&JsValue::from(response))
}
