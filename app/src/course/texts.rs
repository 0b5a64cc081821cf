//! The texts of the weeks: files of the site, fetched when a week is opened and kept until the page is closed.

use crate::client::base_address;
use descent_course::{Week, WeekText, weeks};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, RequestMode, Response};

/// Whether the text of a week is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Nobody has opened the week yet.
    Unasked,
    /// On its way.
    Awaited,
    /// Here, until the page is closed.
    Here(&'static WeekText),
    /// It did not come.
    Failed(Trouble),
}

impl Text {
    /// The text, if it is here.
    pub fn here(self) -> Option<&'static WeekText> {
        if let Text::Here(text) = self { Some(text) } else { None }
    }
}

/// Why a text did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No answer.
    Unreachable,
    /// The server answered with this status, and no text.
    Status(u16),
    /// Something came that is no text of a week.
    Unreadable,
}

impl Trouble {
    /// What happened to the text of this week, and what to do, in words.
    pub fn sentence(self, week: u32) -> String {
        match self {
            Trouble::Unreachable => {
                format!(
                    "The text of week {week} could not be fetched: the site does not answer. Check the connection and try again."
                )
            }
            Trouble::Status(status @ (404 | 410)) => format!(
                "The text of week {week} is missing (the server answered {status}). The site may have been renewed meanwhile: \
                 reload this page."
            ),
            Trouble::Status(status) => {
                format!("The text of week {week} could not be fetched: the server answered {status}. Try again in a while.")
            }
            Trouble::Unreadable => format!("The text of week {week} did not come whole. Try again."),
        }
    }
}

/// All texts, each with a signal of its own. Copy it into closures freely.
#[derive(Clone, Copy)]
pub struct Texts(&'static [RwSignal<Text>]);

impl Texts {
    /// Each still to be fetched. Made once: they live as long as the page.
    pub fn unfetched() -> Texts {
        Texts(Box::leak(weeks().iter().map(|_| RwSignal::new(Text::Unasked)).collect()))
    }

    /// The text of a week, which is fetched if it is neither here nor on its way.
    pub fn open(self, week: &'static Week) -> RwSignal<Text> {
        let nth = weeks().iter().position(|it| it.number == week.number).unwrap_or_default();
        let text = self.0[nth];
        if matches!(text.get_untracked(), Text::Unasked | Text::Failed(_)) {
            text.set(Text::Awaited);
            spawn_local(async move {
                text.set(match fetch(week).await {
                    // Once for each week: components hold it without counting references.
                    Ok(fetched) => Text::Here(Box::leak(Box::new(fetched))),
                    Err(trouble) => Text::Failed(trouble),
                });
            });
        }
        text
    }
}

/// Fetches a text: from the cache, however old, because another text would have another name; and where the cache has none, or
/// something broken, from the server.
async fn fetch(week: &Week) -> Result<WeekText, Trouble> {
    match fetch_with(week, RequestCache::ForceCache).await {
        Err(_) => fetch_with(week, RequestCache::Reload).await,
        text => text,
    }
}

async fn fetch_with(week: &Week, cache: RequestCache) -> Result<WeekText, Trouble> {
    let options = RequestInit::new();
    // A redirect must not lead away from the site.
    options.set_mode(RequestMode::SameOrigin);
    options.set_cache(cache);
    let address = format!("{}{}", folder_of(&base_address()), week.address());
    let answer = JsFuture::from(window().fetch_with_str_and_init(&address, &options)).await.ok();
    let response: Response = answer.and_then(|answer| answer.dyn_into().ok()).ok_or(Trouble::Unreachable)?;
    if response.status() != 200 {
        return Err(Trouble::Status(response.status()));
    }
    let body = response.text().map_err(|_| Trouble::Unreachable)?;
    let json = JsFuture::from(body).await.ok().as_ref().and_then(JsValue::as_string).ok_or(Trouble::Unreachable)?;
    WeekText::parse(&json).map_err(|why| {
        leptos::logging::warn!("{address}: {why}");
        Trouble::Unreadable
    })
}

/// An address up to its last slash: `https://school.example/descent/index.html` lies in `https://school.example/descent/`.
fn folder_of(address: &str) -> &str {
    address.rfind('/').map_or(address, |end| &address[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lie_beside_the_page() {
        assert_eq!(folder_of("https://school.example/descent/index.html"), "https://school.example/descent/");
        assert_eq!(folder_of("https://school.example/descent/"), "https://school.example/descent/");
        assert_eq!(folder_of("http://127.0.0.1:8080/"), "http://127.0.0.1:8080/");
    }

    #[test]
    fn every_trouble_names_the_week_and_a_next_step() {
        for (trouble, says) in [
            (Trouble::Unreachable, "try again"),
            (Trouble::Status(404), "reload"),
            (Trouble::Status(503), "Try again"),
            (Trouble::Unreadable, "Try again"),
        ] {
            let sentence = trouble.sentence(3);
            assert!(sentence.starts_with("The text of week 3 ") && sentence.contains(says), "{sentence}");
        }
    }
}
