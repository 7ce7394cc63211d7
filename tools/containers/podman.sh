# shellcheck shell=bash disable=SC2016,SC2154  # Sourced by check, which sets $state and $binaries.
# Stands in for a Docker engine: buildah builds, podman and podman-compose run, with storage of their own below $state.

storage_driver() {
    # Overlay shares layers; where the kernel refuses it, vfs copies them.
    local probe=$state/probe
    mkdir -p "$probe/lower" "$probe/upper" "$probe/work" "$probe/merged"
    if mount -t overlay overlay -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/merged" 2>/dev/null
    then
        umount "$probe/merged"
        echo overlay
    else
        echo vfs
    fi
}

cat >"$state/storage.conf" <<CONF
[storage]
driver = "$(storage_driver)"
graphroot = "$state/storage"
runroot = "$state/run"
CONF
cat >"$state/containers.conf" <<'CONF'
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
CONF
cat >"$state/policy.json" <<'CONF'
{"default": [{"type": "insecureAcceptAnything"}]}
CONF
export CONTAINERS_STORAGE_CONF=$state/storage.conf CONTAINERS_CONF=$state/containers.conf
# Not Debian's podman-compose 1.0.3: it knows neither network_mode nor conditions.
"$venv/bin/pip" -q --disable-pip-version-check install podman-compose==1.5.0
compose() { "$venv/bin/podman-compose" --project-name indelible "$@" </dev/null; }
inside() { podman exec "indelible_$1_1" "${@:2}"; }

# base IMAGE MAKER: pulls the image, or makes it.
base() {
    local image=$1
    buildah inspect --type image "docker.io/library/$image" >/dev/null 2>&1 && return
    buildah pull --quiet --signature-policy "$state/policy.json" "docker.io/library/$image" >/dev/null 2>&1 && return
    could_not+=("pull $image: no registry gives it here; one was made of local packages")
    "$2" "docker.io/library/$image"
}
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1; }
make_debian() {
    if [ ! -e "$state/debian/etc/os-release" ]; then
        debootstrap --variant=minbase bookworm "$state/debian" "$(mirror)" >"$state/debootstrap.log" 2>&1 || return 1
        # The proxy and certificate settings of this machine's own apt hold for its mirror.
        cp -r /etc/apt/apt.conf.d/. "$state/debian/etc/apt/apt.conf.d/"
        cp -r /etc/ssl/certs "$state/debian/etc/ssl/" 2>/dev/null || true
    fi
    local container
    container=$(buildah from scratch)
    buildah copy -q "$container" "$state/debian" / >/dev/null
    buildah config --cmd bash "$container"
    buildah commit -q --rm --signature-policy "$state/policy.json" "$container" "$1" >/dev/null
}
# The toolchain on the PATH, mounted while building; what it needs of Debian, installed.
toolchain=$(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")")
make_swift() {
    local container
    container=$(buildah from --pull-never docker.io/library/debian:bookworm-slim)
    buildah run --isolation chroot "$container" -- sh -c 'apt-get -qq update && apt-get -qq install -y \
        --no-install-recommends binutils ca-certificates git libc6-dev libcurl4 libedit2 libgcc-12-dev libncurses6 \
        libpython3.11 libsqlite3-0 libstdc++-12-dev libxml2 libz3-4 pkg-config tzdata' >"$state/swift-base.log" 2>&1 || return 1
    buildah config --env "PATH=$toolchain/usr/bin:/usr/local/bin:/usr/bin:/bin" "$container"
    buildah commit -q --rm --signature-policy "$state/policy.json" "$container" "$1" >/dev/null
}
build() {
    local file=Dockerfile context=. mounts=()
    if [ -n "$binaries" ]; then
        context=$state/context file=$state/context/Dockerfile
        rm -rf "$context" && mkdir -p "$context/install"
        cp -r models tools "$context/"
        for name in indelible indelible-ledger indelible-ingest indelible-verifier indelible-analyzer; do
            strip --strip-debug -o "$context/install/$name" "$binaries/$name" || return 1
        done
        { printf 'FROM scratch AS build\nCOPY install /install\n\n' && sed -n '/^FROM debian/,$p' Dockerfile; } >"$file"
    else
        mounts+=(--volume "$toolchain:$toolchain:ro")
        # Where git takes packages from a folder of this machine, the build must see both.
        local origin key
        read -r origin key < <(git config --show-origin --get-regexp '^url\./.*\.insteadof$' | awk '{ print $1, $2; exit }') || true
        if [ -n "${key:-}" ]; then
            local folder=${key#url.}
            folder=${folder%/.insteadof}
            mounts+=(--volume "$folder:$folder:ro" --volume "${origin#file:}:/etc/gitconfig:ro")
        fi
    fi
    buildah bud --isolation chroot --pull-never --signature-policy "$state/policy.json" "${mounts[@]}" -t indelible \
        -f "$file" "$context"
}

check 'there is a base image for the services' base debian:bookworm-slim make_debian
if [ -n "$binaries" ]; then
    could_not+=('run the build stage: it was left out by --binaries')
else
    check 'there is a base image for building' base swift:6.3-bookworm make_swift
fi
check 'the image builds' build
[ "$failed" -eq 0 ] || finish
