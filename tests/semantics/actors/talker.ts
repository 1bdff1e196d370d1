import { remote } from '@heddle/actors';

/** Prints. */
export const Talker = remote(
  import.meta,
  class Talker {
    say(...lines: string[]): void {
      for (const line of lines) console.log(line);
    }

    warn(line: string): void {
      console.error(line);
    }

    sayAndExit(line: string): void {
      console.log(line);
      process.exit(0);
    }

    /** Prints while its result is read. */
    sayInGetter(): unknown {
      return {
        first: 1,
        get second() {
          console.log('in a getter');
          return 2;
        },
        third: { deep: 3 },
      };
    }
  },
);
