# SPDX-License-Identifier: Apache-2.0
"""Notices, held mail and acts while the relay is away, daemons die or clients are hostile."""
import collections
import contextlib
import email
import json
import os
import shutil
import signal
import socket
import threading
import time

import firms
import servers
from direct import give, give_as, verify
from letters import BEN, PETER, letter, mark, shipped, states, wait_states


# ---- Notices ----

class Relay:
    """Takes mail and, while `hangs`, never says so; `refuses` every recipient with that line."""

    def __init__(self):
        self.mails, self.hangs, self.refuses = [], False, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def talk(self, client):
        def say(line):
            client.sendall(line + b"\r\n")
        with contextlib.suppress(OSError), client, client.makefile("rb") as lines:
            say(b"220 relay")
            for line in lines:
                verb = line[:4].upper()
                if verb == b"DATA":
                    say(b"354 go")
                    self.mails.append(email.message_from_bytes(b"".join(iter(lines.readline, b".\r\n"))))
                    while self.hangs:
                        time.sleep(0.02)
                say(self.refuses if verb == b"RCPT" and self.refuses else b"250 fine")

    def told(self):
        """{(Message-ID, address): how often}"""
        return collections.Counter((m["Message-ID"], email.utils.parseaddr(m["To"].replace("\r\n", ""))[1]) for m in self.mails)


def with_relay(relay, **kw):
    conf = firms.aldous(**kw)
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("@RELAY@", f"127.0.0.1:{relay.port}").replace('poll = "1s"', 'poll = "1s"; lease = "4s"')
    return conf


def test_killed_between_sending_and_sent_the_same_notice_comes_again(gateway):
    relay = Relay()
    office = gateway(with_relay(relay, within="4s", after="1h"), escalated=True)
    relay.hangs = True
    give(office)
    servers.wait_for(lambda: relay.mails, 15, "a notice in mid-sending")
    office.escalated.kill()
    text = b"".join(p.read_bytes() for p in (office.state / "journal").glob("escalated*.jsonl"))
    assert b'"kind":"step-sending"' in text and b'"kind":"step-sent"' not in text
    relay.hangs = False
    office.start_escalated()
    wait_for = {"ben@aldous.test", "alice@aldous.test"}  # the owner again, or with the step that is due by now; and the cover
    servers.wait_for(lambda: {to for _, to in relay.told()} >= wait_for and len(relay.mails) >= 3, 20, "the notices after the crash")
    time.sleep(2)
    assert all(count <= 2 for count in relay.told().values()), relay.told()
    assert verify(office).returncode == 0


def test_after_an_outage_everybody_who_was_missed_gets_one_digest(gateway):
    relay = Relay()
    office = gateway(with_relay(relay, within="4s", after="2s"))
    for _ in range(15):
        give(office, letter(PETER, BEN))
    time.sleep(7)
    office.start_escalated()
    expected = {"ben@aldous.test", "alice@aldous.test", "sam@aldous.test"}
    servers.wait_for(lambda: {to for _, to in relay.told()} == expected, 20, "digests")
    time.sleep(2)
    assert sorted(to for _, to in relay.told().elements()) == sorted(expected)
    assert all("15 answers" in m["Subject"] for m in relay.mails)


def test_what_was_answered_while_the_relay_was_down_is_not_told(gateway):
    relay = Relay()
    relay.refuses = b"451 later"
    office = gateway(with_relay(relay, within="2s", after="1h"), escalated=True)
    question = letter(PETER, BEN)
    give(office, question)
    servers.wait_for(lambda: "was not taken" in office.escalated.text(), 15, "a notice that fails")
    give_as(office, "ben@aldous.test", ["peter@quill.test"], letter(BEN, PETER, References=question["Message-ID"]))
    wait_states(office, ["provisional"])
    relay.refuses = None
    office.redis.cli("flushall")
    time.sleep(12)  # the back-off after one refusal
    assert relay.mails == [] and states(office) == ["provisional"]


def second_daemon(office):
    """Another host's lexgate-escalated: a state folder of its own, the same keys, register and Redis."""
    state, run = office.folder / "state-2", office.folder / "run-2"
    shutil.copytree(office.state / "keys", state / "keys")
    run.mkdir()
    for path in (run, state, *state.rglob("*")):
        if office.user:
            shutil.chown(path, office.user, "postfix")
    config = office.folder / "conf-2"
    shutil.copytree(office.conf_dir, config)
    text = (config / "lexgate.conf").read_text()
    text = text.replace(str(office.state), str(state)).replace(f"{office.rundir}/escalated", f"{run}/escalated")
    (config / "lexgate.conf").write_text(text.replace(f'run = "{office.rundir}"', f'run = "{run}"'))
    return servers.Daemon(office.programs / "lexgate-escalated", config / "lexgate.conf", office.folder / "escalated-2.log", office.user)


