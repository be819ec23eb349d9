// Sums what the suites of `.ci/run` counted and prints the closing lines; exits 1 when anything failed.
// Argument: the folder with one JSON file a suite, and a file `red` that names the suites whose command failed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const red = existsSync(join(folder, 'red')) ? readFileSync(join(folder, 'red'), 'utf8').trim().split('\n') : [];
const total = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const suite = file.replace('.json', '');
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const failures = failuresOf(report);
  for (const name of failures) console.log(`failed: ${suite}: ${name}`);
  total.passed += report.numPassedTests ?? 0;
  // A suite that died before it could count is one failure, never silence.
  total.failed += Math.max(report.numFailedTests ?? 0, failures.length, red.includes(suite) ? 1 : 0);
  total.skipped += (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
}
if (red.length > 0) console.log(`red: ${red.join(', ')}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** The names of the tests that failed, and of files that do not load: the log of a long run may be cut off in front. */
function failuresOf({ testResults = [] }) {
  return testResults.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter((result) => result.status === 'failed').map(({ fullName }) => fullName);
    return failed.length === 0 && status === 'failed' ? [name] : failed;
  });
}
