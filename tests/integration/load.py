# SPDX-License-Identifier: Apache-2.0
"""A firm's mail by a plan that a seed makes: questions, repetitions, replies that arrive, bounce, or are never heard of, acts, and
questions whose steps fall due meanwhile. What must come of it is worked out from what was sent."""
import collections
import concurrent.futures
import datetime
import json
import random
import socket
import statistics
import threading
import time

import pair
import servers
from direct import give
from letters import ALICE, BEN, NORA, PETER, deadlines, letter

RATE = 50  # messages a second, over all gateways
QUICK = 'quick: { answer_within = "4s"; calendar = "always"; ladder = ( { at = "50%"; tell = ["owner"]; }, { at = "100%"; tell = ["supervisor"]; } ); }; '
TOLD = ("alice@aldous.test", "sam@aldous.test")  # by the steps of "quick", for its owner
MTA = 'mta: { log = "@MTALOG@"; };\n'
PATIENCE_S = 20  # for acts that lexgate-escalated cannot do yet


def firm(conf):
    """Nora's questions have steps within seconds, and the gateways follow a log."""
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("service_levels: {", "service_levels: { " + QUICK, 1)
    conf["clients.csv"] = conf["clients.csv"].replace("@harbour.test,en,mail,,", "@harbour.test,en,mail,quick,")
    conf["conf.d/mta.conf"] = MTA
    return conf


def ask_daemon(office, request):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(servers.HANGS)
        client.connect(office.act_socket)
        client.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(client.makefile("rb").readline())


