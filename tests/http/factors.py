"""Second factors, and passwords of programs."""
import base64
import hmac
import json
import struct
import time

from browser import Web
from world import (PASSWORD, SECOND, account, closes, imap_refused, login, now,
                   pop3_login, smtp_login, test)

from lib.mail import Imap
from lib.runner import need, same


def code(secret, at):
    key = base64.b32decode(secret)
    mac = hmac.new(key, struct.pack(">Q", int(at) // 30), "sha1").digest()
    o = mac[19] & 15
    return "%06d" % ((struct.unpack(">I", mac[o:o + 4])[0] & 0x7fffffff) % 10 ** 6)


def at_a_step(host):
    """Go to where a code begins, so that no other one follows at once."""
    host.clock_add(int((30 - now(host) % 30) * SECOND) + SECOND // 10)


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
    at_a_step(host)
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
    closes(imap)
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
    closes(idle)
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
