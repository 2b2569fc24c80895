"""Bytes up and down: parts, views, whole mailboxes, and blobs by methods."""
import base64
import hashlib
import io
import json
import mailbox
import os
import tempfile
import zipfile

from world import MESSAGE, MIXED, account, boxes, email, put, t

from lib.runner import need, same

BLOB = "urn:ietf:params:jmap:blob"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"


@t.test
def blobs(host):
    """Up and down: messages, parts, parts of parts, uploads."""
    c = account(host, "blobs")
    i = put(c, message=MIXED)
    e = email(c, i)
    down = f"/jmap/download/{c.account}/"

    def get(blob, name="x", query=""):
        return c.fetch("GET", f"{down}{blob}/{name}{query}")

    same(get(e["blobId"])[2], MIXED, "message")
    pic, inner = e["attachments"]
    status, headers, body = get(pic["blobId"], "p%20%C3%A6%22.png",
                                "?type=image%2Fpng")
    same((status, body), (200, bytes(range(256)) * 5), "picture")
    same(headers["Content-Type"], "image/png", "type")
    same(headers["Content-Disposition"],
         "attachment; filename*=UTF-8''p%20%C3%A6%22.png", "disposition")
    need("sandbox" in headers["Content-Security-Policy"], "policy")
    same(get(pic["blobId"], "x", "?type=a%0d%0ab")[1]["Content-Type"],
         "application/octet-stream", "bad type")
    same(get(inner["blobId"])[2], MESSAGE, "inner message")
    same(get(inner["blobId"] + "-1")[2], b"hello\r\n", "part of a part")
    for bad in ("G999", "Gx", "U" + "0" * 64, pic["blobId"] + "-9", "x",
                e["blobId"] + "-99", e["blobId"] + "-0"):
        same(get(bad)[0], 404, bad)
    same(c.fetch("GET", f"/jmap/download/A999/{e['blobId']}/x")[0], 404,
         "account")
    data = os.urandom(900000)
    status, _, body = c.fetch("POST", f"/jmap/upload/{c.account}/", data,
                              {"Content-Type": "application/pdf"})
    up = json.loads(body)
    same((status, up["size"], up["type"], up["accountId"]),
         (201, len(data), "application/pdf", c.account), "upload")
    same(get(up["blobId"])[2], data, "what was uploaded")
    same(c.fetch("POST", "/jmap/upload/A999/", b"x")[0], 404, "account")
    other = account(host, "blobs2")
    same(other.fetch("GET", f"/jmap/download/{other.account}/{up['blobId']}/x")
         [0], 404, "another's upload")


@t.test
def view(host):
    """A PDF opens in the browser; what only says so is saved."""
    c = account(host, "view")
    url = c.session()["accounts"][c.account]["accountCapabilities"][
        "urn:x-posthus:mail"]["viewUrl"].replace("{accountId}", c.account)

    def get(data, name="a.pdf", who=c):
        up = json.loads(c.fetch("POST", f"/jmap/upload/{c.account}/", data,
                                {"Content-Type": "application/pdf"})[2])
        return who.fetch("GET", url.replace("{blobId}", up["blobId"])
                         .replace("{name}", name))

    status, headers, body = get(PDF, "b%20%C3%A6%22.pdf")
    same((status, headers["Content-Type"], headers["Content-Disposition"],
          headers["X-Content-Type-Options"], body),
         (200, "application/pdf", "inline; filename*=UTF-8''b%20%C3%A6%22.pdf",
          "nosniff", PDF), "PDF")
    policy = [d.split() for d in
              headers["Content-Security-Policy"].split(";")]
    need(["default-src", "'none'"] in policy and
         ["frame-ancestors", "'none'"] in policy, policy)
    need(not any(d[0] == "script-src" for d in policy), policy)
    box = [d for d in policy if d[0] == "sandbox"]
    need(box and "allow-same-origin" not in box[0], policy)
    for bad in (b"<html><script>alert(1)</script>%PDF-1.4", b"\n" + PDF,
                b"%PDF", b"%pdf-1.4", b"x"):
        status, headers, body = get(bad)
        same((status, headers["Content-Type"], body),
             (200, "application/octet-stream", bad), bad)
        need(headers["Content-Disposition"].startswith("attachment;"), bad)
        need("sandbox;" in headers["Content-Security-Policy"], bad)
    same(get(PDF, who=account(host, "view2"))[0], 404, "another's")
    c.auth = {}
    same(c.fetch("GET", "/jmap/view/A1/G1/x")[0], 401, "no login")


