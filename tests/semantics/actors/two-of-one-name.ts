import { remote } from '@heddle/actors';

export const First = remote(import.meta, class Twin {});
export const Second = remote(import.meta, class Twin {});
