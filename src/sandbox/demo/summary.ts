import { brokenPromises, type DemoResult } from './result.ts';

/** The end of the story for people. */
export function summaryOf(result: DemoResult, seconds: number): string {
  const { promoted, aborted, requests, failures, lost, shares, secondsToAbort, slack, afterAbort } = result;
  const broken = brokenPromises(result);
  const failed = Object.entries(failures).map(([version, count]) => `${version} ${count.toLocaleString('en')}`);
  return [
    '',
    `Promoted: ${promoted.join(', ') || 'nothing'}. Aborted: ${aborted.join(', ') || 'nothing'}. ${seconds.toFixed(0)} seconds.`,
    '',
    '  weight   requests that the new version answered',
    ...shares.map(({ weight, observed, requests: of }) => {
      const share = `${observed.toFixed(1)} %`;
      return `  ${`${weight} %`.padStart(6)}   ${share.padStart(7)}  of ${of.toLocaleString('en')}`;
    }),
    '',
    `  requests            ${requests.toLocaleString('en')}`,
    `  failures by version ${failed.join(', ')}`,
    `  lost                ${lost}`,
    `  first bad answer to abort  ${secondsToAbort === undefined ? 'unknown' : `${secondsToAbort} s`}`,
    `  reached the bad version after the abort took effect  ${afterAbort}`,
    '',
    ...slackLines(slack),
    broken.length === 0
      ? 'The story held: no request failed except those that v3 itself failed.'
      : ['The story did not hold:', ...broken.map((problem) => `  - ${problem}`)].join('\n'),
    '',
  ].join('\n');
}

function slackLines(slack: DemoResult['slack']): readonly string[] {
  if (slack.length === 0) return ['  Slack received nothing.', ''];
  return slack.flatMap(({ channel, text, body }) => [
    `  Slack, #${channel}:`,
    ...(text === '' ? JSON.stringify(body, null, 2) : text).split('\n').map((line) => `    ${line}`),
    '',
  ]);
}
