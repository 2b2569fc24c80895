"""What the tests of this folder share: who asks, and the document that
measures each answer."""
import base64
import http.client
import json
import re
from urllib.parse import urlencode

from lib.mail import Imap
from lib.runner import Tests, need, same, until

t = Tests("api")
SETTINGS = {
    "policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
    "limits.connections_exempt": "127.0.0.0/8", "server.drain": "3s",
}
PASSWORD = "secret-word"
NEW = "another-word"
ROOT = "/api/v1"
DAY = 24 * 3600 * 10 ** 6


class Document:
    def __init__(self, text):
        self.text = text
        self.all = json.loads(text)
        self.rows = {}
        for path, methods in self.all["paths"].items():
            pattern = re.compile(
                "^" + re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "$")
            for method, row in methods.items():
                self.rows[row["operationId"]] = (method.upper(), path, pattern,
                                                 row)

    def row(self, method, path):
        found = [r for r in self.rows.values()
                 if r[0] == method and r[2].match(path)]
        # A path without parts that vary is meant before one with.
        return min(found, key=lambda r: r[1].count("{"))[3] if found else None

    def resolve(self, schema):
        if "$ref" not in schema:
            return schema
        at = self.all
        for part in schema["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        return at

    def check(self, schema, value, where="answer"):
        """Is the value what the schema says, and nothing besides?"""
        types = schema.get("type")
        if types is None:
            return
        types = types if isinstance(types, list) else [types]
        kind = {type(None): "null", bool: "boolean", int: "integer",
                str: "string", list: "array", dict: "object"}[type(value)]
        need(kind in types, f"{where} is {kind}, not {types}")
        if kind == "object" and "properties" in schema:
            for name in schema.get("required", []):
                need(name in value, f"{where} has no {name}")
            for name, inner in value.items():
                known = schema["properties"].get(name)
                # Events of a trace tell further facts, as the document says.
                need(known is not None or where.endswith("events[]"),
                     f"{where}.{name} is not in the document")
                if known is not None:
                    self.check(known, inner, f"{where}.{name}")
        if kind == "array":
            for inner in value:
                self.check(schema["items"], inner, f"{where}[]")
        if schema.get("format") == "date-time" and kind == "string":
            need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value),
                 f"{where} is no time: {value}")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Client:
    """Somebody who asks: Basic, a token, or a browser's session."""
    document = None  # what measures all answers, once it is read

    def __init__(self, host, address=None, password=PASSWORD, token=None):
        self.host = host
        self.headers = {}
        if token:
            self.headers["Authorization"] = "Bearer " + token
        elif address:
            basic = base64.b64encode(f"{address}:{password}".encode()).decode()
            self.headers["Authorization"] = "Basic " + basic

    def ask(self, method, path, body=None, query=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.host.port("http"),
                                       timeout=30)
        target = ROOT + path + ("?" + urlencode(query) if query else "")
        fields = {**self.headers, **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        try:
            c.request(method, target, body, fields)
            r = c.getresponse()
            answer = Answer(r.status, r.headers, r.read())
        finally:
            c.close()
        self.measure(method, path, answer)
        return answer

    def measure(self, method, path, answer):
        """Is the answer one that the document has?"""
        row = self.document and self.document.row(method, path)
        if answer.status == 304 or not row:
            return
        if answer.status >= 400:
            if answer.headers["Content-Type"] == "application/problem+json":
                problem = answer.json()
                need({"type", "status", "detail"} <= set(problem),
                     f"{method} {path}: {problem} is no problem")
                need("reference" not in problem or problem["type"] ==
                     f"{ROOT}/problems#{problem['reference']}",
                     f"{method} {path}: {problem}")
                same(problem["status"], answer.status, "status of a problem")
            return
        responses = row["responses"]
        need(str(answer.status) in responses,
             f"{method} {path}: {answer.status} is not in the document")
        if answer.status == 204:
            same(answer.body, b"", "an empty answer")
            return
        schema = responses["200"]["content"]["application/json"]["schema"]
        self.document.check(schema, answer.json(), f"{method} {path}")

    def do(self, method, path, body=None, **more):
        """It works; what was answered."""
        a = self.ask(method, path, body, **more)
        need(a.status in (200, 204),
             f"{method} {path}: {a.status} {a.body[:300]!r}")
        return a.json() if a.body else None

    def get(self, path, **query):
        return self.do("GET", path, query=query)

    def refused(self, status, reference, method, path, body=None, field=None,
                **more):
        a = self.ask(method, path, body, **more)
        same((a.status, a.json().get("reference")), (status, reference),
             f"{method} {path} ({a.body[:200]!r})")
        if field:
            same(a.json().get("field"), field, f"{method} {path}: field")
        return a.json()


def people(host):
    """op, anna (of a.example), bo (a user there)."""
    return (Client(host, "op@host.example"), Client(host, "anna@a.example"),
            Client(host, "bo@a.example"))


def log_in(host, address, password):
    Imap(host.port("imap"), address, password).close()


def told(host, address, password, subject):
    """The notice with this subject, when it has come."""
    def found():
        box = Imap(host.port("imap"), address, password)
        found = [m for _, m in box.bodies("INBOX")
                 if b"Subject: " + subject.encode() in m]
        box.close()
        return found
    return until(found, f"{address} was not told: {subject}", 30)


def prepare(host):
    for d in ("host.example", "a.example", "b.example"):
        host.domain(d)
    for address in ("op@host.example", "anna@a.example", "bo@a.example",
                    "ole@b.example"):
        host.account(address, PASSWORD)
    host.cli("admin", "add", "op@host.example", "--operator")
    host.cli("admin", "add", "anna@a.example", "--domain", "a.example")
    host.start()
    Client.document = Document(
        Client(host).ask("GET", "/openapi.json").body.decode())
