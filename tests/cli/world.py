"""What the tests of this folder share: a folder of its own for each, a
terminal, and small clients."""
import contextlib
import functools
import imaplib
import json
import os
import pty
import select
import shutil
import smtplib
import subprocess
import tempfile
import time
from pathlib import Path

from lib.host import any_certificate
from lib.ports import Offset
from lib.runner import Tests, Wrong, need

OK, FAILED, USAGE, NOT_FOUND, DENIED, EXISTS, TEMP, CONFIG = range(8)


class Done:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout.decode(errors="replace")
        self.err = process.stderr.decode(errors="replace")


class Box:
    """A folder of its own and the program to run there."""

    def __init__(self, posthus):
        self.posthus = str(Path(posthus).resolve())
        self.folder = Path(tempfile.mkdtemp(prefix="posthus-cli-"))
        self.config = self.folder / "host" / "posthus.conf"
        self.ports = Offset()
        self.offset = self.ports.value

    def close(self):
        self.ports.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items()
               if k not in ("POSTHUS_CONFIG", "NO_COLOR")}
        env.update(more)
        return env

    def run(self, *args, stdin="", env=None):
        return Done(subprocess.run(
            [self.posthus, *map(str, args)], input=stdin.encode(),
            capture_output=True, timeout=120, cwd=self.folder,
            env=self.environment(**(env or {}))))

    def exits(self, code, *args, stdin="", env=None, says=()):
        """Run, with the configuration; the exit code and words must be so."""
        done = self.run(*args, stdin=stdin,
                        env={"POSTHUS_CONFIG": str(self.config), **(env or {})})
        line = "posthus " + " ".join(map(str, args))
        need(done.code == code, f"{line}: exit {done.code}, not {code}: "
                                f"{done.out[-300:]}{done.err[-300:]}")
        for words in [says] if isinstance(says, str) else says:
            need(words in done.out + done.err,
                 f"{line}: does not say {words!r}: {done.out}{done.err}")
        return done

    def json(self, *args, stdin=""):
        return json.loads(self.exits(OK, *args, "--json", stdin=stdin).out)

    def init(self, *more):
        return self.exits(OK, "init", "host", "--hostname", "mx.provider.example",
                          "--listen", "127.0.0.1", "--port-offset", self.offset,
                          *more)

    def sample(self):
        self.init()
        self.exits(OK, "domain", "add", "customer.example")
        for who in ("anna", "bo"):
            self.exits(OK, "account", "add", f"{who}@customer.example",
                       "--password-stdin", stdin="secret\n")
        self.exits(OK, "alias", "add", "info@customer.example",
                   "anna@customer.example", "x@far.example")


class BoxTests(Tests):
    """Each test gets a box of its own, which goes with it."""

    def test(self, function):
        @functools.wraps(function)
        def boxed(posthus):
            with contextlib.closing(Box(posthus)) as box:
                function(box)

        super().test(boxed)
        return function


t = BoxTests("cli")


def terminal(box, *args, keys=(), env=None, timeout=30):
    """Run at a terminal; keys are typed as each prompt comes."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(box.folder)
        os.execve(box.posthus, [box.posthus, *map(str, args)], box.environment(
            POSTHUS_CONFIG=str(box.config), TERM="xterm", **(env or {})))
    seen, keys, until = b"", list(keys), time.monotonic() + timeout
    while time.monotonic() < until:
        ready, _, _ = select.select([fd], [], [], 0.2)
        if ready:
            try:
                piece = os.read(fd, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        if keys and seen.endswith(keys[0][0].encode()):
            os.write(fd, keys.pop(0)[1].encode())
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    return os.waitstatus_to_exitcode(status), seen.decode(errors="replace")


def imap(host, user, password):
    c = imaplib.IMAP4_SSL("127.0.0.1", host.port("imaps"),
                          ssl_context=any_certificate())
    c.login(user, password)
    c.logout()


def refused(call, *args):
    try:
        call(*args)
    except (imaplib.IMAP4.error, smtplib.SMTPException) as e:
        return str(e)
    raise Wrong(f"{args} was not refused")


def rcpt(host, address):
    with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20) as s:
        s.ehlo("client.far.example")
        s.mail("x@far.example")
        return s.rcpt(address)[0]


def send(host, rcpt):
    with smtplib.SMTP("127.0.0.1", host.port("submission"), timeout=20) as s:
        s.starttls(context=any_certificate())
        s.login("anna@customer.example", "secret")
        s.sendmail("anna@customer.example", [rcpt],
                   "From: anna@customer.example\r\nSubject: hello\r\n\r\nhello\r\n")


def letter(sender, subject, text):
    return (f"From: {sender}\r\nTo: bo@customer.example\r\n"
            f"Subject: {subject}\r\nMessage-ID: <{abs(hash((subject, text)))}"
            f"@far.example>\r\nDate: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime())}"
            f"\r\n\r\n{text}\r\n").encode()
