//! What the counts say: who the clients are.

pub mod clients;
