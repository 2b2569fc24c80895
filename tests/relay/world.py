"""What the tests of this folder share: the zones, hosts, and what they see."""
import email
import imaplib
import json
import smtplib

from lib.host import Host, any_certificate
from lib.runner import Tests, until
from lib.sink import Sink
from lib.web import Web

t = Tests("relay")
ANNA = "anna@customer.example"
MINUTE = 60 * 1000000
HOUR = 60 * MINUTE
ZONE = """
@ MX 10 mx1
mx1 A 127.0.1.1
two MX 20 mx1
two MX 10 mx2
mx2 A 127.0.1.2
null MX 0 .
plain A 127.0.1.1
dead MX 10 mx3
mx3 A 127.0.1.3
self MX 10 mx.provider.example.
nobody TXT "no address"
tls MX 10 mx4
mx4 A 127.0.1.4
old MX 10 mx5
mx5 A 127.0.1.5
sts MX 10 mx10
sts MX 20 mx11
mx10 A 127.0.1.10
mx11 A 127.0.1.11
_mta-sts.sts TXT "v=STSv1; id=1;"
mta-sts.sts A 127.0.1.12
probe MX 10 mx10
_mta-sts.probe TXT "v=STSv1; id=1;"
mta-sts.probe A 127.0.1.12
smart A 127.0.1.20
_smtp._tls.sts TXT "v=TLSRPTv1; rua=mailto:tls%2Bx@partner.example,https://mta-sts.sts.partner.example:{policy_port}/report"
nofile MX 10 mx1
_mta-sts.nofile TXT "v=STSv1; id=1;"
mta-sts.nofile A 127.0.1.12
mx15 A 127.0.1.15
*.shared MX 10 mx15
mx16 A 127.0.1.16
open MX 10 mx16
_mta-sts.one.policed TXT "v=STSv1; id=1;"
mta-sts.one.policed A 127.0.1.12
_mta-sts.two.policed TXT "v=STSv1; id=1;"
mta-sts.two.policed A 127.0.1.12
_mta-sts.other.policed TXT "v=STSv1; id=1;"
mta-sts.other.policed A 127.0.1.12
one.policed MX 10 mx16
two.policed MX 10 mx16
other.policed MX 10 mx16
"""
SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8",
    "limits.domain.messages_5min": "100000",
    "limits.domain.messages_1h": "100000",
    "limits.domain.recipients_5min": "100000",
    "limits.domain.recipients_1h": "100000",
    "limits.domain.queued": "100000", "limits.domain.failed_1h": "100000",
    "relay.connect_timeout": "20s",
}
SIGNED = """
@ MX 10 mx6
mx6 A 127.0.1.6
_{port}._tcp.mx6 TLSA {good}
bad MX 10 mx7
mx7 A 127.0.1.7
_{port}._tcp.mx7 TLSA {wrong}
clear MX 10 mx8
mx8 A 127.0.1.8
_{port}._tcp.mx8 TLSA {good}
pair MX 10 mx14
pair MX 20 mx6
mx14 A 127.0.1.14
_{port}._tcp.mx14 TLSA {good}
twin MX 10 mx6
"""


class World:
    def __init__(self, host, port, authority, settings):
        self.host = host
        self.settings = settings
        self.port = port
        self.policy_port = port + 1
        self.authority = authority
        self.serial = 0

    def sink(self, n, **more):
        return Sink(f"127.0.1.{n}", self.port, **more)

    def web(self, domain, policy):
        """Where the MTA-STS policy of a domain is to be got."""
        return Web("127.0.1.12", self.policy_port,
                   self.authority.context("mta-sts." + domain),
                   {"/.well-known/mta-sts.txt": ("text/plain", policy)})

    def submit(self, to, body="Hello\r\n", options=(), rcpt_options=(),
               headers=""):
        """By a mail program, at port 465; the subject is unique."""
        self.serial += 1
        subject = f"message {self.serial}"
        to = [to] if isinstance(to, str) else to
        text = (f"From: {ANNA}\r\nTo: {to[0]}\r\nSubject: {subject}\r\n"
                f"{headers}\r\n{body}")
        with smtplib.SMTP_SSL("127.0.0.1", self.host.port("submissions"),
                              timeout=30, context=any_certificate()) as s:
            s.login(ANNA, "secret")
            s.sendmail(ANNA, to, text.encode() if isinstance(text, str)
                       else text, list(options), list(rcpt_options))
        return subject

    def queue(self):
        rows = json.loads(self.host.cli("queue", "list", "--json"))
        return [r for r in rows if r["state"] not in ("failed", "sent")]

    def until(self, question, words, timeout=40):
        until(question, lambda: f"{words}; the queue has {self.queue()}",
              timeout)

    def until_told(self, address, words):
        self.until(lambda: words in self.host.cli("trace", address, code=None),
                   f"the trace of {address} does not say: {words}")

    def empty(self):
        self.until(lambda: not self.queue(), "something waits")

    def logged(self, event, words=""):
        return [r for r in self.host.log.read_text(errors="replace")
                .splitlines() if f"event={event} " in r and words in r]

    def until_logged(self, event, words=""):
        self.until(lambda: self.logged(event, words),
                   f"no {event} {words} in the log")


class Other:
    """A host with other settings, for one test."""

    def __init__(self, w, **settings):
        named = {k.replace("__", "."): v for k, v in settings.items()}
        self.host = Host(w.host.posthus, {**w.settings, **named})
        self.world = World(self.host, w.port, w.authority, w.settings)

    def __enter__(self):
        self.host.domain("customer.example")
        self.host.account(ANNA, "secret")
        self.host.start()
        return self.world

    def __exit__(self, *_):
        self.host.close()


def inbox(host, user=ANNA):
    """What anna has, or another, in order."""
    m = imaplib.IMAP4_SSL("127.0.0.1", host.port("imaps"),
                          ssl_context=any_certificate())
    try:
        m.login(user, "secret")
        if m.select("INBOX", readonly=True)[1][0] == b"0":
            return []
        _, found = m.fetch("1:*", "(BODY.PEEK[])")
        return [email.message_from_bytes(row[1]) for row in found
                if isinstance(row, tuple)]
    finally:
        m.logout()


def policy(mode, *mx, age=604800):
    """The file of an MTA-STS policy."""
    return ("version: STSv1\r\n" + f"mode: {mode}\r\n"
            + "".join(f"mx: {m}\r\n" for m in mx)
            + f"max_age: {age}\r\n").encode()
