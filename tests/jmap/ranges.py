"""Parts of a blob (RFC 9110, 14), over HTTP/1.1 and HTTP/2."""
import json
import subprocess

from world import MESSAGE, PASSWORD, account, deliver, t

from lib.runner import need, same

DATA = bytes(range(256)) * 3000
PDF = b"%PDF-1.4\n" + DATA


def uploaded(c, data):
    return json.loads(c.fetch("POST", f"/jmap/upload/{c.account}/", data,
                              {"Content-Type": "video/mp4"})[2])["blobId"]


def curl(c, path, *options):
    """(status, HTTP version, body) by HTTP/2."""
    got = subprocess.run(
        ["curl", "-s", "--http2-prior-knowledge", "-u",
         f"{c.address}:{PASSWORD}", "-w", "%{stderr}%{http_code} "
         "%{http_version}", *options,
         f"http://127.0.0.1:{c.host.port('http')}{path}"],
        capture_output=True, timeout=30, check=True)
    status, version = got.stderr.split()
    return int(status), version.decode(), got.stdout


@t.test
def parts_of_a_blob(host):
    """One range is answered with it, by both forms of HTTP."""
    c = account(host, "ranges")
    path = f"/jmap/download/{c.account}/{uploaded(c, DATA)}/film.mp4" \
           "?type=video/mp4"
    size = len(DATA)
    for wanted, first, last in (
            ("0-", 0, size - 1), ("0-0", 0, 0), ("5-9", 5, 9),
            ("-3", size - 3, size - 1), ("700000-", 700000, size - 1),
            ("3-99999999999", 3, size - 1)):
        status, headers, body = c.fetch("GET", path, headers={
            "Range": f"bytes={wanted}"})
        same((status, headers["Content-Range"], headers["Content-Type"],
              headers["Content-Length"], headers["Accept-Ranges"]),
             (206, f"bytes {first}-{last}/{size}", "video/mp4",
              str(last - first + 1), "bytes"), wanted)
        need(body == DATA[first:last + 1], f"{wanted}: the bytes")
        same(curl(c, path, "-r", wanted),
             (206, "2", DATA[first:last + 1]), f"{wanted} by HTTP/2")
    for wanted in ("bytes=0-1,4-5", "bytes=x", "items=0-1", "bytes=5-4"):
        status, headers, body = c.fetch("GET", path,
                                        headers={"Range": wanted})
        same((status, headers["Content-Range"], body == DATA),
             (200, None, True), wanted)
    for wanted in (f"{size}-", "-0"):
        status, headers, _ = c.fetch("GET", path, headers={
            "Range": f"bytes={wanted}"})
        same((status, headers["Content-Range"], headers["Cache-Control"]),
             (416, f"bytes */{size}", "no-store"), wanted)
        same(curl(c, path, "-r", wanted)[:2], (416, "2"),
             f"{wanted} by HTTP/2")


@t.test
def parts_of_the_same(host):
    """If-Range asks for a part of what it names alone; HEAD has no parts."""
    c = account(host, "ifrange")
    path = f"/jmap/download/{c.account}/{uploaded(c, DATA)}/x"
    part = {"Range": "bytes=1-2"}
    status, headers, body = c.fetch("HEAD", path, headers=part)
    same((status, headers["Content-Length"], headers["Accept-Ranges"],
          headers["Content-Range"], body),
         (200, str(len(DATA)), "bytes", None, b""), "HEAD")
    etag = headers["ETag"]
    need(etag.startswith('"') and etag.endswith('"'), etag)
    for value, status in ((etag, 206), ("W/" + etag, 200), ('"x"', 200),
                          ("Tue, 24 Nov 2026 10:00:00 GMT", 200)):
        got = c.fetch("GET", path, headers={**part, "If-Range": value})
        same((got[0], len(got[2])), (status, 2 if status == 206
                                     else len(DATA)), value)
        got = curl(c, path, "-r", "1-2", "-H", f"If-Range: {value}")
        same(got[:2], (status, "2"), f"{value} by HTTP/2")
    same(curl(c, path, "-r", "1-2", "-I")[0], 200, "HEAD by HTTP/2")


@t.test
def parts_of_views_and_messages(host):
    """What is viewed has parts, and so has a message behind the fields that
    its delivery put before it."""
    c = account(host, "rangeview")
    blob = uploaded(c, PDF)
    status, headers, body = c.fetch(
        "GET", f"/jmap/view/{c.account}/{blob}/a.pdf",
        headers={"Range": "bytes=5-8"})
    same((status, headers["Content-Type"], body),
         (206, "application/pdf", PDF[5:9]), "view")
    deliver(host, c.address, MESSAGE)
    i = c.call("Email/query")["ids"][0]
    path = f"/jmap/download/{c.account}/G{i[1:]}/x.eml"
    whole = c.fetch("GET", path)[2]
    middle = whole.index(b"Subject:")
    need(middle > 20, "no fields before it")
    for first, last in ((0, 9), (3, len(whole) - 1), (middle, middle + 7),
                        (len(whole) - 2, len(whole) - 1)):
        got = c.fetch("GET", path,
                      headers={"Range": f"bytes={first}-{last}"})
        same((got[0], got[2]), (206, whole[first:last + 1]), first)
