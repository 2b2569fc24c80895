#!/usr/bin/env python3
"""What the http role serves besides JMAP's methods, over real HTTP: the files of
the web part, logins and sessions, second factors, app passwords, the image
proxy, WebSocket.

    run.py [--posthus P] [--list] [NAME...]

One host serves all tests; each test makes an account of its own.
"""
import argparse
import base64
import gzip
import hashlib
import hmac
import http.client
import http.server
import json
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import ROOT, Host, any_certificate  # noqa: E402
from lib.mail import Imap, Refused  # noqa: E402
from lib.nsd import Nsd  # noqa: E402

SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8", "server.drain": "3s",
    "http.image_networks": "127.0.0.2/32", "http.image_size": "1M",
}
ZONES = {"pictures.example": "@ A 127.0.0.2\n",
         "loopback.example": "@ A 127.0.0.1\n@ AAAA ::1\n"}
PASSWORD = "secret-word"
SECOND = 10 ** 6
TESTS = []


class Wrong(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def need(condition, words):
    if not condition:
        raise Wrong(words)


def same(got, want, what=""):
    if got != want:
        raise Wrong(f"{what}: {got!r}, not {want!r}")


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
        self.socket = socket.create_connection(("127.0.0.1", web.port), 10)
        cookie = "; ".join(f"{k}={v}" for k, v in web.cookies.items())
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                            f"Cookie: {cookie}\r\n\r\n".encode())
        same(self.socket.recv(12), b"HTTP/1.1 200", "stream")

    def ends_within(self, seconds):
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        except OSError as e:
            raise Wrong(f"the stream goes on ({e})")


# ---- files ----


@test
def root_leads_to_the_webmail(host, name):
    w = Web(host)
    a = w.get("/")
    same((a.status, a.headers["Location"]), (302, "/mail/"), "/")
    a = w.get("/settings")
    same((a.status, a.headers["Location"]), (308, "/settings/"), "/settings")
    same(w.ask("POST", "/mail/").status, 405, "POST")


def check_safe(a, path):
    same(a.headers["X-Content-Type-Options"], "nosniff", path)
    same(a.headers["Referrer-Policy"], "no-referrer", path)
    same(a.headers["Cross-Origin-Resource-Policy"], "same-origin", path)
    same(a.headers["Cross-Origin-Opener-Policy"], "same-origin", path)
    need("default-src 'none'" in a.headers["Content-Security-Policy"], path)


@test
def every_answer_has_the_safe_headers(host, name):
    w = Web(host)
    for path in ("/", "/mail/", "/mail/folder/7", "/settings/", "/admin/x",
                 "/assets/none.js", "/frame", "/help/", "/nothing-here",
                 "/jmap/session"):
        check_safe(w.get(path), path)


@test
def frame_has_no_scripts(host, name):
    a = Web(host).get("/frame")
    same(a.status, 200, "status")
    same(a.headers["Content-Security-Policy"],
         "sandbox allow-popups allow-popups-to-escape-sandbox "
         "allow-same-origin; default-src 'none'; img-src data: 'self'; "
         "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
         "frame-ancestors 'self'", "policy")
    same(a.headers["Cache-Control"], "private, no-store", "cache")
    need(b"<script" not in a.body, "a script")


def manifest():
    path = ROOT / "web/dist/manifest.json"
    return json.loads(path.read_text()) if path.is_file() else None


