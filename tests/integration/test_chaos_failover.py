# SPDX-License-Identifier: Apache-2.0
"""Two gateways under load, a lexgate-escalated beside each, while Sentinels, or the nodes of a cluster, put one Redis in the place of
another: of one that was killed and took along what it alone had, and of one that hangs. Who was master comes back as a replica, and nobody writes to it meanwhile."""
import random
import threading
import time

import pytest

import load
import pair
import redislab
import servers


def kill_with_writes(site, seconds):
    """The master dies `seconds` after it was left alone with what is written. Gives it and its successor."""
    old = site.master()
    others = [node for node in site.nodes if node is not old]
    for node in others:
        node.cut_off()
    before = others[0].marks()
    time.sleep(seconds)
    lost = {writer: mark for writer, mark in old.marks().items() if mark > before.get(writer, 0)}
    assert lost, "nothing was written meanwhile"
    old.kill()
    for node in others:
        node.join_again()
    new = site.wait_for_another(old)
    return old, new


def hang(site, seconds):
    old = site.master()
    old.hang()
    try:
        new = site.wait_for_another(old)
        time.sleep(seconds)
    finally:
        old.go_on()
    return old, new


def comes_back(node):
    """It claims to be the master until the others see it: whoever believed it would write what is lost again."""
    servers.wait_for(lambda: node.cli("ping") == "PONG", what="the old master")
    writes = most = node.writes()  # what lay in its connections when it was stopped
    while node.role() == "master":
        most = node.writes()
        time.sleep(0.05)
    assert most == writes, f"{most - writes} scripts were run on a master that had been replaced"
    servers.wait_for(lambda: "master_link_status:up" in node.cli("info", "replication"), what="the old master as a replica")


def storm(site, hung, alone):
    killed, second = kill_with_writes(site, alone)
    killed.start()  # empty
    comes_back(killed)
    hung_up, third = hang(site, hung)
    assert third is not second
    comes_back(hung_up)


@pytest.mark.parametrize("site,hung,alone,rounds", [(redislab.HastySentinels, 0.5, 0.7, 1), (redislab.Cluster, 0.5, 0.7, 1),
                                                    pytest.param(redislab.Sentinels, 30, 5, 2, marks=pytest.mark.long),
                                                    pytest.param(redislab.Cluster, 10, 5, 3, marks=pytest.mark.long)])
def test_a_failover_loses_no_deadline_and_needs_nobody(own_office, site, hung, alone, rounds):
    gateways = pair.start(own_office, load.firm(pair.firm()), escalated=True, site=site)
    site, failed = gateways[0].redis, []

    def storms():
        try:
            for _ in range(rounds):
                storm(site, hung, alone)
        except BaseException as why:
            failed.append(why)
    load.endure(gateways, random.randrange(1 << 30), threading.Thread(target=storms), rounds * (hung + alone + 4), calm_s=2)
    if failed:
        raise failed[0]
