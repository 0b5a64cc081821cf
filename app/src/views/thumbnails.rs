//! Small pictures of examples, or the first words of reviews, each a button that puts the example on the stage.

use super::painted::Painted;
use crate::canvas::pixels;
use crate::review::{cut_reviews, first_words};
use crate::state::{Examples, Lab, Pane};
use descent_spec::data::{Kind, Split};
use descent_spec::message::Subject;
use descent_spec::registry::Registry;
use descent_spec::shape::Shape;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::sync::Arc;

/// One picture with what is said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Thumbnail {
    /// Part it belongs to.
    pub split: Split,
    /// Index within the split.
    pub index: u32,
    /// Its class.
    pub class: u32,
    /// Its pixels, channels first; of a review its tokens, two bytes each.
    pub pixels: Arc<[u8]>,
    /// Written under it, line by line.
    pub lines: Vec<String>,
    /// What a screen reader says besides part, index and class.
    pub note: String,
}

impl Thumbnail {
    /// Cuts the pictures (or the reviews) of an answer apart; `lines` and `note` are empty.
    pub fn all(examples: &Examples, are_reviews: bool) -> Vec<Thumbnail> {
        let n_bytes = examples.pixels.len() / examples.examples.len().max(1);
        let pictures: Vec<&[u8]> = match are_reviews {
            true => cut_reviews(&examples.pixels),
            false => examples.pixels.chunks_exact(n_bytes.max(1)).collect(),
        };
        let facts = examples.examples.iter().zip(pictures);
        facts
            .map(|(facts, pixels)| Thumbnail {
                split: examples.split,
                index: facts.index,
                class: facts.class,
                pixels: pixels.into(),
                lines: Vec::new(),
                note: String::new(),
            })
            .collect()
    }

    fn name(&self, classes: &[&str]) -> String {
        let class = classes.get(self.class as usize).copied().unwrap_or("?");
        let part = self.split.label().to_lowercase();
        let note = if self.note.is_empty() { String::new() } else { format!(", {}", self.note) };
        format!("{class}, {part} example {}{note}", crate::format::count(self.index.into()))
    }
}

/// Pictures that were asked for, and what came of it. Copy it into closures freely.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// The pictures of the newest answer.
    pub items: RwSignal<Vec<Thumbnail>>,
    /// How many examples matched the question.
    pub n_matching: RwSignal<u32>,
    /// Why there are none, in a sentence.
    pub trouble: RwSignal<Option<String>>,
    asked: StoredValue<u32>,
    are_reviews: bool,
}

impl Shelf {
    /// An empty shelf.
    pub fn new() -> Shelf {
        let lab = use_context::<Lab>();
        let are_reviews = lab.is_some_and(|lab| lab.experiment.with_untracked(|it| it.data.set.kind() == Kind::Reviews));
        Shelf {
            are_reviews,
            items: RwSignal::new(Vec::new()),
            n_matching: RwSignal::new(0),
            trouble: RwSignal::new(None),
            asked: StoredValue::new(0),
        }
    }

    /// Takes everything off.
    pub fn clear(self) {
        self.asked.update_value(|asked| *asked += 1);
        self.items.set(Vec::new());
        self.trouble.set(None);
    }

    /// Shows the pictures of this answer when it comes, unless another has been asked for since. `dress` writes the captions.
    pub fn fill(
        self,
        answer: impl Future<Output = Result<Examples, String>> + 'static,
        dress: impl Fn(&mut Thumbnail) + 'static,
    ) {
        self.asked.update_value(|asked| *asked += 1);
        let ticket = self.asked.get_value();
        spawn_local(async move {
            let answer = answer.await;
            if self.asked.try_get_value() != Some(ticket) {
                return;
            }
            match answer {
                Ok(examples) => {
                    let mut items = Thumbnail::all(&examples, self.are_reviews);
                    items.iter_mut().for_each(dress);
                    self.trouble.set(None);
                    self.n_matching.set(examples.n_matching);
                    self.items.set(items);
                }
                Err(why) => self.trouble.set(Some(why)),
            }
        });
    }
}

