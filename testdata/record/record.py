#!/usr/bin/env python3
"""Record what a real nginx and a real Apache write about odd requests.

    python3 testdata/record/record.py

starts both servers on loopback, sends every request of `nginx_cases.py` and
`apache_cases.py`, one at a time and in that order, and writes to `testdata/recorded/`

    <format>.log                  the access log, byte for byte
    <format>.expected.jsonl       what each of its lines must parse to, one object a line

and to `testdata/recorded-custom/` the same for the formats of `custom.py`, each with

    <format>.format               what `logscan -f` is given

Line N of a log is line N of its expectations. An expectation is made from what the client
did and what the server documents, never from the line. Two exceptions: the number of body
bytes where it depends on the server's version (there only "none" or "some" is expected and
the number is kept), and a server that does otherwise than documented: what it really did
was then written into the case by hand. Every line is compared with its expectation before
anything is written: a difference, a missing line or a line too many ends the run with the
name of the case, exit status 1 and the old files in place. Cases that a server does not
log at all are driven too, and must leave no line.

In an expectation, strings are spelt as the log spells them (`\\x22`, `\\"`), `null` is the
log's `-`, and `""` is a field that is there and empty. `user` is as it stands in the log, so
Apache's empty user name is two quotes. `method` is null exactly where `path` is
`(malformed)`. A very long `path` is given whole; shortening keys is the report's affair.

Needed: nginx 1.22 and Apache 2.4 as Debian 12 packages them, openssl, Python 3.11; run as
root, or as a user who may listen on loopback. The certificates are made for each run and
thrown away with the temporary folder. Apache's `combined` and `common` are httpd's own
(`%b`: `-` for no body); `vhost_combined` is Debian's (`%O`: head and body, never `-`).
Apache runs with `AcceptFilter none`: with Linux's default it would not hear of a connection
that says nothing, and the `"-" 408` of an idle one could not be seen.

Not reachable here, and so not recorded:

- nginx: 411 other than by `return` (1.22 accepts a chunked body); 426 and HTTP/3 lines (no
  HTTP/3 before 1.25); 421 because HTTP/2 is off on the target server (a per-server setting
  since 1.25.1); lines of nginx < 1.21.1 that accept a space in the target; `max_headers`
  (1.29.8); CONNECT as a tunnel (1.31); a bare `"-" 400 0` of a silent client (< 1.3.15).
- Apache: 407, 411, 422 to 426 and 431 (other modules, or `Redirect` only).
- Addresses other than loopback, and so everything `real_ip` or `mod_remoteip` would write.
"""

import datetime
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

import apache_cases  # noqa: E402
import custom  # noqa: E402
import nginx_cases  # noqa: E402
import servers  # noqa: E402
from line import APACHE, NGINX  # noqa: E402

RECORDED = Path(__file__).resolve().parent.parent / "recorded"
CUSTOM = RECORDED.with_name("recorded-custom")
LOG_PATIENCE = 6.0     # how long to wait for a line
SETTLE = 0.08          # how long to listen for a line too many
SILENCE = 0.4          # how long a case that logs nothing must stay silent


class Tail:
    """The lines that a log gained since the last look."""

    def __init__(self, path):
        self.path, self.read = path, 0

    def lines(self):
        whole = self.path.read_bytes() if self.path.exists() else b""
        fresh = whole[self.read:whole.rfind(b"\n") + 1]
        self.read += len(fresh)
        return fresh.split(b"\n")[:-1]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))     # so that the servers are stopped too
    recordings = {}
    with tempfile.TemporaryDirectory(prefix="logscan-record-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        for name in ("nginx", "apache"):
            (root / name).mkdir()
        with servers.Upstream() as upstream, servers.nginx(root / "nginx", upstream) as nginx:
            recordings |= record(nginx, NGINX + custom.NGINX, nginx_cases.CASES)
        with servers.apache(root / "apache") as apache:
            recordings |= record(apache, APACHE + custom.APACHE, apache_cases.CASES)
    write(recordings)


def record(server, formats, cases):
    """Drive all cases; give the (case, line) pairs of every format."""
    began = now()
    tails = [Tail(log) for log in server.logs]
    pairs = {format: [] for format in formats}
    faults = []
    for case in cases:
        case.act.run(server)
        for format, lines in zip(formats, gained(tails, case.line is not None)):
            wanted = 0 if case.line is None else 1
            if len(lines) != wanted:
                faults.append((case, format, f"wanted {wanted} lines", lines))
            elif wanted:
                text = lines[0].decode("latin-1")
                fault = format.fault(case.line, text) or out_of_time(format, case, text, began)
                faults += [(case, format, fault, text)] if fault else []
                pairs[format].append((case, text))
    for case, format, fault, got in faults:
        print(f"{format.id}: case {case.name!r}: {fault}\n    got {got}", file=sys.stderr)
    if faults:
        sys.exit(f"{len(faults)} lines are not what was expected; nothing was written")
    return pairs


def gained(tails, expecting):
    """What each log gained, waiting for a line where one is expected."""
    time.sleep(0 if expecting else SILENCE)
    fresh = [[] for _ in tails]
    deadline = time.monotonic() + (LOG_PATIENCE if expecting else 0)
    while True:
        for lines, tail in zip(fresh, tails):
            lines += tail.lines()
        if all(fresh) or time.monotonic() >= deadline:
            break
        time.sleep(0.01)
    time.sleep(SETTLE)
    for lines, tail in zip(fresh, tails):
        lines += tail.lines()
    return fresh


def out_of_time(format, case, text, began):
    if isinstance(format, custom.Custom):
        return None
    stamp = format.pattern(case.line).fullmatch(text)["time"]
    at = datetime.datetime.strptime(stamp, "%d/%b/%Y:%H:%M:%S %z")
    return None if began <= at <= now() else f"{stamp} is not when it was sent"


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def write(recordings):
    RECORDED.mkdir(exist_ok=True)
    for format, pairs in recordings.items():
        log = "".join(text + "\n" for _, text in pairs)
        rows = "".join(json.dumps(format.expected(case, text)) + "\n" for case, text in pairs)
        is_custom = isinstance(format, custom.Custom)
        folder = CUSTOM if is_custom else RECORDED
        folder.mkdir(exist_ok=True)
        (folder / f"{format.id}.log").write_bytes(log.encode("latin-1" if is_custom else "ascii"))
        (folder / f"{format.id}.expected.jsonl").write_text(rows)
        if is_custom:
            (folder / f"{format.id}.format").write_text(format.text)
        print(f"{format.id}: {len(pairs)} lines")


if __name__ == "__main__":
    main()
