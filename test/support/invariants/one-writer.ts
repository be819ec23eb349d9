/** What a process that takes part in leader election knows when it sends a write. */
export interface Sender {
  readonly name: string;
  /** When the request of its last successful renewal was sent, by its own monotonic clock; undefined: never. */
  readonly renewedAt: number | undefined;
  readonly now: number;
  readonly leaseMs: number;
}

/** I7, one writer: nothing is sent by a process whose lease has expired by its own monotonic clock. */
export function oneWriter({ name, renewedAt, now, leaseMs }: Sender): readonly string[] {
  if (renewedAt === undefined) return [`${name} writes and never had the lease`];
  return now - renewedAt < leaseMs ? [] : [`${name} writes ${now - renewedAt} ms after it renewed its lease`];
}
