import { url } from './late-builtins.ts';

/** Frames of the runtime itself between the caller's code and here. */
const OWN_FRAMES = 8;
/** So many frames of the caller's are shown. */
const FRAMES_MAX = 10;
const HEADING = '\n    ── called from ──\n';

/**
 * Where a call was made: its error shows the caller's stack under the callee's. Taking the frames costs about a
 * microsecond; they are put into words only for an error.
 */
export class CallSite {
  readonly #frames: { readonly stack?: string } = {};

  constructor() {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES_MAX + OWN_FRAMES;
    Error.captureStackTrace(this.#frames, CallSite);
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** Appends the caller's frames to the error's stack, once. */
  showIn(error: unknown): void {
    if (!(error instanceof Error) || error.stack?.includes(HEADING)) return;
    const frames = (this.#frames.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
    const callers = frames.filter((line) => !isOwn(line)).slice(0, FRAMES_MAX);
    if (callers.length > 0) error.stack = `${error.stack}${HEADING}${callers.join('\n')}`;
  }
}

/** The package's folder: a frame names what was built, or with source maps the source, as a path. */
const OWN_FOLDER = new URL('../', import.meta.url);

const isOwn = (frame: string): boolean =>
  frame.includes(OWN_FOLDER.href) || frame.includes(`(${url().fileURLToPath(OWN_FOLDER)}`);
