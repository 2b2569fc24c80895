"""Real messages, by each way in and out, byte for byte."""
from world import t

from lib import corpus
from lib.mail import Refused, Smtp, without_trace
from lib.runner import need


def compare(w, a, wanted, folder="INBOX", trace=False):
    """Each of `wanted` is in the folder, as often as it stands there."""
    imap = w.imap(a)
    left = {}
    for m in wanted:
        left[m] = left.get(m, 0) + 1
    extra = 0
    for _, m in imap.bodies(folder):
        m = without_trace(m) if trace and m not in left else m
        if left.get(m):
            left[m] -= 1
        else:
            extra += 1
    imap.close()
    missing = sum(left.values())
    need(missing == 0 and extra == 0,
         f"{missing} of {len(wanted)} missing or altered, {extra} others")


def whole_corpus():
    all_of_it = [m for _, m in corpus.messages()]
    need(len(all_of_it) > 6000, "the corpus is not to be had (tools/corpus)")
    return all_of_it


@t.test
def corpus_append_fetch(w):
    a = w.account()
    wanted = whole_corpus()
    imap = w.imap(a)
    for m in wanted:
        imap.append("INBOX", m)
    imap.close()
    compare(w, a, wanted)


@t.test
def corpus_import_export(w):
    a, b = w.account(), w.account()
    folder = w.folder("corpus")
    wanted = whole_corpus()
    (folder / "in" / "cur").mkdir(parents=True)
    for i, m in enumerate(wanted):
        (folder / "in" / "cur" / f"{1700000000 + i}.{i}.x:2,S").write_bytes(m)
    w.host.cli("import", a, str(folder / "in"))
    compare(w, a, wanted)
    w.host.cli("export", a, str(folder / "out"))
    got = sorted(p.read_bytes() for p in (folder / "out" / "cur").iterdir())
    need(got == sorted(wanted), "the export differs")
    w.host.cli("import", b, str(folder / "out"))
    compare(w, b, wanted)


def smtp_all(w, a, wanted):
    """(taken by DATA, refused by DATA)."""
    taken, refused, smtp = [], [], None
    for i, m in enumerate(wanted):
        if not smtp:
            smtp = Smtp(w.host.port("smtp"))
        try:
            smtp.data(f"s{i}@partner.example", [a], m)
            taken.append(m if m.endswith(b"\r\n") else m + b"\r\n")
        except Refused:
            refused.append(m)
            smtp.reset()
        if i % 200 == 199:
            smtp.close()
            smtp = None
    return taken, refused


@t.test
def corpus_smtp(w):
    a, b = w.account(), w.account()
    wanted = whole_corpus()
    taken, refused = smtp_all(w, a, wanted)
    bare = [m for m in wanted if corpus.has_bare_cr(m)]
    need(sorted(refused) == sorted(bare),
         f"DATA refused {len(refused)} messages; {len(bare)} have a bare CR")
    compare(w, a, taken, trace=True)
    smtp = Smtp(w.host.port("smtp"))
    for i, m in enumerate(bare):
        smtp.bdat(f"b{i}@partner.example", [b], m)
    smtp.close()
    compare(w, b, bare, trace=True)
