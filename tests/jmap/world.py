"""What the tests of this folder share: clients, accounts, messages, events."""
import base64
import http.client
import json

from lib.mail import Imap, Smtp
from lib.runner import Tests, Wrong, need, same

t = Tests("jmap")
SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8", "server.drain": "3s",
}
PASSWORD = "secret-word"
CORE = "urn:ietf:params:jmap:core"
MAIL = "urn:ietf:params:jmap:mail"
CONTACTS = "urn:ietf:params:jmap:contacts"
QUOTA = "urn:ietf:params:jmap:quota"
SUBMISSION = "urn:ietf:params:jmap:submission"
SIEVE = "urn:ietf:params:jmap:sieve"
VACATION = "urn:ietf:params:jmap:vacationresponse"
OWN = "urn:x-posthus:mail"
MESSAGE = (b"From: Bo <bo@partner.example>\r\nTo: anna@customer.example\r\n"
           b"Subject: hello\r\nMessage-ID: <m1@partner.example>\r\n"
           b"Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n\r\nhello\r\n")
PICTURE = base64.b64encode(bytes(range(256)) * 5)
MIXED = (
    b"From: =?utf-8?q?J=C3=B8rgen?= <j@partner.example>, team:"
    b" a@x.example, Bo <b@x.example>;\r\n"
    b"To: anna@customer.example\r\nSubject: =?utf-8?q?Bl=C3=A5b=C3=A6r?=\r\n"
    b"Date: Tue, 24 Nov 2026 10:00:00 +0530\r\n"
    b"Message-ID: <mix@partner.example>\r\n"
    b"References: <a@x.example>\r\n <b@x.example>\r\n"
    b"List-Post: <mailto:l@x.example> (write), <https://x.example/p>\r\n"
    b"X-Many: one\r\nX-Many: two\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"
    b"--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
    b"--i\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nbl=E5b=E6r\r\n"
    b"--i\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>bl\xc3\xa5b\xc3\xa6r</p>\r\n--i--\r\n"
    b"--o\r\nContent-Type: image/png; name=\"p \xc3\xa6.png\"\r\n"
    b"Content-Disposition: attachment\r\nContent-ID: <pic@x>\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + PICTURE + b"\r\n"
    b"--o\r\nContent-Type: message/rfc822\r\n\r\n" + MESSAGE +
    b"\r\n--o--\r\n")


class Client:
    """One account's JMAP connection."""

    def __init__(self, host, address, password=PASSWORD):
        self.host = host
        self.address = address
        self.http = http.client.HTTPConnection("127.0.0.1",
                                               host.port("http"), timeout=20)
        token = base64.b64encode(f"{address}:{password}".encode()).decode()
        self.auth = {"Authorization": "Basic " + token}
        self.using = [CORE, MAIL, QUOTA, SUBMISSION, SIEVE, VACATION]
        self.account = None

    def fetch(self, method, path, body=None, headers=None):
        """(status, headers, body)"""
        self.http.request(method, path, body, {**self.auth, **(headers or {})})
        r = self.http.getresponse()
        return r.status, r.headers, r.read()

    def session(self):
        status, headers, body = self.fetch("GET", "/.well-known/jmap")
        same(status, 200, "session")
        same(headers["Content-Type"], "application/json", "type")
        s = json.loads(body)
        self.account = s["primaryAccounts"][MAIL]
        return s

    def post(self, request, content_type="application/json"):
        body = request if isinstance(request, bytes) else \
            json.dumps(request).encode()
        status, _, body = self.fetch("POST", "/jmap/api", body,
                                     {"Content-Type": content_type})
        return status, json.loads(body)

    def calls(self, *calls, **more):
        """The method responses."""
        status, answer = self.post({"using": self.using,
                                    "methodCalls": list(calls), **more})
        same(status, 200, f"status ({answer})")
        return answer["methodResponses"]

    def call(self, name, **args):
        """The arguments of the one answer, which is no error."""
        answer = self.try_call(name, **args)
        if answer[0] != name:
            raise Wrong(f"{name}: {answer}")
        return answer[1]

    def refused(self, error, name, **args):
        """The call is answered with this error."""
        answer = self.try_call(name, **args)
        if answer[0] != "error" or answer[1]["type"] != error:
            raise Wrong(f"{name} {args}: {answer}, not {error}")
        return answer[1]

    def try_call(self, name, **args):
        if name != "Core/echo":
            args.setdefault("accountId", self.account)
        return self.calls([name, args, "c"])[0]


