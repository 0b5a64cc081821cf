//! The weights file: read by the safetensors crate and by Python, and a forward pass written without Burn gives the same answer.

use crate::support::*;
use descent_engine::data::LabData;
use descent_engine::session::Supervised;
use safetensors::SafeTensors;
use std::path::{Path, PathBuf};
use std::process::Command;

fn trained(link: &str, data: &LabData) -> Supervised {
    let mut session = open(&experiment(link), data);
    train(&mut session, data, 12);
    session
}

fn example(data: &LabData, idx: u32) -> Vec<f32> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    data.test.fill_batch(&[idx], &mut pixels, &mut labels);
    pixels
}

/// The default MLP by hand in double precision: softmax(relu(x W₁ + b₁) W₂ + b₂).
#[test]
fn an_mlp_by_hand_gives_the_same_probabilities() {
    let _turn = take_generator();
    let data = lab(1_000, 5);
    let session = trained("mnist?layers=dense:24:relu", &data);
    let file = weights(&session);
    let file = SafeTensors::deserialize(&file).unwrap();
    let read = |name: &str| -> Vec<f64> {
        let view = file.tensor(name).unwrap();
        view.data().chunks_exact(4).map(|it| f64::from(f32::from_le_bytes(it.try_into().unwrap()))).collect()
    };
    assert_eq!(file.tensor("dense1.weight").unwrap().shape(), [784, 24]);
    assert_eq!(file.tensor("dense2.weight").unwrap().shape(), [24, 10]);
    let dense = |x: &[f64], w: &[f64], b: &[f64]| -> Vec<f64> {
        (0..b.len()).map(|unit| b[unit] + x.iter().enumerate().map(|(i, x)| x * w[i * b.len() + unit]).sum::<f64>()).collect()
    };
    for idx in 0..5 {
        let pixels = example(&data, idx);
        let x: Vec<f64> = pixels.iter().map(|&x| f64::from(x)).collect();
        let hidden: Vec<f64> = dense(&x, &read("dense1.weight"), &read("dense1.bias")).into_iter().map(|h| h.max(0.0)).collect();
        let logits = dense(&hidden, &read("dense2.weight"), &read("dense2.bias"));
        let sum: f64 = logits.iter().map(|z| z.exp()).sum();
        let expected: Vec<f32> = logits.iter().map(|z| (z.exp() / sum) as f32).collect();
        let actual = pollster::block_on(session.predict(&pixels)).unwrap();
        assert_close("probabilities", &actual, &expected, 1e-5);
        assert!((actual.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}

/// Python's safetensors and NumPy open the file and compute the same (`tests/reference/open_weights.py`). `PYTHON` names the
/// interpreter; the test is left out where it has no safetensors.
#[test]
fn python_opens_the_file_and_computes_the_same() {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let has_it = Command::new(&python).args(["-c", "import safetensors.numpy"]).output().is_ok_and(|it| it.status.success());
    if !has_it {
        println!("left out: {python} has no safetensors and NumPy");
        return;
    }
    let _turn = take_generator();
    let data = lab(1_000, 5);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/open_weights.py");
    for (idx, link) in [
        "mnist?layers=dense:24:relu",
        "mnist?layers=conv:4:5:valid:relu,bn,pool:2,drop:0.25,conv:3:3:same:tanh,pool:4,dense:12:linear,bn,act:sigmoid",
    ]
    .into_iter()
    .enumerate()
    {
        let session = trained(link, &data);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("weights-{idx}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("weights.safetensors"), weights(&session)).unwrap();
        let rows: Vec<_> = (0..5)
            .map(|idx| {
                let pixels = example(&data, idx);
                let probabilities = pollster::block_on(session.predict(&pixels)).unwrap();
                serde_json::json!({ "pixels": pixels, "probabilities": probabilities })
            })
            .collect();
        std::fs::write(folder.join("expected.json"), serde_json::json!({ "rows": rows }).to_string()).unwrap();
        let output = Command::new(&python).arg(&script).arg(&folder).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{link}: {}", String::from_utf8_lossy(&text));
    }
}
