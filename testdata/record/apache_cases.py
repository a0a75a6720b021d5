"""The requests sent to Apache 2.4, and the lines they must give."""

import base64

from line import SOME, Case, Line, path_of
from servers import CHANGED
from wire import H2, Raw, Tls

AGENT = "record/1"
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


def ask(name, sent, target, status, body, *, method="GET", host="main.test", agent=AGENT, headers=(), content=b"",
        then="read", to="plain", tls=None, source=None, version="HTTP/1.1", **line):
    """A well-formed request over HTTP/1.1. `line` changes what the log must say of it."""
    head = [f"{method} {target} {version}", f"Host: {host}", *headers, "Connection: close"]
    if agent is not None:
        head.insert(2, f"User-Agent: {agent}")
    data = "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + content
    said = {"request": head[0], "method": method, "path": path_of(target), "agent": agent, "host": host} | line
    return Case(name, sent, Raw((data,), then, to, tls, source), Line(status=status, body=body, **said))


def raw(name, sent, data, request, status, body, then="read", to="plain", host="main.test", **line):
    """Bytes as they are, and what Apache makes of them."""
    return Case(name, sent, Raw((data,), then, to), Line(request, status, body, host=host, **line))


def silent(name, sent, act):
    """Something that Apache was seen not to log."""
    return Case(name, sent, act)


def basic(name, sent, credentials, status, body, user, target="/private/"):
    token = base64.b64encode(credentials).decode()
    return ask(name, sent, target, status, body, headers=(f"Authorization: Basic {token}",), user=user)


def agent(name, sent, value, logged, status="200", body=6, to="plain", host="main.test"):
    """A User-Agent that is logged otherwise than it was sent."""
    return ask(name, sent, "/a.txt", status, body, agent=None, headers=(f"User-Agent: {value}",), to=to, host=host
               ).saying(agent=logged)


def get2(name, sent, target, status, body, method="GET"):
    fields = ((":method", method), (":scheme", "https"), (":authority", "tls.test"), (":path", target), ("user-agent", AGENT))
    line = Line(f"{method} {target} HTTP/2.0", status, body, method, path_of(target), agent=AGENT, host="tls.test")
    return Case(name, sent, H2(fields, name="tls.test"), line)


def head(first_line, *lines):
    return "\r\n".join((first_line, *lines, "", "")).encode("latin-1")


ORDINARY = [
    ask("file", "GET of a file", "/a.txt", "200", 6),
    ask("index", "GET of the start page", "/", "200", 6),
    ask("query", "GET of a file with a query", "/a.txt?x=%e2%82%ac&y=1", "200", 6),
    ask("fragment", "GET of a missing page with a fragment that should have stayed at home", "/nope#part?x", "400", SOME).saying(agent=None),
    ask("head", "HEAD of a file", "/a.txt", "200", None, method="HEAD"),
    ask("head-404", "HEAD of a missing page", "/nope", "404", None, method="HEAD"),
    ask("not-modified", "GET that the client has already", "/a.txt", "304", None, headers=(f"If-Modified-Since: {CHANGED}",)),
    ask("partial", "GET of the first two bytes", "/a.txt", "206", 2, headers=("Range: bytes=0-1",)),
    ask("directory", "GET of a folder without its slash", "/bare", "301", SOME),
    ask("redirect", "GET of a moved page", "/moved", "302", SOME),
    ask("options", "OPTIONS of a file", "/a.txt", "200", None, method="OPTIONS"),
    ask("http-1.0", "GET over HTTP/1.0", "/a.txt", "200", 6, version="HTTP/1.0"),
    ask("second-host", "GET from the second virtual host", "/nope", "404", SOME, host="second.test"),
    ask("unknown-host", "GET from a host that is not configured", "/nope", "404", SOME, host="unknown.test").saying(host="main.test"),
    ask("other-loopback", "GET from 127.0.0.2", "/a.txt", "200", 6, source="127.0.0.2", client="127.0.0.2"),
    ask("ipv6", "GET over IPv6", "/nope", "404", SOME, to="six", client="::1"),
    ask("tls", "GET over TLS", "/a.txt", "200", 6, to="tls", tls=Tls("tls.test"), host="tls.test"),
    get2("h2-file", "GET of a file over HTTP/2", "/a.txt", "200", 6),
    get2("h2-404", "GET of a missing page over HTTP/2", "/nope?x=1", "404", SOME),
    get2("h2-head", "HEAD over HTTP/2, where %b counts the body that is not sent", "/a.txt", "200", 6, "HEAD"),
]

