# SPDX-License-Identifier: Apache-2.0
"""Holding replies, held questions, urgency with a duty roster, shared mailboxes and the cap, through Postfix, Redis and lexgate-escalated."""
import datetime
import json

import pytest

import firms
import servers
from letters import BEN, PETER, ask, deadlines, letter, shipped, wait_states

OWING = """
rosters: { night: { timezone = "Europe/London"; shifts = ( { from = "mon 00:00"; who = "walter@aldous.test"; } ); }; };
service_levels: { urgent: { answer_within = "1h"; calendar = "always"; duty = "night"; ladder = ( { at = "0%"; tell = ["duty"]; } ); }; };
mailboxes: ( { address = "info@aldous.test"; owner = "team:property"; } );
limits: { client_deadlines = 5; };
rules: ( { id = "holding"; holding = "standard"; when: { direction = "outgoing"; sender: { is = "staff"; }; puts_off = true; }; },
         { id = "suspicious"; do = "hold"; when: { direction = "incoming"; subject = "suspicious"; }; },
         { id = "urgent"; service_level = "urgent"; when: { direction = "incoming"; own_text = "injunction"; }; } );
"""


@pytest.fixture(scope="module")
def firm():
    conf = firms.aldous()
    conf["conf.d/owing.conf"] = OWING
    conf["clients.csv"] += "newco,New Company,@newco.test,en,mail,,\nflood,Flood plc,@flood.test,en,mail,,\n"
    return conf


@pytest.fixture
def busy(own_office, firm):
    return own_office(firm)


def answer(office, question, body, subject=None, **headers):
    message = letter(BEN, PETER, subject or "Re: " + question["Subject"], body, References=question["Message-ID"], **headers)
    code, text = office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())
    assert code == 250, text
    return message


def one(office, state, client="quill"):
    found = [d for d in deadlines(office, client) if d["state"] == state]
    assert len(found) == 1, found
    return found[0]


