#!/usr/bin/env python3
"""Who vouches for a message: HELO, SPF, DKIM, DMARC, with a real name server.

A host and nsd run on loopback; the zones say who may send.  Other people's
programs check what Posthus signs.  `run.py WORD` runs the tests whose name
holds it; `--list` names them.
"""
import argparse
import base64
import email
import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import traceback
import xml.etree.ElementTree as ElementTree
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host, HostError, any_certificate  # noqa: E402
from lib.mail import Imap  # noqa: E402
from lib.nsd import Nsd, free_port, program, quoted  # noqa: E402
from lib.sink import Sink  # noqa: E402

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-dkim
import dkim  # noqa: E402

PARTNER = """
@ A 127.0.0.1
@ MX 10 mail
@ TXT "v=spf1 ip4:127.0.0.0/8 -all"
mail A 127.0.0.1
mxonly MX 10 mail
none A 127.0.0.1
fail TXT "v=spf1 -all"
fail A 127.0.0.1
why TXT "v=spf1 -all exp=exp.why"
exp.why TXT "%{d} does not send from %{i}"
why A 127.0.0.1
soft TXT "v=spf1 ~all"
broken TXT "v=spf1 foo:bar -all"
_dmarc TXT "v=DMARC1; p=reject"
_dmarc.soft TXT "v=DMARC1; p=quarantine"
_dmarc.trial TXT "v=DMARC1; p=reject; t=y"
trial TXT "v=spf1 ~all"
_dmarc.only TXT "v=DMARC1; p=none"
rep TXT "v=spf1 ip4:127.0.0.0/8 -all"
_dmarc.rep TXT ("v=DMARC1; p=reject; aspf=s; rua=mailto:agg@out.partner.example,"
 "mailto:x@victim.example,mailto:r@wants.example")
out MX 10 sink
out TXT "v=spf1 ip4:127.0.0.0/8 -all"
sink A 127.0.1.1
""".replace("exp.why\"", "exp.why.partner.example\"")
SETTINGS = {
    "arc.trusted": "list.example", "policy.greylist": "off", "limits.connections_exempt": "127.0.0.0/8",
}
BO = "bo@customer.example"
HELO_WORDS = ("554 5.7.1 This message has been blocked because the HELO/EHLO "
              "domain is invalid. Please contact the provider of sender, as "
              "the configuration is incorrect.")


def tool(name):
    return shutil.which(name) or f"/usr/sbin/{name}"


class Wrong(Exception):
    pass


def same(got, want):
    if got != want:
        raise Wrong(f"got {got!r}, want {want!r}")


class Peer:
    """Another server that says what it is told to."""

    def __init__(self, world, helo="mail.partner.example", source="127.0.0.1"):
        self.socket = socket.create_connection(
            ("127.0.0.1", world.host.port("smtp")), 60,
            source_address=(source, 0))
        self.file = self.socket.makefile("rb")
        self.read()
        self.say(f"EHLO {helo}")

    def read(self):
        lines = []
        while True:
            line = self.file.readline().decode()
            if not line.endswith("\n"):
                raise Wrong("the host hung up")
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return lines

    def say(self, text):
        self.socket.sendall(text.encode() + b"\r\n")
        return self.read()

    def rcpt(self, sender="anna@partner.example", to=BO):
        """The first line to RCPT, without the sign of a further line."""
        self.say("RSET")
        self.say(f"MAIL FROM:<{sender}>")
        first = self.say(f"RCPT TO:<{to}>")[0]
        return first[:3] + " " + first[4:]

    def send(self, message, sender="anna@partner.example", to=BO):
        got = self.rcpt(sender, to)
        if not got.startswith("250"):
            return got
        self.say("DATA")
        body = re.sub(rb"(?m)^\.", b"..", message)
        self.socket.sendall(body + b".\r\n")
        first = self.read()[0]
        return first[:3] + " " + first[4:]

    def close(self):
        self.file.close()
        self.socket.close()


class World:
    def __init__(self, host, dns, relay_port):
        self.host, self.dns = host, dns
        self.relay_port = relay_port

    def newest(self, folder="INBOX", user=BO):
        # Not what owners are told of their forwards, which comes when it does.
        i = Imap(self.host.port("imap"), user)
        bodies = [b for _, b in i.bodies(folder) if b".security@" not in b]
        i.close()
        return bodies[-1] if bodies else None


HOSTILE = (
    # 10 includes of 10 includes of 10 includes.
    "".join(f"i{n} TXT " + quoted("v=spf1 " + " ".join(
        f"include:i{m}.hostile.example" for m in range(10)) + " -all") + "\n"
        for n in range(10))
    + "many TXT \"v=spf1 include:i0.hostile.example -all\"\n"
    "loop TXT \"v=spf1 include:loop.hostile.example -all\"\n"
    "self TXT \"v=spf1 redirect=self.hostile.example\"\n"
    "c1 CNAME c2\nc2 CNAME c1\n"
    "void TXT \"v=spf1 a:n1.hostile.example a:n2.hostile.example "
    "a:n3.hostile.example -all\"\n"
    "manymx TXT \"v=spf1 mx -all\"\n"
    + "".join(f"manymx MX {n} m{n}\nm{n} A 192.0.2.{n}\n"
              for n in range(1, 40))
    + "texts TXT \"v=spf1 ip4:127.0.0.0/8 -all\"\n"
    + "".join(f"texts TXT \"{n} {'x' * 200}\"\n" for n in range(100))
    + "huge TXT " + quoted("v=spf1 " + " ".join(
        f"ip4:10.{n // 250}.{n % 250}.1" for n in range(1500))
        + " ip4:127.0.0.0/8 -all") + "\n"
    + "giant TXT " + quoted("v=spf1 " + " ".join(
        f"ip4:10.{n // 250}.{n % 250}.1" for n in range(2500)) + " -all") + "\n"
    + "".join(f"_dmarc.two TXT \"v=DMARC1; p=reject; x={n}\"\n"
              for n in range(20))
    + "_dmarc TXT \"v=DMARC1; p=none\"\n")


