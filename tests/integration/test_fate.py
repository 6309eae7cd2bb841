# SPDX-License-Identifier: Apache-2.0
"""Decided is not sent: what the mail server makes of a reply decides what becomes of the question."""
import json
import time

import fatelab
import servers
from fatelab import deadline_of, postsuper, queue_id_of, state_of, states_of
from letters import BEN, letter, mark

REFUSE, LATER = b"550 5.1.1 nobody of that name", b"451 4.2.0 come again"

# What is done with a reply to NAME@birch.test, and how its deadline ends. `sink`: what the client's server says.
TABLE = [
    # name        sink    subject         then                                         ends
    ("sent",      None,   "Answer",       None,                                        "answered"),
    ("bounced",   REFUSE, "Answer",       None,                                        "open"),
    ("deferred",  LATER,  "Answer",       "the server takes it",                       "answered"),
    ("waiting",   LATER,  "Answer",       None,                                        "provisional"),
    ("thrown",    LATER,  "Answer",       "postsuper -d",                              "open"),
    ("expired",   LATER,  "Answer",       "postsuper -e",                              "open"),
    ("requeued",  LATER,  "Answer",       "postsuper -r, the server takes it",         "answered"),
    ("onhold",    LATER,  "Answer",       "postsuper -h, -H, the server takes it",     "answered"),
    ("refused",   None,   "Answer",       "a later milter refuses it",                 "open"),
    ("held",      None,   "bank details", "postsuper -H",                              "answered"),
    ("heldbad",   REFUSE, "bank details", "postsuper -H",                              "open"),
    ("helddrop",  None,   "bank details", "postsuper -d",                              "open"),
    ("alias",     None,   "Answer",       "an alias takes it to somebody else",        "answered"),
    ("aliasbad",  None,   "Answer",       "an alias takes it to somebody who bounces", "open"),
    ("forward",   None,   "Answer",       "forwarded under another queue id",          "answered"),
    ("forwardbad", None,  "Answer",       "forwarded under another queue id, bounces", "open"),
]


def address_of(name):
    return f"{name}@local.birch.test" if name.startswith("forward") else f"{name}@birch.test"


def start_two(own_office, later):
    """Two gateways of one firm, each with its own Postfix, on one Redis."""
    one = own_office(fatelab.conf(), start=False)
    one.postfix.settings.update({
        "smtpd_milters": f"{one.postfix.milter}, {later.place}", "mydestination": "local.birch.test", "local_transport": "local",
        "local_recipient_maps": "", "alias_maps": "inline:{ {forward=far@elsewhere.test}, {forwardbad=gone@elsewhere.test} }",
        "virtual_alias_maps": "inline:{ {alias@birch.test=far@elsewhere.test}, {aliasbad@birch.test=gone@elsewhere.test} }"})
    one.start()
    servers.run("postconf", "-c", one.postfix.config, "-M", "local/unix=local unix - n n - - local")
    servers.run("postfix", "-c", one.postfix.config, "reload")
    two_conf = fatelab.conf()
    two_conf["conf.d/keys.conf"] = f'paths: {{ keys = "{one.state}/keys"; }};\n'
    two = own_office(two_conf, start=False)
    two.redis = one.redis
    two.write_conf(two_conf)
    two.sink.start()
    two.start_gateway()
    two.postfix.start(two.logins)
    return one, two


def act(office, later, name, then):
    """What is done once the gateway has let the reply pass."""
    if "the server takes it" in then or "postsuper" in then:
        queue_id = queue_id_of(office, address_of(name), "hold" if name.startswith("held") else "deferred")
        if "the server takes it" in then:
            office.sink.answers.pop(address_of(name))
        for option in ("-h", "-d", "-e", "-r", "-H"):
            if f"{option}" in then.replace(",", " ").split():
                postsuper(office, option, queue_id)
        if "-r" in then:
            servers.run("postkick", "-c", office.postfix.config, "public", "pickup", "W")  # else it looks once a minute


