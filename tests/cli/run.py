#!/usr/bin/env python3
"""The command line: what it says, what it exits with, what it changes.

Each test has a folder and a host of its own.  `run.py WORD` runs the tests
whose name holds it; `--list` names them.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from world import t  # noqa: E402

# The tests, in the order in which they run.
import words  # noqa: E402, F401
import addresses  # noqa: E402, F401
import running  # noqa: E402, F401
import filters  # noqa: E402, F401
import sending  # noqa: E402, F401


def main():
    args = t.arguments()
    return 1 if t.run(args.names, args.posthus) else 0


if __name__ == "__main__":
    sys.exit(main())
