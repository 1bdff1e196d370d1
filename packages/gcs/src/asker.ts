import type { ConnectionOptions } from './options.ts';
import type { Operations, OperationType } from './protocol.ts';

/** A request on its way. `cancel` settles its promise with undefined. */
export interface Asked<Type extends OperationType> {
  readonly answer: Promise<Operations[Type]['answer'] | undefined>;
  cancel(): void;
}

/** What ends when the object it was asked of does. */
export interface Ending {
  end(): void;
}

/** What a table needs of the client that it belongs to. */
export interface Asker {
  readonly limits: Required<ConnectionOptions>;
  /** Asks the server; `action` says what for, should it fail. Rejects, never throws. */
  ask<Type extends OperationType>(
    action: string,
    type: Type,
    fields: Operations[Type]['ask'],
  ): Promise<Operations[Type]['answer']>;
  askCancellable<Type extends OperationType>(action: string, type: Type, fields: Operations[Type]['ask']): Asked<Type>;
  /** Ends `watch` with this object, unless it is let go before. */
  hold(watch: Ending): void;
  letGo(watch: Ending): void;
}
