"""ARC: whom the host believes, and every way in which a chain holds or fails."""
import re

import dkim
from world import KEY_TEXT, OK, REJECTED, RSA_KEY, Peer, message, results, t

from lib.runner import Wrong, has, same

FOUND = "dmarc=pass (p=reject) header.from=partner.example"


def sealed(msg, sealer, found):
    """Passed on by a list that found this about it."""
    head = f"Authentication-Results: {sealer}; {found}\r\n".encode()
    return b"".join(dkim.arc_sign(head + msg, b"r1", sealer.encode(), RSA_KEY,
                                  sealer.encode())) + msg


@t.test
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


@t.test
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


@t.test
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
