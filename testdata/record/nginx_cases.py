"""The requests sent to nginx 1.22.1, and the lines they must give."""

import base64

from line import MALFORMED, SOME, Case, Line, path_of
from servers import CHANGED
from wire import H2, Raw, Tls

AGENT = "record/1"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"

# A ClientHello as browsers begin one; its "random" holds neither CR nor LF, so nginx logs all of it.
HELLO = bytes.fromhex("160301020001 0001fc0303") + bytes(range(0x90, 0xb0)) + b"\x20" + bytes(range(0xc0, 0xe0)) + \
    bytes.fromhex("0020 1301 1302 1303 c02b c02f")


def ask(name, sent, target, status, body, *, method="GET", host="plain.test", agent=AGENT, headers=(), content=b"",
        then="read", to="plain", tls=None, source=None, version="HTTP/1.1", **line):
    """A well-formed request over HTTP/1.1. `line` changes what the log must say of it."""
    head = [f"{method} {target} {version}", f"Host: {host}", *headers, "Connection: close"]
    if agent is not None:
        head.insert(2, f"User-Agent: {agent}")
    data = "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + content
    said = {"request": head[0], "method": method, "path": path_of(target), "agent": agent} | line
    return Case(name, sent, Raw((data,), then, to, tls, source), Line(status=status, body=body, **said))


def raw(name, sent, data, request, status, body, then="read", to="plain", **line):
    """Bytes as they are, and what nginx makes of them."""
    pieces = data if isinstance(data, tuple) else (data,)
    return Case(name, sent, Raw(pieces, then, to), Line(request, status, body, **line))


def silent(name, sent, act):
    """Something that nginx documents, or was seen, not to log."""
    return Case(name, sent, act)


def basic(name, sent, credentials, user, target="/a.txt", status="200", body=6):
    """Credentials on an open location: nginx logs the name without looking at it."""
    token = base64.b64encode(credentials).decode()
    return ask(name, sent, target, status, body, headers=(f"Authorization: Basic {token}",), user=user)


def agent(name, sent, value, logged):
    """A User-Agent that is logged otherwise than it was sent."""
    return ask(name, sent, "/a.txt", "200", 6, agent=None, headers=(f"User-Agent: {value}",)).saying(agent=logged)


def h2(name, sent, status, body, fields, request="-", then="read", to="tls", **line):
    return Case(name, sent, H2(tuple(fields), then, to), Line(request, status, body, **line))


def pseudo(path="/a.txt", method="GET", authority="open.test"):
    return [(":method", method), (":scheme", "https"), (":authority", authority), (":path", path)]


def get2(name, sent, target, status, body, *more, method="GET", then="read", agent=AGENT, **line):
    """A well-formed request over HTTP/2."""
    fields = [*pseudo(target, method), ("user-agent", agent), *more]
    said = {"request": f"{method} {target} HTTP/2.0", "method": method, "path": path_of(target), "agent": agent} | line
    return h2(name, sent, status, body, fields, then=then, **said)


def head(first_line, *lines):
    return "\r\n".join((first_line, *lines, "", "")).encode("latin-1")


