"""Python's libraries."""
import imaplib
import poplib
import smtplib
from email.message import EmailMessage

from world import PASSWORD, t

from lib.host import any_certificate
from lib.runner import need


@t.test
def python_smtplib(w):
    a = w.account()
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = a, a, "S\u00f8ndag"
    m.set_content("gr\u00fc\u00dfe\n.dot\n")
    m.add_attachment(bytes(range(256)) * 300, maintype="application",
                     subtype="octet-stream", filename="b.bin")
    with smtplib.SMTP_SSL("127.0.0.1", int(w.port("submissions")),
                          context=any_certificate()) as s:
        s.login(a, PASSWORD)
        s.send_message(m)
    with smtplib.SMTP("127.0.0.1", int(w.port("submission"))) as s:
        s.starttls(context=any_certificate())
        s.login(a, PASSWORD)
        s.send_message(m)
        need(s.has_extn("size") and s.has_extn("8bitmime"), "extensions")
    need(w.count(a) == 2, "not delivered")


@t.test
def python_imaplib(w):
    a = w.account()
    w.deliver(a, 5)
    m = imaplib.IMAP4_SSL("127.0.0.1", int(w.port("imaps")),
                          ssl_context=any_certificate())
    m.login(a, PASSWORD)
    need(m.select("INBOX") == ("OK", [b"5"]), "select")
    need(m.search(None, "SUBJECT", '"number 3"')[1] == [b"4"], "search")
    need(b"number 0" in m.fetch("1", "(RFC822)")[1][0][1], "fetch")
    need(m.store("1:2", "+FLAGS", r"(\Deleted)")[0] == "OK", "store")
    need(m.expunge()[1] == [b"1", b"1"], "expunge")
    need(m.create('"A B"')[0] == "OK", "create")
    need(m.copy("1", '"A B"')[0] == "OK", "copy")
    need(m.status('"A B"', "(MESSAGES)")[1][0].endswith(b"(MESSAGES 1)"), "status")
    need(m.append("Drafts", r"(\Draft)", imaplib.Time2Internaldate(1e9),
                  b"Subject: d\r\n\r\nx\r\n")[0] == "OK", "append")
    need(m.rename('"A B"', "C")[0] == "OK", "rename")
    need(m.delete("C")[0] == "OK", "delete")
    m.logout()
    m = imaplib.IMAP4("127.0.0.1", int(w.port("imap")))
    m.starttls(any_certificate())
    m.authenticate("PLAIN", lambda _: f"\0{a}\0{PASSWORD}".encode())
    need(m.select("Drafts")[1] == [b"1"], "drafts")
    need(b"9-Sep-2001" in m.fetch("1", "(INTERNALDATE)")[1][0], "date")
    m.logout()


@t.test
def python_poplib(w):
    a = w.account()
    w.deliver(a, 3)
    p = poplib.POP3_SSL("127.0.0.1", int(w.port("pop3s")),
                        context=any_certificate())
    p.user(a)
    p.pass_(PASSWORD)
    need(p.stat()[0] == 3, "stat")
    need(len(p.uidl()[1]) == 3, "uidl")
    need(b"Subject: number 1" in p.retr(2)[1], "retr")
    need(b"Subject: number 0" in p.top(1, 0)[1], "top")
    p.dele(1)
    p.quit()
    p = poplib.POP3("127.0.0.1", int(w.port("pop3")))
    p.stls(any_certificate())
    p.user(a)
    p.pass_(PASSWORD)
    need(p.stat()[0] == 2, "deleted is still there")
    p.quit()
