/**
 * Uploaded packages, as Ray's clients ask for them and send them: `ray job submit --working-dir DIRECTORY` asks
 * whether its zip archive is there, sends it if not, and names it in the job's `runtime_env`.
 */
import { badRequest, isPackageName, PACKAGE_PROTOCOL, ROUTES, WireError } from '@heddle/api';
import { quote } from '@heddle/base';
import type { Context, Hono } from 'hono';
import type { ServerContext } from './context.ts';
import { SERVER_LIMITS } from './options.ts';

export function addPackageRoutes(app: Hono, { readiness }: ServerContext): void {
  app.get(ROUTES.getPackage.path, async (c) => {
    const { protocol, name } = partsOf(c);
    const isHere = protocol === PACKAGE_PROTOCOL && isPackageName(name) && (await readiness.jobs().hasPackage(name));
    if (!isHere) throw new WireError(404, 'PACKAGE_NOT_FOUND', `Package ${protocol}://${name} does not exist`);
    return c.body(null, 200);
  });

  app.put(ROUTES.putPackage.path, async (c) => {
    const { protocol, name } = partsOf(c);
    if (protocol !== PACKAGE_PROTOCOL)
      throw badRequest(`Cannot take a package over ${quote(protocol)}: expected ${quote(PACKAGE_PROTOCOL)}`);
    if (!isPackageName(name))
      throw badRequest(
        `Cannot take package ${quote(name)}: expected a name of letters, digits, "_", "." or "-" that ends in .zip`,
      );
    if (Number(c.req.header('content-length') ?? 0) > SERVER_LIMITS.packageBytesMax) throw tooLarge();
    await readiness.jobsForSubmission().putPackage(name, c.req.raw.body ?? nothing());
    return c.body(null, 200);
  });
}

const partsOf = (c: Context): { protocol: string; name: string } => ({
  protocol: c.req.param('protocol') ?? '',
  name: c.req.param('name') ?? '',
});

const tooLarge = (): WireError =>
  new WireError(413, 'PACKAGE_TOO_LARGE', `A package may have ${SERVER_LIMITS.packageBytesMax} bytes at most`);

async function* nothing(): AsyncGenerator<Uint8Array> {}
