# SPDX-License-Identifier: Apache-2.0
"""lexgate cert: what correspondents send goes in, is judged, found, told of and taken out; lists are fetched."""
import contextlib
import datetime
import http.server
import json
import subprocess
import threading

import pytest

from servers import STAGE

CONF = """firm: { name = "A"; domains = ["a.test"]; };
registry: { certificates = "certs"; };
trust: { roots = "roots"; crls = "crls"; };
paths: { state = "state"; };
"""


def sh(folder, command):
    done = subprocess.run(["bash", "-e", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Firm:
    def __init__(self, folder):
        self.folder = folder
        (folder / "lexgate.conf").write_text(CONF)
        for name in ("state", "roots", "crls"):
            (folder / name).mkdir()

    def run(self, *words):
        return subprocess.run([STAGE / "bin/lexgate", "-c", "lexgate.conf", "cert", *words], cwd=self.folder,
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def json(self, *words):
        return json.loads(self.run(*words, "--json").stdout)

    def self_signed(self, name, options="", days=300):
        sh(self.folder, f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -days {days} "
           f"-subj /CN={name} -addext subjectAltName=email:{name}@client.test {options} 2>/dev/null")


@pytest.fixture
def firm(tmp_path):
    return Firm(tmp_path)


def authority(firm, cdp):
    """A root made by certtool, a certificate for carol that names its list, one that is revoked."""
    (firm.folder / "ca.tmpl").write_text('cn = "Test Root"\nca\ncert_signing_key\ncrl_signing_key\nexpiration_days = 900\n')
    sh(firm.folder, "certtool -p --rsa --bits 2048 --outfile ca.key && certtool -s --load-privkey ca.key --template ca.tmpl --outfile roots/ca.pem")
    for serial, name in enumerate(("carol", "rita"), 7):
        (firm.folder / f"{name}.tmpl").write_text(f'cn = "{name}"\nemail = "{name}@client.test"\nencryption_key\nemail_protection_key\n'
                                                  f'expiration_days = 300\nserial = {serial}\ncrl_dist_points = "{cdp}"\n')
        sh(firm.folder, f"certtool -p --rsa --bits 2048 --outfile {name}.key && certtool -c --load-privkey {name}.key "
           f"--load-ca-certificate roots/ca.pem --load-ca-privkey ca.key --template {name}.tmpl --outfile {name}.pem")


def revoke(firm, hours_ago, *names):
    """Publishes the list, issued that long ago, with these in it."""
    given = ""
    issued = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours_ago)).strftime("%Y-%m-%d %H:%M:%S UTC")
    (firm.folder / "crl.tmpl").write_text(f'crl_this_update_date = "{issued}"\ncrl_next_update = 9\ncrl_number = 1\n')
    if names:
        sh(firm.folder, f"cat {' '.join(n + '.pem' for n in names)} > gone.pem")
        given = "--load-certificate gone.pem"
    sh(firm.folder, f"certtool --generate-crl --load-ca-privkey ca.key --load-ca-certificate roots/ca.pem {given} "
       "--template crl.tmpl --outder --outfile www/list.crl")


@contextlib.contextmanager
def web(folder):
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *args):
            pass

        def do_GET(self):
            if self.path == "/endless":
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):
                    for _ in range(80):
                        self.wfile.write(b"\0" * (1 << 20))
            elif self.path == "/file":
                self.send_response(302)
                self.send_header("Location", "file:///etc/passwd")
                self.end_headers()
            else:
                super().do_GET()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def test_every_format_is_taken_and_found(firm):
    firm.self_signed("alice")
    sh(firm.folder, "openssl pkcs12 -export -in alice.pem -inkey alice.key -passout pass:secret -out alice.p12; echo secret > phrase; echo wrong > wrong")
    refused = firm.run("import", "alice.p12")
    assert refused.returncode == 1 and "--passphrase-file" in refused.stderr
    assert firm.run("import", "--passphrase-file", "wrong", "alice.p12").returncode == 1
    taken = firm.run("import", "--passphrase-file", "phrase", "alice.p12")
    assert taken.returncode == 0, taken.stderr
    kept = list((firm.folder / "certs").glob("*.pem"))
    assert len(kept) == 1 and "PRIVATE" not in kept[0].read_text() and "First-Seen: " in kept[0].read_text()
    assert list((firm.folder / "state").glob("certs-*.mdb")), "no snapshot for the daemons"
    found = firm.json("find", "ALICE@client.test")
    assert [c["used"] for c in found] == [True] and found[0]["trust"] == "by hand"
    sh(firm.folder, "cat alice.pem alice.pem alice.pem > thrice.pem")
    assert firm.run("import", "thrice.pem").stdout.count("fingerprint") == 1
    both = firm.run("import", "alice.pem")
    assert both.returncode == 0 and len(list((firm.folder / "certs").iterdir())) == 1, "the same certificate lies there twice"


