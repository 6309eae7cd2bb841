# SPDX-License-Identifier: Apache-2.0
"""A Redis Cluster: the firm's keys are found wherever their slot is, also while and after it moves to another node."""
import json

import pair
import redislab
import servers
from direct import give
from letters import BEN, PETER, deadlines, letter


def ask(office, number):
    verdict, _, _ = give(office, letter(PETER, BEN, f"question {number}", "When can we sign?\n"))
    assert verdict in "ca"


def test_a_slot_moves_to_another_node_while_mail_comes(own_office):
    first, second = pair.start(own_office, pair.firm(), escalated=True, site=redislab.Cluster)
    site = first.redis
    for number in range(3):
        ask(first, number)
    servers.wait_for(lambda: len(deadlines(first)) == 3, 20, "three deadlines")
    source, target, slot = site.master(), site.bystanders[1], site.master().cli("cluster", "keyslot", site.KEY)
    ids = {node: node.cli("cluster", "myid") for node in (source, target)}
    assert target.cli("cluster", "setslot", slot, "importing", ids[source]) == "OK"
    assert source.cli("cluster", "setslot", slot, "migrating", ids[target]) == "OK"
    # Half of the keys are there, half here: nothing is done by halves, and no mail waits.
    keys = source.cli("cluster", "getkeysinslot", slot, "1000").split("\n")
    assert source.cli("migrate", "127.0.0.1", str(target.port), "", "0", "5000", "keys", *keys[:len(keys) // 2]) == "OK"
    for number in range(3, 6):
        ask(second, number)
    servers.wait_for(lambda: [f for f in json.loads(first.lexgate("doctor", "--json").stdout) if f["check"] == "redis" and "our hash slot" in f.get("do", "")], 20,
                     "the doctor to see it", 0.2)
    assert source.cli("migrate", "127.0.0.1", str(target.port), "", "0", "5000", "keys", *keys[len(keys) // 2:]) == "OK"
    for node in (target, source, *site.all):
        node.cli("cluster", "setslot", slot, "node", ids[target])
    servers.wait_for(lambda: len(deadlines(first)) == 6, 20, "six deadlines")
    assert len(deadlines(second)) == 6 and target.writes() and source.cli("exists", site.KEY).startswith("MOVED")


def test_a_cluster_that_is_down_is_told_by_its_name(own_office):
    first, _ = pair.start(own_office, pair.firm(), escalated=True, site=redislab.Cluster)
    ask(first, 1)
    servers.wait_for(lambda: len(deadlines(first)) == 1, 20, "a deadline")
    for node in first.redis.nodes:
        node.kill()
    ask(first, 2)
    done = first.lexgate("queue")
    assert done.returncode and "redis at 127.0.0.1:" in done.stderr, done.stderr
