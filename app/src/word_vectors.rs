//! Word vectors as the page has them: each word's vector at length 1, its name, and its place on the map.

use crate::client::Answer;
use crate::principal::{Principal, principal_of_first};
use descent_spec::glove::{Glove, WIDTH};
use descent_spec::message::ToApp;
use descent_spec::vectors::Vectors;
use std::collections::HashMap;
use std::sync::Arc;

/// The answer to [`Vectors`](descent_spec::message::ToWorker::Vectors).
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// Steps done when they were read.
    pub step: u64,
    /// `[words, width]`.
    pub values: Vec<f32>,
    /// Numbers of a vector.
    pub width: usize,
}

impl Trained {
    /// Reads an answer; none where it is another.
    pub(crate) fn read(answer: &Answer) -> Option<Trained> {
        let ToApp::Vectors { step, width, .. } = &answer.head else { return None };
        Some(Trained { step: *step, values: answer.floats(0)?, width: *width as usize })
    }
}

/// Words on the map where there are many: the commonest, whose plane it is.
pub const N_COMMONEST: usize = 300;

/// Reads the answer to [`Glove`](descent_spec::message::ToWorker::Glove); none where it is another.
pub(crate) fn read_glove(answer: Answer) -> Option<Glove> {
    let values = answer.floats(0)?;
    let ToApp::Glove { words, .. } = answer.head else { return None };
    (values.len() == words.len() * WIDTH).then_some(Glove { words, values })
}

/// Words with numbers, and the way back.
#[derive(Debug, PartialEq)]
pub struct Names {
    list: Vec<String>,
    ids: HashMap<String, usize>,
}

impl Names {
    /// Of a vocabulary in the order of its numbers.
    pub fn new(list: Vec<String>) -> Names {
        let ids = list.iter().cloned().zip(0..).collect();
        Names { list, ids }
    }

    /// A word's spelling; empty where there is none of this number.
    pub fn of(&self, word: usize) -> &str {
        self.list.get(word).map_or("", String::as_str)
    }

    /// The number of what was typed, whatever its case and the space around it.
    pub fn find(&self, typed: &str) -> Option<usize> {
        self.ids.get(typed.trim().to_lowercase().as_str()).copied()
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// All that the views of words show.
#[derive(Debug, Clone, PartialEq)]
pub struct Atlas {
    /// Steps done when the vectors were read; none where nobody here trains them.
    pub step: Option<u64>,
    /// The words.
    pub names: Arc<Names>,
    /// Their vectors.
    pub vectors: Vectors,
    /// Where each lies on the map: principal components of the vectors at length 1, so that near means a small angle.
    pub map: Principal,
}

impl Atlas {
    /// From vectors, the map spanned by the commonest words and turned as an earlier one is.
    pub fn new(trained: &Trained, names: Arc<Names>, earlier: Option<&Atlas>) -> Atlas {
        let vectors = Vectors::new(&trained.values, trained.width);
        let map = principal_of_first(vectors.units(), trained.width, N_COMMONEST)
            .like(earlier.map_or(&[], |earlier| &earlier.map.places));
        Atlas { step: Some(trained.step), names, vectors, map }
    }

    /// GloVe's, the map spanned by its commonest words. In four pieces, between which the page may do something else: each takes a few
    /// milliseconds.
    pub async fn of_glove(glove: Glove) -> Atlas {
        let Glove { words, values } = glove;
        let breath = || gloo_timers::future::TimeoutFuture::new(0);
        breath().await;
        let names = Arc::new(Names::new(words));
        breath().await;
        let vectors = Vectors::new(&values, WIDTH);
        breath().await;
        let map = principal_of_first(vectors.units(), WIDTH, N_COMMONEST);
        Atlas { step: None, names, vectors, map }
    }

    /// The words that are always on the map: all, or of many the commonest.
    pub fn n_always_shown(&self) -> usize {
        self.names.len().min(N_COMMONEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_they_are_typed() {
        let names = Names::new(vec!["king".into(), "queen".into()]);
        assert_eq!((names.find(" Queen "), names.find("kings"), names.of(0), names.of(9)), (Some(1), None, "king", ""));
    }
}
