"""What the checks of tools/ share: the files, and how to complain."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def tracked(*patterns):
    """The files of the repository that match, also those not yet added."""
    out = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z",
         "--cached", "--others", "--exclude-standard", "--", *patterns],
        capture_output=True, check=True).stdout.decode()
    names = sorted(set(n for n in out.split("\0") if n))
    return [ROOT / n for n in names if (ROOT / n).is_file()]


def rel(path):
    return path.relative_to(ROOT).as_posix()


def text(path):
    return path.read_text(encoding="utf-8", errors="surrogateescape")


def _blank(match):
    """Keep the lines, drop what stands on them."""
    return re.sub(r"[^\n]", " ", match.group(0))


_NOISE = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


def code_only(source):
    """C with comments, strings and characters blanked, lines kept."""
    return _NOISE.sub(_blank, source)


def comments_only(source):
    out = []
    for m in _NOISE.finditer(source):
        if m.group(0).startswith("/"):
            out.append((source.count("\n", 0, m.start()) + 1, m.group(0)))
    return out


def words_only(source):
    """C with all but comments and strings blanked, lines kept."""
    out, at = [], 0
    for m in _NOISE.finditer(source):
        out.append(re.sub(r"[^\n]", " ", source[at:m.start()]))
        out.append(m.group(0))
        at = m.end()
    out.append(re.sub(r"[^\n]", " ", source[at:]))
    return "".join(out)


class Complaints:
    def __init__(self, name):
        self.name = name
        self.n = 0

    def add(self, path, line, words):
        where = rel(path) if isinstance(path, Path) else path
        print(f"{where}:{line}: {words}" if line else f"{where}: {words}")
        self.n += 1

    def exit(self):
        print(f"{self.name}: {self.n} complaints" if self.n
              else f"{self.name}: fine")
        sys.exit(1 if self.n else 0)
