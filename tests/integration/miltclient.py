# SPDX-License-Identifier: Apache-2.0
"""The MTA's side of the milter protocol, version 6, for one message at a time."""
import re
import socket
import struct

NO_STEP = {"C": 0x01, "H": 0x02, "M": 0x04, "R": 0x08, "B": 0x10, "L": 0x20, "N": 0x40, "T": 0x200}
NO_REPLY = {"L": 0x80, "C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "T": 0x10000, "N": 0x40000, "B": 0x80000}
LEADSPC = 0x100000
FINAL = "acrtdy"


class MilterClient:
    def __init__(self, address, timeout=300, actions=0x1FF):
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.send("O", struct.pack("!III", 6, actions, 0x1FFFFF))
        command, data = self.receive()
        assert command == "O", command
        _, self.actions, self.protocol = struct.unpack("!III", data[:12])

    def send(self, command, data=b""):
        self.socket.sendall(struct.pack("!I", len(data) + 1) + command.encode() + data)

    def receive(self):
        head = self._exactly(5)
        length = struct.unpack("!I", head[:4])[0]
        return chr(head[4]), self._exactly(length - 1)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ConnectionError("the filter hung up")
            data += piece
        return data

    def macros(self, command, **pairs):
        self.send("D", command.encode() + b"".join(f"{k}\0{v}\0".encode() for k, v in pairs.items()))

    def step(self, command, data=b""):
        """The filter's reply to one step: "c" when it wants none."""
        if self.protocol & NO_STEP.get(command, 0):
            return "c"
        self.send(command, data)
        if self.protocol & NO_REPLY.get(command, 0):
            return "c"
        return self.receive()[0]

    def message(self, sender, recipients, headers, body, login=None, address="203.0.113.7", queue_id="4TEST"):
        """One message on this connection: (final reply letter, its data, [modifications])."""
        self.macros("C", j="mx.test")
        self.step("C", b"host\0" + b"4" + struct.pack("!H", 12345) + address.encode() + b"\0")
        self.step("H", b"host\0")
        self.macros("M", **({"{auth_authen}": login} if login else {}))
        self.step("M", f"<{sender}>\0".encode())
        for recipient in recipients:
            self.step("R", f"<{recipient}>\0".encode())
        self.step("T")
        for name, value in headers:
            if self.step("L", name + b"\0" + value + b"\0") not in "cs":
                break
        self.step("N")
        for at in range(0, len(body), 65535):
            self.step("B", body[at:at + 65535])
        self.macros("E", i=queue_id)
        self.send("E")
        changes = []
        while True:
            command, data = self.receive()
            if command in FINAL:
                return command, data, changes
            if command != "p":
                changes.append((command, data))

    def close(self):
        try:
            self.send("Q")
        except OSError:
            pass  # the filter hung up first, which the caller has heard
        finally:
            self.socket.close()


def split(data):
    """Header fields as an MTA hands them over (name, value with its leading space and LF folding) and the body with CRLF."""
    data = data.replace(b"\r\n", b"\n")
    if data.startswith(b"From "):
        data = data.split(b"\n", 1)[1] if b"\n" in data else b""
    headers, lines, at = [], data.split(b"\n"), 0
    while at < len(lines) and lines[at]:
        line = lines[at]
        if line[:1] in b" \t" and headers:
            headers[-1] = (headers[-1][0], headers[-1][1] + b"\n" + line)
        elif re.match(rb"[!-9;-~]+[ \t]*:", line):
            name, value = line.split(b":", 1)
            headers.append((name.rstrip()[:500], value))
        else:
            break
        at += 1
    headers = [(n, v.replace(b"\0", b"")[:102400]) for n, v in headers]  # header_size_limit
    body = lines[at + 1:] if at < len(lines) and not lines[at] else lines[at:]
    return headers, b"\r\n".join(body)
