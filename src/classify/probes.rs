//! Whether a request that failed reads like one of a scanner for weaknesses: paths that no page links to.
//!
//! The signatures are those that CrowdSec, the OWASP core rule set and fail2ban share. They are asked only
//! of requests that failed: a site may have any of these paths.

use std::sync::LazyLock;

use super::texts::Texts;

/// How sure a signature is: three of the least are as much as one of the surest.
pub const WEIGHT_MAX: u8 = 3;

/// Where a text must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Anywhere,
    /// It is all that stands behind the last slash of the path.
    Name,
    /// The path begins so.
    Start,
    /// The path ends so.
    End,
}

use Place::{Anywhere, End, Name, Start};

/// Texts of paths, in lower case, with how sure they are.
const SIGNATURES: &[(u8, Place, &[&str])] = &[
    // Folders and files of tools, which are never served.
    (
        3,
        Anywhere,
        &[
            "/.git/",
            "/.svn/",
            "/.hg/",
            "/.bzr/",
            "/.aws/",
            "/.ssh/",
            "/.kube/",
            "/.docker/",
            "/.vscode/",
            "/.idea/",
            "/phpmyadmin",
            "/myadmin/",
            "/mysqladmin",
            "/dbadmin",
            "/vendor/phpunit/",
            "/_ignition/",
            "/telescope/requests",
            "/_profiler/",
            "/app_dev.php",
            "/app/etc/local.xml",
            "/bitrix/admin",
            "/cfide/",
            "/fckeditor/",
            "/remote/login",
            "/dana-na/",
            "/+cscoe+/",
            "/global-protect/",
            "/vpn/index.html",
            "/manager/html",
            "/host-manager/",
            "/jolokia",
            "/nifi-api",
            "/v2/_catalog",
            "/api/v1/pods",
            "/containers/json",
            "/_cat/indices",
            "/wls-wsat",
            "/invoker/",
            "/hnap1",
            "/boaform/",
            "/goform/",
            "/setup.cgi",
            "/shell?",
            "/sdk/weblanguage",
            "/evox/",
            "/nmaplowercheck",
            "/login.cgi",
            "/device.rsp",
            "alfacgiapi",
        ],
    ),
    // What is put into a target to see what happens.
    (
        3,
        Anywhere,
        &[
            "../",
            "..%2f",
            "..%5c",
            "..\\",
            "%2e%2e/",
            "%2e%2e%2f",
            "%252e%252e",
            "/etc/passwd",
            "/proc/self",
            "%00",
            "${jndi:",
            "<script",
            "%3cscript",
            "union+select",
            "union%20select",
            "' or 1=1",
            "%27%20or%201=1",
            ";wget",
            "|curl",
            "base64_decode",
            "php://input",
            "allow_url_include",
            "invokefunction",
            "/bin/sh",
            "${ifs}",
            "{{7*7}}",
        ],
    ),
    (
        3,
        Name,
        &[
            ".htpasswd",
            ".ds_store",
            ".npmrc",
            ".netrc",
            ".pgpass",
            ".bash_history",
            ".s3cfg",
            ".git-credentials",
            "sftp-config.json",
            "sftp.json",
            "wp-config.php.bak",
            "wp-config.php.old",
            "wp-config.php.save",
            "wp-config.php.txt",
            "configuration.php.bak",
            "web.config.bak",
            "secrets.json",
            "secrets.yml",
            "credentials.json",
            "id_rsa",
            "id_ed25519",
            "server.key",
            "parameters.yml",
            "phpinfo.php",
            "info.php",
            "shell.php",
            "cmd.php",
            "c99.php",
            "r57.php",
            "alfa.php",
            "wso.php",
            "eval-stdin.php",
            "filemanager.php",
        ],
    ),
    (
        3,
        End,
        &[
            ".sql",
            ".sql.gz",
            ".sql.zip",
            ".sqlite",
            ".sqlite3",
            ".mdb",
            ".bak",
            ".swp",
            ".dump",
            "/backup.zip",
            "/backup.tar.gz",
            "/backup.rar",
            "/www.zip",
            "/wwwroot.zip",
            "/public_html.zip",
            "/htdocs.zip",
            "/database.zip",
            "/site.zip",
            "/dump.zip",
            "/db.zip",
        ],
    ),
    (
        2,
        Anywhere,
        &[
            "/administrator/index.php",
            "/magento_version",
            "/actuator/",
            "/server-status",
            "/server-info",
            "/cgi-bin/",
            "/wp-json/wp/v2/users",
            "/wp-admin/install.php",
            "/ecp/",
            "kcfinder",
            "elfinder",
        ],
    ),
    (
        2,
        Name,
        &[
            "wp-login.php",
            "xmlrpc.php",
            "wp-cron.php",
            "wp-trackback.php",
            "wlwmanifest.xml",
            "setup-config.php",
            "appsettings.json",
            "docker-compose.yml",
            "phpunit.xml",
        ],
    ),
    // Words that a page may have in its name too.
    (
        1,
        Start,
        &[
            "/pma/",
            "/adminer",
            "/roundcube/",
            "/geoserver/",
            "/druid/",
            "/luci/",
            "/downloader/",
            "/jenkins/",
            "/solr/",
            "/struts/",
            "/hudson/",
            "/typo3/",
            "/umbraco/",
            "/sitecore/",
        ],
    ),
    (3, Anywhere, &["/win.ini", "/owa/auth/logon"]),
    (1, Anywhere, &["/webmail/", "/autodiscover/", "/console/", "/user/register", "/_search"]),
    (1, Name, &["test.php", "composer.json", "composer.lock", "package.json", "dns-query", "mcp"]),
];

