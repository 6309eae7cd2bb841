# SPDX-License-Identifier: Apache-2.0
"""What a recipient has × how many there are × the level of the matter, through Postfix: who gets what, and what was on the wire."""
import base64
import itertools
import os
import subprocess

import pytest

import firms
import servers
from letters import ALICE, certificate, letter
from sealfirm import SECRET

LEVELS = ["normal", "confidential", "strict"]
# What somebody gets who has that, at each level: "clear", "smime", "openpgp", or "-": the mail is refused, and nobody gets anything.
TABLE = {
    #               normal   confidential  strict
    "smime":       ("clear", "smime",      "smime"),
    "pgp":         ("clear", "openpgp",    "openpgp"),
    "both":        ("clear", "smime",      "smime"),
    "tls":         ("clear", "clear",      "-"),
    "nothing":     ("clear", "-",          "-"),
    "expired":     ("clear", "-",          "-"),
    "revoked":     ("clear", "-",          "-"),
    "wrong-usage": ("clear", "-",          "-"),
    "old-pgp":     ("clear", "-",          "-"),
}
ARITIES = ["alone", "with another", "blind"]
BEN = "ben@aldous.test"

RULES = """
rules: ( { id = "confidential"; when: { direction = "outgoing"; matter: { level = "confidential"; }; };
           encrypt: { accept = ["end-to-end", "smime", "openpgp", "verified-tls"]; otherwise = "reject"; }; },
         { id = "strict"; when: { direction = "outgoing"; matter: { level = "strict"; }; };
           encrypt: { accept = ["end-to-end", "smime", "openpgp"]; otherwise = "reject"; }; } );
"""


def address(state, level):
    return f"{state}@{'tls-' if state == 'tls' else ''}{level}.test"


def conf():
    firm = firms.aldous()
    firm["lexgate.conf"] = firm["lexgate.conf"].split("rules: (")[0] + 'trust: { roots = "roots"; crls = "crls"; };\n' + RULES
    clients = ["client,name,addresses,language,channel,service_level,default_level,tls"]
    matters = ["matter,client,title,level,responsible,team,service_level,status,opposing,walled_off"]
    for level, kind in itertools.product(LEVELS, ("", "tls-")):
        clients.append(f"{kind}{level},The {kind}{level} client,@{kind}{level}.test,en,mail,,normal,{'mx.test' if kind else ''}")
        matters.append(f"M-{kind}{level},{kind}{level},Title,{level},alice@aldous.test,litigation,,open,,")
    return firm | {"clients.csv": "\n".join(clients) + "\n", "matters.csv": "\n".join(matters) + "\n"}


def sh(folder, command):
    servers.run("bash", "-e", "-c", command, cwd=folder)


class Keys:
    """What the clients have, in the register's folder; their private keys beside it."""

    def __init__(self, office):
        self.folder, self.certs, self.gpg = office.conf_dir, office.conf_dir / "certs", office.folder / "gpg"
        for path in (self.certs, self.folder / "roots", self.folder / "crls", self.gpg):
            path.mkdir(parents=True)
        self.gpg.chmod(0o700)
        self.env = {**os.environ, "GNUPGHOME": str(self.gpg)}
        self._authority()
        for level in LEVELS:
            for name in ("smime", "both", "other"):
                certificate(self.certs, f"{name}@{level}.test", f"{name}-{level}")
            self._openssl(f"expired@{level}.test", f"expired-{level}", "keyEncipherment", "faketime 2020-01-01")
            self._openssl(f"wrong-usage@{level}.test", f"wrong-usage-{level}", "digitalSignature")
            self._revoked(level)
            self._pgp(f"pgp@{level}.test", f"pgp-{level}", "never")
            self._pgp(f"both@{level}.test", f"both-{level}", "never")
            self._pgp(f"old-pgp@{level}.test", f"old-pgp-{level}", "1d", "faketime 2020-01-01")
        sh(self.folder, "cat revoked-*.pem > gone.pem && certtool --generate-crl --load-ca-privkey ca.key --load-ca-certificate roots/ca.pem "
           "--load-certificate gone.pem --template crl.tmpl --outder --outfile crls/list.crl && mv revoked-*.pem certs/")

    def _openssl(self, owner, name, usage, before=""):
        sh(self.folder, f"{before} openssl req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out certs/{name}.pem -days 30 -subj /CN={name} "
           f"-addext subjectAltName=email:{owner} -addext keyUsage={usage} -addext extendedKeyUsage=emailProtection")

    def _authority(self):
        (self.folder / "ca.tmpl").write_text('cn = "Test Root"\nca\ncert_signing_key\ncrl_signing_key\nexpiration_days = 900\n')
        (self.folder / "crl.tmpl").write_text("crl_next_update = 9\ncrl_number = 1\n")
        sh(self.folder, "certtool -p --rsa --bits 2048 --outfile ca.key && certtool -s --load-privkey ca.key --template ca.tmpl --outfile roots/ca.pem")

    def _revoked(self, level):
        name = f"revoked-{level}"
        (self.folder / f"{name}.tmpl").write_text(f'cn = "{name}"\nemail = "revoked@{level}.test"\nencryption_key\nemail_protection_key\n'
                                                  f"expiration_days = 300\nserial = {7 + LEVELS.index(level)}\n")
        sh(self.folder, f"certtool -p --rsa --bits 2048 --outfile {name}.key && certtool -c --load-privkey {name}.key --load-ca-certificate "
           f"roots/ca.pem --load-ca-privkey ca.key --template {name}.tmpl --outfile {name}.pem")

    def _pgp(self, owner, name, days, before=""):
        words = ["gpg", "--batch", "--passphrase", "", "--quick-gen-key", f"{name} <{owner}>", "rsa2048", "encrypt,sign", days]
        subprocess.run([*before.split(), *words], env=self.env, capture_output=True, check=True)
        armored = subprocess.run(["gpg", "--armor", "--export", f"={name} <{owner}>"], env=self.env, capture_output=True, check=True).stdout
        (self.certs / f"{name}.asc").write_bytes(armored)

    def way(self, name, data):
        """How the mail came, if its owner can read it: "clear", "smime", "openpgp"; else None."""
        if SECRET.encode() in data:
            return "clear"
        if b"application/pkcs7-mime" in data:
            argv = ["openssl", "cms", "-decrypt", "-inkey", self.folder / f"{name}.key", "-recip", self.certs / f"{name}.pem"]
            done = subprocess.run(argv, input=data, capture_output=True)
        else:
            done = subprocess.run(["gpg", "--batch", "--decrypt"], input=data, capture_output=True, env=self.env)
        kind = "smime" if b"application/pkcs7-mime" in data else "openpgp"
        return kind if SECRET.encode() in done.stdout else None


