"""What the tests of this folder share: accounts, logins, mail programs."""
import base64
import functools
import socket
import time

from browser import Web

from lib.mail import Imap, Refused
from lib.runner import Tests, Wrong, need, same, until

t = Tests("http")
SETTINGS = {
    "policy.helo": "off", "policy.spf": "log", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8", "server.drain": "3s",
    "http.image_networks": "127.0.0.2/32", "http.image_size": "1M",
}
ZONES = {"pictures.example": "@ A 127.0.0.2\n",
         "loopback.example": "@ A 127.0.0.1\n@ AAAA ::1\n"}
PASSWORD = "secret-word"
SECOND = 10 ** 6
JMAP = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"]


def test(function):
    """One that gets the host, and a name for an account that no other test
    has."""
    @functools.wraps(function)
    def named(host):
        function(host, function.__name__.replace("_", "-")[:40])
    return t.test(named)


def account(host, name):
    address = f"{name}@customer.example"
    host.account(address, PASSWORD)
    return address


def login(host, address, password=PASSWORD, tls=False, **more):
    """A browser that is logged in."""
    w = Web(host, tls)
    a = w.post("/login", {"username": address, "password": password,
                          "remember": False, **more})
    same(a.status, 200, f"login ({a.body!r})")
    same(a.json(), {"username": address}, "login")
    return w


def now(host):
    """The seconds of the host's clock."""
    return time.time() + host.clock_ahead() / SECOND


def check_safe(a, path):
    same(a.headers["X-Content-Type-Options"], "nosniff", path)
    same(a.headers["Referrer-Policy"], "no-referrer", path)
    same(a.headers["Cross-Origin-Resource-Policy"], "same-origin", path)
    same(a.headers["Cross-Origin-Opener-Policy"], "same-origin", path)
    need("default-src 'none'" in a.headers["Content-Security-Policy"], path)


def deliver(host, address, subject):
    with socket.create_connection(("127.0.0.1", host.port("smtp")), 20) as s:
        f = s.makefile("rb")
        f.readline()
        for line in ("HELO mx.partner.example", "MAIL FROM:<bo@partner.example>",
                     f"RCPT TO:<{address}>", "DATA"):
            s.sendall(line.encode() + b"\r\n")
            need(f.readline()[:1] in b"23", line)
        s.sendall(f"From: bo@partner.example\r\nSubject: {subject}\r\n\r\n"
                  "hello\r\n.\r\n".encode())
        need(f.readline().startswith(b"250"), "not delivered")


def imap_refused(host, address, password, words):
    try:
        Imap(host.port("imap"), address, password)
    except Refused as e:
        need(f"[{words}]" in str(e), f"IMAP says {e}")
        return
    raise Wrong("IMAP lets in")


def first_mail(imap):
    """It comes by the queue."""
    until(lambda: b"* 0 EXISTS" not in
          b"".join(map(b"".join, imap.command("SELECT INBOX"))), "no mail came")
    return b"".join(map(b"".join, imap.command("FETCH 1 (BODY[])")))


def pop3_login(host, address, password):
    with socket.create_connection(("127.0.0.1", host.port("pop3")), 20) as s:
        f = s.makefile("rb")
        f.readline()
        s.sendall(f"USER {address}\r\n".encode())
        f.readline()
        s.sendall(f"PASS {password}\r\n".encode())
        return f.readline()


def smtp_login(host, address, password):
    """The lines of the answer."""
    with socket.create_connection(("127.0.0.1", host.port("submission")), 20) as s:
        f = s.makefile("rb")
        f.readline()
        s.sendall(b"EHLO [127.0.0.1]\r\n")
        while f.readline()[3:4] == b"-":
            pass
        token = base64.b64encode(f"\0{address}\0{password}".encode())
        s.sendall(b"AUTH PLAIN " + token + b"\r\n")
        lines = []
        while True:
            lines.append(f.readline().decode().rstrip())
            if lines[-1][3:4] != "-":
                return lines


def closes(imap):
    """The server ends the connection, perhaps with a BYE."""
    imap.socket.settimeout(20)
    try:
        while imap.file.readline():
            pass
    except ConnectionResetError:
        pass
    except OSError as e:
        raise Wrong(f"it is still open ({e})")
