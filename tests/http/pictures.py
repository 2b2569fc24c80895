"""Pictures of other hosts, fetched without a trace; answers that are packed."""
import gzip
import http.server
import json
import threading
import urllib.parse

from browser import Web
from world import JMAP, account, check_safe, login, test

from lib.runner import need, same

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


class Elsewhere(threading.Thread):
    """A web server at one address, which keeps what it was asked."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.path, dict(self.headers)))
                status, headers, body = outer.answer(self.path)
                self.send_response(status)
                for k, v in headers.items():
                    self.send_header(k, v)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.server.handle_error = lambda *_: None  # the client may go
        self.port = self.server.server_address[1]
        self.start()

    def run(self):
        self.server.serve_forever()

    def answer(self, path):
        if path.startswith("/to/"):
            return 302, {"Location": urllib.parse.unquote(path[4:])}, b""
        return {
            "/a.png": (200, {"Content-Type": "image/png"}, PNG),
            "/loop": (302, {"Location": "/loop"}, b""),
            "/lie.png": (200, {"Content-Type": "image/png"}, b"<html>" * 99),
            "/a.svg": (200, {"Content-Type": "image/svg+xml"}, b"<svg/>" * 9),
            "/page": (200, {"Content-Type": "text/html"}, PNG),
            "/big.png": (200, {"Content-Type": "image/png"}, PNG * 6000),
        }.get(path, (404, {}, b""))


def picture(w, url):
    return w.get("/image?url=" + urllib.parse.quote(url, safe=""),
                 {"Referer": "http://127.0.0.1/mail/secret"})


@test
def pictures_are_fetched_without_a_trace(host, name):
    w = login(host, account(host, name))
    there = Elsewhere("127.0.0.2")
    url = f"http://pictures.example:{there.port}"
    a = picture(w, url + "/a.png")
    same((a.status, a.body, a.headers["Content-Type"]), (200, PNG, "image/png"),
         "picture")
    check_safe(a, "/image")
    need("sandbox" in a.headers["Content-Security-Policy"], "policy")
    path, headers = there.asked[-1]
    same(path, "/a.png", "path")
    same(set(headers), {"Host", "Accept"}, "what the other host sees")
    same(picture(w, url + "/to/" + urllib.parse.quote(url + "/a.png", safe=""))
         .body, PNG, "redirect")
    for path, want in (("/lie.png", 415), ("/a.svg", 415), ("/page", 415),
                       ("/none.png", 404), ("/big.png", 413),
                       ("/loop", 502)):
        same(picture(w, url + path).status, want, path)
    same(Web(host).get("/image?url=" + url + "/a.png").status, 401, "no login")
    same(w.get("/image?url=" + url + "/a.png",
               {"Sec-Fetch-Site": "cross-site"}).status, 403, "foreign page")
    same(w.get("/image").status, 400, "no url")


@test
def private_addresses_are_never_asked(host, name):
    w = login(host, account(host, name))
    there = Elsewhere("127.0.0.2")
    private = Elsewhere("127.0.0.1")
    p = private.port
    same(picture(w, f"http://127.0.0.2:{there.port}/a.png").status, 200,
         "the network that is allowed")
    urls = [f"http://127.0.0.1:{p}/a.png",
            f"http://localhost:{p}/a.png",
            f"http://loopback.example:{p}/a.png",
            f"http://[::1]:{p}/a.png",
            f"http://[::ffff:127.0.0.1]:{p}/a.png",
            f"http://[::ffff:7f00:1]:{p}/a.png",
            f"http://[0:0:0:0:0:ffff:127.0.0.1]:{p}/a.png",
            f"http://[64:ff9b::7f00:1]:{p}/a.png",
            f"http://127.1:{p}/a.png", f"http://2130706433:{p}/a.png",
            f"http://0x7f000001:{p}/a.png", f"http://0177.0.0.1:{p}/a.png",
            f"http://127.0.0.1.:{p}/a.png", f"http://0:{p}/a.png",
            f"http://0.0.0.0:{p}/a.png",
            f"http://10.0.0.1:{p}/a.png", f"http://169.254.169.254:{p}/a.png",
            f"http://192.168.1.1:{p}/a.png", f"http://100.64.0.1:{p}/a.png",
            f"http://172.16.0.1:{p}/a.png", f"http://[fe80::1]:{p}/a.png",
            f"http://[fc00::1]:{p}/a.png",
            f"http://user@127.0.0.1:{p}/a.png",
            f"ftp://127.0.0.2:{there.port}/a.png", "file:///etc/passwd",
            "http://127.0.0.2:25/a.png"]
    for url in urls:
        a = picture(w, url)
        need(a.status in (403, 404), f"{url}: {a.status}")
    # And by a redirect from one that is allowed.
    for url in urls[:8]:
        a = picture(w, f"http://127.0.0.2:{there.port}/to/"
                    + urllib.parse.quote(url, safe=""))
        need(a.status in (403, 404), f"redirect to {url}: {a.status}")
    same(private.asked, [], "what the private address was asked")


@test
def answers_are_packed_when_asked(host, name):
    w = login(host, account(host, name))
    plain = w.get("/jmap/session")
    same(plain.headers["Content-Encoding"], None, "not asked")
    same(plain.headers["Vary"], "Accept-Encoding", "Vary")
    packed = w.get("/jmap/session", {"Accept-Encoding": "br, gzip"})
    same(packed.headers["Content-Encoding"], "gzip", "asked")
    same(gzip.decompress(packed.body), plain.body, "the same")
    # Much, which goes out in pieces as it is packed.
    request = {"using": JMAP, "methodCalls":
               [["Core/echo", {"x": [{"n": i} for i in range(100000)]}, "c"]]}
    answers = [w.ask("POST", "/jmap/api", json.dumps(request).encode(),
                     {"Content-Type": "application/json", "Origin": w.origin,
                      "Accept-Encoding": coding}) for coding in ("", "gzip")]
    same([a.status for a in answers], [200, 200], "status")
    same(answers[1].headers["Transfer-Encoding"], "chunked", "in chunks")
    same(gzip.decompress(answers[1].body), answers[0].body, "the same")
    need(len(answers[1].body) * 3 < len(answers[0].body), "hardly smaller")
