#!/usr/bin/env python3
"""Hold the conversations of *.talk with a real daemon (see README.md).

    run.py [--posthus build/posthus] [-v] [--jobs N] [--times N] [NAME...]
"""
import argparse
import base64
import imaplib
import os
import queue
import re
import socket
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import (Host, HostError, IMPLICIT_TLS, PORTS,  # noqa: E402
                      any_certificate)

WAIT = 10.0  # for a line of the server
LATE = 20.0  # for what happens behind: a delivery, an event
SETTLE = 0.5  # what must not come has this long to come
# What every daemon has unless a case sets it.
DEFAULTS = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off", "score.mode": "off"}
UNITS = {"ms": 1000, "s": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6,
         "d": 86400 * 10**6}


class Wrong(Exception):
    pass


def microseconds(words):
    m = re.fullmatch(r"\+?(\d+)(ms|s|m|h|d)", words)
    if not m:
        raise Wrong(f"not a time: {words}")
    return int(m.group(1)) * UNITS[m.group(2)]


# ---- words of a line -------------------------------------------------------

ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)")
ESCAPES = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0"}


def unescape(line):
    def one(m):
        what = m.group(1)
        if len(what) == 3:
            return bytes([int(what[1:], 16)])
        return ESCAPES.get(what, what)
    return ESCAPE.sub(one, line)


class Words:
    """Variables and macros of one case, and its own domains."""

    def __init__(self, serial):
        self.values = {}
        number = f"{serial:04d}"
        # Same length, so that the counts of literals stay right.
        self.domains = [("customer.example", f"cust{number}.example"),
                        ("partner.example", f"par{number}.example")]

    def own(self, line):
        for generic, own in self.domains:
            line = line.replace(generic, own)
        return line

    def macro(self, words):
        head, _, rest = words.partition(" ")
        if head in self.values:
            return self.values[head]
        if head == "uid":
            return str(os.getuid())
        if head == "plain":
            user, _, password = rest.partition(" ")
            raw = f"\0{user}\0{password}".encode()
            return base64.b64encode(raw).decode()
        if head == "b64":
            return base64.b64encode(
                unescape(rest.encode("latin-1"))).decode()
        if head == "x":
            count, _, text = rest.partition(" ")
            return text * int(count)
        if head == "len":
            return str(len(unescape(rest.encode("utf-8"))))
        raise Wrong(f"no such word: {{{words}}}")

    def fill(self, line):
        """Macros replaced, innermost first; \\{ is left for unescape()."""
        line = self.own(line)
        inner = re.compile(r"(?<!\\)\{([a-z0-9]+(?: [^{}]*)?)(?<!\\)\}")
        while True:
            m = inner.search(line)
            if not m:
                return line
            line = line[:m.start()] + self.macro(m.group(1)) + line[m.end():]

    def sent(self, line):
        return unescape(self.fill(line).encode("utf-8"))

    def glob(self, line):
        """A compiled pattern over bytes, and the names it keeps."""
        line = self.own(line)
        names, out, i = [], [], 0
        if line.startswith("* "):
            out.append(r"\* ")
            i = 2
        while i < len(line):
            c = line[i]
            if c == "\\" and i + 1 < len(line):
                if line[i + 1] in "*?{}":
                    out.append(re.escape(line[i + 1]))
                    i += 2
                else:
                    m = ESCAPE.match(line.encode("utf-8"), len(line[:i].encode()))
                    out.append(re.escape(unescape(m.group(0)).decode("latin-1")))
                    i += len(m.group(0).decode())
                continue
            if c == "{":
                end = line.index("}", i)
                inside = line[i + 1:end]
                if inside.endswith(":*"):
                    names.append(inside[:-2])
                    out.append("(.*)")
                else:
                    out.append(re.escape(self.macro(inside)))
                i = end + 1
                continue
            out.append(".*" if c == "*" else "." if c == "?" else re.escape(
                c.encode("utf-8").decode("latin-1")))
            i += 1
        return re.compile("".join(out), re.S), names

    def match(self, pattern, line):
        compiled, names = self.glob(pattern)
        m = compiled.fullmatch(line.decode("latin-1"))
        if not m:
            return False
        self.values.update(zip(names, m.groups()))
        return True


# ---- a connection ----------------------------------------------------------

