#!/usr/bin/env python3
"""The HTTP API of administration, over real HTTP against a real host: what the
OpenAPI document says is what every answer is measured by.

    run.py [--posthus P] [--list] [NAME...]

One host serves all tests; each works on addresses of its own.
"""
import argparse
import base64
import hmac
import http.client
import json
import os
import plistlib
import re
import smtplib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from urllib.parse import urlencode

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import Host, HostError  # noqa: E402
from lib.mail import Imap, Refused  # noqa: E402
from lib.nsd import Nsd  # noqa: E402

SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8", "server.drain": "3s",
}
PASSWORD = "secret-word"
NEW = "another-word"
ROOT = "/api/v1"
DAY = 24 * 3600 * 10 ** 6
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


# ---- the document, and answers measured by it ----

class Document:
    def __init__(self, text):
        self.text = text
        self.all = json.loads(text)
        self.rows = {}
        for path, methods in self.all["paths"].items():
            pattern = re.compile(
                "^" + re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "$")
            for method, row in methods.items():
                self.rows[row["operationId"]] = (method.upper(), path, pattern,
                                                 row)

    def row(self, method, path):
        found = [r for r in self.rows.values()
                 if r[0] == method and r[2].match(path)]
        # A path without parts that vary is meant before one with.
        return min(found, key=lambda r: r[1].count("{"))[3] if found else None

    def resolve(self, schema):
        if "$ref" not in schema:
            return schema
        at = self.all
        for part in schema["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        return at

    def check(self, schema, value, where="answer"):
        """Is the value what the schema says, and nothing besides?"""
        types = schema.get("type")
        if types is None:
            return
        types = types if isinstance(types, list) else [types]
        kind = {type(None): "null", bool: "boolean", int: "integer",
                str: "string", list: "array", dict: "object"}[type(value)]
        need(kind in types, f"{where} is {kind}, not {types}")
        if kind == "object" and "properties" in schema:
            for name in schema.get("required", []):
                need(name in value, f"{where} has no {name}")
            for name, inner in value.items():
                known = schema["properties"].get(name)
                # Events of a trace tell further facts, as the document says.
                need(known is not None or where.endswith("events[]"),
                     f"{where}.{name} is not in the document")
                if known is not None:
                    self.check(known, inner, f"{where}.{name}")
        if kind == "array":
            for inner in value:
                self.check(schema["items"], inner, f"{where}[]")
        if schema.get("format") == "date-time" and kind == "string":
            need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value),
                 f"{where} is no time: {value}")


