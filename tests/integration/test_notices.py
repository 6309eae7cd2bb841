# SPDX-License-Identifier: Apache-2.0
"""Reminders, overdue notices and escalations as they reach people."""
import json
import re
import time

import firms
import servers
from letters import BEN, PETER, ask, deadlines, letter, settle, wait_states


def notices(office, person):
    return office.sink.find(lambda m: m.recipients == [f"{person}@aldous.test"] and m.message["Auto-Submitted"] == "auto-generated")


def test_the_ladder_reaches_owner_cover_and_supervisor_in_text_and_html(own_office):
    office = own_office(firms.aldous(within="4s", after="2s"))
    question = ask(office, PETER, BEN, subject="Größe & <b>Umfang</b>?")
    servers.wait_for(lambda: notices(office, "sam"), 30, "the escalation")
    assert len(notices(office, "ben")) == 2 and len(notices(office, "alice")) == 1
    for mail in notices(office, "ben") + notices(office, "alice") + notices(office, "sam"):
        message = mail.message
        kinds = [part.get_content_type() for part in message.walk()]
        assert "text/plain" in kinds and "text/html" in kinds
        text = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        assert "Quill Books" in text and "lexgate answer" in text
        assert "<b>Umfang</b>" not in html
        assert message["Message-ID"] and message["In-Reply-To"] or message["References"]
    ids = {m.message["Message-ID"] for m in notices(office, "ben")}
    assert len(ids) == 2
    one = deadlines(office)[0]
    assert one["late"] is True
    del question


def held_mail(office):
    return json.loads(office.lexgate("held", "--json").stdout)


def test_no_rule_holds_or_refuses_our_own_notices_and_nobody_can_borrow_their_mark(own_office):
    conf = firms.aldous(within="4s", after="2s")
    conf["conf.d/strict.conf"] = """rules: (
        { id = "no-robots"; when: { direction = "incoming"; automatic = true; }; do = "hold"; },
        { id = "pretends-to-be-us"; when: { sender: { address = "deadlines@aldous.test"; }; }; do = "reject"; } );
    """
    office = own_office(conf)
    ask(office, PETER, BEN)
    servers.wait_for(lambda: notices(office, "sam"), 30, "the escalation")
    held = letter(PETER, BEN, "Out of office", "Back on Monday.\n", **{"Auto-Submitted": "auto-replied"})
    assert office.receive("peter@quill.test", "ben@aldous.test", held.as_bytes())[0] == 250
    servers.wait_for(lambda: len(held_mail(office)) == 1, 10, "the held mail")
    own = notices(office, "sam")[0]
    assert own.message["X-Lexgate-Notice"] is None  # nobody needs it any more
    mark = "abcdefghijklmnopqrstuvwx"
    forged = letter("deadlines@aldous.test", BEN, "Overdue", "Click here.\n", **{"Auto-Submitted": "auto-generated", "X-Lexgate-Notice": mark})
    code, _ = office.receive("deadlines@aldous.test", "ben@aldous.test", forged.as_bytes())
    assert code == 550
    assert len(held_mail(office)) == 1


def test_an_answer_in_time_means_silence(own_office):
    for within in (6, 20, 60):  # seconds: a slow machine needs more of them to answer in time
        office = own_office(firms.aldous(within=f"{within}s", after="1s"))
        began = time.monotonic()
        question = ask(office, PETER, BEN)
        wait_states(office, ["open"])
        message = letter(BEN, PETER, "Re:", "yes\n", References=question["Message-ID"])
        assert office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())[0] == 250
        wait_states(office, ["provisional"])
        if time.monotonic() - began < within / 2 - 1:  # before the first step of the ladder
            break
    time.sleep(within + 2)  # the whole ladder would have come
    assert notices(office, "ben") == [] and notices(office, "sam") == []


def test_a_daemon_killed_and_started_again_repeats_at_most_with_the_same_message_id(own_office):
    office = own_office(firms.aldous(within="4s", after="2s"))
    ask(office, PETER, BEN)
    servers.wait_for(lambda: notices(office, "ben"), 20, "the reminder")
    office.escalated.kill()
    time.sleep(3)
    office.start_escalated()
    servers.wait_for(lambda: notices(office, "sam"), 30, "the escalation")
    seen = {}
    for mail in notices(office, "ben"):
        seen.setdefault(mail.message["Message-ID"], []).append(mail)
    assert 1 <= len(seen) <= 2


def test_a_second_firm_works_by_editing_conf_files_only(own_office):
    office = own_office(firms.brodie(), domain="brodie.example", logins=firms.BRODIE_LOGINS)
    message = letter("Anne <anne@moulin.example>", "Luc <luc@brodie.example>", "Quand signons-nous ?", "Quand signons-nous ?\n")
    assert office.receive("anne@moulin.example", "luc@brodie.example", message.as_bytes())[0] == 250
    wait_states(office, ["open"])
    got = servers.wait_for(lambda: office.sink.find(lambda m: m.sender == "rappels@brodie.example"), 20, "the notices")
    assert {r for m in got for r in m.recipients} <= {"luc@brodie.example", "helene@brodie.example"}
    code, text = office.submit("luc@brodie.example", "luc@brodie.example", "x@inconnu.example",
                               letter("Luc <luc@brodie.example>", "x@inconnu.example").as_bytes())
    assert code == 550 and "A-7" in text and "x@inconnu.example" in text
    answer = letter("Luc <luc@brodie.example>", "anne@moulin.example", "Re:", "Demain.\n", References=message["Message-ID"])
    assert office.submit("luc@brodie.example", "luc@brodie.example", "anne@moulin.example", answer.as_bytes())[0] == 250
    settle(office, ["provisional"])


def test_the_commands_that_a_notice_names_can_be_pasted(own_office):
    office = own_office(firms.aldous(within="2s", after="8h"))
    ask(office, PETER, BEN)
    text = servers.wait_for(lambda: notices(office, "ben"), 20, "the reminder")[0].message.get_body(("plain",)).get_content()
    commands = re.findall(r"lexgate (snooze \S+ --for \w+|assign \S+ ADDRESS|answer \S+|close \S+)", text)
    assert sorted(c.split()[0] for c in commands) == ["answer", "assign", "close", "snooze"]
    for command in sorted(commands, key=lambda c: ["snooze", "assign", "answer", "close"].index(c.split()[0]))[:3]:
        done = office.lexgate(*command.replace("ADDRESS", "alice@aldous.test").split(), "--by", "ben@aldous.test")
        assert done.returncode == 0, (command, done.stderr)
