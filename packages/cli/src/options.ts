/** Options that more than one command has, and how their values are read. */
import { DEFAULT_ADDRESS, type StateFilter } from '@heddle/api';
import { JobSubmissionClient } from '@heddle/client';
import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from './failure.ts';
import type { Shell } from './shell.ts';

export interface ConnectionFlags {
  readonly address?: string;
}

export interface OutputFlags {
  readonly json?: true;
}

export const addressOption = (): Option =>
  new Option('--address <url>', `the daemon to ask (default: $HEDDLE_ADDRESS or ${DEFAULT_ADDRESS})`);

export const jsonOption = (): Option => new Option('--json', 'print JSON instead of text');

/** The client for a command: flag before environment before default. */
export function connect(flags: ConnectionFlags, shell: Shell): JobSubmissionClient {
  const { HEDDLE_ADDRESS, HEDDLE_TOKEN } = shell.environment;
  const address = flags.address ?? (HEDDLE_ADDRESS || DEFAULT_ADDRESS);
  try {
    return new JobSubmissionClient(address, { token: HEDDLE_TOKEN || undefined, clock: shell.clock });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected 0 to 65535.');
  return port;
}

export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected an integer of 0 or more.');
  return Number(text);
}

/** A place in a file, or a number of bytes of it. */
export function parseOffset(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected an integer of 0 or more.');
  return Number(text);
}

/** Collects NAME=VALUE from an option that may be repeated. */
export function parseAssignment(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('Expected NAME=VALUE.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Collects names from an option that may be repeated, and that takes several at once between commas. */
export function parseNames(text: string, before: readonly string[] = []): string[] {
  const names = text.split(',');
  if (names.some((name) => !/^[^=\s]+$/.test(name))) throw new InvalidArgumentError('Expected NAME or NAME,NAME.');
  return [...before, ...names];
}

/** Collects filters: `state=ALIVE`, `name!=x`. */
export function parseFilter(text: string, before: readonly StateFilter[] = []): StateFilter[] {
  const [, key, predicate, value] = /^([a-z_]+)(=|!=)(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new InvalidArgumentError('Expected column=VALUE or column!=VALUE.');
  return [...before, { key, predicate: predicate as '=' | '!=', value }];
}
