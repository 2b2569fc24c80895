#!/usr/bin/env python3
"""From an empty machine to a host that receives and sends: `posthus setup`, what
it leaves when it fails, and a customer's way to the first mail.

`run.py WORD` runs the tests whose name holds it; `--list` names them.
"""
import imaplib
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import any_certificate  # noqa: E402
from lib.nsd import Nsd  # noqa: E402
from lib.ports import free_port  # noqa: E402
from lib.ports import PORTS, Offset  # noqa: E402
from lib.postfix import Postfix  # noqa: E402
from lib.runner import Tests, has, need, same, until  # noqa: E402
from lib.sink import Authority  # noqa: E402

C, P = "customer.example", "provider.example"
YOU = f"you@{C}"
PEER = "127.0.1.21"
MINUTE = 60 * 10**6
NAMES = ("mx", "imap", "pop", "send", "mail", "autoconfig", "autodiscover",
         "mta-sts", "ua-auto-config")
ZONES = {
    P: "".join(f"{n} A 127.0.0.1\n" for n in NAMES)
       + "good A 198.18.0.1\nbad A 198.18.0.2\n"
       + 'mx TXT "v=spf1 ip4:127.0.0.1 -all"\n',
    # The resolver knows 127/8 by itself.
    "arpa": f"1.0.18.198.in-addr PTR good.{P}.\n"
            "2.0.18.198.in-addr PTR elsewhere.example.\n",
    C: "",
    "peer.example": f"@ MX 10 mail\nmail A {PEER}\n"
                    f'@ TXT "v=spf1 ip4:{PEER} -all"\n'
                    f'mail TXT "v=spf1 ip4:{PEER} -all"\n',
}
t = Tests("journey")


class Machine:
    """An empty folder that `posthus setup --root` takes for the system."""

    def __init__(self, posthus, dns, settings=None):
        self.posthus = posthus
        self.folder = Path(tempfile.mkdtemp(prefix="posthus-journey-"))
        self.folder.chmod(0o755)
        self.root = self.folder / "root"
        self.root.mkdir()
        self.config = self.root / "etc/posthus/posthus.conf"
        self.clock = self.folder / "clock"
        self.clock.write_bytes(struct.pack("<q", 0))
        self.ports = Offset()
        self.settings = {"relay.probe": "", **dns.settings, **(settings or {})}
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.ports.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def port(self, service):
        return PORTS[service] + self.ports.value

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if k != "POSTHUS_CONFIG"}
        return {**env, "POSTHUS_CLOCK": str(self.clock), **more}

    def words(self, *more, root=True):
        out = ["setup", YOU, "--hostname", f"mx.{P}", "--listen", "127.0.0.1",
               "--port-offset", str(self.ports.value)]
        for key, value in self.settings.items():
            out += ["--set", f"{key}={value}"]
        return out + (["--root", str(self.root)] if root else []) + list(more)

    def run(self, *words, code=0, before=(), stdin=b"", **environment):
        done = subprocess.run([*before, self.posthus, *words], input=stdin,
                              capture_output=True, timeout=120,
                              env=self.environment(**environment))
        out = done.stdout.decode(errors="replace")
        err = done.stderr.decode(errors="replace")
        if code is not None:
            need(done.returncode == code, f"posthus {' '.join(words)}: exit "
                 f"{done.returncode}, not {code}: {out}{err}")
        return out, err

    def setup(self, *more, **how):
        return self.run(*self.words(*more), **how)

    def cli(self, *words, **how):
        return self.run(*words, "--config", str(self.config), **how)[0]

    def files(self):
        return sorted(str(p.relative_to(self.root))
                      for p in self.root.rglob("*"))

    def wait(self, us):
        ahead = struct.unpack("<q", self.clock.read_bytes())[0] + us
        with open(self.clock, "r+b") as f:
            f.write(struct.pack("<q", ahead))

    def start(self):
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            [self.posthus, "serve", "--config", str(self.config)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env=self.environment(), start_new_session=True)
        until(lambda: self.answers("smtp") and self.answers("imaps"),
              lambda: "it does not start: " + self.told(), 30)

    def answers(self, service):
        need(self.process.poll() is None, lambda: self.told())
        try:
            socket.create_connection(("127.0.0.1", self.port(service)), 1).close()
        except OSError:
            return False
        return True

    def told(self):
        return (self.folder / "log").read_text(errors="replace")[-2500:]

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None
            self.log.close()


