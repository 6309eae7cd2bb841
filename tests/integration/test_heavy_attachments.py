# SPDX-License-Identifier: Apache-2.0
"""Attachments made to cost much cost little time and memory, and what was not read is not called readable."""
import bz2
import ctypes
import gzip
import io
import json
import lzma
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

import pytest

import attached
import firms
import servers
from cputime import sanitized, within
from direct import give_as
from letters import BEN, PETER
from test_check import lay

MEMORY = 64 << 20  # beyond the message, what explain itself needs left out


def many_entries(count):
    """A ZIP of very many files that all are the same bytes."""
    local = struct.pack("<IHHHIIIIHH", 0x04034B50, 20, 0, 0, 0, zlib.crc32(b"a"), 1, 1, 1, 0) + b"a" + b"a"
    central = struct.pack("<IHHHHIIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, zlib.crc32(b"a"), 1, 1, 1, 0, 0, 0, 0, 0, 0) + b"a"
    return local + central * count + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count & 0xffff, count & 0xffff, len(central) * count, len(local), 0)


def part(content):
    return attached.docx("x", {"word/x.xml": content})


def sheet_of_numbers(rows):
    cells = "<row>" + "<c><v>4111111111111111</v></c>" * 20 + "</row>"
    return attached.packed({"[Content_Types].xml": attached.EXCEL, "xl/worksheets/sheet1.xml":
                            "<worksheet><sheetData>" + "".join(cells.replace("4111", str(i)) for i in range(rows)) + "</sheetData></worksheet>"})


def repeated_string():
    """One shared string of 30 kB that a million cells show."""
    return attached.packed({"[Content_Types].xml": attached.EXCEL, "xl/sharedStrings.xml": "<sst><si><t>" + "zebra " * 5000 + "</t></si></sst>",
                            "xl/worksheets/sheet1.xml": "<worksheet><row>" + "<c t='s'><v>0</v></c>" * 1000000 + "</row></worksheet>"})


def nested_zip(levels):
    data = b"zebra"
    for _ in range(levels):
        data = attached.packed({"a.zip": data})
    return data


def empty_files(count):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(count):
            archive.writestr(f"{i}", b"")
    return out.getvalue()


def many_entries_7z(count):
    """A 7z whose list of very many empty files takes two kilobytes; libarchive writes it, since nothing else here does."""
    library = ctypes.CDLL("libarchive.so.13")
    for function in (library.archive_write_new, library.archive_entry_new):
        function.restype = ctypes.c_void_p
    archive, entry = (ctypes.c_void_p(make()) for make in (library.archive_write_new, library.archive_entry_new))
    with tempfile.NamedTemporaryFile() as file:
        library.archive_write_set_format_7zip(archive)
        assert library.archive_write_open_filename(archive, file.name.encode()) == 0
        library.archive_entry_set_filetype(entry, 0o100000)
        library.archive_entry_set_size.argtypes = [ctypes.c_void_p, ctypes.c_int64]
        library.archive_entry_set_pathname(entry, b"a")
        library.archive_entry_set_size(entry, 0)
        for _ in range(count):
            library.archive_write_header(archive, entry)
        library.archive_write_close(archive)
        library.archive_write_free(archive)
        return file.read()


ENTITIES = "<!DOCTYPE a [<!ENTITY a '" + "a" * 1000 + "'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(9)) + "]><a>&j;</a>"
BLANKS = b" " * (200 << 20)
HEAVY = [
    ("a ZIP of 200 MB of nothing", "a.zip", lambda: attached.packed({"a.txt": BLANKS})),
    ("a document that swells to 200 MB", "a.docx", lambda: part(BLANKS)),
    ("ten documents that swell", "a.zip", lambda: attached.packed({f"{i}.docx": part(BLANKS[:20 << 20]) for i in range(10)})),
    ("bzip2 of 200 MB of nothing", "a.bz2", lambda: bz2.compress(BLANKS)),
    ("xz of 200 MB of nothing", "a.xz", lambda: lzma.compress(BLANKS)),
    ("gzip of 200 MB of nothing", "a.gz", lambda: gzip.compress(BLANKS)),
    ("a million files in a ZIP", "a.zip", lambda: many_entries(1000000)),
    ("a million files in a 7z", "a.7z", lambda: many_entries_7z(1000000)),
    ("a hundred thousand files in a tar", "a.tgz", lambda: gzip.compress(attached.tar({f"{i}": b"" for i in range(100000)}))),
    ("archives in archives", "a.zip", lambda: nested_zip(50)),
    ("entities of entities", "a.docx", lambda: part(ENTITIES)),
    ("a million elements, each in the other", "a.docx", lambda: part("<a>" * 1000000)),
    ("a million names of elements", "a.docx", lambda: part("<a>" + "".join(f"<a{i}/>" for i in range(1000000)) + "</a>")),
    ("a million names of attributes", "a.docx", lambda: part("<a " + " ".join(f"a{i}=''" for i in range(1000000)) + "/>")),
    ("an attribute of 20 MB", "a.docx", lambda: part("<a b='" + "\u00e9" * 10000000 + "'/>")),
    ("a string that a million cells show", "a.xlsx", repeated_string),
    ("groups in groups", "a.rtf", lambda: b"{\\rtf1" + b"{" * 10000000),
    ("a text of 20 MB", "a.docx", lambda: attached.docx("".join(f"word{i} " for i in range(2000000)))),
]


