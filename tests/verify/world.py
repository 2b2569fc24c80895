"""What the tests of this folder share: the zones, a peer, messages and keys."""
import base64
import os
import re
import socket
import subprocess
import sys
import time

from lib.mail import Imap
from lib.nsd import quoted
from lib.runner import Tests, Wrong

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-dkim
import dkim  # noqa: E402

t = Tests("verify")
PARTNER = """
@ A 127.0.0.1
@ MX 10 mail
@ TXT "v=spf1 ip4:127.0.0.0/8 -all"
mail A 127.0.0.1
mxonly MX 10 mail
none A 127.0.0.1
fail TXT "v=spf1 -all"
fail A 127.0.0.1
why TXT "v=spf1 -all exp=exp.why"
exp.why TXT "%{d} does not send from %{i}"
why A 127.0.0.1
soft TXT "v=spf1 ~all"
broken TXT "v=spf1 foo:bar -all"
_dmarc TXT "v=DMARC1; p=reject"
_dmarc.soft TXT "v=DMARC1; p=quarantine"
_dmarc.trial TXT "v=DMARC1; p=reject; t=y"
trial TXT "v=spf1 ~all"
_dmarc.only TXT "v=DMARC1; p=none"
rep TXT "v=spf1 ip4:127.0.0.0/8 -all"
_dmarc.rep TXT ("v=DMARC1; p=reject; aspf=s; rua=mailto:agg@out.partner.example,"
 "mailto:x@victim.example,mailto:r@wants.example")
out MX 10 sink
out TXT "v=spf1 ip4:127.0.0.0/8 -all"
sink A 127.0.1.1
""".replace("exp.why\"", "exp.why.partner.example\"")
SETTINGS = {
    "arc.trusted": "list.example", "policy.greylist": "off", "limits.connections_exempt": "127.0.0.0/8",
}
BO = "bo@customer.example"
OK = "250 2.0.0 "
REJECTED = "550 5.7.1 Message rejected by the DMARC policy of partner.example"


class Peer:
    """Another server that says what it is told to."""

    def __init__(self, world, helo="mail.partner.example", source="127.0.0.1"):
        self.socket = socket.create_connection(
            ("127.0.0.1", world.host.port("smtp")), 60,
            source_address=(source, 0))
        self.file = self.socket.makefile("rb")
        self.read()
        self.say(f"EHLO {helo}")

    def read(self):
        lines = []
        while True:
            line = self.file.readline().decode()
            if not line.endswith("\n"):
                raise Wrong("the host hung up")
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return lines

    def say(self, text):
        self.socket.sendall(text.encode() + b"\r\n")
        return self.read()

    def rcpt(self, sender="anna@partner.example", to=BO):
        """The first line to RCPT, without the sign of a further line."""
        self.say("RSET")
        self.say(f"MAIL FROM:<{sender}>")
        first = self.say(f"RCPT TO:<{to}>")[0]
        return first[:3] + " " + first[4:]

    def send(self, message, sender="anna@partner.example", to=BO):
        got = self.rcpt(sender, to)
        if not got.startswith("250"):
            return got
        self.say("DATA")
        body = re.sub(rb"(?m)^\.", b"..", message)
        self.socket.sendall(body + b".\r\n")
        first = self.read()[0]
        return first[:3] + " " + first[4:]

    def close(self):
        self.file.close()
        self.socket.close()


class World:
    def __init__(self, host, dns, relay_port):
        self.host, self.dns = host, dns
        self.relay_port = relay_port

    def newest(self, folder="INBOX", user=BO):
        # Not what owners are told of their forwards, which comes when it does.
        i = Imap(self.host.port("imap"), user)
        bodies = [b for _, b in i.bodies(folder) if b".security@" not in b]
        i.close()
        return bodies[-1] if bodies else None


def forget():
    """What was asked before is no longer in the resolver's cache: it keeps an
    answer for its TTL of 1, and counts whole seconds of the real clock."""
    time.sleep(2.2)


def make_keys():
    """An RSA and an Ed25519 key, and the rows that publish them."""
    pem = subprocess.run(["openssl", "genrsa", "2048"], check=True,
                         capture_output=True).stdout
    der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"],
                         input=pem, check=True, capture_output=True).stdout
    text = "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()
    rows = "r1._domainkey TXT " + quoted(text) + "\n"
    seed = bytes(range(32))
    import nacl.signing
    public = nacl.signing.SigningKey(seed).verify_key.encode()
    rows += "e1._domainkey TXT " + quoted(
        "v=DKIM1; k=ed25519; p=" + base64.b64encode(public).decode()) + "\n"
    return pem, base64.b64encode(seed), rows, text.encode()


RSA_KEY, ED_KEY, KEY_ROWS, KEY_TEXT = make_keys()


def message(author="anna@partner.example", extra=b"", body=b"Hello.\r\n"):
    return (extra + b"From: Anna <" + author.encode() + b">\r\n"
            b"To: bo@customer.example\r\nSubject: lunch\r\n"
            b"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
            b"Message-ID: <%d.%d@partner.example>\r\n\r\n"
            % (time.time_ns(), os.getpid()) + body)


def signed(msg, domain=b"partner.example", kind="rsa", **more):
    if kind == "rsa":
        head = dkim.sign(msg, b"r1", domain, RSA_KEY, **more)
    else:
        head = dkim.sign(msg, b"e1", domain, ED_KEY,
                         signature_algorithm=b"ed25519-sha256", **more)
    return head + msg


def results(stored):
    """The Authentication-Results field of ours, unfolded."""
    m = re.search(rb"(?m)^Authentication-Results: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", stored)
    return re.sub(r"\s+", " ", m.group(1).decode()) if m else ""
