"""The scripts that run in Redis, each as one step; the keys that they and `in_redis` share.

Every script has one key, the prefix `p`. The keys after it:

    s:TOKEN   a session: version, link, group or `-`, expires, and all of it as a text, with spaces between
    l:LINK    token of a link; g:GROUP: token of a group
    all       sorted set of OWNER:TOKEN by the number of the change that added it: the newest is the last
    goes      sorted set of OWNER:TOKEN by the time, in milliseconds, at which Redis drops the session by itself
    o:OWNER   sorted set of the owner's tokens, as `all`
    owners    sorted set of owners: the more sessions, the higher; of equals, the one of the earliest change
    changes   numbers the changes
    evicted   counts
    counters  hash, owner -> next number; counted: their order; floor: where new ones start
    journal   list
    exchanges list of an exchange's number, sandbox or `-`, and text, with spaces between: the newest is the last
    recording hash: newest, their last number; bytes of their texts; dropped
    clock     text
    faults    text

What a session needs goes with it, by the clock of Redis; only the clock's state and `evicted` stay. Redis does nothing
else while a script runs, so none touches more than `PART` sessions.
"""

from __future__ import annotations

__all__ = [
    "ADD",
    "COUNTS",
    "FORGET_EXCHANGES",
    "NEXT",
    "PART",
    "RECORD",
    "REPLACE",
    "RESET",
    "SET_CLOCK",
    "SET_FAULTS",
]

PART = 1000
"""Sessions that a script touches at the most."""

_SHARED = (
    f"local part = {PART}"
    """
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

local function drop(members)
  local keys = {}
  for i, member in ipairs(members) do keys[i] = p .. 's:' .. string.match(member, ':(.*)$') end
  for _, kept in ipairs(redis.call('MGET', unpack(keys))) do
    if kept then
      local link, group = string.match(kept, '^%S+ (%S+) (%S+) ')
      table.insert(keys, p .. 'l:' .. link)
      table.insert(keys, p .. 'g:' .. group)
    end
  end
  redis.call('UNLINK', unpack(keys))
  redis.call('ZREM', p .. 'all', unpack(members))
  redis.call('ZREM', p .. 'goes', unpack(members))
  local owners = {}
  for _, member in ipairs(members) do
    local owner, token = string.match(member, '^(.-):(.*)$')
    redis.call('ZREM', p .. 'o:' .. owner, token)
    owners[owner] = true
  end
  for owner in pairs(owners) do resize(owner) end
end

-- Take from the lists what Redis dropped by itself.
local function purge()
  local gone = redis.call('ZRANGEBYSCORE', p .. 'goes', '-inf', now(), 'LIMIT', 0, part)
  if gone[1] then drop(gone) end
end

local function living()
  return redis.call('ZCOUNT', p .. 'goes', '(' .. string.format('%d', now()), '+inf')
end
"""
)
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
redis.call('SET', p .. 's:' .. token, table.concat({{version, link, '-', expires, text}}, ' '), 'PX', kept)
redis.call('SET', p .. 'l:' .. link, token, 'PX', kept)
redis.call('ZADD', p .. 'all', change, owner .. ':' .. token)
redis.call('ZADD', p .. 'goes', goes, owner .. ':' .. token)
redis.call('ZADD', p .. 'o:' .. owner, change, token)
resize(owner)
while living() > tonumber(most) do
  local largest = redis.call('ZREVRANGE', p .. 'owners', 0, 0)[1]
  if not largest then break end
  local oldest = redis.call('ZRANGE', p .. 'o:' .. largest, 0, 0)[1] or ''
  local life = string.match(redis.call('GET', p .. 's:' .. oldest) or '', '^%S+ %S+ %S+ (%S+) ')
  if life and created < life then redis.call('INCR', p .. 'evicted') end
  drop({{largest .. ':' .. oldest}})
