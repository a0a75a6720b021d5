"""What a line of a log must say, and whether it does.

An expectation is made from what the client did. Its strings are spelt as they must stand
in the log, escapes and all; `None` is the log's `-`.
"""

import re
from dataclasses import asdict, dataclass, replace

SOME = "some"                 # more than no bytes: how many is the server's affair
MALFORMED = "(malformed)"     # the path key of a request line that names no path
TIME = r"(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)"
BYTES = r"(?P<bytes>\d+|-)"


@dataclass(frozen=True)
class Line:
    request: str
    status: str
    body: object                # bytes of the body: a number, SOME, or None for `-`
    method: str = None
    path: str = MALFORMED
    client: str = "127.0.0.1"
    user: str = None
    referer: str = None
    agent: str = None
    forwarded: str = None
    host: str = None
    wire: object = SOME         # bytes of head and body, where the log counts both


@dataclass(frozen=True)
class Case:
    name: str
    sent: str
    act: object                 # Raw or H2
    line: Line = None           # None: nothing is logged

    def saying(self, **said):
        return replace(self, line=replace(self.line, **said))


@dataclass(frozen=True)
class Format:
    """One log: its file's stem, how a line is laid out, and the fields it has not."""

    id: str
    layout: str
    without: tuple = ()
    counts: str = "body"

    def fault(self, line, text):
        """Why `text` is not the line that was expected, or None."""
        found = self.pattern(line).fullmatch(text)
        if not found:
            return "wanted " + self.layout.format(**{"time": "(time)", "bytes": "(bytes)"} | spelt(line))
        wanted, got = getattr(line, self.counts), found["bytes"]
        fits = {None: got == "-", SOME: got not in ("-", "0")}.get(wanted, got == str(wanted))
        return None if fits else f"wanted {wanted} bytes, not {got}"

    def pattern(self, line):
        words = {"time": TIME, "bytes": BYTES} | {name: re.escape(value) for name, value in spelt(line).items()}
        pieces = re.split(r"\{(\w+)\}", self.layout)
        return re.compile("".join(words[p] if n % 2 else re.escape(p) for n, p in enumerate(pieces)))

    def expected(self, case, text):
        """The JSON row: the expectation, with the number of bytes the server wrote."""
        line = replace(case.line, **{name: None for name in self.without})
        got = self.pattern(line).fullmatch(text)["bytes"]
        row = {
            "case": case.name, "sent": case.sent, "client": line.client, "user": line.user, "host": line.host,
            "request": line.request, "method": line.method, "path": line.path, "status": line.status,
            "bytes": None if got == "-" else int(got), "referer": line.referer, "agent": line.agent,
        }
        if "{forwarded}" in self.layout:
            row["forwarded"] = line.forwarded
        return row


COMBINED = '{client} - {user} [{time}] "{request}" {status} {bytes} "{referer}" "{agent}"'
NGINX = (
    Format("nginx-combined", COMBINED, ("host",)),
    Format("nginx-main", COMBINED + ' "{forwarded}"', ("host",)),
)
APACHE = (
    Format("apache-combined", COMBINED, ("host",)),
    Format("apache-vhost-combined", "{host}:80 " + COMBINED, (), "wire"),
    Format("apache-common", '{client} - {user} [{time}] "{request}" {status} {bytes}', ("host", "referer", "agent")),
)


def spelt(line):
    return {name: "-" if value is None else str(value) for name, value in asdict(line).items()}


def path_of(target):
    """The path key of an ordinary target: all before the query and the fragment."""
    return re.split(r"[?#]", target)[0]
