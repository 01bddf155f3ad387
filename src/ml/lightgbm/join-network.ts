import type koffiModule from 'koffi';
import type { Peers } from './peers.ts';

type Koffi = typeof koffiModule;

const INT_BYTES = 4;

/** Where each part's block lies in a buffer. */
interface Blocks {
  readonly starts: unknown;
  readonly lengths: unknown;
  readonly count: number;
}

/**
 * What LightGBM asks of a network, as functions that it calls: to gather a block of each part, and to reduce all blocks
 * so that each part has its own. Blocks are reduced in the order of the parts, so the sums are the same everywhere.
 * `fail` ends the process: nothing may be thrown through frames of the library.
 */
export function networkFunctions(koffi: Koffi, { peers, fail }: { peers: Peers; fail: (error: unknown) => never }) {
  const ints = ({ starts, lengths, count }: Blocks): readonly [Int32Array, Int32Array] => [
    new Int32Array(koffi.view(starts, count * INT_BYTES)),
    new Int32Array(koffi.view(lengths, count * INT_BYTES)),
  ];
  const bytesAt = (pointer: unknown, length: number): Uint8Array =>
    length === 0 ? new Uint8Array(0) : new Uint8Array(koffi.view(pointer, length));
  const guarded =
    <T extends unknown[]>(work: (...given: T) => void) =>
    (...given: T): void => {
      try {
        work(...given);
      } catch (error) {
        fail(error);
      }
    };
  const gather = guarded(
    (
      input: unknown,
      size: number,
      starts: unknown,
      lengths: unknown,
      count: number,
      output: unknown,
      outSize: number,
    ) => {
      const own = bytesAt(input, size).slice();
      const incoming = peers.exchange(Array.from({ length: count }, () => own));
      const [begins] = ints({ starts, lengths, count });
      const into = bytesAt(output, outSize);
      incoming.forEach((bytes, part) => {
        into.set(bytes, begins[part]);
      });
    },
  );
  const reducer = koffi.proto('void WeirReduce(const void *input, void *output, int typeSize, int32_t length)');
  const reduceScatter = guarded(
    (
      input: unknown,
      size: number,
      typeSize: number,
      ...[starts, lengths, count, output, , reduce]: [unknown, unknown, number, unknown, number, unknown]
    ) => {
      const [begins, sizes] = ints({ starts, lengths, count });
      const all = bytesAt(input, size);
      const outgoing = Array.from({ length: count }, (_, part) =>
        all.slice(begins[part]!, begins[part]! + sizes[part]!),
      );
      const incoming = peers.exchange(outgoing);
      const length = sizes[peers.rank]!;
      if (length === 0) return;
      const call = koffi.decode(reduce, 'void *');
      incoming.forEach((bytes, part) => {
        if (part === 0) bytesAt(output, length).set(bytes);
        else koffi.call(call, reducer, bytes, output, typeSize, length);
      });
    },
  );
  const gatherType = koffi.proto(
    'void WeirGather(void *input, int32_t size, void *starts, void *lengths, int count, void *output, int32_t outputSize)',
  );
  const scatterType = koffi.proto(
    'void WeirReduceScatter(void *input, int32_t size, int typeSize, void *starts, void *lengths, int count, void *output, int32_t outputSize, void *reduce)',
  );
  return {
    reduceScatter: koffi.register(reduceScatter, koffi.pointer(scatterType)),
    gather: koffi.register(gather, koffi.pointer(gatherType)),
  };
}
