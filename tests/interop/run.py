#!/usr/bin/env python3
"""Programs of others as strangers: what they do must work.

    run.py [--posthus P] [--list] [--keep] [NAME...]
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host  # noqa: E402
from world import SETTINGS, World, t  # noqa: E402

# The tests, in the order in which they run.
import sending  # noqa: E402, F401
import guidance  # noqa: E402, F401
import libraries  # noqa: E402, F401
import programs  # noqa: E402, F401
import every_byte  # noqa: E402, F401


def main():
    args = t.arguments("--keep")
    with Host(args.posthus, SETTINGS, keep=args.keep) as host:
        host.start()
        failed = t.run(args.names, World(host))
        if failed:
            print(host.log_tail())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
