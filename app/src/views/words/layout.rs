//! Where words lie on the map: by principal components, or by t-SNE, which is drawn in a worker of its own and follows the vectors
//! while they are learned.

use super::Words;
use super::map::asked;
use crate::client::Tsne;
use crate::components::fields::field_id;
use crate::word_vectors::Atlas;
use descent_spec::tsne::{DEFAULT_PERPLEXITY, PERPLEXITIES, Picture, Points};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cmp::Reverse;
use std::sync::Arc;

/// Beside the nearest word, in shares of the map's own unit: new dots begin there.
const BESIDE: f32 = 0.01;

/// How the map is made, and the newest picture of t-SNE.
#[derive(Clone, Copy)]
pub struct Layout {
    /// Whether it is t-SNE's.
    pub is_tsne: RwSignal<bool>,
    /// About how many neighbours t-SNE gives each word.
    pub perplexity: RwSignal<u8>,
    /// What t-SNE has drawn of the vectors that are looked at; none before its first picture.
    pub picture: RwSignal<Option<Arc<Drawn>>>,
    /// Counts how often it was told to begin from the start.
    n_starts: RwSignal<u32>,
    /// Why there is no map by t-SNE.
    problem: RwSignal<String>,
}

/// A picture with its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The words on it, in the order of its places.
    pub words: Arc<Vec<usize>>,
    /// How far it has come.
    pub picture: Picture,
}

impl Layout {
    pub(super) fn new() -> Layout {
        Layout {
            is_tsne: RwSignal::new(false),
            perplexity: RwSignal::new(DEFAULT_PERPLEXITY),
            picture: RwSignal::new(None),
            n_starts: RwSignal::new(0),
            problem: RwSignal::new(String::new()),
        }
    }

    /// The words on the map and where each lies, those asked for among them as far as they have a place. Before its first picture
    /// t-SNE's are the principal components, from which it begins.
    pub fn places(self, atlas: &Atlas, asked: &[usize]) -> (Vec<usize>, Vec<[f32; 2]>) {
        if let Some(drawn) = self.picture.get().filter(|_| self.is_tsne.get()) {
            return (drawn.words.to_vec(), drawn.picture.places.clone());
        }
        let words = on_map(atlas, asked);
        let places = words.iter().map(|&word| component_place(atlas, word)).collect();
        (words, places)
    }
}

/// The words that are always on the map, and those asked for.
fn on_map(atlas: &Atlas, asked: &[usize]) -> Vec<usize> {
    let mut words: Vec<usize> = (0..atlas.n_always_shown()).collect();
    super::map::push_new(&mut words, asked.iter().copied());
    words
}

fn component_place(atlas: &Atlas, word: usize) -> [f32; 2] {
    atlas.map.places.get(word).copied().unwrap_or_default()
}

/// What a map by t-SNE is drawn of.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    /// Of which vectors, how, and the how manieth map of them: another one begins from the start.
    of: (bool, u8, u32),
    /// Steps of training done.
    step: Option<u64>,
    words: Arc<Vec<usize>>,
}

impl Wanted {
    /// Whether it goes on from the map of an earlier one.
    fn follows(&self, earlier: &Wanted) -> bool {
        self.of == earlier.of && self.step >= earlier.step
    }
}

/// The points of a map, beginning where an earlier one has them, new words beside their nearest neighbour; or from the principal
/// components.
fn points(atlas: &Atlas, wanted: &Wanted, earlier: Option<&Drawn>) -> Points {
    let start = match earlier {
        None => wanted.words.iter().map(|&word| component_place(atlas, word)).collect(),
        Some(earlier) => wanted.words.iter().enumerate().map(|(nth, &word)| begin(atlas, earlier, nth, word)).collect(),
    };
    Points {
        values: wanted.words.iter().flat_map(|&word| atlas.vectors.unit(word)).copied().collect(),
        width: atlas.vectors.width() as u32,
        perplexity: wanted.of.1.into(),
        start,
        is_fresh: earlier.is_none(),
    }
}

