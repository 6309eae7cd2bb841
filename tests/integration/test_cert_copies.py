# SPDX-License-Identifier: Apache-2.0
"""lexgate cert with files as attackers and careless people make them."""
import os
import subprocess
import time

import pytest

from servers import STAGE
from test_certs import Firm, authority, sh, web


@pytest.fixture
def firm(tmp_path):
    return Firm(tmp_path)


def revoked_key(firm):
    """first.asc is a key as it was, gone.asc the same after its owner has revoked it."""
    home = firm.folder / "gnupg"
    home.mkdir(mode=0o700)
    sh(firm.folder, f"""export GNUPGHOME={home}; gpg --batch --passphrase '' --quick-gen-key 'Rita <rita@client.test>' rsa2048 encrypt,sign never
        gpg --armor --export > first.asc; sed 's/^:---/---/' gnupg/openpgp-revocs.d/*.rev > rev.asc; gpg --batch --import rev.asc
        gpg --armor --export > gone.asc; gpgconf --kill gpg-agent""")


def test_an_older_copy_of_a_revoked_key_does_not_bring_it_back(firm):
    revoked_key(firm)
    assert firm.run("import", "first.asc").returncode == 0
    gone = firm.run("import", "gone.asc")
    assert gone.returncode == 0 and "was revoked" in gone.stdout and "until" not in gone.stdout, "its revocation must get in"
    back = firm.run("import", "first.asc")
    assert back.returncode == 1 and "known as revoked" in back.stderr
    assert firm.json("find", "rita@client.test")[0]["state"] == "revoked"


def lexgate(firm, *words):
    return subprocess.run([STAGE / "bin/lexgate", "-c", "lexgate.conf", *words], cwd=firm.folder, capture_output=True, text=True,
                          timeout=60, start_new_session=True, stdin=subprocess.DEVNULL)


def kept(firm, *folders):
    for name in ("certs", *(f"certs/{f}" for f in folders)):
        (firm.folder / name).mkdir(exist_ok=True)


def test_a_fifo_is_passed_over_and_nobody_waits_for_it(firm):
    kept(firm, "issuers", "harvested")
    firm.self_signed("alice")
    sh(firm.folder, "cp alice.pem certs/; mkfifo certs/zz.pem certs/issuers/zz.pem certs/harvested/zz.pem certs/zz roots/zz.pem crls/zz.pem")
    for done in (lexgate(firm, "check"), firm.run("check"), firm.run("list")):
        for path in ("certs/zz.pem", "certs/issuers/zz.pem", "certs/harvested/zz.pem", "roots/zz.pem", "crls/zz.pem"):
            assert f"{path}: " in done.stderr + done.stdout and "no regular file" in done.stderr + done.stdout, done.stderr
    assert "alice@client.test" in firm.run("list").stdout
    taken = firm.run("import", "certs/zz.pem")
    assert taken.returncode == 2 and taken.stderr.count("certs/zz.pem") == 1 and "no regular file" in taken.stderr


def test_what_lies_beside_a_removed_certificate_stays(firm):
    authority(firm, "http://127.0.0.1:9/none")
    kept(firm)
    sh(firm.folder, "cat carol.pem roots/ca.pem > certs/carol.pem; mv roots/ca.pem ca.pem")
    removed = firm.run("remove", "carol@client.test")
    assert removed.returncode == 0 and "authority" in removed.stdout, removed.stderr
    assert not list((firm.folder / "certs").glob("*.pem"))
    stays, = (firm.folder / "certs/issuers").iterdir()
    assert sh(firm.folder, f"openssl x509 -in {stays} -outform DER | sha256sum") == sh(firm.folder, "openssl x509 -in ca.pem -outform DER | sha256sum")
    firm.self_signed("alice")
    sh(firm.folder, "cp alice.pem certs/")
    assert firm.run("remove", "alice@client.test").returncode == 0
    assert list((firm.folder / "certs/issuers").iterdir()) == [stays], "an authority that is removed itself stays"


