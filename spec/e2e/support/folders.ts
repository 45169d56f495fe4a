import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

/** Where things are. */
export const folders = {
  root: ROOT,
  examples: join(ROOT, 'docs/examples'),
  /** The pictures stay there. */
  pictures: join(ROOT, '.cache/e2e'),
  /** Copies of the examples, with the package installed. */
  get installed(): string {
    const { E2E_FOLDER } = process.env;
    if (!E2E_FOLDER) throw new Error('Nothing is installed: run `npm run e2e`');
    return E2E_FOLDER;
  },
};
