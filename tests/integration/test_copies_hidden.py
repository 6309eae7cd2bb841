# SPDX-License-Identifier: Apache-2.0
"""Copies of a letter whose subject stands inside the encryption alone (encryption.protect_headers), through a real Postfix."""
import email

import pytest

import sealfirm
from letters import ALICE
from sealfirm import SECRET, opened

NORA, PETRA, BEN = "nora@harbour.test", "petra@harbour.test", "ben@aldous.test"
WORD = "hushhush"
REPEATS = "".join(f"{name}: {WORD}\r\n" for name in ("Thread-Topic", "Summary", "X-Subject", "Comments", "Keywords", "HP-Outer"))
TYPES = {"a text": "text/plain; charset=utf-8", "hp of its sender": 'text/plain; hp="clear"', "forged hp": 'text/plain; hp="cipher"'}


@pytest.mark.parametrize("everybody", [[NORA], [NORA, BEN, PETRA]], ids=["in place", "in copies"])
@pytest.mark.parametrize("mime", ["MIME-Version: 1.0\r\n", "Mime-Version: 1.0 (Mac OS X Mail 16.0)\r\nMIME-Version: 1.0\r\n"], ids=["one version", "two"])
def test_the_subject_is_read_by_colleagues_and_inside_alone(own_office, everybody, mime):
    office = sealfirm.make(own_office, conf=sealfirm.conf(hidden=True))
    for number, (what, kind) in enumerate(TYPES.items()):
        mark = f"<hidden{number}@x.test>"
        data = (f"From: {ALICE}\r\nTo: {NORA}\r\nSubject: {WORD}\r\nMessage-ID: {mark}\r\n{REPEATS}{mime}Content-Type: {kind}\r\n\r\n{SECRET}\r\n").encode()
        code, text = office.submit("alice@aldous.test", "alice@aldous.test", everybody, data)
        assert code == 250, (what, text)
        got = office.sink.wait(lambda m: mark.encode() in m.data, count=len(everybody))
        assert sorted(a for m in got for a in m.recipients) == sorted(everybody)
        for mail in got:
            if mail.recipients == [BEN]:
                assert mail.message["Subject"] == WORD and SECRET.encode() in mail.data
                continue
            assert mail.message.get_all("Subject") == ["[...]"] and WORD.encode() not in mail.data and SECRET.encode() not in mail.data, what
            inside = email.message_from_bytes(opened(office, mail.recipients[0].split("@")[0], mail.data))
            assert inside["Subject"] == WORD and inside.get_param("hp") == "cipher" and inside["HP-Outer"] and WORD not in str(inside.get_all("HP-Outer"))
            text = inside.get_payload(0) if inside.is_multipart() else inside
            assert text.get_payload().rstrip().endswith(SECRET) and inside.is_multipart() == (what != "a text")
