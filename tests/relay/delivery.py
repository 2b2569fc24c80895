"""The way of a message to another host: MX, retries, what that host can do."""
import time

from world import ANNA, HOUR, MINUTE, t

from lib.runner import need, same


@t.test
def goes_over_tls(w):
    with w.sink(4, tls=w.authority.context("mx4.partner.example")) as s:
        subject = w.submit("bo@tls.partner.example")
        need(s.wait(), "nothing came")
        m = s.messages[0]
        need(m.tls and m.tls.startswith("TLS"), "it came in clear")
        need(m.mail.startswith(f"<{ANNA}>"), f"sender {m.mail}")
        need(f"Subject: {subject}".encode() in m.data, "another message")
        need(m.data.startswith(b"Received: from "), "no trace field")
        same(m.helo, "mx.provider.example")
        w.empty()


@t.test
def in_clear_when_tls_fails(w):
    with w.sink(4, tls=w.authority.context("mx4.partner.example")) as s:
        s.answers["STARTTLS"] = ["454 4.7.0 not now"]
        w.submit("bo@tls.partner.example")
        need(s.wait(), "nothing came")
        need(not s.messages[0].tls, "there was TLS")
        w.empty()


@t.test
def recipients_in_one_transaction(w):
    with w.sink(1) as s:
        s.answers["RCPT"] = ["250 2.1.5 ok", "550 5.1.1 nobody of that name"]
        w.submit([f"{n}@partner.example" for n in ("a", "b", "c")])
        need(s.wait(), "nothing came")
        same(len(s.messages), 1)
        same(sorted(r.split(">")[0][1:] for r in s.messages[0].rcpts),
             ["a@partner.example", "c@partner.example"])
        w.until_logged("relay.failed", "5.1.1")


@t.test
def implicit_mx(w):
    with w.sink(1) as s:
        w.submit("bo@plain.partner.example")
        need(s.wait(), "nothing came")
        w.empty()


@t.test
def the_next_mx_when_one_is_dead(w):
    with w.sink(1) as s:  # 10 mx2 is dead, 20 mx1 takes it
        w.submit("bo@two.partner.example")
        need(s.wait(), "nothing came")
        w.empty()
    w.until_told("bo@two.partner.example", "mx1.partner.example took it")
    w.until_told("bo@two.partner.example", "tried mx2.partner.example: Cannot connect to mx2.")


@t.test
def nobody_takes_it(w):
    w.submit("bo@null.partner.example")
    w.until_logged("relay.failed", "5.1.10")
    w.submit("bo@nothing.partner.example")
    w.until_logged("relay.failed", "5.1.2")
    w.submit("bo@nobody.partner.example")
    w.until_logged("relay.failed", "5.4.4")
    w.submit("bo@self.partner.example")
    w.until_logged("relay.failed", "5.4.6")


@t.test
def greylisted(w):
    with w.sink(1) as s:
        s.answers["RCPT"] = ["450 4.2.0 greylisted, come back"]
        w.submit("bo@partner.example")
        w.until(lambda: any("greylisted" in str(r.get("reply"))
                            for r in w.queue()), "it was not deferred")
        same(len(s.messages), 0)
        w.host.clock_add(6 * MINUTE)
        need(s.wait(), "it did not come back")
        w.empty()


@t.test
def a_dead_host_is_retried_and_given_up(w):
    before = len(w.logged("relay.unreachable", "dead.partner.example"))
    w.submit("bo@dead.partner.example")
    tries = 0
    w.until(lambda: len(w.logged("relay.unreachable",
                                 "dead.partner.example")) > before,
            "it was not tried")
    row = [r for r in w.queue() if "dead" in r["recipient"]][0]
    need("127.0.1.3" in row["reply"] and "refused" in row["reply"],
         f"the reason is {row}")
    for wait in (6, 12, 23, 45, 90):
        tries = len(w.logged("relay.unreachable", "dead.partner.example"))
        w.host.clock_add(wait * MINUTE)
        w.until(lambda: len(w.logged("relay.unreachable",
                                     "dead.partner.example")) > tries,
                f"no try after {wait} minutes")
    w.host.clock_add(121 * HOUR)
    w.until_logged("relay.failed", "bo@dead.partner.example")


@t.test
def a_connection_is_used_again(w):
    with w.sink(1) as s:
        s.answers["CONNECT"] = ["421 4.3.2 later"]
        for _ in range(5):
            w.submit("bo@partner.example")
        w.until_logged("relay.unreachable", "421")
        before = s.connections
        w.host.clock_add(6 * MINUTE)
        need(s.wait(5), "not all came")
        need(s.connections - before < 5, "a connection for each")
        w.empty()


