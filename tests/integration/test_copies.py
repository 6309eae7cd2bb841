# SPDX-License-Identifier: Apache-2.0
"""One message, several copies: who gets which, through a real Postfix; and what happens when one of them cannot be queued."""
import json
import smtplib
import socket

import pytest

import sealfirm
import servers
from letters import ALICE, ask, letter, mark, settle, states, wait_states
from sealfirm import SECRET, by_recipient, opened, wait_for_all

NORA, OLAF, PETRA, BEN, TIDE = "nora@harbour.test", "olaf@harbour.test", "petra@harbour.test", "ben@aldous.test", "ed@tideway.test"
CLEAR_ENDS = (BEN, TIDE)


@pytest.fixture(scope="module")
def firm():
    made = []

    def own_office(conf, **kw):
        made.append(servers.Office(conf, "aldous.test", sealfirm.firms.ALDOUS_LOGINS))
        return made[0]
    try:
        yield sealfirm.make(own_office)
    finally:
        made[0].remove()


def send(office, subject, to, everybody, body=SECRET + "\n", cc=None, **headers):
    message = letter(ALICE, to, subject, body, **headers)
    if cc:
        message["Cc"] = cc
    return message, office.submit("alice@aldous.test", "alice@aldous.test", list(everybody), message.as_bytes())


def assert_nothing_in_clear(office, clear=CLEAR_ENDS):
    for mail in list(office.sink.mails):
        if SECRET.encode() in mail.data:
            assert set(mail.recipients) <= set(clear), mail.recipients


def recorded(office):
    return [json.loads(line) for line in office.lexgate("journal", "search", "--kind", "decision", "--open", check=True).stdout.splitlines()]


def held_of(office):
    return json.loads(office.lexgate("held", "--json").stdout)


def test_colleagues_read_it_clients_decrypt_it_and_a_blind_one_alone(firm):
    everybody = [NORA, OLAF, PETRA, BEN]
    message, (code, text) = send(firm, "settlement", f"{NORA}, {OLAF}", everybody, cc=BEN, X_Lexgate_Copy="send.1.forged")
    assert code == 250, text
    got = wait_for_all(firm, "settlement", everybody)
    assert {address: len(copies) for address, copies in got.items()} == dict.fromkeys(everybody, 1)
    assert SECRET.encode() in got[BEN][0] and got[NORA] == got[OLAF] and got[PETRA] != got[NORA]
    for name in ("nora", "olaf"):
        assert SECRET.encode() in opened(firm, name, got[NORA][0])
    assert opened(firm, "petra", got[NORA][0]) is None and SECRET.encode() in opened(firm, "petra", got[PETRA][0])
    assert opened(firm, "nora", got[PETRA][0]) is None
    for copies in got.values():
        head = copies[0].split(b"\r\n\r\n")[0]
        assert b"\r\nX-Lexgate-Track: " in head and b"X-Lexgate-Copy" not in head and head.count(b"\r\nMessage-ID: ") == 1
        assert mark(message).encode() in head and b".-" not in head.split(b"X-Lexgate-Track:")[1].split(b"\r\n")[0]
    assert all(m.sender == "alice@aldous.test" for m in firm.sink.find(lambda m: m.message["Subject"] == "settlement"))
    assert_nothing_in_clear(firm)


def test_each_blind_recipient_gets_a_copy_of_their_own(firm):
    _, (code, text) = send(firm, "blind", "undisclosed-recipients:;", [NORA, OLAF])
    assert code == 250, text
    got = wait_for_all(firm, "blind", [NORA, OLAF])
    assert SECRET.encode() in opened(firm, "nora", got[NORA][0]) and opened(firm, "olaf", got[NORA][0]) is None
    assert SECRET.encode() in opened(firm, "olaf", got[OLAF][0]) and opened(firm, "nora", got[OLAF][0]) is None
    assert_nothing_in_clear(firm)


