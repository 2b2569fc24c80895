"""DKIM, DMARC and what Authentication-Results says of them."""
from world import OK, REJECTED, Peer, message, results, signed, t

from lib.runner import has, same


@t.test
def passes_by_spf(w):
    p = Peer(w)
    has(p.send(message()), OK)
    r = results(w.newest())
    has(r, "mx.provider.example; spf=pass smtp.mailfrom=partner.example",
        "dkim=none", "dmarc=pass (p=reject) header.from=partner.example")
    p.close()


@t.test
def passes_by_dkim(w):
    p = Peer(w)
    for kind, name in (("rsa", "r1"), ("ed", "e1")):
        for canon in ((b"relaxed", b"simple"), (b"simple", b"relaxed")):
            msg = signed(message(body=b"a  line \r\n\r\nmore\t\r\n\r\n"),
                         kind=kind, canonicalize=canon)
            # SPF says nothing for partner.example here.
            has(p.send(msg, "a@none.partner.example"), OK)
            has(results(w.newest()), "spf=none",
                f"dkim=pass header.d=partner.example header.s={name}",
                "dmarc=pass")
    p.close()


@t.test
def dmarc_reject(w):
    p = Peer(w)
    same(p.send(message(), "a@none.partner.example"), REJECTED)
    # Signed by someone else, and then signed and changed.
    same(p.send(signed(message(), b"other.example"),
                "a@none.partner.example"), REJECTED)
    changed = signed(message()).replace(b"Hello.", b"Help.")
    same(p.send(changed, "a@none.partner.example"), REJECTED)
    changed = signed(message()).replace(b"Subject: lunch", b"Subject: money")
    same(p.send(changed, "a@none.partner.example"), REJECTED)
    # A part that is not signed can say anything.
    longer = signed(message(), length=True) + b"More.\r\n"
    same(p.send(longer, "a@none.partner.example"), REJECTED)
    # A subdomain follows its organization.
    same(p.send(message("a@sub.partner.example"), "a@none.partner.example"),
         REJECTED.replace("partner", "sub.partner"))
    # The postmaster gets it all the same.
    has(p.send(message(), "a@none.partner.example",
               "postmaster@customer.example"), OK)
    p.close()


@t.test
def dmarc_quarantine(w):
    for domain in ("soft", "trial"):
        p = Peer(w)
        author = f"a@{domain}.partner.example"
        msg = message(author, b"X-Mark: %s\r\n" % domain.encode())
        has(p.send(msg, "a@none.partner.example"), OK)
        stored = w.newest("Spam")
        has(stored.decode(), f"X-Mark: {domain}")
        has(results(stored), "dmarc=fail (p=quarantine)")
        p.close()


@t.test
def dmarc_none(w):
    p = Peer(w)
    has(p.send(message("a@only.partner.example"), "a@none.partner.example"), OK)
    has(results(w.newest()), "dmarc=fail (p=none)")
    # No policy anywhere above it.
    has(p.send(message("a@other.example"), "a@none.partner.example"), OK)
    has(results(w.newest()), "dmarc=none header.from=other.example")
    p.close()


@t.test
def forged_results_are_removed(w):
    p = Peer(w)
    forged = (b"Authentication-Results: mx.provider.example;\r\n"
              b"\tdkim=pass header.d=bank.example\r\n"
              b"Authentication-Results: (x) \"MX.provider.example\" 1; none\r\n"
              b"authentication-results: other.example; spf=pass\r\n")
    msg = message(extra=forged)
    has(p.send(msg), OK)
    stored = w.newest()
    kept = b"authentication-results: other.example; spf=pass\r\n"
    below = stored[stored.index(kept):]
    same(below, msg[msg.index(kept):])
    same(stored.lower().count(b"authentication-results: "), 2)
    same(b"bank.example" in stored, False)
    p.close()


@t.test
def two_authors_and_two_fields(w):
    p = Peer(w)
    two = message().replace(b"From: Anna <anna@partner.example>",
                            b"From: a@partner.example, b@bank.example")
    has(p.send(two, "a@none.partner.example"), OK)
    has(results(w.newest()), "dmarc=permerror")
    same_domain = message().replace(
        b"From: Anna <anna@partner.example>",
        b"From: a@partner.example, b@partner.example\r\n"
        b"Sender: a@partner.example")
    same(p.send(same_domain, "a@none.partner.example"), REJECTED)
    p.close()
