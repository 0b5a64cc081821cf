//! The site: app and workers, built and put together. Trunk builds the app; its hooks call back into this module.

pub(crate) mod dist;
mod html;
pub(crate) mod page;
mod profile;
pub(crate) mod serve;
mod size;
pub(crate) mod workers;

pub(crate) use profile::Profile;