def curl(*words, data=None):
    done = subprocess.run(["curl", "-sk", "--max-time", "20", *words],
                          input=data, capture_output=True, timeout=30)
    same((done.returncode, words[-1]), (0, words[-1]))
    return done.stdout


def is_valid(document, schema):
    """Whether xmllint takes it by the schema, and what it says."""
    done = subprocess.run(
        ["xmllint", "--noout", "--nonet", "--schema",
         str(HERE / "schema" / schema), "-"], input=document,
        capture_output=True, timeout=30)
    return done.returncode == 0, done.stderr.decode(errors="replace")


# ---- setup ----

@t.test
def setup_makes_a_host_and_then_nothing(m):
    answer = json.loads(m.setup("--json")[0])
    same((answer["result"], answer["changed"], answer["service"]),
         ("set up", True, "written"))
    for path in answer["written"]:
        need(Path(path).exists(), f"{path} is not there")
    state = {r["id"]: r["state"] for r in answer["machine"]["rows"]}
    same({k: state[k] for k in ("port", "hostname", "ptr", "outgoing", "disk")},
         {"port": "ok", "hostname": "ok", "ptr": "ok",
          "outgoing": "not needed", "disk": "ok"})
    link = answer["link"]
    has(link, f"https://mx.{P}:{m.port('https')}/start/")
    token = link.rpartition("/")[2].encode()
    for path in m.root.rglob("*"):
        need(not path.is_file() or token not in path.read_bytes(),
             f"the token lies in {path}")
    admins = json.loads(m.cli("admin", "list", "--json"))
    same([(a["address"], a["role"]) for a in admins], [(YOU, "operator")])
    # Again: nothing changes, and that is said.
    files, audit = m.files(), m.cli("audit", "--json")
    texts = [m.config.read_bytes(),
             (m.root / "etc/systemd/system/posthus.service").read_bytes()]
    out, _ = m.setup()
    has(out, "Nothing to do", "good still")
    need("/start/" not in out, out)
    answer = json.loads(m.setup("--json")[0])
    same((answer["result"], answer["changed"], answer["written"],
          answer["link"], answer["service"]), ("there", False, [], "", "unchanged"))
    same(m.files(), files)
    same(m.cli("audit", "--json"), audit)
    same([m.config.read_bytes(),
          (m.root / "etc/systemd/system/posthus.service").read_bytes()], texts)
    # The link is over: another run gives another one, until there is a password.
    m.wait(31 * MINUTE)
    has(m.setup()[0], "/start/")
    m.cli("passwd", YOU, "--password-stdin", stdin=b"a long password\n")
    out, _ = m.setup()
    has(out, "Nothing to do")
    need("/start/" not in out and "link" not in out, out)
    # For one more domain only what is missing is made.
    words = m.words("--json")
    words[1] = "me@other.example"
    answer = json.loads(m.run(*words)[0])
    same((answer["changed"], answer["written"]), (True, []))
    has(m.cli("domain", "list"), C, "other.example")


@t.test
def setup_looks_and_changes_nothing(m):
    out, _ = m.setup("--dry-run")
    has(out, "are free", "host name", "--dry-run")
    same(m.files(), [])


@t.test
def setup_says_who_holds_a_port(m):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", m.port("imap")))
        s.listen()
        for more in ([], ["--dry-run"], ["--json"]):
            out, err = m.setup(*more, code=11)
            has(out, "listen.imap", f"pid {os.getpid()}")
            need("listen.smtp" not in out, out)
        has(err, "--yes")
        same(json.loads(out)["result"], "refused")
        same(m.files(), [])
        m.setup("--yes")  # who says so gets it
    need(m.config.exists(), "nothing was made")


