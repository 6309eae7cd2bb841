# SPDX-License-Identifier: Apache-2.0
"""Mail that the gateway itself encrypts with S/MIME, through a real Postfix: what is on the wire, what its recipients read, what is recorded."""
import json
import subprocess

import pytest

import firms
import servers
from letters import ALICE, NORA, certificate, letter, mark, reply

SECRET = "The settlement is two million."
OLAF, PETRA = "Olaf Berg <olaf@harbour.test>", "Petra Finch <petra@harbour.test>"
RULES = ('accept = ["end-to-end", "consent"]', 'accept = ["end-to-end", "smime", "consent"]')


@pytest.fixture(scope="module")
def desk():
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace(*RULES) + 'encryption: { archive = "archive.pem"; };'
    with servers.Office(conf, "aldous.test", firms.ALDOUS_LOGINS) as it:
        for name in ("nora", "olaf"):
            certificate(it.conf_dir / "certs", f"{name}@harbour.test", name)
        certificate(it.folder / "away", "archive@aldous.test", "archive").rename(it.conf_dir / "archive.pem")
        it.keys = {"nora": it.conf_dir / "nora.key", "olaf": it.conf_dir / "olaf.key", "archive": it.folder / "archive.key"}
        yield it.start()


def send(office, message, to=("nora@harbour.test",)):
    return office.submit("alice@aldous.test", "alice@aldous.test", list(to), message if isinstance(message, bytes) else message.as_bytes())


def arrived(office, message):
    return office.sink.wait(lambda m: mark(message).encode() in m.data)


