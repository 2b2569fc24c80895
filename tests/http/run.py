#!/usr/bin/env python3
"""What the http role serves besides JMAP's methods, over real HTTP: the files of
the web part, logins and sessions, second factors, app passwords, the image
proxy, leaving lists, WebSocket.

    run.py [--posthus P] [--list] [NAME...]

One host serves all tests; each test makes an account of its own.
"""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host  # noqa: E402
from lib.nsd import Nsd, program  # noqa: E402
from world import SETTINGS, ZONES, t  # noqa: E402

# The tests, in the order in which they run.
import files  # noqa: E402, F401
import logins  # noqa: E402, F401
import factors  # noqa: E402, F401
import links  # noqa: E402, F401
import pictures  # noqa: E402, F401
import lists  # noqa: E402
import websocket  # noqa: E402, F401
import http2  # noqa: E402, F401

TROUBLE = re.compile(r".*(?:ERROR: [A-Z][A-Za-z]*Sanitizer|runtime error:|"
                     r"level=error.*role\.ended|[a-z]\.trouble).*")


def main():
    args = t.arguments("--keep")
    if not program():
        t.cannot("no nsd")
    with Nsd({**ZONES, **lists.ZONES}) as dns, \
            Host(args.posthus, {**SETTINGS, **lists.SETTINGS, **dns.settings},
                 keep=args.keep) as host:
        host.domain("customer.example")
        host.start()
        failed = t.run(args.names, host)
        if failed:
            print(host.log_tail())
        trouble = TROUBLE.search(host.log_tail(10 ** 7))
        if trouble:
            print(f"FAIL http/log {trouble.group(0)}")
    return 1 if failed or trouble else 0


if __name__ == "__main__":
    sys.exit(main())
