/** For piscina and tinypool: the default export is what they call. */
export { take as default } from './count.ts';