def opened(office, name, data):
    done = subprocess.run(["openssl", "cms", "-decrypt", "-binary", "-inkey", office.keys[name]], input=data, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def never_in_clear(office):
    assert not office.sink.find(lambda m: SECRET.encode() in m.data)


def test_a_clear_letter_leaves_encrypted_and_is_read_by_everybody_it_is_for(desk):
    message = letter(ALICE, f"{NORA}, {OLAF}", body=f"{SECRET}\n")
    code, text = send(desk, message, ["nora@harbour.test", "olaf@harbour.test"])
    assert code == 250, text
    got = arrived(desk, message)[0]
    assert sorted(got.recipients) == ["nora@harbour.test", "olaf@harbour.test"]
    assert got.message.get_content_type() == "application/pkcs7-mime" and got.message["Subject"] == "[...]"
    assert got.message.get_all("Content-Transfer-Encoding") == ["base64"]
    assert got.message.get_all("MIME-Version") == ["1.0"] and got.message["X-Lexgate-Track"]
    for name in desk.keys:
        inside = opened(desk, name, got.data)
        assert b"\r\nSubject: When is the hearing?\r\n" in inside and inside.endswith(f"\r\n\r\nSubject: When is the hearing?\r\n\r\n{SECRET}\r\n".encode())
    never_in_clear(desk)


def test_eight_bit_text_and_a_signature_stay_as_they_were(desk):
    plain = letter(ALICE, NORA, "Größe")
    head = plain.as_bytes().split(b"\n\n", 1)[0]
    head = b"\n".join(line for line in head.split(b"\n") if not line.lower().startswith((b"content-", b"mime-version", b" charset")))
    text = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{} Größe: fünf.\r\n".format(SECRET).encode()
    send(desk, head.replace(b"\n", b"\r\n") + b"\r\nMIME-Version: 1.0\r\n" + text)
    inside = opened(desk, "nora", arrived(desk, plain)[0].data)
    assert inside.split(b"\r\n\r\n", 1)[1] == "Subject: Größe\r\n\r\n".encode() + text.split(b"\r\n\r\n", 1)[1]
    signed = letter(ALICE, NORA, "signed")
    made = subprocess.run(["openssl", "cms", "-sign", "-signer", desk.conf_dir / "archive.pem", "-inkey", desk.keys["archive"]], input=text,
                          capture_output=True, check=True).stdout
    head = signed.as_bytes().split(b"\n\n", 1)[0]
    head = b"\n".join(line for line in head.split(b"\n") if line.lower().startswith((b"from", b"to", b"subject", b"date", b"message-id")))
    assert send(desk, head + b"\n" + made)[0] == 250
    inside = opened(desk, "nora", arrived(desk, signed)[0].data)
    (desk.folder / "inside.eml").write_bytes(inside)
    done = subprocess.run(["openssl", "cms", "-verify", "-in", desk.folder / "inside.eml", "-CAfile", desk.conf_dir / "archive.pem", "-purpose", "any"],
                          capture_output=True)
    assert done.returncode == 0 and SECRET.encode() in done.stdout, done.stderr
    never_in_clear(desk)


def test_who_has_no_certificate_stops_it_and_the_sender_reads_what_to_ask_for(desk):
    message = letter(ALICE, f"{NORA}, {PETRA}", body=f"{SECRET}\n")
    code, text = send(desk, message, ["nora@harbour.test", "petra@harbour.test"])
    assert code == 550, text
    words = " ".join(line[4:].split(" ", 1)[-1] for line in text.splitlines())
    assert "petra@harbour.test" in text and "Recipients concerned: petra@harbour.test" in text, text
    assert "No certificate or key of petra@harbour.test is known" in text and "signed with S/MIME" in text, words
    assert not desk.sink.find(lambda m: mark(message).encode() in m.data)


def test_what_is_held_leaves_encrypted_when_it_is_released(desk):
    message = letter(ALICE, NORA, "our bank details", f"{SECRET}\n")
    assert send(desk, message)[0] == 250
    held = servers.wait_for(lambda: [h for h in json.loads(desk.lexgate("held", "--json").stdout) if h["subject"] == message["Subject"]],
                            what="held mail")
    assert desk.lexgate("release", held[0]["queue_id"], "--by", "sam@aldous.test").returncode == 0
    assert SECRET.encode() in opened(desk, "nora", arrived(desk, message)[0].data)
    never_in_clear(desk)


def test_the_record_says_how_and_to_which_certificates(desk):
    message = letter(ALICE, NORA, body=f"{SECRET}\n")
    assert send(desk, message)[0] == 250
    arrived(desk, message)
    entries = [json.loads(line) for line in desk.lexgate("journal", "search", "--kind", "decision", "--open").stdout.splitlines()]
    entry = next(e for e in entries if mark(message) in json.dumps(e))
    prints = {subprocess.run(["openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256"], capture_output=True, text=True, check=True)
              .stdout.strip().split("=")[1].replace(":", "").lower() for path in (desk.conf_dir / "certs" / "nora.pem", desk.conf_dir / "archive.pem")}
    assert entry["sealed"] == "smime" and entry["enc"] == "none"
    assert set(entry["opened"]["keys"]) == prints and entry["opened"]["body_before"] != entry["opened"]["body_after"]
    assert "(encrypted)" in desk.gateway.text()
    own, = entry["opened"]["ways"]
    assert entry["ways"] == [{"way": "smime", "by": "gateway", "n": 1}]
    assert own["rcpt"] == ["nora@harbour.test"] and set(own["keys"]) < prints
    assert entry["reached"] == ["nora@harbour.test: the gateway encrypted it with S/MIME"]


def test_twenty_five_megabytes_leave_encrypted(desk):
    line = (SECRET * 2 + "\n").encode()
    message = letter(ALICE, NORA, "large")
    head = message.as_bytes().split(b"\n\n", 1)[0]
    body = line * ((25 << 20) // len(line))
    code, text = send(desk, head + b"\n\n" + body)
    assert code == 250, text
    got = desk.sink.wait(lambda m: mark(message).encode() in m.data[:4000], timeout=60)[0]
    assert opened(desk, "nora", got.data).split(b"\r\n\r\n", 2)[2] == body.replace(b"\n", b"\r\n")
    assert SECRET.encode() not in got.data


def test_nothing_is_encrypted_without_a_valid_archive_and_check_says_so(desk):
    conf = desk.config.read_text()
    broken = desk.conf_dir / "broken.conf"
    for archive, says in (("absent.pem", "absent.pem"), ("nora.key", "nora.key")):
        broken.write_text(conf.replace('"archive.pem"', f'"{archive}"'))
        done = servers.run(servers.STAGE / "bin" / "lexgate", "-c", broken, "check", check=False)
        assert done.returncode == 1 and "encryption.archive: " in done.stderr and says in done.stderr, done.stderr
        message = letter(ALICE, NORA, body=f"{SECRET}\n")
        said = servers.run(servers.STAGE / "bin" / "lexgate", "-c", broken, "explain", "--auth", "alice@aldous.test", "-", check=False,
                           input=message.as_string())
        assert said.returncode == 1 and "the certificate of the firm's archive cannot be read" in said.stdout, said.stdout + said.stderr
