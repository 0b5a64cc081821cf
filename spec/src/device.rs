//! Where the arithmetic runs.

use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};

/// What the visitor asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DevicePreference {
    /// The faster of the two on this model, found by a short race and remembered.
    Auto,
    /// The processor, always.
    Cpu,
    /// The graphics processor where it can be used, else the processor, and the page says why.
    WebGpu,
}

impl Registry for DevicePreference {
    const WHAT: &'static str = "device";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<DevicePreference>] = &[
            Entry { value: DevicePreference::Auto, id: "auto", label: "Auto", about: "the faster of the two on this model" },
            Entry { value: DevicePreference::Cpu, id: "cpu", label: "CPU", about: "the processor: repeats to the bit" },
            Entry { value: DevicePreference::WebGpu, id: "webgpu", label: "WebGPU", about: "the graphics processor" },
        ];
        TABLE
    }
}

/// Whether several cores of the processor may share the work of a session. The numbers are the same either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cores {
    /// As many workers as are fastest, found by trying; only where a step is long enough ([`crate::slices`]).
    #[default]
    Several,
    /// One worker, always.
    One,
}

impl Registry for Cores {
    const WHAT: &'static str = "choice of cores";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Cores>] = &[
            Entry { value: Cores::Several, id: "several", label: "Several", about: "long steps are shared where that is faster" },
            Entry { value: Cores::One, id: "one", label: "One", about: "one worker takes every step alone" },
        ];
        TABLE
    }
}

/// What a session really runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// Burn's Flex, one WebAssembly thread.
    Cpu,
    /// Burn's WebGPU.
    WebGpu,
}

impl Registry for Backend {
    const WHAT: &'static str = "backend";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Backend>] = &[
            Entry { value: Backend::Cpu, id: "cpu", label: "CPU", about: "Wasm SIMD, one thread" },
            Entry { value: Backend::WebGpu, id: "webgpu", label: "WebGPU", about: "graphics processor" },
        ];
        TABLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        crate::registry::check_table(&[DevicePreference::Auto, DevicePreference::Cpu, DevicePreference::WebGpu]);
        crate::registry::check_table(&[Cores::Several, Cores::One]);
        crate::registry::check_table(&[Backend::Cpu, Backend::WebGpu]);
    }
}
