# SPDX-License-Identifier: Apache-2.0
"""A firm whose gateway follows Postfix's log, a milter that comes after ours, and what became of each deadline."""
import json
import socket
import struct
import threading

import firms
import servers

BIRCH = "birch,Birch & Co,@birch.test @local.birch.test,en,mail,,normal\n"
MTA = 'mta: { log = "@MTALOG@"; unqueued_after = "5s"; deferred_after = "4s"; };\n'


def conf(**kw):
    made = firms.aldous(**kw)
    made["clients.csv"] += BIRCH
    made["matters.csv"] += "2026-0300,birch,Sale of the boathouse,normal,ben@aldous.test,litigation,,open,,\n"
    made["conf.d/mta.conf"] = MTA
    return made


class LaterMilter:
    """Takes everything, or refuses at the end of the message where `refused` is one of the recipients."""

    def __init__(self):
        self.refused = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.place = "inet:127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        recipients = set()
        with client, client.makefile("rb") as reader:
            while len(head := reader.read(4)) == 4:
                packet = reader.read(struct.unpack("!I", head)[0])
                verb, rest = packet[:1], packet[1:]
                if verb == b"O":
                    self._say(client, b"O" + struct.pack("!III", 6, 0, 0))
                elif verb == b"Q":
                    return
                elif verb in b"DAK":
                    recipients = set() if verb in b"AK" else recipients
                elif verb == b"R":
                    recipients.add(rest.split(b"\0")[0].strip(b"<>").decode())
                    self._say(client, b"c")
                elif verb == b"E":
                    self._say(client, b"r" if recipients & self.refused else b"c")
                    recipients = set()
                else:
                    self._say(client, b"c")

    @staticmethod
    def _say(client, packet):
        client.sendall(struct.pack("!I", len(packet)) + packet)

    def stop(self):
        self.listener.close()


def deadline_of(office, question):
    """The id of the deadline that a question opened, from the mail as it was delivered."""
    mark = question["Message-ID"].strip("<>").encode()
    mail, = office.sink.wait(lambda m: mark in m.data and b"X-Lexgate-Deadline:" in m.data)
    return mail.message["X-Lexgate-Deadline"].split(";")[0].strip()


def shown(office, deadline):
    done = office.lexgate("show", "--json", deadline)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def states_of(office):
    done = office.lexgate("queue", "--json", "--state", "any", "--limit", "1000")
    assert done.returncode == 0, done.stderr
    return {d["id"]: d["state"] for d in json.loads(done.stdout)}


def state_of(office, deadline):
    return states_of(office).get(deadline)


def queue_id_of(office, recipient, queue=None):
    """Of the message in Postfix's queue to this recipient."""
    def look():
        for m in office.postfix.queue_listing():
            if any(r["address"] == recipient for r in m["recipients"]) and queue in (None, m["queue_name"]):
                return m["queue_id"]
        return None
    return servers.wait_for(look, 20, f"a message to {recipient} in the queue {queue}")


def postsuper(office, option, queue_id):
    servers.run("postsuper", "-c", office.postfix.config, option, queue_id)
