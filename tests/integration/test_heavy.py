# SPDX-License-Identifier: Apache-2.0
"""Messages made to cost much cost little, and what is over a limit is said to be."""
import json
import resource
import subprocess

import pytest

import firms
import servers
from test_check import lay

HEAD = b"From: alice@aldous.test\r\nTo: nora@harbour.test\r\nSubject: x\r\nMessage-ID: <a@b.test>\r\n"
CPU_SECONDS = 2  # the promise is one; the rest is for a busy machine


def nested(count):
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(count))


def addresses(count, domain=b"harbour.test"):
    return b"Cc: " + b",\r\n ".join(b"u%d@%s" % (i, domain) for i in range(count)) + b"\r\n\r\nhi\r\n"


HEAVY = [
    ("a hundred thousand headers", lambda: HEAD + b"X-A: b\r\n" * 100000 + b"\r\nhi\r\n", "limit:headers"),
    ("a header of 20 MB", lambda: HEAD + b"X-A: " + b"a" * 20000000 + b"\r\n\r\nhi\r\n", "limit:headers"),
    ("fifty thousand multiparts, each in the other", lambda: HEAD + nested(50000) + b"\r\nhi\r\n", "limit:depth"),
    ("a hundred thousand messages, each in the other", lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 100000 + b"hi", "limit:depth"),
    ("a million parts", lambda: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 1000000, "limit:parts"),
    ("a line of 20 MB", lambda: HEAD + b"\r\n" + b"a" * 20000000 + b"\r\n", "limit:text"),
    ("thirty thousand recipients", lambda: HEAD + addresses(30000), "limit:addresses"),
    ("a From of brackets", lambda: b"From: " + b"(" * 100000 + b"\r\n" + HEAD + b"\r\nhi\r\n", "duplicate-header:from"),
    ("marks on one letter", lambda: HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\na" + b"\xcc\x81\xcc\xa3" * 400000, "limit:text"),
    ("a megabyte of umlauts", lambda: HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "Grüße ".encode() * 150000, "limit:text"),
]


@pytest.mark.parametrize("name,make,anomaly", HEAVY, ids=[name for name, _, _ in HEAVY])
def test_heavy_mail_is_cheap_and_known_as_such(tmp_path, name, make, anomaly):
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", 'rules: ( { id = "words"; when: { text = "zebra"; }; do = "hold"; },', 1)
    lay(tmp_path / "firm", conf)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", tmp_path / "firm" / "lexgate.conf", "explain", "--json", "--auth",
                           "alice@aldous.test", "-"], input=make(), capture_output=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = json.loads(done.stdout)
    assert done.returncode == 1 and anomaly in answer["anomalies"], answer["anomalies"]
    assert answer["decision"]["action"] in ("hold", "reject")
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < CPU_SECONDS
