"""Domains, accounts, aliases, forwards; mail out and in."""
import re

from world import EXISTS, FAILED, NOT_FOUND, OK, USAGE, t, terminal

from lib.runner import need


@t.test
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
    need([r["domain"] for r in rows] == ["customer.example", "b\u00fccher.example"],
         rows)
    need(set(rows[0]) == {"domain", "ascii", "alias_of", "accounts", "aliases",
                          "catchall", "admin", "suspended", "created"}, rows[0])
    need(rows[1]["ascii"] == "xn--bcher-kva.example", rows[1])
    need(rows[1]["alias_of"] == "customer.example", rows[1])
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows[0]["created"]),
         rows[0])
    box.exits(OK, "domain", "suspend", "customer.example", "--send")
    need(box.json("domain", "show", "customer.example")["suspended"] == ["send"],
         "suspended")
    box.exits(OK, "domain", "resume", "customer.example")
    need(box.json("domain", "show", "customer.example")["suspended"] == [], "resumed")
    box.exits(EXISTS, "domain", "rm", "customer.example", says="aliases of it")
    box.exits(OK, "domain", "rm", "xn--bcher-kva.example")
    box.exits(OK, "domain", "rm", "customer.example")
    box.exits(NOT_FOUND, "domain", "rm", "customer.example", says="E-NOT-FOUND")
    need(box.json("domain", "list") == [], "not empty")


@t.test
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
    need(shown["address"] == a and shown["password"] is True and
         shown["quota_bytes"] == 10737418240 and shown["messages"] == 0, shown)
    need(set(shown) == {"address", "name", "password", "quota_bytes", "used_bytes",
                        "messages", "suspended", "forward", "keep", "senders",
                        "created", "id"}, shown)
    box.exits(OK, "account", "set", a, "--quota", "5G", "--name", "Anna \u00d8st")
    box.exits(OK, "account", "grant", a, "info@customer.example")
    box.exits(NOT_FOUND, "account", "grant", a, "x@far.example")
    box.exits(OK, "account", "suspend", a, "--login", "--receive")
    shown = box.json("account", "show", a)
    need(shown["quota_bytes"] == 5 << 30 and shown["name"] == "Anna \u00d8st", shown)
    need(shown["suspended"] == ["login", "receive"], shown)
    need(shown["senders"] == ["info@customer.example"], shown)
    box.exits(OK, "account", "revoke", a, "info@customer.example")
    box.exits(NOT_FOUND, "account", "revoke", a, "info@customer.example")
    box.exits(OK, "account", "resume", a)
    box.exits(USAGE, "account", "rm", a, says="--yes")
    need(len(box.json("account", "list", "customer.example")) == 2, "list")
    box.exits(OK, "account", "rm", a, "--yes")
    box.exits(NOT_FOUND, "account", "show", a)
    need([r["address"] for r in box.json("account", "list", "--removed")] == [a],
         "removed")
    box.exits(OK, "account", "restore", a)
    need(box.json("account", "show", a)["password"] is True, "its password is lost")
    box.exits(OK, "account", "rm", a, "--erase", "--yes")
    box.exits(NOT_FOUND, "account", "restore", a)
    done = box.exits(OK, "account", "add", "new@customer.example",
                     says="no password yet")
    need(box.json("account", "show", "new@customer.example")["password"] is False,
         "a password from nowhere")