def make_keys():
    """An RSA and an Ed25519 key, and the rows that publish them."""
    pem = subprocess.run(["openssl", "genrsa", "2048"], check=True,
                         capture_output=True).stdout
    der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"],
                         input=pem, check=True, capture_output=True).stdout
    text = "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()
    rows = "r1._domainkey TXT " + quoted(text) + "\n"
    seed = bytes(range(32))
    import nacl.signing
    public = nacl.signing.SigningKey(seed).verify_key.encode()
    rows += "e1._domainkey TXT " + quoted(
        "v=DKIM1; k=ed25519; p=" + base64.b64encode(public).decode()) + "\n"
    return pem, base64.b64encode(seed), rows, text.encode()


RSA_KEY, ED_KEY, KEY_ROWS, KEY_TEXT = make_keys()


def message(author="anna@partner.example", extra=b"", body=b"Hello.\r\n"):
    return (extra + b"From: Anna <" + author.encode() + b">\r\n"
            b"To: bo@customer.example\r\nSubject: lunch\r\n"
            b"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
            b"Message-ID: <%d.%d@partner.example>\r\n\r\n"
            % (time.time_ns(), os.getpid()) + body)


def signed(msg, domain=b"partner.example", kind="rsa", **more):
    if kind == "rsa":
        head = dkim.sign(msg, b"r1", domain, RSA_KEY, **more)
    else:
        head = dkim.sign(msg, b"e1", domain, ED_KEY,
                         signature_algorithm=b"ed25519-sha256", **more)
    return head + msg


def results(stored):
    """The Authentication-Results field of ours, unfolded."""
    m = re.search(rb"(?m)^Authentication-Results: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", stored)
    return re.sub(r"\s+", " ", m.group(1).decode()) if m else ""


def has(text, *wanted):
    for want in wanted:
        if want not in text:
            raise Wrong(f"{want!r} is not in {text!r}")


# ---- R17 ----

def r17_helo_that_exists(w):
    for name in ("mail.partner.example", "mxonly.partner.example",
                 "[127.0.0.1]"):
        p = Peer(w, name)
        same(p.rcpt(), "250 2.1.5 Recipient OK")
        p.close()


def r17_helo_invalid(w):
    for name in ("localhost", "nowhere.partner.example", "127.0.0.1",
                 "[192.0.2.1]", "mx.provider.example", "a_b"):
        p = Peer(w, name)
        same(p.rcpt(), HELO_WORDS)
        # The postmaster can be reached all the same (R39).
        same(p.rcpt(to="postmaster@customer.example"), "250 2.1.5 Recipient OK")
        same(p.rcpt(to="abuse@customer.example"), "250 2.1.5 Recipient OK")
        # An unknown recipient comes first (R20).
        same(p.rcpt(to="none@customer.example"),
             "550 5.1.1 <none@customer.example>: Recipient address rejected: "
             "User unknown")
        p.close()


# ---- R18 ----

def r18_spf_fail(w):
    p = Peer(w)
    same(p.rcpt("a@fail.partner.example"),
         f"550 5.7.23 <{BO}>: Recipient address rejected: SPF: "
         "fail.partner.example does not allow this client")
    same(p.rcpt("a@why.partner.example"),
         f"550 5.7.23 <{BO}>: Recipient address rejected: SPF: "
         "why.partner.example does not send from 127.0.0.1")
    same(p.rcpt("a@fail.partner.example", "postmaster@customer.example"),
         "250 2.1.5 Recipient OK")
    p.close()


def r18_spf_goes_on(w):
    p = Peer(w)
    for sender in ("a@partner.example", "a@soft.partner.example",
                   "a@none.partner.example", "a@broken.partner.example"):
        same(p.rcpt(sender), "250 2.1.5 Recipient OK")
    p.close()


def r18_spf_of_the_null_sender_is_helo(w):
    p = Peer(w, "fail.partner.example")
    same(p.rcpt(""),
         f"550 5.7.23 <{BO}>: Recipient address rejected: SPF: "
         "fail.partner.example does not allow this client")
    p.close()


# ---- a zone that means ill ----

def hostile_records_are_bounded(w):
    """Each is answered soon, whatever a domain has in its zone."""
    p = Peer(w)
    for name, spf in (("many", "permerror"), ("loop", "permerror"),
                      ("self", "permerror"), ("void", "permerror"),
                      ("manymx", "permerror"), ("texts", "pass"),
                      ("huge", "permerror")):
        begun = time.monotonic()
        sender = f"a@{name}.hostile.example"
        has(p.send(message("a@none.example"), sender), OK)
        has(results(w.newest()), f"spf={spf}",
            f"smtp.mailfrom={name}.hostile.example")
        if time.monotonic() - begun > 5:
            raise Wrong(f"{name} took {time.monotonic() - begun:.1f} s")
    # More than the resolver hands on is as no answer.
    has(p.rcpt("a@giant.hostile.example"), "451 4.4.3")
    # A name that leads to itself has no answer, or an empty one.
    same(p.rcpt("a@c1.hostile.example")[:3] in ("250", "451"), True)
    # An author of forty labels, one with twenty policies, one too long.
    deep = ".".join("xyz" for _ in range(40)) + ".hostile.example"
    for author, dmarc in ((deep, "dmarc=fail (p=none)"),
                          ("two.hostile.example", "dmarc=fail (p=none)"),
                          ("y" * 64 + ".hostile.example", "dmarc=")):
        has(p.send(message(f"a@{author}"), "a@none.partner.example"), OK)
        has(results(w.newest()), dmarc)
    p.close()


