# The portal: Next's standalone build, made outside by `elk-os up`. Nothing is fetched here.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
FROM ${NODE_IMAGE}
COPY . /app/
RUN install -d -o node -g node /app/portal/.next/cache
WORKDIR /app/portal
USER node
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1
EXPOSE 3000
CMD ["node", "--max-old-space-size=160", "--max-semi-space-size=4", "/app/portal/server.js"]
