# SPDX-License-Identifier: Apache-2.0
"""`lexgate replay`: a firm's archive under its policy, and under the one it thinks of."""
import json
import os
import pty
import signal
import subprocess

import pytest

import firms
import servers
from letters import ALICE, BEN, NORA, PETER, letter
from test_check import lay

LEXGATE = servers.STAGE / "bin" / "lexgate"


@pytest.fixture
def desk(tmp_path):
    """A firm, the policy it thinks of, and a Maildir with a question, its answer and a secret."""
    conf = firms.aldous()
    lay(tmp_path / "firm", conf)
    lay(tmp_path / "new", {**conf, "lexgate.conf": conf["lexgate.conf"].replace('subject = "bank details"', 'subject = "hearing"')
                           .replace('id = "tried-out"', 'id = "try-again"')})
    question = letter(PETER, BEN)
    mails = {"cur/1": question, "cur/2": letter(BEN, PETER, "Re: " + question["Subject"], "In May.\n", References=question["Message-ID"]),
             "cur/3": letter(ALICE, NORA, "The draft"), ".Sent/cur/4": letter(BEN, PETER, "Our bank details")}
    for name, mail in mails.items():
        path = tmp_path / "mail" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mail.as_bytes())
    return tmp_path


def replay(desk, *arguments, **kw):
    return subprocess.run([LEXGATE, "-c", desk / "firm" / "lexgate.conf", "replay", *arguments], capture_output=True, text=True, **kw)


@pytest.mark.real
def test_an_endless_line_costs_no_memory_and_one_line(desk):
    """200 MB without the end of a line, where the gateway judges one: passed over, and the rest is judged."""
    conf = desk / "firm" / "lexgate.conf"
    conf.write_text(conf.read_text().replace("milter: {", 'milter: { message_size = "1M";', 1))
    with open(desk / "mail" / "cur" / "0", "wb") as endless:
        endless.write(b"Subject: ")
        endless.truncate(200 << 20)
    done = subprocess.run(["prlimit", f"--data={100 << 20}", LEXGATE, "-c", desk / "firm" / "lexgate.conf", "replay", "--json", desk / "mail"],
                          capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"{desk}/mail/cur/0: is larger than any message that is judged; passed over\n"
    assert json.loads(done.stdout)["policy"]["judged"] == 4


def test_an_archive_is_judged_in_order_with_its_threads(desk):
    done = replay(desk, "--json", desk / "mail")
    found = json.loads(done.stdout)
    assert done.returncode == 0 and done.stderr == "" and found["problems"] == [] and not found["interrupted"]
    policy = found["policy"]
    assert policy["judged"] == 4 and policy["deadlines_opened"] == 1
    assert {k: v for k, v in policy["outcomes"].items() if v} == {"accept": 2, "hold": 1, "reject": 1}
    rules = {r["id"]: r for r in policy["rules"]}
    assert rules["client-question"]["applies"] == 1 and rules["bank-details"]["applies"] == 1
    assert rules["tried-out"] == {"id": "tried-out", "mode": "observe", "applies": 1, "unknown": 0}


def test_another_policy_shows_which_messages_would_end_differently(desk):
    done = replay(desk, "--policy", desk / "new" / "lexgate.conf", desk / "mail")
    assert done.returncode == 1 and done.stderr == ""
    assert "2 messages would end differently:" in done.stdout
    assert "cur/2: accept, clears -> hold\n  before: no rule\n  after:  bank-details" in done.stdout
    assert "4: hold, suggests -> accept, suggests\n  before: bank-details\n  after:  no rule" in done.stdout
    lines = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.strip()}
    assert lines["tried-out"] == ["observe", "1", "-", "0"] and lines["try-again"] == ["observe", "-", "1", "0"]
    assert lines["bank-details"][1:3] == ["1", "1"]
    changes = json.loads(replay(desk, "--json", "--policy", desk / "new" / "lexgate.conf", desk / "mail").stdout)["changes"]
    assert [(c["from"], c["to"]) for c in changes] == [("hold, suggests", "accept, suggests"), ("accept, clears", "hold")]


