// Reading and writing four numbers of a line at once, for sizes that are multiples of four.

alias Numbers = vec4f;

fn left_quad(line: u32, at: u32, width: u32, n_lines: u32) -> vec4f {
    return left[(line * width + at) / 4u];
}

fn right_quad(line: u32, at: u32, width: u32, n_lines: u32) -> vec4f {
    return right[(line * width + at) / 4u];
}

fn bias_quad(at: u32, width: u32) -> vec4f {
    return bias[at / 4u];
}

fn put_quad(line: u32, at: u32, width: u32, n_lines: u32, values: vec4f) {
    result[(line * width + at) / 4u] = values;
}
