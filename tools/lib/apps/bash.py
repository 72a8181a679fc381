# SPDX-License-Identifier: Apache-2.0
"""Checks of the published bash (5.2) against Debian's: the language and its builtins.

Scripts print no process ids, and what bash says of a child ended by a signal (which has one) is normalised. The
guest libc prints no floating point with %f in bash (long double), has a C locale without \\u, and takes no newline in
the value of an inherited variable: nothing here asks for that.
The tools they call (cat, sort, ...) are the machine's own, so every command is a fork and an execve of the guest.
"""

from apps import bash_processes
from apps.bash_processes import script
from apps.check import Check

BASICS = [
    Check("bash/sample-test", "bash test.sh; rm -f /tmp/wali_bash_test_payload", samples=("test.sh",),
          expect=("Hello from WALI bash", "sum: 6", "read back: wali-bash-payload")),
    Check("bash/command-string", ("bash", "-c", 'echo "$0|$1|$#|$@"', "name", "one two", ""),
          expect=("name|one two|2|",)),
    Check("bash/stdin-script", ("bash",), stdin="echo from stdin\nread -r next\nthis line is data\necho \"got $next\"\n"
          "cat\nall the rest\n", expect=("got this line is data", "all the rest")),
    Check("bash/stdin-pipe-script", "printf 'echo one\\ncat\\nrest\\n' | bash -s a b; printf 'echo $2' | bash -s a b",
          expect=("one\nrest\nb\n",)),
    script("quoting", r"""
name=World
echo "Hello, ${name}!" '$name' \$name $'tab\there' "nested $(echo "in $(echo deep)")" `echo tick`
list='a  b   c'; echo "$list" $list; echo -e 'x\ty\x41'; echo ~ ~+ "~"; echo a\
b; set -- one 'two three' four; echo $# "$*"; for a in "$@"; do echo "<$a>"; done; for a in $@; do echo "<$a>"; done
IFS=,; echo "$*"; set -- a,b,c; echo $1; IFS=$' \t\n'; printf '%s|' "$@" "" ''; echo
echo {1..5} {a..e..2} {01..03} x{1,2}y{,z} a{b{c,d},e} {5..1..2} {one} {a,b}{1,2}
""", expect=("Hello, World!", "<two three>", "x1y x1yz x2y x2yz")),
    script("parameter-expansion", r"""
name=World; empty=; unset none; path=/usr/local/lib/file.tar.gz
echo ${none:-default} ${empty:-colon} ${empty-nocolon} ${none:=assigned} $none ${name:+alt} ${#name} ${empty:+no}
echo ${path##*/} ${path#*/} ${path%.*} ${path%%.*} ${path/local/LOCAL} ${path//l/L} ${path/#\/usr/U} ${path/%gz/xz}
echo ${name:1:3} ${name: -2} ${name^^} ${name,,} ${name^} ${name@Q} ${!na*}
ref=name; echo ${!ref}; set -- a b c d; echo ${@:2:2} ${*: -1} ${#@} ${10:-none}
(: ${none2:?is not set}); echo "status $?"; unset none; (set -u; echo $none); echo "status $?"
v=$'multi\nline'; echo ${v@Q}; s='The quick brown fox'; echo ${s// /_} ${s#* } ${s##* } "${s/quick/slow}" "${s@U}"
""", expect=("alt", "is not set", "status 1", "$'multi\\nline'")),
    script("arithmetic", r"""
echo $((1 + 2 * 3)) $((7 / 2)) $((-7 % 3)) $((2 ** 40)) $((0x1f + 017 + 2#101)) $((1 << 62)) $((5 > 3 && 2 < 1))
x=5; echo $((x++ + ++x)) $x $((x = 9, x * 2)) $((x > 3 ? 10 : 20)) $((~0)) $((x ^ 3)) $((!x)); ((x -= 4)); echo $x
((0)); echo $?; ((3)); echo $?; let 'y = 4 * 5' z=y+1; echo $y $z; echo $((9223372036854775807 + 1)) $((36#zz)) $((-5 >> 1))
for ((i = 0, j = 10; i < j; i += 3, j--)); do echo -n "$i,$j "; done; echo; declare -i n=3; n+=4; n='n * 2'; echo $n
(echo $((1 / 0))); echo "status $?"; (echo $((08))); echo "status $?"; a=(1 2 3); echo $((a[1] + a[2]))
while ((x-- > 0)); do echo -n $x; done; echo
""", expect=("division by 0", "value too great for base")),
    script("conditions", r"""
touch file; mkdir dir; ln -s file link; : >empty; chmod 755 file; echo data >full
for t in -e -f -d -L -s -r -w -x -p -S; do
  for f in file dir link full absent; do [ $t $f ] && echo "$t $f"; done
done
[ a = a ] && [ a != b ] && [ 3 -lt 10 ] && [ -z '' ] && [ -n x ] && echo plain; [ a -a b ] && [ ! '' ] && echo logic
[[ abc == a* && abc != 'a*' && abc < abd && ! -e absent ]] && echo double
[[ foobar =~ ^(foo)(b.*)$ ]] && echo "${BASH_REMATCH[@]}"
[[ -v HOME ]] && echo set; [ full -nt absent ] && echo newer; [ file -ef link ] && echo same; [ 1 -eq x ]; echo $?
test 5 -ge 5 -a 1 -le 2 && echo test; [; echo $?; if false; then echo no; elif true; then echo elif; else echo no; fi
true && false || echo or; ! true; echo $?; [[ 10 -gt 9 && a =~ [[:alpha:]] ]] && echo re; [[ $'a\nb' =~ a.b ]] && echo nl
""", expect=("foo bar", "integer expression expected")),
    script("case-and-loops", r"""
classify() {
  case $1 in [0-9]|[0-9][0-9]) echo number;; a*|*z) echo word;;& *z) echo ends-z;; ?) echo one;; star) echo star;&
  fall) echo through;; *) echo other;; esac
}
for w in 7 42 abc abz quiz q star fall long 'x y'; do echo "$w: $(classify "$w")"; done
for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done
for i in a b; do for j in 1 2 3; do [ $j = 2 ] && continue 2; echo $i$j; done; done
n=0; until [ $n -ge 3 ]; do n=$((n + 1)); done; echo $n; for x; do echo "arg $x"; done
i=0; while :; do ((++i > 5)) && break; done; echo $i; for x in; do echo never; done; echo done $?
PS3='pick> '
printf '9\n2\n' | select c in red green; do echo "chose ${c:-nothing} $REPLY"; [ "$c" ] && break; done
""", "p q", "r", expect=("abz: word\nends-z", "star: star\nthrough", "chose green 2")),
    script("arrays", r"""
a=(zero one 'two words' [5]=five); echo ${#a[@]} ${a[2]} ${!a[@]} "${a[@]:1:2}" ${a[-1]}; a+=(six); unset 'a[0]'
for e in "${a[@]}"; do echo "<$e>"; done; b=("${a[@]/o/0}"); echo "${b[@]}"; echo "${a[*]}"; a[20]=x; echo ${!a[*]}
mapfile -t lines < <(printf 'l1\nl 2\n\nl4'); echo ${#lines[@]} "${lines[1]}" "${lines[3]}"; declare -p a lines
f() { local -n r=$1; r+=(added); local -a l=(1 2); echo ${#l[@]} ${r[-1]}; }; f a; echo ${a[-1]}
readonly -a ro=(1); (ro[0]=2); echo $?; IFS=: read -ra parts <<<'a:b::d'; echo ${#parts[@]} "${parts[2]}|${parts[3]}"
s=string; echo ${s[0]} ${#s[@]}; unset a; echo "${a[@]}" ${#a[@]}; printf '%s\n' "${parts[@]}" | sort -r | head -n 1
for i in {1..2000}; do big[i]=$((i * i)); done; echo ${#big[@]} ${big[1999]}; echo "${big[@]}" | wc -w
""", expect=("<two words>", "readonly variable", "2000 3996001")),
    script("associative-arrays", r"""
declare -A m=([key]=value ['two words']=2 [k3]=); m[new]=n; unset 'm[k3]'; echo ${#m[@]} ${m[key]} "${m[two words]}"
for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done | sort; [[ -v m[new] && ! -v m[none] ]] && echo tested
declare -A count; while read -r line; do for w in $line; do count[${w,,}]=$((${count[${w,,}]} + 1)); done; done <words
for k in "${!count[@]}"; do echo "${count[$k]} $k"; done | sort -k1,1nr -k2 | head -n 3
declare -A grid; for i in {1..30}; do for j in {1..30}; do grid[$i,$j]=$((i * j)); done; done; echo ${#grid[@]} ${grid[7,9]}
m=(); echo ${#m[@]}; m['a]b']=1; m['$x']=2; for k in "${!m[@]}"; do echo "$k"; done | sort
""", files={"words": "The cat and the dog\nthe bird saw the cat\n\nand a dog\n"},
           expect=("two words=2", "4 the\n2 and\n2 cat", "900 63")),
    script("functions", r"""
add() { echo $(($1 + $2)); return 3; }; r=$(add 2 5); echo "$r $?"; add 1 1; echo $?
fact() { if (($1 <= 1)); then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }; fact 8
outer() { local v=inner; middle; echo "outer $v"; }; middle() { echo "sees $v"; v=changed; }; v=global; outer; echo $v
function kw { echo "$FUNCNAME ${#FUNCNAME[@]} ${FUNCNAME[1]}"; }; kw
deep() { (($1)) && deep $(($1 - 1)) || echo bottom; }; deep 20
redirected() { echo out; echo err >&2; } 2>&1; redirected | sort; unset -f kw; kw 2>/dev/null; echo $?
type -t add; declare -f middle; sub() ( cd /; v=sub; exit 9 ); sub; echo "$? $v ${PWD##*/}"; (add 20 22; echo $?); set -- x y; shifty() { shift; echo "$1 $#"; }; shifty a b c; echo "$1 $#"
recurse() { local d=$1; ((d)) && recurse $((d - 1)); echo -n "$d "; }; recurse 5; echo
""", expect=("7 3", "40320", "sees inner\nouter changed\nglobal", "42\n3")),
    script("sourcing-and-eval", r"""
echo "main $0 $#"; . ./lib.sh arg1; echo "after $sourced $?"; source lib.sh; echo $?; . ./absent.sh; echo "status $?"
echo "$LINENO"; eval 'x=5; echo "eval $x"'; eval "echo \$$(echo x)"; echo 'echo run $1' >run.sh; chmod +x run.sh
PATH=.:$PATH; run.sh a; ./run.sh b; bash run.sh c; printf '#!/bin/sh\necho "sh $*"; exit 4\n' >s; chmod +x s; ./s 1 2
echo $?; command -v run.sh cd; type cd; builtin echo built; command echo commanded; shopt -s expand_aliases
alias ll='echo aliased'
ll works; unalias ll; enable -n echo; type -t echo; enable echo; . /dev/stdin <<<'echo dev'; exit 2>/dev/null
""", files={"lib.sh": "sourced=yes\necho \"lib $1 $BASH_SOURCE\"\nreturn 6\n"},
           expect=("after yes 6", "run c", "sh 1 2\n4")),
]

