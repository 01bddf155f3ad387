import { createReadStream } from 'node:fs';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { routes } from '#api';
import { maybeImageType } from '#contracts';
import { type Artifact, createOutputContent, findTaskRunResult } from '#engine';
import { ServerError } from '../errors.ts';
import { describeOutputs } from '../outputs/describe-outputs.ts';
import { isKnown } from '../plugins/entity-tags.ts';
import { attachment } from './attachment.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/** An image that is opened as a page may run no script and send no request. */
const IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
const RUN_ID = /^[1-9]\d{0,17}$/;

/** What a task run made: each output with a preview, and its bytes. */
export function registerOutputs(app: FastifyInstance, context: RouteContext): void {
  const { artifacts, duckdb, factsOf = () => ({ table: undefined, links: [] }) } = context;
  const contentOf = createOutputContent(artifacts);
  fulfil(app, routes.taskRunResult, {
    handle: async ({ params: { id, goal } }) => {
      const { version, runParams } = await resultOf({ id, goal }, context);
      if (version === undefined)
        return { version: null, key: null, runId: null, committedAt: null, inputs: [], outputs: [] };
      const { key, runId, committedAt, inputs } = version;
      const outputs = await describeOutputs(version, { contentOf, duckdb, factsOf, runParams });
      return {
        ...{ version: version.version, key, runId, committedAt: committedAt.toISOString() },
        inputs: Object.entries(inputs).map(([name, input]) => ({ name, task: input.task, key: input.key })),
        outputs: outputs.map((output) => ({
          ...output,
          contentUrl: output.isStored && output.kind !== 'rows' ? contentUrl({ id, goal, output: output.name }) : null,
        })),
      };
    },
  });
  fulfil(app, routes.taskRunOutput, {
    handle: async ({ params: { id, goal, output }, request, reply }) => {
      const { version } = await resultOf({ id, goal }, context);
      const outputs = new Map(Object.entries(version?.outputs ?? {}));
      const artifact = outputs.get(output);
      if (artifact?.kind === 'value' && artifact.value !== undefined)
        return sendBytes(reply, artifact).send(JSON.stringify(artifact.value));
      const file = artifact === undefined ? undefined : await contentOf(artifact);
      if (artifact === undefined || file === undefined)
        throw new ServerError(
          'output_missing',
          `There are no stored bytes of output ${JSON.stringify(output)} of this task run: it has no such output, or they were removed or replaced since.`,
        );
      if (isKnown(request, reply, artifact.digest)) return reply.send();
      const image = await maybeImageType(file);
      if (image === undefined) return sendBytes(reply, artifact).send(createReadStream(file));
      return reply.type(image).header('content-security-policy', IMAGE_POLICY).send(createReadStream(file));
    },
  });
}

/** The address of the bytes of an output. */
function contentUrl(params: Record<'id' | 'goal' | 'output', string>): string {
  return Object.entries(params).reduce<string>(
    (url, [name, value]) => url.replace(`:${name}`, encodeURIComponent(value)),
    routes.taskRunOutput.path,
  );
}

async function resultOf({ id, goal }: { readonly id: string; readonly goal: string }, { database }: RouteContext) {
  const result = RUN_ID.test(id) ? await findTaskRunResult(database, { runId: id, goal }) : undefined;
  if (result !== undefined) return result;
  throw new ServerError('task_run_unknown', `Run ${JSON.stringify(id)} has no task run ${JSON.stringify(goal)}.`);
}

/** Bytes that a browser saves and does not open. A blob has no name; the page that links to it gives one. */
function sendBytes(reply: FastifyReply, artifact: Artifact): FastifyReply {
  return reply
    .type(artifact.kind === 'value' ? 'application/json' : 'application/octet-stream')
    .header('content-disposition', artifact.kind === 'file' ? attachment(artifact.path) : 'attachment');
}
