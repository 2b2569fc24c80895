"""A real name server with zones of a test, on a port of its own.

    with Nsd({"partner.example": "@ TXT \"v=spf1 -all\"\n"}) as dns:
        Host(posthus, dns.settings)

A zone is the lines of a zone file without SOA and NS.  Everything below
"example" that is not a zone of the test does not exist.
"""
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .ports import free_port

HEAD = ("$ORIGIN {name}.\n$TTL {ttl}\n"
        "@ SOA ns.example. hostmaster.example. {serial} 3600 600 86400 1\n"
        "@ NS ns.example.\n")
# Holds nothing true, but is an anchor: names of the tests are unsigned.
ANCHOR = ("unsigned.invalid. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D084"
          "58E880409BBC683457104237C7F8EC8D\n")


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def program():
    return shutil.which("nsd") or shutil.which("nsd", path="/usr/sbin")


def quoted(text):
    """A TXT record's data: strings of at most 255 bytes."""
    parts = [text[i:i + 255] for i in range(0, len(text), 255)] or [""]
    return " ".join('"' + p.replace("\\", "\\\\").replace('"', '\\"') + '"'
                    for p in parts)


class Nsd:
    def __init__(self, zones, ttl=1, address="127.0.0.1", port=None):
        self.dir = Path(tempfile.mkdtemp(prefix="posthus-nsd-"))
        self.dir.chmod(0o755)  # the resolver runs as another user
        self.address = address
        self.port = port or free_port()
        self.ttl = ttl
        self.serial = 1
        self.zones = {"example": "ns A 127.0.0.1\n",
                      "arpa": "", **zones}
        self.process = None

    @property
    def settings(self):
        return {"dns.servers": f"{self.address}:{self.port}",
                "dns.trust_anchor": str(self.dir / "anchor")}

    def write(self):
        for name, rows in self.zones.items():
            head = HEAD.format(name=name, ttl=self.ttl, serial=self.serial)
            (self.dir / name).write_text(head + rows)

    def __enter__(self):
        (self.dir / "anchor").write_text(ANCHOR)
        conf = (f"server:\n ip-address: {self.address}@{self.port}\n"
                " server-count: 1\n username: \"\"\n chroot: \"\"\n"
                f" zonesdir: \"{self.dir}\"\n pidfile: \"{self.dir}/pid\"\n"
                f" database: \"\"\n xfrdfile: \"{self.dir}/xfrd\"\n"
                f" zonelistfile: \"{self.dir}/list\"\n"
                "remote-control:\n control-enable: no\n")
        for name in self.zones:
            conf += f"zone:\n name: {name}\n zonefile: {name}\n"
        (self.dir / "nsd.conf").write_text(conf)
        self.start()
        return self

    def start(self):
        self.write()
        self.log = open(self.dir / "nsd.log", "ab")
        self.process = subprocess.Popen(
            [program(), "-d", "-c", str(self.dir / "nsd.conf")],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            preexec_fn=die_with_parent)
        self.wait()

    def wait(self):
        query = (b"\x12\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"
                 b"\x02ns\x07example\x00\x00\x01\x00\x01")
        for _ in range(1000):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.settimeout(0.05)
                try:
                    s.sendto(query, (self.address, self.port))
                    if s.recv(512)[3] & 15 == 0:
                        return
                except OSError:
                    time.sleep(0.02)
        raise OSError("nsd does not answer: "
                      + (self.dir / "nsd.log").read_text()[-500:])

    def change(self, name, rows):
        """Another content for a zone of before; true when this returns."""
        self.stop()
        self.zones[name] = rows
        self.serial += 1
        self.start()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None
            self.log.close()

    def signal_all(self, number):
        """To nsd and the processes that it started."""
        todo = [self.process.pid]
        while todo:
            pid = todo.pop()
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                todo += [int(p) for p in f.read().split()]
            os.kill(pid, number)

    def freeze(self):
        """It takes questions and answers none, until thaw()."""
        self.signal_all(signal.SIGSTOP)

    def thaw(self):
        self.signal_all(signal.SIGCONT)

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
