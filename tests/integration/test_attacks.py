# SPDX-License-Identifier: Apache-2.0
"""A message that hides a word or a file is never inspected and clean: it is seen, or said to be unreadable."""
import concurrent.futures
import json
import subprocess

import pytest

import attacks
import firms
import servers
from test_check import lay

WORD, OTHER = "zebra", "otter"
SEEDS = range(4)
RULES = """rules: (
  { id = "word"; mode = "observe"; when: { text = "zebra"; }; do = "hold"; },
  { id = "subject"; mode = "observe"; when: { subject = "zebra"; }; do = "hold"; },
  { id = "name"; mode = "observe"; when: { attachment: { name = "*zebra*"; }; }; do = "hold"; },
  { id = "unreadable"; mode = "observe"; when: { unreadable = true; }; do = "hold"; },
"""


@pytest.fixture(scope="module")
def firm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacks") / "firm"
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", RULES, 1)
    lay(folder, conf)
    return folder


def judge(firm, data):
    """(rules that matched, anomalies)."""
    done = subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", firm / "lexgate.conf", "explain", "--json", "--auth", "alice@aldous.test",
                           "--from", attacks.FROM, "--rcpt", attacks.TO, "-"], input=data, capture_output=True, timeout=servers.HANGS)
    assert done.returncode in (0, 1), done.stderr.decode()
    answer = json.loads(done.stdout)
    return {r["id"] for r in answer["rules"] if r["match"] == "yes"}, answer["anomalies"]


def judge_all(firm, messages):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda data: judge(firm, data), messages))


def test_there_are_generators_of_every_class():
    groups = {a.group for a in attacks.ATTACKS}
    assert groups == {"MIME ambiguity", "Text", "Structure"} and len(attacks.ATTACKS) >= 60
    assert len({a.name for a in attacks.ATTACKS}) == len(attacks.ATTACKS)


def test_a_plain_message_is_inspected_and_clean(firm):
    (matched, anomalies), (other, _) = judge_all(firm, [attacks.message("", f"a {OTHER}\r\n"), attacks.message("", f"a {WORD}\r\n")])
    assert not matched & {"word", "subject", "name", "unreadable"} and anomalies == []
    assert "word" in other


@pytest.mark.parametrize("attack", attacks.ATTACKS, ids=lambda a: a.name)
def test_what_is_hidden_is_seen_or_said_to_be_unreadable(firm, attack):
    for seed, (matched, anomalies) in zip(SEEDS, judge_all(firm, [attacks.generate(attack, s, WORD) for s in SEEDS])):
        seen = bool(matched & {"word", "subject", "name"})
        assert seen or ("unreadable" in matched and anomalies), f"seed {seed}: inspected and clean, {anomalies}"
        if attack.sees:
            assert attack.sees in matched, f"seed {seed}: the {attack.sees} was not seen, {anomalies}"


@pytest.mark.parametrize("attack", attacks.ATTACKS, ids=lambda a: a.name)
def test_nothing_is_seen_that_is_not_there(firm, attack):
    matched, _ = judge(firm, attacks.generate(attack, SEEDS[0], OTHER))
    assert not matched & {"word", "subject", "name"}
