use super::*;
use proptest::prelude::*;

/// A canvas with round-capped strokes between points, all in canvas pixels.
fn draw(side: usize, pen: f32, strokes: &[&[(f32, f32)]]) -> Vec<f32> {
    let mut values = vec![0.0f32; side * side];
    for (idx, value) in values.iter_mut().enumerate() {
        let (x, y) = ((idx % side) as f32 + 0.5, (idx / side) as f32 + 0.5);
        for stroke in strokes {
            for ends in stroke.windows(2) {
                let ((x0, y0), (x1, y1)) = (ends[0], ends[1]);
                let (dx, dy) = (x1 - x0, y1 - y0);
                let along = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
                let distance = (x - x0 - along * dx).hypot(y - y0 - along * dy);
                *value = value.max((pen / 2.0 - distance + 0.5).clamp(0.0, 1.0));
            }
        }
    }
    values
}

/// A seven of `height` canvas pixels with its corner at `(x, y)`.
fn seven(side: usize, pen: f32, x: f32, y: f32, height: f32) -> Vec<f32> {
    draw(side, pen, &[&[(x, y), (x + 0.6 * height, y), (x + 0.2 * height, y + height)]])
}

fn digit(side: usize, values: &[f32]) -> [f32; 784] {
    Ink { side, values }.to_digit().unwrap()
}

/// Centre of mass, width and height of the box with ink above the level, and thickness.
fn measure(digit: &[f32], level: f32) -> (f32, f32, usize, usize, f32) {
    let mass: f32 = digit.iter().sum();
    let x = digit.iter().enumerate().map(|(idx, value)| (idx % 28) as f32 * value).sum::<f32>() / mass;
    let y = digit.iter().enumerate().map(|(idx, value)| (idx / 28) as f32 * value).sum::<f32>() / mass;
    let inked: Vec<_> = (0..784).filter(|&idx| digit[idx] > level).collect();
    let extent = |of: fn(usize) -> usize| {
        inked.iter().map(|&idx| of(idx)).max().unwrap() - inked.iter().map(|&idx| of(idx)).min().unwrap() + 1
    };
    let gray = Gray { width: 28, height: 28, values: digit.to_vec() };
    (x, y, extent(|idx| idx % 28), extent(|idx| idx / 28), gray.thickness())
}

#[test]
fn paper_is_no_digit() {
    assert!(Ink { side: 28, values: &[0.0; 784] }.to_digit().is_none());
    assert!(Ink { side: 28, values: &[0.01; 784] }.to_digit().is_none());
    assert!(Ink { side: 28, values: &[f32::NAN; 784] }.to_digit().is_none());
    assert!(Ink { side: 28, values: &[1.0; 783] }.to_digit().is_none());
    assert!(Ink { side: 0, values: &[] }.to_digit().is_none());
    assert!(Ink { side: usize::MAX, values: &[1.0] }.to_digit().is_none());
}

#[test]
fn a_rectangle_lands_where_arithmetic_says() {
    // 8 wide, 40 high, full ink: at half the scale 4 by 20. Its middle, column 1.5 and row 9.5, goes to 14 within half a pixel:
    // shifted by round(12.5) = 13 and round(4.5) = 5.
    let mut canvas = vec![0.0; 100 * 100];
    for y in 30..70 {
        canvas[y * 100 + 11..y * 100 + 19].fill(1.0);
    }
    let digit = digit(100, &canvas);
    for (idx, &value) in digit.iter().enumerate() {
        let inside = (13..17).contains(&(idx % 28)) && (5..25).contains(&(idx / 28));
        assert_eq!(value, if inside { 1.0 } else { 0.0 }, "column {}, row {}", idx % 28, idx / 28);
    }
}

#[test]
fn the_place_on_the_canvas_does_not_matter() {
    let here = digit(280, &seven(280, 22.0, 60.0, 40.0, 180.0));
    let there = digit(280, &seven(280, 22.0, 93.0, 71.0, 180.0));
    let worst = here.iter().zip(&there).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-4, "{worst}");
}

#[test]
fn the_size_matters_little() {
    let reference = digit(280, &seven(280, 22.0, 60.0, 40.0, 180.0));
    for (side, pen, height) in [(560, 44.0, 360.0), (280, 11.0, 90.0), (140, 11.0, 90.0)] {
        let scaled = digit(side, &seven(side, pen, 0.2 * side as f32, 0.2 * side as f32, height));
        let difference: f32 = reference.iter().zip(&scaled).map(|(a, b)| (a - b).abs()).sum();
        assert!(difference < 0.1 * reference.iter().sum::<f32>(), "{side} {pen} {height}: {difference}");
    }
}

