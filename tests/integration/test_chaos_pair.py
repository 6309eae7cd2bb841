# SPDX-License-Identifier: Apache-2.0
"""Two gateways under load, a lexgate-escalated beside each, while Redis is stopped, killed, set back to an old copy of itself and emptied:
what was asked, answered, bounced and done is known at the end, once, every step was told once, and no mail waited for it."""
import os
import random
import signal
import threading
import time

import pytest

import load
import pair

UNSAVED = ("--appendonly", "no")  # whoever is killed comes back with its last copy on disk


def storm(redis, hung, between):
    """Everything that happens to a Redis, one after the other."""
    redis.cli("save")
    time.sleep(between)
    os.kill(redis.process.pid, signal.SIGSTOP)
    time.sleep(hung)
    os.kill(redis.process.pid, signal.SIGCONT)
    time.sleep(between)
    redis.kill()
    time.sleep(between)
    redis.start(*UNSAVED)  # as it was at the beginning
    time.sleep(between)
    redis.cli("flushall")
    time.sleep(between)
    redis.kill()
    redis.wipe_files()
    redis.start(*UNSAVED)


@pytest.mark.parametrize("hung,between,rounds", [(3, 1, 1), pytest.param(30, 5, 2, marks=pytest.mark.long)])
def test_two_gateways_lose_and_delay_nothing_whatever_becomes_of_redis(own_office, hung, between, rounds):
    gateways = pair.start(own_office, load.firm(pair.firm()), escalated=True, redis=UNSAVED)
    redis = gateways[0].redis
    stormy = threading.Thread(target=lambda: [storm(redis, hung, between) for _ in range(rounds)])
    load.endure(gateways, random.randrange(1 << 30), stormy, rounds * (hung + 4 * between + 2))
