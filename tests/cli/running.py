"""What a running host sees of the commands, and the demo."""
import imaplib
import json
import signal
import smtplib
import subprocess
import time
import urllib.request

from world import NOT_FOUND, OK, USAGE, imap, rcpt, refused, t

from lib.host import Host
from lib.ports import Offset
from lib.runner import need, until


@t.test
def a_running_host_sees_changes(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off", "score.mode": "off"}
    with Host(box.posthus, settings) as host:
        need(json.loads(host.cli("status", "--json"))["running"] is False, "status")
        host.start()
        need(json.loads(host.cli("status", "--json"))["running"] is True, "status")
        need(rcpt(host, "anna@customer.example") == 554, "not hosted yet")
        host.domain("customer.example")
        need(rcpt(host, "anna@customer.example") == 550, "no such account yet")
        host.account("anna@customer.example", "first")
        need(rcpt(host, "Anna+x@Customer.Example") == 250, "a new account")
        imap(host, "anna@customer.example", "first")
        host.cli("passwd", "anna@customer.example", "--password-stdin",
                 stdin="second\n")
        refused(imap, host, "anna@customer.example", "first")
        imap(host, "anna@customer.example", "second")
        host.cli("catchall", "set", "customer.example", "anna@customer.example")
        need(rcpt(host, "zed@customer.example") == 250, "a catch-all")
        host.cli("catchall", "rm", "customer.example")
        need(rcpt(host, "zed@customer.example") == 550, "no catch-all")
        host.cli("alias", "add", "info@customer.example", "anna@customer.example")
        need(rcpt(host, "info@customer.example") == 250, "an alias")
        host.cli("account", "suspend", "anna@customer.example", "--receive")
        need(rcpt(host, "anna@customer.example") == 450, "suspended")
        host.cli("account", "resume", "anna@customer.example")
        host.cli("account", "suspend", "anna@customer.example", "--login")
        refused(imap, host, "anna@customer.example", "second")
        host.cli("account", "resume", "anna@customer.example")
        imap(host, "anna@customer.example", "second")
        host.cli("account", "rm", "anna@customer.example", "--yes")
        refused(imap, host, "anna@customer.example", "second")
        need(rcpt(host, "anna@customer.example") == 550, "removed")
        host.cli("account", "restore", "anna@customer.example")
        need(rcpt(host, "anna@customer.example") == 250, "restored")


@t.test
def errors_are_explained(box):
    settings = {"policy.helo": "off", "policy.spf": "off"}
    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("anna@customer.example", "secret")
        host.cli("alias", "add", "info@customer.example", "anna@customer.example")
        host.start()
        found = json.loads(host.cli("explain", "0x800cccod", "--json"))["found"]
        need(len(found) == 1 and found[0]["id"] == "0x800CCC0D" and
             "{" not in found[0]["todo"], found)
        need("0x800CCC18" in host.cli("explain", "0x800CCC1"), "cut off")
        need("password" in host.cli("explain", "-ERR Login failed"), "words")
        host.cli("explain", "nonsense", code=NOT_FOUND)
        host.cli("explain", code=USAGE)
        for _ in range(3):
            refused(imaplib.IMAP4("127.0.0.1", host.port("imap")).login,
                    "anna@customer.example", "wrong")
        known = json.loads(host.cli("explain", "0x800CCC92", "--address",
                                    "Anna@customer.example", "--json"))
        need(known["is"] == "an account" and len(known["logins"]) == 1 and
             known["logins"][0]["times"] == 3 and known["logins"][0]["ip"] ==
             "127.0.0.1" and known["logins"][0]["result"] == "with a wrong password",
             known)
        text = host.cli("explain", "--address", "anna@customer.example")
        need("tried IMAP three times from 127.0.0.1 with a wrong password, last" in text,
             text)
        refused(imaplib.IMAP4("127.0.0.1", host.port("imap")).login,
                "info@customer.example", "secret")
        with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20) as s:
            s.ehlo("mx.far.example")
            s.mail("carl@far.example")
            need(s.rcpt("anna@customer.example")[0] == 450, "not greylisted")
        told = until(lambda: json.loads(host.cli(
            "explain", "--address", "anna@customer.example",
            "--json"))["refusals"], "the trail does not tell")
        need(len(told) == 1 and told[0]["ref"] == "R-GREY" and
             "Greylisted" in told[0]["text"], told)
        need("[R-GREY]; posthus trace" in
             host.cli("explain", "--address", "carl@far.example"), "the sender's side")
        need("is an alias" in host.cli("explain", "--address", "info@customer.example"),
             "alias")
        rows = json.loads(host.cli("explain", "--simulate", "--from", "carl@far.example",
                                   "--ip", "192.0.2.1", "--helo", "mx.far.example",
                                   "--to", "anna@customer.example", "--json"))
        verdicts = {r["rule"]: r["verdict"] for r in rows}
        need([r["rule"] for r in rows if r["rule"] in ("R22", "R20", "R41", "R40", "R17",
                                                       "R18")] ==
             ["R22", "R20", "R41", "R40", "R17", "R18"], rows)
        need(verdicts["R20"] == "passes" and verdicts["R17"] == "off" and
             rows[-1]["verdict"] == "refuses" and "in 5 minutes" in rows[-1]["text"], rows)
        rows = json.loads(host.cli("explain", "--simulate", "--ip", "192.0.2.1",
                                   "--helo", "x", "--to", "no@customer.example", "--json"))
        need([r["verdict"] for r in rows if r["rule"] == "R20"] == ["refuses"], rows)
        need(len(json.loads(host.cli("greylist", "list", "--json"))) == 1, "written down")
        host.cli("limits", "set", "customer.example", "messages_5min", "0")
        rows = json.loads(host.cli("explain", "--simulate", "--login",
                                   "anna@customer.example", "--to", "bo@far.example",
                                   "--json"))
        verdicts = {r["rule"]: (r["verdict"], r["ref"]) for r in rows}
        need(verdicts["R23"][0] == "passes" and verdicts["R27"][0] == "passes" and
             verdicts["R26"] == ("refuses", "L-5M"), rows)
        rows = json.loads(host.cli("explain", "--simulate", "--login",
                                   "anna@customer.example", "--from", "x@far.example",
                                   "--to", "bo@far.example", "--json"))
        need([r["verdict"] for r in rows if r["rule"] == "R23"] == ["refuses"], rows)