@t.test
def export(host):
    """Mail as mbox and ZIP, read by Python's own modules."""
    c = account(host, "export")
    url = c.session()["accounts"][c.account]["accountCapabilities"][
        "urn:x-posthus:mail"]["exportUrl"]
    url = url.replace("{accountId}", c.account)
    inbox, sent = (boxes(c)[n]["id"] for n in ("Inbox", "Sent"))
    first = put(c, flags="\\Flagged \\Seen work")
    big = MESSAGE.replace(b"hello\r\n\r\n", b"x\r\n\r\n") + \
        b"From the top\r\n" * 100000
    put(c, "Sent", big)

    def get(form, name="x", query=""):
        status, headers, body = c.fetch(
            "GET", url.replace("{name}", name).replace("{format}", form) +
            query)
        same(status, 200, query)
        need(headers["Content-Disposition"].endswith("''" + name), "name")
        return headers["Content-Type"], body

    def mails(body):
        with tempfile.NamedTemporaryFile() as f:
            f.write(body)
            f.flush()
            return [(m.get_flags(), m["X-Keywords"], m["Subject"])
                    for m in mailbox.mbox(f.name)]

    kind, body = get("mbox", "Inbox.mbox", f"&mailboxId={inbox}")
    same((kind, mails(body)),
         ("application/mbox", [("ROF", "work", "hello")]), "folder")
    need(b"\n>From the top" in get("mbox", query=f"&mailboxId={sent}")[1],
         "From is not quoted")
    kind, body = get("zip", "all.zip")
    same(kind, "application/zip", "type")
    z = zipfile.ZipFile(io.BytesIO(body))
    same(z.testzip(), None, "CRC")
    same(sorted((i.filename.split("/")[0], z.read(i)) for i in z.infolist()),
         [("INBOX", MESSAGE), ("Sent", big)], "account")
    year = z.infolist()[0].date_time[0]
    need(year >= 2026, f"of {year}")
    z = zipfile.ZipFile(io.BytesIO(get("mbox", "all.zip")[1]))
    same(z.testzip(), None, "CRC")
    same(mails(z.read("INBOX.mbox")), [("ROF", "work", "hello")], "its mbox")
    blob = json.loads(c.fetch("POST", f"/jmap/upload/{c.account}/",
                              f"{first}\nE9999\nnonsense\n".encode())[2])
    z = zipfile.ZipFile(io.BytesIO(
        get("zip", query=f"&emailIds={blob['blobId']}")[1]))
    same([z.read(i) for i in z.infolist()], [MESSAGE], "chosen")
    for bad, want in ((f"/jmap/export/{c.account}/x?format=tar", 400),
                      (f"/jmap/export/{c.account}/x", 400),
                      (f"/jmap/export/{c.account}/?format=zip", 404),
                      ("/jmap/export/A999/x?format=zip", 404),
                      (f"/jmap/export/{c.account}/x?format=zip&mailboxId=M99",
                       404),
                      (f"/jmap/export/{c.account}/x?format=zip&emailIds=U1",
                       404)):
        same(c.fetch("GET", bad)[0], want, bad)
    same(c.fetch("GET", f"/jmap/export/{c.account}/x?format=zip", headers={
        "Sec-Fetch-Site": "cross-site"})[0], 403, "a foreign page")
    other = account(host, "export2")
    same(other.fetch("GET", f"/jmap/export/{c.account}/x?format=zip")[0], 404,
         "another's")