def large_key_records(w):
    """20 KB are read, 40 KB are as no answer."""
    p = Peer(w)
    for n, want in ((120, "dkim=pass"), (220, "dkim=temperror")):
        w.dns.change("other.example", KEY_ROWS.replace(
            "v=DKIM1; k=ed25519;", "v=DKIM1; k=ed25519; n=" + '" "'.join(
                ["z" * 180] * n) + ";"))
        time.sleep(2.2)  # what was asked before is forgotten (TTL 1)
        has(p.send(signed(message("a@other.example"), b"other.example",
                          kind="ed"), "a@none.partner.example"), OK)
        seen = [r for r in w.host.log.read_text().splitlines()
                if "event=intake.verified" in r][-1]
        has(seen, want, "author=other.example")
    p.close()
    w.dns.change("other.example", KEY_ROWS)
    time.sleep(1.1)


def silence_holds_up_nobody(w):
    """A name server that takes questions and never answers."""
    known = Peer(w, "[127.0.0.1]")
    same(known.rcpt("a@[127.0.0.1]"), "250 2.1.5 Recipient OK")
    w.dns.freeze()
    try:
        slow = [Peer(w, "[127.0.0.1]") for _ in range(20)]
        for n, p in enumerate(slow):
            p.socket.sendall(f"MAIL FROM:<a@s{n}.partner.example>\r\n"
                             f"RCPT TO:<{BO}>\r\n".encode())
        begun = time.monotonic()
        same(known.rcpt("a@[127.0.0.1]"), "250 2.1.5 Recipient OK")
        if time.monotonic() - begun > 3:
            raise Wrong("who asks nothing had to wait")
        for p in slow:
            same(p.read()[0][:3], "250")
            has(p.read()[0], "4.4.3 DNS is in trouble, try later")
            p.close()
        if time.monotonic() - begun > 45:
            raise Wrong(f"it took {time.monotonic() - begun:.0f} s")
    finally:
        w.dns.thaw()
        known.close()


def dns_trouble_is_temporary(w):
    w.dns.stop()
    try:
        # A name never asked for: nothing of it is in a cache.
        p = Peer(w, "[127.0.0.1]")
        same(p.rcpt("a@other.partner.example"),
             "451 4.4.3 DNS is in trouble, try later")
        p.close()
    finally:
        w.dns.start()


# ---- DKIM, DMARC, Authentication-Results ----

OK = "250 2.0.0 "
REJECTED = "550 5.7.1 Message rejected by the DMARC policy of partner.example"


def passes_by_spf(w):
    p = Peer(w)
    has(p.send(message()), OK)
    r = results(w.newest())
    has(r, "mx.provider.example; spf=pass smtp.mailfrom=partner.example",
        "dkim=none", "dmarc=pass (p=reject) header.from=partner.example")
    p.close()


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


def dmarc_none(w):
    p = Peer(w)
    has(p.send(message("a@only.partner.example"), "a@none.partner.example"), OK)
    has(results(w.newest()), "dmarc=fail (p=none)")
    # No policy anywhere above it.
    has(p.send(message("a@other.example"), "a@none.partner.example"), OK)
    has(results(w.newest()), "dmarc=none header.from=other.example")
    p.close()


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


# ---- ARC ----

def sealed(msg, sealer, found):
    """Passed on by a list that found this about it."""
    head = f"Authentication-Results: {sealer}; {found}\r\n".encode()
    return b"".join(dkim.arc_sign(head + msg, b"r1", sealer.encode(), RSA_KEY,
                                  sealer.encode())) + msg


FOUND = "dmarc=pass (p=reject) header.from=partner.example"


def a_trusted_sealer_vouches(w):
    p = Peer(w)
    got = sealed(message(extra=b"X-List: yes\r\n"), "list.example", FOUND)
    has(p.send(got, "a@none.partner.example"), OK)
    r = results(w.newest())
    has(r, "dmarc=fail (p=reject) reason=\"a trusted sealer", "arc=pass")
    # Twice: by the list, then by a forwarder, both trusted.
    again = sealed(got, "sub.list.example", "arc=pass; dmarc=fail "
                   "header.from=partner.example")
    has(p.send(again, "a@none.partner.example"), OK)
    has(results(w.newest()), "arc=pass (2 sets)")
    p.close()


def other_sealers_do_not(w):
    p = Peer(w)
    for msg in (
            sealed(message(), "other.example", FOUND),
            sealed(message(), "list.example",
                   "dmarc=fail header.from=partner.example"),
            sealed(message(), "list.example",
                   "dmarc=pass header.from=other.example"),
            sealed(sealed(message(), "list.example", FOUND), "other.example",
                   "arc=pass"),
            sealed(message(), "list.example", FOUND)
            .replace(b"Hello", b"Help"),
            sealed(message(), "list.example", FOUND)
            .replace(b"Subject: lunch", b"Subject: money")):
        same(p.send(msg, "a@none.partner.example"), REJECTED)
    p.close()


ARC_FIELD = re.compile(rb"ARC-(?:Seal|Message-Signature|Authentication-Results):"
                       rb".*?\bi=(\d+)", re.S)


def parts(msg):
    """[(instance, field)], 0 for those that are not of ARC, and the body."""
    head, body = msg.split(b"\r\n\r\n", 1)
    fields = re.split(rb"\r\n(?![ \t])", head)
    return [(int(m.group(1)) if (m := ARC_FIELD.match(f)) else 0, f)
            for f in fields], body


