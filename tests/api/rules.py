"""Vacations, limits, the greylist, the trace and the audit."""
import json
import smtplib

from world import PASSWORD, Client, people, t

from lib.runner import need, same, until


@t.test
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


@t.test
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


@t.test
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


@t.test
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
        def found():
            items = who.get("/trace", find="<trace-1@far.example>",
                            **query)["items"]
            return items and items[0]["state"] == "delivered" and items
        return until(found, "no story")

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


@t.test
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


@t.test
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


@t.test
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
