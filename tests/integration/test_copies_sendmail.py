# SPDX-License-Identifier: Apache-2.0
"""Copies through Debian's Sendmail, by the lines of conf/sendmail."""
import re

import pytest

import sealfirm
import servers
from conftest import ROOT
from letters import letter
from sealfirm import SECRET, by_recipient, opened, wait_for_all
from test_sendmail import Sendmail, unpacked  # noqa: F401

NORA, OLAF, BEN = "nora@harbour.test", "olaf@harbour.test", "ben@aldous.test"
ALICE = "Alice Aldous <alice@aldous.test>"


def lines_of(name, **places):
    text = (ROOT / "conf" / "sendmail" / name).read_text()
    for old, new in places.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def office(own_office, unpacked):  # noqa: F811
    """Sendmail asks the gateway; loopback stands for the relay that vouches for From."""
    port = servers.free_port()
    conf = sealfirm.conf()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("@REENTRY@", f"127.0.0.1:{port}").replace('"10.1.0.25"', '"127.0.0.1"')
    office = sealfirm.make(own_office, conf=conf, start=False, milter_inet=True)
    office.reentry_port = port
    office.redis.start()
    office.sink.start()
    office.start_gateway()
    yield office


@pytest.fixture
def mta(office, unpacked):  # noqa: F811
    milter = f"inet:{office.milter_address[1]}@127.0.0.1"
    recipe = lines_of("lexgate.mc", **{"unix:/run/lexgate/milter.sock": milter, "Port=10027": f"Port={office.reentry_port}"})
    sendmail = Sendmail(unpacked, office.folder / "sendmail", None, office.sink.port, recipe=recipe)
    sendmail.folder.mkdir()
    sendmail.start()
    yield sendmail
    sendmail.stop()


def test_copies_come_in_again_through_sendmail(office, mta):
    everybody = [NORA, OLAF, BEN]
    body = SECRET + "\n.dot\n..\nGröße\n"
    message = letter(ALICE, NORA, "by sendmail", body, X_Lexgate_Copy="forged")
    code, text = mta.send("alice@aldous.test", everybody, message)
    assert code == 250, text
    got = wait_for_all(office, "by sendmail", everybody, 40)
    assert {address: len(copies) for address, copies in got.items()} == dict.fromkeys(everybody, 1)
    assert body.encode().replace(b"\n", b"\r\n") in got[BEN][0]
    for name in ("nora", "olaf"):
        copy = got[f"{name}@harbour.test"][0]
        assert SECRET.encode() not in copy and SECRET.encode() in opened(office, name, copy)
    assert len(re.findall(r"is queued as \w{14}", office.gateway.text())) == 3, "Sendmail's queue ids"
    assert all(b"X-Lexgate-Copy" not in copies[0] and b"X-Lexgate-Track: " in copies[0] for copies in got.values())


def test_held_copies_wait_in_sendmails_quarantine(office, mta):
    assert mta.send("alice@aldous.test", [NORA, BEN], letter(ALICE, NORA, "bank details", SECRET + "\n"))[0] == 250
    servers.wait_for(lambda: len(list((mta.folder / "queue").glob("hf*"))) == 2, 20, "two quarantined messages (hf files)")
    bodies = [path.read_bytes() for path in (mta.folder / "queue").glob("df*")]
    assert sorted(SECRET.encode() in body for body in bodies) == [False, True] and not by_recipient(office, "bank details")
