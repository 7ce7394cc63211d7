# One image for every service; docker-compose.yml says which of them a container runs.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libprotobuf-c-dev libssl-dev libyaml-dev pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build --configuration release --static-swift-stdlib --explicit-target-dependency-import-check error \
    && mkdir /install \
    && for name in indelible indelible-ledger indelible-ingest indelible-verifier indelible-analyzer; do \
        strip --strip-debug -o "/install/$name" "$(swift build --configuration release --show-bin-path)/$name" || exit 1; \
    done

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libprotobuf-c1 libssl3 libyaml-0-2 openssl zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 indelible \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin indelible \
    # A named volume takes owner and mode from the folder that it is mounted on.
    && install --directory --owner 10001 --group 10001 --mode 0750 /authority /data /keys /public \
        /every/ledger /every/ingest /every/verifier /every/analyzer /every/operator
COPY --from=build /install/ /usr/local/bin/
COPY models /usr/local/share/indelible/models
COPY rules /usr/local/share/indelible/rules
COPY tools/containers/init tools/containers/service tools/containers/healthy /usr/local/lib/indelible/
USER 10001:10001
WORKDIR /data
ENTRYPOINT ["/usr/local/lib/indelible/service"]
CMD ["help"]
