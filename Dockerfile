# One image for all services of ours: the command says which one runs, dist/apps/<name>/src/main.js.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts: none is needed, bcrypt brings its binaries along.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build \
 && find dist \( -name '*.d.ts' -o -name '*.map' -o -name .tsbuildinfo \) -delete \
 && chmod +x dist/apps/cli/src/main.js

FROM node:22-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages are a PostgreSQL for `npm start`. The last line stops the build where bcrypt has no binary.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && node -e "import('bcrypt').then(({ default: bcrypt }) => bcrypt.hash('', 4))"

FROM node:22-bookworm-slim
LABEL org.opencontainers.image.title="le-bureau-api-keys" \
      org.opencontainers.image.description="API keys for Le Bureau's public API: the services keys and gateway" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
# The operator's command line, for `docker compose exec keys keys list`.
RUN ln -s /app/dist/apps/cli/src/main.js /usr/local/bin/keys
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["node"]
CMD ["dist/apps/keys/src/main.js"]
