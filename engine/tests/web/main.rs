//! The worker in a real browser's dedicated worker: `cargo xtask test` runs it on Chromium, once for each worker build.
//!
//! The tests talk to the worker's loop as the page does, with messages, and stand in for the site by replacing `fetch`.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod page;
mod site;

mod data;
mod envelope;
#[cfg(feature = "webgpu")]
mod gpu;
mod plane;
mod training;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
