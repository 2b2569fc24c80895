#!/usr/bin/env python3
"""Posthus between other people's mail hosts: Postfix and Exim, with DNS.

Customers write to users there, over TLS and signed; answers, bounces and
answers of absent owners come back.  The rules for strangers (HELO, SPF,
greylisting) are on, as at a customer's.  `run.py WORD` runs the tests whose
name holds it; `--list` names them.  Needs root.
"""
import json
import os
import random
import re
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib import exim, postfix  # noqa: E402
from lib.host import Host, any_certificate  # noqa: E402
from lib.mail import Imap  # noqa: E402
from lib.nsd import Nsd, program, quoted  # noqa: E402
from lib.ports import free_port  # noqa: E402
from lib.runner import Tests, Wrong, has, need, same, until  # noqa: E402
from lib.sink import Authority, Sink  # noqa: E402

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-dkim
import dkim  # noqa: E402

MINUTE, HOUR = 60 * 10**6, 3600 * 10**6
C = "customer.example"
ANNA, BO, CY, INFO = (f"{n}@{C}" for n in ("anna", "bo", "cy", "info"))
CARL, DORA = "carl@peer.example", "dora@far.example"
EVE = "eve@third.example"
PEER, FAR, THIRD = "127.0.1.9", "127.0.1.10", "127.0.1.11"
SETTINGS = {
    "limits.connections_exempt": "127.0.0.0/8", "forward.confirm": "off",
    "limits.domain.messages_5min": "100000",
    "limits.domain.messages_1h": "100000",
    "limits.domain.recipients_5min": "100000",
    "limits.domain.recipients_1h": "100000",
}
t = Tests("peer")


def zone(address, dkim_record=""):
    rows = (f"@ MX 10 mail\nmail A {address}\n"
            f"@ TXT \"v=spf1 ip4:{address} -all\"\n"
            f"mail TXT \"v=spf1 ip4:{address} -all\"\n"
            f"mail TXT \"v=spf1 ip4:{address} -all\"\n"
            "_dmarc TXT \"v=DMARC1; p=reject\"\n")
    if dkim_record:
        rows += "exim._domainkey TXT " + quoted(dkim_record) + "\n"
    return rows


class World:
    def __init__(self, host, dns, carl, dora):
        self.host, self.dns = host, dns
        self.peer, self.far = carl, dora
        self.serial = 0

    def subject(self, words):
        self.serial += 1
        return f"{words} {self.serial}"

    def submit(self, to, subject, sender=ANNA, headers="", body="Hello.\r\n"):
        """By a mail program, at 465 with login."""
        text = (f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n"
                f"{headers}\r\n{body}")
        with smtplib.SMTP_SSL("127.0.0.1", self.host.port("submissions"),
                              timeout=30, context=any_certificate()) as s:
            s.login(sender, "secret")
            s.sendmail(sender, [to], text.encode())

    def writes_to_carl(self):
        """Whom a customer wrote to is no stranger (R19)."""
        before = len(self.peer.messages("carl"))
        self.submit(CARL, self.subject("before"))
        self.peer.wait("carl", before + 1)

    def arrives(self, user, subject, folder="INBOX"):
        """The message of this subject in an account here."""
        def look():
            i = Imap(self.host.port("imap"), user)
            found = [b for _, b in i.bodies(folder)
                     if b"\r\nSubject: " + subject.encode() + b"\r\n" in b]
            i.close()
            return found
        found = until(look, lambda: f"{subject!r} did not come: "
                      + self.peer.log() + self.far.log()[-800:])
        same(len(found), 1)
        return found[0]

    def told(self, *query, words):
        """The trail of it says these words, in the end."""
        story = ""

        def look():
            nonlocal story
            story = self.host.cli("trace", *query, code=None)
            return all(x in story for x in words)
        until(look, lambda: f"{words} is not told in: {story}", 10)


def letter(sender, to, subject, headers=b""):
    return (b"From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\n"
            b"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <%s>\r\n%s"
            b"\r\nAn answer.\r\n"
            % (sender.encode(), to.encode(), subject.encode(),
               f"{subject.replace(' ', '.')}@{sender.split('@')[1]}".encode(),
               headers))


def field(message, name):
    m = re.search(rb"(?mi)^" + name.encode()
                  + rb": ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", message)
    return re.sub(r"\s+", " ", m.group(1).decode()) if m else ""


