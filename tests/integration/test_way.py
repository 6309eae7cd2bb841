# SPDX-License-Identifier: Apache-2.0
"""The way of a message through a real Postfix: what is refused, what passes, what is owed."""
import datetime
import email.utils
import json
import subprocess

import pytest

import servers
from letters import ALICE, BEN, NORA, PETER, WALTER, ask, certificate, deadlines, encrypted, letter, mark, reply, shipped


LATER = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)).strftime("%Y-%m-%dT09:00:00Z")


@pytest.fixture
def clean(office):
    """Every test counts deadlines from zero: its own are the only open ones."""
    shipped(office)
    for d in deadlines(office):
        if d["state"] in ("open", "snoozed", "provisional"):
            office.lexgate("close", d["id"], "--by", "mara@aldous.test", "--note", "test", check=True)
    servers.wait_for(lambda: not [d for d in deadlines(office) if d["state"] in ("open", "snoozed", "provisional")], what="a clean desk")
    office.before = {d["id"] for d in deadlines(office)}
    return office


def fresh(office, client=None):
    return [d for d in deadlines(office, client) if d["id"] not in office.before]


def settled(office, expected, client=None):
    servers.wait_for(lambda: sorted(d["state"] for d in fresh(office, client)) == expected, 15, f"{expected}, not {fresh(office, client)}", 0.1)


def test_confidential_plaintext_is_refused_and_the_reply_says_what_to_do(clean):
    code, text = clean.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", letter(ALICE, NORA).as_bytes())
    assert code == 550 and text.count("\n") >= 3, text
    for word in ("2026-0117", "confidential", "nora@harbour.test", "4.2", "https://intranet.aldous.test/mail"):
        assert word in text, text
    assert "encrypt" in text.lower()
    assert not clean.sink.find(lambda m: b"2026-0117" in m.data and m.recipients == ["nora@harbour.test"])


def test_a_genuine_cms_envelope_for_the_clients_certificate_passes(own_office):
    office = own_office(start=False)
    good = certificate(office.conf_dir / "certs")
    other = certificate(office.folder / "elsewhere", "eve@elsewhere.test", "eve")
    office.start()
    message, its_mark = encrypted(good)
    assert office.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", message)[0] == 250
    got = office.sink.wait(lambda m: its_mark.encode() in m.data)[0]
    opened = subprocess.run(["openssl", "cms", "-decrypt", "-inkey", office.conf_dir / "nora.key"], input=got.data, capture_output=True)
    assert b"the secret words" in opened.stdout, opened.stderr
    assert b"the secret words" not in got.data
    wrong, _ = encrypted(other)
    assert office.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", wrong)[0] == 550, "another person's envelope"


def test_a_running_gateway_takes_a_certificate_at_a_reload_and_loses_it_at_the_next(own_office):
    office = own_office()
    good = certificate(office.folder / "elsewhere")
    message, _ = encrypted(good)

    def for_nora(m):
        return m.recipients == ["nora@harbour.test"]

    assert office.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", message)[0] == 250, "held: nobody knows whose it is"
    assert not office.sink.find(for_nora)

    def held():
        return len(json.loads(office.lexgate("held", "--json").stdout))

    def send():
        return office.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", encrypted(good)[0])[0] == 250

    # The judges that run answer until their successors are ready, so more than one may be sent.
    office.lexgate("cert", "import", good, check=True)
    office.gateway.reload()
    servers.wait_for(lambda: send() and office.sink.find(for_nora), what="one that passes", every=0.3)
    before = held()
    office.lexgate("cert", "remove", "nora@harbour.test", check=True)
    office.gateway.reload()
    servers.wait_for(lambda: send() and held() > before, what="one that is held", every=0.3)


def test_a_foreign_matters_tag_does_not_lower_the_level(clean):
    message = letter(ALICE, NORA, "[2026-0201] about the lease")
    assert clean.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", message.as_bytes())[0] == 550


def test_a_harmless_matter_leaves_in_clear_with_its_track_and_without_internal_headers(clean):
    message = letter(BEN, PETER, "the lease", X_Lexgate_Decision="accept; mine", X_Matter="2026-0201")
    code, text = clean.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())
    assert code == 250, text
    got = clean.sink.wait(lambda m: mark(message).encode() in m.data)[0].message
    assert got["X-Lexgate-Decision"] is None and got["X-Matter"] is None
    track = got["X-Lexgate-Track"]
    assert track and "." in track and not track.endswith(".-")


@pytest.mark.parametrize("sender,login,recipients", [
    (WALTER, "walter@aldous.test", ["nora@harbour.test"]),
    (BEN, "ben@aldous.test", ["walter@aldous.test", "nora@harbour.test"]),
])
def test_nobody_writes_across_the_wall(clean, sender, login, recipients):
    message = letter(sender, ", ".join(recipients), "[2026-0117] between us")
    code, text = clean.submit(login, login, recipients, message.as_bytes())
    assert code == 550, text


