//! Networks built from a spec with Burn's layers.

mod batch_norm;
mod init;
mod layer;
mod net;
mod parameters;
mod recurrent;
mod rows;
mod sequence;
mod signal;

pub use init::draw;
pub use layer::{Dense, Layer};
pub use net::{Memory, Net};
pub use parameters::{NamedTensor, Replace, ReplaceError};
pub use recurrent::{Lstm, LstmState};
pub use sequence::{Carried, Conv1d, Embedding};
pub use signal::{Sequence, Signal, Tokens, time_first};
