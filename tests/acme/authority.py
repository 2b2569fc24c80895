"""A small ACME authority of the test, for what pebble lacks: renewal
information (RFC 9773).  It believes every proof, checks signatures not at
all, and gives certificates that live 90 days.

    with Authority9773(ca) as ca:
        ca.directory, ca.orders, ca.window = (from, until)
"""
import base64
import http.server
import json
import ssl
import subprocess
import threading
import time


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Authority9773:
    def __init__(self, authority):
        self.authority = authority
        self.orders = []  # the payloads of newOrder
        self.asked = []   # names of renewalInfo
        self.window = None
        self.certificates = {}
        self.refuse = 0   # so many new orders are answered 429
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      self.handler())
        c = authority.context("localhost")
        self.server.socket = c.wrap_socket(self.server.socket, server_side=True)
        self.base = f"https://localhost:{self.server.server_port}"
        self.directory = self.base + "/dir"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def sign(self, der):
        d = self.authority.dir
        n = len(self.certificates)
        (d / f"{n}.der").write_bytes(der)
        names = subprocess.run(
            ["openssl", "req", "-inform", "DER", "-in", f"{n}.der", "-noout",
             "-text"], cwd=d, check=True, capture_output=True).stdout.decode()
        alt = [row.strip() for row in names.splitlines() if "DNS:" in row][0]
        (d / "ext9773").write_text(
            f"subjectAltName={alt}\nauthorityKeyIdentifier=keyid\n")
        self.authority.openssl(
            "req", "-inform", "DER", "-in", f"{n}.der", "-out", f"{n}.csr")
        self.authority.openssl(
            "x509", "-req", "-in", f"{n}.csr", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", "90", "-extfile", "ext9773",
            "-out", f"{n}.crt")
        self.certificates[n] = (d / f"{n}.crt").read_bytes()
        return n

    def handler(self):
        ca = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, status, value=None, location=None, body=None,
                       more=()):
                if body is None:
                    body = b"" if value is None else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Replay-Nonce", f"n{time.time_ns()}")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                if location:
                    self.send_header("Location", location)
                for k, v in more:
                    self.send_header(k, v)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if self.path == "/dir":
                    self.answer(200, {
                        "newNonce": ca.base + "/nonce",
                        "newAccount": ca.base + "/account",
                        "newOrder": ca.base + "/order",
                        "renewalInfo": ca.base + "/renew"})
                elif self.path == "/nonce":
                    self.answer(204)
                elif self.path.startswith("/renew/"):
                    ca.asked.append(self.path[7:])
                    self.answer(200, {"suggestedWindow": {
                        "start": stamp(ca.window[0]),
                        "end": stamp(ca.window[1])}},
                        more=[("Retry-After", "21600")])
                else:
                    self.answer(404)

            def do_POST(self):
                n = int(self.headers["Content-Length"])
                jws = json.loads(self.rfile.read(n))
                payload = unbase64(jws["payload"])
                path = self.path.split("/")
                if path[1] == "account":
                    self.answer(201, {"status": "valid"}, ca.base + "/acct/1")
                elif path[1] == "order" and len(path) == 2:
                    if ca.refuse:
                        ca.refuse -= 1
                        self.answer(429, {"type": "urn:ietf:params:acme:error:"
                                          "rateLimited", "detail": "slowly"},
                                    more=[("Retry-After", "7200")])
                        return
                    ca.orders.append(json.loads(payload))
                    i = len(ca.orders) - 1
                    self.answer(201, {
                        "status": "ready", "authorizations": [],
                        "finalize": f"{ca.base}/finalize/{i}"},
                        f"{ca.base}/order/{i}")
                elif path[1] == "finalize":
                    i = ca.sign(unbase64(json.loads(payload)["csr"]))
                    self.answer(200, {"status": "valid", "authorizations": [],
                                      "certificate": f"{ca.base}/cert/{i}"})
                elif path[1] == "cert":
                    self.answer(200, body=ca.certificates[int(path[2])])
                else:
                    self.answer(404)
        return Handler
