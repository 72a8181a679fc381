# SPDX-License-Identifier: Apache-2.0
"""Checks of the published Lua (5.4, built without POSIX extras) against Debian's lua5.4.

That build does not flush standard output when main returns: what matters is printed with print, which
flushes, or the script asks for an unbuffered stream. Its C stack has 64 KiB: no deep nesting of C calls (pcall,
coroutines within coroutines). Nothing here prints addresses or whole tracebacks, which differ between releases.
"""

from apps.check import Check


def script(name, text, *words, **more):
    """`lua t.lua words...`"""
    return Check("lua/" + name, ("lua", "t.lua", *words), files={"t.lua": text, **more.pop("files", {})}, **more)


SAMPLES = [
    Check("lua/sample-test", ("lua", "test.lua"), samples=("test.lua",), expect=("sum(10):\t55", "fact(5):\t120"),
          normalise=((r"elapsed: [0-9.]+s", "elapsed"),)),
    Check("lua/sample-trees", ("lua", "-e", "io.stdout:setvbuf('no')", "my.lua", "9"), samples=("my.lua",),
          expect=("long lived tree of depth 9",), timeout=120),
]

LANGUAGE = [
    script("closures-varargs", """
local function counter() local n = 0; return function(step) n = n + (step or 1); return n end end
local a, b = counter(), counter()
a() a(5) b()
print(a(), b(), select('#', nil, nil), select(-2, 'x', 'y', 'z'))
local function tail(n, acc) if n == 0 then return acc end return tail(n - 1, acc + n) end
print(tail(1000000, 0), table.unpack({1, 2, 3}, 2))
print((function(...) local t = table.pack(...); return t.n, t[3] end)(1, nil, 3, nil))
""", expect=("500000500000",)),
    script("goto-and-loops", """
for i = 1, 3 do for j = 1, 3 do
  if j == 2 then goto continue end
  if i == 3 then goto out end
  print(i, j)
  ::continue::
end end
::out::
for i = 10, 1, -4 do print(i) end
for x = 0.0, 1.0, 0.25 do print(x) end
print(pcall(load, 'goto nowhere'), (select(2, load('goto nowhere'))))
local n = 0; repeat local done = n > 4; n = n + 1 until done; print(n)
""", expect=("no visible label 'nowhere'",)),
    script("metatables", """
local V = {}
V.__index = V
V.__add = function(a, b) return setmetatable({x = a.x + b.x}, V) end
V.__eq = function(a, b) return a.x == b.x end
V.__lt = function(a, b) return a.x < b.x end
V.__le = function(a, b) return a.x <= b.x end
V.__call = function(self, y) return self.x * y end
V.__tostring = function(self) return 'V(' .. self.x .. ')' end
V.__len = function() return 42 end
V.__concat = function(a, b) return tostring(a) .. '..' .. tostring(b) end
V.__unm = function(a) return setmetatable({x = -a.x}, V) end
V.__idiv = function(a, b) return 'idiv' end
V.__band = function(a, b) return 'band' end
local a, b = setmetatable({x = 3}, V), setmetatable({x = 4}, V)
print(tostring(a + b), a == b, a < b, a <= b, a(7), #a, a .. b, a .. 'tail', tostring(-a), a // 1, a & 1)
local log = {}
local proxy = setmetatable({}, {__index = function(_, k) return k .. '!' end,
                                __newindex = function(t, k, v) log[#log + 1] = k; rawset(t, k, v) end,
                                __pairs = function() return next, {only = 1}, nil end})
print(proxy.hello, rawget(proxy, 'hello')); proxy.z = 1; proxy.z = 2; print(#log, log[1], proxy.z)
for k, v in pairs(proxy) do print(k, v) end
print(getmetatable('x').__index == string, pcall(setmetatable, 1, {}))
print(pcall(function() return {} < {} end))
print(pcall(setmetatable, setmetatable({}, {__metatable = 'locked'}), {}))
""", expect=("V(7)", "cannot change a protected metatable")),
    script("to-be-closed", """
local function guard(name)
  return setmetatable({}, {__close = function(_, e) print('close ' .. name, e) end})
end
do local a <close> = guard('a'); local b <close> = guard('b'); print('body') end
print(pcall(function() local c <close> = guard('c'); error('out', 0) end))
local co = coroutine.wrap(function() local d <close> = guard('d'); coroutine.yield(1); return 2 end)
print(co()); print(co())
local x <const> = 5
print(load('local y <const> = 1; y = 2'))
for k in (function() return nil end), nil, nil, guard('for') do end
""", expect=("close c\tout", "attempt to assign to const variable 'y'")),
    script("numbers", """
print(7 // 2, -7 // 2, 7 % -3, -7 % 3, 7.5 // 2, -7.5 % 2, 1 / 0, -1 / 0, 0 / 0 ~= 0 / 0)
print(math.maxinteger + 1 == math.mininteger, math.maxinteger * 2.0, 1 << 63, 1 << 64, -1 >> 1, ~0, 5 ~ 3)
print(math.tointeger(3.0), math.tointeger(3.5), 3 | 0, pcall(function() return 3.5 | 0 end))
print(math.type(1), math.type(1.0), math.type('1'), 1 == 1.0, math.ult(1, -1), '10' + 5, '0x10' * 1)
print(pcall(function() return 1 // 0 end)); print(pcall(function() return 1 % 0 end)); print(1.0 // 0, 1 % math.huge)
print(tonumber('  0x1p4  '), tonumber('1e1'), tonumber('z', 36), tonumber('8', 8), tonumber('1e'), tonumber(''))
print(math.floor(-3.5), math.ceil(-3.5), math.fmod(-7, 3), math.modf(-3.25), math.abs(math.mininteger))
print(2^53 == 2^53 + 1, 0.1 + 0.2, 100000000000000, 1e15, 1e100, -0.0, 123456789012345678)
for _, f in ipairs{math.sin, math.cos, math.exp, math.log, math.sqrt, math.atan} do
  print(string.format('%.10f', f(0.7)))
end
""", expect=("true\t0.3\t", "attempt to perform 'n%0'")),
    script("integers-wrap", """
local h = 0xcbf29ce484222325
for c in ('the quick brown fox'):gmatch('.') do h = (h ~ c:byte()) * 1099511628211 end
print(h, string.format('%x', h))
local x, s = 88172645463325252, 0
for _ = 1, 100000 do x = x ~ (x << 13); x = x ~ (x >> 7); x = x ~ (x << 17); s = s + (x & 1) end
print(x, s, math.mininteger // -1, math.mininteger % -1)
"""),
]