# The memory of a child is at least that of the process which starts it: that must be a small one.
MEASURE = """
import os, sys
pid = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
used = os.wait4(pid, 0)[2]
print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def explain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heavy") / "firm"
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", 'rules: ( { id = "words"; when: { text = "zebra crossing"; }; do = "hold"; },', 1)
    lay(folder, conf)

    def ask(files):
        """(answer, bytes of memory at most, bytes of the message), in a second of CPU, and one more for each 10 MB"""
        message = folder / "message"
        message.write_bytes(attached.letter_with(BEN, PETER, files).as_bytes())
        size = message.stat().st_size
        return within(1 + size / 10e6, lambda: ask_once(message, size))

    def ask_once(message, size):
        done = subprocess.run([sys.executable, "-S", "-c", MEASURE, servers.STAGE / "bin" / "lexgate", "-c", folder / "lexgate.conf", "explain",
                               "--json", "--auth", "ben@aldous.test", message], capture_output=True, check=True)
        seconds, memory = map(float, done.stderr.split())
        return json.loads(done.stdout), int(memory), size, seconds
    return ask


def is_small(memory, size):
    return sanitized() or memory < MEMORY + 3 * size  # explain reads the file and makes line ends of its own


@pytest.fixture(scope="module")
def usual(explain):
    return explain([("a.txt", b"x")])[1]


@pytest.mark.parametrize("what,name,make", HEAVY, ids=[what for what, _, _ in HEAVY])
def test_a_heavy_attachment_is_cheap_and_not_called_readable(explain, usual, what, name, make):
    answer, memory, size = explain([(name, make())])
    fact = answer["attachments"][0]
    print(f"{what}: {(memory - usual) >> 20} MB beyond the usual, message {size >> 20} MB, {fact['why']}")
    assert not fact["readable"] and fact["why"] in ("limit", "depth", "damaged")
    assert {r["id"]: r["match"] for r in answer["rules"]}["words"] == "unknown"
    assert is_small(memory - usual, size)


def test_much_that_is_honest_is_read(explain, usual):
    for name, data in (("a.xlsx", sheet_of_numbers(4000)), ("a.zip", empty_files(5000)), ("b.xlsx", attached.xlsx([[f"cell {i}"] for i in range(2000)]))):
        answer, memory, size = explain([(name, data)])
        print(f"{name}: {(memory - usual) >> 20} MB, {size} bytes")
        assert answer["attachments"][0]["readable"], name
        assert is_small(memory - usual, size)


def test_a_thousand_documents_share_one_allowance(explain, usual):
    swelling = part("<a>" + " " * 900000 + "</a>")
    answer, memory, size = explain([(f"{i}.docx", swelling) for i in range(200)])
    assert sum(not fact["readable"] for fact in answer["attachments"]) > 100
    assert is_small(memory - usual, size)


@pytest.mark.real
def test_a_confined_judge_keeps_its_memory(gateway):
    office = gateway()

    def peak():
        return {pid: int(next(line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("VmHWM"))) >> 10
                for pid in office.gateway.children("judge")}
    before = peak()
    for name, data in (("a.7z", many_entries_7z(1000000)), ("a.xz", lzma.compress(BLANKS)), ("a.docx", part(BLANKS))):
        give_as(office, "ben@aldous.test", ["peter@quill.test"], attached.letter_with(BEN, PETER, [(name, data)]))
    after = peak()
    print(f"MB of judges, at most, before and after: {before} {after}")
    assert after.keys() == before.keys() and all(after[pid] - before[pid] < MEMORY >> 20 for pid in before)
