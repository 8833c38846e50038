"""A mail server on loopback that says of each mail what it got, one JSON object a line."""

import json
import sys
import time
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

given = json.loads(sys.argv[1])


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        part = lambda kind: message.get_body((kind,)).get_content()
        print(
            json.dumps(
                {
                    "to": envelope.rcpt_tos,
                    "from": message["from"],
                    "subject": message["subject"],
                    "text": part("plain"),
                    "html": part("html"),
                }
            ),
            flush=True,
        )
        return "250 taken"


controller = Controller(Mailbox(), hostname="127.0.0.1", port=given["port"])
controller.start()
print(json.dumps({"listening": given["port"]}), flush=True)
while True:
    time.sleep(3600)
