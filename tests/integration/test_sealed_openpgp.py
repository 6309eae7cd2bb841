# SPDX-License-Identifier: Apache-2.0
"""Mail that the gateway itself encrypts with OpenPGP, through a real Postfix, alone and beside S/MIME: who gets what, and nothing in clear."""
import json

import pytest

import sealfirm
import servers
from letters import ALICE, certificate, letter, mark
from sealfirm import SECRET, by_recipient, opened, wait_for_all
from sealing.openers import Openers, armor_of

NORA, OLAF, NED, ROSA, ZOE, BEN = "nora@harbour.test", "olaf@harbour.test", "ned@harbour.test", "rosa@harbour.test", "zoe@harbour.test", "ben@aldous.test"
KEYS = {"olaf": ("ed25519", "cv25519"), "ned": ("ed25519", "cv25519"), "rosa": ("rsa3072", "rsa3072")}


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    people = Openers(tmp_path_factory.mktemp("people") / "p", KEYS)
    yield people
    people.close()


@pytest.fixture(scope="module")
def firm(people):
    """Nora has a certificate, Ned and Rosa have keys, Olaf has both, Zoe nothing."""
    conf = sealfirm.conf(more='encryption: { archive = ["archive.pem", "archive.asc"]; };\n')
    conf["lexgate.conf"] = conf["lexgate.conf"].replace('"smime", "openpgp", "verified-tls", "consent"', '"smime", "openpgp"')
    with servers.Office(conf, "aldous.test", sealfirm.firms.ALDOUS_LOGINS) as office:
        for name in ("nora", "olaf"):
            certificate(office.conf_dir / "certs", f"{name}@harbour.test", name)
        for name in KEYS:
            (office.conf_dir / "certs" / f"{name}.asc").write_bytes((people.certs / f"{name}.asc").read_bytes())
        certificate(office.folder / "away", "archive@aldous.test", "archive").rename(office.conf_dir / "archive.pem")
        (office.conf_dir / "archive.asc").write_bytes(people.archive.read_bytes())
        yield office.start()


def send(office, subject, to, everybody, body=SECRET + "\n"):
    message = letter(ALICE, to, subject, body)
    code, text = office.submit("alice@aldous.test", "alice@aldous.test", list(everybody), message.as_bytes())
    return message, code, text


def read(people, name, data):
    """By gpg, with the person's own key alone; None: it does not open."""
    try:
        return people.by_gpg(armor_of(data), name)
    except RuntimeError:
        return None


def held_of(office):
    return json.loads(office.lexgate("held", "--json").stdout)


def never_in_clear(office):
    assert not office.sink.find(lambda m: SECRET.encode() in m.data and set(m.recipients) != {BEN})


def test_a_clear_letter_leaves_as_pgp_mime_in_one_message(firm, people):
    message, code, text = send(firm, "lease", f"{NED}, {ROSA}", [NED, ROSA])
    assert code == 250, text
    got = firm.sink.wait(lambda m: mark(message).encode() in m.data)
    assert [sorted(m.recipients) for m in got] == [[NED, ROSA]]
    head = got[0].message
    assert head.get_content_type() == "multipart/encrypted" and head["Subject"] == "lease" and head.get_all("MIME-Version") == ["1.0"]
    assert len(head.get_all("Content-Type")) == 1 and not head["Content-Transfer-Encoding"] and head["X-Lexgate-Track"]
    for name in ("ned", "rosa", "archive"):
        inside = read(people, name, got[0].data)
        assert inside.startswith(b"Content-Type: text/plain") and inside.endswith(f"\r\n\r\n{SECRET}\r\n".encode())
    assert read(people, "olaf", got[0].data) is None
    never_in_clear(firm)


