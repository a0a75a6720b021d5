//! Who looks for weaknesses, and what was found.

pub mod exposed_file;
pub mod scanner;
