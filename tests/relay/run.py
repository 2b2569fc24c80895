#!/usr/bin/env python3
"""Mail goes out: to sinks of the test, found through a real name server.

Each host of the test is an address of loopback and listens at one port, which
the option relay.port names.  `run.py WORD` runs the tests whose name holds
it; `--list` names them.
"""
import argparse
import base64
import email
import gzip
import imaplib
import json
import os
import re
import smtplib
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host, HostError, any_certificate  # noqa: E402
from lib.nsd import Nsd, program  # noqa: E402
from lib.sink import CAPABILITIES, Authority, Sink  # noqa: E402
from lib.web import Web  # noqa: E402

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
"""
SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8",
    "limits.domain.messages_5min": "100000",
    "limits.domain.messages_1h": "100000",
    "limits.domain.recipients_5min": "100000",
    "limits.domain.recipients_1h": "100000",
    "limits.domain.queued": "100000", "limits.domain.failed_1h": "100000",
    "relay.connect_timeout": "3s",
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
"""
TESTS = []


class SignedNsd(Nsd):
    """One of the zones is signed; its key is the anchor."""

    def write(self):
        super().write()
        keys = sorted(self.dir.glob("Ksigned.example*.key"))
        if not keys:
            subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k",
                            "signed.example"], cwd=self.dir, check=True,
                           capture_output=True)
            keys = sorted(self.dir.glob("Ksigned.example*.key"))
        subprocess.run(["ldns-signzone", "-n", "signed.example",
                        keys[0].name[:-4]], cwd=self.dir, check=True,
                       capture_output=True)
        (self.dir / "signed.example.signed").replace(
            self.dir / "signed.example")
        (self.dir / "anchor").write_text(keys[0].read_text())