class Connection:
    def __init__(self, host, service, source=None):
        self.buffer = b""
        address = (source, 0) if source else None
        if service == "sendmail":
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(WAIT)
            self.socket.connect(str(host.local_socket()))
        else:
            self.socket = socket.create_connection(
                ("127.0.0.1", host.port(service)), WAIT, address)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if service in IMPLICIT_TLS:
            self.tls()

    def tls(self):
        if self.buffer:
            raise Wrong(f"unread before TLS: {self.buffer[:200]!r}")
        self.socket = any_certificate().wrap_socket(
            self.socket, server_hostname="imap.provider.example")

    def send(self, data):
        self.socket.settimeout(WAIT)
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # what it said before is still to be read

    def line(self, wait=WAIT):
        """The next line without its CRLF; None at the end."""
        until = time.monotonic() + wait
        while b"\n" not in self.buffer:
            self.socket.settimeout(max(0.001, until - time.monotonic()))
            try:
                more = self.socket.recv(65536)
            except (TimeoutError, socket.timeout):
                raise Wrong("nothing came"
                            + (f" after {self.buffer[-200:]!r}" if self.buffer
                               else "")) from None
            except ConnectionResetError:
                more = b""
            if not more:
                if self.buffer:
                    raise Wrong(f"closed inside a line: {self.buffer[-200:]!r}")
                return None
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\n")
        if not line.endswith(b"\r"):
            raise Wrong(f"a line without CR: {line[-200:]!r}")
        return line[:-1]

    def silent(self, seconds):
        try:
            line = self.line(seconds)
        except Wrong:
            if not self.buffer:
                return
            line = self.buffer
        raise Wrong(f"not silent: {line!r}")

    def closed(self):
        line = self.line()
        if line is not None:
            raise Wrong(f"not closed, but said: {line!r}")

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass


# ---- one case --------------------------------------------------------------

LINE = re.compile(r"([CS])([2-9]?)(<<|[:\-~*!])(?: (.*)|$)")
MESSAGE = """Date: Tue, 24 Nov 2026 09:00:00 +0000
From: Bo <bo@partner.example>
To: Anna <anna@customer.example>
Subject: Lunch
Message-ID: <lunch@partner.example>

At noon?
"""


def name_of(path):
    return "talk/" + path.relative_to(HERE).with_suffix("").as_posix()


def read_talk(path):
    """The lines as (number, text); loops unrolled."""
    rows = list(enumerate(path.read_text(encoding="utf-8").split("\n"), 1))

    def unroll(at, inside):
        out = []
        while at < len(rows):
            n, row = rows[at]
            words = row.split()
            if words[:2] == ["@", "repeat"]:
                body, at = unroll(at + 1, True)
                for i in range(int(words[2])):
                    out += [(k, r.replace("{i}", str(i))) for k, r in body]
            elif words[:2] == ["@", "end"]:
                return out, at + 1
            else:
                out.append((n, row))
                at += 1
        if inside:
            raise Wrong("@ repeat without @ end")
        return out, at

    return unroll(0, False)[0]


def settings_of(rows):
    out = dict(DEFAULTS)
    for _, row in rows:
        if row.startswith("@ set "):
            key, _, value = row[6:].partition("=")
            out[key.strip()] = value.strip()
    return out


