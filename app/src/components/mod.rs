//! The parts of the shell: header, run bar, set-up, messages, help, and the bench page. One component per file.

pub mod header;
pub mod help;
pub mod notices;
pub mod run_bar;
pub mod run_facts;
pub mod tabs;
pub mod teacher_link;
pub mod theme_button;

pub mod fields;
pub mod set_up;

pub mod bench_page;
