/** Where the results go, looked at before anything runs: after ten minutes is late to learn that they cannot be written. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Gives the file. Ends the program with 2, and one line that says why, if it cannot be written. */
export function openResults(file: string): string {
  try {
    if (!existsSync(dirname(file))) mkdirSync(dirname(file));
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error('it is a directory');
    accessSync(there === undefined ? dirname(file) : file, constants.W_OK);
    return file;
  } catch (error) {
    console.error(`Cannot write results to "${file}": ${(error as Error).message}`);
    process.exit(2);
  }
}
