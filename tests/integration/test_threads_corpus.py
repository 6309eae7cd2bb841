# SPDX-License-Identifier: Apache-2.0
"""Real threads as a firm and its clients would have them.

Of each thread of the corpus the messages at even depth are clients' questions (each author a client), those at odd depth are replies
of the firm to the author of their parent; list headers go. The rule: a message at even depth is owed an answer unless a machine
wrote it. It is answered by the reply whose parent it is (the last id of References in the set; without References the first of
In-Reply-To), with it what belongs to the same deadline, and perhaps by another to the same client that names it. A gateway that
knows the thread may also find it answered by a later reply to the same client in that thread. All else stays open."""
import collections
import hashlib
import json
import re
import time

import firms
import servers
from letters import shipped
from miltclient import MilterClient, split

LIST = re.compile(rb"(?i)^(list-.*|precedence|sender|errors-to|mailing-list|delivered-to|x-(mailing-list|beenthere|loop|list.*|mailman.*)|"
                  rb"return-path|received|reply-to|cc|to|from|resent-.*|auto-submitted)$")
ID = re.compile(rb"<([^<>\s]+)>")
QUESTION = """rules: ( { id = "client-question"; when: { direction = "incoming"; sender: { is = "client"; }; not: { automatic = true; }; };
    deadline = "standard"; } );"""


class Mail:
    def __init__(self, data):
        self.headers, self.body = split(data)
        self.id = (self.ids(b"message-id") or [None])[0]
        named = self.ids(b"references")
        self.named = named[::-1] or self.ids(b"in-reply-to")
        author = next((v for n, v in self.headers if n.lower() == b"from"), b"")
        self.author = hashlib.sha256(author.strip().lower()).hexdigest()[:8]
        self.parent = None

    def ids(self, name):
        return [i for n, v in self.headers if n.lower() == name for i in ID.findall(v)]

    @property
    def depth(self):
        return 0 if self.parent is None else self.parent.depth + 1

    @property
    def client(self):
        return f"c{self.author}"

    @property
    def address(self):
        return "ben@aldous.test" if self.depth % 2 else f"w@{self.client}.test"


def threads(files, most):
    """The mails that have a parent or a child in the set, parents first; at most so many."""
    mails = {}
    for path in files:
        mail = Mail(path.read_bytes())
        if mail.id:
            mails.setdefault(mail.id, mail)  # of duplicates the first wins
    for mail in mails.values():
        mail.parent = next((mails[i] for i in mail.named if i in mails and i != mail.id), None)
    for mail in mails.values():  # cycles are none
        seen, at = set(), mail
        while at.parent and at.id not in seen:
            seen.add(at.id)
            at = at.parent
        if at.parent:
            at.parent = None
    parents = {m.parent.id for m in mails.values() if m.parent}
    chosen = [m for m in mails.values() if m.parent or m.id in parents]
    by_root = collections.defaultdict(list)
    for mail in chosen:
        root = mail
        while root.parent:
            root = root.parent
        by_root[root.id].append(mail)
    few = []
    for group in by_root.values():
        if len(few) < most:
            few += sorted(group, key=lambda m: m.depth)
    return few


def firm(mails):
    conf = firms.aldous()
    at = conf["lexgate.conf"].index("rules: (")
    conf["lexgate.conf"] = conf["lexgate.conf"][:at] + QUESTION
    rows = {f"{m.client},Client {m.author},@{m.client}.test,en,mail,," for m in mails}
    conf["clients.csv"] += "".join(row + "\n" for row in sorted(rows))
    return conf


def headers_of(mail):
    kept = [(n, v) for n, v in mail.headers if not LIST.match(n)]
    to = mail.parent.address if mail.parent else "ben@aldous.test"
    return [(b"From", b" " + mail.address.encode()), (b"To", b" " + to.encode())] + kept, to


