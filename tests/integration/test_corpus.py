# SPDX-License-Identifier: Apache-2.0
"""Five thousand real and broken messages: no crash, no hang, no excuse."""
import collections
import concurrent.futures
import json
import threading

import pytest

import servers
from miltclient import MilterClient, split


@pytest.mark.parametrize("direction", ["incoming", "outgoing"])
def test_every_message_passes_through_the_running_gateway(office, corpus, direction, full):
    files = corpus if full else corpus[::3]
    judges = set(office.gateway.children("judge"))
    outcome, bad, lock = collections.Counter(), [], threading.Lock()
    sender, recipient, login = {"incoming": ("peter@quill.test", "ben@aldous.test", None),
                                "outgoing": ("ben@aldous.test", "peter@quill.test", "ben@aldous.test")}[direction]

    def one(path):
        headers, body = split(path.read_bytes())
        milter = MilterClient(office.milter_address, timeout=60)
        try:
            answer, data, changes = milter.message(sender, [recipient], headers, body, login=login)
        except Exception as broken:
            answer, data, changes = "!", str(broken).encode(), []
        finally:
            milter.close()
        held = any(command == "q" for command, _ in changes)
        with lock:
            outcome["held" if held else answer] += 1
            if answer in "!td" or (answer == "y" and data.startswith(b"4")):
                bad.append((path.name, answer, data[:100]))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(one, p) for p in files]:
            future.result()
    print(direction, len(files), dict(outcome))
    assert bad == []
    assert outcome["held"] <= len(files) // 100, outcome
    text = office.gateway.text()
    assert "unjudged" not in text.lower()
    died = [line for line in text.splitlines() if "judge" in line and ("signal" in line or "died" in line)]
    assert died == [] and judges


def test_every_message_can_be_explained(office, corpus, full):
    files = corpus if full else corpus[::10]
    bad = []

    def one(path):
        done = office.lexgate("explain", "--json", "--from", "peter@quill.test", "--rcpt", "ben@aldous.test", path, timeout=servers.HANGS)
        if done.returncode not in (0, 1):
            return bad.append((path.name, done.returncode, done.stderr[-300:]))
        try:
            answer = json.loads(done.stdout)
            assert answer["direction"] == "incoming" and answer["decision"]["action"]
        except (ValueError, KeyError, AssertionError) as broken:
            bad.append((path.name, repr(broken)))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(one, p) for p in files]:
            future.result()
    assert bad == []


def test_the_daemons_outlive_it_all(office):
    assert office.gateway.process.poll() is None and servers.can_connect(office.milter_address)
