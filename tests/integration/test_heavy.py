# SPDX-License-Identifier: Apache-2.0
"""Messages made to cost much cost little, and what is over a limit is said to be."""
import base64
import json
import resource
import subprocess

import pytest

import firms
import servers
from cputime import sanitized, within
from test_check import lay

HEAD = b"From: alice@aldous.test\r\nTo: nora@harbour.test\r\nSubject: x\r\nMessage-ID: <a@b.test>\r\n"
BEYOND_BYTES = 64 << 20
PROGRAM_BYTES = 16 << 20


def nested(count):
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(count))


def addresses(count, domain=b"harbour.test"):
    return b"Cc: " + b",\r\n ".join(b"u%d@%s" % (i, domain) for i in range(count)) + b"\r\n\r\nhi\r\n"


def two_ways(count):
    return b"Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n" + b"--b\r\n\r\n--c-\r\n" * 300 + b"--b-\r\n" * count


def junk(size):
    return b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"some words here " * (size // 22)).replace(b"\n", b"*\r\n")


def nested_base64(count):
    inner = b"From: x@y.test\r\n\r\n" + b"words " * 400000
    for _ in range(count):
        inner = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(inner).replace(b"\n", b"\r\n")
    return inner


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
    ("a line of 50 MB", lambda: HEAD + b"\r\n" + b"a" * 50000000 + b"\r\n", "long-line"),
    ("boundaries of two kinds", lambda: HEAD + two_ways(1600000), "limit:readings"),
    ("ten megabytes of spoilt base64", lambda: HEAD + junk(10000000), "bad-encoding"),
    ("ten megabytes that end their lines in two ways", lambda: HEAD + b"\r\n" + b"word\rword\r\n" * 900000, "bare-cr"),
    ("a hundred thousand files in the text", lambda: HEAD + b"\r\n" + b"begin 644 a\r\n%>F5B<F$\r\n`\r\nend\r\n" * 100000, "limit:parts"),
    ("encoded messages in each other", lambda: HEAD + nested_base64(4), "encoded-message"),
    ("a megabyte of umlauts", lambda: HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "Grüße ".encode() * 150000, "limit:text"),
]


@pytest.fixture(scope="module")
def explain(tmp_path_factory):
    """explain(message, bytes of memory beyond the program's own) → (done, CPU seconds)."""
    folder = tmp_path_factory.mktemp("heavy") / "firm"
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", 'rules: ( { id = "words"; when: { text = "zebra"; }; do = "hold"; },', 1)
    lay(folder, conf)

    def run(message, room):
        limit = PROGRAM_BYTES + room
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([servers.STAGE / "bin" / "lexgate", "-c", folder / "lexgate.conf", "explain", "--json", "--auth",
                               "alice@aldous.test", "-"], input=message, capture_output=True, timeout=servers.HANGS,
                              preexec_fn=None if sanitized() else lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return run


@pytest.mark.real
def test_a_program_without_memory_fails(explain):
    assert explain(HEAD + b"\r\n" + b"a" * 20000000, 1 << 20)[0].returncode not in (0, 1)


@pytest.mark.parametrize("name,make,anomaly", HEAVY, ids=[name for name, _, _ in HEAVY])
def test_heavy_mail_is_cheap_and_known_as_such(explain, name, make, anomaly):
    message = make()
    # explain holds what it read and a copy in CRLF, each in a buffer that grew by doubling, and 4 kB of JSON for a recipient.
    done, = within(1 + len(message) / 10e6, lambda: explain(message, BEYOND_BYTES + 4 * len(message) + 4000 * message.count(b"@")))
    assert done.returncode == 1, done.stderr.decode()
    answer = json.loads(done.stdout)
    assert anomaly in answer["anomalies"], answer["anomalies"]
    assert answer["decision"]["action"] in ("hold", "reject")
