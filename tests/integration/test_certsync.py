# SPDX-License-Identifier: Apache-2.0
"""lexgate cert sync against a real slapd on loopback, in clear and with TLS."""
import base64
import json
import shutil
import socket
import subprocess
import time

import pytest
from test_certs import CONF, Firm, sh

SLAPD = shutil.which("slapd", path="/usr/sbin:/usr/bin:/sbin")
BASE = "dc=client,dc=test"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Directory:
    def __init__(self, folder):
        self.folder, self.clear, self.tls = folder, free_port(), free_port()
        (folder / "data").mkdir()
        sh(folder, "openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.pem -days 9 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null")
        schemas = "".join(f"include /etc/ldap/schema/{name}.schema\n" for name in ("core", "cosine", "inetorgperson"))
        (folder / "slapd.conf").write_text(
            f"{schemas}modulepath /usr/lib/ldap\nmoduleload back_mdb\nTLSCertificateFile {folder}/tls.pem\nTLSCertificateKeyFile {folder}/tls.key\n"
            f'database mdb\nmaxsize 104857600\nsuffix "{BASE}"\nrootdn "cn=root,{BASE}"\nrootpw secret\ndirectory {folder}/data\nsizelimit 500\n'
            f"access to * by anonymous auth by * none\n")
        self.load(f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: client\no: Client\n")
        self.process = subprocess.Popen([SLAPD, "-f", folder / "slapd.conf", "-d", "0", "-h", f"ldap://127.0.0.1:{self.clear}/ ldaps://127.0.0.1:{self.tls}/"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.tls), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, "slapd ended"

    def load(self, ldif):
        subprocess.run([SLAPD.replace("slapd", "slapadd"), "-f", self.folder / "slapd.conf"], input=ldif, text=True, check=True, capture_output=True)

    def change(self, ldif):
        done = subprocess.run(["ldapmodify", "-x", "-H", f"ldap://127.0.0.1:{self.clear}", "-D", f"cn=root,{BASE}", "-w", "secret"], input=ldif, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr

    def person(self, name, attribute, der):
        self.change(f"dn: cn={name},{BASE}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: {name}\nsn: {name}\nmail: {name}@client.test\n"
                    f"{attribute}:: {base64.b64encode(der).decode()}\n")

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def directory(tmp_path):
    if not SLAPD:
        pytest.skip("slapd is not installed")
    (tmp_path / "ldap").mkdir()
    server = Directory(tmp_path / "ldap")
    yield server
    server.stop()


@pytest.fixture
def firm(tmp_path):
    (tmp_path / "firm").mkdir()
    return Firm(tmp_path / "firm")


def point(firm, url, more=""):
    (firm.folder / "password").write_text("secret\n")
    (firm.folder / "lexgate.conf").write_text(
        CONF + f'directory: {{ url = "{url}"; base = "{BASE}"; user = "cn=root,{BASE}"; password_file = "password"; {more} }};\n')


def issue(firm, name):
    """DER of a certificate under the root in roots/."""
    if not (firm.folder / "ca.key").exists():
        sh(firm.folder, "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out roots/ca.pem -days 900 -subj /CN=Root 2>/dev/null && openssl genpkey -algorithm RSA -out p.key 2>/dev/null")
    sh(firm.folder, f"openssl req -new -key p.key -subj /CN={name} -out {name}.csr && printf 'subjectAltName=email:{name}@client.test\\nextendedKeyUsage=emailProtection\\n' > ext && "
       f"openssl x509 -req -in {name}.csr -CA roots/ca.pem -CAkey ca.key -days 300 -extfile ext -out {name}.pem 2>/dev/null && openssl x509 -in {name}.pem -outform DER -out {name}.der")
    return (firm.folder / f"{name}.der").read_bytes()


def test_certificates_of_a_directory_come_and_go(firm, directory):
    point(firm, f"ldap://127.0.0.1:{directory.clear}")
    directory.person("ann", "userCertificate;binary", issue(firm, "ann"))
    issue(firm, "ben")
    sh(firm.folder, "openssl crl2pkcs7 -nocrl -certfile ben.pem -outform DER -out ben.p7")
    directory.person("ben", "userSMIMECertificate", (firm.folder / "ben.p7").read_bytes())
    firm.self_signed("cyd")
    sh(firm.folder, "openssl x509 -in cyd.pem -outform DER -out cyd.der")
    directory.person("cyd", "userCertificate;binary", (firm.folder / "cyd.der").read_bytes())
    dry = json.loads(firm.run("sync", "--dry-run", "--json").stdout)
    assert dry["added"] == 3 and not (firm.folder / "certs").exists()
    done = firm.run("sync", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"entries": 3, "added": 3, "kept": 0, "removed": 0, "unusable": 0}
    assert [firm.json("find", f"{n}@client.test")[0]["state"] for n in ("ann", "ben", "cyd")] == ["usable", "usable", "untrusted"]
    found = firm.json("find", "ann@client.test")[0]
    assert found["source"] == "ldap" and found["trust"] == "by chain"
    directory.change(f"dn: cn=ann,{BASE}\nchangetype: delete\n")
    assert json.loads(firm.run("sync", "--json").stdout) == {"entries": 2, "added": 0, "kept": 2, "removed": 1, "unusable": 0}
    assert firm.run("find", "ann@client.test").returncode == 1
    assert firm.json("find", "ben@client.test")[0]["used"]
    for name in ("ben", "cyd"):
        directory.change(f"dn: cn={name},{BASE}\nchangetype: delete\n")
    emptied = firm.run("sync")
    assert "those that are there stay" in emptied.stderr and firm.json("find", "ben@client.test")[0]["used"]


def test_more_entries_than_a_page_all_come(firm, directory):
    point(firm, f"ldap://127.0.0.1:{directory.clear}")
    der = base64.b64encode(issue(firm, "ann")).decode()
    ldif = "".join(f"dn: cn=p{i},{BASE}\nobjectClass: inetOrgPerson\ncn: p{i}\nsn: p\nuserCertificate;binary:: {der}\n\n" for i in range(1200))
    directory.stop()
    directory.load(ldif)
    directory.process = subprocess.Popen([SLAPD, "-f", directory.folder / "slapd.conf", "-d", "0", "-h", f"ldap://127.0.0.1:{directory.clear}/"], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    done = firm.run("sync", "--json")
    while done.returncode and time.monotonic() < deadline:
        done = firm.run("sync", "--json")
    assert json.loads(done.stdout)["entries"] == 1200 and json.loads(done.stdout)["added"] == 1


def test_tls_is_verified_and_what_fails_changes_nothing(firm, directory):
    directory.person("ann", "userCertificate;binary", issue(firm, "ann"))
    url = f"ldaps://127.0.0.1:{directory.tls}"
    point(firm, url, f'roots = "{directory.folder}/tls.pem";')
    assert firm.run("sync").returncode == 0
    for more in ("", 'roots = "roots/ca.pem";'):  # nobody vouches for the server
        point(firm, url, more)
        done = firm.run("sync")
        assert done.returncode == 2 and "nothing was changed" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    point(firm, f"ldap://127.0.0.1:{directory.clear}")
    (firm.folder / "password").write_text("wrong\n")
    done = firm.run("sync")
    assert done.returncode == 2 and "the login failed" in done.stderr
    directory.stop()
    done = firm.run("sync")
    assert done.returncode == 2 and "nothing was changed" in done.stderr
    assert firm.json("find", "ann@client.test")[0]["used"], "a directory that is away took certificates with it"
