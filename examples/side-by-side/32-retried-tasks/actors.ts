import { type ActorHandle, registerErrorClass, remote } from 'heddle';

export class Timeout extends Error {
  override readonly name: string = 'Timeout';
}
export class SlowNetwork extends Timeout {
  override readonly name = 'SlowNetwork';
}
export class NotFound extends Error {
  override readonly name = 'NotFound';
}
for (const errorClass of [Timeout, SlowNetwork, NotFound]) registerErrorClass(errorClass);

const ERRORS = new Map([
  ['timeout', Timeout],
  ['slow network', SlowNetwork],
  ['not found', NotFound],
]);

export const Server = remote(
  import.meta,
  class Server {
    readonly #answers: string[];
    #requests = 0;

    constructor(...answers: string[]) {
      this.#answers = answers;
    }

    respond(): string {
      this.#requests++;
      return this.#answers.shift()!;
    }

    count(): number {
      return this.#requests;
    }
  },
);

export const fetchPage = remote(
  import.meta,
  async function fetchPage(server: ActorHandle<typeof Server>): Promise<string> {
    const answer = await server.respond.remote();
    const Thrown = ERRORS.get(answer);
    if (Thrown !== undefined) throw new Thrown(answer);
    return answer;
  },
);
