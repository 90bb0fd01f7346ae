// What README and docs/bot.md say of the bot's accuracy, held to what was measured.

/** Times hang on what else the machine does: they are taken from a run of their own, by hand. */
const isTime = ({ unit }) => unit === 's' || unit === 'µs';

const row = ({ name, value, unit, budget, pass }) => `| ${name.startsWith(' ') ? '… ' : ''}${name.trim()} | ${value}${unit && ` ${unit}`}${pass ? '' : ' (missed)'} | ${budget ?? ''} |`;

/** The rows of a document's table of figures, by their names. */
function rowsOf(document) {
  const lines = document.split('\n');
  const head = lines.indexOf('| figure | measured | wanted |');
  const length = lines.slice(head).findIndex((line) => !line.startsWith('|'));
  const rows = head < 0 ? [] : lines.slice(head + 2, head + (length < 0 ? lines.length : length));
  return new Map(rows.map((line) => [line.split(' | ')[0].slice(2), line]));
}

/** The document with the figures of a run; times stay as they were. */
export function withFigures(document, figures) {
  const old = rowsOf(document);
  const name = (figure) => row(figure).split(' | ')[0].slice(2);
  const rows = figures.map((figure) => (isTime(figure) && old.get(name(figure))) || row(figure));
  return document.replace(/(\| figure \| measured \| wanted \|\n\|.*\n)(\|.*\n)*/u, (_, head) => `${head}${rows.join('\n')}\n`);
}

/** Cut after the first decimal, for rounding could lift it to a bar that it does not reach. */
const tenths = (value) => (Math.floor(value * 10 + 1e-9) / 10).toFixed(1);

/** The claim in a few words; it names its protocol, and what is missed of what was wanted. */
export function claim(figures) {
  const value = (name) => tenths(figures.find((it) => it.name === name)?.value);
  const missed = figures.filter((it) => !it.pass && !isTime(it)).map(({ name, value: is, unit, budget }) => `${name}, ${is} of ${budget} ${unit}`.trim());
  return (
    `${value('CLINC150 full, forced')} % on the 4,500 queries of CLINC150’s test, 150 intents, 100 examples each; ` +
    `${value('clinc150, 10 per intent, forced')} % with 10 examples per intent (\`make bench-bot\`)` +
    (missed.length ? `. It misses what was wanted in ${missed.length === 1 ? 'one figure' : `${missed.length} figures`}: ${missed.join('; ')}` : '')
  );
}

/** Figures as a document's table has them. */
export function figuresOf(document) {
  return [...rowsOf(document)].map(([name, line]) => {
    const [, measured, wanted] = line.replace(/\|$/u, '').split('|').slice(1).map((cell) => cell.trim());
    const [value, unit = ''] = measured.replace(' (missed)', '').split(' ');
    return { name, value: Number(value), unit, budget: wanted ? Number(wanted) : null, pass: !measured.endsWith('(missed)') };
  });
}