BUILTINS = [
    script("read-builtin", r"""
printf 'a b c\nx:y:z\nno newline' >in; { read -r x y; IFS=: read p q; read last; echo "$? $last"; } <in; echo "$x|$y|$p|$q"
read -n 3 three <<<abcdef; echo $three; read -d ';' semi <<<'up to;rest'; echo "$semi"
read -r raw <<<'a\nb'; read cooked <<<'a\nb'; echo "$raw $cooked"; read -a arr <<<'1 2 3'; echo ${arr[2]}
read <<<'  spaces  '; echo "[$REPLY]"; read -N 4 n <<<$'ab\ncd'; echo "[$n]"; read -p prompt x </dev/null; echo $?
while IFS= read -r l || [ "$l" ]; do echo "[$l]"; done <in; read a b c <<<'only two'; echo "[$c]"
read -t 0.2 t < <(sleep 3); echo $(($? > 128)); printf '1\n2\n3\n' | { read x; cat; }; { read x; cat; } <in
printf 'k=v\n#c\nq=w\n' | while IFS== read -r k v; do [[ $k == \#* ]] && continue; echo "$k->$v"; done
""", expect=("abc\n", "[  spaces  ]", "k->v", "x:y:z\nno newline")),
    script("printf-builtin", r"""
printf '%d %5d|%-5d|%05d %x %o %c %s\n' 42 42 42 42 255 8 char str; printf '%s-%s\n' a b c; printf '%o %#x %+d\n' 64 255 7
printf '%q ' 'a b' "it's" '$x' ''; echo; printf -v var '%03d' 7; echo $var; printf '%b\n' 'tab\there\0101'
printf '%%|%5s|%-5s|%.2s\n' ab cd efgh; printf '%d\n' abc; echo $?; printf '%d %d\n' 0x10 "'A"
printf '%(%Y-%m-%d %H:%M)T\n' 86400; printf '%*d|%-*s|\n' 5 1 4 x; printf 'no newline'; echo; printf '\x41\n'
printf '%i %u\n' -5 5; printf '%s %s\n' only; printf '%y\n' 1; echo $?
""", expect=("042", "invalid number", "1970-01-02 00:00", "invalid format character")),
    script("globbing", r"""
mkdir -p d/e; touch a.txt b.txt c.md .hidden d/x.txt d/e/y.txt 'sp ace.txt' '[odd]'
echo *.txt; echo [ab].*; echo ?.md *; echo .h*; echo d/*/*; echo nomatch*; shopt -s nullglob; echo nomatch* end
shopt -u nullglob; shopt -s extglob
echo !(*.txt) +([a-c]).txt @(a|c).*; shopt -s globstar; echo **/*.txt; shopt -s dotglob; echo * | wc -w
shopt -u dotglob; shopt -s nocaseglob; echo A.TXT*; shopt -s failglob; (echo nope*); echo $?; shopt -u failglob
for f in *.txt; do echo "<$f>"; done; echo '*' "*" \*; x='*.md'; echo $x "$x"; GLOBIGNORE='a*'; echo *.txt; echo [[]odd]
case file.tar.gz in *.tar.*) echo tar;; esac; echo [!ab].md {a,b}.txt; compgen -G 'd/*' | sort
""", expect=("a.txt b.txt sp ace.txt", "no match: nope*")),
    script("getopts", r"""
parse() {
  local OPTIND=1 o
  while getopts ':ab:c' o; do
    case $o in a) echo a;; b) echo "b=$OPTARG";; c) echo c;; :) echo "missing $OPTARG";; \?) echo "bad $OPTARG";; esac
  done
  shift $((OPTIND - 1)); echo "rest: $*"
}
parse -a -b val x y; parse -ab val -c; parse -b; parse -z -- -a; parse; while getopts ab: o -q -b; do echo $o; done
echo $OPTIND
""", expect=("b=val", "missing b", "illegal option -- q")),
    script("directories", r"""
mkdir -p one/two three; pushd one >/dev/null; pushd two; popd >/dev/null; dirs; popd; cd one/two; pwd; cd ..; cd -; cd ~
cd one && cd ../three; echo $OLDPWD; cd ~; ln -s one/two link; cd link; pwd; pwd -P; cd -P ..; pwd; cd; CDPATH=one; cd two; cd
cd nosuch; echo $?; cd a b; echo $?; rmdir one/two/x; mkdir -m 700 sec; stat -c %a sec; pushd; popd; dirs -c; dirs
cd three; rmdir ../three; ls; cd ..; echo $?; umask 027; umask; umask -S; mkdir masked; stat -c %a masked
""", expect=("/dir/one/two", "No such file or directory", "too many arguments", "u=rwx,g=rx,o=")),
    script("strings-and-regex", r"""
s='The quick brown fox'; for w in $s; do echo "${#w} ${w:0:1} ${w^^}"; done
[[ $s =~ ([a-z]+)\ (b[a-z]*) ]] && echo "${BASH_REMATCH[1]}-${BASH_REMATCH[2]}"
d=2024-05-17; IFS=- read y m dd <<<$d; echo $((10#$m + 1)) $y; [[ $d =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] && echo date
rev=; for ((i = ${#s} - 1; i >= 0; i--)); do rev+=${s:i:1}; done; echo "$rev"
printf '%s\n' ${s,,} | sort | uniq -c | tr -s ' '; [[ a.b == a.b && 'a b' =~ ^a\ b$ ]] && echo eq
t='  trim  '; t=${t#"${t%%[! ]*}"}; t=${t%"${t##*[! ]}"}; echo "[$t]"
long=$(printf 'x%.0s' {1..5000}); echo ${#long}; long=${long//x/yz}; echo ${#long} ${long:4998:4}
a=abc; a+=def; echo $a ${a/[bd]/-} ${a//[bd]/-}
""", expect=("quick-brown", "xof nworb", "10000 yzyz")),
    script("declarations", r"""
declare -r ro=1; ro=2; echo 'a failed assignment gives up the whole line'
echo "still $ro $?"; declare -i i=5+5; declare -l low=ABC; declare -u up=abc; echo $i $low $up
declare -x ex=1; env | grep ^ex=; declare -p i low ro; unset ro; echo $?; readonly x=5; (x=6; echo no); echo $?
local v 2>/dev/null; echo $?; a=1 b=2 eval 'echo $a$b'; a=temp env | grep ^a=; echo "[$a]"; set | grep -c ^low=
unset low; echo ${low-unset}; : ${d:=def}; echo $d; (PATH=; ls); echo $?
RANDOM=42; r1=$RANDOM; RANDOM=42; [ $r1 = $RANDOM ] && echo repeatable; IFS=; echo "$IFS" | wc -c; times >/dev/null; echo $?
echo $((SECONDS < 60)) $((EPOCHSECONDS > 1600000000)) ${BASH_VERSINFO[0]} $UID $EUID
""", expect=("readonly variable", "still 1 1", "repeatable")),
    script("ulimit", r"""
ulimit -n 100; ulimit -n; ulimit -Sn 50; ulimit -Sn; ulimit -Hn; ulimit -c; (ulimit -t 5; ulimit -t); ulimit -Sn 100
(ulimit -f 1; trap '' XFSZ; printf '%2000s' x >small) 2>&1; sh -c 'ulimit -n'; (ulimit -f 1; head -c 5000 /dev/zero >big)
echo $?; stat -c %s big; ulimit -n 77777777 2>/dev/null; echo $?; ulimit -n; ulimit -Q; echo $?
""", expect=("100\n50\n100\n", "153\n1024", "File too large")),
    script("time", r"""
touch -d 2020-01-01 old; touch -d 2021-01-01 new; [ new -nt old ] && echo newer; [ old -ot new ] && echo older
stat -c %y old; date -d @0 +%F; printf '%(%s)T\n' -1 | grep -c '^[0-9]*$'; TIMEFORMAT='%R'; t=$( { time sleep 0.2; } 2>&1 )
[[ $t > 0.1 ]] && echo timed; s=$SECONDS; sleep 1.1; ((SECONDS - s >= 1)) && echo second
[[ $EPOCHREALTIME =~ ^[0-9]+\.[0-9]{6}$ ]] && echo real; a=$EPOCHREALTIME; b=$EPOCHREALTIME; [[ ! $b < $a ]] && echo on
""", expect=("newer\nolder", "timed\nsecond\nreal\non")),
    script("builtins-at-large", r"""
set -o history; echo remembered >/dev/null; history | grep -c remembered; set +o history; help -s true | head -n 1
type -t true if ls cd; command -V cd; shopt -q extglob; echo $?; shopt -s extglob; shopt -q extglob; echo $?
hash ls; hash -t ls; hash -d ls; caller; echo $?; let 5; echo $?; : ignored; echo -n; echo -e 'a\cb'; echo; echo -E 'a\nb'
mapfile -n 2 -s 1 m < <(seq 5); echo ${m[@]}; mapfile -d : -t c <<<'a:b:c'; echo ${#c[@]}
callback() { echo "cb $1 ${2%$'\n'}"; }; mapfile -C callback -c 2 z < <(seq 4); logout; echo $?; compgen -A function
compgen -W 'alpha beta alto' al; set -o posix; set +o posix; set -o | grep -c on$; shopt -o nounset; echo $?
""", expect=("true", "2 3\n", "cb 1 2", "alpha\nalto")),
    script("environment", r"""
env | grep -c ^LC_ALL=C; export A=1 B='two words' C='a=b;c'; sh -c 'echo "$A|$B|$C"'; bash -c 'echo "$A|$B|$C"'
unset A; bash -c 'echo "[$A]"'; env -u B bash -c 'echo "[$B]"'; export -n B; bash -c 'echo "[$B]"'
declare -x D; D=late bash -c 'echo $D'; export | grep -c 'declare -x HOME'; printenv HOME | grep -c /
(PATH=/nosuch; cat x 2>/dev/null; echo $?; /bin/echo full path); env -i A=1 bash -c 'echo $A$HELLO'; echo $HELLO
export BIG=$(seq 1 5000 | tr '\n' ,); bash -c 'echo ${#BIG}'; sh -c 'echo ${#BIG}'
""", expect=("two words|a=b;c", "127\nfull path", "23893\n23893"), env={"HELLO": "w=x"}),
]

