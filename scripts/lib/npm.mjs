// Packages of frontend/node_modules for scripts outside of frontend/: one lock file serves everything.
import { createRequire } from 'node:module';
import { at } from './paths.mjs';

/** Loads an npm package by name; call it after `setup`. */
export const npm = createRequire(at('frontend/package.json'));
