// Mean cross-entropy of logits against classes: −1/N Σᵢ log softmax(zᵢ)[yᵢ], in one group of threads.

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> classes: array<i32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;
// Examples, classes.
@group(0) @binding(3) var<storage, read> sizes: array<u32>;

var<workgroup> sums: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    let n_classes = sizes[1];
    var sum = 0.0;
    for (var example = thread; example < sizes[0]; example += 64u) {
        let line = example * n_classes;
        var largest = logits[line];
        for (var i = 1u; i < n_classes; i++) {
            largest = max(largest, logits[line + i]);
        }
        var total = 0.0;
        for (var i = 0u; i < n_classes; i++) {
            total += exp(logits[line + i] - largest);
        }
        sum += log(total) - (logits[line + u32(classes[example])] - largest);
    }
    sums[thread] = sum;
    workgroupBarrier();
    if (thread == 0u) {
        for (var i = 1u; i < 64u; i++) {
            sum += sums[i];
        }
        result[0] = sum / f32(sizes[0]);
    }
}