DOCUMENT = None


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Client:
    """Somebody who asks: Basic, a token, or a browser's session."""

    def __init__(self, host, address=None, password=PASSWORD, token=None):
        self.host = host
        self.headers = {}
        if token:
            self.headers["Authorization"] = "Bearer " + token
        elif address:
            basic = base64.b64encode(f"{address}:{password}".encode()).decode()
            self.headers["Authorization"] = "Basic " + basic

    def ask(self, method, path, body=None, query=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.host.port("http"),
                                       timeout=30)
        target = ROOT + path + ("?" + urlencode(query) if query else "")
        fields = {**self.headers, **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        try:
            c.request(method, target, body, fields)
            r = c.getresponse()
            answer = Answer(r.status, r.headers, r.read())
        finally:
            c.close()
        self.measure(method, path, answer)
        return answer

    def measure(self, method, path, answer):
        """Is the answer one that the document has?"""
        row = DOCUMENT.row(method, path) if DOCUMENT else None
        if answer.status == 304 or not row:
            return
        if answer.status >= 400:
            if answer.headers["Content-Type"] == "application/problem+json":
                problem = answer.json()
                need({"type", "status", "detail"} <= set(problem),
                     f"{method} {path}: {problem} is no problem")
                need("reference" not in problem or problem["type"] ==
                     f"{ROOT}/problems#{problem['reference']}",
                     f"{method} {path}: {problem}")
                same(problem["status"], answer.status, "status of a problem")
            return
        responses = row["responses"]
        need(str(answer.status) in responses,
             f"{method} {path}: {answer.status} is not in the document")
        if answer.status == 204:
            same(answer.body, b"", "an empty answer")
            return
        schema = responses["200"]["content"]["application/json"]["schema"]
        DOCUMENT.check(schema, answer.json(), f"{method} {path}")

    def do(self, method, path, body=None, **more):
        """It works; what was answered."""
        a = self.ask(method, path, body, **more)
        need(a.status in (200, 204),
             f"{method} {path}: {a.status} {a.body[:300]!r}")
        return a.json() if a.body else None

    def get(self, path, **query):
        return self.do("GET", path, query=query)

    def refused(self, status, reference, method, path, body=None, field=None,
                **more):
        a = self.ask(method, path, body, **more)
        same((a.status, a.json().get("reference")), (status, reference),
             f"{method} {path} ({a.body[:200]!r})")
        if field:
            same(a.json().get("field"), field, f"{method} {path}: field")
        return a.json()


def people(host):
    """op, anna (of a.example), bo (a user there)."""
    return (Client(host, "op@host.example"), Client(host, "anna@a.example"),
            Client(host, "bo@a.example"))


def log_in(host, address, password):
    Imap(host.port("imap"), address, password).close()


# ---- the document ----

@test
def the_document_is_whole(host):
    """Each row is described, each reference leads somewhere."""
    same(DOCUMENT.all["openapi"], "3.1.0", "version")
    need(len(DOCUMENT.rows) > 60, f"only {len(DOCUMENT.rows)} operations")
    for reference in re.findall(r'"\$ref":"([^"]+)"', DOCUMENT.text):
        DOCUMENT.resolve({"$ref": reference})
    for name, (method, path, _, row) in DOCUMENT.rows.items():
        inside = set(re.findall(r"\{(\w+)\}", path))
        given = {p["name"] for p in row["parameters"] if p["in"] == "path"}
        same(given, inside, f"{name}: parts of the path")
        need(row["summary"] and row["description"], f"{name} has no words")
        need(method != "GET" or "requestBody" not in row, f"{name} has a body")
    anyone = Client(host)
    known = anyone.ask("GET", "/problems").json()
    need({"E-NOT-FOUND", "E-CHANGED", "E-SCOPE"} <= set(known), f"{known}")
    a = anyone.ask("GET", "/openapi.json")
    same(a.status, 200, "the document without a login")
    again = anyone.ask("GET", "/openapi.json",
                       headers={"If-None-Match": a.headers["ETag"]})
    same(again.status, 304, "unchanged")


# ---- who asks ----

@test
def without_a_login(host):
    anyone = Client(host)
    a = anyone.ask("GET", "/domains")
    same(a.status, 401, "nobody")
    need("Basic" in a.headers["WWW-Authenticate"], "how to log in")
    same(Client(host, "op@host.example", "wrong").ask("GET", "/self").status,
         401, "a wrong password")
    same(anyone.get("/branding")["colour"], None, "branding is for all")
    anyone.refused(404, "E-PATH", "GET", "/nothing")
    a = anyone.ask("PUT", "/domains")
    same((a.status, a.headers["Allow"]), (405, "GET, POST"), "a wrong method")


@test
def roles_differ(host):
    op, anna, bo = people(host)
    same(op.get("/self")["role"], "operator", "op")
    same(anna.get("/self"), {"address": "anna@a.example", "role": "domain",
                             "domains": ["a.example"],
                             "scopes": ["all:change"]}, "anna")
    same(bo.get("/self")["role"], "user", "bo")
    names = {d["domain"] for d in op.get("/domains")["items"]}
    need({"a.example", "b.example", "host.example"} <= names, f"{names}")
    same([d["domain"] for d in anna.get("/domains")["items"]], ["a.example"],
         "anna's domains")
    bo.refused(403, "E-DENIED", "GET", "/domains")
    bo.refused(403, "E-DENIED", "GET", "/addresses")
    anna.refused(403, "E-DENIED", "POST", "/domains", {"domain": "c.example"})
    anna.refused(403, "E-DENIED", "GET", "/status")
    bo.get("/accounts/bo@a.example")
    bo.refused(404, "E-NOT-FOUND", "GET", "/accounts/anna@a.example")


@test
def others_are_not_there(host):
    """An administrator cannot tell a domain of others from none."""
    _, anna, bo = people(host)
    pages = ["/domains/{d}", "/domains/{d}/records", "/domains/{d}/limits",
             "/accounts/ole@{d}", "/accounts/ole@{d}/limits",
             "/accounts/ole@{d}/logins", "/accounts/ole@{d}/forward",
             "/addresses/ole@{d}/ends", "/aliases/ole@{d}"]
    for who in (anna, bo):
        for page in pages:
            there = who.ask("GET", page.format(d="b.example"))
            absent = who.ask("GET", page.format(d="q.example"))
            need(there.status in (403, 404), f"{page}: {there.status}")
            same(there.body.replace(b"b.example", b"q.example"), absent.body,
                 page)
    for query in ({"domain": "b.example"}, {"domain": "q.example"}):
        anna.refused(404, "E-NOT-FOUND", "GET", "/addresses", query=query,
                     field="domain")
        anna.refused(404, "E-NOT-FOUND", "GET", "/trace", query=query)
        anna.refused(404, "E-NOT-FOUND", "GET", "/audit", query=query)
    for d in ("b.example", "q.example"):
        anna.refused(404, "E-NOT-FOUND", "PUT", "/domains/a.example/catchall",
                     {"address": f"ole@{d}"}, field="address")
        anna.refused(404, "E-NOT-FOUND", "PUT",
                     f"/accounts/bo@a.example/senders/*@{d}")
        anna.refused(404, "E-NOT-FOUND", "POST", "/accounts",
                     {"address": f"new@{d}"})
        anna.refused(404, "E-NOT-FOUND", "GET", "/greylist/waiting",
                     query={"for": d})


@test
def an_operators_account_is_safe(host):
    """Who administers a domain cannot take over an operator who lives there."""
    op, anna, _ = people(host)
    op.do("POST", "/accounts", {"address": "chief@a.example",
                                "password": PASSWORD})
    op.do("POST", "/admins", {"address": "chief@a.example"})
    for method, path, body in [
            ("PUT", "/accounts/chief@a.example/password", {"password": NEW}),
            ("PUT", "/accounts/chief@a.example/forward",
             {"targets": ["anna@a.example"]}),
            ("POST", "/accounts/chief@a.example/suspend", {}),
            ("DELETE", "/accounts/chief@a.example", None)]:
        anna.refused(403, "E-DENIED", method, path, body)
    same(Client(host, "chief@a.example").get("/self")["role"], "operator",
         "chief")
    op.do("DELETE", "/admins/chief@a.example")
    same(Client(host, "chief@a.example").get("/self")["role"], "user", "chief")
    anna.do("DELETE", "/accounts/chief@a.example")


@test
def tokens(host):
    op, anna, bo = people(host)
    made = op.do("POST", "/tokens", {
        "address": "op@host.example", "name": "reader",
        "scopes": ["addresses:read", "domains:read"], "expires": "30d"})
    need(re.fullmatch(r"posthus_[0-9a-f]{48}", made["token"]), "a token")
    reader = Client(host, token=made["token"])
    need(reader.get("/addresses")["items"], "reading")
    reader.refused(403, "E-SCOPE", "POST", "/domains", {"domain": "c.example"})
    reader.refused(403, "E-SCOPE", "GET", "/queue")
    listed = [t for t in op.get("/tokens")["items"] if t["id"] == made["id"]]
    same(listed[0]["scopes"], ["domains:read", "addresses:read"], "scopes")
    need(listed[0]["used"], "when it was used")
    need(made["token"] not in json.dumps(op.get("/tokens")), "shown again")
    # One of somebody else is not there.
    bo.refused(404, "E-NOT-FOUND", "DELETE", f"/tokens/{made['id']}")
    same(bo.get("/tokens")["items"], [], "bo's")
    # One begets none that may more, and no password.
    wide = Client(host, token=bo.do("POST", "/tokens", {
        "address": "bo@a.example", "name": "t",
        "scopes": ["access:change", "addresses:change"]})["token"])
    wide.refused(403, "E-DENIED", "POST", "/tokens",
                 {"address": "bo@a.example", "name": "u", "current": PASSWORD,
                  "scopes": ["all:change"]}, field="scopes")
    wide.refused(403, "E-PASSWORD", "PUT", "/accounts/bo@a.example/password",
                 {"password": NEW})
    same(wide.ask("PUT", "/accounts/bo@a.example/password",
                  {"password": NEW, "current": "guess"}).status, 401,
         "a wrong present password")
    # Over, removed.
    host.clock_add(31 * DAY)
    reader.refused(401, "E-LOGIN", "GET", "/addresses")
    op.do("DELETE", f"/tokens/{made['id']}")
    op.refused(404, "E-NOT-FOUND", "DELETE", f"/tokens/{made['id']}")


@test
def guessing_tokens_is_slow(host):
    thief = Client(host, token="posthus_" + "0" * 48)
    seen = set()
    for _ in range(40):
        a = thief.ask("GET", "/self")
        seen.add(a.status)
        if a.status == 429:
            need(int(a.headers["Retry-After"]) >= 1, "Retry-After")
            break
    same(seen, {401, 429}, "answers")
    people(host)[0].get("/self")  # others are not told to wait


@test
def many_requests_wait(host):
    host.account("busy@b.example", PASSWORD)
    busy = Client(host, "busy@b.example")
    for n in range(400):
        a = busy.ask("GET", "/self")
        if a.status == 429:
            break
    need(a.status == 429 and n >= 100, f"{a.status} after {n}")
    same(a.json()["reference"], "E-RATE", "reference")
    need(int(a.headers["Retry-After"]) >= 1, "Retry-After")
    people(host)[0].get("/self")


@test
def a_browsers_session(host):
    """The cookie of POST /login; other pages' requests; the password again."""
    host.account("eva@a.example", PASSWORD)
    port = host.port("http")
    own = f"http://127.0.0.1:{port}"
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request("POST", "/login", json.dumps({"username": "eva@a.example",
                                            "password": PASSWORD}),
              {"Content-Type": "application/json", "Origin": own})
    r = c.getresponse()
    r.read()
    same(r.status, 200, "login")
    eva = Client(host)
    eva.headers["Cookie"] = r.headers["Set-Cookie"].split(";")[0]
    same(eva.get("/self")["address"], "eva@a.example", "who")
    path, change = "/accounts/eva@a.example/vacation", {"text": "I am away"}
    same(eva.ask("PUT", path, change).status, 403, "without Origin")
    same(eva.ask("PUT", path, change,
                 headers={"Origin": "https://evil.example"}).status, 403,
         "from another page")
    eva.headers["Origin"] = own
    eva.do("PUT", path, change)
    forward = "/accounts/eva@a.example/forward"
    eva.refused(403, "E-PASSWORD", "PUT", forward,
                {"targets": ["bo@a.example"]})
    same(eva.ask("PUT", forward, {"targets": ["bo@a.example"],
                                  "current": "guess"}).status, 401, "guessed")
    got = eva.do("PUT", forward, {"targets": ["bo@a.example"],
                                  "current": PASSWORD, "keep": True})
    same(got["characters"], len("bo@a.example"), "characters")
    eva.do("PUT", "/accounts/eva@a.example/password",
           {"password": NEW, "current": PASSWORD})
    same(Client(host, "eva@a.example", NEW).get("/self")["role"], "user",
         "the new password")


# ---- the request itself ----

@test
def what_is_no_request(host):
    op = people(host)[0]
    post = ("POST", "/accounts")
    op.refused(400, "E-INVALID", *post, b"{", headers={
        "Content-Type": "application/json"})
    op.refused(400, "E-INVALID", *post, b"[]", headers={
        "Content-Type": "application/json"})
    op.refused(400, "E-INVALID", *post, b"{}", headers={
        "Content-Type": "text/plain"})
    op.refused(400, "E-INVALID", *post, {}, field="address")
    op.refused(400, "E-INVALID", *post, {"address": 5}, field="address")
    op.refused(400, "E-INVALID", *post, {"addres": "x"}, field="addres")
    op.refused(422, "E-TOO-BIG", *post,
               {"address": "x" * 500 + "@a.example"}, field="address")
    op.refused(400, "E-INVALID", *post, {"address": "x@a.example",
                                         "quota_bytes": "much"},
               field="quota_bytes")
    deep = b'{"address":' + b"[" * 50 + b"]" * 50 + b"}"
    op.refused(422, "E-TOO-BIG", *post, deep, headers={
        "Content-Type": "application/json"})
    same(op.ask(*post, b" " * 900_000, headers={
        "Content-Type": "application/json"}).status, 413, "a long body")
    op.refused(400, "E-INVALID", "GET", "/domains", query={"colour": "red"},
               field="colour")
    # A secret is not put into an address that is logged.
    op.refused(400, "E-INVALID", "DELETE", "/accounts/bo@a.example/forward",
               query={"current": PASSWORD})
    op.refused(400, "E-INVALID", "POST", "/accounts/bo@a.example/suspend",
               query={"what": "send"})


@test
def two_people_edit(host):
    op, anna, _ = people(host)
    host.account("carl@a.example", PASSWORD)
    path = "/accounts/carl@a.example"
    first = anna.ask("GET", path)
    tag = first.headers["ETag"]
    same(anna.ask("GET", path, headers={"If-None-Match": tag}).status, 304,
         "unchanged")
    changed = op.ask("PATCH", path, {"name": "Carl Berg"},
                     headers={"If-Match": tag})
    same(changed.json()["name"], "Carl Berg", "the new state")
    anna.refused(412, "E-CHANGED", "PATCH", path, {"name": "Karl"},
                 headers={"If-Match": tag})
    now = anna.ask("GET", path)
    same(now.headers["ETag"], changed.headers["ETag"], "the tag of the change")
    need(now.headers["ETag"] != tag, "the same tag")
    anna.refused(412, "E-CHANGED", "DELETE", path, headers={"If-Match": tag})
    anna.do("DELETE", path, headers={"If-Match": now.headers["ETag"]})


# ---- what is administered ----

@test
def a_domain_lives(host):
    op = people(host)[0]
    op.do("POST", "/domains", {"domain": "new.example"})
    op.refused(409, "E-EXISTS", "POST", "/domains", {"domain": "new.example"},
               field="domain")
    op.do("POST", "/domains", {"domain": "other.example",
                               "alias_of": "new.example"})
    same(op.get("/domains/other.example")["alias_of"], "new.example", "alias")
    op.do("POST", "/accounts", {"address": "post@new.example"})
    same(op.do("PATCH", "/domains/new.example",
               {"postmaster": "post@new.example"})["postmaster"],
         "post@new.example", "postmaster")
    same(op.do("PUT", "/domains/new.example/catchall",
               {"address": "post@new.example"})["catchall"],
         "post@new.example", "catch-all")
    same(op.do("POST", "/domains/new.example/suspend",
               {"what": ["send"]})["suspended"], ["send"], "suspended")
    same(op.do("POST", "/domains/new.example/resume", {})["suspended"], [],
         "resumed")
    types = {(r["type"], r["for"])
             for r in op.get("/domains/new.example/records")["items"]}
    need({("MX", "MX"), ("TXT", "SPF"), ("TXT", "DKIM")} <= types, f"{types}")
    problem = op.refused(409, "E-EXISTS", "POST",
                         "/domains/new.example/rotate")
    need("waits for its record" in problem["detail"], problem["detail"])
    op.refused(409, "E-EXISTS", "DELETE", "/domains/new.example")
    op.do("DELETE", "/domains/new.example/catchall")
    op.do("DELETE", "/accounts/post@new.example", query={"erase": "true"})
    op.do("DELETE", "/domains/other.example")
    op.do("DELETE", "/domains/new.example")
    op.refused(404, "E-NOT-FOUND", "GET", "/domains/new.example")


@test
def domains_by_the_page(host):
    op = people(host)[0]
    for i in range(12):
        host.cli("domain", "add", f"d{i:02}.many.example")
    seen, after = [], ""
    while True:
        query = {"search": "MANY", "limit": 5}
        if after:
            query["after"] = after
        page = op.get("/domains", **query)
        seen += [d["domain"] for d in page["items"]]
        after = page["next"]
        if not after:
            break
    same(seen, [f"d{i:02}.many.example" for i in range(12)], "all, once")
    same(op.get("/domains", search="d%")["items"], [], "no pattern")


@test
def an_account_lives(host):
    op, anna, _ = people(host)
    path = "/accounts/dora@a.example"
    anna.do("POST", "/accounts", {"address": "Dora@A.example", "name": "Dora",
                                  "password": PASSWORD,
                                  "quota_bytes": "1G"})
    log_in(host, "dora@a.example", PASSWORD)
    same(anna.get(path)["quota_bytes"], 2 ** 30, "quota")
    anna.refused(403, "E-DENIED", "PATCH", path, {"quota_bytes": "50G"},
                 field="quota_bytes")
    same(op.do("PATCH", path, {"quota_bytes": "50G"})["own_quota"], True,
         "the operator's")
    same(anna.do("PATCH", path, {"quota_bytes": None})["own_quota"], False,
         "the default again")
    same(anna.do("POST", path + "/suspend", {"what": ["login"]})["suspended"],
         ["login"], "suspended")
    try:
        log_in(host, "dora@a.example", PASSWORD)
        raise Wrong("a suspended account logs in")
    except Refused:
        pass
    anna.do("POST", path + "/resume", {})
    anna.do("PUT", path + "/password", {"password": NEW})
    log_in(host, "dora@a.example", NEW)
    same(anna.do("PUT", path + "/senders/sales@a.example")["senders"],
         ["sales@a.example"], "senders")
    anna.do("DELETE", path + "/senders/sales@a.example")
    row = [r for r in anna.get("/addresses", search="dora")["items"]][0]
    same((row["type"], row["last_login"]["protocol"]), ("mailbox", "imap"),
         "the row")
    results = {r["result"] for r in anna.get(path + "/logins")["items"]}
    same(results, {"ok", "suspended"}, "attempts")
    anna.do("DELETE", path)
    anna.refused(404, "E-NOT-FOUND", "GET", path)
    gone = [r["address"] for r in anna.get("/removed")["items"]]
    need("dora@a.example" in gone, f"removed: {gone}")
    same([r["address"] for r in anna.get("/removed", domain="a.example")
          ["items"]], gone, "of the domain")
    anna.refused(404, "E-NOT-FOUND", "GET", "/removed",
                 query={"domain": "b.example"}, field="domain")
    same(op.get("/removed")["items"] != [], True, "the operator sees it too")
    anna.do("POST", path + "/restore", {})
    log_in(host, "dora@a.example", NEW)


@test
def aliases_and_forwards(host):
    _, anna, bo = people(host)
    anna.do("POST", "/aliases", {"address": "info@a.example",
                                 "targets": ["bo@a.example"]})
    anna.refused(409, "E-EXISTS", "POST", "/aliases",
                 {"address": "info@a.example", "targets": ["bo@a.example"]},
                 field="address")
    same(anna.do("PUT", "/aliases/info@a.example",
                 {"targets": ["bo@a.example", "anna@a.example"]})["targets"],
         ["bo@a.example", "anna@a.example"], "targets")
    ends = anna.get("/addresses/info@a.example/ends")["items"]
    same({(e["address"], e["result"], e["by"]) for e in ends},
         {("bo@a.example", "stored", "alias"),
          ("anna@a.example", "stored", "alias")}, "ends")
    found = anna.get("/addresses", search="bo@a", type="alias")["items"]
    same([r["address"] for r in found], ["info@a.example"], "by a target")
    anna.do("DELETE", "/aliases/info@a.example")

    path = "/accounts/bo@a.example/forward"
    same(bo.get(path)["targets"], [], "none")
    same(bo.get(path)["characters_max"], 4000, "the meter")
    got = bo.do("PUT", path, {"targets": ["x@elsewhere.example"],
                              "keep": True})
    same(got["targets"], [{"address": "x@elsewhere.example",
                           "confirmed": False}], "asked first")
    bo.refused(403, "E-DENIED", "PUT", path,
               {"targets": ["x@elsewhere.example"], "confirmed": True},
               field="confirmed")
    long = [f"{'x' * 50}{i}@elsewhere.example" for i in range(60)]
    problem = bo.refused(422, "E-TOO-BIG", "PUT", path, {"targets": long},
                         field="targets")
    need("4000" in problem["detail"], f"R4: {problem['detail']}")
    bo.refused(400, "E-INVALID", "PUT", path, {"targets": ["bo@a.example"]},
               field="targets")
    problem = bo.refused(400, "E-INVALID", "PUT", path,
                         {"targets": ["Bo@A.example"], "keep": True},
                         field="targets")
    need("itself" in problem["detail"], f"to itself: {problem['detail']}")
    # A circle with somebody else, of which nobody would keep anything.
    bo.do("PUT", path, {"targets": ["anna@a.example"]})
    problem = anna.refused(400, "E-INVALID", "PUT",
                           "/accounts/anna@a.example/forward",
                           {"targets": ["bo@a.example"]}, field="targets")
    need("circle" in problem["detail"], f"a circle: {problem['detail']}")
    bo.do("DELETE", path)
    bo.refused(404, "E-NOT-FOUND", "DELETE", path)


@test
def tables_of_addresses(host):
    """Errors are told by line and nothing is made; then all of it is; what
    comes out goes in elsewhere."""
    op, anna, bo = people(host)
    for d in ("table.example", "copy.example"):
        host.domain(d)
        host.account(f"boss@{d}", PASSWORD)
        host.cli("admin", "add", f"boss@{d}", "--domain", d)
    boss = Client(host, "boss@table.example")
    path = "/domains/table.example/table"
    bad = "\ufeffAddress;Type;Name;Password;Targets;Keep;Quota\r\n" \
        "mia@table.example;;\"Mia; \"\"M\"\"\nHolm\";short-but-fine;;;\r\n" \
        "MIA@table.example;mailbox\r\n" \
        "boss@table.example;mailbox\r\n" \
        "x@copy.example;mailbox\r\n" \
        "no address;mailbox\r\n" \
        "list@table.example;alias\r\n" \
        "y@table.example;group\r\n" \
        "z@table.example;mailbox;;;;;99T\r\n" \
        "q@table.example;\"mail\"box\r\n" \
        "k@table.example;mailbox;;;;perhaps\r\n"
    for way in ("/check", ""):
        got = boss.do("POST", path + way, {"csv": bad})
        same([got["rows"], got["made"]], [9, 0], "nothing is made")
        why = {e["line"]: e["why"] for e in got["errors"]}
        same(sorted(why), list(range(4, 13)), f"lines {why}")
        for line, word in ((4, "line 2"), (5, "already"), (6, "not an address"),
                           (8, "target"), (9, "alias or catchall"),
                           (10, "operator's"), (11, "quotes"), (12, "yes")):
            need(word in why[line], f"{line}: {why[line]}")
    boss.refused(404, "E-NOT-FOUND", "GET", "/accounts/mia@table.example")
    boss.refused(400, "E-INVALID", "POST", path, {"csv": "name\nx\n"},
                 field="csv")
    boss.refused(422, "E-TOO-BIG", "POST", path, {
        "csv": "address\n" + "a@table.example\n" * 1001}, field="csv")
    bo.refused(403, "E-DENIED", "POST", path, {"csv": "address\n"})
    anna.refused(404, "E-NOT-FOUND", "GET", path)
    # An alias may stand before what it leads to.
    good = "address,type,name,password,targets,keep,quota\n" \
        "team@table.example,alias,,,mia@table.example boss@table.example,,\n" \
        f"mia@table.example,mailbox,\"Holm, Mia\",{NEW},,,1G\n" \
        "ned@table.example,,Ned,,mia@table.example,no,\n"
    got = boss.do("POST", path, {"csv": good})
    same(got, {"rows": 3, "made": 3, "errors": []}, "made")
    log_in(host, "mia@table.example", NEW)
    same(boss.get("/accounts/mia@table.example")["quota_bytes"], 2 ** 30,
         "quota")
    same(boss.get("/accounts/ned@table.example/forward")["keep"], False,
         "keep")
    out = boss.get(path)["csv"]
    same(out.splitlines(), [
        "address,type,name,targets,keep,quota",
        "boss@table.example,mailbox,,,,0",
        "mia@table.example,mailbox,\"Holm, Mia\",,,1073741824",
        "ned@table.example,mailbox,Ned,mia@table.example,no,0",
        "team@table.example,alias,,mia@table.example boss@table.example,,"],
        "out")
    other = Client(host, "boss@copy.example")
    moved = "".join(x for x in out.replace("table.example", "copy.example")
                    .splitlines(True) if not x.startswith("boss@"))
    same(other.do("POST", "/domains/copy.example/table",
                  {"csv": moved})["errors"], [], "in again")
    same(other.get("/domains/copy.example/table")["csv"],
         out.replace("table.example", "copy.example"), "the same")
    # The catch-all: to a mailbox that the same table makes, once a domain.
    catchalls = "address,type,targets\n*@table.example,catchall,{}\n"
    for line, word in (("*@copy.example,catchall,mia@table.example", "not an"),
                       ("x@table.example,catchall,mia@table.example", "*@"),
                       ("*@table.example,catchall,", "one target"),
                       ("*@table.example,catchall,team@table.example", "alias"),
                       ("*@table.example,catchall,bo@a.example", "bo@a.example"),
                       ("*@table.example,catchall,no@table.example", "no ")):
        got = boss.do("POST", path, {"csv": "address,type,targets\n" + line})
        need(got["made"] == 0 and word in got["errors"][0]["why"],
             f"{line}: {got}")
    same(boss.get("/domains/table.example")["catchall"], None, "none yet")
    got = boss.do("POST", path, {"csv": catchalls.format("pia@table.example")
                                 + "pia@table.example,mailbox,\n"})
    same(got, {"rows": 2, "made": 2, "errors": []}, "a catch-all")
    out = boss.get(path)["csv"]
    need("*@table.example,catchall,,pia@table.example,," in out, out)
    got = boss.do("POST", path, {"csv": catchalls.format("mia@table.example")})
    need("already" in got["errors"][0]["why"], f"{got}")
    with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=30) as smtp:
        smtp.sendmail("x@elsewhere.example", ["whoever@table.example"],
                      "Subject: to whoever\r\n\r\nx\r\n")
    boss.do("PUT", "/accounts/pia@table.example/password", {"password": NEW})
    told(host, "pia@table.example", NEW, "to whoever")
    entries = op.get("/audit", domain="table.example",
                     operation="address.import")["items"]
    need(entries and NEW not in json.dumps(entries), f"{entries}")


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


