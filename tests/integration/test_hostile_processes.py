# SPDX-License-Identifier: Apache-2.0
"""Judges starved of memory, parts killed at random moments."""
import contextlib
import json
import os
import random
import signal
import threading
import time

import firms
import pytest
import servers
from direct import give, give_as, set_limit, verify
from letters import ALICE, BEN, NORA, PETER, letter, mark
from miltclient import MilterClient, split


def test_judges_that_run_out_of_memory_once_and_each_time(gateway):
    office = gateway(firms.aldous(milter_extra='judge_time = "2s";'))
    office.provoked = "failed to allocate"
    for pid in office.gateway.children("judge"):
        assert set_limit(office, pid, "data", 1 << 20)
    words = "A long letter about nothing in particular.\n" * 40000
    answer, _, changes = give(office, letter(PETER, BEN, body=words))
    assert answer == "a" and any(b"client-question" in data for _, data in changes), "a fresh judge read it"
    over = threading.Event()

    def squeeze():
        done = set()
        while not over.is_set():
            for pid in office.gateway.children("judge"):
                if pid not in done and set_limit(office, pid, "data", 1 << 20):
                    done.add(pid)
            time.sleep(0.002)
    thread = threading.Thread(target=squeeze)
    thread.start()
    try:
        time.sleep(0.5)
        answer, _, changes = give_as(office, "alice@aldous.test", ["nora@harbour.test"], letter(ALICE, NORA, body=words))
    finally:
        over.set()
        thread.join()
    assert answer in "ya" and (answer == "y" or any(c == "q" for c, _ in changes)), "never in clear"
    servers.wait_for(lambda: give(office)[0] == "a", 20, "judges that live")


def test_a_front_that_is_stopped_under_load_touches_nothing_that_is_closed(gateway):
    office = gateway()
    headers, body = split(letter(PETER, BEN).as_bytes())
    answers, over = [], threading.Event()

    def flow():
        while not over.is_set():
            with contextlib.suppress(OSError):
                milter = MilterClient(office.milter_address)
                for _ in range(1000):  # the connection is kept, as Postfix does: the front may not hang up on it
                    answers.append(milter.message("peter@quill.test", ["ben@aldous.test"], headers, body)[:2])
    threads = [threading.Thread(target=flow) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        got = len(answers)
        servers.wait_for(lambda: len(answers) > got + 50, what="messages")
        office.gateway.stop()
        office.start_gateway()
    over.set()
    for thread in threads:
        thread.join()
    assert {answer for answer, _ in answers} <= {"a", "y"} and "signal" not in office.gateway.text()
    assert all(text.startswith(b"451 4.3.") for answer, text in answers if answer == "y")
    assert verify(office).returncode == 0


@pytest.mark.long
def test_processes_killed_at_random_moments_leave_no_orphan_and_a_good_journal(gateway):
    office = gateway(escalated=True)
    dice, over, accepted = random.Random(7), threading.Event(), []

    def flow():
        while not over.is_set():
            with contextlib.suppress(OSError):
                message = letter(PETER, BEN)
                if give(office, message)[0] == "a":
                    accepted.append(mark(message))
    threads = [threading.Thread(target=flow) for _ in range(8)]
    for thread in threads:
        thread.start()
    for turn in range(12):
        time.sleep(0.3 + dice.random())
        if turn % 4 == 3:
            office.gateway.kill()
            servers.wait_for(lambda: not family(office), 10, "the family to end")
            office.start_gateway()
        else:
            for pid in office.gateway.children(dice.choice(["front", "judge"])):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    over.set()
    for thread in threads:
        thread.join()
    done = verify(office)
    assert done.returncode == 0, done.stderr
    servers.wait_for(lambda: len(json.loads(office.lexgate("queue", "--json", "--state", "any", "--limit", "100000").stdout)) >= len(accepted),
                     60, f"{len(accepted)} deadlines", 0.5)
    office.gateway.stop()
    assert family(office) == [] and not os.path.exists(office.milter_address)


def family(office):
    return [pid for pid, (_, state, argv) in servers.process_table().items()
            if argv[0].endswith("lexgate-milter") and state != "Z" and str(office.folder) in " ".join(argv)]