def test_what_would_not_be_used_or_is_secret_stays_out(firm):
    firm.self_signed("signer", "-addext keyUsage=digitalSignature")
    firm.self_signed("alice")
    sh(firm.folder, "cat alice.pem alice.key > both.pem; echo hello > words.pem")
    for name, reason in (("signer.pem", "key usage"), ("both.pem", "private key"), ("words.pem", "no certificate"), ("absent.pem", "absent.pem")):
        done = firm.run("import", name)
        assert done.returncode in (1, 2) and reason in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert not (firm.folder / "certs").exists()


def test_find_prefers_the_newest_valid_and_says_why_not_the_others(firm):
    (firm.folder / "certs").mkdir()
    firm.self_signed("alice", days=2)
    sh(firm.folder, "mv alice.pem certs/old.pem; mv alice.key old.key")
    firm.self_signed("alice", days=100)
    sh(firm.folder, "mv alice.pem certs/new.pem")
    found = firm.json("find", "alice@client.test")
    assert [(c["used"], c["file"]) for c in found][0][0] is True and sum(c["used"] for c in found) == 1
    late = firm.run("find", "--at", "2026-12-01T00:00:00Z" if found[0]["until"] < "2026" else "2100-01-01T00:00:00Z", "alice@client.test")
    assert late.returncode == 1 and "expired on" in late.stdout and "ask them for the new one" in late.stdout
    soon = json.loads(firm.run("expiring", "--within", "30d", "--json").stdout)
    assert [c["file"] for c in soon] == ["old.pem"]
    assert firm.run("expiring", "--within", "1d").returncode == 0
    assert firm.run("expiring", "--within", "soon").returncode == 2
    none = firm.run("find", "bob@client.test")
    assert none.returncode == 1 and "no certificate or key of bob@client.test is known" in none.stdout


def test_one_is_shown_removed_and_trusted(firm):
    firm.self_signed("alice")
    firm.self_signed("bob")
    (firm.folder / "certs/waiting").mkdir(parents=True)
    sh(firm.folder, "cat alice.pem bob.pem > certs/two.pem; openssl x509 -in alice.pem -outform DER -out certs/alice.der; mv bob.pem certs/waiting/; rm certs/two.pem; cat alice.pem > certs/alice.pem")
    waiting = firm.json("find", "bob@client.test")[0]
    assert waiting["state"] == "waits" and not waiting["used"]
    assert firm.run("trust", waiting["fingerprint"][:12]).returncode == 0
    assert firm.json("find", "bob@client.test")[0]["used"] and not list((firm.folder / "certs/waiting").iterdir())
    shown = firm.run("show", "alice@client.test")
    assert shown.returncode == 0 and "RSA 2048" in shown.stdout
    removed = firm.run("remove", "alice@client.test")
    assert removed.returncode == 0 and removed.stdout.count("no longer in it") == 2
    assert firm.run("show", "alice@client.test").returncode == 1
    assert firm.json("find", "bob@client.test")[0]["used"]


