import { describe, expect, it } from 'vitest';
import { completeWords } from '../../../src/cli/complete-words.ts';
import { requestTimeout } from '../../../src/cli/flag-values.ts';
import { fromGoFlags } from '../../../src/cli/go-flags.ts';
import { formatObjects, parseOutputFormat } from '../../../src/cli/output-format.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { Screen } from '../../../src/cli/screen.ts';
import { formatSpan } from '../../../src/cli/view/age.ts';
import { canaryRollout } from './fixtures.ts';

const program = createProgram(() => {});

describe('flags by the habits of Go', () => {
  it.each([
    ['status web -w=false', 'status web --no-watch'],
    ['status web --watch=false', 'status web --no-watch'],
    ['status web --watch=true', 'status web --watch'],
    ['promote web --full=false', 'promote web'],
    ['promote web --full=true', 'promote web --full'],
    ['get ro web -o=json -n=shop', 'get ro web -o json -n shop'],
    ['get ro web --output=json', 'get ro web --output=json'],
    ['-v=6 version', '-v 6 version'],
    ['set image web app=x=true', 'set image web app=x=true'],
    ['__complete -- status -w=', '__complete -- status -w='],
  ])('%s', (typed, read) => {
    expect(fromGoFlags(typed.split(' '), program).join(' ')).toBe(read);
  });

  it('reads --request-timeout as kubectl', () => {
    expect(['0', '0s', '30', '1m30s'].map(requestTimeout)).toEqual([undefined, undefined, 30_000, 90_000]);
    expect(() => requestTimeout('-5s')).toThrow('duration');
    expect(() => requestTimeout('soon')).toThrow('duration');
  });
});

describe('completion', () => {
  const complete = (...words: string[]) => completeWords(program, words);
  const words = (...typed: string[]) => complete(...typed).candidates.map(({ word }) => word);

  it('offers commands, subcommands, flags and values of flags', () => {
    expect(words('pro')).toEqual(['promote']);
    expect(words('')).not.toContain('__complete');
    expect(words('set', '')).toEqual(['image']);
    expect(words('promote', 'web', '--f')).toEqual(['--full']);
    expect(words('get', 'ro', 'web', '--names')).toEqual(['--namespace']);
    expect(words('get', 'ro', 'web', '-o', 'j')).toEqual(['json', 'jsonpath=']);
    expect(words('completion', '')).toContain('fish');
  });

  it('asks the cluster for names, in the namespace that was typed', () => {
    expect(complete('get', 'ro', '-n', 'shop', '')).toMatchObject({
      ask: 'rollouts',
      flags: new Map([['namespace', 'shop']]),
    });
    expect(complete('--namespace=shop', 'abort', 'a', '')).toMatchObject({
      ask: 'rollouts',
      flags: new Map([['namespace', 'shop']]),
    });
    expect(complete('-n', '')).toMatchObject({ ask: 'namespaces' });
    expect(complete('set', 'image', 'web', '')).toMatchObject({ ask: 'containers', args: ['web'] });
    expect(complete('terminate', 'analysisrun', '')).toMatchObject({ ask: 'analysisruns' });
    expect(complete('status', 'web', '').ask).toBeUndefined();
  });
});

describe('-o', () => {
  const print = (format: string) => formatObjects(parseOutputFormat(format), canaryRollout());

  it('prints objects for programs', async () => {
    expect(await print('name')).toBe('rollout.argoproj.io/web\n');
    expect(JSON.parse((await print('json')) ?? '')).toEqual(canaryRollout());
    expect(await print('yaml')).toContain('phase: Paused\n');
    expect(await print('jsonpath={.status.phase} {.spec.replicas}')).toBe('Paused 5');
    expect(await print('jsonpath=.status.phase')).toBe('Paused');
    expect(await print('wide')).toBeUndefined();
  });

  it('prints several as a List, without managedFields', async () => {
    const rollout = canaryRollout({ metadata: { managedFields: [{}] } });
    const text = await formatObjects({ kind: 'json' }, [rollout]);
    expect(JSON.parse(text ?? '')).toMatchObject({ kind: 'List', items: [{ kind: 'Rollout' }] });
    expect(text).not.toContain('managedFields');
  });

  it('refuses other formats', () => {
    expect(() => parseOutputFormat('xml')).toThrow('unknown output format "xml"');
  });
});

describe('spans of time', () => {
  it.each([
    [-5, '<invalid>'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [125, '2m5s'],
    [600, '10m'],
    [3 * 3600 - 1, '179m'],
    [3 * 3600, '3h'],
    [3 * 3600 + 600, '3h10m'],
    [9 * 3600, '9h'],
    [50 * 3600, '2d2h'],
    [9 * 86_400, '9d'],
    [800 * 86_400, '2y70d'],
    [9 * 365 * 86_400, '9y'],
  ])('%d seconds: %s', (seconds, text) => {
    expect(formatSpan(seconds * 1000)).toBe(text);
  });
});

describe('screen', () => {
  const output = (size?: { columns: number; rows: number }) => {
    let text = '';
    return {
      write: (more: string) => {
        text += more;
      },
      isTerminal: size !== undefined,
      size: () => size,
      take: () => {
        const taken = text;
        text = '';
        return taken;
      },
    };
  };

  it('redraws in place on a terminal, cutting what does not fit', () => {
    const terminal = output({ columns: 4, rows: 4 });
    const screen = new Screen(terminal);
    screen.show('\u001b[32mabcdef\u001b[39m\nb\nc\nd\ne\n');
    expect(terminal.take()).toBe(
      '\u001b[2J\u001b[H\u001b[32mabcd\u001b[0m\u001b[K\nb\u001b[K\n… 3 \u001b[0m\u001b[K\n\u001b[J',
    );
    screen.show('x\n');
    expect(terminal.take()).toBe('\u001b[Hx\u001b[K\n\u001b[J');
  });

  it('appends what differs elsewhere, and is silent while only ages change', () => {
    const file = output();
    const screen = new Screen(file);
    screen.show('a 1s\n', 'a');
    screen.show('a 2s\n', 'a');
    screen.show('b 3s\n', 'b');
    expect(file.take()).toBe('a 1s\n\nb 3s\n');
  });
});