def joined(fields, body):
    return b"\r\n".join(f for _, f in fields) + b"\r\n\r\n" + body


def chain(n, msg=None):
    """Sealed n times by another implementation."""
    msg = msg or message()
    for i in range(n):
        found = "arc=pass; " if i else ""
        msg = sealed(msg, ("list.example", "other.example")[i % 2],
                     found + FOUND)
    return msg


def edited(msg, wanted, change):
    """With `change` made to the ARC fields for which `wanted` says so."""
    fields, body = parts(msg)
    out = []
    for i, f in fields:
        out += change(i, f) if i and wanted(i, f) else [(i, f)]
    if out == fields:
        raise Wrong("the test changed nothing")
    return joined(out, body)


def is_(kind, *instances):
    return lambda i, f: i in instances and f.startswith(b"ARC-" + kind)


def swap(old, new):
    def change(i, f):
        if old not in f:
            raise Wrong(f"{old!r} is not in {f!r}")
        return [(i, f.replace(old, new, 1))]
    return change


def drop(i, f):
    return []


def double(i, f):
    return [(i, f), (i, f)]


def beyond(msg, n):
    """The last set once more, as number n."""
    fields, body = parts(msg)
    last = max(i for i, _ in fields)
    more = [(n, re.sub(rb"\bi=\d+", b"i=%d" % n, f, count=1))
            for i, f in fields if i == last]
    return joined(more + fields, body)


def chains_of_another_implementation(w):
    """RFC 8617, 5.2: every way in which a chain holds or fails, and what the
    other implementation says of the same message."""
    two, three, fifty = chain(2), chain(3), chain(50)
    old = chain(1)
    footed = sealed(old + b"-- a list\r\n", "other.example", "arc=pass")
    broken = swap(b"b=", b"b=/wAB")
    cases = [
        ("one set", chain(1), "arc=pass"),
        ("two sets", two, "arc=pass (2 sets)"),
        ("three sets", three, "arc=pass (3 sets)"),
        ("fifty sets", fifty, "arc=pass (50 sets)"),
        ("the fields in another order", joined(
            sorted(parts(three)[0], key=lambda x: x[0]), parts(three)[1]), "arc=pass (3 sets)"),
        ("a list changed the body, and sealed it anew", footed,
         "arc=pass (2 sets)"),
        ("fifty-one sets", beyond(fifty, 51), "arc=fail"),
        ("set 1 is missing", edited(two, lambda i, f: i == 1, drop),
         "arc=fail"),
        ("set 2 of 3 is missing", edited(three, lambda i, f: i == 2, drop),
         "arc=fail"),
        ("set 2 is there twice", edited(two, lambda i, f: i == 2, double),
         "arc=fail"),
        ("set 1 stands for set 2", beyond(chain(1), 2), "arc=fail"),
        ("set 3 before set 2", edited(
            three, lambda i, f: i > 1,
            lambda i, f: [(5 - i, re.sub(rb"\bi=\d+", b"i=%d" % (5 - i), f,
                                         count=1))]), "arc=fail"),
        ("the message was changed while its seals hold",
         three.replace(b"Hello", b"Help"), "arc=fail"),
        ("a signed field was changed",
         three.replace(b"Subject: lunch", b"Subject: money"), "arc=fail"),
        ("cv=fail", sealed(two, "list.example", "arc=fail"), "arc=fail"),
        ("pass after cv=fail", sealed(sealed(
            two, "list.example", "arc=fail"), "list.example", "arc=pass"),
         "arc=fail"),
        ("cv=none in set 2", edited(two, is_(b"Seal", 2),
                                    swap(b"cv=pass", b"cv=none")), "arc=fail"),
        ("cv=pass in set 1", edited(two, is_(b"Seal", 1),
                                    swap(b"cv=none", b"cv=pass")), "arc=fail"),
        ("h= in a seal", edited(two, is_(b"Seal", 2),
                                swap(b"cv=pass", b"h=from; cv=pass")),
         "arc=fail"),
        ("instance 0", edited(chain(1), lambda i, f: True,
                              lambda i, f: [(i, f.replace(b"i=1", b"i=0", 1))]),
         "arc=fail"),
    ]
    for n in (1, 2):
        for kind in (b"Seal", b"Message-Signature", b"Authentication-Results"):
            what = kind.decode()
            cases.append((f"no {what} in set {n}",
                          edited(two, is_(kind, n), drop), "arc=fail"))
            cases.append((f"two {what} in set {n}",
                          edited(two, is_(kind, n), double), "arc=fail"))
        cases.append((f"the seal {n} is not good",
                      edited(two, is_(b"Seal", n), broken), "arc=fail"))
        cases.append((f"the results {n} were changed", edited(
            two, is_(b"Authentication-Results", n),
            swap(b"header.from=partner", b"header.from=victim")), "arc=fail"))
    cases.append(("an old signature was changed", edited(
        two, is_(b"Message-Signature", 1), broken), "arc=fail"))
    cases.append(("the last signature was changed", edited(
        two, is_(b"Message-Signature", 2), broken), "arc=fail"))

    def txt(name, timeout=5):
        return KEY_TEXT if name.startswith(b"r1._domainkey.") else None

    p = Peer(w)
    wrong = []
    for label, msg, want in cases:
        has(p.send(msg, "anna@partner.example"), OK)
        got = results(w.newest())
        if want not in got or (want == "arc=pass" and "sets)" in got):
            wrong.append(f"{label}: want {want}, got {got}")
        try:
            theirs = dkim.arc_verify(msg, dnsfunc=txt)[0] == b"pass"
        except dkim.DKIMException:
            theirs = False
        # It wants them as they were added, and has no limit; the RFC has
        # one (4.2.1) and says in what order a seal takes them (5.1.1).
        if label not in ("the fields in another order", "fifty-one sets") \
                and theirs != want.startswith("arc=pass"):
            wrong.append(f"{label}: the other implementation differs")
    p.close()
    if wrong:
        raise Wrong("; ".join(wrong))


