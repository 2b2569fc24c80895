"""What a sender or a script demands: REQUIRETLS, DELIVERBY, a new envelope."""
import imaplib
import re
import smtplib

from world import ANNA, MINUTE, inbox, t

from lib.host import any_certificate
from lib.runner import need, same
from lib.sink import CAPABILITIES


@t.test
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
        s.hang_up()
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


@t.test
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
        second.hang_up()
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


def actions(w, address):
    """What the reports of an address say: [("relayed", "2.0.0")]."""
    found = []
    for report in inbox(w.host):
        if report.get_content_type() != "multipart/report":
            continue
        for group in report.get_payload()[1].get_payload()[1:]:
            if address in group["Final-Recipient"]:
                found.append(group["Action"])
    return found


@t.test
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
        second.hang_up()
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


@t.test
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


@t.test
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


@t.test
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
