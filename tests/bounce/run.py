#!/usr/bin/env python3
"""Reports to senders, and forwards, as strangers see them.

    run.py [--posthus P] [--list] [NAME...]
"""
import base64
import email
import email.policy
import imaplib
import os
import re
import signal
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import Host, any_certificate  # noqa: E402
from lib.mail import Refused, Smtp  # noqa: E402
from lib.runner import Tests, need, until  # noqa: E402

SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8", "log.level": "debug",
    "auth.plaintext_login": "always", "server.drain": "2s",
}
C = "customer.example"
ANNA, BO, CY = f"anna@{C}", f"bo@{C}", f"cy@{C}"
PASSWORD = "secret"
MINUTE, HOUR = 60 * 10**6, 3600 * 10**6
MESSAGE = (f"From: <{ANNA}>\r\nTo: <{BO}>\r\nSubject: Lunch\r\n"
           "Message-ID: <lunch@customer.example>\r\n\r\n"
           + "at noon?\r\n" * 200).encode()
t = Tests("bounce")


def make(posthus):
    host = Host(posthus, SETTINGS)
    host.domain(C)
    for address in (ANNA, BO, CY):
        host.account(address, PASSWORD)
    return host


def submit(host, rcpts, message=MESSAGE, mail=b"", notify=b"", sender=ANNA):
    s = Smtp(host.port("submission"))
    token = base64.b64encode(f"\0{ANNA}\0{PASSWORD}".encode())
    s.say(b"AUTH PLAIN " + token + b"\r\n", b"235")
    s.say(b"MAIL FROM:<" + sender.encode() + b">" + mail + b"\r\n", b"250")
    for r in rcpts:
        s.say(b"RCPT TO:<" + r.encode() + b">" + notify + b"\r\n", b"250")
    s.say(b"DATA\r\n", b"354")
    reply = s.say(message + b".\r\n", b"250")
    s.close()
    return reply


def inbox(host, user):
    m = imaplib.IMAP4("127.0.0.1", host.port("imap"))
    try:
        m.login(user, PASSWORD)
        m.select("INBOX", readonly=True)
        _, found = m.fetch("1:*", "(BODY.PEEK[])")
        return [email.message_from_bytes(row[1], policy=email.policy.default)
                for row in found if isinstance(row, tuple)]
    except imaplib.IMAP4.error as e:
        if "sequence" in str(e).lower() or "message" in str(e).lower():
            return []
        raise
    finally:
        m.logout()


def reports(host, user=ANNA):
    return [m for m in inbox(host, user)
            if m.get_content_type() == "multipart/report"]


def one_report(host):
    got = until(lambda: reports(host), "no report came")
    need(len(got) == 1, f"{len(got)} reports")
    return got[0]


def check_form(report):
    """What every report must be; its groups of fields."""
    need(report.get_param("report-type") == "delivery-status", "report-type")
    need(report["Auto-Submitted"] == "auto-replied", "Auto-Submitted")
    need(report["Return-Path"] == "<>", f"Return-Path {report['Return-Path']}")
    need(str(report["To"]) == ANNA, f"To {report['To']}")
    need(not report.defects, f"defects {report.defects}")
    text, status, original = report.iter_parts()
    need(text.get_content_type() == "text/plain", "no text")
    need(status.get_content_type() == "message/delivery-status", "no status")
    groups = status.get_payload()
    need(groups[0]["Reporting-MTA"] == "dns; mx.provider.example", "MTA")
    return text.get_content(), groups, original


def suffer(host, mail=b"", notify=b""):
    """A message to two of whom one has no room: his waits."""
    host.cli("account", "set", BO, "--quota", "1K")
    reply = submit(host, [BO, CY], mail=mail, notify=notify)
    need(b"Queued" in reply, reply)
    until(lambda: inbox(host, CY), "the other did not get it")


def give_up(host):
    """The one that waits can never be filed: its account goes."""
    host.cli("account", "rm", BO, "--yes")
    host.clock_add(10 * MINUTE)


def role_pid(host, name):
    for pid in host.pids()[1:]:
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() == f"posthus-{name}":
                return pid
        except OSError:
            pass
    return None


def queue_is_empty(host):
    return "[]" in host.cli("queue", "list", "--json")


@t.test
def a_failure_comes_back_in_the_right_form(posthus):
    """The text, the status and the header, as Python's email reads them."""
    with make(posthus) as host:
        host.start()
        suffer(host, mail=b" RET=HDRS ENVID=QQ+2B1",
               notify=b" NOTIFY=FAILURE ORCPT=rfc822;Bo@customer.example")
        give_up(host)
        report = one_report(host)
        text, groups, original = check_form(report)
        need(report["Subject"] == f"Not delivered to {BO}: Lunch",
             report["Subject"])
        need(report["In-Reply-To"] == "<lunch@customer.example>", "In-Reply-To")
        need(BO in text and "What you can do" in text, text)
        need(len(groups) == 2, f"{len(groups)} groups")
        need(groups[0]["Original-Envelope-Id"] == "QQ+1", "ENVID")
        need(groups[1]["Final-Recipient"] == f"rfc822; {BO}", "recipient")
        need(groups[1]["Original-Recipient"] == "rfc822; Bo@customer.example",
             "ORCPT")
        need(groups[1]["Action"] == "failed", groups[1]["Action"])
        need(groups[1]["Status"] == "5.1.1", groups[1]["Status"])
        need(original.get_content_type() == "text/rfc822-headers", "RET=HDRS")
        need("at noon?" not in report.as_string(), "the body came back")
        until(lambda: queue_is_empty(host), "the queue is not empty")
        need(len(inbox(host, CY)) == 1, "the other has it twice")


