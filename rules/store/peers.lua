-- SPDX-License-Identifier: Apache-2.0
-- One gateway's look at what the others teach: ARGV[3] = its writer, ARGV[4] = "1" when it takes lessons; then pairs of a writer and
-- the number up to where it has that one's. Gives rows of five texts:
--   writer NAME MARK HEAD MOVED · lesson NAME FIRST LAST SEALED · wish READER FROM "" "" · reader NAME TIME "" ""
-- What the stream no longer has is wished for, and its writer puts it aside (store_peers_give).
local LESSONS, WISH_SECONDS, TAKEN_SECONDS, READER_SECONDS, TELL_SECONDS = 16, 60, 2, DAY, 10
local own, takes = ARGV[3], ARGV[4] == '1'
local rows, told, positions = {}, {''}, {}

local function say(...)
    for i = 1, 5 do rows[#rows + 1] = tostring((select(i, ...)) or '') end
end

local function whole(number)
    return string.format('%.0f', number)
end

-- The lessons behind `at` without a gap, or a wish.
local function take(writer, at, mark)
    local items = call('XRANGE', P .. 'h:' .. writer, whole(at + 1), whole(mark), 'COUNT', LESSONS)
    if items[1] and tonumber(items[1][2][2]) <= at + 1 then
        for _, item in ipairs(items) do
            if tonumber(item[2][2]) > at + 1 then return end
            at = tonumber(string.match(item[1], '^%d+'))
            say('lesson', writer, item[2][2], whole(at), item[2][4])
        end
        return
    end
    if mark <= at then return end
    local given = P .. 'hr:' .. writer .. ' ' .. own
    local first, last, sealed = string.match(call('GET', given) or '', '^(%d+) (%d+) (.*)$')
    if first and tonumber(first) <= at + 1 and tonumber(last) > at and tonumber(last) <= mark then
        say('lesson', writer, first, last, sealed)
        call('EXPIRE', given, TAKEN_SECONDS)
    else
        call('HSET', P .. 'hw:' .. writer, own, whole(at + 1))
        call('EXPIRE', P .. 'hw:' .. writer, WISH_SECONDS)
    end
end

-- Every look would be a write.
local function note_position(text)
    local since, known = string.match(call('HGET', P .. 'readers', own) or '', '^(%d+)(.*)$')
    if known ~= text or tonumber(since) < now - TELL_SECONDS then call('HSET', P .. 'readers', own, string.format('%d', now) .. text) end
end

for i = 5, #ARGV, 2 do positions[ARGV[i]] = tonumber(ARGV[i + 1]) end
local writers = call('HGETALL', P .. 'writers')
for i = 1, #writers, 2 do
    local writer, at = writers[i], positions[writers[i]]
    local mark, head, moved = string.match(writers[i + 1], '^(%d+) (%d+) (%d+)')
    if mark and writer ~= own then
        say('writer', writer, mark, head, moved)
        if takes and at then
            told[#told + 1] = writer .. ' ' .. whole(at)
            take(writer, at, tonumber(mark))
        end
    end
end
local wishes = call('HGETALL', P .. 'hw:' .. own)
for i = 1, #wishes, 2 do say('wish', wishes[i], wishes[i + 1]) end
if takes then note_position(table.concat(told, ' ')) end
local readers = call('HGETALL', P .. 'readers')
for i = 1, #readers, 2 do
    local t = tonumber(string.match(readers[i + 1], '^%d+')) or 0
    if t < now - READER_SECONDS then
        call('HDEL', P .. 'readers', readers[i])
    elseif readers[i] ~= own then
        say('reader', readers[i], readers[i + 1])
    end
end
return rows
