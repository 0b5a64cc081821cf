// The slope below a ReLU: that above it where the ReLU's output is positive, else 0.
// `Numbers` is f32, or vec4f where the length is a multiple of four.

@group(0) @binding(0) var<storage, read> output: array<Numbers>;
@group(0) @binding(1) var<storage, read> slope: array<Numbers>;
@group(0) @binding(2) var<storage, read_write> result: array<Numbers>;
// Length, threads in a row of the grid.
@group(0) @binding(3) var<storage, read> sizes: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let at = id.x + id.y * sizes[1];
    if (at < sizes[0]) {
        result[at] = select(Numbers(), slope[at], output[at] > Numbers());
    }
}
