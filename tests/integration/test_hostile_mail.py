# SPDX-License-Identifier: Apache-2.0
"""Whatever comes in over the milter socket is odd at worst."""
import contextlib
import random
import resource
import socket
import struct

import firms
import pytest
import servers
from direct import give, give_as
from letters import ALICE, BEN, NORA, PETER, letter, mark
from miltclient import MilterClient, split


def raw(office, data):
    with socket.socket(socket.AF_UNIX) as s, contextlib.suppress(OSError):
        s.settimeout(2)
        s.connect(office.milter_address)
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        s.recv(100)


def test_hostile_bytes_and_broken_orders_on_the_milter_socket(gateway):
    office = gateway()
    front = office.gateway.children("front")
    for data in (b"garbage" * 100, b"\xff" * 64, b"\0\0\0\0", b"\x80\0\0\0E", b"\0\0\0\5Oxxxx", b"GET / HTTP/1.0\r\n\r\n",
                 struct.pack("!I", 1 << 20) + b"O" + b"x" * 100, b"\0\0\0\1E\0\0\0\1E", random.Random(1).randbytes(5000)):
        raw(office, data)
    for orders in ([("E", b"")], [("R", b"<a@b>\0"), ("E", b"")], [("M", b""), ("E", b"")], [("M", b"<a@b>"), ("E", b"")],
                   [("D", b"M{auth_authen}"), ("E", b"")], [("C", b"host\0" + b"4"), ("E", b"")],
                   [("M", b"<a@b>\0"), ("L", b"Subject"), ("E", b"")], [("C", b"h\0" + b"6" + b"\0\1IPv6:::zz\0"), ("E", b"")]):
        milter = MilterClient(office.milter_address)
        with contextlib.suppress(OSError):
            for command, data in orders:
                milter.send(command, data)
        milter.close()
    headers, body = split(letter(BEN, PETER).as_bytes())
    milter = MilterClient(office.milter_address)
    assert milter.message("ben@aldous.test", ["peter@quill.test"], headers, body, login="ben@aldous.test")[0] == "a"
    milter.send("M", b"<walter@aldous.test>\0")
    milter.send("R", b"<x@else.test>\0")
    milter.send("L", b"X-Half\0a message\0")
    milter.send("A")
    headers, body = split(letter("Walter Grey <walter@aldous.test>", NORA).as_bytes())
    answer, text, _ = milter.message("walter@aldous.test", ["nora@harbour.test"], headers, body)
    assert answer == "y" and b"Matter" not in text, "the login of the message before does not stick"
    milter.close()
    assert office.gateway.children("front") == front


@pytest.mark.parametrize("recipient", ["ben\x01@aldous.test", '"a b"@aldous.test', "a%s%n@aldous.test", "a@b\r\nX: y", "a" * 5000 + "@q.test",
                                       "jörg@aldous.test", "", "@", "@a,@b:ben@aldous.test"])
def test_odd_addresses_and_queue_ids_are_only_odd(office, recipient):
    for sender in ("peter@quill.test", recipient):
        assert give(office, sender=sender, to=[recipient], queue_id="a b\n%s")[0] in "ay"
    assert give(office, queue_id="")[0] == "a"


def test_forged_headers_are_gone_however_they_are_written(office):
    message = letter(PETER, BEN)
    forged = (b"X-Lexgate-Decision : forged\nX-LEXGATE-matter: forged\nX-Lexgate-Track:forged\nX-Lexgate-Deadline:\n forged\n"
              b"X-Lexgate-Decision\t: forged\nx-lexgate-track: forged\n")
    assert office.receive("peter@quill.test", "ben@aldous.test", forged + message.as_bytes())[0] == 250
    assert b"forged" not in office.sink.wait(lambda m: mark(message).encode() in m.data)[0].data


def test_a_mailing_to_a_thousand_is_judged_and_one_to_too_many_is_deferred(gateway):
    office = gateway()
    for count, start in ((1000, b"550-5.7.1 Matter 2026-0117"), (25000, b"451 4.5.3")):
        answer, text, _ = give_as(office, "alice@aldous.test", [f"client{i}@harbour.test" for i in range(count)], letter(ALICE, NORA))
        assert answer == "y" and text.startswith(start), (count, text)
    answer, _, changes = give_as(office, "alice@aldous.test", [f"client{i}@harbour.test" for i in range(19000)], letter(ALICE, NORA))
    assert answer == "a" and changes[0][0] == "q", "what no judge can take is held"


def test_a_message_over_the_size_limit_comes_in_and_does_not_leave_in_clear(gateway):
    office = gateway(firms.aldous(milter_extra='message_size = "64K";'))
    words = "A long letter about nothing in particular.\n" * 4000
    answer, _, changes = give(office, letter(PETER, BEN, body=words))
    assert answer == "a" and any(b"enc=unknown" in data for _, data in changes)
    answer, _, changes = give_as(office, "alice@aldous.test", ["nora@harbour.test"], letter(ALICE, NORA, body=words))
    assert answer == "a" and changes[0][0] == "q"


def test_two_thousand_idle_connections_keep_nobody_out(gateway):
    office = gateway()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8000), hard))
    with contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(2000):
            idle = stack.enter_context(socket.socket(socket.AF_UNIX))
            idle.settimeout(servers.HANGS)
            idle.connect(office.milter_address)
        assert [give(office)[0] for _ in range(10)] == ["a"] * 10
