//! The crawlers that matter to a site: what they call themselves, what they are for, and whose list of
//! addresses tells the real ones from those that only use the name.

use super::ranges::List;

/// What a crawler is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Search.
    Search,
    /// Answers of a language model, out of an index.
    Answers,
    /// Somebody asked for this page just now.
    User,
    /// Texts to train a language model with.
    Training,
    /// A preview of a link.
    Preview,
    /// Advertisements.
    Advertising,
}

/// A crawler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crawler {
    /// Its name, as reports have it.
    pub name: &'static str,
    /// What its user agent holds, in lower case.
    pub token: &'static str,
    /// What it is for.
    pub purpose: Purpose,
    /// The list of the addresses that it comes from, where its publisher has one.
    pub list: Option<List>,
}

impl Crawler {
    const fn new(
        name: &'static str,
        token: &'static str,
        purpose: Purpose,
        list: Option<List>,
    ) -> Crawler {
        Crawler { name, token, purpose, list }
    }
}

use List as L;
use Purpose::{Advertising, Answers, Preview, Search, Training, User};

/// Those that are known by name. Of several whose token is held, the one with the longest is meant:
/// `Googlebot-Image` holds `Googlebot`. Names and lists are those of the publishers' pages, August 2026.
pub const CRAWLERS: &[Crawler] = &[
    Crawler::new("Googlebot", "googlebot", Search, Some(L::Google)),
    Crawler::new("Googlebot-Image", "googlebot-image", Search, Some(L::Google)),
    Crawler::new("Googlebot-Video", "googlebot-video", Search, Some(L::Google)),
    Crawler::new("Storebot-Google", "storebot-google", Search, Some(L::Google)),
    Crawler::new("Google-InspectionTool", "google-inspectiontool", Search, Some(L::Google)),
    Crawler::new("GoogleOther", "googleother", Search, Some(L::Google)),
    Crawler::new("Google-CloudVertexBot", "google-cloudvertexbot", Answers, Some(L::Google)),
    Crawler::new("AdsBot-Google", "adsbot-google", Advertising, Some(L::GoogleSpecial)),
    Crawler::new(
        "Mediapartners-Google",
        "mediapartners-google",
        Advertising,
        Some(L::GoogleSpecial),
    ),
    Crawler::new("APIs-Google", "apis-google", User, Some(L::GoogleSpecial)),
    Crawler::new("Google-Safety", "google-safety", Search, Some(L::GoogleSpecial)),
    Crawler::new("FeedFetcher-Google", "feedfetcher-google", User, Some(L::GoogleUser)),
    Crawler::new("Google-Site-Verification", "google-site-verification", User, Some(L::GoogleUser)),
    Crawler::new("Google-Read-Aloud", "google-read-aloud", User, Some(L::GoogleUser)),
    Crawler::new("bingbot", "bingbot", Search, Some(L::Bing)),
    Crawler::new("adidxbot", "adidxbot", Advertising, Some(L::Bing)),
    Crawler::new("BingPreview", "bingpreview", Preview, Some(L::Bing)),
    Crawler::new("YandexBot", "yandex.com/bots", Search, None),
    Crawler::new("Baiduspider", "baiduspider", Search, None),
    Crawler::new("Applebot", "applebot/", Search, Some(L::Apple)),
    Crawler::new("DuckDuckBot", "duckduckbot", Search, Some(L::DuckDuck)),
    Crawler::new("DuckAssistBot", "duckassistbot", Answers, Some(L::DuckAssist)),
    Crawler::new("Qwantbot", "qwantbot", Search, None),
    Crawler::new("SeznamBot", "seznambot", Search, Some(L::Seznam)),
    Crawler::new("Sogou", "sogou web spider", Search, None),
    Crawler::new("Yeti", "yeti/", Search, None),
    Crawler::new("PetalBot", "petalbot", Search, None),
    Crawler::new("MojeekBot", "mojeekbot", Search, None),
    Crawler::new("OAI-SearchBot", "oai-searchbot", Answers, Some(L::OpenAiSearch)),
    Crawler::new("ChatGPT-User", "chatgpt-user", User, Some(L::OpenAiUser)),
    Crawler::new("GPTBot", "gptbot", Training, Some(L::OpenAiTraining)),
    Crawler::new("ClaudeBot", "claudebot", Training, Some(L::Anthropic)),
    Crawler::new("Claude-SearchBot", "claude-searchbot", Answers, Some(L::Anthropic)),
    Crawler::new("Claude-User", "claude-user", User, Some(L::Anthropic)),
    Crawler::new("PerplexityBot", "perplexitybot", Answers, Some(L::Perplexity)),
    Crawler::new("Perplexity-User", "perplexity-user", User, Some(L::PerplexityUser)),
    Crawler::new("meta-externalagent", "meta-externalagent", Training, None),
    Crawler::new("meta-webindexer", "meta-webindexer", Answers, None),
    Crawler::new("meta-externalfetcher", "meta-externalfetcher", User, None),
    Crawler::new("facebookexternalhit", "facebookexternalhit", Preview, None),
    Crawler::new("Amazonbot", "amazonbot", Training, None),
    Crawler::new("Amzn-SearchBot", "amzn-searchbot", Answers, None),
    Crawler::new("Amzn-User", "amzn-user", User, None),
    Crawler::new("CCBot", "ccbot/", Training, Some(L::CommonCrawl)),
    Crawler::new("Bytespider", "bytespider", Training, None),
    Crawler::new("TikTokSpider", "tiktokspider", Training, None),
    Crawler::new("MistralAI-User", "mistralai-user", User, None),
    Crawler::new("MistralAI-Index", "mistralai-index", Answers, None),
    Crawler::new("Kagibot", "kagibot", Search, None),
];

/// Names for robots.txt only, which no crawler ever sends: who does is a fake (Google and Apple, their
/// pages on crawlers).
pub const NEVER_SENT: &[&str] = &["google-extended", "applebot-extended"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_in_lower_case_and_alone() {
        for (at, crawler) in CRAWLERS.iter().enumerate() {
            assert_eq!(crawler.token, crawler.token.to_ascii_lowercase());
            let same = |other: &Crawler| other.token == crawler.token || other.name == crawler.name;
            assert!(!CRAWLERS[..at].iter().any(same), "{}", crawler.name);
        }
    }
}