ERRORS = [
    script("pcall-error", """
print(pcall(error, 'plain')); print(pcall(error, 'levelled', 2)); print(pcall(error)); print(pcall(error, nil))
print(select('#', pcall(error)))
local ok, e = pcall(error, {code = 7}); print(ok, type(e), e.code)
print(pcall(function() local t = nil; return t.field end))
print(pcall(function() return 1 + {} end)); print(pcall(function() return #5 end))
print(pcall(function() undefined_function() end)); print(pcall(string.rep)); print(pcall(assert, false, 'said so'))
print(pcall(assert, nil)); print(pcall(pcall)); print(pcall(pcall, error, 'inner'))
print(xpcall(function() error('deep', 0) end, function(m) return 'handled ' .. m end))
print(xpcall(function(...) return select('#', ...) end, print, 1, 2, 3))
print((select(2, pcall(error, setmetatable({}, {__tostring = function() return 'custom' end}))) ~= nil))
print(select(2, xpcall(error, debug.traceback, 'tb')):match('^tb\\nstack traceback:') ~= nil)
""", expect=("false\tplain", "false\t{}".replace("{}", "table\t7"), "handled deep")),
    script("pcall-many", """
local caught = 0
local function thrower(depth) if depth == 0 then error({}) end thrower(depth - 1) return 1 end
for i = 1, 40000 do if not pcall(thrower, i % 50) then caught = caught + 1 end end
print(caught)
local function nest(n) if n == 0 then error('bottom', 0) end
  local ok, e = pcall(nest, n - 1); error(e .. n, 0) end
print(pcall(nest, 15))
""", expect=("40000", "bottom123456789101112131415")),
    script("stack-overflow", """
local function dive(n) return 1 + dive(n + 1) end
for _ = 1, 5 do
  local ok, e = pcall(dive, 1)
  print(ok, e:match('stack overflow'))
end
local depth = 0
local function count() depth = depth + 1; return count() + 1 end
print(pcall(count) == false, depth > 100000)
print(pcall(string.rep, 'x', -1), #string.rep('ab', 1000, ','))
""", expect=("false\tstack overflow", "true\ttrue"), timeout=60),
    Check("lua/error-exit", ("lua", "t.lua"), files={"t.lua": "print('before')\nerror('boom')\n"}, status=1,
          expect=("before", "lua: t.lua:2: boom", "stack traceback:")),
    Check("lua/error-object-exit", ("lua", "-e", "error({})"), status=1, expect=("(error object is a table value)",)),
    Check("lua/syntax-error-exit", ("lua", "t.lua"), files={"t.lua": "local x = = 1\n"}, status=1,
          expect=("unexpected symbol near '='",)),
    Check("lua/missing-script", ("lua", "nosuch.lua"), status=1, expect=("cannot open nosuch.lua",)),
    Check("lua/exit-status", "lua -e 'os.exit(7)'; echo $?; lua -e 'os.exit(true)'; echo $?; lua -e 'os.exit(false)';"
          " echo $?; lua -e 'os.exit(256 + 3)'; echo $?; lua -e 'os.exit(0, true)'; echo $?; echo 'os.exit(42)' | lua -;"
          " echo $?", expect=("7\n0\n1\n3\n0\n42\n",)),
    Check("lua/exit-flushes", ("lua", "-e", "io.write('held'); os.exit(5, true)"), status=5, expect=("held",)),
    Check("lua/runtime-error-in-coroutine", ("lua", "t.lua"), status=1, expect=("t.lua:1: inside",), files={
        "t.lua": "local f = coroutine.wrap(function() error('inside') end) f()\n"},
        normalise=((r"(?s)stack traceback:.*", ""),)),
]

