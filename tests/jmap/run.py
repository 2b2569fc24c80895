#!/usr/bin/env python3
"""JMAP over real HTTP: every method's normal and error answers, and what IMAP
sees of it.

    run.py [--posthus P] [--list] [NAME...]

One host serves all tests; each test makes an account of its own.
"""
import argparse
import base64
import hashlib
import http.client
import io
import json
import mailbox
import os
import re
import struct
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from email import message_from_bytes, policy
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import Host, HostError  # noqa: E402
from lib.mail import Imap, Refused, Smtp  # noqa: E402

SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8", "server.drain": "3s",
}
PASSWORD = "secret-word"
CORE = "urn:ietf:params:jmap:core"
MAIL = "urn:ietf:params:jmap:mail"
QUOTA = "urn:ietf:params:jmap:quota"
SUBMISSION = "urn:ietf:params:jmap:submission"
SIEVE = "urn:ietf:params:jmap:sieve"
VACATION = "urn:ietf:params:jmap:vacationresponse"
TESTS = []
MESSAGE = (b"From: Bo <bo@partner.example>\r\nTo: anna@customer.example\r\n"
           b"Subject: hello\r\nMessage-ID: <m1@partner.example>\r\n"
           b"Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n\r\nhello\r\n")


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


class Client:
    """One account's JMAP connection."""

    def __init__(self, host, address, password=PASSWORD):
        self.host = host
        self.address = address
        self.http = http.client.HTTPConnection("127.0.0.1",
                                               host.port("http"), timeout=20)
        token = base64.b64encode(f"{address}:{password}".encode()).decode()
        self.auth = {"Authorization": "Basic " + token}
        self.using = [CORE, MAIL, QUOTA, SUBMISSION, SIEVE, VACATION]
        self.account = None

    def fetch(self, method, path, body=None, headers=None):
        """(status, headers, body)"""
        self.http.request(method, path, body, {**self.auth, **(headers or {})})
        r = self.http.getresponse()
        return r.status, r.headers, r.read()

    def session(self):
        status, headers, body = self.fetch("GET", "/.well-known/jmap")
        same(status, 200, "session")
        same(headers["Content-Type"], "application/json", "type")
        s = json.loads(body)
        self.account = s["primaryAccounts"][MAIL]
        return s

    def post(self, request, content_type="application/json"):
        body = request if isinstance(request, bytes) else \
            json.dumps(request).encode()
        status, _, body = self.fetch("POST", "/jmap/api", body,
                                     {"Content-Type": content_type})
        return status, json.loads(body)

    def calls(self, *calls, **more):
        """The method responses."""
        status, answer = self.post({"using": self.using,
                                    "methodCalls": list(calls), **more})
        same(status, 200, f"status ({answer})")
        return answer["methodResponses"]

    def call(self, name, **args):
        """The arguments of the one answer, which is no error."""
        answer = self.try_call(name, **args)
        if answer[0] != name:
            raise Wrong(f"{name}: {answer}")
        return answer[1]

    def refused(self, error, name, **args):
        """The call is answered with this error."""
        answer = self.try_call(name, **args)
        if answer[0] != "error" or answer[1]["type"] != error:
            raise Wrong(f"{name} {args}: {answer}, not {error}")
        return answer[1]

    def try_call(self, name, **args):
        if name != "Core/echo":
            args.setdefault("accountId", self.account)
        return self.calls([name, args, "c"])[0]


def account(host, name, domain="customer.example"):
    address = f"{name}@{domain}"
    if domain not in ("customer.example",):
        host.domain(domain)
    host.account(address, PASSWORD)
    c = Client(host, address)
    c.session()
    return c


# ---- the request itself ----

@test
def session(host):
    """The session object names the account and its URLs."""
    c = account(host, "session")
    s = c.session()
    same(s["username"], c.address, "username")
    need(s["apiUrl"].endswith("/jmap/api"), "apiUrl")
    need(s["apiUrl"].startswith("http://127.0.0.1:"), "apiUrl")
    for word in ("accountId", "blobId", "name", "type"):
        need("{" + word + "}" in s["downloadUrl"], f"no {word}")
    need("{accountId}" in s["uploadUrl"], "uploadUrl")
    core = s["capabilities"][CORE]
    for limit in ("maxSizeUpload", "maxConcurrentUpload", "maxSizeRequest",
                  "maxConcurrentRequests", "maxCallsInRequest",
                  "maxObjectsInGet", "maxObjectsInSet"):
        need(core[limit] > 0, limit)
    same(list(s["accounts"]), [c.account], "accounts")
    a = s["accounts"][c.account]
    need(a["isPersonal"] and not a["isReadOnly"], "account")
    need(a["accountCapabilities"][MAIL]["maxSizeMailboxName"] >= 100, "name")


@test
def login(host):
    """Wrong passwords are 401 and then locked out: 429 with Retry-After."""
    c = account(host, "login")
    c.http.request("GET", "/.well-known/jmap")
    r = c.http.getresponse()
    r.read()
    same(r.status, 401, "without a login")
    need("Basic realm=" in r.headers["WWW-Authenticate"], "WWW-Authenticate")
    bad = Client(host, "login@customer.example", "wrong")
    upper = Client(host, "Login@customer.example")
    status, _, body = upper.fetch("GET", "/jmap/session")
    same(status, 401, "upper case")
    need(b"lowercase" in body, "R6 is not said")
    for _ in range(10):
        status, headers, _ = bad.fetch("GET", "/jmap/session")
        if status != 401:
            break
    same(status, 429, "after failures")
    need(1 <= int(headers["Retry-After"]) <= 60, "Retry-After")
    bad.auth = {"Authorization": "Basic !!!"}
    same(bad.fetch("GET", "/jmap/session")[0], 401, "no base64")


@test
def a_stranger_with_curl(host):
    """curl logs in and calls a method."""
    c = account(host, "curl")
    done = subprocess.run(
        ["curl", "-s", "-u", f"{c.address}:{PASSWORD}",
         "-H", "Content-Type: application/json", "-d",
         json.dumps({"using": [CORE],
                     "methodCalls": [["Core/echo", {"a": [1]}, "x"]]}),
         f"http://127.0.0.1:{host.port('http')}/jmap/api"],
        capture_output=True, timeout=20)
    same(json.loads(done.stdout)["methodResponses"],
         [["Core/echo", {"a": [1]}, "x"]], "curl")


@test
def problems(host):
    """What is no request at all is told so (RFC 8620, 3.6.1)."""
    c = account(host, "problems")
    urn = "urn:ietf:params:jmap:error:"
    rows = [
        (b"{", "notJSON"), (b'{"a":1,"a":2}', "notJSON"),
        (b"[]", "notRequest"), (b"{}", "notRequest"),
        (b'{"using":[],"methodCalls":{}}', "notRequest"),
        (b'{"using":[1],"methodCalls":[]}', "notRequest"),
        (b'{"using":[],"methodCalls":[["a",{}]]}', "notRequest"),
        (b'{"using":[],"methodCalls":[["a",[],"b"]]}', "notRequest"),
        (b'{"using":["urn:x"],"methodCalls":[]}', "unknownCapability"),
    ]
    for body, want in rows:
        status, answer = c.post(body)
        same((status, answer["type"]), (400, urn + want), body)
    status, answer = c.post(b"{}", "text/plain")
    same(answer["type"], urn + "notJSON", "content type")
    limits = c.session()["capabilities"][CORE]
    n = limits["maxCallsInRequest"] + 1
    status, answer = c.post({"using": [CORE],
                             "methodCalls": [["Core/echo", {}, "a"]] * n})
    same((status, answer["type"], answer["limit"]),
         (400, urn + "limit", "maxCallsInRequest"), "calls")
    status, answer = c.post(b'{"using":[],"methodCalls":[],"x":"' +
                            b"x" * limits["maxSizeRequest"] + b'"}')
    same((status, answer["limit"]), (400, "maxSizeRequest"), "size")
    same(c.post({"using": [], "methodCalls": []})[1]["methodResponses"], [],
         "an empty one")


@test
def echo_and_references(host):
    """Core/echo, and references into earlier answers (RFC 8620, 3.7)."""
    c = account(host, "echo")
    value = {"a": [1, 2.5, "\u00e6\u2028", None, True, {"b": {}}], "n": -7}
    same(c.call("Core/echo", **value), value, "echo")
    deep = {"x": 1}
    for _ in range(60):
        deep = {"x": [deep]}
    same(c.call("Core/echo", **deep), deep, "a deep echo")
    got = c.calls(
        ["Core/echo", {"list": [{"ids": ["a", "b"]}, {"ids": ["c"]}]}, "0"],
        ["Core/echo", {"#all": {"resultOf": "0", "name": "Core/echo",
                                "path": "/list/*/ids"}, "k": 1}, "1"],
        ["Core/echo", {"#one": {"resultOf": "1", "name": "Core/echo",
                                "path": "/all/2"}}, "2"],
        ["Core/echo", {"#no": {"resultOf": "9", "name": "Core/echo",
                               "path": "/all"}}, "3"],
        ["Core/echo", {"#no": {"resultOf": "1", "name": "Other/name",
                               "path": "/all"}}, "4"],
        ["Core/echo", {"#no": {"resultOf": "1", "name": "Core/echo",
                               "path": "/missing"}}, "5"],
        ["Core/echo", {"#k": {"resultOf": "1", "name": "Core/echo",
                              "path": "/k"}, "k": 2}, "6"],
        ["No/such", {}, "7"])
    same(got[1], ["Core/echo", {"all": ["a", "b", "c"], "k": 1}, "1"], "1")
    same(got[2], ["Core/echo", {"one": "c"}, "2"], "2")
    for i in (3, 4, 5):
        same((got[i][0], got[i][1]["type"], got[i][2]),
             ("error", "invalidResultReference", str(i)), str(i))
    same(got[6][1]["type"], "invalidArguments", "given twice")
    same(got[7][1]["type"], "unknownMethod", "unknown")


# ---- mailboxes, threads, quota ----

def boxes(c, **args):
    return {b["name"]: b for b in c.call("Mailbox/get", **args)["list"]}


@test
def mailbox_get(host):
    """The six that come with an account, with counts, rights and roles."""
    c = account(host, "mailboxes")
    got = c.call("Mailbox/get", ids=None)
    by_role = {b["role"]: b for b in got["list"]}
    same(set(by_role), {"inbox", "drafts", "sent", "junk", "trash", "archive"},
         "roles")
    inbox = by_role["inbox"]
    same(inbox["name"], "Inbox", "name")
    same((inbox["totalEmails"], inbox["unreadThreads"], inbox["parentId"]),
         (0, 0, None), "counts")
    need(not inbox["myRights"]["mayDelete"], "the inbox may be deleted")
    need(by_role["sent"]["myRights"]["mayDelete"], "Sent may not be deleted")
    need(inbox["isSubscribed"], "subscribed")
    one = c.call("Mailbox/get", ids=[inbox["id"], "M999", "nonsense",
                                     inbox["id"]], properties=["name"])
    same(one["list"], [{"id": inbox["id"], "name": "Inbox"}], "one")
    same(one["notFound"], ["M999", "nonsense"], "notFound")
    c.refused("invalidArguments", "Mailbox/get", properties=["nonsense"])
    c.refused("invalidArguments", "Mailbox/get", ids="M1")
    c.refused("invalidArguments", "Mailbox/get", unknown=1)
    c.refused("accountNotFound", "Mailbox/get", accountId="A999")
    c.refused("requestTooLarge", "Mailbox/get",
              ids=[f"M{i}" for i in range(1, 1500)])
    c.using = [CORE]
    c.refused("unknownMethod", "Mailbox/get")


@test
def mailbox_set(host):
    """Create with a parent of the same request, rename, move, roles, destroy."""
    c = account(host, "mailboxset")
    state = c.call("Mailbox/get")["state"]
    got = c.call("Mailbox/set", create={
        "b": {"name": "Inner", "parentId": "#a"},
        "a": {"name": "Outer", "isSubscribed": True}})
    need(not got["notCreated"], f"{got}")
    outer, inner = (got["created"][k]["id"] for k in "ab")
    same(got["oldState"], state, "oldState")
    same(boxes(c)["Inner"]["parentId"], outer, "parent")
    changes = c.call("Mailbox/changes", sinceState=state)
    same(set(changes["created"]), {outer, inner}, "created")
    same(changes["newState"], got["newState"], "newState")
    # What is wrong with each.
    wrong = {
        "no name": ({}, "name"), "empty": ({"name": ""}, "name"),
        "slash": ({"name": "a/b"}, "name"),
        "long": ({"name": "x" * 300}, "name"),
        "twice": ({"name": "Outer"}, "name"),
        "parent": ({"name": "x", "parentId": "M999"}, "parentId"),
        "in inbox": ({"name": "x", "parentId": boxes(c)["Inbox"]["id"]},
                     "parentId"),
        "role": ({"name": "x", "role": "sent"}, "role"),
        "no role": ({"name": "x", "role": "nonsense"}, "role"),
        "total": ({"name": "x", "totalEmails": 3}, "totalEmails"),
        "loop": ({"name": "x", "parentId": "#loop"}, "parentId"),
    }
    got = c.call("Mailbox/set", create={k: v[0] for k, v in wrong.items()})
    need(not got["created"], f"{got}")
    for k, (_, name) in wrong.items():
        e = got["notCreated"][k]
        same((e["type"], e["properties"]), ("invalidProperties", [name]), k)
    # Update.
    got = c.call("Mailbox/set", update={
        inner: {"name": "Moved", "parentId": None, "isSubscribed": True},
        "M999": {"name": "x"},
        boxes(c)["Inbox"]["id"]: {"name": "Other"}})
    same(got["updated"], {inner: None}, "updated")
    same(got["notUpdated"]["M999"]["type"], "notFound", "M999")
    same(got["notUpdated"][boxes(c)["Inbox"]["id"]]["type"], "forbidden",
         "inbox")
    moved = boxes(c)["Moved"]
    same((moved["parentId"], moved["isSubscribed"]), (None, True), "moved")
    c.call("Mailbox/set", update={inner: {"parentId": outer}})
    got = c.call("Mailbox/set", update={outer: {"parentId": inner}})
    need(outer in got["notUpdated"], "below itself")
    # IMAP sees the same.
    imap = Imap(host.port("imap"), c.address, PASSWORD)
    need(b"Outer/Moved" in b"".join(sum(imap.command(b'LIST "" "*"'), [])), "LIST")
    # Destroy: the child first, whatever the order.
    got = c.call("Mailbox/set", destroy=[outer])
    same(got["notDestroyed"][outer]["type"], "mailboxHasChild", "child")
    imap.append("Outer/Moved", MESSAGE)
    got = c.call("Mailbox/set", destroy=[outer, inner, "M999"])
    same(got["notDestroyed"][inner]["type"], "mailboxHasEmail", "email")
    same(got["notDestroyed"]["M999"]["type"], "notFound", "M999")
    state = got["newState"]
    c.refused("stateMismatch", "Mailbox/set", ifInState="0-0",
              destroy=[outer])
    got = c.call("Mailbox/set", destroy=[outer, inner], ifInState=state,
                 onDestroyRemoveEmails=True)
    same(set(got["destroyed"]), {outer, inner}, "destroyed")
    same(set(c.call("Mailbox/changes", sinceState=state)["destroyed"]),
         {outer, inner}, "changes")
    c.refused("cannotCalculateChanges", "Mailbox/changes",
              sinceState="77-1")
    c.refused("cannotCalculateChanges", "Mailbox/changes",
              sinceState="nonsense")
    c.refused("invalidArguments", "Mailbox/changes", sinceState=state,
              maxChanges=0)


@test
def mailbox_query(host):
    """Filters, orders, trees, windows."""
    c = account(host, "mailboxquery")
    got = c.call("Mailbox/set", create={
        "z": {"name": "Zebra"}, "y": {"name": "yak", "parentId": "#z"},
        "x": {"name": "Xerus", "parentId": "#y"}})["created"]
    x, y, z = (got[k]["id"] for k in "xyz")
    names = {b["id"]: b["name"] for b in boxes(c).values()}

    def query(**args):
        return [names[i] for i in c.call("Mailbox/query", **args)["ids"]]

    by_name = [{"property": "name", "isAscending": True}]
    same(query(sort=by_name), ["Archive", "Drafts", "Inbox", "Sent", "Spam",
                               "Trash", "Xerus", "yak", "Zebra"], "by name")
    same(query(sort=by_name, sortAsTree=True)[-3:], ["Zebra", "yak", "Xerus"],
         "tree")
    same(query(filter={"role": "inbox"}), ["Inbox"], "role")
    same(query(filter={"hasAnyRole": False, "parentId": None}), ["Zebra"],
         "no role")
    same(query(filter={"name": "YA"}), ["yak"], "name")
    same(query(filter={"name": "x"}, filterAsTree=True), ["Inbox"],
         "filterAsTree")
    same(query(filter={"operator": "NOT", "conditions": [
        {"hasAnyRole": True}, {"parentId": y}]}, sort=by_name),
        ["yak", "Zebra"], "NOT")
    same(query(sort=[{"property": "sortOrder"}])[0], "Inbox", "sortOrder")
    got = c.call("Mailbox/query", sort=by_name, position=-2,
                 calculateTotal=True)
    same((got["total"], got["position"], got["ids"]), (9, 7, [y, z]), "end")
    got = c.call("Mailbox/query", sort=by_name, anchor=y, anchorOffset=-1,
                 limit=2)
    same((got["position"], got["ids"]), (6, [x, y]), "anchor")
    c.refused("anchorNotFound", "Mailbox/query", anchor="M999")
    c.refused("unsupportedSort", "Mailbox/query",
              sort=[{"property": "nonsense"}])
    c.refused("unsupportedFilter", "Mailbox/query", filter={"nonsense": 1})
    got = c.call("Mailbox/query")
    same(c.call("Mailbox/queryChanges", sinceQueryState=got["queryState"])
         ["added"], [], "no changes")
    c.refused("cannotCalculateChanges", "Mailbox/queryChanges",
              sinceQueryState="1-1")