def account(host, name, domain="customer.example"):
    address = f"{name}@{domain}"
    if domain not in ("customer.example",):
        host.domain(domain)
    host.account(address, PASSWORD)
    c = Client(host, address)
    c.session()
    return c


def boxes(c, **args):
    return {b["name"]: b for b in c.call("Mailbox/get", **args)["list"]}


def put(c, folder="INBOX", message=MESSAGE, flags=""):
    """By IMAP; the Email's id."""
    state = c.call("Email/get", ids=[])["state"]
    imap = Imap(c.host.port("imap"), c.address, PASSWORD)
    imap.append(folder, message, flags)
    imap.close()
    created = c.call("Email/changes", sinceState=state)["created"]
    same(len(created), 1, "Email/changes after APPEND")
    return created[0]


def email(c, no, **args):
    got = c.call("Email/get", ids=[no], **args)
    same(len(got["list"]), 1, f"Email/get {no}")
    return got["list"][0]


def fetched(c, folder="INBOX"):
    """The last message of the folder as IMAP has it, and its flags."""
    imap = Imap(c.host.port("imap"), c.address, PASSWORD)
    body = list(imap.bodies(folder))[-1][1]
    flags = imap.command("FETCH * (FLAGS)")[0][0]
    imap.close()
    return body, flags


def fetch_all(c):
    """What the inbox holds."""
    imap = Imap(c.host.port("imap"), c.address, PASSWORD)
    got = [body for _, body in imap.bodies("INBOX")]
    imap.close()
    return got


def draft(c, to, **more):
    got = c.call("Email/set", create={"d": {
        "mailboxIds": {boxes(c)["Drafts"]["id"]: True},
        "keywords": {"$draft": True}, "from": [{"email": c.address}],
        "to": [{"email": a} for a in to], "subject": "sent by JMAP",
        "textBody": [{"partId": "1"}],
        "bodyValues": {"1": {"value": "hello from JMAP"}}, **more}})
    need(got["created"], f"{got}")
    return got["created"]["d"]["id"]


def bytes_of(c, part):
    status, _, body = c.fetch(
        "GET", f"/jmap/download/{c.account}/{part['blobId']}/x")
    same(status, 200, f"download of {part}")
    return body


def deliver(host, to, message, sender="bo@partner.example"):
    smtp = Smtp(host.port("smtp"))
    smtp.data(sender, [to], message.replace(b"anna@customer.example",
                                            to.encode()))
    smtp.close()


def events(c, query="types=*&closeafter=no&ping=0", last=None):
    """An open event stream."""
    h = http.client.HTTPConnection("127.0.0.1", c.host.port("http"),
                                   timeout=20)
    headers = dict(c.auth, **({"Last-Event-ID": last} if last else {}))
    h.request("GET", f"/jmap/eventsource?{query}", headers=headers)
    r = h.getresponse()
    return r


def next_event(r):
    """(event, id, data) of the next that is no comment."""
    got = {}
    while True:
        row = r.readline().decode().rstrip("\n")
        if not row and got:
            return got.get("event"), got.get("id"), json.loads(got["data"])
        if not row and r.isclosed():
            raise Wrong("the stream ended")
        if ": " in row:
            key, value = row.split(": ", 1)
            got[key] = value
