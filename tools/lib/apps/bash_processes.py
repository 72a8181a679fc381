# SPDX-License-Identifier: Apache-2.0
"""Checks of the published bash against Debian's: pipelines, redirections, children, jobs, traps and signals."""

import pathlib
import sys

from apps.check import Check

HERE = pathlib.Path(__file__).resolve().parent

# What bash says of a child ended by a signal: its process id.
PIDS = ((r"\b[0-9]+ +(?=(Terminated|Killed|Segmentation|Aborted|Hangup|Interrupt|User|Quit|Alarm|Broken|Stopped|File)\b)", "PID "),)


def script(name, text, *words, **more):
    """`bash t.sh words...`"""
    return Check("bash/" + name, ("bash", "t.sh", *words), files={"t.sh": text, **more.pop("files", {})},
                 normalise=PIDS + more.pop("normalise", ()), **more)


STREAMS = [
    script("pipelines", r"""
printf '%s\n' banana apple cherry | sort | head -n 2 | tr a-z A-Z | cat -n; seq 1 1000 | grep 7 | wc -l
echo abc | rev | tee copy.txt | sed 's/b/B/'; cat copy.txt; false | true; echo $?; true | false | true; echo "${PIPESTATUS[@]}"
set -o pipefail; false | true; echo $?; set +o pipefail; echo in | { read x; echo "block $x"; }; echo lost | read y; echo "[$y]"
shopt -s lastpipe; echo kept | read y; echo "[$y]"; shopt -u lastpipe; exit 3 | exit 4; echo "${PIPESTATUS[*]}"
{ echo out; echo err >&2; } 2>&1 | sort; echo both |& cat; ! false | true; echo $?; yes | head -n 3; echo "${PIPESTATUS[@]}"
(exit 7) | cat; echo ${PIPESTATUS[0]}; seq 5 | { while read n; do sum=$((sum + n)); done; echo sum $sum; }
""", expect=("block in", "[kept]", "sum 15", "141 0")),
    script("long-pipeline", "p='seq 1 20000'\nfor i in {1..25}; do p+=' | cat'; done\neval \"$p | sort -rn | tail -n 1\"\n"
           "eval \"$p | wc -l\"\nseq 3000 | while read -r n; do echo $((n * 2)); done | awk '{s += $1} END {print s}'\n"
           "head -c 300000 /dev/zero | tr '\\0' x | wc -c\n", expect=("20000", "9003000", "300000"), timeout=60),
    script("command-substitution", r"""
a=$(printf 'line1\nline2\n\n\n'); echo "[$a]"; b=$(<t.sh); echo ${#b}; c=$(exit 5); echo $?; echo "x$(false)y $?"
echo $(for i in 1 2 3; do echo $i; done) "$(echo "quoted \"inner\" $(echo 'two  spaces')")"; d=`echo \`echo nested\``; echo $d
for i in $(seq 1 40); do e=$(echo "$e$i"); done; echo ${#e}; n=0; for f in $(ls); do n=$((n + 1)); done; echo $n
f() { echo f-out; return 8; }; x=$(f); echo $x $?; x=$( (echo sub) ); echo $x; big=$(seq 1 20000); echo ${#big}
y=$(cat <<<"here $(f)"; exit 2); echo "$y $?"; z=$( { echo a; echo b >&2; echo c; } 2>/dev/null ); echo $z; declare w=$(false); echo $?
( trap 'echo trapped' EXIT; v=$(echo inner; trap - EXIT); echo $v ); echo "$(trap 'echo in-subst' EXIT)"
""", expect=("[line1\nline2]", "f-out 8", "108893", "in-subst")),
    script("here-documents", r"""
v=value; cat <<EOF
plain $v $(echo sub) \$escaped `echo tick` $((1 + 1))
EOF
cat <<'EOF'
literal $v $(echo no)
EOF
cat <<-EOF
	tabs stripped
	  two spaces stay
	EOF
cat <<A; cat <<B
first
A
second
B
cat <<<"here string $v"; while read -r l; do echo "got <$l>"; done <<EOF
a b
  indented
back\slash
EOF
f() { cat <<EOF
in function $1
EOF
}; f x; x=$(cat <<EOF
in substitution
EOF
); echo "$x"; tr a-z A-Z <<EOF | rev
piped
EOF
cat <<EOF | wc -c
$(seq 1 30000)
EOF
cat 3<<THREE <&3
from three
THREE
""", expect=("plain value sub $escaped tick 2", "literal $v", "in function x", "DEPIP", "168894")),
    script("redirections", r"""
echo one >f; echo two >>f; cat <f; cat f nosuch >out 2>err; cat out err; ls nosuch f &>both; wc -l <both
echo err >&2 2>/dev/null; { echo a; echo b >&2; } 2>&1 >/dev/null | cat; exec 4>four; echo to4 >&4; exec 4>&-; cat four
exec 5<f; read -u 5 l; echo "$l"; read l <&5; echo "$l"; exec 5<&-; (echo x >&5); echo $?
set -C; echo no >f; echo $?; echo yes >|f; set +C; cat f; exec 6<>rw; echo readwrite >&6; exec 6>&-; cat rw
exec {fd}>auto; echo auto >&$fd; exec {fd}>&-; cat auto; while read -r a b; do echo "$b-$a"; done <<<$'1 2\n3 4 5'
cat </nosuch; echo $?; (echo swap 3>&1 1>&2 2>&3 3>&-) 2>&1; echo closed >&-; echo $?; mkdir d; echo x >d; echo $?
exec 7>&1; echo via7 >&7; exec 60>high; echo high >&60; exec 60>&-; cat high; read -t 0 </dev/null; echo $?
for i in 1 2 3; do echo $i; done >loop; cat loop; { cat; echo tail; } <loop >&7; exec >log; echo logged; exec 1>&7; cat log
""", expect=("one\ntwo\n", "cannot overwrite existing file", "Bad file descriptor", "Is a directory", "3\ntail\nlogged")),
    script("process-substitution", r"""
cat <(echo one) <(echo two); diff <(seq 1 5) <(seq 1 2 5); echo $?; while read -r x; do n=$((n + x)); done < <(seq 10); echo $n
echo data | tee >(wc -c >count) >/dev/null; until [ -s count ]; do sleep 0.01; done; cat count; paste <(seq 3) <(seq 4 6)
f() { cat "$1"; }; f <(echo func); comm -12 <(printf 'a\nb\nc\n') <(printf 'b\nc\nd\n'); exec 8< <(echo eight); cat <&8
sort -n -m <(seq 1 2 9) <(seq 2 2 10) | tr '\n' ' '; echo; [ -e <(:) ] && echo exists
""", expect=("one\ntwo\n", "55\n", "func\n", "1 2 3 4 5 6 7 8 9 10", "exists")),
]

