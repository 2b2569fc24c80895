"""CPU and memory of process trees, and other figures for bench/."""
import os
import socket
import time

TICK = os.sysconf("SC_CLK_TCK")


def tree(roots):
    """The pids of the processes and of all that they started."""
    children = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as f:
                rest = f.read().rpartition(b")")[2].split()
        except OSError:
            continue
        children.setdefault(int(rest[1]), []).append(int(name))
    found, todo = [], list(roots)
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.append(pid)
            todo += children.get(pid, [])
    return found


def cpu_seconds(roots):
    """User and system time of the trees, with children that have ended."""
    total = 0
    for pid in tree(roots):
        try:
            with open(f"/proc/{pid}/stat", "rb") as f:
                rest = f.read().rpartition(b")")[2].split()
        except OSError:
            continue
        total += sum(int(v) for v in rest[11:15])
    return total / TICK


def pss_bytes(roots):
    """Proportional memory of the trees."""
    total = 0
    for pid in tree(roots):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as f:
                for row in f:
                    if row.startswith("Pss:"):
                        total += int(row.split()[1]) * 1024
        except OSError:
            pass
    return total


def rss_peak_bytes(pid):
    with open(f"/proc/{pid}/status") as f:
        for row in f:
            if row.startswith("VmHWM:"):
                return int(row.split()[1]) * 1024
    return 0


def wait_port(port, seconds=20):
    until = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 2) as s:
                s.settimeout(5)
                if s.recv(1):
                    return
        except OSError:
            pass
        if time.monotonic() > until:
            raise RuntimeError(f"nothing answers on port {port}")
        time.sleep(0.05)
