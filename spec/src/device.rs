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
        crate::registry::check_table(&[Backend::Cpu, Backend::WebGpu]);
    }
}