COROUTINES = [
    script("coroutines", """
local function producer(n) return coroutine.create(function() for i = 1, n do coroutine.yield(i * i) end
  return 'done' end) end
local co = producer(4)
repeat local ok, v = coroutine.resume(co); print(ok, v, coroutine.status(co)) until coroutine.status(co) == 'dead'
print(coroutine.resume(co)); print(coroutine.isyieldable(), coroutine.running())
""", normalise=((r"thread: \S+", "thread"),), expect=("cannot resume dead coroutine",)),
    script("yield-across-pcall", """
local co = coroutine.create(function(a)
  local ok, e = pcall(function() local b = coroutine.yield(a + 1); error('after ' .. b, 0) end)
  print('inner', ok, e)
  local v = coroutine.yield('second')
  local t = setmetatable({}, {__index = function(_, k) return coroutine.yield('index ' .. k) end})
  return t.key, v
end)
print(coroutine.resume(co, 1)); print(coroutine.resume(co, 'resume')); print(coroutine.resume(co, 'v'))
print(coroutine.resume(co, 'from index')); print(coroutine.status(co))
for k in coroutine.wrap(function() for _, w in ipairs{'a', 'b'} do coroutine.yield(w) end end) do print(k) end
local c2 = coroutine.create(function() table.sort({3, 2, 1}, function() coroutine.yield() end) end)
print(coroutine.resume(c2))
local c3 = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() print('closed') end})
  coroutine.yield() end)
coroutine.resume(c3); print(coroutine.close(c3), coroutine.status(c3))
print(pcall(coroutine.wrap(function() error('w', 0) end)))
""", expect=("inner\tfalse\tafter resume", "attempt to yield across a C-call boundary", "closed")),
    script("coroutine-crowd", """
local queue, ticks = {}, 0
for id = 1, 2000 do
  queue[id] = coroutine.create(function() for i = 1, id % 7 + 1 do ticks = ticks + 1; coroutine.yield() end
    if id % 100 == 0 then error('x') end end)
end
local failed = 0
while #queue > 0 do
  local rest = {}
  for _, co in ipairs(queue) do
    local ok = coroutine.resume(co)
    if not ok then failed = failed + 1 elseif coroutine.status(co) ~= 'dead' then rest[#rest + 1] = co end
  end
  queue = rest
end
print(ticks, failed)
local function gen(n) return coroutine.wrap(function() for i = 2, n do coroutine.yield(i) end end) end
local function filter(p, g) return coroutine.wrap(function() for n in g do if n % p ~= 0 then coroutine.yield(n) end
  end end) end
local g, out = gen(50), {}
while true do local p = g(); if not p then break end; out[#out + 1] = p; g = filter(p, g) end
print(table.concat(out, ' '))
""", expect=("2 3 5 7 11 13 17 19 23 29 31 37 41 43 47\n",)),
]

