#!/usr/bin/env python3
"""All mail comes over from another provider: from Dovecot, over a line that
breaks, and from another Posthus.  `run.py WORD` runs the tests whose name holds
it; `--list` names them.  Needs root.
"""
import base64
import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib import dovecot  # noqa: E402
from lib.dovecot import Dovecot  # noqa: E402
from lib.host import Host  # noqa: E402
from lib.mail import Imap  # noqa: E402
from lib.nsd import Nsd  # noqa: E402
from lib.ports import free_port  # noqa: E402
from lib.runner import Tests, has, need, same, until  # noqa: E402
from lib.sink import Authority  # noqa: E402

NAME = "imap.old.example"
ANNA = "anna@customer.example"
ZONES = {"old.example": "imap A 127.0.0.1\ninside A 127.0.0.2\n"}
# What the old provider calls them, and their names here.
UMLAUT = "B&APw-cher"
FOLDERS = {
    "INBOX": ("INBOX", "INBOX"),
    "INBOX.Work.2026": ("INBOX/Work/2026", "Work/2026"),
    "INBOX." + UMLAUT: ("INBOX/B\u00fccher", "B\u00fccher"),
    "INBOX.Gesendet": ("INBOX/Gesendet", "Sent"),
}
t = Tests("migrate")


def message(n, size=0, bare=False):
    head = f"From: carl@old.example\r\nSubject: number {n}\r\n"
    if not bare:
        head += f"Message-ID: <{n}@old.example>\r\n"
    body = "".join(f"line {i} of {n} {{7}}\r\n" for i in range(3 + size // 20))
    return (head + "\r\n" + body).encode()


def fill(old, user="anna", big=0):
    """Thirty messages in four folders, with flags, dates and bytes."""
    c = old.imap(user)
    out = {}
    n = 0
    for folder, (_, here) in FOLDERS.items():
        c.create(folder)
        for i in range(9 if folder == "INBOX" else 7):
            n += 1
            flags = ("", r"\Seen", r"\Flagged \Answered", "$Forwarded odd")[n % 4]
            m = message(n, big if i == 3 else 0, bare=i == 5)
            date = f"0{1 + n % 9}-Feb-2026 10:00:{n:02d} +0100"
            same(c.append(folder, f"({flags})", f'"{date}"', m)[0], "OK")
            out.setdefault(here, []).append((m, flags, date))
    c.logout()
    return out


PASSWORD = "secret-word"


class Panel:
    """Somebody's requests to the HTTP API."""

    def __init__(self, host, address):
        self.at = f"/api/v1/accounts/{address}/import"
        self.port = host.port("http")
        token = base64.b64encode(f"{address}:{PASSWORD}".encode()).decode()
        self.head = {"Authorization": "Basic " + token,
                     "Content-Type": "application/json"}

    def ask(self, method, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        c.request(method, self.at, json.dumps(body) if body else None, self.head)
        r = c.getresponse()
        text = r.read()
        c.close()
        return r.status, json.loads(text) if text else None

    def status(self):
        code, body = self.ask("GET")
        same(code, 200)
        return body

    def ended(self):
        return until(lambda: self.status()["state"] != "running"
                     and self.status(), "it does not end", 60)


class World:
    def __init__(self, host, old, authority):
        self.host, self.old, self.authority = host, old, authority

    def run(self, *args, code=0, host=NAME, port=None, user="anna",
            address=ANNA, password=dovecot.PASSWORD):
        out = self.host.cli(
            "import", "imap", address, host, "--port", str(port or self.old.port),
            "--user", user, "--ca-file", str(self.authority.file),
            "--password-stdin", "--json", *args, stdin=password + "\n",
            code=code)
        return json.loads(out) if out.strip() else None

    def account(self, name):
        address = f"{name}@customer.example"
        self.host.account(address, PASSWORD)
        return address

    def here(self, address, folder):
        """(bytes, flags, date) of each message, in order."""
        name = folder.replace("\u00fc", "&APw-")
        imap = Imap(self.host.port("imap"), address, PASSWORD)
        imap.command(f'EXAMINE "{name}"')
        got = []
        for parts in imap.command("UID FETCH 1:* (UID FLAGS INTERNALDATE "
                                  "BODY.PEEK[])"):
            line = parts[0] + parts[-1]
            got.append((parts[1],
                        set(re.search(rb"FLAGS \(([^)]*)\)", line).group(1)
                            .decode().split()) - {r"\Recent"},
                        re.search(rb'INTERNALDATE "([^"]*)"', line).group(1)
                        .decode()))
        imap.close()
        return got


def seconds(date):
    return datetime.strptime(date.strip(), "%d-%b-%Y %H:%M:%S %z").timestamp()


def arrived(w, address, want):
    for folder, messages in want.items():
        got = w.here(address, folder)
        same([g[0] for g in got], [m for m, _, _ in messages])
        same([g[1] for g in got], [set(f.split()) for _, f, _ in messages])
        same([seconds(g[2]) for g in got], [seconds(d) for _, _, d in messages])


def rows(report):
    return {r["there"]: r for r in report}


@t.test
def all_comes_and_comes_once(w):
    want = fill(w.old, "anna")
    report = rows(w.run())
    arrived(w, ANNA, want)
    for folder, (there, here) in FOLDERS.items():
        n = len(want[here])
        r = report[there]
        same((r["here"], r["messages"], r["found"], r["imported"], r["known"],
              r["failed"]), (here, n, n, n, 0, 0))
    again = rows(w.run())
    arrived(w, ANNA, want)
    for _, (there, here) in FOLDERS.items():
        r = again[there]
        same((r["found"], r["imported"], r["known"]),
             (len(want[here]), 0, len(want[here])))
    # What comes there since, and what is deleted here.
    c = w.old.imap("anna")
    c.append("INBOX", "", '"01-Mar-2026 10:00:00 +0000"', message(99))
    c.logout()
    imap = Imap(w.host.port("imap"), ANNA, PASSWORD)
    imap.command("SELECT INBOX")
    imap.command(r"STORE 1 +FLAGS.SILENT (\Deleted)")
    imap.command("EXPUNGE")
    imap.close()
    r = rows(w.run())["INBOX"]
    same((r["messages"], r["found"], r["imported"], r["known"]), (10, 9, 1, 9))
    same(w.here(ANNA, "INBOX")[-1][0], message(99))


@t.test
def what_gathers_others_brings_no_copies(w):
    address = w.account("gail")
    c = w.old.imap("gail")
    for name in ("INBOX.All", "INBOX.Starred"):
        c.create(name)
    for folder, n in (("INBOX", 1), ("INBOX.All", 1), ("INBOX.All", 2),
                      ("INBOX.Starred", 1)):
        c.append(folder, "", '"01-Feb-2026 10:00:00 +0000"', message(n))
    c.logout()
    r = rows(w.run(user="gail", address=address))
    same([m for m, _, _ in w.here(address, "INBOX")], [message(1)])
    same([m for m, _, _ in w.here(address, "Archive")], [message(2)])
    need(r["INBOX/Starred"]["skipped"], "Starred is passed over")
    same((r["INBOX/All"]["found"], r["INBOX/All"]["imported"],
          r["INBOX/All"]["known"]), (2, 1, 1))


@t.test
def what_is_here_already_is_not_taken_again(w):
    """The owner moved some by hand; two equal ones are two."""
    address = w.account("hand")
    c = w.old.imap("hand")
    for n in (1, 2, 2, 3):
        c.append("INBOX", "", '"01-Feb-2026 10:00:00 +0000"', message(n))
    c.logout()
    imap = Imap(w.host.port("imap"), address, PASSWORD)
    imap.append("INBOX", message(2))
    imap.close()
    r = rows(w.run(user="hand", address=address))["INBOX"]
    same((r["messages"], r["found"], r["imported"], r["known"]), (4, 4, 3, 1))
    same(sorted(m for m, _, _ in w.here(address, "INBOX")),
         sorted(message(n) for n in (1, 2, 2, 3)))


@t.test
def large_messages_take_little_memory(w):
    address = w.account("big")
    big = message(1, 55 * 1024 * 1024)
    need(len(big) > 50 * 1024 * 1024, f"{len(big)} bytes")
    c = w.old.imap("big")
    c.append("INBOX", "", '"01-Feb-2026 10:00:00 +0000"', big)
    c.logout()
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -d 90000; exec "$@"', "sh", w.host.posthus,
         "import", "imap", address, NAME, "--port", str(w.old.port), "--user",
         "big", "--ca-file", str(w.authority.file), "--password-stdin",
         "--config", str(w.host.config)], input=dovecot.PASSWORD.encode() + b"\n",
        capture_output=True, env=w.host.environment(), timeout=120)
    need(done.returncode == 0, done.stderr.decode())
    same([len(m) for m, _, _ in w.here(address, "INBOX")], [len(big)])


class Line:
    """A line to the old provider that breaks after some bytes, a few times."""

    def __init__(self, to, after, times):
        self.to, self.after, self.times = to, after, times
        self.broke = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", self.to))
            threading.Thread(target=self.pump, args=(client, there, False),
                             daemon=True).start()
            threading.Thread(target=self.pump, args=(there, client, True),
                             daemon=True).start()

    def pump(self, a, b, counted):
        n = 0
        try:
            while data := a.recv(4096):
                n += len(data)
                if counted and n > self.after and self.broke < self.times:
                    self.broke += 1
                    break
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.server.close()


@t.test
def a_broken_line_loses_and_doubles_nothing(w):
    address = w.account("cut")
    want = fill(w.old, "cut", big=150000)
    line = Line(w.old.port, 190000, 3)
    report = rows(w.run(user="cut", address=address, port=line.port))
    line.close()
    same(line.broke, 3)
    arrived(w, address, want)
    same(sum(r["imported"] for r in report.values()), 30)
    same(sum(r["found"] for r in report.values()), 30)


@t.test
def a_dead_line_is_told_and_gone_on_from(w):
    address = w.account("dead")
    want = fill(w.old, "dead", big=150000)
    line = Line(w.old.port, 100000, 1000)
    w.run(user="dead", address=address, port=line.port, code=None)
    need(w.host.code not in (0, 130), "it ended well")
    has(w.host.said, "goes on from there")
    line.close()
    w.run(user="dead", address=address)
    arrived(w, address, want)


@t.test
def an_end_by_force_loses_and_doubles_nothing(w):
    address = w.account("kill")
    want = fill(w.old, "kill", big=400000)
    for part in range(1, 5):
        p = subprocess.Popen(
            [w.host.posthus, "import", "imap", address, NAME, "--port",
             str(w.old.port), "--user", "kill", "--ca-file",
             str(w.authority.file), "--password-stdin", "--config",
             str(w.host.config)], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=w.host.environment())
        p.stdin.write(dovecot.PASSWORD.encode() + b"\n")
        p.stdin.close()
        try:
            p.wait(0.15 * part)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
    w.run(user="kill", address=address)
    arrived(w, address, want)


@t.test
def nothing_goes_to_a_stranger(w):
    """No trust, no password sent; a wrong one is told."""
    address = w.account("eve")
    out = w.host.errors("import", "imap", address, NAME, "--port",
                        str(w.old.port), "--password-file", "/dev/null", code=2)
    has(out, "no password")
    w.host.cli("import", "imap", address, NAME, "--port", str(w.old.port),
               "--password-stdin", stdin="x\n", code=None)
    need(w.host.code not in (0, 2), "a certificate of nobody's")
    has(w.host.said, "certificate is not believed")
    w.host.cli("import", "imap", address, NAME, "--port", str(w.old.port),
               "--ca-file", str(w.authority.file), "--password-stdin",
               stdin="wrong\n", code=None)
    need(w.host.code not in (0, 2), "a wrong password")
    has(w.host.said, "the login failed")


class Strange:
    """A server of which one folder cannot be read."""

    def __init__(self, authority):
        self.context = authority.context(NAME)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                s, _ = self.server.accept()
                with self.context.wrap_socket(s, server_side=True) as tls:
                    self.talk(tls, tls.makefile("rb"))
            except ssl.SSLError:
                pass
            except OSError:
                if self.server.fileno() < 0:
                    return

    def talk(self, tls, lines):
        tls.sendall(b"* OK here\r\n")
        folder = b""
        for line in lines:
            tag, what = line.strip().split(b" ", 1)
            if what.startswith(b"LIST"):
                tls.sendall(b'* LIST () "/" Odd\r\n* LIST () "/" INBOX\r\n')
            elif what.startswith(b"EXAMINE"):
                folder = what
                tls.sendall(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n")
            elif b"FETCH" in what and b"Odd" in folder:
                tls.sendall(b"* 1 FETCH (UID nonsense)\r\n")
            elif what.startswith(b"FETCH"):
                tls.sendall(b"* 1 FETCH (UID 5 FLAGS () INTERNALDATE "
                            b'"01-Feb-2026 10:00:00 +0000" RFC822.SIZE %d '
                            b"BODY[HEADER.FIELDS (MESSAGE-ID)] "
                            b'"Message-ID: <1@old.example>")\r\n'
                            % len(message(1)))
            elif what.startswith(b"UID FETCH"):
                # The UID behind the body, and a line nobody asked for.
                tls.sendall(b"* 7 RECENT\r\n* 1 FETCH (BODY[] {%d}\r\n"
                            % len(message(1)) + message(1) + b" UID 5)\r\n")
            tls.sendall(tag + b" OK done\r\n")

    def close(self):
        self.server.close()


@t.test
def a_folder_that_cannot_be_read_costs_no_other(w):
    address = w.account("odd")
    there = Strange(w.authority)
    r = rows(w.run(user="odd", address=address, port=there.port))
    there.close()
    has(r["Odd"]["skipped"], "cannot be read")
    same((r["Odd"]["messages"], r["Odd"]["found"]), (1, 0))
    same((r["INBOX"]["found"], r["INBOX"]["imported"]), (1, 1))
    same([m for m, _, _ in w.here(address, "INBOX")], [message(1)])


@t.test
def another_posthus_is_left_as_well(w):
    cert, key = w.authority.certificate("imap.new.example")
    with Host(w.host.posthus, {"limits.connections_exempt": "127.0.0.0/8"},
              hostname="mx.new.example") as other:
        other.domain("new.example")
        other.account("dora@new.example", "secret")
        other.cli("cert", "add", "imap.new.example", cert, key)
        other.start()
        imap = Imap(other.port("imap"), "dora@new.example")
        imap.command('CREATE "B&APw-cher/2026"')
        imap.append("INBOX", message(1), r"\Seen")
        imap.append("Sent", message(2))
        imap.append("B&APw-cher/2026", message(3, bare=True), "$Forwarded")
        imap.close()
        address = w.account("dora")
        for known in (0, 1):
            r = rows(w.run(host="imap.new.example", address=address,
                           user="dora@new.example", password="secret",
                           port=other.port("imaps")))
            for folder, n in (("INBOX", 1), ("Sent", 2),
                              ("B\u00fccher/2026", 3)):
                same((r[folder]["here"], r[folder]["found"],
                      r[folder]["imported"], r[folder]["known"]),
                     (folder, 1, 1 - known, known))
                same([m for m, _, _ in w.here(address, folder)],
                     [message(n, bare=n == 3)])
        same(w.here(address, "INBOX")[0][1], {r"\Seen"})


@t.test
def a_user_brings_it_by_the_api(w):
    address = w.account("api")
    want = fill(w.old, "api")
    p = Panel(w.host, address)
    same((p.status()["state"], p.status()["report"]), ("none", []))
    same(p.ask("DELETE")[0], 404)
    job = {"host": NAME, "port": w.old.port, "user": "api",
           "password": dovecot.PASSWORD}
    same(p.ask("POST", job)[0], 204)
    got = p.ended()
    same((got["state"], got["why"], got["host"], got["user"], got["imported"],
          got["messages"], got["folders"], got["folders_done"]),
         ("done", "", NAME, "api", 30, 30, 4, 4))
    need(got["ended"] and got["began"] <= got["ended"], "its times")
    same({r["there"]: r["found"] for r in got["report"]},
         {there: len(want[here]) for there, here in FOLDERS.values()})
    arrived(w, address, want)
    # Again, with a wrong password: told in words, and nothing of it is kept.
    same(p.ask("POST", {**job, "password": "wrong-word"})[0], 204)
    got = p.ended()
    same(got["state"], "failed")
    has(got["why"], "the login failed")
    for f in w.host.data.rglob("*"):
        if f.is_file():
            need(dovecot.PASSWORD.encode() not in f.read_bytes()
                 and b"wrong-word" not in f.read_bytes(), f"it is in {f}")


@t.test
def an_import_can_be_stopped(w):
    address = w.account("stop")
    c = w.old.imap("stop")
    c.append("INBOX", "", '"01-Feb-2026 10:00:00 +0000"', message(1))
    c.logout()
    # One that says nothing: it waits until it is told to stop.
    dumb = socket.create_server(("127.0.0.1", 0))
    p = Panel(w.host, address)
    job = {"host": NAME, "user": "stop", "password": dovecot.PASSWORD}
    same(p.ask("POST", {**job, "port": dumb.getsockname()[1]})[0], 204)
    same(p.status()["state"], "running")
    same(p.ask("POST", {**job, "port": w.old.port})[0], 409)
    same(p.ask("DELETE")[0], 204)
    same(p.ended()["state"], "stopped")
    dumb.close()
    same(p.ask("POST", {**job, "port": w.old.port})[0], 204)
    same((p.ended()["state"], p.status()["imported"]), ("done", 1))


@t.test
def users_cannot_look_into_private_networks(w):
    address = w.account("spy")
    p = Panel(w.host, address)
    inside = socket.create_server(("127.0.0.2", 0))
    inside.settimeout(0.2)
    for host in ("inside.old.example", "127.0.0.2", "::1", "10.0.0.1"):
        same(p.ask("POST", {"host": host, "port": inside.getsockname()[1],
                            "password": "x"})[0], 204)
        got = p.ended()
        same(got["state"], "failed")
        has(got["why"], "private network")
    try:
        inside.accept()
        need(False, "it was asked")
    except socket.timeout:
        pass
    inside.close()


def main():
    args = t.arguments()
    if not dovecot.program():
        t.cannot("no dovecot here")
    authority = Authority()
    zones = {**ZONES, "new.example": "imap A 127.0.0.1\n"}
    settings = {"limits.connections_exempt": "127.0.0.0/8",
                "import.networks": "127.0.0.1/32",
                "import.ca_file": str(authority.file)}
    with Nsd(zones) as dns, Dovecot(NAME, authority, free_port()) as old, \
            Host(args.posthus, {**dns.settings, **settings}) as host:
        host.domain("customer.example")
        host.account(ANNA, PASSWORD)
        host.start()
        return t.run(args.names, World(host, old, authority))


if __name__ == "__main__":
    sys.exit(main())
