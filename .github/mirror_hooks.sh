#!/usr/bin/env bash
# Usage: mirror_hooks.sh SOURCE MIRROR TAG
# Commits to the repository MIRROR the hooks of SOURCE at the release TAG (vX.Y.Z), and tags
# the commit. pre-commit installs a hook's repository as a package: the mirror is an empty one
# that depends on the released wheel, so that nobody's commit waits for a build of all this.
set -euo pipefail
source=$1 mirror=$2 tag=$3
cp "$source/.pre-commit-hooks.yaml" "$source/LICENSE" "$mirror/"
cat >"$mirror/pyproject.toml" <<END
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "nolibpy-pre-commit"
version = "${tag#v}"
dependencies = ["no-libpython-dlopen==${tag#v}"]

[tool.hatch.build.targets.wheel]
bypass-selection = true
END
git -C "$mirror" add --all
git -C "$mirror" -c user.name=nolibpy -c user.email=nolibpy@users.noreply.github.com \
    commit --quiet --message "Mirror $tag"
git -C "$mirror" tag "$tag"
