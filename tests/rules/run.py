#!/usr/bin/env python3
"""Rules of the provider that need many clients, DNS, or a restart.

Named after the rules; the others are conversations (tests/talk/rules).
`run.py WORD` runs the tests whose name holds it; `--list` names them.
"""
import base64
import http.client
import imaplib
import json
import os
import signal
import smtplib
import socket
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host, any_certificate  # noqa: E402
from lib.nsd import Nsd, program  # noqa: E402
from lib.runner import Tests, Wrong, need  # noqa: E402

QUIET = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off"}
ANNA = "anna@customer.example"
t = Tests("rules")


def host_of(posthus, settings):
    host = Host(posthus, settings)
    host.domain("customer.example")
    host.account(ANNA, "secret")
    return host


def role(host, name):
    for pid in host.pids()[1:]:
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() == "posthus-" + name:
                return pid
        except OSError:
            continue
    raise Wrong(f"no role {name}")


def send(host, number):
    """The first line of the reply to RCPT, or None when it was accepted."""
    with smtplib.SMTP("127.0.0.1", host.port("submission"), timeout=60) as s:
        s.starttls(context=any_certificate())
        s.login(ANNA, "secret")
        try:
            s.sendmail(ANNA, [ANNA], f"From: {ANNA}\r\nMessage-ID: <{number}@x>\r\n"
                       f"Subject: hello\r\n\r\n{'word ' * number}\r\n")
        except smtplib.SMTPRecipientsRefused as e:
            return e.recipients[ANNA][1].decode().splitlines()[0]
    return None


def send_all(host, numbers):
    results = [None] * len(numbers)

    def one(i):
        try:
            results[i] = send(host, numbers[i])
        except Exception as e:  # counted by the caller
            results[i] = repr(e)
    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(numbers))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


WORDS = (f"4.7.1 <{ANNA}>: Recipient address rejected: You have sent more than 25 "
         "messages in the last 5 minutes, try later")


@t.test
def r26_sixty_four_clients(posthus):
    """64 at the same time against 25: exactly 25 pass; the gate dies and comes
    back, the host is started anew, and still nothing more passes."""
    with host_of(posthus, QUIET) as host:
        host.start()
        results = send_all(host, range(64))
        need(results.count(None) == 25, f"{results.count(None)} passed")
        need(all(r in (None, WORDS) for r in results), set(results))
        os.kill(role(host, "gate"), signal.SIGKILL)
        need(send(host, 100) == WORDS, "passed after the gate died")
        host.stop()
        host.start()
        need(send(host, 101) == WORDS, "passed after a restart")
        host.clock_add(300 * 1000000)
        need(send(host, 102) is None, "did not open again")


class Webmail:
    """What a webmail does to send, by JMAP."""

    def __init__(self, host, address):
        self.http = http.client.HTTPConnection("127.0.0.1", host.port("http"),
                                               timeout=60)
        token = base64.b64encode(f"{address}:secret".encode()).decode()
        self.headers = {"Authorization": "Basic " + token,
                        "Content-Type": "application/json"}
        self.address = address
        session = self.ask("GET", "/.well-known/jmap")
        self.account = session["primaryAccounts"]["urn:ietf:params:jmap:mail"]
        boxes = self.call("Mailbox/get", ids=None)["list"]
        self.drafts = next(b["id"] for b in boxes if b["role"] == "drafts")
        self.identity = self.call("Identity/get", ids=None)["list"][0]["id"]

    def ask(self, method, path, body=None):
        self.http.request(method, path, body, self.headers)
        return json.loads(self.http.getresponse().read())

    def call(self, name, **args):
        got = self.ask("POST", "/jmap/api", json.dumps({
            "using": ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail",
                      "urn:ietf:params:jmap:submission"],
            "methodCalls": [[name, {"accountId": self.account, **args}, "0"]]}))
        return got["methodResponses"][0][1]

    def send(self, number):
        """The first line of the refusal, or None."""
        made = self.call("Email/set", create={"d": {
            "mailboxIds": {self.drafts: True}, "from": [{"email": self.address}],
            "to": [{"email": ANNA}], "subject": f"by webmail {number}",
            "textBody": [{"partId": "1"}],
            "bodyValues": {"1": {"value": "word " * number}}}})
        got = self.call("EmailSubmission/set", create={"s": {
            "identityId": self.identity,
            "emailId": made["created"]["d"]["id"]}})
        if got.get("created"):
            return None
        return got["notCreated"]["s"]["description"].splitlines()[0]


