"""swaks and curl."""
from world import PASSWORD, run, t

from lib.runner import need


@t.test
def swaks_mx(w):
    a = w.account()
    run("swaks", "--server", "127.0.0.1", "--port", w.port("smtp"),
        "--from", "bo@partner.example", "--to", a, "--ehlo", "c.partner.example")
    need(w.count(a) == 1, "the message is not there")
    out = run("swaks", "--server", "127.0.0.1", "--port", w.port("smtp"),
              "--from", "bo@partner.example", "--to",
              "nobody-at-all@customer.example", code=None)
    need("User unknown" in out, out[-400:])


@t.test
def swaks_submission(w):
    a = w.account()
    common = ["swaks", "--server", "127.0.0.1", "--from", a, "--to", a,
              "--header", f"From: {a}", "--auth-user", a,
              "--auth-password", PASSWORD]
    run(*common, "--port", w.port("submissions"), "--tls-on-connect",
        "--auth", "LOGIN")
    run(*common, "--port", w.port("submission"), "--tls", "--auth", "PLAIN")
    run(*common, "--port", w.port("alternate"), "--auth", "PLAIN")
    run(*common, "--port", w.port("smtp"), "--tls", "--auth", "LOGIN")
    need(w.count(a) == 4, f"{w.count(a)} of 4 messages are there")
    out = run("swaks", "--server", "127.0.0.1", "--from", a, "--to", a,
              "--port", w.port("submission"), "--auth-user", a,
              "--auth-password", "wrong", "--auth", "PLAIN", code=None)
    need("535" in out, out[-400:])


@t.test
def curl_imap_pop3_smtp(w):
    a = w.account()
    w.deliver(a, 2)
    user = ["--user", f"{a}:{PASSWORD}", "-sS", "--insecure"]
    for scheme, port in (("imap", "imap"), ("imaps", "imaps")):
        url = f"{scheme}://127.0.0.1:{w.port(port)}"
        need("INBOX" in run("curl", *user, url + "/"), "no INBOX in the list")
        need("number 0" in run("curl", *user, url + "/INBOX;UID=1"),
             "not the message")
    need("number 1" in run("curl", *user, "--ssl-reqd",
                           f"imap://127.0.0.1:{w.port('imap')}/INBOX;UID=2"),
         "not the message by STARTTLS")
    for scheme, port in (("pop3", "pop3"), ("pop3s", "pop3s")):
        url = f"{scheme}://127.0.0.1:{w.port(port)}"
        need(len(run("curl", *user, url + "/").split("\n")) >= 2, "no list")
        need("number 1" in run("curl", *user, url + "/2"), "not the message")
    need("number 0" in run("curl", *user, "--ssl-reqd",
                           f"pop3://127.0.0.1:{w.port('pop3')}/1"),
         "not the message by STLS")
    letter = w.folder("curl") / "letter"
    letter.write_text(f"From: {a}\r\nTo: {a}\r\nSubject: by curl\r\n\r\nx\r\n")
    for scheme, port, more in (("smtps", "submissions", []),
                               ("smtp", "submission", ["--ssl-reqd"]),
                               ("smtp", "alternate", [])):
        run("curl", *user, *more, f"{scheme}://127.0.0.1:{w.port(port)}",
            "--mail-from", a, "--mail-rcpt", a, "--upload-file", letter)
    need(w.count(a) == 5, f"{w.count(a)} of 5 messages are there")
    run("curl", *user, f"imap://127.0.0.1:{w.port('imap')}/Sent",
        "--upload-file", letter)
    need(w.count(a, "Sent") == 1, "not appended")
