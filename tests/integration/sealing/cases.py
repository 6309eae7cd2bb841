# SPDX-License-Identifier: Apache-2.0
"""The two lists, and how a generator puts itself into one."""
import collections

Case = collections.namedtuple("Case", "name group make state proofs")
GENUINE, FAKES = [], []


def genuine(group, state, name, make, **proofs):
    """`make` takes a Lab and gives a message; `proofs` are those of nora, ned and mia, the one without a certificate."""
    GENUINE.append(Case(name, group, make, state, {"nora": state, "ned": "none", "mia": "unknown"} | proofs))


def fake(group, unknown=False):
    """A decorator: this generator makes what must not count; `unknown`: it cannot be judged at all."""
    def add(make):
        FAKES.append(Case(make.__name__, group, make, "unknown" if unknown else None, {}))
        return make
    return add
