/** The lines that stand in a job's log before what its set-up and its attempts wrote. */
import { toCommandText } from './entrypoint.ts';
import type { JobRecord } from './job-record.ts';
import { openLog } from './log-reader.ts';

export function toLogHeader(record: JobRecord): string {
  const { submissionId, attempt, maxRetries, entrypoint } = record;
  const which = attempt === 1 ? '' : ` (attempt ${attempt} of ${maxRetries + 1})`;
  return `Running entrypoint for job ${submissionId}${which}: ${toCommandText(entrypoint)}\n`;
}

export const toSetUpHeader = ({ submissionId, runtimeEnv }: JobRecord): string =>
  `Setting up the runtime environment of job ${submissionId}: ${toCommandText(runtimeEnv?.setup ?? '')}\n`;

/** Whether a log ends within a line. */
export async function endsInLine(file: string): Promise<boolean> {
  await using handle = await openLog(file);
  const size = (await handle?.stat())?.size ?? 0;
  if (handle === undefined || size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}