struct Table {
    texts: Texts,
    /// Of each text how sure it is, and where it must stand.
    rules: Vec<(u8, Place)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let texts = SIGNATURES.iter().flat_map(|(_, _, texts)| texts.iter());
    let rules = SIGNATURES
        .iter()
        .flat_map(|(weight, place, texts)| texts.iter().map(|_| (*weight, *place)));
    Table { texts: Texts::new(texts.copied()), rules: rules.collect() }
});

/// Longer targets are looked at up to here.
const LOOKED_AT_BYTES_MAX: usize = 2 << 10;

/// How sure it is that nobody but a scanner asks for this target: 0 where it is not at all, up to
/// [`WEIGHT_MAX`].
pub fn weight(target: &[u8]) -> u8 {
    let target = &target[..target.len().min(LOOKED_AT_BYTES_MAX)];
    let end = memchr::memchr2(b'?', b'#', target).unwrap_or(target.len());
    let path = &target[..end];
    let name_at = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
    let mut weight = of_name(path, &path[name_at..]);
    let mut room = [0; LOOKED_AT_BYTES_MAX];
    let lower = &mut room[..target.len()];
    lower.copy_from_slice(target);
    lower.make_ascii_lowercase();
    TABLE.texts.find(lower, |from, to, at| {
        let (sure, place) = TABLE.rules[at];
        let stands = match place {
            Anywhere => true,
            Name => from == name_at && to == end,
            Start => from == 0,
            End => to == end,
        };
        if stands {
            weight = weight.max(sure);
        }
    });
    weight
}

/// Whether a path is that of something that holds secrets: passwords, keys, source code, a database.
pub fn is_secret(path: &[u8]) -> bool {
    const FOLDERS: &[&[u8]] =
        &[b"/.git/", b"/.svn/", b"/.hg/", b"/.aws/", b"/.ssh/", b"/.kube/", b"/.docker/"];
    const NAMES: &[&[u8]] = &[
        b".htpasswd",
        b".npmrc",
        b".netrc",
        b".pgpass",
        b".git-credentials",
        b".bash_history",
        b".s3cfg",
        b"id_rsa",
        b"id_ed25519",
        b"server.key",
        b"secrets.json",
        b"secrets.yml",
        b"credentials",
        b"credentials.json",
        b"sftp-config.json",
        b"sftp.json",
    ];
    const ENDS: &[&[u8]] = &[
        b".sql",
        b".sql.gz",
        b".sql.zip",
        b".sql.bz2",
        b".sqlite",
        b".sqlite3",
        b".mdb",
        b".dump",
        b".php.bak",
        b".php.old",
        b".php.save",
        b".php.orig",
        b".php.swp",
        b".php~",
    ];
    let path = &path[..path.len().min(LOOKED_AT_BYTES_MAX)];
    let lower = path.to_ascii_lowercase();
    // What is shown there is shown on purpose: repositories, samples, downloads.
    const SHOWN: &[&[u8]] = &[
        b"/raw/",
        b"/blob/",
        b"/src/",
        b"/tree/",
        b"/download",
        b"/sample",
        b"/example",
        b"/docs/",
    ];
    if SHOWN.iter().any(|part| memchr::memmem::find(&lower, part).is_some()) {
        return false;
    }
    let name = memchr::memrchr(b'/', &lower).map_or(&lower[..], |slash| &lower[slash + 1..]);
    let is_env = name.starts_with(b".env")
        && name.get(4).is_none_or(|byte| b"._-".contains(byte))
        && !name.ends_with(b".example")
        && !name.ends_with(b".sample");
    is_env
        || NAMES.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || FOLDERS.iter().any(|folder| memchr::memmem::find(&lower, folder).is_some())
}

