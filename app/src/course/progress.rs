//! What a visitor has done, as one versioned JSON text that is kept on the device and travels as a file.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version that is written. Older ones must stay readable for ever; there are none yet.
const VERSION: u32 = 1;
/// Largest text that is read: more than all ids of a course many times this long.
const MAX_BYTES: usize = 64 * 1024;
/// Most entries of a kind, weeks aside.
const MAX_ENTRIES: usize = 1_000;
/// Longest id, as the course's own tests have it.
const MAX_ID: usize = 64;
/// Highest number of a week or a choice.
const MAX_NUMBER: u32 = 99;

/// Weeks visited, exercises solved, questions answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Numbers of the weeks whose page was opened.
    pub weeks: BTreeSet<u32>,
    /// Ids of the exercises that were solved once.
    pub exercises: BTreeSet<String>,
    /// Id of each answered question, and which choice was taken, from 0.
    pub answers: BTreeMap<String, u32>,
}

/// The text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    descent_progress: u32,
    #[serde(default)]
    weeks: BTreeSet<u32>,
    #[serde(default)]
    exercises: BTreeSet<String>,
    #[serde(default)]
    answers: BTreeMap<String, u32>,
}

impl Progress {
    /// The text that [`parse`](Self::parse) reads.
    pub fn to_json(&self) -> String {
        let Progress { weeks, exercises, answers } = self.clone();
        serde_json::to_string(&Written { descent_progress: VERSION, weeks, exercises, answers }).unwrap_or_default()
    }

    /// Reads a text from outside.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Progress, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("It has {} bytes, and progress has at most {MAX_BYTES}.", text.len()));
        }
        let value: serde_json::Value = serde_json::from_str(text).map_err(|err| format!("It is not JSON: {err}."))?;
        match value.get("descent_progress").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) if version > u64::from(VERSION) => {
                return Err(format!("It was written by a newer Descent (version {version}): reload this page and try again."));
            }
            _ => return Err("It is no progress of Descent.".into()),
        }
        let written: Written = serde_json::from_value(value).map_err(|err| format!("A part of it cannot be read: {err}."))?;
        let Written { weeks, exercises, answers, .. } = written;
        if exercises.len().max(answers.len()) > MAX_ENTRIES {
            return Err(format!("It has more than {MAX_ENTRIES} entries, and no course is that long."));
        }
        if let Some(id) = exercises.iter().chain(answers.keys()).find(|id| !is_id(id)) {
            let id: String = id.chars().take(20).collect();
            return Err(format!("“{id}” is no id of an exercise or a question."));
        }
        if let Some(number) = weeks.iter().chain(answers.values()).find(|number| **number > MAX_NUMBER) {
            return Err(format!("{number} is no week and no answer."));
        }
        Ok(Progress { weeks, exercises, answers })
    }

    /// Takes over what is new. Nothing that is here already is lost, and an answer given here stays.
    pub fn merge(&mut self, other: Progress) {
        self.weeks.extend(other.weeks);
        self.exercises.extend(other.exercises);
        for (id, choice) in other.answers {
            self.answers.entry(id).or_insert(choice);
        }
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= MAX_ID
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Progress {
        Progress {
            weeks: [1, 2].into(),
            exercises: ["solve-xor".to_owned()].into(),
            answers: [("dead-relu".to_owned(), 2)].into(),
        }
    }

    /// Texts that were valid once must be read for ever: never edit one, only add.
    #[test]
    fn golden_texts_are_read() {
        let text = r#"{"descent_progress":1,"weeks":[1,2],"exercises":["solve-xor"],"answers":{"dead-relu":2}}"#;
        assert_eq!(Progress::parse(text), Ok(some()));
        assert_eq!(some().to_json(), text);
        assert_eq!(Progress::parse(r#"{"descent_progress":1}"#), Ok(Progress::default()));
    }

    #[test]
    fn hostile_texts_are_refused_in_words() {
        let many: Vec<String> = (0..2_000).map(|n| format!("\"e{n}\"")).collect();
        for (text, says) in [
            (String::new(), "not JSON"),
            ("<html>".into(), "not JSON"),
            ("[".repeat(10_000), "not JSON"),
            ("null".into(), "no progress of Descent"),
            (r#"{"weeks":[1]}"#.into(), "no progress of Descent"),
            (r#"{"descent_progress":0}"#.into(), "no progress of Descent"),
            (r#"{"descent_progress":-1}"#.into(), "no progress of Descent"),
            (r#"{"descent_progress":2}"#.into(), "newer Descent"),
            (r#"{"descent_progress":1,"weeks":"all"}"#.into(), "cannot be read"),
            (r#"{"descent_progress":1,"admin":true}"#.into(), "cannot be read"),
            (r#"{"descent_progress":1,"weeks":[4000000000]}"#.into(), "4000000000 is no week"),
            (r#"{"descent_progress":1,"exercises":["<img src=x>"]}"#.into(), "is no id"),
            (format!(r#"{{"descent_progress":1,"exercises":["{}"]}}"#, "a".repeat(65)), "is no id"),
            (format!(r#"{{"descent_progress":1,"exercises":[{}]}}"#, many.join(",")), "more than 1000 entries"),
            (" ".repeat(MAX_BYTES + 1), "65537 bytes"),
        ] {
            let why = Progress::parse(&text).unwrap_err();
            assert!(why.contains(says), "{}: {why}", text.chars().take(60).collect::<String>());
        }
    }

    #[test]
    fn merging_loses_nothing() {
        let mut here = some();
        let there = Progress {
            weeks: [2, 3].into(),
            exercises: ["ten-neurons".to_owned()].into(),
            answers: [("dead-relu".to_owned(), 0), ("shapes".to_owned(), 1)].into(),
        };
        here.merge(there);
        assert_eq!(here.weeks, [1, 2, 3].into());
        assert_eq!(here.exercises.len(), 2);
        assert_eq!(here.answers, [("dead-relu".to_owned(), 2), ("shapes".to_owned(), 1)].into());
    }
}
