# SPDX-License-Identifier: Apache-2.0
"""What was lost in Redis is named, mended or brought back: with the daemons as they run."""
import json

import pytest

import firms
import pair
import servers
from direct import give, give_as
from letters import ALICE, BEN, PETER, deadlines, letter, wait_states

KEY = "lexgate:{aldous}:"


def ask(office, number):
    verdict, text, _ = give(office, letter(PETER, BEN, f"Question {number}?", f"What about {number}?\n"))
    assert verdict in "ca", text


def findings(office, check):
    return [line for line in json.loads(office.lexgate("doctor", "--json").stdout) if line["check"] == check]


def waiting(office):
    rows = json.loads(office.lexgate("queue", "--json").stdout)
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def test_doctor_names_what_somebody_deleted_and_a_rebuild_brings_it_back(own_office):
    office = own_office()
    for number in range(30):
        ask(office, number)
    wait_states(office, ["open"] * 30)
    assert [line["state"] for line in findings(office, "deadlines")] == ["ok"]
    before, ids = waiting(office), [row["id"] for row in deadlines(office)]
    office.redis.cli("del", *[f"{KEY}d:{one}" for one in ids[:26]])
    office.redis.cli("zrem", f"{KEY}all", ids[28])
    lost, astray = findings(office, "deadlines")
    assert lost["state"] == "fail" and lost["what"].startswith("26 of 30 that the journals here opened are missing")
    assert any(one in lost["what"] for one in ids[:26]) and "rebuild" in lost["do"]
    assert astray["state"] == "warn" and ids[28] in astray["what"]
    done = office.lexgate("rebuild", "--yes")
    assert done.returncode == 0, done.stderr
    servers.wait_for(lambda: waiting(office) == before, 20, "the same queue", 0.2)
    assert [line["state"] for line in findings(office, "deadlines")] == ["ok"]


OFTEN = 'journal: { checkpoint_every = "1s"; };\n'


def talk(office, count):
    """Mail between colleagues: it opens nothing."""
    for number in range(count):
        verdict, text, _ = give_as(office, "alice@aldous.test", ["ben@aldous.test"], letter(ALICE, BEN, f"Note {number}", "For you.\n"))
        assert verdict in "ca", text


def wait_for_small_checkpoint(office, entries):
    """Until the gateway's journal vouches for one that lists few of so many entries."""
    def small():
        said = office.lexgate("journal", "verify").stdout
        words = [line.split(" fits: ")[1].split() for line in said.splitlines() if line.startswith("milter") and " fits: " in line]
        return words and int(words[0][0]) < 30 and int(words[0][2]) > entries
    servers.wait_for(small, 60, "a checkpoint that lists little", 0.5)


def test_a_wiped_redis_is_filled_from_what_still_matters(own_office):
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", OFTEN + "rules: (", 1)
    office = own_office(conf)
    for number in range(5):
        ask(office, number)
    wait_states(office, ["open"] * 5)
    talk(office, 200)
    closed = deadlines(office)[0]["id"]
    assert office.lexgate("close", closed, "--by", "ben@aldous.test").returncode == 0
    wait_for_small_checkpoint(office, 200)
    before = waiting(office)
    assert len(before) == 4
    office.redis.cli("flushall")
    servers.wait_for(lambda: waiting(office) == before, 30, "the same queue", 0.2)
    assert [line["state"] for line in findings(office, "deadlines")] == ["ok"]
    filled = [line for line in office.gateway.log.read_text().splitlines() if "filled from the checkpoint of" in line]
    matter, total = filled[-1].split("by which ")[1].split(" of ")
    assert int(matter) < 30 and int(total.split()[0]) > 200


@pytest.mark.long
def test_two_gateways_fill_it_the_same_way_and_believe_no_forged_checkpoint(own_office):
    conf = pair.firm()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", OFTEN + "rules: (", 1)
    first, second = pair.start(own_office, conf, escalated=True)
    question = letter(PETER, BEN, "The shop", "When may we move in?\n")
    assert give(first, question)[0] in "ca"
    ask(second, 1)
    wait_states(first, ["open", "open"])
    reply = letter(BEN, PETER, "Re: The shop", "In May.\n", References=question["Message-ID"])
    assert give_as(second, "ben@aldous.test", ["peter@quill.test"], reply)[0] in "ca"
    wait_states(first, ["open", "provisional"])
    talk(first, 60)
    talk(second, 60)
    wait_for_small_checkpoint(first, 60)
    wait_for_small_checkpoint(second, 60)
    before = waiting(first)
    first.redis.cli("flushall")
    servers.wait_for(lambda: waiting(first) == before, 30, "the same queue", 0.2)
    for gateway in (first.gateway, second.gateway):
        assert "filled from the checkpoint of" in gateway.log.read_text()
    # One of them is changed by hand: its journal, which is young, is read whole.
    forged = next((second.state / "journal").glob("milter-*.checkpoint"))
    second.gateway.stop()
    forged.write_text(forged.read_text().replace('"matters":"', '"matters":"1 '))
    first.redis.cli("flushall")
    second.start_gateway()
    servers.wait_for(lambda: waiting(first) == before, 60, "the same queue once more", 0.2)
    assert "the checkpoint is left alone" in second.gateway.log.read_text()
