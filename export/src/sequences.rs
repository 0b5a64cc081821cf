//! Programs for sequences: windows of series and texts, and reviews.

use crate::plan::Plan;
use crate::{Dialect, Unsupported};

/// The program, or why there is none.
pub(crate) fn write(_plan: &Plan, _dialect: Dialect) -> Result<String, Unsupported> {
    Err(Unsupported("There are no programs for sequences yet; those for points and pictures are here.".into()))
}
