"""Whose account it is: cut off, helped to log in, and told of it."""
import base64
import hmac
import http.client
import json
import re
import smtplib
import socket
import struct
import time
from urllib.parse import urlencode

from world import NEW, PASSWORD, ROOT, Answer, Client, log_in, people, t, told

from lib.mail import Imap, Refused
from lib.runner import Wrong, need, same, until


class Live:
    """What stays open: IMAP in IDLE, a JMAP event stream."""

    def __init__(self, host, address):
        self.imap = Imap(host.port("imap"), address, PASSWORD)
        self.imap.command("SELECT INBOX")
        self.imap.socket.sendall(b"i1 IDLE\r\n")
        need(self.imap.file.readline().startswith(b"+"), "IDLE")
        basic = base64.b64encode(f"{address}:{PASSWORD}".encode()).decode()
        self.http = socket.create_connection(
            ("127.0.0.1", host.port("http")), 30)
        self.http.sendall(
            b"GET /jmap/eventsource?types=*&closeafter=no&ping=0 HTTP/1.1\r\n"
            b"Host: 127.0.0.1\r\nAuthorization: Basic " + basic.encode() +
            b"\r\n\r\n")
        need(b" 200 " in self.http.recv(4096), "the stream")

    def ended(self, within):
        """Which of the two end in this many seconds."""
        found = []
        for name, s in (("imap", self.imap.socket), ("http", self.http)):
            s.settimeout(within)
            try:
                while s.recv(4096):
                    pass
                found.append(name)
            except ConnectionError:
                found.append(name)
            except TimeoutError:
                pass
        return found

    def close(self):
        self.imap.close()
        self.http.close()


@t.test
def who_is_suspended_is_cut(host):
    """Live sessions end at once, of an account and of a whole domain; others'
    go on."""
    op, anna, _ = people(host)
    host.domain("cut.example")
    for who in ("ida@a.example", "jan@a.example", "kim@cut.example",
                "lea@a.example"):
        host.account(who, PASSWORD)
    ida, jan, kim, lea = (Live(host, f"{who}@{domain}") for who, domain in (
        ("ida", "a.example"), ("jan", "a.example"), ("kim", "cut.example"),
        ("lea", "a.example")))
    anna.do("POST", "/accounts/ida@a.example/suspend", {"what": ["login"]})
    same(ida.ended(30), ["imap", "http"], "suspended")
    op.do("POST", "/domains/cut.example/suspend", {"what": ["login"]})
    same(kim.ended(30), ["imap", "http"], "of a suspended domain")
    anna.do("DELETE", "/accounts/jan@a.example")
    same(jan.ended(30), ["imap", "http"], "deleted")
    # Who may not send any more may still read.
    anna.do("POST", "/accounts/lea@a.example/suspend", {"what": ["send"]})
    same(lea.ended(1.5), [], "another's")
    anna.do("POST", "/accounts/ida@a.example/resume", {})
    again = Live(host, "ida@a.example")
    same(again.ended(1.5), [], "let in again")
    for live in (ida, jan, kim, lea, again):
        live.close()


class Browser:
    """A login with a cookie, for what is not of the API."""

    def __init__(self, host, address, password=PASSWORD):
        self.port = host.port("http")
        self.headers = {"Content-Type": "application/json",
                        "Origin": f"http://127.0.0.1:{self.port}"}
        if address:
            r = self.post("/login", {"username": address,
                                     "password": password})
            same(r.status, 200, "login")
            self.headers["Cookie"] = r.headers["Set-Cookie"].split(";")[0]

    def post(self, path, body):
        if not isinstance(body, str):
            body = json.dumps(body)
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            c.request("POST", path, body, self.headers)
            r = c.getresponse()
            return Answer(r.status, r.headers, r.read())
        finally:
            c.close()


