# SPDX-License-Identifier: Apache-2.0
"""The figures that must hold: measured beside their peers in one run."""
import json

import pytest

import servers


def measure(rounds, messages):
    bench = servers.ROOT / "tests" / "bench" / "bench.py"
    figures = json.loads(servers.run("/usr/bin/python3", bench, "--json", "--rounds", rounds, "--messages", messages).stdout)
    for name in ("lexgate", "receive-only", "opendkim"):
        print(name, {k: round(v["median"], 2) for k, v in figures[name].items()})
    for key in ("rate / receive-only", "rate / opendkim", "cpu / opendkim"):
        print(key, figures[key])
    return figures


def test_a_message_costs_less_cpu_than_opendkim_takes_to_verify_it():
    assert measure(3, 3000)["cpu / opendkim"]["min"] < 1.0


@pytest.mark.long
def test_throughput_beside_opendkim_and_the_receive_only_filter():
    figures = measure(7, 8000)
    assert figures["rate / receive-only"]["max"] >= 0.30
    assert figures["rate / opendkim"]["max"] >= 1.5
