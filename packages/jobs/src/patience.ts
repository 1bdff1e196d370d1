/** How soon a supervision takes its next turn. Pure. */

/** What is put off: this long first, then doubling. */
const FIRST_MS = 100;
const LONGEST_MS = 5_000;
/** So many turns in a row may decide nothing final before they are taken for a failure. */
const QUICK_TURNS = 5;

/** After so many failed turns in a row. A launcher that died is looked after at once, anything else with growing patience. */
export const pauseAfterFailureMs = (failures: number, isLauncherGone: boolean): number =>
  isLauncherGone && failures === 1 ? 0 : pauseMs(failures);

/** After so many turns in a row that came to nothing final; 0: at once. */
export const pauseAfterTurnMs = (inARow: number): number => (inARow > QUICK_TURNS ? pauseMs(inARow - QUICK_TURNS) : 0);

const pauseMs = (times: number): number => Math.min(FIRST_MS * 2 ** (times - 1), LONGEST_MS);
