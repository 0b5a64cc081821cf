//! Small edits of the page Trunk wrote: our own index.html, so that plain text search is enough.

use crate::files;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// In index.html: the place of the policy for scripts that gets the hashes of the inline ones.
const SCRIPT_POLICY: &str = "script-src 'self' 'wasm-unsafe-eval'";
/// Trunk's reload script contains this until it is served, so that its hash cannot be known.
const RELOAD_MARK: &str = "{{__TRUNK_ADDRESS__}}";

/// Puts lines at the end of the head.
pub(crate) fn add_to_head(html: &str, lines: &[String]) -> Result<String> {
    let (before, after) = html.split_once("</head>").context("index.html has no </head>")?;
    let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    Ok(format!("{}\n{lines}</head>{after}", before.trim_end()))
}

/// Allows exactly the inline scripts that are in the page. In the development server, which adds one of its own with every
/// answer, any inline script is allowed.
pub(crate) fn allow_inline_scripts(html: &str) -> Result<String> {
    let allowed = if html.contains(RELOAD_MARK) {
        " 'unsafe-inline'".to_owned()
    } else {
        inline_scripts(html).iter().map(|script| format!(" 'sha256-{}'", base64(&Sha256::digest(script)))).collect()
    };
    let (before, after) = html.split_once(SCRIPT_POLICY).context("index.html has no content security policy for scripts")?;
    Ok(format!("{before}{SCRIPT_POLICY}{allowed}{after}"))
}

/// The texts of the script elements without `src`.
fn inline_scripts(html: &str) -> Vec<&str> {
    html.split("<script")
        .skip(1)
        .filter_map(|rest| {
            let (attributes, rest) = rest.split_once('>')?;
            let (script, _) = rest.split_once("</script>")?;
            (!attributes.contains(" src=")).then_some(script)
        })
        .collect()
}

/// RFC 4648, with padding; for the 32 bytes of a hash.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encode = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let digit = move |nth: usize| char::from(DIGITS[(bits >> (18 - 6 * nth)) as usize & 63]);
        let n_digits = chunk.len() + 1;
        (0..4).map(move |nth| if nth < n_digits { digit(nth) } else { '=' })
    };
    bytes.chunks(3).flat_map(encode).collect()
}

/// The values of `content` in our own meta elements, and every relative `href` and `src`: what the page will ask for.
#[cfg(test)]
fn contents<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    html.split(&format!("<meta name=\"{name}\" content=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// What the head needs to find a worker: where it is and, for one needed at once, the wish to have it soon.
pub(crate) fn worker_lines(kind: &str, folder: &str, at_once: bool) -> Vec<String> {
    let mut lines = vec![format!("<meta name=\"descent-worker-{kind}\" content=\"engine/{folder}/boot.js\">")];
    if at_once {
        // Not `preload`: what a worker asks for does not count as use by the page, and the console would complain. The files
        // are fetched with the app instead of after it, which saves a round trip.
        let prefetch = |file: &str| format!("<link rel=\"prefetch\" href=\"engine/{folder}/{file}\">");
        lines.extend(["boot.js", "worker.js", "worker_bg.wasm"].map(prefetch));
    }
    lines
}

/// Whether a name is one of the folders of [`worker_lines`]: `cpu-` and twelve hexadecimal digits.
pub(crate) fn is_worker_folder(name: &str, kind: &str) -> bool {
    name.strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|hash| hash.len() == files::sha256(b"")[..12].len() && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><head><meta content=\"script-src 'self' 'wasm-unsafe-eval'; x\">\n  </head>\
        <body><script src=\"a.js\"></script><script type=\"module\">alert(1)</script></body></html>";

    #[test]
    fn base64_is_as_in_rfc_4648() {
        let examples = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
        for (text, encoded) in examples {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }

    #[test]
    fn inline_scripts_are_allowed_one_by_one() {
        assert_eq!(inline_scripts(PAGE), ["alert(1)"]);
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        let hash = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
        assert!(allow_inline_scripts(PAGE).unwrap().contains(&format!("'wasm-unsafe-eval' {hash}; x")));
        let served = PAGE.replace("alert(1)", RELOAD_MARK);
        assert!(allow_inline_scripts(&served).unwrap().contains("'wasm-unsafe-eval' 'unsafe-inline'; x"));
        assert!(allow_inline_scripts("<head></head>").is_err());
    }

    #[test]
    fn the_page_learns_where_its_workers_are() {
        let html = add_to_head(PAGE, &worker_lines("cpu", "cpu-0123456789ab", true)).unwrap();
        assert_eq!(contents(&html, "descent-worker-cpu"), ["engine/cpu-0123456789ab/boot.js"]);
        assert_eq!(html.matches("prefetch").count(), 3);
        assert!(html.find("descent-worker-cpu") < html.find("</head>"));
        assert!(add_to_head("<body>", &[]).is_err());
    }

    #[test]
    fn folders_of_workers() {
        assert!(is_worker_folder("cpu-0123456789ab", "cpu"));
        assert!(!is_worker_folder("gpu-0123456789ab", "cpu"));
        assert!(!is_worker_folder("cpu-0123456789", "cpu"));
    }
}
