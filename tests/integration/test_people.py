# SPDX-License-Identifier: Apache-2.0
"""Strangers at the door of a running firm: who writes for the first time, and who looks like somebody else."""
import firms
import servers
from letters import ALICE, letter

RULES = '''rules: (
  { id = "first-time"; when: { direction = "incoming"; sender: { first_time = true; }; };
    stamp: { name = "X-Firm-First"; value = "yes"; }; },
  { id = "like-a-client"; when: { direction = "incoming"; sender: { lookalike = ["client-domain", "staff-name"]; }; };
    stamp: { name = "X-Firm-Alike"; value = "yes"; }; },
  { id = "wrong-domain"; when: { direction = "outgoing"; recipient: { lookalike = "client-domain"; }; }; do = "reject";
    say = "{missing} is not the client's domain."; },'''


def delivered(office, sender, address, subject="A word"):
    message = letter(sender, ALICE, subject)
    code, text = office.receive(address, "alice@aldous.test", message.as_bytes())
    assert code == 250, text
    got = office.sink.wait(lambda m: message["Message-ID"].encode() in m.data)[0].data
    return [name for name in ("X-Firm-First", "X-Firm-Alike") if name.encode() + b": yes" in got]


def test_strangers_are_known_the_second_time_and_by_their_looks(own_office):
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", RULES, 1)
    office = own_office(conf)
    assert delivered(office, "Jo New <jo@new.test>", "jo@new.test") == ["X-Firm-First"]
    servers.wait_for(lambda: delivered(office, "Jo New <jo@new.test>", "jo@new.test") == [], 20, "jo to be known", 0.2)
    assert delivered(office, "Alice Aldous <jo@new.test>", "jo@new.test") == ["X-Firm-Alike"]
    assert delivered(office, "Nora <nora@harb0ur.test>", "nora@harb0ur.test") == ["X-Firm-First", "X-Firm-Alike"]
    # What staff have written to is known as well; what they mistype is not the client.
    assert office.submit("alice@aldous.test", "alice@aldous.test", "kim@else.test", letter(ALICE, "kim@else.test").as_bytes())[0] == 250
    servers.wait_for(lambda: delivered(office, "Kim <kim@else.test>", "kim@else.test") == [], 20, "kim to be known", 0.2)
    # A new From behind an envelope that is known is new, until it has come from there; so is a known one behind another.
    assert delivered(office, "Eve <eve@other.test>", "jo@new.test") == ["X-Firm-First"]
    servers.wait_for(lambda: delivered(office, "Eve <eve@other.test>", "jo@new.test") == [], 20, "eve to be known", 0.2)
    assert delivered(office, "Kim <kim@else.test>", "jo@new.test") == ["X-Firm-First"]
    code, text = office.submit("alice@aldous.test", "alice@aldous.test", "nora@harbuor.test", letter(ALICE, "nora@harbuor.test").as_bytes())
    assert code == 550 and "nora@harbuor.test is not the client's domain" in text
    journal = b"".join(path.read_bytes() for path in (office.state / "journal").iterdir())
    assert b"lookalike:client-domain" in journal and b'"people":[' in journal
    for secret in (b"jo@new.test", b"harb0ur.test", b"kim@else.test", b"eve@other.test"):
        assert secret not in journal
