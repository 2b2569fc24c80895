"""Mailing lists are left by one request (RFC 8058): of mail that is signed, and
came in at port 25."""
import base64
import json
import smtplib
import subprocess
import sys
import time

from browser import Web
from world import JMAP, PASSWORD, account, test

from lib.nsd import quoted
from lib.runner import need, same
from lib.sink import Authority
from lib.web import Web as SecureWeb

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-dkim
import dkim  # noqa: E402


def make_key():
    """An RSA key, and the row that publishes it."""
    pem = subprocess.run(["openssl", "genrsa", "2048"], check=True,
                         capture_output=True).stdout
    der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"],
                         input=pem, check=True, capture_output=True).stdout
    return pem, "s1._domainkey TXT " + quoted(
        "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()) + "\n"


KEY, KEY_ROW = make_key()
AUTHORITY = Authority()
ZONES = {"news.example": "@ A 127.0.0.2\nprivate A 127.0.0.1\n" + KEY_ROW}
SETTINGS = {"http.unsubscribe_networks": "127.0.0.2/32",
            "http.unsubscribe_ca_file": str(AUTHORITY.file)}


def newsletter(url, covered=(b"List-Unsubscribe", b"List-Unsubscribe-Post"),
               fields=b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"):
    message = (b"From: News <l@news.example>\r\nTo: you@customer.example\r\n"
               b"Subject: news\r\nMessage-ID: <%d@news.example>\r\n"
               b"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
               b"List-Unsubscribe: <mailto:off@news.example>,\r\n <%s>\r\n%s"
               b"\r\nhello\r\n" % (time.time_ns(), url.encode(), fields))
    return dkim.sign(message, b"s1", b"news.example", KEY,
                     include_headers=[b"From", b"Subject", *covered]) + message


def received(host, address, message):
    """The id of the Email that it became at port 25."""
    with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=60) as s:
        s.sendmail("l@news.example", [address], message)
    return jmap(host, address, "Email/query", sort=[
        {"property": "receivedAt", "isAscending": False}])[1]["ids"][0]


def jmap(host, address, method, **args):
    """One call: the name and arguments of the answer."""
    token = base64.b64encode(f"{address}:{PASSWORD}".encode()).decode()
    w = Web(host)
    h = {"Authorization": "Basic " + token, "Content-Type": "application/json"}
    a = w.ask("GET", "/jmap/session", None, h).json()
    return w.ask("POST", "/jmap/api", json.dumps({
        "using": [*JMAP, "urn:x-posthus:mail"], "methodCalls": [[method, {
            "accountId": list(a["accounts"])[0], **args}, "a"]]}).encode(),
        h).json()["methodResponses"][0][:2]


def list_server(status=200):
    return SecureWeb("127.0.0.2", 0, AUTHORITY.context("news.example"), {},
                     status)


@test
def a_list_is_left_by_one_request(host, name):
    me = account(host, name)
    with list_server() as there:
        i = received(host, me, newsletter(
            f"https://news.example:{there.port}/off?u=1"))
        same(jmap(host, me, "Email/unsubscribe", emailId=i)[1]["emailId"], i)
        (path, headers, body), = there.posted
        same((path, body), ("/off?u=1", b"List-Unsubscribe=One-Click"), "asked")
        same(set(headers), {"Host", "Accept", "Content-Type", "Content-Length"},
             "what the list sees")
        same(headers["Content-Type"], "application/x-www-form-urlencoded")
        other = account(host, name + "-2")
        same(jmap(host, other, "Email/unsubscribe", emailId=i)[1]["type"],
             "notFound", "another's message")
    rows = [r for r in host.log_tail(10 ** 6).splitlines()
            if "list.unsubscribe" in r]
    need(len(rows) == 1 and "result=done" in rows[0] and "u=1" not in rows[0],
         f"log {rows}")


@test
def lists_are_asked_for_signed_fields_only(host, name):
    me = account(host, name)
    with list_server() as there:
        url = f"https://news.example:{there.port}/off"
        good = newsletter(url)
        for bad, words in (
                (newsletter(url, fields=b""), "no address"),
                (newsletter(url.replace("https", "http")), "no address"),
                (newsletter(url, [b"List-Unsubscribe"]), "does not cover"),
                (newsletter(url, []), "does not cover"),
                (good.replace(b"/off", b"/of1"), "does not cover"),
                (good.replace(b"hello", b"hullo"), "does not cover"),
                (good[good.index(b"From: News"):], "does not cover"),
                # a forged result is taken away at the door
                (b"Authentication-Results: mx.provider.example; dkim=pass "
                 b"header.d=news.example header.s=s1 header.b=AAAAAAAA\r\n"
                 + good.replace(b"hello", b"hullo"), "does not cover")):
            kind, e = jmap(host, me, "Email/unsubscribe",
                           emailId=received(host, me, bad))
            same((kind, e["type"]), ("error", "notOneClick"), words)
            need(words in e["description"], e)
        same(there.posted, [], "it was asked all the same")


@test
def lists_that_cannot_be_left_say_why(host, name):
    me = account(host, name)

    def why(url):
        kind, e = jmap(host, me, "Email/unsubscribe",
                       emailId=received(host, me, newsletter(url)))
        same((kind, e["type"]), ("error", "unsubscribeFailed"), url)
        return e["description"]

    with list_server(500) as no, list_server(302) as moved, \
            SecureWeb("127.0.0.2", 0, Authority().context("news.example"), {}) \
            as stranger:
        same(why(f"https://news.example:{no.port}/"),
             "news.example answered with 500")
        same(why(f"https://news.example:{moved.port}/"),
             "news.example answered with 302")
        same((len(no.posted), len(moved.posted)), (1, 1), "posts")
        same(why(f"https://news.example:{stranger.port}/"),
             "news.example is not an address that may be asked")
        same(stranger.posted, [], "a certificate of somebody else's")
        port = no.port
    same(why(f"https://news.example:{port}/"),
         "news.example cannot be reached")
    same(why("https://nowhere.news.example/"),
         "nowhere.news.example has no address now")
    private = SecureWeb("127.0.0.1", 0, AUTHORITY.context("private"), {})
    for host_name in ("127.0.0.1", "localhost", "private.news.example", "[::1]",
                      "10.0.0.1", "169.254.169.254"):
        need(why(f"https://{host_name}:{private.port}/")
             .endswith("is not an address that may be asked"), host_name)
    same(private.posted, [], "a private address")
    private.close()
