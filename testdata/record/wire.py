"""The client's side: bytes sent as they are, over TCP, a Unix socket, TLS or HTTP/2.

Nothing here corrects what it is given; that is the point. HTTP/2 is framed by hand,
header fields as HPACK literals without Huffman coding, so that a broken block can be sent.
"""

import socket
import ssl
import time
from dataclasses import dataclass

PATIENCE = 8.0    # longer than any timeout in the servers' configurations
MOMENT = 0.2      # long enough for a server to have read what was sent

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, CONTINUATION = 0, 1, 3, 4, 7, 9
END_STREAM, END_HEADERS = 1, 4


@dataclass
class Tls:
    """How to shake hands. `name` is the SNI; `cert` a file with key and certificate."""

    name: str
    alpn: tuple = ()
    cert: str = None

    def wrap(self, plain, root):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if self.alpn:
            context.set_alpn_protocols(list(self.alpn))
        if self.cert:
            context.load_cert_chain(root / self.cert)
        return context.wrap_socket(plain, server_hostname=self.name)


@dataclass
class Raw:
    """Send `data` (a piece at a time, if several), then read to the end, or close."""

    data: tuple
    then: str = "read"
    to: str = "plain"
    tls: Tls = None
    source: str = None

    def run(self, server):
        with connect(server, self.to, self.tls, self.source) as peer:
            for n, piece in enumerate(self.data):
                time.sleep(MOMENT if n else 0)
                peer.sendall(piece)
            if self.then == "close":
                time.sleep(MOMENT)
            else:
                read_all(peer)


@dataclass
class H2:
    """Send one HTTP/2 request and wait for its end; or cut it off, or reset it."""

    fields: tuple
    then: str = "read"
    to: str = "tls"
    name: str = "open.test"

    def run(self, server):
        with connect(server, self.to, Tls(self.name, ("h2",))) as peer:
            peer.sendall(PREFACE + frame(SETTINGS, 0, 0, b""))
            head = b"".join(frames(self.fields))
            peer.sendall(head[:-4] if self.then == "cut" else head)
            if self.then == "reset":
                time.sleep(MOMENT)
                peer.sendall(frame(RST_STREAM, 0, 1, b"\0\0\0\x08"))
            if self.then == "read":
                read_stream(peer)
            else:
                time.sleep(MOMENT)


def connect(server, to, tls=None, source=None):
    where = server.endpoints[to]
    if isinstance(where, str):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(PATIENCE)
        peer.connect(where)
    else:
        peer = socket.create_connection(where, PATIENCE, (source, 0) if source else None)
    return tls.wrap(peer, server.root) if tls else peer


def read_all(peer):
    """Read until the server closes; a reset is an end too."""
    got = b""
    try:
        while piece := peer.recv(65536):
            got += piece
    except (ConnectionError, TimeoutError, ssl.SSLError):
        pass
    return got


def read_stream(peer):
    """Read frames until stream 1, or the connection, is at its end."""
    buffer = b""
    try:
        while piece := peer.recv(65536):
            buffer += piece
            while len(buffer) >= 9 and len(buffer) >= 9 + (length := int.from_bytes(buffer[:3], "big")):
                kind, flags = buffer[3], buffer[4]
                buffer = buffer[9 + length:]
                if kind in (RST_STREAM, GOAWAY) or (kind in (DATA, HEADERS) and flags & END_STREAM):
                    return
    except (ConnectionError, TimeoutError, ssl.SSLError):
        pass


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def frames(fields):
    """The HEADERS frame of stream 1, and CONTINUATION frames when it does not fit."""
    block = b"".join(b"\0" + literal(name) + literal(value) for name, value in fields)
    pieces = [block[at:at + 16384] for at in range(0, len(block), 16384)] or [b""]
    for n, piece in enumerate(pieces):
        last = END_HEADERS if n == len(pieces) - 1 else 0
        yield frame(CONTINUATION, last, 1, piece) if n else frame(HEADERS, last | END_STREAM, 1, piece)


def literal(text):
    """An HPACK string: its length as an integer with a 7-bit prefix, then its bytes."""
    raw = text.encode("latin-1")
    if len(raw) < 127:
        return bytes((len(raw),)) + raw
    rest, out = len(raw) - 127, bytearray(b"\x7f")
    while rest >= 128:
        out.append(rest % 128 + 128)
        rest //= 128
    out.append(rest)
    return bytes(out) + raw
