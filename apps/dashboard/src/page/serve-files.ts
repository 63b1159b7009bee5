import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { BuiltPage } from './built-page.js';

/** Files with a hash of their content in their name. */
const HASHED = /[\\/]assets[\\/][^\\/]+-[\w-]{8}\.\w+(\.br)?$/;

/** Serves the files of the page except its HTML, with a route for each existing file. */
export async function serveFiles(app: NestFastifyApplication, page: BuiltPage): Promise<void> {
  if (!page.isBuilt) return;
  await app.register(fastifyStatic, {
    root: page.folder,
    wildcard: false,
    index: false,
    globIgnore: ['**/*.html', '**/*.br'],
    // The .br files that the build writes beside the others.
    preCompressed: true,
    cacheControl: false,
    setHeaders: (res, path) => {
      const isHashed = HASHED.test(path);
      void res.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
