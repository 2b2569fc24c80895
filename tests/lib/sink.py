"""A mail server that takes what it is told to, and remembers all of it.

    with Sink("127.0.1.1", port) as sink:
        sink.answers["RCPT"] = ["450 4.2.0 busy"]     used up one by one
        ...
        sink.messages[0].data
"""
import atexit
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path


class Message:
    def __init__(self, session):
        self.mail = session.mail
        self.rcpts = list(session.rcpts)
        self.data = session.data
        self.tls = session.tls
        self.helo = session.helo
        self.bdat = session.bdat
        self.login = session.login


class Authority:
    """A certificate authority of the test."""

    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="posthus-ca-"))
        atexit.register(shutil.rmtree, self.dir, ignore_errors=True)
        self.dir.chmod(0o755)
        self.file = self.dir / "ca.pem"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-subj", "/CN=Test authority", "-keyout", "ca.key",
                     "-out", "ca.pem")
        self.made = {}

    def openssl(self, *args, data=None):
        return subprocess.run(["openssl", *args], cwd=self.dir, check=True,
                              capture_output=True, input=data).stdout

    def certificate(self, name, *more):
        """Paths of certificate and key for a host, and for more names; any
        may be an IPv4 address."""
        if name not in self.made:
            (self.dir / "ext").write_text("subjectAltName=" + ",".join(
                ("IP:" if re.fullmatch(r"[\d.]+", n) else "DNS:") + n
                for n in (name, *more)) + "\n")
            self.openssl("req", "-newkey", "ec", "-pkeyopt",
                         "ec_paramgen_curve:P-256", "-nodes", "-subj",
                         f"/CN={name}", "-keyout", f"{name}.key", "-out",
                         f"{name}.csr")
            self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA",
                         "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                         "-days", "20", "-extfile", "ext", "-out",
                         f"{name}.pem")
            self.made[name] = (str(self.dir / f"{name}.pem"),
                               str(self.dir / f"{name}.key"))
        return self.made[name]

    def context(self, name):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain(*self.certificate(name))
        return c

    def tlsa(self, name):
        """The data of a TLSA record 3 1 1."""
        import hashlib
        key = self.openssl("x509", "-in", self.certificate(name)[0],
                           "-pubkey", "-noout")
        der = self.openssl("pkey", "-pubin", "-outform", "DER", data=key)
        return "3 1 1 " + hashlib.sha256(der).hexdigest()


CAPABILITIES = ["PIPELINING", "SIZE 100000000", "8BITMIME",
                "ENHANCEDSTATUSCODES", "SMTPUTF8", "DSN"]


