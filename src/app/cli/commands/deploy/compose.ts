import { argumentsOf, type Deployment, NODE_VERSION, PORT, type WorkerGroup, yamlList } from './deployment.ts';

const USER = 'weir';
const BUCKET = 'weir';

/** All that the project needs on one machine: PostgreSQL, S3, Grafana, one server and its workers. */
export function composeFile(deployment: Deployment): string {
  return `${head(deployment)}services:
${STORAGE}${WEIR}${deployment.workers.map(workerService).join('')}${grafanaService(deployment)}${ENDING}`;
}

/** What all processes of Weir have in common. */
function head({ name, contextPath, projectPath, isInClone }: Deployment): string {
  const build = isInClone
    ? `{ context: ${contextPath}, args: { NODE_VERSION: ${NODE_VERSION}, PROJECT: ${projectPath} } }`
    : `{ context: ${contextPath}, args: { NODE_VERSION: ${NODE_VERSION} } }`;
  return `# ${name} with all that it needs, on one machine:
#   cp .env.example .env      # and choose passwords
#   docker compose up --build
# The web app is at http://localhost:${PORT}, Grafana at http://localhost:3000. The first start prints a link for the
# first administrator: docker compose logs server
name: ${name}

x-weir: &weir
  image: ${name}:local
  build: ${build}
  environment: &settings
    WEIR_ENV: \${WEIR_ENV:-dev}
    DATABASE_URL: postgres://${USER}:\${POSTGRES_PASSWORD:?see .env.example}@postgres:5432/${USER}
    WEIR_DATABASE__MIGRATE: deploy
    WEIR_ENGINE__EXECUTOR: remote
    WEIR_ARTIFACTS: s3://${BUCKET}/artifacts
    WEIR_S3__ENDPOINT: http://s3:7070
    WEIR_S3__ACCESS_KEY_ID: ${USER}
    WEIR_S3__SECRET_ACCESS_KEY: \${S3_SECRET_KEY:?see .env.example}
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ['no-new-privileges:true']
  restart: unless-stopped

`;
}

/** The database, and artifacts in a bucket. */
const STORAGE = `  postgres:
    image: postgres:18
    environment:
      POSTGRES_USER: ${USER}
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?see .env.example}
    volumes: ['postgres:/var/lib/postgresql']
    healthcheck:
      test: [CMD, pg_isready, --username, ${USER}]
      interval: 5s
      retries: 20
    restart: unless-stopped

  s3:
    image: versity/versitygw:v1.8.0
    command: [--access, ${USER}, --secret, '\${S3_SECRET_KEY:?see .env.example}', --port, ':7070', posix, /data]
    volumes: ['s3:/data']
    restart: unless-stopped
    depends_on:
      bucket: { condition: service_completed_successfully }

  # A folder is a bucket there.
  bucket:
    image: postgres:18
    entrypoint: [mkdir, --parents, /data/${BUCKET}]
    network_mode: none
    volumes: ['s3:/data']

`;

/** The schema, the password of Grafana, and the server. */
const WEIR = `  migrate:
    <<: *weir
    command: [migrate]
    restart: on-failure
    volumes: ['migrate-state:/state']
    depends_on:
      postgres: { condition: service_healthy }

  # Gives Grafana the password of its role in the database.
  grafana-access:
    <<: *weir
    command: [grafana, allow, --password-file, /run/secrets/grafana-reader]
    restart: on-failure
    secrets: [grafana-reader]
    volumes: ['migrate-state:/state']
    depends_on:
      migrate: { condition: service_completed_successfully }

  server:
    <<: *weir
    environment:
      <<: *settings
      WEIR_SERVER__URL: http://localhost:${PORT}
    ports: ['127.0.0.1:${PORT}:${PORT}']
    volumes: ['server-state:/state', 'data:/data']
    stop_grace_period: 60s
    depends_on:
      migrate: { condition: service_completed_successfully }
      s3: { condition: service_started }

`;

function workerService(group: WorkerGroup): string {
  return `  ${group.name}:
    <<: *weir
    command: ${yamlList(argumentsOf(group))}
    healthcheck: { disable: true }
    deploy: { replicas: ${group.replicas} }
    volumes: ['data:/data']
    stop_grace_period: 5m
    depends_on:
      migrate: { condition: service_completed_successfully }
      s3: { condition: service_started }

`;
}

function grafanaService({ name, contextPath, isInClone }: Deployment): string {
  const grafana = isInClone ? `${contextPath}/grafana/${name}` : './grafana';
  return `  grafana:
    image: grafana/grafana:13.0.2
    environment:
      GF_SECURITY_ADMIN_PASSWORD: \${GRAFANA_PASSWORD:?see .env.example}
      GRAFANA_WEIR_DATABASE_HOST: postgres:5432
      GRAFANA_WEIR_DATABASE_NAME: ${USER}
      GRAFANA_WEIR_DATABASE_SSLMODE: disable
      GRAFANA_WEIR_DATABASE_PASSWORD: \${GRAFANA_READER_PASSWORD:?see .env.example}
    ports: ['127.0.0.1:3000:3000']
    volumes:
      - ${grafana}:/etc/grafana/weir:ro
      - ${grafana}/provisioning:/etc/grafana/provisioning:ro
      - grafana:/var/lib/grafana
    depends_on:
      grafana-access: { condition: service_completed_successfully }
    restart: unless-stopped

`;
}

const ENDING = `secrets:
  grafana-reader:
    environment: GRAFANA_READER_PASSWORD

volumes:
  postgres:
  s3:
  migrate-state:
  server-state:
  data:
  grafana:
`;

/** What has to be chosen before the first start; the file with the real values is in no repository. */
export function environmentExample(): string {
  return `# Copy this file to .env, and choose each: openssl rand -hex 24
POSTGRES_PASSWORD=
S3_SECRET_KEY=
GRAFANA_PASSWORD=
GRAFANA_READER_PASSWORD=
`;
}