@t.test
def greylisting_is_shown_and_changed(box):
    settings = {"policy.helo": "off", "policy.spf": "off"}

    def rcpt(host):
        with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20) as s:
            s.helo("mx.far.example")
            s.mail("carl@far.example")
            return s.rcpt("anna@customer.example")[0]

    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("anna@customer.example", "secret")
        host.start()
        need(rcpt(host) == 450, "new")
        rows = json.loads(host.cli("greylist", "list", "customer.example", "--json"))
        need(len(rows) == 1 and rows[0]["sender"] == "carl@far.example" and
             rows[0]["recipient"] == "anna@customer.example" and
             rows[0]["tries"] == 1, rows)
        need(json.loads(host.cli("greylist", "list", "other.example", "--json")) == [],
             "another's")
        host.cli("greylist", "allow", "far.example", "--for", "customer.example")
        need(rcpt(host) == 250, "allowed")
        host.cli("greylist", "block", "carl@far.example", "--for",
                 "anna@customer.example")
        need(rcpt(host) == 550, "blocked")
        need(len(json.loads(host.cli("greylist", "show", "--json"))) == 2, "show")
        host.cli("greylist", "rm", "carl@far.example", "--for", "anna@customer.example")
        host.cli("greylist", "rm", "far.example", "--for", "customer.example")
        host.cli("greylist", "rm", "far.example", code=NOT_FOUND)
        need(rcpt(host) == 450, "as before")


class Demo:
    def __init__(self, box, *args):
        self.ports = Offset()
        self.offset = self.ports.value
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [box.posthus, "demo", "--port-offset", str(self.offset), *map(str, args)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=box.folder,
            env=box.environment(TMPDIR=str(box.folder)))
        self.text = ""
        for line in self.process.stdout:
            self.text += line.decode()
            if line.startswith(b"Ready."):
                break
        self.took = time.monotonic() - self.began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.stdout.close()
        self.ports.close()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


@t.test
def demo_runs_and_leaves_nothing(box):
    with Demo(box) as demo:
        need("Ready." in demo.text, demo.text)
        need(demo.took < 5, f"it took {demo.took:.1f} s")
        for who in ("anna", "bo", "admin"):
            need(f"{who}@demo.example" in demo.text, who)
            c = imaplib.IMAP4("127.0.0.1", 143 + demo.offset)
            c.login(f"{who}@demo.example", "demo")
            count = int(c.select("INBOX")[1][0])
            need(count >= 5, f"{who} has {count} messages")
            c.logout()
        for port in (993, 143, 995, 110, 465, 587, 25, 2525):
            need(str(port + demo.offset) in demo.text, f"port {port}")
        # Browsers do not open 10080: what is printed is a port that they do.
        need(f"http://127.0.0.1:{8080 + demo.offset}/" in demo.text, "the web")
        for port in (80, 8080):
            with urllib.request.urlopen(
                    f"http://127.0.0.1:{port + demo.offset}/mail/", timeout=20) as r:
                need(r.status == 200, f"port {port}")
        folder = next(box.folder.glob("posthus-demo-*"))
        with smtplib.SMTP("127.0.0.1", 25 + demo.offset, timeout=20) as s:
            s.sendmail("x@far.example", ["whoever@demo.example"],
                       "Subject: to whoever\r\n\r\nhello\r\n")
        c = imaplib.IMAP4("127.0.0.1", 143 + demo.offset)
        c.login("admin@demo.example", "demo")
        c.select("INBOX")
        need(c.search(None, "SUBJECT", '"to whoever"')[1][0], "the catch-all's mail")
        c.logout()
        need(demo.stop() == OK, "it did not end well")
        need(not folder.exists(), "its folder is still there")


@t.test
def demo_keeps_its_data(box):
    with Demo(box, "--data", "kept") as demo:
        need("Ready." in demo.text, demo.text)
        need(demo.stop() == OK, "it did not end well")
    need((box.folder / "kept/posthus.conf").exists(), "nothing was kept")
    rows = json.loads(box.run("account", "list", "--json", "--config",
                              "kept/posthus.conf").out)
    need(len(rows) == 3, rows)
    again = subprocess.Popen([box.posthus, "demo", "--data", "kept"],
                             stdout=subprocess.PIPE, cwd=box.folder,
                             env=box.environment())
    lines = [again.stdout.readline()]
    while lines[-1] and not lines[-1].startswith(b"Ready."):
        lines.append(again.stdout.readline())
    need(lines[-1].startswith(b"Ready."), b"".join(lines).decode())
    again.send_signal(signal.SIGTERM)
    need(again.wait(20) == OK, "it did not end well")
    again.stdout.close()
