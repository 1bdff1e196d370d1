/**
 * Lines up processes, as `gate.ts` lines up threads: an actor arrives at a gate and blocks before it, the test learns
 * of the arrival and opens it. Named pipes only: both sides wait in the system, and no time passes.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class FileGate implements Disposable {
  /** Crosses to the actor as an argument. */
  readonly folder = mkdtempSync(join(tmpdir(), 'gate-'));

  constructor() {
    execFileSync('mkfifo', ['arrivals', 'opening'], { cwd: this.folder });
  }

  /** Resolves when one has arrived; it blocks until `open`, or until it is killed. Of one that holds the gate open: when it has ended. */
  async arrived(): Promise<void> {
    await readFile(join(this.folder, 'arrivals'));
  }

  async open(): Promise<void> {
    await writeFile(join(this.folder, 'opening'), '');
  }

  /** The numbers noted at this gate, in order, by whatever process, whatever became of it. */
  get notes(): number[] {
    return readFileSync(join(this.folder, 'notes'), 'utf8').split('\n').filter(Boolean).map(Number);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** In an actor: arrives, and blocks its process until the gate is open. */
export function blockAtFileGate(folder: string): void {
  writeFileSync(join(folder, 'arrivals'), '');
  readFileSync(join(folder, 'opening'));
}

/** In an actor: arrives, and is there until its process ends. */
export function holdOpen(folder: string): void {
  openSync(join(folder, 'arrivals'), 'w');
}

/** In an actor: leaves a note that outlives it. */
export function noteAtGate(folder: string, note: number): void {
  appendFileSync(join(folder, 'notes'), `${note}\n`);
}
