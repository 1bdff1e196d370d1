/** The options of the server: their defaults, and the one place where they are checked. */
import { DEFAULT_PORT, isLoopback, type ShutdownRequest } from '@heddle/api';
import {
  type Clock,
  checkInteger,
  checkKnown,
  checkString,
  HeddleError,
  type IdSource,
  type Logger,
  randomIds,
  realClock,
  registerErrorClass,
  silentLogger,
} from '@heddle/base';
import type { GuardPolicy } from './guard.ts';
import type { JobService, RuntimeView } from './job-service.ts';

export interface ServerOptions {
  /** Where to listen. Default 127.0.0.1; anything that other machines can reach needs a token. */
  readonly host?: string | undefined;
  /** 0: any free one. Default 8265. */
  readonly port?: number | undefined;
  /** The jobs, or the promise of them: until it resolves, routes about jobs answer 503. They stay the caller's. */
  readonly jobs: JobService | PromiseLike<JobService>;
  readonly runtime: RuntimeView;
  /** The state directory, as the status shows it. */
  readonly directory: string;
  /** Asked for over HTTP: the daemon is to end. Called at most once, after the answer is on its way. */
  readonly onShutdown: (request: ShutdownRequest) => void;
  /** What callers must send as `Authorization: Bearer`. Default: nothing. */
  readonly token?: string | undefined;
  /** Names under which callers may know this server, beside its address and localhost. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly ids?: IdSource | undefined;
}

export type ResolvedServerOptions = {
  readonly [Name in Exclude<keyof ServerOptions, 'token'>]-?: Exclude<ServerOptions[Name], undefined>;
} & { readonly token: string | undefined };

/** The limits of the server; what goes beyond is refused. */
export const SERVER_LIMITS = {
  bodyBytesMax: 1024 * 1024,
  /** Of a package; a declared length beyond it is refused unread. */
  packageBytesMax: 100 * 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  connectionsMax: 512,
  /** A WebSocket that answers no ping for so long is gone. */
  pingPeriodMs: 30_000,
  /** How long requests may take to end when the server does. */
  closeGraceMs: 1_000,
} as const;

const TOKEN_LENGTH_MIN = 16;

/** Listening there would let other machines run programs here. Nothing was opened. */
export class InsecureBindError extends HeddleError {
  override readonly name = 'InsecureBindError';
  override readonly code = 'INSECURE_BIND';
  override readonly details: { readonly host: string };

  constructor(host: string) {
    super(
      `Cannot listen on "${host}": other machines can reach it and no token is set; set HEDDLE_TOKEN or listen on 127.0.0.1`,
    );
    this.details = { host };
  }
}
registerErrorClass(InsecureBindError);

/** @throws TypeError, RangeError for a wrong option, InsecureBindError */
export function resolveServerOptions(given: ServerOptions): ResolvedServerOptions {
  const action = 'start a server';
  checkKnown(action, given, OPTIONS);
  const options = {
    host: '127.0.0.1',
    port: DEFAULT_PORT,
    token: undefined,
    allowedHosts: [],
    logger: silentLogger,
    clock: realClock,
    ids: randomIds,
    ...withoutUndefined(given),
  };
  checkString(action, 'host', options.host);
  if (options.host === '') throw new RangeError(`Cannot ${action} with host "": expected a name or an address`);
  checkInteger(action, 'port', options.port, { min: 0, max: 65_535 });
  if (options.token !== undefined) checkToken(action, options.token);
  else if (!isLoopback(options.host)) throw new InsecureBindError(options.host);
  return options;
}

export function toGuardPolicy(options: ResolvedServerOptions): GuardPolicy {
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const names = ['localhost', '127.0.0.1', '[::1]', host, ...options.allowedHosts];
  return {
    hosts: new Set(names.map((name) => name.toLowerCase())),
    allowsAddresses: !isLoopback(options.host),
    token: options.token,
  };
}

const OPTIONS: readonly (keyof ServerOptions)[] = [
  'host',
  'port',
  'jobs',
  'runtime',
  'directory',
  'onShutdown',
  'token',
  'allowedHosts',
  'logger',
  'clock',
  'ids',
];

/** The token itself is in no error. */
function checkToken(action: string, token: unknown): void {
  if (typeof token !== 'string') throw new TypeError(`Cannot ${action} with a token that is not a string`);
  if (token.length < TOKEN_LENGTH_MIN || !/^[!-~]+$/.test(token))
    throw new RangeError(
      `Cannot ${action} with this token: expected ${TOKEN_LENGTH_MIN} or more characters of ASCII, without spaces`,
    );
}

function withoutUndefined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
