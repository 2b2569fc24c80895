"""A running Posthus for a test: made, started, asked, stopped.

    with Host(posthus, {"policy.greylist": "off"}) as host:
        host.account("anna@customer.example", "secret")
        host.start()
        socket.create_connection(("127.0.0.1", host.port("imap")))

Everything lies in one temporary folder, and goes with it unless `keep`.
"""
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from .ports import PORTS, Offset

ROOT = Path(__file__).resolve().parent.parent.parent

# The services that speak TLS from the first byte.
IMPLICIT_TLS = {"submissions", "imaps", "pop3s", "https"}


class HostError(Exception):
    pass


def any_certificate():
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    return c


class Host:
    def __init__(self, posthus, settings=None, folder=None, keep=False,
                 hostname="mx.provider.example", one_process=False,
                 environment=None, ports=None):
        self.posthus = str(Path(posthus).resolve())
        self.keep = keep
        self.one_process = one_process
        self.folder = Path(folder or tempfile.mkdtemp(prefix="posthus-test-"))
        self.data = self.folder / "host"
        self.log = self.folder / "log"
        self.clock_file = self.folder / "clock"
        self.clock_file.write_bytes(struct.pack("<q", 0))
        self.ports = ports or Offset()
        self.offset = self.ports.value
        self.process = None
        self.extra = dict(environment or {})
        self.init(hostname, settings or {})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stop()
        self.ports.close()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the command line ----

    def environment(self):
        env = dict(os.environ, POSTHUS_CLOCK=str(self.clock_file))
        env.pop("POSTHUS_CONFIG", None)
        env.update(self.extra)
        return env

    def init(self, hostname, settings):
        args = ["init", str(self.data), "--hostname", hostname,
                "--listen", "127.0.0.1", "--port-offset", str(self.offset)]
        for key, value in sorted(settings.items()):
            args += ["--set", f"{key}={value}"]
        self.run(*args)
        found = sorted(self.data.glob("*.conf")) or sorted(self.data.glob("*.toml"))
        if not found:
            raise HostError(f"init left no configuration in {self.data}")
        self.config = found[0]

    def run(self, *args, stdin="", code=0):
        """Run `posthus ARGS`; its output, or HostError."""
        done = subprocess.run([self.posthus, *args], input=stdin.encode(),
                              capture_output=True, env=self.environment(),
                              timeout=120)
        self.code = done.returncode
        self.said = done.stderr.decode(errors="replace")
        if code is not None and done.returncode != code:
            raise HostError(f"posthus {' '.join(args)}: exit {done.returncode}\n"
                            + done.stdout.decode(errors="replace")[-2000:]
                            + done.stderr.decode(errors="replace")[-2000:])
        return done.stdout.decode(errors="replace")

    def cli(self, *args, stdin="", code=0):
        return self.run(*args, "--config", str(self.config), stdin=stdin,
                        code=code)

    def errors(self, *args, code=0):
        """What a command says beside its output."""
        self.cli(*args, code=code)
        return self.said

    def domain(self, name):
        listed = self.run("domain", "list", "--config", str(self.config),
                          code=None)
        if name not in listed.split():
            self.cli("domain", "add", name)

    def account(self, address, password):
        self.cli("account", "add", address, "--password-stdin",
                 stdin=password + "\n")

    def local_socket(self):
        """That of posthus sendmail."""
        return next(self.data.glob("**/sendmail"))

    # ---- the daemon ----

    def port(self, service):
        return PORTS[service] + self.offset

    def start(self, environment=None, timeout=60):
        args = [self.posthus, "serve", "--config", str(self.config)]
        if self.one_process:
            args.append("--one-process")
        env = self.environment()
        env.update(environment or {})
        self.log_fd = open(self.log, "ab")
        self.process = subprocess.Popen(args, stdin=subprocess.DEVNULL,
                                        stdout=self.log_fd,
                                        stderr=self.log_fd, env=env,
                                        start_new_session=True)
        until = time.monotonic() + timeout
        for service in ("smtp", "imap", "pop3", "sieve"):
            self.wait_for(service, until)

    def wait_for(self, service, until):
        while True:
            if self.process.poll() is not None:
                raise HostError(f"serve ended with {self.process.returncode}:\n"
                                + self.log_tail())
            try:
                with socket.create_connection(
                        ("127.0.0.1", self.port(service)), 5) as s:
                    s.settimeout(5)
                    if s.recv(1):
                        return
            except OSError:
                pass
            if time.monotonic() > until:
                raise HostError(f"{service} does not answer:\n" + self.log_tail())
            time.sleep(0.02)

    def log_tail(self, n=2500):
        try:
            return self.log.read_bytes()[-n:].decode(errors="replace")
        except OSError:
            return ""

    def pids(self):
        """The supervisor and every role, as far as they live."""
        if not self.process:
            return []
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as f:
                    todo += [int(p) for p in f.read().split()]
            except OSError:
                pass
        return found

    def kill(self):
        """As a power failure of the processes: kill -9, all at once."""
        if not self.process:
            return
        for _ in range(3):
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except OSError:
                break
            time.sleep(0.01)
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.process.wait()
        self.process = None
        self.log_fd.close()
        self.wait_ports_free()

    def wait_ports_free(self):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                for service in PORTS:
                    with socket.socket() as s:
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                        s.bind(("127.0.0.1", self.port(service)))
                return
            except OSError:
                time.sleep(0.02)

    def stop(self, timeout=40):
        """SIGTERM and wait; the exit status, None when it was not running."""
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9
        try:  # a role that outlived its supervisor
            os.killpg(self.process.pid, signal.SIGKILL)
        except OSError:
            pass
        self.process = None
        self.log_fd.close()
        return status

    # ---- the clock ----

    def clock_ahead(self):
        return struct.unpack("<q", self.clock_file.read_bytes()[:8])[0]

    def clock_add(self, microseconds):
        ahead = struct.pack("<q", self.clock_ahead() + microseconds)
        with open(self.clock_file, "r+b") as f:  # the same file: it is mapped
            f.write(ahead)
