/**
 * One server, as seen by a client: its address, the headers that every request carries, and what an answer
 * means. Success is exactly 200; everything else is an error with the server's own code and text.
 */
import { ERROR_CODE_HEADER, ERROR_RETRYABLE_HEADER, pathOf, type Route } from '@heddle/api';
import { quote } from '@heddle/base';
import { RequestFailedError, ServerUnreachableError } from './errors.ts';
import { Turns } from './turns.ts';

/** A server takes 512 connections from all its clients together, and cuts off what comes beyond. */
const REQUESTS_AT_ONCE = 64;

export interface ConnectionOptions {
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** Sent with every request and with the WebSocket handshake. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface RequestParts {
  /** What the request is for, as an error says it: "submit a job". */
  readonly action: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: URLSearchParams;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of a body. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

export class Connection {
  /** Without a slash at the end. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #turns = new Turns(REQUESTS_AT_ONCE);

  /** @throws TypeError for an address that is no HTTP address. */
  constructor(address: string, options: ConnectionOptions) {
    this.address = checkAddress(address);
    this.headers = {
      ...options.headers,
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
    };
  }

  /** The parsed answer. At most 64 requests are under way at once; others wait. @throws RequestFailedError, ServerUnreachableError */
  request<Answer>(route: Route, parts: RequestParts): Promise<Answer> {
    return this.#turns.run(async () => {
      const response = await this.#ask(route, parts);
      return this.#read(parts.action, () => response.json() as Promise<Answer>);
    });
  }

  /** The same for a route whose answer says nothing. */
  send(route: Route, parts: RequestParts): Promise<void> {
    return this.#turns.run(async () => {
      const response = await this.#ask(route, parts);
      await this.#read(parts.action, () => response.arrayBuffer());
    });
  }

  async #ask(route: Route, parts: RequestParts): Promise<Response> {
    const response = await this.#fetch(route, parts);
    if (response.status !== 200) throw await toFailure(parts.action, response);
    return response;
  }

  /** The answer's bytes as they come, beside the other requests. Leaving the iteration ends it. @throws as `request` does */
  async *stream(route: Route, parts: RequestParts): AsyncGenerator<Uint8Array, void, void> {
    const response = await this.#fetch(route, parts);
    if (response.status !== 200) throw await toFailure(parts.action, response);
    const reader = response.body!.getReader();
    try {
      for (;;) {
        const { done, value } = await this.#read(parts.action, () => reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {}); // Whoever breaks off ends the request; after an error it has ended.
    }
  }

  /** The same route as an address for a WebSocket. */
  socketUrl(route: Route, parts: Omit<RequestParts, 'action' | 'body'>): string {
    return this.#url(route, parts).replace(/^http/, 'ws');
  }

  #fetch(route: Route, { action, body, bytes, ...parts }: RequestParts): Promise<Response> {
    const content = body === undefined ? bytes : JSON.stringify(body);
    const type = body === undefined ? 'application/octet-stream' : 'application/json';
    const headers = { ...this.headers, ...(content !== undefined && { 'content-type': type }) };
    const init = { method: route.method, headers, redirect: 'error' as const };
    return this.#read(action, () =>
      fetch(this.#url(route, parts), content === undefined ? init : { ...init, body: content }),
    );
  }

  async #read<T>(action: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw this.#unreachable(action, error);
    }
  }

  #url(route: Route, parts: Pick<RequestParts, 'parameters' | 'query'>): string {
    const query = parts.query?.toString() ?? '';
    return `${this.address}${pathOf(route, parts.parameters)}${query === '' ? '' : `?${query}`}`;
  }

  #unreachable(action: string, error: unknown): ServerUnreachableError {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const code = (cause as { readonly code?: unknown }).code;
    const refused = code === 'ECONNREFUSED';
    const fact = refused ? 'connection refused' : typeof code === 'string' ? code : String(cause);
    return new ServerUnreachableError(action, this.address, { refused, fact, cause: error });
  }
}

function checkAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new TypeError(`Cannot use address ${quote(address)}: expected http://HOST:PORT or https://HOST:PORT`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

async function toFailure(action: string, response: Response): Promise<RequestFailedError> {
  const text = (await response.text().catch(() => '')).trim();
  return new RequestFailedError(action, {
    status: response.status,
    code: response.headers.get(ERROR_CODE_HEADER) ?? `HTTP_${response.status}`,
    text: reasonOf(text) || `the server answered ${response.status}`,
    retryable: response.headers.get(ERROR_RETRYABLE_HEADER) === 'true',
  });
}

/** The state API puts its reason into the envelope. */
function reasonOf(text: string): string {
  try {
    const msg: unknown = (JSON.parse(text) as { readonly msg?: unknown } | null)?.msg;
    return typeof msg === 'string' ? msg : text;
  } catch {
    return text;
  }
}
