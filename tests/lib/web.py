"""A web server over TLS that answers what it is told to, and remembers what it
was asked and sent.

    with Web("127.0.1.12", port, authority.context("mta-sts.x.example"),
             {"/file": ("text/plain", b"...")}) as web:
        ...
        web.asked, web.posted
"""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Web:
    def __init__(self, address, port, context, files, status=200):
        self.asked, self.posted = [], []
        self.files = files
        self.status = status
        self.arrived = threading.Condition()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, status, kind, body):
                self.send_response(status)
                if kind:
                    self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                web.asked.append(self.path)
                if self.path in web.files:
                    self.answer(web.status, *web.files[self.path])
                else:
                    self.answer(404, "text/plain", b"not here\n")

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with web.arrived:
                    web.posted.append((self.path, dict(self.headers), body))
                    web.arrived.notify_all()
                self.answer(web.status, "text/plain", b"")

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self):
                s, peer = super().get_request()
                return context.wrap_socket(s, server_side=True,
                                           do_handshake_on_connect=False), peer

            def handle_error(self, *_):
                pass  # who does not believe the certificate hangs up

        self.server = Server((address, port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def wait(self, n=1, timeout=20):
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.posted) >= n, timeout)
            return len(self.posted) >= n

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
