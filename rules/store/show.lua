-- SPDX-License-Identifier: Apache-2.0
-- One deadline: ARGV[3] = id. Nothing when there is none.
local id, r = resolve(ARGV[3])
return r and to_json(id, r)