@pytest.fixture(scope="module")
def firm():
    office = servers.Office(conf(), "aldous.test", firms.ALDOUS_LOGINS)
    try:
        office.keys = Keys(office)
        office.start()
        yield office
    finally:
        office.remove()


def expected(state, level, arity):
    """{recipient: way}, empty when it is refused."""
    way = TABLE[state][LEVELS.index(level)]
    if way == "-":
        return {}
    everybody = {address(state, level): way}
    if arity != "alone":
        everybody |= {f"other@{level}.test": "clear" if level == "normal" else "smime", BEN: "clear"}
    return everybody


def send(office, state, level, arity):
    recipients = [address(state, level)] + ([] if arity == "alone" else [f"other@{level}.test", BEN])
    to = ", ".join(r for r in recipients[1 if arity == "blind" else 0:] if r != BEN)
    message = letter(ALICE, to, f"{state}, {level}, {arity}", SECRET + "\n")
    message.add_attachment((SECRET + "\n").encode() * 40, maintype="application", subtype="octet-stream", filename="offer.bin")
    return message["Message-ID"], office.submit("alice@aldous.test", "alice@aldous.test", recipients, message.as_bytes())


def in_any_writing(data):
    """The secret as it is, or in base64 from whichever of three places it begins."""
    joined = data.replace(b"\r\n", b"")
    return SECRET.encode() in data or any(base64.b64encode((b"\0" * shift + SECRET.encode())[:45])[4:40] in joined for shift in range(3))


@pytest.mark.parametrize("arity", ARITIES)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("state", TABLE)
def test_everybody_gets_it_as_the_table_says_and_the_wire_shows_no_more(firm, state, level, arity):
    wanted = expected(state, level, arity)
    id, (code, text) = send(firm, state, level, arity)
    assert code == (250 if wanted else 550), text
    if wanted:
        firm.sink.wait(lambda m: m.message["Message-ID"] == id and set(wanted) & set(m.recipients))
        servers.wait_for(lambda: {r for m in firm.sink.find(lambda m: m.message["Message-ID"] == id) for r in m.recipients} >= set(wanted), 20, "all")
    else:
        firm.postfix.wait_empty()
        assert address(state, level) in text
    mails = firm.sink.find(lambda m: m.message["Message-ID"] == id)
    ways = {r: firm.keys.way(f"{r.split('@')[0]}-{level}", m.data) for m in mails for r in m.recipients}
    assert ways == wanted and sum(len(m.recipients) for m in mails) == len(wanted)
    for mail in mails:
        assert in_any_writing(mail.data) == ("clear" in {wanted[r] for r in mail.recipients})
    if arity == "blind" and wanted.get(address(state, level)) in ("smime", "openpgp"):
        other = next(m.data for m in mails if f"other@{level}.test" in m.recipients)
        assert firm.keys.way(f"{state}-{level}", other) is None, "the named one's copy does not tell of the blind one"
    assert not [m for m in firm.postfix.queue_listing() if m["queue_name"] == "hold"]
