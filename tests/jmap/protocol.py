"""The session, the login, and the request itself."""
import json
import subprocess

from world import CORE, MAIL, PASSWORD, Client, account, t

from lib.runner import need, same


@t.test
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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
