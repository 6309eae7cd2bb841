# SPDX-License-Identifier: Apache-2.0
"""Documents whose words stand where few look: parts for programs, attributes, objects of a PDF, forms of before 2007."""
import struct
import zlib

import attached
from attacks.making import attack, b64, message, words

PLACES = {
    "docx": [("word/numbering.xml", "<w:numbering xmlns:w='w'><w:lvl><w:lvlText w:val='{} %1'/></w:lvl></w:numbering>"),
             ("word/settings.xml", "<w:settings xmlns:w='w'><w:docVars><w:docVar w:name='a' w:val='{}'/></w:docVars></w:settings>"),
             ("word/settings.xml", "<w:settings xmlns:w='w'><w:p><w:t>{}</w:t></w:p></w:settings>"),
             ("word/styles.xml", "<w:styles xmlns:w='w'><w:style><w:name w:val='{}'/></w:style></w:styles>"),
             ("word/glossary/document.xml", "<w:glossaryDocument xmlns:w='w'><w:t>{}</w:t></w:glossaryDocument>"),
             ("word/_rels/document.xml.rels", "<Relationships><Relationship Target='http://x.test/{}' TargetMode='External'/></Relationships>"),
             ("docProps/custom.xml", "<Properties><property name='{}'/></Properties>"),
             ("customXml/item1.xml", "<a b='the {}'/>"), ("customXml/item1.xml", "<a><!-- {} --></a>"),
             ("word/header1.xml", "<w:hdr xmlns:w='w'><w:fldSimple w:instr='QUOTE {}'/></w:hdr>"),
             ("word/header1.xml", "<w:hdr xmlns:w='w'><w:bookmarkStart w:name='{}'/></w:hdr>"),
             ("word/charts/chartEx1.xml", "<c:chartSpace xmlns:c='c'><c:pt>{}</c:pt></c:chartSpace>")],
    "xlsx": [("xl/tables/table1.xml", "<table><tableColumn name='{}'/></table>"),
             ("xl/styles.xml", "<styleSheet><numFmt formatCode='&quot;{}&quot;'/></styleSheet>"),
             ("xl/pivotCache/pivotCacheDefinition1.xml", "<pivotCacheDefinition><sharedItems><s v='{}'/></sharedItems></pivotCacheDefinition>"),
             ("xl/connections.xml", "<connections><connection description='{}'/></connections>"),
             ("xl/workbook.xml", "<workbook><sheets><sheet name='{}' state='veryHidden'/></sheets></workbook>"),
             ("xl/workbook.xml", "<workbook><definedName name='{}'>A1</definedName></workbook>"),
             ("xl/worksheets/sheet1.xml", "<worksheet><headerFooter><evenFooter>{}</evenFooter></headerFooter></worksheet>"),
             ("xl/worksheets/sheet1.xml", "<worksheet><scenario name='{}'/></worksheet>"),
             ("xl/threadedComments/t.xml", "<ThreadedComments><threadedComment><text>{}</text></threadedComment></ThreadedComments>")],
    "pptx": [("ppt/tags/tag1.xml", "<p:tagLst xmlns:p='p'><p:tag name='a' val='{}'/></p:tagLst>"),
             ("ppt/slides/slide1.xml", "<p:sld xmlns:p='p'><p:cSld name='{}'/></p:sld>"),
             ("ppt/presentation.xml", "<p:presentation xmlns:p='p'><p:section name='{}'/></p:presentation>"),
             ("ppt/notesSlides/n.xml", "<p:notes xmlns:p='p' xmlns:a='a'><a:t>{}</a:t></p:notes>")],
}
MAIN = {"docx": attached.WORD, "xlsx": attached.EXCEL,
        "pptx": attached.TYPES % ("ppt/presentation.xml", "vnd.openxmlformats-officedocument.presentationml.presentation.main")}


def send(rng, name, data):
    kind = rng.choice(["application/octet-stream", "application/x-unknown"])
    return message(f"Content-Type: {kind}; name={name}\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n", b64(data))