class Wrong(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def need(condition, words):
    if not condition:
        raise Wrong(words)


def same(got, want):
    if got != want:
        raise Wrong(f"got {got!r}, want {want!r}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


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

    def until(self, question, words, timeout=15):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if question():
                return
            time.sleep(0.05)
        raise Wrong(words + f"; the queue has {self.queue()}")

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


@test
def goes_over_tls(w):
    with w.sink(4, tls=w.authority.context("mx4.partner.example")) as s:
        subject = w.submit("bo@tls.partner.example")
        need(s.wait(), "nothing came")
        m = s.messages[0]
        need(m.tls and m.tls.startswith("TLS"), "it came in clear")
        need(m.mail.startswith(f"<{ANNA}>"), f"sender {m.mail}")
        need(f"Subject: {subject}".encode() in m.data, "another message")
        need(m.data.startswith(b"Received: from "), "no trace field")
        same(m.helo, "mx.provider.example")
        w.empty()


@test
def in_clear_when_tls_fails(w):
    with w.sink(4, tls=w.authority.context("mx4.partner.example")) as s:
        s.answers["STARTTLS"] = ["454 4.7.0 not now"]
        w.submit("bo@tls.partner.example")
        need(s.wait(), "nothing came")
        need(not s.messages[0].tls, "there was TLS")
        w.empty()


@test
def recipients_in_one_transaction(w):
    with w.sink(1) as s:
        s.answers["RCPT"] = ["250 2.1.5 ok", "550 5.1.1 nobody of that name"]
        w.submit([f"{n}@partner.example" for n in ("a", "b", "c")])
        need(s.wait(), "nothing came")
        same(len(s.messages), 1)
        same(sorted(r.split(">")[0][1:] for r in s.messages[0].rcpts),
             ["a@partner.example", "c@partner.example"])
        w.until_logged("relay.failed", "5.1.1")


@test
def implicit_mx(w):
    with w.sink(1) as s:
        w.submit("bo@plain.partner.example")
        need(s.wait(), "nothing came")
        w.empty()


@test
def the_next_mx_when_one_is_dead(w):
    with w.sink(1) as s:  # 10 mx2 is dead, 20 mx1 takes it
        w.submit("bo@two.partner.example")
        need(s.wait(), "nothing came")
        w.empty()
    w.until_told("bo@two.partner.example", "mx1.partner.example took it")
    w.until_told("bo@two.partner.example", "tried mx2.partner.example: Cannot connect to mx2.")


@test
def nobody_takes_it(w):
    w.submit("bo@null.partner.example")
    w.until_logged("relay.failed", "5.1.10")
    w.submit("bo@nothing.partner.example")
    w.until_logged("relay.failed", "5.1.2")
    w.submit("bo@nobody.partner.example")
    w.until_logged("relay.failed", "5.4.4")
    w.submit("bo@self.partner.example")
    w.until_logged("relay.failed", "5.4.6")


@test
def greylisted(w):
    with w.sink(1) as s:
        s.answers["RCPT"] = ["450 4.2.0 greylisted, come back"]
        w.submit("bo@partner.example")
        w.until(lambda: any("greylisted" in str(r.get("reply"))
                            for r in w.queue()), "it was not deferred")
        same(len(s.messages), 0)
        w.host.clock_add(6 * MINUTE)
        need(s.wait(), "it did not come back")
        w.empty()


@test
def a_dead_host_is_retried_and_given_up(w):
    before = len(w.logged("relay.unreachable", "dead.partner.example"))
    w.submit("bo@dead.partner.example")
    tries = 0
    w.until(lambda: len(w.logged("relay.unreachable",
                                 "dead.partner.example")) > before,
            "it was not tried")
    row = [r for r in w.queue() if "dead" in r["recipient"]][0]
    need("127.0.1.3" in row["reply"] and "refused" in row["reply"],
         f"the reason is {row}")
    for wait in (6, 12, 23, 45, 90):
        tries = len(w.logged("relay.unreachable", "dead.partner.example"))
        w.host.clock_add(wait * MINUTE)
        w.until(lambda: len(w.logged("relay.unreachable",
                                     "dead.partner.example")) > tries,
                f"no try after {wait} minutes")
    w.host.clock_add(121 * HOUR)
    w.until_logged("relay.failed", "bo@dead.partner.example")


@test
def a_connection_is_used_again(w):
    with w.sink(1) as s:
        s.answers["CONNECT"] = ["421 4.3.2 later"]
        for _ in range(5):
            w.submit("bo@partner.example")
        w.until_logged("relay.unreachable", "421")
        before = s.connections
        w.host.clock_add(6 * MINUTE)
        need(s.wait(5), "not all came")
        need(s.connections - before < 5, "a connection for each")
        w.empty()


@test
def held_until_its_sender_wants(w):
    with w.sink(1) as s:
        subject = w.submit("bo@partner.example", options=["HOLDFOR=3600"])
        row = [r for r in w.queue() if r["recipient"] == "bo@partner.example"]
        same(row[0]["state"], "held")
        need("its sender holds it; goes in " in row[0]["why"], row[0]["why"])
        w.host.clock_add(HOUR - 3000000)
        time.sleep(1)
        same(len(s.messages), 0)
        w.host.clock_add(3000000)
        need(s.wait(timeout=3), "it was not released at its time")
        need(subject.encode() in s.messages[0].data, "another")
        w.submit("bo@partner.example", options=["HOLDFOR=3600"])
        row = [r for r in w.queue() if r["recipient"] == "bo@partner.example"]
        w.host.cli("queue", "release", str(row[0]["id"]))
        need(s.wait(2), "it was not released by hand")
        w.empty()


@test
def eight_bits_for_an_old_host(w):
    with w.sink(5, capabilities=["SIZE"]) as s:
        w.submit("bo@old.partner.example", "Blåbærgrød\r\n.dot\r\n",
                 ["BODY=8BITMIME"], headers="MIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: 8bit\r\n")
        need(s.wait(), "nothing came")
        data = s.messages[0].data
        need(b"Content-Transfer-Encoding: quoted-printable" in data
             and b"8bit" not in data and b"Bl=C3=A5b=C3=A6rgr=C3=B8d" in data
             and b"\r\n=2Edot\r\n" in data, f"it came as {data!r}")
        need("BODY" not in s.messages[0].mail, "BODY was said")
        w.empty()


@test
def a_signed_one_is_not_converted(w):
    with w.sink(5, capabilities=["SIZE"]) as s:
        w.submit("bo@old.partner.example",
                 "--x\r\n\r\nBlå\r\n--x\r\n\r\nsig\r\n--x--\r\n",
                 ["BODY=8BITMIME"], headers="MIME-Version: 1.0\r\n"
                 "Content-Type: multipart/signed; boundary=x\r\n")
        w.until_logged("relay.failed", "5.6.3")
        same(len(s.messages), 0)


@test
def smtputf8_needs_a_host_that_has_it(w):
    with w.sink(5, capabilities=["SIZE", "8BITMIME"]) as s:
        w.submit("bo@old.partner.example", headers="X-Name: Åse\r\n",
                 options=["SMTPUTF8", "BODY=8BITMIME"])
        w.until_logged("relay.failed", "5.6.7")
        same(len(s.messages), 0)


@test
def too_large_for_it(w):
    with w.sink(5, capabilities=["SIZE 1000"]) as s:
        w.submit("bo@old.partner.example", "x" * 70 + "\r\n" + "y\r\n" * 400)
        w.until_logged("relay.failed", "5.3.4")
        same(len(s.messages), 0)


@test
def dsn_parameters_are_passed_on(w):
    with w.sink(1) as s:
        w.submit("bo@partner.example", options=["RET=HDRS", "ENVID=a+2Bb"],
                 rcpt_options=["NOTIFY=SUCCESS,DELAY",
                               "ORCPT=rfc822;bo@partner.example"])
        need(s.wait(), "nothing came")
        m = s.messages[0]
        need(" RET=HDRS" in m.mail and " ENVID=a+2Bb" in m.mail, m.mail)
        need("NOTIFY=SUCCESS,DELAY" in m.rcpts[0]
             and "ORCPT=rfc822;bo@partner.example" in m.rcpts[0], m.rcpts[0])
        w.empty()


@test
def a_lost_answer_is_tried_again(w):
    with w.sink(1) as s:
        s.close_after = {"DOT"}
        subject = w.submit("bo@partner.example")
        need(s.wait(), "nothing came")
        w.until(lambda: any("lost" in str(r["reply"]) for r in w.queue()),
                "it does not wait")
        s.close_after = set()
        w.host.clock_add(6 * MINUTE)
        need(s.wait(2), "it did not come again")
        need(all(subject.encode() in m.data for m in s.messages), "another")
        w.empty()


@test
def a_stop_waits_for_the_last_answer(w):
    with w.sink(1) as s:
        s.dot_delay = 1.5
        w.submit("bo@partner.example")
        need(s.wait(), "nothing came")  # its answer is on the way
        w.host.stop()
        w.host.start()
        s.dot_delay = 0
        w.empty()
        need(len(s.messages) == 1, "it came twice")


@test
def dane_matches(w):
    with w.sink(6, tls=w.authority.context("mx6.signed.example")) as s:
        w.submit("bo@signed.example")
        need(s.wait(), "nothing came")
        need(s.messages[0].tls, "it came in clear")
        w.empty()


@test
def dane_does_not_match(w):
    with w.sink(7, tls=w.authority.context("mx7.signed.example")) as s:
        w.submit("bo@bad.signed.example")
        w.until_logged("relay.unreachable", "domain=bad.signed.example")
        need(w.logged("relay.unreachable", "certificate"), "another reason")
        same(len(s.messages), 0)


@test
def dane_and_no_tls(w):
    with w.sink(8) as s:
        w.submit("bo@clear.signed.example")
        w.until_logged("relay.unreachable", "domain=clear.signed.example")
        same(len(s.messages), 0)
    row = [r for r in w.queue() if "clear" in r["recipient"]][0]
    w.host.cli("queue", "rm", "--yes", *[
        str(r["id"]) for r in w.queue() if "bad." in r["recipient"]][:1])
    need("does not offer TLS" in row["why"] and "next try in" in row["why"],
         row["why"])
    w.host.cli("queue", "return", str(row["id"]))
    w.until(lambda: not [r for r in w.queue() if "clear" in r["recipient"]],
            "it was not returned")


def policy(mode, *mx, age=604800):
    return ("version: STSv1\r\n" + f"mode: {mode}\r\n"
            + "".join(f"mx: {m}\r\n" for m in mx)
            + f"max_age: {age}\r\n").encode()


@test
def mta_sts_is_enforced(w):
    """The policy names mx10 alone, whose certificate must be good."""
    good = w.authority.context("mx10.partner.example")
    with w.web("sts.partner.example", policy("enforce",
                                              "mx10.partner.example")) as web, \
            w.sink(11) as other:
        with w.sink(10, tls=good) as s:
            w.submit("bo@sts.partner.example")
            need(s.wait(), "nothing came")
            need(s.messages[0].tls, "it came in clear")
            w.until_logged("relay.sent", "MTA-STS")
            w.empty()
            same(web.asked, ["/.well-known/mta-sts.txt"])
        # The web server may go, the policy holds.
        web.close()
        with w.sink(10, tls=w.authority.context("mx1.partner.example")) as s:
            w.submit("bo@sts.partner.example")
            w.until_logged("relay.unreachable", "domain=sts.partner.example")
            same(len(s.messages), 0)
        same(len(other.messages), 0)
        row = [r for r in w.queue() if "@sts." in r["recipient"]][0]
        need("MTA-STS policy of sts.partner.example" in row["why"],
             row["why"])
        need("certificate" in row["why"], row["why"])
        w.until(lambda: "MTA-STS policy of sts.partner.example"
                in w.host.cli("trace", row["trace"], code=None),
                "the trail does not say why")
        with w.sink(10) as s:  # without TLS
            w.host.clock_add(6 * MINUTE)
            w.until(lambda: any("does not offer TLS, which the MTA-STS policy"
                                in r["why"]
                                for r in w.queue()), "it was not tried")
            same(len(s.messages), 0)
        with w.sink(10, tls=good) as s:
            w.host.clock_add(12 * MINUTE)
            need(s.wait(), "it did not go when all was good again")
            w.empty()


@test
def mta_sts_testing_is_told_not_obeyed(w):
    with w.web("probe.partner.example",
               policy("testing", "elsewhere.example")), \
            w.sink(10, tls=w.authority.context("x.example")) as s:
        w.submit("bo@probe.partner.example")
        need(s.wait(), "nothing came")
        need(s.messages[0].tls, "it came in clear")
        w.empty()


@test
def mta_sts_without_a_policy_file(w):
    with w.sink(1) as s, w.web("other.partner.example",
                               policy("enforce", "mx9.x.example")) as web:
        w.submit("bo@nofile.partner.example")
        need(s.wait(), "a policy that cannot be got held mail up")
        w.empty()
        same(web.asked, [])  # its certificate is another's


@test
def require_tls(w):
    """To a host that is the right one, verified, and passes it on; else it
    comes back."""
    able = CAPABILITIES + ["REQUIRETLS"]
    with w.sink(6, tls=w.authority.context("mx6.signed.example"),
                capabilities=able) as s:
        w.submit("bo@signed.example", options=["REQUIRETLS"])
        need(s.wait(), "nothing came")
        need(" REQUIRETLS" in s.messages[0].mail, s.messages[0].mail)
        w.empty()
        s.capabilities.remove("REQUIRETLS")
        w.submit("bo@signed.example", options=["REQUIRETLS"])
        w.until_logged("relay.failed", "does not pass the demand on")
        same(len(s.messages), 1)
    with w.sink(4, tls=w.authority.context("mx4.partner.example"),
                capabilities=able) as s:
        w.submit("bo@tls.partner.example", options=["REQUIRETLS"])
        w.until_logged("relay.failed", "DNS that is not signed")
        same(len(s.messages), 0)
    with w.sink(4, tls=w.authority.context("x.example"),
                capabilities=able) as s:
        w.submit("bo@tls.partner.example", options=["REQUIRETLS"])
        w.until_logged("relay.failed", "no certificate that can be verified")
        same(len(s.messages), 0)
    with w.sink(4, capabilities=able) as s:
        w.submit("bo@tls.partner.example", options=["REQUIRETLS"])
        w.until_logged("relay.failed", "offers no TLS")
        same(len(s.messages), 0)
    need(w.logged("relay.failed", "5.7.30"), "another status")
    w.until(lambda: len(w.logged("bounce.sent")) >= 4, "its sender was "
            "not told")


@test
def require_tls_asks_the_next_mx(w):
    """RFC 8689, 4.2.1: only when no host of the destination will do it comes
    back; while one of them cannot be asked it waits."""
    able = CAPABILITIES + ["REQUIRETLS"]
    tls = w.authority.context("mx6.signed.example")
    with w.sink(14, tls=tls) as first, \
            w.sink(6, tls=tls, capabilities=able) as second:
        w.submit("bo@pair.signed.example", options=["REQUIRETLS"])
        plain = w.submit("ida@pair.signed.example")
        need(second.wait(), "the next MX was not asked")
        need(" REQUIRETLS" in second.messages[0].mail, second.messages[0].mail)
        need(first.wait(), "the other message did not go to the best MX")
        w.empty()
        same(len(second.messages), 1)
        same(len(first.messages), 1)
        need(plain.encode() in first.messages[0].data, "the wrong one")
        second.capabilities.remove("REQUIRETLS")
        before = len(w.logged("relay.failed", "5.7.30"))
        w.submit("bo@pair.signed.example", options=["REQUIRETLS"])
        w.until(lambda: len(w.logged("relay.failed", "5.7.30")) == before + 1,
                "no host will do, and it does not come back")
        w.until(lambda: not w.queue(), "something waits")
        same(len(first.messages) + len(second.messages), 2)
    with w.sink(14, tls=tls) as first:  # the other one is dead
        w.submit("bo@pair.signed.example", options=["REQUIRETLS"])
        w.until_logged("relay.deferred", "4.7.30")
        w.until(lambda: len(w.queue()) == 1, "it does not wait")
        with w.sink(6, tls=tls, capabilities=able) as second:
            w.host.cli("queue", "retry")
            need(second.wait(), "nothing came")
            w.empty()
        same(len(first.messages), 0)


def reports_to_anna(w):
    with imaplib.IMAP4_SSL("127.0.0.1", w.host.port("imaps"),
                           ssl_context=any_certificate()) as m:
        m.login(ANNA, "secret")
        m.select("INBOX", readonly=True)
        found = m.search(None, "ALL")[1][0].split()
        return [email.message_from_bytes(m.fetch(n, "(BODY.PEEK[])")[1][0][1])
                for n in found]


def actions(w, address):
    """What the reports of an address say: [("relayed", "2.0.0")]."""
    found = []
    for report in reports_to_anna(w):
        if report.get_content_type() != "multipart/report":
            continue
        for group in report.get_payload()[1].get_payload()[1:]:
            if address in group["Final-Recipient"]:
                found.append(group["Action"])
    return found


@test
def by_a_time_to_who_knows_it_not(w):
    """RFC 2852, 4.1.4: R to the next MX that knows it, else back; N goes on,
    delays are to be told, and the sender hears where it went; T too."""
    able = CAPABILITIES + ["DELIVERBY", "DSN"]
    with w.sink(2) as first, w.sink(1, capabilities=able) as second:
        w.submit("rita@two.partner.example", options=["BY=3600;R"])
        need(second.wait(), "the next MX was not asked")
        w.empty()
        same(len(first.messages), 0)
        second.capabilities[-2] = "DELIVERBY 7200"
        w.submit("rolf@two.partner.example", options=["BY=3600;R"])
        w.until_logged("relay.failed", "promise so soon")
        w.until(lambda: actions(w, "rolf@") == ["failed"], "not told")
        w.submit("nina@two.partner.example", options=["BY=3600;N"])
        w.submit("nora@two.partner.example", options=["BY=3600;N"],
                 rcpt_options=["NOTIFY=NEVER"])
        need(first.wait(2), "by-mode N was not sent")
        w.empty()
        w.until(lambda: actions(w, "nina@") == ["relayed"], "N is not told")
    with w.sink(1, capabilities=CAPABILITIES + ["DSN"]) as s:
        w.submit("nils@partner.example", options=["BY=3600;N"])
        need(s.wait(), "nothing came")
        need("NOTIFY=FAILURE,DELAY" in s.messages[0].rcpts[0],
             s.messages[0].rcpts)
        w.empty()
        w.until(lambda: actions(w, "nils@") == ["relayed"], "N is not told")
    with w.sink(1, capabilities=able) as s:
        w.submit("tom@partner.example", options=["BY=3600;NT"])
        w.submit("otto@partner.example", options=["BY=3600;N"])
        need(s.wait(2), "nothing came")
        need("NOTIFY" not in "".join(m.rcpts[0] for m in s.messages), "NOTIFY")
        w.empty()
        w.until(lambda: actions(w, "tom@") == ["relayed"], "T is not told")
    same(actions(w, "nora@") + actions(w, "otto@") + actions(w, "rita@"), [])


@test
def tls_that_does_not_matter(w):
    """TLS-Required: No goes past what the destination demands."""
    with w.sink(7, tls=w.authority.context("mx7.signed.example")) as s:
        w.submit("bo@bad.signed.example")
        w.submit("bo@bad.signed.example", headers="TLS-Required: No\r\n")
        w.host.cli("queue", "retry")
        need(s.wait(), "it did not go")
        need(b"TLS-Required: No" in s.messages[0].data, "the other one went")
        w.until(lambda: len(w.queue()) == 1, "both wait, or none")
        same(len(s.messages), 1)
        w.host.cli("queue", "rm", "--yes", str(w.queue()[0]["id"]))


@test
def by_its_time_or_back(w):
    """RFC 2852: R comes back when its time is over, N is told and goes on."""
    with w.sink(1) as s:  # it does not know DELIVERBY
        before = len(w.logged("relay.failed", "DELIVERBY"))
        w.submit("bo@partner.example", options=["BY=3600;R"])
        w.until(lambda: len(w.logged("relay.failed", "DELIVERBY")) > before,
                "it did not come back")
        same(len(s.messages), 0)
    with w.sink(1, capabilities=CAPABILITIES + ["DELIVERBY", "MT-PRIORITY"]
                ) as s:
        w.submit("bo@partner.example",
                 options=["BY=3600;RT", "MT-PRIORITY=5"])
        need(s.wait(), "nothing came")
        found = re.search(r" BY=(\d+);RT", s.messages[0].mail)
        need(found and 3500 < int(found[1]) <= 3600
             and " MT-PRIORITY=5" in s.messages[0].mail, s.messages[0].mail)
        w.empty()
    w.submit("by-r@dead.partner.example", options=["BY=1200;R"])
    w.submit("by-n@dead.partner.example", options=["BY=1200;N"])
    w.until(lambda: all("127.0.1.3" in r["reply"] for r in w.queue()),
            "it was not tried")
    w.host.clock_add(21 * MINUTE)
    w.until(lambda: w.logged("bounce.sent", "by-r@dead") and
            w.logged("bounce.sent", "by-n@dead"), "not both were told")
    # What tells the sender may still be on its way into the mailbox.
    w.until(lambda: [r["recipient"] for r in w.queue()]
            == ["by-n@dead.partner.example"], "not it alone goes on")
    w.host.cli("queue", "rm", "--yes", str(w.queue()[0]["id"]))


REDIRECTS = r"""
require ["redirect-dsn", "redirect-deliverby", "envelope", "envelope-dsn",
	"copy", "editheader"];
if header :contains "subject" "as it came" {
	redirect "bo@partner.example";
} elsif header :contains "subject" "never" {
	redirect :notify "NEVER" :ret "FULL" "bo@partner.example";
} elsif allof (header :contains "subject" "by its time",
		envelope "notify" "DELAY") {
	redirect :copy :notify "SUCCESS" :bytimerelative 600 :bytrace
		"bo@partner.example";
} elsif header :contains "subject" "by way of ida" {
	addheader "X-Anna" "was here";
	redirect :notify "FAILURE" "ida@customer.example";
}
"""


@test
def a_script_says_what_the_next_envelope_is(w):
    """RFC 6009: NOTIFY, RET and BY of a redirect reach the queue and the next
    host; ENVID and ORCPT, and what the script does not name, stay."""
    def arrive(subject):
        with smtplib.SMTP("127.0.0.1", w.host.port("smtp"), timeout=30) as s:
            s.sendmail("cy@far.partner.example", [ANNA],
                       f"From: cy@far.partner.example\r\nTo: {ANNA}\r\n"
                       f"Subject: {subject}\r\n\r\nx\r\n",
                       ["RET=HDRS", "ENVID=a+2Bb"],
                       ["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;an@old.example"])

    def envelope_of(subject, capabilities=CAPABILITIES):
        with w.sink(1, capabilities=capabilities) as s:
            arrive(subject)
            need(s.wait(), f"{subject}: nothing came")
            m = s.messages[0]
            need(m.mail.startswith("<SRS0="), m.mail)
            need(" ENVID=a+2Bb" in m.mail
                 and " ORCPT=rfc822;an@old.example" in m.rcpts[0],
                 m.mail + m.rcpts[0])
            w.empty()
            return m

    w.host.account("ida@customer.example", "secret")
    w.host.cli("sieve", "put", ANNA, "on", "-", "--activate", stdin=REDIRECTS)
    # Hers has an envelope of its own, and what was made of the message.
    w.host.cli("sieve", "put", "ida@customer.example", "on", "-", "--activate",
               stdin='require "copy";\nredirect :copy "bo@partner.example";\n')
    try:
        m = envelope_of("as it came")
        need(" RET=HDRS" in m.mail and " NOTIFY=FAILURE,DELAY" in m.rcpts[0],
             m.mail + m.rcpts[0])
        m = envelope_of("never")
        need(" RET=FULL" in m.mail and " NOTIFY=NEVER" in m.rcpts[0]
             and " BY=" not in m.mail, m.mail + m.rcpts[0])
        m = envelope_of("by its time", CAPABILITIES + ["DELIVERBY"])
        found = re.search(r" BY=(\d+);NT", m.mail)
        need(found and 500 < int(found[1]) <= 600 and " RET=HDRS" in m.mail
             and " NOTIFY=SUCCESS " in m.rcpts[0], m.mail + m.rcpts[0])
        m = envelope_of("by way of ida")
        need(" RET=HDRS" in m.mail and " NOTIFY=FAILURE " in m.rcpts[0],
             m.mail + m.rcpts[0])
        need(b"\r\nX-Anna: was here\r\n" in m.data, "ida's is the old one")
        with imaplib.IMAP4_SSL("127.0.0.1", w.host.port("imaps"),
                               ssl_context=any_certificate()) as i:
            i.login("ida@customer.example", "secret")
            i.select("INBOX", readonly=True)
            same(i.search(None, "HEADER", "X-Anna", "was")[1], [b"1"])
    finally:
        w.host.cli("sieve", "deactivate", ANNA)
        w.host.cli("sieve", "deactivate", "ida@customer.example")


@test
def killed_in_the_middle(w):
    """kill -9 while 300 messages go: none is lost, and only those whose
    final dot was sent and not settled may come twice."""
    with w.sink(1) as s:
        s.answers["CONNECT"] = ["421 4.3.2 later"] * 20
        sent = []
        with smtplib.SMTP_SSL("127.0.0.1", w.host.port("submissions"),
                              timeout=30, context=any_certificate()) as c:
            c.login(ANNA, "secret")
            for i in range(300):
                sent.append(f"burst {i:03d}.")
                c.sendmail(ANNA, ["bo@partner.example"],
                           f"From: {ANNA}\r\nTo: bo@partner.example\r\n"
                           f"Subject: {sent[-1]}\r\n\r\nx\r\n")
        s.answers["CONNECT"] = []
        w.host.cli("queue", "retry")
        need(s.wait(100), "nothing came")
        w.host.kill()
        first = [m.data for m in s.messages]
        need(len(first) < 300, "it was too quick to be killed")
        w.host.start()
        w.host.cli("queue", "retry")
        w.until(lambda: not [r for r in w.queue()
                             if r["recipient"] == "bo@partner.example"],
                "some wait still", 40)
        found = {}
        for m in s.messages:
            subject = re.search(rb"Subject: (burst \d+\.)", m.data)[1].decode()
            found[subject] = found.get(subject, 0) + 1
        same(sorted(found), sent)
        twice = [k for k, n in found.items() if n > 1]
        # one for each connection that was in its transaction
        need(len(twice) <= 10, f"came twice: {twice}")
        need(all(found[k] == 2 for k in twice), "came three times")


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


@test
def a_smarthost_takes_all(w):
    """With a login, over few connections, whatever the domains are; a
    certificate that is another's gets no password."""
    login = {"relay__smarthost": f"smart.partner.example:{w.port}",
             "relay__smarthost_login": "posthus",
             "relay__smarthost_password": "very secret",
             "relay__destination_connections": "2"}
    able = CAPABILITIES + ["AUTH PLAIN LOGIN"]
    with Other(w, **login) as o:
        with o.sink(20, tls=w.authority.context("x.example"),
                    capabilities=able) as s:
            o.submit("first@d0.partner.example")
            o.until_logged("relay.unreachable", "certificate")
            same(len(s.messages), 0)
        with o.sink(20, tls=w.authority.context("smart.partner.example"),
                    capabilities=able) as s:
            for i in range(30):
                o.submit(f"bo@d{i}.nowhere.example")
            o.host.cli("queue", "retry")
            need(s.wait(31), f"{len(s.messages)} of 31 came")
            o.empty()
            same({m.login for m in s.messages},
                 {"PLAIN " + base64.b64encode(
                     b"\0posthus\0very secret").decode()})
            need(s.most <= 2, f"{s.most} connections at a time")
            need(all(m.tls for m in s.messages), "one came in clear")
        with o.sink(20, tls=w.authority.context("smart.partner.example"),
                    capabilities=able) as s:
            s.answers["AUTH"] = ["535 5.7.8 wrong"]
            o.submit("last@d0.partner.example")
            o.until_logged("relay.unreachable", "535")
            same(len(s.messages), 0)


def inbox(host):
    m = imaplib.IMAP4_SSL("127.0.0.1", host.port("imaps"),
                          ssl_context=any_certificate())
    try:
        m.login(ANNA, "secret")
        if m.select("INBOX", readonly=True)[1][0] == b"0":
            return []
        _, found = m.fetch("1:*", "(BODY.PEEK[])")
        return [email.message_from_bytes(row[1]) for row in found
                if isinstance(row, tuple)]
    finally:
        m.logout()


@test
def dead_to_the_end(w):
    """A dead host is tried on schedule for five days and the mail then comes
    back, each message once, however often all is killed meanwhile."""
    names = [f"n{i}@dead.partner.example" for i in range(3)]
    with Other(w, queue__delay_notice="0s") as o:
        def tries():
            return o.logged("relay.unreachable", "dead.partner.example")

        for name in names:
            o.submit(name)
        o.until(tries, "it was not tried")
        waited, seen, kills = [], 0, 0
        began = o.host.clock_ahead()
        while True:
            rows = tries()
            for row in rows[seen:]:
                waited.append(int(re.search(r"next_s=(\d+)", row)[1]))
            seen = len(rows)
            if (o.host.clock_ahead() - began + waited[-1] * 1000000
                    > 119 * HOUR):
                break
            if len(waited) % 4 == 2:  # in the middle of a wait
                o.host.kill()
                kills += 1
                o.host.start()
            o.host.clock_add((waited[-1] + 5) * 1000000)
            if len(waited) % 4 == 3:  # in the middle of a try
                time.sleep(0.1)
                o.host.kill()
                kills += 1
                o.host.start()
            o.until(lambda: len(tries()) > seen, "no try when it was due")
        for i, got in enumerate(waited):
            want = min(300 * 2 ** i, 4 * 3600)
            need(0.89 * want <= got <= 1.11 * want,
                 f"the waits are {waited}")
        same(len(o.queue()), 3)
        same(len(inbox(o.host)), 0)
        # Past its time: killed until it is back in the end.
        o.host.clock_add(6 * HOUR)
        for delay in (0.05, 0.2, 0.4):
            time.sleep(delay)
            o.host.kill()
            kills += 1
            o.host.start()
        # One that was in hand when it was killed is due at the next try.
        o.host.clock_add(5 * HOUR)
        o.until(lambda: len(inbox(o.host)) >= 3, "no reports came")
        o.until(lambda: "[]" in o.host.cli("queue", "list", "--json"),
                "the queue is not empty")
        o.host.clock_add(24 * HOUR)
        time.sleep(1)
        reports = inbox(o.host)
        same(len(reports), 3)
        told = []
        for r in reports:
            groups = r.get_payload()[1].get_payload()
            same(groups[1]["Action"], "failed")
            same(groups[1]["Status"], "5.4.1")
            told.append(groups[1]["Final-Recipient"].split("; ")[1])
        same(sorted(told), names)
        print(f"    {len(waited)} tries, {kills} kills", flush=True)


@test
def so_many_a_minute(w):
    with Other(w, relay__destination_rate="3") as o, o.sink(1) as s:
        for _ in range(5):
            o.submit("bo@partner.example")
        need(s.wait(3), "not all came that may")
        time.sleep(0.5)
        same(len(s.messages), 3)
        o.host.clock_add(MINUTE)
        need(s.wait(5), "the rest did not come")
        o.empty()


def one_day(w):
    """The day of the host's clock, an hour of which at least is left."""
    while True:
        at = time.time() + w.host.clock_ahead() / 1e6
        if at % 86400 < 23 * 3600:
            return time.strftime("%Y-%m-%d", time.gmtime(at))
        w.host.clock_add(HOUR)


def tls_reports(bodies, day):
    """Those of them that are of the day: other tests had TLS on others."""
    found = [json.loads(gzip.decompress(b)) for b in bodies]
    return [r for r in found if r["date-range"]["start-datetime"].startswith(day)]


def tls_attachment(message):
    return message.get_payload()[1].get_payload(decode=True)


@test
def how_tls_went_is_reported(w):
    """The day after, by mail and by HTTPS, once, for a domain that asks."""
    day = one_day(w)
    good = w.authority.context("mx10.partner.example")
    with w.web("sts.partner.example", policy("enforce",
                                             "mx10.partner.example")) as web, \
            w.sink(1) as reports:
        with w.sink(10, tls=good) as s:
            w.submit("bo@sts.partner.example")
            need(s.wait(), "nothing came")
            w.empty()
        with w.sink(10) as s:
            w.submit("bo@sts.partner.example")
            w.until_logged("relay.unreachable", "does not offer TLS, which "
                           "the MTA-STS policy of sts.partner.example")
        with w.sink(10, tls=good) as s:
            w.host.cli("queue", "retry")
            need(s.wait(), "nothing came")
            w.empty()
        w.host.clock_add(29 * HOUR)

        def posted():
            return tls_reports([body for _, _, body in list(web.posted)], day)

        def mailed():
            return [m for m in map(email.message_from_bytes,
                                   [m.data for m in list(reports.messages)])
                    if tls_reports([tls_attachment(m)], day)]

        w.until(posted, f"nothing was posted of {day}")
        w.until(mailed, f"no report of {day} came by mail")
        path, fields, _ = web.posted[0]
        same(path, "/report")
        same(fields["Content-Type"], "application/tlsrpt+gzip")
        [report] = posted()
        [parsed] = mailed()
        same(reports.messages[0].rcpts[0].split(">")[0],
             "<tls+x@partner.example")
        same(parsed["TLS-Report-Domain"], "sts.partner.example")
        same(parsed.get_param("report-type"), "tlsrpt")
        same(parsed.get_payload()[1].get_content_type(),
             "application/tlsrpt+gzip")
        same(tls_reports([tls_attachment(parsed)], day), [report])
        rows = [p for p in report["policies"]
                if p["policy"]["policy-type"] == "sts"
                and "mode: enforce" in p["policy"].get("policy-string", [])]
        same(rows[0]["policy"]["mx-host"], ["mx10.partner.example"])
        need(rows[0]["summary"]["total-successful-session-count"] >= 2
             and rows[0]["summary"]["total-failure-session-count"] >= 1,
             f"the report is {report}")
        need("starttls-not-supported" in [
            d["result-type"] for d in rows[0]["failure-details"]],
            f"the report is {report}")
        w.host.clock_add(24 * HOUR)
        time.sleep(1.5)
        same(len(posted()), 1)


def run(world, tests):
    failed = 0
    for t in tests:
        began = time.monotonic()
        try:
            t(world)
            print(f"ok relay/{t.__name__} ({time.monotonic() - began:.1f} s)",
                  flush=True)
        except Exception as e:  # whatever it is, the next one runs
            failed += 1
            print(f"FAIL relay/{t.__name__}: {e}", flush=True)
            if not isinstance(e, (Wrong, HostError)):
                for row in traceback.format_exc().splitlines()[-6:]:
                    print(f"    {row}")
    return failed


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--posthus", default="build/posthus")
    ap.add_argument("--keep", action="store_true")
    ap.add_argument("--list", action="store_true")
    ap.add_argument("names", nargs="*")
    args = ap.parse_args()
    chosen = [t for t in TESTS
              if not args.names or any(n in t.__name__ for n in args.names)]
    if args.list:
        for t in chosen:
            print(f"relay/{t.__name__}")
        return 0
    if not os.access(args.posthus, os.X_OK) or not program():
        print("FAIL relay (no program, or no nsd)")
        return 1
    port = free_port()
    authority = Authority()
    signed = SIGNED.format(port=port, wrong="3 1 1 " + "ab" * 32,
                           good=authority.tlsa("mx6.signed.example"))
    zone = ZONE.replace("{policy_port}", str(port + 1))
    with SignedNsd({"partner.example": zone, "signed.example": signed}) as dns:
        settings = {**SETTINGS, **dns.settings, "relay.port": str(port),
                    "relay.policy_port": str(port + 1),
                    "relay.authorities": str(authority.file)}
        with Host(args.posthus, settings, keep=args.keep) as host:
            host.domain("customer.example")
            host.account(ANNA, "secret")
            host.start()
            failed = run(World(host, port, authority, settings), chosen)
            if failed:
                print(host.log_tail())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
