# One image for all services of ours: the command says which one runs, dist/apps/<name>/src/main.js.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts: none is needed, bcrypt brings its binaries along.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY libs libs
COPY apps apps
COPY examples examples
RUN npm run build \
 && find dist \( -name '*.d.ts' -o -name '*.map' -o -name .tsbuildinfo \) -delete \
 && chmod +x dist/apps/cli/src/main.js

FROM node:22-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages are a PostgreSQL for `npm start`. What only compilers and debuggers read is half of the rest.
# The last line stops the build where bcrypt has no binary.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && find node_modules -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' \) -delete \
 && node -e "import('bcrypt').then(({ default: bcrypt }) => bcrypt.hash('', 4))"

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY docker/ready.sh docker/
# The operator's command line, for `docker compose exec keys keys list`.
RUN ln -s /app/dist/apps/cli/src/main.js /usr/local/bin/keys
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["node"]
CMD ["dist/apps/keys/src/main.js"]
ARG REVISION=unknown
LABEL org.opencontainers.image.title="le-bureau-api-keys" \
      org.opencontainers.image.description="API keys for Le Bureau's public API: keys, gateway and dashboard" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="$REVISION"
