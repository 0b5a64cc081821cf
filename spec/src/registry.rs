//! Tables instead of switches: one row names a choice once, for the link, the page and the documentation.

/// One choice of a closed list: how the link spells it, how the page shows it, and what it means in one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<T: 'static> {
    /// The value itself.
    pub value: T,
    /// The spelling in links and files. Never changes once released: old links must keep loading.
    pub id: &'static str,
    /// The name on the page.
    pub label: &'static str,
    /// One line for tooltips and documentation: a formula where there is one.
    pub about: &'static str,
}

/// A closed list of choices with a table behind it.
pub trait Registry: Copy + PartialEq + Sized + 'static {
    /// What is being chosen, as a sentence would say it ("activation").
    const WHAT: &'static str;

    /// Every choice, in the order the page lists them.
    fn table() -> &'static [Entry<Self>];

    /// The row of this value.
    fn entry(self) -> &'static Entry<Self> {
        let table = Self::table();
        // Every implementation has a test that each value has a row (`check_table`), so the first row is never taken by mistake.
        table.iter().find(|entry| entry.value == self).unwrap_or(&table[0])
    }

    /// The spelling in links.
    fn id(self) -> &'static str {
        self.entry().id
    }

    /// The name on the page.
    fn label(self) -> &'static str {
        self.entry().label
    }

    /// The value with this spelling, or a sentence that lists what there is.
    fn parse(id: &str) -> Result<Self, String> {
        Self::table().iter().find(|entry| entry.id == id).map(|entry| entry.value).ok_or_else(|| {
            let known: Vec<_> = Self::table().iter().map(|entry| entry.id).collect();
            format!("there is no {} of this name; there are {}", Self::WHAT, known.join(", "))
        })
    }
}

#[cfg(test)]
pub(crate) fn check_table<T: Registry + std::fmt::Debug>(all: &[T]) {
    for value in all {
        assert!(T::table().iter().any(|entry| entry.value == *value), "{value:?} has no row");
        assert_eq!(T::parse(value.id()).as_ref(), Ok(value));
    }
    assert_eq!(T::table().len(), all.len(), "a row too many, or a value the test does not know");
}