/// Where the nth word begins.
fn begin(atlas: &Atlas, earlier: &Drawn, nth: usize, word: usize) -> [f32; 2] {
    let there = earlier.words.iter().zip(&earlier.picture.places);
    if let Some((_, &place)) = there.clone().find(|(it, _)| **it == word) {
        return place;
    }
    let like = |other: usize| atlas.vectors.cosine(word, other);
    let nearest = there.max_by(|a, b| like(*a.0).total_cmp(&like(*b.0)));
    // Each in a direction of its own, so that two new words do not begin at one place.
    let (sin, cos) = (nth as f32).sin_cos();
    nearest.map_or([0.0; 2], |(_, [x, y])| [x + BESIDE * cos, y + BESIDE * sin])
}

/// Keeps t-SNE's map up with what is looked at, one map at a time.
pub(super) fn follow(words: Words) {
    let layout = words.layout;
    let worker = StoredValue::new_local(None::<Tsne>);
    // What is being drawn, and what was drawn last.
    let (drawing, drawn) = (StoredValue::new(None::<Wanted>), StoredValue::new(None::<Wanted>));
    let again = RwSignal::new(());
    let asked = Memo::new(move |_| {
        // The order in which they were asked for does not matter to the map.
        let mut asked = asked(words);
        asked.sort_by_key(|&word| Reverse(word));
        asked
    });
    let hear = move |heard: Result<Picture, String>| {
        // The stage may have gone meanwhile.
        let Some(Some(wanted)) = drawing.try_get_value() else { return };
        match heard {
            Ok(picture) => {
                let is_last = picture.step == picture.n_steps;
                layout.picture.set(Some(Arc::new(Drawn { words: Arc::clone(&wanted.words), picture })));
                if is_last {
                    drawn.set_value(Some(wanted));
                    drawing.set_value(None);
                    again.set(());
                }
            }
            Err(why) => {
                drawing.set_value(None);
                layout.problem.set(why);
                layout.is_tsne.set(false);
                // Not at once: this is called by what would be dropped.
                spawn_local(async move {
                    worker.try_set_value(None);
                });
            }
        }
    };
    Effect::new(move |_| {
        again.track();
        let of = (words.shows_glove.get(), layout.perplexity.get(), layout.n_starts.get());
        let (Some(atlas), asked) = (words.atlas.get(), asked.get()) else { return };
        if !layout.is_tsne.get() {
            return;
        }
        let wanted = Wanted { of, step: atlas.step, words: Arc::new(on_map(&atlas, &asked)) };
        let busy = drawing.get_value();
        if busy.as_ref().is_some_and(|busy| wanted.follows(busy))
            || (busy.is_none() && drawn.get_value().as_ref() == Some(&wanted))
        {
            return;
        }
        if busy.is_some() {
            // The map that is being drawn is not wanted any more.
            worker.set_value(None);
        }
        let last = busy.or_else(|| drawn.get_value());
        let earlier = layout.picture.get_untracked().filter(|_| last.is_some_and(|last| wanted.follows(&last)));
        let points = points(&atlas, &wanted, earlier.as_deref());
        let asked = points.check().and_then(|()| {
            if worker.with_value(Option::is_none) {
                worker.set_value(Some(Tsne::start(hear)?));
            }
            if earlier.is_none() {
                layout.picture.set(None);
            }
            drawing.set_value(Some(wanted));
            worker.with_value(|worker| worker.as_ref().map(|worker| worker.ask(points)));
            Ok(())
        });
        if let Err(why) = asked {
            layout.problem.set(why);
            layout.is_tsne.set(false);
        }
    });
}

