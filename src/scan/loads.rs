//! Loads: a stream divided among workers while it is decoded.
//!
//! Decoding is one thread's work, and takes less time than counting. So the lines of a stream are
//! handed over in loads, each a run of blocks, to whoever is free; and when nobody is, the thread
//! that decodes counts one itself.

use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

use crate::input::lines::{Cut, Piece};

/// About how much of a stream is a load: enough that the ends of spans do not matter, and little
/// enough that it stays in a cache.
const LOAD_BYTES: u64 = 2 << 20;

/// Loads that may wait.
pub const AHEAD: usize = 2;

/// The lines that begin in `from..to` of a stream.
pub struct Load {
    /// The first byte.
    pub from: u64,
    /// The first byte of the next load.
    pub to: u64,
    /// Pieces that hold them all; the first and the last may hold others too.
    pieces: Vec<Arc<Loaded>>,
}

/// A piece with the buffer that it lies in.
struct Loaded {
    buffer: Vec<u8>,
    cut: Cut,
}

impl Load {
    /// The pieces, in order.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.pieces.iter().map(|loaded| loaded.cut.piece(&loaded.buffer))
    }

    /// Gives the buffers back that nobody else needs. A full channel means that there are enough.
    pub fn give_back(self, empty: &SyncSender<Vec<u8>>) {
        for loaded in self.pieces.into_iter().filter_map(Arc::into_inner) {
            drop(empty.try_send(loaded.buffer));
        }
    }
}

/// Cuts a stream into loads.
pub struct Loader {
    load_bytes: u64,
    load: Load,
}

impl Loader {
    /// For blocks of so many bytes.
    pub fn new(block_bytes: u64) -> Loader {
        let load_bytes = (LOAD_BYTES / block_bytes).max(1) * block_bytes;
        Loader { load_bytes, load: Load { from: 0, to: load_bytes, pieces: Vec::new() } }
    }

    /// Takes the next piece, and gives each load that is whole with it to `hand_over`, until that
    /// says that it is enough.
    pub fn push(
        &mut self,
        buffer: Vec<u8>,
        cut: Cut,
        mut hand_over: impl FnMut(Load) -> bool,
    ) -> bool {
        let (first, end) = (cut.first(), cut.end());
        let loaded = Arc::new(Loaded { buffer, cut });
        while end > self.load.to {
            if first < self.load.to {
                self.load.pieces.push(loaded.clone());
            }
            let (from, to) = (self.load.to, self.load.to + self.load_bytes);
            let next = Load { from, to, pieces: Vec::new() };
            if !hand_over(std::mem::replace(&mut self.load, next)) {
                return false;
            }
        }
        self.load.pieces.push(loaded);
        true
    }

    /// The last load.
    pub fn rest(self) -> Load {
        self.load
    }
}

/// The next load; `None` when there will be no more.
pub fn take(ready: &Mutex<Receiver<Load>>) -> Option<Load> {
    ready.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
