# SPDX-License-Identifier: Apache-2.0
"""Mail of ours that expects an answer, through Postfix, Redis and lexgate-escalated: who is reminded, what ends it, what never begins it."""
import datetime
import email.utils
import json
import time

import pytest

import fatelab
import firms
import servers
from letters import BEN, PETER, ask, deadlines, letter, shipped, wait_states
from test_notices import notices

CHASE = 'calendar = "always";\n  chase = ( { at = "0%"; tell = ["owner"]; }, { at = "100%"; tell = ["owner"]; } );\n  ladder'


def office_of(own_office):
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace('calendar = "always";\n  ladder', CHASE)
    conf["conf.d/expect.conf"] = 'rules: ( { id = "instructions"; expect = "3 days"; when: { direction = "outgoing"; subject = "instructions"; }; } );\n'
    conf["clients.csv"] = conf["clients.csv"].replace("peter@quill.test", "@quill.test") + "second,Second Ltd,@second.test,en,mail,,\n"
    return own_office(conf)


def write(office, to=PETER, subject="The lease", body="Please tell us.\n", **headers):
    """What comes after it comes in another second: mails of one and the same have no order."""
    message = letter(BEN, to, subject, body, **headers)
    code, text = office.submit("ben@aldous.test", "ben@aldous.test", [address for _, address in email.utils.getaddresses([to])], message.as_bytes())
    assert code == 250, text
    received = int(time.time())
    servers.wait_for(lambda: time.time() >= received + 1, what="the next second")
    return message


