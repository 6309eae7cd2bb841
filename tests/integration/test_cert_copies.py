# SPDX-License-Identifier: Apache-2.0
"""lexgate cert with files as attackers and careless people make them."""
import pytest

from test_certs import Firm, sh


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
