# The robot with both engines of Chromium, fonts, and a user that is not root.
#
#     docker build --build-arg BUILT_FROM_COMMIT="$(git rev-parse --short=12 HEAD)" -t emc-audit .
#     docker run -d --shm-size 1g --security-opt seccomp=container/seccomp.json --stop-timeout 35 \
#         -v "$PWD/data:/data" emc-audit
#
# By itself it is the scheduler: data/emc-audit.toml names lists and their times (deploy/emc-audit.toml is one to begin with).
# Any other command goes behind the image: emc-audit run --sites /data/sites.csv. compose.yaml has the same with limits. The packages come from container/packages, the list
# that scripts/container-check installs in a bare Debian to try what is built here.

FROM rust:1.95-bookworm AS build
WORKDIR /src
# The commit that evidence names; there is no repository in the image.
ARG BUILT_FROM_COMMIT=
COPY Cargo.toml Cargo.lock askama.toml build.rs ./
COPY src src
COPY schema schema
COPY fixtures/web fixtures/web
COPY tests/fuzz tests/fuzz
RUN cargo build --release --locked --bin emc-audit

FROM debian:bookworm-slim
COPY container/packages /tmp/packages
RUN apt-get update \
    && xargs -a /tmp/packages apt-get install --yes --no-install-recommends \
    && rm -rf /var/lib/apt/lists/* /tmp/packages
# A fixed number, so that a volume keeps its owner from one image to the next.
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin emc-audit \
    && install -d -o emc-audit -g emc-audit /data
COPY --from=build /src/target/release/emc-audit /usr/local/bin/emc-audit
USER emc-audit
WORKDIR /data
VOLUME /data
ENV TZ=Asia/Ho_Chi_Minh EMC_AUDIT_LOG_FORMAT=json
STOPSIGNAL SIGTERM
# Chromium leaves children behind that somebody has to reap.
ENTRYPOINT ["/usr/bin/tini", "-g", "--", "emc-audit"]
CMD ["schedule"]
# The scheduler answers, and can write down what happens. Whether the machine is fit to audit is what `doctor` says.
HEALTHCHECK --interval=1m --timeout=10s --start-period=30s CMD ["emc-audit", "health"]