@t.test
def aliases_catchalls_forwards(box):
    box.sample()
    c, i = "customer.example", "info@customer.example"
    need(box.json("alias", "show", i)["targets"] ==
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
    need(box.json("catchall", "list") ==
         [{"domain": c, "address": "bo@" + c}], "catch-alls")
    box.exits(NOT_FOUND, "forward", "rm", "anna@" + c, says="has no forward")
    box.exits(OK, "forward", "set", "anna@" + c, "y@far.example", "--keep")
    need(box.json("forward", "show", "anna@" + c) ==
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
    need([(r["address"], r["kind"]) for r in rows] == [
        ("@" + c, "catchall"), ("anna@" + c, "account"), ("bo@" + c, "account"),
        ("info@" + c, "alias"), ("later@" + c, "alias")], rows)
    ends = box.json("address", "show", "zed@" + c)
    need([(e["address"], e["by"]) for e in ends] == [("bo@" + c, "catch-all")], ends)
    ends = box.json("address", "show", "anna+x@" + c)
    need([(e["address"], e["result"]) for e in ends] ==
         [("anna+x@" + c, "stored"), ("y@far.example", "sent on")], ends)
    box.exits(OK, "forward", "rm", "anna@" + c)
    box.exits(OK, "alias", "rm", i)
    box.exits(NOT_FOUND, "alias", "rm", i)
    box.exits(OK, "catchall", "rm", c)


@t.test
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
    need(code == OK and "password set" in seen, seen)
    need("typed1" not in seen, "what was typed is shown")
    code, seen = terminal(box, "passwd", a, keys=[
        ("Password: ", "one\n"), ("Again: ", "two\n")])
    need(code == USAGE and "not the same" in seen, seen)
    kept = b"".join(p.read_bytes() for p in (box.folder / "host/data").rglob("*")
                    if p.is_file())
    for secret in (b"typed1", b"from a file", b"long one"):
        need(secret not in kept, f"{secret} is on the disk")


@t.test
def tables_at_a_terminal(box):
    box.sample()
    code, seen = terminal(box, "account", "list")
    need(code == OK and "\033[1mADDRESS" in seen and "10 GB" in seen, seen)
    need(re.search(r"\d+ (s|min) ago|now", seen), seen)
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        code, seen = terminal(box, "account", "list",
                              *(["--no-color"] if "TERM" in env else []),
                              env=env if "TERM" not in env else None)
        need("\033" not in seen and seen.startswith("ADDRESS"), seen)
    code, seen = terminal(box, "account", "show", "anna@customer.example")
    need(re.search(r"^quota +10 GB", seen, re.M), seen)
    code, seen = terminal(box, "account", "rm", "bo@customer.example",
                          keys=[("[y/N] ", "n\n")])
    need(code == USAGE, f"exit {code}: {seen}")
    code, seen = terminal(box, "account", "rm", "bo@customer.example",
                          keys=[("[y/N] ", "y\n")])
    need(code == OK and "removed" in seen, seen)
    done = box.exits(OK, "account", "list")
    need(done.out.count("\n") == 1 and done.out.count("\t") == 6 and
         "10737418240" in done.out, done.out)
    need(box.exits(OK, "--quiet", "domain", "suspend", "customer.example").err == "",
         "not quiet")


@t.test
def mail_goes_out_and_comes_in(box):
    box.sample()
    inbox = box.folder / "in"
    for sub in ("cur", "new", "tmp"):
        (inbox / sub).mkdir(parents=True)
    for n in range(25):
        (inbox / "cur" / f"{1700000000 + n}.{n}.x:2,S").write_bytes(
            b"From: a@far.example\r\nSubject: %d\r\n\r\nbody %d\r\n" % (n, n))
    got = box.json("import", "anna@customer.example", "in")
    need(got["done"] == 25 and got["failed"] == 0, got)
    shown = box.json("account", "show", "anna@customer.example")
    need(shown["messages"] == 25 and shown["used_bytes"] > 25 * 40, shown)
    for form in ("maildir", "mbox"):
        got = box.json("export", "anna@customer.example", f"out-{form}",
                       "--format", form)
        need(got["done"] == 25, got)
        got = box.json("import", "bo@customer.example", f"out-{form}", "--folder",
                       form)
        need(got["done"] == 25, got)
    box.exits(USAGE, "export", "bo@customer.example", "x", "--format", "tar")
    box.exits(NOT_FOUND, "export", "zed@customer.example", "x")
    box.exits(NOT_FOUND, "import", "bo@customer.example", "nowhere")
    box.exits(OK, "fsck", "--bodies", says="0 findings")
    need(not list((box.folder / "host/data/spool").iterdir()), "spool left behind")
