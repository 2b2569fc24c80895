"""Ports for hosts under test, that no two tests take at once.

A look whether a port is free says nothing of the moment when the host binds
it: tests of several programs and threads start hosts side by side. So each
port is also held by a lock on a file named after it, from the choice to the
end of the test.
"""
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

PORTS = {
    "smtp": 25, "submissions": 465, "submission": 587, "alternate": 2525,
    "imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "sieve": 4190,
    "http": 80, "http_alt": 8080, "https": 443, "metrics": 9464,
}

LOCKS = Path(tempfile.gettempdir()) / f"posthus-ports.{os.getuid()}"


def lock(port):
    """The descriptor that holds the port, or None: another test has it."""
    fd = os.open(LOCKS / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        return None
    return fd


def is_free(port):
    with socket.socket() as tcp, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(count=1):
    """The first of so many in a row, ours until the end of the program.  Above
    those of hosts, below those that the system gives to clients."""
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    for first in random.sample(range(24000, 32000 - count), 500):
        held = []
        for port in range(first, first + count):
            held.append(lock(port))
            if held[-1] is None or not is_free(port):
                break
        else:
            return first
        for fd in held:
            if fd is not None:
                os.close(fd)
    raise OSError("no free port")


class Offset:
    """A port offset at which all the ports are free, and ours until close."""

    def __init__(self):
        LOCKS.mkdir(mode=0o700, exist_ok=True)
        self.held = []
        for _ in range(500):
            # Below the ports that the system gives to clients.
            self.value = random.randrange(11000, 23000)
            if self.take():
                return
            self.close()
        raise OSError("no free ports")

    def take(self):
        for port in PORTS.values():
            fd = lock(port + self.value)
            if fd is None:
                return False
            self.held.append(fd)
            if not is_free(port + self.value):
                return False
        return True

    def close(self):
        for fd in self.held:
            os.close(fd)
        self.held = []


class Standard:
    """The ports as they are, for a host in a network of its own."""
    value = 0

    def close(self):
        pass
