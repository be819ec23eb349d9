/** The story of the demo as data: which commits come, and what is to become of each. */

/** Changes the text of a manifest. */
export interface Edit {
  readonly from: string;
  readonly to: string;
}

export type Chapter =
  | { readonly kind: 'release'; readonly title: string; readonly version: string; readonly edits: readonly Edit[] }
  | { readonly kind: 'bad-release'; readonly title: string; readonly version: string; readonly edits: readonly Edit[] }
  | { readonly kind: 'revert'; readonly title: string; readonly version: string };

/** Name of the Rollout, and the host that its Ingress serves. */
export const ROLLOUT = 'shop';
export const HOST = 'shop.example.com';
/** File of the Rollout in the repository. */
export const ROLLOUT_FILE = 'rollout.yaml';
/** What examples/demo/rollout.yaml runs. */
export const FIRST_VERSION = 'v1';
/** The condition that the analysis judges by, as examples/demo/analysis-template.yaml has it. */
export const CONDITION = 'result[0] >= 0.95';
export const METRIC = 'success-rate';

const image = (tag: string): string => `image: linnet.dev/sample-app:${tag}`;
const errorRate = (rate: string): string => `- name: ERROR_RATE\n              value: "${rate}"`;

export const STORY: readonly Chapter[] = [
  {
    kind: 'release',
    title: 'A commit brings v2, which is healthy',
    version: 'v2',
    edits: [{ from: image('v1'), to: image('v2') }],
  },
  {
    kind: 'bad-release',
    title: 'A commit brings v3, which answers 20 % of its requests with a 500',
    version: 'v3',
    edits: [
      { from: image('v2'), to: image('v3') },
      { from: errorRate('0'), to: errorRate('0.2') },
    ],
  },
  { kind: 'revert', title: 'git revert brings v2 back', version: 'v2' },
];

/** @throws Error when the text does not hold what an edit replaces: the example and the story have drifted apart. */
export function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, { from, to }) => {
    if (!before.includes(from)) throw new Error(`${ROLLOUT_FILE} does not contain ${JSON.stringify(from)}`);
    return before.replace(from, to);
  }, text);
}