@test
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


def told(host, address, password, subject):
    """The notice with this subject, when it has come."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        box = Imap(host.port("imap"), address, password)
        found = [m for _, m in box.bodies("INBOX")
                 if b"Subject: " + subject.encode() in m]
        box.close()
        if found:
            return found
        time.sleep(0.1)
    raise Wrong(f"{address} was not told: {subject}")


@test
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


@test
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


@test
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


@test
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
    until = time.monotonic() + 60
    while len(told(host, "ivy@a.example", "third-word",
                   "Your password was changed")) < 2:
        need(time.monotonic() < until, "one notice, not two")
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


@test
def vacations_and_scripts(host):
    _, anna, bo = people(host)
    path = "/accounts/bo@a.example/"
    same(bo.get(path + "vacation")["on"], False, "never set")
    got = anna.do("PUT", path + "vacation", {
        "text": "Back soon", "subject": "Away", "from": "2026-12-20",
        "until": "2027-01-03T00:00:00Z"})
    same((got["on"], got["from"], got["until"], got["days"]),
         (True, "2026-12-20T00:00:00Z", "2027-01-03T00:00:00Z", 7), "set")
    bo.refused(400, "E-INVALID", "PUT", path + "vacation", {
        "text": "x", "from": "2026-12-20", "until": "2026-12-01"},
        field="until")
    bo.do("DELETE", path + "vacation")
    same(bo.get(path + "vacation")["on"], False, "off")

    bo.do("PUT", path + "scripts/main", {"text": 'require "fileinto";\n'
                                                 'fileinto "Archive";\n'})
    problem = bo.refused(400, "E-INVALID", "PUT", path + "scripts/bad",
                         {"text": "fileinto;"}, field="text")
    need("line 1" in problem["detail"], problem["detail"])
    bo.do("POST", path + "scripts/main/activate")
    same([(s["name"], s["active"]) for s in bo.get(path + "scripts")["items"]],
         [("main", True)], "listed")
    need("fileinto" in bo.get(path + "scripts/main")["text"], "its text")
    # An administrator does not read what sorts somebody's mail.
    anna.refused(404, "E-NOT-FOUND", "GET", path + "scripts/main")
    need("fileinto" not in json.dumps(anna.get("/audit")), "in the audit")
    bo.do("POST", path + "scripts-off")
    bo.do("DELETE", path + "scripts/main")


@test
def limits_and_holds(host):
    op, anna, bo = people(host)
    limits = {r["limit"]: r
              for r in anna.get("/domains/a.example/limits")["items"]}
    same((limits["messages_5min"]["most"], limits["messages_5min"]["window_s"],
          limits["queued"]["window_s"]), (25, 300, None), "R26, R28")
    anna.refused(403, "E-DENIED", "PUT",
                 "/domains/a.example/limits/messages_5min", {"most": 1000})
    op.do("PUT", "/domains/a.example/limits/messages_5min", {"most": 50})
    got = {r["limit"]: r["most"]
           for r in anna.get("/domains/a.example/limits")["items"]}
    same(got["messages_5min"], 50, "the operator's word")
    op.do("PUT", "/domains/a.example/limits/messages_5min", {"most": None})
    op.refused(400, "E-INVALID", "PUT", "/domains/a.example/limits/moon",
               {"most": 5}, field="limit")
    need(bo.get("/accounts/bo@a.example/limits")["items"], "one's own")
    op.do("POST", "/domains/a.example/limits-reset")

    op.do("PUT", "/holds/bo@a.example")
    same([h["address"] for h in op.get("/holds")["items"]], ["bo@a.example"],
         "held")
    row = anna.get("/addresses", search="bo@a.example", type="mailbox")
    same(row["items"][0]["held"], True, "in the list")
    with smtplib.SMTP("127.0.0.1", host.port("submission"), timeout=20) as s:
        s.login("bo@a.example", PASSWORD)
        s.sendmail("bo@a.example", ["x@elsewhere.example"],
                   b"From: bo@a.example\r\nTo: x@elsewhere.example\r\n"
                   b"Subject: held\r\n\r\nhello\r\n")
    mine = bo.get("/queue")["items"]
    same([(m["state"], m["recipient"]) for m in mine],
         [("held", "x@elsewhere.example")], "bo's queue")
    same(len(anna.get("/queue", state="held")["items"]), 1, "anna's queue")
    same(anna.get("/queue", state="waiting")["items"], [], "by state")
    one = f"/queue/{mine[0]['id']}"
    bo.refused(403, "E-DENIED", "POST", one + "/release")
    host.account("fay@b.example", PASSWORD)
    fay = Client(host, "fay@b.example")
    same(fay.get("/queue")["items"], [], "not fay's")
    fay.refused(404, "E-NOT-FOUND", "GET", one)
    fay.refused(404, "E-NOT-FOUND", "DELETE", one)
    fay.refused(404, "E-NOT-FOUND", "DELETE", "/queue/99999")
    same(len(op.get(one)["items"]), 1, "the operator's")
    bo.do("DELETE", one)
    bo.refused(404, "E-NOT-FOUND", "GET", one)
    op.do("POST", "/holds/bo@a.example/release")
    same(op.get("/holds")["items"], [], "let go")


@test
def greylist_words(host):
    op, anna, bo = people(host)
    bo.do("POST", "/greylist/allow", {"sender": "friend@far.example"})
    anna.do("POST", "/greylist/block", {"sender": "pest.example"})
    words = {(w["sender"], w["for"], w["result"])
             for w in anna.get("/greylist/words")["items"]}
    same(words, {("friend@far.example", "bo@a.example", "allowed"),
                 ("pest.example", "a.example", "blocked")}, "anna's")
    same([w["sender"] for w in bo.get("/greylist/words")["items"]],
         ["friend@far.example"], "bo's")
    bo.refused(404, "E-NOT-FOUND", "POST", "/greylist/block",
               {"sender": "pest.example", "for": "a.example"}, field="for")
    same(op.get("/greylist/waiting")["items"], [], "nobody waits")
    anna.do("POST", "/greylist/remove", {"sender": "pest.example"})


@test
def a_trace(host):
    """Each sees their part of a message to two domains."""
    op, anna, bo = people(host)
    with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20) as s:
        s.sendmail("far@far.example", ["bo@a.example", "ole@b.example"],
               b"From: far@far.example\r\nTo: bo@a.example\r\n"
               b"Message-ID: <trace-1@far.example>\r\n"
               b"Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n"
               b"Subject: hello\r\n\r\nhello\r\n")

    def story(who, **query):
        until = time.monotonic() + 5
        while time.monotonic() < until:
            found = who.get("/trace", find="<trace-1@far.example>",
                            **query)["items"]
            if found and found[0]["state"] == "delivered":
                return found
            time.sleep(0.05)
        raise Wrong(f"no story: {found}")

    need("ole@b.example" in json.dumps(story(op)), "the operator sees all")
    for who in (anna, bo):
        text = json.dumps(story(who))
        need("bo@a.example" in text and "b.example" not in text, text)
    for who in (anna, bo):
        for word in ("ole@b.example", "<trace-1@far.example>"):
            found = who.get("/trace", find=word, to="ole@b.example")["items"]
            same(found, [], "found by what is not shown")
    same(anna.get("/trace", find="ole@b.example")["items"], [],
         "another domain's")
    same(bo.get("/trace", find="ole@b.example")["items"], [], "another's")


@test
def branding(host):
    op, _, bo = people(host)
    got = op.do("PATCH", "/branding", {"name": "Hosting", "colour": "#0A5A68",
                                       "help": "mailto:help@host.example"})
    same((got["name"], got["colour"]), ("Hosting", "#0A5A68"), "branding")
    op.refused(400, "E-INVALID", "PATCH", "/branding", {"colour": "#F0B84A"},
               field="colour")
    op.refused(400, "E-INVALID", "PATCH", "/branding",
               {"logo": "http://x.example/l.png"}, field="logo")
    bo.refused(403, "E-DENIED", "PATCH", "/branding", {"name": "Mine"})
    same(bo.get("/branding")["name"], "Hosting", "for all")
    same(op.do("PATCH", "/branding", {"name": None, "help": None,
                                      "colour": None})["colour"], None, "none")


@test
def the_audit(host):
    op, anna, bo = people(host)
    anna.do("PATCH", "/accounts/bo@a.example", {"name": "Bo Berg"})
    anna.do("PUT", "/accounts/bo@a.example/password", {"password": PASSWORD})
    op.do("PATCH", "/accounts/bo@a.example", {"name": "Bo"})
    rows = op.get("/audit", subject="bo@a.example", limit=3)["items"]
    same([(r["who"], r["role"], r["operation"], r["from"], r["result"])
          for r in rows],
         [("op@host.example", "operator", "account.set", "127.0.0.1", "done"),
          ("anna@a.example", "domain", "account.password", "127.0.0.1",
           "done"),
          ("anna@a.example", "domain", "account.set", "127.0.0.1", "done")],
         "who, what, from where")
    same((rows[2]["after"], rows[0]["before"]["name"], rows[0]["after"]),
         ({"name": "Bo Berg"}, "Bo Berg", {"name": "Bo"}), "before and after")
    # Who the operator is, and from where, is not the customer's affair.
    seen = anna.get("/audit", subject="bo@a.example", limit=1)["items"][0]
    same((seen["who"], seen["from"]), ("operator", None), "for anna")
    need(all(r["subject"].endswith("a.example")
             for r in anna.get("/audit")["items"]), "other domains")
    bo.refused(403, "E-DENIED", "GET", "/audit")
    # The command line writes the same log.
    listed = json.loads(host.cli("audit", "--what", "account.", "--limit", "1",
                                 "--json"))
    same(listed[0]["operation"], "account.set", "posthus audit")
    page = op.get("/audit", limit=2)
    more = op.get("/audit", limit=2, after=page["next"])
    need(more["items"][0]["id"] < page["items"][1]["id"], "pages")


@test
def secrets_are_kept(host):
    """No password and no token is in a database or the log."""
    op = people(host)[0]
    secret = "unforgettable-word-4711"
    op.do("POST", "/accounts", {"address": "sec@b.example",
                                "password": secret})
    token = op.do("POST", "/tokens", {"address": "op@host.example",
                                      "name": "s", "scopes": ["host:read"]})
    host.cli("passwd", "sec@b.example", "--password-stdin",
             stdin=secret + "\n")
    for path in [*host.data.rglob("*"), host.log]:
        if path.is_file():
            text = path.read_bytes()
            for word in (secret, token["token"], PASSWORD):
                need(word.encode() not in text, f"{path} holds {word}")


# ---- documents without a login ----

def plain(host, path, name=None):
    c = http.client.HTTPConnection("127.0.0.1", host.port("http"), timeout=20)
    c.request("GET", path, headers={"Host": name} if name else {})
    r = c.getresponse()
    return Answer(r.status, r.headers, r.read())


def signed(profile, certificate):
    """What was signed, once the signature held."""
    with tempfile.NamedTemporaryFile() as f:
        f.write(profile)
        f.flush()
        # "any": a server's certificate is not made to sign mail.
        r = subprocess.run(
            ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in",
             f.name, "-CAfile", str(certificate), "-purpose", "any"],
            capture_output=True)
    need(r.returncode == 0, r.stderr.decode())
    return r.stdout


def self_signed(folder, name):
    """An RSA key and its certificate, as an operator brings them."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
         "-keyout", f"{folder}/key", "-out", f"{folder}/crt"], check=True,
        capture_output=True)
    return f"{folder}/crt", f"{folder}/key"


