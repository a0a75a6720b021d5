//! Who asks for more than the site can give, and what limits do about it.

pub mod agent_swarm;
pub mod client_gave_up;
pub mod client_hotspot;
pub mod crawler_load;
pub mod credential_stuffing;
pub mod crowd;
pub mod limit_too_loose;
pub mod limit_too_tight;
pub mod path_hotspot;
pub mod rejection_spike;
pub mod retry_storm;
pub mod scraping;
mod visitor;
