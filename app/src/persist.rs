//! What survives a reload: the newest checkpoint and the curves of each experiment, in IndexedDB, under its link.
//!
//! Storage may be full, forbidden or slow. Every error is a sentence for the visitor, said once, and the lab goes on without.

use crate::history::History;
use descent_spec::message::Progress;
use futures_channel::oneshot;
use idb::{Database, DatabaseEvent, Factory, KeyPath, ObjectStoreParams, TransactionMode};
use js_sys::{Object, Reflect, Uint8Array};
use leptos::task::spawn_local;
use std::cell::Cell;
use std::future::Future;
use wasm_bindgen::{JsCast, JsValue};

const DATABASE: &str = "descent";
const VERSION: u32 = 1;
const STORE: &str = "runs";
/// Field by which the oldest run is found without reading any.
const SAVED_AT: &str = "savedAt";
/// Runs that are kept; the one saved longest ago goes first.
const MAX_RUNS: usize = 8;
/// Longest the lab waits for storage before it starts without.
const PATIENCE_MS: u32 = 2_000;

/// A run as it was saved.
pub struct Saved {
    /// Where the checkpoint was taken.
    pub progress: Progress,
    /// The checkpoint.
    pub bytes: Uint8Array,
    /// Its curves.
    pub history: History,
}

thread_local! {
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

/// The saved run of this link.
///
/// # Errors
/// A sentence, once; afterwards storage that fails is quietly done without.
pub async fn load(link: &str) -> Result<Option<Saved>, String> {
    let read = async {
        let database = open().await?;
        let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
        transaction.object_store(STORE)?.get(JsValue::from(link))?.await
    };
    match within(PATIENCE_MS, read).await {
        Some(Ok(record)) => Ok(record.as_ref().and_then(parse)),
        Some(Err(err)) => told(Ok(None), &err.to_string()),
        None => told(Ok(None), "it did not answer"),
    }
}

/// Saves a checkpoint and its curves under this link.
///
/// # Errors
/// A sentence, once.
pub async fn save(link: &str, progress: Progress, bytes: &Uint8Array, history: &[u8]) -> Result<(), String> {
    let record = match record(link, progress, bytes, history) {
        Ok(record) => record,
        Err(err) => return told(Ok(()), &format!("{err:?}")),
    };
    let write = async {
        let database = open().await?;
        let transaction = database.transaction(&[STORE], TransactionMode::ReadWrite)?;
        let store = transaction.object_store(STORE)?;
        store.put(&record, None)?.await?;
        let oldest_first = store.index(SAVED_AT)?.get_all_keys(None, None)?.await?;
        let surplus = oldest_first.len().saturating_sub(MAX_RUNS);
        for key in oldest_first.into_iter().take(surplus) {
            store.delete(idb::Query::from(key))?.await?;
        }
        transaction.commit()?.await
    };
    let written: Result<_, idb::Error> = write.await;
    match written {
        Ok(_) => Ok(()),
        Err(err) => told(Ok(()), &err.to_string()),
    }
}

/// Forgets the saved run of this link: it was started over.
pub fn forget(link: String) {
    spawn_local(async move {
        let erase = async {
            let database = open().await?;
            let transaction = database.transaction(&[STORE], TransactionMode::ReadWrite)?;
            transaction.object_store(STORE)?.delete(JsValue::from(&link))?.await?;
            transaction.commit()?.await
        };
        // What cannot be erased cannot have been saved either; `save` tells about it.
        let _: Result<_, idb::Error> = erase.await;
    });
}

async fn open() -> Result<Database, idb::Error> {
    let mut request = Factory::new()?.open(DATABASE, Some(VERSION))?;
    request.on_upgrade_needed(|event| {
        let mut params = ObjectStoreParams::new();
        params.key_path(Some(KeyPath::new_single("link")));
        // A database without its store fails at the first transaction, where the error is handled.
        let _ = event
            .database()
            .and_then(|database| database.create_object_store(STORE, params))
            .and_then(|store| store.create_index(SAVED_AT, KeyPath::new_single(SAVED_AT), None));
    });
    request.await
}

fn record(link: &str, progress: Progress, bytes: &Uint8Array, history: &[u8]) -> Result<JsValue, JsValue> {
    let record = Object::new();
    let set = |name: &str, value: JsValue| Reflect::set(&record, &name.into(), &value);
    set("link", link.into())?;
    set(SAVED_AT, js_sys::Date::now().into())?;
    set("progress", serde_wasm_bindgen::to_value(&progress)?)?;
    set("checkpoint", bytes.clone().into())?;
    set("history", Uint8Array::from(history).into())?;
    Ok(record.into())
}

fn parse(record: &JsValue) -> Option<Saved> {
    let get = |name: &str| Reflect::get(record, &name.into()).ok();
    let progress: Progress = serde_wasm_bindgen::from_value(get("progress")?).ok()?;
    let bytes: Uint8Array = get("checkpoint")?.dyn_into().ok()?;
    let mut history = History::from_bytes(&get("history")?.dyn_into::<Uint8Array>().ok()?.to_vec()).unwrap_or_default();
    history.truncate(progress.step);
    Some(Saved { progress, bytes, history })
}

/// The first failure in words, later ones as if nothing were stored.
fn told<T>(otherwise: Result<T, String>, why: &str) -> Result<T, String> {
    if TOLD.replace(true) {
        return otherwise;
    }
    Err(format!(
        "This browser does not let the page save the run ({why}): it works, but a reload starts from the beginning. \
         Private windows and full disks are the usual reasons."
    ))
}

/// The result, unless it takes longer than this.
async fn within<T: 'static>(ms: u32, work: impl Future<Output = T>) -> Option<T> {
    let (sender, receiver) = oneshot::channel::<()>();
    let timer = gloo_timers::callback::Timeout::new(ms, move || drop(sender));
    let mut work = std::pin::pin!(work);
    let mut receiver = std::pin::pin!(receiver);
    let result = std::future::poll_fn(|context| {
        if let std::task::Poll::Ready(done) = work.as_mut().poll(context) {
            return std::task::Poll::Ready(Some(done));
        }
        receiver.as_mut().poll(context).map(|_| None)
    })
    .await;
    drop(timer);
    result
}