class Sink:
    def __init__(self, address, port, tls=None, capabilities=None):
        self.capabilities = list(CAPABILITIES if capabilities is None
                                 else capabilities)
        self.tls = tls
        self.answers = {}  # verb -> replies for the next ones
        self.dot_delay = 0  # seconds before the answer to a message
        self.close_after = set()  # verbs: hang up instead of an answer
        self.per_connection = None  # messages, before it says 421
        self.resets = self.quits = 0
        self.messages = []
        self.connections = self.open = self.most = 0
        self.sessions = set()
        self.on_data = None
        self.lock = threading.Lock()
        self.arrived = threading.Condition(self.lock)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.port = self.socket.getsockname()[1]
        self.socket.listen(200)
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """The host is gone, and the connections that others keep to it."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        self.hang_up()

    def hang_up(self):
        """All connections end: what changed is seen by all from now on."""
        with self.lock:
            sockets = [s.plain for s in self.sessions]
        for s in sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self):
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open += 1
                self.most = max(self.most, self.open)
                session = Session(self, s)
                self.sessions.add(session)
            threading.Thread(target=session.run, daemon=True).start()

    def wait(self, n=1, timeout=20):
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.messages) >= n, timeout)
            return len(self.messages) >= n

    def scripted(self, verb):
        with self.lock:
            row = self.answers.get(verb)
            return row.pop(0) if row else None


class HangUp(Exception):
    pass


class Session:
    def __init__(self, sink, s):
        self.sink = sink
        self.plain = s.dup()
        self.socket = s
        self.file = s.makefile("rb")
        self.tls = self.helo = self.login = None
        self.left = False
        self.taken = 0
        self.reset()

    def reset(self):
        self.mail, self.rcpts, self.data, self.bdat = None, [], b"", False

    def say(self, text):
        self.socket.sendall(text.encode() + b"\r\n")

    def line(self):
        line = self.file.readline()
        if not line.endswith(b"\n"):
            raise HangUp
        return line

    def run(self):
        try:
            self.say(self.sink.scripted("CONNECT") or "220 sink ESMTP")
            while self.command(self.line().decode().rstrip("\r\n")):
                pass
        except (OSError, HangUp, ValueError):
            pass
        finally:
            self.leave()
            for f in (self.file, self.socket, self.plain):
                f.close()

    def leave(self):
        """Once: before the peer learns that it may connect anew."""
        with self.sink.lock:
            self.sink.open -= not self.left
            self.left = True
            self.sink.sessions.discard(self)

    def command(self, line):
        verb = line.split(" ")[0].upper()
        if verb in self.sink.close_after:
            raise HangUp
        scripted = self.sink.scripted(verb)
        if scripted:
            if verb == "RCPT" and scripted[0] == "2":
                self.rcpts.append(line[8:])
            self.say(scripted)
            return not scripted.startswith("421")
        handler = getattr(self, "do_" + verb.lower(), None)
        if not handler:
            self.say("500 5.5.1 what?")
            return True
        return handler(line) is not False

    def do_ehlo(self, line):
        self.helo = line[5:]
        rows = ["sink"] + self.sink.capabilities
        if self.sink.tls and not self.tls:
            rows.append("STARTTLS")
        for r in rows[:-1]:
            self.say("250-" + r)
        self.say("250 " + rows[-1])

    def do_helo(self, line):
        self.helo = line[5:]
        self.say("250 sink")

    def do_starttls(self, _):
        self.say("220 go on")
        self.socket = self.sink.tls.wrap_socket(self.socket, server_side=True)
        self.file = self.socket.makefile("rb")
        self.tls = self.socket.version()

    def do_auth(self, line):
        self.login = line[5:]
        self.say("235 2.7.0 welcome")

    def do_mail(self, line):
        if self.taken == self.sink.per_connection:
            self.say("421 4.7.0 enough for one connection")
            return False
        self.mail = line[10:]
        self.say("250 2.1.0 ok")
        return True

    def do_rcpt(self, line):
        self.rcpts.append(line[8:])
        self.say("250 2.1.5 ok")

    def do_rset(self, _):
        with self.sink.lock:
            self.sink.resets += 1
        self.reset()
        self.say("250 2.0.0 ok")

    def do_noop(self, _):
        self.say("250 2.0.0 ok")

    def do_quit(self, _):
        with self.sink.lock:
            self.sink.quits += 1
        self.leave()
        self.say("221 2.0.0 bye")
        return False

    def do_data(self, _):
        if not self.rcpts:
            self.say("554 5.5.1 no recipients")
            return
        self.say("354 go on")
        rows = []
        while True:
            line = self.line()
            if line == b".\r\n":
                break
            rows.append(line[1:] if line.startswith(b".") else line)
        self.data = b"".join(rows)
        self.take()

    def do_bdat(self, line):
        n = int(line.split()[1])
        self.data += self.file.read(n)
        self.bdat = True
        if line.upper().endswith("LAST"):
            self.take()
        else:
            self.say("250 2.0.0 ok")

    def take(self):
        scripted = self.sink.scripted("DOT")
        if scripted:
            self.say(scripted)
            return
        with self.sink.arrived:
            self.sink.messages.append(Message(self))
            self.sink.arrived.notify_all()
        if self.sink.on_data:
            self.sink.on_data()
        if "DOT" in self.sink.close_after:
            raise HangUp
        time.sleep(self.sink.dot_delay)
        self.taken += 1
        self.reset()
        self.say("250 2.0.0 taken")
