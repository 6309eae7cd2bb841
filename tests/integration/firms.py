# SPDX-License-Identifier: Apache-2.0
"""Two firms for the tests: the same programs, nothing shared but the grammar of their configuration files."""

_LEXGATE = """
firm: { name = "Aldous & Partners"; domains = ["aldous.test"]; calendar = "always"; unfiled_level = "normal";
        policy: { version = "2026.11"; document = "https://intranet.aldous.test/mail"; }; };
registry: { staff = "staff.csv"; clients = "clients.csv"; matters = "matters.csv"; certificates = "certs"; };
paths: { state = "@STATE@"; journal = "@STATE@/journal"; run = "@RUN@"; };
milter: { socket = "@MILTER@"; @MILTER_EXTRA@ };
redis: { socket = "@REDIS@"; tag = "aldous"; };
smtp: { relay = "@RELAY@"; from = "deadlines@aldous.test"; reentry = "@REENTRY@"; };
inside: { networks = ["10.1.0.0/16"]; trusted_relays = ["10.1.0.25"]; };
escalation: { socket = "@RUN@/escalated.sock"; poll = "1s"; };
calendars: { always: { timezone = "Europe/London"; hours: { mon-sun = ["00:00-24:00"]; }; }; };
service_levels: { standard: { answer_within = "@WITHIN@"; calendar = "always";
  ladder = ( { at = "50%"; tell = ["owner"]; }, { at = "100%"; tell = ["owner", "cover"]; },
             { at = "100%+@AFTER@"; tell = ["supervisor"]; } ); }; };
rules: (
  { id = "confidential-needs-encryption"; policy = "4.2";
    when: { direction = "outgoing"; matter: { level = ["confidential", "strict"]; }; };
    encrypt: { accept = ["end-to-end", "consent"]; otherwise = "reject"; };
    say = "Matter {matter} is {level}. {missing} cannot receive encrypted mail yet."; },
  { id = "client-question"; policy = "3.1";
    when: { direction = "incoming"; sender: { is = "client"; }; not: { automatic = true; }; }; deadline = "standard"; },
  { id = "ethical-wall"; policy = "4.6";
    when: { any = ( { sender: { walled_off = true; }; }, { recipient: { walled_off = true; }; } ); }; do = "reject"; },
  { id = "bank-details"; policy = "5.3"; when: { direction = "outgoing"; subject = "bank details"; }; do = "hold";
    say = "Bank details go out after a second person has checked them."; },
  { id = "mark-outside"; when: { direction = "incoming"; }; stamp: { name = "X-Firm-Origin"; value = "outside"; }; },
  { id = "tried-out"; mode = "observe"; when: { direction = "incoming"; }; do = "reject"; }
);
"""

_STAFF = """address,name,role,team,supervisor,cover,calendar,language,logins,acts_for
alice@aldous.test,Alice Aldous,lawyer,litigation,sam@aldous.test,ben@aldous.test,,en,alice@aldous.test,
ben@aldous.test,Ben Okafor,lawyer,litigation,sam@aldous.test,alice@aldous.test,,en,ben@aldous.test,
carla@aldous.test,Carla Mendes,assistant,litigation,alice@aldous.test,,,en,carla@aldous.test,alice@aldous.test ben@aldous.test
sam@aldous.test,Sam Whitfield,supervisor,litigation,mara@aldous.test,,,en,sam@aldous.test,
mara@aldous.test,Mara Stone,manager,board,,,,en,mara@aldous.test,
walter@aldous.test,Walter Grey,lawyer,property,mara@aldous.test,,,en,walter@aldous.test,
"""

_CLIENTS = """client,name,addresses,language,channel,service_level,default_level
harbour,Harbour Shipping Ltd,nora@harbour.test @harbour.test,en,mail,,normal
quill,Quill Books,peter@quill.test,en,mail,,normal
"""

_MATTERS = """matter,client,title,level,responsible,team,service_level,status,opposing,walled_off
2026-0117,harbour,Harbour v Tidewater,confidential,alice@aldous.test,litigation,,open,counsel@tidewater.test,walter@aldous.test
2026-0201,quill,Lease of the Mill Street shop,normal,ben@aldous.test,litigation,,open,,
"""


def aldous(within="8h", after="4h", milter_extra=""):
    text = _LEXGATE
    for word, value in (("@WITHIN@", within), ("@AFTER@", after), ("@MILTER_EXTRA@", milter_extra)):
        text = text.replace(word, value)
    return {"lexgate.conf": text, "staff.csv": _STAFF, "clients.csv": _CLIENTS, "matters.csv": _MATTERS}


ALDOUS_LOGINS = [f"{n}@aldous.test" for n in ("alice", "ben", "carla", "sam", "mara", "walter")]

_BRODIE = """
firm: { name = "Étude Brodie"; domains = ["brodie.example", "brodie-notaires.example"]; unfiled_level = "confidential"; calendar = "paris"; };
registry: { staff = "registre/equipe.csv"; clients = "registre/clients.csv"; matters = "registre/dossiers.csv"; };
paths: { state = "@STATE@"; run = "@RUN@"; };
milter: { socket = "@MILTER@"; };
redis: { socket = "@REDIS@"; tag = "brodie"; };
smtp: { relay = "@RELAY@"; from = "rappels@brodie.example"; };
escalation: { socket = "@RUN@/escalated.sock"; };
calendars: { paris: { timezone = "Europe/Paris"; hours: { mon-sun = ["00:00-12:00", "12:00-24:00"]; }; }; };
service_levels: { rapide: { answer_within = "3s"; ladder = ( { at = "100%"; tell = ["responsible", "managers"]; } ); }; };
"""

_BRODIE_RULES = """
rules: ( { id = "question"; when: { direction = "incoming"; sender: { is = ["client"]; }; automatic = false; }; deadline = "rapide"; },
         { id = "etrangers"; policy = "A-7"; when: { direction = "outgoing"; recipient: { is = ["other", "prospect"]; }; };
           do = "reject"; say = "{recipients} : destinataire inconnu du registre."; } );
"""


def brodie():
    return {
        "lexgate.conf": _BRODIE, "conf.d/20-rules.conf": _BRODIE_RULES,
        "registre/equipe.csv": "address,name,role,team,supervisor,cover,calendar,language\n"
                               "helene@brodie.example,Hélène Brodie,manager,direction,,,,fr\n"
                               "luc@brodie.example,Luc Perrin,lawyer,actes,helene@brodie.example,,,fr\n",
        "registre/clients.csv": "client,name,addresses,language,channel,service_level\nmoulin,SCI du Moulin,@moulin.example,fr,mail,\n",
        "registre/dossiers.csv": "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n"
                                 "D77,moulin,Vente du moulin,normal,luc@brodie.example,actes,,open,,\n",
    }


BRODIE_LOGINS = ["luc@brodie.example", "helene@brodie.example"]
