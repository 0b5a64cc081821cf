//! Messages as bytes, in postcard's format.
//!
//! The bytes hold values alone, neither names of fields nor types: both sides come from one build. So a type that travels has no
//! `skip_serializing_if`, `flatten`, `tag` or `untagged`. Numbers arrive to the bit, `NaN` among them.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message as bytes.
///
/// # Errors
/// A sentence's end, never for the types of this crate: they hold nothing without a length.
///
/// ```
/// use descent_spec::message::{ToWorker, from_bytes, to_bytes};
/// let step = ToWorker::Step { count: 300 };
/// // The fifth variant; 300 = 0b10_0101100 in groups of seven bits, the lowest first.
/// assert_eq!(to_bytes(&step).unwrap(), [4, 0b1010_1100, 0b10]);
/// assert_eq!(from_bytes(&[4, 0b1010_1100, 0b10]), Ok(step));
/// ```
pub fn to_bytes(message: &impl Serialize) -> Result<Vec<u8>, String> {
    postcard::to_allocvec(message).map_err(|err| format!("it cannot be put into bytes: {err}"))
}

/// Reads [`to_bytes`].
///
/// # Errors
/// The end of a sentence that says what is odd about the bytes: another message, less of one, or more than one.
pub fn from_bytes<Message: DeserializeOwned>(bytes: &[u8]) -> Result<Message, String> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        Ok((_, rest)) => Err(format!("{} of its {} bytes are left over", rest.len(), bytes.len())),
        Err(err) => Err(format!("its {} bytes are no message of this version: {err}", bytes.len())),
    }
}

#[cfg(test)]
mod tests;
