import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { BuiltPage } from './built-page.js';

/** Files whose names change with what is in them. */
const HASHED = /[\\/]assets[\\/][^\\/]+-[\w-]{8}\.\w+(\.br)?$/;

/** Serves what the page is made of, but for its HTML: a route for each file that is there, and none for others. */
export async function serveFiles(app: NestFastifyApplication, page: BuiltPage): Promise<void> {
  if (!page.isBuilt) return;
  await app.register(fastifyStatic, {
    root: page.folder,
    wildcard: false,
    index: false,
    globIgnore: ['**/*.html', '**/*.br'],
    // What the build has put beside a file, for browsers that can read it.
    preCompressed: true,
    cacheControl: false,
    setHeaders: (res, path) => {
      const isHashed = HASHED.test(path);
      void res.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