def test_a_client_who_writes_to_a_walled_off_lawyer_is_refused_without_reasons(clean):
    code, text = clean.receive("nora@harbour.test", "walter@aldous.test", letter(NORA, WALTER).as_bytes())
    assert code == 550 and "wall" not in text.lower() and "2026-0117" not in text


def test_a_question_opens_one_deadline_its_repeat_none_and_a_reply_from_a_phone_clears_it(clean):
    question = ask(clean, PETER, BEN)
    settled(clean, ["open"])
    clean.receive("peter@quill.test", "ben@aldous.test", question.as_bytes())
    clean.sink.wait(lambda m: mark(question).encode() in m.data, count=2)
    settled(clean, ["open"])
    one = fresh(clean)[0]
    assert (one["client"], one["matter"], one["owner"]) == ("quill", "2026-0201", "ben@aldous.test")
    phone = letter(BEN, PETER, "sent from my phone", "May.\n", References=question["Message-ID"])
    assert clean.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", phone.as_bytes())[0] == 250
    settled(clean, ["provisional"])


def test_the_delivered_question_says_when_the_answer_is_due(clean):
    question = ask(clean, PETER, BEN)
    got = clean.sink.wait(lambda m: mark(question).encode() in m.data)[0].message
    assert got["X-Lexgate-Matter"] == "2026-0201"
    assert "; due=20" in got["X-Lexgate-Deadline"] and got["Reply-By"] and got["X-Message-Flag"]
    assert got["X-Lexgate-Decision"].startswith("accept; policy=2026.11; rules=") and got["X-Firm-Origin"] == "outside"
    assert email.utils.parsedate_to_datetime(got["Reply-By"])


def test_vacation_and_refused_replies_clear_nothing(clean):
    question = ask(clean)
    settled(clean, ["open"])
    other = ask(clean, PETER, BEN)
    settled(clean, ["open", "open"])
    _, (code, _) = reply(clean, other, BEN, PETER, "ben@aldous.test", Auto_Submitted="auto-replied; vacation")
    assert code == 250
    _, (code, _) = reply(clean, question)  # in clear: refused
    assert code == 550
    settle_fresh(clean, ["open", "open"])


def settle_fresh(office, expected):
    import time
    settled(office, expected)
    time.sleep(1)
    assert sorted(d["state"] for d in fresh(office)) == expected


def test_a_reply_under_the_lawyers_from_without_login_clears_nothing(clean):
    question = ask(clean, PETER, BEN)
    settled(clean, ["open"])
    forged = letter(BEN, PETER, "Re: it", "no\n", References=question["Message-ID"])
    clean.receive("ben@aldous.test", "peter@quill.test", forged.as_bytes())
    settle_fresh(clean, ["open"])


def test_an_assistant_answers_for_the_lawyer_and_a_stranger_with_a_login_does_not(clean):
    question = ask(clean, "Peter Quill <peter@quill.test>", BEN)
    settled(clean, ["open"])
    _, (code, _) = reply(clean, question, BEN, PETER, "walter@aldous.test")  # Walter's login under Ben's From
    settle_fresh(clean, ["open"])
    _, (code, _) = reply(clean, question, "Carla Mendes <carla@aldous.test>", PETER, "carla@aldous.test")
    assert code == 250
    settled(clean, ["provisional"])


def held_of(office, message):
    """The held mail with this message's subject, once it is in the list."""
    return servers.wait_for(lambda: [h for h in json.loads(office.lexgate("held", "--json").stdout) if h["subject"] == message["Subject"]],
                            what="held mail")


def test_held_mail_waits_the_sender_hears_and_the_released_reply_clears(clean):
    question = ask(clean, PETER, BEN)
    settled(clean, ["open"])
    message = letter(BEN, PETER, "Bank details", "Pay to …\n", References=question["Message-ID"])
    assert clean.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())[0] == 250
    held = held_of(clean, message)
    assert len(held) == 1 and held[0]["from"] == "ben@aldous.test"
    notice = clean.sink.wait(lambda m: m.recipients == ["ben@aldous.test"] and m.sender != "peter@quill.test")[-1]
    assert "release" in notice.message.get_body().get_content() and "Sam" in notice.message.get_body().get_content()
    settle_fresh(clean, ["open"])
    done = clean.lexgate("release", held[0]["queue_id"], "--by", "sam@aldous.test")
    assert done.returncode == 0, done.stderr
    clean.sink.wait(lambda m: mark(message).encode() in m.data)
    settled(clean, ["provisional"])


def test_refused_held_mail_is_gone_and_the_sender_hears_why(clean):
    message = letter(BEN, PETER, "Bank details again", "Pay to …\n")
    assert clean.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())[0] == 250
    held = held_of(clean, message)
    done = clean.lexgate("refuse", held[0]["queue_id"], "--by", "sam@aldous.test", "--note", "wrong account")
    assert done.returncode == 0, done.stderr
    clean.sink.wait(lambda m: m.recipients == ["ben@aldous.test"] and b"wrong account" in m.data)
    assert held[0]["queue_id"] not in clean.lexgate("held", "--json").stdout
    assert not clean.sink.find(lambda m: mark(message).encode() in m.data and m.recipients == ["peter@quill.test"])


