"""The scripts that run in Redis, each as one step; the keys that they and `in_redis` share.

Every script has one key, the prefix `p`. The keys after it:

    s:TOKEN   hash: text, version, link, group and expires of a session; l:LINK and g:GROUP hold the token
    all       sorted set of OWNER:TOKEN by the number of the change that added it: the newest is the last
    goes      sorted set of OWNER:TOKEN by the time, in milliseconds, at which Redis drops the session by itself
    o:OWNER   sorted set of the owner's tokens, as `all`
    owners    sorted set of owners: the more sessions, the higher; of equals, the one of the earliest change
    changes   numbers the changes
    evicted   counts
    counters  hash, owner -> next number; counted: their order; floor: where new ones start
    journal   list
    clock     text

What a session needs goes with it, by the clock of Redis; only the clock's state and `evicted` stay.
"""

__all__ = ["ADD", "COUNTS", "NEXT", "REPLACE", "RESET", "RESET_OWNER", "SET_CLOCK"]

_SHARED = """
local p = KEYS[1]

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function keep(key, till)
  if now() + redis.call('PTTL', key) < till then redis.call('PEXPIREAT', key, till) end
end

local function resize(owner)
  local size = redis.call('ZCARD', p .. 'o:' .. owner)
  if size == 0 then
    redis.call('ZREM', p .. 'owners', owner)
  else
    redis.call('ZADD', p .. 'owners', size * 2^33 - redis.call('INCR', p .. 'changes'), owner)
  end
end

local function drop(owner, token)
  local kept = redis.call('HMGET', p .. 's:' .. token, 'link', 'group')
  if kept[1] then redis.call('DEL', p .. 's:' .. token, p .. 'l:' .. kept[1], p .. 'g:' .. kept[2]) end
  redis.call('ZREM', p .. 'all', owner .. ':' .. token)
  redis.call('ZREM', p .. 'goes', owner .. ':' .. token)
  redis.call('ZREM', p .. 'o:' .. owner, token)
  resize(owner)
end

-- Take from the lists what Redis dropped by itself.
local function purge()
  for _, one in ipairs(redis.call('ZRANGEBYSCORE', p .. 'goes', '-inf', now())) do
    local owner, token = string.match(one, '^(.-):(.*)$')
    drop(owner, token)
  end
end
"""
NEXT = f"""{_SHARED}
local owner, most, unused = unpack(ARGV)
local number = redis.call('HINCRBY', p .. 'counters', owner, 1) - 1
if number == 0 then
  number = tonumber(redis.call('GET', p .. 'floor') or 0)
  redis.call('HSET', p .. 'counters', owner, number + 1)
  redis.call('ZADD', p .. 'counted', redis.call('INCR', p .. 'changes'), owner)
  if redis.call('ZCARD', p .. 'counted') > tonumber(most) then
    local oldest = redis.call('ZPOPMIN', p .. 'counted')[1]
    local beyond = tonumber(redis.call('HGET', p .. 'counters', oldest) or 0)
    redis.call('HDEL', p .. 'counters', oldest)
    if beyond > tonumber(redis.call('GET', p .. 'floor') or 0) then redis.call('SET', p .. 'floor', beyond) end
  end
end
for _, key in ipairs({{'counters', 'counted', 'floor', 'changes'}}) do keep(p .. key, now() + unused) end
return {{number, redis.call('GET', p .. 'clock')}}
"""
ADD = f"""{_SHARED}
local token, link, owner, text, version, created, expires, kept, most = unpack(ARGV)
purge()
if redis.call('EXISTS', p .. 's:' .. token, p .. 'l:' .. link) > 0 then return 0 end
local change = redis.call('INCR', p .. 'changes')
local goes = now() + kept
redis.call('HSET', p .. 's:' .. token,
  'text', text, 'version', version, 'link', link, 'group', '', 'expires', expires)
redis.call('PEXPIREAT', p .. 's:' .. token, goes)
redis.call('SET', p .. 'l:' .. link, token, 'PX', kept)
redis.call('ZADD', p .. 'all', change, owner .. ':' .. token)
redis.call('ZADD', p .. 'goes', goes, owner .. ':' .. token)
redis.call('ZADD', p .. 'o:' .. owner, change, token)
resize(owner)
while redis.call('ZCARD', p .. 'all') > tonumber(most) do
  local largest = redis.call('ZREVRANGE', p .. 'owners', 0, 0)[1]
  if not largest then break end
  local oldest = redis.call('ZRANGE', p .. 'o:' .. largest, 0, 0)[1] or ''
  local life = redis.call('HGET', p .. 's:' .. oldest, 'expires')
  if life and created < life then redis.call('INCR', p .. 'evicted') end
  drop(largest, oldest)
end
for _, key in ipairs({{'all', 'goes', 'owners', 'changes', 'o:' .. owner}}) do keep(p .. key, goes) end
return 1
"""
REPLACE = """
local p, token, text, version, group = KEYS[1], unpack(ARGV)
local key = p .. 's:' .. token
local kept = redis.call('HMGET', key, 'version', 'group')
if not kept[1] or tonumber(kept[1]) + 1 ~= tonumber(version) then return 0 end
if group ~= kept[2] then
  local left = math.max(redis.call('PTTL', key), 1)
  if not redis.call('SET', p .. 'g:' .. group, token, 'NX', 'PX', left) then return 0 end
end
redis.call('HSET', key, 'text', text, 'version', version, 'group', group)
return 1
"""
SET_CLOCK = """
local p, state, known, untouched = KEYS[1], unpack(ARGV)
if known ~= '' and (redis.call('GET', p .. 'clock') or untouched) ~= known then return 0 end
redis.call('SET', p .. 'clock', state)
return 1
"""
COUNTS = f"""{_SHARED}
purge()
return {{redis.call('ZCARD', p .. 'all'), redis.call('GET', p .. 'evicted') or '0'}}
"""
RESET_OWNER = f"""{_SHARED}
local owner = ARGV[1]
local tokens = redis.call('ZRANGE', p .. 'o:' .. owner, 0, -1)
for _, token in ipairs(tokens) do drop(owner, token) end
redis.call('HDEL', p .. 'counters', owner)
redis.call('ZREM', p .. 'counted', owner)
return #tokens
"""
RESET = f"""{_SHARED}
purge()
local all = redis.call('ZRANGE', p .. 'all', 0, -1)
for _, one in ipairs(all) do
  local token = string.match(one, ':(.*)$')
  local kept = redis.call('HMGET', p .. 's:' .. token, 'link', 'group')
  if kept[1] then redis.call('DEL', p .. 's:' .. token, p .. 'l:' .. kept[1], p .. 'g:' .. kept[2]) end
end
for _, owner in ipairs(redis.call('ZRANGE', p .. 'owners', 0, -1)) do redis.call('DEL', p .. 'o:' .. owner) end
for _, key in ipairs({{'all', 'goes', 'owners', 'changes', 'evicted', 'counters', 'counted', 'floor', 'journal'}}) do
  redis.call('DEL', p .. key)
end
return #all
"""
