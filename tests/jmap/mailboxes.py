"""Mailboxes, threads and the quota."""
from world import CORE, MESSAGE, PASSWORD, account, boxes, t

from lib.mail import Imap
from lib.runner import need, same


@t.test
def mailbox_get(host):
    """The six that come with an account, with counts, rights and roles."""
    c = account(host, "mailboxes")
    got = c.call("Mailbox/get", ids=None)
    by_role = {b["role"]: b for b in got["list"]}
    same(set(by_role), {"inbox", "drafts", "sent", "junk", "trash", "archive"},
         "roles")
    inbox = by_role["inbox"]
    same(inbox["name"], "Inbox", "name")
    same((inbox["totalEmails"], inbox["unreadThreads"], inbox["parentId"]),
         (0, 0, None), "counts")
    need(not inbox["myRights"]["mayDelete"], "the inbox may be deleted")
    need(by_role["sent"]["myRights"]["mayDelete"], "Sent may not be deleted")
    need(inbox["isSubscribed"], "subscribed")
    one = c.call("Mailbox/get", ids=[inbox["id"], "M999", "nonsense",
                                     inbox["id"]], properties=["name"])
    same(one["list"], [{"id": inbox["id"], "name": "Inbox"}], "one")
    same(one["notFound"], ["M999", "nonsense"], "notFound")
    c.refused("invalidArguments", "Mailbox/get", properties=["nonsense"])
    c.refused("invalidArguments", "Mailbox/get", ids="M1")
    c.refused("invalidArguments", "Mailbox/get", unknown=1)
    c.refused("accountNotFound", "Mailbox/get", accountId="A999")
    c.refused("requestTooLarge", "Mailbox/get",
              ids=[f"M{i}" for i in range(1, 1500)])
    c.using = [CORE]
    c.refused("unknownMethod", "Mailbox/get")


@t.test
def mailbox_set(host):
    """Create with a parent of the same request, rename, move, roles, destroy."""
    c = account(host, "mailboxset")
    state = c.call("Mailbox/get")["state"]
    got = c.call("Mailbox/set", create={
        "b": {"name": "Inner", "parentId": "#a"},
        "a": {"name": "Outer", "isSubscribed": True}})
    need(not got["notCreated"], f"{got}")
    outer, inner = (got["created"][k]["id"] for k in "ab")
    same(got["oldState"], state, "oldState")
    same(boxes(c)["Inner"]["parentId"], outer, "parent")
    changes = c.call("Mailbox/changes", sinceState=state)
    same(set(changes["created"]), {outer, inner}, "created")
    same(changes["newState"], got["newState"], "newState")
    # What is wrong with each.
    wrong = {
        "no name": ({}, "name"), "empty": ({"name": ""}, "name"),
        "slash": ({"name": "a/b"}, "name"),
        "long": ({"name": "x" * 300}, "name"),
        "twice": ({"name": "Outer"}, "name"),
        "parent": ({"name": "x", "parentId": "M999"}, "parentId"),
        "in inbox": ({"name": "x", "parentId": boxes(c)["Inbox"]["id"]},
                     "parentId"),
        "role": ({"name": "x", "role": "sent"}, "role"),
        "no role": ({"name": "x", "role": "nonsense"}, "role"),
        "total": ({"name": "x", "totalEmails": 3}, "totalEmails"),
        "loop": ({"name": "x", "parentId": "#loop"}, "parentId"),
    }
    got = c.call("Mailbox/set", create={k: v[0] for k, v in wrong.items()})
    need(not got["created"], f"{got}")
    for k, (_, name) in wrong.items():
        e = got["notCreated"][k]
        same((e["type"], e["properties"]), ("invalidProperties", [name]), k)
    # Update.
    got = c.call("Mailbox/set", update={
        inner: {"name": "Moved", "parentId": None, "isSubscribed": True},
        "M999": {"name": "x"},
        boxes(c)["Inbox"]["id"]: {"name": "Other"}})
    same(got["updated"], {inner: None}, "updated")
    same(got["notUpdated"]["M999"]["type"], "notFound", "M999")
    same(got["notUpdated"][boxes(c)["Inbox"]["id"]]["type"], "forbidden",
         "inbox")
    moved = boxes(c)["Moved"]
    same((moved["parentId"], moved["isSubscribed"]), (None, True), "moved")
    c.call("Mailbox/set", update={inner: {"parentId": outer}})
    got = c.call("Mailbox/set", update={outer: {"parentId": inner}})
    need(outer in got["notUpdated"], "below itself")
    # IMAP sees the same.
    imap = Imap(host.port("imap"), c.address, PASSWORD)
    need(b"Outer/Moved" in b"".join(sum(imap.command(b'LIST "" "*"'), [])), "LIST")
    # Destroy: the child first, whatever the order.
    got = c.call("Mailbox/set", destroy=[outer])
    same(got["notDestroyed"][outer]["type"], "mailboxHasChild", "child")
    imap.append("Outer/Moved", MESSAGE)
    got = c.call("Mailbox/set", destroy=[outer, inner, "M999"])
    same(got["notDestroyed"][inner]["type"], "mailboxHasEmail", "email")
    same(got["notDestroyed"]["M999"]["type"], "notFound", "M999")
    state = got["newState"]
    c.refused("stateMismatch", "Mailbox/set", ifInState="0-0",
              destroy=[outer])
    got = c.call("Mailbox/set", destroy=[outer, inner], ifInState=state,
                 onDestroyRemoveEmails=True)
    same(set(got["destroyed"]), {outer, inner}, "destroyed")
    same(set(c.call("Mailbox/changes", sinceState=state)["destroyed"]),
         {outer, inner}, "changes")
    c.refused("cannotCalculateChanges", "Mailbox/changes",
              sinceState="77-1")
    c.refused("cannotCalculateChanges", "Mailbox/changes",
              sinceState="nonsense")
    c.refused("invalidArguments", "Mailbox/changes", sinceState=state,
              maxChanges=0)


