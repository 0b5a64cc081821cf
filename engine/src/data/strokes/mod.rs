//! Digits drawn from jittered strokes, for where MNIST is out of reach.
//!
//! Each way of writing a digit is a few strokes through a few points. Points are moved at random, then the whole is slanted,
//! turned, stretched and bent, drawn with a pen of random thickness, and prepared like any drawing ([`Ink`]).

mod glyphs;

use crate::digit::{Ink, SIDE};
use crate::rng::{Stream, Streams, below, normal_f32, uniform_f32};
use descent_spec::Shape;
use glyphs::{Point, WAYS};
use rand_chacha::ChaCha8Rng;

/// Shape of a generated example, MNIST's.
pub const SHAPE: Shape = Shape::Image { channels: 1, height: SIDE, width: SIDE };
/// Digits in a shard.
pub const SHARD_COUNT: usize = 200;
/// Shards for training: 10,000 digits, enough to reach 95 % and drawn in about a second.
pub const N_TRAIN_SHARDS: usize = 50;
/// Shards for testing, behind those for training.
pub const N_TEST_SHARDS: usize = 10;

/// Side of the canvas the strokes are drawn on.
const CANVAS: usize = 72;
/// Side of the square on the canvas that a digit fills before it is jittered.
const GLYPH: f32 = 44.0;

/// The first `n` digits of a seed: their labels, and their pictures one after the other, each [`SHAPE`].
pub fn generate(n: usize, seed: u32) -> (Vec<u8>, Vec<u8>) {
    range(seed, 0, n)
}

/// One shard of the generated data set, training shards first, in a shard's layout: labels, then pictures.
pub fn shard(seed: u32, idx: usize) -> Vec<u8> {
    let (mut labels, pixels) = range(seed, idx * SHARD_COUNT, SHARD_COUNT);
    labels.extend(pixels);
    labels
}

fn range(seed: u32, first: usize, n: usize) -> (Vec<u8>, Vec<u8>) {
    let mut labels = Vec::with_capacity(n);
    let mut pixels = Vec::with_capacity(n * SHAPE.len());
    for idx in first..first + n {
        let mut rng = Streams::new(seed).rng(Stream::Strokes, idx as u64);
        let label = below(&mut rng, 10) as u8;
        labels.push(label);
        let digit = draw_digit(label, &mut rng);
        pixels.extend(digit.iter().map(|value| (value * 255.0).round() as u8));
    }
    (labels, pixels)
}

/// One digit in a random hand.
fn draw_digit(label: u8, rng: &mut ChaCha8Rng) -> [f32; SIDE * SIDE] {
    let ways = WAYS[usize::from(label) % WAYS.len()];
    let way = ways[below(rng, ways.len() as u32) as usize];
    let hand = Hand::new(rng);
    let mut canvas = vec![0.0; CANVAS * CANVAS];
    for stroke in way {
        let points: Vec<Point> = stroke.iter().map(|&point| hand.jitter(point, rng)).collect();
        let path: Vec<Point> = smooth(&points).into_iter().map(|point| hand.place(point)).collect();
        for ends in path.windows(2) {
            draw_line(&mut canvas, ends[0], ends[1], hand.pen);
        }
    }
    // Every digit has ink, so there is always a picture.
    Ink { side: CANVAS, values: &canvas }.to_digit().unwrap_or([0.0; SIDE * SIDE])
}

/// How one writer writes: what is done to all strokes of a digit alike.
struct Hand {
    /// Standard deviation of each point's own shift, in glyph sides.
    jitter: f32,
    /// The linear map: slant, turn and stretch.
    map: [[f32; 2]; 2],
    /// Two waves that bend the plane: direction, phase and amplitude of each.
    waves: [[f32; 6]; 2],
    /// Half the pen's width, in canvas pixels.
    pen: f32,
}

impl Hand {
    fn new(rng: &mut ChaCha8Rng) -> Hand {
        let mut normal = |mean: f32, deviation: f32| mean + deviation * normal_f32(rng).clamp(-2.5, 2.5);
        let (slant, turn) = (normal(0.12, 0.22), normal(0.0, 0.10));
        let (wide, tall) = (normal(0.88, 0.13).max(0.5), normal(1.0, 0.10).max(0.7));
        let (sin, cos) = turn.sin_cos();
        // First stretch, then slant to the right by moving what is higher (smaller y), then turn.
        let map = [[cos * wide, -cos * slant - sin * tall], [sin * wide, -sin * slant + cos * tall]];
        let mut wave =
            || [normal(0.0, 2.5), normal(0.0, 2.5), normal(0.0, 2.0), normal(0.0, 2.0), normal(0.0, 0.03), normal(0.0, 0.03)];
        let waves = [wave(), wave()];
        Hand { jitter: 0.02 + 0.02 * uniform_f32(rng), map, waves, pen: 1.8 + 2.9 * uniform_f32(rng) }
    }

    fn jitter(&self, (x, y): Point, rng: &mut ChaCha8Rng) -> Point {
        (x + self.jitter * normal_f32(rng), y + self.jitter * normal_f32(rng))
    }

    /// From the glyph's unit square to the canvas.
    fn place(&self, (x, y): Point) -> Point {
        let (x, y) = (x - 0.5, y - 0.5);
        let (mut bent_x, mut bent_y) = (x, y);
        for [along_x, along_y, phase_x, phase_y, by_x, by_y] in self.waves {
            bent_x += by_x * (along_x * x + along_y * y + phase_x).sin();
            bent_y += by_y * (along_y * x - along_x * y + phase_y).sin();
        }
        let [[xx, xy], [yx, yy]] = self.map;
        let middle = CANVAS as f32 / 2.0;
        (middle + GLYPH * (xx * bent_x + xy * bent_y), middle + GLYPH * (yx * bent_x + yy * bent_y))
    }
}