@test
def threads_and_counts(host):
    """Threads over mailboxes, counts of unread, what IMAP hides."""
    c = account(host, "threads")
    imap = Imap(host.port("imap"), c.address, PASSWORD)
    state = c.call("Thread/changes", sinceState=c.call(
        "Thread/get", ids=[])["state"])["newState"]
    box = c.call("Mailbox/get")["state"]
    imap.append("INBOX", MESSAGE)
    imap.append("Sent", b"Message-ID: <r@x.example>\r\nReferences: "
                b"<m1@partner.example>\r\nSubject: Re: hello\r\n\r\nr\r\n",
                "\\Seen")
    imap.append("INBOX", b"Message-ID: <o@x.example>\r\nSubject: other"
                b"\r\n\r\no\r\n", "\\Seen")
    got = c.call("Thread/changes", sinceState=state)
    same(len(got["created"]), 2, "threads")
    threads = c.call("Thread/get", ids=got["created"] + ["T999"])
    same(threads["notFound"], ["T999"], "notFound")
    same(sorted(len(t["emailIds"]) for t in threads["list"]), [1, 2], "sizes")
    counts = boxes(c)
    same([counts["Inbox"][k] for k in ("totalEmails", "unreadEmails",
                                       "totalThreads", "unreadThreads")],
         [2, 1, 2, 1], "Inbox")
    # Read itself, but another of its thread is not.
    same([counts["Sent"][k] for k in ("totalEmails", "unreadEmails",
                                      "totalThreads", "unreadThreads")],
         [1, 0, 1, 1], "Sent")
    got = c.call("Mailbox/changes", sinceState=box)
    need("unreadEmails" in got["updatedProperties"], "only counts")
    imap.command(b"SELECT INBOX")
    imap.command(b"STORE 1 +FLAGS (\\Deleted)")
    same(boxes(c)["Inbox"]["totalEmails"], 1, "hidden")
    c.refused("requestTooLarge", "Thread/get", ids=None)


@test
def quota(host):
    """Quota/get says what is used."""
    c = account(host, "quota")
    before = c.call("Quota/get", ids=None)
    q = before["list"][0]
    same((q["resourceType"], q["scope"], q["types"], q["used"]),
         ("octets", "account", ["Mail"], 0), "quota")
    need(q["hardLimit"] > 0, "limit")
    Imap(host.port("imap"), c.address, PASSWORD).append("INBOX", MESSAGE)
    got = c.call("Quota/changes", sinceState=before["state"])
    same((got["updated"], got["updatedProperties"]), ([q["id"]], ["used"]),
         "changes")
    same(c.call("Quota/get", ids=[q["id"], "x"])["notFound"], ["x"], "x")
    same(c.call("Quota/get", ids=[q["id"]])["list"][0]["used"], len(MESSAGE),
         "used")
    # One object, or none when the filter is of another.
    got = c.call("Quota/query", calculateTotal=True,
                 sort=[{"property": "used"}])
    same((got["ids"], got["total"], got["canCalculateChanges"]),
         ([q["id"]], 1, False), "query")
    for flt, n in (({"type": "Mail", "scope": "account"}, 1),
                   ({"name": "QUOTA@", "resourceType": "octets"}, 1),
                   ({"type": "Contacts"}, 0), ({"scope": "domain"}, 0),
                   ({"operator": "NOT", "conditions": [{"type": "Mail"}]}, 0)):
        same(len(c.call("Quota/query", filter=flt)["ids"]), n, str(flt))
    same(c.call("Quota/query", anchor=q["id"], anchorOffset=1)["ids"], [],
         "behind the anchor")
    same(c.call("Quota/query", limit=0)["ids"], [], "limit")
    c.refused("anchorNotFound", "Quota/query", anchor="x")
    same(c.call("Quota/queryChanges", sinceQueryState=got["queryState"])
         ["removed"], [], "the same")
    c.refused("cannotCalculateChanges", "Quota/queryChanges",
              sinceQueryState="1-1")
    c.refused("invalidArguments", "Quota/queryChanges")


# A good condition of each type, and values that are wrong for one.
QUERIES = {
    "Email": ({"subject": "x"}, [
        {"inMailbox": 1}, {"inMailboxOtherThan": [1]}, {"before": "today"},
        {"minSize": -1}, {"hasKeyword": ""}, {"hasAttachment": "yes"},
        {"subject": None}, {"header": []}, {"text": ["x"]}]),
    "Mailbox": ({"name": "x"}, [
        {"name": None}, {"parentId": 1}, {"role": True},
        {"hasAnyRole": None}, {"isSubscribed": "yes"}]),
    "EmailSubmission": ({"undoStatus": "final"}, [
        {"identityIds": "I1"}, {"emailIds": [1]}, {"threadIds": None},
        {"undoStatus": 1}, {"before": "x"}, {"after": None}]),
    "ContactCard": ({"name": "x"}, [
        {"name": 1}, {"inAddressBook": None}, {"createdBefore": "x"},
        {"updatedAfter": 1}, {"text": ["x"]}]),
    "Quota": ({"name": "x"}, [
        {"name": None}, {"scope": 1}, {"resourceType": []}, {"type": True}]),
    "SieveScript": ({"name": "x"}, [{"name": 1}, {"isActive": "yes"}]),
}


def refuses_queries(c, name, good, values):
    """The same words for whatever is there: nothing is."""
    deep = good
    for _ in range(25):
        deep = {"operator": "NOT", "conditions": [deep]}
    unsupported = [{"nonsense": 1}, {**good, "nonsense": 1}, deep,
                   {"operator": "OR", "conditions": [good, {"nonsense": 1}]},
                   {"operator": "NOT", "conditions": [
                       {"operator": "AND", "conditions": [{"x": 1}]}]}]
    invalid = [1, [good], {"operator": "XOR", "conditions": []},
               {"operator": "AND"}, {"operator": "AND", "conditions": good},
               {"operator": "AND", "conditions": [1]}] + values + [
        {"operator": "OR", "conditions": [good, v]} for v in values]
    sorts = [("unsupportedSort", [{"property": "nonsense"}]),
             ("unsupportedSort", [{"property": "x"}] * 50),
             ("invalidArguments", {"property": "x"}),
             ("invalidArguments", [{}]), ("invalidArguments", [1])]
    methods = [(name + "/query", {})]
    if name != "SieveScript":
        # A state nobody knows is found out behind the filter.
        methods.append((name + "/queryChanges", {"sinceQueryState": "1-1"}))
    for method, more in methods:
        for flt in unsupported:
            c.refused("unsupportedFilter", method, filter=flt, **more)
        for flt in invalid:
            c.refused("invalidArguments", method, filter=flt, **more)
        for error, sort in sorts:
            c.refused(error, method, sort=sort, **more)
    c.call(name + "/query", filter={"operator": "NOT", "conditions": [good]})


@test
def bad_queries(host):
    """What a filter or sort has wrong is said in an empty account too."""
    c = account(host, "badqueries")
    c.using = c.using + [CONTACTS]
    for name, (good, values) in QUERIES.items():
        refuses_queries(c, name, good, values)


# ---- Emails ----

PICTURE = base64.b64encode(bytes(range(256)) * 5)
MIXED = (
    b"From: =?utf-8?q?J=C3=B8rgen?= <j@partner.example>, team:"
    b" a@x.example, Bo <b@x.example>;\r\n"
    b"To: anna@customer.example\r\nSubject: =?utf-8?q?Bl=C3=A5b=C3=A6r?=\r\n"
    b"Date: Tue, 24 Nov 2026 10:00:00 +0530\r\n"
    b"Message-ID: <mix@partner.example>\r\n"
    b"References: <a@x.example>\r\n <b@x.example>\r\n"
    b"List-Post: <mailto:l@x.example> (write), <https://x.example/p>\r\n"
    b"X-Many: one\r\nX-Many: two\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"
    b"--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
    b"--i\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nbl=E5b=E6r\r\n"
    b"--i\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>bl\xc3\xa5b\xc3\xa6r</p>\r\n--i--\r\n"
    b"--o\r\nContent-Type: image/png; name=\"p \xc3\xa6.png\"\r\n"
    b"Content-Disposition: attachment\r\nContent-ID: <pic@x>\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + PICTURE + b"\r\n"
    b"--o\r\nContent-Type: message/rfc822\r\n\r\n" + MESSAGE +
    b"\r\n--o--\r\n")


def put(c, folder="INBOX", message=MESSAGE, flags=""):
    """By IMAP; the Email's id."""
    state = c.call("Email/get", ids=[])["state"]
    imap = Imap(c.host.port("imap"), c.address, PASSWORD)
    imap.append(folder, message, flags)
    imap.close()
    created = c.call("Email/changes", sinceState=state)["created"]
    same(len(created), 1, "Email/changes after APPEND")
    return created[0]


def email(c, no, **args):
    got = c.call("Email/get", ids=[no], **args)
    same(len(got["list"]), 1, f"Email/get {no}")
    return got["list"][0]


@test
def email_get(host):
    """Every property of a message with parts (RFC 8621, 4.1)."""
    c = account(host, "emailget")
    i = put(c, message=MIXED, flags="\\Seen $Forwarded custom")
    e = email(c, i)
    same(e["keywords"], {"$seen": True, "$forwarded": True, "custom": True},
         "keywords")
    same(list(e["mailboxIds"]), [boxes(c)["Inbox"]["id"]], "mailboxIds")
    same(e["size"], len(MIXED), "size")
    same(e["subject"], "Bl\u00e5b\u00e6r", "subject")
    same(e["from"], [{"name": "J\u00f8rgen", "email": "j@partner.example"},
                     {"name": None, "email": "a@x.example"},
                     {"name": "Bo", "email": "b@x.example"}], "from")
    same(e["cc"], None, "cc")
    same(e["sentAt"], "2026-11-24T10:00:00+05:30", "sentAt")
    same(e["messageId"], ["mix@partner.example"], "messageId")
    same(e["references"], ["a@x.example", "b@x.example"], "references")
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", e["receivedAt"]),
         "receivedAt")
    same(e["hasAttachment"], True, "hasAttachment")
    need("bl\u00e5b\u00e6r" in e["preview"], "preview")
    same([p["type"] for p in e["textBody"]], ["text/plain"], "textBody")
    same([p["type"] for p in e["htmlBody"]], ["text/html"], "htmlBody")
    same([p["type"] for p in e["attachments"]],
         ["image/png", "message/rfc822"], "attachments")
    same(e["bodyValues"], {}, "bodyValues")
    need("bodyStructure" not in e and "headers" not in e, "defaults")
    pic = e["attachments"][0]
    same((pic["size"], pic["name"], pic["disposition"], pic["cid"],
          pic["charset"]), (1280, "p \u00e6.png", "attachment", "pic@x", None),
         "picture")
    e = email(c, i, properties=["bodyStructure", "bodyValues"],
              fetchAllBodyValues=True, bodyProperties=[
                  "partId", "type", "charset", "header:Content-Type"])
    same(set(e), {"id", "bodyStructure", "bodyValues"}, "properties")
    root = e["bodyStructure"]
    same((root["type"], root["partId"]), ("multipart/mixed", None), "root")
    inner = root["subParts"][0]["subParts"]
    same([p["type"] for p in inner], ["text/plain", "text/html"], "inner")
    same(inner[0]["header:Content-Type"],
         " text/plain; charset=iso-8859-1", "header")
    same({k: v["value"] for k, v in e["bodyValues"].items()},
         {inner[0]["partId"]: "bl\u00e5b\u00e6r",
          inner[1]["partId"]: "<p>bl\u00e5b\u00e6r</p>"}, "values")
    e = email(c, i, properties=["bodyValues"], fetchTextBodyValues=True,
              maxBodyValueBytes=3)
    same(list(e["bodyValues"].values()),
         [{"value": "bl", "isTruncated": True, "isEncodingProblem": False}],
         "cut")


@test
def email_headers(host):
    """The forms of header fields (RFC 8621, 4.1.2)."""
    c = account(host, "headers")
    i = put(c, message=MIXED)
    want = {
        "header:subject": " =?utf-8?q?Bl=C3=A5b=C3=A6r?=",
        "header:Subject:asText": "Bl\u00e5b\u00e6r",
        "header:X-Many": " two", "header:X-Many:all": [" one", " two"],
        "header:x-none": None, "header:x-none:all": [],
        "header:X-Many:asText:all": ["one", "two"],
        "header:References": " <a@x.example>\r\n <b@x.example>",
        "header:References:asMessageIds": ["a@x.example", "b@x.example"],
        "header:Date:asDate": "2026-11-24T10:00:00+05:30",
        "header:X-Many:asDate": None,
        "header:List-Post:asURLs": ["mailto:l@x.example",
                                    "https://x.example/p"],
        "header:From:asGroupedAddresses": [
            {"name": None, "addresses": [
                {"name": "J\u00f8rgen", "email": "j@partner.example"}]},
            {"name": "team", "addresses": [
                {"name": None, "email": "a@x.example"},
                {"name": "Bo", "email": "b@x.example"}]}],
    }
    e = email(c, i, properties=list(want))
    e.pop("id")
    same(e, want, "forms")
    names = [h["name"] for h in email(c, i, properties=["headers"])["headers"]]
    same(names[:3], ["From", "To", "Subject"], "order")
    for bad in ("header:", "header:From:asText", "header:Subject:asDate",
                "header:X:asNothing", "header:X:all:all", "header:a b",
                "header:Received:asText", "header:X:all:asText", "nonsense"):
        c.refused("invalidArguments", "Email/get", ids=[i], properties=[bad])
    c.refused("invalidArguments", "Email/get", ids=[i],
              bodyProperties=["nonsense"])
    c.refused("requestTooLarge", "Email/get", ids=None)
    same(c.call("Email/get", ids=["E999", "x"])["notFound"], ["E999", "x"],
         "notFound")


@test
def blobs(host):
    """Up and down: messages, parts, parts of parts, uploads."""
    c = account(host, "blobs")
    i = put(c, message=MIXED)
    e = email(c, i)
    down = f"/jmap/download/{c.account}/"

    def get(blob, name="x", query=""):
        return c.fetch("GET", f"{down}{blob}/{name}{query}")

    same(get(e["blobId"])[2], MIXED, "message")
    pic, inner = e["attachments"]
    status, headers, body = get(pic["blobId"], "p%20%C3%A6%22.png",
                                "?type=image%2Fpng")
    same((status, body), (200, bytes(range(256)) * 5), "picture")
    same(headers["Content-Type"], "image/png", "type")
    same(headers["Content-Disposition"],
         "attachment; filename*=UTF-8''p%20%C3%A6%22.png", "disposition")
    need("sandbox" in headers["Content-Security-Policy"], "policy")
    same(get(pic["blobId"], "x", "?type=a%0d%0ab")[1]["Content-Type"],
         "application/octet-stream", "bad type")
    same(get(inner["blobId"])[2], MESSAGE, "inner message")
    same(get(inner["blobId"] + "-1")[2], b"hello\r\n", "part of a part")
    for bad in ("G999", "Gx", "U" + "0" * 64, pic["blobId"] + "-9", "x",
                e["blobId"] + "-99", e["blobId"] + "-0"):
        same(get(bad)[0], 404, bad)
    same(c.fetch("GET", f"/jmap/download/A999/{e['blobId']}/x")[0], 404,
         "account")
    data = os.urandom(900000)
    status, _, body = c.fetch("POST", f"/jmap/upload/{c.account}/", data,
                              {"Content-Type": "application/pdf"})
    up = json.loads(body)
    same((status, up["size"], up["type"], up["accountId"]),
         (201, len(data), "application/pdf", c.account), "upload")
    same(get(up["blobId"])[2], data, "what was uploaded")
    same(c.fetch("POST", "/jmap/upload/A999/", b"x")[0], 404, "account")
    other = account(host, "blobs2")
    same(other.fetch("GET", f"/jmap/download/{other.account}/{up['blobId']}/x")
         [0], 404, "another's upload")


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"


@test
def view(host):
    """A PDF opens in the browser; what only says so is saved."""
    c = account(host, "view")
    url = c.session()["accounts"][c.account]["accountCapabilities"][
        "urn:x-posthus:mail"]["viewUrl"].replace("{accountId}", c.account)

    def get(data, name="a.pdf", who=c):
        up = json.loads(c.fetch("POST", f"/jmap/upload/{c.account}/", data,
                                {"Content-Type": "application/pdf"})[2])
        return who.fetch("GET", url.replace("{blobId}", up["blobId"])
                         .replace("{name}", name))

    status, headers, body = get(PDF, "b%20%C3%A6%22.pdf")
    same((status, headers["Content-Type"], headers["Content-Disposition"],
          headers["X-Content-Type-Options"], body),
         (200, "application/pdf", "inline; filename*=UTF-8''b%20%C3%A6%22.pdf",
          "nosniff", PDF), "PDF")
    policy = [d.split() for d in
              headers["Content-Security-Policy"].split(";")]
    need(["default-src", "'none'"] in policy and
         ["frame-ancestors", "'none'"] in policy, policy)
    need(not any(d[0] == "script-src" for d in policy), policy)
    box = [d for d in policy if d[0] == "sandbox"]
    need(box and "allow-same-origin" not in box[0], policy)
    for bad in (b"<html><script>alert(1)</script>%PDF-1.4", b"\n" + PDF,
                b"%PDF", b"%pdf-1.4", b"x"):
        status, headers, body = get(bad)
        same((status, headers["Content-Type"], body),
             (200, "application/octet-stream", bad), bad)
        need(headers["Content-Disposition"].startswith("attachment;"), bad)
        need("sandbox;" in headers["Content-Security-Policy"], bad)
    same(get(PDF, who=account(host, "view2"))[0], 404, "another's")
    c.auth = {}
    same(c.fetch("GET", "/jmap/view/A1/G1/x")[0], 401, "no login")


