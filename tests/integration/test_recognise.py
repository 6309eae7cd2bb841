# SPDX-License-Identifier: Apache-2.0
"""Mail that people's programs encrypted is recognised, for whom it is encrypted; what only looks so never counts."""
import json
import shutil
import subprocess

import pytest

import firms
import sealing
import servers
from test_check import lay

PEOPLE = {"nora": sealing.NORA, "ned": sealing.NED, "mia": sealing.MIA}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = sealing.Lab(tmp_path_factory.mktemp("lab") / "l")
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def explain(lab, tmp_path_factory):
    conf = firms.aldous()
    folders = {}

    def lay_firm(settings):
        folder = tmp_path_factory.mktemp("firm") / "f"
        lay(folder, {**conf, "lexgate.conf": conf["lexgate.conf"].replace('"certs"', f'"{lab.certs}"') + settings})
        return folder

    def ask(message, *options, settings="", text=False):
        if settings not in folders:
            folders[settings] = lay_firm(settings)
        folder = folders[settings]
        done = subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", folder / "lexgate.conf", "explain", *([] if text else ["--json"]), "--auth",
                               "alice@aldous.test", "--from", "alice@aldous.test", *(f"--rcpt={a}" for a in PEOPLE.values()), *options, "-"],
                              input=message, capture_output=True, timeout=30)
        assert done.returncode in (0, 1), done.stderr.decode()
        return done.stdout.decode() if text else json.loads(done.stdout)
    return ask


def proofs(answer):
    return {name: next(r["proof"] for r in answer["recipients"] if r["address"] == address) for name, address in PEOPLE.items()}


def names(case):
    return f"{case.group}: {case.name}"


def test_every_case_has_a_name_of_its_own():
    for cases in (sealing.GENUINE, sealing.FAKES):
        assert len({names(c) for c in cases}) == len(cases)
    assert {c.group for c in sealing.GENUINE} >= {"openssl", "nss", "gpgsm", "gpg", "sq", "rnp", "mail programs"}
    assert len(sealing.GENUINE) >= 100 and len(sealing.FAKES) >= 30


@pytest.mark.parametrize("case", sealing.GENUINE, ids=names)
def test_genuine_mail_is_recognised_with_its_recipients(lab, explain, case):
    answer = explain(case.make(lab))
    assert (answer["encryption"]["state"], proofs(answer)) == (case.state, case.proofs), answer
    assert all(r["proof_why"] for r in answer["recipients"])


@pytest.mark.parametrize("case", sealing.FAKES, ids=names)
def test_what_only_looks_encrypted_is_not(lab, explain, case):
    answer = explain(case.make(lab))
    expected = {"unknown"} if case.state == "unknown" else {"none", "broken"}
    assert answer["encryption"]["state"] in expected and set(proofs(answer).values()) <= {"none", "unknown"}, answer
    assert answer["decision"]["action"] in ("reject", "hold")
    assert answer["encryption"]["why"] or answer["encryption"]["state"] == "none"


def test_triple_des_counts_where_the_policy_says_so(lab, explain):
    message = next(c for c in sealing.FAKES if c.name == "triple_des").make(lab)
    assert explain(message)["encryption"] == {"state": "broken", "why": "it is encrypted with triple DES, which is too weak to count here"}
    answer = explain(message, settings="encryption: { triple_des = true; };")
    assert answer["encryption"]["state"] == "smime" and proofs(answer)["nora"] == "smime"


COVERING = """encryption: { harmless_text = ["Dear *,", "please find the documents attached.", "Kind regards", "Alice"]; harmless_subject = ["Documents*"]; };
text: { footer = "Aldous & Partners is a partnership of solicitors."; };"""
NOTE = "Dear Nora,\n\nPlease find the documents attached.\n\nKind regards\nAlice\n-- \n"


