"""Spam and viruses: what is learned, and what other programs say."""
import base64
import getpass
import hashlib
import imaplib
import json
import shutil
import smtplib
import socket
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from world import letter, refused, t

from lib.host import Host, any_certificate
from lib.runner import Wrong, need, until

SPAM = ("Cheap watches and pills for everybody, order them today at the lowest "
        "price of the year, our warehouse must be emptied, gold and silver, {n}")
HAM = ("The minutes of our meeting about the harbour are attached, please read "
       "them before thursday evening and tell Karen what is missing, {n}")


def mailboxes(host):
    c = imaplib.IMAP4_SSL("127.0.0.1", host.port("imaps"), timeout=20,
                          ssl_context=any_certificate())
    c.login("bo@customer.example", "secret")
    return c


def send_from(host, sender, subject, text):
    with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20) as s:
        s.sendmail(sender, ["bo@customer.example"], letter(sender, subject, text))


def where_is(host, subject):
    """(folder, UID, the field of the filter) of the one with this subject."""
    with mailboxes(host) as c:
        for folder in ("INBOX", "Spam"):
            c.select(folder)
            found = c.uid("search", None, "SUBJECT", f'"{subject}"')[1][0].split()
            if found:
                field = c.uid("fetch", found[0], "BODY.PEEK[HEADER.FIELDS (X-Posthus-Spam)]")
                return folder, found[0], field[1][0][1].decode()
    raise Wrong(f"{subject} is nowhere")


def learned(host):
    return json.loads(host.cli("spam", "status", "bo@customer.example", "--json"))


def move(host, subject, to):
    """Move it, and wait until the filter knows."""
    before = learned(host)
    folder, uid, _ = where_is(host, subject)
    with mailboxes(host) as c:
        c.select(folder)
        need(c.uid("move", uid, to)[0] == "OK", f"cannot move {subject}")

    def differs():
        now = learned(host)
        return (now["spam"], now["ham"]) != (before["spam"], before["ham"]) \
            and now
    return before, until(differs,
                         f"nothing was learned from moving {subject}")


