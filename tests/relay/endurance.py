"""Many messages, few connections, dead hosts, and kill -9 while it goes."""
import base64
import re
import smtplib
import threading
import time

from world import ANNA, HOUR, MINUTE, Other, inbox, t

from lib.host import any_certificate
from lib.runner import need, same
from lib.sink import CAPABILITIES


@t.test
def killed_in_the_middle(w):
    """kill -9 while 300 messages go: none is lost, and only those whose
    final dot was sent and not settled may come twice."""
    with w.sink(1) as s:
        s.answers["CONNECT"] = ["421 4.3.2 later"] * 20
        sent = []
        with smtplib.SMTP_SSL("127.0.0.1", w.host.port("submissions"),
                              timeout=30, context=any_certificate()) as c:
            c.login(ANNA, "secret")
            for i in range(300):
                sent.append(f"burst {i:03d}.")
                c.sendmail(ANNA, ["bo@partner.example"],
                           f"From: {ANNA}\r\nTo: bo@partner.example\r\n"
                           f"Subject: {sent[-1]}\r\n\r\nx\r\n")
        killed = threading.Event()
        # The last ones have no answer before that, however late it comes.
        s.on_data = lambda: len(s.messages) < 250 or killed.wait(60)
        s.answers["CONNECT"] = []
        w.host.cli("queue", "retry")
        need(s.wait(100), "nothing came")
        w.host.kill()
        need(len(s.messages) < 300, "it was too quick to be killed")
        killed.set()
        w.host.start()
        w.host.cli("queue", "retry")
        w.until(lambda: not [r for r in w.queue()
                             if r["recipient"] == "bo@partner.example"],
                "some wait still", 60)
        found = {}
        for m in s.messages:
            subject = re.search(rb"Subject: (burst \d+\.)", m.data)[1].decode()
            found[subject] = found.get(subject, 0) + 1
        same(sorted(found), sent)
        twice = [k for k, n in found.items() if n > 1]
        # one for each connection that was in its transaction
        need(len(twice) <= 10, f"came twice: {twice}")
        need(all(found[k] == 2 for k in twice), "came three times")


@t.test
def a_smarthost_takes_all(w):
    """With a login, over few connections, whatever the domains are; a
    certificate that is another's gets no password."""
    login = {"relay__smarthost": f"smart.partner.example:{w.port}",
             "relay__smarthost_login": "posthus",
             "relay__smarthost_password": "very secret",
             "relay__destination_connections": "2"}
    able = CAPABILITIES + ["AUTH PLAIN LOGIN"]
    with Other(w, **login) as o:
        with o.sink(20, tls=w.authority.context("x.example"),
                    capabilities=able) as s:
            o.submit("first@d0.partner.example")
            o.until_logged("relay.unreachable", "certificate")
            same(len(s.messages), 0)
        with o.sink(20, tls=w.authority.context("smart.partner.example"),
                    capabilities=able) as s:
            for i in range(30):
                o.submit(f"bo@d{i}.nowhere.example")
            o.host.cli("queue", "retry")
            need(s.wait(31), f"{len(s.messages)} of 31 came")
            o.empty()
            same({m.login for m in s.messages},
                 {"PLAIN " + base64.b64encode(
                     b"\0posthus\0very secret").decode()})
            need(s.most <= 2, f"{s.most} connections at a time")
            need(all(m.tls for m in s.messages), "one came in clear")
        with o.sink(20, tls=w.authority.context("smart.partner.example"),
                    capabilities=able) as s:
            s.answers["AUTH"] = ["535 5.7.8 wrong"]
            o.submit("last@d0.partner.example")
            o.until_logged("relay.unreachable", "535")
            same(len(s.messages), 0)


@t.test
def dead_to_the_end(w):
    """A dead host is tried on schedule for five days and the mail then comes
    back, each message once, however often all is killed meanwhile."""
    names = [f"n{i}@dead.partner.example" for i in range(3)]
    with Other(w, queue__delay_notice="0s") as o:
        def tries():
            return o.logged("relay.unreachable", "dead.partner.example")

        for name in names:
            o.submit(name)
        o.until(tries, "it was not tried")
        waited, seen, kills = [], 0, 0
        began = o.host.clock_ahead()
        while True:
            rows = tries()
            for row in rows[seen:]:
                waited.append(int(re.search(r"next_s=(\d+)", row)[1]))
            seen = len(rows)
            if (o.host.clock_ahead() - began + waited[-1] * 1000000
                    > 119 * HOUR):
                break
            if len(waited) % 4 == 2:  # in the middle of a wait
                o.host.kill()
                kills += 1
                o.host.start()
            o.host.clock_add((waited[-1] + 5) * 1000000)
            if len(waited) % 4 == 3:  # in the middle of a try
                time.sleep(0.1)
                o.host.kill()
                kills += 1
                o.host.start()
            o.until(lambda: len(tries()) > seen, "no try when it was due")
        for i, got in enumerate(waited):
            want = min(300 * 2 ** i, 4 * 3600)
            need(0.89 * want <= got <= 1.11 * want,
                 f"the waits are {waited}")
        same(len(o.queue()), 3)
        same(len(inbox(o.host)), 0)
        # Past its time: killed until it is back in the end.
        o.host.clock_add(6 * HOUR)
        for delay in (0.05, 0.2, 0.4):
            time.sleep(delay)
            o.host.kill()
            kills += 1
            o.host.start()
        # One that was in hand when it was killed is due at the next try.
        o.host.clock_add(5 * HOUR)
        o.until(lambda: len(inbox(o.host)) >= 3, "no reports came")
        o.until(lambda: "[]" in o.host.cli("queue", "list", "--json"),
                "the queue is not empty")
        o.host.clock_add(24 * HOUR)
        time.sleep(1)
        reports = inbox(o.host)
        same(len(reports), 3)
        told = []
        for r in reports:
            groups = r.get_payload()[1].get_payload()
            same(groups[1]["Action"], "failed")
            same(groups[1]["Status"], "5.4.1")
            told.append(groups[1]["Final-Recipient"].split("; ")[1])
        same(sorted(told), names)
        print(f"    {len(waited)} tries, {kills} kills", flush=True)


@t.test
def so_many_a_minute(w):
    with Other(w, relay__destination_rate="3") as o, o.sink(1) as s:
        for _ in range(5):
            o.submit("bo@partner.example")
        need(s.wait(3), "not all came that may")
        time.sleep(0.5)
        same(len(s.messages), 3)
        o.host.clock_add(MINUTE)
        need(s.wait(5), "the rest did not come")
        o.empty()