/// A smooth path through the points: Catmull and Rom's spline (1974), eight pieces between two points. A point given twice is
/// a corner.
fn smooth(points: &[Point]) -> Vec<Point> {
    const PIECES: usize = 8;
    let at = |idx: usize| points[idx.min(points.len() - 1)];
    let mut path = Vec::with_capacity(points.len() * PIECES);
    for idx in 0..points.len().saturating_sub(1) {
        let (p0, p1, p2, p3) = (at(idx.saturating_sub(1)), at(idx), at(idx + 1), at(idx + 2));
        for piece in 0..PIECES {
            let t = piece as f32 / PIECES as f32;
            let along = |a: f32, b: f32, c: f32, d: f32| {
                b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
            };
            path.push((along(p0.0, p1.0, p2.0, p3.0), along(p0.1, p1.1, p2.1, p3.1)));
        }
    }
    path.extend(points.last());
    path
}

/// Inks every pixel within the pen's reach of the line, with an edge one pixel soft.
fn draw_line(canvas: &mut [f32], (x0, y0): Point, (x1, y1): Point, pen: f32) {
    let reach = |low: f32, high: f32| {
        let limit = CANVAS as f32;
        ((low - pen - 1.0).clamp(0.0, limit) as usize, (high + pen + 2.0).clamp(0.0, limit) as usize)
    };
    let (left, right) = reach(x0.min(x1), x0.max(x1));
    let (top, bottom) = reach(y0.min(y1), y0.max(y1));
    let (dx, dy) = (x1 - x0, y1 - y0);
    let length_squared = (dx * dx + dy * dy).max(1e-9);
    for y in top..bottom {
        for x in left..right {
            let (px, py) = (x as f32 + 0.5 - x0, y as f32 + 0.5 - y0);
            let along = ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0);
            let distance = (px - along * dx).hypot(py - along * dy);
            let ink = &mut canvas[y * CANVAS + x];
            *ink = ink.max((pen - distance + 0.5).clamp(0.0, 1.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_even_and_digits_repeat() {
        let (labels, pixels) = generate(2000, 4);
        assert_eq!(pixels.len(), 2000 * 784);
        for digit in 0..10 {
            let count = labels.iter().filter(|&&label| label == digit).count();
            assert!((140..260).contains(&count), "{count} of {digit}");
        }
        assert_eq!(generate(3, 4).1, pixels[..3 * 784]);
        assert_ne!(generate(3, 5).1, pixels[..3 * 784]);
    }

    #[test]
    fn a_shard_is_a_stretch_of_the_digits() {
        let (labels, pixels) = generate(2 * SHARD_COUNT, 9);
        let second = shard(9, 1);
        assert_eq!(second[..SHARD_COUNT], labels[SHARD_COUNT..]);
        assert_eq!(second[SHARD_COUNT..], pixels[SHARD_COUNT * 784..]);
    }

    #[test]
    fn digits_have_the_ink_of_mnists() {
        // Ink of MNIST's training digits, in full pixels: mean 101.6, deviation 33.0, one in a hundred below 41 or above 186.
        let (_, pixels) = generate(1000, 1);
        let ink: Vec<f64> = pixels.chunks(784).map(|digit| digit.iter().map(|&p| f64::from(p) / 255.0).sum()).collect();
        let mean = ink.iter().sum::<f64>() / 1000.0;
        let deviation = (ink.iter().map(|ink| (ink - mean).powi(2)).sum::<f64>() / 1000.0).sqrt();
        assert!((90.0..115.0).contains(&mean) && (20.0..40.0).contains(&deviation), "{mean} ± {deviation}");
        assert!(pixels.chunks(784).all(|digit| digit.contains(&255)));
    }

    #[test]
    fn a_smooth_path_goes_through_its_points() {
        let points = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)];
        let path = smooth(&points);
        assert_eq!((path[0], path[8], path[16]), (points[0], points[1], points[2]));
        // Halfway between the first two: (9/16)(0 + 1) − (1/16)(0 + 1) for x, −1/16 of the last y for y.
        assert_eq!(path[4], (0.5, -0.0625));
        assert!(smooth(&[]).is_empty());
    }

    /// The nearest class mean is a weak reader: it must do far better than chance, and must not find the task trivial.
    #[test]
    fn classes_are_distinct_and_varied() {
        let (labels, pixels) = generate(3000, 2);
        let mut means = vec![vec![0.0f32; 784]; 10];
        for (label, digit) in labels.iter().zip(pixels.chunks(784)).take(2000) {
            for (mean, &pixel) in means[usize::from(*label)].iter_mut().zip(digit) {
                *mean += f32::from(pixel) / 200.0;
            }
        }
        let distance =
            |mean: &[f32], digit: &[u8]| -> f32 { mean.iter().zip(digit).map(|(m, &p)| (m - f32::from(p)).powi(2)).sum() };
        let right = labels.iter().zip(pixels.chunks(784)).skip(2000).filter(|(label, digit)| {
            let nearest = (0..10).min_by(|&a, &b| distance(&means[a], digit).total_cmp(&distance(&means[b], digit)));
            nearest == Some(usize::from(**label))
        });
        // On MNIST this reader is right in 82 % (LeCun et al. 1998 give 88 % for a linear one).
        let share = right.count() as f64 / 1000.0;
        assert!((0.6..0.95).contains(&share), "{share}");
    }
}