@test
def a_profile(host):
    """For Apple's systems; no matter whether the address is there."""
    own = next(host.data.glob("**/tls/default.crt"))
    a = plain(host, "/profile/bo@a.example.mobileconfig")
    same((a.status, a.headers["Content-Type"],
          a.headers["Content-Disposition"]),
         (200, "application/x-apple-aspen-config",
          'attachment; filename="mail-bo-at-a-example.mobileconfig"'),
         "a profile")
    inner = signed(a.body, own)
    account = plistlib.loads(inner)["PayloadContent"][0]
    same((account["EmailAddress"], account["EmailAccountType"],
          account["IncomingMailServerUsername"]),
         ("bo@a.example", "EmailTypeIMAP", "bo@a.example"), "its account")
    again = plain(host, "/profile/bo@a.example.mobileconfig").body
    same(signed(again, own), inner, "the same profile")
    other = signed(plain(host, "/profile/nobody@a.example.mobileconfig").body,
                   own)
    need(len(other) > 1000 and b"nobody@a.example" in other, "nobody")
    pop = signed(plain(host, "/profile/bo@a.example.mobileconfig?type=pop").body,
                 own)
    same(plistlib.loads(pop)["PayloadContent"][0]["EmailAccountType"],
         "EmailTypePOP", "POP")
    for name in ("bo@q.example.mobileconfig", "bo@a.example", "bo",
                 "%3Cx%3E@a.example.mobileconfig"):
        same(plain(host, "/profile/" + name).status, 404, name)


