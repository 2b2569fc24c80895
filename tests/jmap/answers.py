"""Reports that come back, and the submissions they answer (RFC 8621, 7)."""
import json
from email import message_from_bytes, policy

from reports import MDN
from submissions import hold
from world import account, deliver, draft, email, fetch_all, t

from lib.runner import need, same, until

DISPLAYED = {"actionMode": "manual-action",
             "sendingMode": "mdn-sent-manually", "type": "displayed"}


def status_report(rcpt, action, status, original=b"", envid=""):
    """A delivery status notification of another host."""
    envid = f"Original-Envelope-Id: {envid}\r\n" if envid else ""
    return (
        b"From: Mail Delivery System <MAILER-DAEMON@partner.example>\r\n"
        b"To: anna@customer.example\r\nSubject: Delivery status\r\n"
        b"Date: Tue, 24 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status;\r\n"
        b" boundary=b\r\n\r\n--b\r\n\r\nIt is about your message.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.partner.example\r\n" + envid.encode() +
        f"\r\nFinal-Recipient: rfc822; {rcpt}\r\nAction: {action}\r\n"
        f"Status: {status}\r\n".encode() +
        (b"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" + original
         if original else b"") + b"\r\n--b--\r\n")


def one(c, i):
    return c.call("EmailSubmission/get", ids=[i])["list"][0]


def delivered(c, i, rcpt):
    return one(c, i)["deliveryStatus"][rcpt]["delivered"]


def joined(c, i, kind, n):
    """The submission, once it has so many blobs of a kind."""
    return until(lambda: (lambda x: len(x[kind]) == n and x)(one(c, i)),
                 f"{n} {kind}")


def raw(c, blob):
    status, _, body = c.fetch("GET", f"/jmap/download/{c.account}/{blob}/x")
    same(status, 200, blob)
    return message_from_bytes(body, policy=policy.default)


@t.test
def answer_of_our_own(host):
    """What our relay gives up comes back, and stands at its submission."""
    c = account(host, "answered")
    made, got = hold(c, ["far@partner.example"])
    need(made, f"{got}")
    i = made["id"]
    same((made["dsnBlobIds"], made["mdnBlobIds"]), ([], []), "at first")
    plain, _ = hold(c, [c.address])
    state = c.call("EmailSubmission/get", ids=[])["state"]
    waits = json.loads(host.cli("queue", "list", "--json"))
    number = [m for m in waits if m["sender"] == c.address][0]["id"]
    host.cli("queue", "return", str(number), "--yes")
    x = joined(c, i, "dsnBlobIds", 1)
    m = raw(c, x["dsnBlobIds"][0])
    same((m.get_content_type(), m.get_param("report-type")),
         ("multipart/report", "delivery-status"), "the blob")
    until(lambda: delivered(c, i, "far@partner.example") == "no", "failed")
    same(c.call("EmailSubmission/changes", sinceState=state)["updated"], [i],
         "changes")
    x = one(c, plain["id"])
    same((x["dsnBlobIds"], x["deliveryStatus"][c.address]["displayed"]),
         ([], "unknown"), "the other one")


@t.test
def answer_is_asked_for(host):
    """Success is told by ENVID; the state moves when the report comes."""
    c, other = account(host, "asked"), account(host, "askedto")
    made, got = hold(c, [other.address], more={"NOTIFY": "SUCCESS"},
                     RET="HDRS", ENVID="QQ+3D314")
    need(made, f"{got}")
    x = joined(c, made["id"], "dsnBlobIds", 1)
    need(b"QQ=314" in raw(c, x["dsnBlobIds"][0]).as_bytes(), "ENVID")
    until(lambda: delivered(c, made["id"], other.address) == "yes", "there")
    # Before anybody asks, the state says that there is something.
    state = c.call("EmailSubmission/get", ids=[])["state"]
    deliver(host, c.address, status_report(
        other.address, "delayed", "4.0.0", envid="QQ=314"), "")
    got = c.call("EmailSubmission/changes", sinceState=state)
    same((got["updated"], got["newState"] != state), ([made["id"]], True),
         "changes")
    same(len(one(c, made["id"])["dsnBlobIds"]), 2, "both")
    # Once joined, it is not joined again.
    got = c.call("EmailSubmission/changes", sinceState=got["newState"])
    same(got["updated"], [], "again")


