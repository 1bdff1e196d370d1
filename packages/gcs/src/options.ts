import { checkInteger, checkKnown, checkOneOf, checkString } from '@heddle/base';

/** Limits of one connection to the tables. */
export interface ConnectionOptions {
  /** Calls that may wait for an answer; more fail with `GcsOverloadedError`. Default 65,536. */
  readonly pendingMax?: number;
  /** Characters of a value's JSON text. Default 4 Mi. */
  readonly valueLengthMax?: number;
}

/** Limits of a storage. */
export interface StorageOptions {
  /** Changes kept for watchers, over all tables: at least so many, at most a quarter more. Default 10,000. */
  readonly changeLogMax?: number;
}

export interface MemoryOptions extends ConnectionOptions, StorageOptions {
  readonly storage: 'memory';
}

export interface SqliteOptions extends ConnectionOptions, StorageOptions {
  readonly storage: 'sqlite';
  /** Made if it is not there, readable by its owner only; its directory must exist. */
  readonly file: string;
  /** Size the file may reach; a change beyond it fails with `StorageError`. Default 4 GiB. */
  readonly fileBytesMax?: number;
}

export type GcsOptions = MemoryOptions | SqliteOptions;
export type ResolvedGcsOptions = Required<MemoryOptions> | Required<SqliteOptions>;

export const DEFAULT_CONNECTION_OPTIONS = { pendingMax: 65_536, valueLengthMax: 4 * 2 ** 20 } as const;
export const DEFAULT_STORAGE_OPTIONS = { changeLogMax: 10_000 } as const;
export const DEFAULT_FILE_BYTES_MAX = 4 * 2 ** 30;

const CONNECTION_KEYS = Object.keys(DEFAULT_CONNECTION_OPTIONS);
const COMMON_KEYS = ['storage', ...Object.keys(DEFAULT_STORAGE_OPTIONS), ...CONNECTION_KEYS];

export function resolveConnectionOptions(action: string, given: ConnectionOptions): Required<ConnectionOptions> {
  const { pendingMax, valueLengthMax } = { ...DEFAULT_CONNECTION_OPTIONS, ...given };
  checkInteger(action, 'pendingMax', pendingMax, { min: 1 });
  checkInteger(action, 'valueLengthMax', valueLengthMax, { min: 1, max: 2 ** 28 });
  return { pendingMax, valueLengthMax };
}

export function resolveConnectOptions(given: ConnectionOptions = {}): Required<ConnectionOptions> {
  checkKnown('connect to tables', given, CONNECTION_KEYS);
  return resolveConnectionOptions('connect to tables', given);
}

export function resolveGcsOptions(given: GcsOptions): ResolvedGcsOptions {
  const action = 'open tables';
  const known = given?.storage === 'sqlite' ? [...COMMON_KEYS, 'file', 'fileBytesMax'] : COMMON_KEYS;
  checkKnown(action, given, known);
  checkOneOf(action, 'storage', given.storage, ['memory', 'sqlite']);
  const { changeLogMax } = { ...DEFAULT_STORAGE_OPTIONS, ...given };
  checkInteger(action, 'changeLogMax', changeLogMax, { min: 1 });
  const common = { ...resolveConnectionOptions(action, given), changeLogMax };
  if (given.storage === 'memory') return { storage: 'memory', ...common };

  const { file, fileBytesMax = DEFAULT_FILE_BYTES_MAX } = given;
  checkString(action, 'file', file);
  checkInteger(action, 'fileBytesMax', fileBytesMax, { min: 65_536 });
  return { storage: 'sqlite', ...common, file, fileBytesMax };
}
