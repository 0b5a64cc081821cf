//! Own texts that are too long for a link: the newest is kept in this browser, so that a reload finds it again.

use descent_spec::link::Decoded;
use descent_spec::own_text::LONG_MARK;
use descent_spec::{DataSet, OwnText};
use leptos::prelude::window;

/// Where it is kept.
const KEY: &str = "descent.own-text";

/// Keeps a text that no link carries.
pub fn keep(text: &OwnText) {
    if !text.fits_a_link() {
        // Without storage the text is gone with a reload, and the link says so then.
        let _ = storage().map(|storage| storage.set_item(KEY, text.as_str()));
    }
}

/// Puts the kept text where a link only has its mark.
pub fn recall(decoded: &mut Decoded) {
    if decoded.experiment.data.set != DataSet::OwnText {
        return;
    }
    let is_mark = |key: &str, value: &str| key == "text" && value.starts_with(LONG_MARK);
    let Some(place) = decoded.refusals.iter().position(|it| is_mark(&it.key, &it.value)) else { return };
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).map(|text| OwnText::new(&text));
    if let Some(text) = kept.filter(|text| text.to_link() == decoded.refusals[place].value && text.check().is_ok()) {
        decoded.experiment.data.text = text;
        decoded.refusals.remove(place);
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
