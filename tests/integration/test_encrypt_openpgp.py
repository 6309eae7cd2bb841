# SPDX-License-Identifier: Apache-2.0
"""What the gateway encrypts to OpenPGP keys, programs that share no code with it open, and find every byte of it."""
import base64
import json
import random
import re
import subprocess

import pytest

import firms
import servers
from sealing.lab import run
from sealing.openers import KINDS, Openers, armor_of
from test_check import lay

HEAD = b"From: Alice Aldous <alice@aldous.test>\r\nTo: %s\r\nSubject: =?utf-8?q?Quay_4=3A_gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <4@aldous.test>\r\n"
WORDS = "The settlement is two million, and Tidewater does not know it yet."
NOISE = random.Random(4).randbytes
OPENERS = ("gpg", "sq", "rnp")


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    people = Openers(tmp_path_factory.mktemp("people") / "p")
    yield people
    people.close()


@pytest.fixture(scope="module")
def gateway(people, tmp_path_factory):
    """gateway(message, names…) → (the message as it goes on, what explain says as JSON); the subject stays outside."""
    return firm(people, tmp_path_factory, "protect_headers = false;")


def firm(people, tmp_path_factory, more=""):
    folder = tmp_path_factory.mktemp("firm") / "f"
    conf = firms.aldous()
    text = conf["lexgate.conf"].replace('"certs"', f'"{people.certs}"').replace('accept = ["end-to-end", "consent"]', 'accept = ["openpgp"]')
    lay(folder, conf | {"lexgate.conf": text + f'encryption: {{ archive = ["{people.archive}"]; {more} }};\n'})

    def ask(message, recipients, *options):
        return subprocess.run([servers.STAGE / "bin/lexgate", "-c", folder / "lexgate.conf", "explain", "--auth", "alice@aldous.test", "--from", "alice@aldous.test",
                               *(f"--rcpt={a}" for a in recipients), *options, "-"], input=message, capture_output=True, timeout=120)

    def send(message, *names):
        recipients = [f"{n}@harbour.test" for n in names]
        done = ask(message, recipients, "--rewritten", folder / "out.eml", "--json")
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        made = (folder / "out.eml").read_bytes()
        again = json.loads(ask(made, recipients, "--json").stdout)
        assert [r["proof"] for r in again["recipients"]] == ["openpgp"] * len(names) and again["decision"]["action"] == "accept"
        return made, json.loads(done.stdout)
    send.ask = ask
    return send


def to(*names):
    return HEAD % ", ".join(f"{n}@harbour.test" for n in names).encode()


def text(body, charset="utf-8", encoding="8bit"):
    return b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n%s" % (charset.encode(), encoding.encode(), body)


