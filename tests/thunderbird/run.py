#!/usr/bin/env python3
"""Thunderbird, the real one, sets itself up for hosted domains: a person types
name, address and password, and nothing else.

It runs in a network of its own, where host and name server have their real
ports, and in which nothing else answers.  The certificates are of an authority
that Thunderbird is told to trust by policy: it checks them as it always does.
`run.py WORD` runs the tests whose name holds it; `--list` names them.  Needs
root.
"""
import functools
import json
import os
import shutil
import signal
import smtplib
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))
from hub import Hub, Mail  # noqa: E402
from lib.host import ROOT, Host, any_certificate  # noqa: E402
from lib.mail import Imap, Smtp  # noqa: E402
from lib.nsd import Nsd, program  # noqa: E402
from lib.ports import Standard  # noqa: E402
from lib.runner import Tests, has, need, same, until  # noqa: E402
from lib.sink import Authority  # noqa: E402
from marionette import Said, Screen, Thunderbird  # noqa: E402

P = "provider.example"
# What Thunderbird calls SSL, STARTTLS and a password as it is.
STARTTLS, TLS, PLAIN = 2, 3, 3
NAMES = ("mx", "imap", "pop", "send", "mail", "autoconfig", "autodiscover")
# Domains by how much they have: all that is printed for them, a name without
# a certificate, only their own web name, only an MX.
FULL, HTTP, WELL_KNOWN, MX = (f"{n}.example" for n in (
    "customer", "plain", "own", "bare"))
ZONES = {
    P: "".join(f"{n} A 127.0.0.1\n" for n in NAMES),
    FULL: "",
    HTTP: f"@ MX 10 mx.{P}.\nautoconfig A 127.0.0.1\n",
    WELL_KNOWN: f"@ MX 10 mx.{P}.\n@ A 127.0.0.1\n",
    MX: f"@ MX 10 mx.{P}.\n",
}
SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "score.mode": "off", "limits.connections_exempt": "127.0.0.0/8",
}
PICTURES = ROOT / ".cache/check"
PASSWORD = "correct horse battery"
t = Tests("thunderbird")


# What the document says, as Thunderbird keeps it.
SERVERS = [["imap", f"imap.{P}", 993, TLS, PLAIN],
           ["imap", f"imap.{P}", 143, STARTTLS, PLAIN],
           ["pop3", f"pop.{P}", 995, TLS, PLAIN],
           ["pop3", f"pop.{P}", 110, STARTTLS, PLAIN],
           ["smtp", f"send.{P}", 465, TLS, PLAIN],
           ["smtp", f"send.{P}", 587, STARTTLS, PLAIN]]


class World:
    def __init__(self, host, program):
        self.host, self.program = host, program
        self.hub = Hub(program)
        self.done = set()

    def account(self, address, source, kind="imap"):
        """Set up by the dialogue, once."""
        if address in self.done:
            return Mail(self.program, address)
        self.hub.open()
        got = self.hub.ask("Anna Example", address)
        same(got, {"source": "xml-from-" + source, "servers": SERVERS})
        if kind != "imap":
            self.hub.choose(kind)
        self.hub.forward()
        self.hub.step("password")
        self.hub.password(PASSWORD)
        self.hub.finish()
        self.done.add(address)
        return Mail(self.program, address)

    def deliver(self, to, subject, body="Hello.\r\n"):
        s = Smtp(self.host.port("smtp"))
        s.data("bo@partner.example", [to], (
            f"From: Bo <bo@partner.example>\r\nTo: <{to}>\r\n"
            f"Subject: {subject}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{subject.replace(' ', '.')}@partner.example>\r\n\r\n"
            f"{body}").encode())
        s.close()

    def stored(self, user, folder, subject):
        """The messages of this subject, as the host has them."""
        i = Imap(self.host.port("imap"), user, PASSWORD)
        try:
            return [b for _, b in i.bodies(folder)
                    if b"\r\nSubject: " + subject.encode() + b"\r\n" in b]
        finally:
            i.close()

    def flags(self, user, folder):
        i = Imap(self.host.port("imap"), user, PASSWORD)
        try:
            i.command(f'EXAMINE "{folder}"')
            return b"".join(b"".join(x) for x in i.command("FETCH 1:* (FLAGS)"))
        finally:
            i.close()

    def arrives(self, user, folder, subject):
        return until(lambda: self.stored(user, folder, subject),
                     f"{subject!r} did not come into {folder} of {user}", 60)[0]


ANNA, FIRST, POP, WRONG, BO, CY, DORA = ALL = [f"{n}@{d}" for n, d in (
    ("anna", FULL), ("first", FULL), ("pop", FULL), ("wrong", FULL),
    ("bo", HTTP), ("cy", WELL_KNOWN), ("dora", MX))]


def test(function):
    """A test that leaves a picture of the window behind when it fails."""
    @functools.wraps(function)
    def run(w):
        try:
            function(w)
        except Exception:
            PICTURES.mkdir(parents=True, exist_ok=True)
            path = PICTURES / f"thunderbird-{function.__name__}.png"
            try:
                w.program.picture(path)
                print(f"    the window: {path}", flush=True)
            except (OSError, ValueError, Said) as e:
                print(f"    no picture: {e}", flush=True)
            raise
    return t.test(run)


@test
def sets_itself_up(w):
    m = w.account(ANNA, "isp-https")
    same(m.settings(), {
        "incoming": [*SERVERS[0], ANNA], "outgoing": [*SERVERS[4], ANNA],
        "name": "Anna Example"})


@test
def has_the_folders(w):
    m = w.account(ANNA, "isp-https")
    wanted = {"INBOX", "Drafts", "Sent", "Archive", "Spam", "Trash"}
    until(lambda: wanted <= set(m.folders()),
          lambda: f"{m.folders()}, not {wanted}", 60)


