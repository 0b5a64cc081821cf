//! What an experiment **is**: plain data that the app edits, the link carries and the engine turns into a running network.
//!
//! This crate knows neither Burn nor a browser nor Leptos, and compiles for any target. It is where a new layer, activation,
//! optimizer, data set or link field is named first: each is one entry in one table, and the app, the documentation and the
//! engine read that table.
//!
//! Reading order: [`experiment`], then its parts ([`data`], [`model`], [`training`]), then how it travels ([`link`], [`message`]).

pub mod activation;
pub mod cell;
pub mod contest;
pub mod csv;
pub mod data;
pub mod device;
pub mod experiment;
pub mod forecast;
pub mod glove;
pub mod layer;
pub mod lesson;
pub mod line;
pub mod link;
pub mod loss;
pub mod manifest;
pub mod message;
pub mod model;
pub mod own_dates;
pub mod own_series;
pub mod own_text;
pub mod pairs;
pub mod periods;
pub mod plane;
pub mod plant;
pub mod pretrained;
pub mod registry;
pub mod schedule;
pub mod separable;
pub mod shape;
pub mod slices;
pub mod training;
pub mod tsne;
pub mod vectors;
pub mod words;

pub use activation::Activation;
pub use cell::Cell;
pub use data::{DataSet, DataSpec, Kind, Split, Task};
pub use device::{Cores, DevicePreference};
pub use experiment::Experiment;
pub use layer::{FirstVectors, LayerSpec, Padding, Pooling, Returns, Score};
pub use lesson::Lesson;
pub use loss::Loss;
pub use model::{Head, Initializer, ModelSpec};
pub use own_series::OwnSeries;
pub use own_text::OwnText;
pub use plane::{Feature, OwnPoint};
pub use pretrained::Pretrained;
pub use schedule::Schedule;
pub use shape::Shape;
pub use training::{OptimizerSpec, TrainingSpec};