def letter(size=0):
    return text((WORDS + "\r\n").encode() * max(1, size // len(WORDS)))


def inner(entity):
    """The part of a message that is encrypted: its own fields and its body."""
    return entity.replace(b"MIME-Version: 1.0\r\n", b"", 1)


def assert_opens(people, made, name, entity, programs=OPENERS):
    armor = armor_of(made)
    for program in programs:
        assert getattr(people, f"by_{program}")(armor, name) == entity, program


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_key_opens_it_with_three_programs(people, gateway, name):
    made, answer = gateway(to(name) + letter(), name)
    assert_opens(people, made, name, inner(letter()))
    assert [r["way"] for r in answer["recipients"]] == ["openpgp"]
    assert made.startswith(to(name) + b"MIME-Version: 1.0\r\n") or made.startswith(to(name)), "the fields that people read stay as they are"
    assert b"settlement" not in made and made.count(b"-----BEGIN PGP MESSAGE-----") == 1
    assert len(re.findall(rb"(?mi)^content-type:", made.split(b"\r\n\r\n")[0])) == 1


def test_keys_that_sq_and_rnp_made_open_it_too(people, gateway):
    run("sq", "key", "generate", "--userid", "<sequoia@harbour.test>", "--export", people.folder / "sequoia.secret", env=people.env)
    (people.certs / "sequoia.asc").write_bytes(run("sq", "key", "extract-cert", people.folder / "sequoia.secret", env=people.env))
    rnp = ("rnpkeys", "--homedir", people.folder / "rnp")
    (people.folder / "rnp").mkdir(mode=0o700)
    run(*rnp, "--generate-key", "--userid", "ribose@harbour.test", "--numbits", "2048", "--password", "", env=people.env)
    (people.folder / "ribose.secret").write_bytes(run(*rnp, "--export-key", "--secret", "ribose@harbour.test", env=people.env))
    (people.certs / "ribose.asc").write_bytes(run(*rnp, "--export-key", "ribose@harbour.test", env=people.env))
    made, _ = gateway(to("sequoia", "ribose") + letter(), "sequoia", "ribose")
    for name in ("sequoia", "ribose"):
        assert_opens(people, made, name, inner(letter()))


def test_the_archive_opens_it_and_nobody_else_does(people, gateway):
    made, _ = gateway(to("rsa2048") + letter(), "rsa2048")
    assert_opens(people, made, "archive", inner(letter()))
    with pytest.raises(RuntimeError):
        people.by_gpg(armor_of(made), "x25519")


def signed(people):
    """Signed by a program before it came: its bytes must not change."""
    entity = b"Content-Type: text/plain; charset=us-ascii\r\n\r\n" + WORDS.encode() + b"  \r\n-- \r\nAlice\r\n"
    signature = people.gpg("--armor", "--detach-sign", "-u", "archive@aldous.test", data=entity).replace(b"\n", b"\r\n")
    return entity, (b'MIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=pgp-sha256;\r\n protocol="application/pgp-signature"; boundary=s\r\n\r\n--s\r\n' + entity +
                    b"\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n" + signature + b"\r\n--s--\r\n")


def mixed(*parts):
    return (b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n" + b"".join(b"--m\r\n" + p + b"\r\n" for p in parts) + b"--m--\r\n")


ATTACHED = NOISE(70000)
FILE = (b'Content-Type: application/octet-stream; name="lease.bin"\r\nContent-Disposition: attachment; filename="lease.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n' +
        base64.encodebytes(ATTACHED).replace(b"\n", b"\r\n"))
INSIDE = b"Content-Type: text/plain\r\n\r\n" + WORDS.encode() + b"\r\n"
NESTED = b"Content-Type: message/rfc822\r\n\r\n" + HEAD % b"x@y.test" + mixed(INSIDE, FILE)
SHAPES = {
    "no body": text(b""),
    "one byte": text(b"x"),
    "8-bit": text("Zwölf große Übel, €5\r\n".encode()),
    "latin-1": text("Zwölf große Übel\r\n".encode("latin-1"), "iso-8859-1"),
    "quoted": text(b"Zw=C3=B6lf=\r\n gro=C3=9Fe\r\n", encoding="quoted-printable"),
    "binary": text(NOISE(5000).replace(b"\r", b"").replace(b"\n", b"\n\r\n"), "x-unknown", "binary"),
    "dots and From": text(b".\r\n..\r\nFrom here on\r\n-----BEGIN PGP MESSAGE-----\r\n--=_\r\n"),
    "no end of line": text(b"x\r\n" * 3 + b"y"),
    "attachments": mixed(INSIDE, FILE, FILE),
    "nested": mixed(INSIDE, NESTED),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_message_arrives_byte_for_byte(people, gateway, shape):
    made, _ = gateway(to("rsa2048", "x25519") + SHAPES[shape], "rsa2048", "x25519")
    assert_opens(people, made, "x25519", inner(SHAPES[shape]))
    assert_opens(people, made, "rsa2048", inner(SHAPES[shape]), ("gpg",))


def test_a_signature_inside_stays_good(people, gateway):
    entity, message = signed(people)
    made, _ = gateway(to("p256") + message, "p256")
    opened = people.by_gpg(armor_of(made), "p256")
    assert opened == inner(message) and b"\r\n--s\r\n" + entity + b"\r\n--s\r\n" in opened
    (people.folder / "signature").write_bytes(opened.split(b"pgp-signature\r\n\r\n")[1].split(b"\r\n--s--")[0])
    people.gpg("--verify", people.folder / "signature", "-", data=entity)


def test_a_message_without_mime_is_text(people, gateway):
    made, _ = gateway(to("p384") + b"\r\nTwo million.\r\n", "p384")
    assert people.by_sq(armor_of(made), "p384") == b"Content-Type: text/plain\r\n\r\nTwo million.\r\n"
    assert b"\r\nMIME-Version: 1.0\r\n" in made.split(b"\r\n\r\n")[0] + b"\r\n"


@pytest.mark.parametrize("size", (5000, 1 << 20, 25 << 20))
def test_large_messages_arrive_byte_for_byte(people, gateway, size):
    made, _ = gateway(to("x25519") + letter(size), "x25519")
    assert_opens(people, made, "x25519", inner(letter(size)))


def test_one_to_fifty_people_open_the_same_message(people, gateway):
    batch = "".join(f"Key-Type: eddsa\nKey-Curve: ed25519\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\nName-Email: n{i}@harbour.test\n%no-protection\n%commit\n"
                    for i in range(50))
    people.gpg("--gen-key", data=batch.encode())
    crowd = [f"n{i}" for i in range(50)]
    (people.certs / "crowd.gpg").write_bytes(people.gpg("--export", *(f"{n}@harbour.test" for n in crowd)))
    for name in (crowd[0], crowd[24], crowd[49]):
        (people.folder / f"{name}.secret").write_bytes(people.gpg("--export-secret-keys", "--armor", f"{name}@harbour.test"))
    for many in (2, 25, 50):
        made, _ = gateway(to(*crowd[:many]) + letter(), *crowd[:many])
        assert_opens(people, made, crowd[many - 1] if many != 2 else crowd[0], inner(letter()))
        packets = people.gpg("--list-packets", data=armor_of(made)).decode()
        assert packets.count(":pubkey enc packet:") == many + 1, "each of them, and the archive"


def test_neomutt_shows_subject_text_and_attachments(people, gateway):
    made, _ = gateway(to("x25519") + mixed(text("Zwölf große Übel, €5\r\n".encode())[len("MIME-Version: 1.0\r\n"):], FILE), "x25519")
    shown, message = people.by_neomutt(made)
    assert "Zwölf große Übel, €5" in shown.decode() and "Subject: Quay 4: grüße" in shown.decode()
    body, attachment = message.iter_parts()
    assert message["Subject"] == "Quay 4: grüße" and body.get_content() == "Zwölf große Übel, €5\n"
    assert attachment.get_filename() == "lease.bin" and attachment.get_content() == ATTACHED


def test_the_subject_is_read_inside_alone(people, tmp_path_factory):
    made, _ = firm(people, tmp_path_factory)(to("x25519") + text("Zwölf große Übel\r\n".encode()), "x25519")
    assert b"Subject: [...]\r\n" in made and b"Quay" not in made and b"gr=C3" not in made
    for program in OPENERS:
        inside = getattr(people, f"by_{program}")(armor_of(made), "x25519")
        assert b"Subject: =?utf-8?q?Quay_4=3A_gr=C3=BC=C3=9Fe?=\r\n" in inside and b'hp="cipher"' in inside and inside.endswith("Zwölf große Übel\r\n".encode())
    shown, _ = people.by_neomutt(made)
    assert "Zwölf große Übel" in shown.decode() and "Quay 4: grüße" in shown.decode()


# ---- Which key, and when there is none ----

def test_an_expired_a_revoked_and_a_signing_key_are_refused_by_name(people, gateway):
    people.gpg("--quick-gen-key", "signer <signer@harbour.test>", "ed25519", "sign", "never")
    people.key("over@harbour.test", "ed25519", "cv25519")
    people.key("gone@harbour.test", "ed25519", "cv25519")
    people.gpg("--quick-set-expire", people.fingerprint("over@harbour.test"), "seconds=1", "*")
    people.gpg("--quick-set-expire", people.fingerprint("over@harbour.test"), "seconds=1")
    revocation = people.home / "openpgp-revocs.d" / f"{people.fingerprint('gone@harbour.test')}.rev"
    people.gpg("--import", data=revocation.read_bytes().replace(b":-----BEGIN", b"-----BEGIN"))
    for name in ("signer", "over", "gone"):
        (people.certs / f"{name}.asc").write_bytes(people.gpg("--export", "--armor", f"{name}@harbour.test"))
    later = ("--at", "2027-06-01T09:00:00Z")
    for name, says in (("signer", "signing only"), ("over", "expired"), ("gone", "revoked"), ("nobody", "nobody@harbour.test")):
        done = gateway.ask(to(name, "x25519") + letter(), [f"{name}@harbour.test", "x25519@harbour.test"], *later)
        words = " ".join(done.stdout.decode().split())
        assert done.returncode == 1 and says in words and f"{name}@harbour.test" in words, words
        assert "settlement" not in words


def test_what_is_encrypted_already_is_left_as_it_is(people, gateway):
    sealed, _ = gateway(to("x25519") + letter(), "x25519")
    again, answer = gateway(sealed, "x25519")
    assert again.split(b"\r\n\r\n", 1)[1] == sealed.split(b"\r\n\r\n", 1)[1]
