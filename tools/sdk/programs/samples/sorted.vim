" Sorts, numbers and aligns lines, and writes them.
call setline(1, ['pear 5', 'apple 12', 'cherry 700', 'apple 3', 'fig 41'])
sort u
%s/\v^(\w+) (\d+)$/\=printf('%-8s%5d', submatch(1), submatch(2))/
let total = 0
g/\d/let total += matchstr(getline('.'), '\d\+')->str2nr()
call append('$', printf('%-8s%5d', 'total', total))
%s/^/\=line('.') .. '. '/
normal! ggVGgU
write! sorted
quit!
