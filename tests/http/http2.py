"""HTTP/2: programs of others, and a client that does what is forbidden."""
import base64
import json
import socket
import struct
import subprocess
import tempfile

from browser import Web
from world import JMAP, PASSWORD, account, deliver, test

from lib.runner import need, same

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS_FRAME, HEADERS, DATA, RST, PING, GOAWAY, WINDOW, CONTINUATION = \
    4, 1, 0, 3, 6, 7, 8, 9
CALM = 11


def text(s):
    """A string of HPACK, not packed."""
    n = len(s)
    head = bytes([n]) if n < 127 else bytes([127]) + integer(n - 127)
    return head + s


def integer(n):
    out = b""
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


class H2:
    """A client that can do what is forbidden: frames by hand."""

    def __init__(self, host, settings=b""):
        self.socket = socket.create_connection(("127.0.0.1", host.port("http")),
                                               20)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(PREFACE)
        self.frame(SETTINGS_FRAME, 0, 0, settings)

    def frame(self, kind, flags, stream, data=b""):
        self.socket.sendall(struct.pack(">I", len(data))[1:]
                            + bytes([kind, flags])
                            + struct.pack(">I", stream) + data)

    def head(self, path, method=b"GET", fields=()):
        """A block of fields."""
        out = b"\x86" + b"\x04" + text(path) + b"\x01" + text(b"a.example")
        out += b"\x02" + text(method)
        for k, v in fields:
            out += b"\x00" + text(k) + text(v)
        return out

    def get(self, stream, path, fields=()):
        self.frame(HEADERS, 5, stream, self.head(path, fields=fields))

    def next(self):
        """(kind, flags, stream, data); ConnectionError at the end."""
        try:
            head = self.file.read(9)
            if len(head) < 9:
                raise ConnectionError("closed")
            n, = struct.unpack(">I", b"\0" + head[:3])
            stream, = struct.unpack(">I", head[5:9])
            return head[3], head[4], stream, self.file.read(n)
        except OSError as e:
            raise ConnectionError(str(e))

    def until(self, kind, stream=None):
        while True:
            f = self.next()
            if f[0] == kind and stream in (None, f[2]):
                return f

    def body(self, stream):
        out = b""
        while True:
            kind, flags, s, data = self.next()
            if s == stream and kind == DATA:
                out += data
            if s == stream and kind in (DATA, HEADERS) and flags & 1:
                return out

    def ends_calm(self):
        """With GOAWAY, ENHANCE_YOUR_CALM."""
        code = None
        try:
            while True:
                kind, _, _, data = self.next()
                if kind == GOAWAY:
                    code, = struct.unpack(">I", data[4:8])
        except ConnectionError:
            pass
        return code == CALM


def curl(*args):
    return subprocess.run(["curl", "-sk", *args], capture_output=True,
                          timeout=60).stdout


@test
def http2_serves_the_same(host, name):
    address = account(host, name)
    base = f"https://127.0.0.1:{host.port('https')}"
    who = ("-u", f"{address}:{PASSWORD}")
    want = curl("--http1.1", *who, base + "/jmap/session")
    got = curl("--http2", *who, base + "/jmap/session", "-w", "\n%{http_version}")
    same(got, want + b"\n2", "session")
    same(curl("--http2", base + "/nothing", "-o", "/dev/null", "-w",
              "%{http_version} %{http_code}"), b"2 404", "404")
    head = curl("--http2", "-I", base + "/frame").decode()
    for line in ("HTTP/2 200", "x-content-type-options: nosniff",
                 "referrer-policy: no-referrer"):
        need(line in head, f"no {line!r} in {head}")
    need("connection" not in head and "transfer-encoding" not in head, head)
    # Bodies: in, out, packed, refused before they are sent.
    with tempfile.NamedTemporaryFile() as f:
        f.write(bytes(range(256)) * 12000)
        f.flush()
        s = json.loads(want)
        up = base + "/jmap/upload/" + list(s["accounts"])[0] + "/"
        blob = json.loads(curl("--http2", *who, "--data-binary", "@" + f.name,
                               "-H", "Content-Type: image/png", up))
        same(blob["size"], 256 * 12000, "upload")
        down = base + f"/jmap/download/{blob['accountId']}/{blob['blobId']}/x"
        same(curl("--http2", *who, down), bytes(range(256)) * 12000, "download")
        code = curl("--http2", "--data-binary", "@" + f.name, "-o", "/dev/null",
                    "-H", "Content-Type: application/json", "-w", "%{http_code}",
                    base + "/login")
        same(code, b"413", "too big")
    echo = {"using": JMAP, "methodCalls":
            [["Core/echo", {"x": "abc" * 200000}, "c"]]}
    plain, packed = (json.loads(curl(
        "--http2", *who, *more, "-H", "Content-Type: application/json",
        "--data-binary", json.dumps({**echo, "methodCalls": [
            ["Core/echo", {"x": ["abc"] * 9000}, "c"]]}), base + "/jmap/api"))
        for more in ((), ("--compressed",)))
    same(plain, packed, "packed")


