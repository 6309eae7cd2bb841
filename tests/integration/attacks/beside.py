# SPDX-License-Identifier: Apache-2.0
"""Words that stand beside the text: in pages that nobody sees whole, in calendars, in headers of what is enclosed."""
import base64

import attached
from attacks.making import attack, b64, message, mixed, name_for, plain_part, secret, words


def page(rng, html, charset="utf-8"):
    return message(f"Content-Type: text/html; charset={charset}\r\n", f"<html><body><p>{words(rng)}</p>{html}</body></html>\r\n")


@attack("Text")
def a_processing_instruction(rng, word):
    return page(rng, rng.choice(["<? {} ?>", "<?xml:namespace {} />", "<!{}>", "</ {}>"]).format(word))


@attack("Text")
def a_comment_of_a_page(rng, word):
    return page(rng, rng.choice(["<!-- {} -->", "<!-- x --!><!-- {} --!>", "<!--[if x]><![endif]--><!--{}-->"]).format(word))


@attack("Text")
def a_charset_that_the_page_names(rng, word):
    wide = "".join("\0" + c for c in word).encode()
    return page(rng, f"<meta charset={rng.choice(['utf-7', 'UTF-7', 'unicode-1-1-utf-7'])}>+{base64.b64encode(wide).decode().rstrip('=')}-")


@attack("Text")
def an_attribute_behind_many(rng, word):
    others = " ".join(f"{name_for(rng)}{i}=1" for i in range(rng.randint(24, 60)))
    return page(rng, f"<p {others} title='{word}'>x</p>")


@attack("Text")
def a_long_attribute(rng, word):
    return page(rng, f"<p title='{'a ' * rng.randint(2000, 9000)}{word}'>x</p>")


@attack("Text")
def an_attribute_that_a_style_shows(rng, word):
    name = rng.choice(["data-x", "aria-label", "aria-description", "placeholder"])
    return page(rng, f"<style>p:before{{content:attr({name})}}</style><p {name}='{word}'></p>")


@attack("Text")
def a_page_in_an_attribute(rng, word):
    half = rng.randint(1, len(word) - 1)
    return page(rng, f"<iframe srcdoc='{word[:half]}&lt;b&gt;&lt;/b&gt;{word[half:]}'></iframe>")


@attack("Text")
def a_script_that_writes(rng, word):
    return page(rng, f"<script>document.write('{word}')</script>")


@attack("Text", sees=None)
def a_file_in_a_link(rng, word):
    data = base64.b64encode(attached.docx(secret(rng, word))).decode()
    return page(rng, f"<a {rng.choice(['download', 'id=x'])} href='data:application/octet-stream;base64,{data}'>x</a>")


@attack("Text")
def a_file_in_a_calendar(rng, word):
    data = base64.b64encode(attached.docx(secret(rng, word))).decode()
    line = rng.randint(20, 200)
    folded = "\r\n ".join(data[i:i + line] for i in range(0, len(data), line))
    head = rng.choice(["ATTACH;ENCODING=BASE64;VALUE=BINARY:", "ATTACH;VALUE=BINARY;FMTTYPE=application/x-y;ENCODING=BASE64:", "attach;encoding=b:",
                       'ATTACH;X-FILENAME="a:b.docx";ENCODING=BASE64;VALUE=BINARY:', "ATTACH:data:application/x-z;base64,"])
    kind = rng.choice(["text/calendar; method=REQUEST", "application/ics", "text/plain"])
    return message(f"Content-Type: {kind}\r\n", f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{head}{folded}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")


@attack("Text")
def a_file_in_a_card(rng, word):
    data = base64.b64encode(attached.rtf(word)).decode()
    return message("Content-Type: text/vcard\r\n", f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nKEY;ENCODING=b:{base64.b64encode(attached.packed({'a.txt': word})).decode()}\r\n"
                   f"NOTE;ENCODING=BASE64:{data}\r\n\r\nEND:VCARD\r\n")


@attack("Text")
def a_header_of_what_is_enclosed(rng, word):
    name = rng.choice(["X-Note", "Resent-Comments", "Comments", "Keywords", "List-Help", "X-Mailer", "Content-Description"])
    value = rng.choice([word, f"=?utf-8?B?{base64.b64encode(word.encode()).decode()}?="])
    b = name_for(rng)
    inner = f"--{b}\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b.test\r\n{name}: {value}\r\n\r\n{words(rng)}"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + inner + f"--{b}--\r\n")


@attack("Text")
def a_letter_in_an_archive(rng, word):
    letter = mixed(rng, word, "; boundary=q", "q").decode()
    data = attached.packed({name_for(rng) + rng.choice([".eml", ".txt", ""]): "Date: x\r\nSubject: y\r\n" + letter})
    return message("Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n", b64(data))
