-- SPDX-License-Identifier: Apache-2.0
-- Does Redis hold what it must, and stand its records, indexes and jobs to each other as settle() leaves them? A call changes all of
-- these together, so that whatever is on its way (held, snoozed, provisional, claimed) is whole at each look. ARGV[3] says what:
--   compare RETENTION CHANGE …  changes open and join whose entries are in: flat id, fault of those that are missing or stand wrong
--   look SET CURSOR             a piece of a set (or of a hash of messages): cursor to go on with, how many were looked at, how many
--                               texts of faults, flat member, fault; then the names of other indexes that these records are in
--   mend SET MEMBER …           looks at each once more and mends it from the record: flat member, fault
-- A fault is a list of words. `lost`: there is no record, which only the journals can bring back.
local COUNT, LATE, ALIAS_LASTS, DONE_MAX = 32, 3600, 89 * DAY, 1000000
local MESSAGES = {unjudged = true, notice = true, deferred = true} -- which have a job as long as they are there

local mending = ARGV[3] == 'mend'

-- `mend` sets right what `word` names.
local function faulty(found, word, mend)
    for _, known in ipairs(found) do if known == word then word = nil end end
    if word then found[#found + 1] = word end
    if mending then mend() end
end

local function job_faults(id, r, found)
    local i = next_step(r)
    if waits(r) and i < step_count(r) then
        local key = step_key(id, r, i)
        local at = call('ZSCORE', P .. 'jobs', key)
        if not at then
            faulty(found, 'no-job', function() step_job_add(id, r) end)
        elseif tonumber(at) > math.max(step_time(r, i), now) + LATE and call('HEXISTS', P .. 'leases', key) == 0 then
            faulty(found, 'late-job', function() step_job_add(id, r) end)
        end
    end
    local ask, at = ask_job(id, r)
    if ask and not call('ZSCORE', P .. 'jobs', ask) then
        faulty(found, 'no-job', function() sorted_add(P .. 'jobs', at .. place, ask) end)
    end
end

local function thread_faults(id, r, found)
    each_place(r, function(client, hash, over)
        local ids, there = thread_ids(client, hash, over), false
        for _, other in ipairs(ids) do there = there or other == id end
        if not there and #ids < IDS_MAX then faulty(found, 'no-thread', function() thread_add(id, client, hash, over) end) end
    end)
end

local function set_fault(found, set, member, word, mend)
    if not call('ZSCORE', P .. set, member) then faulty(found, word, mend) end
end

-- What is wrong with a record's places.
local function record_faults(id, r)
    local found = {}
    if is_over(r) then
        set_fault(found, 'done', id, 'not-listed', function()
            call('ZADD', P .. 'done', r[SINCE], id)
            if not recorded[id] then call('ZADD', P .. 'fresh', r[SINCE], id) end
        end)
        return found
    end
    for i, key in ipairs({indexes_of(r)}) do
        local due = call('ZSCORE', key, id)
        local word = not due and 'not-listed' or math.floor(due) ~= r[DUE] and 'wrong-due'
        if word then faulty(found, word, function() sorted_add(key, string.format('%d', r[DUE]) .. (i < 3 and place or ''), id) end) end
    end
    if r[STATE] == PROVISIONAL then
        set_fault(found, 'prov', id, 'not-listed', function() call('ZADD', P .. 'prov', r[SINCE], id) end)
    end
    job_faults(id, r, found)
    thread_faults(id, r, found)
    return found
end

-- History tells what was mended.
local function record_mended(id, r, found)
    if #found == 0 or recorded[id] then return end
    note(r, {t = now}, 'mended', '', table.concat(found, ' '))
    save(id, r)
end

local function belongs(r, set)
    if set == 'prov' then return r[STATE] == PROVISIONAL end
    if set == 'fresh' then return is_over(r) end
    local found = false
    for _, key in ipairs(is_over(r) and {} or {indexes_of(r)}) do found = found or key == P .. set end
    return found
end

-- Is `key` what plans the record's next step?
local function is_its_job(key, id, r)
    local i = next_step(r)
    return waits(r) and i < step_count(r) and key == step_key(id, r, i)
end

-- Gives the faults of a member, and its record if it has one.
local function faults_of(set, member)
    if MESSAGES[set] then
        local key = set .. ':' .. member
        local found = {}
        set_fault(found, 'jobs', key, 'no-job', function() sorted_add(P .. 'jobs', now, key) end)
        return found
    end
    local id = set == 'jobs' and string.match(member, '^step:([^:]+):') or set ~= 'jobs' and member
    if not id then return {} end
    local r = load(id)
    if not r and not is_known(id, 0) then return {'lost'} end
    local stale = not r or set == 'jobs' and not is_its_job(member, id, r) or set ~= 'jobs' and not belongs(r, set)
    local found = r and record_faults(id, r) or {}
    if stale then
        faulty(found, 'stale', function()
            if set == 'jobs' then job_drop(member) else sorted_drop(P .. set, member) end
        end)
    end
    if mending and r then record_mended(id, r, found) end
    return found, r
end

local function look(set, cursor)
    local page = call(MESSAGES[set] and 'HSCAN' or 'ZSCAN', P .. set, cursor, 'COUNT', COUNT)
    local faults, names, seen = {}, {}, {}
    for i = 1, #page[2], 2 do
        local found, r = faults_of(set, page[2][i])
        if #found > 0 then
            faults[#faults + 1] = page[2][i]
            faults[#faults + 1] = table.concat(found, ' ')
        end
        if (set == 'all' or set == EXPECTED .. 'all') and r then
            for _, key in ipairs({indexes_of(r)}) do
                if not seen[key] then names[#names + 1] = string.sub(key, #P + 1) end
                seen[key] = true
            end
        end
    end
    local result = {page[1], tostring(#page[2] / 2), tostring(#faults), unpack(faults)}
    for _, name in ipairs(names) do result[#result + 1] = name end
    return result
end

local function mend(set, first)
    local mended = {}
    for i = first, #ARGV do
        local found = faults_of(set, ARGV[i])
        if #found > 0 then
            mended[#mended + 1] = ARGV[i]
            mended[#mended + 1] = table.concat(found, ' ')
        end
    end
    local why = sorted_settle_all()
    if why then error(why) end
    return mended
end

-- What came beyond the cap, or has ended so long ago that nothing of it is kept, is not missed.
local function is_missing(c, retention)
    local since = now - math.min(retention, ALIAS_LASTS)
    if call('ZCARD', P .. 'done') >= DONE_MAX then
        since = math.max(since, tonumber(call('ZRANGE', P .. 'done', 0, 0, 'WITHSCORES')[2]))
    end
    if is_known(c.id, c.start) or c.start <= since then return false end
    if c.qid and call('EXISTS', P .. 'e:unjudged:' .. c.qid) == 1 then return false end
    local count = c.cap and call('HGET', cap_place(c.client, string.format('%d', math.floor(c.start / 3600))))
    return not count or tonumber(count) <= c.cap
end

local function compare(retention, first)
    local wrong = {}
    for i = first, #ARGV do
        local c = cjson.decode(ARGV[i])
        local own = c.threads and c.threads[1]
        if c.op == 'join' then c.id = own and c.start and c.due and 'j' .. own end
        if c.id and is_missing(c, retention) then
            wrong[#wrong + 1], wrong[#wrong + 2] = c.id, 'lost'
        elseif c.id then
            local id, r = resolve(c.id)
            local found = r and record_faults(id, r) or {}
            if #found > 0 then wrong[#wrong + 1], wrong[#wrong + 2] = id, table.concat(found, ' ') end
        end
    end
    return wrong
end
