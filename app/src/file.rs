//! Files that a visitor chooses.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The file that was chosen. A `File` is a `Blob`, and more is not needed of it.
pub fn first_file(input: &web_sys::HtmlInputElement) -> Option<web_sys::Blob> {
    let files = js_sys::Reflect::get(input, &"files".into()).ok()?;
    js_sys::Reflect::get_u32(files.dyn_ref::<js_sys::Object>()?, 0).ok()?.dyn_into().ok()
}

/// Its text.
///
/// # Errors
/// A sentence where the browser does not give it.
pub async fn text_of(file: &web_sys::Blob) -> Result<String, String> {
    let text = JsFuture::from(file.text()).await.ok().as_ref().and_then(JsValue::as_string);
    text.ok_or_else(|| "The browser could not read it.".into())
}

/// Its bytes.
///
/// # Errors
/// As [`text_of`].
pub async fn bytes_of(file: &web_sys::Blob) -> Result<Vec<u8>, String> {
    let buffer = JsFuture::from(file.array_buffer()).await;
    buffer.map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec()).map_err(|_| "The browser could not read it.".into())
}
