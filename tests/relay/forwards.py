"""Forwards to other hosts that fail, and mail that comes twice."""
import smtplib

from world import ANNA, Other, inbox, t

from lib.host import any_certificate
from lib.runner import need, same

BEA = "bea@customer.example"
TARGET = "x@partner.example"
FAILURES = 10  # QUEUE_HEALTH_FAILURES


def arrive(o, n):
    """From outside, to bea."""
    with smtplib.SMTP("127.0.0.1", o.host.port("smtp"), timeout=30) as s:
        s.sendmail("cy@far.partner.example", [BEA],
                   f"From: cy@far.partner.example\r\nTo: {BEA}\r\n"
                   f"Subject: arrival {n}\r\n\r\nx\r\n")


def subjects(o):
    return [m["Subject"] for m in inbox(o.host, BEA)]


@t.test
def a_forward_that_fails_again_and_again_is_paused(w):
    """After so many refusals for good in a row: the owner is told once, what
    arrives then stays, and a forward set anew goes on."""
    with Other(w, forward__confirm="off") as o, o.sink(1) as s:
        o.host.account(BEA, "secret")
        o.host.cli("forward", "set", BEA, TARGET, "--keep")
        arrive(o, "well")
        need(s.wait(), "it was not forwarded")
        s.answers["RCPT"] = ["550 5.1.1 no such user"] * (FAILURES + 5)
        for i in range(FAILURES):
            need("paused" not in o.host.cli("forward", "show", BEA),
                 f"paused after {i}")
            arrive(o, i)
            o.until(lambda: len(o.logged("relay.failed", TARGET)) == i + 1,
                    f"number {i} did not fail")
        o.until_logged("forward.paused", TARGET)
        shown = o.host.cli("forward", "show", BEA)
        need("paused since " in shown and f"after {FAILURES} failures" in shown
             and "no such user" in shown, shown)
        notice = f"Your forward to {TARGET} is paused"
        o.until(lambda: notice in subjects(o), "the owner was not told")
        arrive(o, "while paused")
        o.until_told(BEA, "the forward is paused")
        o.until(lambda: "arrival while paused" in subjects(o), "it is lost")
        o.empty()
        same(len(o.logged("relay.failed", TARGET)), FAILURES)
        same(len(s.messages), 1)
        s.answers["RCPT"] = []
        o.host.cli("forward", "set", BEA, TARGET, "--keep")
        arrive(o, "set anew")
        need(s.wait(2), "it does not go on")
        need(b"Subject: arrival set anew" in s.messages[1].data, "another")
        o.empty()
        need("well, last delivered" in o.host.cli("forward", "show", BEA),
             o.host.cli("forward", "show", BEA))
        same(subjects(o).count(notice), 1)


@t.test
def a_success_ends_the_row_of_failures(w):
    with Other(w, forward__confirm="off") as o, o.sink(1) as s:
        o.host.account(BEA, "secret")
        o.host.cli("forward", "set", BEA, TARGET, "--keep")
        for i in range(2 * FAILURES - 2):
            if i == FAILURES - 1:  # one short of the limit
                arrive(o, "well")
                need(s.wait(), "it was not forwarded")
                o.empty()
            s.answers["RCPT"] = ["550 5.1.1 no such user"]
            arrive(o, i)
            o.until(lambda: len(o.logged("relay.failed", TARGET)) == i + 1,
                    f"number {i} did not fail")
        need(f"{FAILURES - 1} failures in a row" in
             o.host.cli("forward", "show", BEA),
             o.host.cli("forward", "show", BEA))
        same(o.logged("forward.paused"), [])


@t.test
def what_comes_again_is_sent_once(w):
    """Its sender broke off before it showed that it had the 250; the trail
    says that the second one is the first."""
    with w.sink(1) as s:
        for _ in range(2):
            with smtplib.SMTP("127.0.0.1", w.host.port("submission"),
                              timeout=30) as c:
                c.starttls(context=any_certificate())
                c.login(ANNA, "secret")
                c.sendmail(ANNA, ["again@partner.example"],
                           f"From: {ANNA}\r\nMessage-ID: <again@x.example>\r\n"
                           "Subject: again\r\n\r\nx\r\n")
                c.close()
        w.until_told("again@partner.example", "came before; not taken twice")
        need(s.wait(), "nothing came")
        w.empty()
        same(len(s.messages), 1)
