"""R17 and R18: HELO and SPF, before a message is taken."""
from world import BO, Peer, t

from lib.runner import same

HELO_WORDS = ("554 5.7.1 This message has been blocked because the HELO/EHLO "
              "domain is invalid. Please contact the provider of sender, as "
              "the configuration is incorrect.")


@t.test
def r17_helo_that_exists(w):
    for name in ("mail.partner.example", "mxonly.partner.example",
                 "[127.0.0.1]"):
        p = Peer(w, name)
        same(p.rcpt(), "250 2.1.5 Recipient OK")
        p.close()


@t.test
def r17_helo_invalid(w):
    for name in ("localhost", "nowhere.partner.example", "127.0.0.1",
                 "[192.0.2.1]", "mx.provider.example", "a_b"):
        p = Peer(w, name)
        same(p.rcpt(), HELO_WORDS)
        # The postmaster can be reached all the same (R39).
        same(p.rcpt(to="postmaster@customer.example"), "250 2.1.5 Recipient OK")
        same(p.rcpt(to="abuse@customer.example"), "250 2.1.5 Recipient OK")
        # An unknown recipient comes first (R20).
        same(p.rcpt(to="none@customer.example"),
             "550 5.1.1 <none@customer.example>: Recipient address rejected: "
             "User unknown")
        p.close()


@t.test
def r18_spf_fail(w):
    p = Peer(w)
    same(p.rcpt("a@fail.partner.example"),
         f"550 5.7.23 <{BO}>: Recipient address rejected: SPF: "
         "fail.partner.example does not allow this client")
    same(p.rcpt("a@why.partner.example"),
         f"550 5.7.23 <{BO}>: Recipient address rejected: SPF: "
         "why.partner.example does not send from 127.0.0.1")
    same(p.rcpt("a@fail.partner.example", "postmaster@customer.example"),
         "250 2.1.5 Recipient OK")
    p.close()


@t.test
def r18_spf_goes_on(w):
    p = Peer(w)
    for sender in ("a@partner.example", "a@soft.partner.example",
                   "a@none.partner.example", "a@broken.partner.example"):
        same(p.rcpt(sender), "250 2.1.5 Recipient OK")
    p.close()


@t.test
def r18_spf_of_the_null_sender_is_helo(w):
    p = Peer(w, "fail.partner.example")
    same(p.rcpt(""),
         f"550 5.7.23 <{BO}>: Recipient address rejected: SPF: "
         "fail.partner.example does not allow this client")
    p.close()