LIBRARIES = [
    script("string-format", r"""
print(string.format('%d %5d|%-5d|%05d %+d %i', 1, 2, 3, 4, 5, 6.0))
print(string.format('%x %X %#x %o %c%c', 255, 255, 255, 8, 76, 117))
print(string.format('%f %.3f %10.2f|%-10.2f| %e %E %g %G %g', 1.5, 2/3, 3.14159, 2.5, 12345.678, 0.00012, 1e20, 1e-5, 0.1))
print(string.format('%a %.14g %.17g', 1.0, 0.1, 0.1))
print(string.format('%s %10s|%-10s|%.2s %q', 'a', 'b', 'c', 'defg', 'line\nquote"\0\1end\\'))
print(string.format('%q %q %q', 1/3, math.mininteger, 255), string.format('%%'), string.format('%5s', true))
print(pcall(string.format, '%d', 1.5)); print(pcall(string.format, '%d')); print(pcall(string.format, '%y', 1))
print(string.format('%s', setmetatable({}, {__tostring = function() return 'T' end})))
for _, v in ipairs{1e15, 1e16, 123456.789e3, 2^63, 5e-324, 1.7976931348623157e308} do print(v, string.format('%.3e', v)) end
""", expect=("number has no integer representation", "1.7976931348623e+308")),
    script("patterns", r"""
print(('key = value'):match('^(%w+)%s*=%s*(%w+)$')); print(('hello world'):gsub('o', '0', 1))
print(('abc'):gsub('%w', '%0%0')); print(('$name is $age'):gsub('%$(%w+)', {name = 'Bob', age = 7}))
print(('x'):rep(3, '-'), ('abc'):byte(1, -1)); print(('THE (quick) fox'):find('%((%a+)%)'))
print(('  trim  '):match('^%s*(.-)%s*$') .. '|'); print(('f(a(b)c)d'):match('%b()'))
for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do print(k, v) end
print(('THE (quick) fox'):gsub('%f[%a]%a+', string.lower)); print(('äö'):len(), utf8.len('äö'))
print(('a.b.c'):find('.', 1, true), ('a.b.c'):find('.', 3, true)); print(pcall(string.find, 'a', '[a'))
print(pcall(string.gsub, 'a', '(', '')); print(('x'):gsub('', '-')); print(('abc'):reverse(), ('aBc'):upper())
print(string.find(('a'):rep(50000) .. 'b', '.-b')); print(('01234'):sub(-3, -2), ('x'):sub(5))
print(tostring(12):rep(2), #('\u{10FFFF}'), '\x41\65\z
   joined')
""", expect=("malformed pattern",)),
    script("string-pack", r"""
local s = string.pack('<i4 >i8 z s2 d !8 Xi8', -2, 1 << 40, 'zero', 'counted', 3.25)
print(#s, (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)))
print(string.unpack('<i4 >i8 z s2 d', s)); print(string.packsize('<i1 i2 i4 i8 f d'))
print(string.unpack('<I3', '\1\2\3'), string.unpack('>I3', '\1\2\3'), pcall(string.unpack, 'i4', 'abc'))
print(string.pack('b', -128):byte(), pcall(string.pack, 'b', 128))
""", expect=("data string too short",)),
    script("tables", """
local t = {}
for i = 1, 1000 do t[i] = (i * 7919) % 1009 end
table.sort(t); print(t[1], t[500], t[1000]); table.sort(t, function(a, b) return a > b end); print(t[1], #t)
print(table.concat({1, 2, 3, 'x'}, ', '), table.concat({}, ','), pcall(table.concat, {1, {}, 3}))
print(table.remove(t), table.remove(t, 1), #t); table.insert(t, 1, 'first'); print(t[1], pcall(table.insert, t, 5000, 1))
print(table.unpack(table.move({1, 2, 3}, 1, 3, 3, {9, 9})))
local words = {'pear', 'Apple', 'fig', 'Zoo'}; table.sort(words); print(table.concat(words, ' '))
print(pcall(table.sort, {1, 2, 3, 4, 5, 6}, function() return true end) ~= nil, next({}), type(next), #'abc')
local keys = {}; for k in pairs({a = 1, b = 2, [1] = 3, [2.5] = 4}) do keys[#keys + 1] = tostring(k) end
table.sort(keys); print(table.concat(keys, ' ')); print(pcall(function() local x = {}; x[nil] = 1 end))
print(pcall(function() local x = {}; x[0/0] = 1 end))
""", expect=("index is nil", "index is NaN")),
    script("utf8", r"""
print(utf8.char(72, 228, 8364, 128512), utf8.len('Hä€😀'), #utf8.char(0x7FFFFFFF))
for p, c in utf8.codes('ä€') do print(p, c) end
print(utf8.codepoint('héllo', 1, -1)); print(utf8.offset('aä€', 3), utf8.len('\xff'), pcall(utf8.codepoint, '\xff'))
for w in ('aä€'):gmatch(utf8.charpattern) do print(#w) end
""", expect=("3\t8364",)),
    script("random-seeded", """
math.randomseed(42)
for _ = 1, 5 do print(math.random(1, 1000000), string.format('%.12f', math.random())) end
print(pcall(math.random, 2, 1), math.random(3, 3)); math.randomseed(1, 2); print(math.random(0))
"""),
    script("dates", """
print(os.date('!%Y-%m-%d %H:%M:%S', 0), os.date('!%c', 86400), os.date('!%A %B %d %j %U %p', 1e9))
print(os.time({year = 2020, month = 2, day = 30, hour = 12}), os.date('%F %T', 1709210096))
local d = os.date('*t', 951782400); print(d.year, d.month, d.day, d.wday, d.yday, d.isdst)
print(os.difftime(10, 4), pcall(os.time, {year = 2020}), pcall(os.date, '%Ez', 0))
print(math.abs(os.time() - os.time(os.date('*t'))) <= 1, os.clock() >= 0, os.clock() < 20)
""", expect=("1970-01-01 00:00:00", "true\ttrue\ttrue")),
    script("os-getenv", "print(os.getenv('GREETING'), os.getenv('EMPTY'), os.getenv('NOT_SET'))\n",
           env={"GREETING": "hello there=x", "EMPTY": ""}, expect=("hello there=x\t\tnil",)),
    script("load-and-dump", r"""
print(load('return 1 + 1')(), load('return ...', 'chunk', 't', {})(5)); print(load('syntax error here'))
local parts = {'return ', '40', ' + 2', nil}; local i = 0
print(load(function() i = i + 1; return parts[i] end)())
local f = load(string.dump(function(a, b) return a * b + 1 end)); print(f(6, 7)); print(pcall(load, 'x', 'n', 'b'))
print(load(string.dump(function() return 1 end), 'd', 't')); local env = {y = 5}; print(load('return y', 'e', 't', env)())
print(pcall(load(string.dump(function() error('e', 0) end, true)))); print(load('x = ', '=name'))
print(pcall(load, string.dump(function() end):sub(1, 20), 'cut', 'b'))
local deep = 'return ' .. ('('):rep(40) .. '1' .. (')'):rep(40); print(load(deep)())
""", expect=("43",)),
    script("gc-stress", """
local closed = 0
for round = 1, 12 do
  local keep = {}
  for i = 1, 5000 do keep[i % 100] = setmetatable({('x'):rep(i % 50), {}}, {__gc = function() closed = closed + 1 end}) end
  if round % 4 == 0 then collectgarbage(round == 8 and 'generational' or 'incremental') end
end
collectgarbage(); collectgarbage(); print(closed)
local weak = setmetatable({}, {__mode = 'k'}); for i = 1, 100 do weak[{}] = i end
collectgarbage(); print(next(weak)); local s = 0
for i = 1, 100000 do local t = {i, i + 1}; s = s + #t end print(s)
local before = collectgarbage('count'); local big = ('y'):rep(8 << 20); print(collectgarbage('count') - before > 8000)
big = nil; collectgarbage(); print(collectgarbage('count') - before < 4000, collectgarbage('isrunning'))
""", expect=("60000", "200000"), timeout=60),
    script("big-memory", """
local parts = {}
for i = 1, 64 do parts[i] = string.rep(string.char(64 + i % 26), 1 << 20) end
local s = table.concat(parts); print(#s, s:byte(-1), s:sub(1 << 20, (1 << 20) + 1)); parts = nil; collectgarbage()
local t = {}; for i = 1, 1000000 do t[i] = i * 2 end; print(#t, t[777777]); s = nil; t = nil; collectgarbage()
print(collectgarbage('count') < 1000)
""", expect=("67108864",), timeout=60),
    script("setlocale-and-misc", """
print(os.setlocale(), os.setlocale('C'), os.setlocale(nil, 'numeric'))
print(type(debug.getinfo(1).currentline), debug.getinfo(print).what, debug.getinfo(1, 'S').short_src)
local hooks = 0; debug.sethook(function() hooks = hooks + 1 end, 'l'); local x = 1
x = 2; debug.sethook(); print(hooks > 0); print(debug.getlocal(1, 1)); print(rawlen({1, 2}), rawequal('a', 'a'), _VERSION)
warn('@on'); warn('careful'); print(#arg, arg[0], ...)
""", "one", "two words", expect=("Lua 5.4", "Lua warning: careful")),
]

