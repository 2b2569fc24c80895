#!/usr/bin/env python3
"""Processes: each dies alone, comes back, and what counts is not forgotten.

    run.py [--posthus P] [--list] [NAME...]
"""
import imaplib
import os
import re
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import Host, HostError  # noqa: E402
from lib.mail import Imap, Refused, Smtp  # noqa: E402
from lib.runner import Tests, need, until  # noqa: E402

SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off", "score.mode": "off",
    "limits.connections_exempt": "127.0.0.0/8", "log.level": "debug",
    "server.drain": "3s",
}
ANNA = "anna@customer.example"
PASSWORD = "secret"
MESSAGE = (b"From: <x@partner.example>\r\nTo: <anna@customer.example>\r\n"
           b"Subject: hello\r\n\r\nhello\r\n")
ROLES = ("keys", "gate", "dns", "smtp", "imap", "pop3", "http", "relay")
t = Tests("daemon")


def make(posthus, **options):
    host = Host(posthus, SETTINGS, **options)
    host.domain("customer.example")
    host.account(ANNA, PASSWORD)
    return host


def roles(host):
    """Role name -> pid of the children that live."""
    found = {}
    for pid in host.pids()[1:]:
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue
        if name.startswith("posthus-"):
            found[name[len("posthus-"):]] = pid
    return found


def log_has(host, words, count=1):
    return host.log.read_text(errors="replace").count(words) >= count


def ready(host):
    return until(lambda: log_has(host, "event=host.ready"), "never ready")


def deliver(host):
    s = Smtp(host.port("smtp"))
    s.data("x@partner.example", [ANNA], MESSAGE)
    s.close()


def login(host, password=PASSWORD):
    """None when it is right, else the server's words."""
    m = imaplib.IMAP4("127.0.0.1", host.port("imap"))
    try:
        m.login(ANNA, password)
        return None
    except imaplib.IMAP4.error as e:
        return str(e)
    finally:
        m.shutdown()


def get(host, path):
    url = f"http://127.0.0.1:{host.port('metrics')}{path}"
    try:
        with urllib.request.urlopen(url, timeout=20) as r:
            return r.status, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


@t.test
def starts_and_ends(posthus):
    """Ready soon, in little memory; SIGTERM ends all with status 0."""
    with make(posthus) as host:
        begun = time.monotonic()
        host.start()
        ready(host)
        took = time.monotonic() - begun
        need(took < 20, f"ready after {took:.1f} s")
        deliver(host)
        need(login(host) is None, "login refused")
        pids = host.pids()
        kib = 0
        for pid in pids:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            kib += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))
        need(kib < 40 * 1024, f"{kib} KiB at rest")
        status = host.stop()
        need(status == 0, f"exit status {status}")
        left = [p for p in pids if os.path.exists(f"/proc/{p}")]
        need(not left, f"processes left: {left}")


@t.test
def a_killed_role_comes_back_alone(posthus):
    """kill -9 each role in turn: the others keep their process, and mail
    goes in and out again."""
    with make(posthus) as host:
        host.start()
        ready(host)
        for name in ROLES:
            before = roles(host)
            if name not in before:
                continue
            os.kill(before[name], signal.SIGKILL)
            until(lambda: log_has(host, f"event=role.ready name={name} ", 2),
                  f"{name} does not come back")
            after = roles(host)
            changed = {n for n in before if before[n] != after.get(n)}
            need(changed == {name}, f"{name} killed, changed: {changed}")
            deliver(host)
            need(login(host) is None, f"login refused after {name} died")


@t.test
def sessions_outlive_other_roles(posthus):
    """An IMAP session goes on while smtp, gate, keys and relay die."""
    with make(posthus) as host:
        host.start()
        ready(host)
        m = Imap(host.port("imap"), ANNA, PASSWORD)
        m.command("SELECT INBOX")
        for name in ("smtp", "gate", "keys", "relay"):
            os.kill(roles(host)[name], signal.SIGKILL)
            m.command("NOOP")
        until(lambda: log_has(host, "event=role.ready name=relay ", 2),
              "relay does not come back")
        deliver(host)
        m.command("NOOP")
        m.command("FETCH 1 (FLAGS)")


@t.test
def logins_bridge_a_restart_of_the_gate(posthus):
    """Who logs in while the gate dies waits for the next one."""
    with make(posthus) as host:
        host.start()
        ready(host)
        for i in range(2, 7):
            os.kill(roles(host)["gate"], signal.SIGKILL)
            words = login(host)
            need(words is None, f"refused: {words}")
            until(lambda: log_has(host, "event=role.ready name=gate ", i),
                  "the gate does not come back")


@t.test
def the_throttle_outlives_the_gate(posthus):
    """R25: three failures are not forgotten when the gate is killed."""
    with make(posthus) as host:
        host.start()
        ready(host)
        for _ in range(3):
            words = login(host, "wrong")
            need("AUTHENTICATIONFAILED" in words, words)
        os.kill(roles(host)["gate"], signal.SIGKILL)
        words = login(host)
        need(words and "Too many failed logins" in words, f"said {words}")
        host.clock_add(61 * 1000000)
        words = login(host)
        need(words is None, f"still refused after the minute: {words}")