@test
def export(host):
    """Mail as mbox and ZIP, read by Python's own modules."""
    c = account(host, "export")
    url = c.session()["accounts"][c.account]["accountCapabilities"][
        "urn:x-posthus:mail"]["exportUrl"]
    url = url.replace("{accountId}", c.account)
    inbox, sent = (boxes(c)[n]["id"] for n in ("Inbox", "Sent"))
    first = put(c, flags="\\Flagged \\Seen work")
    big = MESSAGE.replace(b"hello\r\n\r\n", b"x\r\n\r\n") + \
        b"From the top\r\n" * 100000
    put(c, "Sent", big)

    def get(form, name="x", query=""):
        status, headers, body = c.fetch(
            "GET", url.replace("{name}", name).replace("{format}", form) +
            query)
        same(status, 200, query)
        need(headers["Content-Disposition"].endswith("''" + name), "name")
        return headers["Content-Type"], body

    def mails(body):
        with tempfile.NamedTemporaryFile() as f:
            f.write(body)
            f.flush()
            return [(m.get_flags(), m["X-Keywords"], m["Subject"])
                    for m in mailbox.mbox(f.name)]

    kind, body = get("mbox", "Inbox.mbox", f"&mailboxId={inbox}")
    same((kind, mails(body)),
         ("application/mbox", [("ROF", "work", "hello")]), "folder")
    need(b"\n>From the top" in get("mbox", query=f"&mailboxId={sent}")[1],
         "From is not quoted")
    kind, body = get("zip", "all.zip")
    same(kind, "application/zip", "type")
    z = zipfile.ZipFile(io.BytesIO(body))
    same(z.testzip(), None, "CRC")
    same(sorted((i.filename.split("/")[0], z.read(i)) for i in z.infolist()),
         [("INBOX", MESSAGE), ("Sent", big)], "account")
    year = z.infolist()[0].date_time[0]
    need(year >= 2026, f"of {year}")
    z = zipfile.ZipFile(io.BytesIO(get("mbox", "all.zip")[1]))
    same(z.testzip(), None, "CRC")
    same(mails(z.read("INBOX.mbox")), [("ROF", "work", "hello")], "its mbox")
    blob = json.loads(c.fetch("POST", f"/jmap/upload/{c.account}/",
                              f"{first}\nE9999\nnonsense\n".encode())[2])
    z = zipfile.ZipFile(io.BytesIO(
        get("zip", query=f"&emailIds={blob['blobId']}")[1]))
    same([z.read(i) for i in z.infolist()], [MESSAGE], "chosen")
    for bad, want in ((f"/jmap/export/{c.account}/x?format=tar", 400),
                      (f"/jmap/export/{c.account}/x", 400),
                      (f"/jmap/export/{c.account}/?format=zip", 404),
                      ("/jmap/export/A999/x?format=zip", 404),
                      (f"/jmap/export/{c.account}/x?format=zip&mailboxId=M99",
                       404),
                      (f"/jmap/export/{c.account}/x?format=zip&emailIds=U1",
                       404)):
        same(c.fetch("GET", bad)[0], want, bad)
    same(c.fetch("GET", f"/jmap/export/{c.account}/x?format=zip", headers={
        "Sec-Fetch-Site": "cross-site"})[0], 403, "a foreign page")
    other = account(host, "export2")
    same(other.fetch("GET", f"/jmap/export/{c.account}/x?format=zip")[0], 404,
         "another's")


@test
def email_query(host):
    """Filters and orders (RFC 8621, 4.4)."""
    c = account(host, "query")
    inbox = boxes(c)["Inbox"]["id"]
    sent = boxes(c)["Sent"]["id"]

    def mail(sender, subject, ident, day, more=b"", body=b"text"):
        return (b"From: %s\r\nTo: anna@customer.example\r\nSubject: %s\r\n"
                b"Message-ID: <%s@x.example>\r\nDate: %d Nov 2026 10:00:00 "
                b"+0000\r\n%s\r\n%s\r\n" % (sender, subject, ident, day,
                                             more, body))
    a = put(c, "INBOX", mail(b"Zoe <zoe@z.example>", b"beta", b"1", 3))
    b = put(c, "INBOX", mail(b"Anna <anna@a.example>", b"alpha", b"2", 1,
                             b"X-Flag: yes\r\n", b"big " * 3000), "\\Seen")
    d = put(c, "Sent", mail(b"mia@m.example", b"Re: beta", b"3", 2,
                            b"References: <1@x.example>\r\n"),
            "\\Flagged work")
    names = {a: "a", b: "b", d: "d"}

    def query(filter=None, sort=None, **args):
        got = c.call("Email/query", filter=filter, sort=sort or [
            {"property": "sentAt"}], **args)
        return "".join(names[i] for i in got["ids"])

    same(query(), "bda", "sentAt")
    same(query(sort=[{"property": "sentAt", "isAscending": False}]), "adb",
         "descending")
    same(query(sort=[{"property": "from"}]), "bda", "from")
    same(query(sort=[{"property": "subject"}, {"property": "sentAt"}]), "bda",
         "subject")
    same(query(sort=[{"property": "size", "isAscending": False}])[0], "b",
         "size")
    same(query(sort=[{"property": "hasKeyword", "keyword": "$flagged",
                      "isAscending": False}, {"property": "sentAt"}]), "dba",
         "hasKeyword")
    same(query(sort=[{"property": "someInThreadHaveKeyword",
                      "keyword": "$flagged", "isAscending": False},
                     {"property": "sentAt"}]), "dab", "someInThread")
    for want, f in (
            ("ba", {"inMailbox": inbox}), ("d", {"inMailbox": sent}),
            ("", {"inMailbox": "M999"}), ("d", {"inMailboxOtherThan": [inbox]}),
            ("b", {"minSize": 5000}), ("da", {"maxSize": 5000}),
            ("b", {"hasKeyword": "$seen"}), ("da", {"notKeyword": "$seen"}),
            ("d", {"hasKeyword": "work"}), ("", {"hasKeyword": "other"}),
            ("bda", {"notKeyword": "other"}),
            ("da", {"someInThreadHaveKeyword": "$flagged"}),
            ("b", {"allInThreadHaveKeyword": "$seen"}),
            ("b", {"noneInThreadHaveKeyword": "$flagged"}),
            ("", {"hasAttachment": True}), ("bda", {"hasAttachment": False}),
            ("da", {"subject": "beta"}), ("b", {"from": "ANNA"}),
            ("d", {"text": "mia beta"}), ("", {"text": '"mia beta"'}),
            ("b", {"body": "big"}), ("bda", {"to": "customer"}),
            ("b", {"header": ["X-Flag"]}), ("b", {"header": ["x-flag", "YE"]}),
            ("", {"header": ["x-flag", "no"]}),
            ("bda", {"after": "2020-01-01T00:00:00Z"}),
            ("", {"before": "2020-01-01T00:00:00Z"}),
            ("ba", {"operator": "NOT", "conditions": [{"inMailbox": sent}]}),
            ("bd", {"operator": "OR", "conditions": [
                {"inMailbox": sent}, {"subject": "alpha"}]}),
            ("", {"operator": "AND", "conditions": [
                {"inMailbox": sent}, {"inMailbox": inbox}]}),
            ("a", {"inMailbox": inbox, "notKeyword": "$seen"})):
        same(query(f), want, f)
    same(query(collapseThreads=True), "bd", "collapsed")
    same(query(position=1, limit=1), "d", "window")
    same(query(position=-1), "a", "the end")
    same(query(anchor=a, anchorOffset=-1), "da", "anchor")
    got = c.call("Email/query", calculateTotal=True, limit=0)
    same((got["total"], got["ids"]), (3, []), "total")
    c.refused("anchorNotFound", "Email/query", anchor="E999")
    c.refused("unsupportedFilter", "Email/query", filter={"nonsense": 1})
    c.refused("invalidArguments", "Email/query", filter={"minSize": "x"})
    c.refused("invalidArguments", "Email/query", filter={"before": "x"})
    c.refused("invalidArguments", "Email/query",
              filter={"operator": "XOR", "conditions": []})
    c.refused("unsupportedSort", "Email/query",
              sort=[{"property": "nonsense"}])
    # As the example of RFC 8620, 3.7: query, get, threads, all their Emails.
    got = c.calls(
        ["Email/query", {"accountId": c.account, "filter":
                         {"inMailbox": inbox}, "collapseThreads": True}, "0"],
        ["Email/get", {"accountId": c.account, "properties": ["threadId"],
                       "#ids": {"resultOf": "0", "name": "Email/query",
                                "path": "/ids"}}, "1"],
        ["Thread/get", {"accountId": c.account,
                        "#ids": {"resultOf": "1", "name": "Email/get",
                                 "path": "/list/*/threadId"}}, "2"],
        ["Email/get", {"accountId": c.account, "properties": ["subject"],
                       "#ids": {"resultOf": "2", "name": "Thread/get",
                                "path": "/list/*/emailIds"}}, "3"])
    same({e["id"] for e in got[3][1]["list"]}, {a, b, d}, "chain")


@test
def email_changes(host):
    """What IMAP does is seen at once; hidden and removed is destroyed."""
    c = account(host, "changes")
    inbox = boxes(c)["Inbox"]["id"]
    state = c.call("Email/get", ids=[])["state"]
    query = {"filter": {"inMailbox": inbox, "notKeyword": "$seen"},
             "sort": [{"property": "receivedAt"}]}
    q = c.call("Email/query", **query)["queryState"]
    a = put(c)
    b = put(c, message=MESSAGE.replace(b"m1@", b"m2@"))
    imap = Imap(host.port("imap"), c.address, PASSWORD)
    imap.command("SELECT INBOX")
    got = c.call("Email/changes", sinceState=state)
    same((got["created"], got["updated"]), ([a, b], []), "created")
    one = c.call("Email/changes", sinceState=state, maxChanges=1)
    same((one["created"], one["hasMoreChanges"]), ([a], True), "maxChanges")
    got = c.call("Email/queryChanges", sinceQueryState=q, **query)
    same([(x["id"], x["index"]) for x in got["added"]], [(a, 0), (b, 1)],
         "added")
    q, state = got["newQueryState"], c.call("Email/get", ids=[])["state"]
    imap.command("STORE 1 +FLAGS (\\Seen)")
    got = c.call("Email/changes", sinceState=state)
    same(got["updated"], [a], "a flag")
    got = c.call("Email/queryChanges", sinceQueryState=q, **query)
    same((got["removed"], got["added"]), ([a], []), "read")
    c.refused("tooManyChanges", "Email/queryChanges", sinceQueryState=q,
              maxChanges=0 or 1, **{"filter": {"inMailbox": inbox}})
    state = c.call("Email/get", ids=[])["state"]
    imap.command("STORE 2 +FLAGS (\\Deleted)")
    got = c.call("Email/changes", sinceState=state)
    same((got["updated"], got["destroyed"]), ([], [b]), "hidden")
    same(c.call("Email/get", ids=[b])["notFound"], [b], "hidden")
    imap.command("EXPUNGE")
    got = c.call("Email/changes", sinceState=state)
    same(got["destroyed"], [b], "expunged")
    c.refused("cannotCalculateChanges", "Email/changes", sinceState="9-9")
    c.refused("cannotCalculateChanges", "Email/queryChanges",
              sinceQueryState="9-9")
    c.refused("invalidArguments", "Email/changes")


# ---- changing Emails ----

def fetched(c, folder="INBOX"):
    """The last message of the folder as IMAP has it, and its flags."""
    imap = Imap(c.host.port("imap"), c.address, PASSWORD)
    body = list(imap.bodies(folder))[-1][1]
    flags = imap.command("FETCH * (FLAGS)")[0][0]
    imap.close()
    return body, flags


@test
def email_create(host):
    """A draft with texts and files, as IMAP and Python read it."""
    c = account(host, "create")
    drafts = boxes(c)["Drafts"]["id"]
    _, _, up = c.fetch("POST", f"/jmap/upload/{c.account}/",
                       bytes(range(256)) * 40, {"Content-Type": "image/png"})
    blob = json.loads(up)["blobId"]
    state = c.call("Email/get", ids=[])["state"]
    got = c.call("Email/set", create={"d": {
        "mailboxIds": {drafts: True}, "keywords": {"$draft": True, "k": True},
        "from": [{"name": "J\u00f8rgen \"X\"", "email": c.address}],
        "to": [{"name": None, "email": "bo@partner.example"},
               {"name": "Doe, J.", "email": "j@partner.example"}],
        "subject": "Bl\u00e5b\u00e6r " * 12, "inReplyTo": ["a@x.example"],
        "sentAt": "2026-11-24T10:00:00+01:00",
        "receivedAt": "2026-11-24T09:00:01Z",
        "header:X-Own:asText": "caf\u00e9", "header:X-Two:all": ["1", "2"],
        "textBody": [{"partId": "t"}],
        "htmlBody": [{"partId": "h", "type": "text/html"}],
        "attachments": [
            {"blobId": blob, "type": "image/png", "cid": "pic@x",
             "disposition": "inline"},
            {"blobId": blob, "type": "image/png", "name": "b\u00e6r.png"}],
        "bodyValues": {"t": {"value": "line\n" + "x" * 2000 + "\n.\n\u00e6"},
                       "h": {"value": "<p>\u00e6</p>"}}}})
    need(not got["notCreated"], f"{got['notCreated']}")
    new = got["created"]["d"]
    same((got["oldState"], c.call("Email/changes", sinceState=state)
          ["created"]), (state, [new["id"]]), "changes")
    body, flags = fetched(c, "Drafts")
    need(b"\\Draft" in flags and b"k" in flags, f"{flags}")
    same(len(body), new["size"], "size")
    need(all(len(row) <= 998 for row in body.split(b"\r\n")), "long lines")
    need(b"\n" not in body.replace(b"\r\n", b""), "bare LF")
    m = message_from_bytes(body, policy=policy.default)
    same(m["subject"], "Bl\u00e5b\u00e6r " * 12, "subject")
    same([a.display_name for a in m["from"].addresses], ["J\u00f8rgen \"X\""],
         "from")
    same(m["to"].addresses[1].display_name, "Doe, J.", "to")
    same((m["x-own"], m.get_all("x-two")), ("caf\u00e9", ["1", "2"]), "own")
    need(m["message-id"].endswith("@mx.provider.example>"), "message-id")
    same(m["date"], "Tue, 24 Nov 2026 10:00:00 +0100", "date")
    same(m.get_content_type(), "multipart/mixed", "type")
    text = m.get_body(("plain",)).get_content()
    same(text.replace("\r", "").rstrip("\n"), "line\n" + "x" * 2000 + "\n.\n\u00e6", "text")
    files = [p for p in m.walk() if p.get_content_type() == "image/png"]
    same([f.get_content() for f in files], [bytes(range(256)) * 40] * 2,
         "files")
    same((files[0]["content-id"], files[1].get_filename()),
         ("<pic@x>", "b\u00e6r.png"), "file names")
    e = email(c, new["id"], fetchAllBodyValues=True)
    same((e["keywords"], e["receivedAt"], e["threadId"], e["blobId"]),
         ({"$draft": True, "k": True}, "2026-11-24T09:00:01Z",
          new["threadId"], new["blobId"]), "as created")
    same(len(e["attachments"]), 2, "attachments")
    # A structure of its own; and what it takes, it gives back.
    structure = {"type": "multipart/mixed", "subParts": [
        {"type": "text/plain", "partId": "1", "language": ["da"],
         "header:X-Part": "yes"},
        {"type": "message/rfc822", "blobId": e["blobId"]},
        {"type": "multipart/alternative", "subParts": [
            {"type": "text/plain", "partId": "2"}]}]}
    got = c.call("Email/set", create={"s": {
        "mailboxIds": {drafts: True, boxes(c)["Inbox"]["id"]: True},
        "bodyStructure": structure,
        "bodyValues": {"1": {"value": "one"}, "2": {"value": "two\n"}}}})
    need(not got["notCreated"], f"{got['notCreated']}")
    e = email(c, got["created"]["s"]["id"], fetchAllBodyValues=True,
              properties=["bodyStructure", "bodyValues", "mailboxIds"],
              bodyProperties=["type", "partId", "language", "header:X-Part",
                              "blobId"])
    parts = e["bodyStructure"]["subParts"]
    same([p["type"] for p in parts], ["text/plain", "message/rfc822",
                                      "multipart/alternative"], "structure")
    same((parts[0]["language"], parts[0]["header:X-Part"]), (["da"], " yes"),
         "part")
    same(len(e["mailboxIds"]), 2, "two mailboxes")
    same(c.fetch("GET", f"/jmap/download/{c.account}/{parts[1]['blobId']}/x")
         [2].rstrip(), body.rstrip(), "a message within")
    same(sorted(v["value"].strip() for v in e["bodyValues"].values()),
         ["one", "two"], "values")
    # The field itself in place of a type, with its parameters.
    got = c.call("Email/set", create={"f": {
        "mailboxIds": {drafts: True}, "bodyValues": {"1": {"value": "a \nb"}},
        "textBody": [{"partId": "1", "header:Content-Type":
                      "text/plain; format=flowed; delsp=no"}]}})
    need(not got["notCreated"], f"{got['notCreated']}")
    m = message_from_bytes(fetched(c, "Drafts")[0], policy=policy.default)
    same([(k, v) for k, v in m.items() if k == "Content-Type"],
         [("Content-Type",
           'text/plain; charset="utf-8"; format="flowed"; delsp="no"')],
         "flowed")


@test
def email_create_refused(host):
    """What a created Email may not have."""
    c = account(host, "refused")
    ids = {boxes(c)["Drafts"]["id"]: True}
    one = {"partId": "1"}
    rows = {
        "no mailbox": ({}, "mailboxIds"),
        "empty": ({"mailboxIds": {}}, "mailboxIds"),
        "unknown mailbox": ({"mailboxIds": {"M999": True}}, "mailboxIds"),
        "false": ({"mailboxIds": {k: False for k in ids}}, "mailboxIds"),
        "keyword": ({"keywords": {"a b": True}}, "keywords"),
        "keyword value": ({"keywords": {"a": False}}, "keywords"),
        "date": ({"receivedAt": "yesterday"}, "receivedAt"),
        "from": ({"from": "x"}, "from"),
        "address": ({"to": [{"email": "nobody"}]}, "to"),
        "a line": ({"to": [{"email": "a@b.example\r\nX: y"}]}, "to"),
        "id": ({"messageId": ["a b"]}, "messageId"),
        "twice": ({"subject": "a", "header:Subject:asText": "b"}, None),
        "content": ({"header:Content-Type": "text/plain"},
                    "header:Content-Type"),
        "form": ({"header:From:asText": "x"}, "header:From:asText"),
        "unknown": ({"nonsense": 1}, "nonsense"),
        "server set": ({"size": 1}, "size"),
        "two texts": ({"textBody": [one, one]}, "textBody"),
        "no value": ({"textBody": [one]}, "bodyValues"),
        "both": ({"textBody": [one], "bodyStructure": one,
                  "bodyValues": {"1": {"value": ""}}}, "bodyStructure"),
        "charset": ({"textBody": [{"partId": "1", "charset": "utf-8"}],
                     "bodyValues": {"1": {"value": ""}}}, "charset"),
        "no parts": ({"bodyStructure": {"type": "multipart/mixed"}},
                     "subParts"),
        "no content": ({"bodyStructure": {"type": "text/plain"}}, "partId"),
        "headers": ({"bodyStructure": {"partId": "1", "headers": []}},
                    "headers"),
        "type twice": ({"bodyStructure": {
            "partId": "1", "type": "text/plain",
            "header:Content-Type": "text/plain"}}, "header:Content-Type"),
        "type with charset": ({"bodyStructure": {
            "partId": "1", "header:Content-Type": "text/plain; charset=x"}},
            "header:Content-Type"),
        "type of lines": ({"bodyStructure": {
            "partId": "1", "header:Content-Type": "text/plain\r\nX: y"}},
            "header:Content-Type"),
        "type in a form": ({"bodyStructure": {
            "partId": "1", "header:content-type:asText": "text/plain"}},
            "header:content-type:asText"),
    }
    got = c.call("Email/set", create={
        k: {"mailboxIds": ids, **v[0]} if k != "no mailbox" else v[0]
        for k, v in rows.items()})
    need(not got["created"], f"{got['created']}")
    for k, (_, name) in rows.items():
        e = got["notCreated"][k]
        same(e["type"], "invalidProperties", k)
        need(name is None or e["properties"] == [name], f"{k}: {e}")
    got = c.call("Email/set", create={"b": {
        "mailboxIds": ids, "attachments": [{"blobId": "Gnone"}]}})
    e = got["notCreated"]["b"]
    same((e["type"], e["notFound"]), ("blobNotFound", ["Gnone"]), "blob")
    same(got["oldState"], got["newState"], "nothing changed")
    # A raw value cannot begin a field.
    got = c.call("Email/set", create={"r": {
        "mailboxIds": ids, "header:X-Raw": "a\r\nX-Evil: b",
        "subject": "a\r\nX-Evil: b"}})
    m = message_from_bytes(fetched(c, "Drafts")[0], policy=policy.default)
    need(m["x-evil"] is None, "a field was smuggled in")


