# SPDX-License-Identifier: Apache-2.0
"""What the gateway encrypts opens with programs that share no code with it, byte for byte."""
import email
import email.policy
import shutil
import subprocess
from email.message import EmailMessage

import pytest

import firms
import servers
from sealing.readers import SmimeLab
from test_check import lay

EVERYBODY = {"nora": "RSA 2048", "rsa3072": "RSA 3072", "big": "RSA 4096", "ned": "P-256", "p384": "P-384", "p521": "P-521"}
MANY = 50


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = SmimeLab(tmp_path_factory.mktemp("lab") / "l")
    lab.give_private_keys()
    for i in range(MANY):
        shutil.copy(lab.folder / "nora.key", lab.folder / f"r{i}.key")
        subprocess.run(["openssl", "req", "-x509", "-key", lab.folder / "nora.key", "-out", lab.certs / f"r{i}.pem", "-days", "30", "-subj", f"/CN=r{i}",
                        "-addext", f"subjectAltName=email:r{i}@harbour.test"], check=True, capture_output=True)
        shutil.copy(lab.certs / f"r{i}.pem", lab.folder)
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def sealed(lab, tmp_path_factory):
    """sealed(message, recipients): what `lexgate explain --rewritten` makes of it."""
    conf = firms.aldous()
    text = conf["lexgate.conf"].replace('accept = ["end-to-end", "consent"]', 'accept = ["smime"]').replace('"certs"', f'"{lab.certs}"')
    folders = {hidden: tmp_path_factory.mktemp("firm") / "f" for hidden in (True, False)}
    for hidden, folder in folders.items():
        lay(folder, {**conf, "lexgate.conf": text + f"encryption: {{ protect_headers = {str(hidden).lower()}; }};"})

    def make(message, *names, hidden=False):
        folder = folders[hidden]
        addresses = [f"{n}@harbour.test" for n in names]
        head = f"From: alice@aldous.test\r\nTo: {', '.join(addresses)}\r\nSubject: lease\r\nMessage-ID: <a@aldous.test>\r\n".encode()
        done = subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", folder / "lexgate.conf", "explain", "--auth", "alice@aldous.test", "--from",
                               "alice@aldous.test", *(f"--rcpt={a}" for a in addresses), "--rewritten", "-", "-"], input=head + message, capture_output=True,
                              timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout
    return make


def crlf(message):
    return message.as_bytes(policy=email.policy.SMTP.clone(cte_type="8bit"))


def with_files():
    message = EmailMessage()
    message.set_content("See the files.\n")
    message.add_attachment(bytes(range(256)) * 40, maintype="application", subtype="octet-stream", filename="all.bin")
    inside = EmailMessage()
    inside["Subject"], inside["From"] = "passed on", "x@else.test"
    inside.set_content("An older letter.\n")
    inside.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="old.pdf")
    message.add_attachment(inside)
    return crlf(message)


def signed(lab):
    made = lab.sign("-md", "sha256", data=b"Content-Type: text/plain\r\n\r\nSigned and sealed.\r\n", out="SMIME")
    return made.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


LETTERS = {
    "a text": lambda lab: b"Content-Type: text/plain\r\n\r\nThe settlement is two million.\r\n",
    "nothing": lambda lab: b"Content-Type: text/plain\r\n\r\n",
    "one character": lambda lab: b"Content-Type: text/plain\r\n\r\nx",
    "8 bit": lambda lab: "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nZwölf Größen, ½.\r\n".encode(),
    "binary": lambda lab: b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n" + bytes(range(1, 256)) * 9,
    "files and a letter in it": lambda lab: with_files(),
    "signed": signed,
    "a megabyte": lambda lab: b"Content-Type: text/plain\r\n\r\n" + b"A line of a long letter that nobody else may read.\r\n" * 20000,
}


def entity(message):
    """The fields Content-* of a letter in the order in which they stand, and its body: what must be found inside."""
    head, body = message.split(b"\r\n\r\n", 1)
    fields = email.message_from_bytes(head + b"\r\n\r\n", policy=email.policy.compat32.clone(linesep="\r\n")).items()
    kept = [name for name, _ in fields if name.lower().startswith("content-")]
    lines, keep = [], False
    for line in head.split(b"\r\n"):
        keep = line.split(b":")[0].decode() in kept if line[:1] not in b" \t" else keep
        lines += [line] if keep else []
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_opens_as_it_was_for_every_key_and_program(lab, sealed, name):
    letter = LETTERS[name](lab)
    wanted = entity(letter)
    message = sealed(letter, *EVERYBODY)
    for who in EVERYBODY:
        assert lab.open_with_openssl(who, message) == wanted, who
    assert lab.open_with_gpgsm(message) == wanted
    for who in lab.READERS if name in ("a text", "binary") else ["nora"]:  # NSS 3.87 reads no envelope that names a key of elliptic curves, openssl's neither
        alone = sealed(letter, who)
        assert lab.open_with_nss(alone) == wanted and lab.open_with_gpgsm(alone) == wanted and lab.open_with_openssl(who, alone) == wanted
    with pytest.raises(RuntimeError):
        lab.open_with_openssl("eve", message)


def test_all_of_fifty_recipients_open_it(lab, sealed):
    letter = LETTERS["files and a letter in it"](lab)
    message = sealed(letter, *(f"r{i}" for i in range(MANY)))
    for i in range(MANY):
        assert lab.open_with_openssl(f"r{i}", message) == entity(letter)


def test_neomutt_shows_the_text_and_saves_the_file(lab, sealed):
    shown, _ = lab.open_with_neomutt(sealed(LETTERS["8 bit"](lab), "nora", "ned"))
    assert "Zw" in shown.decode() and b"BEGIN" not in shown
    saved, _ = lab.open_with_neomutt(sealed(with_files(), "nora"), decrypted=True)
    parts = [p for p in email.message_from_bytes(saved).walk() if not p.is_multipart()]
    sent = [p for p in email.message_from_bytes(with_files()).walk() if not p.is_multipart()]
    assert [p.get_payload(decode=True).replace(b"\r\n", b"\n") for p in parts] == [p.get_payload(decode=True).replace(b"\r\n", b"\n") for p in sent]
    assert [p.get_filename() for p in parts] == [None, "all.bin", None, "old.pdf"]


@pytest.mark.parametrize("name", ["8 bit", "nothing", "files and a letter in it"])
def test_neomutt_shows_the_subject_that_is_hidden_outside(lab, sealed, name):
    message = sealed(LETTERS[name](lab), "nora", "ned", hidden=True)
    outside = email.message_from_bytes(message)
    assert outside["Subject"] == "[...]" and outside["Message-ID"] == "<a@aldous.test>" and outside["From"] == "alice@aldous.test"
    assert b"lease" not in message
    inside = email.message_from_bytes(lab.open_with_openssl("ned", message))
    assert inside["Subject"] == "lease" and inside.get_all("HP-Outer")[-2:] == ["Subject: [...]", "Message-ID: <a@aldous.test>"]
    assert inside.get_param("hp") == "cipher" and inside["To"] == outside["To"]
    if not inside.is_multipart():
        assert inside.get_param("hp-legacy-display") == "1" and inside.get_payload(decode=True).startswith(b"Subject: lease\r\n\r\n")
    shown, screen = lab.open_with_neomutt(message)
    assert b"lease" in screen, screen


def test_a_signed_letter_keeps_its_signature_and_its_subject_outside(lab, sealed):
    letter = signed(lab)
    message = sealed(letter, "nora", hidden=True)
    assert email.message_from_bytes(message)["Subject"] == "lease"
    assert lab.open_with_openssl("nora", message) == entity(letter)