# ---- what follows from it ----

def reports_go_where_the_envelope_is_vouched_for(w):
    """That From: is, says nothing about who gets the report."""
    w.host.cli("forward", "set", BO, "cy@out.partner.example", "--confirmed")
    p = Peer(w)
    try:
        with Sink("127.0.1.1", w.relay_port) as sink:
            for sender, signer, event in (
                    ("victim@other.example", b"partner.example", "withheld"),
                    ("a@none.partner.example", b"partner.example", "sent"),
                    ("a@partner.example", None, "sent")):
                sink.answers["RCPT"] = ["550 5.1.1 no"]
                before = w.host.log.read_text().count(
                    f"event=bounce.{event} ")
                msg = message()
                has(p.send(signed(msg, signer) if signer else msg, sender), OK)
                until = time.monotonic() + 15
                while w.host.log.read_text().count(
                        f"event=bounce.{event} ") == before:
                    if time.monotonic() > until:
                        raise Wrong(f"{sender}: no bounce.{event}")
                    time.sleep(0.05)
    finally:
        p.close()
        w.host.cli("forward", "rm", BO)


def the_filter_knows_the_client(w):
    """HELO counts for it, where it does not refuse (R39)."""
    p = Peer(w)
    has(p.send(message()), OK)
    same("HELO_BAD" in w.newest().decode(), False)
    p.close()
    p = Peer(w, "nowhere.partner.example")
    has(p.send(message(), to="postmaster@customer.example"), OK)
    stored = w.newest().decode()
    has(stored, "HELO_BAD")
    same("PTR_NONE" in stored, False)  # 127.0.0.1 has a name
    p.close()


# ---- reports ----

def attached(data):
    """The document of a report, as a receiver unpacks it."""
    m = email.message_from_bytes(data)
    parts = [p for p in m.walk()
             if p.get_content_type() == "application/gzip"]
    same(len(parts), 1)
    return m, parts[0].get_filename(), ElementTree.fromstring(
        gzip.decompress(parts[0].get_payload(decode=True)))


def text_of(node, path):
    ns = "{urn:ietf:params:xml:ns:dmarc-2.0}"
    found = node.find("/".join(ns + p for p in path.split("/")))
    return None if found is None else found.text


def owners_are_told_once_a_day(w):
    p = Peer(w)
    for _ in range(2):
        has(p.send(message("a@rep.partner.example"), "a@rep.partner.example"),
            OK)
    has(p.send(signed(message("a@rep.partner.example")),
               "a@none.partner.example"), OK)
    same(p.send(message("a@rep.partner.example"), "a@none.partner.example"),
         REJECTED.replace("partner", "rep.partner"))
    # Its policy asks for none.
    has(p.send(message()), OK)
    p.close()
    w.host.stop()  # what was counted is on the disk
    w.host.start()
    with Sink("127.0.1.1", w.relay_port) as sink:
        w.host.clock_add(86400 * 10**6)
        until = time.monotonic() + 30
        while len(sink.messages) < 2 and time.monotonic() < until:
            w.host.clock_add(1800 * 10**6)
            time.sleep(0.5)
        time.sleep(1)
        same(sorted(m.rcpts[0] for m in sink.messages),
             ["<agg@out.partner.example>", "<r@wants.example>"])
    got = sink.messages[0]
    has(got.mail, "<>")
    m, name, doc = attached(got.data)
    has(m["Subject"], "Report Domain: rep.partner.example",
        "Submitter: mx.provider.example", "Report-ID: <")
    begin, end = name.split("!")[2], name.split("!")[3].split(".")[0]
    same(name, f"mx.provider.example!rep.partner.example!{begin}!{end}.xml.gz")
    same(int(begin) % 86400, 0)
    same(int(end) - int(begin), 86399)
    same(text_of(doc, "report_metadata/date_range/begin"), begin)
    same(text_of(doc, "policy_published/domain"), "rep.partner.example")
    same(text_of(doc, "policy_published/p"), "reject")
    same(text_of(doc, "policy_published/aspf"), "s")
    rows = []
    for r in doc:
        if not r.tag.endswith("}record"):
            continue
        same(text_of(r, "row/source_ip"), "127.0.0.1")
        same(text_of(r, "identifiers/header_from"), "rep.partner.example")
        rows.append(" ".join(str(text_of(r, f)) for f in (
            "row/count", "row/policy_evaluated/disposition",
            "row/policy_evaluated/dkim", "row/policy_evaluated/spf",
            "identifiers/envelope_from", "auth_results/spf/result",
            "auth_results/dkim/domain", "auth_results/dkim/result")))
    same(sorted(rows), [
        "1 pass pass fail none.partner.example none partner.example pass",
        "1 reject fail fail none.partner.example none None None",
        "2 pass fail pass rep.partner.example pass None None"])
    has(w.host.log.read_text(), "event=dmarc.withheld domain=rep.partner."
        "example to=mailto:x@victim.example why=\"it does not ask for them\"")