@test
def a_profile_is_signed_by_the_name_asked(host):
    with tempfile.TemporaryDirectory() as d:
        crt, key = self_signed(d, "mail.a.example")
        host.cli("cert", "add", "mail.a.example", crt, key)
        path = "/profile/bo@a.example.mobileconfig"

        def issuer(name):
            out = subprocess.run(
                ["openssl", "pkcs7", "-inform", "DER", "-print_certs"],
                input=plain(host, path, name).body, capture_output=True,
                check=True)
            return out.stdout
        until = time.monotonic() + 30
        while b"mail.a.example" not in issuer("MAIL.a.example:443"):
            need(time.monotonic() < until, "its certificate")
            time.sleep(0.2)
        # The keys process takes the new key up with the certificate.
        while plain(host, path, "mail.a.example").status != 200:
            need(time.monotonic() < until, "its key")
            time.sleep(0.2)
        body = plain(host, path, "mail.a.example").body
        same(plistlib.loads(signed(body, crt))["PayloadType"], "Configuration",
             "RSA")
        need(b"mail.a.example" not in issuer("elsewhere.example"), "default")


@test
def an_mta_sts_policy(host):
    a = plain(host, "/.well-known/mta-sts.txt", "mta-sts.a.example")
    same((a.status, a.body),
         (200, b"version: STSv1\r\nmode: testing\r\n"
               b"mx: mx.provider.example\r\nmax_age: 86400\r\n"), "policy")
    need(a.headers["Content-Type"].startswith("text/plain"), "type")
    same(plain(host, "/.well-known/mta-sts.txt", "mta-sts.q.example").status,
         404, "not hosted")


