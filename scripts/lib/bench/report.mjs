// The figures of a bench: gathered, printed beside their budgets, written as JSON.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { at } from '../paths.mjs';

/** The middle one, or what lies between the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
}

/** The value below which this part of the values lies. */
export function quantile(values, part) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}

/** Figures in the order in which they were taken. */
export class Report {
  figures = [];

  /** A figure; with a budget it passes if it is not above it. */
  add(name, value, unit, budget = null) {
    const rounded = Number(value.toPrecision(4));
    this.figures.push({ name, value: rounded, unit, budget, pass: budget === null ? null : value <= budget });
    const mark = budget === null ? ' ' : value <= budget ? '✓' : '✗';
    console.log(`  ${mark} ${name.padEnd(58)} ${String(rounded).padStart(10)} ${unit}${budget === null ? '' : ` (≤ ${budget})`}`);
  }

  /** Those above their budget. */
  missed() {
    return this.figures.filter((it) => it.pass === false);
  }

  /** A run of some stages adds to what the file has of the others. */
  write(isWhole, file = at('target/bench.json')) {
    mkdirSync(at('target'), { recursive: true });
    const taken = new Set(this.figures.map((it) => it.name));
    const others = !isWhole && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).filter((it) => !taken.has(it.name)) : [];
    writeFileSync(file, `${JSON.stringify([...others, ...this.figures], null, 2)}\n`);
  }
}
