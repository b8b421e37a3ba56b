import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,road}/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 2,
    coverage: { provider: 'v8', include: ['src/**/*.ts'], exclude: ['src/extension/**'] },
  },
});