def test_check_tells_of_private_keys_in_the_folder(firm):
    kept(firm)
    firm.self_signed("alice")
    sh(firm.folder, "cat alice.pem alice.key > certs/both.pem; cp alice.key certs/alice.key; echo words > certs/README; openssl pkcs12 -export "
       "-in alice.pem -inkey alice.key -passout pass:x -out certs/alice.p12; cp certs/alice.p12 certs/alice.pem; cp certs/alice.p12 certs/backup")
    lines = lexgate(firm, "check").stdout.splitlines() + lexgate(firm, "check").stderr.splitlines()
    for name, what in (("both.pem", "private key"), ("alice.key", "private key"), ("alice.p12", "PKCS#12"), ("alice.pem", "PKCS#12"), ("backup", "PKCS#12")):
        told = [line for line in lines if f"certs/{name}: " in line and what in line and "delete" in line]
        assert told and told[0].count("certs/") == 1, (name, lines)
    assert not [line for line in lines if "README" in line]


def test_an_encrypted_root_asks_nobody_for_a_pass_phrase(firm):
    firm.self_signed("root")
    pem = (firm.folder / "root.pem").read_text()
    (firm.folder / "roots/root.pem").write_text(pem.replace("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n", 1))
    (firm.folder / "crls/list.pem").write_text((firm.folder / "roots/root.pem").read_text().replace("CERTIFICATE", "X509 CRL"))
    command = f"{STAGE}/bin/lexgate -c lexgate.conf check"
    done = subprocess.run(["script", "-qec", command, "/dev/null"], cwd=firm.folder, capture_output=True, text=True, timeout=30,
                          stdin=subprocess.DEVNULL)
    assert "pass phrase" not in done.stdout.lower() and "no root certificate" in done.stdout, done.stdout


def test_one_that_is_refused_keeps_no_other_from_the_daemons(firm):
    firm.self_signed("alice")
    sh(firm.folder, "echo hello > words.pem")
    done = firm.run("import", "alice.pem", "words.pem")
    assert done.returncode == 1 and "Running daemons take it" in done.stdout
    assert list((firm.folder / "state").glob("certs-*.mdb"))
    none = firm.run("import", "words.pem")
    assert none.returncode == 1 and "Running daemons" not in none.stdout


def test_a_missing_pass_phrase_and_a_missing_tmpdir_say_what_to_do(firm):
    firm.self_signed("alice")
    sh(firm.folder, "openssl pkcs12 -export -in alice.pem -inkey alice.key -passout pass:x -out alice.p12")
    assert "nothing in it" not in firm.run("import", "alice.p12").stderr
    sh(firm.folder, "rm -rf state")  # where they could keep a snapshot
    for words in (("check",), ("cert", "list")):
        done = subprocess.run([STAGE / "bin/lexgate", "-c", "lexgate.conf", *words], cwd=firm.folder, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "TMPDIR": "/nonexistent"})
        assert done.returncode != 0 and "set TMPDIR" in done.stderr + done.stdout


def test_a_thousand_addresses_are_enough(firm):
    kept(firm)
    names = ",".join(f"email:p{i}@client.test" for i in range(1200))
    (firm.folder / "many.cnf").write_text(f"[req]\ndistinguished_name = dn\nx509_extensions = x\n[dn]\n[x]\nsubjectAltName = {names}\n")
    sh(firm.folder, "openssl req -x509 -newkey rsa:2048 -nodes -keyout many.key -config many.cnf -subj /CN=many -out certs/many.pem")
    assert "names 1200 addresses; the first 1000 count" in firm.run("list").stderr
    assert firm.json("find", "p999@client.test")[0]["used"] and not firm.json("find", "p1000@client.test")


def test_of_two_lists_the_one_with_the_higher_number_stays(firm):
    with web(firm.folder / "www") as url:
        authority(firm, f"{url}/list.crl")

        def offer(number, hour):
            (firm.folder / "crl.tmpl").write_text(f'crl_this_update_date = "{time.gmtime().tm_year - 1}-06-01 0{hour}:00:00 UTC"\n'
                                                  f'crl_next_update = 900\ncrl_number = {number}\n')
            sh(firm.folder, "certtool --generate-crl --load-ca-privkey ca.key --load-ca-certificate roots/ca.pem --template crl.tmpl --outder "
               "--outfile www/list.crl")
            return firm.run("refresh").returncode

        kept(firm, "ldap")
        sh(firm.folder, "cp carol.pem certs/ldap/")
        # 300 has two bytes
        assert [offer(*one) for one in ((5, 1), (6, 1), (5, 1), (300, 1), (6, 2), (300, 2), (301, 2))] == [0, 0, 1, 0, 1, 0, 0]
