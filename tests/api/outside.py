"""Documents without a login, and a domain and a host as others see them."""
import http.client
import json
import plistlib
import subprocess
import tempfile

from world import PASSWORD, SETTINGS, Answer, Client, t

from lib.host import Host
from lib.nsd import Nsd
from lib.runner import need, same, until


def plain(host, path, name=None):
    c = http.client.HTTPConnection("127.0.0.1", host.port("http"), timeout=20)
    c.request("GET", path, headers={"Host": name} if name else {})
    r = c.getresponse()
    return Answer(r.status, r.headers, r.read())


def signed(profile, certificate):
    """What was signed, once the signature held."""
    with tempfile.NamedTemporaryFile() as f:
        f.write(profile)
        f.flush()
        # "any": a server's certificate is not made to sign mail.
        r = subprocess.run(
            ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in",
             f.name, "-CAfile", str(certificate), "-purpose", "any"],
            capture_output=True)
    need(r.returncode == 0, r.stderr.decode())
    return r.stdout


def self_signed(folder, name):
    """An RSA key and its certificate, as an operator brings them."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
         "-keyout", f"{folder}/key", "-out", f"{folder}/crt"], check=True,
        capture_output=True)
    return f"{folder}/crt", f"{folder}/key"


@t.test
def a_profile(host):
    """For Apple's systems; no matter whether the address is there."""
    own = next(host.data.glob("**/tls/default.crt"))
    a = plain(host, "/profile/bo@a.example.mobileconfig")
    same((a.status, a.headers["Content-Type"],
          a.headers["Content-Disposition"]),
         (200, "application/x-apple-aspen-config",
          'attachment; filename="mail-bo-at-a-example.mobileconfig"'),
         "a profile")
    inner = signed(a.body, own)
    account = plistlib.loads(inner)["PayloadContent"][0]
    same((account["EmailAddress"], account["EmailAccountType"],
          account["IncomingMailServerUsername"]),
         ("bo@a.example", "EmailTypeIMAP", "bo@a.example"), "its account")
    again = plain(host, "/profile/bo@a.example.mobileconfig").body
    same(signed(again, own), inner, "the same profile")
    other = signed(plain(host, "/profile/nobody@a.example.mobileconfig").body,
                   own)
    need(len(other) > 1000 and b"nobody@a.example" in other, "nobody")
    pop = signed(plain(host, "/profile/bo@a.example.mobileconfig?type=pop").body,
                 own)
    same(plistlib.loads(pop)["PayloadContent"][0]["EmailAccountType"],
         "EmailTypePOP", "POP")
    for name in ("bo@q.example.mobileconfig", "bo@a.example", "bo",
                 "%3Cx%3E@a.example.mobileconfig"):
        same(plain(host, "/profile/" + name).status, 404, name)


@t.test
def a_profile_is_signed_by_the_name_asked(host):
    with tempfile.TemporaryDirectory() as d:
        crt, key = self_signed(d, "mail.a.example")
        host.cli("cert", "add", "mail.a.example", crt, key)
        path = "/profile/bo@a.example.mobileconfig"

        def issuer(name):
            out = subprocess.run(
                ["openssl", "pkcs7", "-inform", "DER", "-print_certs"],
                input=plain(host, path, name).body, capture_output=True,
                check=True)
            return out.stdout
        until(lambda: b"mail.a.example" in issuer("MAIL.a.example:443"),
              "its certificate", 30)
        # The keys process takes the new key up with the certificate.
        until(lambda: plain(host, path, "mail.a.example").status == 200,
              "its key", 30)
        body = plain(host, path, "mail.a.example").body
        same(plistlib.loads(signed(body, crt))["PayloadType"], "Configuration",
             "RSA")
        need(b"mail.a.example" not in issuer("elsewhere.example"), "default")


@t.test
def an_mta_sts_policy(host):
    a = plain(host, "/.well-known/mta-sts.txt", "mta-sts.a.example")
    same((a.status, a.body),
         (200, b"version: STSv1\r\nmode: testing\r\n"
               b"mx: mx.provider.example\r\nmax_age: 86400\r\n"), "policy")
    need(a.headers["Content-Type"].startswith("text/plain"), "type")
    same(plain(host, "/.well-known/mta-sts.txt", "mta-sts.q.example").status,
         404, "not hosted")


PROVIDER = "".join(f"{label} A 127.0.0.1\n" for label in (
    "mx", "imap", "pop", "send", "mail", "autoconfig", "autodiscover",
    "mta-sts", "ua-auto-config"))


def looked_at(host, code):
    text = host.cli("domain", "check", "a.example", "--json", code=code)
    result = json.loads(text)
    rows = {}
    for row in result["rows"]:
        rows.setdefault(row["id"], []).append(row)
    return result, {k: v[0] for k, v in rows.items()}, rows


def relative(zone):
    """`domain dns --zone` as lines of our own zone file."""
    return zone.replace("3600 IN ", "")