@t.test
def held_until_its_sender_wants(w):
    with w.sink(1) as s:
        subject = w.submit("bo@partner.example", options=["HOLDFOR=3600"])
        row = [r for r in w.queue() if r["recipient"] == "bo@partner.example"]
        same(row[0]["state"], "held")
        need("its sender holds it; goes in " in row[0]["why"], row[0]["why"])
        w.host.clock_add(HOUR - MINUTE)
        time.sleep(1)
        same(len(s.messages), 0)
        w.host.clock_add(MINUTE)
        need(s.wait(), "it was not released at its time")
        need(subject.encode() in s.messages[0].data, "another")
        w.submit("bo@partner.example", options=["HOLDFOR=3600"])
        row = [r for r in w.queue() if r["recipient"] == "bo@partner.example"]
        w.host.cli("queue", "release", str(row[0]["id"]))
        need(s.wait(2), "it was not released by hand")
        w.empty()


@t.test
def eight_bits_for_an_old_host(w):
    with w.sink(5, capabilities=["SIZE"]) as s:
        w.submit("bo@old.partner.example", "Blåbærgrød\r\n.dot\r\n",
                 ["BODY=8BITMIME"], headers="MIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: 8bit\r\n")
        need(s.wait(), "nothing came")
        data = s.messages[0].data
        need(b"Content-Transfer-Encoding: quoted-printable" in data
             and b"8bit" not in data and b"Bl=C3=A5b=C3=A6rgr=C3=B8d" in data
             and b"\r\n=2Edot\r\n" in data, f"it came as {data!r}")
        need("BODY" not in s.messages[0].mail, "BODY was said")
        w.empty()


@t.test
def a_signed_one_is_not_converted(w):
    with w.sink(5, capabilities=["SIZE"]) as s:
        w.submit("bo@old.partner.example",
                 "--x\r\n\r\nBlå\r\n--x\r\n\r\nsig\r\n--x--\r\n",
                 ["BODY=8BITMIME"], headers="MIME-Version: 1.0\r\n"
                 "Content-Type: multipart/signed; boundary=x\r\n")
        w.until_logged("relay.failed", "5.6.3")
        same(len(s.messages), 0)


@t.test
def smtputf8_needs_a_host_that_has_it(w):
    with w.sink(5, capabilities=["SIZE", "8BITMIME"]) as s:
        w.submit("bo@old.partner.example", headers="X-Name: Åse\r\n",
                 options=["SMTPUTF8", "BODY=8BITMIME"])
        w.until_logged("relay.failed", "5.6.7")
        same(len(s.messages), 0)


@t.test
def too_large_for_it(w):
    with w.sink(5, capabilities=["SIZE 1000"]) as s:
        w.submit("bo@old.partner.example", "x" * 70 + "\r\n" + "y\r\n" * 400)
        w.until_logged("relay.failed", "5.3.4")
        same(len(s.messages), 0)


@t.test
def dsn_parameters_are_passed_on(w):
    with w.sink(1) as s:
        w.submit("bo@partner.example", options=["RET=HDRS", "ENVID=a+2Bb"],
                 rcpt_options=["NOTIFY=SUCCESS,DELAY",
                               "ORCPT=rfc822;bo@partner.example"])
        need(s.wait(), "nothing came")
        m = s.messages[0]
        need(" RET=HDRS" in m.mail and " ENVID=a+2Bb" in m.mail, m.mail)
        need("NOTIFY=SUCCESS,DELAY" in m.rcpts[0]
             and "ORCPT=rfc822;bo@partner.example" in m.rcpts[0], m.rcpts[0])
        w.empty()


@t.test
def a_lost_answer_is_tried_again(w):
    with w.sink(1) as s:
        s.close_after = {"DOT"}
        subject = w.submit("bo@partner.example")
        need(s.wait(), "nothing came")
        w.until(lambda: any("lost" in str(r["reply"]) for r in w.queue()),
                "it does not wait")
        s.close_after = set()
        w.host.clock_add(6 * MINUTE)
        need(s.wait(2), "it did not come again")
        need(all(subject.encode() in m.data for m in s.messages), "another")
        w.empty()


@t.test
def a_stop_waits_for_the_last_answer(w):
    with w.sink(1) as s:
        s.dot_delay = 1.5
        w.submit("bo@partner.example")
        need(s.wait(), "nothing came")  # its answer is on the way
        w.host.stop()
        w.host.start()
        s.dot_delay = 0
        w.empty()
        need(len(s.messages) == 1, "it came twice")