PROGRAMS = [
    script("programs", r"""
sieve() {
  local n=$1 i j; local -a c
  for ((i = 2; i <= n; i++)); do ((c[i])) && continue; echo -n "$i "; for ((j = i * i; j <= n; j += i)); do c[j]=1; done; done
  echo
}
sieve 200
fib() { local a=0 b=1 t i; for ((i = 0; i < $1; i++)); do t=$((a + b)) a=$b b=$t; done; echo $a; }; fib 90
hanoi() { (($1)) || return 0; hanoi $(($1 - 1)) $2 $4 $3; moves=$((moves + 1)); hanoi $(($1 - 1)) $4 $3 $2; }
hanoi 9 A B C; echo $moves; gcd() { (($2)) && gcd $2 $(($1 % $2)) || echo $1; }; gcd 1071 462
bubble() {
  local -a v=("$@"); local i j t
  for ((i = 0; i < ${#v[@]}; i++)); do for ((j = 0; j < ${#v[@]} - 1 - i; j++)); do
    ((v[j] > v[j + 1])) && { t=${v[j]}; v[j]=${v[j + 1]}; v[j + 1]=$t; }
  done; done; echo ${v[@]}
}
bubble 5 3 9 1 7 2 8; printf '%s\n' 3,c 1,a 2,b | sort | while IFS=, read -r n l; do printf '%-3s%s\n' $n $l; done
""", expect=("197 199", "2880067194370816120", "511", "21\n1 2 3 5 7 8 9"), timeout=60),
    Check("bash/guest-runs-guest", "bash t.sh", files={"t.sh": r"""
bash -c 'echo inner $1; exit 5' _ arg; echo $?; X=passed bash -c 'echo $X'; echo 'echo piped' | bash; lua -e 'print(1 + 1)'
echo 'select 42;' | sqlite3; lua -e 'os.exit(3)'; echo $?; lua -e 'print(("x"):rep(10000))' | wc -c
for i in 1 2 3; do lua -e "print($i * 10)" & done | sort; wait; exec lua -e 'print("replaced")'
"""}, expect=("inner arg\n5\npassed\npiped\n2\n42\n3\n10001\n10\n20\n30\nreplaced",), timeout=60),
    Check("bash/invocation", "bash -x -c 'echo x' 2>&1; bash --norc -c 'shopt -q login_shell; echo $?'; bash -o errexit -c"
          " 'false; echo no'; echo $?; bash --posix -c 'set -o | grep posix'; bash -n -c 'echo parsed('; echo $?;"
          " bash --nosuchoption 2>&1 | head -n 1; BASH_ENV=env.sh bash -c 'echo $from'; bash -r -c 'cd /'; echo $?;"
          " bash -e -c 'false; echo no'; echo $?; bash -euc 'echo $nope'; echo $?; bash -c 'echo $-'",
          files={"env.sh": "from=bashenv\n"}, expect=("+ echo x", "bashenv", "restricted")),
    Check("bash/interpreter-line", "./t one; echo $?", files={
        "t": "#!/usr/bin/env bash\necho \"interpreted $# ${0##*/}\"; exit 6\n"}, expect=("interpreted 1 t\n6",)),
]

CHECKS = [*BASICS, *BUILTINS, *PROGRAMS, *bash_processes.CHECKS]
