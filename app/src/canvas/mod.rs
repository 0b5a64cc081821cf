//! Drawing on canvas: charts, pictures of tensors, matrices. Nothing here knows Leptos or the store; a view hands over plain
//! values and a [`Surface`](surface::Surface).
//!
//! Lengths are CSS pixels; the surface takes care of the screen's density. Colors come from the style sheet alone ([`theme`]).

pub mod frame;
pub mod surface;
pub mod theme;

pub mod bars;
pub mod chart;
pub mod function;
pub mod rates;
pub mod scale;
pub mod series;

pub mod attention;
pub mod matrix;
pub mod pixels;

pub mod net;
pub mod plane;
pub mod word_map;

pub mod contest;

pub mod forecast;
pub mod inside;
