# The search service. The build context is the folder that `elk-os up` stages: sources and installed packages of this machine's
# architecture, with workspace links, as Node resolves them in the checkout. Nothing is fetched here.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
FROM ${NODE_IMAGE}
COPY . /app/
RUN install -d -o node -g node -m 0700 /muster/data/rag /app/compiled
WORKDIR /app
USER node
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/compiled
# Loads all of it and ends with code 2, for it is told nothing: what Node compiled stays in the image. Its flags are those of the start, or it would not be used.
RUN node --max-semi-space-size=2 --heap-growing-percent=15 /app/rag/src/server.ts 2> /dev/null || [ $? -eq 2 ]
EXPOSE 9100
CMD ["node", "--max-semi-space-size=2", "--heap-growing-percent=15", "/app/rag/src/server.ts"]