def test_forged_headers_are_gone_and_an_outsiders_refusal_tells_nothing(clean):
    message = letter("Eve <eve@elsewhere.test>", ALICE, "hi", X_Lexgate_Track="a.b", X_Lexgate_Matter="2026-0117", X_Lexgate_Deadline="x")
    message["X-LEXGATE-decision"] = "reject"
    clean.receive("eve@elsewhere.test", "alice@aldous.test", message.as_bytes())
    got = clean.sink.wait(lambda m: mark(message).encode() in m.data)[0].message
    assert got["X-Lexgate-Track"] is None and got["X-Lexgate-Matter"] is None and got["X-Lexgate-Deadline"] is None
    assert [v for v in got.get_all("X-Lexgate-Decision", []) if v == "reject"] == []
    forged = letter(ALICE, NORA, "[2026-0117] hello")
    code, text = clean.receive("alice@aldous.test", "nora@harbour.test", forged.as_bytes())
    assert code == 550
    for secret in ("2026-0117", "confidential", "4.2", "nora@harbour.test", "wall", "harbour"):
        assert secret not in text.lower()


def test_leading_spaces_of_headers_are_kept_exactly(clean):
    message = letter("Eve <eve@elsewhere.test>", ALICE)
    raw = b"X-Tight:no space\r\nX-Wide:   three\r\nX-Folded: a\r\n\tb\r\n" + message.as_bytes()
    clean.receive("eve@elsewhere.test", "alice@aldous.test", raw)
    data = clean.sink.wait(lambda m: mark(message).encode() in m.data)[0].data
    for line in (b"X-Tight:no space\r\n", b"X-Wide:   three\r\n", b"X-Folded: a\r\n\tb\r\n"):
        assert line in data
    assert b"X-Lexgate-Decision: accept" in data


def test_acts_at_the_prompt_change_the_deadline_and_are_journalled(clean):
    ask(clean, PETER, BEN)
    settled(clean, ["open"])
    one = fresh(clean)[0]["id"]
    assert clean.lexgate("assign", one, "alice@aldous.test", "--by", "ben@aldous.test").returncode == 0
    servers.wait_for(lambda: fresh(clean)[0]["owner"] == "alice@aldous.test", what="the new owner")
    assert clean.lexgate("snooze", one, "--until", LATER, "--by", "alice@aldous.test").returncode == 0
    settled(clean, ["snoozed"])
    assert clean.lexgate("answer", one, "--by", "alice@aldous.test", "--note", "by telephone").returncode == 0
    settled(clean, ["answered"])
    again = clean.lexgate("snooze", one, "--until", LATER, "--by", "alice@aldous.test")
    assert again.returncode != 0 and len(again.stderr.strip().splitlines()) == 1
    assert "lexgate reopen" in again.stderr
    assert clean.lexgate("reopen", one, "--by", "alice@aldous.test").returncode == 0
    settled(clean, ["open"])
    assert clean.lexgate("priority", one, "7", "--by", "alice@aldous.test").returncode == 0
    assert clean.lexgate("priority", one, "high", "--by", "alice@aldous.test").returncode == 2
    assert clean.lexgate("merge", one, one, "--by", "alice@aldous.test").returncode == 1
    assert clean.lexgate("close", one, "--reason", "settled", "--by", "alice@aldous.test").returncode == 0
    settled(clean, ["closed"])
    shown = clean.lexgate("show", one).stdout
    for said in ("handed to alice@aldous.test by ben@aldous.test", "opened again by alice@aldous.test", "priority 7", "closed by alice@aldous.test: settled"):
        assert said in shown, shown
    assert clean.lexgate("journal", "verify").returncode == 0


@pytest.mark.parametrize("options, complaint", [
    (["--owner", "alice"], "--owner alice: the registry has no such address of staff"), (["--owner", "alice@aldous.test"], ""),
    (["--client", "harbor"], "--client harbor: the registry has no such client"), (["--client", "harbour"], ""),
    (["--matter", "2026-117"], "--matter 2026-117: the registry has no such matter"), (["--matter", "2026-0117"], ""),
    (["--matter", "2026-0117", "--as", "walter@aldous.test"], "--matter 2026-0117: the registry has no such matter")])
def test_an_empty_queue_does_not_reassure_whoever_misspelt_a_name(clean, options, complaint):
    done = clean.lexgate("queue", *options)
    assert done.returncode == 0 and done.stderr.strip() == (f"lexgate: {complaint}" if complaint else "")


def test_doctor_finds_nothing_wrong_with_a_firm_that_runs(clean):
    done = clean.lexgate("doctor", "--json")
    lines = json.loads(done.stdout)
    assert [line for line in lines if line["state"] == "fail"] == [], done.stdout