def test_who_is_reached_by_verified_tls_gets_it_as_it_is(firm):
    _, (code, text) = send(firm, "by tls", f"{NORA}, {TIDE}", [NORA, TIDE])
    assert code == 250, text
    got = wait_for_all(firm, "by tls", [NORA, TIDE])
    assert SECRET.encode() in got[TIDE][0] and SECRET.encode() in opened(firm, "nora", got[NORA][0])
    entry = next(e for e in recorded(firm) if e["opened"].get("subject") == "by tls")
    assert sorted(entry["reached"]) == [f"{TIDE}: the mail server demands verified TLS (secure match=mx.tideway.test)",
                                        f"{NORA}: the gateway encrypted it with S/MIME"]
    assert ": accept (copies), message-id=" in firm.gateway.text()
    assert_nothing_in_clear(firm)


def test_one_body_for_all_is_no_split(firm):
    before = firm.gateway.text().count("is queued as")
    for subject, to, everybody in (("in place", f"{NORA}, {OLAF}", [NORA, OLAF]), ("clear", BEN, [BEN])):
        assert send(firm, subject, to, everybody)[1][0] == 250
        wait_for_all(firm, subject, everybody)
    assert firm.gateway.text().count("is queued as") == before


def test_where_one_recipient_has_no_way_nobody_gets_anything(firm):
    code, text = send(firm, "refused", NORA, [NORA, BEN, "quentin@harbour.test"])[1]
    assert code == 550 and "quentin@harbour.test" in text
    assert not by_recipient(firm, "refused")


ODD_BODIES = {"dots": ".\n..\n.leading\n\n.\n", "empty": "", "eight bits": "Größe – 12 °C\n", "wide": "x" * 990 + "\n",
              "blank ends": "a  \n\t\n\n\n"}


@pytest.mark.parametrize("what", ODD_BODIES)
def test_a_copy_in_clear_is_what_came_byte_for_byte(firm, what):
    subject = f"odd {what}"
    body = ODD_BODIES[what].encode().replace(b"\n", b"\r\n")
    head = (f"From: {ALICE}\r\nTo: {NORA}\r\nCc: {BEN}\r\nSubject: {subject}\r\nX-Folded: one\r\n\ttwo\r\nMessage-ID: <{hash(what)}@x.test>\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nMime-Version: 1.0 (Mac OS X Mail 16.0 \\(3731.700.6\\))\r\n\r\n").encode()
    code, text = firm.submit("alice@aldous.test", "alice@aldous.test", [NORA, BEN], head + body)
    assert code == 250, text
    got = wait_for_all(firm, subject, [NORA, BEN])
    copy_head, copy_body = got[BEN][0].split(b"\r\n\r\n", 1)
    assert copy_body == body and b"\r\nX-Folded: one\r\n\ttwo\r\n" in copy_head
    assert opened(firm, "nora", got[NORA][0]).endswith(body)


def test_a_reply_in_copies_clears_its_deadline_once(own_office):
    office = sealfirm.make(own_office)
    question = ask(office)
    wait_states(office, ["open"])
    everybody = [NORA, OLAF, BEN]
    assert send(office, "Re: the hearing", NORA, everybody, cc=BEN, References=question["Message-ID"])[1][0] == 250
    wait_for_all(office, "Re: the hearing", everybody)
    settle(office, ["provisional"])
    assert office.lexgate("journal", "verify").returncode == 0


def test_the_listener_for_copies_takes_no_other_mail(firm):
    for headers in ({}, {"X_Lexgate_Copy": "send.1999999999.aaaaaaaaaaaaaaaaaaaaaaaa"}):
        with smtplib.SMTP("127.0.0.1", firm.postfix.reentry, timeout=servers.HANGS) as smtp:
            smtp.ehlo("x.test")
            message = letter(ALICE, NORA, "by the back door", SECRET + "\n", **headers)
            code, text = servers.transaction(smtp, "alice@aldous.test", NORA, message.as_bytes())
        assert code == 451 and "gateway itself" in text
    assert not by_recipient(firm, "by the back door")


COPIES = {"redirect": 'redirect = ["guard@else.test"]', "copy_to": 'copy_to = ["guard@else.test"]'}


