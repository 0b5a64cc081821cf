//! A replica as a worker of a worker: started from the same script, told by messages, its buffers handed back and forth.
//!
//! Nothing is shared between the two, so no header of the server is needed and any static host will do.

mod replica;
mod serve;
mod wire;

pub use serve::serve;

use crate::replicas::Replica;
use crate::session::Blueprint;
use js_sys::Reflect;
use replica::BrowserReplica;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::WorkerGlobalScope;

/// The name of a replica's worker, by which the script knows what it was started for.
pub const REPLICA_NAME: &str = "descent-replica";

thread_local! {
    /// The script that replicas are started from.
    static SCRIPT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From here on replicas may be started, from this worker's own script. Elsewhere, as in a test runner, the script is somebody
/// else's and must not be run twice.
pub fn allow() {
    SCRIPT.set(Some(scope().location().href()));
}

/// As many workers as the machine has cores, this one included; 1 where workers cannot start others.
pub fn most_workers() -> usize {
    let can_start = SCRIPT.with_borrow(Option::is_some)
        && Reflect::get(&js_sys::global(), &"Worker".into()).is_ok_and(|constructor| constructor.is_function());
    if can_start { scope().navigator().hardware_concurrency().max(1.0) as usize } else { 1 }
}

/// Starts a replica; none where the browser cannot.
pub(super) fn start(blueprint: &Blueprint) -> Option<Box<dyn Replica>> {
    let script = SCRIPT.with_borrow(Clone::clone)?;
    let replica = BrowserReplica::start(&script, blueprint).ok()?;
    Some(Box::new(replica))
}

fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}