end
for _, key in ipairs({{'all', 'goes', 'owners', 'changes', 'o:' .. owner}}) do keep(p .. key, goes) end
return 1
"""
REPLACE = """
local p, token, text, version, group = KEYS[1], unpack(ARGV)
local key = p .. 's:' .. token
local kept = redis.call('GET', key)
if not kept then return 0 end
local known, link, grouped, expires = string.match(kept, '^(%S+) (%S+) (%S+) (%S+) ')
if known + 1 ~= tonumber(version) then return 0 end
local left = math.max(redis.call('PTTL', key), 1)
if group ~= grouped then
  if not redis.call('SET', p .. 'g:' .. group, token, 'NX', 'PX', left) then return 0 end
end
redis.call('SET', key, table.concat({version, link, group, expires, text}, ' '), 'PX', left)
return 1
"""
SET_CLOCK = """
local p, state, known, untouched = KEYS[1], unpack(ARGV)
if known ~= '' and (redis.call('GET', p .. 'clock') or untouched) ~= known then return 0 end
redis.call('SET', p .. 'clock', state)
return 1
"""
SET_FAULTS = """
local p, text, known, unused = KEYS[1], unpack(ARGV)
if (redis.call('GET', p .. 'faults') or '') ~= known then return 0 end
if text == '' then redis.call('UNLINK', p .. 'faults') else redis.call('SET', p .. 'faults', text, 'PX', unused) end
return 1
"""
COUNTS = f"""{_SHARED}
purge()
return {{living(), redis.call('GET', p .. 'evicted') or '0'}}
"""
RESET = f"""{_SHARED}
local owner, till = unpack(ARGV)
if till == '' then
  till = redis.call('GET', p .. 'changes') or '0'
  if owner == '' then
    for _, key in ipairs({{'evicted', 'counters', 'counted', 'floor', 'journal', 'faults'}}) do
      redis.call('UNLINK', p .. key)
    end
  else
    redis.call('HDEL', p .. 'counters', owner)
    redis.call('ZREM', p .. 'counted', owner)
  end
end
local list = owner == '' and 'all' or 'o:' .. owner
local members = redis.call('ZRANGEBYSCORE', p .. list, '-inf', till, 'LIMIT', 0, part)
if owner ~= '' then
  for i, token in ipairs(members) do members[i] = owner .. ':' .. token end
end
local before = living()
if members[1] then drop(members) end
return {{before - living(), #members, till}}
"""
RECORD = """
local p, text, sandbox, most, bytes, unused = KEYS[1], unpack(ARGV)
local list, hash = p .. 'exchanges', p .. 'recording'
local number = redis.call('HINCRBY', hash, 'newest', 1)
local length = redis.call('RPUSH', list, table.concat({string.format('%d', number), sandbox, text}, ' '))
local size = redis.call('HINCRBY', hash, 'bytes', #text)
while length > tonumber(most) or size > tonumber(bytes) do
  local gone = string.match(redis.call('LPOP', list), '^%S+ %S+ (.*)$')
  length, size = length - 1, redis.call('HINCRBY', hash, 'bytes', -#gone)
  redis.call('HINCRBY', hash, 'dropped', 1)
end
redis.call('PEXPIRE', list, unused)
redis.call('PEXPIRE', hash, unused)
return number
"""
FORGET_EXCHANGES = """
local p, sandbox = KEYS[1], unpack(ARGV)
local list, hash = p .. 'exchanges', p .. 'recording'
if sandbox == '' then
  local length = redis.call('LLEN', list)
  redis.call('UNLINK', list)
  redis.call('HDEL', hash, 'bytes', 'dropped')
  return length
end
local gone, all, left = 0, redis.call('LRANGE', list, 0, -1), redis.call('PTTL', list)
redis.call('UNLINK', list)
for _, kept in ipairs(all) do
  local whose, text = string.match(kept, '^%S+ (%S+) (.*)$')
  if whose == sandbox then
    redis.call('HINCRBY', hash, 'bytes', -#text)
    gone = gone + 1
  else
    redis.call('RPUSH', list, kept)
  end
end
if gone < #all then redis.call('PEXPIRE', list, math.max(left, 1)) end
return gone
"""
