//! The texts of fields: numbers within bounds, escapes undone, and what is quoted back kept short.

pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST { text.into() } else { text.chars().take(MOST).chain(['…']).collect() }
}

/// Undoes the escapes that mail programs put into links (`%2C` for a comma). Broken escapes stay as they are.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut idx = 0;
    while idx < bytes.len() {
        let hex =
            (bytes[idx] == b'%').then(|| text.get(idx + 1..idx + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                idx += 3;
            }
            None => {
                out.push(bytes[idx]);
                idx += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Escapes what has a meaning in an address, and what is not ASCII.
pub(crate) fn percent_encode(text: &str) -> String {
    let spelled = |byte: u8| match byte {
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(spelled).collect()
}

pub(crate) fn number(text: &str, low: f64, high: f64) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value >= low && value <= high => Ok(value),
        Ok(_) if low > 0.0 => Err(format!("it must be greater than 0 and at most {high}")),
        Ok(_) => Err(format!("it must lie between {low} and {high}")),
        Err(_) => Err("expected a number".into()),
    }
}

pub(crate) fn whole(text: &str, low: usize, high: usize) -> Result<usize, String> {
    // As u64: a usize has 32 bits in the browser, and a number too large for it is a number all the same.
    match text.parse::<u64>() {
        Ok(value) if (low as u64..=high as u64).contains(&value) => Ok(value as usize),
        Ok(_) => Err(format!("it must lie between {low} and {high}")),
        Err(_) => Err("expected a whole number".into()),
    }
}
