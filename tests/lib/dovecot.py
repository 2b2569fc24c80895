"""Dovecot as the provider that somebody leaves.

    with Dovecot("old.example", authority) as old:
        old.imap("anna")     imaplib, logged in
        old.port             of IMAP with TLS, on 127.0.0.1

Every user exists, with the password PASSWORD.  Its certificate is one of the
test's authority, for the name given.  It runs as root, with folders of its own.
"""
import imaplib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

PASSWORD = "old\"secret\\x"

CONF = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
mail_location = maildir:{dir}/mail/%n
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {group}
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/mail/%n allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = .
  prefix = INBOX.
  mailbox Gesendet {{
    special_use = \\Sent
  }}
  mailbox All {{
    special_use = \\All
  }}
  mailbox Starred {{
    special_use = \\Flagged
  }}
}}
"""


def program():
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")


class Dovecot:
    def __init__(self, name, authority, port):
        self.name, self.port, self.authority = name, port, authority
        self.dir = Path(tempfile.mkdtemp(prefix="posthus-dovecot-"))
        self.dir.chmod(0o755)
        for sub in ("run", "state", "mail"):
            (self.dir / sub).mkdir()
        cert, key = authority.certificate(name)
        shutil.chown(self.dir / "mail", "mail", "mail")
        (self.dir / "conf").write_text(CONF.format(
            dir=self.dir, cert=cert, key=key, port=port, uid="mail",
            gid="mail", login="dovenull", internal="dovecot", group="dovecot",
            password=PASSWORD))

    def __enter__(self):
        self.process = subprocess.Popen(
            [program(), "-F", "-c", str(self.dir / "conf")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(self.dir / "err", "wb"))
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 2):
                    return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise OSError("dovecot does not answer: " + self.log())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self):
        return "".join(p.read_text()[-3000:] for p in
                       (self.dir / "log", self.dir / "err") if p.exists())

    def imap(self, user):
        context = ssl.create_default_context(cafile=str(self.authority.file))
        context.check_hostname = False
        c = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=context)
        try:
            c.login(user, PASSWORD)
        except imaplib.IMAP4.error as e:
            raise OSError(f"{e}: {self.log()}") from e
        return c