ENDINGS = [
    script("exit-codes", r"""
(exit 3); echo $?; bash -c 'exit 300'; echo $?; nosuchcommand; echo $?; ./nosuch; echo $?; ./t.sh; echo $?; /; echo $?
echo x >plain; chmod +x plain; ./plain; echo $?; printf '\177ELFbad' >elf; chmod +x elf; ./elf; echo $?; : >void; chmod +x void; ./void; echo $?
false; echo $?; true & wait $!; echo $?; (exit 9) & wait $!; echo $?; cd /nosuch; echo $?; $(exit 4); echo $?
bash -c 'syntax error ('; echo $?; bash nosuchfile; echo $?; bash -c '. nosuchfile'; echo $?; f() { return 300; }; f; echo $?; exit 77
""", status=77, expect=("127\n", "126\n", "44\n")),
    Check("bash/dies-by-sigterm", ("bash", "-c", "kill -TERM $$; echo survived"), status=-15),
    Check("bash/dies-by-sigkill", ("bash", "-c", "kill -KILL $$"), status=-9),
    Check("bash/dies-by-sigsegv", ("bash", "-c", "kill -SEGV $$; sleep 5"), status=-11),
    Check("bash/dies-by-sigint", ("bash", "-c", "kill -INT $$; echo survived"), status=-2),
    Check("bash/dies-by-sigpipe", ("bash", "-c", "bash -c 'while :; do echo y; done' | head -n 1; echo ${PIPESTATUS[@]}"),
          expect=("y\n141 0\n",)),
    Check("bash/sigterm-from-outside", "bash t.sh & pid=$!; until [ -e up ]; do sleep 0.05; done; kill -TERM $pid; wait $pid;"
          " echo $?", files={"t.sh": ": >up\nwhile :; do :; done\n"}, expect=("143\n",)),
    Check("bash/sigint-ends-a-loop", "bash -c 'set -m; bash t.sh & until [ -e up ]; do sleep 0.05; done; kill -INT -- -$!; wait $!;"
          " echo $?' 2>&1", files={"t.sh": ": >up\nwhile :; do :; done\n"}, expect=("130\n",)),
    Check("bash/syntax-error", ("bash", "t.sh"), files={"t.sh": "echo before\nif true; then\n  echo (\nfi\n"}, status=2,
          expect=("before", "syntax error near unexpected token")),
    Check("bash/unclosed-quote", ("bash", "-c", "echo 'unclosed"), status=2, expect=("unexpected EOF",)),
    script("set-e", r"""
(set -e; false; echo not reached); echo $?; (set -e; false || true; if false; then :; fi; ! true; echo reached); echo $?
(set -e; f() { false; echo in-f; }; f || echo guarded; f; echo no); echo $?; (set -u; echo $undefined; echo no); echo $?
(set -e; x=$(false); echo no); echo $?; (set -e; (exit 3); echo no); echo $?; (set -eo pipefail; false | true; echo no); echo $?
set -x; echo traced $((1 + 1)); y=5; set +x; echo $-; set -f; echo *; set +f; set -- -e; echo $1; (set -n; echo no)
(trap 'echo left with $?' EXIT; set -e; false; echo no); echo $?
""", expect=("reached\n0", "unbound variable", "+ echo traced 2", "left with 1\n1")),
]

