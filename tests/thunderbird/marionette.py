"""Thunderbird, the real one, moved by Marionette: its own remote control.

    with Screen() as screen, Thunderbird(screen, folder) as program:
        program.run("return Services.appinfo.version")
        field = program.run("return document.querySelector('#field')")
        program.type(field, "anna@customer.example")

The protocol is JSON over TCP, each packet behind its length in decimal and a
colon: [0, id, command, parameters] asks, [1, id, error, result] answers.
Scripts run with the rights of the program itself.
"""
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from lib.nsd import die_with_parent
from lib.runner import Wrong, until

PORT = 2828
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

# Nothing here changes how an account is found, checked or used: no first pages,
# no questions about defaults, no calls home, the network without a proxy.
PREFERENCES = {
    "app.donation.eoy.version.viewed": 999,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "intl.locale.requested": "en-US",
    "mail.inappnotifications.enabled": False,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
    "marionette.port": PORT,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
    "toolkit.telemetry.enabled": False,
}


class Screen:
    """A display in memory."""

    def __enter__(self):
        r, w = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(w), "-screen", "0", "1280x1024x24",
             "-nolisten", "tcp"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=[w], preexec_fn=die_with_parent)
        os.close(w)
        with open(r) as f:  # ends, too, when Xvfb does
            number = f.readline().strip()
        if not number:
            raise Wrong("Xvfb does not start")
        self.name = ":" + number
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Said(Exception):
    """Marionette's error: its kind and its words."""


class Thunderbird:
    def __init__(self, screen, folder, log_imap=None):
        self.folder = Path(folder)
        self.profile = self.folder / "profile"
        self.profile.mkdir(parents=True)
        (self.profile / "user.js").write_text("".join(
            f"user_pref({json.dumps(k)}, {json.dumps(v)});\n"
            for k, v in PREFERENCES.items()))
        self.environment = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
            "HOME": str(self.folder), "DISPLAY": screen.name,
            "TMPDIR": str(self.folder), "MOZ_CRASHREPORTER_DISABLE": "1",
        }
        if log_imap:
            self.environment.update(MOZ_LOG="IMAP:5,sync,timestamp",
                                    MOZ_LOG_FILE=str(log_imap))
        self.serial = 0
        self.process = None

    # ---- its life ----

    def __enter__(self):
        self.out = open(self.folder / "out", "ab")
        self.process = subprocess.Popen(
            ["thunderbird", "--marionette", "--remote-allow-system-access",
             "--no-remote", "--profile",
             str(self.profile)], stdin=subprocess.DEVNULL, stdout=self.out,
            stderr=self.out, env=self.environment, start_new_session=True)
        try:
            self.connect()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Told to quit, and ended when it does not."""
        try:
            self.ask("Marionette:Quit", {"flags": ["eForceQuit"]})
            self.process.wait(20)
        except (OSError, AttributeError, Said, ValueError,
                subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except OSError:
            pass
        self.process.wait()
        self.out.close()

    def connect(self):
        def try_it():
            if self.process.poll() is not None:
                raise Wrong(f"thunderbird ended with {self.process.returncode}: "
                            + self.told())
            try:
                self.socket = socket.create_connection(("127.0.0.1", PORT), 90)
                self.file = self.socket.makefile("rb")
                return self.packet()
            except (OSError, ValueError):
                return None
        until(try_it, lambda: "Marionette does not answer: " + self.told(), 90)
        self.ask("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {
            "timeouts": {"script": 60000, "pageLoad": 60000, "implicit": 0}}}})
        self.ask("Marionette:SetContext", {"value": "chrome"})
        until(lambda: self.run(
            "return document.readyState == 'complete' &&"
            " typeof openAccountHub == 'function'"),
            lambda: "the main window does not come: " + self.told(), 60)

    def told(self):
        return (self.folder / "out").read_text(errors="replace")[-1500:]

    # ---- the protocol ----

    def packet(self):
        size = b""
        while (c := self.file.read(1)) != b":":
            if not c:
                raise ConnectionError("Marionette closed the connection")
            size += c
        return json.loads(self.file.read(int(size)))

    def ask(self, command, parameters=None):
        self.serial += 1
        text = json.dumps([0, self.serial, command, parameters or {}]).encode()
        self.socket.sendall(b"%d:" % len(text) + text)
        _, serial, error, result = self.packet()
        if serial != self.serial:
            raise Said(f"answer {serial} to question {self.serial}")
        if error:
            raise Said(f"{error['error']}: {error['message']}")
        return result.get("value") if isinstance(result, dict) else result

    def run(self, script, *args):
        """What the script returns, in the main window."""
        return self.ask("WebDriver:ExecuteScript", {
            "script": script, "args": list(args), "sandbox": "system"})

    def run_async(self, script, *args):
        """What it gives, in the end, to `done`; `await` may be used."""
        found = self.ask("WebDriver:ExecuteAsyncScript", {
            "script": "const done = arguments[arguments.length - 1];\n"
                      "const args = arguments;\n"
                      "(async () => {" + script + "})().then("
                      "x => done({is: x}), e => done({error: String(e)}));",
            "args": list(args), "sandbox": "system"})
        if "error" in found:
            raise Said(found["error"])
        return found.get("is")

    def type(self, element, text):
        """By keys, as a person does, into what a script returned."""
        at = {"id": element[ELEMENT]}
        self.ask("WebDriver:ElementClear", at)
        self.ask("WebDriver:ElementSendKeys", {**at, "text": text})

    def click(self, element):
        self.ask("WebDriver:ElementClick", {"id": element[ELEMENT]})

    def wait(self, script, *args, words, timeout=60):
        """The first true answer of a script."""
        return until(lambda: self.run(script, *args), words, timeout)

    def picture(self, path):
        """What the window looks like, in PNG."""
        data = self.ask("WebDriver:TakeScreenshot", {"full": False})
        Path(path).write_bytes(base64.b64decode(data))
