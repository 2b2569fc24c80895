"""Small clients that see every byte: SMTP to deliver, IMAP to look."""
import re
import socket
import ssl


class Refused(Exception):
    """The server said no; .reply is what it said."""

    def __init__(self, reply):
        super().__init__(reply.decode("utf-8", "replace").strip())
        self.reply = reply


class Smtp:
    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.expect(b"220")
        self.say(b"EHLO client.partner.example\r\n", b"250")

    def expect(self, code):
        lines = []
        while True:
            line = self.file.readline()
            if not line.endswith(b"\n"):
                raise ConnectionError("closed")
            lines.append(line)
            if line[3:4] != b"-":
                break
        if not lines[-1].startswith(code):
            raise Refused(b"".join(lines))
        return b"".join(lines)

    def say(self, data, code):
        self.socket.sendall(data)
        return self.expect(code)

    def reset(self):
        self.say(b"RSET\r\n", b"250")

    def envelope(self, sender, recipients, options=b""):
        self.say(b"MAIL FROM:<" + sender.encode() + b">" + options + b"\r\n",
                 b"250")
        for r in recipients:
            self.say(b"RCPT TO:<" + r.encode() + b">\r\n", b"250")

    def data(self, sender, recipients, message):
        """Deliver by DATA; returns when 250 was said."""
        self.envelope(sender, recipients)
        self.say(b"DATA\r\n", b"354")
        body = re.sub(rb"(?m)^\.", b"..", message)
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        return self.say(body + b".\r\n", b"250")

    def bdat(self, sender, recipients, message, binary=True):
        self.envelope(sender, recipients,
                      b" BODY=BINARYMIME" if binary else b"")
        return self.say(b"BDAT %d LAST\r\n" % len(message) + message, b"250")

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass


class Imap:
    """Commands one at a time; literals are kept whole."""

    def __init__(self, port, user=None, password="secret", timeout=60):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.file = self.socket.makefile("rb", 1 << 20)
        self.serial = 0
        self.file.readline()
        if user:
            self.command(f'LOGIN "{user}" "{password}"')

    def command(self, text):
        """The untagged answers, each a list of bytes: lines and literals."""
        self.serial += 1
        tag = b"t%d" % self.serial
        self.socket.sendall(tag + b" " + (text if isinstance(text, bytes)
                                          else text.encode()) + b"\r\n")
        return self.answers(tag)

    def answers(self, tag):
        out, parts = [], []
        while True:
            line = self.file.readline()
            if not line.endswith(b"\n"):
                raise ConnectionError("closed")
            m = re.search(rb"\{(\d+)\}\r\n$", line)
            if m:
                n = int(m.group(1))
                parts += [line, self.file.read(n)]
                continue
            parts.append(line)
            if not out_is_tagged(parts[0], tag):
                out.append(parts)
                parts = []
                continue
            if not line[len(tag):].startswith(b" OK"):
                raise Refused(line)
            self.last = line
            return out

    def append(self, folder, message, flags=""):
        self.command(b'APPEND "%s" (%s) {%d+}\r\n' % (
            folder.encode(), flags.encode(), len(message)) + message)

    def bodies(self, folder, first_uid=1):
        """(uid, bytes) of each message from that UID on."""
        self.command(f'EXAMINE "{folder}"')
        for parts in self.command(f"UID FETCH {first_uid}:* (UID BODY.PEEK[])"):
            m = re.search(rb"UID (\d+)", parts[0] + parts[-1])
            if len(parts) >= 3 and m and int(m.group(1)) >= first_uid:
                yield int(m.group(1)), parts[1]

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass


def out_is_tagged(first, tag):
    return first.startswith(tag + b" ")


def starttls(sock):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    return c.wrap_socket(sock)


FIELD = rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*"
# What delivery puts above a message, in this order; the message's own fields
# of the same names come below.
TRACE = re.compile(rb"Return-Path:" + FIELD + rb"(?:Delivered-To:" + FIELD
                   + rb")?(?:Authentication-Results:" + FIELD
                   + rb")?(?:Received-SPF:" + FIELD + rb")?Received:" + FIELD)


def without_trace(message):
    """What came, without the fields that delivery puts above it."""
    m = TRACE.match(message)
    return message[m.end():] if m else message
