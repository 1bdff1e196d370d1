import { remote } from '@heddle/actors';

/** An actor that does nothing: it stands where no supervisor should be. */
export class IdleActor {
  ping(): void {}
}

export const RemoteIdleActor = remote(import.meta, IdleActor);
