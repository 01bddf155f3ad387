import { type Deployment, NODE_VERSION, PORT } from './deployment.ts';

/** How the image of a project is built: its packages in one stage, and what runs, without npm's cache, in another. */
export function dockerfile({ projectPath, packageFiles }: Deployment): string {
  const project = projectPath === '.' ? '/app' : `/app/${projectPath}`;
  return `# syntax=docker/dockerfile:1
ARG NODE_VERSION=${NODE_VERSION}

FROM node:\${NODE_VERSION}-bookworm-slim AS packages
WORKDIR /app
COPY ${['package.json', 'package-lock.json', ...packageFiles.filter((file) => !file.includes('/'))].join(' ')} ./
${packageFiles
  .filter((file) => file.includes('/'))
  .map((file) => `COPY ${file} ./${file}\n`)
  .join('')}RUN npm ci --omit=dev --no-audit --no-fund

FROM node:\${NODE_VERSION}-bookworm-slim AS weir
WORKDIR /app
ENV NODE_ENV=production \\
    WEIR_PROJECT=${project} \\
    WEIR_HOST=0.0.0.0 \\
    WEIR_PORT=${PORT} \\
    WEIR_SERVER__RELOAD=false \\
    WEIR_STATE__FOLDER=/state/weir \\
    WEIR_FOLDERS__RAW=/data/raw-data \\
    WEIR_FOLDERS__GOOD=/data/good-data \\
    WEIR_FOLDERS__BAD=/data/bad-data \\
    WEIR_FOLDERS__LABELS=/data/label-data
RUN install -d -o 1000 -g 1000 /state /data
COPY --from=packages /app/node_modules ./node_modules
COPY . .
USER 1000:1000
VOLUME /state /data
EXPOSE ${PORT}
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \\
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.WEIR_PORT+'/livez').then((answer)=>process.exit(answer.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "node_modules/weir/bin/weir.mjs"]
CMD ["serve"]
`;
}

/** What the image is built without: state, data that arrived, secrets, and packages of the machine that builds it. */
export function dockerignore({ projectPath }: Deployment): string {
  const below = projectPath === '.' ? '' : `${projectPath}/`;
  return [
    '.git',
    '**/node_modules',
    '**/.weir',
    '**/.env',
    '**/.env.*',
    ...['raw-data', 'good-data', 'bad-data', 'label-data'].map((folder) => `${below}${folder}`),
    'Dockerfile',
    'compose.yaml',
    'deploy',
    '',
  ].join('\n');
}