def test_deadlines_end_as_the_table_says(own_office):
    later = fatelab.LaterMilter()
    one, two = start_two(own_office, later)
    later.refused = {"refused@birch.test"}
    one.sink.answers["gone@elsewhere.test"] = REFUSE
    deadlines = {}
    for name, sink, *_ in TABLE:
        question = letter(f"Client <{address_of(name)}>", BEN, f"Question {name}")
        code, said = two.receive(address_of(name), "ben@aldous.test", question.as_bytes())
        assert code == 250, said
        deadlines[name] = (question, deadline_of(two, question))
        if sink:
            one.sink.answers[address_of(name)] = sink
    servers.wait_for(lambda: len(states_of(one)) == len(TABLE), 20, "the deadlines", 0.2)
    for name, _, subject, _, _ in TABLE:
        reply = letter(BEN, address_of(name), subject, "In May.\n", References=deadlines[name][0]["Message-ID"])
        code, said = one.submit("ben@aldous.test", "ben@aldous.test", address_of(name), reply.as_bytes())
        assert code == (550 if name == "refused" else 250), (name, said)
    for name, _, _, then, _ in TABLE:
        act(one, later, name, then or "")
    wanted = {name: row[-1] for name, *row in TABLE}

    def wrong():
        now = states_of(one)
        return {name: now.get(deadline) for name, (_, deadline) in deadlines.items() if now.get(deadline) != wanted[name]}
    try:
        servers.wait_for(lambda: not wrong(), 30, "the deadlines to end", 0.5)
    except TimeoutError:
        raise AssertionError(f"not as the table says: {wrong()}") from None
    time.sleep(1)
    assert not wrong(), "and stay so"
    for name, says in (("bounced", "bounced at"), ("sent", "sent at"), ("refused", "never taken"), ("thrown", "thrown away")):
        lines = fatelab.shown(one, deadlines[name][1])["replies"]
        assert any(line.startswith(says) for line in lines), (name, lines)
    bounced = one.lexgate("show", deadlines["bounced"][1]).stdout
    assert "nobody of that name" in bounced and "bounced@birch.test" in bounced
    assert not json.loads(one.lexgate("held", "--json").stdout), "nothing is held any more"
    servers.wait_for(lambda: {"deferred", "deferred-sent"} <= {
        json.loads(line)["kind"] for line in one.lexgate("journal", "search").stdout.splitlines()}, 20, "the delay to be told", 0.3)
    told = one.sink.wait(lambda m: b"has not arrived yet" in m.data)
    assert all(m.recipients == ["ben@aldous.test"] for m in told), "who wrote what waits is told"
    assert len({m.message["Subject"] for m in told}) == len(told), "once"
    journal = one.lexgate("journal", "search", "--open", check=True).stdout
    kinds = {json.loads(line)["kind"] for line in journal.splitlines()}
    assert {"queued", "sent", "bounced", "expired", "removed", "unqueued", "released", "deferred", "deferred-sent"} <= kinds
    assert one.lexgate("journal", "verify").returncode == 0
    later.stop()


def test_of_a_reply_to_two_clients_only_the_bounced_one_is_open_again(own_office):
    office = own_office(fatelab.conf())
    questions = {}
    for sender in ("peter@quill.test", "pat@birch.test"):
        questions[sender] = letter(f"Client <{sender}>", BEN, "When?", References="<shared@thread.test>")
        assert office.receive(sender, "ben@aldous.test", questions[sender].as_bytes())[0] == 250
    deadlines = {sender: deadline_of(office, q) for sender, q in questions.items()}
    servers.wait_for(lambda: len(states_of(office)) == 2, 20, "the deadlines", 0.1)
    office.sink.answers["pat@birch.test"] = REFUSE
    reply = letter(BEN, ", ".join(questions), "Re: When?", "In May.\n", References=" ".join(q["Message-ID"] for q in questions.values()))
    assert office.submit("ben@aldous.test", "ben@aldous.test", list(questions), reply.as_bytes())[0] == 250
    servers.wait_for(lambda: state_of(office, deadlines["peter@quill.test"]) == "answered", 20, "one to be answered", 0.1)
    servers.wait_for(lambda: state_of(office, deadlines["pat@birch.test"]) == "open", 20, "one to be open", 0.1)
    assert office.sink.find(lambda m: mark(reply).encode() in m.data)


