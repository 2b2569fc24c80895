#!/usr/bin/env python3
"""Kill the server, fail its writes, cut its power; then look for the mail.

    run.py [--posthus P] [--quick] [--rounds N] [--seed N] [kill|fault|power]

While 16 clients deliver, the server dies.  After it is back, over IMAP, every
message that was acknowledged must be there exactly once with all its bytes;
one that had no answer may be there or not, and is sent again, which must not
double it; none may be half there.
"""
import argparse
import copy
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))
from powercut import Disk, Journal  # noqa: E402
from lib.host import Host, HostError  # noqa: E402
from lib.mail import Imap, Refused, Smtp, without_trace  # noqa: E402

CLIENTS = 16
ACCOUNTS = 6
SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off", "score.mode": "off",
    "limits.connections_exempt": "127.0.0.0/8",
}
WORDS = [b"order", b"invoice", b"monday", b"thanks", b"meeting", b"report",
         b"please", b"find", b"attached", b"number"]


class Ledger:
    """What was sent, and what is known of it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}      # id -> (recipients, bytes)
        self.acked = set()
        self.doubt = set()  # sent without an answer
        self.serial = 0
        self.journal = None  # powercut: where it stood at each answer
        self.answered_at = {}

    def new(self, rng):
        with self.lock:
            self.serial += 1
            number = self.serial
        name = f"m{number}x{rng.getrandbits(32):08x}"
        size = rng.choice([200, 2000, 3000, 5000, 20000])
        if rng.random() < 0.05:
            size = rng.choice([90000, 300000])
        lines = [b"Message-ID: <%s@partner.example>" % name.encode(),
                 b"From: bo@partner.example", b"Subject: %d" % number, b""]
        while size > 0:
            line = b" ".join(rng.choice(WORDS) for _ in range(9))
            lines.append(line + b" %x" % rng.getrandbits(64))
            size -= len(line) + 20
        recipients = rng.sample([f"user{i}@customer.example"
                                 for i in range(ACCOUNTS)],
                                rng.choice([1, 1, 1, 2, 3]))
        message = b"\r\n".join(lines) + b"\r\n"
        with self.lock:
            self.sent[name] = (recipients, message)
        return name

    def next(self, rng, limit):
        """One to send: first those that had no answer; None when done."""
        with self.lock:
            if self.doubt:
                return self.doubt.pop()
            if self.serial >= limit:
                return None
        return self.new(rng)

    def settle(self, name, acked):
        with self.lock:
            (self.acked if acked else self.doubt).add(name)
            if acked and self.journal:
                self.answered_at[name] = self.journal.tail()

    def at(self, position):
        """As it was when the journal stood there."""
        then = Ledger()
        then.sent = self.sent
        then.serial = self.serial
        then.acked = {n for n, p in self.answered_at.items() if p <= position}
        then.doubt = set(self.sent) - then.acked
        return then


def client(host, ledger, stop, seed, limit):
    """Deliver until told to stop, or until the server goes away."""
    rng = random.Random(seed)
    smtp = None
    while not stop.is_set():
        name = ledger.next(rng, limit)
        if name is None:
            break
        recipients, message = ledger.sent[name]
        try:
            if not smtp:
                smtp = Smtp(host.port("smtp"), 20)
            smtp.data("bo@partner.example", recipients, message)
            ledger.settle(name, True)
            continue
        except Refused as e:
            if e.reply[:1] == b"5":
                print(f"note refused for good: {e}", flush=True)
                stop.set()
        except (OSError, ConnectionError):
            pass
        ledger.settle(name, False)
        if smtp:
            smtp.close()
        smtp = None
        time.sleep(0.05)
    if smtp:
        smtp.close()


class Load:
    def __init__(self, host, ledger, seed, limit=10**9):
        self.stop = threading.Event()
        self.threads = [
            threading.Thread(target=client, daemon=True,
                             args=(host, ledger, self.stop, seed * 100 + i,
                                   limit))
            for i in range(CLIENTS)]
        for t in self.threads:
            t.start()

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join(30)

    def finish(self, seconds):
        """Let them come to their limit."""
        until = time.monotonic() + seconds
        for t in self.threads:
            t.join(max(0.0, until - time.monotonic()))
        self.end()


def send_again(host, ledger, seed):
    """What had no answer is sent again: it must not come twice."""
    Load(host, ledger, seed, ledger.serial).finish(30)


class Verdict:
    def __init__(self):
        self.lost = self.double = self.altered = self.half = 0
        self.words = []

    def bad(self):
        return self.lost + self.double + self.altered + self.half

    def add(self, kind, words):
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.words) < 8:
            self.words.append(f"{kind}: {words}")


def find_id(message):
    m = re.search(rb"(?im)^Message-ID: <(m\d+x[0-9a-f]{8})@", message)
    return m.group(1).decode() if m else None


def look_at_one(v, ledger, address, uid, message, seen):
    name = find_id(message)
    if name not in ledger.sent:
        v.add("half", f"{address} UID {uid}: {message[:120]!r}")
        return
    seen[name] = seen.get(name, 0) + 1
    want = ledger.sent[name][1]
    if without_trace(message) != want:
        v.add("altered" if len(message) >= len(want) else "half",
              f"{address} UID {uid} {name}: {len(message)} bytes for "
              f"{len(want)}")


def look(host, ledger):
    """Compare what IMAP shows with what was sent."""
    v = Verdict()
    for i in range(ACCOUNTS):
        address = f"user{i}@customer.example"
        imap = Imap(host.port("imap"), address)
        seen = {}
        for uid, message in imap.bodies("INBOX"):
            look_at_one(v, ledger, address, uid, message, seen)
        imap.close()
        for name in ledger.acked:
            if address in ledger.sent[name][0] and name not in seen:
                v.add("lost", f"{address} {name}")
        for name, n in seen.items():
            if n > 1:
                v.add("double", f"{address} {name}: {n} times")
    return v


def new_host(args, **more):
    host = Host(args.posthus, SETTINGS, keep=args.keep, **more)
    host.domain("customer.example")
    for i in range(ACCOUNTS):
        host.account(f"user{i}@customer.example", "secret")
    return host


def report(name, host, ledger, v, words=""):
    print(f"note {name}: {len(ledger.acked)} acknowledged, {v.lost} lost, "
          f"{v.double} double, {v.altered} altered, {v.half} half{words}",
          flush=True)
    if not v.bad() and ledger.acked:
        print(f"ok {name}", flush=True)
        return
    print(f"FAIL {name}" + ("" if v.bad() else " (nothing was acknowledged)"))
    for w in v.words + host.log_tail().splitlines()[-6:]:
        print(f"    {w}")


def kill_rounds(args, rounds):
    """kill -9 at random moments, one life after the other on the same data."""
    rng = random.Random(args.seed)
    name = f"crash/kill-{rounds}-rounds"
    ledger = Ledger()
    with new_host(args) as host:
        for i in range(rounds):
            host.start()
            load = Load(host, ledger, args.seed * 1000 + i)
            time.sleep(rng.uniform(0.15, 1.2))
            host.kill()
            load.end()
        host.start()
        send_again(host, ledger, 77)
        report(name, host, ledger, look(host, ledger))


def fault_round(args, name, fault, seed):
    """From some write or sync on, all of them fail."""
    ledger = Ledger()
    with new_host(args) as host:
        host.start()
        load = Load(host, ledger, seed, 100)
        load.finish(10)
        host.stop()
        try:
            host.start({"POSTHUS_FAULT": fault}, timeout=6)
            load = Load(host, ledger, seed + 1)
            time.sleep(1.5)
            load.end()
        except HostError:
            pass  # it did not even start: nothing was promised
        host.kill()
        host.start()
        send_again(host, ledger, 78)
        report(name, host, ledger, look(host, ledger), f" ({fault})")


def fault_rounds(args, rounds):
    rng = random.Random(args.seed + 1)
    kinds = ["write", "fsync", "nospace"]
    for i in range(rounds):
        kind = kinds[i % 3]
        n = int(10 ** rng.uniform(1.0, 3.3))
        fault_round(args, f"crash/{kind}-{i // 3 + 1}", f"{kind}:{n}",
                    args.seed + 2 * i)


def preload(folder):
    so = folder / "powercut.so"
    subprocess.run(["gcc", "-std=c17", "-D_GNU_SOURCE", "-O2", "-shared",
                    "-fPIC", "-o", str(so), str(HERE / "powercut.c"), "-ldl"],
                   check=True)
    return so


def power_images(args, host, ledger, before, began, name, rng):
    """The disk at some moments of one life; each must hold what was said."""
    journal = ledger.journal
    end = journal.tail()
    cuts = [end] + [rng.randint(began, end) for _ in range(args.images - 1)]
    for i, cut in enumerate(cuts):
        disk = copy.deepcopy(before)
        disk.replay(journal, cut)
        shutil.rmtree(host.data)
        disk.write(host.data, rng)
        then = ledger.at(cut)
        host.start()
        v = look(host, then)
        words = f" ({cut * 100 // end} % of {end >> 20} MiB)"
        if not v.bad():
            send_again(host, then, 79)
            v = look(host, then)
        report(f"{name}-{i + 1}", host, then, v, words)
        if v.bad() and args.keep:
            host.keep = True
            return
        host.kill()


def power_life(host, ledger, seed, seconds, more=None):
    """Some mail, a stop, then a life in the journal, killed under load; the
    disk before it, and where the journal stood at its start."""
    so = preload(host.folder)
    host.start()
    Load(host, ledger, seed, 60).finish(20)
    host.stop()
    ledger.journal = Journal(host.folder / "journal")
    for n in ledger.acked:
        ledger.answered_at[n] = 0
    before = Disk(host.data)
    host.start({"LD_PRELOAD": str(so),
                "POWERCUT_LOG": str(host.folder / "journal"), **(more or {})})
    began = ledger.journal.tail()
    load = Load(host, ledger, seed + 1)
    time.sleep(seconds)
    host.kill()
    load.end()
    return before, began


def power_rounds(args, rounds):
    """Cut the power while 16 clients deliver."""
    rng = random.Random(args.seed + 2)
    for i in range(rounds):
        ledger = Ledger()
        with new_host(args) as host:
            before, began = power_life(host, ledger, args.seed + i,
                                       rng.uniform(0.5, 1.5))
            power_images(args, host, ledger, before, began,
                         f"crash/power-{i + 1}", rng)
            ledger.journal.close()


def power_would_notice(args):
    """The same with every sync forgotten: mail must be lost, else the test
    above proves nothing."""
    name = "crash/power-notices-a-missing-sync"
    rng = random.Random(args.seed + 3)
    ledger = Ledger()
    with new_host(args) as host:
        before, _ = power_life(host, ledger, args.seed, 0.8,
                               {"POWERCUT_FORGET": "1"})
        lost = 0
        for _ in range(3):
            end = ledger.journal.tail()
            disk = copy.deepcopy(before)
            disk.replay(ledger.journal, end)
            shutil.rmtree(host.data)
            disk.write(host.data, rng)
            try:
                host.start()
                lost += look(host, ledger.at(end)).bad()
            except (HostError, OSError, Refused):
                lost += 1
            host.kill()
        ledger.journal.close()
        print(f"ok {name}" if lost else f"FAIL {name} (it did not)", flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--posthus", default=str(HERE.parent.parent / "build/posthus"))
    p.add_argument("--quick", action="store_true")
    p.add_argument("--list", action="store_true")
    p.add_argument("--keep", action="store_true")
    p.add_argument("--rounds", type=int)
    p.add_argument("--images", type=int, default=4,
                   help="disks to look at in each power round")
    p.add_argument("--seed", type=int, default=int(time.time()) % 100000)
    p.add_argument("what", nargs="*", default=[])
    args = p.parse_args()
    kills = args.rounds or (4 if args.quick else 25)
    faults = args.rounds or (3 if args.quick else 12)
    powers = args.rounds or (1 if args.quick else 8)
    if args.list:
        for i in range(8):
            for k in range(args.images):
                print(f"crash/power-{i + 1}-{k + 1}")
        print("crash/power-notices-a-missing-sync")
        print("crash/kill-25-rounds")
        for i in range(4):
            for kind in ("write", "fsync", "nospace"):
                print(f"crash/{kind}-{i + 1}")
        return 0
    if not os.access(args.posthus, os.X_OK):
        print(f"FAIL crash (no program {args.posthus})")
        return 1
    print(f"note seed {args.seed}", flush=True)
    what = args.what or ["kill", "fault", "power"]
    if "kill" in what:
        kill_rounds(args, kills)
    if "fault" in what:
        fault_rounds(args, faults)
    if "power" in what:
        power_would_notice(args)
        power_rounds(args, powers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
