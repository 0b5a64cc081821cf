//! Whole training runs against PyTorch: same first weights, same batches, same losses.
//!
//! `PYTHON` names an interpreter with torch and safetensors; the test is left out where there is none.

use crate::support::*;
use descent_engine::data::{Partition, epoch_order};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::path::{Path, PathBuf};
use std::process::Command;

const N_STEPS: usize = 25;
const BATCH: usize = 32;

#[test]
fn pytorch_trains_to_the_same_losses() {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let has_it = Command::new(&python).args(["-c", "import torch, safetensors.torch"]).output();
    if !has_it.is_ok_and(|it| it.status.success()) {
        println!("left out: {python} has no torch and safetensors");
        return;
    }
    let _turn = take_generator();
    let data = lab(2_000, 10);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/replay.py");
    for (idx, (layers, optimizer, rate, l2)) in [
        ("dense:128:relu", "adam", 0.001, 0.0),
        ("dense:32:tanh,dense:16:silu", "sgd", 0.1, 0.01),
        ("dense:32:linear,bn,act:relu", "momentum", 0.03, 0.001),
        ("conv:8:5:valid:relu,pool:2,conv:16:5:valid:relu,pool:2,dense:64:relu", "adam", 0.001, 0.0),
        ("conv:4:3:same:tanh,avgpool:2,dense:16:relu", "sgd", 0.1, 0.0),
        ("conv:4:3:same:linear,bn,act:gelu,pool:4,dense:16:elu", "rmsprop", 0.001, 0.01),
    ]
    .into_iter()
    .enumerate()
    {
        let link = format!("mnist?layers={layers}&opt={optimizer}&lr={rate}&l2={l2}&batch={BATCH}");
        let mut experiment = descent_spec::link::decode(&link).experiment;
        experiment.seed = 4;
        let mut session = open(&experiment, &data);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("replay-{idx}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("start.safetensors"), weights(&session)).unwrap();

        let train_part = Partition::new(2_000, experiment.data.validation, experiment.seed).train;
        let order = epoch_order(experiment.seed, 0, &train_part, data.train_pool.shard_bounds());
        let (mut pixels, mut classes) = (Vec::new(), Vec::new());
        data.train_pool.fill_batch(&order[..N_STEPS * BATCH], &mut pixels, &mut classes);
        let pixel_bytes: Vec<u8> = pixels.iter().flat_map(|it| it.to_le_bytes()).collect();
        let class_bytes: Vec<u8> = classes.iter().flat_map(|&it| (it as i32).to_le_bytes()).collect();
        let views = [
            ("pixels", TensorView::new(Dtype::F32, vec![N_STEPS, BATCH, 784], &pixel_bytes).unwrap()),
            ("classes", TensorView::new(Dtype::I32, vec![N_STEPS, BATCH], &class_bytes).unwrap()),
        ];
        std::fs::write(folder.join("batches.safetensors"), safetensors::serialize(views, None).unwrap()).unwrap();

        let losses: Vec<f32> = train(&mut session, &data, N_STEPS).into_iter().map(f32::from_bits).collect();
        let expected = serde_json::json!({ "losses": losses, "layers": layers, "optimizer": optimizer, "lr": rate, "l2": l2 });
        std::fs::write(folder.join("expected.json"), expected.to_string()).unwrap();
        let output = Command::new(&python).arg(&script).arg(&folder).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        println!("{}", String::from_utf8_lossy(&text).trim());
        assert!(output.status.success(), "{link}: {}", String::from_utf8_lossy(&text));
    }
}
