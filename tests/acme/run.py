#!/usr/bin/env python3
"""Certificates come by themselves: from pebble, a real ACME authority for
tests, by each kind of proof, and from one of ours for what pebble lacks.

`run.py WORD` runs the tests whose name holds it; `--list` names them.
"""
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.host import Host  # noqa: E402
from lib.nsd import Nsd, program  # noqa: E402
from lib.ports import free_port  # noqa: E402
from lib.runner import Tests, need, same, until  # noqa: E402
from lib.sink import Authority  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent))
from authority import Authority9773  # noqa: E402

DAY = 86400 * 10**6
C = "customer.example"
ZONES = {"provider.example": "mx A 127.0.0.1\nimap A 127.0.0.1\n"
                             "mail A 127.0.0.1\npop A 192.0.2.1\n",
         C: "imap A 127.0.0.1\npop A 192.0.2.1\n"}
t = Tests("acme")


class Pebble:
    def __init__(self, authority, host, dns, eab=False):
        self.dir = Path(tempfile.mkdtemp(prefix="posthus-pebble-"))
        self.port, self.manage = free_port(), free_port()
        cert, key = authority.certificate("localhost")
        conf = {"pebble": {
            "listenAddress": f"127.0.0.1:{self.port}",
            "managementListenAddress": f"127.0.0.1:{self.manage}",
            "certificate": cert, "privateKey": key,
            "httpPort": host.port("http"), "tlsPort": host.port("https"),
            "externalAccountBindingRequired": eab}}
        if eab:
            conf["pebble"]["externalAccountMACKeys"] = {
                "kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44"
                         "nMEtx3MUAsUDkMTQ12W"}
        (self.dir / "conf").write_text(json.dumps(conf))
        env = dict(os.environ, PEBBLE_VA_NOSLEEP="1",
                   PEBBLE_WFE_NONCEREJECT="20", PEBBLE_AUTHZREUSE="50")
        self.log = open(self.dir / "log", "wb")
        self.process = subprocess.Popen(
            ["pebble", "-config", str(self.dir / "conf"), "-dnsserver",
             f"127.0.0.1:{dns}"], stdout=self.log, stderr=self.log, env=env)
        self.directory = f"https://localhost:{self.port}/dir"
        self.context = ssl.create_default_context(
            cafile=str(authority.file))

    def __enter__(self):
        until(lambda: self.root(), "pebble does not answer")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def root(self):
        """What it signs with."""
        try:
            with urllib.request.urlopen(
                    f"https://localhost:{self.manage}/roots/0", timeout=3,
                    context=self.context) as r:
                return r.read()
        except OSError:
            return None


def make(posthus, settings):
    host = Host(posthus, {"policy.helo": "off", "policy.greylist": "off",
                          "acme.addresses": "127.0.0.1",
                          "listen.addresses": "127.0.0.1", **settings})
    host.domain(C)
    return host


def set_option(host, **settings):
    """What is known only when pebble runs."""
    text = host.config.read_text()
    text += "\n[acme]\n" + "".join(f'{k} = "{v}"\n'
                                   for k, v in settings.items())
    host.config.write_text(text)


