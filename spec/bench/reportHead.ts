import { cpus, platform } from 'node:os';
import { installedVersion } from './install.ts';

const PACKAGES = [
  'rxdelta',
  'undici',
  'eventsource-parser',
  'rxjs',
  'openai',
  'ai',
  '@ai-sdk/openai',
  '@langchain/openai',
  '@langchain/core',
  '@microsoft/fetch-event-source',
];

/** When, where, with what and how it was measured, as lines of Markdown. */
export function reportHead(node: string, args: string[]): string {
  const [cpu] = cpus();
  const versions = PACKAGES.map((name) => `${name} ${installedVersion(name) ?? 'missing'}`);
  return [
    `- ${new Date().toISOString().slice(0, 10)} (UTC), Node ${node}, ${cpus().length} × ${cpu?.model.trim()}, ${platform()}`,
    `- ${versions.join(', ')}`,
    `- \`${['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')}\``,
  ].join('\n');
}
