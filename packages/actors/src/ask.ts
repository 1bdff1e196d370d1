/**
 * Questions that a worker asks the driver, and their answers: plain data. A new question also needs a case in
 * `Driver.#answer`.
 */
import type { EncodedThrown } from '@heddle/base';
import type { ActorIdentity } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { ActorKey } from './protocol.ts';

export type Question =
  | { readonly ask: 'get actor'; readonly name: string; readonly namespace: string | undefined }
  | { readonly ask: 'list named actors'; readonly allNamespaces: boolean; readonly namespace: string | undefined }
  | { readonly ask: 'kill'; readonly actor: ActorKey; readonly noRestart: boolean };

export type Answer = { readonly value: unknown } | { readonly thrown: EncodedThrown };

/** The value of an answer to `get actor`. */
export interface FoundActor {
  readonly identity: ActorIdentity;
  readonly declaration: ClassDeclaration;
}
