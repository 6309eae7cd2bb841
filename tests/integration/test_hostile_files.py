# SPDX-License-Identifier: Apache-2.0
"""What we write may be cut, moved, damaged or full, and what we read may be half written."""
import contextlib
import os
import random
import resource
import shutil
import threading
import time

import pytest
import servers
from direct import give, give_as, verify
from letters import BEN, PETER, letter


# ---- The journal ----

@pytest.mark.parametrize("bytes_allowed", [80000, 150000])
def test_a_file_size_limit_on_all_processes_costs_one_deferral_a_file(gateway, bytes_allowed):
    limit = (bytes_allowed, resource.RLIM_INFINITY)
    office = gateway(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    front = office.gateway.children("front")
    for _ in range(bytes_allowed // 500):
        answer, text, _ = give(office)
        if answer != "a":
            break
    assert text.startswith(b"451 4.3.1"), text
    assert [give(office)[0] for _ in range(5)] == ["a"] * 5
    assert office.gateway.children("front") == front and office.gateway.process.poll() is None
    done = verify(office)
    assert done.returncode == 0, done.stderr


def test_a_journal_that_is_moved_or_deleted_is_not_written_to(gateway):
    office = gateway()
    journal, elsewhere = office.state / "journal", office.state / "elsewhere"
    assert give(office)[0] == "a"
    journal.rename(elsewhere)
    assert [give(office)[1][:9] for _ in range(3)] == [b"451 4.3.1"] * 3
    elsewhere.rename(journal)
    servers.wait_for(lambda: give(office)[0] == "a", 5, "recovery")
    assert verify(office).returncode == 0
    for path in journal.glob("milter*.jsonl"):
        path.unlink()
    assert give(office)[1].startswith(b"451 4.3.1")
    assert give(office)[0] == "a"
    assert verify(office).returncode != 0, "what was lost shows"


def flip(path):
    data = bytearray(path.read_bytes())
    second = data.index(b"\n") + 1
    data[second + 60] ^= 1
    path.write_bytes(data)
    return 2


def drop_line(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    return 3


def swap_lines(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    return 1


def foreign_line(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3] + [lines[1]] + lines[3:]))
    return 4


def test_verify_names_the_first_bad_line(gateway):
    office = gateway()
    for _ in range(5):
        assert give(office)[0] == "a"
    office.gateway.stop()
    path, = (office.state / "journal").glob("milter*.jsonl")
    good = path.read_bytes()
    for damage in (flip, drop_line, swap_lines, foreign_line):
        path.write_bytes(good)
        line = damage(path)
        done = verify(office)
        assert done.returncode != 0 and f"{path.name}:{line}:" in done.stderr, (damage.__name__, done.stderr)


# ---- Hints ----

def test_damaged_hints_never_keep_the_gateway_down(gateway):
    office = gateway()
    office.provoked = "liblmdb"  # it believes what it reads: the front may die of it, and begins anew without the file
    question = letter(PETER, BEN)
    give(office, question)
    path = office.state / "hints.mdb"
    reply = letter(BEN, PETER, References=question["Message-ID"])
    for damage in (lambda d: d[:100] + b"\xff" * 3000 + d[3100:], lambda d: d[:4120] + b"\x07" * 4000 + d[8120:],
                   lambda d: d[:8192] + random.Random(2).randbytes(len(d) - 8192), lambda d: d[:5000],
                   lambda d: bytes(b ^ 0x55 if i % 97 == 0 and i > 8191 else b for i, b in enumerate(d))):
        office.gateway.stop()
        path.write_bytes(damage(path.read_bytes()))
        if office.user:
            shutil.chown(path, office.user)
        office.start_gateway()

        def goes():
            with contextlib.suppress(OSError):
                return give(office)[0] == "a" and give_as(office, "ben@aldous.test", ["peter@quill.test"], reply)[0] == "a"
        servers.wait_for(goes, 15, "mail", 0.2)
    office.gateway.stop()
    path.unlink(missing_ok=True)
    office.start_gateway()
    assert goes()
    front, = office.gateway.children("front")
    os.truncate(path, 4096)

    def a_new_one():
        with contextlib.suppress(OSError):
            give(office)
        return office.gateway.children("front") not in ([front], []) or (path.exists() and path.stat().st_size > 4096)
    servers.wait_for(a_new_one, 20, "hints that are made again", 0.2)
    servers.wait_for(goes, 15, "mail", 0.2)


# ---- Reloads ----

def test_a_storm_of_reloads_drops_nothing_and_a_broken_register_changes_nothing(gateway):
    office = gateway(escalated=True)
    matters = office.conf_dir / "matters.csv"
    good, over, answers = matters.read_text(), threading.Event(), []

    def flow():
        while not over.is_set():
            answers.append(give(office)[0])
    threads = [threading.Thread(target=flow) for _ in range(3)]
    for thread in threads:
        thread.start()
    for count in range(40):
        if count == 10:
            matters.write_text(good + "broken,line\n")
        if count == 30:
            matters.write_text(good.replace("2026-0201", "2026-0301"))
        office.gateway.reload()
        office.escalated.reload()
        time.sleep(0.04)
    servers.wait_for(lambda: any(b"2026-0301" in data for _, data in give(office)[2]), 20, "the new register")
    over.set()
    for thread in threads:
        thread.join()
    assert set(answers) == {"a"} and office.escalated.process.poll() is None
    assert len(list(office.state.glob("registry-*.mdb"))) == 1
