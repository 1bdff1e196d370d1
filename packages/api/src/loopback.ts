/** Whether only this machine can be meant by a host: `localhost`, 127.0.0.0/8 or ::1, in brackets or not. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || LOOPBACK_V4.test(name);
}

const LOOPBACK_V4 = /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
