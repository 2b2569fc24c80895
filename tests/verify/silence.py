"""A name server that is silent, or away.  These come last: what the host asks
meanwhile has no answer for some time after."""
import select
import time

from world import BO, Peer, t

from lib.runner import has, need, same


def is_first(w, known, number):
    """Who asks nothing is answered while twenty others wait."""
    slow = [Peer(w, "[127.0.0.1]") for _ in range(20)]
    for n, p in enumerate(slow):
        p.say(f"MAIL FROM:<a@s{n}.r{number}.partner.example>")
        p.socket.sendall(f"RCPT TO:<{BO}>\r\n".encode())
    same(known.rcpt("a@[127.0.0.1]"), "250 2.1.5 Recipient OK")
    answered = select.select([p.socket for p in slow], [], [], 0)[0]
    for p in slow:
        has(p.read()[0], "4.4.3 DNS is in trouble, try later")
        p.close()
    return not answered


@t.test
def silence_holds_up_nobody(w):
    """A name server that takes questions and never answers."""
    known = Peer(w, "[127.0.0.1]")
    same(known.rcpt("a@[127.0.0.1]"), "250 2.1.5 Recipient OK")
    w.dns.freeze()
    try:
        begun = time.monotonic()
        # A machine that stands still for as long as a question is given to
        # be answered spoils one round, and not all.
        need(any(is_first(w, known, n) for n in range(3)),
             "who asks nothing had to wait")
        took = time.monotonic() - begun
        need(took < 120, f"it took {took:.0f} s")
    finally:
        w.dns.thaw()
        known.close()


@t.test
def dns_trouble_is_temporary(w):
    w.dns.stop()
    try:
        # A name never asked for: nothing of it is in a cache.
        p = Peer(w, "[127.0.0.1]")
        same(p.rcpt("a@other.partner.example"),
             "451 4.4.3 DNS is in trouble, try later")
        p.close()
    finally:
        w.dns.start()
