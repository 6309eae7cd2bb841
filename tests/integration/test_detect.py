# SPDX-License-Identifier: Apache-2.0
"""Numbers in mail are found, said in words, and never repeated to a sender, in a log or in a journal."""
import io
import json
import subprocess
import zipfile

import pytest

import firms
import servers
from letters import ALICE, NORA, PETER, BEN, letter
from test_check import lay

CARD, IBAN, ACCOUNT = "4539 5787 6362 1486", "DE89 3704 0044 0532 0130 00", "sort code 60-16-13, account number 31926819"
RULES = """
detectors: { file-number: { pattern = "\\\\bF-\\\\d{6}\\\\b"; }; };
rules: (
  { id = "cards"; policy = "6.1"; when: { detects: { kind = "payment-card"; }; }; do = "reject";
    say = "Payment card numbers do not travel by mail."; },
  { id = "many-ibans"; when: { detects: { kind = "iban"; at_least = 2; where = "text"; }; }; do = "hold"; },
  { id = "file-numbers"; when: { direction = "outgoing"; detects: { kind = "file-number"; }; }; do = "hold"; },
  { id = "changed-account"; when: { direction = "incoming"; account_known = false; }; do = "hold"; } );
"""


def firm():
    conf = firms.aldous()
    conf["conf.d/detect.conf"] = RULES
    conf["matters.csv"] = conf["matters.csv"].replace("walled_off\n", "walled_off,accounts\n").replace(
        "open,,\n", "open,,,20-20-15/55555555\n").replace("walter@aldous.test\n", "walter@aldous.test,\n")
    return conf


def docx(text):
    """The least that is a Word document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                      '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
                      'wordprocessingml.document.main+xml"/></Types>')
        made.writestr("word/document.xml", '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/'
                      f'2006/main"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>')
    return out.getvalue()


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("detect") / "firm"
    lay(folder, firm())

    def explain(message, *options):
        done = subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", folder / "lexgate.conf", "explain", *options, "-"],
                              input=message.as_bytes(), capture_output=True)
        assert done.returncode < 2, done.stderr
        return done.stdout.decode()
    return explain


def judged(desk, message, *options):
    answer = json.loads(desk(message, "--json", *options))
    return answer, {r["id"]: r for r in answer["rules"]}


def test_the_json_says_kind_count_and_place_and_no_number(desk):
    message = letter(BEN, PETER, f"card {CARD}", f"{IBAN}\nGB29 NWBK 6016 1331 9268 19\n{IBAN} F-123456\n")
    answer, rules = judged(desk, message, "--auth", "ben@aldous.test")
    assert {(d["detector"], d["count"], d["where"]) for d in answer["detections"]} == {
        ("payment-card", 1, "subject"), ("iban", 2, "text"), ("file-number", 1, "text")}
    assert [rules[r]["match"] for r in ("cards", "many-ibans", "file-numbers", "changed-account")] == ["yes", "yes", "yes", "no"]
    assert answer["decision"]["action"] == "reject"
    text = json.dumps(answer, ensure_ascii=False)
    for number in ("4539578763621486", CARD, "3704", "601613", "F-123456"):
        assert number not in text


def test_the_page_is_for_people_and_masked(desk):
    page = desk(letter(BEN, PETER, "invoice", f"Pay {IBAN} or GB29 NWBK 6016 1331 9268 19.\n"), "--auth", "ben@aldous.test")
    assert "2 iban in the text" in page and "DE89…3000" in page and "GB29…6819" in page
    assert "3704" not in page and "6016" not in page


def test_an_account_is_compared_with_those_of_the_matter(desk):
    for body, match in ((ACCOUNT, "yes"), ("sort code 20-20-15, account 55555555", "no"), ("GB33BUKB20201555555555", "no"), ("none here", "no")):
        answer, rules = judged(desk, letter(PETER, BEN, "our account", body + "\n"))
        assert answer["matter"]["id"] == "2026-0201" and rules["changed-account"]["match"] == match, body


def test_an_attached_document_is_searched_under_its_name(desk):
    message = letter(BEN, PETER, "accounts", "see attached\n")
    message.add_attachment(docx(f"Pay {IBAN} or card {CARD}"), maintype="application",
                           subtype="vnd.openxmlformats-officedocument.wordprocessingml.document", filename="letter.docx")
    answer, rules = judged(desk, message, "--auth", "ben@aldous.test")
    assert {(d["detector"], d["count"], d["where"]) for d in answer["detections"]} == {
        ("payment-card", 1, "attachment:letter.docx"), ("iban", 1, "attachment:letter.docx")}
    assert rules["cards"]["match"] == "yes" and "4539…1486" in rules["cards"]["why"][0]


def test_what_cannot_be_read_is_not_clean(desk):
    message = letter(BEN, PETER, "hello", "see attached\n")
    message.add_attachment(b"\x78\x9f\x3e\x22", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    _, rules = judged(desk, message, "--auth", "ben@aldous.test")
    assert rules["cards"]["match"] == "unknown" and rules["cards"]["applies"]


@pytest.fixture(scope="module")
def running():
    with servers.Office(firm(), "aldous.test", firms.ALDOUS_LOGINS) as it:
        yield it.start()


def test_no_reply_log_or_journal_repeats_the_number(running):
    message = letter(BEN, PETER, f"my card {CARD}", f"It is {CARD}, and again 4539578763621486.\n")
    code, text = running.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", message.as_bytes())
    assert code == 550 and "6.1" in text, text
    code, stranger = running.receive("peter@quill.test", "ben@aldous.test",
                                     letter(PETER, BEN, f"my card {CARD}", f"It is {CARD}.\n").as_bytes())
    assert code == 550
    journal = b"".join(p.read_bytes() for p in running.folder.rglob("*.jsonl")).decode()
    assert '"detections":[{"detector":"payment-card","count":1}' in journal
    log = "".join(p.read_text(errors="replace") for p in running.folder.rglob("*.log"))
    assert "rules=cards" in log
    for where in (text, stranger, journal, log):
        assert "45395787" not in where.replace(" ", "").replace("-", "") and "4539…" not in where
