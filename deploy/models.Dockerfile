# The weights of the sentence embedding model, laid into a volume once: they are larger than ai-svc itself.
ARG DEBIAN=debian:bookworm-slim
FROM ${DEBIAN}
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates python3-pip unzip && apt-get clean && rm -rf /var/lib/apt/lists/*
COPY deploy/local/fetch-embedding-model deploy/sbom/debian /usr/local/bin/
COPY deploy/sbom/models.cdx.json /usr/share/sbom/
RUN fetch-embedding-model /models/minilm && chmod -R a+rX /models && install -d -o 10001 -g 10001 /volume \
 && debian /usr/share/sbom/models.cdx.json
USER 10001:10001
CMD ["cp", "-rT", "/models", "/volume"]
