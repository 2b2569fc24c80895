#!/usr/bin/env python3
"""Measure mail to other hosts: Posthus, and Postfix in the same run.

    bench/relay.py [one] [many] [--messages N] [--domains N] [--alone]

one:  so many messages (5,000) to one host, sent while they are accepted, and
      once more when all of them wait already and the host comes back.
many: so many messages (100,000) to so many domains (10,000), every other of
      them dead: half of these refuse, half do not answer at all.  Posthus
      alone: what the living get before the dead are there and beside them,
      and how long a new message takes while the dead are tried.

The far host is bench/smtp_sink.c, without TLS.  As root (Postfix wants it).
"""
import argparse
import base64
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(ROOT / "tests"))
from lib import measure  # noqa: E402
from lib.host import Host  # noqa: E402
from lib.nsd import Nsd  # noqa: E402
from load import figures, tool  # noqa: E402
from peers import Peers  # noqa: E402

ANNA = "anna@customer.example"
LOGIN = base64.b64encode(f"\0{ANNA}\0secret".encode()).decode()
CLIENTS = 16
MANY = "1000000000"
SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "policy.hold": "off", "score.mode": "off", "dkim.sign": "false",
    "limits.connections_exempt": "127.0.0.0/8",
    **{f"limits.domain.{k}": MANY for k in (
        "messages_5min", "messages_1h", "recipients_5min", "recipients_1h",
        "bulk_8h", "spam_8h", "queued", "failed_1h")},
    # As many as Postfix makes to one destination.
    "relay.destination_connections": "20",
}


