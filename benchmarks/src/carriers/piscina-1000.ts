/** Piscina with a thousand tasks per worker: its best where much is in flight. */
import type { OpenCarrier } from './carrier.ts';
import { openPiscina } from './piscina.ts';

export const open: OpenCarrier = async () => openPiscina(1000);
