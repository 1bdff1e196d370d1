/**
 * Who may ask at all. Pure, and asked before every route and every WebSocket upgrade.
 *
 * Submitting a job is running a program, so a page in a browser must not get here. It cannot be kept out by
 * the address alone: any page may send requests to 127.0.0.1, and a name of its own may resolve to it (DNS
 * rebinding, CVE-2025-62593). So a request must name this server as its `Host`, and whatever a browser marks as
 * coming from a page is refused, whichever the method (CVE-2026-27482).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { WireError } from '@heddle/api';

/** What of a request matters here. */
export interface Caller {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly hasBody: boolean;
}

export interface GuardPolicy {
  /** Names that a `Host` may have, in lower case, without port. */
  readonly hosts: ReadonlySet<string>;
  /** Whether any address in digits may be a `Host`: it cannot be rebound, for there is no name in it. */
  readonly allowsAddresses: boolean;
  readonly token: string | undefined;
}

/** Why the request is refused; undefined: it may pass. */
export function judgeCaller(caller: Caller, policy: GuardPolicy): WireError | undefined {
  return (
    judgeHost(caller.host, policy) ?? judgePage(caller) ?? judgeToken(caller.authorization, policy) ?? judgeBody(caller)
  );
}

function judgeHost(host: string | undefined, policy: GuardPolicy): WireError | undefined {
  const name = hostName(host ?? '');
  if (name !== undefined && (policy.hosts.has(name) || (policy.allowsAddresses && isIP(unbracket(name)) !== 0)))
    return undefined;
  return new WireError(403, 'HOST_NOT_ALLOWED', 'The Host header does not name this server');
}

function judgePage(caller: Caller): WireError | undefined {
  const site = caller.secFetchSite;
  if (caller.origin === undefined && (site === undefined || site === 'none' || site === 'same-origin'))
    return undefined;
  return new WireError(403, 'ORIGIN_NOT_ALLOWED', 'Requests from web pages are not served');
}

function judgeToken(authorization: string | undefined, policy: GuardPolicy): WireError | undefined {
  if (policy.token === undefined) return undefined;
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (given === undefined)
    return new WireError(401, 'TOKEN_MISSING', 'Unauthorized: this server asks for a bearer token');
  if (!sameText(given, policy.token)) return new WireError(403, 'TOKEN_WRONG', 'Forbidden: the bearer token is wrong');
  return undefined;
}

/**
 * A form of a page can be sent without asking first, with one of three content types; none of them is served. A PUT
 * cannot be sent by a form, and Ray's client sends its packages with no content type at all.
 */
function judgeBody(caller: Caller): WireError | undefined {
  const type = caller.contentType;
  if (!caller.hasBody || /^application\/json\s*(;|$)/i.test(type ?? '')) return undefined;
  if (caller.method !== 'PUT')
    return new WireError(415, 'CONTENT_TYPE_NOT_ALLOWED', 'The body must have the content type application/json');
  if (type === undefined || /^application\/(octet-stream|zip)\s*(;|$)/i.test(type)) return undefined;
  return new WireError(415, 'CONTENT_TYPE_NOT_ALLOWED', 'The body must have the content type application/octet-stream');
}

/** In a time that says nothing about where the two differ. */
function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** The name in a `Host` header, without port, in lower case; an IPv6 address keeps its brackets. */
function hostName(host: string): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host.toLowerCase())?.[1];
}

const unbracket = (name: string): string => name.replace(/^\[|\]$/g, '');
