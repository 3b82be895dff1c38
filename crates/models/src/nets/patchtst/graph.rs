//! The network as the network library differentiates it.

use burn::tensor::Tensor;
use burn::tensor::activation::{gelu, softmax};
use burn::tensor::module::layer_norm;

use super::{EMBEDDING_WEIGHTS, LAYER_WEIGHTS, PatchTstSpec};
use crate::nets::learn::{Dropout, Network};
use crate::nets::plain::{NORM_EPSILON, Weight};

impl Network for PatchTstSpec {
    fn name(&self) -> &'static str {
        "patchtst"
    }

    fn layout(&self) -> Vec<Weight> {
        self.layout()
    }

    fn forward(
        &self,
        weights: &[Tensor<2>],
        windows: Tensor<2>,
        dropout: &mut Dropout,
    ) -> Tensor<2> {
        let [count, _] = windows.dims();
        let (patches, width) = (self.patches(), self.width);
        let last = windows.clone().narrow(1, self.window - 1, 1).repeat_dim(1, self.stride);
        let padded = Tensor::cat(vec![windows, last], 1);
        let words: Tensor<3> = padded.unfold(1, self.patch, self.stride);
        let words = words.reshape([count * patches, self.patch]);
        let (embedding, rest) = weights.split_at(EMBEDDING_WEIGHTS);
        let words = dense(words, &embedding[0], &embedding[1]).reshape([count, patches, width]);
        let places = embedding[2].clone().reshape([1, patches, width]);
        let mut words = dropout.apply(words + places).reshape([count * patches, width]);
        let (layers, end) = rest.split_at(self.layers * LAYER_WEIGHTS);
        for layer in layers.chunks_exact(LAYER_WEIGHTS) {
            words = self.encode(words, layer, count, dropout);
        }
        let words = norm(words, &end[0], &end[1]).reshape([count, patches * width]);
        dense(words, &end[2], &end[3])
    }
}

impl PatchTstSpec {
    /// One encoder layer.
    fn encode(
        &self,
        words: Tensor<2>,
        layer: &[Tensor<2>],
        count: usize,
        dropout: &mut Dropout,
    ) -> Tensor<2> {
        let (patches, width) = (self.patches(), self.width);
        let per_head = width / self.heads;
        let normed = norm(words.clone(), &layer[0], &layer[1]);
        let split = |at: usize| -> Tensor<4> {
            dense(normed.clone(), &layer[at], &layer[at + 1])
                .reshape([count, patches, self.heads, per_head])
                .swap_dims(1, 2)
        };
        let (query, key, value) = (split(2), split(4), split(6));
        let scores = query.matmul(key.swap_dims(2, 3)) * (1.0 / (per_head as f32).sqrt());
        let heard = softmax(scores, 3).matmul(value).swap_dims(1, 2);
        let heard = dense(heard.reshape([count * patches, width]), &layer[8], &layer[9]);
        let words = words + dropout.apply(heard);
        let normed = norm(words.clone(), &layer[10], &layer[11]);
        let inner = dropout.apply(gelu(dense(normed, &layer[12], &layer[13])));
        words + dropout.apply(dense(inner, &layer[14], &layer[15]))
    }
}

fn dense(x: Tensor<2>, weights: &Tensor<2>, bias: &Tensor<2>) -> Tensor<2> {
    x.matmul(weights.clone()) + bias.clone()
}

fn norm(x: Tensor<2>, gain: &Tensor<2>, shift: &Tensor<2>) -> Tensor<2> {
    let flat = |weight: &Tensor<2>| -> Tensor<1> { weight.clone().flatten(0, 1) };
    layer_norm(x, flat(gain), Some(flat(shift)), f64::from(NORM_EPSILON))
}