# ---- a domain from outside ----

PROVIDER = "".join(f"{label} A 127.0.0.1\n" for label in (
    "mx", "imap", "pop", "send", "mail", "autoconfig", "autodiscover",
    "mta-sts", "ua-auto-config"))


def looked_at(host, code):
    text = host.cli("domain", "check", "a.example", "--json", code=code)
    result = json.loads(text)
    rows = {}
    for row in result["rows"]:
        rows.setdefault(row["id"], []).append(row)
    return result, {k: v[0] for k, v in rows.items()}, rows


def relative(zone):
    """`domain dns --zone` as lines of our own zone file."""
    return zone.replace("3600 IN ", "")


@test
def a_domain_from_outside(host):
    """Empty, complete, wrong, and with a resolver that does not answer."""
    with Nsd({"a.example": "", "provider.example": PROVIDER}) as dns, \
            Host(host.posthus, {**SETTINGS, **dns.settings}) as other:
        other.domain("a.example")
        other.account("anna@a.example", PASSWORD)
        other.cli("admin", "add", "anna@a.example", "--domain", "a.example")
        other.start()
        result, row, _ = looked_at(other, 11)
        same(result["state"], "wrong", "an empty zone")
        same({k: row[k]["state"] for k in ("mx", "spf", "dkim", "dmarc",
                                           "autodiscover", "dane", "caa",
                                           "wildcard", "srv")},
             {"mx": "missing", "spf": "missing", "dkim": "missing",
              "dmarc": "missing", "autodiscover": "missing",
              "dane": "not needed", "caa": "not needed", "wildcard": "ok",
              "srv": "missing"}, "an empty zone")
        same(row["mx"]["wanted"], "10 mx.provider.example", "MX wanted")

        zone = relative(other.cli("domain", "dns", "a.example", "--zone"))
        dns.change("a.example", zone)
        result, row, rows = looked_at(other, 10)
        same({k: row[k]["state"] for k in ("mx", "spf", "dmarc", "tlsrpt",
                                           "wildcard")},
             dict.fromkeys(("mx", "spf", "dmarc", "tlsrpt", "wildcard"),
                           "ok"), "a whole zone")
        same({r["state"] for r in rows["dkim"] + rows["srv"]}, {"ok"},
             "keys and services")
        # The names lead here; the certificate of the test is nobody's.
        for k in ("autoconfig", "autodiscover"):
            same(row[k]["state"], "warning", k)
            need("certificate" in row[k]["why"], row[k]["why"])
        need("v=spf1 mx ~all" in row["spf"]["found"], "what was found")

        def changed(line, new):
            dns.change("a.example", zone.replace(line, new))
            return looked_at(other, 11)[1]

        spf = next(x for x in zone.splitlines() if "spf1" in x)
        need("Only one" in changed(spf, spf + "\n" + spf.replace(
            "mx ~all", "-all"))["spf"]["why"], "two records")
        row = changed(spf, spf.replace("mx ~all", "ip4:192.0.2.9 -all"))
        same(row["spf"]["state"], "wrong", "not our address")
        need("127.0.0.1" in row["spf"]["why"], row["spf"]["why"])
        mx = next(x for x in zone.splitlines() if " MX " in x)
        row = changed(mx, mx.replace("mx.provider", "mx.elsewhere"))
        same((row["mx"]["state"], row["mx"]["found"]),
             ("wrong", "10 mx.elsewhere.example"), "another's MX")
        auto = next(x for x in zone.splitlines()
                    if x.startswith("autodiscover."))
        row = changed(auto, "autodiscover.a.example. A 192.0.2.7\n"
                            "*.a.example. A 192.0.2.7")
        same((row["autodiscover"]["state"], row["autodiscover"]["found"]),
             ("wrong", "192.0.2.7"), "elsewhere")
        same(row["wildcard"]["state"], "warning", "every name elsewhere")

        # By HTTP it is done behind, and kept.
        dns.change("a.example", zone)
        anna = Client(other, "anna@a.example")
        before = anna.get("/domains/a.example/check")["time"]
        other.clock_add(3600 * 10 ** 6)
        anna.do("POST", "/domains/a.example/check")
        until = time.monotonic() + 30
        while (got := anna.get("/domains/a.example/check"))["time"] == before:
            need(time.monotonic() < until, "nobody checks")
            time.sleep(0.1)
        same({r["state"] for r in got["rows"] if r["id"] == "mx"}, {"ok"},
             "by HTTP")
        same(anna.get("/domains/a.example")["check"]["state"], "warning",
             "in the list")
        anna.refused(404, "E-NOT-FOUND", "GET", "/domains/b.example/check")

        # The keys were seen and sign; new ones wait beside them.
        anna.do("POST", "/domains/a.example/rotate")
        keys = [r["state"] for r in
                anna.get("/domains/a.example/records")["items"]
                if r["selector"]]
        same(sorted(keys), ["signs"] * 2 + ["waits"] * 2, "new keys")

        dns.stop()
        result, row, _ = looked_at(other, 0)
        same({r["state"] for r in result["rows"]} - {"not needed"},
             {"could not check"}, "a resolver that is gone")


