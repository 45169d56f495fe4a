import { defineConfig } from 'vite';

export default defineConfig({
  build: { lib: { entry: 'src/chat.js', formats: ['es'], fileName: 'chat' }, target: 'es2022', minify: true },
});