FILES = [
    script("files", r"""
local f = assert(io.open('out.txt', 'w')); f:write('line one\n', 2, ' ', 3.5, '\nlast without newline'); print(f:close())
for l in io.lines('out.txt') do print(l) end; for l in io.lines('out.txt', 'L') do io.stdout:write(l); io.stdout:flush() end
print(''); f = io.open('out.txt', 'r+'); print(f:seek('end'), f:seek('set', 5), f:read(3), f:seek('cur'))
f:write('X'); f:seek('set'); print(f:read('a')); print(f:read('a'), f:read('l'), f:read(0)); f:close()
print(pcall(f.read, f), io.type(f), io.type(io.stdout), io.type(1)); f = io.open('out.txt', 'a'); f:write('\n12 0x1F 1e2 bad')
f:close(); f = io.open('out.txt'); f:read('l', 'l', 'l'); print(f:read('n', 'n', 'n', 'n')); f:close()
print(io.open('nosuch/file')); print(io.open('.'):read(1)); print(pcall(io.lines, 'absent'))
print(pcall(io.open, 'x', 'zz')); f = io.open('bin', 'wb'); for i = 0, 255 do f:write(string.char(i)) end; f:close()
print(#io.open('bin', 'rb'):read('a')); print(io.open('/dev/full', 'w'):write(('x'):rep(100000)))
""", expect=("No such file or directory\t2", "Is a directory\t21", "No space left on device\t28")),
    script("files-os", r"""
local n = os.tmpname(); local f = io.open(n, 'w'); print(n:match('^/tmp/') ~= nil); f:close(); print(os.remove(n), io.open(n) == nil)
print(os.rename('absent', 'b')); print(os.remove('absent')); io.open('a', 'w'):write('A'):close(); print(os.rename('a', 'b'))
print(io.open('b'):read('a')); print(os.remove('full')); local t = io.tmpfile(); t:write('temp'); t:seek('set')
print(t:read('a')); t:close()
""", files={"full/inside": ""}, expect=("Directory not empty",)),
    script("files-big", """
local f = io.open('big.bin', 'wb'); f:setvbuf('full', 4096); local block = {}
for i = 0, 255 do block[#block + 1] = string.char(i):rep(1000) end; block = table.concat(block)
for _ = 1, 20 do f:write(block) end; f:close(); f = io.open('big.bin', 'rb'); local sum, n = 0, 0
while true do local b = f:read(65536); if not b then break end; n = n + #b; sum = sum + b:byte(1) + b:byte(-1) end
print(n, sum, f:seek('set', 256000 * 3 + 1000 * 17), f:read(1):byte()); f:close()
f = io.open('sparse', 'wb'); print(f:seek('set', 3 << 30)); f:write('end'); f:close(); f = io.open('sparse', 'rb')
print(f:seek('end'), f:seek('set', 3 << 30), f:read('a')); f:close(); print(os.remove('sparse'))
""", expect=("5120000", "3221225475\t3221225472\tend")),
    Check("lua/stdin-script", ("lua", "-", "a", "b"), stdin="print('from stdin', ...)\nprint(#arg, arg[1])\n",
          expect=("from stdin\ta\tb",)),
    Check("lua/stdin-data", "printf '3 4\\nfirst\\nsecond\\n\\nrest of\\nit' | lua t.lua", files={
        "t.lua": "print(io.read('n', 'n', 'l', 'l', 'L'))\nfor l in io.lines() do print('[' .. l .. ']') end\n"
                 "print(io.read('a') == '', io.read('l'), io.read(0))\n"}, expect=("[rest of]",)),
    Check("lua/filter-large", "seq 1 20000 | lua t.lua | sort -n | tail -n 2; seq 1 20000 | lua t.lua | cksum", files={
        "t.lua": "io.stdout:setvbuf('full')\nfor l in io.lines() do io.write(l:reverse(), '\\n') end\nio.stdout:flush()\n"}),
    Check("lua/require", ("lua", "t.lua"), expect=("loaded mod.part\t", "nil", "sub/part says 5"), files={
        "t.lua": "package.path = './?.lua;./?/init.lua'\nlocal m = require('mod.part')\nprint(m.f(2))\n"
                 "print(require('mod.part') == m, package.loaded['mod.part'] == m, require('pack').name)\n"
                 "local ok, e = pcall(require, 'absent'); print(ok, (e:gsub('\\n.*cpath.*', '')):match('^[^\\n]*'))\n"
                 "package.preload.pre = function(n) return n .. '!' end; print(require('pre'))\n"
                 "print(pcall(require, 'broken'))\nprint(dofile('plain.lua'))\nprint(pcall(dofile, 'absent.lua'))\n"
                 "print(package.searchpath('mod.part', package.path), nil)\n",
        "mod/part.lua": "print('loaded ' .. (...), '')\nreturn {f = function(x) return 'sub/part says ' .. x + 3 end}\n",
        "pack/init.lua": "return {name = 'pack by init'}\n", "broken.lua": "error('broken module', 0)\n",
        "plain.lua": "return 'plain', 1\n"}),
    Check("lua/options", "lua -l m -e 'print(x)' -e 'x = x + 1' t.lua one; LUA_INIT='print(\"init\")' lua -e 'print(1)';"
          " LUA_INIT=@m.lua lua -e 'print(x)'; LUA_INIT='print(2)' lua -E -e 'print(3)'; lua -W -e 'warn(\"w\")'",
          files={"m.lua": "x = 10\nreturn x\n", "t.lua": "#!/usr/bin/lua first line is skipped\nprint(x, ...)\n"},
          env={"LUA_PATH": "./?.lua"}, expect=("10\n11\tone\n", "init", "Lua warning: w")),
    Check("lua/args", ("lua", "t.lua", "", "-1", "--", "a b", "ü*?$"), files={
        "t.lua": "print(#arg, arg[0])\nfor i, a in ipairs(arg) do print(i, #a, a) end\nprint(select('#', ...))\n"},
        expect=("5\tt.lua",)),
]

