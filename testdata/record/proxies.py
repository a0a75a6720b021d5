#!/usr/bin/env python3
"""Record what a real HAProxy and a real lighttpd write about odd requests, in five formats each.

    python3 testdata/record/proxies.py

Each server listens once for each of its formats; every request is sent to each. A line must have
the status that the client received, or where it received nothing the one that is documented.
Written to `testdata/recorded-custom/` as by `record.py`; a `.format` that is empty says that the
format is to be told from the log.

Needed: HAProxy 2.6 and lighttpd 1.4 as Debian 12 packages them.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

from servers import free_ports  # noqa: E402

CUSTOM = Path(__file__).resolve().parent.parent / "recorded-custom"
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"


def get(target, method="GET", version="HTTP/1.1", host="shop.test", agent="record/1", more=""):
    return f"{method} {target} {version}\r\nHost: {host}\r\nUser-Agent: {agent}\r\nConnection: close\r\n{more}\r\n".encode("latin-1")


# Name, bytes, how it ends, and the statuses of lines where the client received none (HAProxy, lighttpd).
CASES = (
    ("file", get("/a.txt"), "read", None),
    ("missing", get("/nope"), "read", None),
    ("query", get("/nope?x=%e2%82%ac&y=1"), "read", None),
    ("quote", get('/no"pe'), "read", None),
    ("quoted-agent", get("/nope", agent='say "hi" \\ {x|y}'), "read", None),
    ("head", get("/a.txt", "HEAD"), "read", None),
    ("head-missing", get("/nope", "HEAD"), "read", None),
    ("denied", get("/deny/x"), "read", None),
    ("post", get("/a.txt", "POST", more="Content-Length: 0\r\n"), "read", None),
    ("options", get("/a.txt", "OPTIONS"), "read", None),
    ("unknown-method", get("/nope", "BREW"), "read", None),
    ("http-1.0", get("/nope", version="HTTP/1.0"), "read", None),
    ("absolute", get("http://evil.test/x?y=1"), "read", None),
    ("long", get("/" + "a" * 900), "read", None),
    ("colons", get("/a:b/[c]/{d}"), "read", None),
    ("latin-1", get("/caf\xe9"), "read", None),
    ("no-host", b"GET /nope HTTP/1.1\r\nConnection: close\r\n\r\n", "read", None),
    ("lower-case", b"get / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n", "read", None),
    ("space", b"GET /a b HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n", "read", None),
    ("no-version", b"GET /a.txt\r\n\r\n", "read", None),
    ("bad-version", b"GET /a.txt HTTQ/1.1\r\nHost: shop.test\r\n\r\n", "read", None),
    ("tls", HELLO, "read", None),
    ("half-close", b"GET /x HTTP/1.1\r\nHost: shop", "close", ("400", None)),
    ("idle", b"GET /x HTTP/1.1\r\nHost: shop", "read", ("408", None)),
)
HAPROXY = (
    ("httplog", "option httplog"),
    ("captures", "option httplog\n    http-request capture req.hdr(User-Agent) len 64\n    http-request capture req.hdr(Host) len 32"),
    ("clf", "option httplog clf"),
    ("json", "log-format '{\"time\":\"%[date,utime(%Y-%m-%dT%H:%M:%SZ)]\",\"client\":\"%ci\",\"status\":%ST,\"method\":\"%HM\","
             "\"uri\":\"%[capture.req.uri,json(utf8s)]\",\"bytes\":%B,\"duration_ms\":%Ta,\"state\":\"%ts\"}'"),
    ("combined", "log-format '%ci - - [%T] %{+Q}r %ST %B \"-\" \"%[capture.req.hdr(0),json(utf8s)]\" %Ta'\n"
                 "    http-request capture req.hdr(User-Agent) len 64"),
)
LIGHTTPD = (
    ("default", None),
    ("combined", '%h - %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"'),
    ("vhost", '%V:%p %h - %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"'),
    ("timed", '%h %V %u %t \\"%r\\" %>s %b %D \\"%{User-Agent}i\\"'),
    ("pipes", '%{%Y-%m-%dT%H:%M:%S%z}t|%a|%s|%m|%B|%T|\\"%r\\"'),
)

# Formats that cannot be told from the log: empty fields between bars, a duration without a name.
TOLD = ("lighttpd-timed", "lighttpd-pipes")


def send(port, sent, then):
    """The status that came back, as text; None where nothing did."""
    with socket.create_connection(("127.0.0.1", port), 8) as peer:
        peer.sendall(sent)
        if then == "close":
            time.sleep(0.2)
            return None
        got = b""
        try:
            while piece := peer.recv(65536):
                got += piece
        except (ConnectionError, TimeoutError):
            pass
    if not got:
        return None
    words = got.split(b"\r\n", 1)[0].split(b" ")
    return words[1].decode() if words[0].startswith(b"HTTP/") and len(words) > 1 else None


def drive(server, formats, ports, read, folder, number):
    """Sends every case to every port, and gives for each format its (case, line, status)."""
    found = {name: [] for name, _ in formats}
    for name, sent, then, silent in CASES:
        for (format, _), port in zip(formats, ports):
            status = send(port, sent, then)
            lines = read(format)
            wanted = status or (silent[number] if silent else None)
            if len(lines) > 1 or (wanted and not lines):
                sys.exit(f"{server}-{format}: {name}: {len(lines)} lines, received {status}")
            if lines:
                found[format].append((name, lines[0], wanted))
    for format, how in formats:
        stem = f"{server}-{format}"
        (folder / f"{stem}.log").write_bytes(b"".join(line + b"\n" for _, line, _ in found[format]))
        rows = (json.dumps({"case": case, "status": status, "client": "127.0.0.1"}) for case, _, status in found[format])
        (folder / f"{stem}.expected.jsonl").write_text("".join(row + "\n" for row in rows))
        text = (how or "").replace('\\"', '"') if f"{server}-{format}" in TOLD else ""
        (folder / f"{stem}.format").write_text(text)
        print(f"{stem}: {len(found[format])} lines")


def run(command, ready):
    process = subprocess.Popen(command, start_new_session=True, env={**os.environ, "TZ": "UTC"})
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", ready), 1).close()
            return process
        except ConnectionError:
            time.sleep(0.05)
    sys.exit(f"{command[0]} does not listen")


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def haproxy(root, backend, folder):
    ports = free_ports(len(HAPROXY))
    sinks = {}
    text = ["global\n    maxconn 100\ndefaults\n    mode http\n    timeout client 1s\n    timeout server 3s\n"
            "    timeout connect 1s\n    timeout http-request 1s\n    option dontlognull"]
    for (name, how), port in zip(HAPROXY, ports):
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sink.bind(("127.0.0.1", 0))
        sink.settimeout(0.3)
        sinks[name] = sink
        text.append(f"frontend fe-{name}\n    bind 127.0.0.1:{port}\n    log 127.0.0.1:{sink.getsockname()[1]} len 8192 format raw local0\n"
                    f"    {how}\n    http-request deny deny_status 403 if {{ path_beg /deny }}\n    default_backend be")
    text.append(f"backend be\n    server s1 127.0.0.1:{backend}")
    (root / "haproxy.cfg").write_text("\n".join(text) + "\n")
    process = run(["haproxy", "-f", str(root / "haproxy.cfg"), "-db"], ports[0])

    def read(name):
        lines = []
        while True:
            try:
                lines.append(sinks[name].recv(65536).rstrip(b"\n"))
                sinks[name].settimeout(0.1)
            except TimeoutError:
                sinks[name].settimeout(0.3)
                return lines

    for name in sinks:
        read(name)
    try:
        drive("haproxy", HAPROXY, ports, read, folder, 0)
    finally:
        stop(process)


def lighttpd(root, folder):
    ports = free_ports(len(LIGHTTPD) + 1)
    (root / "html/deny").mkdir(parents=True)
    (root / "html/a.txt").write_text("hello\n")
    text = [f'server.document-root = "{root}/html"\nserver.port = {ports[-1]}\nserver.bind = "127.0.0.1"\n'
            'server.modules = ("mod_access", "mod_accesslog")\nserver.max-read-idle = 2\nurl.access-deny = ("x")\n'
            f'server.errorlog = "{root}/error.log"']
    for (name, format), port in zip(LIGHTTPD, ports):
        how = f'\n  accesslog.format = "{format}"' if format else ""
        text.append(f'$SERVER["socket"] == "127.0.0.1:{port}" {{\n  accesslog.filename = "{root}/{name}.log"{how}\n}}')
    (root / "lighttpd.conf").write_text("\n".join(text) + "\n")
    process = run(["lighttpd", "-D", "-f", str(root / "lighttpd.conf")], ports[0])
    told = {}

    def read(name):
        # Lines are written in batches: a reopened log has all of them.
        deadline = time.monotonic() + 2
        process.send_signal(signal.SIGHUP)
        while True:
            path = root / f"{name}.log"
            whole = path.read_bytes() if path.exists() else b""
            fresh = whole[told.get(name, 0):]
            if fresh.endswith(b"\n") or time.monotonic() > deadline:
                told[name] = told.get(name, 0) + len(fresh)
                return fresh.split(b"\n")[:-1]
            time.sleep(0.02)

    try:
        drive("lighttpd", LIGHTTPD, ports, read, folder, 1)
    finally:
        stop(process)
    return ports


def main():
    with tempfile.TemporaryDirectory(prefix="logscan-record-") as name:
        root = Path(name)
        root.chmod(0o755)
        folder = root / "out"
        folder.mkdir()
        lighttpd(root, folder)
        # HAProxy's server: one more lighttpd, whose log is nobody's business.
        port, = free_ports(1)
        (root / "backend.conf").write_text(f'server.document-root = "{root}/html"\nserver.port = {port}\nserver.bind = "127.0.0.1"\n')
        backend = run(["lighttpd", "-D", "-f", str(root / "backend.conf")], port)
        try:
            haproxy(root, port, folder)
        finally:
            stop(backend)
        CUSTOM.mkdir(exist_ok=True)
        for file in folder.iterdir():
            (CUSTOM / file.name).write_bytes(file.read_bytes())


if __name__ == "__main__":
    main()