@t.test
def the_filter_learns(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off"}
    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("bo@customer.example", "secret")
        host.start()
        with tempfile.TemporaryDirectory() as d:
            for kind, text in (("spam", SPAM), ("ham", HAM)):
                (Path(d) / kind).mkdir()
                for n in range(25):
                    (Path(d) / kind / f"{n}.eml").write_bytes(letter(
                        f"x{n}@x{n}.example", f"{kind} number {n}", text.format(n=n)))
                row = json.loads(host.cli("spam", "learn", "bo@customer.example", kind,
                                          str(Path(d) / kind), "--json"))
                need(row["read"] == 25 and row["new"] == 25, row)
            again = json.loads(host.cli("spam", "learn", "bo@customer.example", "ham",
                                        str(Path(d) / "ham"), "--json"))
            need(again["new"] == 0, again)
            rows = json.loads(host.cli("spam", "test", "bo@customer.example",
                                       str(Path(d) / "spam" / "1.eml"), "--json"))
            need(any(r["rule"] == "WORDS_SPAM" for r in rows), rows)
            rows = json.loads(host.cli("spam", "explain", str(Path(d) / "spam" / "1.eml"),
                                       "--json"))
            need(not any(r["rule"].startswith("WORDS") for r in rows), rows)
        row = learned(host)
        need(row["spam"] == 25 and row["ham"] == 25 and row["speaks"], row)

        send_from(host, "shop@far.example", "offer one", SPAM.format(n="one"))
        folder, _, field = where_is(host, "offer one")
        need(folder == "Spam" and "WORDS_SPAM" in field, (folder, field))
        send_from(host, "karen@far.example", "minutes one", HAM.format(n="one"))
        folder, _, field = where_is(host, "minutes one")
        need(folder == "INBOX" and "WORDS_GOOD" in field, (folder, field))

        # taken out of Spam, the next of that sender comes into INBOX
        before, after = move(host, "offer one", "INBOX")
        need(after["ham"] == before["ham"] + 1, (before, after))
        send_from(host, "shop@far.example", "offer two", SPAM.format(n="two"))
        folder, _, field = where_is(host, "offer two")
        need(folder == "INBOX" and "SENDER_GOOD" in field, (folder, field))
        # another sender's does not
        send_from(host, "other@far.example", "offer three", SPAM.format(n="three"))
        need(where_is(host, "offer three")[0] == "Spam", "offer three")

        # moved back: what was learned of it is taken back
        before, after = move(host, "offer one", "Spam")
        need(after["spam"] == before["spam"] + 1 and
             after["ham"] == before["ham"] - 1, (before, after))
        send_from(host, "shop@far.example", "offer four", SPAM.format(n="four"))
        folder, _, field = where_is(host, "offer four")
        need(folder == "Spam" and "SENDER_BAD" in field, (folder, field))

        # a threshold of one's own
        host.cli("limits", "set", "bo@customer.example", "spam_points", "100")
        send_from(host, "shop@far.example", "offer five", SPAM.format(n="five"))
        folder, _, field = where_is(host, "offer five")
        need(folder == "INBOX" and "of 100;" in field, (folder, field))
        host.cli("account", "rm", "bo@customer.example", "--erase", "--yes")
        need(not list(Path(host.folder).rglob("a*.words")), "words of an erased account")


class Service:
    """A program of others, started for a test in a folder of its own."""

    def __init__(self, program):
        self.path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
        self.folder = Path(tempfile.mkdtemp(prefix=f"posthus-{program}-"))
        self.process = None

    def start(self, arguments, ready):
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([self.path, *arguments], stdout=log,
                                            stderr=log, cwd=self.folder)
        log = self.folder / "log"
        until(lambda: self.process.poll() is not None or ready(),
              lambda: log.read_text(errors="replace")[-500:], 150)
        need(self.process.poll() is None,
             log.read_text(errors="replace")[-500:])

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


# What every scanner takes for a virus; in two pieces, so that none does here.
EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" +
         "ANTIVIRUS-TEST-FILE!$H+H*").encode()


def with_file(sender, content):
    return (f"From: {sender}\r\nTo: bo@customer.example\r\nSubject: a file\r\n"
            "MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=x.bin\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n").encode() + \
        base64.b64encode(content) + b"\r\n"


def figure(host, name):
    with urllib.request.urlopen(
            f"http://127.0.0.1:{host.port('metrics')}/metrics", timeout=10) as r:
        for row in r.read().decode().splitlines():
            if row.startswith(name + " "):
                return int(row.split()[-1])
    raise Wrong(f"no figure {name}")


@t.test
def a_virus_is_refused(box):
    with Service("clamd") as clamd:
        if not clamd.path:
            print("    (no clamd here)")
            return
        base, sock = clamd.folder, clamd.folder / "clamd.sock"
        (base / "db").mkdir()
        (base / "db/test.hdb").write_text(
            f"{hashlib.md5(EICAR).hexdigest()}:{len(EICAR)}:Posthus.Test\n")
        (base / "clamd.conf").write_text(
            f"Foreground yes\nLocalSocket {sock}\nDatabaseDirectory {base}/db\n"
            f"User {getpass.getuser()}\n")
        clamd.start(["-c", str(base / "clamd.conf")], sock.exists)
        settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                    "score.clamd": str(sock)}
        with Host(box.posthus, settings) as host:
            host.domain("customer.example")
            host.account("bo@customer.example", "secret")
            host.start()
            with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=30) as s:
                s.sendmail("x@far.example", ["bo@customer.example"],
                           with_file("x@far.example", b"clean"))
                said = refused(s.sendmail, "x@far.example", ["bo@customer.example"],
                               with_file("x@far.example", EICAR))
                need("554" in said and "Posthus.Test" in said and "S-VIRUS" in said, said)
            with smtplib.SMTP("127.0.0.1", host.port("submission"), timeout=30) as s:
                s.starttls(context=any_certificate())
                s.login("bo@customer.example", "secret")
                said = refused(s.sendmail, "bo@customer.example", ["x@far.example"],
                               with_file("bo@customer.example", EICAR))
                need("S-VIRUS" in said, said)
            need(figure(host, "posthus_viruses_refused_total") == 2, "counted")
            # without a scanner mail goes on
            clamd.stop()
            with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=30) as s:
                for _ in range(3):
                    s.sendmail("x@far.example", ["bo@customer.example"],
                               with_file("x@far.example", EICAR))
            need(figure(host, 'posthus_score_failed_total{service="clamd"}') == 1,
                 "asked again at once")


