import { deliverAlerts, teamsChannel } from '#monitor';
import { connect } from '#store';

/** Delivers what is due, as a process that a test can kill: database and webhook are its arguments. */
const [databaseUrl = '', webhookUrl = ''] = process.argv.slice(2);
const database = connect({ url: databaseUrl });
await deliverAlerts(database, [teamsChannel({ url: webhookUrl })]);
await database.close();