@t.test
def blob_upload_and_get(host):
    """Blobs made of texts and of parts of others (RFC 9404)."""
    c = account(host, "blob")
    same(c.try_call("Blob/get", ids=[])[1]["type"], "unknownMethod", "using")
    c.using = c.using + [BLOB]
    limits = c.session()["accounts"][c.account]["accountCapabilities"][BLOB]
    need(limits["maxSizeBlobSet"] > 1000 and limits["maxDataSources"] >= 64,
         "limits")
    same(limits["supportedTypeNames"], ["Mailbox", "Thread", "Email"], "types")
    # The example of the RFC (4.1.1), and what it is put together to.
    got = c.calls(["Blob/upload", {"accountId": c.account, "create": {
        "b4": {"data": [{"data:asText": "The quick brown fox jumped over the "
                                        "lazy dog."}]}}}, "S4"],
        ["Blob/upload", {"accountId": c.account, "create": {"cat": {
            "type": "text/plain", "data": [
                {"data:asText": "How"}, {"blobId": "#b4", "length": 7,
                                         "offset": 3},
                {"data:asText": "was t"}, {"blobId": "#b4", "length": 1,
                                           "offset": 1},
                {"data:asBase64": "YXQ/"}]}}}, "CAT"],
        ["Blob/get", {"accountId": c.account, "properties": [
            "data:asText", "size"], "ids": ["#cat"]}, "G4"])
    made = got[1][1]["created"]["cat"]
    same((made["type"], made["size"]), ("text/plain", 19), "created")
    same(got[2][1]["list"], [{"id": "#cat", "size": 19,
                              "data:asText": "How quick was that?"}], "get")
    # RFC 9404, 4.2.1: digests, and a range.
    blob = got[0][1]["created"]["b4"]["id"]
    got = c.call("Blob/get", ids=[blob, "Gnot"], offset=4, length=9,
                 properties=["data:asText", "digest:sha", "digest:sha-256",
                             "size"])
    same(got["notFound"], ["Gnot"], "notFound")
    part = b"quick bro"
    same(got["list"], [{
        "id": blob, "data:asText": part.decode(), "size": 45,
        "digest:sha": base64.b64encode(
            hashlib.sha1(part).digest()).decode(),
        "digest:sha-256": base64.b64encode(
            hashlib.sha256(part).digest()).decode()}], "digests")
    got = c.call("Blob/get", ids=[blob], offset=40, length=20)
    same((got["list"][0]["data:asText"], got["list"][0]["isTruncated"]),
         (" dog.", True), "truncated")
    binary = c.call("Blob/upload", create={"x": {"data": [
        {"data:asBase64": "/wA="}]}})["created"]["x"]["id"]
    same(c.call("Blob/get", ids=[binary])["list"],
         [{"id": binary, "data:asBase64": "/wA=", "size": 2}], "binary")
    same(c.call("Blob/get", ids=[binary], properties=["data:asText"])["list"],
         [{"id": binary, "isEncodingProblem": True, "data:asText": None}],
         "no text")
    # A message is a blob too, and what is made of one can be a draft's part.
    i = put(c)
    raw = c.call("Blob/get", ids=["G" + i[1:]])["list"][0]["data:asText"]
    same(raw.encode(), MESSAGE, "a message")
    got = c.calls(
        ["Blob/upload", {"accountId": c.account, "create": {"f": {
            "data": [{"data:asText": "a file"}]}}}, "0"],
        ["Email/set", {"accountId": c.account, "create": {"d": {
            "mailboxIds": {boxes(c)["Drafts"]["id"]: True},
            "textBody": [{"partId": "1"}],
            "bodyValues": {"1": {"value": "x"}},
            "attachments": [{"blobId": "#f", "type": "text/plain",
                             "disposition": "attachment"}]}}}, "1"])
    need(got[1][1]["created"], f"{got[1][1]}")
    bad = {"a": {}, "b": {"data": []}, "c": {"data": [{}]},
           "d": {"data": [{"data:asText": "x", "blobId": blob}]},
           "e": {"data": [{"data:asBase64": "!"}]},
           "f": {"data": [{"blobId": blob, "offset": 46}]},
           "g": {"data": [{"blobId": blob, "length": 46}]},
           "h": {"data": [{"blobId": "Gnone"}]},
           "i": {"data": [{"data:asText": "x"}], "size": 1}}
    got = c.call("Blob/upload", create=bad)
    same(got["created"], None, "created")
    same({k: v["type"] for k, v in got["notCreated"].items()},
         {k: "blobNotFound" if k == "h" else "invalidProperties" for k in bad},
         "notCreated")
    c.refused("invalidArguments", "Blob/upload")
    c.refused("invalidArguments", "Blob/get", ids=[blob], properties=["x"])
    c.refused("invalidArguments", "Blob/get", ids=[blob],
              properties=["digest:md9"])


@t.test
def blob_lookup_and_copy(host):
    """Where a blob is used; copies within the one account there is."""
    c = account(host, "lookup")
    c.using = c.using + [BLOB]
    i = put(c, message=MIXED)
    e = email(c, i, properties=["blobId", "threadId", "mailboxIds",
                                "attachments"])
    part = e["attachments"][0]["blobId"]
    up = c.call("Blob/upload", create={"x": {"data": [
        {"data:asText": "x"}]}})["created"]["x"]["id"]
    got = c.call("Blob/lookup", typeNames=["Mailbox", "Thread", "Email"],
                 ids=[e["blobId"], part, up, "Gnot"])
    mine = {"Mailbox": list(e["mailboxIds"]), "Thread": [e["threadId"]],
            "Email": [i]}
    same(got["list"], [
        {"id": e["blobId"], "matchedIds": mine},
        {"id": part, "matchedIds": mine},
        {"id": up, "matchedIds": {"Mailbox": [], "Thread": [], "Email": []}}],
        "lookup")
    same(got["notFound"], ["Gnot"], "notFound")
    c.refused("unknownDataType", "Blob/lookup", typeNames=["X"], ids=[])
    c.refused("invalidArguments", "Blob/lookup", ids=[])
    got = c.call("Blob/copy", fromAccountId=c.account, blobIds=[up, "Gnot"])
    same((got["copied"], got["notCopied"]),
         ({up: up}, {"Gnot": {"type": "notFound"}}), "copy")
    c.refused("fromAccountNotFound", "Blob/copy", fromAccountId="A0",
              blobIds=[])
    c.refused("invalidArguments", "Blob/copy", fromAccountId=c.account)
