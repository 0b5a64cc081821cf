//! What stands between an optimizer's state and the new weight, for one weight, in double precision.

use descent_spec::OptimizerSpec;
use descent_spec::message::Working;

/// The working of step `t` (1 for the first) on a weight: `g` is what the rule is given, `state` what it keeps after the step.
///
/// ```
/// use descent_engine::optim::working;
/// use descent_spec::OptimizerSpec;
/// // The first step of Adam: m̂ = g and √v̂ = |g|, so that any weight moves by the rate.
/// let (mean, square) = (0.1 * 3.0, 0.001 * 9.0);
/// let it = working(OptimizerSpec::ADAM, 0.01, 1, 0.5, 3.0, &[mean, square]);
/// assert!((it.corrected[0] - 3.0).abs() < 1e-6 && (it.corrected[1] - 9.0).abs() < 1e-6);
/// assert!((it.change() + 0.01).abs() < 1e-9);
/// ```
pub fn working(spec: OptimizerSpec, learning_rate: f64, t: u64, weight: f32, g: f32, state: &[f32]) -> Working {
    let kept = |nth: usize| state.get(nth).copied().map_or(0.0, f64::from);
    let plain = Working {
        corrections: [1.0, 1.0],
        corrected: [0.0, 0.0],
        direction: f64::from(g),
        effective_rate: learning_rate,
        decay: 0.0,
    };
    match spec {
        OptimizerSpec::Sgd => plain,
        OptimizerSpec::Momentum { .. } => Working { direction: kept(0), ..plain },
        OptimizerSpec::Nesterov { beta } => Working { direction: f64::from(g) + beta * kept(0), ..plain },
        OptimizerSpec::AdaGrad { epsilon } | OptimizerSpec::RmsProp { epsilon, .. } => {
            Working { effective_rate: learning_rate / (kept(0).sqrt() + epsilon), ..plain }
        }
        OptimizerSpec::Adam { beta1, beta2, epsilon } => adam((beta1, beta2, epsilon), learning_rate, t, [kept(0), kept(1)]),
        OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } => Working {
            decay: learning_rate * weight_decay * f64::from(weight),
            ..adam((beta1, beta2, epsilon), learning_rate, t, [kept(0), kept(1)])
        },
    }
}

fn adam((beta1, beta2, epsilon): (f64, f64, f64), learning_rate: f64, t: u64, [mean, square]: [f64; 2]) -> Working {
    let corrections = [beta1, beta2].map(|beta| 1.0 - beta.powf(t as f64));
    let corrected = [mean / corrections[0], square / corrections[1]];
    let effective_rate = learning_rate / (corrected[1].sqrt() + epsilon);
    Working { corrections, corrected, direction: corrected[0], effective_rate, decay: 0.0 }
}
