import { createServer, type Server } from 'node:net';

/** The addresses that one sandbox uses, without a network interface for each. */
export interface Subnet {
  /** E.g. `127.42`. */
  readonly prefix: string;
  /** An address that no pod of this sandbox uses at the moment. */
  take(): string;
  release(address: string): void;
  /** Gives the subnet back. */
  close(): Promise<void>;
}

/** 127.0 is everybody's, and 127.1 is what people type when they mean 127.0.0.1. */
const FIRST = 2;
const LAST = 254;
/** While somebody listens here, the subnet is taken. Chosen outside of the ports that anything asks for. */
const LOCK_HOST = '255.254';
const LOCK_PORT = 20_127;
/** 0 to 9 in the third place are the sandbox's own servers. */
const FIRST_POD_NETWORK = 10;

/** All addresses below `prefix`, in a network namespace where nobody else is. */
export function privateSubnet(prefix: string): Subnet {
  return subnetOf(prefix, async () => {});
}

/** Reserves a part of 127.0.0.0/8, each address of which Linux lets any program listen on, that no other sandbox on this machine uses. */
export async function reserveSubnet(random: () => number): Promise<Subnet> {
  const size = LAST - FIRST + 1;
  const start = Math.floor(random() * size);
  for (let tried = 0; tried < size; tried += 1) {
    const prefix = `127.${FIRST + ((start + tried) % size)}`;
    const lock = await listen(`${prefix}.${LOCK_HOST}`, LOCK_PORT);
    if (lock !== undefined) return subnetOf(prefix, () => new Promise((resolve) => lock.close(() => resolve())));
  }
  throw new Error(
    `no part of 127.0.0.0/8 is free: the sandbox needs Linux, and port ${LOCK_PORT} not taken on all addresses`,
  );
}

function subnetOf(prefix: string, close: () => Promise<void>): Subnet {
  const taken = new Set<string>();
  let last = 0;
  return {
    prefix,
    take: () => {
      for (;;) {
        last += 1;
        const address = `${prefix}.${FIRST_POD_NETWORK + (Math.floor(last / LAST) % 240)}.${1 + (last % LAST)}`;
        if (taken.has(address)) continue;
        taken.add(address);
        return address;
      }
    },
    release: (address) => taken.delete(address),
    close,
  };
}

function listen(host: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, host, () => resolve(server.unref()));
  });
}
