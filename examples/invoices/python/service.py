"""Invoices in Python, behind nginx, which asks the gateway about each request (nginx.conf).

It checks no key and no signature: it listens on the loopback interface alone, and nginx has replaced whatever a
client sent as X-Le-Bureau-Identity. If others can reach your service, verify the identity with a JWT library
(docs/forward-auth.md).
"""

import base64
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

invoices = [{"number": 1, "customer": "Analytical Engines", "createdBy": "nobody"}]


class Invoices(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/invoices":
            return self.answer(404, {"detail": "There is only /invoices."})
        self.answer(200, {"invoices": invoices})

    def do_POST(self):
        if self.path != "/invoices":
            return self.answer(404, {"detail": "There is only /invoices."})
        try:
            customer = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["customer"]
        except (ValueError, TypeError, KeyError):
            customer = None
        if not isinstance(customer, str):
            return self.answer(400, {"detail": "customer must be a string."})
        invoice = {"number": len(invoices) + 1, "customer": customer, "createdBy": self.caller()["email"]}
        invoices.append(invoice)
        self.answer(201, invoice)

    def caller(self):
        """Who makes the request: the claims of the JWT by the gateway, such as sub, email and capabilities."""
        claims = self.headers["X-Le-Bureau-Identity"].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """nginx logs requests."""


port = int(os.environ.get("PORT", "3024"))
server = ThreadingHTTPServer(("127.0.0.1", port), Invoices)
print(f"Python: http://127.0.0.1:{port}, for nginx alone", flush=True)
server.serve_forever()