@t.test
def setup_finds_what_is_wrong_with_names(m):
    for name, words in (("good", f"ok    reverse DNS 1.0.18.198.in-addr.arpa: "
                                 f"good.{P}"),
                        ("bad", "elsewhere.example - The name does not lead "
                                "back to the address"),
                        ("nowhere", f"warn  host name nowhere.{P}")):
        m.settings["server.hostname"] = f"{name}.{P}"
        has(m.setup("--dry-run")[0], words)


@t.test
def setup_tries_port_25_of_others(m):
    with socket.socket() as s:
        s.bind((PEER, 0))
        m.settings.update({"relay.probe": "peer.example nowhere.example",
                           "relay.port": s.getsockname()[1]})
        out, _ = m.setup("--dry-run")  # nobody listens
        has(out, "warn  outgoing port", "No other mail host can be reached")
        s.listen()
        has(m.setup("--dry-run")[0], "1 of 1 answer")
    m.settings["relay.probe"] = "nowhere.example"
    has(m.setup("--dry-run")[0], "?     outgoing port")


@t.test
def setup_wants_sense(m):
    for words, says in ((["setup", "you"], "is no address"),
                        (["setup", "@x.example"], "is no address"),
                        (["setup", YOU, "--hostname", "short"], "no full name"),
                        (["setup", YOU, "--config", "x"], "not --config")):
        has(m.run(*words, "--root", str(m.root), code=2)[1], says)
    has(m.setup("--set", "limits.quota_byte=1", code=7)[1], "did you mean")
    same(m.files(), [])


@t.test
def setup_leaves_nothing_when_it_fails(m):
    # A file is where a folder should be: the first, a middle and a late one.
    for blocked in ("etc", "var", "etc/systemd"):
        path = m.root / blocked
        path.parent.mkdir(exist_ok=True)
        path.write_text("in the way")
        before = m.files()
        _, err = m.setup(code=None)
        has(err, "error: cannot", "nothing of it was left behind")
        same(m.files(), before)
        path.unlink()
        for rest in sorted(m.root.rglob("*"), reverse=True):
            rest.rmdir()
    # A domain that none can be: found when all else is made.
    words = m.words()
    words[1] = "you@-.example"
    _, err = m.run(*words, code=None)
    has(err, "cannot add the domain", "nothing of it was left behind")
    same(m.files(), [])


@t.test
def setup_leaves_nothing_when_the_disk_fails(m):
    failed = 0
    for kind in ("write", "fsync", "nospace"):
        n, done = 1, False
        while not done:
            m.run(*m.words(), code=None, POSTHUS_FAULT=f"{kind}:{n}")
            done = m.config.exists()
            if not done:
                failed += 1
                same((kind, n, m.files()), (kind, n, []))
            n += n + 1
            need(n < 10**6, f"{kind}: it never comes about")
        shutil.rmtree(m.root)
        m.root.mkdir()
    need(failed > 8, f"only {failed} runs failed")


# ---- in a mount namespace, where /etc, /var/lib and /run are the test's ----

class System:
    """What `posthus setup` would do to this machine, in copies of its folders."""

    MOUNT = ("set -e\nmount --make-rprivate /\n"
             "mount --bind {t}/etc /etc\nmount --bind {t}/lib /var/lib\n"
             "mount --bind {t}/run /run\n{more}exec \"$@\"\n")

    def __init__(self, m):
        self.m = m
        self.dir = m.folder / "system"
        self.dir.mkdir()
        for name in ("etc", "lib", "run"):
            (self.dir / name).mkdir()
        for path in Path("/etc").iterdir():
            if path.is_file():
                shutil.copy2(path, self.dir / "etc", follow_symlinks=False)
        self.more = ""

    def replace(self, program, text):
        """Another program in the place of one of the system's."""
        path = self.dir / Path(program).name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        self.more += f"mount --bind {path} {program}\n"

    def inside(self):
        return ["unshare", "-m", "sh", "-c",
                self.MOUNT.format(t=self.dir, more=self.more), "sh"]

    def setup(self, *more, **how):
        return self.m.run(*self.m.words(*more, root=False),
                          before=self.inside(), **how)

    def left(self):
        """What lies there of ours."""
        return sorted(
            str(p.relative_to(self.dir)) for p in self.dir.rglob("*posthus*")
            if "/etc/" in str(p) or "/lib/" in str(p))


