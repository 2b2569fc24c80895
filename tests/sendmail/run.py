#!/usr/bin/env python3
"""posthus sendmail as scripts and mail programs call it (R30, R42, R43).

    run.py [--posthus P] [--list] [NAME...]

Another Unix user needs root to become it; without, those tests are not run.
"""
import email
import imaplib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import Host  # noqa: E402
from lib.runner import Tests, need  # noqa: E402

SECOND = 1000000
DAY = 24 * 3600 * SECOND
ANNA, BO, INFO = (f"{n}@customer.example" for n in ("anna", "bo", "info"))
PASSWORD = "secret"
NOBODY = 65534
OK, USAGE, DATAERR, NOUSER, TEMPFAIL, NOPERM = 0, 64, 65, 67, 75, 77
t = Tests("sendmail")


class Box:
    """A host, a socket that everybody reaches, and the name `sendmail`."""

    def __init__(self, posthus):
        self.dir = Path(tempfile.mkdtemp(prefix="posthus-sendmail-"))
        self.dir.chmod(0o755)
        self.socket = self.dir / "socket"
        self.program = self.dir / "sendmail"
        shutil.copy(posthus, self.program)
        self.program.chmod(0o755)
        self.host = Host(posthus, {
            "listen.sendmail": str(self.socket), "score.mode": "off",
        })
        self.host.domain("customer.example")
        self.host.domain("other.example")
        for a in (ANNA, BO):
            self.host.account(a, PASSWORD)
        self.host.cli("alias", "add", INFO, BO)
        self.host.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.host.close()
        shutil.rmtree(self.dir)

    def send(self, *args, text="Subject: hello\n\nhello\n", uid=None,
             name="sendmail", where=None):
        """Run sendmail: the exit code and what it said."""
        done = subprocess.run(
            [str(self.dir / name), *args], input=text.encode(),
            capture_output=True, timeout=60, user=uid,
            env={"POSTHUS_SENDMAIL": str(where or self.socket),
                 "PATH": "/usr/bin:/bin"})
        return done.returncode, done.stdout.decode() + done.stderr.decode()

    def sends(self, code, *args, **options):
        got, said = self.send(*args, **options)
        need(got == code, f"{args}: exit {got}, not {code}: {said}")
        return said

    def mail(self, user=BO):
        """The messages of the inbox, oldest first; then it is empty."""
        found = []
        with imaplib.IMAP4("127.0.0.1", self.host.port("imap")) as i:
            i.login(user, PASSWORD)
            i.select()
            for n in i.search(None, "ALL")[1][0].split():
                row = i.fetch(n, "(BODY.PEEK[])")[1][0][1]
                found.append(email.message_from_bytes(row))
                i.store(n, "+FLAGS", "(\\Deleted)")
            i.expunge()
        return found

    def mail_soon(self, user=BO):
        """The same, for what goes by the queue."""
        for _ in range(100):
            found = self.mail(user)
            if found:
                return found
            time.sleep(0.1)
        return []

    def trace(self, *args):
        time.sleep(0.5)
        return self.host.cli("trace", *args)


@t.test
def a_message_as_python_sends_it(box):
    """-t -i: recipients of the fields, Bcc taken out, what lacks added."""
    box.sends(OK, "-t", "-oi", text=f"From: Anna <{ANNA}>\nTo: {BO}\n"
              f"Bcc: {ANNA}\nSubject: one\n\n.\n..two\nend")
    for user in (BO, ANNA):
        (m,) = box.mail(user)
        need(m["Bcc"] is None, "Bcc was left in")
        need(m["Date"] and m["Message-ID"], "Date or Message-ID lacks")
        need(m["Return-Path"] == f"<{ANNA}>", f"from {m['Return-Path']}")
        need(m.get_payload() == ".\r\n..two\r\nend\r\n",
             f"body {m.get_payload()!r}")


@t.test
def without_i_a_dot_ends_it(box):
    box.sends(OK, BO, text="Subject: x\n\none\n.\ntwo\n")
    (m,) = box.mail()
    need(m.get_payload() == "one\r\n", f"body {m.get_payload()!r}")