def test_two_daemons_on_one_redis_that_is_wiped_tell_each_step_once(gateway):
    relay = Relay()
    office = gateway(with_relay(relay, within="4s", after="2s"), escalated=True)
    second = second_daemon(office)
    second.start(lambda: "started" in second.text())
    try:
        for count in range(6):
            give(office, letter(PETER, BEN, f"Question {count}"))
        for _ in range(3):
            time.sleep(1.3)
            office.redis.cli("flushall")

        def escalated():  # the last step of each; those before it may have come due together with it
            return len([1 for _, to in relay.told() if to == "sam@aldous.test"]) == 6
        servers.wait_for(escalated, 40, "all notices")
        time.sleep(1)
        shipped(office)
        expected = len(relay.told())
        # One comes back later than the other, as after an outage with different back-off.
        for daemon in (second, office.escalated):
            daemon.process.send_signal(signal.SIGSTOP)
            office.redis.cli("flushall")
            time.sleep(4)
            daemon.process.send_signal(signal.SIGCONT)
            time.sleep(2)
        assert set(relay.told().values()) == {1}, relay.told()
        assert len(relay.told()) == expected
    finally:
        second.stop()


# ---- Held mail ----

def hold(office):
    message = letter(BEN, PETER, "bank details")
    assert office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())[0] == 250
    held = servers.wait_for(lambda: [m["queue_id"] for m in office.postfix.queue_listing() if m["queue_name"] == "hold"], 10, "the hold")
    shipped(office)
    return message, held[0]


def test_held_mail_is_decided_once_by_those_who_may(own_office):
    office = own_office()
    message, qid = hold(office)
    for by in ("ben@aldous.test", "walter@aldous.test", "nobody@else.test"):
        assert office.lexgate("release", qid, "--by", by).returncode == 1, by
    assert office.lexgate("release", "4NEVERSEEN", "--by", "sam@aldous.test").returncode == 1
    office.redis.kill()
    assert "nothing is recorded" in office.lexgate("release", qid, "--by", "sam@aldous.test").stderr
    office.redis.wipe_files()
    office.redis.start()
    servers.wait_for(lambda: qid in office.lexgate("held").stdout, 20, "the record", 0.2)
    done = []
    threads = [threading.Thread(target=lambda act: done.append((act, office.lexgate(act, qid, "--by", "sam@aldous.test").returncode)),
                                args=(act,)) for act in ("release", "refuse", "release")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [act for act, code in done if code == 0]
    assert len(won) == 1, done
    office.postfix.wait_empty()
    to_peter = office.sink.find(lambda m: mark(message).encode() in m.data and m.recipients == ["peter@quill.test"])
    refusals = office.sink.find(lambda m: b"Message-ID: <refused." in m.data)
    assert (len(to_peter), len(refusals)) == ((1, 0) if won == ["release"] else (0, 1)), (won, len(to_peter), len(refusals))
    assert office.lexgate("release", qid, "--by", "sam@aldous.test").returncode == 1
    assert verify(office).returncode == 0


def test_who_decides_second_is_not_told_that_it_is_still_held(own_office, tmp_path, monkeypatch):
    office = own_office()
    _, qid = hold(office)
    quicker = tmp_path / "postsuper"
    quicker.write_text("#!/bin/sh\n/usr/sbin/postsuper \"$@\" 2>/dev/null\nexec /usr/sbin/postsuper \"$@\"\n")
    quicker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = office.lexgate("release", qid, "--by", "sam@aldous.test")
    assert done.returncode == 1 and "somebody decided before you" in done.stderr and "still on hold" not in done.stderr


# ---- The socket for acts ----

def test_hostile_clients_of_the_act_socket_keep_nobody_out(gateway):
    office = gateway(escalated=True)
    ask_line = b'{"act":"answer","id":"none","by":"sam@aldous.test"}\n'

    def connect():
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(servers.HANGS)
        client.connect(office.act_socket)
        return client

    def answered():
        with connect() as client:
            client.sendall(ask_line)
            return json.loads(client.makefile().readline())
    for data in (b"garbage\n", b"\0\0\n", b"[]\n", b"[" * 60000 + b"\n", b'{"act":5}\n', b'{"act":"close","by":"sam@aldous.test","id":"../x"}\n',
                 b'{"act":"merge","by":"sam@aldous.test","id":"none","into":["none"]}\n', b'{"act":"merge","by":"sam@aldous.test","id":{},"into":"\\u0000"}\n',
                 b'{"act":"priority","by":"sam@aldous.test","id":"none","priority":1e400}\n', b'{"act":"priority","by":"sam@aldous.test","id":"none","priority":-9}\n',
                 b'{"act":"reopen","by":"sam@aldous.test","id":"%s"}\n' % (b"x" * 5000), b'{"act":"close","by":"sam@aldous.test","id":"none","reason":"\n"}\n'):
        with connect() as client:
            client.sendall(data)
            assert json.loads(client.makefile().readline())["ok"] is False
    with connect() as client, contextlib.suppress(OSError):
        client.sendall(b"x" * (1 << 20))
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(connect()).sendall(b'{"half":')
        assert "no deadline" in answered()["error"]
    for _ in range(20):
        with connect() as client:
            client.sendall(ask_line * 200)
    assert "no deadline" in answered()["error"]
