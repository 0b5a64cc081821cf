//! A program in WGSL as Burn's runtime launches it, and the tensors it works on.

use burn::backend::TensorMetadata;
use burn::tensor::Shape;
use burn_cubecl::cubecl::ir::attributes::BufferIOAttr;
use burn_cubecl::cubecl::ir::metadata::Info;
use burn_cubecl::cubecl::ir::{ElemType, UIntKind};
use burn_cubecl::cubecl::prelude::{
    AddressType, CubeCount, CubeDim, ExecutionMode, KernelDefinition, KernelId, KernelMetadata, KernelSettings, Scope,
};
use burn_cubecl::cubecl::server::{KernelArguments, MetadataBindingInfo};
use burn_cubecl::cubecl::{CubeKernel, PrecompiledSource};
use burn_cubecl::tensor::CubeTensor;

/// Threads in a group of a kernel that goes along a line.
const GROUP: usize = 64;
/// Groups in a row of the grid; WebGPU allows 65,535.
const GROUPS_IN_ROW: usize = 32_768;

/// A program: the files it is made of and the constants in front of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Program {
    pub(super) files: &'static [&'static str],
    /// What the files call `Numbers`, or nothing where they do not ask.
    pub(super) numbers: Option<&'static str>,
    pub(super) constants: Vec<(&'static str, usize)>,
    pub(super) group: [u32; 2],
}

/// What identifies a program among all: where its files lie stands for what is in them.
type ProgramId = (usize, Option<&'static str>, Vec<(&'static str, usize)>);

impl KernelMetadata for Program {
    fn id(&self) -> KernelId {
        let id: ProgramId = (self.files.as_ptr().addr(), self.numbers, self.constants.clone());
        KernelId::new::<Self>().info(id).cube_dim(self.cube_dim().0)
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl CubeKernel for Program {
    /// A program in WGSL has no other form; the runtime asks for one all the same.
    fn define(&self) -> KernelDefinition {
        let settings = KernelSettings::new(self.cube_dim().0, ExecutionMode::Checked, AddressType::U32);
        KernelDefinition { body: Scope::root(settings.clone()), settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        let numbers = self.numbers.map(|numbers| format!("alias Numbers = {numbers};\n"));
        let constants = self.constants.iter().map(|(name, value)| format!("const {name}: u32 = {value}u;\n"));
        let source = numbers.into_iter().chain(constants).chain(self.files.iter().map(|&file| file.to_owned())).collect();
        Some(PrecompiledSource { source, entrypoint_name: "main".into(), lang: "wgsl" })
    }
}

impl Program {
    /// A program whose threads stand in a line.
    pub(super) fn line(files: &'static [&'static str], constants: Vec<(&'static str, usize)>) -> Program {
        Program { files, numbers: None, constants, group: [GROUP as u32, 1] }
    }

    fn cube_dim(&self) -> CubeDim {
        CubeDim::new_2d(self.group[0], self.group[1])
    }

    /// Runs over a grid of groups; `numbers` are the last buffer.
    pub(super) fn launch(self, groups: [usize; 2], reads: &[&CubeTensor], writes: &[&CubeTensor], numbers: &[u32]) {
        if groups.contains(&0) {
            return;
        }
        let mut arguments = KernelArguments::new();
        for read in reads {
            arguments = arguments.with_buffer_io(read.handle.clone().binding(), BufferIOAttr::ReadOnly);
        }
        for write in writes {
            arguments = arguments.with_buffer_io(write.handle.clone().binding(), BufferIOAttr::WriteOnly);
        }
        let words = numbers.chunks(2).map(|pair| u64::from(pair[0]) | u64::from(pair.get(1).copied().unwrap_or(0)) << 32);
        arguments.info = MetadataBindingInfo::custom(words.collect());
        let client = &writes[0].client;
        client.launch(Box::new(self), CubeCount::Static(groups[0] as u32, groups[1] as u32, 1), arguments);
    }
}

/// The grid for this many threads in a line, and how many threads a row of it holds.
pub(super) fn line_of(n_threads: usize) -> ([usize; 2], u32) {
    let n_groups = n_threads.div_ceil(GROUP);
    let rows = n_groups.div_ceil(GROUPS_IN_ROW).max(1);
    let columns = n_groups.div_ceil(rows);
    ([columns, rows], (columns * GROUP) as u32)
}

/// How a program that goes along a tensor number by number takes them, and how many it takes then.
pub(super) fn in_fours(tensor: &CubeTensor) -> (&'static str, usize) {
    let len = tensor.shape().num_elements();
    if len.is_multiple_of(4) { ("vec4f", len / 4) } else { ("f32", len) }
}

/// Room for a tensor on the device of another; its numbers are whatever was there.
pub(super) fn empty<const D: usize>(dims: [usize; D], like: &CubeTensor) -> CubeTensor {
    let shape = Shape::from(dims);
    let handle = like.client.empty(shape.num_elements() * size_of::<f32>());
    CubeTensor::new_contiguous(like.client.clone(), like.device.clone(), shape, handle, like.dtype)
}

/// Room for a tensor like another.
pub(super) fn empty_like(like: &CubeTensor) -> CubeTensor {
    let handle = like.client.empty(like.shape().num_elements() * size_of::<f32>());
    CubeTensor::new_contiguous(like.client.clone(), like.device.clone(), like.shape(), handle, like.dtype)
}
