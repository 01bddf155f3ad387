# syntax=docker/dockerfile:1
# The image of Weir with one of its examples: docker build --build-arg PROJECT=examples/titanic --tag weir .
# For a project of your own, "weir deploy export" writes one.
ARG NODE_VERSION=26

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:${NODE_VERSION}-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The client of S3 is for several machines only, so it is not among the dependencies; here it has the version that was tested.
RUN npm ci --omit=dev --no-audit --no-fund && \
    npm install --no-save --save-prod --omit=dev --no-audit --no-fund \
      "@aws-sdk/client-s3@$(node --print 'require("./package.json").devDependencies["@aws-sdk/client-s3"]')"

FROM node:${NODE_VERSION}-bookworm-slim AS weir
ARG PROJECT=examples/titanic
WORKDIR /app
ENV NODE_ENV=production \
    WEIR_PROJECT=/app/${PROJECT} \
    WEIR_HOST=0.0.0.0 \
    WEIR_PORT=8080 \
    WEIR_SERVER__RELOAD=false \
    WEIR_STATE__FOLDER=/state/weir \
    WEIR_FOLDERS__RAW=/data/raw-data \
    WEIR_FOLDERS__GOOD=/data/good-data \
    WEIR_FOLDERS__BAD=/data/bad-data \
    WEIR_FOLDERS__LABELS=/data/label-data
RUN install -d -o 1000 -g 1000 /state /data
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
COPY database ./database
COPY ${PROJECT} ./${PROJECT}
USER 1000:1000
VOLUME /state /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.WEIR_PORT+'/livez').then((answer)=>process.exit(answer.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "bin/weir.mjs"]
CMD ["serve"]
