/** Refs among the arguments of a call: they stand for their values, which the call waits for. */
import { ObjectRef } from './object-ref.ts';

/** Asked for each call: it makes nothing. */
export function hasRef(args: readonly unknown[]): boolean {
  for (let i = 0; i < args.length; i++) if (ObjectRef.isRef(args[i])) return true;
  return false;
}

/** The refs in their places, and nothing in the others. */
export const refsAmong = (args: readonly unknown[]): readonly (ObjectRef | undefined)[] =>
  args.map((arg) => (ObjectRef.isRef(arg) ? arg : undefined));

/** Whether all of their values are here. What was released fails the call like any ref that has failed, and so not before there is one. */
export const areValues = (refs: readonly (ObjectRef | undefined)[]): boolean =>
  refs.every((ref) => ref === undefined || (ref.isSettled && !ref.isReleased && ref.failure === undefined));

/** The arguments with the values in the places of the refs: all of them must be here. */
export const withValues = (args: readonly unknown[]): readonly unknown[] =>
  args.map((arg) => (ObjectRef.isRef(arg) ? ObjectRef.valueOf(arg) : arg));

/** The values of the refs, each in its place; a place without a ref stays empty. The task that made the call does not wait. */
export function settlingOf(refs: readonly (ObjectRef | undefined)[]): Promise<unknown[]> {
  return Promise.all(
    refs.map(
      (ref) =>
        ref &&
        new Promise((resolve, reject) => {
          ref.whenOutcome((value) => resolve([value]), reject); // In a list: the value may look like a promise.
        }),
    ),
  ).then((boxes) => boxes.map((box) => (box as unknown[] | undefined)?.[0]));
}
