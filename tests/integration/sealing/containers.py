# SPDX-License-Identifier: Apache-2.0
"""Files under a password: documents and archives that count, and those that somebody opens without it."""
import base64
import io
import random
import zipfile
import zlib
from pathlib import Path

from sealing import shapes
from sealing.cases import fake, genuine
from sealing.lab import run
from sealing.shapes import attached, multipart, part

SAMPLES = Path(__file__).resolve().parents[2] / "fuzz" / "corpus" / "container"
BLANK = part("", "\n")
CONTAINER = {"nora": "container", "ned": "container", "mia": "container"}


def sample(name):
    return (SAMPLES / name).read_bytes()


def mail(*files, text=BLANK):
    return multipart("mixed", text, *(attached(data, name) for name, data in files))


def pdf(lab, *options):
    out = lab.folder / "out.pdf"
    run("qpdf", *options, "--", SAMPLES / "clear.pdf", out)
    return out.read_bytes()


def aes_zip(lab, method="aes256", data=shapes.LETTER.encode() * 50, names=("lease.txt",)):
    for name in names:
        lab.file(name, data)
    out = lab.folder / "out.zip"
    out.unlink(missing_ok=True)
    run("bsdtar", "-a", "-c", "-f", out, "--options", f"zip:encryption={method}", "--passphrase", "open sesame", *names, cwd=lab.folder)
    return out.read_bytes()