@t.test
def answer_of_another_host(host):
    """What others report goes for what is not known here, and only then."""
    c, other = account(host, "foreign"), account(host, "foreignto")
    i = draft(c, [other.address])
    first, _ = hold(c, [other.address], i)
    second, _ = hold(c, [c.address], i)
    mid = email(c, i, properties=["messageId"])["messageId"][0]
    header = f"Message-ID:\r\n <{mid}>\r\nSubject: x\r\n".encode()
    # The recipient says which of two with the same message it answers, and a
    # stranger cannot undo what was delivered here.
    deliver(host, c.address,
            status_report(other.address, "failed", "5.1.1", header), "")
    x = joined(c, first["id"], "dsnBlobIds", 1)
    same(x["deliveryStatus"][other.address]["delivered"], "yes", "known")
    same(one(c, second["id"])["dsnBlobIds"], [], "the other one")
    # No report: words alone, another message, or a message of no account.
    before = one(c, first["id"]), one(c, second["id"])
    elsewhere = b"Message-ID: <none@partner.example>\r\n"
    deliver(host, c.address,
            status_report(other.address, "failed", "5.1.1", elsewhere), "")
    deliver(host, c.address, status_report(other.address, "failed", "5.1.1"),
            "")
    deliver(host, c.address, header + b"From: a@partner.example\r\n\r\nx\r\n")
    same((one(c, first["id"]), one(c, second["id"])), before, "unchanged")


@t.test
def answer_forged(host):
    """A stranger's report that names another account's message changes
    nothing, wherever it is sent."""
    c, other = account(host, "forged"), account(host, "forgedto")
    i = draft(c, [other.address])
    sent, _ = hold(c, [other.address], i, ENVID="E77")
    hold(other, [c.address])
    mid = email(c, i, properties=["messageId"])["messageId"][0]
    header = f"Message-ID: <{mid}>\r\n".encode()
    before = one(c, sent["id"])
    states = [x.call("EmailSubmission/get", ids=[])["state"]
              for x in (c, other)]
    deliver(host, other.address, status_report(
        other.address, "failed", "5.1.1", header, "E77"), "")
    same(one(c, sent["id"]), before, "changed")
    got = [x.call("EmailSubmission/changes", sinceState=s)
           for x, s in zip((c, other), states)]
    same([(g["updated"], g["created"]) for g in got], [([], [])] * 2,
         "changes")
    need(any(b"5.1.1" in m for m in fetch_all(other)), "it came")
    same([(x["dsnBlobIds"], x["mdnBlobIds"]) for x in
          other.call("EmailSubmission/get", ids=None)["list"]], [([], [])],
         "the other account's")


@t.test
def answer_is_a_receipt(host):
    """A receipt that the recipient sends says that it was displayed."""
    c, other = account(host, "shown"), account(host, "shownto")
    other.using = other.using + [MDN]
    i = draft(c, [other.address, c.address], **{
        "header:Disposition-Notification-To:asAddresses": [
            {"email": c.address}]})
    sent, _ = hold(c, [other.address, c.address], i)
    state = c.call("EmailSubmission/get", ids=[])["state"]
    got = other.call("MDN/send", identityId="I1", send={"k": {
        "forEmailId": other.call("Email/query")["ids"][0],
        "disposition": DISPLAYED}})
    need(got["sent"], f"{got}")
    x = joined(c, sent["id"], "mdnBlobIds", 1)
    same(raw(c, x["mdnBlobIds"][0]).get_param("report-type"),
         "disposition-notification", "the blob")
    same({k: v["displayed"] for k, v in x["deliveryStatus"].items()},
         {other.address: "yes", c.address: "unknown"}, "displayed")
    same(x["dsnBlobIds"], [], "no status report")
    same(c.call("EmailSubmission/changes", sinceState=state)["updated"],
         [sent["id"]], "changes")
