//! From a drawing to a digit as MNIST's makers would have scanned it.
//!
//! LeCun, Bottou, Bengio and Haffner (1998), section III.A: the digit is scaled to fit a box of 20×20 pixels with its proportions
//! kept, anti-aliased, and put into 28×28 so that its centre of mass lies in the middle. Measured on the first 4,000 digits of
//! the training set: the longer side is 20 in all of them, the centre of mass lies within 0.5 of pixel (14, 14) in all of them,
//! the brightest pixel is 254 or 255, and strokes are 1.6 to 3.8 pixels thick in nine of ten.

/// Side of the picture the nets take.
pub const SIDE: usize = 28;
/// Side of the box the digit is scaled to.
const BOX: usize = 20;
/// The pixel the centre of mass is put on.
const CENTER: f32 = 14.0;
/// How much finer the drawing is looked at to set right how thick its strokes are.
const FINE: usize = 4;
/// Thickness of strokes that is left alone, in pixels of the digit: nine tenths of MNIST and a little less. A pen that was too broad or
/// too fine for the size of the drawing is brought to the nearer end.
const THICKNESS: std::ops::RangeInclusive<f32> = 1.8..=3.6;
/// Ink below this share of the darkest ink is taken for dust.
const DUST: f32 = 0.1;

/// Ink on a square canvas, row by row: 0 is paper, 1 is full ink.
#[derive(Debug, Clone, Copy)]
pub struct Ink<'a> {
    /// Pixels on each side.
    pub side: usize,
    /// `side²` values; anything that is not a number counts as paper.
    pub values: &'a [f32],
}

impl Ink<'_> {
    /// The digit, `[28, 28]` in `[0, 1]`; none when there is no ink, or when there are not `side²` values.
    pub fn to_digit(&self) -> Option<[f32; SIDE * SIDE]> {
        if self.side == 0 || self.values.len() != self.side.checked_mul(self.side)? {
            return None;
        }
        let clean = |&value: &f32| if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 };
        let drawing = Gray { width: self.side, height: self.side, values: self.values.iter().map(clean).collect() };
        let fine = drawing.fit(BOX * FINE)?.with_normal_strokes();
        let digit = fine.fit(BOX)?.brightened();
        Some(digit.centered())
    }
}

/// A grey picture, row by row.
struct Gray {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Gray {
    /// The value at a place that may lie outside, where there is paper.
    fn at(&self, x: isize, y: isize) -> f32 {
        let inside = (0..self.width as isize).contains(&x) && (0..self.height as isize).contains(&y);
        if inside { self.values[y as usize * self.width + x as usize] } else { 0.0 }
    }

    /// The part with ink, scaled by area averages so that its longer side has `longer` pixels. None when there is no ink.
    fn fit(&self, longer: usize) -> Option<Gray> {
        let peak = self.values.iter().copied().fold(0.0, f32::max);
        if peak < DUST {
            return None;
        }
        let inked = |idx: usize| self.values[idx] > DUST * peak;
        let rows = || (0..self.height).filter(|y| (0..self.width).any(|x| inked(y * self.width + x)));
        let columns = || (0..self.width).filter(|x| (0..self.height).any(|y| inked(y * self.width + x)));
        let (top, bottom) = (rows().next()?, rows().next_back()? + 1);
        let (left, right) = (columns().next()?, columns().next_back()? + 1);

        let source_per_target = (right - left).max(bottom - top) as f32 / longer as f32;
        let size = |extent: usize| ((extent as f32 / source_per_target).ceil() as usize).clamp(1, longer);
        let (width, height) = (size(right - left), size(bottom - top));
        // The box in the middle of what the pixels of its shorter side cover.
        let start = |from: usize, to: usize, size: usize| (from + to) as f32 / 2.0 - size as f32 * source_per_target / 2.0;
        let across = spans(start(left, right, width), source_per_target, width, self.width);
        let down = spans(start(top, bottom, height), source_per_target, height, self.height);

        // First the columns of every row, then the rows.
        let mut narrow = vec![0.0; width * self.height];
        for y in top..bottom {
            let row = &self.values[y * self.width..][..self.width];
            for (x, span) in across.iter().enumerate() {
                narrow[y * width + x] = span.average(|source_x| row[source_x]);
            }
        }
        let average = |x: usize, span: &Span| span.average(|source_y| narrow[source_y * width + x]);
        let values = down.iter().flat_map(|span| (0..width).map(move |x| average(x, span))).collect();
        Some(Gray { width, height, values })
    }

    /// Mean thickness of the strokes in pixels: twice the inked area over the length of its outline.
    ///
    /// The outline is the total variation, the sum of the lengths of the gradient; a step's worth of it is one unit of outline.
    fn thickness(&self) -> f32 {
        let mut outline = 0.0;
        for y in -1..self.height as isize {
            for x in -1..self.width as isize {
                let here = self.at(x, y);
                outline += (self.at(x + 1, y) - here).hypot(self.at(x, y + 1) - here);
            }
        }
        2.0 * self.values.iter().sum::<f32>() / outline.max(f32::EPSILON)
    }

