"""Connections that destinations share, and what they must not share."""
import sqlite3

from world import Other, policy, t

from lib.runner import need, same
from lib.sink import CAPABILITIES

SHARED = [f"d{i}.shared.partner.example" for i in range(30)]
KEPT = {"relay__connection_idle": "1m"}


def came(s):
    return sorted(r.split(">")[0][1:] for m in s.messages for r in m.rcpts)


@t.test
def many_domains_of_one_host(w):
    """Two connections for thirty domains, used one after the other."""
    with Other(w, relay__host_connections="2", **KEPT) as o, o.sink(15) as s:
        s.answers["CONNECT"] = ["421 4.3.2 later"] * len(SHARED)
        names = [f"bo@{d}" for d in SHARED]
        for name in names[:25]:
            o.submit(name)
        o.until(lambda: len(o.logged("relay.unreachable")) >= 25,
                "not all were tried")
        s.answers["CONNECT"] = []
        before = s.connections
        o.host.cli("queue", "retry")
        for name in names[25:]:
            o.submit(name)
        need(s.wait(30), f"{len(s.messages)} of 30 came")
        o.empty()
        same(came(s), sorted(names))
        need(s.connections - before <= 2,
             f"{s.connections - before} connections")
        need(s.most <= 2, f"{s.most} at the same time")
        need(s.resets >= 28, f"{s.resets} times RSET between domains")


@t.test
def a_refusal_is_every_domains(w):
    """A host that lets nobody in is not asked by each domain in turn."""
    with Other(w, relay__host_connections="1") as o, o.sink(15) as s:
        s.answers["CONNECT"] = ["421 4.3.2 later"] * 100
        for d in SHARED[:10]:
            o.submit(f"bo@{d}")
        o.until(lambda: len(o.logged("relay.unreachable", "421")) >= 10,
                "not all were tried")
        same(s.messages, [])
        s.answers["CONNECT"] = []
        o.host.cli("queue", "retry")
        need(s.wait(10), "not all came")
        o.empty()
        same(len(s.messages), 10)


@t.test
def what_one_domain_demands_another_does_not_get(w):
    """A verified session is for whoever demands the same of the same host;
    what a policy or the DNS says of the host is each domain's own."""
    one, two, other = (f"{n}.policed.partner.example"
                       for n in ("one", "two", "other"))
    able = CAPABILITIES + ["REQUIRETLS"]
    with Other(w, **KEPT) as o, o.sink(
            16, tls=w.authority.context("mx16.partner.example"),
            capabilities=able) as s:
        def sent(n, connections, to, **more):
            o.submit(to, **more)
            need(s.wait(n), f"nothing came for {to}")
            o.empty()
            same(s.connections, connections)

        sent(1, 1, "bo@open.partner.example")
        with o.web(one, policy("enforce", "mx16.partner.example")):
            sent(2, 2, f"bo@{one}")
        with o.web(two, policy("enforce", "*.partner.example")):
            sent(3, 2, f"bo@{two}", options=["REQUIRETLS"])
        same(len(o.logged("relay.sent", "(MTA-STS)")), 2)
        sent(4, 2, "bo@open.partner.example")
        same(len(o.logged("relay.sent", "(MTA-STS)")), 2)
        # The certificate is good, but nothing says that it is the host's.
        o.submit("bo@open.partner.example", options=["REQUIRETLS"])
        o.until_logged("relay.failed", "DNS that is not signed")
        # This policy names another host: no session will do.
        with o.web(other, policy("enforce", "mx1.partner.example")):
            o.submit(f"bo@{other}")
            o.until_logged("relay.unreachable", "is not among the hosts")
        same(len(s.messages), 4)
        same(s.connections, 2)
        o.host.stop()  # what was counted is written
        [path] = o.host.data.rglob("relay.db")
        with sqlite3.connect(path) as db:
            counted = dict(db.execute(
                "SELECT domain, sum(n) FROM note WHERE result = ''"
                " GROUP BY domain"))
        need(counted[one] == 1 and counted[two] == 1, f"counted {counted}")


@t.test
def dane_is_shared_by_host(w):
    """Records of usage 3 are the host's alone."""
    with Other(w, **KEPT) as o, o.sink(
            6, tls=w.authority.context("mx6.signed.example")) as s:
        for n, domain in enumerate(("signed.example", "twin.signed.example")):
            o.submit(f"bo@{domain}")
            need(s.wait(n + 1), "nothing came")
            o.empty()
        same(len(o.logged("relay.sent", "(DANE)")), 2)
        same(s.connections, 1)


@t.test
def a_host_ends_the_session_between_messages(w):
    """By 421, by hanging up, or while it lay idle: nothing is put off, lost
    or doubled, the next message just opens another."""
    names = [f"{n}@{d}" for d in SHARED[:3] for n in ("a", "b", "c")]
    with Other(w, relay__host_connections="1", **KEPT) as o, o.sink(15) as s:
        s.answers["CONNECT"] = ["421 4.3.2 later"] * 100
        for name in names:
            o.submit(name)
        o.until(lambda: len(o.logged("relay.unreachable")) >= 3,
                "not all were tried")
        s.answers["CONNECT"] = []
        s.per_connection = 2
        o.host.cli("queue", "retry")
        need(s.wait(9), f"{len(s.messages)} of 9 came")
        o.empty()
        same(came(s), sorted(names))
        s.per_connection = None
        o.submit(f"d@{SHARED[0]}")
        need(s.wait(10), "nothing came")
        o.empty()
        before = s.connections
        s.hang_up()
        o.submit(f"d@{SHARED[1]}")
        need(s.wait(11), "not over another when the first was gone")
        o.empty()
        same(s.connections, before + 1)
        s.close_after = {"RSET"}
        o.submit(f"d@{SHARED[2]}")
        need(s.wait(12), "not over another when RSET had no answer")
        o.empty()
        same(s.connections, before + 2)
        same(len(s.messages), 12)
        same(o.logged("relay.deferred"), [])


@t.test
def an_idle_connection_is_ended(w):
    with Other(w, relay__connection_idle="1s") as o, o.sink(15) as s:
        o.submit(f"bo@{SHARED[0]}")
        need(s.wait(), "nothing came")
        o.until(lambda: s.open == 0, "it is not ended")
        same(s.quits, 1)
