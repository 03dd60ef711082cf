# Tallybook with git, and what the CI kit needs: curl, jq, unzip. See docs/ci.md.
FROM rust:1.88-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --locked --profile dist --bin tallybook

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl git jq unzip \
    && rm -rf /var/lib/apt/lists/* \
    # The clone that CI mounts belongs to whoever CI runs as.
    && git config --system --add safe.directory '*' \
    && useradd --uid 10001 --create-home tallybook
COPY --from=build /source/target/dist/tallybook /usr/local/bin/tallybook
COPY ci/tallybook-ci /usr/local/lib/tallybook/tallybook-ci
COPY ci/lib /usr/local/lib/tallybook/lib
RUN ln -s /usr/local/lib/tallybook/tallybook-ci /usr/local/bin/tallybook-ci
USER 10001
WORKDIR /work
CMD ["tallybook", "--help"]
