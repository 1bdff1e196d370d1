/** Starts Heddle for an arm; a build without an option that the arm asks for is a finding, not a failure. */
import { init, type Runtime, type RuntimeOptions } from 'heddle';
import { notInThisBuild } from './program.ts';

export async function startHeddle({
  latency,
  ...options
}: RuntimeOptions & { latency?: string | undefined } = {}): Promise<Runtime> {
  if (latency === undefined) return await init(options);
  try {
    return await init({ ...options, latency } as RuntimeOptions);
  } catch (error) {
    if (error instanceof TypeError && error.message.includes('latency')) throw notInThisBuild('option latency');
    throw error;
  }
}
