-- What Lua programs allocate: tables, closures, strings.
local function tree(depth)
    if depth == 0 then return {} end
    return { tree(depth - 1), tree(depth - 1) }
end

local function count(node)
    return node[1] and count(node[1]) + count(node[2]) + 1 or 1
end

local nodes = 0
for _ = 1, 60 do nodes = nodes + count(tree(14)) end

local words = {}
for i = 1, 600000 do words[#words + 1] = "word" .. i % 20000 .. (i % 7) end
local seen = {}
for _, word in ipairs(words) do seen[word] = (seen[word] or 0) + 1 end

local makers = {}
for i = 1, 200000 do makers[i] = function() return i end end
print(nodes, #words, #makers)
