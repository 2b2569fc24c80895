#!/usr/bin/env python3
"""Who vouches for a message: HELO, SPF, DKIM, DMARC, with a real name server.

A host and nsd run on loopback; the zones say who may send.  Other people's
programs check what Posthus signs.  `run.py WORD` runs the tests whose name
holds it; `--list` names them.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host  # noqa: E402
from lib.nsd import Nsd, program  # noqa: E402
from lib.ports import free_port  # noqa: E402
from world import BO, KEY_ROWS, PARTNER, SETTINGS, World, t  # noqa: E402

# The tests, in the order in which they run.
import spf  # noqa: E402, F401
import dmarc  # noqa: E402, F401
import hostile  # noqa: E402
import arc  # noqa: E402, F401
import signing  # noqa: E402, F401
import reports  # noqa: E402, F401
import silence  # noqa: E402, F401

ZONES = {
    "partner.example": PARTNER + KEY_ROWS, "other.example": KEY_ROWS,
    "customer.example": "", "second.example": "", "provider.example": "",
    "list.example": KEY_ROWS + KEY_ROWS.replace("_domainkey TXT",
                                                "_domainkey.sub TXT"),
    "hostile.example": hostile.HOSTILE,
    "wants.example": "@ MX 10 sink.partner.example.\n"
    "rep.partner.example._report._dmarc TXT \"v=DMARC1\"\n",
}


def main():
    args = t.arguments("--keep")
    if not program():
        t.cannot("no nsd")
    relay_port = free_port()
    with Nsd(ZONES) as dns, \
            Host(args.posthus, {**SETTINGS, **dns.settings,
                                "relay.port": str(relay_port)},
                 keep=args.keep) as host:
        host.domain("customer.example")
        host.account(BO, "secret")
        host.start()
        failed = t.run(args.names, World(host, dns, relay_port))
        if failed:
            print(host.log_tail())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
