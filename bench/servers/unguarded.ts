import { runApplication } from './application.js';

// The ceiling: Nest on Fastify with nothing before the route.
await runApplication();
