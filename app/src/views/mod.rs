//! The views: what the network sees, the digit drawn by hand, the results and the data.
//!
//! Each view reads the [`Lab`](crate::state::Lab) from the context and draws on canvas through [`painted`], which sees to it
//! that nothing is drawn too often, too long or unseen.

pub mod painted;
pub mod thumbnails;

pub mod pairs;
pub mod plane;
pub mod reviews;
pub mod series;
pub mod stage;
pub mod text;
pub mod words;

pub mod answer;
pub mod code;
pub mod draw;
pub mod gradients;
pub mod kernels;
pub mod layers;
pub mod origin;
pub mod strokes;
pub mod trained;

pub mod results;

pub mod confusion;
pub mod curve_table;
pub mod curves;
pub mod evaluation;
pub mod mistakes;

pub mod browser;

pub use browser::DataBrowser;
pub use results::Results;
pub use stage::Stage;
