# SPDX-License-Identifier: Apache-2.0
# A history of two branches, merged: history.sh [COMMAND]. As git also starts itself, COMMAND becomes `git` in PATH.
set -e
export GIT_CONFIG_NOSYSTEM=1 GIT_TEMPLATE_DIR= HOME=$PWD GIT_AUTHOR_DATE='2001-02-03T04:05:06Z' GIT_COMMITTER_DATE='2001-02-03T04:05:06Z'
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
if [ $# = 1 ]; then
    mkdir -p bin
    printf '#!/bin/sh\nexec %s "$@"\n' "$1" > bin/git
    chmod +x bin/git
    PATH=$PWD/bin:$PATH
fi
git init -q -b main work
cd work
seq 10 > numbers
git add numbers
git commit -q -m 'Ten numbers'
git checkout -q -b words
sed -i 's/^2$/two/' numbers
git commit -q -a -m 'A word'
git checkout -q main
sed -i 's/^9$/nine/' numbers
git commit -q -a -m 'Another word'
git merge -q -m 'Both' words
git log --graph --oneline --stat
git blame -s numbers
git fsck --full
