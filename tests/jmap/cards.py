"""Contact cards: made, wrong, with photos, and looked for (RFC 9610)."""
import base64
import json

from books import card, contacts, make_card
from world import t

from lib.runner import need, same

PNG = (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01"
       b"\x08\x06\x00\x00\x00\x1f\x15\xc4\x89")


def refused_card(c, error, path, **args):
    """The one object of the /set is refused, because of this property."""
    got = c.call("ContactCard/set", **args)
    one = [e for k in ("notCreated", "notUpdated", "notDestroyed")
           for e in (got[k] or {}).values()]
    same(len(one), 1, f"refused ({got})")
    same((one[0]["type"], one[0].get("properties")),
         (error, [path] if path else None), f"{args}")
    same(got["oldState"], got["newState"], "state")
    return one[0]


@t.test
def contact_cards(host):
    """ContactCard: made, read, patched, removed; /changes tells it."""
    c, book = contacts(host, "cards")
    before = c.call("ContactCard/get")
    same(before["list"], [], "nothing yet")
    made = make_card(c, book, "Bo", "Berg", emails={
        "e1": {"address": "bo@partner.example", "pref": 1,
               "contexts": {"work": True}}}, **{"x.example:own": [1, {"a": 2}]})
    same(set(made), {"id", "@type", "version", "uid", "created", "updated"},
         "what the server set")
    need(made["uid"].startswith("urn:uuid:"), "uid")
    got = c.call("ContactCard/get", ids=[made["id"], "C99", book])
    same(got["notFound"], ["C99", book], "notFound")
    one = got["list"][0]
    same({k: v for k, v in one.items() if k not in made}, {
        **card(book, "Bo", "Berg"),
        "emails": {"e1": {"address": "bo@partner.example", "pref": 1,
                          "contexts": {"work": True}}},
        "x.example:own": [1, {"a": 2}]}, "all else")
    same({k: one[k] for k in made}, made, "as it was told")
    got = c.call("ContactCard/get", ids=[made["id"]],
                 properties=["uid", "emails", "later"])
    same(set(got["list"][0]), {"id", "uid", "emails"}, "properties")
    c.refused("invalidArguments", "ContactCard/get", properties=["a b"])

    state = got["state"]
    got = c.call("ContactCard/set", ifInState=state, update={made["id"]: {
        "emails/e1/address": "bo.berg@partner.example",
        "emails/e1/pref": None, "emails/e2": {"address": "b@b.example"},
        "x.example:own": None, "kind": "individual", "id": made["id"]}})
    same(set(got["updated"][made["id"]]), {"updated"}, "told")
    one = c.call("ContactCard/get", ids=[made["id"]])["list"][0]
    same((one["emails"], one["kind"], "x.example:own" in one, one["name"]),
         ({"e1": {"address": "bo.berg@partner.example",
                  "contexts": {"work": True}},
           "e2": {"address": "b@b.example"}}, "individual", False,
          card(book, "Bo", "Berg")["name"]), "patched")
    same(one["updated"], got["updated"][made["id"]]["updated"], "updated")
    # Nothing new is no change.
    got = c.call("ContactCard/set", update={made["id"]: {"kind": "individual"}})
    same(got["oldState"], got["newState"], "the same again")
    c.refused("stateMismatch", "ContactCard/set", ifInState=before["state"])

    got = c.call("ContactCard/changes", sinceState=state)
    same((got["created"], got["updated"], got["destroyed"]),
         ([], [made["id"]], []), "changes")
    same(c.call("ContactCard/set", destroy=[made["id"]])["destroyed"],
         [made["id"]], "destroyed")
    got = c.call("ContactCard/changes", sinceState=state)
    same((got["created"], got["updated"], got["destroyed"]),
         ([], [], [made["id"]]), "changes")
    c.refused("cannotCalculateChanges", "ContactCard/changes", sinceState="x")
    c.refused("invalidArguments", "ContactCard/changes", sinceState=state,
              maxChanges=0)
    c.refused("fromAccountNotFound", "ContactCard/copy", fromAccountId="A999",
              create={})
    c.refused("invalidArguments", "ContactCard/copy", fromAccountId=c.account,
              create={})
    # A book and a card in it, in one request.
    r = c.calls(["AddressBook/set", {"accountId": c.account, "create": {
        "b": {"name": "Both"}}}, "1"],
        ["ContactCard/set", {"accountId": c.account, "create": {
            "k": card("#b", "By", "Reference")}}, "2"])
    same(c.call("ContactCard/get")["list"][0]["addressBookIds"],
         {r[0][1]["created"]["b"]["id"]: True}, "by reference")


