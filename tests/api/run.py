#!/usr/bin/env python3
"""The HTTP API of administration, over real HTTP against a real host: what the
OpenAPI document says is what every answer is measured by.

One host serves all tests; each works on addresses of its own.  `run.py WORD`
runs the tests whose name holds it; `--list` names them.
"""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host  # noqa: E402
from world import SETTINGS, prepare, t  # noqa: E402

# The tests, in the order in which they run.
import callers  # noqa: E402, F401
import addresses  # noqa: E402, F401
import owners  # noqa: E402, F401
import rules  # noqa: E402, F401
import outside  # noqa: E402, F401


def main():
    args = t.arguments()
    with Host(args.posthus, SETTINGS) as host:
        prepare(host)
        failed = t.run(args.names, host)
        trouble = re.findall(r".*api\.trouble.*", host.log_tail(10 ** 7))
        if trouble:
            failed += 1
            print(f"FAIL api/log: {trouble[0]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
