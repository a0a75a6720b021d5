//! What a user agent, an address or a path is. Pure: bytes in, an answer out; who a client is, is judged
//! elsewhere, from counts.

pub mod agents;
pub mod answers;
pub mod causes;
pub mod crawlers;
pub mod known;
pub mod near_miss;
pub mod probes;
pub mod ranges;
pub mod referers;
pub mod roots;
pub mod routes;
pub mod sites;
mod texts;