@t.test
def without_a_header(box):
    """What is no field begins the body; From: is added."""
    box.sends(OK, "-F", "Anna Example", "-f", ANNA, BO,
              text="just a line\r\nand another\r\n")
    (m,) = box.mail()
    need(m["From"] == f"Anna Example <{ANNA}>", f"From: {m['From']}")
    need(m.get_payload() == "just a line\r\nand another\r\n",
         f"body {m.get_payload()!r}")


@t.test
def options_of_old(box):
    """What callers give and nobody needs is passed over."""
    box.sends(OK, "-bm", "-oem", "-odb", "-v", "-U", "-G", "-n", "-m",
              "-O", "Timeout=1m", "-h", "5", "-B8BITMIME", "-N",
              "success,failure", "-R", "hdrs", "-V", "id+1", "-r", ANNA,
              "--", BO)
    # A report is asked for, which the queue makes.
    (m,) = box.mail_soon()
    need(m["Return-Path"] == f"<{ANNA}>", f"from {m['Return-Path']}")
    box.sends(OK, "-bi")
    box.sends(OK, "-q15m")
    for args in (("-bd",), ("-bv", BO), ("-Z", BO), ("-f",), (),
                 ("-N", "sometimes", BO), ("-R", "all", BO)):
        box.sends(USAGE, *args)
    box.sends(USAGE, "-t", text="Subject: to nobody\n\nx\n")
    need(box.mail() == [], "something was sent all the same")


@t.test
def exit_codes_say_what_is_wrong(box):
    said = box.sends(NOUSER, "-f", ANNA, "nobody@customer.example")
    need("550 5.1.1" in said and "User unknown" in said, said)
    # one that is refused holds back the others: the exit code speaks of all
    box.sends(NOUSER, "-f", ANNA, BO, "nobody@customer.example")
    need(box.mail() == [], "it was sent to one of two")
    box.sends(DATAERR, "-f", ANNA, "a b@@customer.example")
    said = box.sends(TEMPFAIL, BO, where=box.dir / "nothing")
    need("does not run" in said and "later" in said, said)
    box.sends(DATAERR, "-f", f"{ANNA}>\r\nRCPT TO:<{BO}", BO)


@t.test
def smtp_on_stdin(box):
    said = box.sends(OK, "-bs", text="EHLO x\r\nMAIL FROM:<" + ANNA + ">\r\n"
                     "RCPT TO:<" + BO + ">\r\nDATA\r\nSubject: s\r\n\r\nx\r\n"
                     ".\r\nQUIT\r\n")
    need("250 2.0.0" in said and "221 " in said, said)
    need("AUTH" not in said and "STARTTLS" not in said, said)
    need(len(box.mail()) == 1, "nothing came")


@t.test
def the_queue_is_listed(box):
    box.host.cli("account", "suspend", BO, "--receive")
    got, said = box.send("-C", str(box.host.config), "-bp")
    need(got == OK, said)
    box.host.cli("account", "resume", BO, "--receive")


@t.test
def mail_to_root(box):
    """cron writes to a bare name: whoever runs the host gets it."""
    box.sends(OK, "root")
    need(len(box.mail(ANNA)) == 1, "the administrator has no mail")


@t.test
def mutt_sends(box):
    if not shutil.which("mutt"):
        return
    done = subprocess.run(
        ["mutt", "-n", "-F", "/dev/null", "-e",
         f'set sendmail="{box.program} -oem -oi"', "-e",
         f"set from={ANNA}", "-e", "set use_envelope_from=yes", "-e",
         f"set copy=no record='' folder={box.dir}", "-s", "by mutt", "--", BO],
        input=b"hello from mutt\n.\nend\n", capture_output=True, timeout=60,
        env={"POSTHUS_SENDMAIL": str(box.socket), "PATH": "/usr/bin:/bin",
             "HOME": str(box.dir), "TERM": "dumb"})
    need(done.returncode == 0, done.stdout.decode() + done.stderr.decode())
    (m,) = box.mail()
    need(m["Subject"] == "by mutt" and m["Return-Path"] == f"<{ANNA}>", str(m))
    need("\r\n.\r\nend" in m.get_payload(), repr(m.get_payload()))


