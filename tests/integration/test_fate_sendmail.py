# SPDX-License-Identifier: Apache-2.0
"""What becomes of replies through Debian's Sendmail, as its own log says it."""
import fatelab
import pytest
import servers
from fatelab import state_of, states_of
from letters import BEN, letter
from test_sendmail import Sendmail, unpacked  # noqa: F401

TABLE = {"sent": (None, "answered"), "bounced": (b"550 5.1.1 nobody of that name", "open"), "deferred": (b"451 4.2.0 come again", "provisional")}


@pytest.fixture
def mta(own_office, unpacked, tmp_path):  # noqa: F811
    conf = fatelab.conf()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace('"10.1.0.25"', '"127.0.0.1"')  # loopback vouches for From
    office = own_office(conf, start=False, milter_inet=True)
    folder = office.folder / "sendmail"
    folder.mkdir()
    office.write_conf({"conf.d/mta.conf": fatelab.MTA.replace("@MTALOG@", str(folder / "mail.log"))})
    office.redis.start()
    office.sink.start()
    office.start_gateway()
    sendmail = Sendmail(unpacked, folder, office.milter_address[1], office.sink.port).start()
    sendmail.office = office
    yield sendmail
    sendmail.stop()


def test_sendmails_log_ends_deadlines(mta):
    office, deadlines = mta.office, {}
    for name, (answer, _) in TABLE.items():
        question = letter(f"Client <{name}@birch.test>", BEN, f"Question {name}")
        assert mta.send(f"{name}@birch.test", "ben@aldous.test", question)[0] == 250
        deadlines[name] = (question, fatelab.deadline_of(office, question))
        if answer:
            office.sink.answers[f"{name}@birch.test"] = answer
    servers.wait_for(lambda: len(states_of(office)) == len(TABLE), 20, "the deadlines", 0.2)
    for name, (question, _) in deadlines.items():
        reply = letter(BEN, f"{name}@birch.test", "Answer", "In May.\n", References=question["Message-ID"])
        assert mta.send("ben@aldous.test", f"{name}@birch.test", reply)[0] == 250
    for name, (_, ends) in TABLE.items():
        servers.wait_for(lambda: state_of(office, deadlines[name][1]) == ends, 20, f"{name} to be {ends}", 0.2)
    lines = fatelab.shown(office, deadlines["bounced"][1])["replies"]
    assert any(line.startswith("bounced at") for line in lines), lines
    servers.wait_for(lambda: any(line.startswith("waiting") for line in fatelab.shown(office, deadlines["deferred"][1])["replies"])
                     or '"kind":"deferred"' in office.lexgate("journal", "search").stdout, 20, "the delay to be told", 0.2)
