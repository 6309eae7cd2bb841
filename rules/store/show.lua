-- SPDX-License-Identifier: Apache-2.0
-- One deadline: ARGV[3] = id, its own or another name of it. Nothing when there is none.
local id = ARGV[3]
local raw = raw_of(id)
if not raw then
    id = call('GET', P .. 'j:' .. id)
    raw = id and raw_of(id)
end
return raw and shown(id, raw)