def verify_with(w, message, count=2):
    """Every signature holds by what DNS says."""
    rows = json.loads(w.host.cli("domain", "dns", C, "--json"))
    records = {(r["name"], r["type"]): r["value"] for r in rows}

    def txt(name, timeout=5):
        value = records.get((name.decode().rstrip("."), "TXT"))
        return value.encode() if value else None
    own = message[message.index(b"DKIM-Signature:"):]
    for i in range(count):
        same(dkim.DKIM(own).verify(idx=i, dnsfunc=txt), True)


@t.test
def written_to_postfix_and_answered(w):
    subject = w.subject("lunch")
    w.submit(CARL, subject)
    got = w.peer.wait("carl")[-1]
    has(field(got, "Subject"), subject)
    has(field(got, "Received"), "using TLSv1.3", "mx.provider.example")
    has(field(got, "Return-Path"), ANNA)
    verify_with(w, got)
    w.peer.send(CARL, ANNA, letter(CARL, ANNA, "Re: " + subject))
    answer = w.arrives(ANNA, "Re: " + subject)
    has(field(answer, "Authentication-Results"), "mx.provider.example",
        "spf=pass smtp.mailfrom=peer.example", "dkim=none",
        "dmarc=pass (p=reject) header.from=peer.example")
    has(field(answer, "Received"), "TLS1.3" if "TLS1.3" in field(
        answer, "Received") else "TLSv1.3", "mail.peer.example")
    w.told("--from", ANNA, "--to", CARL, words=[
        "accepted from", "waits in the queue", "mail.peer.example took it",
        "over TLS1.3"])
    w.told("--from", CARL, "--to", ANNA, words=[
        "checked: SPF pass, DMARC pass", f"put into Inbox of {ANNA}"])


@t.test
def written_to_exim_and_answered(w):
    """Exim verifies both signatures and signs its answer."""
    subject = w.subject("dinner")
    w.submit(DORA, subject)
    got = w.far.wait("dora")[-1]
    has(field(got, "Subject"), subject)
    has(field(got, "Received"), "TLS1.3")
    verdict = field(got, "Authentication-Results")
    has(verdict, "mail.far.example", "dkim=pass", f"header.d={C}",
        "header.a=rsa-sha256", "header.a=ed25519-sha256")
    same(verdict.count("dkim=pass"), 2)
    w.far.send(DORA, ANNA, letter(DORA, ANNA, "Re: " + subject))
    answer = w.arrives(ANNA, "Re: " + subject)
    has(field(answer, "Authentication-Results"),
        "spf=pass smtp.mailfrom=far.example", "dkim=pass",
        "header.d=far.example", "dmarc=pass (p=reject)")


@t.test
def a_stranger_waits_once(w):
    """R19: Postfix comes again by itself, and is known from then on."""
    subject = w.subject("first")
    who = "stranger@peer.example"
    w.peer.send(who, ANNA, letter(who, ANNA, subject))
    until(lambda: "Greylisted, try again in 5 minutes" in w.peer.log(),
          lambda: "it was not greylisted: " + w.peer.log())
    w.host.clock_add(5 * MINUTE)
    w.peer.postfix("flush")
    w.arrives(ANNA, subject)
    subject = w.subject("second")
    w.peer.send(who, ANNA, letter(who, ANNA, subject))
    w.arrives(ANNA, subject)
    w.told("--from", who, words=["Greylisted", "put into Inbox"])


