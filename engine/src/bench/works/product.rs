//! The product of two square matrices by Burn, `matmul512` and the like: how fast this build multiplies at best.

use crate::read::read_one;
use burn::tensor::{Device, Tensor, TensorData};

/// Sides that may be asked for: beyond, a step takes seconds.
const MAX_SIDE: usize = 2048;

/// Two matrices.
pub(crate) struct ProductWork {
    left: Tensor<2>,
    right: Tensor<2>,
}

impl ProductWork {
    pub(super) fn new(side: usize, device: &Device) -> Result<ProductWork, String> {
        if !(1..=MAX_SIDE).contains(&side) {
            return Err(format!("A matrix of side {side} is out of bounds: 1 to {MAX_SIDE}."));
        }
        let matrix = |factor: usize| {
            let values: Vec<f32> = (0..side * side).map(|idx| (idx * factor % 101) as f32 / 101.0).collect();
            Tensor::from_data(TensorData::new(values, [side, side]), device)
        };
        Ok(ProductWork { left: matrix(7), right: matrix(13) })
    }

    /// Multiplies and reads one number of the result, so that it is there.
    pub(super) async fn step(&mut self) -> Result<f32, String> {
        let product = self.left.clone().matmul(self.right.clone());
        let corner = read_one(product.slice([0..1, 0..1])).await.map_err(|err| err.to_string())?;
        Ok(corner[0])
    }

    pub(super) fn n_operations(&self) -> f64 {
        2.0 * (self.left.dims()[0] as f64).powi(3)
    }
}