/// The choice between the two, and what t-SNE can be told.
#[component]
pub fn LayoutChoice() -> impl IntoView {
    let layout = expect_context::<Words>().layout;
    let option = move |is_tsne: bool, label: &'static str, about: &'static str| {
        let take = move |_| {
            layout.problem.set(String::new());
            layout.is_tsne.set(is_tsne);
        };
        view! {
            <label title=about>
                <input type="radio" name="layout" prop:checked=move || layout.is_tsne.get() == is_tsne on:change=take/>
                {label}
            </label>
        }
    };
    let id = field_id("perplexity");
    let choose = move |event| {
        if let Ok(chosen) = event_target_value(&event).parse() {
            layout.perplexity.set(chosen);
        }
    };
    view! {
        <div class="map-layout">
            <div class="segments" role="radiogroup" aria-label="How the map is made">
                {option(false, "PCA", "Principal components: the plane in which the vectors differ most")}
                {option(true, "t-SNE", "t-distributed stochastic neighbour embedding: near words stay near")}
            </div>
            <div class="map-layout-more" class:is-hidden=move || !layout.is_tsne.get()>
                <label for=id.clone() title="About how many neighbours each word has">"Perplexity"</label>
                <select id=id on:change=choose prop:value=move || layout.perplexity.get().to_string()>
                    {PERPLEXITIES
                        .map(|it| view! { <option value=it.to_string() selected=move || layout.perplexity.get() == it>{it}</option> })
                        .collect_view()}
                </select>
                <button type="button" class="switch" aria-label="Draw the map again from the start" on:click=move |_| layout.n_starts.update(|n| *n += 1)>
                    "Again"
                </button>
            </div>
            <p class="problem" role="status">{move || layout.problem.get()}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word_vectors::{Names, Trained};
    use std::f32::consts::{FRAC_1_SQRT_2, FRAC_PI_4};

    fn atlas() -> Atlas {
        // Eight words on a circle, the nth at 45° · n; their principal components are the plane itself, turned somehow.
        let values = (0..8).flat_map(|nth| [(nth as f32 * FRAC_PI_4).cos(), (nth as f32 * FRAC_PI_4).sin()]).collect();
        let names = Arc::new(Names::new((0..8).map(|nth| format!("word{nth}")).collect()));
        Atlas::new(&Trained { step: 20, values, width: 2 }, names, None)
    }

    fn wanted(step: u64, words: Vec<usize>) -> Wanted {
        Wanted { of: (false, 5, 0), step: Some(step), words: Arc::new(words) }
    }

    #[test]
    fn later_vectors_are_followed_and_other_maps_begin_anew() {
        let earlier = wanted(20, vec![0, 1]);
        assert!(wanted(30, vec![0, 1]).follows(&earlier) && wanted(20, vec![0, 1, 7]).follows(&earlier));
        assert!(!wanted(0, vec![0, 1]).follows(&earlier), "a run that was reset is another one");
        assert!(!Wanted { of: (false, 15, 0), ..wanted(30, vec![0, 1]) }.follows(&earlier));
        assert!(!Wanted { of: (false, 5, 1), ..wanted(30, vec![0, 1]) }.follows(&earlier));
    }

    /// By hand: word 3 lies nearest to its neighbours on the circle, 2 and 4; of the words that have a place, 2 is one.
    #[test]
    fn new_words_begin_beside_their_nearest_neighbour() {
        let atlas = atlas();
        let picture = Picture { step: 9, n_steps: 9, divergence: 0.5, places: vec![[5.0, 1.0], [-3.0, 2.0]] };
        let earlier = Drawn { words: Arc::new(vec![2, 6]), picture };
        let points = points(&atlas, &wanted(30, vec![2, 6, 3]), Some(&earlier));
        assert_eq!((points.start[0], points.start[1], points.is_fresh), ([5.0, 1.0], [-3.0, 2.0], false));
        let [x, y] = points.start[2];
        assert!((x - 5.0).hypot(y - 1.0) < 0.02, "{x} {y}");
        assert_eq!((points.width, points.values.len(), points.perplexity), (2, 6, 5.0));
        assert!((points.values[4] + FRAC_1_SQRT_2).abs() < 1e-5 && (points.values[5] - FRAC_1_SQRT_2).abs() < 1e-5);
    }

    #[test]
    fn a_fresh_map_begins_from_the_principal_components() {
        let atlas = atlas();
        let fresh = points(&atlas, &wanted(20, (0..8).collect()), None);
        assert_eq!((fresh.start, fresh.is_fresh), (atlas.map.places, true));
    }
}
