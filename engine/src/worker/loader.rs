//! Bringing the data: the manifest, then the shards one after the other, each checked, and fetched again when it came broken.
//!
//! Loading runs beside the loop and hands over whole, checked shards; nothing half-loaded ever reaches a session.

use super::clock::sleep;
use super::fetch::{Cache, FetchError, Site};
use super::glove::fetch_glove;
use crate::data::{ShardError, shard};
use descent_spec::glove::Glove;
use descent_spec::manifest::{MAX_MANIFEST_BYTES, Manifest, Shard};
use descent_spec::message::{Fault, FaultKind};
use descent_spec::registry::Registry;
use descent_spec::{DataSet, DataSpec};
use std::sync::Arc;

/// How often a file is fetched again after the first time.
const MAX_RETRIES: u32 = 3;
/// Wait before the first retry; the second waits twice, the third three times as long.
const RETRY_AFTER_MS: i32 = 250;

/// A part of a data set, as the manifest lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The training part.
    Train,
    /// The test part.
    Test,
}

impl Part {
    /// The part's shards.
    pub(super) fn shards(self, manifest: &Manifest) -> &[Shard] {
        match self {
            Part::Train => &manifest.train,
            Part::Test => &manifest.test,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Part::Train => "Training",
            Part::Test => "Test",
        }
    }
}

/// What loading has to tell the loop.
#[derive(Debug)]
pub(super) enum Arrival {
    /// The data set is there, and this is what it holds; and GloVe's vectors where they were wanted.
    Announced(Box<Manifest>, Option<Arc<Glove>>),
    /// The site has no data of this set.
    NoData,
    /// One shard, checked and unpacked.
    Shard {
        /// Of which part.
        part: Part,
        /// Which one.
        idx: usize,
        /// As [`shard::unpack`] leaves it.
        unpacked: Vec<u8>,
    },
    /// Every shard of the part has come.
    Complete(Part),
    /// Something worth hearing that stopped nothing.
    Note(String),
    /// Loading has given up; the part is `None` for the manifest.
    Failed(Option<Part>, Fault),
}

/// What is wrong with a file that came.
#[derive(Debug, Clone, thiserror::Error)]
enum Flaw {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Shard(#[from] ShardError),
    #[error("it cannot be used: {0}")]
    Manifest(String),
}

/// Fetches the manifest of a data set, and GloVe's vectors where the experiment starts from them.
pub(super) async fn load_manifest(site: Site, set: DataSet, wants_glove: bool, tell: impl Fn(Arrival)) {
    let path = format!("data/{}/manifest.json", folder_of(set));
    let mut flaw = None;
    for attempt in 0..=MAX_RETRIES {
        let manifest = async {
            let bytes = site.fetch(&path, MAX_MANIFEST_BYTES, before(attempt).await).await?;
            parse_manifest(&bytes, set).map_err(Flaw::Manifest)
        };
        match manifest.await {
            Ok(manifest) if wants_glove => {
                return tell(match fetch_glove(&site).await {
                    Ok(glove) => Arrival::Announced(Box::new(manifest), Some(Arc::new(glove))),
                    Err(message) => {
                        let advice = "Check the connection; Play tries again. Or draw the first vectors of the embedding.".into();
                        Arrival::Failed(None, Fault { kind: FaultKind::Data, message, advice })
                    }
                });
            }
            Ok(manifest) => return tell(Arrival::Announced(Box::new(manifest), None)),
            Err(Flaw::Fetch(FetchError::Missing(_))) => return tell(Arrival::NoData),
            Err(found) => {
                if attempt < MAX_RETRIES {
                    tell(Arrival::Note(format!("The list of data files did not come whole: {found}. It is fetched again.")));
                }
                flaw = Some(found);
            }
        }
    }
    let fault = failure(&format!("The list of data files ({path})"), flaw.as_ref());
    tell(Arrival::Failed(None, fault));
}

/// Fetches the shards of a part that are still missing, in order.
pub(super) async fn load_part(
    site: Site,
    set: DataSet,
    manifest: Manifest,
    part: Part,
    missing: Vec<usize>,
    tell: impl Fn(Arrival),
) {
    let shards = part.shards(&manifest);
    for idx in missing {
        let Some(shard) = shards.get(idx) else { continue };
        let name = format!("{} shard {} of {} ({})", part.word(), idx + 1, shards.len(), shard.file);
        match load_shard(&site, set, &manifest, shard, &name, &tell).await {
            Ok(unpacked) => tell(Arrival::Shard { part, idx, unpacked }),
            Err(flaw) => return tell(Arrival::Failed(Some(part), failure(&name, Some(&flaw)))),
        }
    }
    tell(Arrival::Complete(part));
}

async fn load_shard(
    site: &Site,
    set: DataSet,
    manifest: &Manifest,
    shard: &Shard,
    name: &str,
    tell: &impl Fn(Arrival),
) -> Result<Vec<u8>, Flaw> {
    let path = format!("data/{}/{}", folder_of(set), shard.file);
    let mut attempt = 0;
    loop {
        let unpacked = async {
            let bytes = site.fetch(&path, shard.bytes as usize, before(attempt).await).await?;
            Ok::<_, Flaw>(shard::unpack(&bytes, shard, manifest.shape)?)
        };
        match unpacked.await {
            Ok(unpacked) => return Ok(unpacked),
            Err(flaw) if attempt == MAX_RETRIES => return Err(flaw),
            Err(flaw) => {
                attempt += 1;
                tell(Arrival::Note(format!(
                    "{name} did not come whole: {flaw}. It is fetched again ({attempt} of {MAX_RETRIES})."
                )));
            }
        }
    }
}

/// Waits as long as is fit before this attempt, and says how to make it: a broken file may sit in the browser's cache.
async fn before(attempt: u32) -> Cache {
    if attempt == 0 {
        return Cache::Use;
    }
    sleep(RETRY_AFTER_MS * attempt as i32).await;
    Cache::Bypass
}

/// Sets of drawn points have no folder, and nobody loads them.
fn folder_of(set: DataSet) -> &'static str {
    set.folder().unwrap_or_default()
}

/// Reads a manifest and checks that it is one of this data set.
fn parse_manifest(bytes: &[u8], set: DataSet) -> Result<Manifest, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not text".to_owned())?;
    let manifest = Manifest::parse(text)?;
    let loaded = set.loaded_as();
    let facts = DataSpec::for_set(loaded).facts();
    if manifest.name != loaded.id() || manifest.shape != facts.shape || manifest.classes.len() != facts.classes.len() {
        return Err(format!("it belongs to another data set than {}", set.label()));
    }
    Ok(manifest)
}

fn failure(what: &str, flaw: Option<&Flaw>) -> Fault {
    let flaw = flaw.map(ToString::to_string).unwrap_or_default();
    Fault {
        kind: FaultKind::Data,
        message: format!("{what} could not be loaded after {} tries: {flaw}.", MAX_RETRIES + 1),
        advice: "Check the connection; Play tries again.".into(),
    }
}
