//! The same network for one window, without the network library.

use super::{EMBEDDING_WEIGHTS, LAYER_WEIGHTS, PatchTstSpec};
use crate::nets::plain::{Array, Measure, dense, gelu, layer_norm, softmax};

/// What comes after a window.
pub(super) fn forecast(spec: &PatchTstSpec, weights: &[Array], window: &[f32], out: &mut [f32]) {
    assert_eq!(window.len(), spec.window, "a window of another length");
    assert_eq!(out.len(), spec.horizon, "room for another horizon");
    let measure = Measure::of(window, spec.learn.scale);
    let mut padded: Vec<f32> = measure.apply(window).collect();
    padded.resize(spec.window + spec.stride, padded[spec.window - 1]);
    let (embedding, rest) = weights.split_at(EMBEDDING_WEIGHTS);
    let mut words = vec![0.0; spec.patches() * spec.width];
    for (at, word) in words.chunks_exact_mut(spec.width).enumerate() {
        let patch = &padded[at * spec.stride..][..spec.patch];
        dense(patch, &embedding[0], &embedding[1], word);
        add(word, embedding[2].row(at));
    }
    let (layers, end) = rest.split_at(spec.layers * LAYER_WEIGHTS);
    let mut room = Room::new(spec);
    for layer in layers.chunks_exact(LAYER_WEIGHTS) {
        attend(spec, layer, &mut words, &mut room);
        feed_forward(spec, layer, &mut words, &mut room);
    }
    for word in words.chunks_exact_mut(spec.width) {
        layer_norm(word, &end[0], &end[1]);
    }
    dense(&words, &end[2], &end[3], out);
    measure.undo(out);
}

/// Numbers on the way, so that no layer asks for memory.
struct Room {
    word: Vec<f32>,
    query: Vec<f32>,
    key: Vec<f32>,
    value: Vec<f32>,
    shares: Vec<f32>,
    inner: Vec<f32>,
}

impl Room {
    fn new(spec: &PatchTstSpec) -> Room {
        let all = vec![0.0; spec.patches() * spec.width];
        Room {
            word: vec![0.0; spec.width],
            query: all.clone(),
            key: all.clone(),
            value: all,
            shares: vec![0.0; spec.patches()],
            inner: vec![0.0; spec.ff],
        }
    }
}

fn add(to: &mut [f32], what: &[f32]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += what);
}

/// Every word hears the others.
fn attend(spec: &PatchTstSpec, layer: &[Array], words: &mut [f32], room: &mut Room) {
    let width = spec.width;
    for (at, word) in words.chunks_exact(width).enumerate() {
        room.word.copy_from_slice(word);
        layer_norm(&mut room.word, &layer[0], &layer[1]);
        let place = at * width..(at + 1) * width;
        dense(&room.word, &layer[2], &layer[3], &mut room.query[place.clone()]);
        dense(&room.word, &layer[4], &layer[5], &mut room.key[place.clone()]);
        dense(&room.word, &layer[6], &layer[7], &mut room.value[place]);
    }
    let per_head = width / spec.heads;
    let scale = 1.0 / (per_head as f32).sqrt();
    let mut said = vec![0.0; width];
    for (at, word) in words.chunks_exact_mut(width).enumerate() {
        room.word.fill(0.0);
        for head in (0..width).step_by(per_head) {
            let query = &room.query[at * width + head..][..per_head];
            for (share, key) in room.shares.iter_mut().zip(room.key.chunks_exact(width)) {
                let key = &key[head..head + per_head];
                *share = query.iter().zip(key).map(|(q, k)| q * k).sum::<f32>() * scale;
            }
            softmax(&mut room.shares);
            let heard = &mut room.word[head..head + per_head];
            for (share, value) in room.shares.iter().zip(room.value.chunks_exact(width)) {
                let value = &value[head..head + per_head];
                heard.iter_mut().zip(value).for_each(|(heard, value)| *heard += share * value);
            }
        }
        dense(&room.word, &layer[8], &layer[9], &mut said);
        add(word, &said);
    }
}

/// Every word thinks for itself.
fn feed_forward(spec: &PatchTstSpec, layer: &[Array], words: &mut [f32], room: &mut Room) {
    let mut said = vec![0.0; spec.width];
    for word in words.chunks_exact_mut(spec.width) {
        room.word.copy_from_slice(word);
        layer_norm(&mut room.word, &layer[10], &layer[11]);
        dense(&room.word, &layer[12], &layer[13], &mut room.inner);
        gelu(&mut room.inner);
        dense(&room.inner, &layer[14], &layer[15], &mut said);
        add(word, &said);
    }
}