@test
def r12_shell_is_the_page_that_was_built(host, name):
    w = Web(host)
    a = w.get("/mail/")
    same(a.status, 200, "status")
    same(a.headers["Content-Type"], "text/html; charset=utf-8", "type")
    m = manifest()
    if not m:
        need(b"not in this build" in a.body and b"npm" in a.body, "no words")
        return
    want = (ROOT / "web/dist" / m["shell"]).read_bytes()
    for path in ("/mail/", "/mail/a/b", "/settings/", "/admin/x"):
        need(w.get(path).body == want, f"{path} is another page")
    # The policy lets exactly the inline style of the page pass.
    style = re.search(rb"<style>(.*?)</style>", want, re.S).group(1)
    digest = hashlib.sha256(style).digest()
    source = "'sha256-" + base64.b64encode(digest).decode() + "'"
    policy = a.headers["Content-Security-Policy"]
    need(f"style-src 'self' {source};" in policy, policy)
    need("script-src 'self';" in policy, policy)
    need("frame-ancestors 'none'" in policy, policy)
    tag = a.headers["ETag"]
    again = w.get("/mail/", {"If-None-Match": tag})
    same((again.status, again.body), (304, b""), "If-None-Match")
    same(w.get("/mail/", {"If-None-Match": '"other"'}).status, 200, "other tag")
    packed = w.get("/mail/", {"Accept-Encoding": "gzip, br"})
    same(packed.headers["Content-Encoding"], "gzip", "coding")
    need(gzip.decompress(packed.body) == want, "packed")
    same(packed.headers["Vary"], "Accept-Encoding", "Vary")
    head = w.ask("HEAD", "/mail/")
    same((head.status, head.body), (200, b""), "HEAD")
    same(int(head.headers["Content-Length"]), len(want), "HEAD length")


@test
def assets_are_kept_for_ever(host, name):
    w = Web(host)
    m = manifest()
    same(w.get("/assets/nothing-00000000.js").status, 404, "none")
    same(w.get("/assets/../index.html").status, 400, "dots")
    for f in (m or {"files": []})["files"]:
        if not f["path"].startswith("assets/"):
            continue
        want = (ROOT / "web/dist" / f["path"]).read_bytes()
        plain = w.get("/" + f["path"], {"Accept-Encoding": "gzip;q=0"})
        same(plain.status, 200, f["path"])
        need(plain.body == want, f["path"])
        same(plain.headers["Content-Type"], f["type"], f["path"])
        same(plain.headers["Cache-Control"],
             "public, max-age=31536000, immutable", f["path"])
        packed = w.get("/" + f["path"], {"Accept-Encoding": "gzip"})
        need(gzip.decompress(packed.body) == want, f["path"])
        same(len(packed.body), f["gzip"], f["path"])



# ---- logins ----


def account(host, name):
    address = f"{name}@customer.example"
    host.account(address, PASSWORD)
    return address


def login(host, address, password=PASSWORD, tls=False, **more):
    """A browser that is logged in."""
    w = Web(host, tls)
    a = w.post("/login", {"username": address, "password": password,
                          "remember": False, **more})
    same(a.status, 200, f"login ({a.body!r})")
    same(a.json(), {"username": address}, "login")
    return w


