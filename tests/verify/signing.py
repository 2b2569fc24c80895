"""What the host signs: others find it good, and keys wait for their records."""
import json
import re
import shutil
import smtplib
import subprocess
import time

import dkim
from world import (BO, OK, REJECTED, RSA_KEY, Peer, forget, message, results,
                   t)

from lib.host import any_certificate
from lib.runner import Wrong, has, same, until
from lib.sink import Sink


def tool(name):
    return shutil.which(name) or f"/usr/sbin/{name}"


def submit(w, msg, user=BO, to="anna@partner.example"):
    with smtplib.SMTP_SSL("127.0.0.1", w.host.port("submissions"),
                          timeout=30, context=any_certificate()) as s:
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


def publish(w, domain="customer.example", zone=None):
    rows = published(w, domain)[1]
    text = "".join(f"{r['name']}. {r['type']} {r['data']}\n" for r in rows)
    w.dns.change(zone or domain, text)
    forget()


def key_states(w, domain="customer.example"):
    return sorted(r["state"] for r in published(w, domain)[1]
                  if r["for"] == "DKIM")


def signing(w, domain="customer.example", want=("signs", "signs"), ahead=80,
            again=80):
    """Let the seconds to the next look pass, and the look be taken."""
    w.host.clock_add(ahead * 10**6)
    began = time.monotonic()

    def as_wanted():
        nonlocal began
        if time.monotonic() > began + 6:  # the name server had been away
            began = time.monotonic()
            w.host.clock_add(again * 10**6)
        return key_states(w, domain) == sorted(want)
    until(as_wanted, lambda: f"the keys are {key_states(w, domain)}", 60)


def sign(w):
    """The two keys sign, whatever ran before."""
    if key_states(w) != ["signs", "signs"]:
        publish(w)
        signing(w)


@t.test
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


@t.test
def signatures_hold_for_others(w):
    sign(w)
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


@t.test
def opendkim_finds_them_good(w):
    sign(w)
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


@t.test
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


@t.test
def signatures_hold_for_ourselves(w):
    """What one customer sends, sent on by another server."""
    sign(w)
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


@t.test
def host_mail_is_signed(w):
    """What the host itself writes, by the domain of its author."""
    sign(w)
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


@t.test
def records_are_compared(w):
    w.dns.change("customer.example", "@ TXT \"v=spf1 -all\"\n")
    forget()
    rows = json.loads(w.host.cli("domain", "dns", "customer.example",
                                 "--check", "--json", code=1))
    state = {(r["for"], r["type"]): r["in_dns"] for r in rows}
    same(state["MX", "MX"], "missing")
    same(state["SPF", "TXT"], "differs")
    publish(w)
    rows = json.loads(w.host.cli("domain", "dns", "customer.example",
                                 "--check", "--json"))
    same({r["in_dns"] for r in rows}, {"ok"})


@t.test
def rotation_waits_for_the_record(w):
    sign(w)
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


@t.test
def check_asks_at_once(w):
    """`domain dns --check` need not wait for the next look."""
    w.host.cli("domain", "add", "second.example")
    same(key_states(w, "second.example"), ["waits", "waits"])
    publish(w, "second.example")
    w.host.cli("domain", "dns", "second.example", "--check", "--json")
    same(key_states(w, "second.example"), ["signs", "signs"])


@t.test
def a_lost_record_ends_signing(w):
    """Twice in a row, an hour apart: once may be a slip of somebody."""
    w.host.domain("second.example")
    publish(w, "second.example")
    signing(w, "second.example")
    w.dns.change("second.example", "")
    forget()
    w.host.clock_add(8 * 3600 * 10**6)
    time.sleep(1.5)  # for a look; one does not end it
    same(key_states(w, "second.example"), ["signs", "signs"])
    signing(w, "second.example", ("waits", "waits"), ahead=75 * 60,
            again=75 * 60)
