# SPDX-License-Identifier: Apache-2.0
"""`lexgate explain` needs a configuration, its files and a message, and nothing else."""
import json
import os

import pytest

import firms
import servers
from letters import ALICE, BEN, NORA, PETER, letter
from test_check import lay


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain") / "firm"
    lay(folder, firms.aldous())

    def explain(message, *options, json_form=True):
        data = message if isinstance(message, bytes) else message.as_bytes()
        done = servers.subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", folder / "lexgate.conf", "explain",
                                       *(["--json"] if json_form else []), *options, "-"], input=data, capture_output=True)
        return done.returncode, json.loads(done.stdout) if json_form and done.stdout else done.stdout.decode(), done.stderr.decode()
    explain.folder = folder
    return explain


def test_a_refusal_has_its_json_and_exit_status(desk):
    status, answer, _ = desk(letter(ALICE, NORA), "--auth", "alice@aldous.test")
    assert status == 1
    assert answer["direction"] == "outgoing" and answer["sender"] == {"address": "alice@aldous.test", "is": "staff", "by": "login"} | {
        k: v for k, v in answer["sender"].items() if k not in ("address", "is", "by")}
    assert answer["decision"]["action"] == "reject" and answer["decision"]["code"] == 550 and answer["decision"]["status"] == "5.7.1"
    assert answer["matter"]["id"] == "2026-0117" and answer["matter"]["by"] == "people" and answer["matter"]["level"] == "confidential"
    assert answer["recipients"][0]["proof"] == "none" and answer["recipients"][0]["way"] == "none"
    rule = {r["id"]: r for r in answer["rules"]}
    assert rule["confidential-needs-encryption"]["match"] == "yes" and rule["confidential-needs-encryption"]["why"]
    assert rule["client-question"]["match"] == "no"


def test_a_question_opens_a_deadline_at_the_given_time(desk):
    status, answer, _ = desk(letter(PETER, BEN), "--at", "2026-11-23T10:00:00Z")
    assert status == 0
    op = answer["deadlines"][0]
    assert (op["op"], op["client"], op["matter"], op["owner"], op["service_level"], op["soft"]) == (
        "open", "quill", "2026-0201", "ben@aldous.test", "standard", False)
    assert op["due"] == "2026-11-23T18:00:00Z"
    assert [s["at"] for s in op["steps"]] == ["2026-11-23T14:00:00Z", "2026-11-23T18:00:00Z", "2026-11-23T22:00:00Z"]


def test_the_same_bytes_are_judged_the_same_with_lf_and_crlf(desk):
    message = letter(PETER, BEN).as_bytes()
    lf = desk(message.replace(b"\r\n", b"\n"), "--at", "2026-11-23T10:00:00Z")[1]
    crlf = desk(message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), "--at", "2026-11-23T10:00:00Z")[1]
    assert lf == crlf


def test_hints_name_the_deadline_that_a_reply_clears(desk, tmp_path):
    message = letter(BEN, PETER, References="<question@quill.test>")
    hints = tmp_path / "hints.json"
    hints.write_text(json.dumps({"threads": {"question@quill.test": {"client": "quill", "matter": "2026-0201", "deadlines": ["abc"]}}}))
    _, answer, _ = desk(message, "--auth", "ben@aldous.test", "--hints", hints)
    assert [(d["op"], d["id"], d["client"]) for d in answer["deadlines"]] == [("clear", "abc", "quill")]
    assert answer["matter"]["by"] in ("thread", "people")


@pytest.mark.parametrize("options", [["--from", ""], ["--from", "<>"]])
def test_the_null_return_path_opens_nothing(desk, options):
    _, answer, _ = desk(letter(PETER, BEN), *options)
    assert answer["automatic"]["kind"] == "bounce" and answer["deadlines"] == []


def test_the_text_is_for_people(desk):
    status, text, _ = desk(letter(ALICE, NORA), "--auth", "alice@aldous.test", json_form=False)
    assert status == 1
    for word in ("2026-0117", "confidential", "nora@harbour.test", "confidential-needs-encryption"):
        assert word in text


def test_observed_rules_are_recorded_and_change_nothing(desk):
    _, answer, _ = desk(letter(PETER, BEN))
    rule = {r["id"]: r for r in answer["rules"]}["tried-out"]
    assert rule["match"] == "yes" and rule["mode"] == "observe" and answer["decision"]["action"] == "accept"


@pytest.mark.parametrize("argv", [["explain"], ["explain", "/nowhere/message"], ["explain", "--at", "yesterday", "-"], ["explian", "-"],
                                  ["explain", "--hints", "/nowhere", "-"]])
def test_usage_and_io_errors_are_one_line_and_exit_2(desk, argv):
    done = servers.run(servers.STAGE / "bin" / "lexgate", "-c", desk.folder / "lexgate.conf", *argv, check=False, input="")
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_no_state_is_needed_or_left(desk):
    desk(letter(PETER, BEN))
    assert sorted(os.listdir(desk.folder)) == ["clients.csv", "lexgate.conf", "matters.csv", "staff.csv"]


def test_business_time_at_the_prompt(desk):
    def ask(*argv):
        return servers.run(servers.STAGE / "bin" / "lexgate", "-c", desk.folder / "lexgate.conf", "calendar", *argv).stdout.strip()
    for span in ("8h", "28800s"):
        assert ask("due", "--calendar", "always", "--from", "2026-11-23T10:00:00Z", "--for", span) == "2026-11-23T18:00:00Z"
    assert ask("elapsed", "--calendar", "always", "--from", "2026-11-23T10:00:00Z", "--to", "2026-11-23T11:00:30Z") == "3630"


def test_the_language_of_a_text_is_told_where_a_rule_asks_for_it(desk, tmp_path):
    message = letter(PETER, BEN, body="Anbei erhalten Sie den unterschriebenen Mietvertrag. Das Gericht hat den Termin verlegt.\n")
    assert desk(message)[1]["language"] is None
    asks = {name: text.replace("rules: (", 'rules: ( { id = "german"; mode = "observe"; when: { language = ["de", "unknown"]; }; do = "hold"; },', 1)
            for name, text in firms.aldous().items()}
    lay(tmp_path / "firm", asks)
    done = servers.subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", tmp_path / "firm" / "lexgate.conf", "explain", "--json", "-"],
                                  input=message.as_bytes(), capture_output=True)
    answer = json.loads(done.stdout)
    assert answer["language"] == {"code": "de", "confidence": 75}
    assert ["the text is in language de"] == [rule["why"][0] for rule in answer["rules"] if rule["id"] == "german"]
