#!/bin/sh
# A repository made from nothing: commits, branches, merges, packs, searches. Fixed dates and names give fixed hashes.
set -eu
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@example.org
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 HOME="$PWD" LC_ALL=C
git init -q -b main repository
cd repository
git config pack.threads 2
for round in 1 2 3 4 5 6; do
    export GIT_AUTHOR_DATE="2020-01-0$round 12:00 +0000" GIT_COMMITTER_DATE="2020-01-0$round 12:00 +0000"
    for folder in a b c; do
        mkdir -p $folder
        for file in 1 2 3 4 5 6 7 8; do
            seq $((round * file)) $((round * file + 400)) | sed "s/7/$folder$round/" > $folder/$file
        done
    done
    git add .
    git commit -q -m "Round $round"
done
git checkout -q -b side HEAD~2
seq 1 300 > side
git add side
git commit -q -m "On the side"
git checkout -q main
git merge -q --no-edit side
git log --stat --graph
git diff HEAD~4 | git hash-object --stdin
git blame -s a/3 | head -20
git grep -c 'b[35]' HEAD~1 | sort
git repack -q -a -d -f --depth=20
git fsck --full --strict
git clone -q --no-local . ../clone
git -C ../clone rev-parse HEAD
git ls-tree -r HEAD