def report_mail(domain, xml, packed=True):
    m = MIMEMultipart("mixed")
    m["From"], m["To"] = "reports@partner.example", BO
    m["Subject"] = f"Report domain: {domain} Submitter: partner.example"
    m["Date"] = "Tue, 24 Nov 2026 10:00:00 +0000"
    m["Message-ID"] = f"<{time.time_ns()}@partner.example>"
    m.attach(MIMEText("A report.", "plain"))
    part = MIMEApplication(gzip.compress(xml) if packed else xml, "gzip")
    part.add_header("Content-Disposition", "attachment",
                    filename=f"partner.example!{domain}!1!2.xml.gz")
    m.attach(part)
    return m.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def reports_of_others_are_read(w):
    """By mail to any address here, about domains here alone."""
    begin = int(time.time() + w.host.clock_ahead() / 10**6) - 86400

    def xml(domain, number, more=""):
        return f"""<?xml version="1.0"?>{more}<feedback><report_metadata>
<org_name>Partner</org_name><email>r@partner.example</email>
<report_id>{number}</report_id><date_range><begin>{begin}</begin>
<end>{begin + 86399}</end></date_range></report_metadata>
<policy_published><domain>{domain}</domain><p>none</p></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>40</count>
<policy_evaluated><disposition>none</disposition><dkim>pass</dkim>
<spf>fail</spf></policy_evaluated></row><identifiers>
<header_from>{domain}</header_from></identifiers></record>
<record><row><source_ip>192.0.2.2</source_ip><count>2</count>
<policy_evaluated><disposition>reject</disposition><dkim>fail</dkim>
<spf>fail</spf></policy_evaluated></row><identifiers>
<header_from>{domain}</header_from></identifiers><auth_results><dkim>
<domain>shop.example</domain><selector>s</selector><result>pass</result>
</dkim></auth_results></record></feedback>""".encode()

    has(w.host.errors("domain", "dmarc", "customer.example"),
        "nobody has reported yet")
    p = Peer(w)
    for message_of in (
            report_mail("customer.example", xml("customer.example", 1)),
            report_mail("customer.example", xml("customer.example", 1)),
            report_mail("other.example", xml("other.example", 2)),
            report_mail("customer.example", b"\x1f\x8b rubbish", False),
            report_mail("customer.example", gzip.compress(bytes(30 << 20)),
                        False),
            report_mail("customer.example", xml(
                "customer.example", 3,
                '<!DOCTYPE x [<!ENTITY a "b">]>'))):
        has(p.send(message_of), OK)
    p.close()
    until = time.monotonic() + 15
    while w.host.log.read_text().count("event=dmarc.unread") < 5:
        if time.monotonic() > until:
            raise Wrong("not all were looked at")
        time.sleep(0.1)
    rows = json.loads(w.host.cli("domain", "dmarc", "customer.example",
                                 "--json"))
    same([(r["source"], r["messages"], r["result"], r["by"], r["reporters"])
          for r in rows],
         [("192.0.2.1", 40, "passed", "DKIM", "Partner"),
          ("192.0.2.2", 2, "failed, refused", "signed by shop.example",
           "Partner")])
    has(w.host.errors("domain", "dmarc", "customer.example"),
        "2 of 42 messages failed")
    log = w.host.log.read_text()
    has(log, "about a domain of others", "by=partner.example",
        "event=dmarc.read domain=customer.example reporter=Partner rows=2")


# ---- signing ----

def submit(w, msg, user=BO, to="anna@partner.example"):
    import smtplib
    with smtplib.SMTP_SSL("127.0.0.1", w.host.port("submissions"),
                          context=any_certificate()) as s:
        s.login(user, "secret")
        s.sendmail(user, [to], msg)


def published(w, domain="customer.example"):
    """The records that `posthus domain dns` asks for, by name."""
    rows = json.loads(w.host.cli("domain", "dns", domain, "--json"))
    return {(r["name"], r["type"]): r for r in rows}, rows


def outgoing():
    return (b"From: Bo <bo@customer.example>\r\nTo: bo@customer.example\r\n"
            b"Bcc: hidden@partner.example\r\nSubject: =?utf-8?q?h=C3=A9?=\r\n"
            b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
            b"A line.  \r\n\r\n.dot\r\n\r\n\r\n")


def keys_wait_for_their_records(w):
    """What nobody could verify is not signed, and the host says so."""
    w.dns.change("customer.example", "")
    submit(w, outgoing(), to=BO)
    same(b"DKIM-Signature:" in w.newest(), False)
    rows = published(w)[1]
    same({r["state"] for r in rows if r["for"] == "DKIM"}, {"waits"})
    has(w.host.errors("domain", "dns", "customer.example"),
        "customer.example is not signed")
    same(json.loads(w.host.cli("status", "--json"))["unsigned"], 1)
    has(w.host.errors("status"), "customer.example is not signed")
    publish(w)
    signing(w)
    same(json.loads(w.host.cli("status", "--json"))["unsigned"], 0)
    w.host.clock_add(61 * 10**6)
    submit(w, outgoing(), to=BO)
    same(b"DKIM-Signature:" in w.newest(), True)


def signatures_hold_for_others(w):
    records, rows = published(w)

    def txt(name, timeout=5):
        r = records.get((name.decode().rstrip("."), "TXT"))
        return r["value"].encode() if r else None

    submit(w, outgoing(), to=BO)
    stored = w.newest()
    own = stored[stored.index(b"DKIM-Signature:"):]
    d = dkim.DKIM(own)
    algorithms = []
    for i in range(2):
        same(d.verify(idx=i, dnsfunc=txt), True)
        algorithms.append(d.signature_fields[b"a"])
    same(sorted(algorithms), [b"ed25519-sha256", b"rsa-sha256"])
    same(b"Bcc:" in own, False)
    # None of what readers see can be put on top or changed.
    for name in (b"From: x@evil.example", b"Subject: x", b"To: x", b"Date: x",
                 b"Cc: x", b"Reply-To: x", b"Content-Type: text/html"):
        forged = own[:own.index(b"From: Bo")] + name + b"\r\n" \
            + own[own.index(b"From: Bo"):]
        for i in range(2):
            same(dkim.DKIM(forged).verify(idx=i, dnsfunc=txt), False)


