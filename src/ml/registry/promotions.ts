import type { Database, Queryable } from '#store';
import { MlError } from '../errors.ts';
import { type ModelReference, unknownVersion } from './load.ts';

export const ALIASES = ['champion', 'challenger'] as const;
export type Alias = (typeof ALIASES)[number];

/** One change of an alias. */
export interface Promotion {
  readonly model: string;
  readonly alias: Alias;
  readonly version: number;
  readonly previous: number | null;
  readonly actor: string;
  readonly reason: string;
  readonly at: Date;
}

/** Who changes an alias, why, and what they saw before. */
export interface AliasChange {
  readonly model: string;
  readonly alias: Alias;
  readonly actor: string;
  readonly reason: string;
  /** What the alias must point to now (null: nothing); after another promotion in between, this one is refused. */
  readonly expectedPrevious?: number | null | undefined;
}

export interface PromoteOptions extends AliasChange, ModelReference {}

/** The newest promotion of an alias after a request, and whether the request added it. */
export interface Promoted extends Promotion {
  readonly isChanged: boolean;
}

const COLUMNS = 'model, alias, version, previous, actor, reason, at';

/** Points an alias to a version. Promotions are only ever added; promoting the present version adds nothing. */
export function promote(database: Database, options: PromoteOptions): Promise<Promoted> {
  return database.transaction(async (tx) => {
    const current = await lockAlias(tx, options);
    // Before the guard, so that a promotion that is retried after a crash is found done.
    if (current?.version === options.version) return { ...current, isChanged: false };
    assertExpected(current, options);
    return { ...(await addPromotion(tx, { ...options, previous: current?.version ?? null })), isChanged: true };
  });
}

/** Points an alias back to its version before the last promotion. A second call undoes the rollback. */
export function rollBack(database: Database, options: AliasChange): Promise<Promotion> {
  return database.transaction(async (tx) => {
    const current = await lockAlias(tx, options);
    assertExpected(current, options);
    if (current === undefined || current.previous === null) {
      throw new MlError(
        'promotion_refused',
        `The ${options.alias} of "${options.model}" has nothing to roll back to: it was promoted ${current === undefined ? 'never' : 'once'}.`,
      );
    }
    return addPromotion(tx, { ...options, version: current.previous, previous: current.version });
  });
}

function assertExpected(
  current: Promotion | undefined,
  { model, alias, expectedPrevious }: Pick<AliasChange, 'model' | 'alias' | 'expectedPrevious'>,
): void {
  const version = current?.version ?? null;
  if (expectedPrevious === undefined || version === expectedPrevious) return;
  const by = current === undefined ? '' : `, since ${current.actor} promoted it: ${current.reason}`;
  throw new MlError(
    'promotion_refused',
    `Expected the ${alias} of "${model}" to be ${expectedPrevious ?? 'none'}, and it is ${version ?? 'none'}${by}. Look at the versions again, then repeat the request.`,
  );
}

/** The champion of a model; undefined when there is none. */
export async function championOf(queryable: Queryable, model: string): Promise<Promotion | undefined> {
  const [row] = await queryable.query<PromotionRow>(
    `select ${COLUMNS} from promotions
      where model = $1 and alias = 'champion' order by id desc limit 1`,
    [model],
  );
  return row;
}

/** The version that an alias points to; undefined when there is none. */
export async function versionOfAlias(
  queryable: Queryable,
  { model, alias }: Pick<Promotion, 'model' | 'alias'>,
): Promise<number | undefined> {
  const [row] = await queryable.query<{ version: number }>(
    'select version from promotions where model = $1 and alias = $2 order by id desc limit 1',
    [model, alias],
  );
  return row?.version;
}

/** The champion of a model at each of these moments; undefined where there was none. */
export async function championsAt(
  queryable: Queryable,
  model: string,
  moments: readonly Date[],
): Promise<readonly (number | undefined)[]> {
  const rows = await queryable.query<{ version: number | null }>(
    `select (select version from promotions where model = $1 and alias = 'champion' and at <= moment order by id desc limit 1) as version
       from unnest($2::timestamptz[]) with ordinality as asked (moment, place) order by place`,
    [model, moments],
  );
  return rows.map(({ version }) => version ?? undefined);
}

/** The last promotion that took the champion from a version; undefined when it was never replaced. */
export async function maybeReplacement(
  queryable: Queryable,
  { model, version }: ModelReference,
): Promise<Promotion | undefined> {
  const [row] = await queryable.query<PromotionRow>(
    `select ${COLUMNS} from promotions
      where model = $1 and alias = 'champion' and previous = $2 order by id desc limit 1`,
    [model, version],
  );
  return row;
}

/** All promotions of a model, newest first. */
export function promotionsOf(queryable: Queryable, model: string): Promise<readonly Promotion[]> {
  return queryable.query<PromotionRow>(`select ${COLUMNS} from promotions where model = $1 order by id desc`, [model]);
}

type PromotionRow = Promotion;

/** Waits for other promotions of this alias, then returns the newest: so the order of times and of numbers agree. */
async function lockAlias(
  tx: Queryable,
  { model, alias }: { model: string; alias: Alias },
): Promise<Promotion | undefined> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`weir promotion ${alias} ${model}`]);
  const [row] = await tx.query<PromotionRow>(
    `select ${COLUMNS} from promotions where model = $1 and alias = $2 order by id desc limit 1`,
    [model, alias],
  );
  return row;
}

async function addPromotion(
  tx: Queryable,
  options: Omit<PromoteOptions, 'expectedPrevious'> & { readonly previous: number | null },
): Promise<Promotion> {
  const { model, alias, version, previous, actor, reason } = options;
  const [row] = await tx.query<PromotionRow>(
    `insert into promotions (model, alias, version, previous, actor, reason)
     select model, $3, version, $4::integer, $5, $6 from model_versions where model = $1 and version = $2
     returning ${COLUMNS}`,
    [model, version, alias, previous, actor, reason],
  );
  if (row === undefined) throw unknownVersion({ model, version });
  return row;
}
