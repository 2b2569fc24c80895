"""Email/query, snippets, and what no query may ask."""
from world import CONTACTS, MESSAGE, account, boxes, put, t

from lib.runner import need, same


@t.test
def email_query(host):
    """Filters and orders (RFC 8621, 4.4)."""
    c = account(host, "query")
    inbox = boxes(c)["Inbox"]["id"]
    sent = boxes(c)["Sent"]["id"]

    def mail(sender, subject, ident, day, more=b"", body=b"text"):
        return (b"From: %s\r\nTo: anna@customer.example\r\nSubject: %s\r\n"
                b"Message-ID: <%s@x.example>\r\nDate: %d Nov 2026 10:00:00 "
                b"+0000\r\n%s\r\n%s\r\n" % (sender, subject, ident, day,
                                             more, body))
    a = put(c, "INBOX", mail(b"Zoe <zoe@z.example>", b"beta", b"1", 3))
    b = put(c, "INBOX", mail(b"Anna <anna@a.example>", b"alpha", b"2", 1,
                             b"X-Flag: yes\r\n", b"big " * 3000), "\\Seen")
    d = put(c, "Sent", mail(b"mia@m.example", b"Re: beta", b"3", 2,
                            b"References: <1@x.example>\r\n"),
            "\\Flagged work")
    names = {a: "a", b: "b", d: "d"}

    def query(filter=None, sort=None, **args):
        got = c.call("Email/query", filter=filter, sort=sort or [
            {"property": "sentAt"}], **args)
        return "".join(names[i] for i in got["ids"])

    same(query(), "bda", "sentAt")
    same(query(sort=[{"property": "sentAt", "isAscending": False}]), "adb",
         "descending")
    same(query(sort=[{"property": "from"}]), "bda", "from")
    same(query(sort=[{"property": "subject"}, {"property": "sentAt"}]), "bda",
         "subject")
    same(query(sort=[{"property": "size", "isAscending": False}])[0], "b",
         "size")
    same(query(sort=[{"property": "hasKeyword", "keyword": "$flagged",
                      "isAscending": False}, {"property": "sentAt"}]), "dba",
         "hasKeyword")
    same(query(sort=[{"property": "someInThreadHaveKeyword",
                      "keyword": "$flagged", "isAscending": False},
                     {"property": "sentAt"}]), "dab", "someInThread")
    for want, f in (
            ("ba", {"inMailbox": inbox}), ("d", {"inMailbox": sent}),
            ("", {"inMailbox": "M999"}), ("d", {"inMailboxOtherThan": [inbox]}),
            ("b", {"minSize": 5000}), ("da", {"maxSize": 5000}),
            ("b", {"hasKeyword": "$seen"}), ("da", {"notKeyword": "$seen"}),
            ("d", {"hasKeyword": "work"}), ("", {"hasKeyword": "other"}),
            ("bda", {"notKeyword": "other"}),
            ("da", {"someInThreadHaveKeyword": "$flagged"}),
            ("b", {"allInThreadHaveKeyword": "$seen"}),
            ("b", {"noneInThreadHaveKeyword": "$flagged"}),
            ("", {"hasAttachment": True}), ("bda", {"hasAttachment": False}),
            ("da", {"subject": "beta"}), ("b", {"from": "ANNA"}),
            ("d", {"text": "mia beta"}), ("", {"text": '"mia beta"'}),
            ("b", {"body": "big"}), ("bda", {"to": "customer"}),
            ("b", {"header": ["X-Flag"]}), ("b", {"header": ["x-flag", "YE"]}),
            ("", {"header": ["x-flag", "no"]}),
            ("bda", {"after": "2020-01-01T00:00:00Z"}),
            ("", {"before": "2020-01-01T00:00:00Z"}),
            ("ba", {"operator": "NOT", "conditions": [{"inMailbox": sent}]}),
            ("bd", {"operator": "OR", "conditions": [
                {"inMailbox": sent}, {"subject": "alpha"}]}),
            ("", {"operator": "AND", "conditions": [
                {"inMailbox": sent}, {"inMailbox": inbox}]}),
            ("a", {"inMailbox": inbox, "notKeyword": "$seen"})):
        same(query(f), want, f)
    same(query(collapseThreads=True), "bd", "collapsed")
    same(query(position=1, limit=1), "d", "window")
    same(query(position=-1), "a", "the end")
    same(query(anchor=a, anchorOffset=-1), "da", "anchor")
    got = c.call("Email/query", calculateTotal=True, limit=0)
    same((got["total"], got["ids"]), (3, []), "total")
    c.refused("anchorNotFound", "Email/query", anchor="E999")
    c.refused("unsupportedFilter", "Email/query", filter={"nonsense": 1})
    c.refused("invalidArguments", "Email/query", filter={"minSize": "x"})
    c.refused("invalidArguments", "Email/query", filter={"before": "x"})
    c.refused("invalidArguments", "Email/query",
              filter={"operator": "XOR", "conditions": []})
    c.refused("unsupportedSort", "Email/query",
              sort=[{"property": "nonsense"}])
    # As the example of RFC 8620, 3.7: query, get, threads, all their Emails.
    got = c.calls(
        ["Email/query", {"accountId": c.account, "filter":
                         {"inMailbox": inbox}, "collapseThreads": True}, "0"],
        ["Email/get", {"accountId": c.account, "properties": ["threadId"],
                       "#ids": {"resultOf": "0", "name": "Email/query",
                                "path": "/ids"}}, "1"],
        ["Thread/get", {"accountId": c.account,
                        "#ids": {"resultOf": "1", "name": "Email/get",
                                 "path": "/list/*/threadId"}}, "2"],
        ["Email/get", {"accountId": c.account, "properties": ["subject"],
                       "#ids": {"resultOf": "2", "name": "Thread/get",
                                "path": "/list/*/emailIds"}}, "3"])
    same({e["id"] for e in got[3][1]["list"]}, {a, b, d}, "chain")


