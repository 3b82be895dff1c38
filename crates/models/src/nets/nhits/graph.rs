//! The network as the network library differentiates it.

use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};

use super::{NhitsSpec, Stack, between};
use crate::nets::learn::{Dropout, Network};
use crate::nets::plain::Weight;

impl Network for NhitsSpec {
    fn name(&self) -> &'static str {
        "nhits"
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
        let last = windows.clone().narrow(1, self.window - 1, 1);
        let mut forecast = last.repeat_dim(1, self.horizon);
        let mut unexplained = windows;
        let blocks = weights.chunks_exact(self.block_weights());
        for (at, (stack, block)) in self.stacks.iter().zip(blocks).enumerate() {
            let mut hidden = self.pooled(unexplained.clone(), stack);
            let (layers, head) = block.split_at(2 * self.layers);
            for layer in layers.chunks_exact(2) {
                hidden = dropout.apply(relu(dense(hidden, layer)));
            }
            let said = dense(hidden, head);
            let (explained, points) = (self.explained(at), self.points(stack));
            if explained > 0 {
                unexplained = unexplained - said.clone().narrow(1, 0, explained);
            }
            let lines = self.lines(points, &said.device());
            forecast = forecast + said.narrow(1, explained, points).matmul(lines);
        }
        forecast
    }
}

impl NhitsSpec {
    /// The largest of every so many values; the oldest ones may be fewer.
    fn pooled(&self, windows: Tensor<2>, stack: &Stack) -> Tensor<2> {
        if stack.pool == 1 {
            return windows;
        }
        let [count, window] = windows.dims();
        let pools = window.div_ceil(stack.pool);
        let missing = pools * stack.pool - window;
        let whole = if missing > 0 {
            // The oldest value again is never larger than itself.
            let oldest = windows.clone().narrow(1, 0, 1).repeat_dim(1, missing);
            Tensor::cat(vec![oldest, windows], 1)
        } else {
            windows
        };
        whole.reshape([count, pools, stack.pool]).max_dim(2).reshape([count, pools])
    }

    /// What every point gives to every value of the forecast.
    fn lines(&self, points: usize, device: &Device) -> Tensor<2> {
        let mut shares = vec![0.0; points * self.horizon];
        for at in 0..self.horizon {
            let (first, second, way) = between(at, points, self.horizon);
            shares[first * self.horizon + at] += 1.0 - way;
            shares[second * self.horizon + at] += way;
        }
        Tensor::from_data(TensorData::new(shares, [points, self.horizon]), device)
    }
}

fn dense(x: Tensor<2>, layer: &[Tensor<2>]) -> Tensor<2> {
    x.matmul(layer[0].clone()) + layer[1].clone()
}