ORDINARY = [
    ask("file", "GET of a file", "/a.txt", "200", 6),
    ask("index", "GET of the start page", "/", "200", 6),
    ask("query", "GET of a file with a query", "/a.txt?x=%e2%82%ac&y=1", "200", 6),
    ask("query-with-question-marks", "GET with two question marks and a slash in the query", "/nope?a=/b?c", "404", SOME),
    ask("fragment", "GET of a missing page with a fragment that should have stayed at home", "/nope#part?x", "404", SOME),
    ask("head", "HEAD of a file", "/a.txt", "200", 0, method="HEAD"),
    ask("head-404", "HEAD of a missing page", "/nope", "404", 0, method="HEAD"),
    ask("not-modified", "GET that the client has already", "/a.txt", "304", 0,
        headers=(f"If-Modified-Since: {CHANGED}",)),
    ask("partial", "GET of the first two bytes", "/a.txt", "206", 2, headers=("Range: bytes=0-1",)),
    ask("directory", "GET of a folder without its slash", "/bare", "301", SOME),
    ask("redirect", "GET of a moved page", "/return/302", "302", SOME),
    ask("http-1.0", "GET over HTTP/1.0", "/a.txt", "200", 6, version="HTTP/1.0"),
    ask("other-loopback", "GET from 127.0.0.2", "/a.txt", "200", 6, source="127.0.0.2", client="127.0.0.2"),
    ask("ipv6", "GET over IPv6", "/nope", "404", SOME, to="six", client="::1"),
    ask("ipv4-mapped", "GET over IPv4 to an IPv6 socket", "/nope", "404", SOME, to="mapped", client="::ffff:127.0.0.1"),
    ask("unix", "GET over a Unix socket", "/nope", "404", SOME, to="unix", client="unix:"),
    ask("tls", "GET over TLS", "/a.txt", "200", 6, to="tls", tls=Tls("open.test"), host="open.test"),
]

NO_REQUEST = [
    silent("connect-and-close", "connected and closed", Raw((), "close")),
    silent("connect-and-idle", "connected and said nothing until nginx closed", Raw(())),
    silent("tls-handshake-only", "shook hands over TLS and closed", Raw((), "close", "tls", Tls("open.test"))),
    silent("tls-handshake-broken", "began a TLS handshake and sent rubbish", Raw((b"\x16\x03\x01\x00\x05rubbish\r\n",), to="tls")),
    silent("h2c-bad-preface", "sent HTTP/1.1 to a port that speaks HTTP/2 only",
           Raw((head("GET / HTTP/1.1", "Host: h2c.test"),), to="h2c")),
    raw("empty-line-close", "sent an empty line and closed", b"\r\n", "", "400", 0, "close"),
    raw("empty-line-idle", "sent an empty line and waited", b"\r\n", "", "408", 0),
    raw("half-a-method-close", "sent GE and closed", b"GE", "GE", "400", 0, "close"),
    raw("half-a-line-idle", "sent GET / HT and waited", b"GET / HT", "GET / HT", "408", 0, method="GET", path="/ HT"),
    raw("half-a-line-close", "sent GET /x and closed", b"GET /x", "GET /x", "400", 0, "close", method="GET", path="/x"),
    raw("headers-unfinished-idle", "sent a request line and waited", b"GET /x HTTP/1.1\r\nHost: plain.test\r\n",
        "GET /x HTTP/1.1", "408", 0, method="GET", path="/x"),
    raw("headers-unfinished-close", "sent a request line, a User-Agent and closed",
        b"GET /x HTTP/1.1\r\nHost: plain.test\r\nUser-Agent: half\r\n", "GET /x HTTP/1.1", "400", 0, "close",
        method="GET", path="/x", agent="half"),
]