@t.test
def mailbox_query(host):
    """Filters, orders, trees, windows."""
    c = account(host, "mailboxquery")
    got = c.call("Mailbox/set", create={
        "z": {"name": "Zebra"}, "y": {"name": "yak", "parentId": "#z"},
        "x": {"name": "Xerus", "parentId": "#y"}})["created"]
    x, y, z = (got[k]["id"] for k in "xyz")
    names = {b["id"]: b["name"] for b in boxes(c).values()}

    def query(**args):
        return [names[i] for i in c.call("Mailbox/query", **args)["ids"]]

    by_name = [{"property": "name", "isAscending": True}]
    same(query(sort=by_name), ["Archive", "Drafts", "Inbox", "Sent", "Spam",
                               "Trash", "Xerus", "yak", "Zebra"], "by name")
    same(query(sort=by_name, sortAsTree=True)[-3:], ["Zebra", "yak", "Xerus"],
         "tree")
    same(query(filter={"role": "inbox"}), ["Inbox"], "role")
    same(query(filter={"hasAnyRole": False, "parentId": None}), ["Zebra"],
         "no role")
    same(query(filter={"name": "YA"}), ["yak"], "name")
    same(query(filter={"name": "x"}, filterAsTree=True), ["Inbox"],
         "filterAsTree")
    same(query(filter={"operator": "NOT", "conditions": [
        {"hasAnyRole": True}, {"parentId": y}]}, sort=by_name),
        ["yak", "Zebra"], "NOT")
    same(query(sort=[{"property": "sortOrder"}])[0], "Inbox", "sortOrder")
    got = c.call("Mailbox/query", sort=by_name, position=-2,
                 calculateTotal=True)
    same((got["total"], got["position"], got["ids"]), (9, 7, [y, z]), "end")
    got = c.call("Mailbox/query", sort=by_name, anchor=y, anchorOffset=-1,
                 limit=2)
    same((got["position"], got["ids"]), (6, [x, y]), "anchor")
    c.refused("anchorNotFound", "Mailbox/query", anchor="M999")
    c.refused("unsupportedSort", "Mailbox/query",
              sort=[{"property": "nonsense"}])
    c.refused("unsupportedFilter", "Mailbox/query", filter={"nonsense": 1})
    got = c.call("Mailbox/query")
    same(c.call("Mailbox/queryChanges", sinceQueryState=got["queryState"])
         ["added"], [], "no changes")
    c.refused("cannotCalculateChanges", "Mailbox/queryChanges",
              sinceQueryState="1-1")


