import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from './support/folders';

describe.each(['angular-chat', 'browser'])('the build of %s', (name) => {
  const folder = () => join(folders.installed, name);

  it('gives no warning', () => {
    expect(readFileSync(join(folder(), 'build.log'), 'utf8').replace(/^npm warn .*$/gm, '')).not.toMatch(
      /warning|error/i,
    );
  });

  it('holds no undici', () => {
    const scripts = readdirSync(join(folder(), 'dist')).filter((file) => file.endsWith('.js'));
    expect(scripts).not.toEqual([]);
    for (const script of scripts) expect(readFileSync(join(folder(), 'dist', script), 'utf8')).not.toMatch(/undici/i);
  });
});
