# SPDX-License-Identifier: Apache-2.0
"""What clients sign and encrypt, through a real Postfix: what is stamped, what a reply must be."""
import base64
import json
import subprocess

import pytest

import firms
import servers
from letters import BEN, NORA, PETER, certificate, encrypted, letter, mark
from signing import Authority

REPLY_RULE = """
  { id = "encrypted-reply"; policy = "4.11"; when: { direction = "outgoing"; sender_used_encryption = true; };
    encrypt: { accept = ["end-to-end"]; otherwise = "reject"; }; say = "The client wrote encrypted: {missing} needs an encrypted reply."; },
  { id = "signature-mark"; when: { direction = "incoming"; signature = "valid"; }; stamp: { name = "X-Firm-Signed"; value = "yes"; }; },
  { id = "tried-out";"""


def firm():
    files = firms.aldous()
    files["lexgate.conf"] = files["lexgate.conf"].replace('\n  { id = "tried-out";', REPLY_RULE).replace(
        "paths: {", 'trust: { roots = "roots.pem"; };\npaths: {')
    return files


@pytest.fixture(scope="module")
def signed_office():
    with servers.Office(firm(), "aldous.test", firms.ALDOUS_LOGINS) as office:
        office.authority = Authority(office.folder / "pki")
        (office.conf_dir / "roots.pem").write_text(office.authority.pem.read_text())
        (office.conf_dir / "certs").mkdir(exist_ok=True)
        for address, name in (("peter@quill.test", "peter"), ("eve@else.test", "eve")):
            office.authority.issue(address, name)
        yield office.start()


def arrives(office, message, message_id, sender="peter@quill.test", to="ben@aldous.test"):
    code, text = office.receive(sender, to, message)
    assert code == 250, text
    return office.sink.wait(lambda m: message_id.encode() in m.data)[0].message


def test_a_signed_mail_is_stamped_with_what_its_signature_is_worth(signed_office):
    office = signed_office
    message, its_id = office.authority.signed("peter", PETER, BEN)
    got = arrives(office, message, its_id)
    assert got["X-Lexgate-Decision"].endswith("; sig=valid") and got["X-Firm-Signed"] == "yes", "who signed is who stands in From"
    opaque, its_id = office.authority.signed("peter", PETER, BEN, extra=("-nodetach",))
    assert "; sig=valid" in arrives(office, opaque, its_id)["X-Lexgate-Decision"]
    other, its_id = office.authority.signed("eve", PETER, BEN)
    got = arrives(office, other, its_id)
    assert got["X-Lexgate-Decision"].endswith("; sig=wrong-address; by=eve@else.test") and got["X-Firm-Signed"] is None
    altered, its_id = office.authority.signed("peter", PETER, BEN)
    got = arrives(office, altered.replace(b"see below", b"pay below"), its_id)
    assert "; sig=invalid" in got["X-Lexgate-Decision"]


def test_a_stranger_cannot_write_the_stamp(signed_office):
    office = signed_office
    message = letter("Eve <eve@else.test>", BEN, X_Lexgate_Decision="accept; policy=2026.11; rules=-; enc=none; sig=valid")
    got = arrives(office, message.as_bytes(), mark(message), "eve@else.test")
    assert all("sig=" not in value for value in got.get_all("X-Lexgate-Decision"))


def peters_keyring(office, *algorithm):
    home = office.folder / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--batch", "--homedir", home, "--pinentry-mode", "loopback", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-gen-key", "Peter <peter@quill.test>", *algorithm, "never"], check=True, capture_output=True)
    return home, gpg


def test_openpgp_signatures_are_checked_in_the_judges_cage(own_office):
    office = own_office(firm(), start=False)
    home, gpg = peters_keyring(office, "ed25519", "sign")
    (office.conf_dir / "roots.pem").write_text(Authority(office.folder / "pki").pem.read_text())
    certs = office.conf_dir / "certs"
    certs.mkdir(exist_ok=True)
    exported = subprocess.run([*gpg, "--armor", "--export", "peter@quill.test"], check=True, capture_output=True).stdout
    (certs / "peter.asc").write_bytes(exported)
    office.start()
    entity = b"Content-Type: text/plain\r\n\r\nPlease see below.\r\n"
    signature = subprocess.run([*gpg, "--armor", "--detach-sign"], input=entity, check=True, capture_output=True).stdout
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "gpg-agent"], check=False)
    for text, state in ((entity, "valid"), (entity.replace(b"see", b"pay"), "invalid")):
        message = (b"From: %s\r\nTo: %s\r\nSubject: x\r\nMessage-ID: <%s@pgp.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; "
                   b'protocol="application/pgp-signature"; micalg=pgp-sha512; boundary=b\r\n\r\n--b\r\n%s\r\n--b\r\n'
                   b"Content-Type: application/pgp-signature\r\n\r\n%s\r\n--b--\r\n"
                   % (PETER.encode(), BEN.encode(), state.encode(), text, signature.replace(b"\n", b"\r\n")))
        got = arrives(office, message, f"{state}@pgp.test")
        assert f"; sig={state}" in got["X-Lexgate-Decision"], office.gateway.text()[-2000:]