def test_a_fetched_list_revokes_and_a_forged_or_older_one_does_not(firm):
    with web(firm.folder / "www") as url:
        authority(firm, f"{url}/list.crl")
        (firm.folder / "certs/ldap").mkdir(parents=True)
        sh(firm.folder, "cp carol.pem rita.pem certs/ldap/")
        assert firm.json("find", "carol@client.test")[0]["state"] == "stale"
        revoke(firm, 2)
        first = (firm.folder / "www/list.crl").read_bytes()
        done = firm.run("refresh")
        assert done.returncode == 0, done.stderr
        assert firm.json("find", "carol@client.test")[0]["state"] == "usable"
        assert firm.json("find", "carol@client.test")[0]["trust"] == "by chain"
        revoke(firm, 1, "rita")
        assert firm.run("refresh").returncode == 0
        assert firm.json("find", "rita@client.test")[0]["state"] == "revoked"
        (firm.folder / "www/list.crl").write_bytes(first)
        older = firm.run("refresh")
        assert older.returncode == 1 and "older" in older.stderr
        (firm.folder / "www/list.crl").write_bytes(b"<html>not found</html>")
        assert firm.run("refresh").returncode == 1
        assert firm.json("find", "rita@client.test")[0]["state"] == "revoked"
        assert firm.json("find", "carol@client.test")[0]["state"] == "usable"
        by_hand = firm.run("import", "rita.pem")
        assert "was revoked" in by_hand.stderr
        assert not firm.json("find", "rita@client.test")[0]["used"], "revoked, and trusted by hand"


def test_refresh_is_bounded_and_follows_no_other_scheme(firm):
    with web(firm.folder / "www") as url:
        (firm.folder / "lexgate.conf").write_text(CONF.replace('crls = "crls";', f'crls = "crls"; crl_urls = ["{url}/endless", "{url}/file", "{url}/none"];'))
        done = firm.run("refresh")
        assert done.returncode == 1 and not list((firm.folder / "crls").iterdir())
        for reason in ("more than 64 MB", "/file", "answered 404"):
            assert reason in done.stderr, done.stderr


def test_doctor_and_metrics_tell_of_what_expires(firm):
    firm.self_signed("alice", days=10)
    firm.self_signed("bob", days=300)
    assert firm.run("import", "alice.pem", "bob.pem").returncode == 0
    metrics = (firm.folder / "state/lexgate-certs.prom").read_text()
    assert 'lexgate_certificates{state="usable"} 2' in metrics and "lexgate_certificates_expiring 1" in metrics, metrics
    done = subprocess.run([STAGE / "bin/lexgate", "-c", "lexgate.conf", "doctor", "--json"], cwd=firm.folder, capture_output=True, text=True, timeout=60)
    told = [f for f in json.loads(done.stdout) if f["check"] == "certificates"]
    assert [f["state"] for f in told] == ["warn"] and "1 expire within 30 days" in told[0]["what"]
    report = firm.folder / "state/certs-report.json"  # for the administrators' letter
    assert [one["address"] for one in json.loads(report.read_text())["expiring"]["list"]] == ["alice@client.test"]
    firm.self_signed("alice", days=400)
    assert firm.run("import", "alice.pem").returncode == 0
    assert json.loads(report.read_text())["expiring"]["count"] == 0
    assert "lexgate_certificates_expiring 0" in (firm.folder / "state/lexgate-certs.prom").read_text(), "its successor is known"


def test_explain_needs_no_state(firm):
    firm.self_signed("alice")
    (firm.folder / "certs").mkdir()
    sh(firm.folder, "mv alice.pem certs/; rmdir state; printf 'Content-Type: text/plain\\r\\n\\r\\nsecret\\r\\n' | openssl cms -encrypt -aes256 -from a@a.test "
       "-to alice@client.test -subject x -out sealed.eml certs/alice.pem")
    done = subprocess.run([STAGE / "bin/lexgate", "-c", "lexgate.conf", "explain", "--json", "sealed.eml"], cwd=firm.folder, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["recipients"][0]["proof"] == "smime", done.stderr
    assert not (firm.folder / "state").exists()