@t.test
def a_role_that_cannot_start_ends_the_host(posthus):
    """A damaged database: serve ends with words, not with a loop."""
    with make(posthus) as host:
        for path in (host.data / "data").glob("credentials.db*"):
            path.unlink()
        (host.data / "data" / "credentials.db").write_bytes(b"x" * 8192)
        try:
            host.start(timeout=60)
        except HostError:
            pass
        need(host.process.wait(20) == 1, "exit status")
        need(log_has(host, "event=role.start_failed"), "no reason in the log")


@t.test
def reload_changes_what_can_change(posthus):
    """SIGHUP: a new value holds at once, a mistake changes nothing."""
    with make(posthus) as host:
        host.start()
        ready(host)

        def upper():
            m = imaplib.IMAP4("127.0.0.1", host.port("imap"))
            try:
                m.login("Anna@customer.example", PASSWORD)
                return True
            except imaplib.IMAP4.error as e:
                need("lowercase" in str(e), str(e))
                return False
            finally:
                m.shutdown()

        need(not upper(), "strict accepts capitals")
        text = host.config.read_text()
        host.config.write_text(text + '\n[auth]\nlogin_case = "fold"\n')
        host.process.send_signal(signal.SIGHUP)
        until(upper, "fold is not taken up")
        host.config.write_text(text + '\n[auth]\nlogin_case = "sideways"\n')
        host.process.send_signal(signal.SIGHUP)
        until(lambda: log_has(host, "sideways"), "the mistake is not told")
        need(upper(), "a mistake changed something")
        deliver(host)


@t.test
def a_dead_supervisor_takes_all_along(posthus):
    """kill -9 the supervisor: no role stays behind on its own."""
    with make(posthus) as host:
        host.start()
        ready(host)
        pids = host.pids()
        os.kill(host.process.pid, signal.SIGKILL)
        host.process.wait()
        until(lambda: not any(os.path.exists(f"/proc/{p}") for p in pids),
              "roles live on")
        host.start()
        deliver(host)


def lets_in(host, service):
    """Who connects is greeted, and that soon."""
    try:
        with socket.create_connection(("127.0.0.1", host.port(service)),
                                      0.3) as s:
            return s.recv(1) != b""
    except OSError:
        return False


@t.test
def draining_lets_a_session_finish(posthus):
    """SIGTERM: a message on its way is still accepted or clearly not."""
    with make(posthus) as host:
        host.start()
        ready(host)
        s = Smtp(host.port("smtp"))
        s.envelope("x@partner.example", [ANNA])
        s.say(b"DATA\r\n", b"354")
        host.process.terminate()
        until(lambda: not lets_in(host, "smtp"), "it still takes connections")
        try:
            answer = s.say(MESSAGE + b".\r\n", b"2")
            need(answer.startswith(b"250"), repr(answer))
        except (Refused, ConnectionError, OSError):
            pass
        need(host.process.wait(30) == 0, "exit status")


@t.test
def health_and_figures(posthus):
    """/healthz, /readyz, /metrics; readyz names a role that is missing."""
    with make(posthus) as host:
        host.start()
        ready(host)
        need(get(host, "/healthz")[0] == 200, "healthz")
        need(get(host, "/readyz")[0] == 200, "readyz")
        deliver(host)
        login(host)
        status, text = get(host, "/metrics")
        need(status == 200, f"metrics: {status}")
        for row in ('posthus_messages_received_total{result="accepted"} 1',
                    'posthus_auth_attempts_total{result="ok"} 1',
                    'posthus_role_up{role="gate"} 1'):
            need(row in text.splitlines(), f"missing: {row}")
        os.kill(roles(host)["relay"], signal.SIGSTOP)
        os.kill(roles(host)["relay"], signal.SIGKILL)

        def restarted():
            return 'posthus_role_restarts_total{role="relay"} 1' in \
                get(host, "/metrics")[1].splitlines()
        until(restarted, "the restart is not counted")
        until(lambda: get(host, "/readyz")[0] == 200, "not ready again")


@t.test
def one_process(posthus):
    """--one-process serves the same and ends the same."""
    with make(posthus, one_process=True) as host:
        host.start()
        ready(host)
        need(len(host.pids()) == 1, "more than one process")
        deliver(host)
        need(login(host) is None, "login refused")
        for _ in range(3):
            login(host, "wrong")
        need(get(host, "/readyz")[0] == 200, "readyz")
        status = host.stop()
        need(status == 0, f"exit status {status}")


@t.test
def systemd_is_told(posthus):
    """READY=1 and STOPPING=1 reach $NOTIFY_SOCKET."""
    with make(posthus) as host:
        path = str(host.folder / "notify")
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(path)
        s.settimeout(30)
        host.start(environment={"NOTIFY_SOCKET": path})
        need(s.recv(100) == b"READY=1", "no READY=1")
        host.stop()
        need(s.recv(100) == b"STOPPING=1", "no STOPPING=1")


def main():
    args = t.arguments()
    return 1 if t.run(args.names, args.posthus) else 0


if __name__ == "__main__":
    sys.exit(main())
