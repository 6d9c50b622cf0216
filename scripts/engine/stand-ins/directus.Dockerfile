# Contract of the official image: /directus with its node_modules, user node, folders for uploads, extensions and a database.
ARG BASE
FROM ${BASE}
COPY --chown=node:node runtime/ /directus/
RUN install -d -o node -g node /directus/uploads /directus/extensions /directus/database /directus/templates
USER node
WORKDIR /directus
ENV NODE_ENV=production NPM_CONFIG_UPDATE_NOTIFIER=false
EXPOSE 8055
CMD ["node", "/directus/node_modules/@directus/api/dist/cli/run.js", "start"]
