//! Where to learn and where to test when labels overlap: what shares a bar with the test is left out.

use core::ops::Range;

/// From where to where a label knows prices, in bars, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first bar.
    pub from: usize,
    /// Its last bar.
    pub to: usize,
}

/// Places of what to learn from and of what to test on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// To learn from, rising.
    pub train: Vec<usize>,
    /// To test on.
    pub test: Range<usize>,
    /// The bars the tested labels cover, both included.
    pub test_span: (usize, usize),
}

/// `folds` tests in a row of nearly equal size; each learns from all others that share no bar with it, nor
/// begin within `embargo` bars after it. Spans are in order of their beginning.
pub fn purged_folds(spans: &[Span], folds: usize, embargo: usize) -> Vec<Split> {
    let kept = |&at: &usize, test: &Range<usize>, (first, last): (usize, usize)| {
        let overlaps = spans[at].to >= first && spans[at].from <= last.saturating_add(embargo);
        !test.contains(&at) && !overlaps
    };
    splits(spans, folds, kept).collect()
}

/// The same going forward only: each test but the first learns from what had ended `embargo` bars before it
/// begins.
pub fn purged_walk_forward(spans: &[Span], folds: usize, embargo: usize) -> Vec<Split> {
    let kept = |&at: &usize, test: &Range<usize>, (first, _): (usize, usize)| {
        at < test.start && spans[at].to.saturating_add(embargo) < first
    };
    splits(spans, folds, kept).skip(1).collect()
}

fn splits<'a>(
    spans: &'a [Span],
    folds: usize,
    kept: impl Fn(&usize, &Range<usize>, (usize, usize)) -> bool + 'a,
) -> impl Iterator<Item = Split> + 'a {
    equal_parts(spans.len(), folds).filter(|test| !test.is_empty()).map(move |test| {
        let tested = &spans[test.clone()];
        let first = tested.iter().map(|span| span.from).min().unwrap_or(0);
        let last = tested.iter().map(|span| span.to).max().unwrap_or(0);
        let train = (0..spans.len()).filter(|at| kept(at, &test, (first, last))).collect();
        Split { train, test, test_span: (first, last) }
    })
}

/// Parts in a row, the first of them one longer where they do not come out even.
fn equal_parts(count: usize, parts: usize) -> impl Iterator<Item = Range<usize>> {
    let parts = parts.max(1);
    let (size, longer) = (count / parts, count % parts);
    let begin = move |part: usize| part * size + part.min(longer);
    (0..parts).map(move |part| begin(part)..begin(part + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_forward_nothing_is_learned_from_what_had_not_ended() {
        let spans: Vec<Span> = (0..10).map(|at| Span { from: at, to: at + 2 }).collect();
        let splits = purged_walk_forward(&spans, 2, 1);
        assert_eq!(splits.len(), 1);
        // The test begins with bar 5, the embargo takes bar 4: label 1 ends with bar 3.
        assert_eq!((splits[0].test.clone(), splits[0].train.clone()), (5..10, vec![0, 1]));
        assert!(purged_walk_forward(&[], 5, 0).is_empty());
    }
}