def test_a_front_that_was_away_reads_on_through_a_rotation(own_office):
    office = own_office(fatelab.conf())
    question = letter("Client <away@birch.test>", BEN, "When?")
    assert office.receive("away@birch.test", "ben@aldous.test", question.as_bytes())[0] == 250
    deadline = deadline_of(office, question)
    office.sink.answers["away@birch.test"] = LATER
    reply = letter(BEN, "away@birch.test", "Re: When?", "In May.\n", References=question["Message-ID"])
    assert office.submit("ben@aldous.test", "ben@aldous.test", "away@birch.test", reply.as_bytes())[0] == 250
    servers.wait_for(lambda: '"kind":"queued"' in office.lexgate("journal", "search").stdout, 20, "the reply in the queue", 0.2)
    office.gateway.stop()
    office.sink.answers.clear()
    office.sink.wait(lambda m: mark(reply).encode() in m.data)
    office.postfix.log.rename(office.postfix.log.with_suffix(".log.1"))
    servers.run("postfix", "-c", office.postfix.config, "reload")
    office.start_gateway()
    servers.wait_for(lambda: state_of(office, deadline) == "answered", 20, "the answer to be final", 0.2)


def report(track, recipient, action="failed", whole=False):
    returned = f"From: ben@aldous.test\r\nX-Lexgate-Track: {track}\r\nMessage-ID: <x@aldous.test>\r\n"
    body = (f"--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.birch.test\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: 5.2.2\r\n"
            f"Diagnostic-Code: smtp; 552 5.2.2 mailbox full\r\n\r\n--b\r\n")
    body += f"Content-Type: message/rfc822\r\n\r\n{returned}\r\nIn May.\r\n" if whole else f"Content-Type: text/rfc822-headers\r\n\r\n{returned}"
    return (f"From: Mail Delivery System <mailer-daemon@birch.test>\r\nTo: ben@aldous.test\r\nSubject: Undelivered\r\nMessage-ID: <{time.time()}@birch.test>\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n{body}\r\n--b--\r\n").encode()


def test_a_report_by_mail_opens_again_what_it_proves_to_be_about(own_office):
    office = own_office(fatelab.conf())
    other = {}
    for name in ("full", "rfc"):
        question = letter(f"Client <{name}@birch.test>", BEN, "When?")
        assert office.receive(f"{name}@birch.test", "ben@aldous.test", question.as_bytes())[0] == 250
        deadline = deadline_of(office, question)
        servers.wait_for(lambda: deadline in states_of(office), 20, "the deadline", 0.1)
        reply = letter(BEN, f"{name}@birch.test", "Re: When?", "In May.\n", References=question["Message-ID"])
        assert office.submit("ben@aldous.test", "ben@aldous.test", f"{name}@birch.test", reply.as_bytes())[0] == 250
        sent, = office.sink.wait(lambda m: mark(reply).encode() in m.data)
        other[name] = (deadline, str(sent.message["X-Lexgate-Track"]).strip())
    servers.wait_for(lambda: set(states_of(office).values()) == {"answered"}, 20, "the answers to be final", 0.1)
    deadline, track = other["full"]
    forged = track[:-1] + ("a" if track[-1] != "a" else "b")
    for made in (report(forged, "full@birch.test"), report(track, "rfc@birch.test"), report(track, "peter@quill.test"),
                 report(track, "full@birch.test", action="delayed"), report("", "full@birch.test"), report("x.y", "full@birch.test")):
        assert office.receive("", "ben@aldous.test", made)[0] == 250
    time.sleep(2)
    assert set(states_of(office).values()) == {"answered"}, "nothing follows from what is forged"
    assert office.receive("", "ben@aldous.test", report(track, "full@birch.test"))[0] == 250
    servers.wait_for(lambda: state_of(office, deadline) == "open", 20, "the question to be open again", 0.1)
    assert any(line.startswith("bounced, says a report by mail, for full@birch.test") for line in fatelab.shown(office, deadline)["replies"])
    deadline, track = other["rfc"]
    assert state_of(office, deadline) == "answered"
    assert office.receive("", "ben@aldous.test", report(track, "RFC@birch.test", whole=True))[0] == 250
    servers.wait_for(lambda: state_of(office, deadline) == "open", 20, "the question to be open again", 0.1)
