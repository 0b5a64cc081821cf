// Sums over the middle of three axes: result[outer, inner] = Σ source[outer, middle, inner].

@group(0) @binding(0) var<storage, read> source: array<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
// Outer, middle, inner; threads in a row of the grid.
@group(0) @binding(2) var<storage, read> sizes: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let place = id.x + id.y * sizes[3];
    let n_middle = sizes[1];
    let n_inner = sizes[2];
    if (place >= sizes[0] * n_inner) {
        return;
    }
    var at = (place / n_inner) * n_middle * n_inner + place % n_inner;
    var sum = 0.0;
    for (var i = 0u; i < n_middle; i++) {
        sum += source[at];
        at += n_inner;
    }
    result[place] = sum;
}
