//! GloVe's vectors, which lie on the site as a data set does.

use super::fetch::{Cache, FetchError, Site};
use super::run::Worker;
use super::show::refuse;
use super::wire::Bulk;
use crate::data::shard;
use descent_spec::Shape;
use descent_spec::glove::{FOLDER, Glove, NAME, WIDTH};
use descent_spec::manifest::{MAX_MANIFEST_BYTES, Manifest};
use descent_spec::message::{RequestId, ToApp};
use wasm_bindgen_futures::spawn_local;

impl Worker {
    /// Answers [`Glove`](descent_spec::message::ToWorker::Glove), beside the loop.
    pub(super) fn tell_glove(&self, request: RequestId) {
        let Some(stand) = &self.stand else {
            return refuse(&self.outbox, Some(request), "The worker has not been started: send Start first.");
        };
        let (site, outbox) = (stand.site.clone(), self.outbox.clone());
        spawn_local(async move {
            match fetch_glove(&site).await {
                Ok(Glove { words, values }) => {
                    outbox.send_with(ToApp::Glove { request, words }, vec![Bulk::Floats(values)]);
                }
                Err(why) => refuse(&outbox, Some(request), why),
            }
        });
    }
}

/// The vectors, checked. A broken file may sit in the browser's cache, so the server is asked a second time.
///
/// # Errors
/// A sentence that says what to do.
pub(super) async fn fetch_glove(site: &Site) -> Result<Glove, String> {
    let mut flaw = String::new();
    for cache in [Cache::Use, Cache::Bypass] {
        match fetch_once(site, cache).await {
            Ok(glove) => return Ok(glove),
            Err(found) => flaw = found,
        }
    }
    Err(format!("GloVe's vectors could not be loaded: {flaw}. Try again; where the site has none, cargo xtask data builds them."))
}

async fn fetch_once(site: &Site, cache: Cache) -> Result<Glove, String> {
    let named = |file: &str, err: FetchError| format!("data/{FOLDER}/{file}: {err}");
    let file = "manifest.json";
    let fetched = site.fetch(&format!("data/{FOLDER}/{file}"), MAX_MANIFEST_BYTES, cache).await;
    let bytes = fetched.map_err(|err| named(file, err))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| "the list of its files is not text".to_owned())?;
    let manifest = Manifest::parse(text).map_err(|err| format!("the list of its files cannot be used: {err}"))?;
    let [part] = manifest.train.as_slice() else { return Err("it should lie in one shard".into()) };
    if manifest.name != NAME || manifest.shape != (Shape::Flat { units: WIDTH }) || part.count != manifest.vocabulary.len() {
        return Err("the list of its files belongs to another set".into());
    }
    let fetched = site.fetch(&format!("data/{FOLDER}/{}", part.file), part.bytes as usize, cache).await;
    let bytes = fetched.map_err(|err| named(&part.file, err))?;
    let unpacked = shard::unpack(&bytes, part, manifest.shape).map_err(|err| format!("{}: {err}", part.file))?;
    Glove::unpack(manifest.vocabulary, &unpacked).map_err(|err| format!("{}: {err}", part.file))
}
