# SPDX-License-Identifier: Apache-2.0
"""The figures that must hold: measured beside their peers in one run."""
import json

import servers


def test_throughput_beside_opendkim_and_the_receive_only_filter():
    bench = servers.ROOT / "tests" / "bench" / "bench.py"
    done = servers.run("/usr/bin/python3", bench, "--json", "--rounds", 5, "--messages", 4000)
    figures = json.loads(done.stdout)
    for name in ("lexgate", "receive-only", "opendkim"):
        print(name, {k: round(v["median"], 2) for k, v in figures[name].items()})
    for key in ("rate / receive-only", "rate / opendkim", "cpu / opendkim"):
        print(key, figures[key])
    assert figures["rate / receive-only"]["max"] >= 0.30
    assert figures["rate / opendkim"]["max"] >= 1.5
