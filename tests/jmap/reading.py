"""Emails as they are read: their properties, headers, parts and changes."""
import json
import re

from world import (
    MESSAGE, MIXED, OWN, PASSWORD, account, boxes, bytes_of, email,
    fetch_all, put, t)

from lib.mail import Imap
from lib.runner import need, same


@t.test
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


@t.test
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


@t.test
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


@t.test
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


@t.test
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
