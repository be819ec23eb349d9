import { parseDuration } from '../go-duration.ts';
import { Fault } from '../limits.ts';
import { DEFAULT_LAYOUTS, findLocation, parseTime } from '../time-layout.ts';
import type { StaticType } from '../types.ts';
import { DURATION, LOCATION, TIME } from '../types.ts';
import { GoDuration, GoLocation, GoTime, UTC } from '../values.ts';
import type { Arguments, Builtin, Parameter } from './builtin.ts';
import { TEXT } from './builtin.ts';

const isLocation = (type: StaticType): boolean => type.kind === 'named' && type.name === '*time.Location';
const ZONE: Parameter = { label: '*time.Location', accepts: isLocation };
const TEXT_OR_ZONE: Parameter = {
  label: 'string',
  accepts: (type) => type.kind === 'string' || isLocation(type),
};

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

function now(args: Arguments): GoTime {
  const location = args.values.length > 0 ? args.value(0) : UTC;
  if (!(location instanceof GoLocation)) return args.wrong(location, '*time.Location');
  if (args.now === undefined) throw new Fault('now() is not available in this expression');
  return new GoTime(BigInt(Math.trunc(args.now)) * NANOSECONDS_PER_MILLISECOND, location);
}

function duration(args: Arguments): GoDuration {
  const text = args.text(0);
  const nanoseconds = parseDuration(text);
  if (nanoseconds !== undefined) return new GoDuration(nanoseconds);
  throw new Fault(`invalid duration "${text}": write it like "90s", "5m" or "1h30m"`);
}

/** `date([location,] text[, layout[, zone]])`. */
function date(args: Arguments): GoTime {
  const first = args.value(0);
  const offset = first instanceof GoLocation ? 1 : 0;
  const text = args.text(offset);
  const layout = args.optionalText(offset + 1);
  const zone = args.optionalText(offset + 2);
  const location = zone === undefined ? (first instanceof GoLocation ? first : UTC) : zoneNamed(zone);
  for (const candidate of layout === undefined ? DEFAULT_LAYOUTS : [layout]) {
    args.budget.step(STEPS_PER_LAYOUT);
    const time = parseTime(text, candidate, location);
    if (time !== undefined) return time;
  }
  throw new Fault(`invalid date "${text}"${layout === undefined ? '' : ` for layout "${layout}"`}`);
}

/** Reading a date by a layout builds a regular expression, which costs far more than a step. */
const STEPS_PER_LAYOUT = 200;

function zoneNamed(name: string): GoLocation {
  const location = findLocation(name);
  if (location !== undefined) return location;
  throw new Fault(`unknown time zone "${name}": only UTC and fixed offsets such as "+02:00" are known here`);
}

export const TIMES = {
  now: { params: [ZONE], required: 0, result: TIME, call: now },
  duration: { params: [TEXT], required: 1, result: DURATION, call: duration },
  date: { params: [TEXT_OR_ZONE, TEXT, TEXT, TEXT], required: 1, result: TIME, call: date },
  timezone: { params: [TEXT], required: 1, result: LOCATION, call: (args) => zoneNamed(args.text(0)) },
} as const satisfies Record<string, Builtin>;
