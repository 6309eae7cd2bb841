# SPDX-License-Identifier: Apache-2.0
"""`lexgate reconcile`: every mail of a client in one row, and the journals against a Redis that somebody has harmed."""
import json

import pytest

import fatelab
import servers
from letters import BEN, PETER, ask, deadlines, letter, shipped

RULES = """
limits: { client_deadlines = 8; };
rules: ( { id = "suspicious"; do = "hold"; when: { direction = "incoming"; subject = "suspicious"; }; },
         { id = "unwanted"; do = "reject"; when: { direction = "incoming"; subject = "unwanted"; }; } );
"""
FLOOD = "flood,Flood plc,@flood.test,en,mail,,\n"


def firm():
    conf = fatelab.conf()
    conf["conf.d/reconcile.conf"] = RULES
    conf["clients.csv"] += FLOOD
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("not: { automatic = true; };",
                                                        'not: { any = ( { automatic = true; }, { subject = "newsletter"; } ); };')
    return conf


def send(office, message, sender="peter@quill.test", answer=250):
    code, said = office.receive(sender, "ben@aldous.test", message.as_bytes())
    assert code == answer, said
    return message


def reconcile(office, *argv, status=0):
    done = office.lexgate("reconcile", "--json", *argv)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


def kinds(made):
    return sorted((d["kind"], d["id"]) for d in made["differences"])


def a_day(office):
    """What comes in, and the rows that it must be in."""
    question = send(office, letter(PETER, BEN, "When is the hearing?"))
    shipped(office)
    send(office, letter(PETER, BEN, "Re: When?", "Could you please tell me?\n", References=question["Message-ID"]))
    send(office, question)
    send(office, letter(PETER, "somebody@else.test", "For information", Cc=BEN))
    send(office, letter(PETER, BEN, "Re: lease", "Thank you very much.\n"))
    send(office, letter(PETER, BEN, "Out of office: the lease", "I am away until Monday.\n"))
    send(office, letter(PETER, BEN, "Automatic", "I am away.\n", Auto_Submitted="auto-replied"))
    send(office, letter(PETER, BEN, "Prices", "They fell.\n", Precedence="bulk"))
    send(office, letter(PETER, BEN, "Undelivered", "It did not arrive.\n"), sender="")
    send(office, letter(PETER, BEN, "Our newsletter", "Do you like it?\n"))
    send(office, letter(PETER, BEN, "something suspicious", "Could you look at this?\n"))
    send(office, letter(PETER, BEN, "something unwanted", "Could you look at this?\n"), answer=550)
    for i in range(10):
        send(office, letter("Fay <fay@flood.test>", BEN, f"Question {i}", f"Could you tell me number {i}?\n"), sender="fay@flood.test")
    send(office, letter("Eve <eve@stranger.test>", BEN), sender="eve@stranger.test")  # no client's
    return question


ROWS = {"opened": 1 + 1 + 8, "joined": 1, "unjudged": 0, "in": 22,
        "soft": {"copied-in": 1, "no-answer": 1, "absence-note": 1},
        "excluded": {"auto-reply": 1, "bulk": 1, "bounce": 1, "receipt": 0, "calendar": 0, "own": 0, "no-rule": 1, "observed": 0,
                     "repeat": 1, "capped": 2, "refused": 1, "discarded": 0, "deferred": 0}}


@pytest.fixture
def office(own_office):
    return own_office(firm())


def answered(office, question):
    reply = letter(BEN, PETER, "Re: When?", "In May.\n", References=question["Message-ID"])
    assert office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", reply.as_bytes())[0] == 250
    done = servers.wait_for(lambda: [d["id"] for d in deadlines(office, "quill", "answered")], 20, "the answer to be final", 0.2)
    return done[0]


