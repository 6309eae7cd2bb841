# SPDX-License-Identifier: Apache-2.0
"""`lexgate recompute`: another calendar, and the deadlines that waited under the old one."""
import json

import firms
import servers
from letters import BEN, PETER, ask, deadlines, shipped


def recompute(office, *argv, status=0):
    done = office.lexgate("recompute", "--json", *argv)
    assert done.returncode == status, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def due(office):
    return [(d["id"], d["due"]) for d in deadlines(office, "quill")]


def test_a_changed_calendar_is_shown_then_applied_and_survives_a_wipe(own_office):
    conf = firms.aldous()
    office = own_office(conf)
    ask(office, PETER, BEN)
    shipped(office)
    before, = due(office)
    assert recompute(office) == recompute(office) and recompute(office)["changes"] == []
    text = conf["lexgate.conf"].replace('answer_within = "8h"', 'answer_within = "12s"')
    assert text != conf["lexgate.conf"]
    office.write_conf({**conf, "lexgate.conf": text})
    # Until it is reloaded the daemon works by the old one.
    old = office.lexgate("recompute", "--yes", "--by", "mara@aldous.test")
    assert old.returncode == 1 and "reload it first" in old.stderr
    change, = recompute(office, "--client", "quill")["changes"]
    assert change["id"] == before[0] and change["due"]["before"] == before[1] and change["hours"] == "always"
    assert due(office) == [before]
    assert recompute(office, "--client", "harbour")["changes"] == []
    told = office.lexgate("recompute").stdout
    assert before[0] in told and "1 would have another time, 0 stay" in told and "Nothing was changed: --yes does it." in told
    wrong = office.lexgate("recompute", "--service-level", "gold")
    assert wrong.returncode == 2 and "the policy has no such level" in wrong.stderr
    office.escalated.reload()
    done = servers.wait_for(lambda: office.lexgate("recompute", "--yes", "--by", "mara@aldous.test").returncode == 0, 20, "the new policy", 0.2)
    assert done
    after = [(before[0], change["due"]["after"])]
    servers.wait_for(lambda: due(office) == after, 20, "the new time", 0.2)
    assert recompute(office)["changes"] == []
    mails = servers.wait_for(lambda: office.sink.find(lambda m: m.sender == "deadlines@aldous.test"), 30, "the reminder")
    assert mails
    history = json.loads(office.lexgate("show", "--json", before[0]).stdout)["history"]
    assert any(event["event"] == "recomputed" for event in history)
    office.redis.cli("flushall")
    servers.wait_for(lambda: due(office) == after, 30, "the same queue", 0.2)
