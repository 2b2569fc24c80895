"""Postfix + LMTP + Dovecot (mdbox) with folders and ports of their own.

Configured as a provider would: everything synced as they do by default, no
content filters, TLS only where ours is used too, limits that stand in the
way of a load test lifted.
"""
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from lib.measure import wait_port  # noqa: E402

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {dir}/spool
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/maillog
maillog_file_prefixes = {dir}
myhostname = mx.provider.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = customer.example
virtual_mailbox_maps = static:all
virtual_transport = lmtp:unix:{dir}/lmtp
lmtp_destination_concurrency_limit = 32
lmtp_destination_recipient_limit = 1
default_process_limit = 128
in_flow_delay = 0
message_size_limit = 73400320
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_delay_reject = no
smtputf8_enable = no
smtpd_tls_security_level = none
disable_dns_lookups = yes
"""

MASTER_CF = """
127.0.0.1:{smtp} inet n - n - 128 smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
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
local     unix  - n n - - local
virtual   unix  - n n - - virtual
lmtp      unix  - - n - 32 lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""

DOVECOT_CONF = """
base_dir = {dir}/run
state_dir = {dir}/state
instance_name = bench
log_path = {dir}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
mail_location = mdbox:{dir}/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_cache_size = 10M
mail_max_userip_connections = 0
mail_plugins =
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={dir}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  service_count = 0
  process_min_avail = 2
  client_limit = 20000
  chroot =
}}
service imap {{
  process_limit = 20000
  client_limit = 1
}}
service lmtp {{
  unix_listener {dir}/lmtp {{
    mode = 0666
  }}
  process_limit = 64
  client_limit = 1
}}
service auth {{
  client_limit = 60000
}}
service anvil {{
  client_limit = 60000
}}
service stats {{
  client_limit = 60000
}}
default_process_limit = 20000
default_client_limit = 60000
"""


class Peers:
    """The two, started; `close()` stops them and removes all."""

    def __init__(self, folder, base_port):
        self.dir = Path(folder)
        self.smtp_port = base_port
        self.imap_port = base_port + 1
        self.imaps_port = base_port + 2
        shutil.rmtree(self.dir, ignore_errors=True)
        for sub in ("spool", "data", "run", "state", "mail", "postfix"):
            (self.dir / sub).mkdir(parents=True)
        names = {"dir": self.dir, "smtp": self.smtp_port,
                 "imap": self.imap_port, "imaps": self.imaps_port}
        (self.dir / "postfix/main.cf").write_text(MAIN_CF.format(**names))
        (self.dir / "postfix/master.cf").write_text(MASTER_CF.format(**names))
        (self.dir / "dovecot.conf").write_text(DOVECOT_CONF.format(**names))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-subj", "/CN=imap.provider.example",
                        "-keyout", self.dir / "key.pem",
                        "-out", self.dir / "cert.pem"],
                       check=True, capture_output=True)
        for path in (self.dir, *self.dir.parents):
            if path != Path("/"):
                os.chmod(path, os.stat(path).st_mode | 0o055)
            if path == Path("/tmp"):
                break
        for sub, owner in (("data", "postfix"), ("mail", "mail")):
            shutil.chown(self.dir / sub, owner)
        self.dovecot = None

    def postfix(self, what):
        return subprocess.run(["postfix", "-c", str(self.dir / "postfix"), what],
                              capture_output=True, text=True)

    def start(self):
        log = open(self.dir / "dovecot.out", "wb")
        self.dovecot = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.dir / "dovecot.conf")],
            stdout=log, stderr=log)
        done = self.postfix("start")
        if done.returncode:
            raise RuntimeError(f"postfix: {done.stderr}")
        wait_port(self.smtp_port)
        wait_port(self.imap_port)
        self.master = int((self.dir / "spool/pid/master.pid").read_text())

    def roots(self):
        """The processes whose trees are theirs."""
        return [self.dovecot.pid, self.master]


    def close(self):
        self.postfix("stop")
        if self.dovecot:
            self.dovecot.terminate()
            try:
                self.dovecot.wait(20)
            except subprocess.TimeoutExpired:
                self.dovecot.kill()
                self.dovecot.wait()
        time.sleep(0.5)
        shutil.rmtree(self.dir, ignore_errors=True)
