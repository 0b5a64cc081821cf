//! Word vectors: how alike two are, which are nearest, and what "a is to b as c is to ?" comes to.

/// Vectors of words, each scaled to length 1; one of length 0 stays it and is like none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vectors {
    /// `[words, width]`.
    units: Vec<f32>,
    width: usize,
}

/// A word, and how alike it is to what was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Its number.
    pub word: usize,
    /// Cosine of the angle between, `u · v / (|u| |v|)`, in `[-1, 1]`.
    pub cosine: f32,
}

impl Vectors {
    /// From `[words, width]`, row by row.
    pub fn new(values: &[f32], width: usize) -> Vectors {
        let units = values.chunks_exact(width.max(1)).flat_map(|row| {
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
            row.iter().map(move |x| x * scale)
        });
        Vectors { units: units.collect(), width }
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.units.len() / self.width.max(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Numbers of a vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All of them, `[words, width]`.
    pub fn units(&self) -> &[f32] {
        &self.units
    }

    /// A word's vector at length 1; empty where there is no such word.
    pub fn unit(&self, word: usize) -> &[f32] {
        self.units.get(word * self.width..(word + 1) * self.width).unwrap_or_default()
    }

    /// Cosine of two words.
    pub fn cosine(&self, one: usize, other: usize) -> f32 {
        dot(self.unit(one), self.unit(other))
    }

    /// The words most like this one, itself left out, the most alike first.
    ///
    /// ```
    /// use descent_spec::vectors::Vectors;
    /// let vectors = Vectors::new(&[1.0, 0.0, /**/ 3.0, 4.0, /**/ 0.0, 2.0], 2);
    /// // cos = 3/5 for word 1 and 0 for word 2.
    /// let near = vectors.neighbours(0, 5);
    /// assert_eq!((near[0].word, near[0].cosine, near[1].word), (1, 0.6, 2));
    /// ```
    pub fn neighbours(&self, word: usize, count: usize) -> Vec<Near> {
        self.nearest(self.unit(word), &[word], count)
    }

    /// "a is to b as c is to ?": the words most like `b − a + c`, all of length 1 (Mikolov and others 2013; 3CosAdd of Levy and
    /// Goldberg 2014), with the question's own words left out or not.
    ///
    /// ```
    /// use descent_spec::vectors::Vectors;
    /// // Man, woman, king, queen: one number says royal, the other female.
    /// let vectors = Vectors::new(&[0.0, 0.1, /**/ 0.0, 1.0, /**/ 1.0, 0.1, /**/ 1.0, 1.0], 2);
    /// assert_eq!(vectors.analogy([0, 1, 2], 1, true)[0].word, 3);
    /// ```
    pub fn analogy(&self, [a, b, c]: [usize; 3], count: usize, leave_out: bool) -> Vec<Near> {
        let (from, to, start) = (self.unit(a), self.unit(b), self.unit(c));
        let sought: Vec<f32> = from.iter().zip(to).zip(start).map(|((a, b), c)| b - a + c).collect();
        let own = [a, b, c];
        self.nearest(&sought, if leave_out { &own } else { &[] }, count)
    }

    /// The words most like a vector, some left out. Of equals the first comes first; what is like nothing is not told.
    pub fn nearest(&self, sought: &[f32], left_out: &[usize], count: usize) -> Vec<Near> {
        let length = dot(sought, sought).sqrt();
        if length == 0.0 || !length.is_finite() {
            return Vec::new();
        }
        let all = self.units.chunks_exact(self.width.max(1)).enumerate();
        let mut near: Vec<Near> = all
            .filter(|(word, _)| !left_out.contains(word))
            .map(|(word, unit)| Near { word, cosine: dot(unit, sought) / length })
            .collect();
        let order = |a: &Near, b: &Near| b.cosine.total_cmp(&a.cosine).then(a.word.cmp(&b.word));
        if near.len() > count && count > 0 {
            near.select_nth_unstable_by(count - 1, order);
        }
        near.truncate(count);
        near.sort_by(order);
        near
    }
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: man (0, 1), woman (1, 1)/√2, king (0, 1): b − a + c = (0.707, 0.707), whose nearest is woman (cosine 1); it is left
    /// out, and so is king; of the others (1, 0) has cosine 0.707.
    #[test]
    fn the_questions_words_are_left_out_or_not() {
        let vectors = Vectors::new(&[0.0, 1.0, 1.0, 1.0, 0.0, 2.0, 1.0, 0.0, -1.0, 0.0], 2);
        let nearest = |leave_out| vectors.analogy([0, 1, 2], 1, leave_out)[0];
        assert_eq!((nearest(false).word, nearest(true).word), (1, 3));
        assert!((nearest(true).cosine - 0.5_f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn what_is_missing_is_like_nothing() {
        let vectors = Vectors::new(&[0.0, 0.0, 1.0, 0.0], 2);
        assert!(vectors.neighbours(0, 3).is_empty() && vectors.neighbours(9, 3).is_empty());
        assert_eq!((vectors.cosine(0, 1), vectors.len()), (0.0, 2));
        assert!(Vectors::default().is_empty() && Vectors::default().neighbours(0, 1).is_empty());
    }
}
