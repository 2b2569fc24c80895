"""Strangers who mean ill: by their zones, keys, senders and names."""
import time

from world import (BO, KEY_ROWS, OK, Peer, forget, message, results, signed,
                   t)

from lib.nsd import quoted
from lib.runner import Wrong, has, same, until
from lib.sink import Sink

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


@t.test
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
        if time.monotonic() - begun > 20:
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


@t.test
def large_key_records(w):
    """20 KB are read, 40 KB are as no answer."""
    p = Peer(w)
    for n, want in ((120, "dkim=pass"), (220, "dkim=temperror")):
        w.dns.change("other.example", KEY_ROWS.replace(
            "v=DKIM1; k=ed25519;", "v=DKIM1; k=ed25519; n=" + '" "'.join(
                ["z" * 180] * n) + ";"))
        forget()
        has(p.send(signed(message("a@other.example"), b"other.example",
                          kind="ed"), "a@none.partner.example"), OK)
        seen = [r for r in w.host.log.read_text().splitlines()
                if "event=intake.verified" in r][-1]
        has(seen, want, "author=other.example")
    p.close()
    w.dns.change("other.example", KEY_ROWS)
    forget()


@t.test
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
                until(lambda: w.host.log.read_text().count(
                    f"event=bounce.{event} ") > before,
                    f"{sender}: no bounce.{event}")
    finally:
        p.close()
        w.host.cli("forward", "rm", BO)


@t.test
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
