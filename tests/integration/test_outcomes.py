# SPDX-License-Identifier: Apache-2.0
"""What rules do to a message that goes on, through a real Postfix: marks in the header, other recipients, notices."""
import pytest

import firms
import servers
from letters import ALICE, BEN, NORA, PETER, deadlines, letter, mark

RULES = """
service_levels: { hurry: { answer_within = "1h"; calendar = "always"; ladder = ( { at = "100%"; tell = ["owner"]; } ); }; };
rules: (
  { id = "from-outside"; when: { direction = "incoming"; }; subject_tag = "[External]";
    banner = "This came from {sender}, outside {firm}."; },
  { id = "urgent"; policy = "3.3"; when: { direction = "incoming"; subject = "urgent"; }; priority = "high"; service_level = "hurry"; },
  { id = "to-the-desk"; when: { direction = "outgoing"; subject = "for the desk"; }; redirect = "sam@aldous.test"; },
  { id = "report"; title = "A word that somebody wants to hear of"; policy = "7.1";
    when: { subject = "zebra"; }; notify = ["mara@aldous.test", "box@aldous.test"]; },
  { id = "refused-report"; when: { direction = "outgoing"; subject = "forbidden"; }; do = "reject"; notify = "mara@aldous.test";
    except: ( { when: { recipient: { address = "peter@quill.test"; }; }; owner = "mara@aldous.test"; until = "2999-12-31"; why = "agreed"; },
              { when: { recipient: { address = "paul@quill.test"; }; }; owner = "mara@aldous.test"; until = "2020-12-31"; why = "long over"; } ); }
);
"""


@pytest.fixture(scope="module")
def desk():
    with servers.Office(firms.aldous() | {"conf.d/outcomes.conf": RULES}, "aldous.test", firms.ALDOUS_LOGINS) as it:
        yield it.start()


def arrived(office, message):
    return office.sink.wait(lambda m: mark(message).encode() in m.data and m.message["Auto-Submitted"] != "auto-generated")


def test_the_subject_is_tagged_once_and_a_banner_is_in_the_header(desk):
    message = letter(PETER, BEN, "Größe und Gewicht der Lieferung, die wir am Montag besprochen haben: wann kommt sie an?",
                     X_Lexgate_Banner="Trust me.", Importance="low")
    assert desk.receive("peter@quill.test", "ben@aldous.test", message.as_bytes())[0] == 250
    got = arrived(desk, message)[0].message
    assert got["Subject"] == "[External] " + message["Subject"]
    assert got.get_all("X-Lexgate-Banner") == ["This came from peter@quill.test, outside Aldous & Partners."]
    assert got["Importance"] == "low" and got["X-Priority"] is None
    again = letter(PETER, BEN, "Re: [EXTERNAL] the same")
    assert desk.receive("peter@quill.test", "ben@aldous.test", again.as_bytes())[0] == 250
    assert arrived(desk, again)[0].message["Subject"] == "Re: [EXTERNAL] the same"


def test_an_urgent_question_is_marked_and_owed_sooner(desk):
    message = letter(PETER, BEN, "Urgent: when?", Importance="low", X_Priority="5")
    assert desk.receive("peter@quill.test", "ben@aldous.test", message.as_bytes())[0] == 250
    got = arrived(desk, message)[0].message
    assert got.get_all("Importance") == ["high"] and got.get_all("X-Priority") == ["1"]
    servers.wait_for(lambda: [d for d in deadlines(desk, "quill") if d["service_level"] == "hurry"], 15, "a deadline of the hurried kind")


def test_a_redirected_mail_reaches_the_policys_address_alone(desk):
    message = letter(BEN, f"{PETER}, Paul <paul@quill.test>", "Something for the desk")
    code, text = desk.submit("ben@aldous.test", "ben@aldous.test", ["peter@quill.test", "Paul@quill.test"], message.as_bytes())
    assert code == 250, text
    got = arrived(desk, message)
    assert sorted(r for m in got for r in m.recipients) == ["sam@aldous.test"]


def test_a_report_reaches_the_policys_addresses_whatever_becomes_of_the_mail(desk):
    message = letter(PETER, BEN, "A zebra")
    assert desk.receive("peter@quill.test", "ben@aldous.test", message.as_bytes())[0] == 250
    for person in ("mara", "box"):
        notice = desk.sink.wait(lambda m: m.recipients == [f"{person}@aldous.test"] and b"A mail that the policy reports" in m.data)[0]
        text = notice.message.get_body(("plain",)).get_content()
        assert "gone on its way" in text and "A word that somebody wants to hear of (section 7.1)" in text
        assert ("A zebra" in text) == (person == "mara"), text
    code, text = desk.submit("ben@aldous.test", "ben@aldous.test", "nora@harbour.test", letter(BEN, NORA, "forbidden").as_bytes())
    assert code == 550
    desk.sink.wait(lambda m: m.recipients == ["mara@aldous.test"] and b"It was refused" in m.data)
    assert desk.lexgate("journal", "verify").returncode == 0


def test_an_exception_holds_until_it_has_ended_and_is_warned_of(desk):
    for name, expected in (("peter", 250), ("paul", 550)):
        code, _ = desk.submit("ben@aldous.test", "ben@aldous.test", f"{name}@quill.test",
                              letter(BEN, f"{name}@quill.test", "forbidden").as_bytes())
        assert code == expected
    for command in (["check"], ["doctor"]):
        done = desk.lexgate(*command)
        assert "the exception of rule refused-report for which mara@aldous.test answers ended on 2020-12-31" in done.stdout + done.stderr