@pytest.mark.parametrize("text, subject, state", [
    (NOTE, "Documents of the matter", "container"),
    ("", "Documents of the matter", "container"),
    (NOTE.replace("-- \n", "Aldous & Partners is a partnership\nof solicitors.\n"), "documents", "container"),
    (NOTE, "The settlement is two million", "none"),
    (NOTE + "The settlement is two million.\n", "Documents", "none"),
    ("> " + NOTE + "> The settlement is two million.\n", "Documents", "none"),
    ("Aldous & Partners asks for two million.\n", "Documents", "none"),
])
def test_words_that_the_policy_lists_may_stand_beside_encrypted_files(lab, explain, text, subject, state):
    from sealing.containers import mail, sample
    plain = mail(("lease.docx", sample("agile.docx")), text=sealing.shapes.part("", text)).replace(b"Subject: lease", f"Subject: {subject}".encode())
    page = plain.replace(b"--b\r\n\r\n", b"--b\r\nContent-Type: text/html\r\n\r\n<pre>", 1)
    for message in (plain, page):
        answer = explain(message, settings=COVERING)
        assert answer["encryption"]["state"] == state, answer["encryption"]
        assert answer["encryption"]["why"]
    assert explain(plain)["encryption"]["state"] == ("container" if not text else "none")


def test_each_recipient_gets_a_reason_in_plain_words(lab, explain):
    words = " ".join(explain(sealing.shapes.smime(lab.encrypt("-aes256", "nora.pem")), text=True).split())
    for reason in ("encrypted to them (S/MIME)", "not encrypted to them: it is encrypted, but to no certificate of theirs",
                   "whether it is encrypted to them could not be found out: no certificate or key of theirs that fits is known here",
                   f"nothing protects it on the way to {sealing.NED}: the mail is not encrypted to them",
                   f"whether it is protected on the way to {sealing.MIA} is unknown: no certificate or key of theirs that fits is known here"):
        assert reason in words, words


def test_a_certificate_that_is_over_proves_nothing(lab, explain):
    message = sealing.shapes.smime(lab.encrypt("-aes256", "nora.pem"))
    answer = explain(message, "--at", "2099-01-01T10:00:00Z")
    nora = next(r for r in answer["recipients"] if r["address"] == sealing.NORA)
    assert (nora["proof"], nora["proof_why"]) == ("unknown", "it is encrypted to a certificate of theirs that is expired or not valid yet")


def test_the_form_of_gnupg_is_flagged(lab, explain):
    message = next(c for c in sealing.GENUINE if c.name == "rnp, --aead=OCB").make(lab)
    assert "openpgp-legacy-format" in explain(message)["anomalies"]


def test_where_all_have_a_way_the_mail_leaves_and_else_it_does_not(lab, explain):
    both = sealing.shapes.smime(lab.encrypt("-aes256", "nora.pem", "ned.pem"))
    decisions = [explain(m)["decision"]["action"] for m in (both, sealing.shapes.smime(lab.encrypt(
        "-aes256", "nora.pem")), sealing.shapes.message("\n", sealing.shapes.LETTER))]
    assert decisions == ["hold", "reject", "reject"]  # of mia nobody knows a certificate


def test_postfix_lets_the_genuine_through_and_none_of_the_fakes(lab, own_office):
    office = own_office(start=False)
    shutil.copytree(lab.certs, office.conf_dir / "certs", dirs_exist_ok=True)
    office.start()

    def send(case):
        return office.submit("alice@aldous.test", "alice@aldous.test", sealing.NORA, case.make(lab).replace(b"Message-ID: <1@", f"Message-ID: <{id(case)}@".encode()))

    good = [c for c in sealing.GENUINE if c.proofs["nora"] == c.state][::9]
    bad = [c for c in sealing.FAKES if c.state is None][::9]
    assert {c.name: send(c)[0] for c in good} == {c.name: 250 for c in good}
    assert {c.name: send(c)[0] for c in bad} == {c.name: 550 for c in bad}
    office.sink.wait(lambda m: m.recipients == [sealing.NORA], len(good))
    assert not office.sink.find(lambda m: b"two million" in m.data)
