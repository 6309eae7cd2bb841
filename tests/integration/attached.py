# SPDX-License-Identifier: Apache-2.0
"""Files to attach, as office programs and archivers write them."""
import bz2
import email.message
import gzip
import io
import lzma
import tarfile
import zipfile

W = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
TYPES = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'><Override PartName='/%s' ContentType='application/%s+xml'/></Types>"
WORD = TYPES % ("word/document.xml", "vnd.openxmlformats-officedocument.wordprocessingml.document.main")
EXCEL = TYPES % ("xl/workbook.xml", "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main")


def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(text, more=None):
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.splitlines())
    return packed({"[Content_Types].xml": WORD, "word/document.xml": f"<?xml version='1.0'?><w:document {W}><w:body>{body}</w:body></w:document>",
                   **(more or {})})


def revised_docx(text, author):
    return packed({"[Content_Types].xml": WORD, "word/document.xml":
                   f"<w:document {W}><w:body><w:p><w:del w:author='{author}'><w:r><w:delText>{text}</w:delText></w:r></w:del></w:p></w:body></w:document>"})


def xlsx(rows, hidden=False):
    strings, cells = [], []
    for row in rows:
        strings += row
        cells.append("<row>" + "".join(f"<c t='s'><v>{strings.index(cell)}</v></c>" for cell in row) + "</row>")
    state = " state='hidden'" if hidden else ""
    return packed({"[Content_Types].xml": EXCEL, "xl/workbook.xml": f"<workbook><sheets><sheet name='One'{state}/></sheets></workbook>",
                   "xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + "".join(cells) + "</sheetData></worksheet>",
                   "xl/sharedStrings.xml": "<sst>" + "".join(f"<si><t>{s}</t></si>" for s in strings) + "</sst>"})


def odt(text):
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": "<m:manifest xmlns:m='m'/>",
                   "content.xml": f"<o:document-content xmlns:o='o' xmlns:t='t'><t:p>{text}</t:p></o:document-content>"})


def tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def rtf(text):
    return b"{\\rtf1\\ansi " + text.encode("ascii") + b"}"


def pdf(text, pages=1):
    """A PDF with this line on each page."""
    content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>",
               b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % (5 + i) for i in range(pages)), pages),
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)]
    objects += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >> >>"] * pages
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(out))


def every_way(text):
    """The same words in each kind of file: (name, bytes)."""
    plain = {"a.txt": text.encode()}
    return [("a.docx", docx(text)), ("a.xlsx", xlsx([[text]])), ("a.odt", odt(text)), ("a.rtf", rtf(text)), ("a.pdf", pdf(text)), ("a.txt", text.encode()),
            ("a.html", b"<html><p>" + text.encode() + b"</p></html>"), ("a.zip", packed(plain)), ("a.tar", tar(plain)),
            ("a.tar.gz", gzip.compress(tar(plain))), ("a.tar.bz2", bz2.compress(tar(plain))), ("a.tar.xz", lzma.compress(tar(plain))),
            ("b.zip", packed({"a.docx": docx(text)})), ("c.zip", packed({"a.pdf": pdf(text)}))]


def letter_with(sender, to, files, subject="Papers", body="Please see the papers.\n"):
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = sender, to, subject, "<papers@aldous.test>"
    message.set_content(body)
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message
