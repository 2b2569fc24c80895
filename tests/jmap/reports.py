"""What became of a message: receipts, its trail, and what was sent."""
import json
from email import message_from_bytes, policy

from world import (
    MESSAGE, OWN, account, draft, email, fetch_all, fetched, put, t)

from lib.runner import need, same, until

MDN = "urn:ietf:params:jmap:mdn"


@t.test
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
    raw, _ = until(lambda: fetch_all(c) and fetched(c), "no receipt")
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


@t.test
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
                         if x["scope"] == "account"], "no limit")],
         [("messages", 3600, 1, 7)], "of the account")
    def told():
        got = c.call("EmailTrail/get", ids=[i, "E99"])
        same(got["notFound"], ["E99"], "notFound")
        stories = got["list"][0]["stories"]
        events = [e for s in stories for e in s["events"]]
        return {other.address, "far@partner.example"} <= {
            e["recipient"] for e in events} and stories
    stories = until(told, "the trail does not tell")
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
