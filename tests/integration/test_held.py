# SPDX-License-Identifier: Apache-2.0
"""Held mail whose hold ended without Lexgate, or under somebody else's hand: what people read is true, and the record ends."""
import json

import pytest
import servers
from letters import BEN, PETER, letter, mark

SAM = ("--by", "sam@aldous.test")


@pytest.fixture
def held(office):
    """A mail on hold: (message, queue id)."""
    message = letter(BEN, PETER, "Bank details of the day", "Pay to …\n")
    assert office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())[0] == 250
    before = servers.wait_for(lambda: json.loads(office.lexgate("held", "--json").stdout), what="held mail")
    office.sink.wait(lambda m: m.recipients == ["ben@aldous.test"])
    return message, before[-1]["queue_id"]


def postsuper(office, option, queue_id):
    servers.run("postsuper", "-c", office.postfix.config, option, queue_id)


def entries(office, queue_id):
    lines = office.lexgate("journal", "search", "--id", queue_id, check=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def test_a_mail_that_postfix_lost_is_ended_by_a_refusal(office, held):
    _, queue_id = held
    told = len(office.sink.mails)
    postsuper(office, "-d", queue_id)
    assert f"{queue_id} (gone)" in office.lexgate("held").stdout
    release = office.lexgate("release", queue_id, *SAM)
    assert release.returncode == 1 and f"lexgate refuse {queue_id}" in release.stderr, release.stderr
    done = office.lexgate("refuse", queue_id, *SAM)
    assert done.returncode == 0 and "no longer has it" in done.stdout, done
    assert queue_id not in office.lexgate("held", "--json").stdout
    acts = [(e["kind"], e.get("act"), e.get("gone")) for e in entries(office, queue_id) if e["kind"] in ("act", "removed")]
    assert acts == [("act", "refuse", None), ("removed", None, True)]
    assert len(office.sink.mails) == told, "nobody is told that a mail was refused which may have arrived"


def test_a_mail_that_was_let_go_by_hand_is_not_called_refused(office, held):
    message, queue_id = held
    office.postfix.reload(default_transport="smtp:[127.0.0.1]:9")
    postsuper(office, "-H", queue_id)
    servers.wait_for(lambda: [m for m in office.postfix.queue_listing() if m["queue_id"] == queue_id and m["queue_name"] == "deferred"], what="deferral")
    done = office.lexgate("refuse", queue_id, *SAM)
    assert done.returncode == 1 and "deferred queue" in done.stderr and "postsuper -h" in done.stderr, done.stderr
    assert not [e for e in entries(office, queue_id) if e["kind"] == "act"]
    office.postfix.reload(default_transport=f"smtp:[127.0.0.1]:{office.sink.port}")
    office.sink.wait(lambda m: mark(message).encode() in m.data)
    assert office.lexgate("refuse", queue_id, *SAM).returncode == 0