def opendkim_finds_them_good(w):
    publish(w)
    signing(w, ahead=0)
    submit(w, outgoing(), to=BO)
    stored = w.newest()
    own = stored[stored.index(b"DKIM-Signature:"):]
    folder = w.host.folder
    (folder / "records").write_text("".join(
        f"{r['name']} {r['value']}\n" for r in published(w)[1]
        if r["for"] == "DKIM"))
    (folder / "opendkim.conf").write_text(
        f"Mode v\nTestDNSData file:{folder}/records\n"
        "ClockDrift 1000000000\n")
    for name, data, want in (
            ("good", own, 2), ("body", own.replace(b"A line", b"A lime"), 0),
            ("head", own.replace(b"To: bo", b"To: eve"), 0)):
        (folder / name).write_bytes(data)
        out = subprocess.run(
            [tool("opendkim"), "-x", str(folder / "opendkim.conf"), "-vv",
             "-t", str(folder / name)], capture_output=True, text=True)
        said = out.stdout + out.stderr
        if said.count("dkim=pass") != want:
            raise Wrong(f"{name}: {said[-1500:]}")


def opendkim_signs_what_we_find_good(w):
    folder = w.host.folder
    (folder / "r1.pem").write_bytes(RSA_KEY)
    (folder / "r1.pem").chmod(0o600)
    p = Peer(w)
    for canon in ("relaxed/simple", "simple/relaxed"):
        plain = message(body=b"a  line \r\n\r\n")
        (folder / "plain").write_bytes(plain)
        (folder / "sign.conf").write_text(
            f"Mode s\nDomain partner.example\nSelector r1\n"
            f"KeyFile {folder}/r1.pem\nCanonicalization {canon}\n"
            "RequireSafeKeys no\n")
        out = subprocess.run(
            [tool("opendkim"), "-x", str(folder / "sign.conf"), "-vv", "-t",
             str(folder / "plain")], capture_output=True, text=True)
        field = re.search(r"hname='DKIM-Signature' hvalue='([^']*)'",
                          out.stdout + out.stderr)
        if not field:
            raise Wrong((out.stdout + out.stderr)[-800:])
        msg = ("DKIM-Signature: " + field.group(1).replace("\n", "\r\n")
               + "\r\n").encode() + plain
        has(p.send(msg, "a@none.partner.example"), OK)
        has(results(w.newest()),
            "dkim=pass header.d=partner.example header.s=r1")
        same(p.send(msg.replace(b"lunch", b"money"),
                    "a@none.partner.example"), REJECTED)
    p.close()


def signatures_hold_for_ourselves(w):
    """What one customer sends, sent on by another server."""
    publish(w)
    submit(w, outgoing(), to=BO)
    stored = w.newest()
    own = stored[stored.index(b"DKIM-Signature:"):]
    p = Peer(w)
    has(p.send(own, "a@none.partner.example"), OK)
    r = results(w.newest())
    has(r, "header.a=rsa-sha256", "header.a=ed25519-sha256",
        "dmarc=pass (p=quarantine) header.from=customer.example")
    same(r.count("dkim=pass"), 2)
    p.close()


def publish(w, domain="customer.example", zone=None):
    rows = published(w, domain)[1]
    text = "".join(f"{r['name']}. {r['type']} {r['data']}\n" for r in rows)
    w.dns.change(zone or domain, text)
    time.sleep(1.1)  # what was asked before is forgotten (TTL 1)


def key_states(w, domain="customer.example"):
    return sorted(r["state"] for r in published(w, domain)[1]
                  if r["for"] == "DKIM")


def signing(w, domain="customer.example", want=("signs", "signs"), ahead=80):
    """Let the time of a look pass, and the look be taken."""
    w.host.clock_add(ahead * 10**6)
    begun = again = time.monotonic()
    while key_states(w, domain) != sorted(want):
        if time.monotonic() > begun + 25:
            raise Wrong(f"the keys are {key_states(w, domain)}")
        if time.monotonic() > again + 6:  # the name server had been away
            again = time.monotonic()
            w.host.clock_add(80 * 10**6)
        time.sleep(0.1)


def records_are_compared(w):
    w.dns.change("customer.example", "@ TXT \"v=spf1 -all\"\n")
    time.sleep(1.1)
    rows = json.loads(w.host.cli("domain", "dns", "customer.example",
                                 "--check", "--json", code=1))
    state = {(r["for"], r["type"]): r["in_dns"] for r in rows}
    same(state["MX", "MX"], "missing")
    same(state["SPF", "TXT"], "differs")
    publish(w)
    rows = json.loads(w.host.cli("domain", "dns", "customer.example",
                                 "--check", "--json"))
    same({r["in_dns"] for r in rows}, {"ok"})


