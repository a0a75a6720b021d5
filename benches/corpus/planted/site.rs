//! The sites of a planted log: their pages, how these link to each other, and how long answers are.

use super::super::{Random, Weighted, mix};
use super::Who;

/// Three lists of as many words. A slug has one of each, and the third follows from the others: so any two
/// slugs differ in two words at least, and none is a near miss of another.
const COLOURS: [&str; 40] = [
    "amber", "birch", "cobalt", "dusty", "ember", "frosty", "golden", "hazel", "indigo", "jade",
    "khaki", "lilac", "mossy", "navy", "ochre", "purple", "quartz", "rustic", "silver", "teal",
    "umber", "velvet", "walnut", "xenial", "yellow", "zinc", "arctic", "bronze", "copper", "denim",
    "ebony", "floral", "granite", "honey", "ivory", "jasmine", "lemon", "maroon", "nickel",
    "olive",
];
const THINGS: [&str; 40] = [
    "anchor",
    "basket",
    "candle",
    "drawer",
    "engine",
    "fiddle",
    "garden",
    "hammer",
    "insect",
    "jigsaw",
    "kettle",
    "ladder",
    "mirror",
    "needle",
    "orchard",
    "pillow",
    "quiver",
    "ribbon",
    "saddle",
    "tunnel",
    "utensil",
    "violin",
    "window",
    "xylophone",
    "yogurt",
    "zipper",
    "acorn",
    "blanket",
    "cushion",
    "dolphin",
    "easel",
    "falcon",
    "goblet",
    "harbour",
    "igloo",
    "jacket",
    "kayak",
    "lantern",
    "marble",
    "notebook",
];
const PLACES: [&str; 40] = [
    "alley", "bridge", "castle", "desert", "estuary", "forest", "glacier", "highway", "island",
    "jungle", "kitchen", "lagoon", "meadow", "nursery", "ocean", "prairie", "quarry", "river",
    "summit", "temple", "upland", "valley", "wharf", "yard", "zenith", "attic", "bakery", "canyon",
    "dairy", "embassy", "factory", "gallery", "hotel", "inlet", "junction", "kennel", "library",
    "market", "nunnery", "outpost",
];

/// As many slugs as there are.
pub const SLUGS: u64 = 40 * 40;

/// The slug of a number below [`SLUGS`].
pub fn slug(number: u64) -> String {
    let (colour, thing) = (number as usize / 40, number as usize % 40);
    format!("{}-{}-{}", COLOURS[colour], THINGS[thing], PLACES[(colour + thing) % 40])
}

/// Names of parts of a site.
const SECTIONS: &[&str] =
    &["products", "blog", "guides", "support", "brands", "news", "events", "recipes", "stories"];

/// Pages of a section, but for its list.
const SECTION_PAGES: usize = 24;

/// Pages that there are in German too.
const GERMAN_PAGES: usize = 16;

/// A site.
pub struct Site {
    /// Its host.
    pub host: String,
    /// Its pages that answer, the most asked first; the first is `/`.
    pub pages: Vec<String>,
    /// How often each is asked for.
    pub weights: Weighted,
    /// Parts of it, each `/like-this/`.
    pub sections: Vec<String>,
    /// The German pages; each is also there without its `/de`.
    pub german: Vec<String>,
    /// Its style, script and font.
    pub assets: Vec<String>,
    /// Length of what it says of pages that are not there, compressed; four times that without.
    not_found: u32,
}

impl Site {
    /// A site on this host; `slug` makes up the names of its pages.
    pub fn new(host: String, random: &mut Random, mut slug: impl FnMut() -> String) -> Site {
        let begin = random.below(SECTIONS.len() as u64) as usize;
        let names = (0..5).map(|at| SECTIONS[(begin + 2 * at) % SECTIONS.len()]);
        let sections: Vec<String> = names.map(|name| format!("/{name}/")).collect();
        let mut pages = vec!["/".to_owned()];
        pages.extend(sections.iter().cloned());
        for number in 0..SECTION_PAGES * sections.len() {
            pages.push(format!("{}{}", sections[number % sections.len()], slug()));
        }
        let german = pages[6..6 + GERMAN_PAGES].iter().map(|page| format!("/de{page}")).collect();
        let mut hash = || random.next() as u32 | 0x1000_0000;
        let assets = vec![
            format!("/assets/site.{:08x}.css", hash()),
            format!("/assets/app.{:08x}.js", hash()),
            format!("/assets/text.{:08x}.woff2", hash()),
        ];
        let weights = Weighted::zipf(pages.len() as u64, 8);
        let not_found = random.between(1_100, 2_600) as u32;
        Site { host, pages, weights, sections, german, assets, not_found }
    }

    /// The whole address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.host)
    }

    /// A page, by how often each is asked for.
    pub fn page(&self, random: &mut Random) -> String {
        self.pages[self.weights.pick(random)].clone()
    }

    /// One of the pages that are asked for most, home and lists left out.
    pub fn popular(&self, random: &mut Random) -> String {
        self.pages[random.between(6, 36) as usize].clone()
    }

    /// A page that this one links to: always one of the same few.
    pub fn link(&self, page: &str, random: &mut Random) -> String {
        let key = hash(page) ^ mix(random.below(7));
        self.pages[self.weights.at(mix(key) % self.weights.total())].clone()
    }

    /// Length of what a path answers with 200.
    pub fn length(&self, target: &str, who: Who) -> u32 {
        let path = target.split('?').next().unwrap_or(target);
        let hash = mix(hash(path) ^ hash(&self.host));
        let packed = 4_200 + (hash % 37_000) as u32;
        let whole = packed * 4 + (hash >> 32 & 0x3FF) as u32;
        match path.rsplit('.').next().unwrap_or_default() {
            "txt" | "xml" | "svg" => 300 + packed / 40,
            "jpg" | "ico" | "png" | "woff2" => packed + 9_000,
            _ if who.takes_gzip() => packed,
            _ => whole,
        }
    }

    /// Length of an answer that is no page of the site.
    pub fn error_length(&self, status: u16, who: Who) -> u32 {
        match (status, who.takes_gzip()) {
            (404, true) => self.not_found,
            (404, false) => self.not_found * 4,
            (410, _) => 1_043,
            (301 | 302 | 308, _) => 162,
            (304 | 408 | 444 | 499, _) => 0,
            (403, _) => 548,
            (429, _) => 571,
            (503 | 504, _) => 592,
            _ => 555,
        }
    }
}

/// A hash of a text that is the same everywhere and forever.
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0x9E37, |hash, byte| mix(hash ^ u64::from(byte)))
}
