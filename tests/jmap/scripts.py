"""Sieve scripts (RFC 9661) and the vacation response."""
import base64
import json
import socket

from books import contacts, make_card
from world import (
    CONTACTS, CORE, MAIL, MESSAGE, PASSWORD, SIEVE, VACATION, account, deliver,
    email, events, next_event, t)

from lib.runner import need, same, until


def upload(c, text):
    """The blob's id."""
    _, _, body = c.fetch("POST", f"/jmap/upload/{c.account}/", text,
                         {"Content-Type": "application/sieve"})
    return json.loads(body)["blobId"]


def scripts(c, **args):
    got = c.call("SieveScript/get", **args)["list"]
    return {s["name"]: s for s in got}


@t.test
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
    same(a[SIEVE]["externalLists"], ["urn"], "lists")
    same(a[VACATION], {}, "vacation")


@t.test
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


@t.test
def sieve_knows_contacts(host):
    """extlists (RFC 6134): who is in the address book when mail comes counts."""
    c, first = contacts(host, "sieve-contacts")
    c.using = [CORE, MAIL, SIEVE, CONTACTS]
    work = c.call("AddressBook/set", create={"w": {"name": "Work"}})[
        "created"]["w"]["id"]
    blob = upload(c, b"""require ["extlists", "fileinto", "mailbox"];
if address :list "from" ":addrbook:default" { fileinto :create "Friends"; }
elsif address :list "from" ":addrbook:personal" { fileinto :create "Known"; }
""")
    got = c.call("SieveScript/set", create={"a": {"blobId": blob}},
                 onSuccessActivateScript="#a")
    need(got["created"], f"created ({got})")
    sent = []

    def mail():
        sent.append(1)
        deliver(host, c.address, MESSAGE.replace(
            b"<m1@", b"<known%d@" % len(sent)))
        return {m["name"]: m["totalEmails"]
                for m in c.call("Mailbox/get")["list"] if m["totalEmails"]}

    same(mail(), {"Inbox": 1}, "a stranger")
    one = make_card(c, work, "Bo", "L", emails={
        "e": {"address": "BO@Partner.example"}})["id"]
    same(mail(), {"Inbox": 1, "Known": 1}, "in another book")
    c.call("ContactCard/set", update={one: {f"addressBookIds/{first}": True}})
    same(mail(), {"Inbox": 1, "Known": 1, "Friends": 1}, "in the default one")
    c.call("AddressBook/set", onSuccessSetIsDefault=work,
           update={first: {"name": "Old"}})
    c.call("ContactCard/set", update={one: {f"addressBookIds/{work}": None}})
    same(mail(), {"Inbox": 1, "Known": 2, "Friends": 1}, "no default any more")
    c.call("ContactCard/set", destroy=[one])
    same(mail(), {"Inbox": 2, "Known": 2, "Friends": 1}, "forgotten")


@t.test
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


@t.test
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


@t.test
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


@t.test
def commands_are_pushed(host):
    """What the command line changes is seen at once by who is logged in."""
    c = account(host, "command-push")
    r = events(c, "types=SieveScript,VacationResponse&closeafter=no&ping=0")
    r.readline()
    host.cli("sieve", "put", c.address, "main", "-", stdin="keep;")
    changed = next_event(r)[2]["changed"][c.account]
    same(changed, {"SieveScript": c.call("SieveScript/get")["state"]}, "put")
    host.cli("vacation", "set", c.address, "-", stdin="I am away.\n")
    changed = next_event(r)[2]["changed"][c.account]
    same(changed, {"VacationResponse": c.call("VacationResponse/get")[
        "state"]}, "set")
    host.cli("vacation", "off", c.address)
    changed = next_event(r)[2]["changed"][c.account]
    same(set(changed), {"VacationResponse"}, "off")


@t.test
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


@t.test
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
        def came():
            got = asker.call("Email/query", sort=[
                {"property": "receivedAt", "isAscending": False}])["ids"]
            return got if len(got) >= n else None
        return until(came, f"no {n} answers")

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
