# SPDX-License-Identifier: Apache-2.0
"""The rule pack on real mail: what it would ask of people who write nothing wrong."""
import json
import re
import subprocess

import pytest

import servers

EXAMPLE = servers.ROOT / "conf" / "lexgate.conf"
OURS = rb"(?i)(from|to|cc|bcc|sender|reply-to|delivered-to|return-path|received|date|list-|precedence|errors-to|x-)"


def as_sent(data, *people):
    """The message with its own content, and other people in its header."""
    data = data.split(b"\n", 1)[1] if data.startswith(b"From ") else data
    head, _, body = data.partition(b"\n\n")
    keep = [field for field in re.split(rb"\n(?![ \t])", head) if not re.match(OURS, field)]
    return re.sub(rb"(?m)^(>*From )", rb">\1", b"\n".join([*people, *keep]) + b"\n\n" + body)


def asked_of(ham, tmp_path, *people):
    """Rule: how often it would apply."""
    box = tmp_path / "ham.mbox"
    box.write_bytes(b"".join(b"From x@y.test Mon Nov 23 10:00:00 2026\n" + as_sent(path.read_bytes(), *people) + b"\n\n" for path in ham))
    done = subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", EXAMPLE, "replay", "--json", "--at", "2026-11-23T10:00:00Z", box],
                          capture_output=True, text=True, timeout=servers.HANGS)
    policy = json.loads(done.stdout)["policy"]
    assert policy["judged"] == len(ham), done.stderr
    return {rule["id"]: rule["applies"] for rule in policy["rules"]}


@pytest.fixture
def ham(corpus):
    ham = [path for path in corpus if "easy-ham-1" in path.parts]
    assert len(ham) > 2000
    return ham


def test_real_mail_of_staff_is_hardly_ever_asked_about(tmp_path, ham):
    asked = asked_of(ham, tmp_path, b"From: Chloe Dunn <chloe@aldous.test>", b"To: ann@birch.test", b"X-Matter: 2026-0123")
    assert asked["encrypt-confidential"] == len(ham)  # encryption is asked of all of them
    for rule, share in (("hidden-content", 0.005), ("unreadable-attachment", 0.005), ("identity-numbers", 0.001), ("card-numbers", 0.001),
                        ("privileged-to-outsiders", 0.001), ("bank-details-sent", 0.001), ("client-language", 0.005), ("wrong-matter", 0),
                        ("missing-notice", 0.02)):
        assert asked[rule] <= share * len(ham), (rule, asked[rule])


def test_real_mail_to_the_other_side_is_hardly_ever_asked_about(tmp_path, ham):
    asked = asked_of(ham, tmp_path, b"From: Chloe Dunn <chloe@aldous.test>", b"To: joe@neighbour.test, x@else.test", b"X-Matter: 2026-0123")
    assert asked["privileged-to-outsiders"] <= 0.001 * len(ham)


def test_real_mail_of_clients_is_hardly_ever_an_alarm(tmp_path, ham):
    asked = asked_of(ham, tmp_path, b"From: Ann Birch <ann@birch.test>", b"To: chloe@aldous.test")
    assert asked["client-question"] > 0.99 * len(ham)
    for rule in ("client-distress", "client-complaint", "bank-details-received", "urgent-words"):
        assert asked[rule] <= 0.001 * len(ham), (rule, asked[rule])