@t.test
def a_domain_from_outside(host):
    """Empty, complete, wrong, and with a resolver that does not answer."""
    with Nsd({"a.example": "", "provider.example": PROVIDER}) as dns, \
            Host(host.posthus, {**SETTINGS, **dns.settings}) as other:
        other.domain("a.example")
        other.account("anna@a.example", PASSWORD)
        other.cli("admin", "add", "anna@a.example", "--domain", "a.example")
        other.start()
        result, row, _ = looked_at(other, 11)
        same(result["state"], "wrong", "an empty zone")
        same({k: row[k]["state"] for k in ("mx", "spf", "dkim", "dmarc",
                                           "autodiscover", "dane", "caa",
                                           "wildcard", "srv")},
             {"mx": "missing", "spf": "missing", "dkim": "missing",
              "dmarc": "missing", "autodiscover": "missing",
              "dane": "not needed", "caa": "not needed", "wildcard": "ok",
              "srv": "missing"}, "an empty zone")
        same(row["mx"]["wanted"], "10 mx.provider.example", "MX wanted")

        zone = relative(other.cli("domain", "dns", "a.example", "--zone"))
        dns.change("a.example", zone)
        result, row, rows = looked_at(other, 10)
        same({k: row[k]["state"] for k in ("mx", "spf", "dmarc", "tlsrpt",
                                           "wildcard")},
             dict.fromkeys(("mx", "spf", "dmarc", "tlsrpt", "wildcard"),
                           "ok"), "a whole zone")
        same({r["state"] for r in rows["dkim"] + rows["srv"]}, {"ok"},
             "keys and services")
        # The names lead here; the certificate of the test is nobody's.
        for k in ("autoconfig", "autodiscover"):
            same(row[k]["state"], "warning", k)
            need("certificate" in row[k]["why"], row[k]["why"])
        need("v=spf1 mx ~all" in row["spf"]["found"], "what was found")

        def changed(line, new):
            dns.change("a.example", zone.replace(line, new))
            return looked_at(other, 11)[1]

        spf = next(x for x in zone.splitlines() if "spf1" in x)
        need("Only one" in changed(spf, spf + "\n" + spf.replace(
            "mx ~all", "-all"))["spf"]["why"], "two records")
        row = changed(spf, spf.replace("mx ~all", "ip4:192.0.2.9 -all"))
        same(row["spf"]["state"], "wrong", "not our address")
        need("127.0.0.1" in row["spf"]["why"], row["spf"]["why"])
        mx = next(x for x in zone.splitlines() if " MX " in x)
        row = changed(mx, mx.replace("mx.provider", "mx.elsewhere"))
        same((row["mx"]["state"], row["mx"]["found"]),
             ("wrong", "10 mx.elsewhere.example"), "another's MX")
        auto = next(x for x in zone.splitlines()
                    if x.startswith("autodiscover."))
        row = changed(auto, "autodiscover.a.example. A 192.0.2.7\n"
                            "*.a.example. A 192.0.2.7")
        same((row["autodiscover"]["state"], row["autodiscover"]["found"]),
             ("wrong", "192.0.2.7"), "elsewhere")
        same(row["wildcard"]["state"], "warning", "every name elsewhere")

        # By HTTP it is done behind, and kept.
        dns.change("a.example", zone)
        anna = Client(other, "anna@a.example")
        before = anna.get("/domains/a.example/check")["time"]
        other.clock_add(3600 * 10 ** 6)
        anna.do("POST", "/domains/a.example/check")
        until(lambda: anna.get("/domains/a.example/check")["time"] != before,
              "nobody checks", 30)
        got = anna.get("/domains/a.example/check")
        same({r["state"] for r in got["rows"] if r["id"] == "mx"}, {"ok"},
             "by HTTP")
        same(anna.get("/domains/a.example")["check"]["state"], "warning",
             "in the list")
        anna.refused(404, "E-NOT-FOUND", "GET", "/domains/b.example/check")

        # The keys were seen and sign; new ones wait beside them.
        anna.do("POST", "/domains/a.example/rotate")
        keys = [r["state"] for r in
                anna.get("/domains/a.example/records")["items"]
                if r["selector"]]
        same(sorted(keys), ["signs"] * 2 + ["waits"] * 2, "new keys")

        dns.stop()
        result, row, _ = looked_at(other, 0)
        same({r["state"] for r in result["rows"]} - {"not needed"},
             {"could not check"}, "a resolver that is gone")


@t.test
def a_machine(host):
    """Ports, names, reverse DNS, lists, the certificate."""
    zones = {"provider.example": PROVIDER,
             "arpa": "1.0.0.127.in-addr PTR mx.provider.example.\n",
             "list.example": "1.0.0.127 A 127.0.0.2\n",
             "shy.example": "1.0.0.127 A 127.255.255.254\n"}
    with Nsd(zones) as dns, Host(host.posthus, {
            **SETTINGS, **dns.settings, "panel.check_every": "0s",
            "score.dnsbl": "list.example=2,shy.example,good.example"
            }) as other:
        other.domain("host.example")
        other.account("op@host.example", PASSWORD)
        other.cli("admin", "add", "op@host.example", "--operator")
        op = Client(other, "op@host.example")
        other.start()
        op.refused(404, "E-NOT-FOUND", "GET", "/health")
        op.do("POST", "/health")
        until(lambda: op.ask("GET", "/health").status != 404,
              "nobody checks", 30)
        result = op.get("/health")
        state = {(r["id"], r["name"]): r["state"] for r in result["rows"]}
        same({v for k, v in state.items() if k[0] in ("port", "name")},
             {"ok"}, "ports and names")
        back = "1.0.0.127."
        want = {("ptr", back + "in-addr.arpa"): "ok",
                ("dnsbl", back + "list.example"): "wrong",
                ("dnsbl", back + "shy.example"): "could not check",
                ("dnsbl", back + "good.example"): "ok",
                ("resolver", "arpa"): "warning",
                ("queue", "queue"): "ok", ("signing", "DKIM"): "warning"}
        same({k: state.get(k) for k in want}, want, "rows")
        crt = next(r for r in result["rows"] if r["id"] == "certificate")
        need(crt["state"] == "warning" and "itself" in crt["why"], f"{crt}")
        same(result["state"], "wrong", "on a list")
        other.stop()
        rows = json.loads(other.cli("check", "--json", code=11))["rows"]
        same({r["state"] for r in rows if r["id"] == "port"}, {"missing"},
             "stopped")
