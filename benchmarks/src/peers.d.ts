/** Types of peers that ship none that Node's resolution finds. */
declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { Endpoint } from 'comlink';
  export default function nodeEndpoint(port: object): Endpoint;
}

declare module 'threads' {
  export class Worker {
    constructor(script: string);
  }
  type Exposed<T> = {
    [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => PromiseLike<R> : never;
  };
  export function spawn<T>(worker: Worker): Promise<Exposed<T>>;
}

declare module 'threads/worker' {
  export function expose(methods: object): void;
}
