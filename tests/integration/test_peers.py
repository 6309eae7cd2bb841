# SPDX-License-Identifier: Apache-2.0
"""A firm with two gateways: what one of them learns from mail the other knows, whichever of them the next mail takes."""
import json
import os
import signal

import pair
import servers
from direct import give, give_as
from letters import ALICE, NORA, deadlines, letter, wait_states

NEW = '''
  { id = "first-time"; when: { direction = "incoming"; sender: { first_time = true; }; };
    stamp: { name = "X-Firm-First"; value = "yes"; }; },'''


def headers(changes):
    return [data.split(b"\0")[:2] for command, data in changes if command == "h"]


def is_new(office, address):
    verdict, _, changes = give(office, letter(address, ALICE), sender=address, to=("alice@aldous.test",))
    assert verdict == "c" or verdict == "a"
    return [b"X-Firm-First", b"yes"] in [[n, v.strip()] for n, v in headers(changes)]


def ask_tagged(office):
    question = letter(NORA, ALICE, "[2026-0300] The berth", "When does the lease of the berth end?\n")
    verdict, text, _ = give(office, question, sender="nora@harbour.test", to=("alice@aldous.test",))
    assert verdict in "ca", text
    return question


def answer(office, question):
    """How Alice's untagged reply is taken, and whether it is held."""
    reply = letter(ALICE, NORA, "Re: The berth", "In May.\n", References=question["Message-ID"])
    verdict, text, changes = give_as(office, "alice@aldous.test", ["nora@harbour.test"], reply)
    return "hold" if any(command == "q" for command, _ in changes) else "accept" if verdict in "ca" else text.decode()


def hints_lines(office):
    return [line for line in json.loads(office.lexgate("doctor", "--json").stdout) if line["check"] == "hints"]


def test_what_one_gateway_learns_the_other_goes_by(own_office):
    first, second = pair.start(own_office, pair.firm(NEW))
    pair.wait_level(first, second)
    # A stranger is one only once.
    assert is_new(first, "jo@new.test")
    servers.wait_for(lambda: not is_new(second, "jo@new.test"), 20, "jo to be known at the other gateway", 0.2)
    # The client's tag says which of two matters the thread is about, and so that the answer may go unencrypted.
    question = ask_tagged(first)
    wait_states(first, ["open"])
    servers.wait_for(lambda: answer(second, question) == "accept", 20, "the thread to be known", 0.2)
    wait_states(first, ["provisional"])
    assert deadlines(first)[0]["matter"] == "2026-0300"
    # And who answered there is who is asked next.
    pair.wait_level(first, second)
    again = letter(NORA, "office@aldous.test", "Re: The berth", "And who pays the dredging?\n", References=question["Message-ID"])
    assert give(first, again, sender="nora@harbour.test", to=("office@aldous.test",))[0] in "ca"
    wait_states(first, ["open", "provisional"])
    # What a gateway missed while it was down, and what a wiped Redis no longer has, it gets from the other's journal.
    second.gateway.stop()
    questions = [ask_tagged(first) for _ in range(3)]
    servers.wait_for(lambda: [line for line in hints_lines(first) if line["state"] == "warn" and " entries behind what " in line["what"]], 20,
                     "doctor to say how far the other is behind", 0.2)
    first.redis.cli("flushall")
    second.start_gateway()
    pair.wait_level(first, second)
    for question in questions:
        servers.wait_for(lambda: answer(second, question) == "accept", 20, "what was missed to be known", 0.2)
    pair.wait_level(first, second)


def test_behind_the_other_gateway_the_strictest_matter_counts_and_a_refusal_is_a_hold(own_office):
    first, second = pair.start(own_office, pair.firm())
    pair.wait_level(first, second)
    known = ask_tagged(second)
    servers.wait_for(lambda: answer(second, known) == "accept", 10, "the own thread to be known")
    os.kill(first.redis.process.pid, signal.SIGSTOP)
    try:
        unheard = ask_tagged(first)
        servers.wait_for(lambda: "behind what another gateway has learnt" in second.gateway.text(), 30, "the gateway to miss the other")
        assert answer(second, unheard) == "hold"
        assert answer(second, known) == "accept"  # what it knows of a thread it knows
    finally:
        os.kill(first.redis.process.pid, signal.SIGCONT)
    pair.wait_level(first, second)
    servers.wait_for(lambda: answer(second, unheard) == "accept", 20, "the thread to be known", 0.2)
    assert "is here again" in second.gateway.text()


def test_explain_says_that_another_gateway_may_know_more(own_office, tmp_path):
    office = own_office(pair.firm(), start=False)
    hints, message = tmp_path / "hints.json", tmp_path / "reply.eml"
    hints.write_text('{"missing": true, "behind": true}')
    message.write_bytes(letter(ALICE, NORA, "Re: The berth", "In May.\n", References="<q@harbour.test>").as_bytes())
    done = office.lexgate("explain", "--auth", "alice@aldous.test", "--hints", hints, message)
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "another gateway knows of threads that are not known here yet, so the strictest matter was assumed: held, not refused" in said
    assert "all open matters count" in said
