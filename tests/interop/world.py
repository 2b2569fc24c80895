"""What the tests of this folder share: the host, accounts, and programs."""
import os
import re
import shutil
import subprocess
import time

from lib.mail import Imap, Smtp
from lib.runner import Tests, Wrong

t = Tests("interop")
SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off", "score.mode": "off",
    "limits.connections_exempt": "127.0.0.0/8",
    "limits.domain.messages_5min": "100000",
    "limits.domain.messages_1h": "100000",
    "limits.domain.recipients_5min": "100000",
    "limits.domain.recipients_1h": "100000",
}
PASSWORD = "secret"


class World:
    """The host, a folder for files, and a new account for each test."""

    def __init__(self, host):
        self.host = host
        self.serial = 0
        host.domain("customer.example")

    def account(self):
        self.serial += 1
        address = f"user{self.serial}@customer.example"
        self.host.account(address, PASSWORD)
        return address

    def folder(self, name):
        path = self.host.folder / f"{name}-{self.serial}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return path

    def port(self, service):
        return str(self.host.port(service))

    def imap(self, address):
        return Imap(self.host.port("imap"), address, PASSWORD)

    def count(self, address, folder="INBOX"):
        imap = self.imap(address)
        text = b"".join(imap.command(f'STATUS "{folder}" (MESSAGES)')[0])
        imap.close()
        return int(re.search(rb"MESSAGES (\d+)", text).group(1))

    def deliver(self, address, n, size=300):
        smtp = Smtp(self.host.port("smtp"))
        for i in range(n):
            smtp.data("bo@partner.example", [address],
                      b"Message-ID: <i%d.%d@partner.example>\r\n"
                      b"From: Bo <bo@partner.example>\r\n"
                      b"Subject: number %d\r\n\r\n%s\r\n"
                      % (i, time.time_ns(), i, b"text " * (size // 5)))
        smtp.close()


def run(*command, code=0, timeout=120, stdin=None, env=None):
    done = subprocess.run([str(c) for c in command], capture_output=True,
                          timeout=timeout, input=stdin,
                          env=dict(os.environ, **(env or {})))
    out = done.stdout.decode(errors="replace")
    if code is not None and done.returncode != code:
        raise Wrong(f"{command[0]} ended with {done.returncode}:\n"
                    + (out + done.stderr.decode(errors="replace"))[-1500:])
    return out + done.stderr.decode(errors="replace")
