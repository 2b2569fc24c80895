"""What Outlook hides in a winmail.dat (R37)."""
import base64
import json
import struct

from world import account, bytes_of, email, fetched, put, t

from lib.runner import need, same


def tnef_attribute(level, number, data):
    return bytes([level]) + struct.pack("<II", number, len(data)) + data + \
        struct.pack("<H", sum(data) & 0xffff)


def tnef_property(kind, number, value):
    return struct.pack("<HHII", kind, number, 1, len(value)) + value + \
        b"\0" * (-len(value) % 4)


def winmail():
    """A stream with a text, HTML, and two files."""
    name = "r\u00e9sum\u00e9 \u20ac.txt".encode("utf-16le") + b"\0\0"
    html = "<p>Rich \u00e5</p>".encode("utf-8")
    return struct.pack("<IH", 0x223e9f78, 1) + \
        tnef_attribute(1, 0x00069007, struct.pack("<II", 1251, 0)) + \
        tnef_attribute(1, 0x0002800c, "\u041f\u0440\u0438".encode("cp1251")
                       + b"\0") + \
        tnef_attribute(1, 0x00069003, struct.pack("<I", 2) +
                       tnef_property(0x102, 0x1013, html) +
                       struct.pack("<HHI", 3, 0x3fde, 65001)) + \
        tnef_attribute(2, 0x00069002, b"\1" + b"\0" * 13) + \
        tnef_attribute(2, 0x0006800f, bytes(range(256))) + \
        tnef_attribute(2, 0x00069005, struct.pack("<I", 1) +
                       tnef_property(0x1f, 0x3707, name)) + \
        tnef_attribute(2, 0x00069002, b"\1\0") + \
        tnef_attribute(2, 0x00018010, "\u0439.bin".encode("cp1251") + b"\0") \
        + tnef_attribute(2, 0x0006800f, b"second")


def wrapped(text):
    return (b"From: a@partner.example\r\nSubject: wrapped\r\n"
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
            b"boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n" +
            text + b"\r\n--x\r\nContent-Type: application/ms-tnef; "
            b"name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n"
            b"Content-Disposition: attachment; filename=winmail.dat\r\n\r\n" +
            base64.encodebytes(winmail()).replace(b"\n", b"\r\n") +
            b"--x--\r\n")


@t.test
def r37_winmail_dat(host):
    """A winmail.dat is shown as what is in it, and stays as it came (R37)."""
    c = account(host, "winmail")
    raw = wrapped(b"plain")
    i = put(c, message=raw)
    e = email(c, i, fetchAllBodyValues=True, properties=[
        "blobId", "textBody", "htmlBody", "attachments", "bodyValues",
        "bodyStructure"])
    same([p["partId"] for p in e["textBody"]], ["2"], "textBody")
    html = e["htmlBody"][0]
    same((html["type"], html["charset"]), ("text/html", "utf-8"), "htmlBody")
    same(e["bodyValues"][html["partId"]]["value"], "<p>Rich \u00e5</p>",
         "its value")
    need(any(v["value"] == "\u041f\u0440\u0438"
             for v in e["bodyValues"].values()), "code page of the text")
    a = e["attachments"]
    same([(p["name"], p["size"], p["type"]) for p in a],
         [("r\u00e9sum\u00e9 \u20ac.txt", 256, "application/octet-stream"),
          ("\u0439.bin", 6, "application/octet-stream")], "attachments")
    same(bytes_of(c, a[0]), bytes(range(256)), "first")
    same(bytes_of(c, a[1]), b"second", "second")
    same(bytes_of(c, html), "<p>Rich \u00e5</p>".encode(), "html")
    # The wrapper is there as it came, here and over IMAP.
    wrapper = e["bodyStructure"]["subParts"][1]
    same(wrapper["type"], "application/ms-tnef", "wrapper")
    same(bytes_of(c, wrapper), winmail(), "its bytes")
    same([p["blobId"] for p in wrapper["subParts"][1:]],
         [p["blobId"] for p in a], "its subParts")
    same(bytes_of(c, e), raw, "the message")
    same(fetched(c)[0], raw, "over IMAP")
    status, _, _ = c.fetch("GET", f"/jmap/download/{c.account}/"
                           f"{wrapper['blobId']}-99/x")
    same(status, 404, "no such part")
    # Without a text beside it the inner one is shown.
    e = email(c, put(c, message=wrapped(b" ")), fetchTextBodyValues=True)
    same([v["value"] for v in e["bodyValues"].values()],
         ["\u041f\u0440\u0438"], "inner text")
    # An upload, and a damaged one, which is an attachment like others.
    _, _, up = c.fetch("POST", f"/jmap/upload/{c.account}/", raw)
    blob = json.loads(up)["blobId"]
    got = c.call("Email/parse", blobIds=[blob], properties=["attachments"])
    a = got["parsed"][blob]["attachments"]
    same(bytes_of(c, a[1]), b"second", "of an upload")
    bad = raw.replace(base64.encodebytes(winmail())[:20], b"AAAA" * 5)
    e = email(c, put(c, message=bad), properties=["attachments"])
    same([p["name"] for p in e["attachments"]], ["winmail.dat"], "damaged")
