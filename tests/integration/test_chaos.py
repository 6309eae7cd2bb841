# SPDX-License-Identifier: Apache-2.0
"""What failure does: Redis, front, keeper and judges die under load, and nothing is lost."""
import concurrent.futures
import contextlib
import os
import signal
import smtplib
import statistics
import threading
import time

import pytest

import firms
import servers
from cputime import no_slower
from letters import ALICE, BEN, NORA, PETER, ask, deadlines, letter, mark, wait_states
from miltclient import MilterClient, split


def flood(office, count, connections, retry=False):
    """`count` questions of as many clients' mails over SMTP: [(mark, seconds)] of those accepted, and the number of 4xx answers."""
    accepted, deferred, lock = [], [0], threading.Lock()
    numbers = iter(range(count))

    def worker():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            message = letter(PETER, BEN, f"Question {number}?", f"What about {number}?\n")
            while True:
                began = time.monotonic()
                try:
                    code, text = office.receive("peter@quill.test", "ben@aldous.test", message.as_bytes())
                except (OSError, smtplib.SMTPException) as gone:
                    code, text = 451, str(gone)
                took = time.monotonic() - began
                with lock:
                    if code == 250:
                        accepted.append((mark(message), took))
                        break
                    assert 400 <= code < 500, (code, text)
                    deferred[0] += 1
                if not retry:
                    break
                time.sleep(0.1)
    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        for future in [pool.submit(worker) for _ in range(connections)]:
            future.result()
    return accepted, deferred[0]


def expect_deadlines(office, count, timeout=90):
    servers.wait_for(lambda: office.redis.cli("ping") == "PONG", what="Redis")

    def counted():
        done = office.lexgate("queue", "--json", "--state", "any")
        import json
        return done.returncode == 0 and len(json.loads(done.stdout)) == count
    servers.wait_for(counted, timeout, f"{count} deadlines", 0.5)


