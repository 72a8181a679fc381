# SPDX-License-Identifier: Apache-2.0
# How many processes of its own a shell starts for a pipeline, a substitution and a job in the background.
set -u
declare -A sizes=([small]=3 [large]=5)
total=0
for name in $(printf '%s\n' "${!sizes[@]}" | sort); do
    mapfile -t lines < <(seq "${sizes[$name]}" | while read -r n; do echo $((n * n)); done)
    echo "$name: ${lines[*]}"
    ((total += ${#lines[@]}))
done
(exit 7) &
wait $! || echo "a job ended with status $?"
trap 'echo "the script ends with status $?"' EXIT
printf '%s numbers in all, %(%Y)T or later\n' "$total" 1700000000