@t.test
def contact_card_errors(host):
    """ContactCard/set: each thing that is wrong with a card, and where."""
    c, book = contacts(host, "card-errors")
    a = make_card(c, book, "A", "A", uid="urn:uuid:a")
    b = make_card(c, book, "B", "B", emails={"e": {"address": "b@b.example"}})
    bad = "invalidProperties"
    for more, path in (
            ({"addressBookIds": {}}, "addressBookIds"),
            ({"addressBookIds": None}, "addressBookIds"),
            ({"addressBookIds": {"B99": True}}, "addressBookIds"),
            ({"addressBookIds": {book: False}}, "addressBookIds"),
            ({"addressBookIds": [book]}, "addressBookIds"),
            ({"id": "C5"}, "id"),
            ({"@type": "Group"}, "@type"), ({"version": "9"}, "version"),
            ({"uid": ""}, "uid"), ({"kind": 3}, "kind"),
            ({"emails": [{"address": "x"}]}, "emails"),
            ({"emails": {"e": {"value": "x"}}}, "emails/e/address"),
            ({"emails": {"e": {"address": "x", "pref": 0}}},
             "emails/e/pref"),
            ({"name": {"components": [{"value": "x"}]}},
             "name/components/0/kind"),
            ({"members": {"u": True}}, "members"),
            ({"created": "yesterday"}, "created"),
            ({"media": 3}, "media"),
            ({"media": {"m": {"kind": "photo"}}}, "media/m/uri"),
            ({"media": {"m": {"kind": "photo", "blobId": 3}}},
             "media/m/blobId"),
            ({"media": {"m": {"kind": "photo", "uri": "data:image/png,x"}}},
             "media/m/uri"),
            ({"media": {"m": {"kind": "logo", "uri": "data:;base64,=x"}}},
             "media/m/uri")):
        refused_card(c, bad, path, create={"n": card(book, "N", "N") | more})
    e = refused_card(c, bad, "uid", create={"n": card(book, "N", "N",
                                                      uid="urn:uuid:a")})
    same(e["existingId"], a["id"], "whose uid it is")
    refused_card(c, bad, "uid", update={b["id"]: {"uid": "urn:uuid:a"}})
    refused_card(c, bad, "uid", update={b["id"]: {"uid": None}})
    refused_card(c, bad, "addressBookIds",
                 update={b["id"]: {f"addressBookIds/{book}": None}})
    refused_card(c, bad, "emails/e/address",
                 update={b["id"]: {"emails/e/address": None}})
    for patch in ({"emails/x/address": "y"}, {"name/components/0/value": "x"},
                  {"emails": {}, "emails/e": None}, {"emails/~2": 1}):
        refused_card(c, "invalidPatch", None, update={b["id"]: patch})
    refused_card(c, "notFound", None, update={"C99": {}})
    refused_card(c, "notFound", None, destroy=["C99"])
    refused_card(c, "blobNotFound", None, create={"n": card(
        book, "N", "N", media={"m": {"kind": "photo", "blobId": "Uno"}})})
    refused_card(c, "tooLarge", None, create={"n": card(
        book, "N", "N", notes={"n": {"note": "x" * 600_000}})})
    same(len(c.call("ContactCard/get")["list"]), 2, "nothing else was made")