    /// Thins or thickens strokes outside [`THICKNESS`] as far as its nearer end.
    fn with_normal_strokes(self) -> Gray {
        let fine = FINE as f32;
        let thickness = self.thickness();
        // A disc of radius r takes 2 r from thickness t and from extent L, which is then scaled back: (t − 2 r) L / (L − 2 r) is
        // the wanted thickness w for r = L (t − w) / 2 (L − w), and likewise when thickening.
        let extent = self.width.max(self.height) as f32;
        let radius_to = |wanted: f32| {
            let wanted = wanted * fine;
            (extent * (wanted - thickness).abs() / (2.0 * (extent - wanted))).round().min(2.5 * fine) as isize
        };
        if thickness > THICKNESS.end() * fine {
            self.brushed(radius_to(*THICKNESS.end()), f32::min)
        } else if thickness < THICKNESS.start() * fine {
            self.brushed(radius_to(*THICKNESS.start()), f32::max)
        } else {
            self
        }
    }

    /// The least (thinner strokes) or the greatest (thicker strokes) of the values in a disc around each pixel, on a picture
    /// that is larger by the disc: gray-scale erosion and dilation.
    fn brushed(&self, radius: isize, pick: fn(f32, f32) -> f32) -> Gray {
        let disc: Vec<(isize, isize)> = (-radius..=radius)
            .flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy)))
            .filter(|(dx, dy)| dx * dx + dy * dy <= radius * radius)
            .collect();
        let rim = radius as usize;
        let (width, height) = (self.width + 2 * rim, self.height + 2 * rim);
        let picked = |x: isize, y: isize| disc.iter().map(|(dx, dy)| self.at(x + dx, y + dy)).reduce(pick).unwrap_or(0.0);
        let values =
            (0..height * width).map(|idx| picked((idx % width) as isize - radius, (idx / width) as isize - radius)).collect();
        let brushed = Gray { width, height, values };
        // A drawing of fine lines and one broad blot could lose its lines; then it is better left as it was.
        if brushed.values.iter().sum::<f32>() < 0.1 * self.values.iter().sum::<f32>() {
            return Gray { width: self.width, height: self.height, values: self.values.clone() };
        }
        brushed
    }

    /// Scaled so that the darkest twentieth of the ink is full, as in a scan with good contrast: a thin pen is not a faint one.
    fn brightened(mut self) -> Gray {
        let mut ink: Vec<f32> = self.values.iter().copied().filter(|&value| value > 0.0).collect();
        ink.sort_unstable_by(f32::total_cmp);
        let full = ink.get(ink.len().saturating_sub(1 + ink.len() / 20)).copied().unwrap_or(1.0);
        for value in &mut self.values {
            *value = (*value / full.max(f32::EPSILON)).min(1.0);
        }
        self
    }

    /// Shifted by whole pixels so that the centre of mass lies within half a pixel of [`CENTER`]; never so far that ink is lost.
    fn centered(&self) -> [f32; SIDE * SIDE] {
        let (mut mass, mut mass_x, mut mass_y) = (0.0, 0.0, 0.0);
        for (idx, value) in self.values.iter().enumerate() {
            mass += value;
            mass_x += value * (idx % self.width) as f32;
            mass_y += value * (idx / self.width) as f32;
        }
        let shift = |moment: f32, extent: usize| {
            ((CENTER - moment / mass.max(f32::EPSILON)).round() as isize).clamp(0, (SIDE - extent) as isize)
        };
        let (left, top) = (shift(mass_x, self.width), shift(mass_y, self.height));
        std::array::from_fn(|idx| self.at((idx % SIDE) as isize - left, (idx / SIDE) as isize - top))
    }
}

/// The source pixels under one target pixel, with how much of each.
struct Span {
    first: usize,
    weights: Vec<f32>,
}

impl Span {
    fn average(&self, value: impl Fn(usize) -> f32) -> f32 {
        self.weights.iter().enumerate().map(|(idx, weight)| weight * value(self.first + idx)).sum()
    }
}

/// For each of `n` target pixels the source pixels it covers, starting at `start` and `step` wide. Outside there is paper.
fn spans(start: f32, step: f32, n: usize, source_len: usize) -> Vec<Span> {
    let span = |target: usize| {
        let (from, to) = (start + target as f32 * step, start + (target + 1) as f32 * step);
        let first = (from.max(0.0) as usize).min(source_len);
        let end = (to.ceil().max(0.0) as usize).min(source_len).max(first);
        let overlap = |idx: usize| (to.min((idx + 1) as f32) - from.max(idx as f32)).max(0.0) / step;
        Span { first, weights: (first..end).map(overlap).collect() }
    };
    (0..n).map(span).collect()
}

#[cfg(test)]
mod tests;
