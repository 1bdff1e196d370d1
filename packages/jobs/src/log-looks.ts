/** What a supervision reads of its job's log. */
import { endsInLine } from './log-header.ts';
import { quoteLastLines } from './log-reader.ts';

export interface LogLooks {
  /** Whether the log ends within a line. */
  endsInLine(file: string): Promise<boolean>;
  /** The last lines as text, at most `charsMax` characters of them. */
  quoteLastLines(file: string, lines: number, charsMax: number, offset: number): Promise<string>;
}

export const fileLogs: LogLooks = { endsInLine, quoteLastLines };