def test_the_reply_to_an_encrypted_mail_must_be_encrypted(own_office):
    office = own_office(firm(), start=False)
    (office.conf_dir / "roots.pem").write_text(Authority(office.folder / "pki").pem.read_text())
    bens = certificate(office.folder / "ours" / "certs", "ben@aldous.test", "ben")
    peters = certificate(office.conf_dir / "certs", "peter@quill.test", "peter")
    office.start()
    question, its_id = encrypted(bens, PETER, BEN)
    code, text = office.receive("peter@quill.test", "ben@aldous.test", question)
    assert code == 250, text
    got = office.sink.wait(lambda m: its_id.encode() in m.data)[0]
    body = question.split(b"\n\n", 1)[1].strip().replace(b"\r", b"")
    assert body in got.data.replace(b"\r", b""), "the encrypted mail arrives as it came"

    def clear_reply():
        message = letter(BEN, PETER, "Re: private", "In May.\n", References=f"<{its_id}>")
        return office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())

    # The index of threads is folded from the journal a moment later.
    servers.wait_for(lambda: clear_reply()[0] == 550, what="a clear reply to be refused", every=0.2)
    code, text = clear_reply()
    assert code == 550 and "wrote encrypted" in text and "peter@quill.test" in text
    fresh = letter(BEN, PETER, "another thing", "In June.\n")
    assert office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", fresh.as_bytes())[0] == 250, "no reply to it"
    sealed, sealed_id = encrypted(peters, "ben@aldous.test", "peter@quill.test", references=f"<{its_id}>")
    assert office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", sealed)[0] == 250
    assert office.sink.wait(lambda m: sealed_id.encode() in m.data)


def harvest(office, *messages, status=0):
    done = office.lexgate("cert", "harvest", "--json", *messages)
    assert done.returncode == status, done.stderr
    return [(one["address"], one["result"]) for one in json.loads(done.stdout)]


def used(office, address):
    done = office.lexgate("cert", "find", "--json", address)
    return [one["fingerprint"] for one in json.loads(done.stdout) if one["used"]]


def spool(office):
    return office.state / "harvest"


def test_the_certificate_of_who_signs_is_harvested_and_a_changed_one_waits(own_office):
    files = firm()
    files["matters.csv"] = files["matters.csv"].replace("walled_off\n", "walled_off,privileged\n").replace(
        "walter@aldous.test\n", "walter@aldous.test,yes\n").replace("open,,\n", "open,,,\n")
    office = own_office(files, start=False)
    authority = Authority(office.folder / "pki")
    (office.conf_dir / "roots.pem").write_text(authority.pem.read_text())
    for address, name in (("peter@quill.test", "peter"), ("peter@quill.test", "other"), ("nora@harbour.test", "nora"), ("eve@else.test", "eve")):
        authority.issue(address, name)
    office.start()
    peter, its_id = authority.signed("peter", PETER, BEN)
    arrives(office, peter, its_id)
    nora, nora_id = authority.signed("nora", NORA, BEN)
    arrives(office, nora, nora_id, "nora@harbour.test")
    wrong, wrong_id = authority.signed("eve", PETER, BEN)
    arrives(office, wrong, wrong_id)
    altered, altered_id = authority.signed("eve", "eve@else.test", BEN)
    arrives(office, altered.replace(b"see below", b"pay below"), altered_id, "eve@else.test")
    assert len(list(spool(office).iterdir())) == 2, "what is not valid is not kept"
    (spool(office) / ("0" * 64 + ".p7s")).write_bytes(b"0\x80" * 1000)
    (spool(office) / "strange").write_bytes(b"x")
    assert sorted(harvest(office)) == [("", "refused"), ("nora@harbour.test", "waits"), ("peter@quill.test", "new")]
    assert not list(spool(office).iterdir())
    first = used(office, "peter@quill.test")
    assert len(first) == 1 and not used(office, "nora@harbour.test"), "privileged matters wait for somebody"
    report = json.loads((office.state / "certs-report.json").read_text())
    assert [one["address"] for one in report["waiting"]["list"]] == ["nora@harbour.test"] and report["expired"]["count"] == 0
    shown = office.lexgate("cert", "show", "peter@quill.test").stdout
    assert "aes256-cbc" in shown and "harvested" in shown, shown

    # The judges take the new snapshot at a reload: then they offer it no more.
    office.gateway.reload()
    servers.wait_for(lambda: not offers(office, authority), what="judges that know the certificate", every=0.3)
    changed, its_id = authority.signed("other", PETER, BEN)
    path = office.folder / "changed.eml"
    path.write_bytes(changed)
    assert harvest(office, path) == [("peter@quill.test", "waits")]
    assert used(office, "peter@quill.test") == first, "the known one stays in use"
    waiting = next(c["fingerprint"] for c in json.loads(office.lexgate("cert", "list", "--json").stdout)
                   if c["trust"] == "waiting" and c["addresses"] == ["peter@quill.test"])
    office.lexgate("cert", "trust", waiting, check=True)
    assert json.loads(office.lexgate("cert", "show", "--json", waiting).stdout)[0]["state"] == "usable"
    for i in range(101):
        (spool(office) / f"{i:064x}.p7s").write_bytes(b"x")
    assert "101 signatures wait" in office.lexgate("doctor").stdout
    unsigned = office.folder / "unsigned.eml"
    unsigned.write_bytes(letter(PETER, BEN).as_bytes())
    assert harvest(office, unsigned, status=1) == [("", "refused")]


