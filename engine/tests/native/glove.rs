//! Embeddings that start from GloVe's vectors, learned from there or frozen.

use crate::reviews::made_up;
use crate::support::*;
use descent_engine::data::LabData;
use descent_engine::session::{Part, Supervised, differentiate};
use descent_spec::data::IMDB_VOCABULARY;
use descent_spec::glove::{Glove, WIDTH};
use descent_spec::model::ModelError;
use std::sync::Arc;

/// Reviews whose tokens 10 to 34 are words, of which GloVe has every other.
fn reviews(link: &str) -> (Supervised, LabData) {
    let experiment = experiment(link);
    let mut data = made_up(&experiment);
    data.vocabulary = (0..IMDB_VOCABULARY).map(|token| format!("word{token}")).collect();
    let words: Vec<String> = (10..=34).step_by(2).map(|token| format!("word{token}")).collect();
    let values = (0..words.len() * WIDTH).map(|idx| (idx as f32 * 0.37).sin()).collect();
    data.glove = Some(Arc::new(Glove { words, values }));
    (open(&experiment, &data), data)
}

fn row(session: &Supervised, token: usize) -> Vec<u32> {
    pollster::block_on(session.embedding_of(token)).unwrap().into_iter().map(f32::to_bits).collect()
}

fn bits(row: &[f32]) -> Vec<u32> {
    row.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn first_vectors_are_gloves_and_the_others_are_drawn_as_ever() {
    let _turn = take_generator();
    let (drawn, _) = reviews("imdb?window=40&layers=embed:50,global:mean&batch=8");
    for link in [
        "imdb?window=40&layers=embed:50:glove,global:mean&batch=8",
        "imdb?window=40&layers=embed:50:glove:frozen,global:mean&batch=8",
    ] {
        let (session, data) = reviews(link);
        let glove = data.glove.clone().unwrap();
        assert_eq!(data.known_vectors().len(), 13);
        for (nth, token) in (10..=34).step_by(2).enumerate() {
            assert_eq!(row(&session, token), bits(glove.row(nth)), "token {token}");
        }
        for token in [0, 1, 11, 13, 35, 4_999] {
            assert_eq!(row(&session, token), row(&drawn, token), "token {token}");
        }
    }
}

/// With L2 and decay, which would pull at weights without a gradient, too; and with gradients that went by way of rows, as those of
/// replicas do.
#[test]
fn frozen_rows_stay_to_the_bit_and_others_are_learned() {
    let _turn = take_generator();
    let train = |link: &str| {
        let (mut session, data) = reviews(link);
        let all = |session: &Supervised| (0..60).map(|token| row(session, token)).collect::<Vec<_>>();
        let before = all(&session);
        for step in 0..10 {
            if step % 2 == 0 {
                session.step(&data);
                continue;
            }
            let blueprint = session.blueprint();
            let (input, head) = (blueprint.layers[0].input, blueprint.head);
            let net = session.net().clone();
            let slice = session.slices(&data).remove(0);
            let Part { loss, metric, grads } = differentiate(&net, input, head, slice, &device());
            let rows = net.gradient_rows(grads).into_iter().map(values).collect();
            let grads = net.gradients_of_rows(rows, &device()).unwrap();
            session.step_with(Part { loss, metric, grads });
        }
        pollster::block_on(session.report(&data)).unwrap();
        let bytes = checkpoint(&session);
        (before, all(&session), bytes, session, data)
    };
    let link = |first: &str| {
        format!("imdb?window=40&layers=embed:50{first},global:mean&batch=8&l2=0.1&opt=adamw:0.9:0.999:1e-8:0.01&lr=0.1")
    };
    let (before, after, bytes, mut session, data) = train(&link(":glove:frozen"));
    assert_eq!(before, after);
    let (moved_before, moved_after, ..) = train(&link(":glove"));
    assert!(moved_before[10] != moved_after[10] && moved_before[11] != moved_after[11]);
    assert_eq!(before[..35], moved_before[..35]);

    // What is above them learns, and going on from a checkpoint is never having stopped.
    let losses = crate::support::train(&mut session, &data, 4);
    let (mut resumed, data) = reviews(&link(":glove:frozen"));
    resumed.restore(&bytes).unwrap();
    assert_eq!(crate::support::train(&mut resumed, &data, 4), losses);
    assert_eq!(weights(&resumed), weights(&session));
    let (fresh, _) = reviews(&link(":glove:frozen"));
    assert_ne!(weights(&fresh), weights(&session));
}

#[test]
fn a_session_without_the_vectors_is_refused() {
    let experiment = experiment("imdb?window=40&layers=embed:50:glove,global:mean");
    let refused = Supervised::open(&experiment, &burn::tensor::Device::flex(), &made_up(&experiment));
    let Err(ModelError { message, .. }) = refused else { panic!("it was opened") };
    assert!(message.contains("have not been loaded"));
    assert!(experiment.trace().unwrap().iter().map(|it| it.n_params).sum::<usize>() == IMDB_VOCABULARY * 50 + 51);
}
