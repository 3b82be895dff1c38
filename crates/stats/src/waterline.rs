//! One number that fills every coordinate: sum of clip(base + slope * level, lower, upper) = 1.
//! Both projections are this problem; they differ only in base and slope.

/// Coordinates that rise with one common level, each inside its own box.
pub(crate) struct Pool<'a> {
    pub(crate) base: &'a [f64],
    pub(crate) slope: &'a [f64],
    pub(crate) lower: &'a [f64],
    pub(crate) upper: &'a [f64],
}

/// Where the level lies: between two neighbouring breakpoints, nothing enters or leaves its box.
struct Segment {
    left: f64,
    right: f64,
}

impl Pool<'_> {
    /// Fills `out` so that it lies in the box and sums to one.
    ///
    /// `breaks` is room for two numbers per coordinate. Where no point of the box sums to one,
    /// `out` is the corner nearest to it.
    pub(crate) fn fill(&self, breaks: &mut [f64], out: &mut [f64]) {
        let mut used = 0;
        for i in (0..self.slope.len()).filter(|&i| self.slope[i] > 0.0) {
            breaks[used] = self.enters_at(i);
            breaks[used + 1] = self.leaves_at(i);
            used += 2;
        }
        let breaks = &mut breaks[..used];
        breaks.sort_unstable_by(f64::total_cmp);

        let full = breaks.partition_point(|&level| self.total(level) < 1.0);
        let segment = match (full.checked_sub(1), breaks.get(full)) {
            (Some(before), Some(&right)) => Segment { left: breaks[before], right },
            // Overfull already at the lower corner, or not full at the upper one.
            (None, Some(&first)) => Segment { left: f64::NEG_INFINITY, right: first },
            (Some(last), None) => Segment { left: breaks[last], right: f64::INFINITY },
            (None, None) => Segment { left: 0.0, right: 0.0 },
        };
        self.settle(&segment, out);
        self.close_the_gap(out);
    }

    fn enters_at(&self, i: usize) -> f64 {
        (self.lower[i] - self.base[i]) / self.slope[i]
    }

    fn leaves_at(&self, i: usize) -> f64 {
        (self.upper[i] - self.base[i]) / self.slope[i]
    }

    fn at(&self, i: usize, level: f64) -> f64 {
        (self.base[i] + self.slope[i] * level).max(self.lower[i]).min(self.upper[i])
    }

    fn total(&self, level: f64) -> f64 {
        (0..self.slope.len()).map(|i| self.at(i, level)).sum()
    }

    fn rises_through(&self, i: usize, segment: &Segment) -> bool {
        self.slope[i] > 0.0
            && self.enters_at(i) <= segment.left
            && self.leaves_at(i) >= segment.right
    }

    /// Solves for the level inside the segment, where the sum is a straight line in it.
    fn settle(&self, segment: &Segment, out: &mut [f64]) {
        let (mut held, mut slope) = (0.0, 0.0);
        for (i, weight) in out.iter_mut().enumerate() {
            if self.rises_through(i, segment) {
                held += self.base[i];
                slope += self.slope[i];
                continue;
            }
            // Comparing levels instead of evaluating them keeps the edges of the box exact.
            *weight = if self.slope[i] <= 0.0 {
                self.at(i, 0.0)
            } else if self.leaves_at(i) <= segment.left {
                self.upper[i]
            } else {
                self.lower[i]
            };
            held += *weight;
        }
        if slope <= 0.0 {
            return;
        }
        let level = ((1.0 - held) / slope).max(segment.left).min(segment.right);
        for (i, weight) in out.iter_mut().enumerate() {
            if self.rises_through(i, segment) {
                *weight = self.at(i, level);
            }
        }
    }

    /// Hands what rounding left over to whoever has room, so that errors cannot add up over a
    /// million updates. The second round catches what the first one rounded.
    fn close_the_gap(&self, out: &mut [f64]) {
        for _ in 0..2 {
            let mut gap = 1.0 - out.iter().sum::<f64>();
            for (i, weight) in out.iter_mut().enumerate() {
                if gap == 0.0 {
                    return;
                }
                let moved = (*weight + gap).max(self.lower[i]).min(self.upper[i]);
                gap -= moved - *weight;
                *weight = moved;
            }
        }
    }
}