@test
def email_update(host):
    """Keywords and mailboxes, whole and by patch; IMAP sees them."""
    c = account(host, "update")
    inbox, sent, trash = (boxes(c)[k]["id"] for k in ("Inbox", "Sent", "Trash"))
    i = put(c, flags="old")
    state = c.call("Email/get", ids=[])["state"]
    got = c.call("Email/set", update={i: {
        "keywords/$seen": True, "keywords/New~1one": True,
        "keywords/old": None, f"mailboxIds/{sent}": True}})
    same(got["notUpdated"]["%s" % i]["type"] if got["notUpdated"] else None,
         None, "update")
    e = email(c, i, properties=["keywords", "mailboxIds"])
    same((e["keywords"], e["mailboxIds"]),
         ({"$seen": True, "new/one": True}, {inbox: True, sent: True}), "now")
    need(b"\\Seen" in fetched(c, "INBOX")[1], "INBOX not seen")
    need(b"\\Seen" in fetched(c, "Sent")[1], "Sent not seen")
    same(c.call("Email/changes", sinceState=state)["updated"], [i], "changes")
    got = c.call("Email/set", update={i: {
        "keywords": {"$flagged": True}, "mailboxIds": {trash: True}}})
    same(got["updated"], {i: None}, "updated")
    e = email(c, i, properties=["keywords", "mailboxIds"])
    same((e["keywords"], e["mailboxIds"]), ({"$flagged": True}, {trash: True}),
         "moved")
    for patch, want in (
            ({"mailboxIds": {}}, "mailboxIds"),
            ({f"mailboxIds/{trash}": None}, "mailboxIds"),
            ({"mailboxIds/M999": True}, "mailboxIds"),
            ({"subject": "x"}, "subject"), ({"keywords/a b": True}, "keywords"),
            ({"keywords/x": 1}, "keywords")):
        e = c.call("Email/set", update={i: patch})["notUpdated"][i]
        same((e["type"], e["properties"]), ("invalidProperties", [want]),
             patch)
    same(c.call("Email/set", update={"E999": {"keywords": {}}})["notUpdated"]
         ["E999"]["type"], "notFound", "E999")
    c.refused("stateMismatch", "Email/set", ifInState=state, destroy=[i])
    got = c.call("Email/set", update={i: {"keywords/x": True}}, destroy=[
        i, "E999", i])
    same(got["notUpdated"][i]["type"], "willDestroy", "willDestroy")
    same((got["destroyed"], list(got["notDestroyed"])), ([i], ["E999"]),
         "destroyed")
    same(c.call("Email/changes", sinceState=state)["destroyed"], [i],
         "changes")
    c.refused("requestTooLarge", "Email/set",
              destroy=[f"E{n}" for n in range(1, 1500)])
    # Created and changed in one request; what waits for EXPUNGE comes back.
    got = c.calls(
        ["Email/set", {"accountId": c.account, "create": {"a": {
            "mailboxIds": {inbox: True}, "subject": "x"}}}, "0"],
        ["Email/set", {"accountId": c.account, "update": {
            "#a": {"keywords": {"$seen": True}}}}, "1"],
        ["Email/get", {"accountId": c.account, "ids": ["#a"],
                       "properties": ["keywords"]}, "2"], createdIds={})
    same(got[2][1]["list"][0]["keywords"], {"$seen": True}, "creation id")
    i = got[0][1]["created"]["a"]["id"]
    c.call("Email/set", update={i: {f"mailboxIds/{sent}": True}})
    imap = Imap(host.port("imap"), c.address, PASSWORD)
    imap.command("SELECT INBOX")
    imap.command("STORE * +FLAGS (\\Deleted)")
    same(email(c, i)["mailboxIds"], {sent: True}, "hidden")
    c.call("Email/set", update={i: {f"mailboxIds/{inbox}": True}})
    same(email(c, i)["mailboxIds"], {sent: True, inbox: True}, "back")


@test
def email_import(host):
    """Email/import of an upload; Email/copy has nowhere to copy from."""
    c = account(host, "import")
    inbox = boxes(c)["Inbox"]["id"]
    _, _, up = c.fetch("POST", f"/jmap/upload/{c.account}/", MIXED)
    blob = json.loads(up)["blobId"]
    got = c.call("Email/import", emails={
        "a": {"blobId": blob, "mailboxIds": {inbox: True},
              "keywords": {"$seen": True},
              "receivedAt": "2020-02-02T02:02:02Z"},
        "b": {"blobId": "Gno", "mailboxIds": {inbox: True}},
        "c": {"blobId": blob, "mailboxIds": {}}})
    same(set(got["created"]), {"a"}, "created")
    same({k: v["properties"] for k, v in got["notCreated"].items()},
         {"b": ["blobId"], "c": ["mailboxIds"]}, "notCreated")
    e = email(c, got["created"]["a"]["id"])
    same((e["receivedAt"], e["keywords"], e["size"]),
         ("2020-02-02T02:02:02Z", {"$seen": True}, len(MIXED)), "imported")
    same(fetched(c)[0], MIXED, "bytes")
    # A message of the account again, by its blob.
    got = c.call("Email/import", emails={"x": {
        "blobId": e["blobId"], "mailboxIds": {inbox: True}}})
    same(got["created"]["x"]["size"], len(MIXED), "again")
    c.refused("invalidArguments", "Email/import")
    c.refused("fromAccountNotFound", "Email/copy", fromAccountId="A999",
              create={})
    c.refused("invalidArguments", "Email/copy", fromAccountId=c.account)


@test
def email_parse(host):
    """Email/parse of an upload and of a part of a message."""
    c = account(host, "parse")
    _, _, up = c.fetch("POST", f"/jmap/upload/{c.account}/", MIXED)
    blob = json.loads(up)["blobId"]
    got = c.call("Email/parse", blobIds=[blob, "Gno"],
                 fetchTextBodyValues=True)
    same((got["notFound"], got["notParsable"]), (["Gno"], None), "notFound")
    e = got["parsed"][blob]
    same((e["subject"], e["hasAttachment"]), ("Bl\u00e5b\u00e6r", True), "e")
    need("id" not in e and "mailboxIds" not in e, "metadata")
    same([v["value"] for v in e["bodyValues"].values()], ["bl\u00e5b\u00e6r"],
         "value")
    inner = e["attachments"][1]["blobId"]
    got = c.call("Email/parse", blobIds=[inner], properties=[
        "id", "subject", "size", "header:X-None", "preview"])
    same(got["parsed"][inner], {
        "id": None, "subject": "hello", "size": len(MESSAGE),
        "header:X-None": None, "preview": "hello"}, "inner")
    c.refused("invalidArguments", "Email/parse")


def tnef_attribute(level, number, data):
    return bytes([level]) + struct.pack("<II", number, len(data)) + data + \
        struct.pack("<H", sum(data) & 0xffff)


def tnef_property(kind, number, value):
    return struct.pack("<HHII", kind, number, 1, len(value)) + value + \
        b"\0" * (-len(value) % 4)


def winmail():
    """A stream with a text, HTML, and two files."""
    name = "r\u00e9sum\u00e9 \u20ac.txt".encode("utf-16le") + b"\0\0"
    html = "<p>Rich \u00e5</p>".encode("utf-8")
    return struct.pack("<IH", 0x223e9f78, 1) + \
        tnef_attribute(1, 0x00069007, struct.pack("<II", 1251, 0)) + \
        tnef_attribute(1, 0x0002800c, "\u041f\u0440\u0438".encode("cp1251")
                       + b"\0") + \
        tnef_attribute(1, 0x00069003, struct.pack("<I", 2) +
                       tnef_property(0x102, 0x1013, html) +
                       struct.pack("<HHI", 3, 0x3fde, 65001)) + \
        tnef_attribute(2, 0x00069002, b"\1" + b"\0" * 13) + \
        tnef_attribute(2, 0x0006800f, bytes(range(256))) + \
        tnef_attribute(2, 0x00069005, struct.pack("<I", 1) +
                       tnef_property(0x1f, 0x3707, name)) + \
        tnef_attribute(2, 0x00069002, b"\1\0") + \
        tnef_attribute(2, 0x00018010, "\u0439.bin".encode("cp1251") + b"\0") \
        + tnef_attribute(2, 0x0006800f, b"second")


def wrapped(text):
    return (b"From: a@partner.example\r\nSubject: wrapped\r\n"
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
            b"boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n" +
            text + b"\r\n--x\r\nContent-Type: application/ms-tnef; "
            b"name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n"
            b"Content-Disposition: attachment; filename=winmail.dat\r\n\r\n" +
            base64.encodebytes(winmail()).replace(b"\n", b"\r\n") +
            b"--x--\r\n")


def bytes_of(c, part):
    status, _, body = c.fetch(
        "GET", f"/jmap/download/{c.account}/{part['blobId']}/x")
    same(status, 200, f"download of {part}")
    return body


@test
def r37_winmail_dat(host):
    """A winmail.dat is shown as what is in it, and stays as it came (R37)."""
    c = account(host, "winmail")
    raw = wrapped(b"plain")
    i = put(c, message=raw)
    e = email(c, i, fetchAllBodyValues=True, properties=[
        "blobId", "textBody", "htmlBody", "attachments", "bodyValues",
        "bodyStructure"])
    same([p["partId"] for p in e["textBody"]], ["2"], "textBody")
    html = e["htmlBody"][0]
    same((html["type"], html["charset"]), ("text/html", "utf-8"), "htmlBody")
    same(e["bodyValues"][html["partId"]]["value"], "<p>Rich \u00e5</p>",
         "its value")
    need(any(v["value"] == "\u041f\u0440\u0438"
             for v in e["bodyValues"].values()), "code page of the text")
    a = e["attachments"]
    same([(p["name"], p["size"], p["type"]) for p in a],
         [("r\u00e9sum\u00e9 \u20ac.txt", 256, "application/octet-stream"),
          ("\u0439.bin", 6, "application/octet-stream")], "attachments")
    same(bytes_of(c, a[0]), bytes(range(256)), "first")
    same(bytes_of(c, a[1]), b"second", "second")
    same(bytes_of(c, html), "<p>Rich \u00e5</p>".encode(), "html")
    # The wrapper is there as it came, here and over IMAP.
    wrapper = e["bodyStructure"]["subParts"][1]
    same(wrapper["type"], "application/ms-tnef", "wrapper")
    same(bytes_of(c, wrapper), winmail(), "its bytes")
    same([p["blobId"] for p in wrapper["subParts"][1:]],
         [p["blobId"] for p in a], "its subParts")
    same(bytes_of(c, e), raw, "the message")
    same(fetched(c)[0], raw, "over IMAP")
    status, _, _ = c.fetch("GET", f"/jmap/download/{c.account}/"
                           f"{wrapper['blobId']}-99/x")
    same(status, 404, "no such part")
    # Without a text beside it the inner one is shown.
    e = email(c, put(c, message=wrapped(b" ")), fetchTextBodyValues=True)
    same([v["value"] for v in e["bodyValues"].values()],
         ["\u041f\u0440\u0438"], "inner text")
    # An upload, and a damaged one, which is an attachment like others.
    _, _, up = c.fetch("POST", f"/jmap/upload/{c.account}/", raw)
    blob = json.loads(up)["blobId"]
    got = c.call("Email/parse", blobIds=[blob], properties=["attachments"])
    a = got["parsed"][blob]["attachments"]
    same(bytes_of(c, a[1]), b"second", "of an upload")
    bad = raw.replace(base64.encodebytes(winmail())[:20], b"AAAA" * 5)
    e = email(c, put(c, message=bad), properties=["attachments"])
    same([p["name"] for p in e["attachments"]], ["winmail.dat"], "damaged")


@test
def identity(host):
    """The account's own address is there at once; signatures are kept."""
    c = account(host, "identity")
    got = c.call("Identity/get", ids=None)
    same([i["email"] for i in got["list"]], [c.address], "email")
    own = got["list"][0]
    same(own, {"id": "I1", "name": "", "email": c.address, "replyTo": None,
               "bcc": None, "textSignature": "", "htmlSignature": "",
               "mayDelete": False}, "own")
    same(c.call("Identity/get", ids=["I1", "x"])["notFound"], ["x"], "x")
    first = got["state"]
    same(c.call("Identity/changes", sinceState=first)["updated"], [],
         "changes")
    c.refused("cannotCalculateChanges", "Identity/changes", sinceState="i0")
    c.refused("invalidArguments", "Identity/get", ids=None, properties=["no"])
    got = c.call("Identity/set", ifInState=first, update={"I1": {
        "name": "Anna \u00c5s", "textSignature": "Hi\n-- \nAnna",
        "htmlSignature": "<b>Anna</b>", "bcc": [{"email": "x@y.example"}],
        "replyTo": [{"name": None, "email": c.address}]}})
    same(got["updated"], {"I1": None}, "updated")
    need(got["oldState"] == first != got["newState"], "states")
    now = c.call("Identity/get", ids=["I1"], properties=[
        "name", "textSignature", "htmlSignature", "bcc", "replyTo"])
    same(now["list"][0], {
        "id": "I1", "name": "Anna \u00c5s",
        "textSignature": "Hi\n-- \nAnna", "htmlSignature": "<b>Anna</b>",
        "bcc": [{"email": "x@y.example"}],
        "replyTo": [{"name": None, "email": c.address}]}, "kept")
    same(now["state"], got["newState"], "state")
    same(c.call("Identity/changes", sinceState=first)["updated"], ["I1"],
         "changes")
    c.refused("stateMismatch", "Identity/set", ifInState=first, destroy=[])
    detail = c.address.replace("@", "+shop@")
    got = c.call("Identity/set", create={
        "a": {"email": detail, "name": "Shop"},
        "b": {"email": "someone@customer.example"}, "c": {"name": "x"},
        "d": {"email": c.address, "name": "a\r\nBcc: x"},
        "e": {"email": c.address, "mayDelete": True},
        "f": {"email": c.address, "bcc": [{"name": "x"}]},
        "g": {"email": c.address, "textSignature": "x" * 300000}},
        destroy=["I1", "I99"], update={
            "I1": {"bcc/0/email": "a@b.example"}, "I98": {"name": "x"}})
    made = got["created"]["a"]
    same((set(got["created"]), made["mayDelete"]), ({"a"}, True), "created")
    same({k: (v["type"], v.get("properties")) for k, v in
          got["notCreated"].items()}, {
        "b": ("forbiddenFrom", ["email"]),
        "c": ("invalidProperties", ["email"]),
        "d": ("invalidProperties", ["name"]),
        "e": ("invalidProperties", ["mayDelete"]),
        "f": ("invalidProperties", ["bcc"]),
        "g": ("invalidProperties", ["textSignature"])}, "not created")
    same({k: v["type"] for k, v in got["notDestroyed"].items()},
         {"I1": "forbidden", "I99": "notFound"}, "not destroyed")
    same({k: v["type"] for k, v in got["notUpdated"].items()},
         {"I1": "willDestroy", "I98": "notFound"}, "not updated")
    e = c.call("Identity/set", update={"I1": {"bcc/0/email": "a@b.example"}})
    same(e["notUpdated"]["I1"]["type"], "invalidPatch", "patch")
    e = c.call("Identity/set", update={"I1": {"email": detail}})
    same(e["notUpdated"]["I1"]["properties"], ["email"], "immutable")
    state = c.call("Identity/get", ids=[])["state"]
    same(c.call("Identity/set", destroy=[made["id"]])["destroyed"],
         [made["id"]], "destroyed")
    same(c.call("Identity/changes", sinceState=state)["destroyed"],
         [made["id"]], "destroyed")


@test
def identity_of_a_grant(host):
    """A granted address has its identity, and loses it with the grant."""
    c = account(host, "granted")
    first = c.call("Identity/get", ids=None)["state"]
    host.cli("account", "grant", c.address, "shop@customer.example")
    got = c.call("Identity/get", ids=None)["list"]
    same([(i["email"], i["mayDelete"]) for i in got],
         [(c.address, False), ("shop@customer.example", False)], "list")
    i = got[1]["id"]
    same(c.call("Identity/changes", sinceState=first)["created"], [i],
         "created")
    sent = draft(c, ["granted@customer.example"],
                 **{"from": [{"email": "shop@customer.example"}]})
    got = c.call("EmailSubmission/set", create={"s": {
        "identityId": i, "emailId": sent}})
    need(got["created"], f"{got}")
    state = c.call("Identity/get", ids=[])["state"]
    host.cli("account", "revoke", c.address, "shop@customer.example")
    same(c.call("Identity/changes", sinceState=state)["destroyed"], [i],
         "destroyed")


def draft(c, to, **more):
    got = c.call("Email/set", create={"d": {
        "mailboxIds": {boxes(c)["Drafts"]["id"]: True},
        "keywords": {"$draft": True}, "from": [{"email": c.address}],
        "to": [{"email": a} for a in to], "subject": "sent by JMAP",
        "textBody": [{"partId": "1"}],
        "bodyValues": {"1": {"value": "hello from JMAP"}}, **more}})
    need(got["created"], f"{got}")
    return got["created"]["d"]["id"]


