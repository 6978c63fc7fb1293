-- Tables, strings, closures, coroutines and collection.
local state = 1
local function next_number(bound)
  state = (state * 16807) % 2147483647
  return state % bound
end

local live, checksum = {}, 0
for i = 1, 150000 do
  local slot = next_number(20000) + 1
  local old = live[slot]
  if old then checksum = (checksum + old.id * #old.text) % 1000000007 end
  live[slot] = { id = i, text = ("x"):rep(next_number(60)), list = { i, i + 1, slot } }
end
print(checksum)

local words = {}
for i = 1, 20000 do words[i] = ("%05d-%s"):format(next_number(100000), ("ab"):rep(i % 5)) end
table.sort(words)
local joined = table.concat(words, " ")
print(#joined, select(2, joined:gsub("(%d)0(%d)", "%2-%1")), words[1], words[#words])

local producer = coroutine.wrap(function() for i = 1, 50000 do coroutine.yield({ i }) end end)
local sum = 0
for i = 1, 50000 do sum = sum + producer()[1] end
print(sum)

setmetatable(live, { __mode = "v" })
collectgarbage()
print(next(live))
