# SPDX-License-Identifier: Apache-2.0
"""`lexgate explain --rewritten`: the message as it would go on, and what a browser shows of the boxes in it."""
import html
import json
import shutil
import subprocess

import pytest

import firms
import servers
from letters import ALICE, BEN, NORA, PETER, letter
from test_check import lay

BANNER = "This came from {sender}, outside the firm: take care with links and with changed bank details."
RULES = f"""
rules: (
  {{ id = "from-outside"; when: {{ direction = "incoming"; }}; banner: {{ text = "{BANNER}"; form = "text"; }}; subject_tag = "[Außen]"; }},
  {{ id = "small-print"; disclaimer: {{ text = "Aldous & Partners is a partnership of solicitors."; form = "text"; }}; }},
  {{ id = "once-more"; when: {{ subject = "think again"; }}; do = "confirm"; }} );
"""


@pytest.fixture
def rewritten(tmp_path):
    lay(tmp_path / "firm", firms.aldous() | {"conf.d/boxes.conf": RULES})

    def explain(data, *options):
        return subprocess.run([servers.STAGE / "bin/lexgate", "-c", tmp_path / "firm/lexgate.conf", "explain", *options, "-"], input=data, capture_output=True)
    return explain


def test_the_message_goes_on_with_its_headers_tag_and_texts(rewritten, tmp_path):
    done = rewritten(b"From: peter@quill.test\nTo: ben@aldous.test\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
                     b"X-Lexgate-Matter: forged\nX-Folded: one\n two\n\nDear Ben,\nwhen?\n", "--rewritten", tmp_path / "out.eml")
    assert done.returncode == 0 and done.stdout.startswith(b"This incoming message goes on its way.")
    head, body = (tmp_path / "out.eml").read_bytes().split(b"\r\n\r\n", 1)
    lines = head.split(b"\r\n")
    assert lines[:2] == [b"From: peter@quill.test", b"To: ben@aldous.test"] and b"forged" not in head
    assert b"\r\nX-Folded: one\r\n two\r\n" in head and b"\r\nX-Lexgate-Decision: accept; " in head
    assert [line for line in lines if line.startswith((b"Subject:", b" =?"))] and all(len(line) <= 998 for line in lines)
    assert body.startswith(b"This came from peter@quill.test, outside the firm") and body.endswith(b"Aldous & Partners is a partnership of solicitors.\r\n")
    assert b"Dear Ben,\r\nwhen?\r\n" in body
    alone = rewritten((tmp_path / "out.eml").read_bytes(), "--rewritten", "-")
    assert alone.returncode == 0 and alone.stdout.split(b"\r\n\r\n", 1)[1] == body, "what stands there already is not written again"


def test_what_is_held_is_written_and_what_is_refused_is_not(rewritten, tmp_path):
    held = rewritten(letter(PETER, BEN, "think again").as_bytes(), "--rewritten", tmp_path / "held.eml")
    assert held.returncode == 1 and held.stderr == b"" and b"outside the firm" in (tmp_path / "held.eml").read_bytes()
    refused = rewritten(letter(ALICE, NORA).as_bytes(), "--auth", "alice@aldous.test", "--rewritten", tmp_path / "no.eml")
    assert refused.returncode == 1 and not (tmp_path / "no.eml").exists()
    assert refused.stderr.startswith(b"lexgate: --rewritten ") and b"does not go on: the policy says reject" in refused.stderr
    both = rewritten(letter(PETER, BEN).as_bytes(), "--json", "--rewritten", "-")
    assert both.returncode == 2 and b"both want standard output" in both.stderr and not both.stdout
    absent = rewritten(letter(PETER, BEN).as_bytes(), "--rewritten", tmp_path / "absent" / "out.eml")
    assert absent.returncode == 2 and absent.stderr.startswith(b"lexgate: --rewritten: ")