def a_place(rng, word, kind):
    part, content = rng.choice(PLACES[kind])
    return send(rng, "a." + kind, attached.packed({"[Content_Types].xml": MAIN[kind], part: content.format(word)}))


@attack("Text")
def a_part_of_a_word_document(rng, word):
    return a_place(rng, word, "docx")


@attack("Text")
def a_part_of_a_workbook(rng, word):
    return a_place(rng, word, "xlsx")


@attack("Text")
def a_part_of_slides(rng, word):
    return a_place(rng, word, "pptx")


@attack("Text")
def a_part_that_begins_as_a_page(rng, word):
    content = rng.choice(["<table name='{}'/>", "<style name='{}'><t>{}</t></style>"]).replace("{}", word)
    return send(rng, "a.xlsx", attached.packed({"[Content_Types].xml": attached.EXCEL, "xl/tables/table1.xml": content}))


@attack("Text")
def an_attribute_of_an_open_document(rng, word):
    content = rng.choice(["<t:text-input t:description='{}'/>", "<t:conditional-text t:string-value-if-false='{}'/>", "<f:text f:current-value='{}'/>",
                          "<o:scripts><x>{}</x></o:scripts>", "<t:section t:name='{}'/>", "<o:settings><c>{}</c></o:settings>"]).format(word)
    return send(rng, "a.odt", attached.packed({
        "mimetype": "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": "<m:manifest xmlns:m='m'/>",
        "content.xml": f"<o:document-content xmlns:o='o' xmlns:t='t' xmlns:f='f'>{content}</o:document-content>"}))


@attack("Text")
def a_group_of_rich_text_that_nobody_shows(rng, word):
    group = rng.choice(["{\\*\\docvar {a}{%s}}", "{\\*\\bkmkstart %s}", "{\\*\\userprops{\\propname a}{\\staticval %s}}", "{\\*\\unknown %s}",
                        "{\\shp{\\*\\shpinst{\\sp{\\sn wzDescription}{\\sv %s}}}}", "{\\stylesheet{\\s1 %s;}}"]) % word
    return send(rng, "a.rtf", ("{\\rtf1\\ansi x" + group + "}").encode())


@attack("Text")
def bytes_in_rich_text(rng, word):
    return send(rng, "a.rtf", ("{\\rtf1\\ansi x\\bin%d %s}" % (len(word), word)).encode())


