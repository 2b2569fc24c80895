#!/usr/bin/env python3
"""Mail goes out: to sinks of the test, found through a real name server.

Each host of the test is an address of loopback and listens at one port, which
the option relay.port names.  `run.py WORD` runs the tests whose name holds
it; `--list` names them.
"""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host  # noqa: E402
from lib.nsd import Nsd, program  # noqa: E402
from lib.ports import free_port  # noqa: E402
from lib.sink import Authority  # noqa: E402
from world import ANNA, SETTINGS, SIGNED, ZONE, World, t  # noqa: E402

# The tests, in the order in which they run.
import delivery  # noqa: E402, F401
import published  # noqa: E402, F401
import sharing  # noqa: E402, F401
import demands  # noqa: E402, F401
import forwards  # noqa: E402, F401
import endurance  # noqa: E402, F401
import reports  # noqa: E402, F401


class SignedNsd(Nsd):
    """One of the zones is signed; its key is the anchor."""

    def write(self):
        super().write()
        keys = sorted(self.dir.glob("Ksigned.example*.key"))
        if not keys:
            subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k",
                            "signed.example"], cwd=self.dir, check=True,
                           capture_output=True)
            keys = sorted(self.dir.glob("Ksigned.example*.key"))
        subprocess.run(["ldns-signzone", "-n", "signed.example",
                        keys[0].name[:-4]], cwd=self.dir, check=True,
                       capture_output=True)
        (self.dir / "signed.example.signed").replace(
            self.dir / "signed.example")
        (self.dir / "anchor").write_text(keys[0].read_text())


def main():
    args = t.arguments("--keep")
    if not program():
        t.cannot("no nsd")
    port = free_port(2)
    authority = Authority()
    signed = SIGNED.format(port=port, wrong="3 1 1 " + "ab" * 32,
                           good=authority.tlsa("mx6.signed.example"))
    zone = ZONE.replace("{policy_port}", str(port + 1))
    with SignedNsd({"partner.example": zone, "signed.example": signed}) as dns:
        settings = {**SETTINGS, **dns.settings, "relay.port": str(port),
                    "relay.policy_port": str(port + 1),
                    "relay.authorities": str(authority.file)}
        with Host(args.posthus, settings, keep=args.keep) as host:
            host.domain("customer.example")
            host.account(ANNA, "secret")
            host.start()
            failed = t.run(args.names, World(host, port, authority, settings))
            if failed:
                print(host.log_tail())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
