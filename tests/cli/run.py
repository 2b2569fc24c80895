#!/usr/bin/env python3
"""The command line: what it says, what it exits with, what it changes.

    run.py [--posthus P] [--list] [NAME...]
"""
import argparse
import base64
import getpass
import hashlib
import imaplib
import json
import os
import pty
import re
import select
import shutil
import signal
import smtplib
import socket
import stat
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import Host, HostError, any_certificate  # noqa: E402
from lib.ports import Offset  # noqa: E402

OK, FAILED, USAGE, NOT_FOUND, DENIED, EXISTS, TEMP, CONFIG = range(8)
TESTS = []


class Wrong(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def want(condition, words):
    if not condition:
        raise Wrong(words)


class Done:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout.decode(errors="replace")
        self.err = process.stderr.decode(errors="replace")


class Box:
    """A folder of its own and the program to run there."""

    def __init__(self, posthus):
        self.posthus = str(Path(posthus).resolve())
        self.folder = Path(tempfile.mkdtemp(prefix="posthus-cli-"))
        self.config = self.folder / "host" / "posthus.conf"
        self.ports = Offset()
        self.offset = self.ports.value

    def close(self):
        self.ports.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items()
               if k not in ("POSTHUS_CONFIG", "NO_COLOR")}
        env.update(more)
        return env

    def run(self, *args, stdin="", env=None):
        return Done(subprocess.run(
            [self.posthus, *map(str, args)], input=stdin.encode(),
            capture_output=True, timeout=120, cwd=self.folder,
            env=self.environment(**(env or {}))))

    def exits(self, code, *args, stdin="", env=None, says=()):
        """Run, with the configuration; the exit code and words must be so."""
        done = self.run(*args, stdin=stdin,
                        env={"POSTHUS_CONFIG": str(self.config), **(env or {})})
        line = "posthus " + " ".join(map(str, args))
        want(done.code == code, f"{line}: exit {done.code}, not {code}: "
                                f"{done.out[-300:]}{done.err[-300:]}")
        for words in [says] if isinstance(says, str) else says:
            want(words in done.out + done.err,
                 f"{line}: does not say {words!r}: {done.out}{done.err}")
        return done

    def json(self, *args, stdin=""):
        return json.loads(self.exits(OK, *args, "--json", stdin=stdin).out)

    def init(self, *more):
        return self.exits(OK, "init", "host", "--hostname", "mx.provider.example",
                          "--listen", "127.0.0.1", "--port-offset", self.offset,
                          *more)

    def sample(self):
        self.init()
        self.exits(OK, "domain", "add", "customer.example")
        for who in ("anna", "bo"):
            self.exits(OK, "account", "add", f"{who}@customer.example",
                       "--password-stdin", stdin="secret\n")
        self.exits(OK, "alias", "add", "info@customer.example",
                   "anna@customer.example", "x@far.example")


