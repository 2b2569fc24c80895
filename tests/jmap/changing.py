"""Emails are made, refused, changed and imported."""
import json
from email import message_from_bytes, policy

from world import MIXED, PASSWORD, account, boxes, email, fetched, put, t

from lib.mail import Imap
from lib.runner import need, same


@t.test
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


@t.test
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


@t.test
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


@t.test
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
