# SPDX-License-Identifier: Apache-2.0
"""Sentences of the firm in the text of real mail, through a real Postfix: where they stand, and that nothing else moved."""
import base64
import email
import email.policy
import hashlib
import html.parser
import json
import subprocess

import pytest

import firms
import servers
from letters import BEN, PETER, letter, mark
from miltclient import MilterClient, split

BANNER = "This came from {sender}, outside {firm} – take care."
SMALL_PRINT = "Aldous & Partners is a partnership of solicitors. What you read may be confidential."
RULES = f"""
rules: (
  {{ id = "from-outside"; when: {{ direction = "incoming"; }}; banner: {{ text = "{BANNER}"; form = "text"; }}; }},
  {{ id = "small-print"; when: {{ direction = "outgoing"; }}; disclaimer: {{ text = "{SMALL_PRINT}"; form = "text"; }}; }},
  {{ id = "tried"; mode = "observe"; banner: {{ text = "Never to be seen."; form = "text"; }}; }} );
"""
SEEN = "This came from peter@quill.test, outside Aldous & Partners – take care."


@pytest.fixture(scope="module")
def desk():
    with servers.Office(firms.aldous() | {"conf.d/banner.conf": RULES}, "aldous.test", firms.ALDOUS_LOGINS) as it:
        yield it.start()


def b64(data):
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def multipart(kind, *parts):
    return f"Content-Type: multipart/{kind}; boundary=bb\r\n", b"".join(b"--bb\r\n" + p + b"\r\n" for p in parts) + b"--bb--\r\n"


def part(head, body):
    return (head + "\r\n").encode() + body


PLAIN = part("Content-Type: text/plain; charset=us-ascii\r\n", b"Dear Ben,\r\nsee below.\r\n")
HTML = part("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
            b"<html><head><title>x</title></head>=\r\n<body class=3Da><p>Gr=C3=BC=C3=9Fe</p></body></html>")
