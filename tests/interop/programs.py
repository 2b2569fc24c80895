"""fetchmail, sieve-connect, mutt and mbsync."""
import json
import mailbox
import os
import pty
import re
import select
import time
from pathlib import Path

from world import PASSWORD, run, t

from lib import corpus
from lib.runner import need


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


@t.test
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


@t.test
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


@t.test
def r25_sieve_connect(w):
    a = w.account()
    for _ in range(3):
        sieve_connect(w, a, "--list", password="wrong", code=None)
    out = sieve_connect(w, a, "--list", "--debug", code=None)
    need("Too many failed logins" in out, out[-600:])


@t.test
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
    screen, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([fd], [], [], 0.5)[0]:
            try:
                screen += os.read(fd, 65536)
            except OSError:
                break
    if time.monotonic() >= end:
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


@t.test
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
