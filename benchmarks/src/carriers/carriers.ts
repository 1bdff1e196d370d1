import type { OpenCarrier } from './carrier.ts';

/** Carriers by name, each loaded only in its own process. */
export const CARRIERS: Readonly<Record<string, () => Promise<{ readonly open: OpenCarrier }>>> = {
  heddle: () => import('./heddle.ts'),
  'post-message': () => import('./post-message.ts'),
  piscina: () => import('./piscina.ts'),
  'piscina-1000': () => import('./piscina-1000.ts'),
  comlink: () => import('./comlink.ts'),
  tinypool: () => import('./tinypool.ts'),
  workerpool: () => import('./workerpool.ts'),
  poolifier: () => import('./poolifier.ts'),
  threads: () => import('./threads.ts'),
  comedy: () => import('./comedy.ts'),
  nact: () => import('./nact.ts'),
};
