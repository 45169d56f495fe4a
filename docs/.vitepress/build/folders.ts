import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The folder of the pages. */
export const docs = fileURLToPath(new URL('../..', import.meta.url));
