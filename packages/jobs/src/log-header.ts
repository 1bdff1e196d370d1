/** The line that stands in a job's log before what an attempt wrote. */
import { toCommandText } from './entrypoint.ts';
import type { JobRecord } from './job-record.ts';
import { openLog } from './log-reader.ts';

/** `isInLine`: what stands before it has not ended its line. */
export function toLogHeader(record: JobRecord, isInLine: boolean): string {
  const { submissionId, attempt, maxRetries, entrypoint } = record;
  const which = attempt === 1 ? '' : ` (attempt ${attempt} of ${maxRetries + 1})`;
  return `${isInLine ? '\n' : ''}Running entrypoint for job ${submissionId}${which}: ${toCommandText(entrypoint)}\n`;
}

/** Whether a log ends within a line. */
export async function endsInLine(file: string): Promise<boolean> {
  await using handle = await openLog(file);
  const size = (await handle?.stat())?.size ?? 0;
  if (handle === undefined || size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}
