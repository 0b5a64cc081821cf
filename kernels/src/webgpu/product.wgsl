// A product of two matrices, or of one and the other transposed: C = A B, AᵀB or A Bᵀ, plus a bias for each column, then ReLU.
// A thread makes four rows by four columns of C. It reads both matrices four numbers at a time, straight from memory: without
// shared memory there is no barrier, which a software adapter pays for dearly.
//
// Constants before this: LEFT_TRANSPOSED, RIGHT_TRANSPOSED, BIAS, RELU. Before or behind it: product_quads.wgsl where rows,
// columns and depth are all multiples of four, product_any.wgsl otherwise.

@group(0) @binding(0) var<storage, read> left: array<Numbers>;
@group(0) @binding(1) var<storage, read> right: array<Numbers>;
@group(0) @binding(2) var<storage, read> bias: array<Numbers>;
@group(0) @binding(3) var<storage, read_write> result: array<Numbers>;
// Rows, columns, depth.
@group(0) @binding(4) var<storage, read> sizes: array<u32>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let n_rows = sizes[0];
    let n_columns = sizes[1];
    let depth = sizes[2];
    let column = 4u * id.x;
    let row = 4u * id.y;
    if (row >= n_rows || column >= n_columns) {
        return;
    }
    // WGSL's matrices hold columns; here element i is row i.
    var sums = mat4x4f();
    for (var at = 0u; at < depth; at += 4u) {
        var a: mat4x4f;
        if (LEFT_TRANSPOSED == 1u) {
            a = transpose(mat4x4f(
                left_quad(at, row, n_rows, depth),
                left_quad(at + 1u, row, n_rows, depth),
                left_quad(at + 2u, row, n_rows, depth),
                left_quad(at + 3u, row, n_rows, depth),
            ));
        } else {
            a = mat4x4f(
                left_quad(row, at, depth, n_rows),
                left_quad(row + 1u, at, depth, n_rows),
                left_quad(row + 2u, at, depth, n_rows),
                left_quad(row + 3u, at, depth, n_rows),
            );
        }
        var b: mat4x4f;
        if (RIGHT_TRANSPOSED == 1u) {
            b = transpose(mat4x4f(
                right_quad(column, at, depth, n_columns),
                right_quad(column + 1u, at, depth, n_columns),
                right_quad(column + 2u, at, depth, n_columns),
                right_quad(column + 3u, at, depth, n_columns),
            ));
        } else {
            b = mat4x4f(
                right_quad(at, column, n_columns, depth),
                right_quad(at + 1u, column, n_columns, depth),
                right_quad(at + 2u, column, n_columns, depth),
                right_quad(at + 3u, column, n_columns, depth),
            );
        }
        sums += b * a;
    }
    var shift = vec4f();
    if (BIAS == 1u) {
        shift = bias_quad(column, n_columns);
    }
    for (var i = 0u; i < 4u; i++) {
        var sum = sums[i] + shift;
        if (RELU == 1u) {
            sum = max(sum, vec4f());
        }
        put_quad(row + i, column, n_columns, n_rows, sum);
    }
}
