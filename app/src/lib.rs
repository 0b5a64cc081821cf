//! What is **seen**: the page, its controls and pictures, and the client of the worker.
//!
//! This crate knows neither Burn nor tensors: it edits an [`Experiment`](descent_spec::Experiment), talks to the worker in
//! [messages](descent_spec::message) and shows what comes back. It compiles natively so that its pure parts are tested there.
//!
//! Reading order: [`state`] (the store), [`actions`] (what a visitor can do), [`client`] (the worker's other end), [`app`] (the
//! shell), then components, views and the [`course`]'s pages.

pub mod state;

pub mod actions;
pub mod client;
pub mod followed;
pub mod history;
pub mod inside;
pub mod pairs;
pub mod persist;
pub mod reading;
pub mod review;
pub mod word_vectors;

pub mod console;
pub mod keyboard;
pub mod lesson;
pub mod link;
pub mod own_text;

pub mod app;
pub mod components;
pub mod course;
pub mod race;
pub mod views;

pub mod canvas;
pub mod file;
pub mod format;
pub mod principal;

/// Puts the page into the document.
pub fn start() {
    console_error_panic_hook::set_once();
    // The words that stood here while the program was fetched.
    if let Some(loading) = leptos::prelude::document().get_element_by_id("loading") {
        loading.remove();
    }
    leptos::mount::mount_to_body(app::App);
}
