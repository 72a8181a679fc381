# SPDX-License-Identifier: Apache-2.0
# The most frequent words of a file, by applets of busybox alone: each runs in a process of its own.
tr -cs '[:alpha:]' '\n' < "$1" | tr '[:upper:]' '[:lower:]' | sort | uniq -c | sort -k1,1rn -k2 | head -n 5 |
    while read -r count word; do printf '%-10s %s\n' "$word" "$count"; done
echo "$(wc -l < "$1") lines, sha256 $(sha256sum < "$1" | cut -c1-16)"
