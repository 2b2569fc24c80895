"""Who asks, what each may see, and the request itself."""
import http.client
import json
import re

from world import DAY, NEW, PASSWORD, Client, people, t

from lib.runner import need, same


@t.test
def the_document_is_whole(host):
    """Each row is described, each reference leads somewhere."""
    document = Client.document
    same(document.all["openapi"], "3.1.0", "version")
    need(len(document.rows) > 60, f"only {len(document.rows)} operations")
    for reference in re.findall(r'"\$ref":"([^"]+)"', document.text):
        document.resolve({"$ref": reference})
    for name, (method, path, _, row) in document.rows.items():
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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