PDF = part("Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n", b64(bytes(range(256)) * 3))
INVITE = part("Content-Type: text/calendar; method=REQUEST\r\n", b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n")

# name: header lines, body, how many parts of text carry the banner
LETTERS = {
    "plain": ("", b"Dear Ben,\r\n\r\nwhen?\r\n", 1),
    "without an end of line": ("", b"Dear Ben, when?", 1),
    "empty": ("", b"", 1),
    "Latin-1": ("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n", "Größe?\r\n".encode("latin-1"), 1),
    "quoted-printable": ("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
                         b"Gr=C3=B6=C3=9Fe und =\r\nGewicht?=20\r\n", 1),
    "base64": ("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n", b64("Größe?\r\nGewicht?".encode()), 1),
    "ISO-2022-JP": ("Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n",
                    "こんにちは\r\n世界\r\n".encode("iso2022_jp"), 1),
    "flowed": ("Content-Type: text/plain; charset=us-ascii; format=flowed\r\n", b"Dear \r\nBen\r\n", 1),
    "a page": ("Content-Type: text/html; charset=us-ascii\r\n", b"<p>Dear Ben\r\n", 1),
    "alternatives": (*multipart("alternative", PLAIN, HTML), 2),
    "with a file": (*multipart("mixed", PLAIN, PDF, part("Content-Disposition: attachment\r\n", b"a file\r\n")), 1),
    "an invitation": (*multipart("alternative", PLAIN, INVITE), 1),
    "1 MB of text": ("", b"A line of a long letter, or of what it quotes = much.\r\n" * 20000, 1),
    "1 MB of a picture": (*multipart("mixed", PLAIN, part("Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n", b64(b"\x89PNG" * 190000))), 1),
}


def write(head, body, **headers):
    message = letter(PETER, BEN, **headers)
    top = "".join(f"{k}: {v}\r\n" for k, v in message.items() if k.lower() not in ("content-type", "content-transfer-encoding", "mime-version"))
    return message, (top + "MIME-Version: 1.0\r\n" + head + "\r\n").encode() + body


def through(office, data, message, sender="peter@quill.test"):
    """What arrives: the parsed message and its bytes."""
    before = len(office.sink.find(lambda m: mark(message).encode() in m.data))
    assert office.receive(sender, "ben@aldous.test", data)[0] == 250
    found = servers.wait_for(lambda: office.sink.find(lambda m: mark(message).encode() in m.data)[before:], 30, "the message")
    return email.message_from_bytes(found[0].data, policy=email.policy.default), found[0].data


def leaves(message):
    return [p for p in message.walk() if not p.is_multipart()]


class Page(html.parser.HTMLParser):
    """The text of a page."""
    def __init__(self, text):
        super().__init__()
        self.text = ""
        self.feed(text)

    def handle_data(self, data):
        self.text += data


def shown(text_part):
    """A text as a reader gets it, without white space."""
    text = text_part.get_content()
    return "".join((Page(text).text if text_part.get_content_type() == "text/html" else text).split())


@pytest.mark.parametrize("name", LETTERS)
def test_a_banner_stands_in_each_text_once_and_all_else_is_as_it_was(desk, name):
    head, body, texts = LETTERS[name]
    message, data = write(head, body)
    got, raw = through(desk, data, message)
    sent = email.message_from_bytes(data, policy=email.policy.default)
    bears = [p for p in leaves(got) if p.get_content_maintype() == "text" and "".join(SEEN.split()) in shown(p)]
    assert len(bears) == texts and not got["X-Lexgate-Banner"]
    assert len(leaves(got)) == len(leaves(sent))
    for was, now in zip(leaves(sent), leaves(got)):
        if now in bears:
            assert shown(now).endswith(shown(was)) or now.get_content_type() == "text/html"
        else:
            assert now.as_bytes() == was.as_bytes(), "a part that is not ours has changed"
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    offline = subprocess.run([servers.STAGE / "bin/lexgate", "-c", desk.config, "explain", "--rewritten", "-", "-"], input=data, capture_output=True).stdout
    assert offline.split(b"\r\n\r\n", 1)[1].rstrip() == raw.split(b"\r\n\r\n", 1)[1].rstrip(), "explain --rewritten writes what arrives"
    if not any(c > 127 for c in data):
        assert not any(c > 127 for c in raw), "8-bit bytes in a message that had none"
    # The same mail once more, as it came out: nothing is added, nothing moves.
    again, second = through(desk, raw, message)
    assert second.split(b"\r\n\r\n", 1)[1] == raw.split(b"\r\n\r\n", 1)[1]
    assert [v for k, v in again.items() if k.lower().startswith("content-")] == [v for k, v in got.items() if k.lower().startswith("content-")]


def test_the_banner_stands_above_and_the_small_print_below(desk):
    message, data = write("", b"Dear Ben,\r\n\r\nwhen?\r\n")
    got, _ = through(desk, data, message)
    assert got.get_content().replace("\r", "") == SEEN + "\n\nDear Ben,\n\nwhen?\n"
    reply = letter(BEN, PETER, "Re: when", "In May.\n-- \nBen\n")
    assert desk.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", reply.as_bytes())[0] == 250
    out = desk.sink.wait(lambda m: mark(reply).encode() in m.data)[0].message
    lines = out.get_payload(decode=True).decode().replace("\r", "").split("\n")
    assert lines[:4] == ["In May.", "-- ", "Ben", ""] and " ".join(lines[4:]).strip() == SMALL_PRINT


def smime(folder, text):
    servers.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "k.pem", "-out", folder / "c.pem", "-days", "2",
                "-subj", "/CN=peter")
    done = subprocess.run(["openssl", "cms", "-sign", "-crlfeol", "-signer", folder / "c.pem", "-inkey", folder / "k.pem"],
                          input=text, capture_output=True, check=True)
    return done.stdout.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def test_what_is_signed_or_encrypted_keeps_every_byte(desk, tmp_path):
    signed = smime(tmp_path, b"Content-Type: text/plain\r\n\r\nsigned words\r\n")
    head, body = signed.split(b"\r\n\r\n", 1)
    head = b"".join(line + b"\r\n" for line in head.split(b"\r\n") if not line.startswith(b"MIME-Version")).decode()
    pgp = multipart("encrypted; protocol=\"application/pgp-encrypted\"", part("Content-Type: application/pgp-encrypted\r\n", b"Version: 1\r\n"),
                    part("Content-Type: application/octet-stream\r\n", b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n-----END PGP MESSAGE-----\r\n"))
    inline = ("", b"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nwords\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n"
                  b"-----END PGP SIGNATURE-----\r\n")
    for head, body in ((head, body), pgp, inline, ("Content-Type: text/calendar; method=REQUEST\r\n", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")):
        message, data = write(head, body)
        got, raw = through(desk, data, message)
        assert raw.split(b"\r\n\r\n", 1)[1].rstrip() == body.rstrip()
        assert "outside Aldous" in got["X-Lexgate-Banner"]
    message, data = write(signed.split(b"\r\n\r\n", 1)[0].decode().replace("MIME-Version: 1.0\r\n", "") + "\r\n", signed.split(b"\r\n\r\n", 1)[1])
    (tmp_path / "got").write_bytes(through(desk, data, message)[1])
    servers.run("openssl", "cms", "-verify", "-in", tmp_path / "got", "-noverify", "-out", "/dev/null")


def test_a_stranger_cannot_keep_the_banner_away(desk):
    for head, body in (("", b"Pay me.\r\n\r\n> " + SEEN.replace("–", "-").encode() + b"\r\n"),
                       ("Content-Type: text/html\r\n", f"<p>Pay me.<p style='display:none'>{SEEN}".replace("–", "&#8211;").encode()),
                       ("Content-Type: text/html\r\n", b"<div style='display:none'><body><p>Pay me.")):
        message, data = write(head, body, X_Lexgate_Banner="there already")
        got, _ = through(desk, data, message)
        assert shown(got).startswith("".join(SEEN.split())), got.as_string()
    page = got.get_content()
    assert page.index("take care") < page.index("display:none"), "not inside of what is hidden"


def test_a_conversation_with_a_client_does_not_pile_up(desk):
    first, data = write("", b"When?\r\n")
    got, _ = through(desk, data, first)
    quoted = "".join(f"> {line}\n" for line in got.get_content().splitlines())
    answer = letter(BEN, PETER, "Re: when", "In May.\n\n" + quoted, References=first["Message-ID"], In_Reply_To=first["Message-ID"])
    answer.set_content("In May.\n\n" + quoted)
    assert desk.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", answer.as_bytes())[0] == 250
    out = desk.sink.wait(lambda m: mark(answer).encode() in m.data)[0].message
    reflowed = "Thank you.\r\n\r\n> > This came from peter@quill.test, outside\r\n> > Aldous & Partners =E2=80=93 take\r\n> care.\r\n>\r\n> > When?\r\n\r\n" \
        + "> " + SMALL_PRINT[:50] + "\r\n> " + SMALL_PRINT[50:] + "\r\n"
    thread = f"{first['Message-ID']} {answer['Message-ID']}"

    def known():
        third, data = write("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n", reflowed.encode(),
                            References=thread, In_Reply_To=answer["Message-ID"])
        return through(desk, data, third)[1].split(b"\r\n\r\n", 1)[1].startswith(b"Thank you.")
    servers.wait_for(known, 20, "a reply in a thread that staff wrote in to come without a second banner", 0.3)
    assert SMALL_PRINT[:30] in out.get_content()
    last = letter(BEN, PETER, "Re: when", "Welcome.\n\n" + "".join(f"> {line}\n" for line in out.get_content().splitlines()))
    assert desk.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", last.as_bytes())[0] == 250
    final = desk.sink.wait(lambda m: mark(last).encode() in m.data)[0].message
    assert "".join(final.get_content().replace(">", "").split()).count("partnershipofsolicitors") == 1


def spoken(office, actions=0x1FF, message=None):
    """One message over a milter connection: (what is asked for, the body that was sent, the body that is left)."""
    headers, body = split((message or letter(PETER, BEN)).as_bytes())
    milter = MilterClient(office.milter_address, actions=actions)
    try:
        reply, _, changes = milter.message("peter@quill.test", ["ben@aldous.test"], headers, body)
    finally:
        milter.close()
    assert reply in "ac"
    pieces = [data for command, data in changes if command == "b"]
    return changes, body, b"".join(pieces) if pieces else body


def test_the_record_says_which_rule_changed_the_text_and_proves_both(gateway):
    office = gateway(firms.aldous() | {"conf.d/banner.conf": RULES})
    changes, sent, left = spoken(office)
    assert left.startswith(b"This came from") and left.endswith(sent)
    assert [c for c, _ in changes].index("b") == len(changes) - sum(c == "b" for c, _ in changes), "nothing between the pieces of the body"
    done = office.lexgate("journal", "search", "--kind", "decision", "--open")
    entry = json.loads(done.stdout.splitlines()[-1])
    assert entry["remarks"] == [{"rule": "from-outside", "kind": "banner", "form": "text"}]
    assert entry["opened"]["remarks"] == ["1"]
    assert entry["opened"]["body_before"] == hashlib.sha256(sent).hexdigest()
    assert entry["opened"]["body_after"] == hashlib.sha256(left).hexdigest()
    assert "(text changed)" in office.gateway.text()


def test_an_mta_that_lets_nobody_change_bodies_gets_a_header(gateway):
    office = gateway(firms.aldous() | {"conf.d/banner.conf": RULES})
    changes, sent, left = spoken(office, actions=0x1FF & ~0x02)
    assert left == sent and any(c == "h" and d.startswith(b"X-Lexgate-Banner\0") for c, d in changes)
    entry = json.loads(office.lexgate("journal", "search", "--kind", "decision", "--open").stdout.splitlines()[-1])
    assert entry["remarks"][0]["form"] == "header" and "lets no filter" in entry["opened"]["remarks"][0]


def test_judges_that_retire_after_each_message_still_give_what_they_made(gateway):
    office = gateway(firms.aldous(milter_extra="judge_messages = 1; judges = 1;") | {"conf.d/banner.conf": RULES})
    for _ in range(6):
        assert spoken(office)[2].startswith(b"This came from")
    assert "is replaced" not in office.gateway.text()


def test_who_only_observes_changes_nothing(gateway):
    conf = firms.aldous() | {"conf.d/banner.conf": RULES}
    conf["lexgate.conf"] += '\nmode = "observe";\n'
    changes, sent, left = spoken(gateway(conf))
    assert left == sent and not changes


def test_explain_shows_the_sentence_and_why_it_is_not_in_the_text(desk):
    plain, signed = letter(PETER, BEN), letter(PETER, BEN, body="-----BEGIN PGP SIGNED MESSAGE-----\n")
    for message, expected in ((plain, f"  writes above the text (part 1) the banner of rule from-outside:\n    {SEEN}\n"),
                              (signed, "  the banner of rule from-outside goes into a header, since the text cannot be changed: it is signed or encrypted\n")):
        path = desk.folder / "one.eml"
        path.write_bytes(message.as_bytes())
        done = desk.lexgate("explain", path)
        assert expected in done.stdout, done.stdout
        assert "writes into its text" in done.stdout
