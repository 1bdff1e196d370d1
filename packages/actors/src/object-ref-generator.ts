import type { ObjectRef } from './object-ref.ts';

/** Placeholder filled in with the streaming generators. */
export interface ObjectRefGenerator<T = unknown> extends AsyncIterableIterator<ObjectRef<T>> {}
