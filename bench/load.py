"""The load programs, and what they print."""
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


SECONDS_MAX = 900  # of one load


def tool(name, *arguments):
    done = subprocess.run([str(ROOT / "build/bench" / name),
                           *[str(a) for a in arguments]],
                          capture_output=True, text=True, timeout=SECONDS_MAX)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stdout}{done.stderr}")
    return done.stdout


def figures(text):
    """'name number name number' as a dictionary."""
    return {k: float(v) for k, v in re.findall(r"([a-z0-9]+) ([\d.]+)", text)}
