// One step of an optimizer for one parameter: the rules of optim/rule.rs, the same operations in the same order.
// Before this stands update_0.wgsl, update_1.wgsl or update_2.wgsl, by the number of slots in the rule's state, and `Numbers`:
// f32, or vec4f where the length is a multiple of four. Constant: RULE, its number among these.

const SGD = 0u;
const MOMENTUM = 1u;
const NESTEROV = 2u;
const ADA_GRAD = 3u;
const RMS_PROP = 4u;
const ADAM = 5u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let at = id.x + id.y * bitcast<u32>(numbers[1]);
    if (at >= bitcast<u32>(numbers[0])) {
        return;
    }
    let rate = numbers[2];
    let a = numbers[3];
    let b = numbers[4];
    let epsilon = numbers[5];
    let g = slope[at];
    var w = weight[at];
    if (RULE == SGD) {
        w -= g * rate;
    } else if (RULE == MOMENTUM || RULE == NESTEROV) {
        let velocity = slot_0(at) * a + g;
        put_slot_0(at, velocity);
        if (RULE == MOMENTUM) {
            w -= velocity * rate;
        } else {
            w -= (g + velocity * a) * rate;
        }
    } else if (RULE == ADA_GRAD || RULE == RMS_PROP) {
        var square = slot_0(at);
        if (RULE == ADA_GRAD) {
            square += g * g;
        } else {
            square = square * a + g * g * b;
        }
        put_slot_0(at, square);
        w -= g * rate / (sqrt(square) + epsilon);
    } else {
        let mean = slot_0(at) * a + g * numbers[6];
        let square = slot_1(at) * b + g * g * numbers[7];
        put_slot_0(at, mean);
        put_slot_1(at, square);
        // `rate` is divided by the bias correction of the mean; 8 is the root of the square's, 9 keeps 1 − lr λ of AdamW.
        w = w * numbers[9] - mean * rate / (sqrt(square) / numbers[8] + epsilon);
    }
    new_weight[at] = w;
}