class Replay:
    def __init__(self, office):
        self.office, self.deadline, self.count = office, {}, 0
        self.milter = MilterClient(office.milter_address)

    def give(self, mail):
        headers, to = headers_of(mail)
        self.count += 1
        login = mail.address if mail.depth % 2 else None
        answer, _, changes = self.milter.message(mail.address, [to], headers, mail.body, login=login, queue_id=f"4R{self.count}")
        assert answer in "ac", (mail.id, answer)
        for command, data in changes:
            found = re.search(rb"X-Lexgate-Deadline\0\s*([a-z0-9]+)", data)
            if found:
                self.deadline[mail.id] = found[1].decode()

    def phase(self, mails):
        """Whole seconds tell what came before what."""
        for mail in mails:
            self.give(mail)
        began = int(time.time())
        servers.wait_for(lambda: int(time.time()) > began, 10, "the next second", 0.05)

    def states(self):
        """{Message-ID: (deadline that it belongs to, state)}."""
        shipped(self.office, 60)
        ids = sorted(set(self.deadline.values()))
        shown = {}
        for at in range(0, len(ids), 200):
            out = self.office.lexgate("show", "--json", *ids[at:at + 200]).stdout
            decoder, pos, listed = json.JSONDecoder(), 0, []
            while pos < len(out.strip()):
                one, pos = decoder.raw_decode(out, pos)
                pos += len(out[pos:]) - len(out[pos:].lstrip())
                listed.append(one)
            assert len(listed) == len(ids[at:at + 200])
            shown |= dict(zip(ids[at:at + 200], listed))
        return {m: (shown[i]["id"], shown[i]["state"]) for m, i in self.deadline.items()}


def root(mail):
    return root(mail.parent) if mail.parent else mail


def reached(mails, is_reached):
    """Ids of the questions that a reply to their client reaches."""
    replies = collections.defaultdict(list)
    for mail in mails:
        if mail.depth % 2:
            replies[mail.parent.client].append(mail)
    return {q.id for q in mails if q.depth % 2 == 0 for r in replies[q.client] if is_reached(q, r)}


def judge(mails, states, knows_threads):
    direct = reached(mails, lambda q, r: r.parent is q)
    near = reached(mails, lambda q, r: q.id in r.named or knows_threads and r.depth > q.depth and root(r) is root(q))
    must, may = ({states[i][0] for i in ids if i in states} for ids in (direct, near))
    opened = [m for m in mails if m.depth % 2 == 0 and m.id in states]
    wrong = [(m.id, m.depth, states[m.id]) for m in opened
             if states[m.id][1] not in (["open"] * (states[m.id][0] not in must) + ["provisional"] * (states[m.id][0] in may))]
    print(len(mails), "mails,", len(opened), "questions,", len(direct), "answered directly,", len(wrong), "wrong")
    return wrong, opened


def test_each_reply_answers_its_parent_and_nothing_else_in_both_orders(gateway, corpus, full):
    files = [p for p in corpus if "spamassassin-public-corpus" in str(p) and "ham" in str(p)]
    mails = threads(files, 4000 if full else 200)
    depths = sorted({m.depth for m in mails})
    questions_first = [[m for m in mails if m.depth == d] for d in depths]
    replies_first = [[m for m in mails if m.depth % 2], *([m for m in mails if m.depth == d] for d in depths if d % 2 == 0)]
    for phases in (questions_first, replies_first):
        office = gateway(firm(mails))
        replay = Replay(office)
        for phase in phases:
            replay.phase(phase)
        wrong, opened = judge(mails, replay.states(), phases is questions_first)
        assert wrong == []
        machines = [m.id for m in mails if m.depth % 2 == 0 and m not in opened]
        assert len(machines) <= len(mails) // 50, machines


def test_untouched_every_question_stays_open(gateway, corpus, full):
    files = [p for p in corpus if "spamassassin-public-corpus" in str(p) and "ham" in str(p)]
    mails = [m for m in threads(files, 4000 if full else 150) if m.depth % 2 == 0]
    office = gateway(firm(mails))
    replay = Replay(office)
    replay.phase(mails)
    assert {state for _, state in replay.states().values()} == {"open"}


def ops(office):
    lines = [line for path in office.state.glob("journal/*.jsonl") for line in path.read_text().splitlines()]
    return [op for line in lines for op in json.loads(line).get("ops") or []]


def test_bounces_and_vacation_notes_open_and_answer_nothing(gateway, corpus, full):
    """Under the null return path, as machines write, but as if from a client, and from a lawyer to a client who waits."""
    files = [p for p in corpus if "sisimai-set-of-emails" in str(p) and p.suffix == ".eml"]
    assert len(files) > 700
    office = gateway(firms.aldous())
    milter = MilterClient(office.milter_address)
    ways = [(b"peter@quill.test", "ben@aldous.test", None), (b"ben@aldous.test", "peter@quill.test", "ben@aldous.test")]
    for number, path in enumerate(files if full else files[::4]):
        headers, body = split(path.read_bytes())
        for author, to, login in ways:
            own = [(b"From", b" " + author)] + [(n, v) for n, v in headers if n.lower() != b"from"]
            milter.message("", [to], own, body, login=login, queue_id=f"4S{number}")
    shipped(office, 60)
    assert ops(office) == []
    assert json.loads(office.lexgate("queue", "--json", "--state", "any").stdout) == []
