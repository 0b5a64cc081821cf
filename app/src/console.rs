//! stub
use crate::state::Lab;
use descent_spec::message::ToApp;
pub(crate) fn emit(_lab: Lab, _head: &ToApp) {}
