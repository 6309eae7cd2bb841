# SPDX-License-Identifier: Apache-2.0
"""What is attached is read: by `explain`, and by judges that may open no file."""
import json
import os
import signal
import subprocess

import pytest

import attached
import firms
import servers
from direct import give_as
from letters import BEN, PETER
from test_check import lay

RULES = """rules: (
  { id = "words"; when: { direction = "outgoing"; text = "zebra"; }; do = "reject"; say = "No zebras."; },
  { id = "revised"; when: { direction = "outgoing"; attachment: { tracked_changes = true; author = "Eve*"; }; }; do = "hold"; },
  { id = "accounts"; mode = "observe"; when: { detects: { kind = "iban"; }; }; do = "hold"; },
  { id = "programs"; when: { attachment: { entry = "*.exe"; }; }; do = "reject"; on_unknown = "skip"; },
"""


@pytest.fixture(scope="module")
def conf():
    text = firms.aldous()
    text["lexgate.conf"] = text["lexgate.conf"].replace("rules: (", RULES, 1)
    return text


@pytest.fixture(scope="module")
def explain(conf, tmp_path_factory):
    folder = tmp_path_factory.mktemp("attached") / "firm"
    lay(folder, conf)

    def ask(files, *options):
        done = subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", folder / "lexgate.conf", "explain", "--auth", "ben@aldous.test", *options, "-"],
                              input=attached.letter_with(BEN, PETER, files).as_bytes(), capture_output=True, check=False)
        return json.loads(done.stdout) if "--json" in options else done.stdout.decode()
    return ask


def test_explain_tells_what_is_in_each_attachment(explain):
    answer = explain([("letter.docx", attached.revised_docx("five million", "Eve Adams")), ("fees.xlsx", attached.xlsx([["a", "b"]], hidden=True)),
                      ("all.zip", attached.packed({"setup.exe": b"MZ\x90\x00"})), ("odd.pdf", b"MZ\x90\x00")], "--json")
    letter, fees, bundle, odd = answer["attachments"]
    assert letter["kind"].endswith("wordprocessingml.document") and letter["tracked_changes"] and letter["authors"] == ["Eve Adams"]
    assert fees["hidden"] and fees["readable"] and not fees["comments"]
    assert bundle["entries"] == ["setup.exe"] and not bundle["readable"] and bundle["why"] == "format"
    assert odd["why"] == "format" and "attachment-type-differs:odd.pdf" in answer["anomalies"]
    rules = {r["id"]: r["match"] for r in answer["rules"]}
    assert rules["revised"] == "yes" and rules["programs"] == "yes" and rules["words"] == "unknown"


def test_explain_says_it_in_words(explain):
    page = explain([("letter.docx", attached.revised_docx("x", "Eve Adams")), ("p.exe", b"MZ\x90\x00")])
    assert "letter.docx: application/vnd.openxmlformats-officedocument.wordprocessingml.document" in page
    assert "with tracked changes; by Eve Adams" in page
    assert "p.exe: application/vnd.microsoft.portable-executable, 4 bytes, not readable: a format that we do not read" in page


def test_numbers_are_detected_in_what_is_attached(explain):
    answer = explain([("letter.docx", attached.docx("Pay to DE89 3704 0044 0532 0130 00 please")), ("b.zip", attached.packed({"a.txt": b"GB29NWBK60161331926819"}))],
                     "--json")
    assert {(d["detector"], d["where"]) for d in answer["detections"]} == {("iban", "attachment:letter.docx"), ("iban", "attachment:b.zip")}


def test_a_pdf_says_why_it_cannot_be_read(explain):
    bomb = attached.pdf("zebra " * 5000, pages=20000)
    facts = explain([("clear.pdf", attached.pdf("zebra")), ("scan.pdf", attached.pdf("")), ("cut.pdf", attached.pdf("zebra")[:200]),
                     ("long.pdf", bomb)], "--json")["attachments"]
    assert [f["why"] for f in facts] == ["", "no-text", "damaged", "limit"]


def test_a_helper_that_dies_takes_nothing_with_it(conf, gateway):
    office = gateway(conf)
    papers = attached.letter_with(BEN, PETER, [("a.pdf", attached.pdf("no zebra"))])
    judges = set(office.gateway.children("judge"))
    helpers = [pid for pid, (parent, _, _) in servers.process_table().items() if parent in judges]
    assert len(helpers) == len(judges)
    for pid in helpers:
        status = open(f"/proc/{pid}/status").read()
        assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status
        os.kill(pid, signal.SIGKILL)
    answer = give_as(office, "ben@aldous.test", ["peter@quill.test"], papers)
    assert answer[0] == "y", "unknown: a rule that refuses, refuses"


def test_a_judge_that_lost_its_helper_is_replaced_with_one_that_has_one(conf, gateway):
    office = gateway(conf)
    papers = attached.letter_with(BEN, PETER, [("a.pdf", attached.pdf("no animal"))])
    assert give_as(office, "ben@aldous.test", ["peter@quill.test"], papers)[0] == "a"
    lost = set(office.gateway.children("judge"))
    for pid, (parent, _, _) in servers.process_table().items():
        if parent in lost:
            os.kill(pid, signal.SIGKILL)
    servers.wait_for(lambda: give_as(office, "ben@aldous.test", ["peter@quill.test"], papers)[0] == "a", 20, "a judge with a helper")
    assert "ended by signal" not in office.gateway.text()


def test_judges_read_what_explain_reads(explain, conf, gateway):
    office = gateway(conf)
    for name, data in attached.every_way("we saw a zebra there"):
        assert {r["id"]: r["match"] for r in explain([(name, data)], "--json")["rules"]}["words"] == "yes", name
        answer = give_as(office, "ben@aldous.test", ["peter@quill.test"], attached.letter_with(BEN, PETER, [(name, data)]))
        assert answer[0] == "y" and b"No zebras." in answer[1], name
    for name, data in attached.every_way("we saw a horse there"):
        assert give_as(office, "ben@aldous.test", ["peter@quill.test"], attached.letter_with(BEN, PETER, [(name, data)]))[0] == "a", name
    assert "ended by signal" not in office.gateway.text()
