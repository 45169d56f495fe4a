import { defineConfig } from 'vitepress';
import { checkSite } from './build/checkSite.ts';
import { root } from './build/folders.ts';
import { linksOfNames } from './build/linksOfNames.ts';
import { linksOfRepository } from './build/linksOfRepository.ts';
import { pagesOf } from './build/pagesOf.ts';
import { referenceSidebars } from './build/referenceSidebars.ts';
import { marblesFence } from './marbles/marblesFence.ts';

/** A page or a folder that is not there yet has no entry. */
const guide = [
  { text: 'Guide', items: pagesOf('guide') },
  { text: 'Coming from', items: pagesOf('coming-from') },
  { text: 'Cookbook', items: pagesOf('cookbook') },
].filter(({ items }) => items.length > 0);

export default defineConfig({
  lang: 'en',
  title: 'rxdelta',
  description: 'RxJS for streamed model answers: every request to an OpenAI-style API is a cold Observable of chunks.',
  outDir: `${root}.cache/docs`,
  cacheDir: `${root}.cache/vitepress`,
  srcExclude: ['examples/**'],
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  cleanUrls: true,
  lastUpdated: false,
  head: [['link', { rel: 'icon', href: '/icon.svg', type: 'image/svg+xml' }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (markdown) => {
      linksOfRepository(markdown);
      linksOfNames(markdown);
      const { fence } = markdown.renderer.rules;
      markdown.renderer.rules.fence = (tokens, index, ...rest) => {
        const token = tokens[index];
        const language = token?.info.trim();
        if (token && language === 'marbles') return marblesFence(token.content, index);
        // What the specs read is plain text to the highlighter.
        if (token && /^(marble|bytes)$/.test(language ?? '')) token.info = 'txt';
        return fence?.(tokens, index, ...rest) ?? '';
      };
    },
  },
  buildEnd: ({ outDir }) => checkSite(outDir),
  vite: {
    resolve: {
      // The playground runs the sources, so that it needs no build.
      alias: [
        { find: /^rxdelta$/, replacement: `${root}lib/index.ts` },
        { find: /^rxdelta\/(.+)$/, replacement: `${root}lib/$1/index.ts` },
        { find: '#transport', replacement: `${root}lib/transport/platform.web.ts` },
      ],
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Playground', link: '/playground' },
      { text: 'Reference', link: '/api/', activeMatch: '^/api/' },
    ],
    sidebar: {
      ...referenceSidebars(),
      '/': [
        {
          text: 'Begin',
          items: [
            { text: 'Start', link: '/start' },
            { text: 'Overview', link: '/overview' },
            { text: 'Playground', link: '/playground' },
          ],
        },
        ...guide,
        {
          text: 'In depth',
          items: [
            { text: 'Angular', link: '/angular' },
            { text: 'Relay', link: '/relay' },
            { text: 'Testing', link: '/testing' },
            { text: 'What can go wrong', link: '/what-can-go-wrong' },
            { text: 'Benchmarks', link: '/benchmarks' },
            { text: 'Examples', link: '/examples' },
          ],
        },
        { text: 'Reference', items: [{ text: 'Every name', link: '/api/' }] },
        { text: 'Decisions', items: pagesOf('decisions') },
      ],
    },
  },
});
