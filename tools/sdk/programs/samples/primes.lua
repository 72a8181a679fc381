-- SPDX-License-Identifier: Apache-2.0
-- Prime numbers up to the number given, and what a native program says of their count.
local limit = tonumber(arg[1]) or 100
local composite, primes = {}, {}
for n = 2, limit do
    if not composite[n] then
        primes[#primes + 1] = n
        for multiple = n * n, limit, n do composite[multiple] = true end
    end
end
print(table.concat(primes, " "))
local pipe = assert(io.popen("echo " .. #primes .. " | sed 's/$/ primes, counted by sed/'"))
print(pipe:read("l"))
pipe:close()
