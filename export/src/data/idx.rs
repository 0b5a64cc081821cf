//! Pictures in the IDX format of MNIST.

use super::{PythonData, RustData};
use crate::plan::Plan;
use descent_spec::Shape;

/// A set published in four files of MNIST's own format.
pub(super) struct IdxSet {
    folder: &'static str,
    address: &'static str,
    /// What it is, whose, and on what terms: two lines.
    about: [&'static str; 2],
}

pub(super) const MNIST: IdxSet = IdxSet {
    folder: "mnist",
    address: "https://storage.googleapis.com/cvdf-datasets/mnist/",
    about: [
        "60,000 handwritten digits to learn from and 10,000 for the final test,",
        "by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0).",
    ],
};

pub(super) const FASHION_MNIST: IdxSet = IdxSet {
    folder: "fashion-mnist",
    address: "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    about: [
        "60,000 pictures of clothes to learn from and 10,000 for the final test,",
        "by H. Xiao, K. Rasul and R. Vollgraf (MIT licence).",
    ],
};

/// Four files in MNIST's own format, read with the standard library.
pub(super) fn python(plan: &Plan, set: &IdxSet) -> PythonData {
    let IdxSet { folder, address, about: [about, whose] } = set;
    let (channel, shape) = match plan.input() {
        Shape::Image { channels, height, width } => ("[:, None]", format!("[examples, {channels}, {height}, {width}]")),
        other => ("", format!("[examples, {}]", other.len())),
    };
    let text = format!(
        r#"# Data

# {about}
# {whose} The four files are fetched once, unless they are there.
DATA = Path("{folder}")
ADDRESS = "{address}"


def read_idx(name):
    """The values of an IDX file: four bytes of type and rank, the sizes, then the values."""
    path = DATA / name
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        path.write_bytes(urlopen(ADDRESS + name).read())
    content = gzip.decompress(path.read_bytes())
    rank = content[3]
    sizes = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(rank)]
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(sizes)


def load():
    """Train, validation and test: pictures {shape} in [0, 1], classes [examples]."""

    def part(name):
        pictures = read_idx(f"{{name}}-images-idx3-ubyte.gz").astype(np.float32) / 255
        return pictures{channel}, read_idx(f"{{name}}-labels-idx1-ubyte.gz").astype(np.int64)

    x, y = part("train")
    order = rng.permutation(len(x))
    n_validation = round(len(x) * VALIDATION)
    held_out, train = order[:n_validation], order[n_validation:]
    return (x[train], y[train]), (x[held_out], y[held_out]), part("t10k")
"#
    );
    PythonData { imports: &["import gzip", "from pathlib import Path", "from urllib.request import urlopen"], text }
}

/// The same in Rust.
pub(super) fn rust(set: &IdxSet) -> RustData {
    let IdxSet { folder, address, about: [about, whose] } = set;
    RustData {
        dependencies: &["flate2 = \"1\""],
        is_drawn: false,
        uses: &["use flate2::read::GzDecoder;", "use std::fs::File;", "use std::io::Read;"],
        text: format!(
            r#"/// {about}
/// {whose} The four files of
/// <{address}> lie in the folder `{folder}`.
fn load(is_test: bool) -> Result<Examples> {{
    let name = if is_test {{ "t10k" }} else {{ "train" }};
    let pixels = read_idx(&format!("{folder}/{{name}}-images-idx3-ubyte.gz"), 16)?;
    let labels = read_idx(&format!("{folder}/{{name}}-labels-idx1-ubyte.gz"), 8)?;
    Ok(Examples {{
        inputs: pixels.into_iter().map(|pixel| f32::from(pixel) / 255.0).collect(),
        targets: labels.into_iter().map(i32::from).collect(),
    }})
}}

/// The values of an IDX file, behind its header of sizes.
fn read_idx(path: &str, header: usize) -> Result<Vec<u8>> {{
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?;
    Ok(bytes.split_off(header))
}}
"#
        ),
    }
}
