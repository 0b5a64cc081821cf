//! Networks built from a spec with Burn's layers.

mod batch_norm;
mod init;
mod inside;
mod layer;
mod net;
mod parameters;
mod recurrent;
mod rows;

pub use init::draw;
pub use inside::{CellWeights, HostState, Inside, Sequence, StepGradients};
pub use layer::{Dense, Layer, Signal};
pub use net::Net;
pub use parameters::{NamedTensor, Replace, ReplaceError};
pub use recurrent::{Recurrent, State};
