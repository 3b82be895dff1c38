//! The same network for one window, without the network library.

use super::{NhitsSpec, between};
use crate::nets::plain::{Array, Measure, dense, relu};

/// What comes after a window.
pub(super) fn forecast(spec: &NhitsSpec, weights: &[Array], window: &[f32], out: &mut [f32]) {
    assert_eq!(window.len(), spec.window, "a window of another length");
    assert_eq!(out.len(), spec.horizon, "room for another horizon");
    let measure = Measure::of(window, spec.learn.scale);
    let mut unexplained: Vec<f32> = measure.apply(window).collect();
    out.fill(unexplained[spec.window - 1]);
    let mut hidden = vec![0.0; spec.width];
    let mut next = vec![0.0; spec.width];
    let mut said = vec![0.0; spec.window + spec.horizon];
    let blocks = weights.chunks_exact(spec.block_weights());
    for (at, (stack, block)) in spec.stacks.iter().zip(blocks).enumerate() {
        let pooled: Vec<f32> = pools(&unexplained, stack.pool).collect();
        let (layers, head) = block.split_at(2 * spec.layers);
        for (depth, layer) in layers.chunks_exact(2).enumerate() {
            let input = if depth == 0 { &pooled } else { &hidden };
            dense(input, &layer[0], &layer[1], &mut next);
            relu(&mut next);
            std::mem::swap(&mut hidden, &mut next);
        }
        let (explained, points) = (spec.explained(at), spec.points(stack));
        let said = &mut said[..explained + points];
        dense(&hidden, &head[0], &head[1], said);
        let (explains, says) = said.split_at(explained);
        unexplained.iter_mut().zip(explains).for_each(|(left, explained)| *left -= explained);
        for (ahead, value) in out.iter_mut().enumerate() {
            let (first, second, way) = between(ahead, points, spec.horizon);
            *value += says[first] + (says[second] - says[first]) * way;
        }
    }
    measure.undo(out);
}

/// The largest of every so many values, oldest first; the oldest ones may be fewer.
fn pools(values: &[f32], pool: usize) -> impl Iterator<Item = f32> + '_ {
    let largest = |values: &[f32]| values.iter().fold(f32::NEG_INFINITY, |top, x| top.max(*x));
    values.rchunks(pool).rev().map(largest)
}
