-- SPDX-License-Identifier: Apache-2.0
-- What became of messages: ARGV[3..] = tracking ids. Gives the changes `fate` (store/changes.md) as they came, of all of them.
local found = {}
for i = 3, #ARGV do
    for _, raw in ipairs(call('LRANGE', P .. 'f:' .. ARGV[i], 0, -1)) do found[#found + 1] = raw end
end
return found
