//! Networks built from a spec with Burn's layers.

mod attention;
mod batch_norm;
mod init;
mod inside;
mod layer;
mod net;
mod pair;
mod parameters;
mod recurrent;
mod rows;
mod sequence;
mod signal;

pub use attention::waves;
pub use init::draw;
pub use inside::{CellWeights, HostSequence, HostState, Inside, StepGradients};
pub use layer::{Dense, Layer};
pub use net::{Memory, Net};
pub use parameters::{NamedTensor, Replace, ReplaceError};
pub use recurrent::{Recurrent, State};
pub use sequence::{Carried, Conv1d, Embedding};
pub use signal::{Pair, Sequence, Signal, Tokens, time_first};
