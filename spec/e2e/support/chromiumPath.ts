import { existsSync } from 'node:fs';

/**
 * The browser: what CHROMIUM names, else that of Debian.
 *
 * @throws Error when there is none, with how to get one
 */
export function chromiumPath(): string {
  const path = process.env.CHROMIUM || '/usr/bin/chromium';
  if (existsSync(path)) return path;
  throw new Error(
    `There is no Chromium at ${path}. On Debian: apt-get install --no-install-recommends chromium. Elsewhere: set CHROMIUM to the path of Chromium or Chrome.`,
  );
}