@t.test
def the_whole_comes_back_when_asked_for(posthus):
    """RET=FULL."""
    with make(posthus) as host:
        host.start()
        suffer(host, mail=b" RET=FULL")
        give_up(host)
        _, _, original = check_form(one_report(host))
        need(original.get_content_type() == "message/rfc822", "RET=FULL")
        inner = original.get_payload()[0]
        need(inner["Subject"] == "Lunch", "subject")
        need(inner.get_content().count("at noon?") == 200, "body")


@t.test
def killed_in_between_it_comes_once(posthus):
    """kill -9 of the relay role, again and again while it reports."""
    with make(posthus) as host:
        host.start()
        suffer(host)
        os.kill(role_pid(host, "relay"), signal.SIGKILL)
        give_up(host)
        for _ in range(4):
            pid = until(lambda: role_pid(host, "relay"), "no relay role")
            time.sleep(0.15)
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        until(lambda: reports(host), "no report came")
        until(lambda: queue_is_empty(host), "the queue is not empty")
        need(len(reports(host)) == 1, "it came twice")
        host.kill()
        host.start()
        need(len(reports(host)) == 1, "it came twice after a restart")


@t.test
def never_means_never(posthus):
    """NOTIFY=NEVER: the failure ends in the log."""
    with make(posthus) as host:
        host.start()
        suffer(host, notify=b" NOTIFY=NEVER")
        give_up(host)
        until(lambda: "event=bounce.not_asked" in host.log.read_text(),
              "not in the log")
        need(not reports(host), "a report came")
        until(lambda: queue_is_empty(host), "the queue is not empty")


@t.test
def success_is_told(posthus):
    """NOTIFY=SUCCESS for a mailbox here, and nobody else is told."""
    with make(posthus) as host:
        host.start()
        submit(host, [CY], notify=b" NOTIFY=SUCCESS,FAILURE")
        _, groups, original = check_form(one_report(host))
        need(groups[1]["Action"] == "delivered", groups[1]["Action"])
        need(groups[1]["Status"] == "2.0.0", groups[1]["Status"])
        need(original.get_content_type() == "text/rfc822-headers", "the whole")
        need(len(inbox(host, CY)) == 1, "it was not filed once")


@t.test
def a_delay_is_told_once(posthus):
    """After four hours by the clock, and the message still arrives."""
    with make(posthus) as host:
        host.start()
        suffer(host)
        host.clock_add(3 * HOUR)
        time.sleep(0.7)
        need(not reports(host), "too early")
        host.clock_add(HOUR + MINUTE)
        report = one_report(host)
        text, groups, _ = check_form(report)
        need(groups[1]["Action"] == "delayed", groups[1]["Action"])
        need(groups[1]["Status"] == "4.2.2", groups[1]["Status"])
        need("do not send it again" in text, text)
        until(lambda: f"a notice went to {ANNA}: it is late" in
              host.cli("trace", BO, code=None), "the trace does not tell of it")
        host.clock_add(5 * HOUR)
        time.sleep(0.7)
        need(len(reports(host)) == 1, "told twice")
        host.cli("account", "set", BO, "--quota", "1G")
        host.clock_add(5 * HOUR)
        until(lambda: inbox(host, BO), "it never arrived")


@t.test
def nobody_bounces_a_forgery(posthus):
    """A stranger whom nothing vouches for is not written to."""
    with make(posthus) as host:
        host.start()
        host.cli("account", "set", BO, "--quota", "1K")
        s = Smtp(host.port("smtp"))
        s.data("eve@partner.example", [BO, CY], MESSAGE)
        s.close()
        give_up(host)
        until(lambda: "event=bounce.withheld" in host.log.read_text(),
              "not in the log")
        until(lambda: queue_is_empty(host), "the queue is not empty")


def queued_text(host, address):
    """The bytes of what waits for an address elsewhere."""
    db = sqlite3.connect(f"file:{host.data}/data/queue.db?mode=ro", uri=True)
    try:
        row = db.execute(
            "SELECT m.content FROM action a JOIN message m ON m.id = a.message"
            " WHERE a.address = ? ORDER BY a.id", (address,)).fetchone()
        return row and bytes(row[0])
    finally:
        db.close()


def ask_page(host, token, method):
    url = f"https://127.0.0.1:{host.port('https')}/confirm/{token}"
    request = urllib.request.Request(
        url, data=b"" if method == "POST" else None, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10,
                                    context=any_certificate()) as r:
            return r.status, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


@t.test
def a_forward_asks_by_a_link(posthus):
    """The message, the page, the button; looking alone confirms nothing."""
    target = "x@far.example"
    with make(posthus) as host:
        host.start()
        host.cli("forward", "set", ANNA, target)
        text = until(lambda: queued_text(host, target), "no message").decode()
        need(ANNA in text and "press the button" in text, text)
        token = re.search(
            r"https://mail\.provider\.example/confirm/([0-9a-f]{32})\r\n",
            text).group(1)
        code, page = ask_page(host, token, "GET")
        need(code == 200 and "<button" in page and target in page, page)
        need("waits for a yes" in host.cli("forward", "show", ANNA), "a look")
        code, page = ask_page(host, token, "POST")
        need(code == 200 and "Confirmed" in page, page)
        need("waits for a yes" not in host.cli("forward", "show", ANNA), "yes")
        need(ask_page(host, "0" * 32, "GET")[0] == 404, "another token")
        need(ask_page(host, "0" * 32, "POST")[0] == 404, "another token")
        s = Smtp(host.port("smtp"))
        reply = s.data("eve@partner.example", [ANNA], MESSAGE)
        need(b"Queued" in reply, reply)


def main():
    args = t.arguments()
    return 1 if t.run(args.names, args.posthus) else 0


if __name__ == "__main__":
    sys.exit(main())
