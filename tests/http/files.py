"""The files of the web part, and the head of every answer."""
import base64
import gzip
import hashlib
import json
import re
import struct

from browser import Web
from world import check_safe, test

from lib.host import ROOT
from lib.runner import need, same


@test
def root_leads_to_the_webmail(host, name):
    w = Web(host)
    a = w.get("/")
    same((a.status, a.headers["Location"]), (302, "/mail/"), "/")
    a = w.get("/settings")
    same((a.status, a.headers["Location"]), (308, "/settings/"), "/settings")
    same(w.ask("POST", "/mail/").status, 405, "POST")


@test
def every_answer_has_the_safe_headers(host, name):
    w = Web(host)
    for path in ("/", "/mail/", "/mail/folder/7", "/settings/", "/admin/x",
                 "/assets/none.js", "/sw.js", "/frame", "/help/",
                 "/nothing-here", "/jmap/session"):
        check_safe(w.get(path), path)


@test
def service_worker_has_one_name(host, name):
    """/sw.js is asked for again each time, and may load nothing."""
    w = Web(host)
    a = w.get("/sw.js?lang=da")
    if not manifest():
        same(a.status, 404, "status")
        return
    same((a.status, a.headers["Cache-Control"], a.headers["Content-Type"]),
         (200, "no-cache", "text/javascript; charset=utf-8"), "file")
    same(a.headers["Content-Security-Policy"],
         "default-src 'none'; connect-src 'self'; "
         "require-trusted-types-for 'script'; trusted-types 'none'; "
         "frame-ancestors 'none'", "policy")
    need(a.body == (ROOT / "web/dist/sw.js").read_bytes(), "another file")
    need(b"caches" not in a.body and b"\"fetch\"" not in a.body,
         "it does more than to notify")


@test
def frame_has_no_scripts(host, name):
    a = Web(host).get("/frame")
    same(a.status, 200, "status")
    same(a.headers["Content-Security-Policy"],
         "sandbox allow-popups allow-popups-to-escape-sandbox "
         "allow-same-origin; default-src 'none'; img-src data: 'self'; "
         "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
         "frame-ancestors 'self'", "policy")
    same(a.headers["Cache-Control"], "private, no-store", "cache")
    need(b"<script" not in a.body, "a script")


def manifest():
    path = ROOT / "web/dist/manifest.json"
    return json.loads(path.read_text()) if path.is_file() else None


@test
def r12_shell_is_the_page_that_was_built(host, name):
    w = Web(host)
    a = w.get("/mail/")
    same(a.status, 200, "status")
    same(a.headers["Content-Type"], "text/html; charset=utf-8", "type")
    m = manifest()
    if not m:
        need(b"not in this build" in a.body and b"npm" in a.body, "no words")
        return
    want = (ROOT / "web/dist" / m["shell"]).read_bytes()
    for path in ("/mail/", "/mail/a/b", "/settings/", "/admin/x"):
        need(w.get(path).body == want, f"{path} is another page")
    # The policy lets exactly the inline style of the page pass.
    style = re.search(rb"<style>(.*?)</style>", want, re.S).group(1)
    digest = hashlib.sha256(style).digest()
    source = "'sha256-" + base64.b64encode(digest).decode() + "'"
    policy = a.headers["Content-Security-Policy"]
    need(f"style-src 'self' {source};" in policy, policy)
    need("script-src 'self';" in policy, policy)
    need("frame-ancestors 'none'" in policy, policy)
    need("require-trusted-types-for 'script'; "
         "trusted-types dompurify posthus-worker;" in policy, policy)
    tag = a.headers["ETag"]
    again = w.get("/mail/", {"If-None-Match": tag})
    same((again.status, again.body), (304, b""), "If-None-Match")
    same(w.get("/mail/", {"If-None-Match": '"other"'}).status, 200, "other tag")
    packed = w.get("/mail/", {"Accept-Encoding": "gzip, br"})
    same(packed.headers["Content-Encoding"], "gzip", "coding")
    need(gzip.decompress(packed.body) == want, "packed")
    same(packed.headers["Vary"], "Accept-Encoding", "Vary")
    head = w.ask("HEAD", "/mail/")
    same((head.status, head.body), (200, b""), "HEAD")
    same(int(head.headers["Content-Length"]), len(want), "HEAD length")


@test
def the_icon_is_there_unasked(host, name):
    """Of every browser that reads another page than the webmail's first."""
    w = Web(host)
    for path, size in (("/favicon.ico", 32), ("/apple-touch-icon.png", 180),
                       ("/apple-touch-icon-precomposed.png", 180)):
        for coding in ("gzip", "identity"):
            a = w.get(path, {"Accept-Encoding": coding})
            same((a.status, a.headers["Content-Type"]), (200, "image/png"), path)
            body = gzip.decompress(a.body) if coding == "gzip" else a.body
            need(body.startswith(b"\x89PNG\r\n\x1a\n")
                 and body.endswith(b"IEND\xaeB`\x82"), f"{path}: {body[:20]!r}")
            same(struct.unpack(">II", body[16:24]), (size, size), path)
        same(a.headers["Cache-Control"], "public, max-age=86400", path)


@test
def assets_are_kept_for_ever(host, name):
    w = Web(host)
    m = manifest()
    same(w.get("/assets/nothing-00000000.js").status, 404, "none")
    same(w.get("/assets/../index.html").status, 400, "dots")
    for f in (m or {"files": []})["files"]:
        if not f["path"].startswith("assets/"):
            continue
        want = (ROOT / "web/dist" / f["path"]).read_bytes()
        plain = w.get("/" + f["path"], {"Accept-Encoding": "gzip;q=0"})
        same(plain.status, 200, f["path"])
        need(plain.body == want, f["path"])
        same(plain.headers["Content-Type"], f["type"], f["path"])
        same(plain.headers["Cache-Control"],
             "public, max-age=31536000, immutable", f["path"])
        packed = w.get("/" + f["path"], {"Accept-Encoding": "gzip"})
        need(gzip.decompress(packed.body) == want, f["path"])
        same(len(packed.body), f["gzip"], f["path"])