SIGNALS = [
    script("traps", r"""
trap 'echo exit trap $?' EXIT; trap 'echo got INT' INT; trap 'echo got USR1; x=set' USR1; trap 'echo got TERM' TERM; trap '' HUP
kill -INT $$; kill -USR1 $$; echo $x; kill -TERM $$; kill -HUP $$; echo alive; trap -p | grep -c trap; trap - TERM
trap 'echo "ERR $? at $LINENO"' ERR; false; true; (exit 6); ls /nosuch 2>/dev/null; if false; then :; fi; trap - ERR
f() { trap 'echo return trap' RETURN; echo in f; }; f; trap - RETURN; trap 'echo debug $BASH_COMMAND' DEBUG; echo one; :; trap - DEBUG
(trap 'echo sub exit' EXIT; echo in sub); (trap 'echo sub2' EXIT; exit 4); echo $?; (trap - USR1; kill -USR1 $BASHPID; echo no); echo $?
trap 'echo usr2; exit 33' USR2; kill -USR2 $$; echo not reached
""", status=33, expect=("got INT\ngot USR1\nset", "ERR 1 at 4", "return trap", "usr2\nexit trap 33")),
    script("trap-while-waiting", r"""
asleep() { until grep -q '^State:.S' /proc/$$/status; do sleep 0.01; done; sleep 0.1; }  # the script itself
trap 'echo got usr1' USR1
(asleep; kill -USR1 $$) & wait $!; echo "wait says $(($? > 128))"; wait
(asleep; kill -USR1 $$) & sleep 0.6; wait; echo after sleep
trap 'echo alarm; over=1' ALRM; (sleep 0.1; kill -ALRM $$) & while [ -z "$over" ]; do :; done; echo loop ended; wait
i=0; trap 'i=$((i + 1))' USR2; for n in 1 2 3 4 5; do kill -USR2 $$; done; echo $i
mkfifo q; (asleep; kill -USR1 $$; sleep 0.2; echo from the queue >q) & read -r line <q; echo "$line"; wait
""", expect=("wait says 1", "alarm\nloop ended", "5\n", "from the queue")),
    script("trap-in-function-and-subshell", r"""
cleanup() { rm -f "$tmp"; echo "cleaned $1"; }; tmp=$(mktemp ./tmp.XXXXXX); trap 'cleanup exit' EXIT
worker() { trap 'echo worker term; exit 12' TERM; : >up; while :; do sleep 0.05; done; }
worker & until [ -e up ]; do sleep 0.05; done; kill $!; wait $!; echo $?
(trap '' TERM; kill -TERM $BASHPID; echo immune); (trap 'echo inner' USR1; kill -USR1 $BASHPID; trap -p USR1)
f() { trap 'echo unwinding; return 3' USR2; kill -USR2 $$; echo not here; }; f; echo "f returned $?"
for i in 1 2 3; do trap 'echo breaking; break' USR2; kill -USR2 $$; echo "not $i"; done; echo "i is $i"
trap 'echo nested $(echo in $(echo deep))' USR1; kill -USR1 $$; g() { kill -USR1 $$; }; x=$(g; echo); exit 5
""", status=5, expect=("worker term\n12", "immune\ninner", "f returned 3", "nested in deep", "cleaned exit")),
    script("signals-to-children", r"""
for s in HUP INT QUIT ABRT KILL USR1 SEGV PIPE ALRM TERM; do sh -c "kill -$s \$\$" 2>/dev/null; echo "$s $?"; done 2>/dev/null
for s in HUP KILL USR1 TERM; do bash -c "kill -$s \$\$; sleep 1"; echo "$s $?"; done 2>/dev/null
sleep 50 & p=$!; kill -STOP $p; kill -CONT $p; kill -TERM $p; wait $p 2>/dev/null; echo $?
kill -l 15; kill -l TERM; kill -l 137; kill -l | head -n 1; kill -NOSUCH $$; echo $?; kill 99999999; echo $?
trap 'echo child told me' USR1; sh -c "kill -USR1 $$"; bash -c 'kill -USR1 $PPID'; kill -0 $$; echo $?
""", expect=("SEGV 139", "child told me\nchild told me", "TERM\n15\nKILL")),
    script("killed-child-is-reported", "sh -c 'kill -TERM $$'\necho $?\nsh -c 'kill -SEGV $$'\necho $?\nsleep 9 & kill -KILL $!\n"
           "wait $!\necho $?\n(kill -ABRT $BASHPID); echo $?\n", expect=("Terminated", "Segmentation fault", "Killed", "134")),
]

