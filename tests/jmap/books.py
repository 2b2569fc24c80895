"""Address books, and what is told of contacts (RFC 9610)."""
from world import CONTACTS, CORE, account, events, next_event, t

from lib.runner import Wrong, need, same


def contacts(host, name):
    """(client, id of its default address book)"""
    c = account(host, name)
    c.using = [CORE, CONTACTS]
    books = c.call("AddressBook/get")["list"]
    same([b["isDefault"] for b in books], [True], "one book is there")
    return c, books[0]["id"]


def card(book, given, surname, **more):
    return {"addressBookIds": {book: True},
            "name": {"components": [{"kind": "given", "value": given},
                                    {"kind": "surname", "value": surname}],
                     "isOrdered": True}, **more}


def make_card(c, *args, **more):
    got = c.call("ContactCard/set", create={"n": card(*args, **more)})
    if not got["created"]:
        raise Wrong(f"not created: {got['notCreated']}")
    return got["created"]["n"]


@t.test
def contacts_session(host):
    """The session names contacts; without the capability no method is."""
    c = account(host, "contacts-session")
    s = c.session()
    same(s["capabilities"][CONTACTS], {}, "capability")
    a = s["accounts"][s["primaryAccounts"][CONTACTS]]["accountCapabilities"]
    same(a[CONTACTS], {"maxAddressBooksPerCard": 100,
                       "mayCreateAddressBook": True}, "of the account")
    c.refused("unknownMethod", "AddressBook/get")
    c.refused("unknownMethod", "ContactCard/query")


@t.test
def address_books(host):
    """AddressBook: made, changed, default, removed; all that is refused."""
    c, first = contacts(host, "books")
    before = c.call("AddressBook/get", ids=[first, "B99", "x"])
    same(before["notFound"], ["B99", "x"], "notFound")
    same(before["list"], [{
        "id": first, "name": "Contacts", "description": None, "sortOrder": 0,
        "isDefault": True, "isSubscribed": True, "shareWith": None,
        "myRights": {"mayRead": True, "mayWrite": True, "mayShare": False,
                     "mayDelete": False}}], "the first")
    got = c.call("AddressBook/set", create={
        "w": {"name": "Wörk", "description": "of the office", "sortOrder": 3},
        "a": {"name": ""}, "b": {}, "c": {"name": "x" * 256},
        "d": {"name": "d", "isDefault": True}, "e": {"name": "e", "o": 1},
        "f": {"name": "f", "sortOrder": -1},
        "g": {"name": "g", "shareWith": {"P1": {"mayRead": True}}},
        "h": {"name": "h", "isSubscribed": 1}, "i": {"name": "a\nb"}})
    same({k: (e["type"], e["properties"][0])
          for k, e in got["notCreated"].items()},
         {"a": ("invalidProperties", "name"),
          "b": ("invalidProperties", "name"),
          "c": ("invalidProperties", "name"),
          "d": ("invalidProperties", "isDefault"),
          "e": ("invalidProperties", "o"),
          "f": ("invalidProperties", "sortOrder"),
          "g": ("forbidden", "shareWith"),
          "h": ("invalidProperties", "isSubscribed"),
          "i": ("invalidProperties", "name")}, "notCreated")
    work = got["created"]["w"]["id"]
    need(got["newState"] != before["state"], "state")
    got = c.call("AddressBook/changes", sinceState=before["state"])
    same((got["created"], got["updated"], got["destroyed"]),
         ([work], [], []), "changes")

    # It becomes the default; both are told of.
    got = c.call("AddressBook/set", update={work: {"name": "Work"}},
                 onSuccessSetIsDefault=work)
    same(got["updated"], {work: {"isDefault": True},
                          first: {"isDefault": False}}, "updated")
    now = {b["id"]: b for b in c.call("AddressBook/get")["list"]}
    same((now[work]["name"], now[work]["description"], now[work]["isDefault"],
          now[first]["isDefault"]), ("Work", "of the office", True, False),
         "now")
    # What is not there is passed over; so is it when anything is refused.
    c.call("AddressBook/set", onSuccessSetIsDefault="B99")
    c.call("AddressBook/set", onSuccessSetIsDefault=first,
           update={"B99": {"name": "x"}})
    need({b["id"]: b for b in c.call("AddressBook/get")["list"]}
         [work]["isDefault"], "default")

    got = c.call("AddressBook/set", update={
        first: {"name": "Home", "description": None, "isDefault": False}},
        destroy=[work, "B99"])
    same(got["updated"], {first: None}, "updated")
    same({k: e["type"] for k, e in got["notDestroyed"].items()},
         {work: "forbidden", "B99": "notFound"}, "notDestroyed")
    for patch, error in (({"isDefault": True}, "invalidProperties"),
                         ({"shareWith/P1": {}}, "invalidPatch"),
                         ({"name": None}, "invalidProperties"),
                         ({"shareWith": {}}, "forbidden")):
        got = c.call("AddressBook/set", update={first: patch})
        same(got["notUpdated"][first]["type"], error, str(patch))
    c.refused("stateMismatch", "AddressBook/set", ifInState=before["state"])
    c.refused("invalidArguments", "AddressBook/set",
              onDestroyRemoveContents=1)
    c.refused("invalidArguments", "AddressBook/get", properties=["x"])
    c.refused("cannotCalculateChanges", "AddressBook/changes", sinceState="x")
    same(c.call("AddressBook/set", destroy=[first])["destroyed"], [first],
         "destroyed")
    # A book that is made becomes the default in the same call.
    got = c.call("AddressBook/set", create={"n": {"name": "New"}},
                 onSuccessSetIsDefault="#n")
    same(got["created"]["n"]["isDefault"], True, "created as default")