def users_of(pid):
    """Of a process and all below it."""
    try:
        found = set(re.findall(r"Uid:\s+(\d+)",
                               Path(f"/proc/{pid}/status").read_text()))
        for below in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found |= users_of(below)
        return found
    except OSError:  # it ended
        return set()


@t.test
def setup_of_the_system_without_systemd(m):
    s = System(m)
    out, _ = s.setup()
    has(out, "systemd does not run here", "/etc/systemd/system/posthus.service",
        "/etc/sysusers.d/posthus.conf", "/etc/posthus/posthus.conf")
    link = re.search(r"https://\S*(/start/\S+)", out).group(1)
    unit = (s.dir / "etc/systemd/system/posthus.service").read_text()
    done = subprocess.run(["systemd-analyze", "verify", "--man=no",
                           s.dir / "etc/systemd/system/posthus.service"],
                          capture_output=True, text=True)
    need("posthus.service" not in done.stderr, done.stderr)
    passwd = (s.dir / "etc/passwd").read_text()
    uids = dict(re.findall(r"(?m)^(posthus-\w+):x?!?\*?:(\d+):", passwd))
    gate = (s.dir / "lib/posthus/credentials.db").stat()
    same((str(gate.st_uid), gate.st_mode & 0o777), (uids["posthus-gate"], 0o600))
    has(s.setup()[0], "Nothing to do")
    # It runs with what the service leaves it, each role as its own user.
    caps = re.search(r"CapabilityBoundingSet=(.*)", unit).group(1).split()
    bound = ",".join(["-all"] + ["+" + c[4:].lower() for c in caps])
    m.log = open(m.folder / "log", "ab")
    start = re.search(r"ExecStart=(.*)", unit).group(1).split()
    m.process = subprocess.Popen(
        [*s.inside(), "setpriv", "--bounding-set", bound, "--no-new-privs",
         *start], stdin=subprocess.DEVNULL, stdout=m.log, stderr=m.log,
        env=m.environment(), start_new_session=True)
    until(lambda: m.answers("smtp") and m.answers("imaps")
          and m.answers("https"), lambda: m.told(), 30)
    until(lambda: users_of(m.process.pid) == {"0", *uids.values()},
          lambda: f"{users_of(m.process.pid)}, not {uids}: {m.told()}")
    choose(m, link, "a long password")
    i = imaplib.IMAP4_SSL("127.0.0.1", m.port("imaps"),
                          ssl_context=any_certificate())
    i.login(YOU, "a long password")
    i.append("INBOX", None, None, b"Subject: x\r\n\r\nx\r\n")
    i.logout()
    m.stop()
    need("level=error" not in (m.folder / "log").read_text(), m.told())


@t.test
def setup_of_the_system_that_cannot(m):
    # systemd cannot start the service; before, users cannot be made.
    for program, says in (("/usr/bin/systemctl", "cannot start the service"),
                          ("/usr/bin/systemd-sysusers", "its users")):
        s = System(m)
        (s.dir / "run/systemd/system").mkdir(parents=True)
        s.replace(program, "case $0 in *systemctl) exit 1;; esac\n")
        before = s.left()
        _, err = s.setup(code=None)
        has(err, says)
        same(s.left(), before)
        shutil.rmtree(s.dir)
    # A folder that cannot be written.
    s = System(m)
    s.more = "mount -o remount,bind,ro /var/lib\n"
    _, err = s.setup(code=None)
    has(err, "Read-only file system")
    need(not [p for p in s.left() if "sysusers" not in p], s.left())
    shutil.rmtree(s.dir)
    # And when it can, it is told what to do.
    s = System(m)
    (s.dir / "run/systemd/system").mkdir(parents=True)
    s.replace("/usr/bin/systemctl", f'echo "$@" >> {s.dir}/asked\n')
    has(s.setup()[0], "enabled and started")
    same((s.dir / "asked").read_text().splitlines(),
         ["daemon-reload", "enable --now posthus.service"])