def shown(office, what):
    done = office.lexgate("show", what, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def told(office, person, words):
    return office.sink.find(lambda m: m.recipients == [f"{person}@aldous.test"] and words in (m.message["Subject"] or ""))


def arrived(office, message):
    return servers.wait_for(lambda: office.sink.find(lambda m: m.message["Message-ID"] == message["Message-ID"]), 15, "the mail")[0]


def test_a_holding_reply_answers_and_the_real_answer_ends_what_it_promised(busy):
    question = ask(busy, PETER, BEN)
    wait_states(busy, ["open"])
    first = one(busy, "open")["id"]
    held = answer(busy, question, "Thank you. I will come back to you tomorrow.\n")
    servers.wait_for(lambda: len(deadlines(busy, "quill")) == 2, 15, "the second deadline")
    second = next(d for d in deadlines(busy, "quill") if d["id"] != first)
    assert second["state"] == "open" and second["owner"] == "ben@aldous.test" and second["matter"] == "2026-0201"
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    due = datetime.datetime.fromisoformat(second["due"].replace("Z", "+00:00"))
    assert abs((due - tomorrow).total_seconds()) < 90000 and due > tomorrow - datetime.timedelta(hours=2)
    text = busy.lexgate("show", second["id"]).stdout
    assert "promised by our own reply" in text and "peter@quill.test" in text
    assert next(d for d in deadlines(busy, "quill") if d["id"] == first)["state"] in ("provisional", "answered")
    final = letter(BEN, PETER, "Re:", "It is on 3 March.\n", References=f'{question["Message-ID"]} {held["Message-ID"]}')
    assert busy.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", final.as_bytes())[0] == 250
    servers.wait_for(lambda: {d["state"] for d in deadlines(busy, "quill")} <= {"provisional", "answered"}, 15, "the end of both")
    # By a tag, which the client does not see.
    question = ask(busy, PETER, BEN, subject="And the lease?")
    servers.wait_for(lambda: "open" in {d["state"] for d in deadlines(busy, "quill")}, 15, "another question")
    day = (datetime.date.today() + datetime.timedelta(days=3)).isoformat()
    tagged = answer(busy, question, "Noted.\n", subject=f"Re: And the lease? [holding {day}]", **{"X-Lexgate-Holding": day})
    mail = arrived(busy, tagged)
    assert mail.message["Subject"] == "Re: And the lease?" and mail.message["X-Lexgate-Holding"] is None
    servers.wait_for(lambda: [d for d in deadlines(busy, "quill") if d["state"] == "open" and day[:8] in d["due"]], 15, "the promise")


def held_id(office):
    return servers.wait_for(lambda: json.loads(office.lexgate("held", "--json").stdout), 15, "the held mail")[0]["queue_id"]


def test_a_question_on_hold_is_owed_from_its_receipt_and_shows_nothing(busy):
    ask(busy, PETER, BEN, subject="suspicious words of mine")
    wait_states(busy, ["open"])
    waiting = one(busy, "open")
    seen = shown(busy, waiting["id"])
    assert seen["subject"] is None and seen["from"] is None and waiting["owner"] == "ben@aldous.test"
    qid = held_id(busy)
    assert qid in busy.lexgate("show", waiting["id"]).stdout
    done = busy.lexgate("release", qid, "--by", "mara@aldous.test")
    assert done.returncode == 0, done.stderr
    servers.wait_for(lambda: shown(busy, waiting["id"])["subject"] == "suspicious words of mine", 15, "the released question")
    again = one(busy, "open")
    assert again["id"] == waiting["id"] and again["due"] == waiting["due"]
    # One that is refused is none.
    ask(busy, PETER, BEN, subject="suspicious too")
    servers.wait_for(lambda: len(deadlines(busy, "quill")) == 2, 15, "the second")
    done = busy.lexgate("refuse", held_id(busy), "--by", "mara@aldous.test", "--note", "a swindle")
    assert done.returncode == 0, done.stderr
    wait_states(busy, ["closed", "open"], "quill")


def test_urgency_calls_who_is_on_duty_and_takes_the_open_deadline_along(busy):
    question = ask(busy, PETER, BEN, Importance="high")
    wait_states(busy, ["open"])
    calm = one(busy, "open")
    assert calm["service_level"] == "standard" and not told(busy, "walter", "An answer is owed")
    assert "marked as urgent by the client" in busy.lexgate("show", calm["id"]).stdout
    ask(busy, PETER, BEN, subject="Re: hearing", body="They want an injunction today. Can you call me?\n", References=question["Message-ID"])
    servers.wait_for(lambda: one(busy, "open")["service_level"] == "urgent", 15, "the urgent one to join")
    assert one(busy, "open")["id"] == shown(busy, calm["id"])["id"] and one(busy, "open")["due"] < calm["due"] and one(busy, "open")["priority"] == 1
    servers.wait_for(lambda: told(busy, "walter", "An answer is owed to Quill"), 30, "the notice to who is on duty")


def test_a_mailbox_has_its_team_and_a_flood_opens_no_more_than_the_cap(busy):
    ask(busy, "Nel <nel@newco.test>", "info@aldous.test")
    wait_states(busy, ["open"], "newco")
    assert one(busy, "open", "newco")["owner"] == "team:property"
    ask(busy, "Nel <nel@newco.test>", "info@aldous.test", subject="Many thanks", body="Thank you very much!\n")
    servers.wait_for(lambda: [d for d in deadlines(busy, "newco") if d["soft"]], 15, "the soft one")
    for i in range(7):
        message = ask(busy, "Eve <eve@flood.test>", BEN, subject=f"Question {i}?")
    arrived(busy, message)
    shipped(busy)
    # Where an hour begins meanwhile each has its own five.
    assert 5 <= len(deadlines(busy, "flood")) <= 7
    if len(deadlines(busy, "flood")) == 5:
        mail = servers.wait_for(lambda: office_trouble(busy), 30, "the managers to be told")[0]
        assert "client flood opened more than 5" in mail.message.get_body(("plain",)).get_content().replace("\n", " ")


def office_trouble(office):
    return office.sink.find(lambda m: m.recipients == ["mara@aldous.test"] and "flood" in m.message.get_body(("plain",)).get_content())
