//! What runs in the browser's worker: everything is in `descent_tsne::worker`.

#[cfg(target_arch = "wasm32")]
fn main() -> Result<(), wasm_bindgen::JsValue> {
    descent_tsne::worker::start()
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("The worker runs in a browser: `cargo xtask serve` builds it and serves the page that starts it.");
}
