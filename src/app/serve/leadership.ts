import { type Election, openElection } from '#store';

/** Which of the servers on a database does by itself what only one of them should: schedules, rules, alerts. */
export interface Leadership {
  /** Whether this process leads now. */
  isLeading(): boolean;
  /** Starts work whenever this process leads, and ends it when it does not; the returned function ends it for good. */
  whileLeading(work: LeadersWork): () => Promise<void>;
}

export interface LeadersWork {
  start(): void;
  stop(): Promise<void>;
}

export interface ElectedLeadership extends Leadership {
  close(): Promise<void>;
}

/** Over a database that no other server can have. */
export const soleLeadership: Leadership = {
  isLeading: () => true,
  whileLeading: (work) => {
    work.start();
    return () => work.stop();
  },
};

const NAME = 'weir:leader';

/** Stands for election among the servers on a database; resolves when it is known whether this one leads. */
export async function electedLeadership(
  url: string,
  log: { warn(fields: object, message: string): void; info(message: string): void },
): Promise<ElectedLeadership> {
  const works = new Set<LeadersWork>();
  let isLeading = false;
  const election: Election = openElection({
    ...{ url, name: NAME },
    lead: () => {
      isLeading = true;
      log.info('this server leads');
      for (const work of works) work.start();
    },
    yieldLead: async () => {
      isLeading = false;
      log.info('this server leads no more');
      await Promise.all([...works].map((work) => work.stop()));
    },
    warn: (message, error) => log.warn({ err: error }, message),
  });
  await election.first;
  return {
    isLeading: () => isLeading,
    whileLeading: (work) => {
      works.add(work);
      if (isLeading) work.start();
      return async () => {
        works.delete(work);
        if (isLeading) await work.stop();
      };
    },
    close: () => election.close(),
  };
}
