//! What a session takes its batches from: examples that arrive in shards, or that are all there.

use super::examples::Examples;
use super::pairs::Pairs;
use super::partition::Partition;
use super::points::Points;
use super::reviews::Reviews;
use super::series::Windows;
use super::text::TextWindows;
use super::word_pairs::WordPairs;
use descent_spec::Shape;

/// A pool of examples.
#[derive(Debug, Clone)]
pub enum Pool {
    /// Pictures with a class each.
    Pictures(Examples),
    /// Points of a plane with a class or a value each.
    Points(Points),
    /// Windows of a series with a later value each.
    Series(Windows),
    /// Windows of a text with the tokens behind theirs.
    Text(TextWindows),
    /// Texts with a class each.
    Reviews(Reviews),
    /// Pairs of token sequences.
    Pairs(Pairs),
    /// Words with a neighbour each.
    Words(WordPairs),
}

impl From<Examples> for Pool {
    fn from(examples: Examples) -> Pool {
        Pool::Pictures(examples)
    }
}

impl From<Points> for Pool {
    fn from(points: Points) -> Pool {
        Pool::Points(points)
    }
}

/// What all kinds of pools have under the same name.
macro_rules! of_each {
    ($pool:expr, $it:ident => $of_it:expr) => {
        match $pool {
            Pool::Pictures($it) => $of_it,
            Pool::Points($it) => $of_it,
            Pool::Series($it) => $of_it,
            Pool::Text($it) => $of_it,
            Pool::Reviews($it) => $of_it,
            Pool::Pairs($it) => $of_it,
            Pool::Words($it) => $of_it,
        }
    };
}

impl Pool {
    /// Shape of one example as the net takes it.
    pub fn shape(&self) -> Shape {
        of_each!(self, it => it.shape())
    }

    /// Number of classes; 0 where no class is told.
    pub fn n_classes(&self) -> usize {
        of_each!(self, it => it.n_classes())
    }

    /// Number of examples, loaded or not.
    pub fn len(&self) -> usize {
        of_each!(self, it => it.len())
    }

    /// Whether there is no example at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Index of the first example of each shard, and behind them [`len`](Self::len).
    pub fn shard_bounds(&self) -> &[usize] {
        of_each!(self, it => it.shard_bounds())
    }

    /// Whether this shard is there.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        of_each!(self, it => it.is_shard_loaded(shard_idx))
    }

    /// Whether the example is there.
    pub fn is_loaded(&self, idx: usize) -> bool {
        of_each!(self, it => it.is_loaded(idx))
    }

    /// The index of the example's class, its value for regression, of a text the token behind its last; 0 while it is missing.
    pub fn target(&self, idx: usize) -> f32 {
        of_each!(self, it => it.target(idx))
    }

    /// The example's class; none where no class is told.
    pub fn class(&self, idx: usize) -> Option<u32> {
        (self.n_classes() > 0).then(|| self.target(idx) as u32)
    }

    /// The pool in two parts: drawn by the seed, or in the order of time where there is one.
    pub fn partition(&self, validation_share: f64, seed: u32) -> Partition {
        match self {
            Pool::Series(windows) => windows.partition(validation_share),
            Pool::Text(windows) => windows.partition(validation_share),
            Pool::Pairs(pairs) => pairs.partition(validation_share, seed),
            Pool::Words(pairs) => pairs.partition(validation_share),
            Pool::Pictures(_) | Pool::Points(_) | Pool::Reviews(_) => Partition::new(self.len(), validation_share, seed),
        }
    }

    /// The pictures, if the pool holds pictures.
    pub fn pictures(&self) -> Option<&Examples> {
        if let Pool::Pictures(examples) = self { Some(examples) } else { None }
    }

    /// The points, if the pool holds points.
    pub fn points(&self) -> Option<&Points> {
        if let Pool::Points(points) = self { Some(points) } else { None }
    }

    /// The windows, if the pool holds those of a series.
    pub fn series(&self) -> Option<&Windows> {
        if let Pool::Series(windows) = self { Some(windows) } else { None }
    }

    /// The windows, if the pool holds those of a text.
    pub fn text(&self) -> Option<&TextWindows> {
        if let Pool::Text(windows) = self { Some(windows) } else { None }
    }

    /// The texts, if the pool holds texts.
    pub fn reviews(&self) -> Option<&Reviews> {
        if let Pool::Reviews(reviews) = self { Some(reviews) } else { None }
    }

    /// The pairs, if the pool holds pairs.
    pub fn pairs(&self) -> Option<&Pairs> {
        if let Pool::Pairs(pairs) = self { Some(pairs) } else { None }
    }

    /// The pairs, if the pool holds words.
    pub fn words(&self) -> Option<&WordPairs> {
        if let Pool::Words(pairs) = self { Some(pairs) } else { None }
    }

    /// Replaces the buffers' contents with a batch: inputs `[batch, …shape]`, and for each example the index of its class or its
    /// value, `[batch]`; of a text the token behind each of its own, `[batch, steps]`; of pairs what is to be answered, `[batch, target steps]`. The examples must be there.
    pub fn fill_batch(&self, indices: &[u32], inputs: &mut Vec<f32>, targets: &mut Vec<f32>) {
        of_each!(self, it => it.fill_inputs(indices, inputs));
        match self {
            Pool::Text(windows) => windows.fill_targets(indices, targets),
            Pool::Pairs(pairs) => pairs.fill_targets(indices, targets),
            _ => {
                targets.clear();
                targets.extend(indices.iter().map(|&idx| self.target(idx as usize)));
            }
        }
    }
}