@t.test
def threads_and_counts(host):
    """Threads over mailboxes, counts of unread, what IMAP hides."""
    c = account(host, "threads")
    imap = Imap(host.port("imap"), c.address, PASSWORD)
    state = c.call("Thread/changes", sinceState=c.call(
        "Thread/get", ids=[])["state"])["newState"]
    box = c.call("Mailbox/get")["state"]
    imap.append("INBOX", MESSAGE)
    imap.append("Sent", b"Message-ID: <r@x.example>\r\nReferences: "
                b"<m1@partner.example>\r\nSubject: Re: hello\r\n\r\nr\r\n",
                "\\Seen")
    imap.append("INBOX", b"Message-ID: <o@x.example>\r\nSubject: other"
                b"\r\n\r\no\r\n", "\\Seen")
    got = c.call("Thread/changes", sinceState=state)
    same(len(got["created"]), 2, "threads")
    threads = c.call("Thread/get", ids=got["created"] + ["T999"])
    same(threads["notFound"], ["T999"], "notFound")
    same(sorted(len(t["emailIds"]) for t in threads["list"]), [1, 2], "sizes")
    counts = boxes(c)
    same([counts["Inbox"][k] for k in ("totalEmails", "unreadEmails",
                                       "totalThreads", "unreadThreads")],
         [2, 1, 2, 1], "Inbox")
    # Read itself, but another of its thread is not.
    same([counts["Sent"][k] for k in ("totalEmails", "unreadEmails",
                                      "totalThreads", "unreadThreads")],
         [1, 0, 1, 1], "Sent")
    got = c.call("Mailbox/changes", sinceState=box)
    need("unreadEmails" in got["updatedProperties"], "only counts")
    imap.command(b"SELECT INBOX")
    imap.command(b"STORE 1 +FLAGS (\\Deleted)")
    same(boxes(c)["Inbox"]["totalEmails"], 1, "hidden")
    c.refused("requestTooLarge", "Thread/get", ids=None)


@t.test
def quota(host):
    """Quota/get says what is used."""
    c = account(host, "quota")
    before = c.call("Quota/get", ids=None)
    q = before["list"][0]
    same((q["resourceType"], q["scope"], q["types"], q["used"]),
         ("octets", "account", ["Mail"], 0), "quota")
    need(q["hardLimit"] > 0, "limit")
    Imap(host.port("imap"), c.address, PASSWORD).append("INBOX", MESSAGE)
    got = c.call("Quota/changes", sinceState=before["state"])
    same((got["updated"], got["updatedProperties"]), ([q["id"]], ["used"]),
         "changes")
    same(c.call("Quota/get", ids=[q["id"], "x"])["notFound"], ["x"], "x")
    same(c.call("Quota/get", ids=[q["id"]])["list"][0]["used"], len(MESSAGE),
         "used")
    # One object, or none when the filter is of another.
    got = c.call("Quota/query", calculateTotal=True,
                 sort=[{"property": "used"}])
    same((got["ids"], got["total"], got["canCalculateChanges"]),
         ([q["id"]], 1, False), "query")
    for flt, n in (({"type": "Mail", "scope": "account"}, 1),
                   ({"name": "QUOTA@", "resourceType": "octets"}, 1),
                   ({"type": "Contacts"}, 0), ({"scope": "domain"}, 0),
                   ({"operator": "NOT", "conditions": [{"type": "Mail"}]}, 0)):
        same(len(c.call("Quota/query", filter=flt)["ids"]), n, str(flt))
    same(c.call("Quota/query", anchor=q["id"], anchorOffset=1)["ids"], [],
         "behind the anchor")
    same(c.call("Quota/query", limit=0)["ids"], [], "limit")
    c.refused("anchorNotFound", "Quota/query", anchor="x")
    same(c.call("Quota/queryChanges", sinceQueryState=got["queryState"])
         ["removed"], [], "the same")
    c.refused("cannotCalculateChanges", "Quota/queryChanges",
              sinceQueryState="1-1")
    c.refused("invalidArguments", "Quota/queryChanges")
