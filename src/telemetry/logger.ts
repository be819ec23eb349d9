import { pino } from 'pino';
import type { Clock } from '../runtime/clock.ts';

/** Fields of one log line. `err` holds an error; other values are JSON. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What the code needs of a logger; pino's fits. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = 'text' | 'json';

export interface LoggerOptions {
  readonly clock: Clock;
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes whole lines; standard error in production, so that a command's standard output stays its own. */
  readonly write: (line: string) => void;
}

const HIDDEN = '[redacted]';

/** Fields that hold secrets wherever they appear on the first two levels of a line. */
const SECRET_FIELDS = ['token', 'password', 'secret', 'authorization', 'cookie', 'apiKey', 'data', 'stringData'];

/** Secrets inside texts: HTTP credentials, Slack's tokens and webhooks, the user part of URLs. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  // A short word in lower case is prose ("Basic authentication failed"), not a credential.
  [/\b([Bb]earer|[Bb]asic)\s+(?![a-z]{1,19}(?![\w.~+/=-]))[\w.~+/=-]{6,}/g, `$1 ${HIDDEN}`],
  [/\bxox[a-z]-[\w-]+/g, HIDDEN],
  [/(hooks\.slack\.com\/services\/)[\w/]+/g, `$1${HIDDEN}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"\\]+@/gi, `$1${HIDDEN}@`],
];

/**
 * A synchronous logger: a line is out before the call returns, so that the last words of a process are not lost. The
 * fields are logrus' (`time`, `level`, `msg`), as log pipelines built for Argo Rollouts expect.
 */
export function createLogger({ clock, level, format, write }: LoggerOptions): Logger {
  const emit = (line: string): void => write(hideSecrets(format === 'json' ? line : toText(line)));
  return pino(
    {
      level,
      base: null,
      messageKey: 'msg',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: HIDDEN },
    },
    { write: emit },
  );
}

/** For tests and for parts that may run without a log. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

/** Replaces what looks like a credential in a text that people or other systems will see. */
export function hideSecrets(text: string): string {
  let hidden = text;
  for (const [pattern, replacement] of SECRET_TEXTS) {
    hidden = hidden.replaceAll(pattern, replacement);
  }
  return hidden;
}

/** The type, message and code of an error and its causes; the stack only of what is not one of ours. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? { stack: error.stack } : { code }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** `time="…" level=info msg="…" key=value`, as logrus prints. */
function toText(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const parts = Object.entries({ time, level, msg, ...fields }).map(([key, value]) => `${key}=${quote(value)}`);
  return `${parts.join(' ')}\n`;
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return /^[\w./:@%+-]+$/.test(text) ? text : JSON.stringify(text);
}