@attack("Text")
def an_object_of_a_pdf(rng, word):
    text = rng.choice([f"({word})", "<" + word.encode().hex() + ">", "<FEFF" + word.encode("utf-16-be").hex() + ">",
                       "(" + "".join(f"\\{ord(c):03o}" for c in word) + ")"])
    key = rng.choice(["/Title", "/Contents", "/V", "/TU", "/Alt", "/JS", "/Other#20One"])
    packed = zlib.compress(f"<< {key} {text} >>".encode())
    body = rng.choice([f"<< {key} {text} >>".encode(), b"<< /Type /ObjStm /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed)])
    return send(rng, "a.pdf", attached.pdf("page") + b"9 0 obj\n" + body + b"\nendobj\n")


@attack("Text")
def a_file_in_a_pdf(rng, word):
    file = rng.choice([attached.docx(word), attached.rtf(word), word.encode()])
    packed = zlib.compress(file)
    name = rng.choice([b"/EmbeddedFile", b"/Embedded#46ile"])
    stream = b"9 0 obj\n<< /Type %s /Filter /FlateDecode /Length %d >>\nstream\r\n%s\nendstream\nendobj\n" % (name, len(packed), packed)
    return send(rng, "a.pdf", attached.pdf("page") + stream)


def compound(streams):
    """A compound file ([MS-CFB]) of large streams: each is filled up to 4,096 bytes."""
    table, directory, data = [0xfffffffd], b"", b""

    def entry(name, kind, start, size, child=0xffffffff, right=0xffffffff):
        return (name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, 0xffffffff, right, child) + b"\0" * 36
                + struct.pack("<IQ", start, size))
    entries = max(1, -(-(len(streams) + 1) // 4))
    table += [i + 2 for i in range(entries - 1)] + [0xfffffffe]
    for i, (name, content) in enumerate(streams):
        content = content.ljust(4096, b"\0")
        content += b"\0" * (-len(content) % 512)
        first, count = len(table), len(content) // 512
        table += [first + j + 1 for j in range(count - 1)] + [0xfffffffe]
        data += content
        directory += entry(name, 2, first, len(content), right=i + 2 if i + 1 < len(streams) else 0xffffffff)
    directory = (entry("Root Entry", 5, 0xfffffffe, 0, child=1) + directory).ljust(entries * 512, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 62, 3, 0xfffe, 9, 6) + b"\0" * 10 + \
        struct.pack("<IIIIIIIII", 1, 1, 0, 4096, 0xfffffffe, 0, 0xfffffffe, 0, 0) + b"\xff" * 432
    return head + struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff") + directory + data


@attack("Text")
def an_old_word_document(rng, word):
    half = rng.randint(1, len(word) - 1)
    text = words(rng).encode()
    pieces = [text + word[:half].encode(), word[half:].encode() + b"\r" + text]
    places = [(1536 + 1200) * 2 | 0x40000000, 1536 * 2 | 0x40000000] # the second piece comes first in the file
    main = struct.pack("<HH", 0xa5ec, 0xc1).ljust(10, b"\0") + struct.pack("<H", 0x200)
    plc = struct.pack("<3I", 0, len(pieces[0]), sum(map(len, pieces))) + b"".join(struct.pack("<HIH", 0, p, 0) for p in places)
    clx = b"\2" + struct.pack("<I", len(plc)) + plc
    main = main.ljust(0x9a + 8 * 33, b"\0") + struct.pack("<II", 0, len(clx))
    main = main.ljust(1536, b"\0") + pieces[1].ljust(1200, b"\0") + pieces[0]
    return send(rng, "a.doc", compound([("WordDocument", main), ("1Table", clx)]))


@attack("Text")
def an_old_workbook(rng, word):
    half = rng.randint(1, len(word) - 1)
    strings = struct.pack("<IIHB", 1, 1, len(word), 0) + word[:half].encode()
    rest = b"\1" + word[half:].encode("utf-16-le")

    def record(kind, body):
        return struct.pack("<HH", kind, len(body)) + body
    return send(rng, "a.xls", compound([("Workbook", record(0x809, struct.pack("<HHHH", 0x600, 5, 0, 0)) + record(0xfc, strings) + record(0x3c, rest)
                                         + record(0xfd, struct.pack("<HHHI", 0, 0, 0, 0)))]))


@attack("Text")
def old_slides(rng, word):
    atom = rng.choice([(0xfa0, word.encode("utf-16-le")), (0xfa8, word.encode()), (0xfba, word.encode("utf-16-le"))])
    body = struct.pack("<HHI", 0, atom[0], len(atom[1])) + atom[1]
    return send(rng, "a.ppt", compound([("PowerPoint Document", struct.pack("<HHI", 15, 1000, len(body)) + body)]))


@attack("Text")
def a_message_of_outlook(rng, word):
    stream = rng.choice([("__substg1.0_1000001F", word.encode("utf-16-le")), ("__substg1.0_1000001E", word.encode()),
                         ("__substg1.0_10130102", f"<html>{word[:2]}<b></b>{word[2:]}".encode()), ("__substg1.0_37010102", attached.docx(word)),
                         ("__substg1.0_0037001F", word.encode("utf-16-le"))])
    return send(rng, "a.msg", compound([("__properties_version1.0", b""), stream]))


@attack("Text")
def an_object_in_a_document(rng, word):
    inner = compound([rng.choice([("Package", attached.docx(word)), ("CONTENTS", attached.rtf(word))])])
    return send(rng, "a.docx", attached.docx("see below", {"word/embeddings/oleObject1.bin": inner}))
