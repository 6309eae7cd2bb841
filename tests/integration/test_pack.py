# SPDX-License-Identifier: Apache-2.0
"""The rule pack on real mail: what it would ask of people who write nothing wrong."""
import json
import re
import subprocess

import pytest

import servers

EXAMPLE = servers.ROOT / "conf" / "lexgate.conf"
OURS = rb"(?i)(from|to|cc|bcc|sender|reply-to|delivered-to|return-path|received|date|list-|precedence|errors-to|x-)"


def as_sent_by_staff(data):
    """The message as if Chloe sent it on a confidential matter: its own content, her envelope."""
    data = data.split(b"\n", 1)[1] if data.startswith(b"From ") else data
    head, _, body = data.partition(b"\n\n")
    keep = [field for field in re.split(rb"\n(?![ \t])", head) if not re.match(OURS, field)]
    head = b"\n".join([b"From: Chloe Dunn <chloe@aldous.test>", b"To: ann@birch.test", b"X-Matter: 2026-0123", *keep])
    return re.sub(rb"(?m)^(>*From )", rb">\1", head + b"\n\n" + body)


def test_real_mail_of_staff_is_hardly_ever_asked_about(tmp_path, corpus):
    ham = [path for path in corpus if "easy-ham-1" in path.parts]
    assert len(ham) > 2000
    box = tmp_path / "ham.mbox"
    box.write_bytes(b"".join(b"From x@y.test Mon Nov 23 10:00:00 2026\n" + as_sent_by_staff(path.read_bytes()) + b"\n\n" for path in ham))
    done = subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", EXAMPLE, "replay", "--json", "--at", "2026-11-23T10:00:00Z", box],
                          capture_output=True, text=True, timeout=300)
    policy = json.loads(done.stdout)["policy"]
    assert policy["judged"] == len(ham), done.stderr
    asked = {rule["id"]: rule["applies"] for rule in policy["rules"]}
    # Encryption is asked of all of them, and none carries the firm's notice.
    assert asked["encrypt-confidential"] == len(ham)
    for rule, share in (("hidden-content", 0.005), ("unreadable-attachment", 0.005), ("identity-numbers", 0.001), ("card-numbers", 0.001),
                        ("privileged-to-outsiders", 0.001), ("bank-details-sent", 0.001), ("client-language", 0.005), ("wrong-matter", 0)):
        assert asked[rule] <= share * len(ham), (rule, asked[rule])
