import type { ModelVersion, Promotion } from '#api';

export type ChangeKind = 'promote' | 'challenge' | 'roll-back';

/** A change of the champion or challenger, as a person sees it before they confirm it. */
export interface AliasChange {
  readonly kind: ChangeKind;
  readonly alias: Promotion['alias'];
  /** The version that has the alias at present; undefined when none has. */
  readonly from: ModelVersion | undefined;
  readonly to: ModelVersion;
}

export const holderOf = (versions: readonly ModelVersion[], alias: Promotion['alias']): ModelVersion | undefined =>
  versions.find(({ aliases }) => aliases.includes(alias));

/** Makes a version champion or challenger. */
export function toChange(
  kind: 'promote' | 'challenge',
  { to, versions }: { readonly to: ModelVersion; readonly versions: readonly ModelVersion[] },
): AliasChange {
  const alias = kind === 'promote' ? 'champion' : 'challenger';
  return { kind, alias, from: holderOf(versions, alias), to };
}

interface Listed {
  readonly versions: readonly ModelVersion[];
  /** Newest first. */
  readonly promotions: readonly Promotion[];
}

/** Goes back to the champion before the last promotion; undefined when there was none. */
export function maybeRollBack({ versions, promotions }: Listed): AliasChange | undefined {
  const from = holderOf(versions, 'champion');
  const previous = promotions.find(({ alias }) => alias === 'champion')?.previous;
  const to = versions.find(({ version }) => version === previous);
  return from === undefined || to === undefined ? undefined : { kind: 'roll-back', alias: 'champion', from, to };
}

/** The texts of a change. */
export function textsOf({ kind, alias, from, to }: AliasChange): {
  readonly title: string;
  readonly effect: string;
  readonly action: string;
} {
  const next = `${to.model}@${to.version}`;
  const present = from === undefined ? `there is no ${alias}` : `${from.model}@${from.version} is ${alias}`;
  switch (kind) {
    case 'promote':
      return {
        title: `Promote ${next}`,
        effect: `At present ${present}. From the next prediction on, ${next} answers.`,
        action: `Promote ${next}`,
      };
    case 'challenge':
      return {
        title: `Make ${next} challenger`,
        effect: `At present ${present}. The pipeline monitor will compare what ${next} predicts with what was served. Answers do not change, but for requests that name the challenger.`,
        action: `Make ${next} challenger`,
      };
    case 'roll-back':
      return {
        title: `Roll back to ${next}`,
        effect: `At present ${present}. From the next prediction on, ${next} answers again, and training does not promote ${from?.model}@${from?.version} by itself any more.`,
        action: `Roll back to ${next}`,
      };
    default:
      return kind satisfies never;
  }
}