@t.test
def lists_in_dns_are_asked(box):
    from lib.nsd import Nsd, program
    if not program():
        print("    (no nsd here)")
        return
    zones = {"clients.example": "1.0.0.127 A 127.0.0.2\n2.0.0.127 A 127.255.255.254\n",
             "links.example": "evil.example A 127.0.0.2\n"}
    with Nsd(zones) as dns:
        settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                    "score.dnsbl": "clients.example=4", "score.uribl": "links.example=3",
                    **dns.settings}
        with Host(box.posthus, settings) as host:
            host.domain("customer.example")
            host.account("bo@customer.example", "secret")
            host.start()
            for subject, here, text, parts in (
                    ("one", "127.0.0.1", "http://www.evil.example/", "DNS_LIST 4, DNS_LIST_LINK 3"),
                    ("two", "127.0.0.2", "http://good.example/", None)):
                with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20,
                                  source_address=(here, 0)) as s:
                    s.sendmail("x@far.example", ["bo@customer.example"],
                               letter("x@far.example", f"letter {subject}", text))
                folder, _, field = where_is(host, f"letter {subject}")
                field = " ".join(field.split())
                need(parts in field and folder == "Spam" if parts
                     else "DNS_LIST" not in field and folder == "INBOX", (folder, field))


RSPAMD = """
options {{ pidfile = "{dir}/pid"; filters = ""; tempdir = "{dir}"; hs_cache_dir = "{dir}";
  control_socket = "{dir}/control.sock mode=0600"; local_addrs = [];
  dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }} }}
logging {{ type = "console"; level = "warning"; }}
actions {{ reject = 15; add_header = 6; greylist = 4; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
lua = "{dir}/rules.lua";
"""
RULES = """
rspamd_config:register_symbol({ name = 'TEST_WORD', score = 15.0, callback = function(task)
  local s = task:get_subject()
  local f = task:get_from('smtp')
  return s ~= nil and s:find('badword') ~= nil and f ~= nil and
         f[1].addr == 'x@far.example' and task:get_helo() == 'client.far.example'
end })
rspamd_config:set_metric_symbol({ name = 'TEST_WORD', score = 15.0 })
"""


@t.test
def rspamd_has_its_say(box):
    with Service("rspamd") as rspamd:
        if not rspamd.path:
            print("    (no rspamd here)")
            return
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        base = rspamd.folder
        (base / "rspamd.conf").write_text(RSPAMD.format(dir=base, port=port))
        (base / "rules.lua").write_text(RULES)

        def ready():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        user = getpass.getuser()
        rspamd.start(["-f", "-i", "-u", user, "-g", user, "-T", "-c",
                      str(base / "rspamd.conf")], ready)
        settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                    "score.rspamd_url": f"http://127.0.0.1:{port}", "score.timeout": "30s"}
        with Host(box.posthus, settings) as host:
            host.domain("customer.example")
            host.account("bo@customer.example", "secret")
            host.start()
            with smtplib.SMTP("127.0.0.1", host.port("smtp"), "client.far.example",
                              timeout=60) as s:
                for subject in ("a badword", "a word"):
                    s.sendmail("x@far.example", ["bo@customer.example"],
                               letter("x@far.example", subject, "Hello"))
            folder, _, field = where_is(host, "a badword")
            need(folder == "Spam" and "RSPAMD 5" in field, (folder, field))
            folder, _, field = where_is(host, "a word")
            need(folder == "INBOX" and "RSPAMD" not in field, (folder, field))