def test_every_mail_is_in_one_row_and_what_somebody_did_to_redis_is_named(office):
    question = a_day(office)
    done = answered(office, question)
    shipped(office)
    made = reconcile(office)
    assert made["mails"] == ROWS, json.dumps(made["mails"])
    soft, out = made["mails"]["soft"], made["mails"]["excluded"]
    assert made["mails"]["in"] == sum(soft.values()) + sum(out.values()) + made["mails"]["opened"] + made["mails"]["joined"]
    assert not made["differences"] and made["deadlines"]["answered"] == 1 and made["deadlines"]["waiting"] == 12
    text = office.lexgate("reconcile")
    assert text.returncode == 0 and "22 mails of clients came in: 10 opened a deadline" in text.stdout
    assert "Journals and Redis agree." in text.stdout
    assert reconcile(office, "--until", "2020-01-01T00:00:00Z")["mails"]["in"] == 0

    # Acts of people are no difference, and neither is a writer that goes on meanwhile.
    waiting = [d["id"] for d in deadlines(office, "flood")]
    for act in (["close", waiting[0]], ["snooze", "--for", "3h", waiting[1]], ["assign", waiting[2], "alice@aldous.test"]):
        assert office.lexgate(*act, "--by", "mara@aldous.test").returncode == 0
    assert office.lexgate("reopen", waiting[0], "--by", "mara@aldous.test").returncode == 0
    assert reconcile(office)["deadlines"]["waiting"] == 12

    # Keys deleted by hand: one that waits, one that is over; and one that only the queue lost.
    key = "lexgate:{aldous}:"
    for deadline in (waiting[3], done):
        assert office.redis.cli("DEL", f"{key}d:{deadline}") == "1"
    assert office.redis.cli("ZREM", f"{key}all", waiting[4]) == "1"
    harmed = reconcile(office, status=1)
    assert kinds(harmed) == sorted([("missing", waiting[3]), ("end-missing", done), ("unlisted", waiting[4])])
    said = office.lexgate("reconcile").stdout
    assert f"{waiting[3]} (flood" in said and "nobody is reminded" in said
    # One that nobody ever asked.
    raw = ("local r = redis.call('GET', KEYS[1]); redis.call('SET', KEYS[2], r); redis.call('ZADD', KEYS[3], 1, 'invented'); return 1")
    assert office.redis.cli("EVAL", raw, "3", f"{key}d:{waiting[1]}", f"{key}d:invented", f"{key}all") == "1"
    # Somebody's hand on a state.
    state = ("local r = cmsgpack.unpack(redis.call('GET', KEYS[1])); r[5] = 5; r[17] = ''; redis.call('SET', KEYS[1], cmsgpack.pack(r)); return 1")
    assert office.redis.cli("EVAL", state, "1", f"{key}d:{waiting[2]}") == "1"
    harmed = reconcile(office, status=1)
    assert ("unknown", "invented") in kinds(harmed) and ("state", waiting[2]) in kinds(harmed)
    assert office.lexgate("rebuild", "--yes").returncode == 0
    servers.wait_for(lambda: office.lexgate("reconcile", "--json").returncode == 0, 20, "Redis to be healed", 0.5)
    assert reconcile(office)["mails"] == ROWS


def test_a_redis_that_was_emptied_is_named_until_it_is_healed(office):
    question = send(office, letter(PETER, BEN, "When is the hearing?"))
    done = answered(office, question)
    ask(office)  # in a matter that Walter may not know of
    shipped(office)
    assert reconcile(office)["deadlines"]["answered"] == 1
    # What the mail server's log says of an answer, and Redis does not know.
    under_way = "local r = cmsgpack.unpack(redis.call('GET', KEYS[1])); r[5] = 3; redis.call('SET', KEYS[1], cmsgpack.pack(r)); return 1"
    assert office.redis.cli("EVAL", under_way, "1", f"lexgate:{{aldous}}:d:{done}") == "1"
    secret = deadlines(office, "harbour")[0]["id"]
    assert office.redis.cli("DEL", f"lexgate:{{aldous}}:d:{secret}") == "1"
    harmed = reconcile(office, status=1)
    assert kinds(harmed) == [("fate", done), ("missing", secret)], harmed
    assert "by the journals it was delivered" in harmed["differences"][-1]["what"]
    behind = reconcile(office, "--as", "walter@aldous.test", status=1)
    assert kinds(behind) == [("fate", done)] and behind["not_shown"] == 1
    assert secret not in office.lexgate("reconcile", "--as", "walter@aldous.test").stdout
    office.gateway.stop()
    office.escalated.stop()
    office.redis.cli("FLUSHALL")
    made = reconcile(office, "--wait", "0", status=1)
    assert [j["in_redis"] for j in made["journals"] if j["behind"]] and not made["differences"]
    assert made["mails"]["in"] == 2
    assert "Redis has followed to entry 0 of" in office.lexgate("reconcile", "--wait", "0").stdout
    office.start_gateway()
    office.start_escalated()
    servers.wait_for(lambda: office.lexgate("reconcile").returncode == 0, 20, "Redis to be healed", 0.5)
    # A tail that a crash left is no difference.
    journal = next((office.state / "journal").glob("milter-*.jsonl"))
    office.gateway.stop()
    with journal.open("ab") as torn:
        torn.write(b'{"v":1,"writer":"mil')
    assert reconcile(office)["mails"]["in"] == 2
    office.redis.stop()
    away = office.lexgate("reconcile")
    assert away.returncode == 2 and "redis" in away.stderr.lower()
