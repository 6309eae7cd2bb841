# SPDX-License-Identifier: Apache-2.0
"""Where all mail of the private servers ends: an SMTP server that keeps what it gets."""
import asyncio
import contextlib
import threading
import time
from dataclasses import dataclass, field

from waiting import HANGS, free_port, wait_for


@dataclass
class Mail:
    sender: str
    recipients: list
    data: bytes
    at: float = field(default_factory=time.time)

    @property
    def message(self):
        import email
        import email.policy
        return email.message_from_bytes(self.data, policy=email.policy.default)


class Sink:
    """An SMTP server that accepts everything and keeps it."""

    def __init__(self):
        self.port = free_port()
        self.mails = []
        self.answers = {}  # recipient → b"550 …", where it is another than 250
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        self._ready.wait(HANGS)
        return self

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", self.port, limit=1 << 27))
        self._ready.set()
        self._loop.run_forever()

    async def _talk(self, reader, writer):
        sender, recipients = "", []
        writer.write(b"220 sink ESMTP\r\n")
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb in (b"EHLO", b"HELO"):
                    writer.write(b"250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 200000000\r\n")
                elif verb == b"MAIL":
                    sender, recipients = _path(line), []
                    writer.write(b"250 ok\r\n")
                elif verb == b"RCPT":
                    answer = self.answers.get(_path(line).lower(), b"250 ok")
                    recipients += [_path(line)] if answer.startswith(b"2") else []
                    writer.write(answer + b"\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 go\r\n")
                    data = await _data(reader)
                    self.mails.append(Mail(sender, recipients, data))
                    writer.write(b"250 kept\r\n")
                elif verb == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    writer.write(b"250 ok\r\n")
                await writer.drain()
        writer.close()

    def find(self, where):
        return [m for m in list(self.mails) if where(m)]

    def wait(self, where, count=1, timeout=30, what="a mail"):
        return wait_for(lambda: (got := self.find(where)) and len(got) >= count and got, timeout, what)

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


async def _data(reader):
    lines = []
    while (line := await reader.readline()) not in (b".\r\n", b""):
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)


def _path(line):
    text = line.decode("utf-8", "replace")
    return text[text.find("<") + 1:text.find(">")]
