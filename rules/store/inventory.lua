-- SPDX-License-Identifier: Apache-2.0
-- What is there of deadlines, for a comparison with the journals (inventory.h): ARGV[3] = "keys": of these ids (ARGV[4..]), as far as
-- they have keys of their own; "record": what is over, behind the place ARGV[4], after the place to go on with ("" at the end);
-- "known": "1" for each id (ARGV[4..]) that is known under its own or another name, else "0".
local RECORD_COUNT = 100
local what, found = ARGV[3], {}

-- `asks`: the questions that it is made of; `replies`: by what the journal knows them; `listed`: does the queue show it?
local function facts(id, r)
    local m, asks, replies, acts = r[MORE] or {}, {}, {}, {}
    for _, ask in ipairs(m.asks or {{id = id, start = r[START], threads = r[THREADS]}}) do
        asks[#asks + 1] = {id = ask.id, start = ask.start, threads = ask.threads}
    end
    for _, reply in ipairs(m.replies or {}) do replies[#replies + 1] = reply[4] end
    local over = r[STATE] == ANSWERED or r[STATE] == CLOSED
    return cjson.encode({id = id, client = r[CLIENT], matter = r[MATTER], owner = r[OWNER], state = STATES[r[STATE]],
        soft = r[SOFT] == 1, start = r[START], due = r[DUE], ['until'] = r[UNTIL], by = r[BY], qid = r[QID], since = r[SINCE],
        asks = asks, replies = replies, restricted = m.clears ~= nil,
        listed = over or call('ZSCORE', P .. 'all', id) ~= false})
end

-- Nothing of what is expected of clients.
local function text_of(id, raw)
    local good, json = pcall(function()
        local r = cmsgpack.unpack(raw)
        return side_of(r[CLIENT]) == '' and facts(id, r)
    end)
    if good then return json or nil end
    return cjson.encode({id = id, broken = true})
end

if what == 'known' then
    for i = 4, #ARGV do found[#found + 1] = is_known(ARGV[i], 0) and '1' or '0' end
elseif what == 'keys' then
    for i = 4, #ARGV do
        local raw = call('GET', P .. 'd:' .. ARGV[i])
        if raw then found[#found + 1] = text_of(ARGV[i], raw) end
    end
else
    local entries = call('XRANGE', P .. 'record', ARGV[4] == '' and '-' or '(' .. ARGV[4], '+', 'COUNT', RECORD_COUNT)
    found[1] = #entries == RECORD_COUNT and entries[#entries][1] or ''
    for _, entry in ipairs(entries) do
        found[#found + 1] = text_of(entry[2][2], entry[2][4])
    end
end
return found
