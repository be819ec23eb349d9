const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/** An object or list that is being read. */
interface Level {
  readonly keys: Set<string> | undefined;
  /** Where it is: the last key or index that was read in it. */
  at: string | number;
}

/** Paths of the fields that occur twice in one object of a JSON text, such as `spec.replicas`; none in what is no JSON. */
export function duplicateFields(text: string): readonly string[] {
  if (isCanonical(text)) return [];
  const found: string[] = [];
  const levels: Level[] = [];
  const tokens = [...text.matchAll(TOKEN)].map(([token]) => token);
  tokens.forEach((token, index) => {
    const level = levels.at(-1);
    if (token === '{') levels.push({ keys: new Set(), at: '' });
    else if (token === '[') levels.push({ keys: undefined, at: 0 });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && typeof level?.at === 'number') level.at += 1;
    else if (tokens[index + 1] === ':' && level?.keys !== undefined) {
      level.at = JSON.parse(token) as string;
      if (level.keys.has(level.at)) found.push(pathOf(levels));
      level.keys.add(level.at);
    }
  });
  return found;
}

/** What programs send: written again, it is the same, so nothing was lost in reading it. */
function isCanonical(text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === text;
  } catch {
    return true;
  }
}

function pathOf(levels: readonly Level[]): string {
  return levels
    .map(({ at }, index) => (typeof at === 'number' ? `[${at}]` : `${index === 0 ? '' : '.'}${at}`))
    .join('');
}