@pytest.mark.parametrize("what", COPIES)
def test_whom_a_rule_adds_outside_needs_a_way_like_any_recipient(own_office, what):
    conf = sealfirm.conf()
    rule = f'{{ id = "guard"; when: {{ direction = "outgoing"; subject = "guarded"; }}; {COPIES[what]}; }}, '
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", "rules: (" + rule, 1)
    office = sealfirm.make(own_office, conf=conf)
    for everybody in ([NORA], [NORA, BEN], [TIDE]):
        code, text = send(office, "guarded", everybody[0], everybody)[1]
        assert code == 550 and "Recipients concerned: guard@else.test." in text, text
        assert everybody[0] not in text and "take these recipients off" not in text, "a recipient is blamed: " + text
    office.postfix.wait_empty()
    assert not office.sink.mails


# ---- When a copy cannot be queued ----


class Fussy(servers.Sink):
    """Takes copies in the place of the MTA, but for some recipients."""

    def __init__(self):
        super().__init__()
        self.refused = {}  # address → answer

    async def _talk(self, reader, writer):
        real = writer.write

        def write(data):
            real(self.answer or data)
        self.answer = None
        writer.write = write
        await super()._talk(_Watched(reader, self), writer)


class _Watched:
    def __init__(self, reader, sink):
        self.reader, self.sink = reader, sink

    async def readline(self):
        line = await self.reader.readline()
        self.sink.answer = next((answer for address, answer in self.sink.refused.items()
                                 if line[:4].upper() == b"RCPT" and address.encode() in line), None)
        return line


@pytest.fixture
def fussy(own_office):
    relay = Fussy().start()
    conf = sealfirm.conf()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("@REENTRY@", f"127.0.0.1:{relay.port}")
    office = sealfirm.make(own_office, conf=conf)
    office.copies = relay
    yield office
    relay.stop()


def counted(office):
    return sorted(r for m in office.copies.mails for r in m.recipients)


@pytest.mark.parametrize("restart", [False, True], ids=["at once", "after a restart"])
def test_a_message_that_comes_again_brings_only_the_copies_that_are_missing(fussy, restart):
    everybody = [NORA, OLAF, PETRA, BEN]
    fussy.copies.refused = {PETRA: b"450 4.2.0 later\r\n"}
    message, (code, text) = send(fussy, "again", f"{NORA}, {OLAF}", everybody, cc=BEN)
    assert code == 451 and "copies" in text
    assert counted(fussy) == sorted([NORA, OLAF, BEN])
    for _ in range(2):
        assert fussy.submit("alice@aldous.test", "alice@aldous.test", everybody, message.as_bytes())[0] == 451
    if restart:
        fussy.gateway.stop()
        fussy.start_gateway()
    fussy.copies.refused = {}
    assert fussy.submit("alice@aldous.test", "alice@aldous.test", everybody, message.as_bytes())[0] == 250
    assert counted(fussy) == sorted(everybody)
    # It is done: the same again is another message.
    assert fussy.submit("alice@aldous.test", "alice@aldous.test", everybody, message.as_bytes())[0] == 250
    assert counted(fussy) == sorted(everybody * 2)
    assert not fussy.sink.mails, "nothing but the copies"


def test_what_the_mta_refuses_is_refused_while_nobody_has_a_copy_and_deferred_after(fussy):
    fussy.copies.refused = {BEN: b"550 5.1.1 no such person\r\n"}
    code, text = send(fussy, "first", NORA, [NORA, BEN], cc=BEN)[1]
    assert code == 554 and BEN in text and NORA not in text and not counted(fussy)
    fussy.copies.refused = {NORA: b"550 5.1.1 no such person\r\n"}
    assert send(fussy, "second", NORA, [NORA, BEN], cc=BEN)[1][0] == 451 and counted(fussy) == [BEN]
    assert not fussy.sink.mails
    first, second = recorded(fussy)
    assert (first["action"], first["code"], len(first["copies"])) == ("reject", 554, 0)
    assert first["opened"]["reached"] == [] and first["opened"]["unsent"] == [BEN] and "no such person" in first["opened"]["failure"]
    assert (second["action"], second["code"], len(second["copies"])) == ("defer", 451, 1)
    assert second["opened"]["reached"] == [BEN] and second["opened"]["unsent"] == [NORA] and "ways" not in second


def test_a_message_that_is_refused_when_it_comes_again_says_who_has_it(fussy):
    everybody = [NORA, OLAF, PETRA, BEN]
    fussy.copies.refused = {PETRA: b"450 4.2.0 later\r\n"}
    message, (code, _) = send(fussy, "in two halves", f"{NORA}, {OLAF}", everybody, cc=BEN)
    assert code == 451
    for path in (fussy.conf_dir / "certs").glob("petra*"):
        path.unlink()
    fussy.gateway.stop()
    fussy.start_gateway()
    code, text = fussy.submit("alice@aldous.test", "alice@aldous.test", everybody, message.as_bytes())
    assert code == 550 and "Recipients concerned: petra@harbour.test" in text and "nothing was sent" not in text, text
    already = text.split("when it came before: ")[1].split(". Nothing was sent to anybody else")[0]
    assert sorted(already.split(", ")) == counted(fussy) == sorted([NORA, OLAF, BEN])
    refused = recorded(fussy)[-1]
    assert refused["action"] == "reject" and sorted(refused["opened"]["reached"]) == counted(fussy)


def test_a_mark_is_good_for_its_copy_on_its_listener_alone(fussy):
    """The copy as it is submitted, given to a Postfix that knows the keys."""
    assert send(fussy, "marked", NORA, [NORA, BEN], cc=BEN)[1][0] == 250
    clear = next(m.data for m in fussy.copies.mails if m.recipients == [BEN])
    assert clear.startswith(b"X-Lexgate-Copy: send.")

    def give(port, data, recipients):
        with smtplib.SMTP("127.0.0.1", port, timeout=servers.HANGS) as smtp:
            smtp.ehlo("x.test")
            return servers.transaction(smtp, "alice@aldous.test", recipients, data)[0]
    reentry = fussy.postfix.reentry
    assert give(reentry, clear, [NORA]) == 451, "another recipient"
    assert give(reentry, clear, [BEN, NORA]) == 451, "one more"
    assert give(reentry, clear.replace(b"1,250,000", b"9,250,000"), [BEN]) == 451
    assert give(reentry, clear.replace(b"Subject: marked", b"Subject: forged"), [BEN]) == 451
    assert give(fussy.postfix.smtp, clear, [NORA]) in (250, 550), "judged as any mail"
    assert not fussy.sink.find(lambda m: m.recipients == [NORA] and SECRET.encode() in m.data)
    assert give(reentry, clear, [BEN]) == 250 and give(reentry, clear, [BEN]) == 250, "as often as it comes"
    got = fussy.sink.wait(lambda m: m.recipients == [BEN] and b"Subject: marked" in m.data, 2)
    assert all(b"X-Lexgate-Copy" not in m.data for m in got)


def test_without_the_listener_mail_that_needs_copies_waits_and_other_mail_passes(own_office):
    conf = sealfirm.conf()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("@REENTRY@", f"127.0.0.1:{servers.free_port()}")
    office = sealfirm.make(own_office, conf=conf)
    assert send(office, "waits", NORA, [NORA, BEN], cc=BEN)[1][0] == 451
    assert send(office, "passes", NORA, [NORA])[1][0] == 250
    wait_for_all(office, "passes", [NORA])
    assert not by_recipient(office, "waits")
    assert "smtp.reentry" in office.gateway.text() and "postfix-recipe" in office.gateway.text()


def test_a_listener_that_says_nothing_is_waited_for_only_so_long(own_office):
    conf = sealfirm.conf()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        conf["lexgate.conf"] = conf["lexgate.conf"].replace("@REENTRY@", f"127.0.0.1:{listener.getsockname()[1]}")
        conf["lexgate.conf"] = conf["lexgate.conf"].replace('from = "deadlines@aldous.test";', 'from = "deadlines@aldous.test"; timeout = "2s";')
        office = sealfirm.make(own_office, conf=conf)
        assert send(office, "mute", NORA, [NORA, BEN], cc=BEN)[1][0] == 451
    assert not office.sink.mails


# ---- Held ----


@pytest.mark.parametrize("act", ["release", "refuse"])
def test_held_copies_wait_in_their_final_form_and_go_or_end_together(own_office, act):
    office = sealfirm.make(own_office)
    everybody = [NORA, PETRA, BEN]
    _, (code, text) = send(office, "bank details", NORA, everybody, cc=BEN)
    assert code == 250, text
    servers.wait_for(lambda: held_of(office), what="the record")
    record = held_of(office)[0]
    on_hold = {m["queue_id"]: [r["address"] for r in m["recipients"]] for m in office.postfix.queue_listing() if m["queue_name"] == "hold"}
    assert set(record["copies"]) == set(on_hold) and record["in_queue"]
    assert sorted(sum(on_hold.values(), [])) == sorted(everybody)
    for queue_id, recipients in on_hold.items():
        text = servers.run("postcat", "-c", office.postfix.config, "-q", queue_id).stdout
        assert (SECRET in text) == (recipients == [BEN]), "encrypted before it is put on hold"
    done = office.lexgate(act, record["queue_id"], "--by", "mara@aldous.test")
    assert done.returncode == 0, done.stderr
    if act == "release":
        got = wait_for_all(office, "bank details", everybody)
        assert SECRET.encode() in opened(office, "petra", got[PETRA][0])
    office.postfix.wait_empty()
    assert (set(by_recipient(office, "bank details")) == set(everybody)) == (act == "release")
    servers.wait_for(lambda: not held_of(office), what="the record to go")
    assert not office.postfix.queue_listing()
    assert_nothing_in_clear(office)


def half_held(own_office):
    """(office, message, recipients): the copy for Petra could not be queued, the others are on hold."""
    office = sealfirm.make(own_office)
    # Where several stand in an envelope, as at first, Postfix looks at none of them.
    office.postfix.reload(smtpd_data_restrictions="check_recipient_access inline:{{petra@harbour.test=450 4.2.0 later}}")
    everybody = [NORA, PETRA, BEN]
    message, (code, text) = send(office, "bank details", NORA, everybody, cc=BEN)
    assert code == 451 and "copies" in text, text
    return office, message, everybody


def on_hold(office):
    return sorted(r["address"] for m in office.postfix.queue_listing() if m["queue_name"] == "hold" for r in m["recipients"])


@pytest.mark.parametrize("act", ["release", "refuse"])
def test_copies_on_hold_of_a_split_that_stopped_half_way_are_listed_and_go_or_end(own_office, act):
    office, message, everybody = half_held(own_office)
    servers.wait_for(lambda: [h for h in held_of(office) if h["to"]], what="the record of a part")
    part, = held_of(office)
    assert part["partly"] is True and part["in_queue"] and sorted(part["to"]) == on_hold(office) == sorted([NORA, BEN]), part
    assert part["subject"] == "bank details" and part["sender"] == "alice@aldous.test" and part["in_clear"] == "no"
    shown = office.lexgate("held")
    assert "a part of its recipients" in shown.stdout and "not by Lexgate" not in shown.stderr, shown
    done = office.lexgate(act, part["queue_id"], "--by", "mara@aldous.test")
    assert done.returncode == 0, done.stderr
    office.postfix.wait_empty()
    servers.wait_for(lambda: not held_of(office), what="the record to go")
    assert not on_hold(office) and set(by_recipient(office, "bank details")) == (set([NORA, BEN]) if act == "release" else set())


def test_a_held_split_that_comes_to_its_end_is_one_record_with_all_its_copies(own_office):
    office, message, everybody = half_held(own_office)
    servers.wait_for(lambda: held_of(office), what="the record of a part")
    assert office.submit("alice@aldous.test", "alice@aldous.test", everybody, message.as_bytes())[0] == 451
    office.postfix.reload(smtpd_data_restrictions="permit")
    assert office.submit("alice@aldous.test", "alice@aldous.test", everybody, message.as_bytes())[0] == 250
    servers.wait_for(lambda: held_of(office) and not held_of(office)[0]["partly"], what="the record of the whole")
    whole, = held_of(office)
    assert len(whole["copies"]) == 3 and sorted(whole["to"]) == on_hold(office) == sorted(everybody)
    assert office.lexgate("release", whole["queue_id"], "--by", "mara@aldous.test").returncode == 0
    assert {address: len(copies) for address, copies in wait_for_all(office, "bank details", everybody).items()} == dict.fromkeys(everybody, 1)
    servers.wait_for(lambda: not held_of(office), what="the record to go")
    assert office.lexgate("journal", "verify").returncode == 0
