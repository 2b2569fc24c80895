"""The 6,046 real messages, and how they are made fit to be sent."""
import re
import subprocess
from pathlib import Path

from .host import ROOT


def folder():
    """Where they are, fetched when they are not there; None when they cannot."""
    done = subprocess.run([str(ROOT / "tools/corpus")], capture_output=True,
                          text=True)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def crlf(raw):
    """Each line end made CRLF; a bare CR stays one."""
    return re.sub(rb"(?<!\r)\n", b"\r\n", raw)


def has_bare_cr(message):
    return re.search(rb"\r(?!\n)", message) is not None


def messages(limit=None):
    """(name, bytes) of each, in order."""
    base = folder()
    if not base:
        return
    n = 0
    for path in sorted(base.glob("*/*.txt")):
        if not path.is_file():
            continue
        yield f"{path.parent.name}/{path.name}", crlf(path.read_bytes())
        n += 1
        if n == limit:
            return
