import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['{shared,widget,console}/**/*.test.ts'],
    environment: 'node',
    restoreMocks: true,
  },
});