def plain_zip(*files, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def container(name, make):
    genuine("containers", "container", name, make, **CONTAINER)


for _options in (("u", "o", "256"), ("u", "o", "128", "--use-aes=y"), ("u", "o", "256", "--extract=n"), ("u", "u", "256")):
    container(f"qpdf {' '.join(_options)}", lambda lab, o=_options: mail(("lease.pdf", pdf(lab, "--encrypt", *o))))
container("qpdf with object streams", lambda lab: mail(("lease.pdf", pdf(lab, "--object-streams=generate", "--encrypt", "u", "o", "256"))))
container("qpdf, linearised", lambda lab: mail(("lease.pdf", pdf(lab, "--linearize", "--encrypt", "u", "o", "256"))))
for _method in ("aes128", "aes256"):
    container(f"bsdtar, {_method}", lambda lab, m=_method: mail(("lease.zip", aes_zip(lab, m))))
container("bsdtar, two files", lambda lab: mail(("lease.zip", aes_zip(lab, names=("a.txt", "b.txt")))))
container("Office, new form", lambda lab: mail(("lease.docx", sample("agile.docx"))))
container("Office, old form", lambda lab: mail(("lease.docx", sample("standard.docx"))))
container("three of them", lambda lab: mail(("a.docx", sample("agile.docx")), ("b.zip", aes_zip(lab)), ("c.pdf", pdf(lab, "--encrypt", "u", "o", "256"))))


def file_fake(name, make):
    def message(lab):
        return mail(*make(lab))
    message.__name__ = name
    fake("containers")(message)


for _file, _name in (("zipcrypt.zip", "zip_with_the_old_cipher"), ("infozip.zip", "zip_by_info_zip"), ("clear.zip", "a_plain_zip"),
                     ("r4-empty.pdf", "pdf_under_no_password"), ("r6-empty.pdf", "pdf_under_no_password_newest"), ("rc4.pdf", "pdf_with_rc4"),
                     ("r4-clearmeta.pdf", "pdf_with_clear_metadata"), ("clear.pdf", "a_plain_pdf"), ("old.doc", "an_old_document"),
                     ("agile-default.docx", "office_under_its_default_password"), ("standard-default.docx", "office_under_its_default_password_old"),
                     ("leaky.docx", "office_with_a_readable_stream")):
    file_fake(_name, lambda lab, f=_file: [(f, sample(f))])
file_fake("pdf_under_no_password_of_its_owner", lambda lab: [("a.pdf", pdf(lab, "--encrypt", "u", "", "256", "--allow-insecure"))])
file_fake("pdf_with_a_page_in_clear", lambda lab: [("a.pdf", with_clear_stream(pdf(lab, "--encrypt", "u", "o", "256"), shapes.LETTER.encode()))])
file_fake("pdf_with_a_packed_page_in_clear", lambda lab: [("a.pdf", with_clear_stream(pdf(lab, "--encrypt", "u", "o", "256"), packed()))])
file_fake("pdf_cut_off", lambda lab: [("a.pdf", pdf(lab, "--encrypt", "u", "o", "256")[:-40])])
file_fake("zip_with_one_readable_file", lambda lab: [("a.zip", two_archives(lab))])
file_fake("zip_with_a_letter_behind", lambda lab: [("a.zip", aes_zip(lab) + shapes.LETTER.encode())])
file_fake("zip_with_a_letter_for_ciphertext", lambda lab: [("a.zip", readable_entry(aes_zip(lab)))])
file_fake("zip_in_a_plain_zip", lambda lab: [("a.zip", plain_zip(("inner.zip", aes_zip(lab))))])
file_fake("a_letter_called_zip", lambda lab: [("encrypted.zip", shapes.LETTER.encode())])
file_fake("beside_a_readable_file", lambda lab: [("a.zip", aes_zip(lab)), ("b.txt", shapes.LETTER.encode())])
file_fake("beside_an_openpgp_file", lambda lab: [("a.zip", aes_zip(lab)), ("b.gpg", lab.gpg("--encrypt", "-r", "nora@harbour.test"))])


@fake("containers")
def beside_a_letter(lab):
    return mail(("a.zip", aes_zip(lab)), text=part("", shapes.LETTER))


@fake("containers")
def beside_a_letter_as_a_page(lab):
    return mail(("a.zip", aes_zip(lab)), text=part("Content-Type: text/html\n", f"<p>{shapes.LETTER}"))


PROSE = " ".join(f"{word}{i}" for i in range(200) for word in ("settlement", "two", "million", "court")).encode()


def zip_with(lab, data=None, extra=b"", directory_extra=b"", path=None):
    """The archive of bsdtar, its only entry written again: other data, another name, more fields for local header or directory."""
    whole = aes_zip(lab)
    at = whole.index(b"PK\x01\x02")
    name, field = (int.from_bytes(whole[i:i + 2], "little") for i in (26, 28))
    body = 30 + name + field
    sealed = whole[body:body + int.from_bytes(whole[at + 20:at + 24], "little")] if data is None else data
    names = whole[30:30 + name] if path is None else path
    sizes = len(sealed).to_bytes(4, "little") + whole[at + 24:at + 28]
    kept = [whole[30 + name:body], whole[at + 46 + name:at + 46 + name + int.from_bytes(whole[at + 30:at + 32], "little")]]

    def lengths(more, kept):
        return len(names).to_bytes(2, "little") + (len(kept) + len(more)).to_bytes(2, "little")
    flags = bytes([whole[6] & 0xf7, whole[7]])  # no descriptor behind the data
    local = whole[:6] + flags + whole[8:14] + bytes(4) + sizes + lengths(extra, kept[0]) + names + kept[0] + extra + sealed
    entry = (whole[at:at + 8] + flags + whole[at + 10:at + 16] + bytes(4) + sizes + lengths(directory_extra, kept[1]) + whole[at + 32:at + 46]
             + names + kept[1] + directory_extra)
    return local + entry + b"PK\x05\x06\0\0\0\0\1\0\1\0" + len(entry).to_bytes(4, "little") + len(local).to_bytes(4, "little") + b"\0\0"


FIELD = b"\xfe\xca" + len(PROSE).to_bytes(2, "little") + PROSE
container("bsdtar, written again", lambda lab: mail(("lease.zip", zip_with(lab))))
container("a zip of noise", lambda lab: mail(("lease.zip", zip_with(lab, random.Random(5).randbytes(4000)))))
for _name, _options in (("zip_with_a_letter_in_a_field", {"extra": FIELD}), ("zip_with_a_letter_in_its_directory", {"directory_extra": FIELD}),
                        ("zip_with_a_letter_behind_its_fields", {"extra": b"two"}), ("zip_with_a_letter_for_a_name", {"path": PROSE[:600]}),
                        ("zip_with_a_deflated_letter", {"data": zlib.compress(PROSE, wbits=-15)}),
                        ("zip_with_a_deflated_letter_behind_a_salt", {"data": bytes(range(200, 218)) + zlib.compress(PROSE, wbits=-15)}),
                        ("zip_with_a_short_letter", {"data": bytes(range(200, 218)) + b"Settle at 2m GBP" + bytes(range(200, 210))})):
    file_fake(_name, lambda lab, o=_options: [("a.zip", zip_with(lab, **o))])


def pdf_fake(name, words, at=None):
    file_fake(name, lambda lab: [("a.pdf", with_words(pdf(lab, "--encrypt", "u", "o", "256"), words, at))])


container("a pdf with a line of its maker", lambda lab: mail(("a.pdf", with_words(pdf(lab, "--encrypt", "u", "o", "256"), b"% made by Aldous Scan 1.2\n"))))
pdf_fake("pdf_with_a_letter_in_a_comment", b"% " + PROSE[:800] + b"\n")
pdf_fake("pdf_with_an_object_of_words", b"77 0 obj\n(" + PROSE[:600] + b")\nendobj\n")
pdf_fake("pdf_with_an_object_of_digits", b"77 0 obj\n<" + PROSE[:600].hex().encode() + b">\nendobj\n")
pdf_fake("pdf_with_a_short_string", b"77 0 obj\n(The settlement is two million)\nendobj\n")
pdf_fake("pdf_with_bare_words", b"77 0 obj\n" + PROSE[:600] + b"\nendobj\n")


def table(data, more=b""):
    """A second cross-reference stream, which no reader decrypts."""
    return b"77 0 obj\n<< /Type /XRef /Size 70000 /W [1 3 1] %s/Length %d >>\nstream\n" % (more, len(data)) + data + b"\nendstream\nendobj\n"


PACKED = b"/Filter /FlateDecode "
pdf_fake("pdf_with_a_packed_letter_for_a_table", table(zlib.compress(PROSE), PACKED))
pdf_fake("pdf_with_a_packed_letter_for_rows", table(zlib.compress(b"".join(b"\x01" + PROSE[i:i + 4] for i in range(0, 400, 4))), PACKED))
pdf_fake("pdf_with_a_letter_for_rows_of_free_numbers", table(zlib.compress(b"".join(b"\0\0\0\1" + PROSE[i:i + 1] for i in range(400))), PACKED))
pdf_fake("pdf_with_a_letter_behind_a_packed_table", table(zlib.compress(b"\0\0\0\0\xff") + PROSE[:100], PACKED))
pdf_fake("pdf_with_a_letter_for_a_table_under_another_filter", table(base64.b85encode(PROSE), b"/Filter /ASCII85Decode "))
pdf_fake("pdf_with_a_letter_for_a_table", b"77 0 obj\n<< /Type /XRef /Length 600 >>\nstream\n" + PROSE[:600] + b"\nendstream\nendobj\n")
file_fake("pdf_with_a_letter_behind", lambda lab: [("a.pdf", pdf(lab, "--encrypt", "u", "o", "256") + PROSE[:30] + b"\n")])
file_fake("pdf_with_a_newer_version_in_clear", lambda lab: [("a.pdf", newer_version(pdf(lab, "--encrypt", "u", "o", "256")))])


def newer_version(data):
    """An update behind the end, as editors write it, whose table names the older one."""
    at = len(data)
    table, trailer = data.rsplit(b"startxref", 1)[1].split()[0], data[data.rindex(b"trailer <<") + 10:data.rindex(b">>")]
    update = b"6 0 obj\n(The settlement is two million)\nendobj\n"
    return (data + update + b"xref\n6 1\n%010d 00000 n \ntrailer <<" % at + trailer + b"/Prev " + table + b" >>\nstartxref\n%d\n%%%%EOF\n"
            % (at + len(update)))


def with_clear_stream(data, body):
    """An object that nobody names, before the table: the offset of the table is what follows startxref."""
    head, tail = data.rsplit(b"startxref", 1)
    at = int(tail.split()[0])
    added = b"900 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(body), body)
    return head[:at] + added + head[at:] + b"startxref\n%d\n%%%%EOF\n" % (at + len(added))


def with_words(data, words, at=None):
    """Before the table, or where `at` says."""
    if at is not None:
        return data[:at] + words + data[at:]
    head, tail = data.rsplit(b"startxref", 1)
    table = int(tail.split()[0])
    return head[:table] + words + head[table:] + b"startxref\n%d\n%%%%EOF\n" % (table + len(words))


def packed():
    return zlib.compress((shapes.LETTER * 20).encode())


def two_archives(lab):
    """An encrypted entry and a readable one in one directory."""
    both = aes_zip(lab, names=("a.txt", "b.txt"))
    at = both.index(b"PK\x01\x02", both.index(b"PK\x01\x02") + 4)
    return both[:at + 8] + bytes([both[at + 8] & 0xfe]) + both[at + 9:]


def readable_entry(data):
    """The bytes of the only entry give way to a letter."""
    start = data.index(b"PK\x03\x04") + 30 + int.from_bytes(data[26:28], "little") + int.from_bytes(data[28:30], "little")
    stop = min(i for i in (data.find(b"PK\x07\x08"), data.find(b"PK\x01\x02")) if i > 0)
    return data[:start] + (shapes.LETTER * 100).encode()[:stop - start] + data[stop:]
