// The gradient of cross_entropy.wgsl: (softmax(zᵢ) − one at yᵢ) / N, times the slope above. A thread for each example.

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> classes: array<i32>;
@group(0) @binding(2) var<storage, read> slope: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;
// Examples, classes, threads in a row of the grid.
@group(0) @binding(4) var<storage, read> sizes: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let example = id.x + id.y * sizes[2];
    if (example >= sizes[0]) {
        return;
    }
    let n_classes = sizes[1];
    let line = example * n_classes;
    var largest = logits[line];
    for (var i = 1u; i < n_classes; i++) {
        largest = max(largest, logits[line + i]);
    }
    var total = 0.0;
    for (var i = 0u; i < n_classes; i++) {
        total += exp(logits[line + i] - largest);
    }
    let share = slope[0] / f32(sizes[0]);
    for (var i = 0u; i < n_classes; i++) {
        let wanted = select(0.0, 1.0, i == u32(classes[example]));
        result[line + i] = (exp(logits[line + i] - largest) / total - wanted) * share;
    }
}