@test
def submission(host):
    """A draft is sent, filed in Sent, and arrives; what may not is refused."""
    c, other = account(host, "sender"), account(host, "receiver")
    inbox, sent, drafts = (boxes(c)[k]["id"] for k in ("Inbox", "Sent",
                                                       "Drafts"))
    i = draft(c, [other.address], bcc=[{"email": c.address}])
    got = c.calls(["EmailSubmission/set", {
        "accountId": c.account,
        "create": {"s": {"identityId": "I1", "emailId": i}},
        "onSuccessUpdateEmail": {"#s": {
            "keywords/$draft": None, f"mailboxIds/{drafts}": None,
            f"mailboxIds/{sent}": True}}}, "0"])
    need(not got[0][1]["notCreated"], f"{got}")
    made = got[0][1]["created"]["s"]
    same((made["undoStatus"], made["threadId"][0]), ("final", "T"), "made")
    same((got[1][0], got[1][2], got[1][1]["updated"]),
         ("Email/set", "0", {i: None}), "onSuccess")
    e = email(c, i, properties=["keywords", "mailboxIds"])
    same((e["keywords"], e["mailboxIds"]), ({}, {sent: True}), "filed")
    body, _ = fetched(other)
    need(b"hello from JMAP" in body and b"with JMAP" in body, "arrived")
    need(b"Bcc:" not in body, "Bcc is shown")
    need(b"hello from JMAP" in fetched(c)[0], "Bcc got none")
    # An envelope of its own.
    got = c.call("EmailSubmission/set", create={"s": {
        "identityId": "I1", "emailId": i, "envelope": {
            "mailFrom": {"email": c.address},
            "rcptTo": [{"email": other.address}]}}},
        onSuccessDestroyEmail=["#s"])
    need(got["created"], f"{got}")
    same(c.call("Email/get", ids=[i])["notFound"], [i], "destroyed")
    foreign = draft(c, [other.address], **{"from": [{
        "email": "receiver@customer.example"}]})
    good = draft(c, [other.address])
    far = {"mailFrom": {"email": "receiver@customer.example"},
           "rcptTo": [{"email": other.address}]}
    rows = {
        "forbiddenMailFrom": {"emailId": good, "envelope": far},
        # The header's sender is not the identity's: that is the sender.
        "forbiddenFrom": {"emailId": foreign},
        "noRecipients": {"emailId": draft(c, [])},
        "invalidRecipients": {
            "emailId": draft(c, ["nobody@customer.example"])},
        "invalidProperties": {"emailId": "E999"},
    }
    got = c.call("EmailSubmission/set", create={
        k: {"identityId": "I1", **v} for k, v in rows.items()})
    same({k: v["type"] for k, v in got["notCreated"].items()},
         {k: k for k in rows}, "refused")
    same(got["notCreated"]["invalidRecipients"]["invalidRecipients"],
         ["nobody@customer.example"], "recipients")
    need("R-UNKNOWN" in
         got["notCreated"]["invalidRecipients"]["description"], "reference")
    got = c.call("EmailSubmission/set", create={
        "a": {"identityId": "I9", "emailId": good},
        "b": {"identityId": "I1", "emailId": good, "undoStatus": "pending"},
        "c": {"identityId": "I1", "emailId": good, "envelope": {}}})
    same([got["notCreated"][k]["properties"] for k in "abc"],
         [["identityId"], ["undoStatus"], ["envelope"]], "properties")
    got = c.call("EmailSubmission/get", ids=None)
    same([(x["id"], x["emailId"], x["identityId"], x["undoStatus"])
          for x in got["list"]],
         [("S1", i, "I1", "final"), ("S2", i, "I1", "final")], "kept")
    x = got["list"][0]
    same((x["envelope"]["mailFrom"]["email"],
          [r["email"] for r in x["envelope"]["rcptTo"]]),
         (c.address, [other.address, c.address]), "envelope")
    same({k: v["delivered"] for k, v in x["deliveryStatus"].items()},
         {c.address: "yes", other.address: "yes"}, "delivered")
    need(x["deliveryStatus"][c.address]["smtpReply"].startswith("250 2.0.0"),
         "smtpReply")
    same((x["dsnBlobIds"], x["mdnBlobIds"]), ([], []), "blobs")
    same(c.call("EmailSubmission/get", ids=["S9"])["notFound"], ["S9"], "get")
    c.refused("invalidArguments", "EmailSubmission/get", ids=None,
              properties=["x"])


def hold(c, to, email_id=None, more=None, **parameters):
    """Send with parameters of MAIL; the created object."""
    email_id = email_id or draft(c, to)
    got = c.call("EmailSubmission/set", create={"s": {
        "identityId": "I1", "emailId": email_id, "envelope": {
            "mailFrom": {"email": c.address, "parameters": parameters},
            "rcptTo": [{"email": a, "parameters": more} for a in to]}}})
    return (got["created"] or {}).get("s"), got


def undo(c, i, **more):
    return c.call("EmailSubmission/set",
                  update={i: {"undoStatus": "canceled"}}, **more)


@test
def submission_undone(host):
    """What is held is taken back, whole, and by its sender alone."""
    c, other = account(host, "undo"), account(host, "undone")
    drafts, trash = (boxes(c)[k]["id"] for k in ("Drafts", "Trash"))
    limits = c.session()["accounts"][c.account]["accountCapabilities"]
    need(limits[SUBMISSION]["maxDelayedSend"] >= 86400, "maxDelayedSend")
    need("FUTURERELEASE" in limits[SUBMISSION]["submissionExtensions"],
         "submissionExtensions")
    before = c.call("EmailSubmission/get", ids=[])["state"]
    email_id = draft(c, [other.address])
    made, got = hold(c, [other.address, "far@partner.example"], email_id,
                     HOLDFOR="600")
    need(made, f"{got}")
    same((made["undoStatus"], "envelope" in made), ("pending", False), "made")
    i = made["id"]
    same(c.call("EmailSubmission/changes", sinceState=before)["created"], [i],
         "created")
    x = c.call("EmailSubmission/get", ids=[i])["list"][0]
    same((x["undoStatus"], x["sendAt"]), ("pending", made["sendAt"]), "get")
    same({k: v["delivered"] for k, v in x["deliveryStatus"].items()},
         {other.address: "queued", "far@partner.example": "queued"}, "waits")
    same(x["envelope"]["mailFrom"]["parameters"], {"HOLDFOR": "600"},
         "parameters")
    state = c.call("EmailSubmission/get", ids=[])["state"]
    for patch, names in (({"undoStatus": "final"}, ["undoStatus"]),
                         ({"sendAt": "2030-01-01T00:00:00Z"}, ["sendAt"])):
        e = c.call("EmailSubmission/set", update={i: patch})["notUpdated"][i]
        same((e["type"], e["properties"]), ("invalidProperties", names), patch)
    answers = c.calls(["EmailSubmission/set", {
        "accountId": c.account, "update": {i: {"undoStatus": "canceled"}},
        "onSuccessUpdateEmail": {i: {"mailboxIds": {trash: True}}}}, "0"])
    same(set(answers[0][1]["updated"]), {i}, f"canceled ({answers})")
    same(answers[1][1]["updated"], {email_id: None}, "onSuccess")
    same(email(c, email_id)["mailboxIds"], {trash: True}, "moved")
    same(undo(c, i)["notUpdated"], None, "again")
    x = c.call("EmailSubmission/get", ids=[i])["list"][0]
    same((x["undoStatus"], x["deliveryStatus"]), ("canceled", None), "now")
    same(c.call("EmailSubmission/changes", sinceState=state)["updated"], [i],
         "changes")
    later(700, c, other)
    same(fetch_all(other), [], "it was sent all the same")
    need("partner" not in host.cli("queue", "list"), "the queue has it")
    same(c.call("EmailSubmission/get", ids=[i])["list"][0]["undoStatus"],
         "canceled", "later")


def fetch_all(c):
    """What the inbox holds."""
    imap = Imap(c.host.port("imap"), c.address, PASSWORD)
    got = [body for _, body in imap.bodies("INBOX")]
    imap.close()
    return got


def later(seconds, *clients):
    """Time passes; connections that were idle meanwhile are closed."""
    for c in clients:
        c.http.close()
    clients[0].host.clock_add(seconds * 1000000)


def until(what, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = what()
        if got:
            return got
        time.sleep(0.05)
    raise Wrong("it did not come")


@test
def submission_later(host):
    """What is held goes at its time, and is not taken back then."""
    c, other = account(host, "later"), account(host, "laterto")
    made, got = hold(c, [other.address], HOLDFOR="60")
    need(made, f"{got}")
    i = made["id"]
    same(fetch_all(other), [], "too early")
    state = c.call("EmailSubmission/get", ids=[])["state"]
    later(61, c, other)
    until(lambda: fetch_all(other))
    e = undo(c, i)["notUpdated"][i]
    same(e["type"], "cannotUnsend", "too late")
    same(c.call("EmailSubmission/changes", sinceState=state)["updated"], [i],
         "changes")
    def delivered():
        x = c.call("EmailSubmission/get", ids=[i])["list"][0]
        same(x["undoStatus"], "final", "undoStatus")
        return x["deliveryStatus"][other.address]["delivered"] == "yes"
    until(delivered)
    # By the time of day; what is past goes now; what is far is refused.
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(
        time.time() + host.clock_ahead() / 1000000 + 3600))
    made, got = hold(c, [other.address], HOLDUNTIL=at)
    same((made["undoStatus"], made["sendAt"]), ("pending", at), "until")
    same(undo(c, made["id"])["notUpdated"], None, "canceled")
    made, got = hold(c, [other.address], HOLDUNTIL="2020-01-01T00:00:00Z")
    same(made["undoStatus"], "final", "past")
    for bad in ({"HOLDFOR": "999999999"}, {"HOLDFOR": "x"}, {"HOLDFOR": None},
                {"NOSUCH": "1"}, {"MT-PRIORITY": "12"}, {"HOLD FOR": "1"}, {"RET": "FULL X=1"},
                {"HOLDFOR": "1", "HOLDUNTIL": at}):
        made, got = hold(c, [other.address], **bad)
        same(made, None, bad)
        e = got["notCreated"]["s"]
        same((e["type"], e["properties"]),
             ("invalidProperties", ["envelope"]), bad)
    made, got = hold(c, [other.address], **{"MT-PRIORITY": "-3",
                                            "BY": "120;N"})
    need(made, f"{got}")
    # Reports are asked for, as by SMTP.
    made, got = hold(c, [other.address], more={"NOTIFY": "SUCCESS"},
                     RET="HDRS", ENVID="QQ314159")
    need(made, f"{got}")
    until(lambda: any(b"QQ314159" in m for m in fetch_all(c)))


@test
def submission_removed(host):
    """The operator takes a held one out: it cannot be undone, nor sent."""
    c, other = account(host, "removed"), account(host, "removedto")
    made, _ = hold(c, [other.address], HOLDFOR="600")
    listed = json.loads(host.cli("queue", "list", "--json"))
    number = [m for m in listed if m["sender"] == c.address][0]["id"]
    host.cli("queue", "rm", str(number), "--yes")
    e = undo(c, made["id"])["notUpdated"][made["id"]]
    same(e["type"], "cannotUnsend", "canceled what is gone")
    def seen():
        x = c.call("EmailSubmission/get", ids=[made["id"]])["list"][0]
        return x["undoStatus"], x["deliveryStatus"][other.address]["delivered"]
    until(lambda: seen() == ("final", "no"))  # the trail tells
    later(800, c, other)
    same(seen(), ("final", "no"), "then")
    same(fetch_all(other), [], "it was sent all the same")


@test
def submission_query(host):
    """Filters, orders, and what changed in a result."""
    c, other = account(host, "subquery"), account(host, "subqueryto")
    a, _ = hold(c, [other.address])
    b, _ = hold(c, [other.address], HOLDFOR="600")
    ids = [a["id"], b["id"]]
    def query(flt=None, **more):
        return c.call("EmailSubmission/query", filter=flt, **more)["ids"]
    same(query(), ids, "all")
    same(query(sort=[{"property": "sentAt", "isAscending": False}]),
         ids[::-1], "sentAt")
    same(query({"undoStatus": "pending"}), ids[1:], "pending")
    same(query({"after": b["sendAt"]}), ids[1:], "after")
    same(query({"before": b["sendAt"]}), ids[:1], "before")
    same(query({"identityIds": ["I1"]}), ids, "identity")
    same(query({"identityIds": ["I2"]}), [], "other identity")
    same(query({"threadIds": [a["threadId"]]}), ids[:1], "thread")
    same(query({"operator": "NOT", "conditions": [
        {"undoStatus": "pending"}]}), ids[:1], "not")
    x = c.call("EmailSubmission/get", ids=ids[:1])["list"][0]
    same(query({"emailIds": [x["emailId"]]}), ids[:1], "email")
    c.refused("unsupportedFilter", "EmailSubmission/query", filter={"x": 1})
    c.refused("unsupportedSort", "EmailSubmission/query",
              sort=[{"property": "x"}])
    got = c.call("EmailSubmission/query", filter={"undoStatus": "pending"},
                 calculateTotal=True)
    same((got["total"], got["canCalculateChanges"]), (1, True), "total")
    undo(c, ids[1])
    ch = c.call("EmailSubmission/queryChanges", filter={
        "undoStatus": "pending"}, sinceQueryState=got["queryState"])
    same((ch["removed"], ch["added"]), (ids[1:], []), "queryChanges")
    c.refused("cannotCalculateChanges", "EmailSubmission/queryChanges",
              sinceQueryState="x")
    c.refused("invalidArguments", "EmailSubmission/queryChanges")
    got = c.call("EmailSubmission/set", destroy=[ids[0], "S99"])
    same((got["destroyed"], got["notDestroyed"]["S99"]["type"]),
         ([ids[0]], "notFound"), "destroy")
    same(query(), ids[1:], "one left")


BLOB = "urn:ietf:params:jmap:blob"


@test
def blob_upload_and_get(host):
    """Blobs made of texts and of parts of others (RFC 9404)."""
    c = account(host, "blob")
    same(c.try_call("Blob/get", ids=[])[1]["type"], "unknownMethod", "using")
    c.using = c.using + [BLOB]
    limits = c.session()["accounts"][c.account]["accountCapabilities"][BLOB]
    need(limits["maxSizeBlobSet"] > 1000 and limits["maxDataSources"] >= 64,
         "limits")
    same(limits["supportedTypeNames"], ["Mailbox", "Thread", "Email"], "types")
    # The example of the RFC (4.1.1), and what it is put together to.
    got = c.calls(["Blob/upload", {"accountId": c.account, "create": {
        "b4": {"data": [{"data:asText": "The quick brown fox jumped over the "
                                        "lazy dog."}]}}}, "S4"],
        ["Blob/upload", {"accountId": c.account, "create": {"cat": {
            "type": "text/plain", "data": [
                {"data:asText": "How"}, {"blobId": "#b4", "length": 7,
                                         "offset": 3},
                {"data:asText": "was t"}, {"blobId": "#b4", "length": 1,
                                           "offset": 1},
                {"data:asBase64": "YXQ/"}]}}}, "CAT"],
        ["Blob/get", {"accountId": c.account, "properties": [
            "data:asText", "size"], "ids": ["#cat"]}, "G4"])
    made = got[1][1]["created"]["cat"]
    same((made["type"], made["size"]), ("text/plain", 19), "created")
    same(got[2][1]["list"], [{"id": "#cat", "size": 19,
                              "data:asText": "How quick was that?"}], "get")
    # RFC 9404, 4.2.1: digests, and a range.
    blob = got[0][1]["created"]["b4"]["id"]
    got = c.call("Blob/get", ids=[blob, "Gnot"], offset=4, length=9,
                 properties=["data:asText", "digest:sha", "digest:sha-256",
                             "size"])
    same(got["notFound"], ["Gnot"], "notFound")
    part = b"quick bro"
    same(got["list"], [{
        "id": blob, "data:asText": part.decode(), "size": 45,
        "digest:sha": base64.b64encode(
            hashlib.sha1(part).digest()).decode(),
        "digest:sha-256": base64.b64encode(
            hashlib.sha256(part).digest()).decode()}], "digests")
    got = c.call("Blob/get", ids=[blob], offset=40, length=20)
    same((got["list"][0]["data:asText"], got["list"][0]["isTruncated"]),
         (" dog.", True), "truncated")
    binary = c.call("Blob/upload", create={"x": {"data": [
        {"data:asBase64": "/wA="}]}})["created"]["x"]["id"]
    same(c.call("Blob/get", ids=[binary])["list"],
         [{"id": binary, "data:asBase64": "/wA=", "size": 2}], "binary")
    same(c.call("Blob/get", ids=[binary], properties=["data:asText"])["list"],
         [{"id": binary, "isEncodingProblem": True, "data:asText": None}],
         "no text")
    # A message is a blob too, and what is made of one can be a draft's part.
    i = put(c)
    raw = c.call("Blob/get", ids=["G" + i[1:]])["list"][0]["data:asText"]
    same(raw.encode(), MESSAGE, "a message")
    got = c.calls(
        ["Blob/upload", {"accountId": c.account, "create": {"f": {
            "data": [{"data:asText": "a file"}]}}}, "0"],
        ["Email/set", {"accountId": c.account, "create": {"d": {
            "mailboxIds": {boxes(c)["Drafts"]["id"]: True},
            "textBody": [{"partId": "1"}],
            "bodyValues": {"1": {"value": "x"}},
            "attachments": [{"blobId": "#f", "type": "text/plain",
                             "disposition": "attachment"}]}}}, "1"])
    need(got[1][1]["created"], f"{got[1][1]}")
    bad = {"a": {}, "b": {"data": []}, "c": {"data": [{}]},
           "d": {"data": [{"data:asText": "x", "blobId": blob}]},
           "e": {"data": [{"data:asBase64": "!"}]},
           "f": {"data": [{"blobId": blob, "offset": 46}]},
           "g": {"data": [{"blobId": blob, "length": 46}]},
           "h": {"data": [{"blobId": "Gnone"}]},
           "i": {"data": [{"data:asText": "x"}], "size": 1}}
    got = c.call("Blob/upload", create=bad)
    same(got["created"], None, "created")
    same({k: v["type"] for k, v in got["notCreated"].items()},
         {k: "blobNotFound" if k == "h" else "invalidProperties" for k in bad},
         "notCreated")
    c.refused("invalidArguments", "Blob/upload")
    c.refused("invalidArguments", "Blob/get", ids=[blob], properties=["x"])
    c.refused("invalidArguments", "Blob/get", ids=[blob],
              properties=["digest:md9"])