class Sink:
    """The other hosts; `count()` asks it."""

    def __init__(self, port, hang=None):
        self.process = subprocess.Popen(
            [str(ROOT / "build/bench/smtp_sink"), "--listen", "127.0.1.1",
             "--port", str(port), *(["--hang", hang] if hang else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the sink did not start")

    def count(self):
        self.process.stdin.write("x\n")
        self.process.stdin.flush()
        return figures(self.process.stdout.readline())

    def wait(self, n, seconds):
        """Seconds from now until n came."""
        began = time.monotonic()
        while True:
            c = self.count()
            if c["messages"] >= n:
                return c["last"] / 1e6 - began
            if time.monotonic() - began > seconds:
                raise RuntimeError(f"{c['messages']:.0f} of {n} came")
            time.sleep(0.01)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Ours:
    name = "posthus"

    def __init__(self, args, port, zone):
        folder = args.work / "posthus"
        folder.mkdir(parents=True, exist_ok=True)
        self.dns = Nsd({"partner.example": zone}, ttl=3600)
        self.dns.__enter__()
        self.host = Host(args.posthus, {**SETTINGS, **self.dns.settings,
                                        "relay.port": str(port)},
                         folder=folder)
        self.host.domain("customer.example")
        self.host.account(ANNA, "secret")
        self.host.start()

    def load(self, messages, *more, domain="partner.example"):
        return tool("smtp_load", "--port", self.host.port("submission"),
                    "--clients", CLIENTS, "--messages", messages,
                    "--domain", domain, "--login", LOGIN, "--from",
                    ANNA, "--per-connection", 100, *more)

    def flush(self):
        self.host.cli("queue", "retry")

    def roots(self):
        return [self.host.process.pid]

    def close(self):
        self.host.close()
        self.dns.__exit__()


class Theirs(Peers):
    name = "postfix"

    def __init__(self, args, port):
        super().__init__(args.work / "peers", args.port)
        with open(self.dir / "postfix/main.cf", "a") as f:
            f.write(f"relayhost = [127.0.1.1]:{port}\n"
                    "smtp_tls_security_level = none\n")
        if self.postfix("start").returncode:
            raise RuntimeError("postfix does not start")
        measure.wait_port(self.smtp_port)
        self.master = int((self.dir / "spool/pid/master.pid").read_text())

    def load(self, messages, *more):
        return tool("smtp_load", "--port", self.smtp_port, "--clients",
                    CLIENTS, "--messages", messages, "--domain",
                    "partner.example", "--per-connection", 100, *more)

    def flush(self):
        subprocess.run(["postqueue", "-c", str(self.dir / "postfix"), "-f"],
                       check=True)

    def roots(self):
        return [self.master]


def row(what, unit, values, better=None):
    cells = "".join(f"{v:>14,.2f}" for v in values)
    ratio = f"{better(*values):>9.1f}x" if better and len(values) == 2 else ""
    print(f"{what:<40}{cells} {unit:<4}{ratio}", flush=True)


def more(ours, theirs):
    return ours / theirs


def less(ours, theirs):
    return theirs / ours


def relay_one(system, port, n):
    sink = Sink(port)
    cpu = measure.cpu_seconds(system.roots())
    began = time.monotonic()
    system.load(n)
    loaded = time.monotonic() - began
    through = loaded + sink.wait(n, 120)
    time.sleep(1)
    cpu = measure.cpu_seconds(system.roots()) - cpu
    connections = sink.count()["connections"]
    sink.close()
    # Now all wait, for a host that comes back.
    system.load(n)
    time.sleep(2)
    sink = Sink(port)
    began = time.monotonic()
    system.flush()
    flushed = time.monotonic() - began
    drained = flushed + sink.wait(n, 120)
    sink.close()
    return {"through": n / through, "drained": n / drained,
            "cpu": cpu * 1000 / n, "connections": connections}


def part_one(args, port):
    n = args.messages or 5000
    print(f"{n} messages of 4 KiB to one host", flush=True)
    made = [lambda: Ours(args, port, "@ MX 10 mx1\nmx1 A 127.0.1.1\n")]
    if not args.alone:
        made.append(lambda: Theirs(args, port))
    got = []
    for make in made:
        system = make()
        try:
            got.append(relay_one(system, port, n))
        finally:
            system.close()
    row("taken and sent on", "/s", [g["through"] for g in got], more)
    row("  CPU each", "ms", [g["cpu"] for g in got], less)
    row("  connections", "", [g["connections"] for g in got])
    row("sent when the host came back", "/s", [g["drained"] for g in got],
        more)


def zone_of_many(domains):
    """A half under live., a half under dead.: refused, or never answered."""
    rows = ["mx0 A 127.0.1.1", "mx1 A 127.0.1.2", "mx2 A 127.0.1.3",
            "live MX 10 mx0"]
    for i in range(domains // 2):
        rows.append(f"d{i}.live MX 10 mx0")
        rows.append(f"d{i}.dead MX 10 mx{1 + i % 2}")
    return "\n".join(rows) + "\n"


def spread(system, half, domains, n):
    system.load(n, "--spread", domains // 2, "--size", 1024,
                domain=f"{half}.partner.example")


def living(system, sink, domains, n):
    """Messages a second, from the first accepted to the last that arrived."""
    before = sink.count()["messages"]
    began = time.monotonic()
    spread(system, "live", domains, n)
    loaded = time.monotonic() - began
    return n / (loaded + sink.wait(before + n, 600))


def alone_and_beside(system, sink, domains, n):
    living(system, sink, domains, domains // 2)  # names and ways are known
    alone = living(system, sink, domains, n)
    began = time.monotonic()
    spread(system, "dead", domains, n)
    row("the dead half accepted", "/s", [n / (time.monotonic() - began)])
    beside = living(system, sink, domains, n)
    row("the living, without the dead", "/s", [alone])
    row("the living, beside the dead", "/s", [beside])
    row("  of what they have without", "%", [100 * beside / alone])
    row("  connections", "", [sink.count()["connections"]])


def part_many(args, port):
    n, domains = args.messages or 100000, args.domains or 10000
    print(f"{n} messages of 1 KiB to {domains} domains, half of them dead",
          flush=True)
    sink = Sink(port, hang="127.0.1.3")
    system = Ours(args, port, zone_of_many(domains))
    try:
        alone_and_beside(system, sink, domains, n // 2)
        # A new one, while thousands of dead hosts are tried.
        waits = []
        for _ in range(20):
            before = sink.count()["messages"]
            at = time.monotonic()
            tool("smtp_load", "--port", system.host.port("submission"),
                 "--clients", 1, "--messages", 1, "--domain",
                 "live.partner.example", "--login", LOGIN, "--from", ANNA)
            sink.wait(before + 1, 60)
            waits.append((time.monotonic() - at) * 1000)
        waits.sort()
        row("a new message, median", "ms", [waits[len(waits) // 2]])
        row("  the slowest of 20", "ms", [waits[-1]])
        left = json.loads(system.host.cli("queue", "list", "--json"))
        row("wait for the dead", "", [len(left)])
        row("memory of all processes (PSS)", "MB",
            [measure.pss_bytes(system.roots()) / 1e6])
        if len(left) != n // 2:
            raise RuntimeError(f"{len(left)} wait, {n // 2} should")
    finally:
        sink.close()
        system.close()


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("parts", nargs="*")
    ap.add_argument("--posthus", default=str(ROOT / "build/posthus"))
    ap.add_argument("--work", default="/tmp/posthus-relay-bench", type=Path)
    ap.add_argument("--port", default=26010, type=int)
    ap.add_argument("--messages", type=int)
    ap.add_argument("--domains", type=int)
    ap.add_argument("--alone", action="store_true")
    args = ap.parse_args()
    shutil.rmtree(args.work, ignore_errors=True)
    args.work.mkdir(parents=True)
    port = args.port + 9
    for name, part in (("one", part_one), ("many", part_many)):
        if not args.parts or name in args.parts:
            part(args, port)
    shutil.rmtree(args.work, ignore_errors=True)


if __name__ == "__main__":
    main()