WORDS = "<p>Dear Ben,</p><p>Here is the letter that we spoke of. Could you look at clause four?</p>"
PAGES = {
    "plain": WORDS,
    "dark": f"<body bgcolor=#111111 text=#eeeeee>{WORDS}</body>",
    "dark cells": f"<body bgcolor=#000000><table><tr><td style='color:#fff'>{WORDS}</td></tr></table></body>",
    "a flexible body": f"<style>body{{display:flex}}</style><body><div>{WORDS}</div></body>",
    "centred": f"<style>body{{display:flex;justify-content:center;align-items:center;min-height:3000px}}</style><body><table width=600><tr><td>{WORDS}</table></body>",
    "a column": f"<style>body{{display:flex;flex-direction:column;align-items:center}}</style><body><div>{WORDS}</div></body>",
    "another order": f"<style>body{{display:flex}}body>*{{order:-5}}</style><body><div style='flex:0 0 100%'>{WORDS}</div></body>",
    "upside down": f"<style>body{{display:flex;flex-direction:column-reverse}}</style><body><div>{WORDS}</div><div style='height:2000px'></div></body>",
    "a relative body": f"<style>body{{position:relative}}.w{{position:absolute;top:0;left:0;right:0;background:#def;z-index:99}}</style><body><div class=w>{WORDS}</div></body>",
    "a grid": f"<style>body{{display:grid;grid-template:'a b'/1fr 3fr}}.a{{grid-area:a}}.b{{grid-area:b}}</style><body><div class=a>x</div><div class=b>{WORDS * 20}</div></body>",
    "columns": f"<style>body{{column-count:2}}</style><body>{WORDS}</body>",
    "hidden": f"<style>div{{display:none!important;color:#fff!important;height:0!important;position:fixed!important;top:-500px!important}}</style><body>{WORDS}</body>",
}

# Of each frame: is the banner in sight, whole and uppermost at nine points? How well do its words and the small print stand out?
LOOK = """
function lightness(c) { const [r, g, b] = c.match(/[0-9.]+/g).map(Number).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b; }
function contrast(w, e) { const s = w.getComputedStyle(e), [a, b] = [lightness(s.color), lightness(s.backgroundColor)].sort((x, y) => y - x);
  return /, 0\\)/.test(s.backgroundColor) ? 0 : (a + 0.05) / (b + 0.05); }
function look(frame) { const d = frame.contentDocument, w = frame.contentWindow, all = [...d.querySelectorAll('div')];
  const box = all.find(e => e.textContent.trim().startsWith('This came from')), print = all.find(e => e.textContent.trim().startsWith('Aldous'));
  const r = box.getBoundingClientRect(), at = [];
  for (const x of [0.1, 0.5, 0.9]) for (const y of [0.1, 0.5, 0.9]) at.push(box.contains(d.elementFromPoint(r.left + x * r.width, r.top + y * r.height)));
  return [frame.title, { seen: at.every(Boolean), wide: r.width, high: r.height, box: contrast(w, box), print: contrast(w, print) }]; }
onload = () => { document.body.innerText = 'FOUND' + JSON.stringify([...document.querySelectorAll('iframe')].map(look)) + 'END'; };
"""


@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium to look with")
@pytest.mark.parametrize("width", [1000, 360])
def test_a_browser_shows_the_banner_above_all_and_the_small_print_can_be_read(rewritten, tmp_path, width):
    frames = []
    for name, page in PAGES.items():
        data = b"From: peter@quill.test\r\nTo: ben@aldous.test\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
        out = rewritten(data, "--rewritten", "-").stdout.split(b"\r\n\r\n", 1)[1].decode()
        frames.append(f'<iframe title="{name}" width={width} height=300 srcdoc="{html.escape(out)}"></iframe>')
    sheet = tmp_path / "sheet.html"
    sheet.write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{''.join(frames)}<script>{LOOK}</script>")
    done = subprocess.run(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile", "--dump-dom", sheet.as_uri()],
                          capture_output=True, text=True, timeout=90)
    found = dict(json.loads(html.unescape(done.stdout.split("FOUND", 1)[1].split("END", 1)[0])))
    assert found.keys() == PAGES.keys()
    for name, page in found.items():
        assert page["seen"] and page["wide"] > 100 and page["high"] > 20, (name, page)
        assert page["box"] >= 7, (name, page)
        assert name == "hidden" or page["print"] >= 4.5, (name, page)
