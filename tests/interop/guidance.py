"""How mail programs are set up (R14), and the words of help (R38)."""
import json
import re
from xml.etree import ElementTree

from world import run, t

from lib.host import ROOT
from lib.runner import need


def fetch(w, host, path, *more, service="https"):
    """The answer of curl: status, content type, body."""
    scheme = "https" if service == "https" else "http"
    out = run("curl", "-sS", "--insecure", *more, "-H", f"Host: {host}",
              "-w", "\n%{http_code} %{content_type}",
              f"{scheme}://127.0.0.1:{w.port(service)}{path}")
    body, _, last = out.rpartition("\n")
    status, _, kind = last.partition(" ")
    return int(status), kind, body


ASK = """<?xml version="1.0"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
 <Request><EMailAddress>%s</EMailAddress><AcceptableResponseSchema>
 http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a
 </AcceptableResponseSchema></Request></Autodiscover>"""


@t.test
def r14_autoconfig(w):
    path = "/mail/config-v1.1.xml"
    well_known = "/.well-known/autoconfig" + path
    asked = [("autoconfig.customer.example", path, "https"),
             ("autoconfig.customer.example", path, "http"),
             ("customer.example", well_known, "https"),
             ("autoconfig.provider.example",
              path + "?EmailAddress=zzz%40customer.example", "https"),
             ("autoconfig.provider.example",
              path + "?emailaddress=anna%40CUSTOMER.example", "https")]
    answers = set()
    for host, where, service in asked:
        status, kind, body = fetch(w, host, where, service=service)
        need(status == 200 and kind.startswith("text/xml"), f"{host}: {status}")
        answers.add(body)
    need(len(answers) == 1, "not the same for everybody")
    root = ElementTree.fromstring(answers.pop())
    first = root.find("emailProvider/incomingServer[@type='imap']")
    need(first.findtext("hostname") == "imap.provider.example"
         and first.findtext("port") == w.port("imaps")
         and first.findtext("socketType") == "SSL", "not IMAP over TLS first")
    first = root.find("emailProvider/outgoingServer")
    need(first.findtext("port") == w.port("submissions"), "not submissions")
    for host, where in (("autoconfig.elsewhere.example", path),
                        ("elsewhere.example", well_known)):
        need(fetch(w, host, where)[0] == 404, f"{host} is not ours")


@t.test
def r14_autodiscover(w):
    def post(text, path="/autodiscover/autodiscover.xml"):
        status, kind, body = fetch(w, "autodiscover.customer.example", path,
                                   "-H", "Content-Type: text/xml",
                                   "--data-binary", text)
        need(status == 200 and kind.startswith("text/xml"), f"{status} {body}")
        return body

    for path in ("/autodiscover/autodiscover.xml",
                 "/Autodiscover/Autodiscover.xml"):
        body = post(ASK % "anna@customer.example", path)
        for words in ("<Type>IMAP</Type>", "<Server>imap.provider.example<",
                      f"<Port>{w.port('imaps')}</Port>", "<SPA>off</SPA>",
                      "<LoginName>anna@customer.example</LoginName>"):
            need(words in body, f"{words} is not in {body}")
    need("<ErrorCode>500<" in post(ASK % "anna@elsewhere.example"), "500")
    need("<ErrorCode>600<" in post("<a>"), "not 600 for a damaged request")
    bomb = ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
            + ASK.split("?>")[1] % "&x;@customer.example")
    need("<ErrorCode>600<" in post(bomb), "an entity was read")
    status, _, body = fetch(w, "autodiscover.customer.example",
                            "/autodiscover/autodiscover.json"
                            "?email=a%40customer.example"
                            "&protocol=autodiscoverv1")
    need(status == 200 and json.loads(body)["Url"].startswith(
        "https://autodiscover.provider.example"), body)
    status, _, body = fetch(w, "autodiscover.customer.example",
                            "/autodiscover/autodiscover.json/v1.0/"
                            "a@customer.example?Protocol=Ews")
    need(status == 400
         and json.loads(body)["ErrorCode"] == "InvalidProtocol", body)
    status, _, body = fetch(w, "autodiscover.customer.example",
                            "/autodiscover/autodiscover.xml", service="http")
    need(status == 302, f"{status}: a GET is shown the way")


@t.test
def r14_pacc(w):
    status, kind, body = fetch(w, "ua-auto-config.customer.example",
                               "/.well-known/user-agent-configuration.json")
    need(status == 200 and kind == "application/json", f"{status} {kind}")
    need(json.loads(body)["protocols"]["imap"]["host"]
         == "imap.provider.example", body)


@t.test
def r38_help(w):
    """What a refusal's last line names is there, for every one of them."""
    table = (ROOT / "src/policy/replies.def").read_text()
    references = re.findall(r'^REPLY\(\w+, "([A-Z0-9-]+)"', table, re.M)
    need(len(references) > 25, "the table was not read")
    for ref in references:
        status, kind, body = fetch(w, "mail.provider.example", f"/help/{ref}")
        need(status == 200 and f"<h1>{ref}</h1>" in body, f"{ref}: {status}")
        need("What to do" in body, ref)
    for path, words in (("/help/", "Explain"),
                        ("/help/setup", w.port("imaps")),
                        ("/help/setup", "imap.provider.example"),
                        ("/help/limits", "4000 characters"),
                        ("/help/alias", "no password"),
                        ("/help/find?q=450+4.7.1+%5BR-GREY%5D", "new to this"),
                        ("/help/find?q=0x800cccod", "imap.provider.example"),
                        ("/help/find?q=0x800CCC1", "0x800CCC19"),
                        ("/help/find?q=-ERR+Login+failed", "What to do")):
        status, kind, body = fetch(w, "mail.provider.example", path)
        need(status == 200 and words in body, f"{path}: {words}")
    body = fetch(w, "mail.provider.example",
                 "/help/find?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")[2]
    need("<script" not in body, "a script went through")
    need(fetch(w, "mail.provider.example", "/help/nothing")[0] == 404, "404")
