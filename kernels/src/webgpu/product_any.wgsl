// Reading and writing up to four numbers of a line, for sizes of any kind: what lies outside is 0 and is not written.

alias Numbers = f32;

fn left_quad(line: u32, at: u32, width: u32, n_lines: u32) -> vec4f {
    var quad = vec4f();
    if (line < n_lines) {
        let start = line * width + at;
        let last = width - at - 1u;
        quad = vec4f(left[start], left[start + min(1u, last)], left[start + min(2u, last)], left[start + min(3u, last)]);
        quad = select(vec4f(), quad, vec4u(0u, 1u, 2u, 3u) <= vec4u(last));
    }
    return quad;
}

fn right_quad(line: u32, at: u32, width: u32, n_lines: u32) -> vec4f {
    var quad = vec4f();
    if (line < n_lines) {
        let start = line * width + at;
        let last = width - at - 1u;
        quad = vec4f(right[start], right[start + min(1u, last)], right[start + min(2u, last)], right[start + min(3u, last)]);
        quad = select(vec4f(), quad, vec4u(0u, 1u, 2u, 3u) <= vec4u(last));
    }
    return quad;
}

fn bias_quad(at: u32, width: u32) -> vec4f {
    let last = width - 1u;
    return vec4f(bias[at], bias[min(at + 1u, last)], bias[min(at + 2u, last)], bias[min(at + 3u, last)]);
}

fn put_quad(line: u32, at: u32, width: u32, n_lines: u32, values: vec4f) {
    if (line >= n_lines) {
        return;
    }
    for (var i = 0u; i < min(4u, width - at); i++) {
        result[line * width + at + i] = values[i];
    }
}
