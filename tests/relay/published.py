"""What a domain publishes about its TLS: DANE and MTA-STS."""
from world import MINUTE, policy, t

from lib.runner import need, same


@t.test
def dane_matches(w):
    with w.sink(6, tls=w.authority.context("mx6.signed.example")) as s:
        w.submit("bo@signed.example")
        need(s.wait(), "nothing came")
        need(s.messages[0].tls, "it came in clear")
        w.empty()


@t.test
def dane_does_not_match(w):
    with w.sink(7, tls=w.authority.context("mx7.signed.example")) as s:
        w.submit("bo@bad.signed.example")
        w.until_logged("relay.unreachable", "domain=bad.signed.example")
        need(w.logged("relay.unreachable", "certificate"), "another reason")
        same(len(s.messages), 0)


@t.test
def dane_and_no_tls(w):
    with w.sink(8) as s:
        w.submit("bo@clear.signed.example")
        w.until_logged("relay.unreachable", "domain=clear.signed.example")
        same(len(s.messages), 0)
    row = [r for r in w.queue() if "clear" in r["recipient"]][0]
    w.host.cli("queue", "rm", "--yes", *[
        str(r["id"]) for r in w.queue() if "bad." in r["recipient"]][:1])
    need("does not offer TLS" in row["why"] and "next try in" in row["why"],
         row["why"])
    w.host.cli("queue", "return", str(row["id"]))
    w.until(lambda: not [r for r in w.queue() if "clear" in r["recipient"]],
            "it was not returned")


@t.test
def mta_sts_is_enforced(w):
    """The policy names mx10 alone, whose certificate must be good."""
    good = w.authority.context("mx10.partner.example")
    with w.web("sts.partner.example", policy("enforce",
                                              "mx10.partner.example")) as web, \
            w.sink(11) as other:
        with w.sink(10, tls=good) as s:
            w.submit("bo@sts.partner.example")
            need(s.wait(), "nothing came")
            need(s.messages[0].tls, "it came in clear")
            w.until_logged("relay.sent", "MTA-STS")
            w.empty()
            same(web.asked, ["/.well-known/mta-sts.txt"])
        # The web server may go, the policy holds.
        web.close()
        with w.sink(10, tls=w.authority.context("mx1.partner.example")) as s:
            w.submit("bo@sts.partner.example")
            w.until_logged("relay.unreachable", "domain=sts.partner.example")
            same(len(s.messages), 0)
        same(len(other.messages), 0)
        row = [r for r in w.queue() if "@sts." in r["recipient"]][0]
        need("MTA-STS policy of sts.partner.example" in row["why"],
             row["why"])
        need("certificate" in row["why"], row["why"])
        w.until(lambda: "MTA-STS policy of sts.partner.example"
                in w.host.cli("trace", row["trace"], code=None),
                "the trail does not say why")
        with w.sink(10) as s:  # without TLS
            w.host.clock_add(6 * MINUTE)
            w.until(lambda: any("does not offer TLS, which the MTA-STS policy"
                                in r["why"]
                                for r in w.queue()), "it was not tried")
            same(len(s.messages), 0)
        with w.sink(10, tls=good) as s:
            w.host.clock_add(12 * MINUTE)
            need(s.wait(), "it did not go when all was good again")
            w.empty()


@t.test
def mta_sts_testing_is_told_not_obeyed(w):
    with w.web("probe.partner.example",
               policy("testing", "elsewhere.example")), \
            w.sink(10, tls=w.authority.context("x.example")) as s:
        w.submit("bo@probe.partner.example")
        need(s.wait(), "nothing came")
        need(s.messages[0].tls, "it came in clear")
        w.empty()


@t.test
def mta_sts_without_a_policy_file(w):
    with w.sink(1) as s, w.web("other.partner.example",
                               policy("enforce", "mx9.x.example")) as web:
        w.submit("bo@nofile.partner.example")
        need(s.wait(), "a policy that cannot be got held mail up")
        w.empty()
        same(web.asked, [])  # its certificate is another's