/// As [`weight`], of a request line that is none. An empty one is that of a connection which a browser
/// opened and did not use (Apache logs it with 408).
pub fn weight_of_malformed(line: &[u8]) -> u8 {
    // nginx and Apache write bytes that are no text as `\x16`.
    let is_binary =
        line.iter().any(|byte| !(b' '..=b'~').contains(byte)) || line.starts_with(b"\\x");
    if is_binary { WEIGHT_MAX } else { 0 }
}

/// What takes more than a text to tell.
fn of_name(path: &[u8], name: &[u8]) -> u8 {
    let starts = |prefix: &[u8]| {
        name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    // `.env`, `.env.local`, `.env-prod`.
    if starts(b".env") && name.get(4).is_none_or(|byte| b"._-".contains(byte)) {
        return 3;
    }
    // What an editor leaves behind.
    if name.len() > 1 && name.ends_with(b"~") {
        return 3;
    }
    let has = |text: &[u8]| memchr::memmem::find(path, text).is_some();
    let is_of_wordpress = has(b"/wp-content/") || has(b"/wp-includes/") || has(b"/wp-admin/");
    if is_of_wordpress && name.ends_with(b".php") {
        return 2;
    }
    if has(b"/wp-content/plugins/") && name == b"readme.txt" {
        return 2;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_secrets_is_told_from_what_is_only_asked_for_by_scanners() {
        for (path, wanted) in [
            ("/.env", true),
            ("/app/.ENV.production", true),
            ("/.env.example", false),
            ("/.git/HEAD", true),
            ("/backup/db.sql.gz", true),
            ("/wp-config.php.bak", true),
            ("/user/repo/raw/branch/main/schema.sql", false),
            ("/downloads/dump.sql.gz", false),
            ("/wp-login.php", false),
            ("/phpmyadmin/", false),
            ("/sql", false),
            ("", false),
        ] {
            assert_eq!(is_secret(path.as_bytes()), wanted, "{path}");
        }
    }

    #[test]
    fn what_scanners_ask_for_has_a_weight_and_pages_have_none() {
        for (target, wanted) in [
            ("/.env", 3),
            ("/app/.ENV.local", 3),
            ("/.environment", 0),
            ("/.git/config", 3),
            ("/wp-login.php", 2),
            ("/blog/wp-login.php?x=1", 2),
            ("/wp-login.php.html", 0),
            ("/wp-content/plugins/x/y.php", 2),
            ("/wp-content/plugins/x/readme.txt", 2),
            ("/wp-content/uploads/a.jpg", 0),
            ("/phpMyAdmin/index.php", 3),
            ("/index.php?f=../../etc/passwd", 3),
            ("/a?b=%3Cscript%3E", 3),
            ("/backup.zip", 3),
            ("/old.sql", 3),
            ("/old.sql?x", 3),
            ("/config.php~", 3),
            ("/~", 0),
            ("/mysql.html", 0),
            ("/actuator/health", 2),
            ("/package.json", 1),
            ("/hudson-valley", 0),
            ("/classes/druid/bear", 0),
            ("/darwin.ini", 0),
            ("/solr/admin", 1),
            ("/api/auth/callback/credentials", 0),
            ("/about", 0),
            ("/", 0),
            ("*", 0),
            ("", 0),
        ] {
            assert_eq!(weight(target.as_bytes()), wanted, "{target}");
        }
        for (line, wanted) in
            [("", 0), ("-", 0), ("GET", 0), ("\\x16\\x03\\x01", 3), ("\u{16}\u{3}", 3)]
        {
            assert_eq!(weight_of_malformed(line.as_bytes()), wanted, "{line:?}");
        }
    }

    #[test]
    fn signatures_are_in_lower_case_and_alone() {
        let all: Vec<&str> =
            SIGNATURES.iter().flat_map(|(_, _, texts)| texts.iter().copied()).collect();
        for (at, text) in all.iter().enumerate() {
            assert_eq!(*text, text.to_ascii_lowercase());
            assert!(!all[..at].contains(text), "{text}");
        }
        assert!(SIGNATURES.iter().all(|(weight, _, _)| (1..=WEIGHT_MAX).contains(weight)));
    }

    #[test]
    fn a_long_target_takes_no_time() {
        let target = "/a../".repeat(500_000);
        assert_eq!(weight(target.as_bytes()), 3);
    }
}