CHILDREN = [
    script("background-jobs", r"""
(until [ -e quick ]; do sleep 0.01; done; echo slow) & (echo fast; : >quick) & wait; echo both; (exit 5) & a=$!; (exit 6) & b=$!; wait $b; echo $?; wait $a; echo $?
for i in 1 2 3 4 5 6; do (echo $i >out.$i) & done; wait; cat out.*; sleep 100 & p=$!; kill $p; wait $p; echo $?
wait 99999999; echo $?; kill -0 $$ && echo self; { sleep 0.1; echo grouped; } & wait; wait -n 2>/dev/null; echo $?
(until [ -e over ]; do sleep 0.01; done; exit 3) & (exit 4) & wait -n; echo $?; : >over; wait; true & wait $!; echo $?; x=1; { x=2; echo child $x; } & wait; echo parent $x
cat </dev/null & wait $!; echo $?; (cat) & wait; sleep 30 & a=$!; sleep 30 & b=$!; jobs -r | wc -l; kill $a $b
wait $a $b 2>/dev/null; echo $?; jobs; disown -a; echo end
""", expect=("fast\nslow\nboth\n6\n5\n", "143", "child 2\nparent 1"), stdin="unread"),
    script("many-children", """
for i in $(seq 1 60); do (exit $((i % 5))) & pids+=($!); done
for p in ${pids[@]}; do wait $p; s=$((s + $?)); done; echo $s
for i in $(seq 1 100); do /bin/true; (:); done; echo done $(for i in $(seq 1 30); do echo -n $(echo $i); done)
for i in 1 2 3 4; do for j in 1 2 3 4 5; do echo $i $j; done & done | sort | cksum; wait
f() { (($1)) && (f $(($1 - 1))) || echo level; }; f 12
""", expect=("120", "level"), timeout=90),
    script("subshells-and-groups", r"""
x=1; (x=2; cd /; echo "in $x $PWD"); echo "out $x"; { x=3; }; echo $x; (exit 2) || echo failed
echo $BASH_SUBSHELL $(echo $BASH_SUBSHELL) $( (echo $BASH_SUBSHELL) ); [ $BASHPID = $$ ] && echo same
( [ $BASHPID != $$ ] && echo other ); (umask 077; touch private); stat -c %a private; umask
export V=exported; W=hidden; bash -c 'echo "[$V][$W]"'; V=once bash -c 'echo $V'; echo $V; (unset V; bash -c 'echo "[$V]"')
( (sleep 0.1; echo deep) & wait ); ( exec echo replaced; echo never ); exec 9>nine; (echo sub >&9); cat nine
(set -- a b; shift; echo $1); (f() { echo f in sub; }; f); f 2>/dev/null; echo $?; ((((5)))); echo $?; ( ( (exit 8) ) ); echo $?
""", expect=("in 2 /", "out 1", "[exported][]", "replaced")),
    script("exec-builtin", r"""
(exec sh -c 'echo "$0 $1"' zero one); (exec -a renamed sh -c 'echo $0'); (exec nosuchprogram); echo $?; (exec -c env); (exec /nosuch/file); echo $?
(exec . 2>/dev/null); echo $?; bash -c 'shopt -s execfail; exec ./nosuch; echo goes on'; pid=$$; exec 3<<<'data'
exec bash -c 'cat <&3; echo "same process: $(($$ == '$pid'))"'
echo never
""", expect=("zero one", "renamed", "goes on", "data\nsame process: 1")),
    script("coprocess", r"""
coproc UP { while read -r l; do echo "${l^^}"; done; }
in=${UP[1]} out=${UP[0]} pid=$UP_PID; echo hello >&$in; read -r r <&$out; echo $r; echo again >&$in; read -r r <&$out; echo $r
eval "exec $in>&-"; wait $pid; echo $?; coproc cat; echo via cat >&${COPROC[1]}; read x <&${COPROC[0]}; echo $x
pid=$COPROC_PID; kill $pid; wait $pid 2>/dev/null; echo $?
""", expect=("HELLO\nAGAIN\n0\nvia cat\n143",)),
    script("job-control", r"""
set -m; sleep 30 & jobs; kill %1; wait %1 2>/dev/null; (exit 3) & wait $!; echo $?; sleep 30 & kill %1; wait %1; echo $?; jobs
sleep 30 & pid=$!; kill -STOP $pid; until grep -q '^State:.T' /proc/$pid/status; do sleep 0.01; done; until jobs | grep -q Stopped; do :; done
bg; jobs; kill $pid; wait $pid; echo $?; sh -c 'kill -STOP $$; exit 6' & until jobs | grep -q Stopped; do sleep 0.01; done
fg; echo $?; set +m; fg; echo $?; [ $(ps -o pgid= -p $$) ] && echo end
""", expect=("Running", "143", "no job control", "end")),
]

TERMINAL = [
    Check("bash/terminal", (sys.executable, "-B", "bash_terminal.py"), timeout=300,
          files={"bash_terminal.py": (HERE / "bash_terminal.py").read_text(encoding="utf-8")}, expect=("status 3\n",)),
]

CHECKS = [*TERMINAL, *STREAMS, *ENDINGS, *SIGNALS, *CHILDREN]