def test_no_stranger_with_a_certificate_of_an_authority_comes_beside_who_is_known_by_hand_or_party_to_what_is_privileged(own_office):
    files = firm()
    files["matters.csv"] = files["matters.csv"].replace("walled_off\n", "walled_off,privileged\n").replace(
        "walter@aldous.test\n", "walter@aldous.test,yes\n").replace("open,,\n", "open,@else.test,,\n")
    office = own_office(files, start=False)
    authority = Authority(office.folder / "pki")
    (office.conf_dir / "roots.pem").write_text(authority.pem.read_text())
    home, gpg = peters_keyring(office, "rsa2048", "encrypt,sign")
    certs = office.conf_dir / "certs"
    certs.mkdir(exist_ok=True)
    (certs / "peter.asc").write_bytes(subprocess.run([*gpg, "--armor", "--export", "peter@quill.test"], check=True, capture_output=True).stdout)
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "gpg-agent"], check=False)
    office.start()
    known = used(office, "peter@quill.test")
    for address, name, result in (("peter@quill.test", "peter", "waits"), ("counsel@tidewater.test", "counsel", "waits"), ("eve@else.test", "eve", "new")):
        authority.issue(address, name)
        message, its_id = authority.signed(name, address, BEN)
        arrives(office, message, its_id, address)
        assert harvest(office) == [(address, result)]
    assert used(office, "peter@quill.test") == known and not used(office, "counsel@tidewater.test") and used(office, "eve@else.test")


def offers(office, authority):
    """Sends another mail of Peter's: is its signature kept again?"""
    message, its_id = authority.signed("peter", PETER, BEN)
    arrives(office, message, its_id)
    kept = list(spool(office).iterdir())
    for path in kept:
        path.unlink()
    return kept


def test_a_key_in_a_header_waits_for_approval_and_is_taken_of_clients_alone(own_office):
    files = firm()
    files["lexgate.conf"] = files["lexgate.conf"].replace("trust: {", "encryption: { autocrypt = true; };\ntrust: {")
    office = own_office(files, start=False)
    (office.conf_dir / "roots.pem").write_text(Authority(office.folder / "pki").pem.read_text())
    home, gpg = peters_keyring(office, "rsa2048", "encrypt,sign")
    key = base64.b64encode(subprocess.run([*gpg, "--export", "peter@quill.test"], check=True, capture_output=True).stdout).decode()
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "gpg-agent"], check=False)
    office.start()
    for sender, address in ((PETER, "peter@quill.test"), ("Eve <eve@else.test>", "eve@else.test")):
        message = letter(sender, BEN).as_bytes().replace(b"\r\n", b"\n")
        header = f"Autocrypt: addr={address}; keydata=\n " + "\n ".join(key[i:i + 70] for i in range(0, len(key), 70)) + "\n"
        code, text = office.receive(address, "ben@aldous.test", header.encode() + message)
        assert code == 250, text
    servers.wait_for(lambda: spool(office).is_dir() and list(spool(office).iterdir()), what="the key in the spool")
    assert harvest(office) == [("peter@quill.test", "waits")], "of a stranger nothing is taken"
    assert not used(office, "peter@quill.test")
    office.lexgate("cert", "trust", "peter@quill.test", check=True)
    assert len(used(office, "peter@quill.test")) == 1