@test
def blob_lookup_and_copy(host):
    """Where a blob is used; copies within the one account there is."""
    c = account(host, "lookup")
    c.using = c.using + [BLOB]
    i = put(c, message=MIXED)
    e = email(c, i, properties=["blobId", "threadId", "mailboxIds",
                                "attachments"])
    part = e["attachments"][0]["blobId"]
    up = c.call("Blob/upload", create={"x": {"data": [
        {"data:asText": "x"}]}})["created"]["x"]["id"]
    got = c.call("Blob/lookup", typeNames=["Mailbox", "Thread", "Email"],
                 ids=[e["blobId"], part, up, "Gnot"])
    mine = {"Mailbox": list(e["mailboxIds"]), "Thread": [e["threadId"]],
            "Email": [i]}
    same(got["list"], [
        {"id": e["blobId"], "matchedIds": mine},
        {"id": part, "matchedIds": mine},
        {"id": up, "matchedIds": {"Mailbox": [], "Thread": [], "Email": []}}],
        "lookup")
    same(got["notFound"], ["Gnot"], "notFound")
    c.refused("unknownDataType", "Blob/lookup", typeNames=["X"], ids=[])
    c.refused("invalidArguments", "Blob/lookup", ids=[])
    got = c.call("Blob/copy", fromAccountId=c.account, blobIds=[up, "Gnot"])
    same((got["copied"], got["notCopied"]),
         ({up: up}, {"Gnot": {"type": "notFound"}}), "copy")
    c.refused("fromAccountNotFound", "Blob/copy", fromAccountId="A0",
              blobIds=[])
    c.refused("invalidArguments", "Blob/copy", fromAccountId=c.account)


MDN = "urn:ietf:params:jmap:mdn"


@test
def receipts(host):
    """MDN/send answers whom the message asks, MDN/parse reads it."""
    c, other = account(host, "receipt"), account(host, "receipter")
    same(c.try_call("MDN/send")[1]["type"], "unknownMethod", "using")
    c.using = other.using = c.using + [MDN]
    need(MDN in c.session()["accounts"][c.account]["accountCapabilities"],
         "capability")
    # A message that was sent from here, and asks for a receipt.
    sent = draft(c, [other.address], **{
        "header:Disposition-Notification-To:asAddresses": [
            {"name": "Receipt", "email": c.address}]})
    got = c.call("EmailSubmission/set", create={"s": {
        "identityId": "I1", "emailId": sent}})
    need(got["created"], f"{got}")
    i = other.call("Email/query")["ids"][0]
    plain = put(other, message=MESSAGE)
    displayed = {"actionMode": "manual-action",
                 "sendingMode": "mdn-sent-manually", "type": "displayed"}
    answers = other.calls(["MDN/send", {
        "accountId": other.account, "identityId": "I1", "send": {"k1546": {
            "forEmailId": i, "subject": "Read: r\u00e9ceipt",
            "textBody": "It was read.\n\u00e5", "reportingUA":
                "joes-pc.cs.example; Foomail 97.1",
            "disposition": displayed, "includeOriginalMessage": True,
            "extensionFields": {"X-EXTENSION-EXAMPLE": "example.com"}}},
        "onSuccessUpdateEmail": {"#k1546": {"keywords/$mdnsent": True}}},
        "0"])
    made = answers[0][1]["sent"]["k1546"]
    original = email(c, sent, properties=["messageId"])["messageId"][0]
    same((made["finalRecipient"], made["originalMessageId"]),
         (f"rfc822; {other.address}", f"<{original}>"), "server-set")
    same(answers[1][1]["updated"], {i: None}, "onSuccessUpdateEmail")
    need("$mdnsent" in email(other, i, properties=["keywords"])["keywords"],
         "$mdnsent")
    # It arrived, as Python reads it, with the null sender.
    raw, _ = until(lambda: fetch_all(c) and fetched(c))
    m = message_from_bytes(raw, policy=policy.default)
    same((m.get_content_type(), m.get_param("report-type"), m["subject"],
          m["return-path"]),
         ("multipart/report", "disposition-notification", "Read: r\u00e9ceipt",
          "<>"), "report")
    parts = list(m.iter_parts())
    same([p.get_content_type() for p in parts],
         ["text/plain", "message/disposition-notification", "message/rfc822"],
         "parts")
    same(parts[0].get_content().replace("\r", ""), "It was read.\n\u00e5",
         "text")
    # And as JMAP does.
    receipt = c.call("Email/query", filter={"subject": "Read:"})["ids"][0]
    blob = email(c, receipt, properties=["blobId"])["blobId"]
    got = c.call("MDN/parse", blobIds=[blob, "Gnone",
                                       "G" + sent[1:]])
    same((got["notFound"], got["notParsable"]),
         (["Gnone"], ["G" + sent[1:]]), "not")
    same(got["parsed"][blob], {
        "forEmailId": sent, "subject": "Read: r\u00e9ceipt",
        "textBody": "It was read.\n\u00e5",
        "includeOriginalMessage": True,
        "reportingUA": "joes-pc.cs.example; Foomail 97.1",
        "disposition": displayed, "mdnGateway": None,
        "originalRecipient": None,
        "finalRecipient": f"rfc822; {other.address}",
        "originalMessageId": f"<{original}>", "error": None,
        "extensionFields": {"X-EXTENSION-EXAMPLE": "example.com"}}, "parsed")
    rows = {
        "mdnAlreadySent": {"forEmailId": i, "disposition": displayed},
        "notFound": {"forEmailId": plain, "disposition": displayed},
    }
    got = other.call("MDN/send", identityId="I1", send=rows)
    same({k: v["type"] for k, v in got["notSent"].items()},
         {k: k for k in rows}, "refused")
    bad = {
        "disposition": {"forEmailId": i},
        "reportingUA": {"disposition": displayed, "reportingUA": 1},
        "mdnGateway": {"disposition": displayed, "mdnGateway": "x"},
        "extensionFields": {"disposition": displayed,
                            "extensionFields": {"Disposition": "x"}},
    }
    got = other.call("MDN/send", identityId="I1", send=bad)
    same({k: (v["type"], v["properties"]) for k, v in got["notSent"].items()},
         {k: ("invalidProperties", [k]) for k in bad}, "properties")
    same(got["sent"], None, "sent")
    other.refused("invalidArguments", "MDN/send", identityId="I9", send={})
    other.refused("invalidArguments", "MDN/send", identityId="I1")
    c.refused("invalidArguments", "MDN/parse")


OWN = "urn:x-posthus:mail"


@test
def deleted_emails(host):
    """What IMAP flagged \\Deleted is counted, shown, purged, restored (R33)."""
    c = account(host, "deleted")
    need(OWN in c.session()["capabilities"], "capability")
    same(c.session()["primaryAccounts"][OWN], c.account, "primary account")
    same(c.try_call("DeletedEmail/count")[1]["type"], "unknownMethod",
         "without using it")
    c.using = c.using + [OWN]
    inbox = boxes(c)["Inbox"]["id"]
    ids = [put(c, message=MESSAGE.replace(b"hello", b"mail %d" % n))
           for n in range(4)]
    same(c.call("DeletedEmail/count")["list"], [], "none")
    imap = Imap(host.port("imap"), c.address, PASSWORD)
    imap.command("SELECT INBOX")
    imap.command("STORE 1,2,4 +FLAGS (\\Deleted)")
    got = c.call("DeletedEmail/count")
    same([(b["mailboxId"], b["total"], b["size"] > 300) for b in got["list"]],
         [(inbox, 3, True)], "count")
    same(c.call("Email/get", ids=ids)["notFound"], [ids[0], ids[1], ids[3]],
         "hidden from standard JMAP")
    got = c.call("DeletedEmail/query", mailboxId=inbox)
    same((got["total"], len(got["ids"]), got["position"]), (3, 3, 0), "query")
    part = c.call("DeletedEmail/query", mailboxId=inbox, position=1, limit=1)
    same(part["ids"], got["ids"][1:2], "a part")
    shown = c.call("DeletedEmail/get", ids=got["ids"] + ["D1-99", "x"])
    same(shown["notFound"], ["D1-99", "x"], "notFound")
    same([(e["emailId"], e["subject"], e["from"][0]["email"], e["isSeen"])
          for e in shown["list"]],
         [(ids[n], f"mail {n}", "bo@partner.example", False)
          for n in (3, 1, 0)], "newest first")
    same(bytes_of(c, shown["list"][0]),
         MESSAGE.replace(b"hello", b"mail 3"), "blob")
    # One comes back, in IMAP too; one is purged; the last with its mailbox.
    d3, d1, d0 = got["ids"]
    got = c.call("DeletedEmail/restore", ids=[d3, d3, "D1-99", "D77-1"])
    same(got["restored"], [d3], "restored")
    need(got["oldState"] != got["newState"], "state")
    same(c.call("Email/get", ids=[ids[3]])["notFound"], [], "back")
    flags = imap.command("FETCH 4 (FLAGS)")[0][0]
    need(b"Deleted" not in flags, f"IMAP: {flags}")
    got = c.call("DeletedEmail/purge", ids=[d0, d3])
    same(got["purged"], [d0], "only what is deleted is purged")
    got = c.call("DeletedEmail/purge", mailboxId=inbox)
    same(got["purged"], [d1], "all of the mailbox")
    same(c.call("DeletedEmail/purge", mailboxId=inbox)["purged"], [], "none")
    same(c.call("DeletedEmail/count")["list"], [], "none left")
    same(len(fetch_all(c)), 2, "IMAP has two")
    for args in ({}, {"ids": [], "mailboxId": inbox}, {"mailboxId": "M99"},
                 {"ids": "x"}, {"mailboxId": inbox, "x": 1}):
        c.refused("invalidArguments", "DeletedEmail/purge", **args)
    c.refused("invalidArguments", "DeletedEmail/query")
    c.refused("invalidArguments", "DeletedEmail/get")
    imap.close()


@test
def trail_and_limits(host):
    """What happened to a sent message, and how full the windows are."""
    c, other = account(host, "trail", "trail.example"), account(host, "trailto")
    c.using = other.using = c.using + [OWN]
    def used(kind, seconds):
        return [(x["used"], x["limit"]) for x in c.call("SendLimit/get")["list"]
                if (x["kind"], x["windowSeconds"]) == (kind, seconds)]
    same(used("messages", 300), [(0, 25)], "before")
    i = draft(c, [other.address, "far@partner.example"])
    got = c.call("EmailSubmission/set", create={"s": {
        "identityId": "I1", "emailId": i}})
    need(got["created"], f"{got}")
    same((used("messages", 300), used("recipients", 300),
          used("recipients", 3600)), ([(1, 25)], [(2, 250)], [(2, 1500)]),
         "after")
    same([(x["scope"], x["used"], x["limit"]) for x in
          c.call("SendLimit/get")["list"] if x["kind"] == "queued"],
         [("domain", 1, 100)], "queued")
    same(c.call("SendLimit/get")["maySend"], True, "maySend")
    host.cli("limits", "set", c.address, "messages_1h", "7")
    same([(x["kind"], x["windowSeconds"], x["used"], x["limit"]) for x in
          until(lambda: [x for x in c.call("SendLimit/get")["list"]
                         if x["scope"] == "account"])],
         [("messages", 3600, 1, 7)], "of the account")
    def told():
        got = c.call("EmailTrail/get", ids=[i, "E99"])
        same(got["notFound"], ["E99"], "notFound")
        stories = got["list"][0]["stories"]
        events = [e for s in stories for e in s["events"]]
        return {other.address, "far@partner.example"} <= {
            e["recipient"] for e in events} and stories
    stories = until(told)
    events = stories[0]["events"]
    need(all(e["text"] and e["kind"] and e["at"].endswith("Z")
             for e in events), "events")
    need(len(stories[0]["trace"]) == 12, "trace")
    # The recipient sees the own steps, and no other recipient.
    mine = c.call("Email/get", ids=[i], properties=["messageId"])
    copy = other.call("Email/query")["ids"][0]
    same(other.call("Email/get", ids=[copy],
                    properties=["messageId"])["list"][0]["messageId"],
         mine["list"][0]["messageId"], "the same message")
    got = other.call("EmailTrail/get", ids=[copy])["list"][0]["stories"]
    need(got and "far@partner.example" not in json.dumps(got), f"{got}")
    c.refused("invalidArguments", "EmailTrail/get")
    c.refused("requestTooLarge", "EmailTrail/get", ids=["E1"] * 30)


def events(c, query="types=*&closeafter=no&ping=0", last=None):
    """An open event stream."""
    h = http.client.HTTPConnection("127.0.0.1", c.host.port("http"),
                                   timeout=20)
    headers = dict(c.auth, **({"Last-Event-ID": last} if last else {}))
    h.request("GET", f"/jmap/eventsource?{query}", headers=headers)
    r = h.getresponse()
    return r


def next_event(r):
    """(event, id, data) of the next that is no comment."""
    got = {}
    while True:
        row = r.readline().decode().rstrip("\n")
        if not row and got:
            return got.get("event"), got.get("id"), json.loads(got["data"])
        if not row and r.isclosed():
            raise Wrong("the stream ended")
        if ": " in row:
            key, value = row.split(": ", 1)
            got[key] = value


@test
def push(host):
    """States come by event stream when IMAP changes something."""
    c = account(host, "push")
    r = events(c)
    same((r.status, r.headers["Content-Type"]), (200, "text/event-stream"),
         "stream")
    r.readline()
    i = put(c)
    event, first, data = next_event(r)
    same((event, data["@type"]), ("state", "StateChange"), "event")
    state = data["changed"][c.account]
    same(set(state), {"Email", "EmailDelivery", "Mailbox", "Thread"}, "types")
    same(state["Email"], c.call("Email/get", ids=[])["state"], "state")
    # Only what is asked for, and only once.
    one = events(c, "types=Mailbox&closeafter=state&ping=30")
    one.readline()
    c.call("Email/set", update={i: {"keywords/$seen": True}})
    same(set(next_event(one)[2]["changed"][c.account]), {"Mailbox"}, "one")
    same(one.read(), b"", "closed")
    event, second, _ = next_event(r)
    need(first != second, "ids")
    # Whoever was away is told at once.
    again = events(c, last=first)
    same(next_event(again)[1], second, "missed")
    same(c.fetch("GET", "/jmap/eventsource?ping=x&types=*")[0], 400, "query")
    pings = events(c, "types=Email&closeafter=no&ping=1")
    event, _, data = next_event(pings)
    same((event, data), ("ping", {"interval": 5}), "ping")


@test
def delivery_is_pushed(host):
    """EmailDelivery (RFC 8621, 1.5) tells of new mail alone: not of flags,
    folders, drafts, or what is put away as read."""
    c = account(host, "push-delivery")
    r = events(c, "types=EmailDelivery&closeafter=no&ping=0")
    r.readline()
    for n in range(2):
        deliver(host, c.address, MESSAGE.replace(b"m1@", b"m%d@" % n))
        changed = next_event(r)[2]["changed"][c.account]
        same(set(changed), {"EmailDelivery"}, "new mail")
        ids = c.call("Email/query")["ids"]
        names = boxes(c)
        c.call("Email/set", update={ids[0]: {
            "keywords/$seen": True,
            "mailboxIds": {names["Trash"]["id"]: True}}})
        c.call("Email/set", create={"d": {
            "mailboxIds": {names["Drafts"]["id"]: True},
            "keywords": {"$draft": True, "$seen": True},
            "subject": "not sent yet"}})
        put(c, "Sent", MESSAGE, "\\Seen")
        c.call("Email/set", destroy=ids[:1])
    # What came in between is told together: a second state would be next.
    put(c)
    after = next_event(r)[2]["changed"][c.account]["EmailDelivery"]
    same(after, c.call("Email/get", ids=[])["state"], "no other in between")


@test
def snippets(host):
    """SearchSnippet/get marks the words, and escapes the rest."""
    c = account(host, "snippets")
    i = put(c, message=MESSAGE.replace(b"Subject: hello", b"Subject: a <b> "
            b"=?utf-8?q?Bl=C3=A5b=C3=A6r?=").replace(
        b"\r\n\r\nhello", b"\r\n\r\n" + b"word " * 100 + b"then Hello & bye"))
    got = c.call("SearchSnippet/get", emailIds=[i, "E999"], filter={
        "operator": "OR", "conditions": [{"subject": "BLABAER"},
                                         {"text": "blab"}, {"body": "hello"}]})
    same(got["notFound"], ["E999"], "notFound")
    s = got["list"][0]
    same(s["subject"], "a &lt;b&gt; <mark>Bl\u00e5b\u00e6r</mark>", "subject")
    need(s["preview"].endswith("then <mark>Hello</mark> &amp; bye"),
         s["preview"])
    need(len(s["preview"]) < 255, "length")
    s = c.call("SearchSnippet/get", emailIds=[i])["list"][0]
    same((s["emailId"], s["subject"], s["preview"]), (i, None, None), "none")
    c.refused("invalidArguments", "SearchSnippet/get")


# ---- Sieve and vacation ----

def upload(c, text):
    """The blob's id."""
    _, _, body = c.fetch("POST", f"/jmap/upload/{c.account}/", text,
                         {"Content-Type": "application/sieve"})
    return json.loads(body)["blobId"]


def scripts(c, **args):
    got = c.call("SieveScript/get", **args)["list"]
    return {s["name"]: s for s in got}


def deliver(host, to, message, sender="bo@partner.example"):
    smtp = Smtp(host.port("smtp"))
    smtp.data(sender, [to], message.replace(b"anna@customer.example",
                                            to.encode()))
    smtp.close()


@test
def sieve_session(host):
    """The session says what scripts may be and do (RFC 9661, 1.4)."""
    s = account(host, "sieve-session").session()
    same(s["capabilities"][SIEVE], {"implementation": "Posthus"}, "server")
    same(s["capabilities"][VACATION], {}, "vacation")
    a = s["accounts"][s["primaryAccounts"][SIEVE]]["accountCapabilities"]
    same((a[SIEVE]["maxSizeScript"], a[SIEVE]["maxNumberScripts"],
          a[SIEVE]["maxSizeScriptName"], a[SIEVE]["maxNumberRedirects"]),
         (262144, 50, 512, 10), "limits")
    need("fileinto" in a[SIEVE]["sieveExtensions"], "extensions")
    same(a[VACATION], {}, "vacation")