PROCESS = [
    Check("lua/popen-absent", ("lua", "-e", "print(pcall(io.popen, 'true'))"),
          reference="false\t'popen' not supported\n"),
    Check("lua/sigterm", "lua t.lua >log & pid=$!; until grep -qs ready log; do sleep 0.05; done; kill -TERM $pid;"
          " wait $pid; echo status $?", files={"t.lua": "print('ready')\nwhile true do end\n"}, expect=("status 143",)),
    Check("lua/sigint-interrupts", "lua t.lua >log 2>err & pid=$!; until grep -qs ready log; do sleep 0.05; done;"
          " kill -INT $pid; wait $pid; echo status $?; head -n 1 err", files={
              "t.lua": "print('ready')\nlocal ok, e = pcall(function() while true do end end)\nprint('caught', e)\n"
                       "print('ready again')\nerror(e, 0)\n"}, ignore=("err",),
          expect=("status 1\n", "interrupted!")),
    Check("lua/sigpipe", ("bash", "-c", "lua t.lua | head -n 2; echo ${PIPESTATUS[@]}"),
          files={"t.lua": "while true do print('y') end\n"}, expect=("y\ny\n141 0",)),
]

PROGRAMS = [
    script("queens-and-sieve", """
local function queens(n)
  local count, cols, d1, d2 = 0, {}, {}, {}
  local function place(r)
    if r > n then count = count + 1 return end
    for c = 1, n do if not (cols[c] or d1[r + c] or d2[r - c]) then
      cols[c], d1[r + c], d2[r - c] = true, true, true; place(r + 1); cols[c], d1[r + c], d2[r - c] = nil, nil, nil
    end end
  end
  place(1); return count
end
print(queens(7))
local sieve, n = {}, 0
for i = 2, 200000 do if not sieve[i] then n = n + 1; for j = i * i, 200000, i do sieve[j] = true end end end
print(n)
""", expect=("40\n17984",), timeout=60),
    script("floats-nbody", """
local bodies = {{0, 0, 0, 0, 0, 0, 39.4}, {4.84, -1.16, -0.10, 0.606, 2.81, -0.02, 0.037}, {8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.011}}
local function energy() local e = 0
  for i, b in ipairs(bodies) do e = e + b[7] * (b[4]^2 + b[5]^2 + b[6]^2) / 2
    for j = i + 1, #bodies do local c = bodies[j]
      e = e - b[7] * c[7] / math.sqrt((b[1] - c[1])^2 + (b[2] - c[2])^2 + (b[3] - c[3])^2) end end
  return e end
print(string.format('%.12f', energy()))
for _ = 1, 20000 do
  for i, b in ipairs(bodies) do for j = i + 1, #bodies do local c = bodies[j]
    local dx, dy, dz = b[1] - c[1], b[2] - c[2], b[3] - c[3]; local d = dx * dx + dy * dy + dz * dz
    local m = 0.001 / (d * math.sqrt(d))
    b[4] = b[4] - dx * c[7] * m; b[5] = b[5] - dy * c[7] * m; b[6] = b[6] - dz * c[7] * m
    c[4] = c[4] + dx * b[7] * m; c[5] = c[5] + dy * b[7] * m; c[6] = c[6] + dz * b[7] * m end end
  for _, b in ipairs(bodies) do b[1] = b[1] + 0.001 * b[4]; b[2] = b[2] + 0.001 * b[5]; b[3] = b[3] + 0.001 * b[6] end
end
print(string.format('%.12f', energy()))
""", timeout=60),
    script("json-round-trip", r"""
local function encode(v)
  if type(v) == 'table' then
    local out = {}
    if #v > 0 then for _, x in ipairs(v) do out[#out + 1] = encode(x) end return '[' .. table.concat(out, ',') .. ']' end
    local keys = {}; for k in pairs(v) do keys[#keys + 1] = k end; table.sort(keys)
    for _, k in ipairs(keys) do out[#out + 1] = encode(k) .. ':' .. encode(v[k]) end
    return '{' .. table.concat(out, ',') .. '}'
  elseif type(v) == 'string' then
    return '"' .. v:gsub('[%c"\\]', function(c) return ('\\u%04x'):format(c:byte()) end) .. '"'
  end
  return tostring(v)
end
local function decode(s)
  local pos = 1
  local function skip() pos = s:find('%S', pos) end
  local value
  local function list(close, item)
    pos = pos + 1; local t = {}; skip()
    while s:sub(pos, pos) ~= close do item(t); skip(); if s:sub(pos, pos) == ',' then pos = pos + 1; skip() end end
    pos = pos + 1; return t
  end
  function value()
    skip(); local c = s:sub(pos, pos)
    if c == '[' then return list(']', function(t) t[#t + 1] = value() end) end
    if c == '{' then return list('}', function(t) local k = value(); skip(); pos = pos + 1; t[k] = value() end) end
    if c == '"' then local e = s:find('"', pos + 1); local x = s:sub(pos + 1, e - 1); pos = e + 1
      return (x:gsub('\\u(%x%x%x%x)', function(h) return string.char(tonumber(h, 16)) end)) end
    local word = s:match('^[%w%.%-+]+', pos); if not word then error('bad value at ' .. pos, 0) end
    pos = pos + #word
    if word == 'true' or word == 'false' then return word == 'true' end
    return tonumber(word)
  end
  return value()
end
local text = encode({list = {1, 2.5, {'deep', {k = 'v"\n'}}}, ok = true, n = -7, s = 'tab\t'})
print(text); print(encode(decode(text)) == text); print(pcall(decode, '[1, ?]'))
local big = {}; for i = 1, 600 do big[i] = {id = i, tag = ('t'):rep(i % 9)} end
print(#encode(big), encode(decode(encode(big))) == encode(big))
""", expect=("true", "bad value at")),
]

CHECKS = [*SAMPLES, *LANGUAGE, *ERRORS, *COROUTINES, *LIBRARIES, *FILES, *PROCESS, *PROGRAMS]
