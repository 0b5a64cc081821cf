//! Which data sets there are, where they officially live, and on what terms. To add one, add a row to [`CATALOG`].

mod rows;

use descent_spec::registry::Registry;
use descent_spec::{DataSet, DataSpec, Shape, glove};
pub(crate) use rows::CATALOG;

/// What a folder of data is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Examples of a set that labs open.
    Set(DataSet),
    /// Vectors of words, which labs look up: nothing is learned from them.
    Glove,
}

/// One data set as its authors publish it.
pub(crate) struct CatalogEntry {
    /// What the engine calls it; its shape, its classes and its folder come from there.
    pub(crate) holds: Holds,
    /// The published files, and what each holds.
    pub(crate) files: Files,
    /// Folders on the web that hold the files, the best first.
    pub(crate) addresses: &'static [&'static str],
    /// Folder below a mirror.
    pub(crate) mirror_folder: &'static str,
    /// Terms of use, as the source states them.
    pub(crate) licence: &'static str,
    /// Who made it, and where it is described.
    pub(crate) citation: &'static str,
    /// Whether the terms allow us to publish the set with the site.
    pub(crate) publishable: bool,
    /// Examples in a shard of the training and of the test part: about 1 MB, so that training starts after the first.
    pub(crate) shard_size: (usize, usize),
}

impl CatalogEntry {
    /// Folder below `data/`. Every set in the catalog is loaded from one; sets of drawn points have none and are not in it.
    pub(crate) fn folder(&self) -> &'static str {
        match self.holds {
            Holds::Set(set) => set.folder().unwrap_or(self.mirror_folder),
            Holds::Glove => glove::FOLDER,
        }
    }

    /// Its name in the manifest.
    pub(crate) fn id(&self) -> &'static str {
        match self.holds {
            Holds::Set(set) => set.id(),
            Holds::Glove => glove::NAME,
        }
    }

    /// Its name on the screen.
    pub(crate) fn label(&self) -> &'static str {
        match self.holds {
            Holds::Set(set) => set.label(),
            Holds::Glove => "GloVe word vectors",
        }
    }

    /// Shape of one example, or of one vector.
    pub(crate) fn shape(&self) -> Shape {
        match self.holds {
            Holds::Set(set) => DataSpec::for_set(set).facts().shape,
            Holds::Glove => Shape::Flat { units: glove::WIDTH },
        }
    }

    /// Names of its classes, where it has some.
    pub(crate) fn classes(&self) -> &'static [&'static str] {
        match self.holds {
            Holds::Set(set) => DataSpec::for_set(set).facts().classes,
            Holds::Glove => &[],
        }
    }
}

/// How the published files are laid out.
pub(crate) enum Files {
    /// MNIST's own format: one IDX file of images and one of labels for each part.
    Idx {
        /// Images and labels to learn from.
        train: [SourceFile; 2],
        /// Images and labels for the final test.
        test: [SourceFile; 2],
    },
    /// A table of values in time, with a header.
    Series {
        /// The table.
        table: SourceFile,
        /// The column that tells when.
        date: &'static str,
        /// The column that tells what.
        value: &'static str,
    },
    /// One text.
    Text(SourceFile),
    /// Reviews as JSON objects with `label` and `text`, one a line, compressed: to learn from, and for the final test.
    Reviews([SourceFile; 2]),
    /// Sentences and their translations, one pair a line with a tab between, compressed.
    Pairs(SourceFile),
    /// Words with their vectors, one a line, compressed.
    Glove(SourceFile),
}

/// A published file.
pub(crate) struct SourceFile {
    pub(crate) name: &'static str,
    pub(crate) sha256: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_set_that_is_loaded_has_one_row() {
        for known in DataSet::table() {
            // What is read from another set's shards has no files of its own.
            let is_loaded = known.value.folder().is_some() && known.value.loaded_as() == known.value;
            let n_rows = CATALOG.iter().filter(|entry| entry.holds == Holds::Set(known.value)).count();
            assert_eq!(n_rows, usize::from(is_loaded), "{}", known.id);
        }
    }
}