def terminal(box, *args, keys=(), env=None, timeout=30):
    """Run at a terminal; keys are typed as each prompt comes."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(box.folder)
        os.execve(box.posthus, [box.posthus, *map(str, args)], box.environment(
            POSTHUS_CONFIG=str(box.config), TERM="xterm", **(env or {})))
    seen, keys, until = b"", list(keys), time.monotonic() + timeout
    while time.monotonic() < until:
        ready, _, _ = select.select([fd], [], [], 0.2)
        if ready:
            try:
                piece = os.read(fd, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        if keys and seen.endswith(keys[0][0].encode()):
            os.write(fd, keys.pop(0)[1].encode())
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    return os.waitstatus_to_exitcode(status), seen.decode(errors="replace")


COMMANDS = """setup init serve demo status explain passwd import export fsck completion man version help
domain: add list show set suspend resume rm
account: add list show set suspend resume grant revoke link rm restore
alias: add set list show rm
catchall: set list show rm
forward: set confirm list show rm
address: list show export import
queue: list show hold release retry rm
limits: show set reset
hold: list add release discard
import: imap
greylist: list allow block show rm
config: check show doc"""


def commands():
    for line in COMMANDS.splitlines():
        noun, _, verbs = line.partition(":")
        if verbs:
            yield from ([noun, v] for v in verbs.split())
        else:
            yield from ([n] for n in noun.split())


# ---- words ----

@test
def every_command_has_help(box):
    for words in commands():
        done = box.run(*words, "--help")
        name = " ".join(words)
        want(done.code == OK, f"{name} --help exits {done.code}")
        want(len(done.out.splitlines()) <= 42, f"{name}: help is too long")
        want(f"usage: posthus {name}" in done.out, f"{name}: no usage")
        want(f"  posthus {words[0]}" in done.out, f"{name}: no example")
        want(done.out == box.run("help", *words).out, f"help {name} differs")
        want(all(len(line) <= 100 for line in done.out.splitlines()
                 if not line.startswith("usage:")), f"{name}: a line is too long")
    done = box.run("--help")
    want(done.code == OK and len(done.out.splitlines()) <= 50, "the overview")
    for words in commands():
        want(f" {words[0]}" in done.out, f"{words[0]} is not in the overview")
        want(re.search(f"^  {words[0]} +[a-z]", box.run("help", "commands").out,
                       re.M), f"{words[0]} is not told of")
    for topic in ("commands", "errors", "exit-codes", "output"):
        want(box.run("help", topic).code == OK, f"help {topic}")


@test
def wrong_words_are_usage_errors(box):
    rows = [
        ([], "a command is missing"),
        (["domian"], 'did you mean "domain"?'),
        (["qwertz"], 'no command "qwertz"'),
        (["domain"], "needs one of: add, list"),
        (["domain", "lsit"], 'did you mean "domain list"?'),
        (["domain", "qwertz"], "there are: add, list"),
        (["account", "add"], "an argument is missing"),
        (["alias", "add", "a@b.example"], "an argument is missing"),
        (["domain", "rm", "a", "b"], '"b" is one argument too many'),
        (["domain", "list", "--jsno"], "did you mean --json?"),
        (["domain", "list", "-x"], "options begin with --"),
        (["domain", "list", "--config"], "--config needs a value"),
        (["domain", "list", "--json=1"], "--json takes no value"),
        (["init", "x"], "--hostname NAME is missing"),
        (["completion", "csh"], "bash, zsh or fish"),
        (["man", "nothing"], "there is no page"),
        (["help", "nothing"], "there is no help"),
        (["account", "set", "a@b.example"], "there is nothing to set"),
        (["account", "set", "a@b.example", "--quota", "much"], "is a size"),
    ]
    for args, words in rows:
        done = box.run(*args)
        want(done.code == USAGE, f"{args}: exit {done.code}")
        want(words in done.err, f"{args}: {done.err}")
        want(not done.out, f"{args}: says something on stdout")
        want(done.err.startswith("error: "), f"{args}: no error: {done.err}")


@test
def options_stand_anywhere(box):
    box.init()
    at = ["--config", box.config]
    for args in (["domain", "add", "a.example", *at], [*at, "domain", "list"],
                 ["domain", *at, "list"], ["domain", "list", f"--config={box.config}"],
                 ["domain", "list", "--json", *at]):
        want(box.run(*args).code == OK, f"{args}")
    done = box.run("domain", "list", *at)
    want(done.out.split("\t")[0] == "a.example", done.out)
    done = box.run("domain", "add", "--", "--json", *at)
    want(done.code == USAGE, "what follows -- is no option")


@test
def completion_and_manual(box):
    bash = box.run("completion", "bash").out
    script = box.folder / "posthus.bash"
    script.write_text(bash)
    subprocess.run(["bash", "-n", script], check=True)
    for words, found in ((["posthus", "do"], "domain"),
                         (["posthus", "account", "re"], "restore"),
                         (["posthus", "account", "add", "--pass"], "--password-file")):
        out = subprocess.run(
            ["bash", "-c", f"source {script}; COMP_WORDS=({' '.join(words)}); "
             f"COMP_CWORD={len(words) - 1}; _posthus; echo ${{COMPREPLY[@]}}"],
            capture_output=True, check=True).stdout.decode()
        want(found in out.split(), f"{words}: {out}")
    box.sample()
    want(box.exits(OK, "words", "domain").out == "customer.example\n", "words")
    want("info@customer.example" in box.exits(OK, "words", "address").out, "words")
    box.run("man", "--all", box.folder / "man")
    made = sorted(p.name for p in (box.folder / "man").iterdir())
    kept = HERE.parent.parent / "man"
    want(made == sorted(p.name for p in kept.iterdir()),
         "man/ has other pages: posthus man --all man")
    for name in made:
        want((box.folder / "man" / name).read_text() == (kept / name).read_text(),
             f"man/{name} is not what `posthus man` writes: posthus man --all man")
    if shutil.which("man"):
        done = subprocess.run(
            ["man", "--warnings", "-l", "-E", "UTF-8", "-P", "cat",
             kept / "posthus.conf.5"], capture_output=True, env=box.environment())
        want(not done.stderr, done.stderr.decode())


# ---- settings ----

@test
def init_writes_and_never_overwrites(box):
    box.init("--set", "limits.message_bytes=1M", "--set", "policy.spf=log")
    host = box.folder / "host"
    want(stat.S_IMODE(host.stat().st_mode) == 0o700, "the folder's mode")
    want(stat.S_IMODE((host / "data").stat().st_mode) == 0o700, "the data's mode")
    want(stat.S_IMODE(box.config.stat().st_mode) == 0o600, "the file's mode")
    want(not list((host / "data").iterdir()), "the data folder is not empty")
    before = box.config.read_text()
    box.exits(EXISTS, "init", "host", "--hostname", "other.example",
              says="is there already")
    want(box.config.read_text() == before, "it was overwritten")
    shown = {r["key"]: r["value"] for r in box.json("config", "show")}
    want(shown["limits.message_bytes"] == '"1M"', shown)
    want(shown["server.hostname"] == '"mx.provider.example"', shown)
    want(shown["listen.port_offset"] == str(box.offset), shown)
    done = box.exits(CONFIG, "init", "second", "--hostname", "a.example",
                     "--set", "limits.mesage_bytes=1", "--set", "policy.spf=maybe",
                     says=("unknown setting", "limits.message_bytes", "no choice"))
    want(not (box.folder / "second").exists(), "a failed init left something")
    box.exits(CONFIG, "init", "second", "--hostname", "bad_name",
              says="server.hostname")


@test
def config_tells_all_mistakes(box):
    box.init()
    box.exits(OK, "config", "check", says="no mistakes")
    want(box.json("config", "check")["result"] == "valid", "json")
    doc = box.exits(OK, "config", "doc").out
    (box.folder / "doc.conf").write_text(doc)
    want(box.run("config", "check", "--config", "doc.conf").code == OK, "the doc")
    rows = box.json("config", "show", "--effective")
    want(all(set(r) == {"key", "value", "origin", "default"} for r in rows), rows[0])
    want(len(rows) == len(box.json("config", "doc")) > 60, "not all settings")
    bad = box.folder / "bad.conf"
    bad.write_text('[limits]\n  mesage_bytes = "70M"\n[policy]\nspf = "maybe"\n')
    done = box.run("config", "check", "--config", bad)
    want(done.code == CONFIG, f"exit {done.code}")
    want(done.err == (
        f'{bad}:2:3: unknown setting "limits.mesage_bytes"\n'
        '    2 |   mesage_bytes = "70M"\n'
        '      |   ^^^^^^^^^^^^ did you mean "message_bytes"?\n'
        f'{bad}:4:7: "policy.spf" has no choice "maybe"\n'
        '    4 | spf = "maybe"\n'
        '      |       ^^^^^^^ it is "on", "log" or "off"\n'), done.err)
    want(box.run("status", "--config", "nowhere.conf").code == CONFIG, "no file")
    want(box.run("status", "--config", bad).code == CONFIG, "a bad file")
    (box.folder / "empty.conf").write_text("")
    want(box.run("config", "check", "--config", "empty.conf").code == OK, "empty")


# ---- addresses ----

@test
def a_domain_lives(box):
    box.init()
    box.exits(OK, "domain", "add", "Customer.Example", says="added")
    box.exits(EXISTS, "domain", "add", "customer.example.", says="E-EXISTS")
    box.exits(FAILED, "domain", "add", "no_name", says="E-INVALID")
    box.exits(FAILED, "domain", "add", "nodot", says="no dot")
    box.exits(NOT_FOUND, "domain", "add", "x.example", "--alias-of", "y.example")
    box.exits(OK, "domain", "add", "b\u00fccher.example", "--alias-of",
              "customer.example")
    rows = box.json("domain", "list")
    want([r["domain"] for r in rows] == ["customer.example", "b\u00fccher.example"],
         rows)
    want(set(rows[0]) == {"domain", "ascii", "alias_of", "accounts", "aliases",
                          "catchall", "admin", "suspended", "created"}, rows[0])
    want(rows[1]["ascii"] == "xn--bcher-kva.example", rows[1])
    want(rows[1]["alias_of"] == "customer.example", rows[1])
    want(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows[0]["created"]),
         rows[0])
    box.exits(OK, "domain", "suspend", "customer.example", "--send")
    want(box.json("domain", "show", "customer.example")["suspended"] == ["send"],
         "suspended")
    box.exits(OK, "domain", "resume", "customer.example")
    want(box.json("domain", "show", "customer.example")["suspended"] == [], "resumed")
    box.exits(EXISTS, "domain", "rm", "customer.example", says="aliases of it")
    box.exits(OK, "domain", "rm", "xn--bcher-kva.example")
    box.exits(OK, "domain", "rm", "customer.example")
    box.exits(NOT_FOUND, "domain", "rm", "customer.example", says="E-NOT-FOUND")
    want(box.json("domain", "list") == [], "not empty")


@test
def an_account_lives(box):
    box.sample()
    a = "anna@customer.example"
    box.exits(EXISTS, "account", "add", "ANNA@Customer.example",
              "--password-stdin", stdin="x\n", says="as an account")
    box.exits(EXISTS, "account", "add", "info@customer.example", says="as an alias")
    box.exits(NOT_FOUND, "account", "add", "x@nowhere.example",
              says=("not hosted here", "posthus domain add nowhere.example"))
    box.exits(FAILED, "account", "add", "a b@customer.example", says="E-INVALID")
    shown = box.json("account", "show", "Anna@customer.example")
    want(shown["address"] == a and shown["password"] is True and
         shown["quota_bytes"] == 10737418240 and shown["messages"] == 0, shown)
    want(set(shown) == {"address", "name", "password", "quota_bytes", "used_bytes",
                        "messages", "suspended", "forward", "keep", "senders",
                        "created", "id"}, shown)
    box.exits(OK, "account", "set", a, "--quota", "5G", "--name", "Anna \u00d8st")
    box.exits(OK, "account", "grant", a, "info@customer.example")
    box.exits(NOT_FOUND, "account", "grant", a, "x@far.example")
    box.exits(OK, "account", "suspend", a, "--login", "--receive")
    shown = box.json("account", "show", a)
    want(shown["quota_bytes"] == 5 << 30 and shown["name"] == "Anna \u00d8st", shown)
    want(shown["suspended"] == ["login", "receive"], shown)
    want(shown["senders"] == ["info@customer.example"], shown)
    box.exits(OK, "account", "revoke", a, "info@customer.example")
    box.exits(NOT_FOUND, "account", "revoke", a, "info@customer.example")
    box.exits(OK, "account", "resume", a)
    box.exits(USAGE, "account", "rm", a, says="--yes")
    want(len(box.json("account", "list", "customer.example")) == 2, "list")
    box.exits(OK, "account", "rm", a, "--yes")
    box.exits(NOT_FOUND, "account", "show", a)
    want([r["address"] for r in box.json("account", "list", "--removed")] == [a],
         "removed")
    box.exits(OK, "account", "restore", a)
    want(box.json("account", "show", a)["password"] is True, "its password is lost")
    box.exits(OK, "account", "rm", a, "--erase", "--yes")
    box.exits(NOT_FOUND, "account", "restore", a)
    done = box.exits(OK, "account", "add", "new@customer.example",
                     says="no password yet")
    want(box.json("account", "show", "new@customer.example")["password"] is False,
         "a password from nowhere")


@test
def aliases_catchalls_forwards(box):
    box.sample()
    c, i = "customer.example", "info@customer.example"
    want(box.json("alias", "show", i)["targets"] ==
         ["anna@customer.example", "x@far.example"], "targets")
    box.exits(EXISTS, "alias", "add", i, "bo@customer.example")
    box.exits(OK, "alias", "set", i, "bo@customer.example")
    box.exits(FAILED, "alias", "add", "loop@" + c, "loop@" + c, says="back to itself")
    box.exits(EXISTS, "alias", "add", "bo@" + c, "x@far.example", says="as an account")
    box.exits(OK, "alias", "add", "later@" + c, "nobody@" + c,
              says="there is no address nobody@customer.example (yet)")
    box.exits(NOT_FOUND, "alias", "show", "bo@" + c, says="it is an account")
    box.exits(NOT_FOUND, "catchall", "show", c)
    box.exits(NOT_FOUND, "catchall", "rm", c)
    box.exits(NOT_FOUND, "catchall", "set", c, i, says="is an alias")
    box.exits(OK, "catchall", "set", c, "bo@" + c)
    want(box.json("catchall", "list") ==
         [{"domain": c, "address": "bo@" + c}], "catch-alls")
    box.exits(NOT_FOUND, "forward", "rm", "anna@" + c, says="has no forward")
    box.exits(OK, "forward", "set", "anna@" + c, "y@far.example", "--keep")
    want(box.json("forward", "show", "anna@" + c) ==
         {"address": "anna@" + c, "targets": ["y@far.example"], "keep": True,
          "health": ["y@far.example: waits for a yes from there"]},
         "forward")
    box.exits(NOT_FOUND, "forward", "confirm", "0" * 32, says="no such token")
    box.exits(OK, "forward", "set", "anna@" + c, "y@far.example", "--keep",
              "--confirmed")
    many = [f"{n:04}{'x' * 40}@far.example" for n in range(80)]
    count = sum(map(len, many))
    box.exits(FAILED, "forward", "set", "anna@" + c, *many,
              says=(f"hold {count} characters", "at most 4000"))
    rows = box.json("address", "list", c)
    want([(r["address"], r["kind"]) for r in rows] == [
        ("@" + c, "catchall"), ("anna@" + c, "account"), ("bo@" + c, "account"),
        ("info@" + c, "alias"), ("later@" + c, "alias")], rows)
    ends = box.json("address", "show", "zed@" + c)
    want([(e["address"], e["by"]) for e in ends] == [("bo@" + c, "catch-all")], ends)
    ends = box.json("address", "show", "anna+x@" + c)
    want([(e["address"], e["result"]) for e in ends] ==
         [("anna+x@" + c, "stored"), ("y@far.example", "sent on")], ends)
    box.exits(OK, "forward", "rm", "anna@" + c)
    box.exits(OK, "alias", "rm", i)
    box.exits(NOT_FOUND, "alias", "rm", i)
    box.exits(OK, "catchall", "rm", c)


@test
def secrets_never_by_argument(box):
    box.sample()
    a = "anna@customer.example"
    box.exits(USAGE, "passwd", a, says="--password-stdin")
    box.exits(USAGE, "passwd", a, "--password-stdin", says="no password on stdin")
    box.exits(USAGE, "passwd", a, "--password", "x", says="no option --password")
    box.exits(NOT_FOUND, "passwd", "zed@customer.example", "--password-stdin",
              stdin="x\n")
    box.exits(OK, "passwd", a, "--password-stdin", stdin="\u00e6 long one\n")
    (box.folder / "secret").write_text("from a file\nmore\n")
    box.exits(OK, "passwd", a, "--password-file", "secret")
    box.exits(NOT_FOUND, "passwd", a, "--password-file", "nowhere")
    box.exits(FAILED, "passwd", a, "--password-stdin", stdin="a\tb\n",
              says="control character")
    box.exits(USAGE, "passwd", a, "--password-stdin", stdin="x" * 1001 + "\n")
    code, seen = terminal(box, "passwd", a, keys=[
        ("Password: ", "typed1\n"), ("Again: ", "typed1\n")])
    want(code == OK and "password set" in seen, seen)
    want("typed1" not in seen, "what was typed is shown")
    code, seen = terminal(box, "passwd", a, keys=[
        ("Password: ", "one\n"), ("Again: ", "two\n")])
    want(code == USAGE and "not the same" in seen, seen)
    kept = b"".join(p.read_bytes() for p in (box.folder / "host/data").rglob("*")
                    if p.is_file())
    for secret in (b"typed1", b"from a file", b"long one"):
        want(secret not in kept, f"{secret} is on the disk")


@test
def tables_at_a_terminal(box):
    box.sample()
    code, seen = terminal(box, "account", "list")
    want(code == OK and "\033[1mADDRESS" in seen and "10 GB" in seen, seen)
    want(re.search(r"\d+ (s|min) ago|now", seen), seen)
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        code, seen = terminal(box, "account", "list",
                              *(["--no-color"] if "TERM" in env else []),
                              env=env if "TERM" not in env else None)
        want("\033" not in seen and seen.startswith("ADDRESS"), seen)
    code, seen = terminal(box, "account", "show", "anna@customer.example")
    want(re.search(r"^quota +10 GB", seen, re.M), seen)
    code, seen = terminal(box, "account", "rm", "bo@customer.example",
                          keys=[("[y/N] ", "n\n")])
    want(code == USAGE, f"exit {code}: {seen}")
    code, seen = terminal(box, "account", "rm", "bo@customer.example",
                          keys=[("[y/N] ", "y\n")])
    want(code == OK and "removed" in seen, seen)
    done = box.exits(OK, "account", "list")
    want(done.out.count("\n") == 1 and done.out.count("\t") == 6 and
         "10737418240" in done.out, done.out)
    want(box.exits(OK, "--quiet", "domain", "suspend", "customer.example").err == "",
         "not quiet")


@test
def errors_have_one_form(box):
    box.sample()
    done = box.exits(NOT_FOUND, "account", "show", "zed@customer.example")
    want(done.err == (
        "error: cannot show the account zed@customer.example: there is no account "
        "zed@customer.example\n"
        "  try:     posthus address list customer.example\n"
        "  [E-NOT-FOUND]  posthus help errors\n"), done.err)
    shutil.rmtree(box.folder / "host/data")
    box.exits(NOT_FOUND, "domain", "list", says=("no data folder", "posthus init"))
    (box.folder / "host/data").mkdir()
    (box.folder / "host/data/directory.db").write_bytes(b"no database" * 1000)
    box.exits(FAILED, "domain", "list", says=("E-CORRUPT", "posthus fsck"))


@test
def mail_goes_out_and_comes_in(box):
    box.sample()
    inbox = box.folder / "in"
    for sub in ("cur", "new", "tmp"):
        (inbox / sub).mkdir(parents=True)
    for n in range(25):
        (inbox / "cur" / f"{1700000000 + n}.{n}.x:2,S").write_bytes(
            b"From: a@far.example\r\nSubject: %d\r\n\r\nbody %d\r\n" % (n, n))
    got = box.json("import", "anna@customer.example", "in")
    want(got["done"] == 25 and got["failed"] == 0, got)
    shown = box.json("account", "show", "anna@customer.example")
    want(shown["messages"] == 25 and shown["used_bytes"] > 25 * 40, shown)
    for form in ("maildir", "mbox"):
        got = box.json("export", "anna@customer.example", f"out-{form}",
                       "--format", form)
        want(got["done"] == 25, got)
        got = box.json("import", "bo@customer.example", f"out-{form}", "--folder",
                       form)
        want(got["done"] == 25, got)
    box.exits(USAGE, "export", "bo@customer.example", "x", "--format", "tar")
    box.exits(NOT_FOUND, "export", "zed@customer.example", "x")
    box.exits(NOT_FOUND, "import", "bo@customer.example", "nowhere")
    box.exits(OK, "fsck", "--bodies", says="0 findings")
    want(not list((box.folder / "host/data/spool").iterdir()), "spool left behind")


# ---- a host that runs ----

def imap(host, user, password):
    c = imaplib.IMAP4_SSL("127.0.0.1", host.port("imaps"),
                          ssl_context=any_certificate())
    c.login(user, password)
    c.logout()


def refused(call, *args):
    try:
        call(*args)
    except (imaplib.IMAP4.error, smtplib.SMTPException) as e:
        return str(e)
    raise Wrong(f"{args} was not refused")


def rcpt(host, address):
    with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20) as s:
        s.ehlo("client.far.example")
        s.mail("x@far.example")
        return s.rcpt(address)[0]


@test
def a_running_host_sees_changes(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off", "score.mode": "off"}
    with Host(box.posthus, settings) as host:
        want(json.loads(host.cli("status", "--json"))["running"] is False, "status")
        host.start()
        want(json.loads(host.cli("status", "--json"))["running"] is True, "status")
        want(rcpt(host, "anna@customer.example") == 554, "not hosted yet")
        host.domain("customer.example")
        want(rcpt(host, "anna@customer.example") == 550, "no such account yet")
        host.account("anna@customer.example", "first")
        want(rcpt(host, "Anna+x@Customer.Example") == 250, "a new account")
        imap(host, "anna@customer.example", "first")
        host.cli("passwd", "anna@customer.example", "--password-stdin",
                 stdin="second\n")
        refused(imap, host, "anna@customer.example", "first")
        imap(host, "anna@customer.example", "second")
        host.cli("catchall", "set", "customer.example", "anna@customer.example")
        want(rcpt(host, "zed@customer.example") == 250, "a catch-all")
        host.cli("catchall", "rm", "customer.example")
        want(rcpt(host, "zed@customer.example") == 550, "no catch-all")
        host.cli("alias", "add", "info@customer.example", "anna@customer.example")
        want(rcpt(host, "info@customer.example") == 250, "an alias")
        host.cli("account", "suspend", "anna@customer.example", "--receive")
        want(rcpt(host, "anna@customer.example") == 450, "suspended")
        host.cli("account", "resume", "anna@customer.example")
        host.cli("account", "suspend", "anna@customer.example", "--login")
        refused(imap, host, "anna@customer.example", "second")
        host.cli("account", "resume", "anna@customer.example")
        imap(host, "anna@customer.example", "second")
        host.cli("account", "rm", "anna@customer.example", "--yes")
        refused(imap, host, "anna@customer.example", "second")
        want(rcpt(host, "anna@customer.example") == 550, "removed")
        host.cli("account", "restore", "anna@customer.example")
        want(rcpt(host, "anna@customer.example") == 250, "restored")


SPAM = ("Cheap watches and pills for everybody, order them today at the lowest "
        "price of the year, our warehouse must be emptied, gold and silver, {n}")
HAM = ("The minutes of our meeting about the harbour are attached, please read "
       "them before thursday evening and tell Karen what is missing, {n}")


def mailboxes(host):
    c = imaplib.IMAP4_SSL("127.0.0.1", host.port("imaps"), timeout=20,
                          ssl_context=any_certificate())
    c.login("bo@customer.example", "secret")
    return c


def letter(sender, subject, text):
    return (f"From: {sender}\r\nTo: bo@customer.example\r\n"
            f"Subject: {subject}\r\nMessage-ID: <{abs(hash((subject, text)))}"
            f"@far.example>\r\nDate: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime())}"
            f"\r\n\r\n{text}\r\n").encode()


def send_from(host, sender, subject, text):
    with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20) as s:
        s.sendmail(sender, ["bo@customer.example"], letter(sender, subject, text))


def where_is(host, subject):
    """(folder, UID, the field of the filter) of the one with this subject."""
    with mailboxes(host) as c:
        for folder in ("INBOX", "Spam"):
            c.select(folder)
            found = c.uid("search", None, "SUBJECT", f'"{subject}"')[1][0].split()
            if found:
                field = c.uid("fetch", found[0], "BODY.PEEK[HEADER.FIELDS (X-Posthus-Spam)]")
                return folder, found[0], field[1][0][1].decode()
    raise Wrong(f"{subject} is nowhere")


def learned(host):
    return json.loads(host.cli("spam", "status", "bo@customer.example", "--json"))


def move(host, subject, to):
    """Move it, and wait until the filter knows."""
    before = learned(host)
    folder, uid, _ = where_is(host, subject)
    with mailboxes(host) as c:
        c.select(folder)
        want(c.uid("move", uid, to)[0] == "OK", f"cannot move {subject}")
    for _ in range(100):
        now = learned(host)
        if (now["spam"], now["ham"]) != (before["spam"], before["ham"]):
            return before, now
        time.sleep(0.1)
    raise Wrong(f"nothing was learned from moving {subject}")


@test
def the_filter_learns(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off"}
    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("bo@customer.example", "secret")
        host.start()
        with tempfile.TemporaryDirectory() as d:
            for kind, text in (("spam", SPAM), ("ham", HAM)):
                (Path(d) / kind).mkdir()
                for n in range(25):
                    (Path(d) / kind / f"{n}.eml").write_bytes(letter(
                        f"x{n}@x{n}.example", f"{kind} number {n}", text.format(n=n)))
                row = json.loads(host.cli("spam", "learn", "bo@customer.example", kind,
                                          str(Path(d) / kind), "--json"))
                want(row["read"] == 25 and row["new"] == 25, row)
            again = json.loads(host.cli("spam", "learn", "bo@customer.example", "ham",
                                        str(Path(d) / "ham"), "--json"))
            want(again["new"] == 0, again)
            rows = json.loads(host.cli("spam", "test", "bo@customer.example",
                                       str(Path(d) / "spam" / "1.eml"), "--json"))
            want(any(r["rule"] == "WORDS_SPAM" for r in rows), rows)
            rows = json.loads(host.cli("spam", "explain", str(Path(d) / "spam" / "1.eml"),
                                       "--json"))
            want(not any(r["rule"].startswith("WORDS") for r in rows), rows)
        row = learned(host)
        want(row["spam"] == 25 and row["ham"] == 25 and row["speaks"], row)

        send_from(host, "shop@far.example", "offer one", SPAM.format(n="one"))
        folder, _, field = where_is(host, "offer one")
        want(folder == "Spam" and "WORDS_SPAM" in field, (folder, field))
        send_from(host, "karen@far.example", "minutes one", HAM.format(n="one"))
        folder, _, field = where_is(host, "minutes one")
        want(folder == "INBOX" and "WORDS_GOOD" in field, (folder, field))

        # taken out of Spam, the next of that sender comes into INBOX
        before, after = move(host, "offer one", "INBOX")
        want(after["ham"] == before["ham"] + 1, (before, after))
        send_from(host, "shop@far.example", "offer two", SPAM.format(n="two"))
        folder, _, field = where_is(host, "offer two")
        want(folder == "INBOX" and "SENDER_GOOD" in field, (folder, field))
        # another sender's does not
        send_from(host, "other@far.example", "offer three", SPAM.format(n="three"))
        want(where_is(host, "offer three")[0] == "Spam", "offer three")

        # moved back: what was learned of it is taken back
        before, after = move(host, "offer one", "Spam")
        want(after["spam"] == before["spam"] + 1 and
             after["ham"] == before["ham"] - 1, (before, after))
        send_from(host, "shop@far.example", "offer four", SPAM.format(n="four"))
        folder, _, field = where_is(host, "offer four")
        want(folder == "Spam" and "SENDER_BAD" in field, (folder, field))

        # a threshold of one's own
        host.cli("limits", "set", "bo@customer.example", "spam_points", "100")
        send_from(host, "shop@far.example", "offer five", SPAM.format(n="five"))
        folder, _, field = where_is(host, "offer five")
        want(folder == "INBOX" and "of 100;" in field, (folder, field))
        host.cli("account", "rm", "bo@customer.example", "--erase", "--yes")
        want(not list(Path(host.folder).rglob("a*.words")), "words of an erased account")


class Service:
    """A program of others, started for a test in a folder of its own."""

    def __init__(self, program):
        self.path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
        self.folder = Path(tempfile.mkdtemp(prefix=f"posthus-{program}-"))
        self.process = None

    def start(self, arguments, ready):
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([self.path, *arguments], stdout=log,
                                            stderr=log, cwd=self.folder)
        for _ in range(1500):
            if self.process.poll() is not None:
                break
            if ready():
                return
            time.sleep(0.1)
        raise Wrong((self.folder / "log").read_text(errors="replace")[-500:])

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


# What every scanner takes for a virus; in two pieces, so that none does here.
EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" +
         "ANTIVIRUS-TEST-FILE!$H+H*").encode()


def with_file(sender, content):
    return (f"From: {sender}\r\nTo: bo@customer.example\r\nSubject: a file\r\n"
            "MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=x.bin\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n").encode() + \
        base64.b64encode(content) + b"\r\n"


def figure(host, name):
    with urllib.request.urlopen(
            f"http://127.0.0.1:{host.port('metrics')}/metrics", timeout=10) as r:
        for row in r.read().decode().splitlines():
            if row.startswith(name + " "):
                return int(row.split()[-1])
    raise Wrong(f"no figure {name}")


@test
def a_virus_is_refused(box):
    with Service("clamd") as clamd:
        if not clamd.path:
            print("    (no clamd here)")
            return
        base, sock = clamd.folder, clamd.folder / "clamd.sock"
        (base / "db").mkdir()
        (base / "db/test.hdb").write_text(
            f"{hashlib.md5(EICAR).hexdigest()}:{len(EICAR)}:Posthus.Test\n")
        (base / "clamd.conf").write_text(
            f"Foreground yes\nLocalSocket {sock}\nDatabaseDirectory {base}/db\n"
            f"User {getpass.getuser()}\n")
        clamd.start(["-c", str(base / "clamd.conf")], sock.exists)
        settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                    "score.clamd": str(sock)}
        with Host(box.posthus, settings) as host:
            host.domain("customer.example")
            host.account("bo@customer.example", "secret")
            host.start()
            with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=30) as s:
                s.sendmail("x@far.example", ["bo@customer.example"],
                           with_file("x@far.example", b"clean"))
                said = refused(s.sendmail, "x@far.example", ["bo@customer.example"],
                               with_file("x@far.example", EICAR))
                want("554" in said and "Posthus.Test" in said and "S-VIRUS" in said, said)
            with smtplib.SMTP("127.0.0.1", host.port("submission"), timeout=30) as s:
                s.starttls(context=any_certificate())
                s.login("bo@customer.example", "secret")
                said = refused(s.sendmail, "bo@customer.example", ["x@far.example"],
                               with_file("bo@customer.example", EICAR))
                want("S-VIRUS" in said, said)
            want(figure(host, "posthus_viruses_refused_total") == 2, "counted")
            # without a scanner mail goes on
            clamd.stop()
            with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=30) as s:
                for _ in range(3):
                    s.sendmail("x@far.example", ["bo@customer.example"],
                               with_file("x@far.example", EICAR))
            want(figure(host, 'posthus_score_failed_total{service="clamd"}') == 1,
                 "asked again at once")


@test
def lists_in_dns_are_asked(box):
    from lib.nsd import Nsd, program
    if not program():
        print("    (no nsd here)")
        return
    zones = {"clients.example": "1.0.0.127 A 127.0.0.2\n2.0.0.127 A 127.255.255.254\n",
             "links.example": "evil.example A 127.0.0.2\n"}
    with Nsd(zones) as dns:
        settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                    "score.dnsbl": "clients.example=4", "score.uribl": "links.example=3",
                    **dns.settings}
        with Host(box.posthus, settings) as host:
            host.domain("customer.example")
            host.account("bo@customer.example", "secret")
            host.start()
            for subject, here, text, parts in (
                    ("one", "127.0.0.1", "http://www.evil.example/", "DNS_LIST 4, DNS_LIST_LINK 3"),
                    ("two", "127.0.0.2", "http://good.example/", None)):
                with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20,
                                  source_address=(here, 0)) as s:
                    s.sendmail("x@far.example", ["bo@customer.example"],
                               letter("x@far.example", f"letter {subject}", text))
                folder, _, field = where_is(host, f"letter {subject}")
                field = " ".join(field.split())
                want(parts in field and folder == "Spam" if parts
                     else "DNS_LIST" not in field and folder == "INBOX", (folder, field))


RSPAMD = """
options {{ pidfile = "{dir}/pid"; filters = ""; tempdir = "{dir}"; hs_cache_dir = "{dir}";
  control_socket = "{dir}/control.sock mode=0600"; local_addrs = [];
  dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }} }}
