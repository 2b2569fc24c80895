#!/usr/bin/env python3
"""The webmail in a real browser against a real host.

    run.py [--posthus P] [--list] [--shots FOLDER] [NAME...]

Needs node, web/node_modules (npm ci) and Debian's chromium.  Each test has an
account of its own; drive.mjs holds the tests.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from lib.host import Host, HostError  # noqa: E402
from lib.sink import Authority  # noqa: E402

SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8", "server.drain": "3s",
    "http.unsubscribe_networks": "127.0.0.1/32",
}
PASSWORD = "secret-word"
DOMAIN = "customer.example"


def administered(host, domain):
    """A domain of the test's own, with an administrator and a user."""
    host.domain(domain)
    for who in ("boss", "anna"):
        host.account(f"{who}@{domain}", PASSWORD)
    host.cli("admin", "add", f"boss@{domain}", "--domain", domain)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--posthus", default=str(ROOT / "build/posthus"))
    p.add_argument("--list", action="store_true")
    p.add_argument("--shots", help="keep pictures of the screens there")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    node, drive = shutil.which("node"), str(HERE / "drive.mjs")
    if not node or not (args.list or
                        (ROOT / "web/node_modules/playwright-core").exists()):
        print("FAIL web (no node, or no web/node_modules: npm ci in web/)")
        return 1
    listed = subprocess.run([node, drive, "--list"], capture_output=True,
                            text=True, check=True).stdout.split()
    chosen = [n for n in listed
              if not args.names or any(w in n for w in args.names)]
    if args.list:
        for n in chosen:
            print(f"web/{n}")
        return 0
    if not shutil.which("chromium"):
        print("FAIL web (no chromium)")
        return 1
    # What the host asks of others is asked of the tests.
    authority = Authority()
    cert, key = authority.certificate("127.0.0.1")
    settings = {**SETTINGS, "http.unsubscribe_ca_file": str(authority.file),
                "push.ca_file": str(authority.file),
                "push.networks": "127.0.0.1/32", "push.interval": "0s"}
    try:
        with Host(args.posthus, settings) as host:
            host.domain(DOMAIN)
            for n in chosen:
                host.account(f"{n}@{DOMAIN}", PASSWORD)
                if n.startswith("panel"):
                    administered(host, n.replace("_", "-") + ".example")
            host.start()
            about = {
                "base": os.environ.get(
                    "POSTHUS_WEB", f"http://127.0.0.1:{host.port('http')}"),
                "smtp": host.port("smtp"), "imap": host.port("imap"),
                "domain": DOMAIN,
                "api": f"http://127.0.0.1:{host.port('http')}",
                "tls": {"cert": cert, "key": key},
                "password": PASSWORD, "shots": args.shots,
                "chromium": shutil.which("chromium"),
            }
            done = subprocess.run([node, drive, *chosen], text=True,
                                  env={**os.environ,
                                       "POSTHUS_TEST": json.dumps(about)})
            return done.returncode
    except HostError as e:
        print(f"FAIL web ({e})")
        return 1


if __name__ == "__main__":
    sys.exit(main())