impl Default for Shelf {
    fn default() -> Self {
        Shelf::new()
    }
}

/// Pictures in rows; `chosen` is called after one went to the stage.
#[component]
pub fn Thumbnails(
    /// What to show.
    #[prop(into)]
    items: Signal<Vec<Thumbnail>>,
    /// Side of a picture on the page: a multiple of its pixels keeps them equal.
    #[prop(default = 56.0)]
    side: f64,
    /// Called after a picture was chosen.
    #[prop(into, optional)]
    chosen: Option<Callback<()>>,
) -> impl IntoView {
    let are_reviews = expect_context::<Lab>().experiment.with_untracked(|it| it.data.set.kind() == Kind::Reviews);
    let key = |item: &Thumbnail| (item.split.id(), item.index, item.lines.clone());
    view! {
        <ul class="thumbnails" class:texts=are_reviews style:--side=format!("{side}px")>
            <For each=move || items.get() key=key let:item>
                <li><One item side chosen/></li>
            </For>
        </ul>
    }
}

#[component]
fn One(item: Thumbnail, side: f64, chosen: Option<Callback<()>>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let facts = lab.experiment.with_untracked(|experiment| experiment.data.facts());
    let cells = match facts.shape {
        Shape::Image { height, width, .. } => (height, width),
        other => (1, other.len()),
    };
    let (split, index, pixels) = (item.split, item.index, item.pixels.clone());
    let watch = move |_| {
        lab.watch(Subject::Example { split, index }, None);
        lab.pane.set(Pane::Stage);
        if let Some(chosen) = chosen {
            chosen.run(());
        }
    };
    let label = item.name(facts.classes);
    if let Shape::Tokens { .. } = facts.shape {
        let words = lab.facts.with_untracked(|facts| first_words(&item.pixels, facts.as_ref().map_or(&[], |it| &it.vocabulary)));
        let lines = if item.lines.is_empty() { label } else { item.lines.join(", ") };
        return view! {
            <button type="button" class="thumbnail review-item" title="Show in the network" on:click=watch>
                <strong>{lines}</strong>
                <span>{words}</span>
            </button>
        }
        .into_any();
    }
    let lines = item.lines.into_iter().map(|line| view! { <span aria-hidden="true">{line}</span> }).collect_view();
    view! {
        <button type="button" class="thumbnail" title="Show in the network" on:click=watch>
            <Painted
                label=Signal::stored(label)
                size=Signal::stored((side, side))
                track=|| ()
                draw=move |surface, theme| {
                    surface.rect(0.0, 0.0, surface.width(), surface.height(), theme.panel);
                    pixels::draw_bytes(surface, theme, &pixels, cells, (0.0, 0.0, surface.width(), surface.height()));
                }
            />
            {lines}
        </button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::message::ExampleFacts;

    #[test]
    fn an_answer_is_cut_into_pictures() {
        let fact = |index, class| ExampleFacts { index, class };
        let examples =
            Examples { split: Split::Test, examples: vec![fact(4, 1), fact(9, 0)], pixels: vec![1, 2, 3, 4], n_matching: 7 };
        let all = Thumbnail::all(&examples, false);
        assert_eq!(all[1].pixels.as_ref(), [3, 4]);
        assert_eq!(all[0].name(&["0", "1"]), "1, test example 4");
        let nothing = Examples { split: Split::Test, examples: vec![], pixels: vec![], n_matching: 0 };
        assert!(Thumbnail::all(&nothing, false).is_empty());
        // A review of two tokens and one of one, little-endian.
        let two = Examples { pixels: vec![2, 0, 7, 0, 8, 0, 1, 0, 9, 1], ..examples };
        let all = Thumbnail::all(&two, true);
        assert_eq!([all[0].pixels.as_ref(), all[1].pixels.as_ref()], [&[7, 0, 8, 0][..], &[9, 1]]);
    }
}