# ---- the way of a customer ----

def choose(m, path, password):
    """At the link, as a browser: the cookies that come of it."""
    url = f"https://127.0.0.1:{m.port('https')}{path}"
    has(curl(url).decode(), "Choose your password", YOU)
    jar = m.folder / "cookies"
    form = urllib.parse.urlencode({"username": YOU, "password": password,
                                   "again": password})
    out = curl("-c", str(jar), "-o", "/dev/null", "-w",
               "%{http_code} %{redirect_url}", "--data", form, url).decode()
    has(out, "303 ", "/admin/")
    return jar


def publish(m, dns):
    """The printed zone, as it is, into a real name server."""
    dns.change(C, m.cli("domain", "dns", C, "--zone"))


def look_at_domain(m):
    text = m.run("domain", "check", C, "--json", "--config", str(m.config),
                 code=None)[0]
    return {r["id"]: r for r in json.loads(text)["rows"]}


def check_documents(m):
    """What a mail program gets that knows nothing but the address."""
    base = f"https://127.0.0.1:{m.port('https')}"
    config = curl("-H", f"Host: autoconfig.{C}",
                  f"{base}/mail/config-v1.1.xml?emailaddress={YOU}")
    ok, why = is_valid(config, "autoconfig.xsd")
    need(ok, why)
    provider = ET.fromstring(config).find("emailProvider")
    need(C in [d.text for d in provider.findall("domain")], config)
    found = set()
    for server in provider.findall("incomingServer") + provider.findall(
            "outgoingServer"):
        kind = server.get("type")
        wanted = ["username", "authentication"] + (
            ["url"] if kind == "jmap" else ["hostname", "port", "socketType"])
        for name in wanted:
            same((kind, name, len(server.findall(name))), (kind, name, 1))
        found.add((kind, server.findtext("socketType"), server.findtext("port")))
    has(found, ("imap", "SSL", str(m.port("imaps"))),
        ("pop3", "SSL", str(m.port("pop3s"))),
        ("smtp", "SSL", str(m.port("submissions"))))
    ask = (b'<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://'
           b'schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/'
           b'2006"><Request><EMailAddress>' + YOU.encode() + b'</EMailAddress>'
           b'<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/'
           b'autodiscover/outlook/responseschema/2006a'
           b'</AcceptableResponseSchema></Request></Autodiscover>')
    pox = curl("-H", f"Host: autodiscover.{C}", "-H", "Content-Type: text/xml",
               "--data-binary", "@-", f"{base}/autodiscover/autodiscover.xml",
               data=ask)
    ok, why = is_valid(pox, "autodiscover.xsd")
    need(ok, why)
    has(pox.decode(), f"<LoginName>{YOU}</LoginName>",
        f"<Port>{m.port('submissions')}</Port>")
    way = json.loads(curl("-H", f"Host: autodiscover.{C}", base
                          + f"/autodiscover/autodiscover.json?Email={YOU}"
                          "&Protocol=AutodiscoverV1"))
    same(way["Protocol"], "AutodiscoverV1")
    has(way["Url"], f"https://autodiscover.{P}", "/autodiscover/autodiscover.xml")
    return config, pox


def spoil(document, old, new, schema):
    need(old in document, f"{old} is not in it")
    ok, _ = is_valid(document.replace(old, new, 1), schema)
    need(not ok, f"the schema takes {new}")


