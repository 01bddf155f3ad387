import { type ChannelState, listChannels, sendTest } from '#monitor';
import { alertChannels, type ConfiguredChannel } from '../../../serve/alert-channels.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { thenOnRecord } from '../../on-record.ts';

/** Lists the alert channels of the settings, with whether each works. */
export async function showChannels(options: InProject<ProjectFlags>): Promise<number> {
  const { json, print } = options;
  const listed = await withProject('records', options, async ({ config, database }) => {
    const channels = alertChannels(config);
    const states = await listChannels(database, channels);
    return states.flatMap((state) => {
      const channel = channels.find(({ name }) => name === state.name);
      return channel === undefined ? [] : [{ ...shownOf(channel), ...state }];
    });
  });
  const none = 'There is no alert channel; docs/channels.md says how to add one\n';
  print(json ? `${JSON.stringify({ items: listed })}\n` : printable(listed.map(lineOf).join('') || none));
  return EXIT_CODES.done;
}

/** Sends a test message. Exit code 1 when it was not accepted. */
export async function testChannel(channel: string, options: InProject<ProjectFlags>): Promise<number> {
  const { json, print, signal } = options;
  const result = await withProject('records', options, ({ config, database }) =>
    thenOnRecord(database, { action: 'testAlertChannel', target: `channel=${channel}`, toAfter: (sent) => sent }, () =>
      sendTest(database, { channel, channels: alertChannels(config) }, { signal }),
    ),
  );
  const { outcome, reason } = result;
  const said = outcome === 'accepted' ? 'accepted the test message' : `did not accept the test message: ${reason}`;
  print(json ? `${JSON.stringify(result)}\n` : printable(`${channel} ${said}\n`));
  return outcome === 'accepted' ? EXIT_CODES.done : EXIT_CODES.failed;
}

/** What may be shown of a channel: no address, no secret. */
const shownOf = ({ kind, criticality = 'low', kinds = [] }: ConfiguredChannel) => ({ kind, criticality, kinds });

function lineOf(channel: ChannelState & ReturnType<typeof shownOf>): string {
  const { name, kind, criticality, kinds, state, openedAt, lastError, waiting } = channel;
  const gets = `${criticality} and above${kinds.length === 0 ? '' : `, ${kinds.join(', ')}`}`;
  const works = state === 'closed' ? 'works' : `fails since ${openedAt?.toISOString()}: ${lastError}`;
  return `  ${name}  ${kind}  ${gets}  ${works}${waiting === 0 ? '' : `  ${waiting} waiting`}\n`;
}