logging {{ type = "console"; level = "warning"; }}
actions {{ reject = 15; add_header = 6; greylist = 4; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
lua = "{dir}/rules.lua";
"""
RULES = """
rspamd_config:register_symbol({ name = 'TEST_WORD', score = 15.0, callback = function(task)
  local s = task:get_subject()
  local f = task:get_from('smtp')
  return s ~= nil and s:find('badword') ~= nil and f ~= nil and
         f[1].addr == 'x@far.example' and task:get_helo() == 'client.far.example'
end })
rspamd_config:set_metric_symbol({ name = 'TEST_WORD', score = 15.0 })
"""


@test
def rspamd_has_its_say(box):
    with Service("rspamd") as rspamd:
        if not rspamd.path:
            print("    (no rspamd here)")
            return
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        base = rspamd.folder
        (base / "rspamd.conf").write_text(RSPAMD.format(dir=base, port=port))
        (base / "rules.lua").write_text(RULES)

        def ready():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        user = getpass.getuser()
        rspamd.start(["-f", "-i", "-u", user, "-g", user, "-T", "-c",
                      str(base / "rspamd.conf")], ready)
        settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                    "score.rspamd_url": f"http://127.0.0.1:{port}", "score.timeout": "30s"}
        with Host(box.posthus, settings) as host:
            host.domain("customer.example")
            host.account("bo@customer.example", "secret")
            host.start()
            with smtplib.SMTP("127.0.0.1", host.port("smtp"), "client.far.example",
                              timeout=60) as s:
                for subject in ("a badword", "a word"):
                    s.sendmail("x@far.example", ["bo@customer.example"],
                               letter("x@far.example", subject, "Hello"))
            folder, _, field = where_is(host, "a badword")
            want(folder == "Spam" and "RSPAMD 5" in field, (folder, field))
            folder, _, field = where_is(host, "a word")
            want(folder == "INBOX" and "RSPAMD" not in field, (folder, field))


@test
def the_queue_is_shown(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off", "score.mode": "off"}
    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("anna@customer.example", "secret")
        host.start()
        want(json.loads(host.cli("queue", "list", "--json")) == [], "not empty")
        with smtplib.SMTP("127.0.0.1", host.port("submission"), timeout=20) as s:
            s.starttls(context=any_certificate())
            s.login("anna@customer.example", "secret")
            s.sendmail("anna@customer.example", ["kurt@far.example"],
                       "From: anna@customer.example\r\nTo: kurt@far.example\r\n"
                       "Subject: hello\r\n\r\nhello\r\n")
        rows = json.loads(host.cli("queue", "list", "--json"))
        want(len(rows) == 1 and rows[0]["recipient"] == "kurt@far.example" and
             rows[0]["sender"] == "anna@customer.example", rows)
        number = str(rows[0]["id"])
        host.cli("queue", "hold", number)
        want(json.loads(host.cli("queue", "show", number, "--json"))[0]["state"] ==
             "held", "hold")
        host.cli("queue", "release", number)
        host.cli("queue", "retry", code=OK)
        host.cli("queue", "show", "999999", code=NOT_FOUND)
        host.cli("queue", "rm", number, code=USAGE)
        host.cli("queue", "rm", number, "--yes")
        host.cli("queue", "rm", number, "--yes", code=NOT_FOUND)
        want(json.loads(host.cli("queue", "list", "--json")) == [], "not removed")


@test
def what_people_do_to_the_queue_is_told(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                "score.mode": "off", "relay.send": "false"}
    me = getpass.getuser()

    def rows(host):
        return json.loads(host.cli("queue", "list", "--json"))

    def story(host, trace):
        found = host.cli("trace", "--id", trace, "--json")
        [story] = json.loads(found)
        return story

    def people(host, trace):
        return [(e["event"], e["words"]) for e in story(host, trace)["events"]
                if e["event"] in ("held", "released", "retried", "removed", "given-up")]

    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("anna@customer.example", "secret")
        host.start()
        send(host, "kurt@far.example")
        number, trace = str(rows(host)[0]["id"]), rows(host)[0]["trace"]
        for command in "hold", "release", "retry", "rm":
            host.cli("queue", command, number, *(["--yes"] if command == "rm" else []))
        to = "kurt@far.example"
        want(people(host, trace) == [
            ("held", f"held for {to} by {me}"),
            ("released", f"let go for {to} by {me}"),
            ("retried", f"tried again for {to} because {me} asked"),
            ("removed", f"taken out of the queue for {to} by {me}")],
            people(host, trace))
        want(story(host, trace)["state"] == "removed", story(host, trace)["state"])
        want(f"taken out of the queue for {to} by {me}" in
             host.cli("trace", to), "not in words")

        send(host, "karl@far.example")
        number, trace = str(rows(host)[0]["id"]), rows(host)[0]["trace"]
        host.cli("queue", "retry")
        host.cli("queue", "return", number)
        want([kind for kind, _ in people(host, trace)] == ["retried", "given-up"],
             people(host, trace))

        host.cli("alias", "add", "info@customer.example", "anna@customer.example")
        send(host, "info@customer.example")
        for _ in range(200):
            if "info@customer.example leads to anna@customer.example" in \
                    host.cli("trace", "info@customer.example", code=None):
                break
            time.sleep(0.1)
        else:
            raise Wrong("the trace does not tell of the alias")

        host.cli("hold", "add", "anna@customer.example")
        send(host, "kim@far.example")
        send(host, "kai@far.example")
        traces = {r["recipient"]: r["trace"] for r in rows(host)}
        host.cli("hold", "release", "anna@customer.example")
        host.cli("hold", "add", "anna@customer.example")
        want(people(host, traces["kim@far.example"])[-1] ==
             ("released", f"let go for kim@far.example by {me}"),
             people(host, traces["kim@far.example"]))
        send(host, "kay@far.example")
        trace = [r["trace"] for r in rows(host) if r["recipient"] == "kay@far.example"][0]
        host.cli("hold", "discard", "anna@customer.example", "--yes")
        want(story(host, trace)["state"] == "removed", story(host, trace))


def send(host, rcpt):
    with smtplib.SMTP("127.0.0.1", host.port("submission"), timeout=20) as s:
        s.starttls(context=any_certificate())
        s.login("anna@customer.example", "secret")
        s.sendmail("anna@customer.example", [rcpt],
                   "From: anna@customer.example\r\nSubject: hello\r\n\r\nhello\r\n")


@test
def limits_are_shown_set_and_reset(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off"}

    def limits(host, name="customer.example"):
        rows = json.loads(host.cli("limits", "show", name, "--json"))
        return {r["limit"]: r for r in rows}

    def refused(host):
        try:
            send(host, "bo@customer.example")
        except smtplib.SMTPRecipientsRefused as e:
            return e.recipients["bo@customer.example"][1].decode()
        return ""

    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("anna@customer.example", "secret")
        host.account("bo@customer.example", "secret")
        host.start()
        want(limits(host)["messages_5min"]["used"] == 0, "not empty")
        for _ in range(2):
            send(host, "bo@customer.example")
        row = limits(host)["messages_5min"]
        want(row["used"] == 2 and row["most"] == 25 and not row["own"] and
             row["who"] == ["anna@customer.example 2"], row)
        host.cli("limits", "set", "customer.example", "messages_5min", "2")
        want("more than 2 messages in the last 5 minutes" in refused(host), "set")
        host.cli("limits", "set", "customer.example", "messages_5min", "default")
        want(not refused(host), "default")
        host.cli("limits", "set", "anna@customer.example", "messages_1h", "3")
        want("more than 3 messages in the last hour" in refused(host), "of an account")
        row = limits(host, "anna@customer.example")["messages_1h"]
        want(row["used"] == 3 and row["most"] == 3 and row["own"], row)
        want(limits(host, "anna@customer.example")["bulk_8h"]["most"] is None, "none")
        host.cli("limits", "set", "customer.example", "nonsense", "1", code=FAILED)
        host.cli("limits", "show", "no.example", code=NOT_FOUND)
        host.cli("limits", "reset", "anna@customer.example", "--yes")
        for _ in range(40):
            if not refused(host):
                break
            time.sleep(0.1)
        else:
            raise Wrong("reset has no effect")
        host.stop()
        host.start()
        want(limits(host)["messages_1h"]["used"] == 4, limits(host)["messages_1h"])
        want(limits(host, "anna@customer.example")["messages_1h"]["used"] == 1,
             "after a restart")


@test
def a_stolen_account_is_held(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                "policy.hold_strangers": "3", "relay.send": "false"}

    def held(host):
        return {r["address"]: r["held"] for r in
                json.loads(host.cli("hold", "list", "--json"))}

    def inbox(host, user):
        with imaplib.IMAP4("127.0.0.1", host.port("imap")) as m:
            m.login(user, "secret")
            return int(m.select("INBOX")[1][0])

    def until(condition, words):
        for _ in range(60):
            if condition():
                return
            time.sleep(0.1)
        raise Wrong(words)

    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        for name in ("anna", "bo", "chief"):
            host.account(name + "@customer.example", "secret")
        host.cli("domain", "set", "customer.example", "--admin",
                 "chief@customer.example")
        host.start()
        for n in range(3):
            send(host, f"x{n}@nowhere.invalid")
        send(host, "x1@nowhere.invalid")  # known by now
        want(held(host) == {}, "too early")
        send(host, "x9@nowhere.invalid")
        want(held(host) == {"anna@customer.example": 1}, held(host))
        send(host, "bo@customer.example")
        want(held(host) == {"anna@customer.example": 2}, held(host))
        until(lambda: inbox(host, "anna@customer.example") == 1, "no notice to the owner")
        until(lambda: inbox(host, "chief@customer.example") == 1,
              "no notice to the administrator")
        want(inbox(host, "bo@customer.example") == 0, "it was delivered")
        host.cli("hold", "release", "anna@customer.example")
        until(lambda: inbox(host, "bo@customer.example") == 1, "not released")
        want(held(host) == {}, "still held")
        time.sleep(1.5)  # the gate looks once a second
        send(host, "x10@nowhere.invalid")
        want(held(host) == {}, "held again at once")
        host.cli("hold", "add", "anna@customer.example")
        send(host, "bo@customer.example")
        want(held(host) == {"anna@customer.example": 1}, "by hand")
        host.cli("hold", "discard", "anna@customer.example", code=USAGE)
        host.cli("hold", "discard", "anna@customer.example", "--yes")
        want(held(host) == {"anna@customer.example": 0}, "discarded")
        host.cli("hold", "release", "anna@customer.example")
        host.cli("hold", "release", "no@customer.example", code=NOT_FOUND)
        host.cli("limits", "set", "customer.example", "hold", "0")
        for n in range(20, 30):
            send(host, f"x{n}@nowhere.invalid")
        want(held(host) == {}, "switched off for the domain")
        want(inbox(host, "bo@customer.example") == 1, "a discarded one came")


@test
def errors_are_explained(box):
    settings = {"policy.helo": "off", "policy.spf": "off"}
    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("anna@customer.example", "secret")
        host.cli("alias", "add", "info@customer.example", "anna@customer.example")
        host.start()
        found = json.loads(host.cli("explain", "0x800cccod", "--json"))["found"]
        want(len(found) == 1 and found[0]["id"] == "0x800CCC0D" and
             "{" not in found[0]["todo"], found)
        want("0x800CCC18" in host.cli("explain", "0x800CCC1"), "cut off")
        want("password" in host.cli("explain", "-ERR Login failed"), "words")
        host.cli("explain", "nonsense", code=NOT_FOUND)
        host.cli("explain", code=USAGE)
        for _ in range(3):
            refused(imaplib.IMAP4("127.0.0.1", host.port("imap")).login,
                    "anna@customer.example", "wrong")
        known = json.loads(host.cli("explain", "0x800CCC92", "--address",
                                    "Anna@customer.example", "--json"))
        want(known["is"] == "an account" and len(known["logins"]) == 1 and
             known["logins"][0]["times"] == 3 and known["logins"][0]["ip"] ==
             "127.0.0.1" and known["logins"][0]["result"] == "with a wrong password",
             known)
        text = host.cli("explain", "--address", "anna@customer.example")
        want("tried IMAP three times from 127.0.0.1 with a wrong password, last" in text,
             text)
        refused(imaplib.IMAP4("127.0.0.1", host.port("imap")).login,
                "info@customer.example", "secret")
        with smtplib.SMTP("127.0.0.1", host.port("smtp"), timeout=20) as s:
            s.ehlo("mx.far.example")
            s.mail("carl@far.example")
            want(s.rcpt("anna@customer.example")[0] == 450, "not greylisted")
        time.sleep(0.5)  # the trail is written five times a second
        told = json.loads(host.cli("explain", "--address", "anna@customer.example",
                                   "--json"))["refusals"]
        want(len(told) == 1 and told[0]["ref"] == "R-GREY" and
             "Greylisted" in told[0]["text"], told)
        want("[R-GREY]; posthus trace" in
             host.cli("explain", "--address", "carl@far.example"), "the sender's side")
        want("is an alias" in host.cli("explain", "--address", "info@customer.example"),
             "alias")
        rows = json.loads(host.cli("explain", "--simulate", "--from", "carl@far.example",
                                   "--ip", "192.0.2.1", "--helo", "mx.far.example",
                                   "--to", "anna@customer.example", "--json"))
        verdicts = {r["rule"]: r["verdict"] for r in rows}
        want([r["rule"] for r in rows if r["rule"] in ("R22", "R20", "R41", "R40", "R17",
                                                       "R18")] ==
             ["R22", "R20", "R41", "R40", "R17", "R18"], rows)
        want(verdicts["R20"] == "passes" and verdicts["R17"] == "off" and
             rows[-1]["verdict"] == "refuses" and "in 5 minutes" in rows[-1]["text"], rows)
        rows = json.loads(host.cli("explain", "--simulate", "--ip", "192.0.2.1",
                                   "--helo", "x", "--to", "no@customer.example", "--json"))
        want([r["verdict"] for r in rows if r["rule"] == "R20"] == ["refuses"], rows)
        want(len(json.loads(host.cli("greylist", "list", "--json"))) == 1, "written down")
        host.cli("limits", "set", "customer.example", "messages_5min", "0")
        rows = json.loads(host.cli("explain", "--simulate", "--login",
                                   "anna@customer.example", "--to", "bo@far.example",
                                   "--json"))
        verdicts = {r["rule"]: (r["verdict"], r["ref"]) for r in rows}
        want(verdicts["R23"][0] == "passes" and verdicts["R27"][0] == "passes" and
             verdicts["R26"] == ("refuses", "L-5M"), rows)
        rows = json.loads(host.cli("explain", "--simulate", "--login",
                                   "anna@customer.example", "--from", "x@far.example",
                                   "--to", "bo@far.example", "--json"))
        want([r["verdict"] for r in rows if r["rule"] == "R23"] == ["refuses"], rows)


@test
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
        want(rcpt(host) == 450, "new")
        rows = json.loads(host.cli("greylist", "list", "customer.example", "--json"))
        want(len(rows) == 1 and rows[0]["sender"] == "carl@far.example" and
             rows[0]["recipient"] == "anna@customer.example" and
             rows[0]["tries"] == 1, rows)
        want(json.loads(host.cli("greylist", "list", "other.example", "--json")) == [],
             "another's")
        host.cli("greylist", "allow", "far.example", "--for", "customer.example")
        want(rcpt(host) == 250, "allowed")
        host.cli("greylist", "block", "carl@far.example", "--for",
                 "anna@customer.example")
        want(rcpt(host) == 550, "blocked")
        want(len(json.loads(host.cli("greylist", "show", "--json"))) == 2, "show")
        host.cli("greylist", "rm", "carl@far.example", "--for", "anna@customer.example")
        host.cli("greylist", "rm", "far.example", "--for", "customer.example")
        host.cli("greylist", "rm", "far.example", code=NOT_FOUND)
        want(rcpt(host) == 450, "as before")


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


@test
def demo_runs_and_leaves_nothing(box):
    with Demo(box) as demo:
        want("Ready." in demo.text, demo.text)
        want(demo.took < 5, f"it took {demo.took:.1f} s")
        for who in ("anna", "bo", "admin"):
            want(f"{who}@demo.example" in demo.text, who)
            c = imaplib.IMAP4("127.0.0.1", 143 + demo.offset)
            c.login(f"{who}@demo.example", "demo")
            count = int(c.select("INBOX")[1][0])
            want(count >= 5, f"{who} has {count} messages")
            c.logout()
        for port in (993, 143, 995, 110, 465, 587, 25, 2525):
            want(str(port + demo.offset) in demo.text, f"port {port}")
        # Browsers do not open 10080: what is printed is a port that they do.
        want(f"http://127.0.0.1:{8080 + demo.offset}/" in demo.text, "the web")
        for port in (80, 8080):
            with urllib.request.urlopen(
                    f"http://127.0.0.1:{port + demo.offset}/mail/", timeout=20) as r:
                want(r.status == 200, f"port {port}")
        folder = next(box.folder.glob("posthus-demo-*"))
        with smtplib.SMTP("127.0.0.1", 25 + demo.offset, timeout=20) as s:
            s.sendmail("x@far.example", ["whoever@demo.example"],
                       "Subject: to whoever\r\n\r\nhello\r\n")
        c = imaplib.IMAP4("127.0.0.1", 143 + demo.offset)
        c.login("admin@demo.example", "demo")
        c.select("INBOX")
        want(c.search(None, "SUBJECT", '"to whoever"')[1][0], "the catch-all's mail")
        c.logout()
        want(demo.stop() == OK, "it did not end well")
        want(not folder.exists(), "its folder is still there")


@test
def demo_keeps_its_data(box):
    with Demo(box, "--data", "kept") as demo:
        want("Ready." in demo.text, demo.text)
        want(demo.stop() == OK, "it did not end well")
    want((box.folder / "kept/posthus.conf").exists(), "nothing was kept")
    rows = json.loads(box.run("account", "list", "--json", "--config",
                              "kept/posthus.conf").out)
    want(len(rows) == 3, rows)
    again = subprocess.Popen([box.posthus, "demo", "--data", "kept"],
                             stdout=subprocess.PIPE, cwd=box.folder,
                             env=box.environment())
    lines = [again.stdout.readline()]
    while lines[-1] and not lines[-1].startswith(b"Ready."):
        lines.append(again.stdout.readline())
    want(lines[-1].startswith(b"Ready."), b"".join(lines).decode())
    again.send_signal(signal.SIGTERM)
    want(again.wait(20) == OK, "it did not end well")
    again.stdout.close()


def run_one(function, posthus):
    box = Box(posthus)
    began = time.monotonic()
    try:
        function(box)
        print(f"ok cli/{function.__name__} ({time.monotonic() - began:.1f} s)",
              flush=True)
        return True
    except Exception as e:  # whatever it is, it is a failure
        print(f"FAIL cli/{function.__name__}: {e}", flush=True)
        if not isinstance(e, (Wrong, HostError)):
            for row in traceback.format_exc().splitlines()[-6:]:
                print(f"    {row}")
        return False
    finally:
        box.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--posthus", default=str(HERE.parent.parent / "build/posthus"))
    p.add_argument("--list", action="store_true")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    chosen = [t for t in TESTS
              if not args.names or any(n in t.__name__ for n in args.names)]
    if args.list:
        for t in chosen:
            print(f"cli/{t.__name__}")
        return 0
    if not os.access(args.posthus, os.X_OK):
        print(f"FAIL cli (no program {args.posthus})")
        return 1
    return 0 if all([run_one(t, args.posthus) for t in chosen]) else 1


if __name__ == "__main__":
    sys.exit(main())
