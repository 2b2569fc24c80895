"""A browser, and an answer to it that goes on."""
import base64
import http.client
import json
import socket

from lib.host import any_certificate
from lib.runner import Wrong, same


class Answer:
    def __init__(self, r):
        self.status = r.status
        self.headers = r.headers
        self.body = r.read()

    def json(self):
        return json.loads(self.body)


class Web:
    """A browser, roughly: one origin, its cookies."""

    def __init__(self, host, tls=False):
        self.host = host
        self.tls = tls
        self.port = host.port("https" if tls else "http")
        self.cookies = {}
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def ask(self, method, path, body=None, headers=None, cookies=True):
        if self.tls:
            c = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20,
                                            context=any_certificate())
        else:
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        h = dict(headers or {})
        if cookies and self.cookies:
            h["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        c.request(method, path, body, h)
        a = Answer(c.getresponse())
        c.close()
        for line in a.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return a

    def get(self, path, headers=None, **more):
        return self.ask("GET", path, None, headers, **more)

    def post(self, path, value=None, **more):
        """As the page does it."""
        body = b"" if value is None else json.dumps(value).encode()
        return self.ask("POST", path, body,
                        {"Content-Type": "application/json",
                         "Origin": self.origin}, **more)

    def basic(self, method, path, user, password, headers=None):
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        return self.ask(method, path, None,
                        {"Authorization": "Basic " + token, **(headers or {})},
                        cookies=False)

    def stream(self, path):
        return Stream(self, path)


class Stream:
    """An answer that goes on."""

    def __init__(self, web, path):
        self.socket = socket.create_connection(("127.0.0.1", web.port), 20)
        cookie = "; ".join(f"{k}={v}" for k, v in web.cookies.items())
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                            f"Cookie: {cookie}\r\n\r\n".encode())
        same(self.socket.recv(12), b"HTTP/1.1 200", "stream")

    def ends(self):
        self.socket.settimeout(20)
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        except OSError as e:
            raise Wrong(f"the stream goes on ({e})")