NOT_HTTP = [
    raw("tls-to-plain", "sent a TLS ClientHello to a plain port", HELLO,
        "".join(chr(b) if 0x20 <= b < 0x7f else f"\\x{b:02X}" for b in HELLO), "400", SOME),
    raw("tls-to-plain-cut", "sent a TLS ClientHello with a line feed in it", HELLO[:11] + b"\n" + HELLO[11:],
        r"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", "400", SOME),
    raw("tls-to-plain-short", "sent a TLS ClientHello with a carriage return in its length", b"\x16\x03\x01\x00\r\x01\x00",
        r"\x16\x03\x01\x00", "400", SOME),
    raw("rdp", "sent a remote desktop cookie", b"\x03\x00\x00\x2f\x2a\xe0\x00\x00\x00\x00\x00Cookie: mstshash=Administr\r\n",
        r"\x03\x00\x00/*\xE0\x00\x00\x00\x00\x00Cookie: mstshash=Administr", "400", SOME),
    raw("ssh", "sent an SSH banner", b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2", "400", SOME),
    raw("quote-first", "began with a quote and a backslash", b'"\\ / HTTP/1.1\r\n', r"\x22\x5C / HTTP/1.1", "400", SOME),
    raw("nul-first", "began with NUL bytes", b"\0\0\0\r\n", r"\x00\x00\x00", "400", SOME),
    raw("http2-preface", "sent the HTTP/2 preface to a port without HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "PRI * HTTP/2.0", "400", SOME, method="PRI", path="*"),
    ask("plain-to-tls", "spoke plain HTTP to a TLS port (497)", "/p", "400", SOME, to="tls", host="open.test"),
    ask("plain-to-tls-redirected", "spoke plain HTTP to a TLS port with error_page 497 https://...", "/p", "302", SOME,
        to="moved", host="moved.test"),
]

BAD_LINE = [
    raw("http-2-in-words", "sent GET / HTTP/2.0 in HTTP/1 syntax", head("GET / HTTP/2.0", "Host: plain.test"),
        "GET / HTTP/2.0", "505", SOME, method="GET", path="/"),
    raw("http-0.9", "sent a request line of HTTP/0.9", b"GET /a.txt\r\n", "GET /a.txt", "200", 6, method="GET", path="/a.txt"),
    raw("http-0.9-missing", "sent HTTP/0.9 for a missing page", b"GET /nope\r\n", "GET /nope", "404", SOME, method="GET", path="/nope"),
    raw("http-0.9-post", "sent POST in HTTP/0.9", b"POST /a.txt\r\n", "POST /a.txt", "400", SOME, method="POST", path="/a.txt"),
    raw("lower-case-method", "sent get in lower case", head("get / HTTP/1.1", "Host: plain.test"),
        "get / HTTP/1.1", "400", SOME, method="get", path="/"),
    raw("one-word", "sent one word", b"HELO\r\n", "HELO", "400", SOME),
    raw("no-target", "sent a method and a protocol with nothing between", head("GET  HTTP/1.1", "Host: plain.test"),
        "GET  HTTP/1.1", "400", SOME),
    raw("no-slash", "sent a target without a slash", head("GET nope HTTP/1.1", "Host: plain.test"),
        "GET nope HTTP/1.1", "400", SOME, method="GET", path="nope"),
    raw("bad-protocol", "sent an unknown protocol", head("GET /x HTTQ/1.1", "Host: plain.test"),
        "GET /x HTTQ/1.1", "400", SOME, method="GET", path="/x HTTQ/1.1"),
    raw("space-in-target", "sent a space in the target", head("GET /a b HTTP/1.1", "Host: plain.test"),
        "GET /a b HTTP/1.1", "400", SOME, method="GET", path="/a b"),
    raw("control-in-target", "sent a tab in the target", head("GET /a\tb HTTP/1.1", "Host: plain.test"),
        r"GET /a\x09b HTTP/1.1", "400", SOME, method="GET", path=r"/a\x09b"),
    ask("bytes-in-target", "sent UTF-8, a lone byte, a quote and a backslash in the target",
        '/caf\xc3\xa9/\xff/"/\\?q="', "404", SOME, request=r"GET /caf\xC3\xA9/\xFF/\x22/\x5C?q=\x22 HTTP/1.1",
        path=r"/caf\xC3\xA9/\xFF/\x22/\x5C"),
    ask("encoded-bytes-in-target", "sent a percent-encoded line feed, quote and UTF-8", "/a%0Ab%22/caf%c3%A9", "404", SOME),
    ask("bad-percent", "sent %zz in the target", "/%zz", "400", SOME, agent=None),
    ask("nul-percent", "sent %00 in the target", "/a%00b", "400", SOME, agent=None),
    ask("above-root", "asked for a path above the root", "/../../etc/passwd", "400", SOME, agent=None),
    ask("two-slashes", "asked for a path that begins with two slashes", "//evil.example/x", "404", SOME),
    ask("options-star", "asked for the server's options", "*", "400", SOME, method="OPTIONS", agent=None),
    ask("connect", "asked for a tunnel", "plain.test:443", "400", SOME, method="CONNECT", agent=None),
    ask("absolute", "sent an absolute target, as to a proxy", "http://evil.example/x?y=1", "404", SOME, path="/x"),
    ask("absolute-no-path", "sent an absolute target without a path", "http://plain.test", "200", 6, path="/"),
    ask("absolute-only-query", "sent an absolute target with a query and no path", "http://plain.test?y=1", "200", 6, path="/"),
    ask("absolute-password", "sent an absolute target with a password", "http://me:secret@plain.test/x", "400", SOME,
        path="/x", agent=None),
    ask("target-too-long", "sent a target longer than a buffer", "/" + "a" * 9000, "414", SOME, agent=None,
        request="GET /" + "a" * 8187, path="/" + "a" * 8187),
]

BAD_HEADER = [
    raw("no-host", "sent HTTP/1.1 without a Host", head("GET / HTTP/1.1", "User-Agent: homeless"),
        "GET / HTTP/1.1", "400", SOME, method="GET", path="/", agent="homeless"),
    raw("two-hosts", "sent two Hosts, then a User-Agent",
        head("GET /x HTTP/1.1", "Host: plain.test", "Host: plain.test", "User-Agent: torn"),
        "GET /x HTTP/1.1", "400", SOME, method="GET", path="/x"),
    raw("bad-host", "sent a Host with a slash, then a User-Agent", head("GET /x HTTP/1.1", "Host: a/b", "User-Agent: lost"),
        "GET /x HTTP/1.1", "400", SOME, method="GET", path="/x"),
    raw("bad-header-name", "sent a header name with a control byte", head("GET /x HTTP/1.1", "Host: plain.test", "A\x01b: c"),
        "GET /x HTTP/1.1", "400", SOME, method="GET", path="/x"),
    raw("nul-in-agent", "sent a NUL byte in the User-Agent", head("GET /x HTTP/1.1", "Host: plain.test", "User-Agent: a\0b"),
        "GET /x HTTP/1.1", "400", SOME, method="GET", path="/x"),
    ask("header-too-long", "sent a header longer than a buffer (494)", "/", "400", SOME, headers=("X-Long: " + "a" * 9000,)),
    ask("headers-too-many-bytes", "sent headers longer than all buffers (494)", "/", "400", SOME,
        headers=tuple(f"X-{n}: " + "a" * 7000 for n in range(6))),
    ask("unknown-transfer-encoding", "sent an unknown Transfer-Encoding", "/up/ok", "501", SOME, method="POST",
        headers=("Transfer-Encoding: rot13",)),
    ask("length-and-chunked", "sent Content-Length and Transfer-Encoding", "/up/ok", "400", SOME, method="POST",
        headers=("Content-Length: 3", "Transfer-Encoding: chunked"), content=b"0\r\n\r\n"),
]

BODY = [
    ask("body-too-slow", "announced ten bytes, sent three and waited", "/up/ok", "408", 0, method="POST",
        headers=("Content-Length: 10",), content=b"abc"),
    ask("body-cut-off", "announced ten bytes, sent three and closed", "/up/ok", "400", 0, method="POST",
        headers=("Content-Length: 10",), content=b"abc", then="close"),
    ask("body-too-large", "announced more than client_max_body_size", "/up/ok", "413", SOME, method="POST",
        headers=("Content-Length: 2000",), content=b"x" * 2000),
    ask("chunks-too-large", "sent more than client_max_body_size in chunks", "/up/ok", "413", SOME, method="POST",
        headers=("Transfer-Encoding: chunked",), content=b"7d0\r\n" + b"x" * 2000 + b"\r\n0\r\n\r\n"),
    ask("bad-chunk", "sent a chunk without a size", "/up/ok", "400", SOME, method="POST",
        headers=("Transfer-Encoding: chunked",), content=b"zz\r\n"),
]

STATUS = [
    ask("404", "asked for a missing page", "/nope", "404", SOME),
    ask("404-padded", "asked for a missing page as Chrome, whose error pages nginx pads", "/nope", "404", SOME, agent=CHROME),
    ask("404-internal", "asked for a location that is internal", "/internal/x", "404", SOME),
    ask("405-post", "sent POST to a file", "/a.txt", "405", SOME, method="POST", headers=("Content-Length: 0",)),
    ask("405-trace", "sent TRACE", "/", "405", SOME, method="TRACE"),
    ask("405-unknown", "sent an unknown method", "/a.txt", "405", SOME, method="BREW"),
    ask("405-delete", "sent DELETE to a file", "/a.txt", "405", SOME, method="DELETE"),
    ask("403-deny", "asked for a denied page", "/deny/x", "403", SOME),
    ask("403-directory", "asked for a folder without an index", "/bare/", "403", SOME),
    ask("403-return", "asked for a page with return 403", "/return/403", "403", SOME),
    ask("401", "asked for a private page without credentials", "/private/", "401", SOME),
    basic("401-wrong-password", "asked for a private page with a wrong password", b"alice:wrong", "alice", "/private/", "401", SOME),
    basic("401-right-password", "asked for a private page with the right password", b"alice:secret", "alice", "/private/"),
    ask("412", "asked for a file unless changed since 1990", "/a.txt", "412", SOME,
        headers=("If-Unmodified-Since: Mon, 01 Jan 1990 00:00:00 GMT",)),
    ask("416", "asked for bytes behind the end", "/a.txt", "416", SOME, headers=("Range: bytes=9999-",)),
    ask("421", "named one server to TLS and another, with client certificates, in Host", "/", "421", SOME,
        to="tls", tls=Tls("open.test"), host="strict.test", agent=None),
    ask("496", "sent no client certificate where one is needed (496)", "/", "400", SOME,
        to="tls", tls=Tls("strict.test"), host="strict.test"),
    ask("495", "sent a stranger's client certificate (495)", "/", "400", SOME,
        to="tls", tls=Tls("strict.test", cert="stranger.pem"), host="strict.test"),
    ask("429-first", "asked for a limited page for the first time", "/many/x", "200", 6),
    ask("429", "asked for a limited page again (limit_req_status 429)", "/many/x", "429", SOME),
    ask("503-first", "asked for a page limited by default for the first time", "/busy/x", "200", 6),
    ask("503", "asked for a page limited by default again", "/busy/x", "503", SOME),
    ask("limit-444-first", "asked for a silently limited page for the first time", "/mute/x", "200", 6),
    ask("limit-444", "asked for a silently limited page again (limit_req_status 444)", "/mute/x", "444", 0),
    ask("limit-delay-first", "asked for a page limited by delay for the first time", "/wait/x", "200", 6),
    ask("limit-delay-499", "asked again and closed while limit_req delayed", "/wait/x", "499", 0, then="close"),
    ask("return-408", "asked for a page with return 408", "/return/408", "408", 0),
    ask("return-410", "asked for a page that is gone", "/return/410", "410", SOME),
    ask("return-411", "asked for a page with return 411", "/return/411", "411", SOME),
    ask("return-418", "asked for a page with return 418", "/return/418", "418", 0),
    ask("return-422", "asked for a page with return 422", "/return/422", "422", 0),
    ask("return-444", "asked for a page with return 444", "/return/444", "444", 0),
    ask("return-451", "asked for a page with return 451", "/return/451", "451", 0),
    ask("return-460", "asked for a page with return 460", "/return/460", "460", 0),
    ask("return-494", "asked for a page with return 494", "/return/494", "400", SOME),
    ask("return-497", "asked for a page with return 497", "/return/497", "400", SOME),
    ask("return-498", "asked for a page with return 498", "/return/498", "498", SOME),
    ask("return-499", "asked for a page with return 499", "/return/499", "499", 0),
    ask("return-999", "asked for a page with return 999", "/return/999", "999", 0),
    ask("error-page-404-444", "asked for a missing page whose error_page returns 444", "/page/404-444/x", "404", 0),
    ask("error-page-404-is-444", "asked for a missing page whose error_page is = a return of 444", "/page/404-is-444/x", "444", 0),
    ask("error-page-404-file", "asked for a missing page whose error_page is a file", "/page/404-file/x", "404", 6),
    ask("error-page-404-soft", "asked for a missing page whose error_page is = a file", "/page/404-soft/x", "200", 6),
]

UPSTREAM = [
    ask("up-ok", "asked the upstream", "/up/ok", "200", 3),
    ask("up-chunked", "asked the upstream for a page without a length, which nginx sends in chunks and counts so", "/up/chunked", "200", 13),
    ask("up-404", "asked the upstream for a missing page", "/up/404", "404", 3),
    ask("up-429", "was limited by the upstream", "/up/429", "429", 3),
    ask("up-444", "asked an upstream that answers 444 itself", "/up/444", "444", 3),
    ask("up-499", "asked an upstream that answers 499 itself", "/up/499", "499", 3),
    ask("up-http-0.9", "asked an upstream that answers in HTTP/0.9", "/up/h09", "009", 13),
    ask("up-499-closed", "closed while the upstream was slow", "/up/slow", "499", 0, then="close"),
    ask("up-504", "waited for an upstream that is too slow", "/up/slow", "504", SOME),
    ask("up-502-dropped", "asked an upstream that hangs up", "/up/drop", "502", SOME),
    ask("up-502-dead", "asked an upstream that is not there", "/dead/x", "502", SOME),
    ask("body-aborted", "closed in the middle of a download", "/drip/big.bin", "200", SOME, then="close"),
]

FIELDS = [
    basic("user", "sent a user name to an open page", b"alice:x", "alice"),
    basic("user-brackets", "sent a user name that looks like a date", b"a b] [10/Oct/2000:x", "a b] [10/Oct/2000", "/nope", "404", SOME),
    basic("user-quote", "sent a user name with a quote and a backslash", b'a "b" \\c:x', r"a \x22b\x22 \x5Cc"),
    basic("user-line-feed", "sent a user name with a line feed and a forged line", b"a\n127.0.0.9 - - [x] :x", r"a\x0A127.0.0.9 - - [x] "),
    basic("user-utf-8", "sent a user name in UTF-8", "J\u00f6rg:x".encode(), r"J\xC3\xB6rg"),
    basic("user-empty", "sent an empty user name", b":x", None),
    basic("user-only-spaces", "sent a user name of two spaces", b"  :x", "  "),
    basic("user-dash", "sent a dash as user name", b"-:x", None),
    basic("user-no-colon", "sent credentials without a colon", b"alice", None),
    ask("agent-none", "sent no User-Agent", "/a.txt", "200", 6, agent=None),
    ask("agent-empty", "sent an empty User-Agent", "/a.txt", "200", 6, agent=""),
    agent("agent-dash", "sent a dash as User-Agent", "-", None),
    agent("agent-spaces", "sent a User-Agent with spaces in it and at its end", " a  b   ", "a  b"),
    agent("agent-bytes", "sent control bytes, UTF-8, a lone byte, a quote, a backslash and a tab",
          '\x01\x1f\x7f\xc3\xa9\xff"\\/ tab\tend', r"\x01\x1F\x7F\xC3\xA9\xFF\x22\x5C/ tab\x09end"),
    agent("agent-backslash-last", "sent a User-Agent that ends in a backslash", "a\\", r"a\x5C"),
    agent("agent-looks-escaped", "sent a User-Agent with a backslash, an x and two digits", "\\x22 %22", r"\x5Cx22 %22"),
    agent("agent-escape", "sent a User-Agent that colours a terminal", "\x1b[31mred\x1b[0m \x9b", r"\x1B[31mred\x1B[0m \x9B"),
    agent("agent-looks-like-a-line", "sent a User-Agent that looks like the end of another line",
          '" 200 1 "-" "-', r"\x22 200 1 \x22-\x22 \x22-"),
    ask("agent-long", "sent a User-Agent of 4000 letters", "/a.txt", "200", 6, agent="m" * 4000),
    ask("referer", "sent a Referer", "/nope", "404", SOME, headers=("Referer: https://plain.test/a?b=c#d",),
        referer="https://plain.test/a?b=c#d"),
    ask("referer-empty", "sent an empty Referer", "/nope", "404", SOME, headers=("Referer:",), referer=""),
    ask("referer-dash", "sent a dash as Referer", "/nope", "404", SOME, headers=("Referer: -",), referer=None),
    ask("referer-bytes", "sent odd bytes in the Referer", "/nope", "404", SOME,
        headers=('Referer: http://x/\xe2\x82\xac "\\ \xfe\x08',), referer=r"http://x/\xE2\x82\xAC \x22\x5C \xFE\x08"),
    ask("forwarded", "came through one proxy", "/nope", "404", SOME, headers=("X-Forwarded-For: 127.0.0.7",), forwarded="127.0.0.7"),
    ask("forwarded-list", "came through three proxies", "/nope", "404", SOME,
        headers=("X-Forwarded-For: 127.0.0.7, ::1,127.0.0.8",), forwarded="127.0.0.7, ::1,127.0.0.8"),
    ask("forwarded-twice", "sent two X-Forwarded-For headers", "/nope", "404", SOME,
        headers=("X-Forwarded-For: 127.0.0.7", "X-Forwarded-For: 127.0.0.8"), forwarded="127.0.0.7, 127.0.0.8"),
    ask("forwarded-odd", "sent words, ports and quotes in X-Forwarded-For", "/nope", "404", SOME,
        headers=('X-Forwarded-For: unknown, "[::1]:80", _x',), forwarded=r"unknown, \x22[::1]:80\x22, _x"),
    ask("forwarded-empty", "sent an empty X-Forwarded-For", "/nope", "404", SOME, headers=("X-Forwarded-For:",), forwarded=""),
]

HTTP_2 = [
    get2("h2-file", "GET of a file over HTTP/2", "/a.txt", "200", 6),
    get2("h2-404", "GET of a missing page over HTTP/2", "/nope?x=1", "404", SOME),
    get2("h2-head", "HEAD over HTTP/2", "/nope", "404", 0, method="HEAD"),
    get2("h2-trace", "TRACE over HTTP/2", "/", "405", SOME, method="TRACE"),
    get2("h2-above-root", "asked over HTTP/2 for a path above the root", "/../../etc/passwd", "400", SOME
         ).saying(request="-", method=None, path=MALFORMED, agent=None),
    get2("h2-connection-header", "sent a Connection header over HTTP/2", "/a.txt", "200", 6, ("connection", "close")),
    get2("h2-bytes", "sent a quote and a lone byte over HTTP/2", '/"\xff', "404", SOME,
         request=r"GET /\x22\xFF HTTP/2.0", path=r"/\x22\xFF"),
    get2("h2-reset", "reset the stream while the upstream was slow", "/up/slow", "499", 0, then="reset"),
    h2("h2-no-method", "sent no :method over HTTP/2", "400", SOME, [*pseudo()[1:], ("user-agent", AGENT)], agent=AGENT),
    h2("h2-no-path", "sent no :path over HTTP/2", "400", SOME, [*pseudo()[:3], ("user-agent", AGENT)], agent=AGENT),
    h2("h2-headers-too-large", "sent 40 KB of headers over HTTP/2", "000", 0,
       [*pseudo(), ("user-agent", AGENT), *((f"x-{n}", "a" * 4000) for n in range(10))], agent=AGENT),
    h2("h2-path-too-long", "sent a :path of 12 KB over HTTP/2", "000", 0, pseudo("/" + "a" * 12000)),
    h2("h2-header-too-long", "sent a header of 9 KB over HTTP/2", "000", 0, [*pseudo(), ("x-long", "a" * 9000)]),
    h2("h2-upper-case", "sent an upper-case header name over HTTP/2", "000", 0, [*pseudo(), ("X-Upper", "1")]),
    h2("h2-cut", "sent half a HEADERS frame and closed", "000", 0, pseudo(), then="cut"),
]

CASES = [*ORDINARY, *NO_REQUEST, *NOT_HTTP, *BAD_LINE, *BAD_HEADER, *BODY, *STATUS, *UPSTREAM, *FIELDS, *HTTP_2]
