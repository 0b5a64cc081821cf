// The buffers of an update rule with two slots.

@group(0) @binding(0) var<storage, read> weight: array<Numbers>;
@group(0) @binding(1) var<storage, read> slope: array<Numbers>;
@group(0) @binding(2) var<storage, read> state_0: array<Numbers>;
@group(0) @binding(3) var<storage, read> state_1: array<Numbers>;
@group(0) @binding(4) var<storage, read_write> new_weight: array<Numbers>;
@group(0) @binding(5) var<storage, read_write> new_state_0: array<Numbers>;
@group(0) @binding(6) var<storage, read_write> new_state_1: array<Numbers>;
// Length and threads in a row of the grid, as bits; then what the rule needs (`rule_numbers` in mod.rs).
@group(0) @binding(7) var<storage, read> numbers: array<f32>;

fn slot_0(at: u32) -> Numbers {
    return state_0[at];
}

fn put_slot_0(at: u32, value: Numbers) {
    new_state_0[at] = value;
}

fn slot_1(at: u32) -> Numbers {
    return state_1[at];
}

fn put_slot_1(at: u32, value: Numbers) {
    new_state_1[at] = value;
}