@t.test
def an_alias_passes_on_with_srs_and_bounces_return(w):
    """carl -> info@customer.example -> eve@third.example, who is not there
    after all: her host's bounce reaches carl."""
    w.writes_to_carl()
    subject = w.subject("passed on")
    with Sink(THIRD, w.host.relay_port) as third:
        original = letter(CARL, INFO, subject)
        w.peer.send(CARL, INFO, original)
        need(third.wait(), "nothing came: " + w.peer.log())
        m = third.messages[0]
        srs = re.match(r"<(SRS0=[^>]+@[^>]+)>", m.mail)
        need(srs, f"the sender is {m.mail}")
        has(m.rcpts[0], f"<{EVE}>")
        need(m.data.endswith(b"\r\n\r\nAn answer.\r\n"), "altered")
    # Her host changes its mind: a bounce to that sender.
    bounce = (f"From: MAILER-DAEMON@third.example\r\nTo: {srs.group(1)}"
              f"\r\nSubject: Undelivered {subject}\r\n\r\n"
              "No such user.\r\n").encode()
    try:
        third_says(w, srs.group(1), bounce)
    except smtplib.SMTPRecipientsRefused as e:  # R19: a host never seen
        has(str(e), "Greylisted")
        w.host.clock_add(5 * MINUTE)
        third_says(w, srs.group(1), bounce)
    with smtplib.SMTP("127.0.0.1", w.host.port("smtp"), timeout=30,
                      source_address=(THIRD, 0)) as s:
        s.ehlo("mail.third.example")
        # A forged one is not taken.
        forged = srs.group(1).replace("SRS0=", "SRS0=x", 1)
        code, words = s.docmd("MAIL FROM:<>")
        code, words = s.docmd(f"RCPT TO:<{forged}>")
        need(code >= 500, f"{code} {words}")
    got = until(lambda: [x for x in w.peer.messages("carl")
                         if f"Undelivered {subject}".encode() in x],
                lambda: "the bounce did not reach carl: " + w.peer.log())
    has(field(got[0], "Return-Path"), "<>")
    w.told("--to", INFO, words=[EVE])


def third_says(w, to, message):
    with smtplib.SMTP("127.0.0.1", w.host.port("smtp"), timeout=30,
                      source_address=(THIRD, 0)) as s:
        s.ehlo("mail.third.example")
        s.sendmail("", [to], message)


@t.test
def a_refused_forward_is_told_to_the_sender(w):
    """The target's host says no: the original sender, whom SPF vouched for,
    gets a DSN in the RFC's form."""
    w.writes_to_carl()
    subject = w.subject("refused")
    with Sink(THIRD, w.host.relay_port) as third:
        third.answers["RCPT"] = ["550 5.1.1 no such user"]
        w.peer.send(CARL, INFO, letter(CARL, INFO, subject))
        got = until(lambda: [x for x in w.peer.messages("carl")
                             if subject.encode() in x
                             and b"multipart/report" in x],
                    lambda: "no DSN came: " + w.peer.log())
    has(got[0].decode(), "report-type=\"delivery-status\"" if
        b'report-type="delivery' in got[0] else "report-type=delivery-status",
        "Status: 5.1.1", "no such user", "Action: failed")
    need(EVE.encode() not in field(got[0], "Subject").encode(), "told too much")


@t.test
def a_dead_host_is_given_up_with_a_dsn(w):
    """Retried on schedule over a kill -9, and returned after five days."""
    subject = w.subject("nobody home")
    w.submit("x@dead.example", subject)
    tries = lambda: w.host.log.read_text(errors="replace").count(  # noqa: E731
        "event=relay.unreachable")
    until(tries, "it was not tried")
    w.host.kill()
    w.host.start()
    rows = json.loads(w.host.cli("queue", "list", "--json"))
    same(len([r for r in rows if r["recipient"] == "x@dead.example"]), 1)
    before = tries()
    w.host.clock_add(6 * MINUTE)
    until(lambda: tries() > before, "not tried again")
    w.host.clock_add(5 * HOUR)
    until(lambda: "nobody home" in str(inbox(w, ANNA)), "no word of the delay")
    w.host.clock_add(121 * HOUR)

    def returned():
        return [m for m in inbox(w, ANNA)
                if b"Action: failed" in m and subject.encode() in m]
    got = until(returned, "no DSN")
    same(len(got), 1)
    has(got[0].decode(), "multipart/report", "x@dead.example",
        "Return-Path: <>")
    rows = json.loads(w.host.cli("queue", "list", "--json"))
    same([r for r in rows if r["recipient"] == "x@dead.example"
          and r["state"] not in ("failed", "sent")], [])
    w.told("--to", "x@dead.example", words=[
        "next try", "given up", f"a notice of the failure went to {ANNA}"])


def inbox(w, user):
    i = Imap(w.host.port("imap"), user)
    found = [b for _, b in i.bodies("INBOX")]
    i.close()
    return found


