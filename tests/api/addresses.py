"""Domains, accounts, aliases, and tables of them."""
import json
import smtplib

from world import NEW, PASSWORD, Client, log_in, people, t, told

from lib.mail import Refused
from lib.runner import Wrong, need, same


@t.test
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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
