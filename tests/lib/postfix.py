"""Postfix as another mail host, on an address of loopback.

    with Postfix("peer.example", "127.0.1.9", port, routes={...}) as peer:
        peer.messages("carl")     what came for carl@peer.example, oldest first
        peer.send("carl@peer.example", "anna@customer.example", bytes)

It runs as root, with folders of its own; it offers TLS with a certificate of
the test's authority.
"""
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {dir}/spool
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/log/maillog
maillog_file_prefixes = {dir}
myhostname = mail.{domain}
myorigin = {domain}
mydestination =
mynetworks = {address}/32
inet_interfaces = loopback-only
inet_protocols = ipv4
smtp_bind_address = {address}
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {dir}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_transport = maildir
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtp_tls_security_level = may
smtpd_recipient_restrictions = reject_unauth_destination
smtpd_milters = {milters}
milter_default_action = tempfail
disable_dns_lookups = yes
transport_maps = texthash:{dir}/transport
alternate_config_directories = {dir}/postfix
minimal_backoff_time = 2s
queue_run_delay = 2s
"""

MASTER_CF = """
{address}:{port} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 2 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
maildir   unix  - n n - - pipe flags=DRhu user={user} null_sender=
  argv=/bin/sh {dir}/file ${{user}} ${{queue_id}}
postlog   unix-dgram n - n - 1 postlogd
"""

# A file for each message, with the trace fields that Postfix adds.
FILE = """#!/bin/sh
umask 077
cat > "{dir}/mail/$1.$2.tmp" && mv "{dir}/mail/$1.$2.tmp" "{dir}/mail/$1.$2"
"""


def program():
    return shutil.which("postfix") or shutil.which("postfix", path="/usr/sbin")


class Postfix:
    def __init__(self, domain, address, port, authority, routes=None,
                 milters=""):
        self.domain, self.address, self.port = domain, address, port
        self.dir = Path(tempfile.mkdtemp(prefix="posthus-postfix-"))
        self.dir.chmod(0o755)
        for sub in ("spool", "data", "mail", "postfix", "log"):
            (self.dir / sub).mkdir()
        cert, key = authority.certificate(f"mail.{domain}")
        user = "nobody"
        shutil.chown(self.dir / "data", "postfix")
        shutil.chown(self.dir / "mail", user)
        (self.dir / "file").write_text(FILE.format(dir=self.dir))
        (self.dir / "transport").write_text("".join(
            f"{name} smtp:[{to[0]}]:{to[1]}\n"
            for name, to in (routes or {}).items()))
        words = dict(dir=self.dir, domain=domain, address=address, port=port,
                     cert=cert, key=key, user=user, milters=milters,
                     uid=os.stat(self.dir / "mail").st_uid,
                     gid=os.stat(self.dir / "mail").st_gid)
        (self.dir / "postfix/main.cf").write_text(MAIN_CF.format(**words))
        (self.dir / "postfix/master.cf").write_text(MASTER_CF.format(**words))

    def postfix(self, what):
        return subprocess.run(
            [program(), "-c", str(self.dir / "postfix"), what],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60)

    def __enter__(self):
        done = self.postfix("start")
        if done.returncode:
            raise OSError(f"postfix: {done.stdout}{done.stderr}{self.log()}")
        until = time.monotonic() + 15
        while time.monotonic() < until:
            try:
                with socket.create_connection((self.address, self.port), 2) as s:
                    if s.recv(1):
                        return self
            except OSError:
                time.sleep(0.05)
        raise OSError("postfix does not answer: " + self.log())

    def __exit__(self, *_):
        self.postfix("abort")
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self):
        try:
            return (self.dir / "log/maillog").read_text()[-3000:]
        except OSError:
            return ""

    def messages(self, user):
        found = sorted((self.dir / "mail").glob(f"{user}.*"),
                       key=lambda p: p.stat().st_mtime_ns)
        return [p.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                for p in found if p.suffix != ".tmp"]

    def wait(self, user, n=1, timeout=20):
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            got = self.messages(user)
            if len(got) >= n:
                return got
            time.sleep(0.05)
        raise OSError(f"{len(self.messages(user))} of {n} came for {user}: "
                      + self.log())

    def send(self, sender, to, message):
        """As a user of that host would, by its sendmail command."""
        done = subprocess.run(
            ["/usr/sbin/sendmail", "-C", str(self.dir / "postfix"), "-i",
             "-f", sender, to], input=message.replace(b"\r\n", b"\n"),
            capture_output=True, timeout=60)
        if done.returncode:
            raise OSError(f"sendmail: {done.stderr.decode()}")