@test
def a_machine(host):
    """Ports, names, reverse DNS, lists, the certificate."""
    zones = {"provider.example": PROVIDER,
             "arpa": "1.0.0.127.in-addr PTR mx.provider.example.\n",
             "list.example": "1.0.0.127 A 127.0.0.2\n",
             "shy.example": "1.0.0.127 A 127.255.255.254\n"}
    with Nsd(zones) as dns, Host(host.posthus, {
            **SETTINGS, **dns.settings, "panel.check_every": "0s",
            "score.dnsbl": "list.example=2,shy.example,good.example"
            }) as other:
        other.domain("host.example")
        other.account("op@host.example", PASSWORD)
        other.cli("admin", "add", "op@host.example", "--operator")
        op = Client(other, "op@host.example")
        other.start()
        op.refused(404, "E-NOT-FOUND", "GET", "/health")
        op.do("POST", "/health")
        until = time.monotonic() + 30
        while op.ask("GET", "/health").status == 404:
            need(time.monotonic() < until, "nobody checks")
            time.sleep(0.1)
        result = op.get("/health")
        state = {(r["id"], r["name"]): r["state"] for r in result["rows"]}
        same({v for k, v in state.items() if k[0] in ("port", "name")},
             {"ok"}, "ports and names")
        back = "1.0.0.127."
        want = {("ptr", back + "in-addr.arpa"): "ok",
                ("dnsbl", back + "list.example"): "wrong",
                ("dnsbl", back + "shy.example"): "could not check",
                ("dnsbl", back + "good.example"): "ok",
                ("resolver", "arpa"): "warning",
                ("queue", "queue"): "ok", ("signing", "DKIM"): "warning"}
        same({k: state.get(k) for k in want}, want, "rows")
        crt = next(r for r in result["rows"] if r["id"] == "certificate")
        need(crt["state"] == "warning" and "itself" in crt["why"], f"{crt}")
        same(result["state"], "wrong", "on a list")
        other.stop()
        rows = json.loads(other.cli("check", "--json", code=11))["rows"]
        same({r["state"] for r in rows if r["id"] == "port"}, {"missing"},
             "stopped")