NO_REQUEST = [
    silent("connect-and-close", "connected and closed", Raw((), "close")),
    raw("connect-and-idle", "connected and said nothing until Apache closed", b"", "-", "408", None, wire=0),
    silent("empty-line-close", "sent an empty line and closed", Raw((b"\r\n",), "close")),
    silent("half-a-method-close", "sent GE and closed", Raw((b"GE",), "close")),
    silent("half-a-line-close", "sent GET /x and closed", Raw((b"GET /x",), "close")),
    silent("tls-to-plain-close", "sent a TLS ClientHello without a line feed and closed", Raw((HELLO,), "close")),
    raw("half-a-line-idle", "sent GET / HT and waited", b"GET / HT", "-", "408", None, wire=0),
    raw("headers-unfinished-idle", "sent a request line, a Host and waited", b"GET /x HTTP/1.1\r\nHost: second.test\r\n",
        "GET /x HTTP/1.1", "408", SOME, method="GET", path="/x"),
    raw("headers-unfinished-close", "sent a request line, a User-Agent and closed",
        b"GET /x HTTP/1.1\r\nHost: main.test\r\nUser-Agent: half\r\n", "GET /x HTTP/1.1", "400", SOME, "close",
        method="GET", path="/x"),
]

NOT_HTTP = [
    raw("tls-to-plain", "sent a TLS ClientHello with a line feed in it to a plain port",
        HELLO + b"\n", r"\x16\x03\x01\x02", "400", SOME),
    raw("tls-to-plain-idle", "sent a TLS ClientHello without a line feed and waited", HELLO, "-", "408", None, wire=0),
    raw("rdp", "sent a remote desktop cookie", b"\x03\x00\x00\x2f\x2a\xe0\x00\x00\x00\x00\x00Cookie: mstshash=Administr\r\n",
        r"\x03", "400", SOME),
    raw("ssh", "sent an SSH banner", b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2", "400", SOME),
    raw("quote-first", "began with a quote and a backslash", b'"\\ / HTTP/1.1\r\n\r\n', r"\"\\ / HTTP/1.1", "400", SOME),
    raw("http2-preface", "sent the HTTP/2 preface to a port without HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "PRI * HTTP/2.0", "400", SOME, method="PRI", path="*"),
    ask("plain-to-tls", "spoke plain HTTP to a TLS port, for which Apache logs a request of its own making", "/p", "400", SOME,
        to="tls", host="tls.test", request="GET / HTTP/1.0", path="/", agent=None),
]

BAD_LINE = [
    raw("http-2-in-words", "sent GET / HTTP/2.0 in HTTP/1 syntax", head("GET / HTTP/2.0", "Host: main.test"),
        "GET / HTTP/2.0", "200", 6, method="GET", path="/"),
    raw("http-0.9", "sent a request line of HTTP/0.9", b"GET /a.txt\r\n", "GET /a.txt", "200", 6, method="GET", path="/a.txt"),
    raw("http-0.9-missing", "sent HTTP/0.9 for a missing page", b"GET /nope\r\n", "GET /nope", "404", SOME, method="GET", path="/nope"),
    raw("lower-case-method", "sent get in lower case", head("get /a.txt HTTP/1.1", "Host: main.test"),
        "get /a.txt HTTP/1.1", "501", SOME, method="get", path="/a.txt"),
    raw("one-word", "sent one word", b"HELO\r\n\r\n", "HELO", "400", SOME),
    raw("no-target", "sent a method and a protocol with nothing between", head("GET  HTTP/1.1", "Host: main.test"),
        "GET HTTP/1.1", "400", SOME),
    raw("no-slash", "sent a target without a slash", head("GET nope HTTP/1.1", "Host: main.test"),
        "GET nope HTTP/1.1", "400", SOME, method="GET", path="nope"),
    raw("bad-protocol", "sent an unknown protocol", head("GET /x HTTQ/1.1", "Host: main.test"),
        "GET /x HTTQ/1.1", "400", SOME, method="GET", path="/x HTTQ/1.1"),
    raw("space-in-target", "sent a space in the target", head("GET /a b HTTP/1.1", "Host: main.test"),
        "GET /a b", "400", SOME, method="GET", path="/a b"),
    raw("tab-in-target", "sent a tab in the target, which Apache logs as a space", head("GET /a\tb HTTP/1.1", "Host: main.test"),
        "GET /a b", "400", SOME, method="GET", path="/a b"),
    raw("bytes-in-target", "sent UTF-8 in the target", head("GET /caf\xc3\xa9 HTTP/1.1", "Host: main.test"),
        r"GET /caf\xc3\xa9 HTTP/1.1", "404", SOME, method="GET", path=r"/caf\xc3\xa9"),
    raw("quote-in-target", "sent a quote and a backslash in the target", head('GET /"\\ HTTP/1.1', "Host: main.test"),
        r"GET /\"\\ HTTP/1.1", "404", SOME, method="GET", path=r"/\"\\"),
    ask("encoded-bytes-in-target", "sent a percent-encoded quote and UTF-8", "/a%22/caf%c3%A9", "404", SOME),
    ask("encoded-slash", "sent a percent-encoded slash", "/a%2Fb", "404", SOME),
    ask("bad-percent", "sent %zz in the target", "/%zz", "400", SOME),
    ask("nul-percent", "sent %00 in the target", "/a%00b", "404", SOME),
    ask("above-root", "asked for a path above the root", "/../../etc/passwd", "400", SOME),
    ask("two-slashes", "asked for a path that begins with two slashes", "//evil.example/x", "404", SOME),
    ask("options-star", "asked for the server's options", "*", "200", None, method="OPTIONS"),
    ask("connect", "asked for a tunnel", "main.test:443", "405", SOME, method="CONNECT"),
    ask("absolute", "sent an absolute target, as to a proxy", "http://second.test/x?y=1", "404", SOME, path="/x").saying(host="second.test"),
    ask("absolute-no-path", "sent an absolute target without a path", "http://main.test", "200", 6, path="/"),
    ask("absolute-password", "sent an absolute target with a password, which Apache masks", "http://me:secret@main.test/x",
        "400", SOME, agent=None, path="/x", request="GET http://me:XXXXXXXX@main.test/x HTTP/1.1"),
    ask("target-too-long", "sent a target longer than LimitRequestLine", "/" + "a" * 9000, "414", SOME, agent=None,
        request="GET /" + "a" * 8186, path="/" + "a" * 8186),
]

BAD_HEADER = [
    raw("no-host", "sent HTTP/1.1 without a Host", head("GET / HTTP/1.1", "User-Agent: homeless"),
        "GET / HTTP/1.1", "400", SOME, method="GET", path="/", agent="homeless"),
    raw("bad-host", "sent a Host with a slash, then a User-Agent", head("GET /x HTTP/1.1", "Host: a/b", "User-Agent: lost"),
        "GET /x HTTP/1.1", "400", SOME, method="GET", path="/x", agent="lost"),
    raw("no-colon", "sent a header without a colon, after a User-Agent",
        head("GET /x HTTP/1.1", "Host: main.test", "User-Agent: torn", "nonsense"),
        "GET /x HTTP/1.1", "400", SOME, method="GET", path="/x", agent="torn"),
    agent("agent-control", "sent a control byte in the User-Agent", "a\x1b[31m", None, "400", SOME),
    ask("header-too-long", "sent a header longer than LimitRequestFieldSize", "/x", "400", SOME, headers=("X-Long: " + "a" * 9000,)
        ).saying(agent=None),
    ask("headers-too-many", "sent more headers than LimitRequestFields", "/x", "400", SOME, headers=tuple(f"X-{n}: 1" for n in range(120))),
    ask("unknown-transfer-encoding", "sent an unknown Transfer-Encoding", "/small/x", "400", SOME, method="POST",
        headers=("Transfer-Encoding: rot13",)),
]

STATUS = [
    ask("404", "asked for a missing page", "/nope", "404", SOME),
    ask("401", "asked for a private page without credentials", "/private/", "401", SOME),
    ask("403", "asked for a denied page", "/deny/x", "403", SOME),
    ask("404-directory", "asked for a folder without an index", "/bare/", "404", SOME),
    ask("405-trace", "sent TRACE", "/", "405", SOME, method="TRACE"),
    ask("405-put", "sent PUT to a file", "/a.txt", "405", SOME, method="PUT", headers=("Content-Length: 0",)),
    ask("405-get-only", "sent POST where only GET is allowed", "/get-only/x", "405", SOME, method="POST", headers=("Content-Length: 0",)),
    ask("501", "sent an unknown method", "/a.txt", "501", SOME, method="BREW"),
    ask("408-body", "announced ten bytes, sent three and waited", "/a.txt", "408", SOME, method="POST",
        headers=("Content-Length: 10",), content=b"abc"),
    ask("400-body", "announced ten bytes, sent three and closed", "/a.txt", "400", SOME, method="POST",
        headers=("Content-Length: 10",), content=b"abc", then="close"),
    ask("410", "asked for a page that is gone", "/gone", "410", SOME),
    ask("412", "asked for a file unless changed since 1990", "/a.txt", "412", None,
        headers=("If-Unmodified-Since: Mon, 01 Jan 1990 00:00:00 GMT",)),
    ask("413", "announced more than LimitRequestBody", "/small/x", "413", SOME, method="POST",
        headers=("Content-Length: 2000",), content=b"x" * 2000),
    ask("416", "asked for bytes behind the end", "/a.txt", "416", SOME, headers=("Range: bytes=9999-",)),
    ask("417", "expected something unknown", "/a.txt", "417", SOME, headers=("Expect: the-unexpected",)),
    ask("421", "named one server to TLS and another, with client certificates, in Host", "/", "421", SOME,
        to="tls", tls=Tls("tls.test"), host="strict.test"),
    ask("429", "asked for a page with Redirect 429", "/many", "429", SOME),
    ask("451", "asked for a page with Redirect 451", "/legal", "451", SOME),
]

FIELDS = [
    basic("user", "came as alice", b"alice:secret", "200", 6, "alice"),
    basic("user-spaces", "came as a user whose name has a space", b"alice smith:secret", "200", 6, "alice smith"),
    basic("user-wrong-password", "came as alice with a wrong password", b"alice:wrong", "401", SOME, "alice"),
    basic("user-unknown", "came as a user whose name looks like a date", b"a b] [10/Oct/2000:x", "401", SOME, "a b] [10/Oct/2000"),
    basic("user-quote", "came as a user whose name has a quote and a backslash", b'a "b" \\c:x', "401", SOME, r"a \"b\" \\c"),
    basic("user-line-feed", "came as a user whose name has a line feed and a forged line", b"a\n127.0.0.9 - - [x] :x",
          "401", SOME, r"a\n127.0.0.9 - - [x] "),
    basic("user-utf-8", "came as a user whose name is UTF-8", "J\u00f6rg:x".encode(), "401", SOME, r"J\xc3\xb6rg"),
    basic("user-empty", "came with an empty user name", b":x", "401", SOME, '""'),
    basic("user-open-page", "sent a user name to an open page", b"alice:secret", "200", 6, None, "/a.txt"),
    ask("agent-none", "sent no User-Agent", "/a.txt", "200", 6, agent=None),
    ask("agent-empty", "sent an empty User-Agent", "/a.txt", "200", 6, agent=""),
    agent("agent-dash", "sent a dash as User-Agent", "-", None),
    agent("agent-utf-8", "sent a User-Agent in UTF-8 and a lone byte", "caf\xc3\xa9 \xff", r"caf\xc3\xa9 \xff"),
    agent("agent-quotes", "sent a quote, a backslash and a tab in the User-Agent", 'a "b" \\c\td', r"a \"b\" \\c\td"),
    agent("agent-backslash-last", "sent a User-Agent that ends in a backslash", "a\\", r"a\\"),
    agent("agent-backslash-quote-last", "sent a User-Agent that ends in a backslash and a quote", 'a\\"', r"a\\\""),
    agent("agent-looks-escaped", "sent the letters of a line feed and of an escape", "\\n \\x22", r"\\n \\x22"),
    agent("agent-looks-like-a-line", "sent a User-Agent that looks like the end of another line",
          '" 200 1 "-" "-', r"\" 200 1 \"-\" \"-"),
    ask("agent-folded", "folded the User-Agent over two lines", "/a.txt", "200", 6, agent=None,
        headers=("User-Agent: one", "\ttwo")).saying(agent="one two"),
    ask("agent-long", "sent a User-Agent of 4000 letters", "/a.txt", "200", 6, agent="m" * 4000),
    ask("referer", "sent a Referer", "/nope", "404", SOME, headers=("Referer: https://main.test/a?b=c#d",), referer="https://main.test/a?b=c#d"),
    ask("referer-empty", "sent an empty Referer", "/nope", "404", SOME, headers=("Referer:",), referer=""),
    ask("referer-quotes", "sent a quote and a backslash in the Referer", "/nope", "404", SOME,
        headers=('Referer: http://x/"\\',), referer=r"http://x/\"\\"),
]

UNSAFE = [
    raw("unsafe-space-in-target", "sent a space in the target under HttpProtocolOptions Unsafe",
        head("GET /a b HTTP/1.1", "Host: unsafe.test", "Connection: close"), "GET /a b", "400", SOME,
        to="unsafe", host="unsafe.test", method="GET", path="/a b"),
    raw("unsafe-bytes-in-target", "sent UTF-8, a quote and a lone byte in the target under Unsafe",
        head('GET /caf\xc3\xa9"\xff HTTP/1.1', "Host: unsafe.test", "Connection: close"), r"GET /caf\xc3\xa9\"\xff HTTP/1.1",
        "404", SOME, to="unsafe", host="unsafe.test", method="GET", path=r"/caf\xc3\xa9\"\xff"),
    agent("unsafe-agent-bytes", "sent control bytes, UTF-8 and a lone byte in the User-Agent under Unsafe",
          '\x01\x08\x1b\x7f\xc3\xa9\xff"\\', r"\x01\b\x1b\x7f\xc3\xa9\xff\"\\", to="unsafe", host="unsafe.test"),
    agent("unsafe-agent-return", "sent a carriage return inside the User-Agent under Unsafe", "a\rb", None, "400", SOME, to="unsafe", host="unsafe.test"),
]

CASES = [*ORDINARY, *NO_REQUEST, *NOT_HTTP, *BAD_LINE, *BAD_HEADER, *STATUS, *FIELDS, *UNSAFE]
