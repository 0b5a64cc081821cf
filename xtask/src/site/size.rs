//! What the visitor downloads: sizes as built and after brotli, against the budgets.

use super::html;
use super::workers::Worker;
use crate::files;
use crate::say;
use anyhow::{Result, anyhow};
use std::path::{Path, PathBuf};

/// App and CPU worker: what must arrive before the first Play. From the product's budget.
const FIRST_BUDGET: u64 = 1_000_000;
/// The WebGPU worker, fetched only where a lab wants it.
const GPU_BUDGET: u64 = 2_500_000;
/// The folder with the texts of the weeks, one of which is fetched when its week is opened.
const TEXTS: &str = "course";
/// As static hosts compress once and for all.
const BROTLI_QUALITY: i32 = 11;
/// What browsers accept without a special agreement.
const BROTLI_WINDOW: i32 = 22;

/// Bytes on disk and on the wire.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
struct Size {
    raw: u64,
    brotli: u64,
}

impl std::ops::Add for Size {
    type Output = Size;

    fn add(self, other: Size) -> Size {
        Size { raw: self.raw + other.raw, brotli: self.brotli + other.brotli }
    }
}

/// All files below a folder, as they are.
pub(crate) fn of_dir(dir: &Path) -> Result<u64> {
    Ok(files_below(dir)?.iter().filter_map(|path| path.metadata().ok()).map(|meta| meta.len()).sum())
}

/// Prints the table. A budget that is missed is said, and no failure.
pub(crate) fn report(site: &Path) -> Result<()> {
    say::step("Sizes");
    let app: Vec<PathBuf> = files::list(site)?.into_iter().filter(|path| path.is_file()).collect();
    let mut parts = vec![("app", app)];
    if site.join(TEXTS).is_dir() {
        parts.push(("texts of the weeks", files_below(&site.join(TEXTS))?));
    }
    for (label, worker) in [("cpu worker", Worker::Cpu), ("gpu worker", Worker::Gpu), ("t-SNE worker", Worker::Tsne)] {
        let folder = files::list(&site.join("engine"))
            .unwrap_or_default()
            .into_iter()
            .find(|path| path.file_name().is_some_and(|name| html::is_worker_folder(&name.to_string_lossy(), worker.name())));
        if let Some(folder) = folder {
            parts.push((label, files_below(&folder)?));
        }
    }
    let sizes = std::thread::scope(|scope| {
        let threads: Vec<_> = parts.iter().map(|(label, files)| (*label, scope.spawn(|| measure(files)))).collect();
        let join = |(label, thread): (_, std::thread::ScopedJoinHandle<'_, Result<Size>>)| {
            Ok((label, thread.join().map_err(|_| anyhow!("the thread that compresses panicked"))??))
        };
        threads.into_iter().map(join).collect::<Result<Vec<_>>>()
    })?;
    let of = |label| sizes.iter().find(|(it, _)| *it == label).map(|(_, size)| *size).unwrap_or_default();
    println!("{:20} {:>12} {:>12} {:>12}", "", "as built", "brotli", "budget");
    for (label, size) in sizes.iter().filter(|(label, _)| ["app", "cpu worker"].contains(label)) {
        row(label, *size, None);
    }
    row("app + cpu worker", of("app") + of("cpu worker"), Some(FIRST_BUDGET));
    for (label, size) in sizes.iter().filter(|(label, _)| !["app", "cpu worker"].contains(label)) {
        row(label, *size, (*label == "gpu worker").then_some(GPU_BUDGET));
    }
    Ok(())
}

fn row(label: &str, size: Size, budget: Option<u64>) {
    let verdict = match budget {
        None => String::new(),
        Some(budget) if size.brotli <= budget => format!("{:>12}  kept", say::bytes(budget)),
        Some(budget) => format!("{:>12}  MISSED by {}", say::bytes(budget), say::bytes(size.brotli - budget)),
    };
    println!("{label:20} {:>12} {:>12} {verdict}", say::bytes(size.raw), say::bytes(size.brotli));
}

fn measure(files: &[PathBuf]) -> Result<Size> {
    let mut sum = Size::default();
    for file in files {
        let bytes = files::read(file)?;
        sum = sum + Size { raw: bytes.len() as u64, brotli: brotli_len(&bytes)? };
    }
    Ok(sum)
}

fn brotli_len(bytes: &[u8]) -> Result<u64> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &params)?;
    Ok(compressed.len() as u64)
}

fn files_below(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in files::list(dir)? {
        if path.is_dir() { all.extend(files_below(&path)?) } else { all.push(path) }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_measured_part_by_part() {
        let home = files::TestDir::new("size");
        let worker = home.0.join("engine").join("cpu-0123456789ab");
        files::create_dir(&worker).unwrap();
        files::write(&home.0.join("index.html"), "a".repeat(10_000)).unwrap();
        files::write(&worker.join("worker.js"), "b".repeat(100)).unwrap();
        let size = measure(&[home.0.join("index.html")]).unwrap();
        assert_eq!(size.raw, 10_000);
        assert!(size.brotli < 50, "ten thousand equal letters took {} bytes", size.brotli);
        assert_eq!(of_dir(&home.0).unwrap(), 10_100);
        report(&home.0).unwrap();
    }
}
