"""TLS reports, which a domain asks for."""
import email
import gzip
import json
import time

from world import HOUR, policy, t

from lib.runner import need, same


def one_day(w):
    """The day of the host's clock, an hour of which at least is left."""
    while True:
        at = time.time() + w.host.clock_ahead() / 1e6
        if at % 86400 < 23 * 3600:
            return time.strftime("%Y-%m-%d", time.gmtime(at))
        w.host.clock_add(HOUR)


def tls_reports(bodies, day):
    """Those of them that are of the day: other tests had TLS on others."""
    found = [json.loads(gzip.decompress(b)) for b in bodies]
    return [r for r in found if r["date-range"]["start-datetime"].startswith(day)]


def tls_attachment(message):
    return message.get_payload()[1].get_payload(decode=True)


@t.test
def how_tls_went_is_reported(w):
    """The day after, by mail and by HTTPS, once, for a domain that asks."""
    day = one_day(w)
    good = w.authority.context("mx10.partner.example")
    with w.web("sts.partner.example", policy("enforce",
                                             "mx10.partner.example")) as web, \
            w.sink(1) as reports:
        with w.sink(10, tls=good) as s:
            w.submit("bo@sts.partner.example")
            need(s.wait(), "nothing came")
            w.empty()
        with w.sink(10) as s:
            w.submit("bo@sts.partner.example")
            w.until_logged("relay.unreachable", "does not offer TLS, which "
                           "the MTA-STS policy of sts.partner.example")
        with w.sink(10, tls=good) as s:
            w.host.cli("queue", "retry")
            need(s.wait(), "nothing came")
            w.empty()
        w.host.clock_add(29 * HOUR)

        def posted():
            return tls_reports([body for _, _, body in list(web.posted)], day)

        def mailed():
            return [m for m in map(email.message_from_bytes,
                                   [m.data for m in list(reports.messages)])
                    if tls_reports([tls_attachment(m)], day)]

        w.until(posted, f"nothing was posted of {day}")
        w.until(mailed, f"no report of {day} came by mail")
        path, fields, _ = web.posted[0]
        same(path, "/report")
        same(fields["Content-Type"], "application/tlsrpt+gzip")
        [report] = posted()
        [parsed] = mailed()
        same(reports.messages[0].rcpts[0].split(">")[0],
             "<tls+x@partner.example")
        same(parsed["TLS-Report-Domain"], "sts.partner.example")
        same(parsed.get_param("report-type"), "tlsrpt")
        same(parsed.get_payload()[1].get_content_type(),
             "application/tlsrpt+gzip")
        same(tls_reports([tls_attachment(parsed)], day), [report])
        rows = [p for p in report["policies"]
                if p["policy"]["policy-type"] == "sts"
                and "mode: enforce" in p["policy"].get("policy-string", [])]
        same(rows[0]["policy"]["mx-host"], ["mx10.partner.example"])
        need(rows[0]["summary"]["total-successful-session-count"] >= 2
             and rows[0]["summary"]["total-failure-session-count"] >= 1,
             f"the report is {report}")
        need("starttls-not-supported" in [
            d["result-type"] for d in rows[0]["failure-details"]],
            f"the report is {report}")
        w.host.clock_add(24 * HOUR)
        time.sleep(1.5)
        same(len(posted()), 1)
