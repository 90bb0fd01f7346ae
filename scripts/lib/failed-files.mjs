// A reporter for Node's test runner: one line for each file with a failed test.
export default async function* failedFiles(events) {
  const failed = new Set();
  for await (const { type, data } of events) if (type === 'test:fail' && data.file) failed.add(data.file);
  for (const file of failed) yield `${file}\n`;
}