class Load:
    def __init__(self, gateways, seed):
        self.gateways, self.seed, self.random = gateways, seed, random.Random(seed)
        self.lock, self.took, self.deferred, self.sent = threading.Lock(), [], [], 0
        self.expected, self.quick = {}, set()
        self.logs = [open(office.postfix.log, "a", encoding="utf-8") for office in gateways]

    # Each step of a question gives whether it is done; what is not comes again.

    def _timed(self, at, message, **kw):
        with self.lock:
            self.sent += 1
            queue_id = f"4{self.sent:09d}z1dgSd"
        began = time.monotonic()
        verdict, text, changes = give(self.gateways[at], message, queue_id=queue_id, **kw)
        with self.lock:
            self.took.append((began, time.monotonic() - began))
            if verdict not in "ca":
                self.deferred.append(text)
        return queue_id, changes

    def _put(self, question, at):
        _, changes = self._timed(at, question["message"], sender=question["sender"], to=question["to"])
        values = [data.split(b"\0")[1] for command, data in changes if command in "hi" and b"X-Lexgate-Deadline" in data]
        return values[0].decode().split(";")[0].strip() if values else None

    def ask(self, question):
        identity = self._put(question, question["at"])
        assert identity, "a question without a deadline"
        with self.lock:
            assert identity not in self.expected
            self.expected[identity] = "open"
            if question["quick"]:
                self.quick.add(identity)
        question["id"] = identity
        return True

    def repeat(self, question):
        self._put(question, 1 - question["at"])
        return True

    def _reply(self, question, status, ends):
        reply = letter(BEN, PETER, "Re: " + question["message"]["Subject"], "In May.\n", References=question["message"]["Message-ID"])
        at = 1 - question["at"]
        queue_id, _ = self._timed(at, reply, sender="ben@aldous.test", to=("peter@quill.test",), login="ben@aldous.test")
        if status:
            self._log(at, queue_id, status)
        with self.lock:
            self.expected[question["id"]] = ends
        question["reply"] = reply
        return True

    def _log(self, at, queue_id, status):
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        dsn, said = status
        lines = [f"qmgr[1]: {queue_id}: from=<ben@aldous.test>, size=530, nrcpt=1 (queue active)",
                 f"smtp[2]: {queue_id}: to=<peter@quill.test>, relay=mx.quill.test[192.0.2.1]:25, delay=0.03, delays=0.02/0/0/0, dsn={dsn}, status={said}",
                 f"qmgr[1]: {queue_id}: removed"]
        with self.lock:
            self.logs[at].write("".join(f"{now} mx postfix/{line}\n" for line in lines))
            self.logs[at].flush()

    def reply(self, question):
        return self._reply(question, None, "provisional")

    def delivered(self, question):
        return self._reply(question, ("2.0.0", "sent (250 2.0.0 Ok: queued as 4XYZ99)"), "answered")

    def undelivered(self, question):
        return self._reply(question, ("5.1.1", "bounced (host mx.quill.test[192.0.2.1] said: 550 5.1.1 nobody)"), "open")

    def machine(self, question):
        """A machine's mail that names the reply and is no delivery report of ours."""
        notice = letter("MAILER-DAEMON@quill.test", BEN, "Undelivered?", "What?\n", References=question["reply"]["Message-ID"])
        self._timed(question["at"], notice, sender="", to=("ben@aldous.test",))
        return True

    def _act(self, question, act, ends):
        question.setdefault("act_until", time.monotonic() + PATIENCE_S * servers.PATIENCE)
        answer = ask_daemon(self.random.choice(self.gateways), {"act": act, "id": question["id"], "by": "ben@aldous.test"})
        if not answer["ok"]:
            assert time.monotonic() < question["act_until"], answer
            return False
        with self.lock:
            self.expected[question["id"]] = ends
        return True

    def close(self, question):
        return self._act(question, "close", "closed")

    def answer(self, question):
        return self._act(question, "answer", "answered")

    def _plan(self, number):
        quick = number % 8 == 0
        sender, to, address = (NORA, ALICE, "nora@harbour.test") if quick else (PETER, BEN, "peter@quill.test")
        question = {"at": number % 2, "quick": quick, "sender": address, "to": ("alice@aldous.test" if quick else "ben@aldous.test",),
                    "message": letter(sender, to, f"Question {number}?", f"What of {number}?\n")}
        steps = self.random.choice([[], [self.repeat], [self.reply], [self.delivered], [self.undelivered], [self.repeat, self.reply],
                                    [self.delivered, self.repeat], [self.reply, self.machine], [self.close], [self.answer]])
        return question, [self.ask, *([self.repeat] if quick and steps else [] if quick else steps)]

    def run(self, seconds):
        """One message each 1/RATE s, whatever became of the one before; a question's other messages follow a moment later."""
        waiting, jobs = [], []  # waiting: (from when on, steps, the one before, question)
        began, number = time.monotonic(), 0
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            while (now := time.monotonic() - began) < seconds or waiting:
                ready = next((w for w in waiting if w[0] <= now and w[2].done()), None)
                if ready:
                    waiting.remove(ready)
                    _, steps, before, question = ready
                    steps = steps[1:] if before.result() else steps
                    if not steps:
                        continue
                elif now < seconds:
                    number += 1
                    question, steps = self._plan(self.sent + number)
                else:
                    time.sleep(0.02)
                    continue
                jobs.append(pool.submit(steps[0], question))
                waiting.append((now + self.random.uniform(0.2, 1.5), steps, jobs[-1], question))
                time.sleep(max(0, began + len(jobs) / RATE - time.monotonic()))

    def percentiles(self):
        """p50, p90 and p99 of the seconds that messages took since this was asked last."""
        with self.lock:
            took, self.took = sorted(t for _, t in self.took), []
        cuts = statistics.quantiles(took, n=100)
        return cuts[49], cuts[89], cuts[98]

    def told(self, sink):
        """How often each deadline of "quick" was in a mail to each person."""
        times = collections.Counter()
        for mail in sink.find(lambda m: set(m.recipients) & set(TOLD)):
            words = set(mail.message.get_body(("plain",)).get_content().replace(",", " ").split())
            for person in mail.recipients:
                times.update((identity, person) for identity in words & self.quick)
        return times

    def expect(self, sink):
        """Every deadline exists once in the state that it must have, and each step was told once."""
        found = {}

        def settled():
            found.clear()
            listed = deadlines(self.gateways[0])
            found.update({d["id"]: d["state"] for d in listed})
            return len(found) == len(listed) and found == self.expected
        try:
            servers.wait_for(settled, 10, "the deadlines that were expected", 0.3)
        except (TimeoutError, AssertionError) as why:
            wrong = {i: (s, found.get(i)) for i, s in self.expected.items() if found.get(i) != s}
            extra = set(found) - set(self.expected)
            raise AssertionError(f"seed {self.seed}: {why}; expected and found: {list(wrong.items())[:8]} ({len(wrong)}), unexpected: {extra}") from why
        wanted = {(identity, person): 1 for identity in self.quick for person in TOLD}
        servers.wait_for(lambda: len(self.told(sink)) >= len(wanted), 15, f"seed {self.seed}: notices of each step", 0.3)
        wrong = {key: times for key, times in self.told(sink).items() if times != wanted.get(key)}
        if wrong:
            identity = next(iter(wrong))[0]
            print("\n".join(f"{office.state} {line}" for office in self.gateways for path in sorted((office.state / "journal").glob("escalated*"))
                            for line in path.read_text().splitlines() if identity in line))
        assert not wrong, f"seed {self.seed}: told more than once: {list(wrong.items())[:5]} ({len(wrong)} of {len(wanted)})"


def endure(gateways, seed, stormy, seconds, calm_s=4):
    """The same load in calm and in a storm (a thread): nothing is lost, nothing comes twice, nothing waits."""
    mail = Load(gateways, seed)
    mail.run(calm_s)
    calm = mail.percentiles()
    stormy.start()
    mail.run(seconds)
    stormy.join()
    rough = mail.percentiles()
    print(f"seed {seed}: {len(mail.expected)} questions, {mail.sent} messages; p50, p90, p99 in s: calm "
          f"{' '.join(f'{t:.3f}' for t in calm)}, storm {' '.join(f'{t:.3f}' for t in rough)}")
    assert not mail.deferred, mail.deferred[:3]
    mail.expect(gateways[0].sink)
    pair.wait_level(*gateways)
    # Were mail to wait for Redis, most of it would take a time-out of a second.
    assert rough[0] <= 3 * calm[0] + 0.05 and rough[1] <= 5 * calm[1] + 0.3, (calm, rough)
    assert all(office.lexgate("journal", "verify").returncode == 0 for office in gateways)
