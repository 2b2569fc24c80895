"""Links with which a password is chosen, and what an owner sees of logins."""
import json
import urllib.parse

from browser import Web
from world import SECOND, account, imap_refused, login, test

from lib.runner import need, same


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