def expected(office, client="quill"):
    done = office.lexgate("queue", "--expected", "--state", "any", "--client", client, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def wait_expected(office, states, client="quill"):
    servers.wait_for(lambda: sorted(d["state"] for d in expected(office, client)) == sorted(states), 20, f"expected ones to be {states}")
    return expected(office, client)


def told(office, words):
    return [n for n in notices(office, "ben") if words in " ".join(n.message.get_body(("plain",)).get_content().split())]


def wait_told(office, words):
    return servers.wait_for(lambda: told(office, words), 20, f'a notice that says "{words}"')[0].message


def arrived(office, message):
    return servers.wait_for(lambda: office.sink.find(lambda m: m.message["Message-ID"] == message["Message-ID"]), 15, "the mail")[0].message


def test_the_writer_is_reminded_and_any_mail_of_the_client_in_the_thread_ends_it(own_office):
    office = office_of(own_office)
    day = (datetime.date.today() + datetime.timedelta(days=9)).isoformat()
    asked = write(office, subject=f"The lease [reply by {day}]", **{"X-Lexgate-Expect": day})
    mail = arrived(office, asked)
    assert mail["Subject"] == "The lease" and not [name for name in mail.keys() if name.startswith("X-Lexgate-Expect")]
    one = wait_expected(office, ["open"])[0]
    assert one["kind"] == "expected" and one["owner"] == "ben@aldous.test" and one["matter"] == "2026-0201" and not one["late"]
    # It is nothing that the firm owes.
    assert deadlines(office) == [] and "Nobody is waiting" in office.lexgate("queue").stdout
    assert one["id"] in office.lexgate("queue", "--expected").stdout
    notice = wait_told(office, "You asked Quill Books for an answer by")
    assert notice["Subject"].startswith("An answer is expected of Quill Books: The lease") and notice["In-Reply-To"] == asked["Message-ID"]
    text = office.lexgate("show", one["id"]).stdout
    assert "an answer of the client, for which our own mail asked" in text and "peter@quill.test" in text
    # A new day in the thread, which is none: told at once; and then one that is.
    unclear = write(office, subject="Re: The lease [reply by soonish]", References=asked["Message-ID"])
    wait_told(office, 'or is over: "soonish"')
    later = (datetime.date.today() + datetime.timedelta(days=20)).isoformat()
    last = write(office, subject=f"Re: The lease [reply by {later}]", References=f'{asked["Message-ID"]} {unclear["Message-ID"]}')
    until = datetime.date.fromisoformat(later)
    servers.wait_for(lambda: expected(office)[0]["due"][:10] in (str(until), str(until + datetime.timedelta(days=1))), 15, "the new day")
    assert len(expected(office)) == 1
    # No vacation message ends it; somebody else's mail of the client does, and what it asks is owed besides.
    ask(office, PETER, BEN, subject="Re: The lease", body="I am away.\n", References=asked["Message-ID"], **{"Auto-Submitted": "auto-replied"})
    shipped(office)
    assert expected(office)[0]["state"] == "open" and deadlines(office) == []
    ask(office, "Zoe Quill <zoe@quill.test>", BEN, subject="Re: The lease",
        References=" ".join(m["Message-ID"] for m in (asked, unclear, last)))
    ended = wait_expected(office, ["answered"])[0]
    assert ended["id"] == one["id"] and ended["answered_by"] == "quill"
    wait_states(office, ["open"])
    assert deadlines(office)[0]["kind"] == "question"


def test_a_rule_a_fresh_mail_a_hold_and_several_clients(own_office):
    office = office_of(own_office)
    # What a stranger or a client says to us is nothing.
    ask(office, PETER, BEN, subject="Hello [reply by Friday]", **{"X-Lexgate-Expect": "Friday"})
    wait_states(office, ["open"])
    # By a rule; a fresh mail of the client may be the answer.
    write(office, subject="We need your instructions")
    one = wait_expected(office, ["open"])[0]
    ask(office, PETER, BEN, subject="By the way")
    wait_told(office, "It may be the answer that is expected of them")
    other = next(d for d in deadlines(office) if d["kind"] == "question")
    merged = office.lexgate("merge", one["id"], other["id"], "--by", "ben@aldous.test")
    assert merged.returncode == 1 and "cannot be merged" in merged.stderr
    done = office.lexgate("answer", one["id"], "--suggested", "--by", "ben@aldous.test")
    assert done.returncode == 0, done.stderr
    wait_expected(office, ["answered"])
    # One on hold asks nothing until it is released.
    write(office, subject="Your bank details [reply by tomorrow]")
    held = servers.wait_for(lambda: json.loads(office.lexgate("held", "--json").stdout), 15, "the held mail")[0]["queue_id"]
    shipped(office)
    assert len(expected(office)) == 1
    released = office.lexgate("release", held, "--by", "mara@aldous.test")
    assert released.returncode == 0, released.stderr
    wait_expected(office, ["answered", "open"])
    # One for each client, and the rule is switched off for a mail.
    write(office, to="peter@quill.test, x@second.test", subject="Both of you", **{"X-Lexgate-Expect": "Friday"})
    wait_expected(office, ["open"], "second")
    wait_expected(office, ["answered", "open", "open"])
    arrived(office, write(office, to="x@second.test", subject="Your instructions", **{"X-Lexgate-Expect": "no"}))
    shipped(office)
    assert len(expected(office, "second")) == 1


def test_what_the_client_never_got_expects_nothing_and_an_earlier_day_stands_again(own_office):
    office = own_office(fatelab.conf())
    first = write(office, to="new@birch.test", subject="The boathouse [reply by tomorrow]")
    due = wait_expected(office, ["open"], "birch")[0]["due"]
    office.sink.answers["new@birch.test"] = b"550 5.1.1 nobody of that name"
    write(office, to="new@birch.test", subject="Re: The boathouse [reply by 2 weeks]", References=first["Message-ID"])
    one = expected(office, "birch")[0]["id"]
    servers.wait_for(lambda: "our own mail was not delivered" in office.lexgate("show", one).stdout, 20, "the bounce")
    assert [(d["state"], d["due"]) for d in expected(office, "birch")] == [("open", due)]
    write(office, to="new@birch.test", subject="The jetty [reply by tomorrow]")
    wait_expected(office, ["closed", "open"], "birch")


@pytest.mark.long
def test_when_the_day_has_ended_nothing_else_is_said_than_that_no_answer_has_come(own_office):
    now = datetime.datetime.now(datetime.timezone.utc)
    end = now + datetime.timedelta(seconds=80)
    if end.date() != now.date():
        pytest.skip("the day ends meanwhile")
    conf = firms.aldous()
    conf["conf.d/day.conf"] = 'calendars: { short: { timezone = "UTC"; hours: { mon-sun = ["00:00-%s"]; }; }; };\n' % end.strftime("%H:%M")
    conf["staff.csv"] = conf["staff.csv"].replace("sam@aldous.test,alice@aldous.test,,en,ben", "sam@aldous.test,alice@aldous.test,short,en,ben")
    office = own_office(conf)
    write(office, subject="The lease [reply by today]")
    assert wait_expected(office, ["open"])[0]["due"] == end.strftime("%Y-%m-%dT%H:%M:00Z")
    assert not notices(office, "ben")
    servers.wait_for(lambda: told(office, "You asked Quill Books for an answer by"), 100, "the reminder")
    text = told(office, "You asked Quill Books")[0].message.get_body(("plain",)).get_content()
    assert "and none has come." in text and "yet" not in text
    assert expected(office)[0]["late"] and json.loads(office.lexgate("queue", "--overdue", "--json").stdout) == []
    assert not notices(office, "alice") and not notices(office, "sam")
