"""Words, settings and errors: help, completion, manual, configuration."""
import re
import shutil
import stat
import subprocess

from world import CONFIG, EXISTS, FAILED, NOT_FOUND, OK, USAGE, t

from lib.host import ROOT
from lib.runner import need

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


@t.test
def every_command_has_help(box):
    for words in commands():
        done = box.run(*words, "--help")
        name = " ".join(words)
        need(done.code == OK, f"{name} --help exits {done.code}")
        need(len(done.out.splitlines()) <= 42, f"{name}: help is too long")
        need(f"usage: posthus {name}" in done.out, f"{name}: no usage")
        need(f"  posthus {words[0]}" in done.out, f"{name}: no example")
        need(done.out == box.run("help", *words).out, f"help {name} differs")
        need(all(len(line) <= 100 for line in done.out.splitlines()
                 if not line.startswith("usage:")), f"{name}: a line is too long")
    done = box.run("--help")
    need(done.code == OK and len(done.out.splitlines()) <= 50, "the overview")
    for words in commands():
        need(f" {words[0]}" in done.out, f"{words[0]} is not in the overview")
        need(re.search(f"^  {words[0]} +[a-z]", box.run("help", "commands").out,
                       re.M), f"{words[0]} is not told of")
    for topic in ("commands", "errors", "exit-codes", "output"):
        need(box.run("help", topic).code == OK, f"help {topic}")


@t.test
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
        need(done.code == USAGE, f"{args}: exit {done.code}")
        need(words in done.err, f"{args}: {done.err}")
        need(not done.out, f"{args}: says something on stdout")
        need(done.err.startswith("error: "), f"{args}: no error: {done.err}")


@t.test
def options_stand_anywhere(box):
    box.init()
    at = ["--config", box.config]
    for args in (["domain", "add", "a.example", *at], [*at, "domain", "list"],
                 ["domain", *at, "list"], ["domain", "list", f"--config={box.config}"],
                 ["domain", "list", "--json", *at]):
        need(box.run(*args).code == OK, f"{args}")
    done = box.run("domain", "list", *at)
    need(done.out.split("\t")[0] == "a.example", done.out)
    done = box.run("domain", "add", "--", "--json", *at)
    need(done.code == USAGE, "what follows -- is no option")


@t.test
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
        need(found in out.split(), f"{words}: {out}")
    box.sample()
    need(box.exits(OK, "words", "domain").out == "customer.example\n", "words")
    need("info@customer.example" in box.exits(OK, "words", "address").out, "words")
    box.run("man", "--all", box.folder / "man")
    made = sorted(p.name for p in (box.folder / "man").iterdir())
    kept = ROOT / "man"
    need(made == sorted(p.name for p in kept.iterdir()),
         "man/ has other pages: posthus man --all man")
    for name in made:
        need((box.folder / "man" / name).read_text() == (kept / name).read_text(),
             f"man/{name} is not what `posthus man` writes: posthus man --all man")
    if shutil.which("man"):
        done = subprocess.run(
            ["man", "--warnings", "-l", "-E", "UTF-8", "-P", "cat",
             kept / "posthus.conf.5"], capture_output=True, env=box.environment())
        need(not done.stderr, done.stderr.decode())


@t.test
def init_writes_and_never_overwrites(box):
    box.init("--set", "limits.message_bytes=1M", "--set", "policy.spf=log")
    host = box.folder / "host"
    need(stat.S_IMODE(host.stat().st_mode) == 0o700, "the folder's mode")
    need(stat.S_IMODE((host / "data").stat().st_mode) == 0o700, "the data's mode")
    need(stat.S_IMODE(box.config.stat().st_mode) == 0o600, "the file's mode")
    need(not list((host / "data").iterdir()), "the data folder is not empty")
    before = box.config.read_text()
    box.exits(EXISTS, "init", "host", "--hostname", "other.example",
              says="is there already")
    need(box.config.read_text() == before, "it was overwritten")
    shown = {r["key"]: r["value"] for r in box.json("config", "show")}
    need(shown["limits.message_bytes"] == '"1M"', shown)
    need(shown["server.hostname"] == '"mx.provider.example"', shown)
    need(shown["listen.port_offset"] == str(box.offset), shown)
    done = box.exits(CONFIG, "init", "second", "--hostname", "a.example",
                     "--set", "limits.mesage_bytes=1", "--set", "policy.spf=maybe",
                     says=("unknown setting", "limits.message_bytes", "no choice"))
    need(not (box.folder / "second").exists(), "a failed init left something")
    box.exits(CONFIG, "init", "second", "--hostname", "bad_name",
              says="server.hostname")


@t.test
def config_tells_all_mistakes(box):
    box.init()
    box.exits(OK, "config", "check", says="no mistakes")
    need(box.json("config", "check")["result"] == "valid", "json")
    doc = box.exits(OK, "config", "doc").out
    (box.folder / "doc.conf").write_text(doc)
    need(box.run("config", "check", "--config", "doc.conf").code == OK, "the doc")
    rows = box.json("config", "show", "--effective")
    need(all(set(r) == {"key", "value", "origin", "default"} for r in rows), rows[0])
    need(len(rows) == len(box.json("config", "doc")) > 60, "not all settings")
    bad = box.folder / "bad.conf"
    bad.write_text('[limits]\n  mesage_bytes = "70M"\n[policy]\nspf = "maybe"\n')
    done = box.run("config", "check", "--config", bad)
    need(done.code == CONFIG, f"exit {done.code}")
    need(done.err == (
        f'{bad}:2:3: unknown setting "limits.mesage_bytes"\n'
        '    2 |   mesage_bytes = "70M"\n'
        '      |   ^^^^^^^^^^^^ did you mean "message_bytes"?\n'
        f'{bad}:4:7: "policy.spf" has no choice "maybe"\n'
        '    4 | spf = "maybe"\n'
        '      |       ^^^^^^^ it is "on", "log" or "off"\n'), done.err)
    need(box.run("status", "--config", "nowhere.conf").code == CONFIG, "no file")
    need(box.run("status", "--config", bad).code == CONFIG, "a bad file")
    (box.folder / "empty.conf").write_text("")
    need(box.run("config", "check", "--config", "empty.conf").code == OK, "empty")


@t.test
def errors_have_one_form(box):
    box.sample()
    done = box.exits(NOT_FOUND, "account", "show", "zed@customer.example")
    need(done.err == (
        "error: cannot show the account zed@customer.example: there is no account "
        "zed@customer.example\n"
        "  try:     posthus address list customer.example\n"
        "  [E-NOT-FOUND]  posthus help errors\n"), done.err)
    shutil.rmtree(box.folder / "host/data")
    box.exits(NOT_FOUND, "domain", "list", says=("no data folder", "posthus init"))
    (box.folder / "host/data").mkdir()
    (box.folder / "host/data/directory.db").write_bytes(b"no database" * 1000)
    box.exits(FAILED, "domain", "list", says=("E-CORRUPT", "posthus fsck"))
