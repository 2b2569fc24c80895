#!/usr/bin/env python3
"""Push by subscription (RFC 8620, 7.2): the whole way to a push service of the
test, which speaks TLS, checks who sends (RFC 8292) and decrypts what it gets
(RFC 8291) with code that is none of ours.

    run.py [--posthus P] [--list] [NAME...]
"""
import base64
import http.client
import json
import os
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.host import Host  # noqa: E402
from lib.mail import Smtp  # noqa: E402
from lib.runner import Tests, Wrong, need, same, until  # noqa: E402
from lib.sink import Authority  # noqa: E402

from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: E402
from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: E402
from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: E402

t = Tests("push")
PASSWORD = "secret-word"
DOMAIN = "customer.example"
CORE = "urn:ietf:params:jmap:core"
MAIL = "urn:ietf:params:jmap:mail"
SUBMISSION = "urn:ietf:params:jmap:submission"
VAPID = "urn:ietf:params:jmap:webpush-vapid"
MINUTE = 60 * 1000 * 1000
QUIET = 2.5  # seconds in which something would have come


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf(salt, secret, info, n):
    return HKDF(hashes.SHA256(), n, salt, info).derive(secret)


class Device:
    """The keys of a browser or a telephone."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.point = self.key.public_key().public_bytes(
            serialization.Encoding.X962,
            serialization.PublicFormat.UncompressedPoint)
        self.auth = os.urandom(16)

    def keys(self):
        return {"p256dh": b64(self.point), "auth": b64(self.auth)}

    def decrypt(self, body):
        salt, size = body[:16], int.from_bytes(body[16:20], "big")
        same((size, body[20]), (4096, 65))
        sender, record = body[21:86], body[86:]
        public = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), sender)
        secret = hkdf(self.auth, self.key.exchange(ec.ECDH(), public),
                      b"WebPush: info\0" + self.point + sender, 32)
        key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        same(plain[-1], 2)
        return json.loads(plain[:-1])


class Service:
    """A push service: each path is a subscription."""

    def __init__(self, authority, name):
        self.got = []      # (path, headers, body)
        self.answers = {}  # path -> [(status, headers)], the last one stays
        self.arrived = threading.Condition()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with service.arrived:
                    service.got.append((self.path, self.headers, body))
                    queue = service.answers.get(self.path, [(201, {})])
                    status, more = queue.pop(0) if len(queue) > 1 else queue[0]
                    service.arrived.notify_all()
                self.send_response(status)
                for key, value in more.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.certificate(name))
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket,
                                                 server_side=True)
        self.origin = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def of(self, path):
        with self.arrived:
            return [g for g in self.got if g[0] == path]

    def wait(self, path, n, timeout=30):
        """The n-th request to a path, from 1."""
        end = time.monotonic() + timeout
        with self.arrived:
            while True:
                found = [g for g in self.got if g[0] == path]
                if len(found) >= n:
                    return found[n - 1]
                left = end - time.monotonic()
                if left <= 0:
                    raise Wrong(f"{path}: {len(found)} requests, not {n}")
                self.arrived.wait(left)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Client:
    def __init__(self, host, address, password=PASSWORD):
        self.host, self.address = host, address
        token = base64.b64encode(f"{address}:{password}".encode()).decode()
        self.auth = {"Authorization": "Basic " + token}
        self.account = self.session()["primaryAccounts"][MAIL]

    def fetch(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.host.port("http"),
                                       timeout=30)
        try:
            c.request(method, path, body, {
                **self.auth, "Content-Type": "application/json"})
            r = c.getresponse()
            text = r.read()
            if r.status != 200:
                raise Wrong(f"{method} {path}: {r.status} {text}")
            return json.loads(text)
        finally:
            c.close()

    def session(self):
        return self.fetch("GET", "/jmap/session")

    def call(self, name, **args):
        if not name.startswith("PushSubscription"):
            args.setdefault("accountId", self.account)
        a = self.fetch("POST", "/jmap/api", json.dumps({
            "using": [CORE, MAIL, SUBMISSION],
            "methodCalls": [[name, args, "c"]]}))["methodResponses"][0]
        if a[0] == "error":
            return a[1]
        same(a[0], name)
        return a[1]

    def set(self, **args):
        return self.call("PushSubscription/set", **args)

    def list(self, **args):
        return self.call("PushSubscription/get", **args)["list"]


class World:
    def __init__(self, posthus):
        self.authority = Authority()
        self.service = Service(self.authority, "127.0.0.1")
        self.host = Host(posthus, {
            "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
            "limits.connections_exempt": "127.0.0.0/8", "server.drain": "3s",
            "push.ca_file": str(self.authority.file),
            "push.networks": "127.0.0.1/32", "push.interval": "60s",
            "push.per_account": "3",
        })
        self.host.domain(DOMAIN)
        self.host.start()
        self.n = 0

    def client(self):
        self.n += 1
        address = f"user{self.n}@{DOMAIN}"
        self.host.account(address, PASSWORD)
        return Client(self.host, address)

    def add(self, client, path, device=None, **more):
        """The id of a new subscription."""
        a = client.set(create={"s": {
            "deviceClientId": "device-1", "url": self.service.origin + path,
            "keys": device.keys() if device else None, **more}})
        if not a["created"]:
            raise Wrong(f"not created: {a}")
        return a["created"]["s"]["id"]

    def verified(self, client, path, device, **more):
        """The same, with its code given back."""
        i = self.add(client, path, device, **more)
        code = device.decrypt(self.service.wait(path, 1)[2])
        same((code["@type"], code["pushSubscriptionId"]),
             ("PushVerification", i))
        a = client.set(update={i: {
            "verificationCode": code["verificationCode"]}})
        same(a["updated"], {i: None})
        return i

    def deliver(self, client, subject="hello"):
        s = Smtp(self.host.port("smtp"))
        s.data("bo@partner.example", [client.address],
               (f"From: bo@partner.example\r\nTo: {client.address}\r\n"
                f"Subject: {subject}\r\nMessage-ID: <{time.time_ns()}@p>\r\n"
                "Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n\r\nhello\r\n")
               .encode())
        s.close()

    def moved_on(self, path, n):
        """The n-th request, which may not come before push.interval is over:
        that begins when the answer to the last one is read."""
        end = time.monotonic() + 30
        while len(self.service.of(path)) < n and time.monotonic() < end:
            self.host.clock_add(2 * MINUTE)
            time.sleep(1.5)
        return self.service.wait(path, n, 1)

    def quiet(self, path, n):
        """There are n requests, and no more come."""
        self.service.wait(path, n)
        time.sleep(QUIET)
        same(len(self.service.of(path)), n)

    def close(self):
        self.host.close()
        self.service.close()


def check_sender(w, client, headers):
    """RFC 8292: the token is for this service and signed by the key that the
    session names."""
    scheme, rest = headers["Authorization"].split(" ", 1)
    same(scheme, "vapid")
    given = dict(p.strip().split("=", 1) for p in rest.split(","))
    key = client.session()["capabilities"][VAPID]["applicationServerKey"]
    same(given["k"], key)
    head, claims, signature = given["t"].split(".")
    same(json.loads(unb64(head)), {"typ": "JWT", "alg": "ES256"})
    said = json.loads(unb64(claims))
    same(said["aud"], w.service.origin)
    same(said["sub"], "mailto:postmaster@provider.example")
    ahead = said["exp"] - time.time() - w.host.clock_ahead() / 1e6
    need(0 < ahead <= 24 * 3600, f"exp is {ahead} s ahead")
    raw = unb64(signature)
    same(len(raw), 64)
    public = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), unb64(key))
    public.verify(
        utils.encode_dss_signature(int.from_bytes(raw[:32], "big"),
                                   int.from_bytes(raw[32:], "big")),
        f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


@t.test
def the_whole_way(w):
    """First the code and nothing else, then what changes, encrypted."""
    c, device = w.client(), Device()
    i = w.add(c, "/whole", device, types=["Email", "Mailbox"])
    _, headers, body = w.service.wait("/whole", 1)
    same((headers["TTL"], headers["Urgency"], headers["Content-Encoding"]),
         ("3600", "normal", "aes128gcm"))
    check_sender(w, c, headers)
    code = device.decrypt(body)
    same((code["@type"], code["pushSubscriptionId"]), ("PushVerification", i))
    # Before the code is back nothing is told; another code is none.
    w.deliver(c)
    w.quiet("/whole", 1)
    a = c.set(update={i: {"verificationCode": "nonsense"}})
    same(a["notUpdated"][i]["properties"], ["verificationCode"])
    same(c.list()[0]["verificationCode"], None)
    a = c.set(update={i: {"verificationCode": code["verificationCode"]}})
    same(a["updated"], {i: None})
    same(c.list()[0]["verificationCode"], code["verificationCode"])
    w.quiet("/whole", 1)  # nothing changed since
    w.deliver(c)
    _, headers, body = w.service.wait("/whole", 2)
    same((headers["TTL"], headers["Topic"]), ("86400", "state"))
    check_sender(w, c, headers)
    told = device.decrypt(body)
    same(told["@type"], "StateChange")
    same(set(told["changed"]), {c.account})
    same(set(told["changed"][c.account]), {"Email", "Mailbox"})
    same(told["changed"][c.account]["Email"],
         c.call("Email/get", ids=[])["state"])
    need(b"hello" not in body and c.account.encode() + b'"' not in body,
         "it can be read on the way")


@t.test
def few_and_all(w):
    """One in push.interval, which then has the last state; other types are
    not told."""
    c, device = w.client(), Device()
    w.verified(c, "/few", device, types=["Email"])
    for n in range(4):
        w.deliver(c, f"n{n}")
    w.quiet("/few", 2)
    told = device.decrypt(w.moved_on("/few", 3)[2])
    same(told["changed"][c.account],
         {"Email": c.call("Email/get", ids=[])["state"]})
    w.host.clock_add(2 * MINUTE)
    c.call("Mailbox/set", create={"m": {"name": "new"}})
    w.quiet("/few", 3)


@t.test
def new_mail_alone(w):
    """EmailDelivery (RFC 8621, 1.5) wakes a device when there is something
    to show, and not when it is read."""
    c, device = w.client(), Device()
    w.verified(c, "/delivery", device, types=["EmailDelivery"])
    w.deliver(c)
    told = device.decrypt(w.service.wait("/delivery", 2)[2])
    same(set(told["changed"][c.account]), {"EmailDelivery"})
    state = told["changed"][c.account]["EmailDelivery"]
    i = c.call("Email/query")["ids"][0]
    w.host.clock_add(2 * MINUTE)
    a = c.call("Email/set", update={i: {"keywords/$seen": True}})
    same(a["updated"], {i: None})
    w.quiet("/delivery", 2)
    w.deliver(c)
    told = device.decrypt(w.moved_on("/delivery", 3)[2])
    need(told["changed"][c.account]["EmailDelivery"] != state, "the same")


@t.test
def without_keys(w):
    """RFC 8620 does not ask for keys: then it is plain JSON, over TLS."""
    c = w.client()
    i = w.add(c, "/plain")
    _, headers, body = w.service.wait("/plain", 1)
    same((headers["Content-Type"], headers["Content-Encoding"]),
         ("application/json", None))
    same(json.loads(body)["pushSubscriptionId"], i)


@t.test
def gone(w):
    """404 and 410 end a subscription at once."""
    c = w.client()
    for status in (404, 410):
        device, path = Device(), f"/gone{status}"
        i = w.verified(c, path, device)
        w.service.answers[path] = [(status, {})]
        w.deliver(c)
        w.service.wait(path, 2)
        until(lambda: i not in [s["id"] for s in c.list()],
              f"{status}: it is still there")
    w.deliver(c)
    w.quiet("/gone404", 2)


@t.test
def later(w):
    """After 429 and 500 it is tried again, not before it is time; what
    changed is not lost."""
    def failed(status):
        # When the service answers, nobody has read it yet.
        until(lambda: f"status={status}" in w.host.log_tail(10 ** 6),
              f"no {status}")

    c, device = w.client(), Device()
    w.verified(c, "/later", device, types=["Email"])
    w.service.answers["/later"] = [(429, {"Retry-After": "600"}), (500, {}),
                                   (201, {})]
    w.deliver(c)
    failed(429)
    w.host.clock_add(5 * MINUTE)  # longer than our own pause
    w.quiet("/later", 2)
    w.host.clock_add(6 * MINUTE)
    failed(500)
    same(len(w.service.of("/later")), 3)
    w.host.clock_add(5 * MINUTE)
    told = device.decrypt(w.service.wait("/later", 4)[2])
    same(told["changed"][c.account]["Email"],
         c.call("Email/get", ids=[])["state"])
    same(len(c.list()), 1)


@t.test
def private_addresses(w):
    """A URL does not lead into the networks of the provider."""
    c = w.client()
    port = w.service.origin.rsplit(":", 1)[1]
    for url in (f"http://127.0.0.1:{port}/x", "https://127.0.0.1:25/x",
                "https://u@127.0.0.1/x", "file:///etc/passwd", "x"):
        a = c.set(create={"s": {"deviceClientId": "d", "url": url}})
        same((a["notCreated"]["s"]["type"], a["notCreated"]["s"]["properties"]),
             ("invalidProperties", ["url"]))
    # Another address of this machine, where the service listens as well.
    other = Service(w.authority, "127.0.0.1")
    try:
        a = c.set(create={"s": {"deviceClientId": "d", "url":
                                f"https://127.0.0.2:{port}/x"}})
        need(a["created"], f"{a}")
        until(lambda: "a private address" in w.host.log_tail(10 ** 6),
              "the log does not say why")
        same(other.got, [])
    finally:
        other.close()


@t.test
def of_a_login(w):
    """Another login of the account neither sees nor changes it; when the
    login is revoked it goes."""
    c, device = w.client(), Device()
    i = w.verified(c, "/login", device)
    out = w.host.cli("app-password", "add", c.address, "phone")
    number = next(x for x in out.split() if x.isdigit())
    secret = out.split()[-1]
    phone = Client(w.host, c.address, secret)
    same(phone.list(), [])
    same(phone.set(destroy=[i])["notDestroyed"][i]["type"], "notFound")
    same(phone.set(update={i: {"types": None}})["notUpdated"][i]["type"],
         "notFound")
    j = w.verified(phone, "/phone", Device())
    same([s["id"] for s in c.list()], [i])
    same([s["id"] for s in phone.list()], [j])
    w.deliver(c)
    w.service.wait("/login", 2)
    w.service.wait("/phone", 2)
    w.host.cli("app-password", "rm", c.address, number, "--yes")
    until(lambda: "its login was revoked" in w.host.log_tail(10 ** 6),
          "it outlives its password")
    w.deliver(c)
    w.moved_on("/login", 3)
    w.quiet("/phone", 2)
    same([s["id"] for s in c.list()], [i])


@t.test
def survives_a_restart(w):
    """Subscriptions, the key, and what was told are on disk; what changed
    while nobody could tell is told after."""
    c, device = w.client(), Device()
    w.verified(c, "/restart", device, types=["Email"])
    key = c.session()["capabilities"][VAPID]
    w.deliver(c)
    w.service.wait("/restart", 2)
    w.service.answers["/restart"] = [(503, {}), (201, {})]
    w.deliver(c)
    w.moved_on("/restart", 3)  # refused, and then the host ends
    w.host.stop()
    w.host.start()
    same(c.session()["capabilities"][VAPID], key)
    _, headers, body = w.service.wait("/restart", 4)
    check_sender(w, c, headers)
    same(device.decrypt(body)["changed"][c.account]["Email"],
         c.call("Email/get", ids=[])["state"])
    w.quiet("/restart", 4)


@t.test
def what_is_sent_later(w):
    """A submission that was held turns to final when it goes, and that is
    told, though no client asks."""
    c, device = w.client(), Device()
    w.verified(c, "/held", device, types=["EmailSubmission"])
    box = c.call("Mailbox/get", ids=None)["list"][0]["id"]
    made = c.call("Email/set", create={"e": {
        "mailboxIds": {box: True}, "from": [{"email": c.address}],
        "to": [{"email": c.address}], "subject": "later",
        "textBody": [{"partId": "1", "type": "text/plain"}],
        "bodyValues": {"1": {"value": "later"}}}})["created"]["e"]
    one = c.call("Identity/get", ids=None)["list"][0]["id"]
    made = c.call("EmailSubmission/set", create={"s": {
        "identityId": one, "emailId": made["id"], "envelope": {
            "mailFrom": {"email": c.address, "parameters": {"HOLDFOR": "600"}},
            "rcptTo": [{"email": c.address}]}}})["created"]["s"]
    same(made["undoStatus"], "pending")
    first = device.decrypt(w.service.wait("/held", 2)[2])
    w.quiet("/held", 2)
    w.host.clock_add(11 * MINUTE)
    told = device.decrypt(w.service.wait("/held", 3)[2])
    need(told["changed"] != first["changed"], "the same state")
    got = c.call("EmailSubmission/get", ids=[made["id"]])["list"][0]
    same(got["undoStatus"], "final")


@t.test
def expires(w):
    """No longer than two weeks; then nothing is sent."""
    c, device = w.client(), Device()
    a = c.set(create={"s": {
        "deviceClientId": "d", "url": w.service.origin + "/expires",
        "keys": device.keys(), "expires": "2099-01-01T00:00:00Z"}})
    until_s = a["created"]["s"]["expires"]
    need(until_s < "2099", until_s)
    i = a["created"]["s"]["id"]
    same(c.list(properties=["expires"]), [{"id": i, "expires": until_s}])
    a = c.set(update={i: {"expires": "2020-01-01T00:00:00Z"}})
    same(a["notUpdated"][i]["properties"], ["expires"])
    code = device.decrypt(w.service.wait("/expires", 1)[2])
    c.set(update={i: {"verificationCode": code["verificationCode"]}})
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(
        time.time() + w.host.clock_ahead() / 1e6 + 3600))
    same(c.set(update={i: {"expires": soon}})["updated"],
         {i: {"expires": soon}})
    w.host.clock_add(61 * MINUTE)
    until(lambda: c.list() == [], "it is still there")
    w.deliver(c)
    w.quiet("/expires", 1)


@t.test
def methods(w):
    """What the methods refuse."""
    c, device = w.client(), Device()
    i = w.add(c, "/methods", device)
    for name in ("url", "keys"):
        same(c.call("PushSubscription/get", properties=[name])["type"],
             "forbidden")
    same(c.call("PushSubscription/get", properties=["x"])["type"],
         "invalidArguments")
    same(c.call("PushSubscription/get", accountId=c.account)["type"],
         "invalidArguments")
    got = c.call("PushSubscription/get", ids=[i, "P999999"])
    same((set(got), got["notFound"], [s["id"] for s in got["list"]]),
         ({"list", "notFound"}, ["P999999"], [i]))
    same(set(got["list"][0]), {"id", "deviceClientId", "verificationCode",
                               "expires", "types"})
    good = {"deviceClientId": "d", "url": w.service.origin + "/methods2",
            "keys": device.keys()}
    wrong = bytearray(device.point)
    wrong[40] ^= 1
    for change, names in (
            ({"deviceClientId": ""}, ["deviceClientId"]),
            ({"types": []}, ["types"]), ({"types": ["a,b"]}, ["types"]),
            ({"types": "Email"}, ["types"]),
            ({"keys": {"p256dh": b64(bytes(wrong)), "auth": b64(device.auth)}},
             ["keys"]),
            ({"keys": {"p256dh": b64(device.point), "auth": "AAAA"}}, ["keys"]),
            ({"keys": {}}, ["keys"]), ({"verificationCode": "x"},
                                       ["verificationCode"]),
            ({"expires": "soon"}, ["expires"]), ({"x": 1}, ["x"])):
        a = c.set(create={"s": {**good, **change}})
        same((a["notCreated"]["s"]["type"], a["notCreated"]["s"]["properties"]),
             ("invalidProperties", names))
    same(c.set(update={i: {"url": "https://push.example/"}})["notUpdated"][i]
         ["properties"], ["url"])
    same(set(c.set(update={i: {"types": ["Email"]}})),
         {"created", "notCreated", "updated", "notUpdated", "destroyed",
          "notDestroyed"})
    same(c.list()[0]["types"], ["Email"])
    for _ in range(2):
        w.add(c, "/methods2", device)
    a = c.set(create={"s": good})
    same(a["notCreated"]["s"]["type"], "overQuota")
    same(c.set(destroy=[i])["destroyed"], [i])
    w.add(c, "/methods2", device)


def main():
    args = t.arguments()
    w = World(args.posthus)
    try:
        failed = t.run(args.names, w)
        for row in w.host.log_tail(10 ** 7).splitlines():
            if "push.trouble" in row:
                print(f"FAIL push/log: {row}")
                failed += 1
                break
    finally:
        w.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
