# nginx with the web client: docker build -f deploy/web.Dockerfile .
# Debian's nginx: kept secure by Debian, the one that the tests run, with its module for prebuilt brotli files.
ARG DEBIAN=debian:bookworm-slim
ARG NODE=node:20-bookworm-slim

FROM ${NODE} AS client
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc* ./
RUN npm ci
COPY gateway/openapi.json /src/gateway/
COPY frontend/ ./
RUN npm run build && node scripts/sbom.mjs >web.cdx.json

FROM ${DEBIAN}
RUN apt-get update \
 && apt-get install -y --no-install-recommends nginx-light libnginx-mod-http-brotli-static gettext-base openssl curl \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled /var/www/html \
 && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin web \
 && install -d -o web -g web -m 0750 /etc/nginx/certificates && install -d -o web -g web /var/www/acme
COPY deploy/nginx/ /opt/ai-english/nginx/
COPY --from=client /src/frontend/dist/ /usr/share/nginx/html/
COPY --from=client /src/frontend/web.cdx.json /usr/share/sbom/
COPY deploy/sbom/debian /usr/local/bin/
RUN debian /usr/share/sbom/web.cdx.json
USER web
ENV NGINX_RUN=/run/nginx
EXPOSE 80 443
# TERM would cut off answers in progress.
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=4s --timeout=3s --start-period=15s --retries=3 CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1/health"]
ENTRYPOINT ["/opt/ai-english/nginx/start"]
