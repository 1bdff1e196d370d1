/**
 * What the actors have in common that are made alike in this thread: found once for all that a program makes in a row
 * of one class with the same options.
 */
import { quote } from '@heddle/base';
import type { ActorTerms } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { Definitions } from './definitions.ts';
import type { ResolvedActorOptions } from './options.ts';

export interface ActorMaking {
  /** As the remote class has it. */
  readonly given: ClassDeclaration;
  readonly options: ResolvedActorOptions;
  /** The one of this thread. */
  readonly declaration: ClassDeclaration;
  readonly terms: ActorTerms;
}

export class ActorMakings {
  readonly #definitions: Definitions;
  /** Of the latest actor: mostly the next one is made alike. */
  #latest: ActorMaking | undefined;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** @throws RangeError for a class whose methods are in groups that the options do not declare. */
  of(given: ClassDeclaration, options: ResolvedActorOptions): ActorMaking {
    if (this.#latest?.given === given && this.#latest.options === options) return this.#latest;
    const declaration = this.#definitions.intern(given);
    checkGroups(declaration, options);
    this.#latest = { given, options, declaration, terms: termsOf(declaration, options) };
    return this.#latest;
  }
}

function termsOf(declaration: ClassDeclaration, options: ResolvedActorOptions): ActorTerms {
  const groups = Object.keys(options.concurrencyGroups);
  return {
    maxPendingCalls: options.maxPendingCalls,
    maxTaskRetries: options.maxTaskRetries,
    failFast: options.failFast,
    isDetached: options.lifetime === 'detached',
    neverRestarts: options.maxRestarts === 0,
    groups,
    isConcurrent:
      options.maxConcurrency > 1 || groups.length > 0 || (options.maxConcurrency === 0 && declaration.isAsync),
  };
}

/** @throws RangeError for a method whose class puts it into a group that the options do not declare. */
function checkGroups(declaration: ClassDeclaration, options: ResolvedActorOptions): void {
  for (const [name, { concurrencyGroup }] of Object.entries(declaration.methodOptions)) {
    if (concurrencyGroup === undefined || concurrencyGroup in options.concurrencyGroups) continue;
    throw new RangeError(
      `Cannot create an actor of class "${declaration.name}": its method "${name}" is in concurrency group ${quote(concurrencyGroup)}, which the option concurrencyGroups does not declare`,
    );
  }
}
