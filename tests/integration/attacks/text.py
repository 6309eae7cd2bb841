# SPDX-License-Identifier: Apache-2.0
"""Words that look otherwise than they are written: alphabets, charsets, markup."""
import base64

from attacks.making import attack, b64, message, name_for, secret, words


@attack("Text")
def nul_before_the_word(rng, word):
    return message("", words(rng) + "\0" * rng.randint(1, 3) + secret(rng, word))


UTF8 = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"


@attack("Text")
def unseen_characters_inside_the_word(rng, word):
    marks = "\u200b\u00ad\u200c\u200d\u2060\ufeff\u034f\u180e\u202a\u2064"
    return message(UTF8, words(rng) + "".join(c + rng.choice(marks) for c in word) + "\r\n")


@attack("Text")
def letters_of_other_alphabets(rng, word):
    alike = {"a": "\u0430", "e": "\u0435", "o": "\u043e", "c": "\u0441", "p": "\u0440", "x": "\u0445", "i": "\u0456", "s": "\u0455"}
    return message(UTF8, words(rng) + "".join(alike.get(c, c) for c in word) + "\r\n")


@attack("Text")
def wide_and_mathematical_letters(rng, word):
    base = rng.choice([0xff41, 0x1d41a, 0x1d44e + 26 * 5, 0x24d0])
    return message(UTF8, words(rng) + "".join(chr(base + ord(c) - 97) for c in word) + "\r\n")


@attack("Text", sees=None)
def overlong_utf8(rng, word):
    coded = b"".join(bytes([0xc0 | ord(c) >> 6, 0x80 | ord(c) & 63]) for c in word)
    return message(UTF8, words(rng).encode() + coded + b"\r\n")


@attack("Text")
def utf16_under_another_label(rng, word):
    coded = rng.choice([b"\xff\xfe" + secret(rng, word).encode("utf-16-le"), b"\xfe\xff" + secret(rng, word).encode("utf-16-be")])
    return message("Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: base64\r\n", b64(coded))


