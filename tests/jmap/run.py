#!/usr/bin/env python3
"""JMAP over real HTTP: every method's normal and error answers, and what IMAP
sees of it.

One host serves all tests; each test makes an account of its own.  `run.py
WORD` runs the tests whose name holds it; `--list` names them.
"""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host  # noqa: E402
from world import SETTINGS, t  # noqa: E402

# The tests, in the order in which they run.
import protocol  # noqa: E402, F401
import mailboxes  # noqa: E402, F401
import reading  # noqa: E402, F401
import searching  # noqa: E402, F401
import blobs  # noqa: E402, F401
import ranges  # noqa: E402, F401
import changing  # noqa: E402, F401
import winmail  # noqa: E402, F401
import submissions  # noqa: E402, F401
import reports  # noqa: E402, F401
import answers  # noqa: E402, F401
import push  # noqa: E402, F401
import scripts  # noqa: E402, F401
import books  # noqa: E402, F401
import cards  # noqa: E402, F401


def main():
    args = t.arguments()
    with Host(args.posthus, SETTINGS) as host:
        host.domain("customer.example")
        host.start()
        failed = t.run(args.names, host)
        trouble = re.findall(r".*jmap\.trouble.*", host.log_tail(10 ** 7))
        if trouble:
            failed += 1
            print(f"FAIL jmap/log: {trouble[0]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
