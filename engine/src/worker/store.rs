//! The data as far as they have come, and what is being done to bring the rest.

use super::fetch::Site;
use super::inbox::{Event, Inbox};
use super::loader::{Arrival, Part, load_manifest, load_part};
use crate::data::{LabData, Pool, ShardError, strokes};
use descent_spec::glove::Glove;
use descent_spec::manifest::Manifest;
use descent_spec::{DataSet, DataSpec, Experiment, Kind, Split};
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Seed of generated digits. Fixed, so that they are one data set, of which each experiment's seed draws its own split.
const GENERATED_SEED: u32 = 1;

/// One data set on its way, or the points of a planar set, which are there at once.
pub(super) struct Store {
    /// What is fetched for this store carries its number, so that it cannot end up in another data set's.
    number: u32,
    site: Site,
    /// What was asked for, and the seed that points are drawn from.
    spec: DataSpec,
    seed: u32,
    /// Whether GloVe's vectors are a part of them.
    wants_glove: bool,
    inbox: Inbox,
    manifest: Option<Manifest>,
    data: Option<LabData>,
    is_fetching_manifest: bool,
    is_fetching: [bool; 2],
    wants_test: bool,
    /// Generated shards drawn so far.
    n_drawn: usize,
}

impl Store {
    pub(super) fn new(number: u32, site: Site, experiment: &Experiment, inbox: Inbox) -> Store {
        let Experiment { data: spec, seed, .. } = experiment;
        Store {
            number,
            site,
            spec: spec.clone(),
            seed: *seed,
            wants_glove: experiment.wants_glove(),
            inbox,
            manifest: None,
            data: spec.set.folder().is_none().then(|| LabData::drawn(spec, *seed)),
            is_fetching_manifest: false,
            is_fetching: [false; 2],
            wants_test: false,
            n_drawn: 0,
        }
    }

    /// Whether these are the data of an experiment. Of pictures the split is not part of them: each session makes its own.
    pub(super) fn suits(&self, experiment: &Experiment) -> bool {
        let is_same = self.spec == experiment.data && (self.wants_glove || !experiment.wants_glove());
        match self.spec.set.kind() {
            Kind::Pictures => self.spec.set == experiment.data.set,
            Kind::Plane => is_same && self.seed == experiment.seed,
            Kind::Words => is_same && self.seed == experiment.seed,
            Kind::Series | Kind::Pairs if self.spec.set.folder().is_none() => is_same && self.seed == experiment.seed,
            Kind::Series | Kind::Text | Kind::Reviews | Kind::Pairs => is_same,
        }
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn set(&self) -> DataSet {
        self.spec.set
    }

    /// The data, once it is known what they hold.
    pub(super) fn data(&self) -> Option<&LabData> {
        self.data.as_ref()
    }

    /// Sees to it that this part is coming, and before it the manifest.
    pub(super) fn want(&mut self, part: Part) {
        self.wants_test |= part == Part::Test;
        let (site, tell) = (self.site.clone(), self.teller());
        let Some(data) = &self.data else {
            if !self.is_fetching_manifest {
                self.is_fetching_manifest = true;
                spawn_local(load_manifest(site, self.spec.set, self.wants_glove, tell));
            }
            return;
        };
        // Generated digits have no manifest; the loop draws them. Points have none either, and are all there.
        let Some(manifest) = &self.manifest else { return };
        // Of a series and of a text the test part lies in the same file.
        let part = if manifest.test.is_empty() { Part::Train } else { part };
        let missing = missing_shards(examples(data, part));
        if missing.is_empty() || self.is_fetching[part as usize] {
            return;
        }
        self.is_fetching[part as usize] = true;
        spawn_local(load_part(site, self.spec.set, manifest.clone(), part, missing, tell));
    }

    /// The manifest has come.
    pub(super) fn announce(&mut self, manifest: Manifest, glove: Option<Arc<Glove>>) {
        self.is_fetching_manifest = false;
        self.data = Some(LabData { glove, ..LabData::announced(&manifest, &self.spec, self.seed) });
        self.manifest = Some(manifest);
        self.want_again();
    }

    /// There are no data on this site.
    pub(super) fn generate(&mut self) {
        self.is_fetching_manifest = false;
        self.data = Some(LabData::generated_empty());
    }

    /// A checked shard has come.
    pub(super) fn insert(&mut self, part: Part, idx: usize, unpacked: Vec<u8>) -> Result<(), ShardError> {
        match (&mut self.data, part) {
            (Some(data), Part::Train) => data.insert_train(idx, unpacked),
            (Some(data), Part::Test) => data.insert_test(idx, unpacked),
            (None, _) => Ok(()),
        }
    }

    /// Fetching this part (or the manifest) has ended, one way or the other.
    pub(super) fn ended(&mut self, part: Option<Part>) {
        match part {
            Some(part) => self.is_fetching[part as usize] = false,
            None => self.is_fetching_manifest = false,
        }
        if part == Some(Part::Test) {
            self.wants_test = false;
        }
    }

    /// Draws the next generated shard, where digits are generated and one is wanted; says whether there was one.
    pub(super) fn draw_next(&mut self) -> bool {
        let n_wanted = strokes::N_TRAIN_SHARDS + if self.wants_test { strokes::N_TEST_SHARDS } else { 0 };
        // Digits that were generated when the site was built come with a manifest, like real ones.
        match &mut self.data {
            Some(data) if self.spec.set.is_digits() && self.manifest.is_none() && self.n_drawn < n_wanted => {
                data.insert_generated(GENERATED_SEED, self.n_drawn);
                self.n_drawn += 1;
                true
            }
            _ => false,
        }
    }

    /// Bytes loaded and bytes wanted.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let (Some(data), Some(manifest)) = (&self.data, &self.manifest) else { return (0, 0) };
        let mut sums = (0, 0);
        for part in [Part::Train, Part::Test] {
            for (idx, shard) in part.shards(manifest).iter().enumerate() {
                let is_loaded = examples(data, part).is_shard_loaded(idx);
                sums.0 += if is_loaded { shard.bytes } else { 0 };
                sums.1 += if is_loaded || part == Part::Train || self.wants_test { shard.bytes } else { 0 };
            }
        }
        sums
    }

    /// Whether every shard of this part has come.
    pub(super) fn has_all(&self, part: Part) -> bool {
        self.data.as_ref().is_some_and(|data| missing_shards(examples(data, part)).is_empty())
    }

    /// Whether any shard of this part has come.
    pub(super) fn has_some(&self, part: Part) -> bool {
        self.data.as_ref().is_some_and(|data| examples(data, part).is_shard_loaded(0))
    }

    /// Where loading reports to.
    fn teller(&self) -> impl Fn(Arrival) + use<> {
        let (inbox, number) = (self.inbox.clone(), self.number);
        move |arrival| inbox.push_event(Event::Arrival(number, arrival))
    }

    fn want_again(&mut self) {
        self.want(Part::Train);
        if self.wants_test {
            self.want(Part::Test);
        }
    }
}

/// The part that a split lies in.
pub(super) fn part_of(split: Split) -> Part {
    match split {
        Split::Train | Split::Validation => Part::Train,
        Split::Test => Part::Test,
    }
}

/// The pool that a part is.
pub(super) fn examples(data: &LabData, part: Part) -> &Pool {
    match part {
        Part::Train => &data.train_pool,
        Part::Test => &data.test,
    }
}

fn missing_shards(examples: &Pool) -> Vec<usize> {
    (0..examples.shard_bounds().len() - 1).filter(|&idx| !examples.is_shard_loaded(idx)).collect()
}
