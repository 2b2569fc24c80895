"""Exim as another mail host: it verifies DKIM by the name server of the test.

    with Exim("far.example", "127.0.1.10", port, authority, nsd) as peer:
        peer.wait("carl")         what came, with Exim's Authentication-Results
        peer.send("carl@far.example", "anna@customer.example", bytes)

Debian's exim4 excludes other mail servers, so its program is unpacked into a
folder of ours.  It looks its user up in the system's table and asks the
system's name server: it gets its own of both in a mount namespace.
"""
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .host import ROOT

PACKAGE = "exim4-daemon-light"
UID = 64999
CONFIG = """
exim_path = {exim}
spool_directory = {dir}/spool
log_file_path = {dir}/log/%slog
pid_file_path = {dir}/pid
primary_hostname = mail.{domain}
qualify_domain = {domain}
local_interfaces = {address}
daemon_smtp_ports = {port}
keep_environment =
deliver_drop_privilege = true
tls_advertise_hosts = *
tls_certificate = {cert}
tls_privatekey = {key}
dns_dnssec_ok = 0
acl_smtp_rcpt = rcpt
acl_smtp_dkim = accept
acl_smtp_data = data
host_lookup =
rfc1413_query_timeout = 0s
dkim_verify_signers = $dkim_signers
queue_run_in_order
begin acl
rcpt:
  accept domains = {domain}
  deny message = relay not permitted
data:
  accept add_header = :at_start:${{authresults {{mail.{domain}}}}}
begin routers
local:
  driver = accept
  domains = {domain}
  local_parts = {users}
  transport = maildir
out:
  driver = manualroute
  route_data = ${{lookup{{$domain}}lsearch{{{dir}/routes}}}}
  self = send
  transport = smtp
begin transports
maildir:
  driver = appendfile
  directory = {dir}/mail/$local_part_data
  maildir_format
  create_directory
  user = Debian-exim
  delivery_date_add = false
  envelope_to_add = false
  return_path_add
smtp:
  driver = smtp
  interface = {address}
  dkim_domain = ${{if exists{{{dir}/dkim.key}}{{{domain}}}}}
  dkim_selector = exim
  dkim_private_key = {dir}/dkim.key
begin retry
* * F,1h,2s
"""


def program():
    """The unpacked program, or None when it cannot be had."""
    folder = ROOT / ".cache/peers/exim4"
    found = folder / "usr/sbin/exim4"
    if found.exists():
        return found
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temp:
        got = subprocess.run(["apt-get", "download", "-q", PACKAGE], cwd=temp,
                             capture_output=True, timeout=120)
        for deb in Path(temp).glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(deb), str(folder)], check=True)
        if not found.exists():
            print("    " + got.stderr.decode(errors="replace")[-200:])
            return None
    return found


class Exim:
    def __init__(self, domain, address, port, authority, nsd, routes=None,
                 users="dora"):
        self.domain, self.address, self.port = domain, address, port
        self.dir = Path(tempfile.mkdtemp(prefix="posthus-exim-"))
        self.dir.chmod(0o755)
        for sub in ("spool", "log", "mail"):
            (self.dir / sub).mkdir()
        cert, key = authority.certificate(f"mail.{domain}")
        for path in (cert, key):
            shutil.copy(path, self.dir)
        self.run("openssl", "genrsa", "-traditional", "-out",
                 self.dir / "dkim.key", "2048")
        for name in ("passwd", "group"):
            row = f"Debian-exim:x:{UID}:" + (
                f"{UID}::{self.dir}:/bin/false" if name == "passwd" else "")
            (self.dir / name).write_text(
                Path("/etc", name).read_text().rstrip("\n") + "\n" + row + "\n")
        (self.dir / "resolv.conf").write_text(
            f"nameserver {nsd.address}\noptions timeout:2 attempts:2\n")
        (self.dir / "routes").write_text("".join(
            f"{name}: {to[0]}::{to[1]}\n" for name, to in (routes or {}).items()))
        (self.dir / "conf").write_text(CONFIG.format(
            exim=program(), users=users, dir=self.dir, domain=domain, address=address,
            port=port, cert=self.dir / Path(cert).name,
            key=self.dir / Path(key).name))
        (self.dir / "conf").chmod(0o644)
        for path in [self.dir, *self.dir.glob("*")]:
            if path.name not in ("conf", "passwd", "group", "resolv.conf"):
                shutil.chown(path, UID, UID)
        self.process = None

    @staticmethod
    def run(*args):
        return subprocess.run([str(a) for a in args], check=True,
                              capture_output=True).stdout

    def dkim_record(self):
        import base64
        der = self.run("openssl", "rsa", "-in", self.dir / "dkim.key",
                       "-pubout", "-outform", "DER")
        return "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()

    def command(self, *args):
        inside = "".join(f"mount --bind {self.dir}/{n} /etc/{n} && "
                         for n in ("passwd", "group", "resolv.conf"))
        return ["unshare", "-m", "sh", "-c",
                inside + 'exec "$0" "$@"', str(program()),
                "-C", str(self.dir / "conf"), *args]

    def __enter__(self):
        self.out = open(self.dir / "log/out", "wb")
        self.process = subprocess.Popen(
            self.command("-bdf", "-q2s"), stdin=subprocess.DEVNULL,
            stdout=self.out, stderr=self.out)
        until = time.monotonic() + 15
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with socket.create_connection((self.address, self.port), 2) as s:
                    s.settimeout(5)
                    if s.recv(1):
                        return self
            except OSError:
                time.sleep(0.05)
        raise OSError("exim does not answer: " + self.log())

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.out.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self):
        return "".join(p.read_text(errors="replace")[-1500:]
                       for p in sorted((self.dir / "log").glob("*")))

    def messages(self, user):
        found = sorted((self.dir / "mail" / user / "new").glob("*"),
                       key=lambda p: p.stat().st_mtime_ns)
        return [p.read_bytes().replace(b"\n", b"\r\n") for p in found]

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
        """As a user of that host would."""
        done = subprocess.run(
            self.command("-i", "-f", sender, to),
            input=message.replace(b"\r\n", b"\n"), capture_output=True,
            timeout=60)
        if done.returncode:
            raise OSError(f"exim: {done.stderr.decode()}")
