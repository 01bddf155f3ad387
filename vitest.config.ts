import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Doors resolve to source here; without both lines a stale dist would be tested in silence.
  resolve: { conditions: ['weir-source'] },
  ssr: { resolve: { conditions: ['weir-source'] } },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx', 'examples/**/*.test.ts'],
    globalSetup: ['test/kills/global-setup.ts', 'test/postgres/global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});
