# SPDX-License-Identifier: Apache-2.0
"""Two gateways of one firm: each with a state and a journal of its own, with one Redis and the same keys. Tests speak milter to both."""
import json

import firms
import servers

MATTERS = """matter,client,title,level,responsible,team,service_level,status,opposing,walled_off
2026-0117,harbour,Harbour v Tidewater,confidential,alice@aldous.test,litigation,,open,counsel@tidewater.test,walter@aldous.test
2026-0300,harbour,Berth lease,normal,alice@aldous.test,litigation,,open,,
2026-0201,quill,Lease of the Mill Street shop,normal,ben@aldous.test,litigation,,open,,
"""
LIMITS = "limits: { client_deadlines = 1000000; };\n"


def firm(rules=""):
    conf = firms.aldous()
    conf["matters.csv"] = MATTERS
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", LIMITS + "rules: (" + rules, 1)
    return conf


def start(own_office, conf, escalated=False, redis=(), site=None):
    """(first, second), both running, and where it is wanted a lexgate-escalated beside each. `site`: where their Redis is, started with
    the words of `redis`; without, it is the first one's own."""
    first, second = own_office(conf, start=False), own_office(conf, start=False)
    if site:
        first.redis = site(first.folder / "site")
        conf = {**conf, "lexgate.conf": conf["lexgate.conf"].replace('socket = "@REDIS@";', first.redis.settings(), 1)}
    if escalated:  # no Postfix stands between the daemons and the sink, and the MTA's log is the test's
        conf = {**conf, "lexgate.conf": conf["lexgate.conf"].replace("@RELAY@", f"127.0.0.1:{first.sink.port}")}
    second.redis = first.redis
    first.redis.start(*redis)
    first.sink.start()
    for office in (first, second):
        office.write_conf(conf)
        office.postfix.log.parent.mkdir(parents=True)
        office.postfix.log.touch()
        if office is second:
            (second.state / "keys").symlink_to(first.state / "keys")
        office.start_gateway()
        if escalated:
            office.start_escalated()
    return first, second


def wait_level(*offices):
    """Until each knows what the others do."""
    def level():
        lines = [line for line in json.loads(offices[0].lexgate("doctor", "--json").stdout) if line["check"] == "hints"]
        return len(lines) == len(offices) * (len(offices) - 1) and all(line["state"] == "ok" for line in lines)
    servers.wait_for(level, 30, "the gateways to know the same", 0.2)