@test
def sieve_scripts(host):
    """SieveScript/set: made, changed, active, removed; the CLI sees the same."""
    c = account(host, "sieve-set")
    text = b'require "fileinto";\r\nfileinto "Trash"; # \xc3\xa6\r\n'
    blob = upload(c, text)
    same(c.call("SieveScript/get")["list"], [], "none")
    got = c.call("SieveScript/set", create={
        "a": {"name": "one", "blobId": blob, "isActive": False},
        "b": {"blobId": upload(c, b"keep;")},
    }, onSuccessActivateScript="#a")
    one, two = got["created"]["a"], got["created"]["b"]
    same(one["isActive"], True, "activated")
    same(two["name"], "script-1", "its name is the server's")
    need(one["blobId"] not in (blob, two["blobId"]), "blob ids")
    same(c.fetch("GET", f"/jmap/download/{c.account}/{one['blobId']}/x")[2],
         text, "its text")
    all_ = scripts(c)
    same({n: (s["isActive"], s["blobId"]) for n, s in all_.items()},
         {"one": (True, one["blobId"]), "script-1": (False, two["blobId"])},
         "get")
    same(host.cli("sieve", "get", c.address, "one").encode(),
         text, "the CLI's")
    deliver(host, c.address, MESSAGE)
    same(c.call("Email/query", filter={"inMailbox": [
        m["id"] for m in c.call("Mailbox/get")["list"]
        if m["role"] == "trash"][0]}, calculateTotal=True)["total"], 1, "filed")
    # Another text is another blob; the other way round nothing is left open.
    got = c.call("SieveScript/set", update={
        one["id"]: {"blobId": two["blobId"]},
        two["id"]: {"name": "two"}}, onSuccessActivateScript=two["id"])
    same(got["updated"][one["id"]]["isActive"], False, "deactivated")
    same(got["updated"][two["id"]], {"isActive": True}, "activated")
    same(c.fetch("GET", f"/jmap/download/{c.account}/{one['blobId']}/x")[0],
         404, "the old blob")
    same(scripts(c)["one"]["blobId"],
         got["updated"][one["id"]]["blobId"], "new blob")
    # The active one cannot go; switched off it can.
    got = c.call("SieveScript/set", destroy=[two["id"], one["id"], "F999"],
                 onSuccessDeactivateScript=True)
    same(got["destroyed"], [one["id"]], "destroyed")
    same({k: v["type"] for k, v in got["notDestroyed"].items()},
         {two["id"]: "sieveIsActive", "F999": "notFound"}, "not destroyed")
    same(scripts(c)["two"]["isActive"], True, "not all went well")
    got = c.call("SieveScript/set", onSuccessDeactivateScript=True)
    same(got["updated"], {two["id"]: {"isActive": False}}, "off")
    need(got["oldState"] != got["newState"], "state")
    got = c.call("SieveScript/set", onSuccessActivateScript="F999")
    same((got["updated"], got["oldState"] == got["newState"]), (None, True),
         "no such script")
    same(c.call("SieveScript/set", destroy=[two["id"]])["destroyed"],
         [two["id"]], "destroyed")


@test
def sieve_refused(host):
    """SieveScript/set and /validate: what is wrong is told with its place."""
    c = account(host, "sieve-refused")
    bad = upload(c, b'keep;\n  fileinto "x";\n')
    good = upload(c, b"keep;")
    got = c.call("SieveScript/set", create={
        "a": {"name": "a", "blobId": bad},
        "b": {"name": "b", "blobId": "U" + "0" * 64},
        "c": {"name": "c", "blobId": upload(c, b"#" * 262145)},
        "d": {"name": "d\n", "blobId": good},
        "e": {"name": "e"},
        "f": {"name": "f", "blobId": good, "isActive": True},
        "g": {"name": "g", "blobId": good},
        "h": {"name": "g", "blobId": good},
        "i": {"name": "i", "blobId": upload(c, b"keep;\0")},
    }, onSuccessActivateScript="#g")
    no = got["notCreated"]
    same({k: v["type"] for k, v in no.items()}, {
        "a": "invalidSieve", "b": "blobNotFound", "c": "tooLarge",
        "d": "invalidProperties", "e": "invalidProperties",
        "f": "invalidProperties", "h": "alreadyExists",
        "i": "invalidSieve"}, "errors")
    need("line 2, column 3" in no["a"]["description"], no["a"])
    same(no["h"]["existingId"], got["created"]["g"]["id"], "existingId")
    same(no["f"]["properties"], ["isActive"], "properties")
    same(scripts(c)["g"]["isActive"], False, "not all went well")
    same(c.call("SieveScript/validate", blobId=good)["error"], None, "good")
    e = c.call("SieveScript/validate", blobId=bad)["error"]
    same(e["type"], "invalidSieve", "bad")
    need("line 2, column 3" in e["description"], e)
    c.refused("blobNotFound", "SieveScript/validate", blobId="U1")
    c.refused("invalidArguments", "SieveScript/validate")
    c.refused("stateMismatch", "SieveScript/set", ifInState="0-0")
    other = account(host, "sieve-other")
    same(other.fetch("GET", f"/jmap/download/{other.account}/"
                     + got["created"]["g"]["blobId"] + "/x")[0], 404,
         "another's script")
    c.using = [CORE, MAIL]
    c.refused("unknownMethod", "SieveScript/get")


@test
def sieve_query(host):
    """SieveScript/query: filters, order, window."""
    c = account(host, "sieve-query")
    blob = upload(c, b"keep;")
    ids = {}
    for name in ("beta", "Alpha", "gamma"):
        ids[name] = c.call("SieveScript/set", create={
            "x": {"name": name, "blobId": blob}},
            onSuccessActivateScript="#x")["created"]["x"]["id"]

    def query(**args):
        names = {v: k for k, v in ids.items()}
        return [names[i] for i in c.call("SieveScript/query", **args)["ids"]]

    same(query(), ["beta", "Alpha", "gamma"], "all")
    same(query(sort=[{"property": "name"}]), ["Alpha", "beta", "gamma"], "name")
    same(query(sort=[{"property": "isActive", "isAscending": False},
                     {"property": "name", "isAscending": False}]),
         ["gamma", "beta", "Alpha"], "active")
    same(query(filter={"isActive": True}), ["gamma"], "isActive")
    same(query(filter={"name": "ALP"}), ["Alpha"], "name")
    same(query(filter={"operator": "NOT", "conditions": [{"isActive": True}]},
               sort=[{"property": "name"}], position=1), ["beta"], "window")
    c.refused("unsupportedFilter", "SieveScript/query", filter={"x": 1})
    c.refused("unsupportedSort", "SieveScript/query",
              sort=[{"property": "id"}])
    same(set(c.call("SieveScript/get", ids=[ids["beta"], "F9"],
                    properties=["name"])["list"][0]), {"id", "name"}, "get")


@test
def sieve_is_pushed(host):
    """Who changes scripts elsewhere is seen: by state, and by event stream."""
    c = account(host, "sieve-push")
    before = c.call("SieveScript/get")["state"]
    r = events(c, "types=SieveScript,VacationResponse&closeafter=no&ping=0")
    r.readline()
    with socket.create_connection(("127.0.0.1", host.port("sieve"))) as s:
        login = base64.b64encode(f"\0{c.address}\0{PASSWORD}".encode()).decode()
        s.sendall(f'AUTHENTICATE "PLAIN" "{login}"\r\n'
                  'PUTSCRIPT "main" "keep;"\r\nLOGOUT\r\n'.encode())
        while s.recv(4096):
            pass
    changed = next_event(r)[2]["changed"][c.account]
    same(set(changed), {"SieveScript"}, "types")
    need(changed["SieveScript"] != before, "state")
    same(c.call("SieveScript/get")["state"], changed["SieveScript"], "state")
    c.call("VacationResponse/set", update={"singleton": {
        "textBody": "I am away.\n"}})
    changed = next_event(r)[2]["changed"][c.account]
    same(set(changed), {"VacationResponse"}, "types")
    v = c.call("VacationResponse/get")
    same((v["state"], v["list"][0]["textBody"]),
         (changed["VacationResponse"], "I am away.\n"), "vacation")


@test
def vacation(host):
    """VacationResponse: the one setting, as the command line has it."""
    c = account(host, "vacation")
    nothing = {"id": "singleton", "isEnabled": False, "fromDate": None,
               "toDate": None, "subject": None, "textBody": None,
               "htmlBody": None}
    same(c.call("VacationResponse/get")["list"], [nothing], "nothing is set")
    wanted = {"isEnabled": True, "fromDate": "2026-01-02T03:04:05Z",
              "toDate": "2099-12-31T00:00:00Z", "subject": "Away \u2600",
              "textBody": "I am away.\n", "htmlBody": "<p>I am <b>away</b>.</p>"}
    got = c.call("VacationResponse/set", update={"singleton": wanted})
    same(got["updated"], {"singleton": None}, "updated")
    need(got["oldState"] != got["newState"], "state")
    now = c.call("VacationResponse/get", ids=["singleton", "x"])
    same(now["list"], [dict(wanted, id="singleton")], "get")
    same((now["notFound"], now["state"]), (["x"], got["newState"]), "get")
    shown = host.cli("vacation", "show", c.address)
    need("I am away." in shown and "2099-12-31" in shown, shown)
    # What is not named stays.
    c.call("VacationResponse/set", update={"singleton": {
        "fromDate": None, "subject": None, "textBody": None}})
    v = c.call("VacationResponse/get")["list"][0]
    same((v["subject"], v["fromDate"], v["textBody"], v["htmlBody"]),
         (None, None, None, wanted["htmlBody"]), "changed")
    got = c.call("VacationResponse/set", create={"x": {}},
                 destroy=["singleton", "y"], update={"z": {}})
    same((got["notCreated"]["x"]["type"], got["notUpdated"]["z"]["type"],
          got["notDestroyed"]["singleton"]["type"],
          got["notDestroyed"]["y"]["type"]),
         ("singleton", "notFound", "singleton", "notFound"), "errors")
    for name, value in (("isEnabled", None), ("fromDate", "tomorrow"),
                        ("toDate", "1999-01-01"), ("subject", "a\nb"),
                        ("subject", "x" * 501), ("textBody", 5),
                        ("htmlBody", "x" * 65537), ("nonsense", 1)):
        got = c.call("VacationResponse/set",
                     update={"singleton": {name: value}})
        same((got["notUpdated"] or {}).get("singleton", {}).get("properties"),
             [name], f"{name} {value!r:.20}")
    got = c.call("VacationResponse/set", update={"singleton": {
        "fromDate": "2026-01-02T00:00:00Z", "toDate": "2026-01-01T00:00:00Z"}})
    same(got["notUpdated"]["singleton"]["properties"], ["toDate"], "backwards")


@test
def r5_vacation_by_jmap(host):
    """R5: what JMAP sets answers, as text and HTML, with defaults."""
    c = account(host, "vacation-sends")
    asker = account(host, "vacation-asks")
    c.call("VacationResponse/set", update={"singleton": {
        "isEnabled": True, "htmlBody": "<p>I am <b>away</b>.</p>"}})

    asked = []

    def ask():
        asked.append(1)
        deliver(host, c.address, MESSAGE.replace(
            b"<m1@", b"<ask%d@" % len(asked)), asker.address)

    def answers(n):
        until = time.monotonic() + 10
        while time.monotonic() < until:
            got = asker.call("Email/query", sort=[
                {"property": "receivedAt", "isAscending": False}])["ids"]
            if len(got) >= n:
                return got
            time.sleep(0.1)
        raise Wrong(f"{len(got)} of {n} answers")

    ask()
    ask()
    first = answers(1)
    e = email(asker, first[0], properties=[
        "subject", "from", "to", "headers", "textBody", "htmlBody",
        "bodyValues"], fetchAllBodyValues=True)
    head = {h["name"].lower(): h["value"].strip() for h in e["headers"]}
    same(e["subject"], "Auto: hello", "subject")
    need(head["auto-submitted"].startswith("auto-replied"), "Auto-Submitted")
    same(e["from"][0]["email"], c.address, "from")
    need("away" in e["bodyValues"][e["textBody"][0]["partId"]]["value"], "text")
    need("<b>away</b>" in e["bodyValues"][e["htmlBody"][0]["partId"]]["value"],
         "html")
    # Set anew it answers again, in the server's words when it has none.
    c.call("VacationResponse/set", update={"singleton": {
        "htmlBody": None, "subject": "Gone fishing"}})
    ask()
    e = email(asker, answers(2)[0], fetchAllBodyValues=True, properties=[
        "subject", "textBody", "bodyValues"])
    same(e["subject"], "Gone fishing", "subject")
    need("I am away" in e["bodyValues"][e["textBody"][0]["partId"]]["value"],
         "default text")
    same(len(answers(2)), 2, "once each")

# ---- contacts (RFC 9610) ----

CONTACTS = "urn:ietf:params:jmap:contacts"
PNG = (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01"
       b"\x08\x06\x00\x00\x00\x1f\x15\xc4\x89")


def contacts(host, name):
    """(client, id of its default address book)"""
    c = account(host, name)
    c.using = [CORE, CONTACTS]
    books = c.call("AddressBook/get")["list"]
    same([b["isDefault"] for b in books], [True], "one book is there")
    return c, books[0]["id"]


def card(book, given, surname, **more):
    return {"addressBookIds": {book: True},
            "name": {"components": [{"kind": "given", "value": given},
                                    {"kind": "surname", "value": surname}],
                     "isOrdered": True}, **more}


def make_card(c, *args, **more):
    got = c.call("ContactCard/set", create={"n": card(*args, **more)})
    if not got["created"]:
        raise Wrong(f"not created: {got['notCreated']}")
    return got["created"]["n"]


def refused_card(c, error, path, **args):
    """The one object of the /set is refused, because of this property."""
    got = c.call("ContactCard/set", **args)
    one = [e for k in ("notCreated", "notUpdated", "notDestroyed")
           for e in (got[k] or {}).values()]
    same(len(one), 1, f"refused ({got})")
    same((one[0]["type"], one[0].get("properties")),
         (error, [path] if path else None), f"{args}")
    same(got["oldState"], got["newState"], "state")
    return one[0]


@test
def contacts_session(host):
    """The session names contacts; without the capability no method is."""
    c = account(host, "contacts-session")
    s = c.session()
    same(s["capabilities"][CONTACTS], {}, "capability")
    a = s["accounts"][s["primaryAccounts"][CONTACTS]]["accountCapabilities"]
    same(a[CONTACTS], {"maxAddressBooksPerCard": 100,
                       "mayCreateAddressBook": True}, "of the account")
    c.refused("unknownMethod", "AddressBook/get")
    c.refused("unknownMethod", "ContactCard/query")


@test
def address_books(host):
    """AddressBook: made, changed, default, removed; all that is refused."""
    c, first = contacts(host, "books")
    before = c.call("AddressBook/get", ids=[first, "B99", "x"])
    same(before["notFound"], ["B99", "x"], "notFound")
    same(before["list"], [{
        "id": first, "name": "Contacts", "description": None, "sortOrder": 0,
        "isDefault": True, "isSubscribed": True, "shareWith": None,
        "myRights": {"mayRead": True, "mayWrite": True, "mayShare": False,
                     "mayDelete": False}}], "the first")
    got = c.call("AddressBook/set", create={
        "w": {"name": "Wörk", "description": "of the office", "sortOrder": 3},
        "a": {"name": ""}, "b": {}, "c": {"name": "x" * 256},
        "d": {"name": "d", "isDefault": True}, "e": {"name": "e", "o": 1},
        "f": {"name": "f", "sortOrder": -1},
        "g": {"name": "g", "shareWith": {"P1": {"mayRead": True}}},
        "h": {"name": "h", "isSubscribed": 1}, "i": {"name": "a\nb"}})
    same({k: (e["type"], e["properties"][0])
          for k, e in got["notCreated"].items()},
         {"a": ("invalidProperties", "name"),
          "b": ("invalidProperties", "name"),
          "c": ("invalidProperties", "name"),
          "d": ("invalidProperties", "isDefault"),
          "e": ("invalidProperties", "o"),
          "f": ("invalidProperties", "sortOrder"),
          "g": ("forbidden", "shareWith"),
          "h": ("invalidProperties", "isSubscribed"),
          "i": ("invalidProperties", "name")}, "notCreated")
    work = got["created"]["w"]["id"]
    need(got["newState"] != before["state"], "state")
    got = c.call("AddressBook/changes", sinceState=before["state"])
    same((got["created"], got["updated"], got["destroyed"]),
         ([work], [], []), "changes")

    # It becomes the default; both are told of.
    got = c.call("AddressBook/set", update={work: {"name": "Work"}},
                 onSuccessSetIsDefault=work)
    same(got["updated"], {work: {"isDefault": True},
                          first: {"isDefault": False}}, "updated")
    now = {b["id"]: b for b in c.call("AddressBook/get")["list"]}
    same((now[work]["name"], now[work]["description"], now[work]["isDefault"],
          now[first]["isDefault"]), ("Work", "of the office", True, False),
         "now")
    # What is not there is passed over; so is it when anything is refused.
    c.call("AddressBook/set", onSuccessSetIsDefault="B99")
    c.call("AddressBook/set", onSuccessSetIsDefault=first,
           update={"B99": {"name": "x"}})
    need({b["id"]: b for b in c.call("AddressBook/get")["list"]}
         [work]["isDefault"], "default")

    got = c.call("AddressBook/set", update={
        first: {"name": "Home", "description": None, "isDefault": False}},
        destroy=[work, "B99"])
    same(got["updated"], {first: None}, "updated")
    same({k: e["type"] for k, e in got["notDestroyed"].items()},
         {work: "forbidden", "B99": "notFound"}, "notDestroyed")
    for patch, error in (({"isDefault": True}, "invalidProperties"),
                         ({"shareWith/P1": {}}, "invalidPatch"),
                         ({"name": None}, "invalidProperties"),
                         ({"shareWith": {}}, "forbidden")):
        got = c.call("AddressBook/set", update={first: patch})
        same(got["notUpdated"][first]["type"], error, str(patch))
    c.refused("stateMismatch", "AddressBook/set", ifInState=before["state"])
    c.refused("invalidArguments", "AddressBook/set",
              onDestroyRemoveContents=1)
    c.refused("invalidArguments", "AddressBook/get", properties=["x"])
    c.refused("cannotCalculateChanges", "AddressBook/changes", sinceState="x")
    same(c.call("AddressBook/set", destroy=[first])["destroyed"], [first],
         "destroyed")
    # A book that is made becomes the default in the same call.
    got = c.call("AddressBook/set", create={"n": {"name": "New"}},
                 onSuccessSetIsDefault="#n")
    same(got["created"]["n"]["isDefault"], True, "created as default")


