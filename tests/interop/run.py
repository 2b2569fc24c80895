#!/usr/bin/env python3
"""Programs of others as strangers: what they do must work.

    run.py [--posthus P] [--list] [NAME...]
"""
import argparse
import imaplib
import mailbox
import json
import os
import poplib
import pty
import re
import select
import shutil
import smtplib
import subprocess
import sys
import time
import traceback
from email.message import EmailMessage
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib import corpus  # noqa: E402
from lib.host import Host, HostError, any_certificate  # noqa: E402
from lib.mail import Imap, Refused, Smtp, without_trace  # noqa: E402

SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off", "score.mode": "off",
    "limits.connections_exempt": "127.0.0.0/8",
    "limits.domain.messages_5min": "100000",
    "limits.domain.messages_1h": "100000",
    "limits.domain.recipients_5min": "100000",
    "limits.domain.recipients_1h": "100000",
}
PASSWORD = "secret"
TESTS = []


class Wrong(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def need(condition, words):
    if not condition:
        raise Wrong(words)


class World:
    """The host, a folder for files, and a new account for each test."""

    def __init__(self, host):
        self.host = host
        self.serial = 0
        host.domain("customer.example")

    def account(self):
        self.serial += 1
        address = f"user{self.serial}@customer.example"
        self.host.account(address, PASSWORD)
        return address

    def folder(self, name):
        path = self.host.folder / f"{name}-{self.serial}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return path

    def port(self, service):
        return str(self.host.port(service))

    def imap(self, address):
        return Imap(self.host.port("imap"), address, PASSWORD)

    def count(self, address, folder="INBOX"):
        imap = self.imap(address)
        text = b"".join(imap.command(f'STATUS "{folder}" (MESSAGES)')[0])
        imap.close()
        return int(re.search(rb"MESSAGES (\d+)", text).group(1))

    def deliver(self, address, n, size=300):
        smtp = Smtp(self.host.port("smtp"))
        for i in range(n):
            smtp.data("bo@partner.example", [address],
                      b"Message-ID: <i%d.%d@partner.example>\r\n"
                      b"From: Bo <bo@partner.example>\r\n"
                      b"Subject: number %d\r\n\r\n%s\r\n"
                      % (i, time.time_ns(), i, b"text " * (size // 5)))
        smtp.close()


def run(*command, code=0, timeout=120, stdin=None, env=None):
    done = subprocess.run([str(c) for c in command], capture_output=True,
                          timeout=timeout, input=stdin,
                          env=dict(os.environ, **(env or {})))
    out = done.stdout.decode(errors="replace")
    if code is not None and done.returncode != code:
        raise Wrong(f"{command[0]} ended with {done.returncode}:\n"
                    + (out + done.stderr.decode(errors="replace"))[-1500:])
    return out + done.stderr.decode(errors="replace")


# ---- swaks, curl ------------------------------------------------------------

@test
def swaks_mx(w):
    a = w.account()
    run("swaks", "--server", "127.0.0.1", "--port", w.port("smtp"),
        "--from", "bo@partner.example", "--to", a, "--ehlo", "c.partner.example")
    need(w.count(a) == 1, "the message is not there")
    out = run("swaks", "--server", "127.0.0.1", "--port", w.port("smtp"),
              "--from", "bo@partner.example", "--to",
              "nobody-at-all@customer.example", code=None)
    need("User unknown" in out, out[-400:])


@test
def swaks_submission(w):
    a = w.account()
    common = ["swaks", "--server", "127.0.0.1", "--from", a, "--to", a,
              "--header", f"From: {a}", "--auth-user", a,
              "--auth-password", PASSWORD]
    run(*common, "--port", w.port("submissions"), "--tls-on-connect",
        "--auth", "LOGIN")
    run(*common, "--port", w.port("submission"), "--tls", "--auth", "PLAIN")
    run(*common, "--port", w.port("alternate"), "--auth", "PLAIN")
    run(*common, "--port", w.port("smtp"), "--tls", "--auth", "LOGIN")
    need(w.count(a) == 4, f"{w.count(a)} of 4 messages are there")
    out = run("swaks", "--server", "127.0.0.1", "--from", a, "--to", a,
              "--port", w.port("submission"), "--auth-user", a,
              "--auth-password", "wrong", "--auth", "PLAIN", code=None)
    need("535" in out, out[-400:])


@test
def curl_imap_pop3_smtp(w):
    a = w.account()
    w.deliver(a, 2)
    user = ["--user", f"{a}:{PASSWORD}", "-sS", "--insecure"]
    for scheme, port in (("imap", "imap"), ("imaps", "imaps")):
        url = f"{scheme}://127.0.0.1:{w.port(port)}"
        need("INBOX" in run("curl", *user, url + "/"), "no INBOX in the list")
        need("number 0" in run("curl", *user, url + "/INBOX;UID=1"),
             "not the message")
    need("number 1" in run("curl", *user, "--ssl-reqd",
                           f"imap://127.0.0.1:{w.port('imap')}/INBOX;UID=2"),
         "not the message by STARTTLS")
    for scheme, port in (("pop3", "pop3"), ("pop3s", "pop3s")):
        url = f"{scheme}://127.0.0.1:{w.port(port)}"
        need(len(run("curl", *user, url + "/").split("\n")) >= 2, "no list")
        need("number 1" in run("curl", *user, url + "/2"), "not the message")
    need("number 0" in run("curl", *user, "--ssl-reqd",
                           f"pop3://127.0.0.1:{w.port('pop3')}/1"),
         "not the message by STLS")
    letter = w.folder("curl") / "letter"
    letter.write_text(f"From: {a}\r\nTo: {a}\r\nSubject: by curl\r\n\r\nx\r\n")
    for scheme, port, more in (("smtps", "submissions", []),
                               ("smtp", "submission", ["--ssl-reqd"]),
                               ("smtp", "alternate", [])):
        run("curl", *user, *more, f"{scheme}://127.0.0.1:{w.port(port)}",
            "--mail-from", a, "--mail-rcpt", a, "--upload-file", letter)
    need(w.count(a) == 5, f"{w.count(a)} of 5 messages are there")
    run("curl", *user, f"imap://127.0.0.1:{w.port('imap')}/Sent",
        "--upload-file", letter)
    need(w.count(a, "Sent") == 1, "not appended")


# ---- client set-up -----------------------------------------------------------

def fetch(w, host, path, *more, service="https"):
    """The answer of curl: status, content type, body."""
    scheme = "https" if service == "https" else "http"
    out = run("curl", "-sS", "--insecure", *more, "-H", f"Host: {host}",
              "-w", "\n%{http_code} %{content_type}",
              f"{scheme}://127.0.0.1:{w.port(service)}{path}")
    body, _, last = out.rpartition("\n")
    status, _, kind = last.partition(" ")
    return int(status), kind, body


ASK = """<?xml version="1.0"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
 <Request><EMailAddress>%s</EMailAddress><AcceptableResponseSchema>
 http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a
 </AcceptableResponseSchema></Request></Autodiscover>"""


@test
def r14_autoconfig(w):
    path = "/mail/config-v1.1.xml"
    well_known = "/.well-known/autoconfig" + path
    asked = [("autoconfig.customer.example", path, "https"),
             ("autoconfig.customer.example", path, "http"),
             ("customer.example", well_known, "https"),
             ("autoconfig.provider.example",
              path + "?EmailAddress=zzz%40customer.example", "https"),
             ("autoconfig.provider.example",
              path + "?emailaddress=anna%40CUSTOMER.example", "https")]
    answers = set()
    for host, where, service in asked:
        status, kind, body = fetch(w, host, where, service=service)
        need(status == 200 and kind.startswith("text/xml"), f"{host}: {status}")
        answers.add(body)
    need(len(answers) == 1, "not the same for everybody")
    root = ElementTree.fromstring(answers.pop())
    first = root.find("emailProvider/incomingServer[@type='imap']")
    need(first.findtext("hostname") == "imap.provider.example"
         and first.findtext("port") == w.port("imaps")
         and first.findtext("socketType") == "SSL", "not IMAP over TLS first")
    first = root.find("emailProvider/outgoingServer")
    need(first.findtext("port") == w.port("submissions"), "not submissions")
    for host, where in (("autoconfig.elsewhere.example", path),
                        ("elsewhere.example", well_known)):
        need(fetch(w, host, where)[0] == 404, f"{host} is not ours")


@test
def r14_autodiscover(w):
    def post(text, path="/autodiscover/autodiscover.xml"):
        status, kind, body = fetch(w, "autodiscover.customer.example", path,
                                   "-H", "Content-Type: text/xml",
                                   "--data-binary", text)
        need(status == 200 and kind.startswith("text/xml"), f"{status} {body}")
        return body

    for path in ("/autodiscover/autodiscover.xml",
                 "/Autodiscover/Autodiscover.xml"):
        body = post(ASK % "anna@customer.example", path)
        for words in ("<Type>IMAP</Type>", "<Server>imap.provider.example<",
                      f"<Port>{w.port('imaps')}</Port>", "<SPA>off</SPA>",
                      "<LoginName>anna@customer.example</LoginName>"):
            need(words in body, f"{words} is not in {body}")
    need("<ErrorCode>500<" in post(ASK % "anna@elsewhere.example"), "500")
    need("<ErrorCode>600<" in post("<a>"), "not 600 for a damaged request")
    bomb = ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
            + ASK.split("?>")[1] % "&x;@customer.example")
    need("<ErrorCode>600<" in post(bomb), "an entity was read")
    status, _, body = fetch(w, "autodiscover.customer.example",
                            "/autodiscover/autodiscover.json"
                            "?email=a%40customer.example"
                            "&protocol=autodiscoverv1")
    need(status == 200 and json.loads(body)["Url"].startswith(
        "https://autodiscover.provider.example"), body)
    status, _, body = fetch(w, "autodiscover.customer.example",
                            "/autodiscover/autodiscover.json/v1.0/"
                            "a@customer.example?Protocol=Ews")
    need(status == 400
         and json.loads(body)["ErrorCode"] == "InvalidProtocol", body)
    status, _, body = fetch(w, "autodiscover.customer.example",
                            "/autodiscover/autodiscover.xml", service="http")
    need(status == 302, f"{status}: a GET is shown the way")


@test
def r14_pacc(w):
    status, kind, body = fetch(w, "ua-auto-config.customer.example",
                               "/.well-known/user-agent-configuration.json")
    need(status == 200 and kind == "application/json", f"{status} {kind}")
    need(json.loads(body)["protocols"]["imap"]["host"]
         == "imap.provider.example", body)


@test
def r38_help(w):
    """What a refusal's last line names is there, for every one of them."""
    table = (HERE.parent.parent / "src/policy/replies.def").read_text()
    references = re.findall(r'^REPLY\(\w+, "([A-Z0-9-]+)"', table, re.M)
    need(len(references) > 25, "the table was not read")
    for ref in references:
        status, kind, body = fetch(w, "mail.provider.example", f"/help/{ref}")
        need(status == 200 and f"<h1>{ref}</h1>" in body, f"{ref}: {status}")
        need("What to do" in body, ref)
    for path, words in (("/help/", "Explain"),
                        ("/help/setup", w.port("imaps")),
                        ("/help/setup", "imap.provider.example"),
                        ("/help/limits", "4000 characters"),
                        ("/help/alias", "no password"),
                        ("/help/find?q=450+4.7.1+%5BR-GREY%5D", "new to this"),
                        ("/help/find?q=0x800cccod", "imap.provider.example"),
                        ("/help/find?q=0x800CCC1", "0x800CCC19"),
                        ("/help/find?q=-ERR+Login+failed", "What to do")):
        status, kind, body = fetch(w, "mail.provider.example", path)
        need(status == 200 and words in body, f"{path}: {words}")
    body = fetch(w, "mail.provider.example",
                 "/help/find?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")[2]
    need("<script" not in body, "a script went through")
    need(fetch(w, "mail.provider.example", "/help/nothing")[0] == 404, "404")


# ---- Python's libraries -----------------------------------------------------

@test
def python_smtplib(w):
    a = w.account()
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = a, a, "S\u00f8ndag"
    m.set_content("gr\u00fc\u00dfe\n.dot\n")
    m.add_attachment(bytes(range(256)) * 300, maintype="application",
                     subtype="octet-stream", filename="b.bin")
    with smtplib.SMTP_SSL("127.0.0.1", int(w.port("submissions")),
                          context=any_certificate()) as s:
        s.login(a, PASSWORD)
        s.send_message(m)
    with smtplib.SMTP("127.0.0.1", int(w.port("submission"))) as s:
        s.starttls(context=any_certificate())
        s.login(a, PASSWORD)
        s.send_message(m)
        need(s.has_extn("size") and s.has_extn("8bitmime"), "extensions")
    need(w.count(a) == 2, "not delivered")


@test
def python_imaplib(w):
    a = w.account()
    w.deliver(a, 5)
    m = imaplib.IMAP4_SSL("127.0.0.1", int(w.port("imaps")),
                          ssl_context=any_certificate())
    m.login(a, PASSWORD)
    need(m.select("INBOX") == ("OK", [b"5"]), "select")
    need(m.search(None, "SUBJECT", '"number 3"')[1] == [b"4"], "search")
    need(b"number 0" in m.fetch("1", "(RFC822)")[1][0][1], "fetch")
    need(m.store("1:2", "+FLAGS", r"(\Deleted)")[0] == "OK", "store")
    need(m.expunge()[1] == [b"1", b"1"], "expunge")
    need(m.create('"A B"')[0] == "OK", "create")
    need(m.copy("1", '"A B"')[0] == "OK", "copy")
    need(m.status('"A B"', "(MESSAGES)")[1][0].endswith(b"(MESSAGES 1)"), "status")
    need(m.append("Drafts", r"(\Draft)", imaplib.Time2Internaldate(1e9),
                  b"Subject: d\r\n\r\nx\r\n")[0] == "OK", "append")
    need(m.rename('"A B"', "C")[0] == "OK", "rename")
    need(m.delete("C")[0] == "OK", "delete")
    m.logout()
    m = imaplib.IMAP4("127.0.0.1", int(w.port("imap")))
    m.starttls(any_certificate())
    m.authenticate("PLAIN", lambda _: f"\0{a}\0{PASSWORD}".encode())
    need(m.select("Drafts")[1] == [b"1"], "drafts")
    need(b"9-Sep-2001" in m.fetch("1", "(INTERNALDATE)")[1][0], "date")
    m.logout()


@test
def python_poplib(w):
    a = w.account()
    w.deliver(a, 3)
    p = poplib.POP3_SSL("127.0.0.1", int(w.port("pop3s")),
                        context=any_certificate())
    p.user(a)
    p.pass_(PASSWORD)
    need(p.stat()[0] == 3, "stat")
    need(len(p.uidl()[1]) == 3, "uidl")
    need(b"Subject: number 1" in p.retr(2)[1], "retr")
    need(b"Subject: number 0" in p.top(1, 0)[1], "top")
    p.dele(1)
    p.quit()
    p = poplib.POP3("127.0.0.1", int(w.port("pop3")))
    p.stls(any_certificate())
    p.user(a)
    p.pass_(PASSWORD)
    need(p.stat()[0] == 2, "deleted is still there")
    p.quit()


# ---- programs ---------------------------------------------------------------

def fetchmail(w, a, protocol, port, more=""):
    folder = w.folder(f"fetchmail-{protocol}-{port}")
    out = folder / "mail"
    rc = folder / "rc"
    rc.write_text(f"poll 127.0.0.1 service {w.port(port)} protocol {protocol}\n"
                  f' user "{a}" password "{PASSWORD}" {more}\n'
                  f' mda "cat >> {out}"\n')
    rc.chmod(0o700)
    run("fetchmail", "-f", rc, "--nodetach", "--pidfile", folder / "pid",
        "-i", folder / "ids", env={"HOME": str(folder)})
    return out.read_bytes().count(b"Subject: number")


@test
def fetchmail_both(w):
    a = w.account()
    w.deliver(a, 4)
    need(fetchmail(w, a, "imap", "imaps", "keep ssl sslproto tls1.2+ no sslcertck")
         == 4, "imap")
    # It has marked them as seen; POP3 does not know that.
    need(fetchmail(w, a, "pop3", "pop3", "sslproto ''") == 4, "pop3")
    need(w.count(a) == 0, "fetched and deleted, but still there")


def sieve_connect(w, a, *args, password=PASSWORD, code=0):
    return run("sieve-connect", "--server", "127.0.0.1", "--port",
               w.port("sieve"), "--notlsverify", "--noclearchan", "--user", a,
               "--passwordfd", "0", *args, code=code,
               stdin=password.encode() + b"\n")


@test
def sieve_connect_manages_scripts(w):
    a = w.account()
    folder = w.folder("sieve-connect")
    text = ('require ["fileinto", "mailbox"];\r\n# gr\u00fc\u00dfe "\\\r\n'
            'fileinto :create "Filtered";\r\n' + "# " + "x" * 3000 + "\r\n")
    (folder / "main").write_bytes(text.encode())
    (folder / "broken").write_bytes(b'keep;\nfileinto "x";\n')
    sieve_connect(w, a, "--localsieve", folder / "main", "--remotesieve",
                  "main", "--upload")
    out = sieve_connect(w, a, "--localsieve", folder / "broken",
                        "--remotesieve", "broken", "--upload", code=None)
    need("line 2" in out, f"the mistake was not told: {out}")
    sieve_connect(w, a, "--remotesieve", "main", "--activate")
    out = sieve_connect(w, a, "--list")
    need('"main" ACTIVE' in out and "broken" not in out, out)
    sieve_connect(w, a, "--remotesieve", "main", "--localsieve",
                  folder / "back", "--download")
    need((folder / "back").read_bytes() == text.encode(), "other bytes came back")
    w.deliver(a, 1)
    need(w.count(a) == 0 and w.count(a, "Filtered") == 1, "it does not filter")
    rows = json.loads(w.host.cli("domain", "dns", "customer.example", "--json"))
    need(any(r["name"].startswith("_sieve._tcp.") and w.port("sieve") in r["value"]
             for r in rows), "no SRV record for it")
    sieve_connect(w, a, "--deactivate")
    sieve_connect(w, a, "--remotesieve", "main", "--delete")
    need("main" not in sieve_connect(w, a, "--list"), "it is still there")


@test
def r25_sieve_connect(w):
    a = w.account()
    for _ in range(3):
        sieve_connect(w, a, "--list", password="wrong", code=None)
    out = sieve_connect(w, a, "--list", "--debug", code=None)
    need("Too many failed logins" in out, out[-600:])


@test
def mutt_copies_a_mailbox(w):
    a = w.account()
    w.deliver(a, 5)
    folder = w.folder("mutt")
    rc = folder / "rc"
    rc.write_text(f'set imap_user="{a}"\nset imap_pass="{PASSWORD}"\n'
                  "set ssl_starttls=no\nset ssl_force_tls=no\n"
                  "set imap_check_subscribed=no\nset confirmcreate=no\n"
                  "set confirmappend=no\nset quit=yes\nset delete=yes\n"
                  "set mbox_type=mbox\nset move=no\n"
                  f'set folder="{folder}"\nset header_cache=""\n')
    keys = (f"<tag-pattern>~A<enter><tag-prefix><copy-message>{folder}/box<enter>"
            "<delete-message><quit>")
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", HOME=str(folder))
        os.execvp("mutt", ["mutt", "-n", "-F", str(rc), "-f",
                           f"imap://127.0.0.1:{w.port('imap')}/INBOX",
                           "-e", f"push '{keys}'"])
    screen, until = b"", time.monotonic() + 30
    while time.monotonic() < until:
        if select.select([fd], [], [], 0.5)[0]:
            try:
                screen += os.read(fd, 65536)
            except OSError:
                break
    if time.monotonic() >= until:
        os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(fd)
    box = folder / "box"
    need(box.exists(), f"nothing copied: {screen[-300:]!r}")
    need(box.read_bytes().count(b"Subject: number") == 5, "not all copied")


MBSYNC = """
IMAPStore far
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

MaildirStore near
Path {dir}/near/
Inbox {dir}/near/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
"""


def tree(folder):
    """Names and contents of a Maildir tree."""
    return {str(p.relative_to(folder)): p.read_bytes()
            for p in folder.rglob("*")
            if p.is_file() and not p.name.startswith(".mbsync")
            and p.name != ".uidvalidity"}


def picture(w, a):
    """All of an account as IMAP shows it."""
    imap = w.imap(a)
    out = []
    for parts in imap.command('LIST "" "*"'):
        name = parts[0].rstrip().rpartition(b" ")[2].strip(b'"').decode()
        imap.command(f'EXAMINE "{name}"')
        for row in imap.command("UID FETCH 1:* (UID FLAGS RFC822.SIZE)"):
            out.append((name, re.sub(rb"^\* \d+ ", b"", row[0])))
    imap.close()
    return out


@test
def mbsync_5000_both_ways(w):
    a = w.account()
    folder = w.folder("mbsync")
    all_of_it = [m for _, m in corpus.messages(5100)
                 if not corpus.has_bare_cr(m)][:5000]
    need(len(all_of_it) == 5000, "the corpus is not to be had (tools/corpus)")
    source = mailbox.Maildir(folder / "source", create=True)
    near = mailbox.Maildir(folder / "near" / "INBOX", create=True) if (
        (folder / "near").mkdir() or True) else None
    for i, m in enumerate(all_of_it):
        box = source if i < 2500 else near
        path = Path(box._path) / "cur" / f"{1700000000 + i}.m{i}.x:2,{'S' if i % 3 else ''}"
        path.write_bytes(m.replace(b"\r\n", b"\n"))
    w.host.cli("import", a, str(folder / "source"))
    need(w.count(a) == 2500, f"{w.count(a)} of 2500 imported")
    rc = folder / "rc"
    rc.write_text(MBSYNC.format(port=w.port("imap"), user=a, password=PASSWORD,
                                dir=folder))
    run("mbsync", "-c", rc, "-a", timeout=400, env={"HOME": str(folder)})
    need(w.count(a) == 5000, f"{w.count(a)} of 5000 on the server")
    here = tree(folder / "near" / "INBOX")
    need(len(here) == 5000, f"{len(here)} of 5000 in the Maildir")
    before = picture(w, a)
    run("mbsync", "-c", rc, "-a", timeout=400, env={"HOME": str(folder)})
    need(picture(w, a) == before, "the second run changed the server")
    need(tree(folder / "near" / "INBOX") == here,
         "the second run changed the Maildir")


# ---- the corpus, byte for byte ---------------------------------------------

def compare(w, a, wanted, folder="INBOX", trace=False):
    """Each of `wanted` is in the folder, as often as it stands there."""
    imap = w.imap(a)
    left = {}
    for m in wanted:
        left[m] = left.get(m, 0) + 1
    extra = 0
    for _, m in imap.bodies(folder):
        m = without_trace(m) if trace and m not in left else m
        if left.get(m):
            left[m] -= 1
        else:
            extra += 1
    imap.close()
    missing = sum(left.values())
    need(missing == 0 and extra == 0,
         f"{missing} of {len(wanted)} missing or altered, {extra} others")


def whole_corpus():
    all_of_it = [m for _, m in corpus.messages()]
    need(len(all_of_it) > 6000, "the corpus is not to be had (tools/corpus)")
    return all_of_it


@test
def corpus_append_fetch(w):
    a = w.account()
    wanted = whole_corpus()
    imap = w.imap(a)
    for m in wanted:
        imap.append("INBOX", m)
    imap.close()
    compare(w, a, wanted)


@test
def corpus_import_export(w):
    a, b = w.account(), w.account()
    folder = w.folder("corpus")
    wanted = whole_corpus()
    (folder / "in" / "cur").mkdir(parents=True)
    for i, m in enumerate(wanted):
        (folder / "in" / "cur" / f"{1700000000 + i}.{i}.x:2,S").write_bytes(m)
    w.host.cli("import", a, str(folder / "in"))
    compare(w, a, wanted)
    w.host.cli("export", a, str(folder / "out"))
    got = sorted(p.read_bytes() for p in (folder / "out" / "cur").iterdir())
    need(got == sorted(wanted), "the export differs")
    w.host.cli("import", b, str(folder / "out"))
    compare(w, b, wanted)


def smtp_all(w, a, wanted):
    """(taken by DATA, refused by DATA)."""
    taken, refused, smtp = [], [], None
    for i, m in enumerate(wanted):
        if not smtp:
            smtp = Smtp(w.host.port("smtp"))
        try:
            smtp.data(f"s{i}@partner.example", [a], m)
            taken.append(m if m.endswith(b"\r\n") else m + b"\r\n")
        except Refused:
            refused.append(m)
            smtp.reset()
        if i % 200 == 199:
            smtp.close()
            smtp = None
    return taken, refused


@test
def corpus_smtp(w):
    a, b = w.account(), w.account()
    wanted = whole_corpus()
    taken, refused = smtp_all(w, a, wanted)
    bare = [m for m in wanted if corpus.has_bare_cr(m)]
    need(sorted(refused) == sorted(bare),
         f"DATA refused {len(refused)} messages; {len(bare)} have a bare CR")
    compare(w, a, taken, trace=True)
    smtp = Smtp(w.host.port("smtp"))
    for i, m in enumerate(bare):
        smtp.bdat(f"b{i}@partner.example", [b], m)
    smtp.close()
    compare(w, b, bare, trace=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--posthus", default=str(HERE.parent.parent / "build/posthus"))
    p.add_argument("--list", action="store_true")
    p.add_argument("--keep", action="store_true")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    chosen = [t for t in TESTS
              if not args.names or any(n in t.__name__ for n in args.names)]
    if args.list:
        for t in chosen:
            print(f"interop/{t.__name__}")
        return 0
    if not os.access(args.posthus, os.X_OK):
        print(f"FAIL interop (no program {args.posthus})")
        return 1
    failed = 0
    with Host(args.posthus, SETTINGS, keep=args.keep) as host:
        host.start()
        world = World(host)
        for t in chosen:
            began = time.monotonic()
            try:
                t(world)
                print(f"ok interop/{t.__name__} ({time.monotonic() - began:.1f} s)",
                      flush=True)
            except Exception as e:  # a stranger may fail in any way
                failed += 1
                print(f"FAIL interop/{t.__name__}: {e}", flush=True)
                if not isinstance(e, (Wrong, HostError, Refused)):
                    for row in traceback.format_exc().splitlines()[-6:]:
                        print(f"    {row}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
