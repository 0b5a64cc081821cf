//! The parts of the shell: header, run bar, set-up, messages.