class Case:
    def __init__(self, host, rows, serial, verbose):
        self.host, self.rows = host, rows
        self.words = Words(serial)
        self.verbose = verbose
        self.said = []
        self.connections = {}
        self.services = {"": "smtp"}
        self.source = None
        self.passwords = {}
        self.domains = set()
        self.output = None
        self.again = None    # what @ soon runs until its O: lines are there
        self.pending = []    # S~ patterns not yet met
        self.forbidden = []  # S! patterns for the next S*

    def note(self, who, words):
        self.said.append(f"{who} {words}")
        if self.verbose:
            print(f"    {who} {words}", flush=True)

    def connection(self, n):
        if n not in self.connections:
            service = self.services.get(n) or self.services[""]
            self.connections[n] = Connection(self.host, service, self.source)
        return self.connections[n]

    def drop(self, n):
        if n in self.connections:
            self.connections.pop(n).close()

    def close(self):
        for n in list(self.connections):
            self.drop(n)

    # -- set-up --

    def need_domain(self, address):
        name = address.rpartition("@")[2]
        if name not in self.domains:
            self.domains.add(name)
            self.host.domain(name)

    def at(self, line):
        verb, _, rest = line.partition(" ")
        m = re.fullmatch(r"([a-z]+?)([2-9]?)", verb)
        if not m or not hasattr(self, "at_" + m.group(1)):
            raise Wrong(f"no such line: @ {line}")
        getattr(self, "at_" + m.group(1))(m.group(2), self.words.fill(rest).split())

    def at_set(self, n, args):
        pass

    def at_domain(self, n, args):
        self.need_domain(args[0])

    def at_account(self, n, args):
        self.need_domain(args[0])
        self.host.account(args[0], args[1])
        self.passwords[args[0]] = args[1]

    def at_alias(self, n, args):
        self.need_domain(args[0])
        self.host.cli("alias", "add", *args)

    def at_catchall(self, n, args):
        self.need_domain(args[0])
        self.host.cli("catchall", "set", *args)

    def at_forward(self, n, args):
        self.host.cli("forward", "set", *args)

    def at_run(self, n, args):
        self.again = None
        self.output = self.host.cli(*args, code=None).splitlines()
        self.code = self.host.code

    def at_mail(self, n, args):
        self.append(args, MESSAGE)

    def append(self, args, text):
        address, folder = args[0], args[1] if len(args) > 1 else "INBOX"
        flags = " ".join(args[2:])
        imap = imaplib.IMAP4("127.0.0.1", self.host.port("imap"), WAIT)
        try:
            imap.login(address, self.passwords[address])
            data = self.words.own(text).encode().replace(b"\n", b"\r\n")
            ok, said = imap.append(f'"{folder}"', f"({flags})", None, data)
            if ok != "OK":
                raise Wrong(f"APPEND: {said}")
            imap.logout()
        except imaplib.IMAP4.error as e:
            raise Wrong(f"@ mail: {e}") from None

    def at_service(self, n, args):
        if args[0] not in PORTS and args[0] != "sendmail":
            raise Wrong(f"no such service: {args[0]}")
        self.drop(n)
        self.services[n] = args[0]

    def at_from(self, n, args):
        self.source = args[0]

    def at_connect(self, n, args):
        self.drop(n)
        self.connection(n)

    def at_close(self, n, args):
        self.drop(n)

    def at_tls(self, n, args):
        self.connection(n).tls()

    def at_clock(self, n, args):
        self.host.clock_add(microseconds(args[0]))

    def at_soon(self, n, args):
        self.at_run(n, args)
        self.again = args

    def at_arrived(self, n, args):
        """Until the mailbox has so many messages; more do not come then."""
        address, want = args[0], int(args[1])
        imap = imaplib.IMAP4("127.0.0.1", self.host.port("imap"), WAIT)
        until = time.monotonic() + LATE
        try:
            imap.login(address, self.passwords[address])
            while True:
                _, said = imap.status("INBOX", "(MESSAGES)")
                have = int(re.search(rb"MESSAGES (\d+)", said[0]).group(1))
                if have >= want:
                    break
                if time.monotonic() > until:
                    raise Wrong(f"{have} messages arrived, not {want}")
                time.sleep(0.05)
            imap.logout()
        except imaplib.IMAP4.error as e:
            raise Wrong(f"@ arrived: {e}") from None
        time.sleep(SETTLE)

    def at_wait(self, n, args):
        time.sleep(microseconds(args[0]) / 1e6)

    def at_closed(self, n, args):
        self.connection(n).closed()
        self.drop(n)

    def at_silent(self, n, args):
        self.connection(n).silent(microseconds(args[0]) / 1e6)

    # -- the talk --

    def expect(self, n, kind, pattern):
        if kind == "!":
            self.forbidden.append(pattern)
            return
        if kind == "~":
            self.pending.append((n, pattern))
            return
        while True:
            line = self.connection(n).line()
            if line is None:
                raise Wrong(f"closed; expected: {self.words.own(pattern)}")
            self.note(f"S{n}:", line.decode("utf-8", "backslashreplace"))
            if self.words.match(pattern, line):
                break
            for wrong in self.forbidden:
                if self.words.match(wrong, line):
                    raise Wrong(f"must not come: {line!r}")
            if kind == ":":
                raise Wrong(f"got:      {line.decode('utf-8', 'backslashreplace')}"
                            f"\n    expected: {self.words.own(pattern)}")
        self.forbidden = []

    def settle(self):
        """The S~ lines before this one: met in any order."""
        while self.pending:
            n = self.pending[0][0]
            line = self.connection(n).line()
            if line is None:
                raise Wrong(f"closed; expected: {self.pending}")
            self.note(f"S{n}:", line.decode("utf-8", "backslashreplace"))
            for item in self.pending:
                if item[0] == n and self.words.match(item[1], line):
                    self.pending.remove(item)
                    break
            else:
                raise Wrong(f"got:      {line!r}\n    expected one of: "
                            + "; ".join(self.words.own(p)
                                        for _, p in self.pending))

    def output_has(self, pattern):
        until = time.monotonic() + LATE
        while not any(self.words.match(pattern, o.encode())
                      for o in self.output):
            if not self.again or time.monotonic() > until:
                raise Wrong(f"no such line of output among {self.output}")
            time.sleep(0.05)
            self.output = self.host.cli(*self.again, code=None).splitlines()

    def block(self, at):
        """The lines up to a lone dot, and where it goes on."""
        out = []
        while self.rows[at][1] != ".":
            out.append(self.rows[at][1])
            at += 1
        return out, at + 1

    def step(self, at):
        """One line; the number of the next."""
        row = self.rows[at][1]
        if not row.strip() or row.startswith("#"):
            return at + 1
        if not re.match(r"S[2-9]?~", row):
            self.settle()
        if row.startswith("@ mail ") and self.rows[at + 1][1] == "M<<":
            lines, at = self.block(at + 2)
            self.append(self.words.fill(row[7:]).split(),
                        "\n".join(lines) + "\n")
            return at
        if row.startswith("@ run ") and self.rows[at + 1][1] == "I<<":
            lines, at = self.block(at + 2)
            text = self.words.own("\n".join(lines) + "\n")
            self.again = None
            self.note("@", row[2:])
            self.output = self.host.cli(*self.words.fill(row[6:]).split(),
                                        stdin=text, code=None).splitlines()
            self.code = self.host.code
            return at
        if row.startswith("@ "):
            self.note("@", row[2:])
            self.at(row[2:].strip())
            return at + 1
        if row.startswith("O: "):
            self.output_has(row[3:])
            return at + 1
        if row.startswith("X: "):
            if self.code != int(row[3:]):
                raise Wrong(f"exit code {self.code}")
            return at + 1
        m = LINE.fullmatch(row)
        if not m:
            raise Wrong(f"cannot read: {row}")
        who, n, kind, rest = m.groups()
        rest = rest or ""
        if who == "S":
            self.expect(n, kind, rest)
            return at + 1
        if kind == "<<":
            lines, at = self.block(at + 1)
            data = b"".join(self.words.sent(r) + b"\r\n" for r in lines)
        else:
            data = self.words.sent(rest) + (b"\r\n" if kind == ":" else b"")
            at += 1
        self.note(f"C{n}:", data.decode("utf-8", "backslashreplace")[:400])
        self.connection(n).send(data)
        return at

    def run(self):
        at = 0
        try:
            while at < len(self.rows):
                number = self.rows[at][0]
                at = self.step(at)
            self.settle()
        except (Wrong, HostError, OSError, ValueError, IndexError) as e:
            raise Wrong(f"line {number}: {e}") from None
        finally:
            self.close()


