# SPDX-License-Identifier: Apache-2.0
"""kill -9 of front, judge and Postfix at each step of a split send: nothing lost, nothing in clear, duplicates counted."""
import contextlib
import os
import signal
import smtplib
import threading

import pytest

import sealfirm
import servers
from letters import ALICE, letter
from sealfirm import SECRET, by_recipient, opened

NORA, OLAF, PETRA, BEN = "nora@harbour.test", "olaf@harbour.test", "petra@harbour.test", "ben@aldous.test"
EVERYBODY = [NORA, OLAF, PETRA, BEN]  # olaf and petra blind: four copies
STEPS = 6  # before the judge, after each of four copies, at the end


def kill_front(office):
    for pid in office.gateway.children("front"):
        os.kill(pid, signal.SIGKILL)


def kill_judges(office):
    for pid in office.gateway.children("judge"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_postfix(office):
    """All of this Postfix, by process id, and a start as after a power cut."""
    master = int((office.postfix.queue / "pid" / "master.pid").read_text())
    family = [master] + [pid for pid, (parent, _, _) in servers.process_table().items() if parent == master]
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    servers.wait_for(lambda: not set(family) & {p for p, (_, state, _) in servers.process_table().items() if state != "Z"}, what="its end")
    servers.run("postfix", "-c", office.postfix.config, "start")


KILLS = {"front": kill_front, "judge": kill_judges, "postfix": kill_postfix}


def submit_until_taken(office, subject, over):
    """As a mail program does that was promised nothing yet."""
    message = letter(ALICE, NORA, subject, SECRET + "\n").as_bytes()

    def taken():
        with contextlib.suppress(OSError, smtplib.SMTPException):
            return office.submit("alice@aldous.test", "alice@aldous.test", EVERYBODY, message)[0] == 250
        return False
    servers.wait_for(taken, 60, f"{subject} to be taken", 0.05)
    over.set()


def wait_for_step(office, began, step, over):
    """Until so much of the round stands in the gateway's log, or it is over."""
    signs = [None, 1, 2, 3, 4, "end"]
    with open(office.gateway.log, "rb") as log:
        log.seek(began)
        text = b""
        while not over.is_set():
            text += log.read()
            wanted = signs[step]
            if wanted is None or (b": accept, message-id" in text if wanted == "end" else text.count(b"is queued as") >= wanted):
                return


def one_round(office, kind, step, number):
    over, subject = threading.Event(), f"round {number}"
    began = office.gateway.log.stat().st_size
    sender = threading.Thread(target=submit_until_taken, args=(office, subject, over))
    sender.start()
    wait_for_step(office, began, step, over)
    KILLS[kind](office)
    sender.join()
    assert over.is_set(), f"{subject}: never taken"


@pytest.mark.parametrize("rounds", [18, pytest.param(54, marks=pytest.mark.long)])
def test_whoever_is_killed_at_whichever_step_nothing_is_lost_or_leaves_in_clear(own_office, rounds):
    office = sealfirm.make(own_office)
    for number in range(rounds):
        one_round(office, list(KILLS)[number % 3], number // 3 % STEPS, number)
    servers.wait_for(lambda: all(set(by_recipient(office, f"round {n}")) == set(EVERYBODY) for n in range(rounds)), 60, "all mail", 0.5)
    office.postfix.wait_empty()
    copies = sum(len(c) for n in range(rounds) for c in by_recipient(office, f"round {n}").values())
    print(f"{rounds} kills, {rounds * len(EVERYBODY)} copies wanted, {copies - rounds * len(EVERYBODY)} more came")
    assert copies <= 2 * rounds * len(EVERYBODY), "one more of each at most"
    for mail in list(office.sink.mails):
        assert SECRET.encode() not in mail.data or mail.recipients == [BEN], mail.recipients
    last = by_recipient(office, f"round {rounds - 1}")
    for name in sealfirm.HARBOUR:
        assert SECRET.encode() in opened(office, name, last[f"{name}@harbour.test"][-1])
    assert not [m for m in office.postfix.queue_listing()], "nothing on hold"
    done = office.lexgate("journal", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