def receive(m, code):
    """As a server of peer.example, which has DNS and SPF; its end status."""
    done = subprocess.run(
        ["swaks", "--server", "127.0.0.1", "--port", str(m.port("smtp")),
         "--local-interface", PEER, "--helo", "mail.peer.example",
         "--from", "carl@peer.example", "--to", YOU, "--tls-optional",
         "--header", "Subject: The first mail", "--body", "Welcome."],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    need(re.search(rf"(?m)^<~\*? ?\s*{code}", done.stdout), done.stdout)
    return done.returncode


@t.test
def a_customer_comes_to_the_first_mail(m):
    dns, peer_port = m.dns, free_port()
    m.settings.update({"relay.port": peer_port})
    # 1. An empty machine becomes a host.
    link = json.loads(m.setup("--json")[0])["link"]
    m.start()
    # 2. The records are published; until then they are missing.
    same(look_at_domain(m)["mx"]["state"], "missing")
    publish(m, dns)
    rows = look_at_domain(m)
    same({k: rows[k]["state"] for k in ("mx", "spf", "dkim", "dmarc")},
         dict.fromkeys(("mx", "spf", "dkim", "dmarc"), "ok"))
    need(not [r for r in rows.values() if r["grade"] == "must"
              and r["state"] in ("wrong", "missing")], rows)
    # 3. The owner chooses a password, is in the panel, and makes an address.
    jar = choose(m, "/start/" + link.rpartition("/")[2], "the password of you")
    base = f"https://127.0.0.1:{m.port('https')}"
    made = curl("-b", str(jar), "-H", f"Origin: {base}", "-H",
                "Content-Type: application/json", "-o", "/dev/null", "-w",
                "%{http_code}", "--data", json.dumps(
                    {"address": f"info@{C}", "targets": [YOU]}),
                f"{base}/api/v1/aliases")
    need(made in (b"200", b"201"), made)
    # 4. Mail programs set themselves up.
    config, pox = check_documents(m)
    spoil(config, b">SSL<", b">TLS<", "autoconfig.xsd")
    spoil(config, b"<username>", b"<usernam/><username>", "autoconfig.xsd")
    spoil(config, b'version="1.1"', b'version="1.0"', "autoconfig.xsd")
    spoil(pox, b"<SSL>on<", b"<SSL>yes<", "autodiscover.xsd")
    spoil(pox, b"<Type>IMAP</Type>", b"", "autodiscover.xsd")
    spoil(pox, b"outlook/responseschema/2006a", b"responseschema/2006",
          "autodiscover.xsd")
    # 5. The first mail: from a stranger, who is asked to come back.
    need(receive(m, "450") != 0, "the greylist did not ask")
    m.wait(6 * MINUTE)
    same(receive(m, "250"), 0)
    i = imaplib.IMAP4_SSL("127.0.0.1", m.port("imaps"),
                          ssl_context=any_certificate())
    i.login(YOU, "the password of you")
    # The link that was used has been told of before.
    same(i.select("INBOX")[1], [b"2"])
    has(i.fetch("1", "(BODY.PEEK[])")[1][0][1].decode(), "chosen at a link")
    text = i.fetch("2", "(BODY.PEEK[])")[1][0][1].decode()
    i.logout()
    has(text, "Subject: The first mail", "spf=pass")
    # 6. The first mail out, to another kind of host, signed.
    with Postfix("peer.example", PEER, peer_port, Authority()) as peer:
        done = subprocess.run(
            ["swaks", "--server", "127.0.0.1", "--port",
             str(m.port("submissions")), "--tls-on-connect", "--auth", "PLAIN",
             "--auth-user", YOU, "--auth-password", "the password of you",
             "--from", YOU, "--to", "carl@peer.example",
             "--header", "Subject: The first answer", "--body", "Thanks."],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        same((done.returncode, done.stdout[-300:] if done.returncode else ""),
             (0, ""))
        sent = peer.wait("carl", 1, 30)[0].decode()
    has(sent, "Subject: The first answer", "DKIM-Signature:", f"d={C}")
    # 7. The host's own look at itself names nothing that must be mended.
    state = {}
    for r in json.loads(m.run("check", "--json", "--config", str(m.config),
                              code=None)[0])["rows"]:
        state.setdefault(r["id"], set()).add(r["state"])
    same({k: state[k] for k in ("port", "ptr", "signing", "outgoing", "disk")},
         {"port": {"ok"}, "ptr": {"ok"}, "signing": {"ok"},
          "outgoing": {"not needed"}, "disk": {"ok"}})


def main():
    args = t.arguments()
    posthus = str(Path(args.posthus).resolve())

    failed = 0
    with Nsd(ZONES) as dns:
        for test in t.chosen(args.names):
            with Machine(posthus, dns) as m:
                m.dns = dns
                failed += t.run([test.__name__], m)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
