//! The engine, run natively, against numbers it did not make itself.
//!
//! One binary for all of them, because linking Burn takes longer than running the tests. Reference numbers come from PyTorch:
//! `tests/reference/make_numbers.py` says how.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

mod checkpoints;
mod contest;
mod exported;
mod follow;
mod forecast;
mod foretell;
mod glove;
mod gradients;
mod heads;
mod initializers;
mod layers;
mod masks;
mod optimizers;
mod pair_layers;
mod pairs;
mod perceptron;
mod plane;
mod rates;
mod recurrent;
mod replay;
mod review_words;
mod reviews;
mod sequence_layers;
mod sessions;
mod slices;
mod text;
mod weights_file;
mod words;
