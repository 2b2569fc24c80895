"""JMAP over WebSocket."""
import base64
import json
import socket
import struct

from browser import Web
from world import JMAP, PASSWORD, account, deliver, login, test

from lib.runner import need, same


class Socket:
    """A client of its own: frames by hand, so that wrong ones can be sent."""

    def __init__(self, web, headers=None, protocol="jmap", path="/jmap/socket"):
        self.socket = socket.create_connection(("127.0.0.1", web.port), 20)
        self.file = self.socket.makefile("rb")
        fields = {"Host": f"127.0.0.1:{web.port}", "Upgrade": "websocket",
                  "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                  "Sec-WebSocket-Protocol": protocol, "Origin": web.origin,
                  "Cookie": "; ".join(f"{k}={v}" for k, v in web.cookies.items()),
                  **(headers or {})}
        head = "".join(f"{k}: {v}\r\n" for k, v in fields.items() if v)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
        self.status = int(self.file.readline().split()[1])
        self.fields = {}
        while True:
            line = self.file.readline().decode().strip()
            if not line:
                break
            k, v = line.split(": ", 1)
            self.fields[k] = v

    def frame(self, first, data):
        n = len(data)
        head = bytes([first, 128 | n]) if n < 126 else \
            bytes([first, 254]) + struct.pack(">H", n) if n < 65536 else \
            bytes([first, 255]) + struct.pack(">Q", n)
        mask = b"\x0a\x0b\x0c\x0d"
        self.socket.sendall(head + mask + bytes(
            c ^ mask[i & 3] for i, c in enumerate(data)))

    def send(self, value):
        self.frame(0x81, value if isinstance(value, bytes)
                   else json.dumps(value).encode())

    def next(self):
        """(opcode, payload) of the next message or control frame."""
        kind, data = None, b""
        while True:
            head = self.file.read(2)
            if len(head) < 2:
                raise ConnectionError("closed")
            n = head[1]
            need(n < 128, "the server does not mask")
            if n == 126:
                n, = struct.unpack(">H", self.file.read(2))
            elif n == 127:
                n, = struct.unpack(">Q", self.file.read(8))
            data += self.file.read(n)
            kind = head[0] & 15 or kind
            if head[0] & 128:
                return kind, data

    def hear(self):
        kind, data = self.next()
        same(kind, 1, "text")
        return json.loads(data)

    def code(self):
        """That of the close frame which comes."""
        kind, data = self.next()
        same(kind, 8, "close")
        return struct.unpack(">H", data[:2])[0]


@test
def websocket_needs_login_and_own_page(host, name):
    w = login(host, account(host, name))
    same(Socket(w).status, 101, "cookie")
    same(Socket(w).fields["Sec-WebSocket-Accept"],
         "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "accept")
    same(Socket(w, {"Origin": "http://evil.example"}).status, 403, "foreign")
    same(Socket(w, {"Origin": None}).status, 403, "no origin")
    same(Socket(w, protocol="mqtt").status, 400, "protocol")
    same(Socket(w, {"Sec-WebSocket-Version": "8"}).status, 426, "version")
    same(Socket(w, {"Upgrade": None}).status, 426, "no upgrade")
    same(Socket(Web(host)).status, 401, "nobody")
    token = base64.b64encode(f"{name}@customer.example:{PASSWORD}".encode())
    same(Socket(Web(host), {"Origin": None, "Authorization":
                            "Basic " + token.decode()}).status, 101, "Basic")
    url = w.get("/jmap/session").json()["capabilities"][
        "urn:ietf:params:jmap:websocket"]
    same(url, {"url": f"ws://127.0.0.1:{w.port}/jmap/socket",
               "supportsPush": True}, "capability")


@test
def websocket_carries_requests(host, name):
    w = login(host, account(host, name))
    s = Socket(w)
    s.send({"@type": "Request", "id": "r1", "using": JMAP,
            "methodCalls": [["Core/echo", {"x": 1}, "c"]]})
    a = s.hear()
    same((a["@type"], a["requestId"], a["methodResponses"]),
         ("Response", "r1", [["Core/echo", {"x": 1}, "c"]]), "answer")
    need("sessionState" in a, "sessionState")
    s.send({"@type": "Request", "using": JMAP + ["urn:no"], "methodCalls": []})
    a = s.hear()
    same((a["@type"], a["type"], "requestId" in a),
         ("RequestError", "urn:ietf:params:jmap:error:unknownCapability", False),
         "error")
    s.send(b"{nonsense")
    same(s.hear()["type"], "urn:ietf:params:jmap:error:notJSON", "not JSON")
    s.send({"@type": "Other", "id": "r2"})
    a = s.hear()
    same((a["type"], a["requestId"]),
         ("urn:ietf:params:jmap:error:notRequest", "r2"), "other type")
    big = "x" * 300000
    s.send({"@type": "Request", "id": "r3", "using": JMAP,
            "methodCalls": [["Core/echo", {"big": big}, "c"]]})
    same(s.hear()["methodResponses"][0][1]["big"], big, "much")
    s.frame(0x89, b"are you there")
    same(s.next(), (10, b"are you there"), "pong")
    s.frame(0x82, b"binary")
    same(s.code(), 1003, "binary")
    for data, code in ((b"\x81\x01x", 1002), (b"\xc1\x80aaaa", 1002),
                       (b"\x81\xff\x7f" + b"\xff" * 7 + b"aaaa", 1009)):
        s = Socket(w)
        s.socket.sendall(data)
        same(s.code(), code, repr(data))


@test
def websocket_pushes(host, name):
    address = account(host, name)
    w = login(host, address)
    s = Socket(w)
    s.send({"@type": "WebSocketPushEnable", "dataTypes": ["Email", "Mailbox"]})
    s.send({"@type": "Request", "id": "a", "using": JMAP, "methodCalls": []})
    same(s.hear()["requestId"], "a", "in order")
    deliver(host, address, "one")
    a = s.hear()
    same(a["@type"], "StateChange", "push")
    same(set(list(a["changed"].values())[0]), {"Email", "Mailbox"}, "types")
    state = a["pushState"]
    s.send({"@type": "WebSocketPushDisable"})
    s.send({"@type": "Request", "id": "b", "using": JMAP, "methodCalls": []})
    same(s.hear()["requestId"], "b", "disabled")
    deliver(host, address, "two")
    s.send({"@type": "Request", "id": "c", "using": JMAP, "methodCalls": []})
    same(s.hear()["requestId"], "c", "nothing was pushed")
    # New mail alone, not what is made of it.
    s = Socket(w)
    s.send({"@type": "WebSocketPushEnable", "dataTypes": ["EmailDelivery"]})
    s.send({"@type": "Request", "id": "d", "using": JMAP, "methodCalls": []})
    same(s.hear()["requestId"], "d", "in order")
    deliver(host, address, "three")
    same(set(list(s.hear()["changed"].values())[0]), {"EmailDelivery"},
         "delivery")
    # Who comes again hears what it missed.
    s = Socket(w)
    s.send({"@type": "WebSocketPushEnable", "pushState": state})
    same(s.hear()["@type"], "StateChange", "missed")


@test
def websocket_ends_with_its_login(host, name):
    address = account(host, name)
    w, other = login(host, address), login(host, address)
    s = Socket(other)
    key = w.get("/account/sessions").json()["sessions"][0]["id"]
    same(w.post("/account/sessions/end", {"id": key}).status, 204, "end")
    same(s.code(), 1001, "going")