@t.test
def address_book_contents(host):
    """A book with cards goes only when that is meant; others keep theirs."""
    c, first = contacts(host, "contents")
    work = c.call("AddressBook/set", create={"w": {"name": "Work"}})[
        "created"]["w"]["id"]
    a = make_card(c, work, "Only", "Work")["id"]
    b = make_card(c, first, "In", "Both", emails={"e": {
        "address": "in@both.example"}})["id"]
    c.call("ContactCard/set", update={b: {f"addressBookIds/{work}": True}})
    got = c.call("AddressBook/set", destroy=[work])
    same(got["notDestroyed"][work]["type"], "addressBookHasContents", "full")
    before = c.call("ContactCard/get")["state"]
    c.call("AddressBook/set", destroy=[work], onDestroyRemoveContents=True)
    now = c.call("ContactCard/get")
    same([(x["id"], x["addressBookIds"], x["emails"]) for x in now["list"]],
         [(b, {first: True}, {"e": {"address": "in@both.example"}})], "left")
    got = c.call("ContactCard/changes", sinceState=before)
    same((got["created"], got["updated"], got["destroyed"]), ([], [b], [a]),
         "changes")


@t.test
def contacts_are_pushed(host):
    """Event streams tell of cards and address books, each for itself."""
    c, book = contacts(host, "contacts-push")
    r = events(c, "types=ContactCard,AddressBook&closeafter=no&ping=0")
    r.readline()
    made = make_card(c, book, "Push", "Me")
    changed = next_event(r)[2]["changed"][c.account]
    same(changed, {"ContactCard": c.call("ContactCard/get")["state"]}, "card")
    c.call("AddressBook/set", create={"n": {"name": "N"}})
    changed = next_event(r)[2]["changed"][c.account]
    same(changed, {"AddressBook": c.call("AddressBook/get")["state"]}, "book")
    need(made["id"], "id")


@t.test
def many_contacts(host):
    """Over 1,000 cards are read in parts; a query sees all of them."""
    c, book = contacts(host, "many")
    for part in range(3):
        got = c.call("ContactCard/set", create={
            f"k{i}": card(book, f"Given{part}", f"Name{i:03}")
            for i in range(400)})
        same(len(got["created"]), 400, "created")
    c.refused("requestTooLarge", "ContactCard/get")
    got = c.call("ContactCard/query", calculateTotal=True,
                 filter={"name": "given1 name399"})
    same((got["total"], len(got["ids"])), (1, 1), "one of them")
    ids = c.call("ContactCard/query", limit=1000)["ids"]
    same(len(c.call("ContactCard/get", ids=ids)["list"]), 1000, "read")