def prepare(host):
    global DOCUMENT
    for d in ("host.example", "a.example", "b.example"):
        host.domain(d)
    for address in ("op@host.example", "anna@a.example", "bo@a.example",
                    "ole@b.example"):
        host.account(address, PASSWORD)
    host.cli("admin", "add", "op@host.example", "--operator")
    host.cli("admin", "add", "anna@a.example", "--domain", "a.example")
    host.start()
    DOCUMENT = Document(Client(host).ask("GET", "/openapi.json").body.decode())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--posthus",
                   default=str(HERE.parent.parent / "build/posthus"))
    p.add_argument("--list", action="store_true")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    chosen = [t for t in TESTS
              if not args.names or any(n in t.__name__ for n in args.names)]
    if args.list:
        for t in chosen:
            print(f"api/{t.__name__}")
        return 0
    if not os.access(args.posthus, os.X_OK):
        print(f"FAIL api (no program {args.posthus})")
        return 1
    failed = 0
    with Host(args.posthus, SETTINGS) as host:
        prepare(host)
        for t in chosen:
            begun = time.monotonic()
            try:
                t(host)
                print(f"ok api/{t.__name__} "
                      f"({time.monotonic() - begun:.1f} s)", flush=True)
            except Exception as e:
                failed += 1
                print(f"FAIL api/{t.__name__}: {e}", flush=True)
                if not isinstance(e, (Wrong, HostError, Refused)):
                    for row in traceback.format_exc().splitlines()[-6:]:
                        print(f"    {row}")
        trouble = re.findall(r".*api\.trouble.*", host.log_tail(10 ** 7))
        if trouble:
            failed += 1
            print(f"FAIL api/log: {trouble[0]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
