"""Event streams tell what changed."""
from world import MESSAGE, account, boxes, deliver, events, next_event, put, t

from lib.runner import need, same


@t.test
def push(host):
    """States come by event stream when IMAP changes something."""
    c = account(host, "push")
    r = events(c)
    same((r.status, r.headers["Content-Type"]), (200, "text/event-stream"),
         "stream")
    r.readline()
    i = put(c)
    event, first, data = next_event(r)
    same((event, data["@type"]), ("state", "StateChange"), "event")
    state = data["changed"][c.account]
    same(set(state), {"Email", "EmailDelivery", "Mailbox", "Thread"}, "types")
    same(state["Email"], c.call("Email/get", ids=[])["state"], "state")
    # Only what is asked for, and only once.
    one = events(c, "types=Mailbox&closeafter=state&ping=30")
    one.readline()
    c.call("Email/set", update={i: {"keywords/$seen": True}})
    same(set(next_event(one)[2]["changed"][c.account]), {"Mailbox"}, "one")
    same(one.read(), b"", "closed")
    event, second, _ = next_event(r)
    need(first != second, "ids")
    # Whoever was away is told at once.
    again = events(c, last=first)
    same(next_event(again)[1], second, "missed")
    same(c.fetch("GET", "/jmap/eventsource?ping=x&types=*")[0], 400, "query")
    pings = events(c, "types=Email&closeafter=no&ping=1")
    event, _, data = next_event(pings)
    same((event, data), ("ping", {"interval": 5}), "ping")


@t.test
def delivery_is_pushed(host):
    """EmailDelivery (RFC 8621, 1.5) tells of new mail alone: not of flags,
    folders, drafts, or what is put away as read."""
    c = account(host, "push-delivery")
    r = events(c, "types=EmailDelivery&closeafter=no&ping=0")
    r.readline()
    for n in range(2):
        deliver(host, c.address, MESSAGE.replace(b"m1@", b"m%d@" % n))
        changed = next_event(r)[2]["changed"][c.account]
        same(set(changed), {"EmailDelivery"}, "new mail")
        ids = c.call("Email/query")["ids"]
        names = boxes(c)
        c.call("Email/set", update={ids[0]: {
            "keywords/$seen": True,
            "mailboxIds": {names["Trash"]["id"]: True}}})
        c.call("Email/set", create={"d": {
            "mailboxIds": {names["Drafts"]["id"]: True},
            "keywords": {"$draft": True, "$seen": True},
            "subject": "not sent yet"}})
        put(c, "Sent", MESSAGE, "\\Seen")
        c.call("Email/set", destroy=ids[:1])
    # What came in between is told together: a second state would be next.
    put(c)
    after = next_event(r)[2]["changed"][c.account]["EmailDelivery"]
    same(after, c.call("Email/get", ids=[])["state"], "no other in between")
