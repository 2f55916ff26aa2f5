#!/bin/sh
# Re-run every make.R below this folder and write its expected.json. Deterministic: without a
# change of R, of a package or of a script, `git diff` stays empty. Needs Rscript with the
# packages that each expected.json lists under made_with.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
find "$here" -name make.R | sort | while read -r script; do
    folder=$(dirname "$script")
    echo "${folder#"$here"/}"
    (cd "$folder" && Rscript make.R >expected.json.new && mv expected.json.new expected.json)
done
