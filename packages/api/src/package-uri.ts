/**
 * The name of an uploaded package, and how a runtime environment refers to it: `gcs://<name>`, as Ray's clients
 * write it. The name becomes a file name and part of a URL, so every door checks it.
 */

/** Ray's clients name them `_ray_pkg_<hash>.zip`. */
export const PACKAGE_NAME_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,122}\.zip$/;

/** The one place that packages are uploaded to; Ray's word for it. */
export const PACKAGE_PROTOCOL = 'gcs';

const PREFIX = `${PACKAGE_PROTOCOL}://`;

export const isPackageName = (value: string): boolean => PACKAGE_NAME_PATTERN.test(value);

export const toPackageUri = (name: string): string => PREFIX + name;

/** The package that a working directory means; undefined for a path. */
export const fromPackageUri = (workingDir: string): string | undefined =>
  workingDir.startsWith(PREFIX) ? workingDir.slice(PREFIX.length) : undefined;