@t.test
def r30_the_twenty_first_in_a_day(box):
    """A sender that is not of the web space: 20 in any 24 hours."""
    uid = 0 if os.geteuid() else 4021
    for i in range(20):
        box.sends(OK, "-f", "shop@far.example", BO, uid=uid or None)
        if i == 0:
            box.host.clock_add(60 * SECOND)
    said = box.sends(TEMPFAIL, "-f", "shop@far.example", BO, uid=uid or None)
    need("more than 20 messages" in said and "[L-SCRIPT]" in said, said)
    # the first leaves the window 24 hours after it came, a minute before
    # the others; to the second
    box.host.clock_add(DAY - 60 * SECOND - 20 * SECOND)
    box.sends(TEMPFAIL, "-f", "shop@far.example", BO, uid=uid or None)
    box.host.clock_add(20 * SECOND)
    box.sends(OK, "-f", "shop@far.example", BO, uid=uid or None)
    box.sends(TEMPFAIL, "-f", "shop@far.example", BO, uid=uid or None)
    need(len(box.mail()) == 21, "not all that were taken came")


@t.test
def r30_each_user_has_a_count(box):
    """The kernel says who calls; what -f says is no matter."""
    if os.geteuid():
        return
    for _ in range(20):
        box.sends(OK, "-f", "", BO, uid=4001)
    box.sends(TEMPFAIL, "-f", "", BO, uid=4001)
    box.sends(OK, "-f", "", BO, uid=4002)
    said = box.trace("--to", BO, "--limit", "1")
    need("by uid 4002" in said and "from this machine" in said, said)


@t.test
def r30_own_senders_are_not_counted(box):
    if os.geteuid():
        return
    box.host.cli("webspace", "add", "4003", "customer.example")
    for _ in range(30):
        box.sends(OK, "-f", INFO, BO, uid=4003)
    # an address of the domain that does not exist is a stranger's
    for _ in range(20):
        box.sends(OK, "-f", "nothing@customer.example", BO, uid=4003)
    box.sends(TEMPFAIL, "-f", "nothing@customer.example", BO, uid=4003)
    box.sends(OK, "-f", ANNA, BO, uid=4003)
    # R26 counts none of them
    used = box.host.cli("limits", "show", "customer.example")
    row = [r for r in used.splitlines() if r.startswith("messages_5min")]
    need(row and row[0].split("\t")[1] == "0", f"counted in R26: {used}")


@t.test
def r43_web_spaces(box):
    box.host.cli("webspace", "add", "nobody", "customer.example")
    box.host.cli("webspace", "add", str(NOBODY), "other.example")
    box.host.cli("webspace", "add", "nobody", "customer.example", code=5)
    box.host.cli("webspace", "add", "nobody", "far.example", code=3)
    box.host.cli("webspace", "add", "no-such-user", "other.example", code=3)
    rows = box.host.cli("webspace", "list").splitlines()
    need(f"{NOBODY}\tnobody\tcustomer.example" in rows and
         f"{NOBODY}\tnobody\tother.example" in rows, str(rows))
    box.host.cli("webspace", "rm", "nobody", "other.example")
    box.host.cli("webspace", "rm", "nobody", "other.example", code=3)
    box.host.cli("webspace", "rm", "nobody")
    need("nobody" not in box.host.cli("webspace", "list"), "rows are left")


@t.test
def everybody_reaches_the_socket(box):
    mode = os.stat(box.socket).st_mode
    need(stat.S_ISSOCK(mode) and mode & 0o777 == 0o666, oct(mode))
    if os.geteuid() == 0:
        box.sends(OK, "-f", "", BO, uid=NOBODY)


def empty(box):
    for user in (ANNA, BO):
        box.mail(user)


def main():
    args = t.arguments()
    with Box(args.posthus) as box:
        return 1 if t.run(args.names, box, after=empty) else 0


if __name__ == "__main__":
    sys.exit(main())