def test_smime_and_openpgp_recipients_get_copies_of_their_kinds(firm, people):
    _, code, text = send(firm, "mixed", f"{NORA}, {NED}, {ROSA}, {BEN}", [NORA, NED, ROSA, BEN])
    assert code == 250, text
    got = wait_for_all(firm, "mixed", [NORA, NED, ROSA, BEN])
    assert {a: len(copies) for a, copies in got.items()} == dict.fromkeys((NORA, NED, ROSA, BEN), 1)
    assert SECRET.encode() in opened(firm, "nora", got[NORA][0]) and got[NED] == got[ROSA] != got[NORA]
    for name in ("ned", "rosa", "archive"):
        assert SECRET.encode() in read(people, name, got[NED][0])
    assert SECRET.encode() in got[BEN][0]
    never_in_clear(firm)


def test_who_has_both_gets_the_first_way_of_the_rule_and_then_all_the_same(firm, people):
    _, code, text = send(firm, "both", f"{OLAF}, {NORA}", [OLAF, NORA])
    assert code == 250, text
    got = wait_for_all(firm, "both", [OLAF, NORA])
    assert got[OLAF] == got[NORA] and SECRET.encode() in opened(firm, "olaf", got[OLAF][0])
    never_in_clear(firm)


def test_a_blind_recipient_is_in_nobody_elses_message(firm, people):
    _, code, text = send(firm, "blind", NED, [NED, ROSA])
    assert code == 250, text
    got = wait_for_all(firm, "blind", [NED, ROSA])
    assert SECRET.encode() in read(people, "ned", got[NED][0]) and read(people, "rosa", got[NED][0]) is None
    assert SECRET.encode() in read(people, "rosa", got[ROSA][0]) and read(people, "ned", got[ROSA][0]) is None
    never_in_clear(firm)


def test_one_without_a_key_stops_it_for_all(firm):
    message, code, text = send(firm, "nothing", f"{NED}, {ZOE}", [NED, ZOE])
    assert code == 550 and f"Recipients concerned: {ZOE}" in text and "OpenPGP key (.asc)" in text, text
    assert not firm.sink.find(lambda m: mark(message).encode() in m.data)


def test_what_is_held_is_encrypted_when_it_is_let_go(firm, people):
    message, code, text = send(firm, "our bank details", NED, [NED])
    assert code == 250, text
    servers.wait_for(lambda: held_of(firm), what="the record")
    queue_id = held_of(firm)[0]["queue_id"]
    assert SECRET not in servers.run("postcat", "-c", firm.postfix.config, "-q", queue_id).stdout, "encrypted before it is put on hold"
    done = firm.lexgate("release", queue_id, "--by", "mara@aldous.test", "--note", "checked")
    assert done.returncode == 0, done.stderr
    got = wait_for_all(firm, "our bank details", [NED])
    assert SECRET.encode() in read(people, "ned", got[NED][0])
    never_in_clear(firm)


def test_the_record_names_the_keys(firm, people):
    message, code, _ = send(firm, "recorded", NED, [NED])
    assert code == 250
    firm.sink.wait(lambda m: mark(message).encode() in m.data)
    entries = [json.loads(line) for line in firm.lexgate("journal", "search", "--kind", "decision", "--open").stdout.splitlines()]
    entry = next(e for e in reversed(entries) if mark(message) in json.dumps(e))
    assert entry["sealed"] == "openpgp" and entry["enc"] == "none"
    assert sorted(entry["opened"]["keys"]) == sorted(people.fingerprint(a).lower() for a in (NED, "archive@aldous.test"))
    assert by_recipient(firm, "recorded").keys() == {NED}


def test_twenty_five_megabytes_leave_encrypted(firm, people):
    line = SECRET + "\n"
    message, code, text = send(firm, "large", NED, [NED], body=line * ((25 << 20) // len(line)))
    assert code == 250, text
    got = firm.sink.wait(lambda m: mark(message).encode() in m.data[:4000], timeout=60)[0]
    assert read(people, "ned", got.data).split(b"\r\n\r\n", 1)[1] == line.replace("\n", "\r\n").encode() * ((25 << 20) // len(line))
    assert SECRET.encode() not in got.data