def code_of(secret, at):
    """RFC 6238, as an authenticator app has it."""
    key = base64.b32decode(secret.replace(" ", ""))
    mac = hmac.new(key, struct.pack(">Q", int(at) // 30), "sha1").digest()
    n = struct.unpack(">I", mac[mac[19] & 15:][:4])[0] & 0x7fffffff
    return f"{n % 10 ** 6:06}"


@t.test
def a_link_to_a_new_password(host):
    """By the administrator: once, for half an hour, and its owner knows."""
    op, anna, bo = people(host)
    host.account("fay@a.example", PASSWORD)
    path = "/accounts/fay@a.example/link"
    bo.refused(403, "E-DENIED", "POST", path)
    first = anna.do("POST", path)["link"]
    made = anna.do("POST", path)
    token = made["link"].rpartition("/")[2]
    need(re.fullmatch(r"https://mx\.provider\.example:\d+/start/[\w-]{43}",
                      made["link"]), made["link"])
    # In the language that the browser likes most.
    for liked, want, title in (("da-DK,en;q=0.5", "da", "Vælg din adgangskode"),
                               ("fr, de;q=0.8", "de", "Wählen Sie Ihr Passwort"),
                               ("fr", "en", "Choose your password")):
        c = http.client.HTTPConnection("127.0.0.1", host.port("http"),
                                       timeout=30)
        c.request("GET", "/start/" + token, headers={"Accept-Language": liked})
        r = c.getresponse()
        page = r.read().decode()
        c.close()
        need(r.status == 200 and title in page and f'lang="{want}"' in page
             and "fay@a.example" in page, f"{liked}: {r.status} {page}")
        same((r.headers["Content-Language"], r.headers["Vary"]),
             (want, "Accept-Language"), liked)
    # Nothing changed yet, and the owner was told who wants it.
    notice = told(host, "fay@a.example", PASSWORD, "A link to choose")[0]
    need(b"anna@a.example" in notice and token.encode() not in notice, notice)
    form = urlencode({"password": NEW, "again": NEW})
    web = Browser(host, None)
    web.headers["Content-Type"] = "application/x-www-form-urlencoded"
    same(web.post("/start/" + first.rpartition("/")[2], form).status, 404,
         "the first is over")
    web.headers["Accept-Language"] = "de"
    r = web.post("/start/" + token, urlencode({"password": "kurz"}))
    need(r.status == 400 and "mindestens 8 Zeichen" in r.body.decode(), r.body)
    same(web.post("/start/" + token, form).status, 303, "used")
    log_in(host, "fay@a.example", NEW)
    notice = told(host, "fay@a.example", NEW, "Your password was chosen at")[0]
    need(b"from     127.0.0.1" in notice, notice)
    same(web.post("/start/" + token, form).status, 404, "used twice")
    late = anna.do("POST", path)["link"].rpartition("/")[2]
    host.clock_add(31 * 60 * 10 ** 6)
    same(web.post("/start/" + late, form).status, 404, "too late")
    # Who made it is noted, and the token nowhere.
    entries = op.get("/audit", operation="account.link")["items"]
    same({(e["who"], e["subject"], e["result"]) for e in entries},
         {("anna@a.example", "fay@a.example", "done")}, "audit")
    need(token not in json.dumps(entries), "the token is in the audit")
    # At the command line too.
    made = json.loads(host.cli("account", "link", "fay@a.example", "--json"))
    token = made["link"].rpartition("/")[2]
    same(op.get("/audit", operation="account.link")["items"][0]["role"],
         "operator", "audit of the command line")
    same(web.post("/start/" + token, form).status, 303, "of the command line")
    # For oneself it asks for the password, as any change of it does.
    web = Browser(host, "anna@a.example")
    r = web.post(ROOT + "/accounts/anna@a.example/link", {})
    same((r.status, r.json().get("reference")), (403, "E-PASSWORD"), "anna")


@t.test
def a_lost_second_step(host):
    op, anna, bo = people(host)
    host.account("gil@a.example", PASSWORD)
    path = "/accounts/gil@a.example/totp"
    anna.refused(404, "E-NOT-FOUND", "DELETE", path)
    web = Browser(host, "gil@a.example")
    secret = web.post("/account/totp/begin", {"password": PASSWORD}).json()
    now = time.time() + host.clock_ahead() / 10 ** 6
    r = web.post("/account/totp/confirm",
                 {"code": code_of(secret["secret"], now)})
    same(r.status, 200, "on")
    try:
        log_in(host, "gil@a.example", PASSWORD)
        raise Wrong("the password alone is enough")
    except Refused:
        pass
    bo.refused(403, "E-DENIED", "DELETE", path)
    anna.do("DELETE", path)
    notice = told(host, "gil@a.example", PASSWORD, "Two-step login is off")[0]
    need(b"by       anna@a.example" in notice, notice)
    same([(e["who"], e["result"])
          for e in op.get("/audit", subject="gil@a.example",
                          operation="totp.off")["items"]][0],
         ("anna@a.example", "done"), "audit")


@t.test
def owners_are_told(host):
    """Of a vacation that somebody else set, and of every forward."""
    _, anna, _ = people(host)
    host.account("hal@a.example", PASSWORD)
    hal = Client(host, "hal@a.example")
    path = "/accounts/hal@a.example"
    hal.do("PUT", path + "/vacation", {"text": "mine"})
    anna.do("PUT", path + "/vacation", {"text": "theirs"})
    hal.do("PUT", path + "/forward", {"targets": ["bo@a.example"],
                                      "keep": True})
    notice = told(host, "hal@a.example", PASSWORD, "Your forward")[0]
    need(b"from     127.0.0.1" in notice, notice)
    found = told(host, "hal@a.example", PASSWORD, "Your automatic answer")
    same(len(found), 1, "only what others did")
    need(b"by       anna@a.example" in found[0] and b"theirs" not in found[0],
         found[0])


@t.test
def notices_go_nowhere_else(host):
    """Whoever set the forward, or the script, is not who hears of it; and who
    looks on sees the notice come."""
    host.account("ivy@a.example", PASSWORD)
    host.account("spy@a.example", PASSWORD)
    ivy = Client(host, "ivy@a.example")
    path = "/accounts/ivy@a.example"
    looking = Imap(host.port("imap"), "ivy@a.example", PASSWORD)
    looking.command("SELECT INBOX")
    looking.socket.sendall(b"idle1 IDLE\r\n")
    need(looking.file.readline().startswith(b"+"), "idle")
    host.cli("sieve", "put", "ivy@a.example", "all", "-", "--activate",
             stdin='redirect "spy@a.example"; discard;\n')
    host.cli("forward", "set", "ivy@a.example", "spy@a.example")
    while b"EXISTS" not in (line := looking.file.readline()):
        need(line, "no word of the notice while idle")
    looking.close()
    made = json.loads(host.cli("app-password", "add", "ivy@a.example", "scan",
                               "--service", "imap", "--json"))
    log_in(host, "ivy@a.example", made["secret"])
    host.cli("app-password", "rm", "ivy@a.example", str(made["id"]), "--yes")
    told(host, "ivy@a.example", PASSWORD, "An app password was made")
    told(host, "ivy@a.example", PASSWORD, "An app password was removed")
    need(made["secret"] not in host.cli("audit", "ivy@a.example", "--json"), "a secret")
    ivy.do("PUT", path + "/password", {"password": NEW, "current": PASSWORD})
    host.cli("passwd", "ivy@a.example", "--password-stdin", stdin="third-word\n")
    until(lambda: len(told(host, "ivy@a.example", "third-word",
                           "Your password was changed")) >= 2,
          "one notice, not two", 60)
    notice = told(host, "ivy@a.example", "third-word", "Your forward")[0]
    need(b"by       the operator of this host" in notice, notice)
    # What is mailed from outside does go there; the notices did not before.
    with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=30) as smtp:
        smtp.sendmail("x@elsewhere.example", ["ivy@a.example"],
                      "Subject: the last\r\n\r\nx\r\n")
    told(host, "spy@a.example", PASSWORD, "the last")
    box = Imap(host.port("imap"), "spy@a.example", PASSWORD)
    found = [m for _, m in box.bodies("INBOX") if b".security@" in m]
    box.close()
    same(found, [], "the spy's")
