-- SPDX-License-Identifier: Apache-2.0
-- Applies one batch of one writer's changes and moves its mark: ARGV[3..10] = writer, first, last, head, lesson ("-": none), from
-- which number on that teaches, retention (seconds), "listed" or "whole" (fill.lua); the changes follow, one JSON text each. Where
-- they are much work it stops behind an entry, and the mark stands there. And keeps house, a little at each call. Gives "done", how
-- many were bad, why, how many changes of the batch are over, the mark; or "mark", "wiping" where it may not begin.
-- In a function of its own, since Lua has room for 200 local names in one.
local function apply_batch()
    -- Commands: a few milliseconds, in which Redis answers nobody else. As much is cleared away as the others can open.
    local WORK_MAX, HOUSE_MAX = 250, 400
    local FINAL_DAYS, RECORD_DAYS = 7, 15
    local DONE_TRIM, DONE_MAX, FINAL_TRIM = 40, 1000000, 10
    local SILENT = 60 -- claim.lua too
    local writer, first, last, head = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
    local lesson, teaches_from, retention = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
    local CHANGES = 11

    -- Nothing opens it again by itself any more: from a key of its own into the stream.
    local function record_fill()
        local till = now - RECORD_DAYS * DAY
        local over = call('ZRANGEBYSCORE', P .. 'fresh', '-inf', till, 'LIMIT', 0, DONE_TRIM)
        if #over > 0 and till > tonumber(call('GET', P .. 'recorded') or '0') then call('SET', P .. 'recorded', string.format('%d', till)) end
        for _, id in ipairs(over) do
            call('ZREM', P .. 'fresh', id)
            local raw = call('GET', P .. 'd:' .. id)
            if raw then
                call('HSET', record_key(id), id, call('XADD', P .. 'record', '*', 'id', id, 'd', raw))
                call('DEL', P .. 'd:' .. id)
            end
        end
    end

    -- What is older than the retention goes, and the oldest of too many.
    local function record_trim(enough)
        local over = math.min(call('ZCARD', P .. 'done') - DONE_MAX, DONE_TRIM)
        local gone = call('ZRANGEBYSCORE', P .. 'done', '-inf', now - retention, 'LIMIT', 0, DONE_TRIM)
        if #gone < over then gone = call('ZRANGE', P .. 'done', 0, over - 1) end
        for _, id in ipairs(gone) do
            if calls > enough then break end
            local r = load(id)
            if r then threads_drop(id, r) end
            done_drop(id)
            forget(id)
        end
    end

    -- May bad news still come, of a writer that catches up?
    local function all_is_told()
        local writers = call('HGETALL', P .. 'writers')
        for i = 2, #writers, 2 do
            local at, to, since = string.match(writers[i], '^(%d+) (%d+) (%d+)$')
            if tonumber(at) < tonumber(to) and now - tonumber(since) < SILENT then return false end
        end
        return true
    end

    -- And replies of which nothing bad was heard are final.
    local function keep_house()
        local enough = calls + HOUSE_MAX
        local pending = call('ZRANGEBYSCORE', P .. 'prov', '-inf', now - FINAL_DAYS * DAY, 'LIMIT', 0, FINAL_TRIM)
        for _, id in ipairs(#pending > 0 and all_is_told() and pending or {}) do
            local r = load(id)
            for _, reply in ipairs(r and r[MORE] and r[MORE].replies or {}) do
                if reply[R_FATE] == PENDING and reply[R_T] <= now - FINAL_DAYS * DAY then reply[R_FATE], reply[R_AT] = DELIVERED, reply[R_T] end
            end
            if r and r[STATE] == PROVISIONAL then
                note(r, {t = now}, 'final')
                settle(id, r)
            else
                call('ZREM', P .. 'prov', id)
            end
        end
        record_fill()
        record_trim(enough)
    end

    if call('EXISTS', P .. 'wiping') == 1 then return {'wiping'} end
    local mark, _, moved = string.match(call('HGET', P .. 'writers', writer) or '0 0 0', '^(%d+) (%d+) (%d+)$')
    if first ~= tonumber(mark) + 1 then return {'mark', mark} end
    -- Since it looked in `filled`, somebody may have emptied all so that all is read.
    if ARGV[10] == 'listed' then
        local filled = call('HMGET', P .. 'filled', writer, '*')
        if filled[2] or string.sub(filled[1] or '', 1, 3) ~= 'ck ' then return {'mark', mark} end
    end
    if last >= first or head == last then moved = now end

    local function set_mark(at)
        call('HSET', P .. 'writers', writer, string.format('%.0f %.0f %.0f', at, math.max(head, last), moved))
    end

    -- First of all: where Redis refuses to write, it refuses here, and nothing was done.
    set_mark(last)
    local bad, why = 0, ''

    local function failed(message)
        bad = bad + 1
        why = type(message) == 'table' and message.err or tostring(message)
    end

    -- Gives how many changes are over, and the last entry of which all are.
    local function apply_all()
        local seq
        for i = CHANGES, #ARGV do
            local done, message = pcall(function()
                local change = cjson.decode(ARGV[i])
                if calls > WORK_MAX and seq and change.seq > seq then return change.seq - 1 end
                seq = change.seq or seq
                place = place_of(seq)
                handlers[change.op](change, ARGV[i])
            end)
            if done and message then return i - CHANGES, message end
            if not done then failed(message) end
        end
        return #ARGV - CHANGES + 1, last
    end

    local over, at = apply_all()
    if at < last then
        set_mark(at)
    elseif lesson ~= '-' then
        teach(writer, teaches_from, last, lesson)
    end
    keep_house()
    local unsettled = sorted_settle_all()
    if unsettled then failed(unsettled) end
    return {'done', tostring(bad), why, tostring(over), string.format('%.0f', at)}
end

return apply_batch()