@test
def address_book_contents(host):
    """A book with cards goes only when that is meant; others keep theirs."""
    c, first = contacts(host, "contents")
    work = c.call("AddressBook/set", create={"w": {"name": "Work"}})[
        "created"]["w"]["id"]
    a = make_card(c, work, "Only", "Work")["id"]
    b = make_card(c, first, "In", "Both", emails={"e": {
        "address": "in@both.example"}})["id"]
    c.call("ContactCard/set", update={b: {f"addressBookIds/{work}": True}})
    got = c.call("AddressBook/set", destroy=[work])
    same(got["notDestroyed"][work]["type"], "addressBookHasContents", "full")
    before = c.call("ContactCard/get")["state"]
    c.call("AddressBook/set", destroy=[work], onDestroyRemoveContents=True)
    now = c.call("ContactCard/get")
    same([(x["id"], x["addressBookIds"], x["emails"]) for x in now["list"]],
         [(b, {first: True}, {"e": {"address": "in@both.example"}})], "left")
    got = c.call("ContactCard/changes", sinceState=before)
    same((got["created"], got["updated"], got["destroyed"]), ([], [b], [a]),
         "changes")


@test
def contact_cards(host):
    """ContactCard: made, read, patched, removed; /changes tells it."""
    c, book = contacts(host, "cards")
    before = c.call("ContactCard/get")
    same(before["list"], [], "nothing yet")
    made = make_card(c, book, "Bo", "Berg", emails={
        "e1": {"address": "bo@partner.example", "pref": 1,
               "contexts": {"work": True}}}, **{"x.example:own": [1, {"a": 2}]})
    same(set(made), {"id", "@type", "version", "uid", "created", "updated"},
         "what the server set")
    need(made["uid"].startswith("urn:uuid:"), "uid")
    got = c.call("ContactCard/get", ids=[made["id"], "C99", book])
    same(got["notFound"], ["C99", book], "notFound")
    one = got["list"][0]
    same({k: v for k, v in one.items() if k not in made}, {
        **card(book, "Bo", "Berg"),
        "emails": {"e1": {"address": "bo@partner.example", "pref": 1,
                          "contexts": {"work": True}}},
        "x.example:own": [1, {"a": 2}]}, "all else")
    same({k: one[k] for k in made}, made, "as it was told")
    got = c.call("ContactCard/get", ids=[made["id"]],
                 properties=["uid", "emails", "later"])
    same(set(got["list"][0]), {"id", "uid", "emails"}, "properties")
    c.refused("invalidArguments", "ContactCard/get", properties=["a b"])

    state = got["state"]
    got = c.call("ContactCard/set", ifInState=state, update={made["id"]: {
        "emails/e1/address": "bo.berg@partner.example",
        "emails/e1/pref": None, "emails/e2": {"address": "b@b.example"},
        "x.example:own": None, "kind": "individual", "id": made["id"]}})
    same(set(got["updated"][made["id"]]), {"updated"}, "told")
    one = c.call("ContactCard/get", ids=[made["id"]])["list"][0]
    same((one["emails"], one["kind"], "x.example:own" in one, one["name"]),
         ({"e1": {"address": "bo.berg@partner.example",
                  "contexts": {"work": True}},
           "e2": {"address": "b@b.example"}}, "individual", False,
          card(book, "Bo", "Berg")["name"]), "patched")
    same(one["updated"], got["updated"][made["id"]]["updated"], "updated")
    # Nothing new is no change.
    got = c.call("ContactCard/set", update={made["id"]: {"kind": "individual"}})
    same(got["oldState"], got["newState"], "the same again")
    c.refused("stateMismatch", "ContactCard/set", ifInState=before["state"])

    got = c.call("ContactCard/changes", sinceState=state)
    same((got["created"], got["updated"], got["destroyed"]),
         ([], [made["id"]], []), "changes")
    same(c.call("ContactCard/set", destroy=[made["id"]])["destroyed"],
         [made["id"]], "destroyed")
    got = c.call("ContactCard/changes", sinceState=state)
    same((got["created"], got["updated"], got["destroyed"]),
         ([], [], [made["id"]]), "changes")
    c.refused("cannotCalculateChanges", "ContactCard/changes", sinceState="x")
    c.refused("invalidArguments", "ContactCard/changes", sinceState=state,
              maxChanges=0)
    c.refused("fromAccountNotFound", "ContactCard/copy", fromAccountId="A999",
              create={})
    c.refused("invalidArguments", "ContactCard/copy", fromAccountId=c.account,
              create={})
    # A book and a card in it, in one request.
    r = c.calls(["AddressBook/set", {"accountId": c.account, "create": {
        "b": {"name": "Both"}}}, "1"],
        ["ContactCard/set", {"accountId": c.account, "create": {
            "k": card("#b", "By", "Reference")}}, "2"])
    same(c.call("ContactCard/get")["list"][0]["addressBookIds"],
         {r[0][1]["created"]["b"]["id"]: True}, "by reference")


@test
def contact_card_errors(host):
    """ContactCard/set: each thing that is wrong with a card, and where."""
    c, book = contacts(host, "card-errors")
    a = make_card(c, book, "A", "A", uid="urn:uuid:a")
    b = make_card(c, book, "B", "B", emails={"e": {"address": "b@b.example"}})
    bad = "invalidProperties"
    for more, path in (
            ({"addressBookIds": {}}, "addressBookIds"),
            ({"addressBookIds": None}, "addressBookIds"),
            ({"addressBookIds": {"B99": True}}, "addressBookIds"),
            ({"addressBookIds": {book: False}}, "addressBookIds"),
            ({"addressBookIds": [book]}, "addressBookIds"),
            ({"id": "C5"}, "id"),
            ({"@type": "Group"}, "@type"), ({"version": "9"}, "version"),
            ({"uid": ""}, "uid"), ({"kind": 3}, "kind"),
            ({"emails": [{"address": "x"}]}, "emails"),
            ({"emails": {"e": {"value": "x"}}}, "emails/e/address"),
            ({"emails": {"e": {"address": "x", "pref": 0}}},
             "emails/e/pref"),
            ({"name": {"components": [{"value": "x"}]}},
             "name/components/0/kind"),
            ({"members": {"u": True}}, "members"),
            ({"created": "yesterday"}, "created"),
            ({"media": 3}, "media"),
            ({"media": {"m": {"kind": "photo"}}}, "media/m/uri"),
            ({"media": {"m": {"kind": "photo", "blobId": 3}}},
             "media/m/blobId"),
            ({"media": {"m": {"kind": "photo", "uri": "data:image/png,x"}}},
             "media/m/uri"),
            ({"media": {"m": {"kind": "logo", "uri": "data:;base64,=x"}}},
             "media/m/uri")):
        refused_card(c, bad, path, create={"n": card(book, "N", "N") | more})
    e = refused_card(c, bad, "uid", create={"n": card(book, "N", "N",
                                                      uid="urn:uuid:a")})
    same(e["existingId"], a["id"], "whose uid it is")
    refused_card(c, bad, "uid", update={b["id"]: {"uid": "urn:uuid:a"}})
    refused_card(c, bad, "uid", update={b["id"]: {"uid": None}})
    refused_card(c, bad, "addressBookIds",
                 update={b["id"]: {f"addressBookIds/{book}": None}})
    refused_card(c, bad, "emails/e/address",
                 update={b["id"]: {"emails/e/address": None}})
    for patch in ({"emails/x/address": "y"}, {"name/components/0/value": "x"},
                  {"emails": {}, "emails/e": None}, {"emails/~2": 1}):
        refused_card(c, "invalidPatch", None, update={b["id"]: patch})
    refused_card(c, "notFound", None, update={"C99": {}})
    refused_card(c, "notFound", None, destroy=["C99"])
    refused_card(c, "blobNotFound", None, create={"n": card(
        book, "N", "N", media={"m": {"kind": "photo", "blobId": "Uno"}})})
    refused_card(c, "tooLarge", None, create={"n": card(
        book, "N", "N", notes={"n": {"note": "x" * 600_000}})})
    same(len(c.call("ContactCard/get")["list"]), 2, "nothing else was made")


@test
def contact_photos(host):
    """A photo comes as a blob, or in its URI, and goes out as a blob."""
    c, book = contacts(host, "photos")

    def upload(data):
        _, _, up = c.fetch("POST", f"/jmap/upload/{c.account}/", data,
                           {"Content-Type": "image/png"})
        return json.loads(up)["blobId"]

    made = make_card(c, book, "With", "Photo", media={"m": {
        "kind": "photo", "blobId": upload(PNG)}})
    one = c.call("ContactCard/get", ids=[made["id"]])["list"][0]
    same(one["media"], made["media"], "as it was told")
    same(one["media"]["m"]["mediaType"], "image/png", "type")
    need("uri" not in one["media"]["m"], "no URI")
    blob = one["media"]["m"]["blobId"]
    status, _, data = c.fetch(
        "GET", f"/jmap/download/{c.account}/{blob}/p.png?type=image/png")
    same((status, data), (200, PNG), "download")
    # What came back may be sent back; and a URI becomes a blob.
    uri = "data:image/png;base64," + base64.b64encode(PNG + b"2").decode()
    c.call("ContactCard/set", update={made["id"]: {
        "media/m": one["media"]["m"] | {"label": "x"},
        "media/n": {"kind": "logo", "uri": uri},
        "media/l": {"kind": "photo", "uri": "https://a.example/p.png"}}})
    now = c.call("ContactCard/get", ids=[made["id"]])["list"][0]["media"]
    same((now["m"]["blobId"], now["m"]["label"]), (blob, "x"), "kept")
    same(now["l"]["uri"], "https://a.example/p.png", "a link stays one")
    same(c.fetch("GET", f"/jmap/download/{c.account}/{now['n']['blobId']}/p")[2],
         PNG + b"2", "from the URI")
    refused_card(c, "invalidProperties", "media/m/blobId", create={"n": card(
        book, "No", "Photo", media={"m": {"kind": "photo",
                                          "blobId": upload(b"<svg/>")}})})
    refused_card(c, "tooLarge", None, create={"n": card(
        book, "No", "Photo", media={"m": {
            "kind": "photo", "blobId": upload(PNG + bytes(400_000))}})})
    c.call("ContactCard/set", update={made["id"]: {"media": None}})
    same(c.fetch("GET", f"/jmap/download/{c.account}/{blob}/p.png")[0], 404,
         "a photo that is gone")


@test
def contact_query(host):
    """ContactCard/query: every condition, every sort, the window."""
    c, book = contacts(host, "card-query")
    other = c.call("AddressBook/set", create={"w": {"name": "Work"}})[
        "created"]["w"]["id"]
    ids = {}
    for key, book_id, given, surname, more in (
            ("bo", book, "Bo", "Berg", {
                "created": "2020-01-01T00:00:00Z",
                "updated": "2024-01-01T00:00:00Z", "uid": "u-bo",
                "emails": {"e": {"address": "Bo.Berg@partner.example",
                                 "label": "office"}},
                "nicknames": {"n": {"name": "Bobo"}}}),
            ("eva", book, "Eva", "\u00c5berg", {
                "created": "2021-01-01T00:00:00Z",
                "updated": "2022-01-01T00:00:00Z",
                "phones": {"p": {"number": "+45 55 0100"}},
                "organizations": {"o": {"name": "The Works"}},
                "notes": {"n": {"note": "likes red wine and \"tea\""}}}),
            ("al", other, "Al", "Berg", {
                "created": "2022-01-01T00:00:00Z",
                "updated": "2023-01-01T00:00:00Z",
                "addresses": {"a": {"full": "1 Long Street", "components": [
                    {"kind": "locality", "value": "Aarhus"}]}},
                "onlineServices": {"s": {"service": "Chat", "user": "al99"}}}),
            ("group", other, "The", "Group", {
                "kind": "group", "members": {"u-bo": True},
                "created": "2023-01-01T00:00:00Z",
                "updated": "2021-01-01T00:00:00Z"})):
        ids[key] = make_card(c, book_id, given, surname, **more)["id"]
    names = {v: k for k, v in ids.items()}

    def found(filter, **args):
        return [names[i] for i in c.call("ContactCard/query", filter=filter,
                                         **args)["ids"]]

    for filter, want in (
            (None, "bo eva al group"), ({}, "bo eva al group"),
            ({"inAddressBook": other}, "al group"),
            ({"inAddressBook": "B99"}, ""),
            ({"uid": "u-bo"}, "bo"), ({"uid": "U-BO"}, ""),
            ({"hasMember": "u-bo"}, "group"), ({"hasMember": "x"}, ""),
            ({"kind": "group"}, "group"),
            ({"kind": "individual"}, "bo eva al"),
            ({"createdBefore": "2021-01-01T00:00:00Z"}, "bo"),
            ({"createdAfter": "2021-01-01T00:00:00Z"}, "eva al group"),
            ({"updatedBefore": "2022-01-01T00:00:00Z"}, "group"),
            ({"updatedAfter": "2023-01-01T00:00:00Z"}, "bo al"),
            ({"name": "berg"}, "bo eva al"), ({"name": "bo berg"}, "bo"),
            ({"name/given": "bo"}, "bo"), ({"name/given": "berg"}, ""),
            ({"name/surname": "\u00e5BERG"}, "eva"),
            ({"name/surname2": "berg"}, ""),
            ({"nickname": "bobo"}, "bo"), ({"organization": "works"}, "eva"),
            ({"email": "BERG@PARTNER"}, "bo"), ({"email": "office"}, "bo"),
            ({"phone": "0100"}, "eva"), ({"onlineService": "al99"}, "al"),
            ({"address": "street aarhus"}, "al"), ({"note": "tea"}, "eva"),
            ({"text": "berg partner"}, "bo"), ({"text": "aarhus"}, "al"),
            ({"text": "wine red"}, "eva"), ({"text": "\"wine red\""}, ""),
            ({"text": "'red wine'"}, "eva"),
            ({"text": "\"and \\\"tea\\\"\""}, "eva"),
            ({"name": "berg", "inAddressBook": book}, "bo eva"),
            ({"operator": "NOT", "conditions": [{"name": "berg"}]}, "group"),
            ({"operator": "OR", "conditions": [
                {"uid": "u-bo"}, {"kind": "group"}]}, "bo group")):
        same(found(filter), want.split(), str(filter))
    for sort, want in ((["created"], "bo eva al group"),
                       (["updated"], "group eva al bo"),
                       (["name/given"], "al bo eva group"),
                       (["name/surname", "name/given"], "eva al bo group"),
                       (["name/surname2", "created"], "bo eva al group")):
        same(found(None, sort=[{"property": s} for s in sort]), want.split(),
             str(sort))
    same(found(None, sort=[{"property": "created", "isAscending": False}]),
         ["group", "al", "eva", "bo"], "descending")
    got = c.call("ContactCard/query", position=1, limit=2, calculateTotal=True)
    same(([names[i] for i in got["ids"]], got["total"], got["position"],
          got["canCalculateChanges"]), (["eva", "al"], 4, 1, True), "window")
    c.refused("unsupportedFilter", "ContactCard/query", filter={"x": "y"})
    c.refused("invalidArguments", "ContactCard/query", filter={"name": 3})
    c.refused("invalidArguments", "ContactCard/query",
              filter={"createdAfter": "now"})
    c.refused("unsupportedSort", "ContactCard/query",
              sort=[{"property": "uid"}])
    c.refused("anchorNotFound", "ContactCard/query", anchor="C99")

    state = got["queryState"]
    c.call("ContactCard/set", update={ids["al"]: {"nicknames": {
        "n": {"name": "berg"}}}}, destroy=[ids["bo"]])
    got = c.call("ContactCard/queryChanges", sinceQueryState=state,
                 filter={"name": "berg"}, calculateTotal=True)
    same((set(got["removed"]), got["added"], got["total"]),
         ({ids["al"], ids["bo"]}, [{"id": ids["al"], "index": 1}], 2),
         "queryChanges")
    c.refused("tooManyChanges", "ContactCard/queryChanges",
              sinceQueryState=state, maxChanges=1)
    c.refused("cannotCalculateChanges", "ContactCard/queryChanges",
              sinceQueryState="x")


@test
def contacts_are_pushed(host):
    """Event streams tell of cards and address books, each for itself."""
    c, book = contacts(host, "contacts-push")
    r = events(c, "types=ContactCard,AddressBook&closeafter=no&ping=0")
    r.readline()
    made = make_card(c, book, "Push", "Me")
    changed = next_event(r)[2]["changed"][c.account]
    same(changed, {"ContactCard": c.call("ContactCard/get")["state"]}, "card")
    c.call("AddressBook/set", create={"n": {"name": "N"}})
    changed = next_event(r)[2]["changed"][c.account]
    same(changed, {"AddressBook": c.call("AddressBook/get")["state"]}, "book")
    need(made["id"], "id")


@test
def many_contacts(host):
    """Over 1,000 cards are read in parts; a query sees all of them."""
    c, book = contacts(host, "many")
    for part in range(3):
        got = c.call("ContactCard/set", create={
            f"k{i}": card(book, f"Given{part}", f"Name{i:03}")
            for i in range(400)})
        same(len(got["created"]), 400, "created")
    c.refused("requestTooLarge", "ContactCard/get")
    got = c.call("ContactCard/query", calculateTotal=True,
                 filter={"name": "given1 name399"})
    same((got["total"], len(got["ids"])), (1, 1), "one of them")
    ids = c.call("ContactCard/query", limit=1000)["ids"]
    same(len(c.call("ContactCard/get", ids=ids)["list"]), 1000, "read")


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
            print(f"jmap/{t.__name__}")
        return 0
    if not os.access(args.posthus, os.X_OK):
        print(f"FAIL jmap (no program {args.posthus})")
        return 1
    failed = 0
    with Host(args.posthus, SETTINGS) as host:
        host.domain("customer.example")
        host.start()
        for t in chosen:
            begun = time.monotonic()
            try:
                t(host)
                print(f"ok jmap/{t.__name__} "
                      f"({time.monotonic() - begun:.1f} s)", flush=True)
            except Exception as e:
                failed += 1
                print(f"FAIL jmap/{t.__name__}: {e}", flush=True)
                if not isinstance(e, (Wrong, HostError, Refused)):
                    for row in traceback.format_exc().splitlines()[-6:]:
                        print(f"    {row}")
        trouble = re.findall(r".*jmap\.trouble.*", host.log_tail(10 ** 7))
        if trouble:
            failed += 1
            print(f"FAIL jmap/log: {trouble[0]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