@t.test
def r26_mail_programs_and_webmail_alike(posthus):
    """Two roles and two accounts, one window: 25 pass, and neither way is
    open for the 26th; `limits show` names both."""
    bo = "bo@customer.example"
    with host_of(posthus, QUIET) as host:
        host.account(bo, "secret")
        host.start()
        results = [None] * 32

        def by_web(first):
            web = Webmail(host, bo)
            for i in range(first, first + 4):
                results[i] = web.send(i + 1)
        threads = [threading.Thread(target=by_web, args=(16 + 4 * n,))
                   for n in range(4)]
        for t in threads:
            t.start()
        results[:16] = send_all(host, range(16))
        for t in threads:
            t.join()
        need(results.count(None) == 25, f"{results.count(None)} passed: {results}")
        words = "You have sent more than 25 messages in the last 5 minutes, try later"
        need(all(r is None or r.endswith(words) for r in results), results)
        need(send(host, 100) == WORDS, "the mail program passes")
        refused = Webmail(host, bo).send(101)
        need(refused and refused.endswith(words), f"the webmail passes: {refused}")
        rows = json.loads(host.cli("limits", "show", "customer.example", "--json"))
        row = next(r for r in rows if r["limit"] == "messages_5min")
        need(row["used"] == 25 and ANNA in str(row) and bo in str(row), row)
        host.clock_add(300 * 1000000)
        need(Webmail(host, bo).send(102) is None, "did not open again")


@t.test
def r32_twenty_six_connections(posthus):
    """The 26th can connect, and its login is refused; from the 50th on BYE."""
    with host_of(posthus, QUIET) as host:
        host.start()
        first = imaplib.IMAP4("127.0.0.1", host.port("imap"))
        first.login(ANNA, "secret")
        first.shutdown()
        time.sleep(0.3)
        open_ones = []
        for n in range(1, 50):
            m = imaplib.IMAP4("127.0.0.1", host.port("imap"))
            open_ones.append(m)
            if n <= 25:
                m.login(ANNA, "secret")
                continue
            if n > 27:
                continue
            try:
                m.login(ANNA, "secret")
                raise Wrong(f"connection {n} could log in")
            except imaplib.IMAP4.error as e:
                need("[LIMIT] You have 25 open IMAP connections from your address "
                     "already" in str(e), str(e))
        with socket.create_connection(("127.0.0.1", host.port("imap")), 20) as s:
            greeting = s.makefile("rb").readline()
            need(greeting.startswith(b"* BYE"), greeting)
        for m in open_ones:
            m.shutdown()


class Peer:
    def __init__(self, host, source):
        self.s = smtplib.SMTP(timeout=60, source_address=(source, 0),
                              local_hostname="mx.pool.example")
        self.s.connect("127.0.0.1", host.port("smtp"))
        self.s.ehlo()

    def rcpt(self, sender):
        self.s.rset()
        self.s.mail(sender)
        code = self.s.rcpt(ANNA)[0]
        self.s.close()
        return code


@t.test
def r19_a_sending_pool(posthus):
    """Eight servers of one domain: with SPF they are one sender, whatever
    address of its list; without SPF each network waits for itself."""
    zones = {"pool.example": "@ TXT \"v=spf1 ip4:127.0.0.0/8 -all\"\nmx A 127.0.0.1\n",
             "plain.example": "@ A 127.0.0.1\n"}
    with Nsd(zones) as dns, host_of(posthus, dns.settings) as host:
        host.start()
        pool = [f"127.0.{19 + i}.7" for i in range(8)]

        def codes(sender):
            return [Peer(host, ip).rcpt(sender.format(n=i))
                    for i, ip in enumerate(pool)]
        listed, plain = "list-{n}-x{n}=y@pool.example", "news@plain.example"
        need(codes(listed) == [450] * 8, "new")
        need(codes(plain) == [450] * 8, "new without SPF")
        host.clock_add(300 * 1000000)
        need(codes(listed) == [250] * 8, "the pool came back")
        need(Peer(host, "127.0.99.1").rcpt("list-77@pool.example") == 250,
             "one more of the pool")
        need(Peer(host, pool[0]).rcpt(plain) == 250, "one without SPF came back")
        need(Peer(host, "127.0.99.2").rcpt(plain) == 450, "a forger elsewhere")


def main():
    args = t.arguments()
    if not program():
        t.cannot("no nsd")
    return 1 if t.run(args.names, args.posthus) else 0


if __name__ == "__main__":
    sys.exit(main())