@attack("Text")
def utf16_without_a_mark(rng, word):
    kind = rng.choice(["le", "be"])
    return message(f"Content-Type: text/plain; charset=utf-16{kind}\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word).encode(f"utf-16-{kind}")))


@attack("Text")
def utf7(rng, word):
    coded = "+" + base64.b64encode(word.encode("utf-16-be")).decode().rstrip("=") + "-"
    return message("Content-Type: text/plain; charset=utf-7\r\n", words(rng) + coded + "\r\n")


@attack("Text", sees=None)
def an_unknown_charset(rng, word):
    return message("Content-Type: text/plain; charset=x-secret\r\n", secret(rng, word).encode("cp037"))


@attack("Text", sees=None)
def a_charset_that_lies(rng, word):
    return message("Content-Type: text/plain; charset=us-ascii\r\n", secret(rng, word).encode("utf-16-le"))


@attack("Text")
def two_charsets(rng, word):
    pair = ["; charset=utf-16le", "; charset=us-ascii"]
    rng.shuffle(pair)
    return message(f"Content-Type: text/plain{''.join(pair)}\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word).encode("utf-16-le")))


HTML = "Content-Type: text/html; charset=utf-8\r\n"


@attack("Text")
def html_entities(rng, word):
    coded = "".join(rng.choice([f"&#{ord(c)};", f"&#x{ord(c):x};", f"&#X{ord(c):X};", f"&#{ord(c):07d};", f"&#{ord(c)}", c]) for c in word)
    return message(HTML, f"<p>{coded}</p>\r\n")


@attack("Text")
def html_tags_inside_the_word(rng, word):
    tags = ["<b></b>", "<!-- x -->", "<span style='x'></span>", "<wbr>", "<i>", "<font size=0></font>", "<!---->", "<a\r\n>"]
    return message(HTML, "<p>" + "".join(c + rng.choice(tags) for c in word) + "</p>\r\n")


@attack("Text")
def html_with_broken_markup(rng, word):
    before = rng.choice(["<a title='>", "<!-- x --!>", "<!-->", "<![if !x]>", "<?x>", "<p <p>", "</ x>", "<![CDATA[x]]>", "<title>x</title>"])
    return message(HTML, f"<p>{before}{word}</p>\r\n")


@attack("Text")
def html_elements_that_hold_text(rng, word):
    name = rng.choice(["title", "textarea", "xmp", "noscript", "iframe"])
    open_, close = rng.choice([("<!--", "-->"), ("<b x='", "'>")])
    return message(HTML, f"<{name}>{open_}</{name}> {word} {close}\r\n")


@attack("Text")
def html_that_carries_the_word(rng, word):
    percent = "".join(f"%{ord(c):02x}" for c in word)
    coded = base64.b64encode(word.encode()).decode()
    return message(HTML, rng.choice([f"<a href='data:text/plain;base64,{coded}'>x</a>", f"<a href='data:text/html,{percent}'>x</a>",
                                     f"<a href='mailto:a@b.test?body={percent}'>x</a>", f"<style>p:before {{ content: '{word[0]}' \"{word[1:]}\" }}</style>",
                                     f"<style></style x='> {word} <b y='>x", f"<svg><desc><![CDATA[{word}]]></desc></svg>", f"<plaintext><!-- {word}"]))


@attack("Text")
def tags_inside_the_word_of_xml(rng, word):
    kind = rng.choice(["text/xml", "application/xml", "image/svg+xml", "text/enriched"])
    return message(f"Content-Type: {kind}\r\n", f"<a>{'<b></b>'.join(word)}</a>\r\n")


@attack("Text")
def json_escapes(rng, word):
    return message("Content-Type: application/json\r\n", '{"a": "' + "".join(f"\\u{ord(c):04x}" for c in word) + '"}\r\n')


@attack("Text")
def people_of_an_enclosed_message(rng, word):
    coded = f"=?utf-8?q?{''.join(f'={ord(c):02X}' for c in word)}?="
    field = rng.choice([f'From: "{word}" <x@y.test>', f"Cc: {coded} <x@y.test>", f"Comments: {coded}"])
    return message(f"Content-Type: {rng.choice(['message/rfc822', 'text/rfc822-headers'])}\r\n", f"{field}\r\nSubject: y\r\n\r\nx\r\n")


@attack("Text")
def properties_of_calendars_and_cards(rng, word):
    coded = base64.b64encode(word.encode()).decode()
    quoted = "".join(f"={ord(c):02X}" for c in word)
    kind, value = rng.choice([("calendar", f"ATTACH;ENCODING=BASE64;VALUE=BINARY:{coded}"), ("vcard", f"NOTE;ENCODING=b:{coded}"),
                              ("vcard", f"NOTE;ENCODING=QUOTED-PRINTABLE:{quoted}"), ("vcard", f"NOTE:{word[0]}\r\n {word[1:]}")])
    name = "VCALENDAR" if kind == "calendar" else "VCARD"
    return message(f"Content-Type: text/{kind}\r\n", f"BEGIN:{name}\r\n{value}\r\nEND:{name}\r\n")


@attack("Text")
def html_that_calls_itself_plain(rng, word):
    coded = "".join(f"{c}<b></b>" for c in word)
    return message("Content-Type: text/plain\r\n", f"<html><body>{coded}</body></html>\r\n")


@attack("Text")
def html_with_hidden_words(rng, word):
    style = rng.choice(["display:none", "font-size:0", "color:#fff", "visibility:hidden", "mso-hide:all"])
    return message(HTML, f"<p>{words(rng)}</p><p style='{style}'>{word}</p>\r\n")


@attack("Text")
def the_word_in_spaced_letters(rng, word):
    return message("", words(rng) + rng.choice([" ", "\t", "\u00a0"]).join(word) + "\r\n")


@attack("Text")
def the_other_face_of_an_alternative(rng, word):
    b, faces = name_for(rng), ["text/plain", "text/html"]
    rng.shuffle(faces)
    parts = f"--{b}\r\nContent-Type: {faces[0]}\r\n\r\n{secret(rng, word)}--{b}\r\nContent-Type: {faces[1]}\r\n\r\n{words(rng)}--{b}--\r\n"
    return message(f"Content-Type: multipart/alternative; boundary={b}\r\n", parts)


@attack("Text")
def text_that_calls_itself_octets(rng, word):
    return message(f"Content-Type: application/octet-stream; name={name_for(rng)}.bin\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("Text", sees="subject")
def a_subject_cut_inside_a_quantum(rng, word):
    coded = base64.b64encode(f"about {word} today".encode()).decode()
    cut = rng.choice([c for c in range(5, len(coded) - 4) if c % 4])
    return message(f"Subject: =?utf-8?B?{coded[:cut]}?=\r\n =?utf-8?B?{coded[cut:]}?=\r\n", words(rng))


@attack("Text", sees="subject")
def a_subject_in_many_words(rng, word):
    return message("Subject: " + "\r\n ".join(f"=?utf-8?{rng.choice('Qq')}?={ord(c):02X}?=" for c in word) + "\r\n", words(rng))


@attack("Text", sees="subject")
def two_subjects(rng, word):
    pair = [f"Subject: {word}\r\n", "Subject: nothing\r\n"]
    rng.shuffle(pair)
    return message("".join(pair), words(rng))
