import { type Disk, realDisk } from '../../../src/store/artifacts/disk.ts';

export interface DiskCall {
  readonly name: string;
  readonly args: readonly unknown[];
  /** The disk itself, or the open file the call belongs to. */
  readonly target: object;
  /** Does what the call should do. */
  readonly proceed: () => unknown;
}

/** Stands in the way of one call to the disk: what it returns or throws is what the call does. */
export interface Fault {
  /** Counted from 1; calls of open files count too. */
  readonly at: number;
  /** Counts calls of this name only. */
  readonly of?: string;
  readonly meet: (call: DiskCall) => unknown;
}

/** The real disk, but for one call; `count` tells how many there were. */
export function diskWith(fault: Fault): { readonly disk: Disk; readonly count: () => number } {
  let count = 0;
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (name === 'createReadStream') return member.bind(target);
        return async (...args: readonly unknown[]) => {
          const counts = fault.of === undefined || fault.of === name;
          if (counts) count++;
          const proceed = (): unknown => Reflect.apply(member, target, args);
          const call: DiskCall = { name: String(name), args, target, proceed };
          const result: unknown = await (counts && count === fault.at ? fault.meet(call) : proceed());
          return name === 'open' && typeof result === 'object' && result !== null ? guard(result) : result;
        };
      },
    });
  return { disk: guard({ ...realDisk }), count: () => count };
}
