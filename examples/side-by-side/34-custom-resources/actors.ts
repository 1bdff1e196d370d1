import { remote } from 'heddle';

export const Holder = remote(
  import.meta,
  class Holder {
    here(): string {
      return 'holds the slot';
    }
  },
);

export const need = remote(import.meta, function need(): string {
  return 'got the slot';
});

export const passBy = remote(import.meta, function passBy(): string {
  return 'passed by';
});
