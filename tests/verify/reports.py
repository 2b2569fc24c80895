"""DMARC reports: those that the host sends, and those that it reads."""
import email
import gzip
import json
import time
import xml.etree.ElementTree as ElementTree
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from world import BO, OK, REJECTED, Peer, message, signed, t

from lib.runner import has, same, until
from lib.sink import Sink


def attached(data):
    """The document of a report, as a receiver unpacks it."""
    m = email.message_from_bytes(data)
    parts = [p for p in m.walk()
             if p.get_content_type() == "application/gzip"]
    same(len(parts), 1)
    return m, parts[0].get_filename(), ElementTree.fromstring(
        gzip.decompress(parts[0].get_payload(decode=True)))


def text_of(node, path):
    ns = "{urn:ietf:params:xml:ns:dmarc-2.0}"
    found = node.find("/".join(ns + p for p in path.split("/")))
    return None if found is None else found.text


@t.test
def owners_are_told_once_a_day(w):
    p = Peer(w)
    for _ in range(2):
        has(p.send(message("a@rep.partner.example"), "a@rep.partner.example"),
            OK)
    has(p.send(signed(message("a@rep.partner.example")),
               "a@none.partner.example"), OK)
    same(p.send(message("a@rep.partner.example"), "a@none.partner.example"),
         REJECTED.replace("partner", "rep.partner"))
    # Its policy asks for none.
    has(p.send(message()), OK)
    p.close()
    w.host.stop()  # what was counted is on the disk
    w.host.start()
    with Sink("127.0.1.1", w.relay_port) as sink:
        w.host.clock_add(86400 * 10**6)

        def both_came():
            w.host.clock_add(1800 * 10**6)
            return sink.wait(2, timeout=0.5)
        until(both_came, "not both were told", 60)
        time.sleep(1)  # and no third
        same(sorted(m.rcpts[0] for m in sink.messages),
             ["<agg@out.partner.example>", "<r@wants.example>"])
    got = sink.messages[0]
    has(got.mail, "<>")
    m, name, doc = attached(got.data)
    has(m["Subject"], "Report Domain: rep.partner.example",
        "Submitter: mx.provider.example", "Report-ID: <")
    begin, end = name.split("!")[2], name.split("!")[3].split(".")[0]
    same(name, f"mx.provider.example!rep.partner.example!{begin}!{end}.xml.gz")
    same(int(begin) % 86400, 0)
    same(int(end) - int(begin), 86399)
    same(text_of(doc, "report_metadata/date_range/begin"), begin)
    same(text_of(doc, "policy_published/domain"), "rep.partner.example")
    same(text_of(doc, "policy_published/p"), "reject")
    same(text_of(doc, "policy_published/aspf"), "s")
    rows = []
    for r in doc:
        if not r.tag.endswith("}record"):
            continue
        same(text_of(r, "row/source_ip"), "127.0.0.1")
        same(text_of(r, "identifiers/header_from"), "rep.partner.example")
        rows.append(" ".join(str(text_of(r, f)) for f in (
            "row/count", "row/policy_evaluated/disposition",
            "row/policy_evaluated/dkim", "row/policy_evaluated/spf",
            "identifiers/envelope_from", "auth_results/spf/result",
            "auth_results/dkim/domain", "auth_results/dkim/result")))
    same(sorted(rows), [
        "1 pass pass fail none.partner.example none partner.example pass",
        "1 reject fail fail none.partner.example none None None",
        "2 pass fail pass rep.partner.example pass None None"])
    has(w.host.log.read_text(), "event=dmarc.withheld domain=rep.partner."
        "example to=mailto:x@victim.example why=\"it does not ask for them\"")


def report_mail(domain, xml, packed=True):
    m = MIMEMultipart("mixed")
    m["From"], m["To"] = "reports@partner.example", BO
    m["Subject"] = f"Report domain: {domain} Submitter: partner.example"
    m["Date"] = "Tue, 24 Nov 2026 10:00:00 +0000"
    m["Message-ID"] = f"<{time.time_ns()}@partner.example>"
    m.attach(MIMEText("A report.", "plain"))
    part = MIMEApplication(gzip.compress(xml) if packed else xml, "gzip")
    part.add_header("Content-Disposition", "attachment",
                    filename=f"partner.example!{domain}!1!2.xml.gz")
    m.attach(part)
    return m.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@t.test
def reports_of_others_are_read(w):
    """By mail to any address here, about domains here alone."""
    begin = int(time.time() + w.host.clock_ahead() / 10**6) - 86400

    def xml(domain, number, more=""):
        return f"""<?xml version="1.0"?>{more}<feedback><report_metadata>
<org_name>Partner</org_name><email>r@partner.example</email>
<report_id>{number}</report_id><date_range><begin>{begin}</begin>
<end>{begin + 86399}</end></date_range></report_metadata>
<policy_published><domain>{domain}</domain><p>none</p></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>40</count>
<policy_evaluated><disposition>none</disposition><dkim>pass</dkim>
<spf>fail</spf></policy_evaluated></row><identifiers>
<header_from>{domain}</header_from></identifiers></record>
<record><row><source_ip>192.0.2.2</source_ip><count>2</count>
<policy_evaluated><disposition>reject</disposition><dkim>fail</dkim>
<spf>fail</spf></policy_evaluated></row><identifiers>
<header_from>{domain}</header_from></identifiers><auth_results><dkim>
<domain>shop.example</domain><selector>s</selector><result>pass</result>
</dkim></auth_results></record></feedback>""".encode()

    has(w.host.errors("domain", "dmarc", "customer.example"),
        "nobody has reported yet")
    p = Peer(w)
    for message_of in (
            report_mail("customer.example", xml("customer.example", 1)),
            report_mail("customer.example", xml("customer.example", 1)),
            report_mail("other.example", xml("other.example", 2)),
            report_mail("customer.example", b"\x1f\x8b rubbish", False),
            report_mail("customer.example", gzip.compress(bytes(30 << 20)),
                        False),
            report_mail("customer.example", xml(
                "customer.example", 3,
                '<!DOCTYPE x [<!ENTITY a "b">]>'))):
        has(p.send(message_of), OK)
    p.close()
    until(lambda: w.host.log.read_text().count("event=dmarc.unread") >= 5,
          "not all were looked at")
    rows = json.loads(w.host.cli("domain", "dmarc", "customer.example",
                                 "--json"))
    same([(r["source"], r["messages"], r["result"], r["by"], r["reporters"])
          for r in rows],
         [("192.0.2.1", 40, "passed", "DKIM", "Partner"),
          ("192.0.2.2", 2, "failed, refused", "signed by shop.example",
           "Partner")])
    has(w.host.errors("domain", "dmarc", "customer.example"),
        "2 of 42 messages failed")
    log = w.host.log.read_text()
    has(log, "about a domain of others", "by=partner.example",
        "event=dmarc.read domain=customer.example reporter=Partner rows=2")
