//! The shape of one example as it passes through a network; the batch dimension is left out.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What one example looks like between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `[channels, height, width]`.
    Image {
        /// Number of feature maps (1 for grey pictures).
        channels: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// `[units]`.
    Flat {
        /// Number of values.
        units: usize,
    },
    /// `[steps, features]`: a vector at every step in time.
    Sequence {
        /// Steps in time.
        steps: usize,
        /// Numbers at each.
        features: usize,
    },
    /// `[steps]`: a token at every step, as its number in a vocabulary.
    Tokens {
        /// Steps in time.
        steps: usize,
        /// How many different tokens there are.
        vocabulary: usize,
        /// Whether token 0 only fills up what is shorter: no layer sees it.
        is_padded: bool,
    },
    /// `[source + target]`: two token sequences, of which 0 fills up what is shorter: the one that is read, and the one that the
    /// decoder has said so far.
    TokenPair {
        /// Steps of the source.
        source: usize,
        /// Steps of the target.
        target: usize,
        /// How many different tokens the source has.
        source_vocabulary: usize,
        /// How many different tokens the target has.
        target_vocabulary: usize,
    },
    /// `[source + target, features]`: a vector at every step of both.
    Pair {
        /// Steps of the source.
        source: usize,
        /// Steps of the target.
        target: usize,
        /// Numbers at each.
        features: usize,
    },
}

impl Shape {
    /// How many numbers one example has here.
    pub fn len(self) -> usize {
        match self {
            Shape::Image { channels, height, width } => channels * height * width,
            Shape::Flat { units } => units,
            Shape::Sequence { steps, features } => steps * features,
            Shape::Tokens { steps, .. } => steps,
            Shape::TokenPair { source, target, .. } => source + target,
            Shape::Pair { source, target, features } => (source + target) * features,
        }
    }

    /// Steps in time, of what has some; of a pair those of the target, for they are answered.
    pub fn steps(self) -> Option<usize> {
        match self {
            Shape::Sequence { steps, .. } | Shape::Tokens { steps, .. } => Some(steps),
            Shape::TokenPair { target, .. } | Shape::Pair { target, .. } => Some(target),
            Shape::Image { .. } | Shape::Flat { .. } => None,
        }
    }

    /// Whether nothing is left of the example.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// `24×24×8` for pictures (height, width, channels: the order people draw them in), `64` for vectors, `40 steps×128` for
/// sequences, `40 tokens`, `9 + 12 steps×64` for pairs.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Image { channels: 1, height, width } => write!(f, "{height}×{width}"),
            Shape::Image { channels, height, width } => write!(f, "{height}×{width}×{channels}"),
            Shape::Flat { units } => write!(f, "{units}"),
            Shape::Sequence { steps, features } => write!(f, "{steps} steps×{features}"),
            Shape::Tokens { steps, .. } => write!(f, "{steps} tokens"),
            Shape::TokenPair { source, target, .. } => write!(f, "{source} + {target} tokens"),
            Shape::Pair { source, target, features } => write!(f, "{source} + {target} steps×{features}"),
        }
    }
}
