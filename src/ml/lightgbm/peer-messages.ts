import type { MessagePort } from 'node:worker_threads';
import type { Meeting } from '../estimators/estimator.ts';

/** What the thread of the connections is started with. */
export interface PeerData {
  readonly port: MessagePort;
  /** Counts its answers. */
  readonly signal: SharedArrayBuffer;
  /** The address of this machine, on which alone it listens. */
  readonly address: string;
}

export type PeerRequest =
  | ({ readonly kind: 'meet' } & Meeting)
  | { readonly kind: 'exchange'; readonly outgoing: readonly Uint8Array[] };

export type PeerAnswer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'met' }
  | { readonly kind: 'exchanged'; readonly incoming: readonly Uint8Array[] }
  | { readonly kind: 'failed'; readonly message: string };
