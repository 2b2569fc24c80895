"""Identities, and messages that are sent, held back and looked up."""
import json
import time

from world import (
    SUBMISSION, account, boxes, draft, email, fetch_all, fetched, t)

from lib.runner import need, same, until


@t.test
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


@t.test
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


@t.test
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


@t.test
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


def later(seconds, *clients):
    """Time passes; connections that were idle meanwhile are closed."""
    for c in clients:
        c.http.close()
    clients[0].host.clock_add(seconds * 1000000)


@t.test
def submission_later(host):
    """What is held goes at its time, and is not taken back then."""
    c, other = account(host, "later"), account(host, "laterto")
    made, got = hold(c, [other.address], HOLDFOR="60")
    need(made, f"{got}")
    i = made["id"]
    same(fetch_all(other), [], "too early")
    state = c.call("EmailSubmission/get", ids=[])["state"]
    later(61, c, other)
    until(lambda: fetch_all(other), "nothing came")
    e = undo(c, i)["notUpdated"][i]
    same(e["type"], "cannotUnsend", "too late")
    same(c.call("EmailSubmission/changes", sinceState=state)["updated"], [i],
         "changes")
    def delivered():
        x = c.call("EmailSubmission/get", ids=[i])["list"][0]
        same(x["undoStatus"], "final", "undoStatus")
        return x["deliveryStatus"][other.address]["delivered"] == "yes"
    until(delivered, "it is not delivered")
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
    until(lambda: any(b"QQ314159" in m for m in fetch_all(c)), "no report")


@t.test
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
    until(lambda: seen() == ("final", "no"), "the trail does not tell")
    later(800, c, other)
    same(seen(), ("final", "no"), "then")
    same(fetch_all(other), [], "it was sent all the same")


@t.test
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