# ---- all of them -----------------------------------------------------------

class Runner:
    def __init__(self, args, cases):
        self.args = args
        self.todo = queue.Queue()
        self.lock = threading.Lock()
        self.failed = 0
        self.serial = 0
        for c in cases:
            self.todo.put(c)

    def next_serial(self):
        with self.lock:
            self.serial += 1
            return self.serial

    def say(self, words):
        with self.lock:
            print(words, flush=True)

    def one(self, hosts, path):
        name = name_of(path)
        case, host = None, None
        try:
            rows = read_talk(path)
            settings = settings_of(rows)
            key = tuple(sorted(settings.items()))
            if key not in hosts:
                hosts[key] = Host(self.args.posthus, settings,
                                  one_process=self.args.one_process)
                hosts[key].start()
            host = hosts[key]
            case = Case(host, rows, self.next_serial(), self.args.verbose)
            case.run()
            if host.process.poll() is not None:
                raise Wrong("the daemon ended")
            self.say(f"ok {name}")
        except (Wrong, HostError, OSError) as e:
            with self.lock:
                self.failed += 1
            words = [f"FAIL {name}: {e}"]
            if case and not self.args.verbose:
                words += ["    " + s for s in case.said[-12:]]
            if host and host.process and host.process.poll() is not None:
                words.append("    the daemon ended:")
                words += ["    " + s for s in host.log_tail(1500).splitlines()]
                hosts.pop(key).close()
            self.say("\n".join(words))

    def work(self):
        hosts = {}
        try:
            while True:
                try:
                    path = self.todo.get_nowait()
                except queue.Empty:
                    return
                self.one(hosts, path)
        finally:
            for host in hosts.values():
                if self.args.keep:
                    self.say(f"note kept {host.folder}")
                    host.keep = True
                host.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--posthus", default=str(HERE.parent.parent / "build/posthus"))
    p.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    p.add_argument("--times", type=int, default=1)
    p.add_argument("--list", action="store_true")
    p.add_argument("--one-process", action="store_true")
    p.add_argument("--keep", action="store_true", help="keep the data folders")
    p.add_argument("-v", "--verbose", action="store_true")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    cases = sorted(HERE.glob("**/*.talk"))
    if args.names:
        cases = [c for c in cases if any(n in name_of(c) for n in args.names)]
    if args.list:
        for c in cases:
            print(name_of(c))
        return 0
    if not os.access(args.posthus, os.X_OK):
        print(f"FAIL talk (no program {args.posthus})")
        return 1
    runner = Runner(args, cases * args.times)
    workers = [threading.Thread(target=runner.work)
               for _ in range(1 if args.verbose else args.jobs)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main())