@test
def http2_sends_many_at_a_time(host, name):
    done = subprocess.run(
        ["h2load", "-n", "2000", "-c", "8", "-m", "30",
         f"https://127.0.0.1:{host.port('https')}/help/setup"],
        capture_output=True, timeout=60).stdout.decode()
    need("Application protocol: h2" in done, done)
    need("2000 succeeded, 0 failed, 0 errored, 0 timeout" in done, done)


@test
def http2_obeys_the_windows(host, name):
    # A window of ten bytes: no more comes until it is opened.
    c = H2(host, struct.pack(">HI", 4, 10))
    c.get(1, b"/help/setup")
    data = c.until(DATA)[3]
    same(len(data), 10, "first bytes")
    # Meanwhile another stream and a ping are answered.
    c.frame(PING, 0, 0, b"12345678")
    same(c.until(PING)[3], b"12345678", "ping")
    c.get(3, b"/healthz-nothing")
    same(c.until(HEADERS, 3)[2], 3, "another stream")
    c.frame(WINDOW, 0, 1, struct.pack(">I", 1 << 20))
    whole = Web(host).get("/help/setup").body
    same(data + c.body(1), whole, "all of it")


@test
def http2_streams_events(host, name):
    address = account(host, name)
    c = H2(host)
    token = base64.b64encode(f"{address}:{PASSWORD}".encode())
    c.get(1, b"/jmap/eventsource?types=*&closeafter=no&ping=0",
          [(b"authorization", b"Basic " + token)])
    same(c.until(DATA, 1)[3], b":\n\n", "greeting")
    c.get(3, b"/frame")
    need(b"<body>" in c.body(3), "another stream")
    deliver(host, address, "one")
    need(b"StateChange" in c.until(DATA, 1)[3], "event")
    c.frame(RST, 0, 1, struct.pack(">I", 8))
    c.get(5, b"/frame")
    need(b"<body>" in c.body(5), "after the reset")


@test
def http2_refuses_what_keeps_it_busy(host, name):
    # Rapid reset.
    c = H2(host)
    try:
        for i in range(300):
            c.get(2 * i + 1, b"/help/setup")
            c.frame(RST, 0, 2 * i + 1, struct.pack(">I", 8))
    except OSError:
        pass
    need(c.ends_calm(), "rapid reset")
    # A head that never ends.
    c = H2(host)
    c.frame(HEADERS, 1, 1, c.head(b"/"))
    try:
        for i in range(1000):
            c.frame(CONTINUATION, 0, 1, b"\x00" + text(b"x") + text(b"y" * 50))
    except OSError:
        pass
    try:
        while True:
            c.next()
    except ConnectionError:
        pass
    # Frames with nothing in them.
    c = H2(host)
    try:
        for i in range(5000):
            c.frame(PING, 0, 0, b"12345678")
    except OSError:
        pass
    need(c.ends_calm(), "pings")
    # More streams than are let in at a time.
    c = H2(host, struct.pack(">HI", 4, 0))
    for i in range(40):
        c.get(2 * i + 1, b"/help/setup")
    same(struct.unpack(">I", c.until(RST)[3])[0], 7, "refused stream")
    # Too many fields, and ones that would be two in HTTP/1.1.
    c = H2(host)
    c.get(1, b"/", [(b"x%d" % i, b"y" * 100) for i in range(60)])
    block = c.head(b"/", fields=[(b"x", b"y" * 15000), (b"z", b"y" * 2000)])
    c.frame(HEADERS, 1, 3, block[:16000])
    c.frame(CONTINUATION, 4, 3, block[16000:])
    c.get(5, b"/ HTTP/1.1\r\nX: y")
    c.get(7, b"/frame", [(b"host", b"b.example")])
    seen = {}
    try:
        while len(seen) < 4:
            kind, _, stream, data = c.next()
            if kind in (HEADERS, RST) and stream not in seen:
                seen[stream] = (kind, data)
    except ConnectionError:
        pass
    for stream in (3, 5, 7):
        need(stream in seen, f"no answer on {stream}")
    need(seen[5][0] == RST or b"400" in seen[5][1] or b"\x8c" in seen[5][1],
         f"a path of two lines: {seen[5]}")
    same(Web(host).get("/frame").status, 200, "the host is well")
