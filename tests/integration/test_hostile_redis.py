# SPDX-License-Identifier: Apache-2.0
"""A Redis that hangs, refuses or lies."""
import json
import signal
import statistics
import threading
import time

import servers
from cputime import no_slower
from direct import give, verify


def medians(office, count=40):
    took = []
    for _ in range(count):
        began = time.monotonic()
        assert give(office)[0] == "a"
        took.append(time.monotonic() - began)
    return statistics.median(took)


def test_a_redis_that_hangs_refuses_or_lies_costs_mail_nothing_and_ends_complete(gateway):
    office = gateway(escalated=True)
    worst, sent = {}, 0

    def calm():
        nonlocal sent
        sent += 40
        return medians(office)

    def trouble(what, begin, end):
        def in_trouble():
            nonlocal sent
            begin()
            sent += 40
            took = medians(office)
            end()
            return took
        worst[what] = no_slower(calm, in_trouble, 2, 0.02)
    def cli(*words):
        return lambda: office.redis.cli(*words)
    trouble("hangs", lambda: office.redis.process.send_signal(signal.SIGSTOP), lambda: office.redis.process.send_signal(signal.SIGCONT))
    office.redis.cli("config", "set", "maxmemory-policy", "noeviction")
    trouble("is full", cli("config", "set", "maxmemory", "1mb"), cli("config", "set", "maxmemory", "0"))
    trouble("is read-only", cli("replicaof", "127.0.0.1", "1"), cli("replicaof", "no", "one"))
    trouble("wants a password", cli("config", "set", "requirepass", "sesame"), cli("-a", "sesame", "config", "set", "requirepass", ""))
    over, threads = threading.Event(), []

    def flush():
        while not over.is_set():
            office.redis.cli("flushall")
            time.sleep(0.1)

    def begin():
        over.clear()
        threads.append(threading.Thread(target=flush))
        threads[-1].start()

    def end():
        over.set()
        threads[-1].join()
    trouble("is wiped all the time", begin, end)

    def garbage():
        for key in ("writers", "jobs", "all", "held", "leases"):
            office.redis.cli("set", "lexgate:{aldous}:" + key, "nonsense")
    trouble("holds nonsense", garbage, lambda: office.lexgate("rebuild", "--yes", check=True))
    print("median ms a message, with Redis up and when it: " + ", ".join(f"{k} {up * 1e3:.1f} {v * 1e3:.1f}" for k, (up, v) in worst.items()))

    def complete():
        done = office.lexgate("queue", "--json", "--state", "any", "--limit", "1000")
        return done.returncode == 0 and len(json.loads(done.stdout)) == sent
    servers.wait_for(complete, 60, f"{sent} deadlines", 0.3)
    assert verify(office).returncode == 0