#[test]
fn every_pen_gives_strokes_as_thick_as_mnists() {
    for pen in [2.0, 4.0, 8.0, 16.0, 22.0, 30.0, 45.0] {
        for height in [90.0, 140.0, 200.0] {
            let digit = digit(280, &seven(280, pen, 40.0, 40.0, height));
            let (x, y, width, tall, thickness) = measure(&digit, 0.05);
            assert!((1.5..4.6).contains(&thickness), "pen {pen}, height {height}: strokes of {thickness}");
            assert!((x - 14.0).abs() <= 0.51 && (y - 14.0).abs() <= 0.51, "pen {pen}, height {height}: centre {x}, {y}");
            assert!((19..=20).contains(&width.max(tall)), "pen {pen}, height {height}: {width} by {tall}");
            assert!(digit.contains(&1.0), "pen {pen}: some ink is full");
        }
    }
}

#[test]
fn one_line_keeps_its_proportions() {
    let upright = digit(280, &draw(280, 22.0, &[&[(140.0, 40.0), (140.0, 240.0)]]));
    let (_, _, width, height, _) = measure(&upright, 0.05);
    assert_eq!((width, height), (2, 20).max((width.min(3), height)));
    let lying = digit(280, &draw(280, 22.0, &[&[(40.0, 140.0), (240.0, 140.0)]]));
    let (_, _, width, height, _) = measure(&lying, 0.05);
    assert!(width == 20 && height <= 3, "{width} by {height}");
}

#[test]
fn a_dot_is_a_digit_too() {
    let dot = digit(280, &draw(280, 22.0, &[&[(140.0, 140.0), (140.0, 140.0)]]));
    assert!(dot.iter().all(|value| (0.0..=1.0).contains(value)));
}

/// The measures this module's constants rest on, taken again wherever the real digits are at hand. The tests above stand without.
#[test]
fn mnist_is_what_the_constants_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/mnist/train-images-idx3-ubyte.gz");
    let Ok(file) = std::fs::File::open(path) else {
        println!("MNIST is not at hand: its measures were not taken again");
        return;
    };
    let mut bytes = vec![0; 16 + 784 * 2000];
    std::io::Read::read_exact(&mut flate2::read::GzDecoder::new(file), &mut bytes).unwrap();
    let (mut thicknesses, mut differences) = (Vec::new(), Vec::new());
    for pixels in bytes[16..].chunks_exact(784) {
        let digit: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
        let (x, y, width, height, thickness) = measure(&digit, 0.0);
        assert!((x - CENTER).abs() <= 0.51 && (y - CENTER).abs() <= 0.51);
        assert!((19..=20).contains(&width.max(height)));
        thicknesses.push(thickness);
        // What is already a digit stays nearly the same when it is taken for a drawing.
        let (.., width, height, _) = measure(&digit, DUST);
        if THICKNESS.contains(&thickness) && width.max(height) == 20 {
            let again = Ink { side: 28, values: &digit }.to_digit().unwrap();
            let difference: f32 = digit.iter().zip(&again).map(|(a, b)| (a - b).abs()).sum();
            differences.push(difference / digit.iter().sum::<f32>());
        }
    }
    // The rest are centres of mass that lie between two pixels, where the rounding may fall to either side.
    let unmoved = differences.iter().filter(|&&difference| difference < 0.15).count();
    println!("{unmoved} of {} digits stay as they were", differences.len());
    assert!(unmoved as f32 > 0.9 * differences.len() as f32 && differences.len() > 500);
    thicknesses.sort_unstable_by(f32::total_cmp);
    let share = |share: f32| thicknesses[(share * thicknesses.len() as f32) as usize];
    println!("thickness: 5 % {}, median {}, 95 % {}", share(0.05), share(0.5), share(0.95));
    assert!((share(0.05) - THICKNESS.start()).abs() < 0.3 && (share(0.95) - THICKNESS.end()).abs() < 0.3);
}

proptest! {
    #[test]
    fn any_canvas_gives_a_digit_or_none(side in 1usize..40, seed in any::<u32>(), full in 0.0f32..2.0) {
        use crate::rng::{Stream, Streams, uniform_f32};
        let mut rng = Streams::new(seed).rng(Stream::Race, 0);
        let values: Vec<f32> = (0..side * side).map(|_| (uniform_f32(&mut rng) - 0.9).max(-0.01) * 10.0 * full).collect();
        if let Some(digit) = (Ink { side, values: &values }).to_digit() {
            prop_assert!(digit.iter().all(|value| (0.0..=1.0).contains(value)));
            prop_assert!(digit.iter().sum::<f32>() > 0.0);
        }
    }
}