@pytest.mark.parametrize("count", [300, pytest.param(1000, marks=pytest.mark.long)])
def test_redis_killed_away_and_wiped_costs_no_mail_and_heals_by_itself(own_office, count):
    office, sent = own_office(), 0

    def median_of(count):
        nonlocal sent
        accepted, deferred = flood(office, count, 20)
        assert deferred == 0 and len(accepted) == count
        sent += count
        print(f"seconds a message: median {statistics.median(t for _, t in accepted):.3f}, worst {max(t for _, t in accepted):.3f}")
        return statistics.median(t for _, t in accepted)

    def stormy():
        def storm():
            time.sleep(0.3)
            office.redis.kill()
            office.redis.wipe_files()
            time.sleep(3 if count < 1000 else 10)
            office.redis.start()
        thread = threading.Thread(target=storm)
        thread.start()
        try:
            return median_of(count - count // 3)
        finally:
            thread.join()
    no_slower(lambda: median_of(count // 3), stormy, 2, 0.05, tries=3)
    expect_deadlines(office, sent)
    assert office.lexgate("journal", "verify").returncode == 0


def test_flushall_heals_without_any_command(own_office):
    office = own_office()
    question = ask(office, PETER, BEN)
    ask(office, NORA, ALICE)
    wait_states(office, ["open", "open"])
    message = letter(BEN, PETER, "Re:", "yes\n", References=question["Message-ID"])
    office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())
    wait_states(office, ["open", "provisional"])
    harbour = [d for d in deadlines(office) if d["client"] == "harbour"][0]
    assert office.lexgate("close", harbour["id"], "--by", "alice@aldous.test").returncode == 0
    wait_states(office, ["closed", "provisional"])
    office.redis.cli("flushall")
    wait_states(office, ["closed", "provisional"], timeout=20)


@pytest.mark.parametrize("count", [300, pytest.param(2000, marks=pytest.mark.long)])
def test_front_and_keeper_killed_under_load_lose_nothing(own_office, count):
    office = own_office()
    stop = threading.Event()

    def killer():
        time.sleep(0.5)
        for pid in office.gateway.children("front"):
            os.kill(pid, signal.SIGKILL)
        time.sleep(2)
        office.gateway.kill()
        servers.wait_for(lambda: not [1 for _, _, argv in servers.process_table().values()
                                      if str(office.config) in argv and argv[0].endswith("lexgate-milter")], 10, "the family to end")
        office.start_gateway()
        stop.set()
    thread = threading.Thread(target=killer)
    thread.start()
    accepted, deferred = flood(office, count, 20, retry=True)
    thread.join()
    assert len(accepted) == count
    print(f"{count} accepted, {deferred} answers of 4xx on the way")
    office.postfix.wait_empty()
    marks = {m for m, _ in accepted}
    got = set()
    for mail in office.sink.mails:
        got.add((mail.message["Message-ID"] or "").strip("<>"))
    assert marks <= got
    expect_deadlines(office, count)
    done = office.lexgate("journal", "verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_killed_judge_is_replaced_and_its_message_tried_again(own_office):
    office = own_office()
    before = set(office.gateway.children("judge"))
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    question = ask(office, PETER, BEN)
    wait_states(office, ["open"])
    got = office.sink.wait(lambda m: mark(question).encode() in m.data)[0].message
    assert got["X-Lexgate-Deadline"]
    servers.wait_for(lambda: len(office.gateway.children("judge")) == len(before) and not before & set(office.gateway.children("judge")),
                     15, "fresh judges")


def stop_judges(office, stopped):
    """Stops (SIGSTOP) every judge that is not stopped yet."""
    for pid in office.gateway.children("judge"):
        if pid not in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                stopped.add(pid)


def keep_judges_stopped(office, until):
    stopped = set()
    while not until.is_set():
        stop_judges(office, stopped)
        time.sleep(0.005)


def test_judges_that_hang_are_replaced_and_the_message_is_judged(own_office):
    office = own_office(firms.aldous(milter_extra='judge_time = "1s";'))
    stop_judges(office, set())
    question = ask(office, PETER, BEN)
    wait_states(office, ["open"], timeout=30)
    got = office.sink.wait(lambda m: mark(question).encode() in m.data)[0].message
    assert got["X-Lexgate-Decision"].startswith("accept")


def test_a_message_on_which_every_judge_dies_is_accepted_incoming_and_held_outgoing(own_office):
    office = own_office(firms.aldous(milter_extra='judge_time = "1s";'))
    over = threading.Event()
    thread = threading.Thread(target=keep_judges_stopped, args=(office, over))
    thread.start()
    try:
        incoming = letter(PETER, BEN)
        code, text = office.receive("peter@quill.test", "ben@aldous.test", incoming.as_bytes())
        assert code == 250, text
        for _ in range(4):  # a judge that answers before it is stopped has judged; then another message is needed
            outgoing = letter(BEN, PETER, "clear words")
            code, text = office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", outgoing.as_bytes())
            assert code == 250, text
            if "hold unjudged" in office.gateway.text():
                break
    finally:
        over.set()
        thread.join()
    office.sink.wait(lambda m: mark(incoming).encode() in m.data)
    assert [m for m in office.postfix.queue_listing() if m["queue_name"] == "hold"]
    assert not office.sink.find(lambda m: mark(outgoing).encode() in m.data and m.recipients == ["peter@quill.test"])
    for pid in office.gateway.children("judge"):
        os.kill(pid, signal.SIGCONT)
    wait_states(office, ["open"], timeout=40)  # opened by lexgate-escalated from the unjudged entry


def test_a_journal_without_room_defers_and_recovers_by_itself(own_office):
    office = own_office(start=False)
    journal = office.state / "journal"
    journal.mkdir()
    servers.run("mount", "-t", "tmpfs", "-o", "size=192k,mode=0777", "tmpfs", journal)
    try:
        office.start(escalated=False)
        filler = journal / "filler"
        client = lambda: MilterClient(office.milter_address)  # noqa: E731
        headers, body = split(letter(PETER, BEN).as_bytes())

        def one(number):
            milter = client()
            try:
                return milter.message("peter@quill.test", ["ben@aldous.test"],
                                      [(b"Message-ID", b" <%d@quill.test>" % number)] + [h for h in headers if h[0] != b"Message-ID"], body)
            finally:
                milter.close()
        assert one(0)[0] in "ac"
        fd = os.open(filler, os.O_WRONLY | os.O_CREAT)
        with pytest.raises(OSError):
            while True:
                os.write(fd, b"x" * 512)
        os.close(fd)
        answers = [one(n) for n in range(1, 40)]
        refused = [a for a in answers if a[0] == "y"]
        assert refused and all(a[1].startswith(b"451 4.3.1") for a in refused), answers
        assert {a[0] for a in answers} <= {"a", "c", "y"}
        filler.unlink()
        servers.wait_for(lambda: one(100 + int(time.monotonic() * 1000) % 100000)[0] in "ac", 15, "recovery", 0.2)
        done = office.lexgate("journal", "verify")
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        office.stop()
        servers.run("umount", journal, check=False)


def test_a_broken_policy_at_reload_leaves_the_old_one_working_and_a_good_one_swaps_without_a_dropped_session(own_office):
    office = own_office()
    headers, body = split(letter(PETER, BEN).as_bytes())
    session = MilterClient(office.milter_address)
    good = office.config.read_text()
    office.config.write_text(good.replace('direction = "incoming"', 'direktion = "incoming"'))
    office.gateway.reload()
    servers.wait_for(lambda: "direktion" in office.gateway.text(), what="the complaint in the log")
    question = ask(office, PETER, BEN)
    office.sink.wait(lambda m: mark(question).encode() in m.data)
    office.config.write_text(good.replace('value = "outside"', 'value = "changed"'))
    office.gateway.reload()

    def changed():
        message = ask(office, PETER, BEN)
        return office.sink.wait(lambda m: mark(message).encode() in m.data)[0].message["X-Firm-Origin"] == "changed"
    servers.wait_for(changed, 20, "the new policy", 0.2)
    answer, _, changes = session.message("peter@quill.test", ["ben@aldous.test"], headers, body)  # began before both
    assert answer in "ac" and any(b"changed" in data for _, data in changes)
    session.close()


@pytest.mark.real
def test_memory_of_idle_processes_is_small_after_large_messages(own_office):
    office = own_office()
    milter = MilterClient(office.milter_address)
    headers, _ = split(letter(PETER, BEN).as_bytes())
    body = b"A long letter about nothing in particular.\r\n" * 240000
    for _ in range(10):
        assert milter.message("peter@quill.test", ["ben@aldous.test"], headers, body)[0] in "ac"
    milter.close()

    def rss(pid):
        with open(f"/proc/{pid}/smaps_rollup") as f:
            return sum(int(line.split()[1]) for line in f if line.startswith(("Pss_Anon:", "Pss_Shmem:"))) / 1024
    sizes = {role: [rss(p) for p in office.gateway.children(role)] for role in ("front", "judge")}
    print(f"MB of anonymous and shared memory, idle after ten 10 MB messages: {sizes}")
    assert max(sizes["front"] + sizes["judge"]) < 40
