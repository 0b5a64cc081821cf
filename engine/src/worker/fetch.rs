//! Fetching files of the site, bounded in size, and nothing from anywhere else.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, RequestCache, RequestInit, RequestMode, Response, Url, WorkerGlobalScope};

/// Why a file did not come.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The server has no such file.
    #[error("it is missing (the server answered {0})")]
    Missing(u16),
    /// The server answered with something else.
    #[error("the server answered {0}")]
    Status(u16),
    /// No answer, or an answer that broke off.
    #[error("it could not be reached ({0})")]
    Unreachable(String),
    /// More bytes than there should be.
    #[error("it is longer than {0} bytes: it was altered on the way")]
    TooLong(usize),
    /// Not below the site's folder.
    #[error("its address lies outside this site")]
    Outside,
}

/// Whether the browser's cache may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// As usual.
    Use,
    /// Asks the server again, and replaces what was cached.
    Bypass,
}

/// The site's folder, where the data lie.
#[derive(Debug, Clone)]
pub struct Site {
    base: String,
}

impl Site {
    /// The site whose folder this is; refused unless the worker itself comes from the same origin.
    pub fn new(base: &str) -> Result<Site, FetchError> {
        let own = js_sys::global().unchecked_into::<WorkerGlobalScope>().location().origin();
        let url = Url::new(base).map_err(|_| FetchError::Outside)?;
        if url.origin() != own {
            return Err(FetchError::Outside);
        }
        let path = url.pathname();
        let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
        Ok(Site { base: format!("{own}{folder}") })
    }

    /// The bytes of a file below the folder, at most `max_bytes` of them.
    ///
    /// A page of HTML counts as missing: some servers answer with their front page where a file is not there.
    pub async fn fetch(&self, path: &str, max_bytes: usize, cache: Cache) -> Result<Vec<u8>, FetchError> {
        let url = Url::new_with_base(path, &self.base).map_err(|_| FetchError::Outside)?.href();
        if !url.starts_with(&self.base) {
            return Err(FetchError::Outside);
        }
        let options = RequestInit::new();
        // A redirect must not lead away from the site either.
        options.set_mode(RequestMode::SameOrigin);
        options.set_cache(match cache {
            Cache::Use => RequestCache::Default,
            Cache::Bypass => RequestCache::Reload,
        });
        let scope = js_sys::global().unchecked_into::<WorkerGlobalScope>();
        let answer = JsFuture::from(scope.fetch_with_str_and_init(&url, &options)).await.map_err(unreachable)?;
        let response: Response = answer.dyn_into().map_err(unreachable)?;
        let content_type = response.headers().get("content-type").ok().flatten().unwrap_or_default();
        match response.status() {
            200 if content_type.starts_with("text/html") => Err(FetchError::Missing(404)),
            200 => read_body(&response, max_bytes).await,
            status @ (404 | 410) => Err(FetchError::Missing(status)),
            status => Err(FetchError::Status(status)),
        }
    }
}

/// Reads piece by piece, so that an endless answer ends at the bound.
async fn read_body(response: &Response, max_bytes: usize) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    let Some(body) = response.body() else { return Ok(bytes) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(unreachable)?;
        if Reflect::get(&piece, &"done".into()).map_err(unreachable)?.is_truthy() {
            return Ok(bytes);
        }
        let piece: Uint8Array = Reflect::get(&piece, &"value".into()).map_err(unreachable)?.unchecked_into();
        if bytes.len() + piece.length() as usize > max_bytes {
            // Nobody waits for the rest; whether the browser could stop it does not matter.
            let _ = reader.cancel();
            return Err(FetchError::TooLong(max_bytes));
        }
        bytes.extend(piece.to_vec());
    }
}

fn unreachable(err: impl Into<JsValue>) -> FetchError {
    let err: JsValue = err.into();
    let text = err.dyn_ref::<js_sys::Error>().map(|err| String::from(err.message()));
    FetchError::Unreachable(text.unwrap_or_else(|| format!("{err:?}")))
}
