"""The queue, the limits, and a stolen account."""
import getpass
import imaplib
import json
import smtplib
import time

from world import FAILED, NOT_FOUND, OK, USAGE, send, t

from lib.host import Host, any_certificate
from lib.runner import need, until


@t.test
def the_queue_is_shown(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off", "score.mode": "off"}
    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("anna@customer.example", "secret")
        host.start()
        need(json.loads(host.cli("queue", "list", "--json")) == [], "not empty")
        with smtplib.SMTP("127.0.0.1", host.port("submission"), timeout=20) as s:
            s.starttls(context=any_certificate())
            s.login("anna@customer.example", "secret")
            s.sendmail("anna@customer.example", ["kurt@far.example"],
                       "From: anna@customer.example\r\nTo: kurt@far.example\r\n"
                       "Subject: hello\r\n\r\nhello\r\n")
        rows = json.loads(host.cli("queue", "list", "--json"))
        need(len(rows) == 1 and rows[0]["recipient"] == "kurt@far.example" and
             rows[0]["sender"] == "anna@customer.example", rows)
        number = str(rows[0]["id"])
        host.cli("queue", "hold", number)
        need(json.loads(host.cli("queue", "show", number, "--json"))[0]["state"] ==
             "held", "hold")
        host.cli("queue", "release", number)
        host.cli("queue", "retry", code=OK)
        host.cli("queue", "show", "999999", code=NOT_FOUND)
        host.cli("queue", "rm", number, code=USAGE)
        host.cli("queue", "rm", number, "--yes")
        host.cli("queue", "rm", number, "--yes", code=NOT_FOUND)
        need(json.loads(host.cli("queue", "list", "--json")) == [], "not removed")


@t.test
def what_people_do_to_the_queue_is_told(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                "score.mode": "off", "relay.send": "false"}
    me = getpass.getuser()

    def rows(host):
        return json.loads(host.cli("queue", "list", "--json"))

    def story(host, trace):
        found = host.cli("trace", "--id", trace, "--json")
        [story] = json.loads(found)
        return story

    def people(host, trace):
        return [(e["event"], e["words"]) for e in story(host, trace)["events"]
                if e["event"] in ("held", "released", "retried", "removed", "given-up")]

    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("anna@customer.example", "secret")
        host.start()
        send(host, "kurt@far.example")
        number, trace = str(rows(host)[0]["id"]), rows(host)[0]["trace"]
        for command in "hold", "release", "retry", "rm":
            host.cli("queue", command, number, *(["--yes"] if command == "rm" else []))
        to = "kurt@far.example"
        need(people(host, trace) == [
            ("held", f"held for {to} by {me}"),
            ("released", f"let go for {to} by {me}"),
            ("retried", f"tried again for {to} because {me} asked"),
            ("removed", f"taken out of the queue for {to} by {me}")],
            people(host, trace))
        need(story(host, trace)["state"] == "removed", story(host, trace)["state"])
        need(f"taken out of the queue for {to} by {me}" in
             host.cli("trace", to), "not in words")

        send(host, "karl@far.example")
        number, trace = str(rows(host)[0]["id"]), rows(host)[0]["trace"]
        host.cli("queue", "retry")
        host.cli("queue", "return", number)
        need([kind for kind, _ in people(host, trace)] == ["retried", "given-up"],
             people(host, trace))

        host.cli("alias", "add", "info@customer.example", "anna@customer.example")
        send(host, "info@customer.example")
        until(lambda: "info@customer.example leads to anna@customer.example" in
              host.cli("trace", "info@customer.example", code=None),
              "the trace does not tell of the alias")

        host.cli("hold", "add", "anna@customer.example")
        send(host, "kim@far.example")
        send(host, "kai@far.example")
        traces = {r["recipient"]: r["trace"] for r in rows(host)}
        host.cli("hold", "release", "anna@customer.example")
        host.cli("hold", "add", "anna@customer.example")
        need(people(host, traces["kim@far.example"])[-1] ==
             ("released", f"let go for kim@far.example by {me}"),
             people(host, traces["kim@far.example"]))
        send(host, "kay@far.example")
        trace = [r["trace"] for r in rows(host) if r["recipient"] == "kay@far.example"][0]
        host.cli("hold", "discard", "anna@customer.example", "--yes")
        need(story(host, trace)["state"] == "removed", story(host, trace))


@t.test
def limits_are_shown_set_and_reset(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off"}

    def limits(host, name="customer.example"):
        rows = json.loads(host.cli("limits", "show", name, "--json"))
        return {r["limit"]: r for r in rows}

    def refused(host):
        try:
            send(host, "bo@customer.example")
        except smtplib.SMTPRecipientsRefused as e:
            return e.recipients["bo@customer.example"][1].decode()
        return ""

    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        host.account("anna@customer.example", "secret")
        host.account("bo@customer.example", "secret")
        host.start()
        need(limits(host)["messages_5min"]["used"] == 0, "not empty")
        for _ in range(2):
            send(host, "bo@customer.example")
        row = limits(host)["messages_5min"]
        need(row["used"] == 2 and row["most"] == 25 and not row["own"] and
             row["who"] == ["anna@customer.example 2"], row)
        host.cli("limits", "set", "customer.example", "messages_5min", "2")
        need("more than 2 messages in the last 5 minutes" in refused(host), "set")
        host.cli("limits", "set", "customer.example", "messages_5min", "default")
        need(not refused(host), "default")
        host.cli("limits", "set", "anna@customer.example", "messages_1h", "3")
        need("more than 3 messages in the last hour" in refused(host), "of an account")
        row = limits(host, "anna@customer.example")["messages_1h"]
        need(row["used"] == 3 and row["most"] == 3 and row["own"], row)
        need(limits(host, "anna@customer.example")["bulk_8h"]["most"] is None, "none")
        host.cli("limits", "set", "customer.example", "nonsense", "1", code=FAILED)
        host.cli("limits", "show", "no.example", code=NOT_FOUND)
        host.cli("limits", "reset", "anna@customer.example", "--yes")
        until(lambda: not refused(host), "reset has no effect")
        host.stop()
        host.start()
        need(limits(host)["messages_1h"]["used"] == 4, limits(host)["messages_1h"])
        need(limits(host, "anna@customer.example")["messages_1h"]["used"] == 1,
             "after a restart")


@t.test
def a_stolen_account_is_held(box):
    settings = {"policy.helo": "off", "policy.spf": "off", "policy.greylist": "off",
                "policy.hold_strangers": "3", "relay.send": "false"}

    def held(host):
        return {r["address"]: r["held"] for r in
                json.loads(host.cli("hold", "list", "--json"))}

    def inbox(host, user):
        with imaplib.IMAP4("127.0.0.1", host.port("imap")) as m:
            m.login(user, "secret")
            return int(m.select("INBOX")[1][0])

    with Host(box.posthus, settings) as host:
        host.domain("customer.example")
        for name in ("anna", "bo", "chief"):
            host.account(name + "@customer.example", "secret")
        host.cli("domain", "set", "customer.example", "--admin",
                 "chief@customer.example")
        host.start()
        for n in range(3):
            send(host, f"x{n}@nowhere.invalid")
        send(host, "x1@nowhere.invalid")  # known by now
        need(held(host) == {}, "too early")
        send(host, "x9@nowhere.invalid")
        need(held(host) == {"anna@customer.example": 1}, held(host))
        send(host, "bo@customer.example")
        need(held(host) == {"anna@customer.example": 2}, held(host))
        until(lambda: inbox(host, "anna@customer.example") == 1, "no notice to the owner")
        until(lambda: inbox(host, "chief@customer.example") == 1,
              "no notice to the administrator")
        need(inbox(host, "bo@customer.example") == 0, "it was delivered")
        host.cli("hold", "release", "anna@customer.example")
        until(lambda: inbox(host, "bo@customer.example") == 1, "not released")
        need(held(host) == {}, "still held")
        time.sleep(1.5)  # the gate looks once a second
        send(host, "x10@nowhere.invalid")
        need(held(host) == {}, "held again at once")
        host.cli("hold", "add", "anna@customer.example")
        send(host, "bo@customer.example")
        need(held(host) == {"anna@customer.example": 1}, "by hand")
        host.cli("hold", "discard", "anna@customer.example", code=USAGE)
        host.cli("hold", "discard", "anna@customer.example", "--yes")
        need(held(host) == {"anna@customer.example": 0}, "discarded")
        host.cli("hold", "release", "anna@customer.example")
        host.cli("hold", "release", "no@customer.example", code=NOT_FOUND)
        host.cli("limits", "set", "customer.example", "hold", "0")
        for n in range(20, 30):
            send(host, f"x{n}@nowhere.invalid")
        need(held(host) == {}, "switched off for the domain")
        need(inbox(host, "bo@customer.example") == 1, "a discarded one came")
