//! What hurts search, and those who follow links.

pub mod broken_internal_link;
pub mod crawl_waste;
pub mod crawled_not_found;
pub mod crawler_denied;
pub mod crawler_rate_limited;
pub mod crawler_timed_out;
mod crawlers;
pub mod dead_alternate;
pub mod fake_crawler;
pub mod flapping_page;
pub mod gone_but_linked;
pub mod gone_recrawled;
pub mod hotlinked_missing;
pub mod lost_backlink;
pub mod lost_page;
pub mod mass_not_found;
pub mod method_mismatch;
pub mod missing_asset;
pub mod near_miss_url;
pub mod redirect_to_not_found;
pub mod robots_txt_unavailable;
pub mod root_file_missing;
pub mod soft_not_found;
