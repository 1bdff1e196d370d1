/**
 * The command line of a program of the tests. A wrong one is said in one line, and ends the program with 2; `--help`
 * prints its usage, and ends it with 0.
 */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

const HELP = { help: { type: 'boolean', short: 'h', default: false } } as const satisfies ParseArgsOptionsConfig;

/** `action` is what the program does, as an error says it: "run chaos". */
export function readOptions<const Options extends ParseArgsOptionsConfig>(
  action: string,
  usage: string,
  options: Options,
) {
  const { values } = parse(action, options);
  if ((values as { readonly help?: boolean }).help) {
    console.log(usage);
    process.exit(0);
  }
  return values;
}

function parse<const Options extends ParseArgsOptionsConfig>(action: string, options: Options) {
  try {
    return parseArgs({ options: { ...options, ...HELP } });
  } catch (error) {
    const [fact] = (error as Error).message.split(/[.\n]/, 1);
    return refuse(`Cannot ${action}: ${fact}; see --help`);
  }
}

/** A whole number of `least` or more. */
export function readCount(action: string, name: string, text: string, least = 0): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= least) return count;
  return refuse(`Cannot ${action} with --${name} ${JSON.stringify(text)}: expected a whole number of ${least} or more`);
}

/** Says why, in one line. */
export function refuse(reason: string): never {
  console.error(reason);
  process.exit(2);
}
