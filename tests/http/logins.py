"""Logins, sessions, and what pages of other hosts may not."""
import json

from browser import Web
from world import (PASSWORD, SECOND, account, closes, first_mail,
                   imap_refused, login, test)

from lib.mail import Imap
from lib.runner import need, same


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
    stream.ends()
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
    closes(imap)
    imap_refused(host, address, PASSWORD, "AUTHENTICATIONFAILED")
    imap = Imap(host.port("imap"), address, "another secret")
    found = first_mail(imap)
    need(b"Subject: Your password was changed" in found, "the owner is told")
    need(b"from     127.0.0.1\r\n" in found, "from where")
    need(b"another secret" not in found, "the password itself")