def test_marks_other_recipients_and_notices_are_differences_too(desk):
    new = desk / "new" / "lexgate.conf"
    new.write_text((desk / "firm" / "lexgate.conf").read_text())
    (desk / "new" / "conf.d").mkdir()
    (desk / "new" / "conf.d" / "more.conf").write_text("""
rules: ( { id = "tag"; when: { direction = "incoming"; }; subject_tag = "[External]"; priority = "high"; },
         { id = "desk"; when: { direction = "outgoing"; subject = "bank"; }; redirect = "sam@aldous.test"; notify = "mara@aldous.test"; } );
""")
    changes = json.loads(replay(desk, "--json", "--policy", new, desk / "mail").stdout)["changes"]
    assert [c["to"] for c in changes] == ["hold, goes to sam@aldous.test, tells mara@aldous.test",
                                          "accept, opens standard, marks X-Firm-Origin, marks Subject, marks Importance high"], changes


def test_a_mailbox_reads_as_its_messages_do(desk):
    box = desk / "box"
    box.write_bytes(b"".join(b"From x@y Mon Nov 23 10:00:00 2026\n" + (desk / "mail" / "cur" / n).read_bytes() + b"\n" for n in "123"))
    policy = json.loads(replay(desk, "--json", box).stdout)["policy"]
    assert policy["judged"] == 3 and policy["outcomes"]["reject"] == 1 and policy["deadlines_opened"] == 1


def test_what_cannot_be_read_is_one_line_and_the_rest_goes_on(desk):
    (desk / "mail" / "cur" / "0").write_bytes(os.urandom(2000))
    done = replay(desk, desk / "absent", desk / "mail")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "/absent: No such file" in done.stderr
    assert "5 messages judged, 1 problem\n" in done.stdout
    broken = replay(desk, "--policy", desk / "firm" / "staff.csv", desk / "mail")
    assert broken.returncode == 2 and "staff.csv" in broken.stderr and broken.stdout == ""


def test_a_folder_without_messages_says_so(desk):
    for name, more in (("empty", ""), ("pipes", ", only pipes, links and the like, which are passed over")):
        folder = desk / name
        folder.mkdir()
        if name == "pipes":
            os.mkfifo(folder / "pipe")
        done = replay(desk, folder)
        assert done.returncode == 2 and done.stderr == f"{folder}: there is no message in it{more}\n"
        assert done.stdout.startswith("0 messages judged, 1 problem\n")


def test_the_mail_of_another_firm_is_told_from_a_policy_that_does_nothing(desk):
    path = desk / "other"
    path.write_bytes(letter("ann@else.test", "bob@else.test").as_bytes())
    assert "None of them is from or to anybody at aldous.test (firm.domains)" in replay(desk, path).stdout
    assert json.loads(replay(desk, "--json", path).stdout)["policy"]["ours"] == 0
    both = replay(desk, path, desk / "mail")
    assert "5 messages judged, 0 problems\n\n" in both.stdout


def test_delivered_to_names_the_recipient_and_the_null_return_path_is_kept(desk):
    path = desk / "mail" / "one"
    path.write_bytes(b"Return-Path: <>\nDelivered-To: ben@aldous.test\n" + letter(PETER, "list@else.test").as_bytes())
    assert json.loads(replay(desk, "--json", path).stdout)["policy"]["deadlines_opened"] == 0
    path.write_bytes(b"Return-Path: <peter@quill.test>\nDelivered-To: ben@aldous.test\n" + letter(PETER, "ben@aldous.test").as_bytes())
    assert json.loads(replay(desk, "--json", path).stdout)["policy"]["deadlines_opened"] == 1


def test_control_c_at_a_terminal_prints_what_was_found_so_far(desk):
    pipe = desk / "mail" / "box"
    pipe.write_bytes((b"From x@y\n" + (desk / "mail" / "cur" / "3").read_bytes() + b"\n") * 60000)
    parent, child = pty.openpty()
    run = subprocess.Popen([LEXGATE, "-c", desk / "firm" / "lexgate.conf", "replay", pipe], stdout=subprocess.PIPE, stderr=child, text=True)
    os.close(child)
    shown = b""
    while b"messages" not in shown:
        shown += os.read(parent, 1000)
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=servers.HANGS)
    os.close(parent)
    assert run.returncode == 1 and "; stopped before the end" in out and b"%, " in shown
    assert 0 < int(out.split()[0]) < 60000