@t.test
def snippets(host):
    """SearchSnippet/get marks the words, and escapes the rest."""
    c = account(host, "snippets")
    i = put(c, message=MESSAGE.replace(b"Subject: hello", b"Subject: a <b> "
            b"=?utf-8?q?Bl=C3=A5b=C3=A6r?=").replace(
        b"\r\n\r\nhello", b"\r\n\r\n" + b"word " * 100 + b"then Hello & bye"))
    got = c.call("SearchSnippet/get", emailIds=[i, "E999"], filter={
        "operator": "OR", "conditions": [{"subject": "BLABAER"},
                                         {"text": "blab"}, {"body": "hello"}]})
    same(got["notFound"], ["E999"], "notFound")
    s = got["list"][0]
    same(s["subject"], "a &lt;b&gt; <mark>Bl\u00e5b\u00e6r</mark>", "subject")
    need(s["preview"].endswith("then <mark>Hello</mark> &amp; bye"),
         s["preview"])
    need(len(s["preview"]) < 255, "length")
    s = c.call("SearchSnippet/get", emailIds=[i])["list"][0]
    same((s["emailId"], s["subject"], s["preview"]), (i, None, None), "none")
    c.refused("invalidArguments", "SearchSnippet/get")


# A good condition of each type, and values that are wrong for one.
QUERIES = {
    "Email": ({"subject": "x"}, [
        {"inMailbox": 1}, {"inMailboxOtherThan": [1]}, {"before": "today"},
        {"minSize": -1}, {"hasKeyword": ""}, {"hasAttachment": "yes"},
        {"subject": None}, {"header": []}, {"text": ["x"]}]),
    "Mailbox": ({"name": "x"}, [
        {"name": None}, {"parentId": 1}, {"role": True},
        {"hasAnyRole": None}, {"isSubscribed": "yes"}]),
    "EmailSubmission": ({"undoStatus": "final"}, [
        {"identityIds": "I1"}, {"emailIds": [1]}, {"threadIds": None},
        {"undoStatus": 1}, {"before": "x"}, {"after": None}]),
    "ContactCard": ({"name": "x"}, [
        {"name": 1}, {"inAddressBook": None}, {"createdBefore": "x"},
        {"updatedAfter": 1}, {"text": ["x"]}]),
    "Quota": ({"name": "x"}, [
        {"name": None}, {"scope": 1}, {"resourceType": []}, {"type": True}]),
    "SieveScript": ({"name": "x"}, [{"name": 1}, {"isActive": "yes"}]),
}


def refuses_queries(c, name, good, values):
    """The same words for whatever is there: nothing is."""
    deep = good
    for _ in range(25):
        deep = {"operator": "NOT", "conditions": [deep]}
    unsupported = [{"nonsense": 1}, {**good, "nonsense": 1}, deep,
                   {"operator": "OR", "conditions": [good, {"nonsense": 1}]},
                   {"operator": "NOT", "conditions": [
                       {"operator": "AND", "conditions": [{"x": 1}]}]}]
    invalid = [1, [good], {"operator": "XOR", "conditions": []},
               {"operator": "AND"}, {"operator": "AND", "conditions": good},
               {"operator": "AND", "conditions": [1]}] + values + [
        {"operator": "OR", "conditions": [good, v]} for v in values]
    sorts = [("unsupportedSort", [{"property": "nonsense"}]),
             ("unsupportedSort", [{"property": "x"}] * 50),
             ("invalidArguments", {"property": "x"}),
             ("invalidArguments", [{}]), ("invalidArguments", [1])]
    methods = [(name + "/query", {})]
    if name != "SieveScript":
        # A state nobody knows is found out behind the filter.
        methods.append((name + "/queryChanges", {"sinceQueryState": "1-1"}))
    for method, more in methods:
        for flt in unsupported:
            c.refused("unsupportedFilter", method, filter=flt, **more)
        for flt in invalid:
            c.refused("invalidArguments", method, filter=flt, **more)
        for error, sort in sorts:
            c.refused(error, method, sort=sort, **more)
    c.call(name + "/query", filter={"operator": "NOT", "conditions": [good]})


@t.test
def bad_queries(host):
    """What a filter or sort has wrong is said in an empty account too."""
    c = account(host, "badqueries")
    c.using = c.using + [CONTACTS]
    for name, (good, values) in QUERIES.items():
        refuses_queries(c, name, good, values)