@test
def login_gives_a_cookie(host, name):
    address = account(host, name)
    for tls in (False, True):
        w = Web(host, tls)
        same(w.get("/login").status, 401, "before")
        a = w.post("/login", {"username": address, "password": PASSWORD,
                              "remember": True})
        same(a.status, 200, "login")
        cookie = a.headers["Set-Cookie"]
        want = {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=2592000"}
        if tls:
            want.add("Secure")
        parts = cookie.split("; ")
        same(set(parts[1:]), want, "cookie")
        same(parts[0].split("=")[0], "__Host-posthus" if tls else "posthus",
             "name")
        need(len(parts[0].split("=")[1]) == 43, "token")
        same(w.get("/login").json(), {"username": address}, "who")
        s = w.get("/jmap/session").json()
        same(s["username"], address, "JMAP by the cookie")
        browser = dict(w.cookies)
        same(w.post("/logout").status, 204, "logout")
        same(w.cookies, {}, "after logout")
        w.cookies = browser
        same(w.get("/login").status, 401, "an old cookie")
        same(w.post("/logout").status, 204, "logout once more")


@test
def login_says_what_is_wrong(host, name):
    address = account(host, name)
    w = Web(host)
    a = w.post("/login", {"username": address, "password": "no"})
    same(a.status, 401, "status")
    same(a.json(), {"type": "wrong", "status": 401,
                    "detail": "Wrong user name or password",
                    "reference": "A-WRONG"}, "wrong")
    same(a.headers["WWW-Authenticate"], None, "a page has a form")
    nobody = w.post("/login", {"username": "no-" + address, "password": "no"})
    same(nobody.json(), a.json(), "a name that is none")
    a = w.post("/login", {"username": address.upper(), "password": PASSWORD})
    same((a.status, a.json()["detail"]),
         (401, "write the user name in lowercase"), "case")
    for body in (b"", b"[]", b'"x"', b"{", b'{"username": 5}',
                 b'{"username":"a","password":["b"]}', b"x" * 8000):
        a = w.ask("POST", "/login", body, {"Content-Type": "application/json"})
        same(a.status, 400, repr(body[:30]))
    same(w.ask("POST", "/login", b"x" * 10000,
               {"Content-Type": "application/json"}).status, 413, "too big")
    a = w.ask("POST", "/login",
              json.dumps({"username": address, "password": PASSWORD}).encode(),
              {"Content-Type": "text/plain"})
    same(a.status, 400, "no preflight is needed for text/plain")
    host.cli("account", "suspend", address, "--login")
    a = w.post("/login", {"username": address, "password": PASSWORD})
    same((a.status, a.json()["type"], a.json()["reference"]),
         (403, "suspended", "A-SUSPENDED"), "suspended")


@test
def suspension_ends_what_a_session_may(host, name):
    address = account(host, name)
    w = login(host, address)
    host.cli("account", "suspend", address, "--login")
    same(w.get("/login").status, 403, "suspended")
    host.cli("account", "resume", address, "--login")
    same(w.get("/login").status, 200, "resumed")


@test
def r25_throttle_is_one_for_all(host, name):
    address = account(host, name)
    w = Web(host)
    same(w.post("/login", {"username": address, "password": "a"}).status, 401,
         "first")
    same(w.basic("GET", "/jmap/session", address, "b").status, 401, "second")
    imap_refused(host, address, "c", "AUTHENTICATIONFAILED")
    a = w.post("/login", {"username": address, "password": PASSWORD})
    same((a.status, a.json()["type"], a.json()["reference"]),
         (429, "throttled", "A-LOCKED"), "fourth")
    need(1 <= int(a.headers["Retry-After"]) <= 60, "Retry-After")
    same(w.basic("GET", "/jmap/session", address, PASSWORD).status, 429,
         "Basic")
    imap_refused(host, address, PASSWORD, "UNAVAILABLE")
    host.clock_add(61 * SECOND)
    same(w.post("/login", {"username": address, "password": PASSWORD}).status,
         200, "a minute later")


@test
def only_pages_of_this_host_may_change(host, name):
    address = account(host, name)
    w = login(host, address)
    body = {"using": ["urn:ietf:params:jmap:core"], "methodCalls": []}
    own, port = w.origin, w.port
    for headers, want in (
            ({"Origin": own}, 200),
            ({"Origin": own.upper().replace("HTTP", "http")}, 200),
            ({"Sec-Fetch-Site": "same-origin"}, 200),
            ({}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": ""}, 403),
            ({"Origin": "http://evil.example"}, 403),
            ({"Origin": f"http://127.0.0.1:{port}.evil.example"}, 403),
            ({"Origin": f"http://127.0.0.1:{port + 1}"}, 403),
            ({"Origin": "http://127.0.0.1"}, 403),
            ({"Origin": f"ftp://127.0.0.1:{port}"}, 403),
            ({"Origin": "http://evil.example",
              "Sec-Fetch-Site": "same-origin"}, 403),
            ({"Sec-Fetch-Site": "same-site"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "none"}, 403)):
        for path in ("/jmap/api", "/logout"):
            if path == "/logout" and want == 200:
                continue
            a = w.ask("POST", path, json.dumps(body).encode(),
                      {"Content-Type": "application/json", **headers})
            same(a.status, want, f"{path} {headers}")
    same(w.get("/jmap/session").status, 200, "GET needs none")
    # A page in clear is not that of a host with TLS.
    t = login(host, address, tls=True)
    for origin, want in ((t.origin, 200), (t.origin.replace("s:", ":"), 403)):
        a = t.ask("POST", "/jmap/api", json.dumps(body).encode(),
                  {"Content-Type": "application/json", "Origin": origin})
        same(a.status, want, origin)
    # Logins, and what a browser remembers of Basic.
    a = w.ask("POST", "/login",
              json.dumps({"username": address, "password": PASSWORD}).encode(),
              {"Content-Type": "application/json",
               "Origin": "http://evil.example"}, cookies=False)
    same((a.status, a.headers["Set-Cookie"]), (403, None), "login")
    a = w.basic("POST", "/jmap/api", address, PASSWORD,
                {"Origin": "http://evil.example"})
    same(a.status, 403, "Basic from a foreign page")


@test
def programs_are_asked_for_basic_and_pages_not(host, name):
    w = Web(host)
    a = w.get("/jmap/session")
    same(a.headers["WWW-Authenticate"],
         'Basic realm="Posthus", charset="UTF-8"', "program")
    a = w.get("/jmap/session", {"Sec-Fetch-Site": "same-origin"})
    same((a.status, a.headers["WWW-Authenticate"]), (401, None), "page")
    w.cookies["posthus"] = "A" * 43
    a = w.get("/jmap/session")
    same((a.status, a.headers["WWW-Authenticate"]), (401, None), "old cookie")


@test
def sessions_survive_a_restart(host, name):
    address = account(host, name)
    w = login(host, address)
    w.keep = login(host, address, remember=True)
    host.stop()
    host.start()
    same(w.get("/login").status, 200, "after the restart")
    host.clock_add(13 * 3600 * SECOND)
    same(w.get("/login").status, 401, "idle for 13 hours")
    same(w.keep.get("/login").status, 200, "remembered")
    host.clock_add(30 * 24 * 3600 * SECOND)
    same(w.keep.get("/login").status, 401, "after 30 days")


@test
def sessions_are_listed_and_end(host, name):
    address = account(host, name)
    w, other = login(host, address), login(host, address)
    list_ = w.get("/account/sessions").json()["sessions"]
    same([s["current"] for s in list_], [False, True], "newest first")
    same({s["ip"] for s in list_}, {"127.0.0.1"}, "ip")
    stream = other.stream("/jmap/eventsource?types=*&closeafter=no&ping=0")
    a = w.post("/account/sessions/end", {"id": list_[0]["id"]})
    same(a.status, 204, "end")
    same(other.get("/login").status, 401, "ended")
    stream.ends_within(5)
    same(w.post("/account/sessions/end", {"id": list_[0]["id"]}).status, 404,
         "twice")
    login(host, address)
    same(w.post("/account/sessions/end", {"others": True}).status, 204, "others")
    same(len(w.get("/account/sessions").json()["sessions"]), 1, "left")
    # Nobody ends another's.
    stranger = login(host, account(host, "x" + name))
    mine = w.get("/account/sessions").json()["sessions"][0]["id"]
    same(stranger.post("/account/sessions/end", {"id": mine}).status, 404,
         "another's")
    same(w.get("/login").status, 200, "still there")


@test
def a_new_password_ends_the_rest(host, name):
    address = account(host, name)
    w, other = login(host, address), login(host, address)
    imap = Imap(host.port("imap"), address, PASSWORD)
    same(w.post("/account/password", {"password": "no", "new": "long enough"})
         .status, 401, "without the old one")
    for bad in ("short", "", "with\nnewline", "x" * 2000):
        same(w.post("/account/password", {"password": PASSWORD, "new": bad})
             .status, 400, bad[:10])
    a = w.post("/account/password", {"password": PASSWORD,
                                     "new": "another secret"})
    same(a.status, 204, f"change {a.body!r}")
    same(w.get("/login").status, 200, "this session goes on")
    same(other.get("/login").status, 401, "the other does not")
    closes(imap, 5)
    imap_refused(host, address, PASSWORD, "AUTHENTICATIONFAILED")
    imap = Imap(host.port("imap"), address, "another secret")
    found = first_mail(imap)
    need(b"Subject: Your password was changed" in found, "the owner is told")
    need(b"from     127.0.0.1\r\n" in found, "from where")
    need(b"another secret" not in found, "the password itself")


# ---- second factors and app passwords ----


def code(secret, at):
    key = base64.b32decode(secret)
    mac = hmac.new(key, struct.pack(">Q", int(at) // 30), "sha1").digest()
    o = mac[19] & 15
    return "%06d" % ((struct.unpack(">I", mac[o:o + 4])[0] & 0x7fffffff) % 10 ** 6)


def now(host):
    return time.time() + host.clock_ahead() / SECOND


def two_step(host, w):
    """Switch it on; the secret and the recovery codes."""
    same(w.post("/account/totp/begin", {"password": "no"}).status, 401, "begin")
    a = w.post("/account/totp/begin", {"password": PASSWORD}).json()
    need(a["uri"].startswith("otpauth://totp/"), a["uri"])
    need(f"secret={a['secret']}&" in a["uri"], a["uri"])
    same(w.get("/account").json()["totp"]["on"], False, "not yet")
    same(w.post("/account/totp/confirm", {"code": "000000"}).json()["type"],
         "wrong-code", "wrong code")
    r = w.post("/account/totp/confirm", {"code": code(a["secret"], now(host))})
    same(r.status, 200, "confirm")
    same(len(set(r.json()["recovery"])), 10, "recovery codes")
    host.clock_add(60 * SECOND)
    return a["secret"], r.json()["recovery"]


@test
def totp_is_asked_for_and_used_once(host, name):
    address = account(host, name)
    w = login(host, address)
    secret, recovery = two_step(host, w)
    same(w.get("/account").json()["totp"]["on"], True, "on")
    b = Web(host)
    first = {"username": address, "password": PASSWORD}
    a = b.post("/login", first)
    same((a.status, a.json()["type"], a.headers["Set-Cookie"]),
         (401, "totp", None), "without a code")
    same(b.post("/login", {**first, "totp": "123456"}).json()["type"], "wrong",
         "wrong code")
    right = code(secret, now(host))
    same(b.post("/login", {**first, "totp": right}).status, 200, "right code")
    same(b.post("/login", {**first, "totp": right}).status, 401, "again")
    host.clock_add(61 * SECOND)
    same(b.post("/login", {**first, "totp": code(secret, now(host) - 30)})
         .status, 200, "of the step before")
    same(b.post("/login", {**first, "totp": code(secret, now(host) + 90)})
         .status, 401, "of three steps later")
    typed = recovery[0].upper().replace("-", " ")
    same(b.post("/login", {**first, "totp": typed}).status, 200, "recovery")
    same(b.post("/login", {**first, "totp": recovery[0]}).status, 401,
         "recovery again")
    same(w.get("/account").json()["totp"]["recoveryLeft"], 9, "left")
    same(w.post("/account/totp/begin", {"password": PASSWORD}).status, 409,
         "begin while on")
    same(w.post("/account/totp/off", {"password": PASSWORD}).status, 204, "off")
    same(b.post("/login", first).status, 200, "off")


@test
def totp_off_by_the_operator(host, name):
    address = account(host, name)
    two_step(host, login(host, address))
    host.cli("totp", "off", address)
    login(host, address)
    host.cli("totp", "off", address, code=3)


def app_password(w, services, **more):
    a = w.post("/account/app-passwords",
               {"password": PASSWORD, "name": "phone", "services": services,
                **more})
    same(a.status, 200, f"app password {a.body!r}")
    return a.json()["id"], a.json()["secret"]


@test
def programs_need_app_passwords_with_totp(host, name):
    address = account(host, name)
    w = login(host, address)
    imap = Imap(host.port("imap"), address, PASSWORD)
    two_step(host, w)
    closes(imap, 5)
    imap_refused(host, address, PASSWORD, "AUTHORIZATIONFAILED")
    need(b"-ERR [AUTH] Two-step login is on: use an app password" in
         pop3_login(host, address, PASSWORD), "POP3")
    same(smtp_login(host, address, PASSWORD)[:1], ["534-5.7.9 Two-step login "
         "is on: use an app password"], "SMTP")
    a = w.basic("GET", "/jmap/session", address, PASSWORD)
    same(a.status, 401, "JMAP with Basic")
    need("app password" in a.json()["detail"], a.body)
    every = ["imap", "pop3", "smtp", "sieve", "jmap"]
    _, secret = app_password(w, every)
    Imap(host.port("imap"), address, secret)
    need(b"+OK" in pop3_login(host, address, secret), "POP3")
    same(smtp_login(host, address, secret)[0][:3], "235", "SMTP")
    same(w.basic("GET", "/jmap/session", address, secret).status, 200, "JMAP")
    a = w.get("/account/app-passwords").json()["appPasswords"]
    same((a[0]["services"], a[0]["lastService"], a[0]["lastIp"]),
         (every, "jmap", "127.0.0.1"), "list")
    # It opens no session of a browser.
    a = Web(host).post("/login", {"username": address, "password": secret})
    same(a.status, 401, "login page")
    same(w.basic("GET", "/account", address, secret).status, 403, "/account")


@test
def app_passwords_are_for_what_they_say(host, name):
    address = account(host, name)
    w = login(host, address)
    for bad in ({"services": []}, {"services": ["web"]}, {"name": ""},
                {"network": "10.0.0.0/99"}, {"expires": "2020-01-01"},
                {"expires": "2026-02-30"}, {"expires": "soon"}):
        a = w.post("/account/app-passwords",
                   {"password": PASSWORD, "name": "x", "services": ["imap"],
                    **bad})
        same(a.status, 400, repr(bad))
    _, secret = app_password(w, ["pop3"])
    imap_refused(host, address, secret, "AUTHENTICATIONFAILED")
    need(b"+OK" in pop3_login(host, address, secret), "POP3")
    _, secret = app_password(w, ["pop3"], network="192.0.2.0/24")
    need(b"-ERR" in pop3_login(host, address, secret), "another network")
    host.clock_add(61 * SECOND)
    day = time.strftime("%Y-%m-%d", time.gmtime(now(host) + 86400))
    _, secret = app_password(w, ["pop3"], expires=day)
    need(b"+OK" in pop3_login(host, address, secret), "before it expires")
    host.clock_add(3 * 86400 * SECOND)
    need(b"-ERR" in pop3_login(host, address, secret), "expired")


@test
def a_revoked_app_password_ends_its_sessions(host, name):
    address = account(host, name)
    w = login(host, address)
    key, secret = app_password(w, ["imap", "pop3", "smtp"])
    idle = Imap(host.port("imap"), address, secret)
    idle.command("SELECT INBOX")
    idle.socket.sendall(b"x IDLE\r\n")
    need(idle.file.readline().startswith(b"+"), "IDLE")
    mine = Imap(host.port("imap"), address, PASSWORD)
    same(w.post("/account/app-passwords/remove", {"id": key}).status, 401,
         "without the password")
    same(w.post("/account/app-passwords/remove",
                {"id": key, "password": PASSWORD}).status, 204, "removed")
    closes(idle, 5)
    imap_refused(host, address, secret, "AUTHENTICATIONFAILED")
    mine.command("NOOP")


@test
def operators_see_and_revoke(host, name):
    address = account(host, name)
    w = login(host, address)
    made = json.loads(host.cli("app-password", "add", address, "cron",
                               "--service", "smtp", "--json"))
    same(smtp_login(host, address, made["secret"])[0][:3], "235", "SMTP")
    imap_refused(host, address, made["secret"], "AUTHENTICATIONFAILED")
    rows = json.loads(host.cli("app-password", "list", address, "--json"))
    same([(r["name"], r["services"]) for r in rows], [("cron", ["smtp"])], "list")
    host.cli("app-password", "rm", address, str(rows[0]["id"]), "--yes")
    same(smtp_login(host, address, made["secret"])[0][:3], "535", "removed")
    host.cli("app-password", "rm", address, str(rows[0]["id"]), "--yes", code=3)
    rows = json.loads(host.cli("session", "list", address, "--json"))
    same(len(rows), 1, "sessions")
    host.cli("session", "rm", address, str(rows[0]["id"]))
    same(w.get("/login").status, 401, "ended by the operator")
    login(host, address)
    login(host, address)
    host.cli("session", "rm", address)
    same(json.loads(host.cli("session", "list", address, "--json")), [], "all")


def start_link(host, address):
    """The path of a new link."""
    row = json.loads(host.cli("account", "link", address, "--json"))
    need(row["link"].startswith("https://mx.provider.example:"), row)
    return row["link"][row["link"].index("/start/"):]


def choose(w, path, one, two=None):
    return w.ask("POST", path, urllib.parse.urlencode(
        {"username": "x", "password": one, "again": one if two is None else two}),
        {"Content-Type": "application/x-www-form-urlencoded",
         "Origin": "null", "Sec-Fetch-Site": "same-origin"})


@test
def a_link_sets_the_first_password(host, name):
    address = f"{name}@customer.example"
    host.cli("account", "add", address)
    path = start_link(host, address)
    w = Web(host, tls=True)
    for _ in range(2):  # looking uses nothing up
        a = w.get(path)
        same(a.status, 200)
        need(address.encode() in a.body, a.body)
    same(a.headers["Referrer-Policy"], "no-referrer")
    for one, two, words in (("short", None, b"at least 8"),
                            ("long enough", "longer still", b"not the same"),
                            ("control\x01character", None, b"control")):
        a = choose(w, path, one, two)
        same(a.status, 400, one)
        need(words in a.body, a.body)
    need(not w.cookies, w.cookies)
    a = choose(w, path, "gr\u00fcn & wei\u00df + 50%")
    same((a.status, a.headers["Location"]), (303, "/mail/#in"))
    same(w.get("/login").json(), {"username": address})
    login(host, address, "gr\u00fcn & wei\u00df + 50%")
    for a in (w.get(path), choose(w, path, "a second time"),
              w.get("/start/" + "A" * 43), w.get("/start/x")):
        same(a.status, 404)
    login(host, address, "gr\u00fcn & wei\u00df + 50%")


@test
def a_link_leads_operators_to_the_panel(host, name):
    address = f"{name}@customer.example"
    host.cli("account", "add", address)
    host.cli("admin", "add", address, "--operator")
    old, path = start_link(host, address), start_link(host, address)
    w = Web(host, tls=True)
    same(w.get(old).status, 404)
    a = choose(w, path, "operators word")
    same((a.status, a.headers["Location"]), (303, "/admin/#in"))
    same(w.get("/api/v1/domains").status, 200)


@test
def a_link_has_its_time(host, name):
    address = f"{name}@customer.example"
    host.cli("account", "add", address)
    path = start_link(host, address)
    token = path.rpartition("/")[2]
    host.clock_add(31 * 60 * SECOND)
    w = Web(host, tls=True)
    same(w.get(path).status, 404)
    same(choose(w, path, "long enough").status, 404)
    need(token not in host.log_tail(10 ** 7), "the token is in the log")


@test
def signins_say_why(host, name):
    address = account(host, name)
    w = login(host, address)
    imap_refused(host, address, "no", "AUTHENTICATIONFAILED")
    rows = w.get("/account/signins").json()["signins"]
    same([(r["protocol"], r["result"]) for r in rows[:2]],
         [("imap", "wrong"), ("web", "ok")], "attempts")
    same(rows[0]["why"], "wrong password", "why")


# ---- pictures ----

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


# ---- WebSocket ----


class Socket:
    """A client of its own: frames by hand, so that wrong ones can be sent."""

    def __init__(self, web, headers=None, protocol="jmap", path="/jmap/socket"):
        self.socket = socket.create_connection(("127.0.0.1", web.port), 10)
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

    def hear(self, seconds=5):
        self.socket.settimeout(seconds)
        kind, data = self.next()
        same(kind, 1, "text")
        return json.loads(data)

    def code(self):
        """That of the close frame which comes."""
        self.socket.settimeout(5)
        kind, data = self.next()
        same(kind, 8, "close")
        return struct.unpack(">H", data[:2])[0]


JMAP = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"]


def deliver(host, address, subject):
    with socket.create_connection(("127.0.0.1", host.port("smtp")), 10) as s:
        f = s.makefile("rb")
        f.readline()
        for line in ("HELO mx.partner.example", "MAIL FROM:<bo@partner.example>",
                     f"RCPT TO:<{address}>", "DATA"):
            s.sendall(line.encode() + b"\r\n")
            need(f.readline()[:1] in b"23", line)
        s.sendall(f"From: bo@partner.example\r\nSubject: {subject}\r\n\r\n"
                  "hello\r\n.\r\n".encode())
        need(f.readline().startswith(b"250"), "not delivered")


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
    began = time.monotonic()
    deliver(host, address, "one")
    a = s.hear()
    need(time.monotonic() - began < 2, "late")
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

# ---- HTTP/2 ----

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
                                               10)
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


# ---- mail protocols ----


def imap_refused(host, address, password, words):
    try:
        Imap(host.port("imap"), address, password)
    except Refused as e:
        need(f"[{words}]" in str(e), f"IMAP says {e}")
        return
    raise Wrong("IMAP lets in")


def first_mail(imap):
    """It comes by the queue."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        rows = b"".join(map(b"".join, imap.command("SELECT INBOX")))
        if b"* 0 EXISTS" not in rows:
            return b"".join(map(b"".join, imap.command("FETCH 1 (BODY[])")))
        time.sleep(0.05)
    raise Wrong("no mail came")


def pop3_login(host, address, password):
    with socket.create_connection(("127.0.0.1", host.port("pop3")), 10) as s:
        f = s.makefile("rb")
        f.readline()
        s.sendall(f"USER {address}\r\n".encode())
        f.readline()
        s.sendall(f"PASS {password}\r\n".encode())
        return f.readline()


def smtp_login(host, address, password):
    """The lines of the answer."""
    with socket.create_connection(("127.0.0.1", host.port("submission")), 10) as s:
        f = s.makefile("rb")
        f.readline()
        s.sendall(b"EHLO [127.0.0.1]\r\n")
        while f.readline()[3:4] == b"-":
            pass
        token = base64.b64encode(f"\0{address}\0{password}".encode())
        s.sendall(b"AUTH PLAIN " + token + b"\r\n")
        lines = []
        while True:
            lines.append(f.readline().decode().rstrip())
            if lines[-1][3:4] != "-":
                return lines


def closes(imap, seconds):
    """The server ends the connection, perhaps with a BYE."""
    imap.socket.settimeout(seconds)
    try:
        while imap.file.readline():
            pass
    except ConnectionResetError:
        pass
    except OSError as e:
        raise Wrong(f"still open after {seconds} s ({e})")


# ---- the runner ----


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--posthus", default="build/posthus")
    p.add_argument("--list", action="store_true")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    tests = [t for t in TESTS
             if not args.names or any(n in t.__name__ for n in args.names)]
    if args.list:
        for t in tests:
            print("http/" + t.__name__)
        return 0
    failed = 0
    with Nsd(ZONES) as dns, \
            Host(args.posthus, {**SETTINGS, **dns.settings}) as host:
        host.domain("customer.example")
        host.start()
        for t in tests:
            began = time.monotonic()
            try:
                t(host, t.__name__.replace("_", "-")[:40])
            except Exception as e:  # noqa: BLE001
                failed += 1
                print(f"FAIL http/{t.__name__} {e}")
                if not isinstance(e, Wrong):
                    traceback.print_exc()
                print("    " + host.log_tail(1500).replace("\n", "\n    "))
                continue
            print(f"ok http/{t.__name__} {time.monotonic() - began:.2f} s",
                  flush=True)
        trouble = re.findall(
            r".*(?:ERROR: [A-Z][A-Za-z]*Sanitizer|runtime error:|"
            r"level=error.*role\.ended|[a-z]\.trouble).*",
            host.log_tail(10 ** 7))
        if trouble:
            failed += 1
            print(f"FAIL http/log {trouble[0]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
