# SPDX-License-Identifier: Apache-2.0
"""What answers a question and what only may have, through a real Postfix and Redis."""
import base64
import email.utils

import firms
import servers
from letters import ALICE, BEN, PETER, ask, deadlines, letter, reply, settle, shipped, wait_states
from test_notices import notices

GUID = bytes(range(16))


def send(office, sender, to, subject="Re: When is the hearing?", rcpt=None, **headers):
    """Of somebody of the staff; `rcpt` where the envelope is not To."""
    message = letter(sender, to, subject, "In May.\n", **headers)
    address = email.utils.parseaddr(sender)[1]
    code, text = office.submit(address, address, rcpt or email.utils.parseaddr(to)[1], message.as_bytes())
    assert code == 250, text
    return message


def one(office):
    found = deadlines(office)
    assert len(found) == 1, found
    return found[0]


def asked(office, person):
    return [n for n in notices(office, person) if "Was this it?" in n.message.get_body(("plain",)).get_content()]


def act(office, *words, by="ben@aldous.test"):
    return office.lexgate("answer", *words, "--by", by)


def test_a_mail_in_another_thread_leaves_it_open_and_the_owner_is_asked(own_office):
    office = own_office(firms.aldous())
    ask(office, PETER, BEN)
    settle(office, ["open"], calm=0.2)
    first = one(office)
    assert first["suggested_by"] == "" and first["suggested_at"] is None
    assert act(office, "--suggested", first["id"]).returncode == 1
    send(office, BEN, PETER, "The lease")
    servers.wait_for(lambda: one(office)["suggested_by"] == "ben@aldous.test", 15, "the suggestion")
    assert one(office)["state"] == "open"
    servers.wait_for(lambda: asked(office, "ben"), 20, "the question to the owner")
    text = asked(office, "ben")[0].message.get_body(("plain",)).get_content()
    assert f"lexgate answer {first['id']} --suggested" in text and f"lexgate answer {first['id']} --no" in text
    servers.wait_for(lambda: "ben@aldous.test asked whether that was the answer" in office.lexgate("show", first["id"]).stdout, 10, "its record")
    assert "perhaps by" in office.lexgate("show", first["id"]).stdout
    assert "perhaps answered" in office.lexgate("queue").stdout
    assert act(office, "--no", first["id"]).returncode == 0
    assert one(office)["suggested_by"] == "" and one(office)["state"] == "open"
    send(office, BEN, PETER, "The lease once more")
    servers.wait_for(lambda: len(asked(office, "ben")) == 2, 20, "the second question")
    assert act(office, "--suggested", first["id"]).returncode == 0
    assert one(office)["state"] == "answered"
    send(office, BEN, PETER, "And something else")
    shipped(office)
    assert len(asked(office, "ben")) == 2 and not asked(office, "alice")


def test_a_reply_of_somebody_who_may_not_answer_only_suggests(own_office):
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace('calendar = "always";\n  ladder', 'calendar = "always"; cleared_by = "owner";\n  ladder')
    office = own_office(conf)
    question = ask(office, PETER, BEN)
    settle(office, ["open"], calm=0.2)
    reply(office, question, ALICE, PETER, "alice@aldous.test")
    servers.wait_for(lambda: one(office)["suggested_by"] == "alice@aldous.test", 15, "the suggestion")
    servers.wait_for(lambda: asked(office, "ben"), 20, "the question to the owner")
    assert one(office)["state"] == "open" and not asked(office, "alice")
    reply(office, question, "Carla Mendes <carla@aldous.test>", PETER, "carla@aldous.test", Cc=BEN)
    wait_states(office, ["provisional"])


def test_only_what_reaches_the_client_in_the_thread_answers(own_office):
    office = own_office(firms.aldous())
    index = base64.b64encode(b"\x01\xd9\x00\x01\x02\x03" + GUID).decode()
    answer = base64.b64encode(b"\x01\xd9\x00\x01\x02\x03" + GUID + b"\x80\x01\x02\x03\x10").decode()
    question = ask(office, PETER, BEN, **{"Thread-Index": index})
    settle(office, ["open"], calm=0.2)
    mark = question["Message-ID"]
    send(office, BEN, ALICE, References=mark)
    send(office, BEN, "Somebody <else@elsewhere.test>", rcpt="else@elsewhere.test", References=mark)
    send(office, BEN, PETER, rcpt="alice@aldous.test", References=mark)
    send(office, BEN, "Nora Finch <nora@harbour.test>", rcpt="alice@aldous.test", References=mark)
    send(office, BEN, PETER, References=mark.upper().replace("@", "@X"))
    shipped(office)
    assert one(office)["state"] == "open"
    send(office, BEN, "peter+lease@quill.test", **{"Thread-Index": answer})
    wait_states(office, ["provisional"])


def test_threads_hold_where_ids_were_rewritten_or_never_seen(own_office):
    office = own_office(firms.aldous())
    phantom = email.utils.make_msgid(domain="nowhere.test")
    ask(office, PETER, BEN, References=phantom)
    settle(office, ["open"], calm=0.2)
    again = ask(office, PETER, BEN, References=phantom, **{"X-Google-Original-Message-ID": "<before@quill.test>"})
    servers.wait_for(lambda: one(office)["priority"] == 1, 15, "the second question to join the first")
    # By the id that it bore in the client's own Sent folder.
    send(office, BEN, PETER, **{"In-Reply-To": "<before@quill.test>"})
    wait_states(office, ["provisional"])
    assert again["Message-ID"] != "<before@quill.test>"