@test
def reads_what_came_before(w):
    w.deliver(FIRST, "It was there", "The first words.\r\n")
    m = w.account(FIRST, "isp-https")
    m.open("INBOX")
    m.sees("INBOX", "It was there")
    has(m.select("It was there"), "The first words.")
    until(lambda: b"\\Seen" in w.flags(FIRST, "INBOX"),
          "it is not marked as read", 60)


@test
def hears_of_new_mail_by_itself(w):
    m = w.account(ANNA, "isp-https")
    m.open("INBOX")
    # By itself it would look every ten minutes: all but the first, which may
    # come with the opening, are told by IDLE.
    for n in range(3):
        w.deliver(ANNA, f"Knock {n}", f"Who is there? {n}\r\n")
        m.sees("INBOX", f"Knock {n}")
    has(m.select("Knock 2"), "Who is there? 2")


@test
def sends_and_keeps_a_copy(w):
    m = w.account(ANNA, "isp-https")
    m.write(BO, "An invitation", "Come at eight.")
    got = w.arrives(BO, "INBOX", "An invitation")
    has(got.decode(), f"From: Anna Example <{ANNA}>", "Come at eight.",
        "with ESMTPSA")
    has(w.arrives(ANNA, "Sent", "An invitation").decode(), "Come at eight.")


@test
def deletes_and_purges(w):
    m = w.account(ANNA, "isp-https")
    w.deliver(ANNA, "Unwanted")
    m.open("INBOX")
    m.sees("INBOX", "Unwanted")
    m.select("Unwanted")
    m.command("cmd_delete")
    w.arrives(ANNA, "Trash", "Unwanted")
    m.sees_no_more("INBOX", "Unwanted")
    same(w.stored(ANNA, "INBOX", "Unwanted"), [])
    m.empty_trash()
    until(lambda: not w.stored(ANNA, "Trash", "Unwanted"),
          "it is still in Trash", 60)


@test
def finds_it_without_a_certificate(w):
    m = w.account(BO, "isp-http")
    same(m.settings()["incoming"], [*SERVERS[0], BO])


@test
def finds_it_at_the_domain_itself(w):
    m = w.account(CY, "isp-https")
    same(m.settings()["incoming"], [*SERVERS[0], CY])


@test
def finds_it_by_the_mx(w):
    m = w.account(DORA, "isp-https")
    same(m.settings()["outgoing"], [*SERVERS[4], DORA])


@test
def leaves_mail_on_the_server_by_pop3(w):
    w.deliver(POP, "Fetched")
    m = w.account(POP, "isp-https", kind="pop3")
    same(m.settings()["incoming"], [*SERVERS[2], POP])
    m.sees("Inbox", "Fetched")
    w.arrives(POP, "INBOX", "Fetched")


@test
def says_when_the_password_is_wrong(w):
    w.hub.open()
    w.hub.ask("Anna Example", WRONG)
    w.hub.forward()
    w.hub.step("password")
    w.hub.password("not the password")
    until(lambda: "Unable to log in" in w.hub.says(), lambda: w.hub.says(), 60)
    # It tried that by three ways; by R25 it was one.
    w.hub.password(PASSWORD)
    w.hub.finish()


# ---- a network of its own ----

def enter():
    """This program again, where it may have the real ports and names; all that
    it starts ends with it."""
    for name in ("thunderbird", "Xvfb", "unshare", "ip", "mount"):
        if not shutil.which(name):
            t.cannot(f"needs {name}: tools/install all")
    if not program():
        t.cannot("needs nsd: tools/install check")
    if os.getuid() != 0:
        t.cannot("needs root, for a network of its own")
    os.environ["POSTHUS_NETWORK"] = "1"
    os.execvp("unshare", [
        "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
        "--mount-proc", sys.executable, *sys.argv])


def system(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, timeout=30)


def furnish(folder, authority):
    """Names are asked for here, and Thunderbird trusts the authority."""
    system("ip", "link", "set", "lo", "up")
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\n"),
                       ("hosts", "127.0.0.1 localhost\n")):
        (folder / name).write_text(text)
        system("mount", "--bind", str(folder / name), f"/etc/{name}")
    etc = folder / "etc"
    shutil.copytree("/etc/thunderbird", etc)
    (etc / "policies").mkdir(exist_ok=True)
    (etc / "policies/policies.json").write_text(json.dumps({"policies": {
        "Certificates": {"Install": [str(authority.file)]},
        "DisableAppUpdate": True, "DisableTelemetry": True}}))
    system("mount", "--bind", str(etc), "/etc/thunderbird")


def furnish_host(host, authority):
    host.cli("cert", "add", "default", *authority.certificate(
        *(f"{n}.{P}" for n in NAMES), f"autoconfig.{FULL}",
        f"autodiscover.{FULL}", WELL_KNOWN))
    for address in ALL:
        host.domain(address.split("@")[1])
        host.account(address, PASSWORD)


def main():
    args = t.arguments()
    if "POSTHUS_NETWORK" not in os.environ:
        enter()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = Path(tempfile.mkdtemp(prefix="posthus-thunderbird-"))
    authority = Authority()
    try:
        furnish(folder, authority)
        with Nsd(ZONES, port=53) as dns, \
                Host(args.posthus, {**SETTINGS, **dns.settings},
                     ports=Standard()) as host:
            furnish_host(host, authority)
            dns.change(FULL, host.cli("domain", "dns", FULL, "--zone"))
            host.start()
            with Screen() as screen, Thunderbird(
                    screen, folder / "home",
                    os.environ.get("POSTHUS_IMAP_LOG")) as program:
                return 1 if t.run(args.names, World(host, program)) else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(authority.dir, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