@t.test
def a_vacation_answers_once_and_never_a_list(w):
    away = w.host.folder / "away.txt"
    away.write_text("Back on Monday.\n")
    w.host.cli("vacation", "set", BO, str(away))
    w.writes_to_carl()
    before = len(w.peer.messages("carl"))
    for n in range(2):
        subject = w.subject("are you there")
        w.peer.send(CARL, BO, letter(CARL, BO, subject))
        w.arrives(BO, subject)
    got = w.peer.wait("carl", before + 1)[-1]
    has(got.decode(), "Back on Monday.", "Auto-Submitted: auto-replied",
        "In-Reply-To: <are.you.there.")
    has(field(got, "Return-Path"), "<>")
    subject = w.subject("from a list")
    w.peer.send(CARL, BO, letter(CARL, BO, subject,
                                 b"List-Id: <l.peer.example>\r\n"))
    w.arrives(BO, subject)
    w.submit(CARL, "flush after vacation", sender=BO)
    w.peer.wait("carl", before + 2)
    same(len([m for m in w.peer.messages("carl")
              if b"Back on Monday." in m]), 1)
    w.host.cli("vacation", "off", BO)
    w.told("--from", CARL, "--to", BO, words=[
        f"automatic reply of {BO} sent to {CARL}"])


def count_failed(w):
    return w.host.log.read_text(errors="replace").count("event=relay.failed")


def send_many(w, sender, n):
    with smtplib.SMTP_SSL("127.0.0.1", w.host.port("submissions"), timeout=30,
                          context=any_certificate()) as s:
        s.login(sender, "secret")
        for i in range(n):
            to = f"u{i}.{sender[:2]}@third.example"
            s.sendmail(sender, [to], f"From: {sender}\r\nTo: {to}\r\n"
                       f"Subject: hello {i}\r\n\r\nHello {to} {i * 7}\r\n")


@t.test
def r27_failed_deliveries(w):
    """101 failures in an hour, and the domain waits; one hour after the first
    of them it may send again."""
    with Sink(THIRD, w.host.relay_port) as third:
        third.answers["RCPT"] = ["550 5.1.1 no such user"] * 200
        # Of three accounts: one alone would be held as stolen before.
        failed_before = count_failed(w)
        for who, n in ((ANNA, 34), (BO, 34), (CY, 33)):
            send_many(w, who, n)
        until(lambda: count_failed(w) >= failed_before + 101,
              lambda: f"{count_failed(w) - failed_before} failed", 40)
    try:
        w.submit(CARL, "too many")
        raise Wrong("it was accepted")
    except smtplib.SMTPRecipientsRefused as e:
        code, words = e.recipients[CARL]
    same((code, words.decode().splitlines()[0]),
         (450, f"4.7.1 <{CARL}>: Recipient address rejected: You have more "
          "than 100 failed deliveries the last hour, try later"))
    w.host.clock_add(HOUR)
    w.submit(CARL, "open again")


def main():
    args = t.arguments("--keep")
    if os.getuid() != 0 or not postfix.program() or not exim.program() \
            or not program():
        t.cannot("needs root, nsd, Postfix and Exim")
    port = free_port()
    authority = Authority()
    # Exim asks at port 53 of an address that is this run's alone.
    name_server = f"127.{random.randrange(64, 128)}." \
        f"{random.randrange(256)}.{random.randrange(1, 255)}"
    zones = {"peer.example": zone(PEER), "third.example": zone(THIRD),
             "dead.example": "@ MX 10 mail\nmail A 127.0.1.99\n",
             "far.example": "", C: ""}
    with Nsd(zones, address=name_server, port=53) as dns, \
            Host(args.posthus, {**SETTINGS, **dns.settings,
                                "relay.port": str(port)},
                 keep=args.keep) as host:
        host.relay_port = port
        host.domain(C)
        for address in (ANNA, BO, CY):
            host.account(address, "secret")
        host.cli("alias", "add", INFO, EVE)
        rows = json.loads(host.cli("domain", "dns", C, "--json"))
        routes = {C: ("127.0.0.1", host.port("smtp"))}
        with postfix.Postfix("peer.example", PEER, port, authority, routes) \
                as carl, \
                exim.Exim("far.example", FAR, port, authority, dns, routes) \
                as dora:
            dns.zones[C] = "".join(
                f"{r['name']}. {r['type']} {r['data']}\n" for r in rows)
            dns.change("far.example", zone(FAR, dora.dkim_record()))
            host.start()
            # The keys sign once their records are seen.
            host.cli("domain", "dns", C, "--check", code=None)
            failed = t.run(args.names, World(host, dns, carl, dora))
            if failed:
                print(host.log_tail())
            if args.keep:
                subprocess.run(["cp", "-r", str(carl.dir), str(dora.dir),
                                str(host.folder)])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