@t.test
def contact_photos(host):
    """A photo comes as a blob, or in its URI, and goes out as a blob."""
    c, book = contacts(host, "photos")

    def upload(data):
        _, _, up = c.fetch("POST", f"/jmap/upload/{c.account}/", data,
                           {"Content-Type": "image/png"})
        return json.loads(up)["blobId"]

    made = make_card(c, book, "With", "Photo", media={"m": {
        "kind": "photo", "blobId": upload(PNG)}})
    one = c.call("ContactCard/get", ids=[made["id"]])["list"][0]
    same(one["media"], made["media"], "as it was told")
    same(one["media"]["m"]["mediaType"], "image/png", "type")
    need("uri" not in one["media"]["m"], "no URI")
    blob = one["media"]["m"]["blobId"]
    status, _, data = c.fetch(
        "GET", f"/jmap/download/{c.account}/{blob}/p.png?type=image/png")
    same((status, data), (200, PNG), "download")
    # What came back may be sent back; and a URI becomes a blob.
    uri = "data:image/png;base64," + base64.b64encode(PNG + b"2").decode()
    c.call("ContactCard/set", update={made["id"]: {
        "media/m": one["media"]["m"] | {"label": "x"},
        "media/n": {"kind": "logo", "uri": uri},
        "media/l": {"kind": "photo", "uri": "https://a.example/p.png"}}})
    now = c.call("ContactCard/get", ids=[made["id"]])["list"][0]["media"]
    same((now["m"]["blobId"], now["m"]["label"]), (blob, "x"), "kept")
    same(now["l"]["uri"], "https://a.example/p.png", "a link stays one")
    same(c.fetch("GET", f"/jmap/download/{c.account}/{now['n']['blobId']}/p")[2],
         PNG + b"2", "from the URI")
    refused_card(c, "invalidProperties", "media/m/blobId", create={"n": card(
        book, "No", "Photo", media={"m": {"kind": "photo",
                                          "blobId": upload(b"<svg/>")}})})
    refused_card(c, "tooLarge", None, create={"n": card(
        book, "No", "Photo", media={"m": {
            "kind": "photo", "blobId": upload(PNG + bytes(400_000))}})})
    c.call("ContactCard/set", update={made["id"]: {"media": None}})
    same(c.fetch("GET", f"/jmap/download/{c.account}/{blob}/p.png")[0], 404,
         "a photo that is gone")