def served(host, service, name):
    """The certificate for this SNI name."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", host.port(service)), 10) as s:
        with c.wrap_socket(s, server_hostname=name) as tls:
            return ssl.DER_cert_to_PEM_cert(tls.getpeercert(True))


def names_of(pem):
    text = subprocess.run(["openssl", "x509", "-noout", "-ext",
                           "subjectAltName"], input=pem.encode(), check=True,
                          capture_output=True).stdout.decode()
    return sorted(w.strip(",") .removeprefix("DNS:") for w in text.split()
                  if w.startswith("DNS:"))


def issuer(pem):
    return subprocess.run(["openssl", "x509", "-noout", "-issuer"],
                          input=pem.encode(), check=True,
                          capture_output=True).stdout.decode()


def has_its_own(host):
    """Not that of the provider, which is served until its own is there."""
    pem = served(host, "https", f"imap.{C}")
    return "Pebble" in issuer(pem) and names_of(pem) == [f"imap.{C}"]


def rows(host):
    return {r["name"]: r for r in
            json.loads(host.cli("cert", "list", "--json"))}


def follow_pebble(posthus, challenge, more=None, eab=False):
    """Start all; give (host, pebble, dns) when the certificates are there."""
    authority = Authority()
    with Nsd(ZONES) as dns, make(posthus, {
            **dns.settings, "acme.challenge": challenge,
            "acme.ca_file": str(authority.file), **(more or {})}) as host, \
            Pebble(authority, host, dns.port, eab) as pebble:
        set_acme(host, pebble.directory)
        host.start()
        until(lambda: has_its_own(host),
              lambda: "no certificate: " + host.log_tail()
              + (pebble.dir / "log").read_text()[-1500:], 60)
        yield host, pebble, dns


def set_acme(host, directory):
    text = host.config.read_text()
    need("[acme]" in text or "acme." in text, text)
    host.config.write_text(text.replace(
        "[acme]\n", f'[acme]\ndirectory = "{directory}"\n', 1))


@t.test
def r15_names_get_certificates_by_http(posthus):
    for host, pebble, dns in follow_pebble(posthus, "http"):
        # The roles took it up while they ran, each of them.
        until(lambda: names_of(served(host, "imaps", f"imap.{C}"))
              == [f"imap.{C}"], "IMAP has another")
        pid = host.process.pid
        until(lambda: "Pebble" in issuer(served(host, "submissions", "x.y")),
              "the provider has none")
        until(lambda: names_of(served(host, "submissions", "x.y"))
              == ["imap.provider.example", "mail.provider.example",
                  "mx.provider.example"], "the provider has another")
        s = subprocess.run(
            ["openssl", "s_client", "-connect",
             f"127.0.0.1:{host.port('imaps')}", "-servername", f"imap.{C}"],
            input=b"", capture_output=True, timeout=20).stdout.decode()
        need("Pebble" in s, s[:500])
        r = rows(host)
        same(sorted(r), ["default", f"imap.{C}"])
        need(r[f"imap.{C}"]["state"] == "valid", r)
        look = [x for x in json.loads(host.cli("check", "--json", code=None))[
            "rows"] if x["id"] == "certificates"]
        same([(x["state"], x["found"][:2]) for x in look], [("ok", "1,")])
        # A name that comes later is asked for when a client wants it.
        dns.change(C, "imap A 127.0.0.1\npop A 127.0.0.1\n")
        time.sleep(1.1)
        until(lambda: names_of(served(host, "pop3s", f"pop.{C}"))
              == [f"pop.{C}"], lambda: "no wish: " + host.log_tail(), 60)
        same(host.process.pid, pid)
        need(host.process.poll() is None, "the host was restarted")


@t.test
def r15_names_get_certificates_by_tls(posthus):
    for host, _, _ in follow_pebble(posthus, "tls"):
        same(names_of(served(host, "https", f"imap.{C}")), [f"imap.{C}"])


@t.test
def an_account_bound_to_a_customer(posthus):
    more = {"acme.eab_kid": "kid-1", "acme.contact": "postmaster@provider.example",
            "acme.eab_key": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44"
                            "nMEtx3MUAsUDkMTQ12W"}
    for host, _, _ in follow_pebble(posthus, "http", more, eab=True):
        same(names_of(served(host, "https", f"imap.{C}")), [f"imap.{C}"])


@t.test
def r15_names_get_certificates_by_dns(posthus):
    """The operator's program sets the record in a name server of its own."""
    authority = Authority()
    manage, dns_port = free_port(), free_port()
    server = subprocess.Popen(
        ["pebble-challtestsrv", "-dns01", f"127.0.0.1:{dns_port}", "-http01",
         "", "-https01", "", "-tlsalpn01", "", "-management",
         f"127.0.0.1:{manage}", "-defaultIPv6", ""],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    hook = authority.dir / "hook"
    hook.write_text(f"""#!/bin/sh
case $1 in add) path=set-txt;; remove) path=clear-txt;; esac
exec curl -sf -d "{{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}}" \\
	http://127.0.0.1:{manage}/$path
""")
    hook.chmod(0o755)
    try:
        with Nsd(ZONES) as dns, make(posthus, {
                **dns.settings, "acme.challenge": "dns",
                "acme.dns_hook": str(hook),
                "acme.ca_file": str(authority.file)}) as host, \
                Pebble(authority, host, dns_port) as pebble:
            set_acme(host, pebble.directory)
            host.start()
            until(lambda: has_its_own(host),
                  lambda: "no certificate: " + host.log_tail(), 60)
    finally:
        server.terminate()
        server.wait(10)


@t.test
def renewed_when_the_authority_says(posthus):
    authority = Authority()
    with Nsd(ZONES) as dns, Authority9773(authority) as ca, make(posthus, {
            **dns.settings, "acme.directory": ca.directory,
            "acme.ca_file": str(authority.file)}) as host:
        now = time.time()
        ca.window = (now + 60 * 86400, now + 61 * 86400)
        ca.refuse = 1
        host.start()
        until(lambda: len(ca.orders) == 1, lambda: host.log_tail(), 60)
        # What was refused waits as long as it was told to, not less.
        r = until(lambda: next((v for v in rows(host).values()
                                if v["state"] == "failed"), None), "no failure")
        need("slowly" in r["why"], r)
        host.clock_add(int(1.9 * 3600 * 10**6))
        time.sleep(3)
        same(len(ca.orders), 1)
        host.clock_add(int(0.2 * 3600 * 10**6))
        until(lambda: len(ca.orders) == 2, lambda: host.log_tail(), 60)
        need(all("replaces" not in o for o in ca.orders), ca.orders)
        first = served(host, "https", f"imap.{C}")
        # It asks now and then, and nothing happens before the window.
        host.clock_add(DAY)
        until(lambda: len(set(ca.asked)) >= 2, "it does not ask")
        time.sleep(1)
        same(len(ca.orders), 2)
        # The authority wants all of them replaced now.
        ca.window = (now - 3600, now - 60)
        host.clock_add(DAY)
        until(lambda: len(ca.orders) == 4, lambda: host.log_tail(), 60)
        same(sorted(o["replaces"] for o in ca.orders[2:]),
             sorted(set(ca.asked)))
        until(lambda: served(host, "https", f"imap.{C}") != first,
              "the old one is served")
        key = subprocess.run(["openssl", "x509", "-noout", "-pubkey"],
                             input=first.encode(), capture_output=True).stdout
        same(subprocess.run(["openssl", "x509", "-noout", "-pubkey"],
                            input=served(host, "https", f"imap.{C}").encode(),
                            capture_output=True).stdout, key)


@t.test
def given_certificates_are_left_alone(posthus):
    authority = Authority()
    with Nsd(ZONES) as dns, Authority9773(authority) as ca, make(posthus, {
            **dns.settings, "acme.directory": ca.directory,
            "acme.ca_file": str(authority.file)}) as host:
        ca.window = (time.time() + 86400, time.time() + 2 * 86400)
        cert, key = authority.certificate(f"imap.{C}")
        host.cli("cert", "add", f"imap.{C}", cert, key)
        other, _ = authority.certificate("other.example")
        host.cli("cert", "add", f"imap.{C}", other, key, code=1)
        host.start()
        until(lambda: len(ca.orders) == 1, "none for the provider")
        time.sleep(3)
        same([i["value"] for o in ca.orders for i in o["identifiers"]],
             ["mx.provider.example", "imap.provider.example",
              "mail.provider.example"])
        same(served(host, "imaps", f"imap.{C}").split(),
             Path(cert).read_text().split())


def main():
    args = t.arguments()
    if not shutil.which("pebble") or not program():
        t.cannot("needs pebble and nsd")
    return 1 if t.run(args.names, args.posthus) else 0


if __name__ == "__main__":
    sys.exit(main())