def rotation_waits_for_the_record(w):
    publish(w)
    w.host.cli("domain", "rotate", "customer.example")
    w.host.cli("domain", "rotate", "customer.example", code=None)
    rows = published(w)[1]
    same(key_states(w), ["signs", "signs", "waits", "waits"])
    new = {r["selector"] for r in rows if r["state"] == "waits"}
    # Not published: the old ones sign.
    w.host.clock_add(120 * 10**6)
    submit(w, outgoing(), to=BO)
    used = set(re.findall(r"s=(\w+);", w.newest().decode()))
    same(used & new, set())
    same(len(used), 2)
    # By itself, with nobody asking.
    publish(w)
    signing(w, want=("retired", "retired", "signs", "signs"))
    w.host.clock_add(61 * 10**6)
    submit(w, outgoing(), to=BO)
    same(set(re.findall(r"s=(\w+);", w.newest().decode())), new)
    # Kept for what is on its way, then gone with their files.
    w.host.clock_add(13 * 86400 * 10**6)
    same(key_states(w), ["retired", "retired", "signs", "signs"])
    signing(w, ahead=2 * 86400)
    same(len(list(w.host.data.glob("**/keys/dkim/*.customer.example.key"))), 2)


def check_asks_at_once(w):
    """`domain dns --check` need not wait for the next look."""
    w.host.cli("domain", "add", "second.example")
    same(key_states(w, "second.example"), ["waits", "waits"])
    publish(w, "second.example")
    w.host.cli("domain", "dns", "second.example", "--check", "--json")
    same(key_states(w, "second.example"), ["signs", "signs"])


def a_lost_record_ends_signing(w):
    """Twice in a row, an hour apart: once may be a slip of somebody."""
    publish(w, "second.example")
    signing(w, "second.example", ahead=0)
    w.dns.change("second.example", "")
    time.sleep(1.1)
    w.host.clock_add(8 * 3600 * 10**6)
    time.sleep(1.5)
    same(key_states(w, "second.example"), ["signs", "signs"])
    signing(w, "second.example", ("waits", "waits"), ahead=75 * 60)


def host_mail_is_signed(w):
    """What the host itself writes, by the domain of its author."""
    publish(w)
    signing(w, ahead=0)
    publish(w, "mx.provider.example", "provider.example")
    signing(w, "mx.provider.example")
    with Sink("127.0.1.1", w.relay_port) as sink:
        # A question to the target of a forward, made by the command line.
        w.host.cli("forward", "set", BO, "cy@out.partner.example", "--keep")
        same(sink.wait(1), True)
        asked = sink.messages[0]
        # An answer while somebody is away.
        note = w.host.folder / "away"
        note.write_text("I am away.\n")
        w.host.cli("vacation", "set", BO, str(note))
        p = Peer(w)
        has(p.send(message("anna@out.partner.example"),
                   "anna@out.partner.example"), OK)
        p.close()
        same(sink.wait(2), True)
        answer = sink.messages[1]
    w.host.cli("vacation", "off", BO)
    w.host.cli("forward", "rm", BO)
    same(verified(w, asked.data), [b"mx.provider.example"] * 2)
    same(verified(w, answer.data), [b"customer.example"] * 2)


def verified(w, message):
    """The domains whose signatures hold, as others see them."""
    records = {}
    for domain in ("customer.example", "mx.provider.example"):
        records.update(published(w, domain)[0])

    def txt(name, timeout=5):
        r = records.get((name.decode().rstrip("."), "TXT"))
        return r["value"].encode() if r else None

    d = dkim.DKIM(message)
    found = []
    for i in range(message.count(b"DKIM-Signature:")):
        if d.verify(idx=i, dnsfunc=txt):
            found.append(d.signature_fields[b"d"])
    return found

TESTS = [r17_helo_that_exists, r17_helo_invalid, r18_spf_fail, r18_spf_goes_on,
         r18_spf_of_the_null_sender_is_helo, passes_by_spf, passes_by_dkim,
         dmarc_reject, dmarc_quarantine, dmarc_none,
         forged_results_are_removed, two_authors_and_two_fields,
         hostile_records_are_bounded, large_key_records,
         reports_go_where_the_envelope_is_vouched_for,
         the_filter_knows_the_client, a_trusted_sealer_vouches, other_sealers_do_not,
         chains_of_another_implementation,
         keys_wait_for_their_records, signatures_hold_for_others,
         opendkim_finds_them_good, opendkim_signs_what_we_find_good,
         signatures_hold_for_ourselves,
         host_mail_is_signed, records_are_compared, rotation_waits_for_the_record,
         check_asks_at_once, a_lost_record_ends_signing,
         owners_are_told_once_a_day, reports_of_others_are_read,
         silence_holds_up_nobody, dns_trouble_is_temporary]


def run(world, tests):
    failed = 0
    for t in tests:
        began = time.monotonic()
        try:
            t(world)
            print(f"ok verify/{t.__name__} ({time.monotonic() - began:.1f} s)",
                  flush=True)
        except Exception as e:  # whatever it is, the next one runs
            failed += 1
            print(f"FAIL verify/{t.__name__}: {e}", flush=True)
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
            print(f"verify/{t.__name__}")
        return 0
    if not os.access(args.posthus, os.X_OK) or not program():
        print("FAIL verify (no program, or no nsd)")
        return 1
    relay_port = free_port()
    with Nsd({"partner.example": PARTNER + KEY_ROWS,
              "other.example": KEY_ROWS, "customer.example": "",
              "list.example": KEY_ROWS + KEY_ROWS.replace(
                  "_domainkey TXT", "_domainkey.sub TXT"),
              "hostile.example": HOSTILE,
              "wants.example": "@ MX 10 sink.partner.example.\n"
              "rep.partner.example._report._dmarc TXT \"v=DMARC1\"\n",
              "second.example": "", "provider.example": ""}) as dns, \
            Host(args.posthus, {**SETTINGS, **dns.settings,
                                "relay.port": str(relay_port)},
                 keep=args.keep) as host:
        host.domain("customer.example")
        host.account(BO, "secret")
        host.start()
        failed = run(World(host, dns, relay_port), chosen)
        if failed:
            print(host.log_tail())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