@t.test
def contact_query(host):
    """ContactCard/query: every condition, every sort, the window."""
    c, book = contacts(host, "card-query")
    other = c.call("AddressBook/set", create={"w": {"name": "Work"}})[
        "created"]["w"]["id"]
    ids = {}
    for key, book_id, given, surname, more in (
            ("bo", book, "Bo", "Berg", {
                "created": "2020-01-01T00:00:00Z",
                "updated": "2024-01-01T00:00:00Z", "uid": "u-bo",
                "emails": {"e": {"address": "Bo.Berg@partner.example",
                                 "label": "office"}},
                "nicknames": {"n": {"name": "Bobo"}}}),
            ("eva", book, "Eva", "\u00c5berg", {
                "created": "2021-01-01T00:00:00Z",
                "updated": "2022-01-01T00:00:00Z",
                "phones": {"p": {"number": "+45 55 0100"}},
                "organizations": {"o": {"name": "The Works"}},
                "notes": {"n": {"note": "likes red wine and \"tea\""}}}),
            ("al", other, "Al", "Berg", {
                "created": "2022-01-01T00:00:00Z",
                "updated": "2023-01-01T00:00:00Z",
                "addresses": {"a": {"full": "1 Long Street", "components": [
                    {"kind": "locality", "value": "Aarhus"}]}},
                "onlineServices": {"s": {"service": "Chat", "user": "al99"}}}),
            ("group", other, "The", "Group", {
                "kind": "group", "members": {"u-bo": True},
                "created": "2023-01-01T00:00:00Z",
                "updated": "2021-01-01T00:00:00Z"})):
        ids[key] = make_card(c, book_id, given, surname, **more)["id"]
    names = {v: k for k, v in ids.items()}

    def found(filter, **args):
        return [names[i] for i in c.call("ContactCard/query", filter=filter,
                                         **args)["ids"]]

    for filter, want in (
            (None, "bo eva al group"), ({}, "bo eva al group"),
            ({"inAddressBook": other}, "al group"),
            ({"inAddressBook": "B99"}, ""),
            ({"uid": "u-bo"}, "bo"), ({"uid": "U-BO"}, ""),
            ({"hasMember": "u-bo"}, "group"), ({"hasMember": "x"}, ""),
            ({"kind": "group"}, "group"),
            ({"kind": "individual"}, "bo eva al"),
            ({"createdBefore": "2021-01-01T00:00:00Z"}, "bo"),
            ({"createdAfter": "2021-01-01T00:00:00Z"}, "eva al group"),
            ({"updatedBefore": "2022-01-01T00:00:00Z"}, "group"),
            ({"updatedAfter": "2023-01-01T00:00:00Z"}, "bo al"),
            ({"name": "berg"}, "bo eva al"), ({"name": "bo berg"}, "bo"),
            ({"name/given": "bo"}, "bo"), ({"name/given": "berg"}, ""),
            ({"name/surname": "\u00e5BERG"}, "eva"),
            ({"name/surname2": "berg"}, ""),
            ({"nickname": "bobo"}, "bo"), ({"organization": "works"}, "eva"),
            ({"email": "BERG@PARTNER"}, "bo"), ({"email": "office"}, "bo"),
            ({"phone": "0100"}, "eva"), ({"onlineService": "al99"}, "al"),
            ({"address": "street aarhus"}, "al"), ({"note": "tea"}, "eva"),
            ({"text": "berg partner"}, "bo"), ({"text": "aarhus"}, "al"),
            ({"text": "wine red"}, "eva"), ({"text": "\"wine red\""}, ""),
            ({"text": "'red wine'"}, "eva"),
            ({"text": "\"and \\\"tea\\\"\""}, "eva"),
            ({"name": "berg", "inAddressBook": book}, "bo eva"),
            ({"operator": "NOT", "conditions": [{"name": "berg"}]}, "group"),
            ({"operator": "OR", "conditions": [
                {"uid": "u-bo"}, {"kind": "group"}]}, "bo group")):
        same(found(filter), want.split(), str(filter))
    for sort, want in ((["created"], "bo eva al group"),
                       (["updated"], "group eva al bo"),
                       (["name/given"], "al bo eva group"),
                       (["name/surname", "name/given"], "eva al bo group"),
                       (["name/surname2", "created"], "bo eva al group")):
        same(found(None, sort=[{"property": s} for s in sort]), want.split(),
             str(sort))
    same(found(None, sort=[{"property": "created", "isAscending": False}]),
         ["group", "al", "eva", "bo"], "descending")
    got = c.call("ContactCard/query", position=1, limit=2, calculateTotal=True)
    same(([names[i] for i in got["ids"]], got["total"], got["position"],
          got["canCalculateChanges"]), (["eva", "al"], 4, 1, True), "window")
    c.refused("unsupportedFilter", "ContactCard/query", filter={"x": "y"})
    c.refused("invalidArguments", "ContactCard/query", filter={"name": 3})
    c.refused("invalidArguments", "ContactCard/query",
              filter={"createdAfter": "now"})
    c.refused("unsupportedSort", "ContactCard/query",
              sort=[{"property": "uid"}])
    c.refused("anchorNotFound", "ContactCard/query", anchor="C99")

    state = got["queryState"]
    c.call("ContactCard/set", update={ids["al"]: {"nicknames": {
        "n": {"name": "berg"}}}}, destroy=[ids["bo"]])
    got = c.call("ContactCard/queryChanges", sinceQueryState=state,
                 filter={"name": "berg"}, calculateTotal=True)
    same((set(got["removed"]), got["added"], got["total"]),
         ({ids["al"], ids["bo"]}, [{"id": ids["al"], "index": 1}], 2),
         "queryChanges")
    c.refused("tooManyChanges", "ContactCard/queryChanges",
              sinceQueryState=state, maxChanges=1)
    c.refused("cannotCalculateChanges", "ContactCard/queryChanges",
              sinceQueryState="x")
