"""The servers' side: a private nginx, a private Apache and the upstream behind nginx."""

import base64
import hashlib
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import custom

HERE = Path(__file__).resolve().parent
CHANGED = "Wed, 01 Jan 2025 00:00:00 GMT"     # Last-Modified of every page
CHANGED_AT = 1735689600
USERS = {"alice": "secret", "alice smith": "secret"}
FILES = {"index.html": b"index\n", "a.txt": b"hello\n", "big.bin": b"x" * 100_000, "bare/kept.txt": b"kept\n"}


class Server:
    """A server process with its own root folder; ended on exit, whatever happens."""

    def __init__(self, root, template, ports, command, logs, custom):
        self.root, self.command = root, command
        self.ports = dict(zip(ports, free_ports(len(ports))))
        self.logs = [root / f"{log}.log" for log in (*logs, *(format.id for format in custom))]
        self.custom = custom
        self.template = template
        self.endpoints = {name: ("127.0.0.1", port) for name, port in self.ports.items()}

    def __enter__(self):
        furnish(self.root)
        text = (HERE / self.template).read_text()
        for name, value in {"custom": custom.directives(self.custom), "root": self.root, **self.ports}.items():
            text = text.replace(f"@{name.upper()}@", str(value))
        conf = self.root / "server.conf"
        conf.write_text(text)
        self.process = subprocess.Popen(
            [arg.format(root=self.root, conf=conf) for arg in self.command],
            start_new_session=True, stderr=subprocess.PIPE, env={**os.environ, "TZ": "UTC"})
        try:
            self.wait_until_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_up(self):
        for _ in range(100):
            if self.process.poll() is not None:
                raise SystemExit(f"{self.command[0]} did not start: {self.process.stderr.read().decode()}")
            try:
                socket.create_connection(self.endpoints["plain"], 1).close()
                return
            except ConnectionError:
                time.sleep(0.05)
        raise SystemExit(f"{self.command[0]} does not listen")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stderr.close()


def nginx(root, upstream):
    server = Server(
        root, "nginx.conf.in", ("plain", "mapped", "tls", "moved", "h2c", "dead"),
        ["nginx", "-p", "{root}", "-c", "{conf}", "-e", "{root}/error.log"],
        ["nginx-combined", "nginx-main"], custom.NGINX)
    server.ports["upstream"] = upstream.port
    server.endpoints["six"] = ("::1", server.ports["plain"])
    server.endpoints["unix"] = str(root / "nginx.sock")
    return server


def apache(root):
    server = Server(
        root, "apache.conf.in", ("plain", "unsafe", "tls"),
        ["apache2", "-d", "{root}", "-f", "{conf}", "-D", "FOREGROUND"],
        ["apache-combined", "apache-vhost-combined", "apache-common"], custom.APACHE)
    server.endpoints["six"] = ("::1", server.ports["plain"])
    return server


def free_ports(count):
    """Ports that nobody listens on; all are held until the last is found, so none comes twice."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def furnish(root):
    """What both servers need: pages, users, certificates, empty folders."""
    root.chmod(0o755)
    (root / "tmp").mkdir()
    for name, content in FILES.items():
        page = root / "html" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes(content)
        os.utime(page, (CHANGED_AT, CHANGED_AT))
    (root / "html/private").mkdir()
    (root / "html/private/index.html").write_bytes(b"index\n")
    (root / "users").write_text("".join(
        f"{user}:{{SHA}}{base64.b64encode(hashlib.sha1(word.encode()).digest()).decode()}\n"
        for user, word in USERS.items()))
    for name in ("server", "stranger"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}.test",
             "-keyout", root / f"{name}.key", "-out", root / f"{name}.crt"], check=True, capture_output=True)
        (root / f"{name}.pem").write_text((root / f"{name}.key").read_text() + (root / f"{name}.crt").read_text())


class Upstream:
    """What nginx proxies to. The last word of the path chooses the answer."""

    ANSWERS = {
        b"ok": b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n",
        b"chunked": b"HTTP/1.0 200 OK\r\n\r\nok\n",
        b"404": b"HTTP/1.0 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n",
        b"429": b"HTTP/1.0 429 Too Many Requests\r\nContent-Length: 3\r\n\r\nno\n",
        b"444": b"HTTP/1.0 444 Foo\r\nContent-Length: 3\r\n\r\nno\n",
        b"499": b"HTTP/1.0 499 Foo\r\nContent-Length: 3\r\n\r\nno\n",
        b"h09": b"no head here\n",
        b"drop": b"",
    }

    def __enter__(self):
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def serve(self):
        while not self.stopped.is_set():
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(peer,), daemon=True).start()

    def answer(self, peer):
        with peer:
            peer.settimeout(5)
            try:
                word = peer.recv(65536).split(b" ")[1].rpartition(b"/")[2]
                if word == b"slow":
                    self.stopped.wait(3)
                else:
                    peer.sendall(self.ANSWERS[word])
            except OSError:
                pass
