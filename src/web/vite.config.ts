import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { withoutDocumentation } from './without-documentation.ts';

export default defineConfig({
  root: import.meta.dirname,
  // Absolute, so that deep links such as /runs/42 find the same assets.
  base: '/',
  plugins: [react(), withoutDocumentation()],
  resolve: { conditions: ['weir-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The chart chunk is large by nature and loaded only by dashboards.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // Every page needs these. One file loads faster than many shared chunks.
      output: {
        codeSplitting: { groups: [{ name: 'base', test: /node_modules\/(?:react|react-dom|scheduler|@tanstack)\// }] },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    port: 5199,
    proxy: {
      '/api': 'http://127.0.0.1:8080',
      '/reports': 'http://127.0.0.1:8080',
      '/docs': 'http://127.0.0.1:8080',
    },
  },
});
