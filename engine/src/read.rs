//! The only place where numbers leave a tensor.
//!
//! On WebGPU a read is a round trip to the device and must be awaited; several tensors in one transaction cost one trip.

use burn::tensor::{Tensor, Transaction};

/// A read failed: on WebGPU because the device was lost.
#[derive(Debug, Clone, thiserror::Error)]
#[error("The numbers could not be read back from the device ({0}).")]
pub struct ReadError(pub String);

/// Reads all tensors in one transaction. Tensors must not be tracked by autodiff: pass them through `inner()` first.
pub async fn read_all(tensors: Vec<Tensor<1>>) -> Result<Vec<Vec<f32>>, ReadError> {
    if tensors.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = tensors.into_iter().fold(Transaction::default(), |transaction, tensor| transaction.register(tensor));
    let data = transaction.execute_async().await.map_err(|err| ReadError(err.to_string()))?;
    data.into_iter().map(|it| it.try_into_vec::<f32>().map_err(|err| ReadError(format!("{err:?}")))).collect()
}

/// Reads one tensor of any rank, row by row.
pub async fn read_one<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ReadError> {
    let data = tensor.into_data_async().await.map_err(|err| ReadError(err.to_string()))?;
    data.try_into_vec::<f32>().map_err(|err| ReadError(format!("{err:?}")))
}
